//! Who is typing (IRCv3 typing): others, until they stop or fall silent; and ourselves, as often as may be said.

use std::collections::BTreeMap;

use wire::Timestamp;

use crate::buffer::BufferId;

/// "at most once every 3 seconds"
const SAID_EVERY_MS: u64 = 3000;
/// How long somebody counts as typing without saying so again: "at least 6 seconds".
const ACTIVE_MS: u64 = 6000;
/// How long somebody who pauses does: "at least 30 seconds".
const PAUSED_MS: u64 = 30_000;
/// Those who are remembered; of more nobody is told that they type.
const TYPISTS_MAX: usize = 200;
/// Of so many the names are shown, of more the number.
const NAMED_MAX: usize = 3;

/// Who is typing where.
#[derive(Clone, Debug, Default)]
pub(crate) struct Typists {
    others: BTreeMap<(BufferId, String), Timestamp>,
    /// Where we said last that we are typing, and when.
    said: Option<(BufferId, Timestamp)>,
}

impl Typists {
    /// Somebody has said that he is typing, or pauses.
    pub fn types(&mut self, buffer: BufferId, nick: &str, now: Timestamp, pauses: bool) {
        let key = (buffer, crate::text::clean(nick));
        if self.others.len() < TYPISTS_MAX || self.others.contains_key(&key) {
            self.others.insert(key, Timestamp(now.0 + if pauses { PAUSED_MS } else { ACTIVE_MS }));
        }
    }

    /// Somebody has said something, or stopped.
    pub fn stops(&mut self, buffer: BufferId, nick: &str) {
        self.others.remove(&(buffer, crate::text::clean(nick)));
    }

    /// Forgets those who have fallen silent.
    pub fn expire(&mut self, now: Timestamp) {
        self.others.retain(|_, ends| *ends > now);
    }

    /// The connection is gone.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// When somebody will have fallen silent.
    pub fn deadline(&self) -> Option<Timestamp> {
        self.others.values().min().copied()
    }

    /// Who is typing in a buffer, in words; empty if nobody is.
    pub fn in_words(&self, buffer: BufferId) -> String {
        let nicks: Vec<&str> =
            self.others.keys().filter(|(place, _)| *place == buffer).map(|(_, nick)| nick.as_str()).collect();
        match nicks[..] {
            [] => String::new(),
            [only] => format!("{only} is typing…"),
            _ if nicks.len() <= NAMED_MAX => format!("{} are typing…", nicks.join(", ")),
            _ => format!("{} people are typing…", nicks.len()),
        }
    }

    /// Whether we may say now that we are typing in a buffer; if so, it counts as said.
    pub fn may_say(&mut self, buffer: BufferId, now: Timestamp) -> bool {
        let too_soon = self.said.is_some_and(|(place, at)| {
            place == buffer && now.0.saturating_sub(at.0) < SAID_EVERY_MS && now >= at
        });
        if !too_soon {
            self.said = Some((buffer, now));
        }
        !too_soon
    }

    /// Where we are believed to be typing; from now on not any more.
    pub fn take_said(&mut self, now: Timestamp) -> Option<BufferId> {
        let (buffer, at) = self.said.take()?;
        (now.0.saturating_sub(at.0) < ACTIVE_MS).then_some(buffer)
    }

    /// We have said something, which ends it by itself.
    pub fn has_spoken(&mut self) {
        self.said = None;
    }
}
