//! What is known of a server at one moment: everything that is shown is made of this.

use std::sync::Arc;
use std::time::Duration;

use segment::{About, Key, Now, Room, Slow, Snapshot};

use crate::text;

/// How the server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It lives.
    Live,
    /// It lives, and is another one than in the sample before. Rates begin anew.
    Restarted,
    /// It lives, but has not shown it for a while.
    Stale {
        /// Since its last heartbeat.
        silent: Duration,
    },
    /// It ended without a word.
    Dead {
        /// Since its last heartbeat.
        silent: Duration,
    },
    /// It stopped in order.
    Stopped {
        /// Since its last heartbeat.
        silent: Duration,
    },
    /// The segment is not used any more, and there is no successor that can be read.
    Retired(Successor),
}

/// What there is instead of a segment that is not used any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Successor {
    /// Nothing: it was removed.
    Nothing,
    /// One that cannot be read.
    Unreadable,
    /// That is not known.
    Unknown,
}

impl Successor {
    /// What became of the segment.
    pub(crate) fn told(self) -> &'static str {
        match self {
            Successor::Nothing => "removed",
            Successor::Unreadable => "another segment has its place",
            Successor::Unknown => "not used any more",
        }
    }
}

impl State {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            State::Live => "live",
            State::Restarted => "restarted",
            State::Stale { .. } => "stale",
            State::Dead { .. } => "dead",
            State::Stopped { .. } => "stopped",
            State::Retired(_) => "retired",
        }
    }

    /// Whether the server runs and says so.
    pub fn is_live(self) -> bool {
        matches!(self, State::Live | State::Restarted)
    }
}

/// Who serves, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// The key of the segment.
    pub key: Key,
    /// The key of its guard.
    pub semaphore_key: Key,
    /// The kernel's number of the segment.
    pub id: i32,
    /// The user whose segment it is.
    pub owner: u32,
    /// The server's process.
    pub pid: i32,
    /// Its incarnation.
    pub epoch: u64,
    /// Major and minor version of the layout.
    pub layout: (u64, u64),
    /// When it took the segment, in milliseconds since 1970.
    pub started_ms: u64,
    /// When it last lived, in milliseconds since 1970.
    pub heartbeat_ms: u64,
    /// Since it last lived.
    pub silent: Duration,
    /// Bytes of the segment.
    pub bytes: usize,
}

/// How the counters were copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Copied {
    /// Under the guard; waiting for it and copying took this long.
    Guarded(Duration),
    /// Without the guard, which was not asked for.
    Free,
    /// Without the guard, which could not be had. The text says why.
    Unguarded(String),
}

/// A server at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// When it was looked at.
    pub taken: Now,
    /// How the server is.
    pub state: State,
    /// Who serves.
    pub server: Server,
    /// What is counted.
    pub snapshot: Snapshot,
    /// What is counted in each room, also while there is none.
    pub room_fields: Vec<Arc<About>>,
    /// How that was copied.
    pub copied: Copied,
}

impl Sample {
    /// How long the server has run, or ran.
    pub fn uptime(&self) -> Duration {
        let until = if self.state.is_live() { self.taken.wall_ms } else { self.server.heartbeat_ms };
        Duration::from_millis(until.saturating_sub(self.server.started_ms))
    }

    /// For how long something has waited for a slow reader.
    pub fn waited(&self, slow: &Slow) -> Duration {
        Duration::from_millis(self.snapshot.wall_ms.saturating_sub(slow.since_ms))
    }

    /// Forgets the rooms whose names none of these patterns mean. Without patterns all stay.
    pub fn keep_rooms(&mut self, patterns: &[String]) {
        let wanted = |name: &str| patterns.iter().any(|pattern| text::matches(pattern, name));
        self.snapshot.rooms.retain(|room| patterns.is_empty() || wanted(&room.name));
    }

    /// Whether both are of the same incarnation of a server, so that their differences mean something.
    pub fn continues(&self, before: &Sample) -> bool {
        (self.server.epoch, self.server.started_ms) == (before.server.epoch, before.server.started_ms)
    }
}

/// Who last said something in the room, and when, in milliseconds since 1970.
pub(crate) fn last_said(room: &Room) -> Option<(&str, u64)> {
    room_number(room, "active_ms").filter(|_| !room.last.is_empty()).map(|at| (room.last.as_str(), at))
}

/// The value of a room's counter, if it has it.
pub(crate) fn room_number(room: &Room, name: &str) -> Option<u64> {
    room.counter(name).map(segment::Counter::number)
}

/// Messages per second as the server says it, over its shortest window.
pub(crate) fn told_rate(room: &Room, name: &str) -> Option<f64> {
    room_number(room, name).map(|milli| milli as f64 / 1000.0)
}
