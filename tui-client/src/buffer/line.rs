//! One logical line: what was said or happened, and what became of it.

use std::borrow::Cow;
use std::sync::Arc;

use wire::Timestamp;

/// The longest run of comings and goings in one line, in bytes; then another line begins.
pub(super) const CROWD_BYTES_MAX: usize = 400;
/// Of so many who put the same mark to a line the nicks are shown, of more the number.
const MARKERS_NAMED_MAX: usize = 3;

/// What sort of line it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Somebody says something.
    Message,
    /// Somebody does something: `/me`.
    Action,
    /// A notice.
    Notice,
    /// Something happened: a topic, a mode, a nick.
    Event,
    /// A run of comings and goings: `+alice -bob`.
    Crowd,
    /// The client or the server explains.
    Info,
    /// Something did not work.
    Error,
}

/// Whether a line of one's own has reached the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It has, or it is nobody's own.
    Plain,
    /// It was handed to the connection and has not come back yet.
    Pending,
    /// It was typed without a connection and is kept.
    Offline,
    /// It was typed before the server let us into the room and is kept.
    Entering,
    /// The connection broke before it came back.
    Lost,
    /// The server did not take it.
    Refused,
    /// Somebody has taken it back; what it said is gone.
    Redacted,
}

impl State {
    /// What is added to the text of the line.
    pub fn remark(self) -> &'static str {
        match self {
            Self::Plain | Self::Pending | Self::Redacted => "",
            Self::Offline => " (not sent: offline)",
            Self::Entering => " (not sent: not in the room yet)",
            Self::Lost => " (not confirmed: connection lost)",
            Self::Refused => " (not sent: refused)",
        }
    }
}

/// When a line is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// Always.
    Always,
    /// Unless hidden lines are shown: then those are seen instead for which it stands.
    Folded,
    /// Only while hidden lines are shown: what somebody says whom one ignores, and who came and went in a run.
    Hidden,
}

/// One logical line. Small, because there are many.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// When it was said.
    pub at: Timestamp,
    /// Who; the lines of a buffer share it.
    pub nick: Arc<str>,
    /// What, cleaned, with the codes of IRC formatting.
    pub text: Box<str>,
    /// The message's id, empty if it has none.
    pub id: Box<str>,
    /// What few lines have.
    pub more: Option<Box<More>>,
    /// What sort it is.
    pub tone: Tone,
    /// Whether it has arrived.
    pub state: State,
    /// Whether it names us.
    pub mention: bool,
    /// Whether it is our own.
    pub own: bool,
    /// When it is seen.
    pub seen: Seen,
}

/// What others have added to a line, and what it answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct More {
    /// The beginning of what it answers, with the nick; empty if it answers nothing.
    pub answers: Box<str>,
    /// The marks that were put to it, and who did.
    pub marks: Vec<(Box<str>, Vec<Box<str>>)>,
}

impl Line {
    /// A line that is nobody's own and has nothing special.
    pub fn new(at: Timestamp, tone: Tone, nick: &str, text: &str) -> Self {
        let text = crate::text::clean(text).into();
        let nick = crate::text::clean(nick).into();
        let (state, id, more) = (State::Plain, Box::default(), None);
        Self { at, nick, text, id, more, tone, state, mention: false, own: false, seen: Seen::Always }
    }

    /// What is shown of the text. Of what was taken back there is only why.
    pub fn shown(&self) -> Cow<'_, str> {
        match self.state {
            State::Redacted if self.text.is_empty() => Cow::Borrowed("(taken back)"),
            State::Redacted => Cow::Owned(format!("(taken back: {})", self.text)),
            _ => Cow::Borrowed(&self.text),
        }
    }

    /// What is shown behind the text: whether it has arrived, and the marks that others have put to it.
    pub fn remark(&self) -> String {
        let mut remark = self.state.remark().to_owned();
        for (mark, nicks) in self.more.iter().flat_map(|more| &more.marks) {
            remark += &match nicks.len() {
                1..=MARKERS_NAMED_MAX => format!(" [{mark} {}]", nicks.join(", ")),
                count => format!(" [{mark} {count}]"),
            };
        }
        remark
    }

    /// What is shown before the text: the beginning of what it answers.
    pub fn answers(&self) -> String {
        let answers = self.more.as_ref().map_or("", |more| &*more.answers);
        if answers.is_empty() { String::new() } else { format!("↩ “{answers}” ") }
    }

    /// Whether it is a run of comings and goings to which another one fits.
    pub fn takes_crowd(&self, change: &str) -> bool {
        self.tone == Tone::Crowd && self.text.len() + change.len() < CROWD_BYTES_MAX
    }

    /// Whether it is seen.
    pub fn is_seen(&self, hidden_too: bool) -> bool {
        match self.seen {
            Seen::Always => true,
            Seen::Folded => !hidden_too,
            Seen::Hidden => hidden_too,
        }
    }

    /// Whether somebody said it to be read.
    pub fn is_to_read(&self) -> bool {
        self.is_speech() && self.seen != Seen::Hidden
    }

    /// Whether somebody said it, so that it counts as something to read.
    pub fn is_speech(&self) -> bool {
        matches!(self.tone, Tone::Message | Tone::Action | Tone::Notice)
    }
}
