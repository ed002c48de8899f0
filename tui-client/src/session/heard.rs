//! What a line means to a person, as values.

use std::collections::BTreeMap;

use wire::{Source, Timestamp};

/// What follows from a line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "nearly all are of the large kind, and none is kept")]
pub enum Heard {
    /// A line to send, with its end.
    Send(String),
    /// Something that a person may want to see.
    Happened(Happening),
}

/// Something that happened, and its circumstances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// When it was said, if the server tells.
    pub time: Option<Timestamp>,
    /// The id of the message, if it has one.
    pub id: Option<Box<str>>,
    /// The label of the line that this answers.
    pub label: Option<String>,
    /// Why it comes now.
    pub origin: Origin,
    /// The id of the message that it answers.
    pub reply: Option<Box<str>>,
    /// Of which place it is played back, if it is.
    pub place: Option<String>,
    /// What it was.
    pub what: What,
}

impl Happening {
    pub(super) fn plain(what: What) -> Self {
        Self { time: None, id: None, label: None, origin: Origin::Live, reply: None, place: None, what }
    }

    /// As something that a search has found, if it is a message.
    pub(super) fn found(self) -> Option<Found> {
        match self.what {
            What::Message { said, from, target, text, .. } => {
                let text = if said == Said::Action { format!("* {text}") } else { text };
                Some(Found { at: self.time, nick: from.nick, target, text })
            }
            _ => None,
        }
    }
}

/// Why something is heard now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It has just happened.
    Live,
    /// It happened earlier and is played back.
    History,
    /// The session itself asked, to complete its picture; nobody waits to read it.
    Asked,
}

/// A message that a search has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// When it was said, if the server tells.
    pub at: Option<Timestamp>,
    /// By whom.
    pub nick: String,
    /// To whom: a room or a nick.
    pub target: String,
    /// What.
    pub text: String,
}

/// Who did something: a person, or a server, which has neither user nor host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sender {
    /// The nick, or the name of a server; empty if the line named nobody.
    pub nick: String,
    /// The user name.
    pub user: Option<String>,
    /// The host.
    pub host: Option<String>,
}

impl Sender {
    /// The whole source: `nick!user@host`, with `*` for what is not known.
    pub fn mask(&self) -> String {
        let part = |text: &Option<String>| text.clone().unwrap_or_else(|| "*".to_owned());
        format!("{}!{}@{}", self.nick, part(&self.user), part(&self.host))
    }

    /// Whether this is a server rather than a person.
    pub fn is_server(&self) -> bool {
        self.user.is_none() && self.host.is_none() && (self.nick.is_empty() || self.nick.contains('.'))
    }
}

impl From<Option<Source<'_>>> for Sender {
    fn from(source: Option<Source<'_>>) -> Self {
        source.map_or_else(Self::default, |source| Self {
            nick: source.nick.to_owned(),
            user: source.user.map(str::to_owned),
            host: source.host.map(str::to_owned),
        })
    }
}

/// How something was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// PRIVMSG.
    Message,
    /// PRIVMSG as CTCP ACTION: `/me`.
    Action,
    /// NOTICE.
    Notice,
    /// Another CTCP question or answer; the text is what stands between the marks.
    Ctcp,
}

/// How grave a standard reply is (IRCv3 standard-replies).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// It did not work.
    Fail,
    /// It worked, but.
    Warn,
    /// Good to know.
    Note,
}

/// Whether somebody is typing (IRCv3 typing).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typing {
    /// Just now.
    Active,
    /// Something is typed, but nobody goes on.
    Paused,
    /// Not any more.
    Done,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the parameters of the lines and named as people call them")]
pub enum What {
    /// 001: the server welcomes us under a nick.
    Registered { nick: String },
    /// One is not logged in to one's account, although one wanted to be.
    LoginFailed { why: String },
    /// The server promises to be reached by TLS.
    Strict(super::Sts),
    /// Every nick that could be thought of was refused.
    NickRefused { nick: String },
    /// Somebody said something to a room or to us. `mine` if it is our own words coming back.
    Message { said: Said, from: Sender, target: String, text: String, mine: bool },
    /// Somebody came.
    Joined { who: Sender, room: String },
    /// Somebody left.
    Parted { who: Sender, room: String, reason: String },
    /// Somebody was shown the door.
    Kicked { by: Sender, who: String, room: String, reason: String },
    /// Somebody left the server; `rooms` are those we shared, by their shown names.
    Quit { who: Sender, rooms: Vec<String>, reason: String },
    /// Somebody took another nick; `rooms` are those we share, by their shown names.
    Renamed { who: Sender, to: String, rooms: Vec<String> },
    /// A topic was set, or cleared if the text is empty.
    Topic { by: Sender, room: String, text: String },
    /// Modes of a room or of ourselves changed; `changes` as on the line.
    Mode { by: Sender, target: String, changes: String },
    /// Somebody is away, for a reason, or back.
    Away { who: Sender, reason: Option<String> },
    /// Somebody was invited to a room.
    Invited { by: Sender, who: String, room: String },
    /// Somebody's user and host changed.
    Moved { who: Sender, user: String, host: String },
    /// Somebody's real name changed.
    RealName { who: Sender, text: String },
    /// Somebody's account is another one, or none.
    Account { who: Sender, account: Option<String> },
    /// A room is called otherwise.
    RoomRenamed { by: Sender, from: String, to: String, reason: String },
    /// Somebody is typing, or has stopped.
    Typing { who: Sender, target: String, typing: Typing },
    /// Somebody has put a mark to the message with an id, or has taken it away again.
    Reacted { who: Sender, target: String, to: String, mark: String, added: bool },
    /// The message with an id was taken back.
    Redacted { by: Sender, target: String, id: String, reason: String },
    /// Up to where one has read, as far as the server knows.
    ReadUpTo { target: String, at: Option<Timestamp> },
    /// So many lines were played back, and that was all that was asked for.
    Played { target: String, count: usize },
    /// Something was said in a place last at a time.
    TalkedWith { target: String, at: Timestamp },
    /// The server has searched; this is what it has found, in its order.
    Found { lines: Vec<Found> },
    /// Two servers lost each other; who went with that, by room.
    Split { servers: String, rooms: BTreeMap<String, Vec<String>> },
    /// Two servers found each other again; who came with that, by room.
    Rejoined { servers: String, rooms: BTreeMap<String, Vec<String>> },
    /// Any numeric, without the nick it is addressed to.
    Numeric { code: u16, params: Vec<String> },
    /// A standard reply: what it is about, its code word, its further parameters, its text.
    Standard { level: Level, about: String, code: String, context: Vec<String>, text: String },
    /// The answer to our PING.
    Pong { token: String },
    /// A labelled line was taken without further answer.
    Acknowledged,
    /// The server closes the connection.
    Closing { reason: String },
    /// The capabilities that are in use have changed.
    Capabilities,
    /// A message that is not known here.
    Raw { line: String },
}
