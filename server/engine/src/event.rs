//! What happens in the shared world. Events are complete in themselves: applied in the same order they give the same
//! world, whoever decided them.

use std::sync::Arc;

use wire::{ChannelName, Timestamp};

use crate::settings::Settings;
use crate::world::{Stale, World};

/// Something that happened, with the time and the id that were given to it when it was decided.
#[derive(Clone, Debug)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// Its id, unique on the network: the `msgid` of what people see of it.
    pub id: Arc<str>,
    /// What.
    pub what: What,
}

pub use crate::commands::What;

impl Event {
    /// Lets it happen in a world: one that follows another by its events becomes the same.
    ///
    /// # Errors
    /// If it does not fit this world.
    pub fn apply(&self, world: &mut World, settings: &Settings) -> Result<(), Stale> {
        self.what.happening().apply(self.at, world, settings).map(drop)
    }

    /// What was said, and in which channel.
    pub fn said(&self) -> Option<(&ChannelName, Said)> {
        self.what.happening().said(self)
    }
}

/// Something said, as history keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// When.
    pub at: Timestamp,
    /// The id of the event.
    pub id: Arc<str>,
    /// Whether an answer may be expected.
    pub kind: SaidKind,
    /// Who said it: `nick!user@host`.
    pub source: Arc<str>,
    /// The text as it was sent, formatting and CTCP (`ACTION`) included.
    pub text: Arc<str>,
}

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
    /// The text with its time before it, for those who could not see the time otherwise. The date is shown if it is
    /// another one than that of `now`.
    pub fn text_with_time(&self, now: Timestamp) -> String {
        let (hour, minute, _) = self.at.clock();
        let (year, month, day) = self.at.date();
        let stamp = if self.at.date() == now.date() {
            format!("[{hour:02}:{minute:02}]")
        } else {
            format!("[{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}]")
        };
        match self.text.strip_prefix("\u{1}ACTION ") {
            Some(action) => format!("\u{1}ACTION {stamp} {action}"),
            None => format!("{stamp} {}", self.text),
        }
    }

    /// The nick in the source.
    pub fn nick(&self) -> &str {
        self.source.split('!').next().unwrap_or(&self.source)
    }
}
