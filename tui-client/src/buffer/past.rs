//! What is known of the time before the first line, and what is asked for.

use wire::Timestamp;

use crate::session::Origin;

/// What is known of the time before the first line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Past {
    /// The question that is not answered yet, and when it was asked.
    pub asked: Option<(Wanting, Timestamp)>,
    /// Nothing older is to be had.
    pub complete: bool,
    /// The oldest that was played back: when, and its id if it has one.
    pub oldest: Option<(Timestamp, Box<str>)>,
    /// The latest that was heard here, by the server's clock: what came after it is asked for after a reconnect.
    pub until: Option<Timestamp>,
    /// What `until` was when the gap of a reconnect was asked for.
    pub since: Option<Timestamp>,
    /// How far the answers have reached since.
    pub reached: Option<(Timestamp, Box<str>)>,
    /// How far they had reached when the page that comes was asked for.
    pub floor: Option<Timestamp>,
    /// When we came in, by the server's clock.
    pub entered: Option<Timestamp>,
    /// Up to where one has read, by the server's account.
    pub read_at: Option<Timestamp>,
    /// Where what was kept on disk and stands here begins; nothing before it if that is zero.
    pub stored: Option<u64>,
    /// The line before which the page that is asked for stands, whatever its times say: within a moment only the
    /// server knows the order.
    pub before: Option<u64>,
    /// Whether nothing of the page has come yet.
    pub fresh: bool,
    /// Lines that the answer has brought so far and that were not there yet.
    pub brought: usize,
    /// Pages that were asked for to fill the gap of a reconnect.
    pub pages: usize,
}

impl Past {
    /// Whether something that somebody did is to be shown: it has just happened, or it happened while we were away.
    pub fn is_new(&self, at: Timestamp, origin: Origin) -> bool {
        let after = self.floor.is_none_or(|floor| at > floor);
        let before = self.entered.is_none_or(|entered| at < entered);
        let asked = self.asked.as_ref().map(|(wanting, _)| *wanting);
        match origin {
            Origin::Live | Origin::Asked => true,
            Origin::History if asked == Some(Wanting::Missed) => after && before,
            Origin::History => asked.is_some() && before,
        }
    }

    /// Whether something that was said then was said while we were away.
    pub fn is_missed(&self, at: Timestamp) -> bool {
        let missed = self.asked.as_ref().is_some_and(|(wanting, _)| *wanting == Wanting::Missed);
        let unread = self.read_at.is_none_or(|read_at| at > read_at);
        unread && (missed || (self.asked.is_some() && self.read_at.is_some()))
    }
}

/// Which part of the past is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanting {
    /// What was said last.
    Latest,
    /// What was said before the first line.
    Older,
    /// What was said while we were away.
    Missed,
}
