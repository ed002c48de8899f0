//! What happens in the shared world. Events are complete in themselves: applied in the same order they give the same
//! world, whoever decided them.

use std::borrow::Cow;
use std::sync::Arc;

use wire::Timestamp;

use crate::ids::EventId;
use crate::settings::Settings;
use crate::world::{Stale, UserId, World};

/// Something that happened, with the time and the id that were given to it when it was decided.
#[derive(Clone, Debug)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// Its id.
    pub id: EventId,
    /// What.
    pub what: What,
}

pub use crate::commands::What;

// It is moved some five times on its way, and what is larger is moved by a call.
const _: () = assert!(size_of::<What>() <= 128);

impl Event {
    /// Lets it happen in a world: one that follows another by its events becomes the same.
    ///
    /// # Errors
    /// If it does not fit this world.
    pub fn apply(&self, world: &mut World, settings: &Settings) -> Result<(), Stale> {
        self.what.happening().apply(self.at, world, settings).map(drop)
    }
}

/// Something that happened, as history keeps it and plays it back: complete in itself, whatever became of those who took
/// part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// When.
    pub at: Timestamp,
    /// The id of the event.
    pub id: EventId,
    /// Who did it; `None` if that was in an earlier run.
    pub by: Option<UserId>,
    /// How he was called then: `nick!user@host`.
    pub source: Arc<str>,
    /// Whether a bot did it.
    pub from_bot: bool,
    /// His client's own tags, as they stood on the line; mostly there are none.
    pub client_tags: Option<Arc<str>>,
    /// To whom it was said, if that was one user; otherwise it was seen in a channel.
    pub to: Option<Receiver>,
    /// What.
    pub what: Thing,
}

/// The one to whom something was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receiver {
    /// Who.
    pub user: UserId,
    /// How he was called then.
    pub nick: Arc<str>,
}

/// What can be kept of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Thing {
    /// Words: PRIVMSG or NOTICE.
    Said(Said),
    /// Tags alone: TAGMSG.
    Tagged,
    /// Somebody entered the channel; under this real name.
    Joined(Arc<str>),
    /// Somebody left the channel; why, empty if he did not say.
    Parted(Arc<str>),
    /// Somebody was put out of the channel.
    Kicked {
        /// The nick of the one who was.
        nick: Arc<str>,
        /// Why.
        reason: Arc<str>,
    },
    /// Somebody left the server; why.
    Quit(Arc<str>),
    /// Somebody is called otherwise from then on.
    Renamed(Arc<str>),
    /// The topic was set; empty if it was taken away.
    Topic(Arc<str>),
    /// Modes of the channel were changed: letters and parameters, as many lines as were told.
    Modes(Arc<[String]>),
    /// A message was taken back.
    Redacted {
        /// The id of the message. As text: an [`EventId`] in here would make all that is kept larger.
        id: Arc<str>,
        /// Why, empty if nothing was said.
        reason: Arc<str>,
    },
}

impl Thing {
    /// Whether it is about who is in a channel and how he is called, which is not for everybody in an auditorium.
    pub(crate) fn is_about_members(&self) -> bool {
        matches!(
            self,
            Self::Joined(_) | Self::Parted(_) | Self::Kicked { .. } | Self::Quit(_) | Self::Renamed(_)
        )
    }
}

impl Past {
    /// What somebody did just now. `source` is how he was called before.
    pub(crate) fn new(event: &Event, by: UserId, source: &Arc<str>, what: Thing) -> Self {
        Self {
            at: event.at,
            id: event.id,
            by: Some(by),
            source: source.clone(),
            from_bot: false,
            client_tags: None,
            to: None,
            what,
        }
    }

    /// The words, if it is any.
    pub fn said(&self) -> Option<&Said> {
        match &self.what {
            Thing::Said(said) => Some(said),
            _ => None,
        }
    }

    /// The nick in the source.
    pub fn nick(&self) -> &str {
        // Nicks are short: looking at each byte costs less than searching as in long texts.
        let end = self.source.bytes().position(|byte| byte == b'!');
        &self.source[..end.unwrap_or(self.source.len())]
    }
}

/// Words, as they are said and as history keeps them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Whether an answer may be expected.
    pub kind: SaidKind,
    /// The text as it was sent, formatting and CTCP (`ACTION`) included. The first line, if there are several.
    pub text: Arc<str>,
    /// The further lines of the same message (IRCv3 multiline).
    pub more: Box<[Further]>,
}

/// A line of a message behind its first one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Further {
    /// What it says; may be empty.
    pub text: Arc<str>,
    /// Whether it goes on where the line before it ended, without a break between them (`draft/multiline-concat`).
    pub joins: bool,
}

/// Bytes of a line into which a longer text is cut when only the whole is known.
const JOINED_BYTES_MAX: usize = 500;

/// Lines that are taken of a whole text: as many as any server lets a message have (`limits.multiline_lines_max`).
const WHOLE_LINES_MAX: usize = 1000;

/// How something was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SaidKind {
    /// PRIVMSG.
    Message,
    /// NOTICE.
    Notice,
}

impl SaidKind {
    /// The command.
    pub fn verb(self) -> &'static str {
        match self {
            Self::Message => "PRIVMSG",
            Self::Notice => "NOTICE",
        }
    }
}

impl Said {
    /// The text with the time at which it was said before it, for those who could not see the time otherwise. The date
    /// is shown if it is another one than that of `now`.
    pub fn text_with_time(&self, at: Timestamp, now: Timestamp) -> String {
        let (hour, minute, _) = at.clock();
        let (year, month, day) = at.date();
        let stamp = if at.date() == now.date() {
            format!("[{hour:02}:{minute:02}]")
        } else {
            format!("[{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}]")
        };
        match self.text.strip_prefix("\u{1}ACTION ") {
            Some(action) => format!("\u{1}ACTION {stamp} {action}"),
            None => format!("{stamp} {}", self.text),
        }
    }

    /// Line by line.
    pub fn each_line(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&*self.text).chain(self.more.iter().map(|further| &*further.text))
    }

    /// The same without the blank lines before the first one that says something.
    pub fn from_first_words(&self) -> Self {
        let mut said = self.clone();
        while let ("", [first, rest @ ..]) = (&*said.text, &*said.more) {
            let text = first.text.clone();
            said = Self { kind: self.kind, text, more: rest.into() };
        }
        said
    }

    /// The whole text, its lines with line feeds between them: the "combined message value" of IRCv3 multiline.
    pub fn whole(&self) -> Cow<'_, str> {
        self.more.iter().fold(Cow::Borrowed(&*self.text), |whole, further| {
            let gap = if further.joins { "" } else { "\n" };
            whole + gap + &*further.text
        })
    }

    /// The other way round. What is too long for a line that anybody could have sent goes on in the next.
    pub fn of_whole(kind: SaidKind, whole: &str) -> Self {
        let mut lines = Vec::new();
        for line in whole.split('\n').take(WHOLE_LINES_MAX) {
            let (mut text, mut rest) = line.split_at(line.floor_char_boundary(JOINED_BYTES_MAX));
            lines.push(Further { text: text.into(), joins: false });
            while !rest.is_empty() {
                (text, rest) = rest.split_at(rest.floor_char_boundary(JOINED_BYTES_MAX));
                lines.push(Further { text: text.into(), joins: true });
            }
        }
        let mut lines = lines.into_iter();
        let first = lines.next().expect("a split gives at least one part");
        Self { kind, text: first.text, more: lines.collect() }
    }
}
