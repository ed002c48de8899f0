//! What is due for a connection at a time. Entries are not taken back: what is not due any more is passed over by
//! whoever looks at the connection.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use engine::ConnId;

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Due {
    /// Flood control lets the next line through.
    Resume,
    /// A closing connection had time enough.
    Cut,
}

/// Times and what is due then.
#[derive(Debug, Default)]
pub struct Timers(BinaryHeap<Reverse<(u64, ConnId, Due)>>);

impl Timers {
    /// Notes what is due at a millisecond.
    pub fn add(&mut self, at_ms: u64, conn: ConnId, due: Due) {
        self.0.push(Reverse((at_ms, conn, due)));
    }

    /// Takes something that is due.
    pub fn next(&mut self, now_ms: u64) -> Option<(ConnId, Due)> {
        let Reverse((at_ms, conn, due)) = *self.0.peek()?;
        (at_ms <= now_ms).then(|| {
            self.0.pop();
            (conn, due)
        })
    }

    /// When something is due.
    pub fn deadline(&self) -> Option<u64> {
        self.0.peek().map(|Reverse((at_ms, ..))| *at_ms)
    }
}
