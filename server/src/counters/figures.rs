//! What the loop counts by itself, between two publications and since the start.

use std::collections::BTreeMap;
use std::time::Duration;

use engine::ConnId;
use segment::{Collected, SLOW_MAX};

use super::process::Process;

/// What the loop counts by itself.
#[derive(Debug, Default)]
pub struct Figures {
    /// Connections now.
    pub connections: u64,
    /// Of these, connections through the Unix socket.
    pub connections_unix: u64,
    /// Connections so far.
    pub connections_total: u64,
    /// Connections that came to their end.
    pub connections_ended: u64,
    /// Connections that the system reported as broken.
    pub connections_broken: u64,
    /// Connections refused because there were too many.
    pub refused_full: u64,
    /// Connections refused because there were too many from their address.
    pub refused_address: u64,
    /// Attempts to accept that failed.
    pub accept_errors: u64,
    /// Bytes read.
    pub bytes_in: u64,
    /// Bytes written.
    pub bytes_out: u64,
    /// Lines read.
    pub lines_in: u64,
    /// Lines queued.
    pub lines_out: u64,
    /// Lines queued that were for many.
    pub deliveries: u64,
    /// Times that flood control let lines wait.
    pub delays: u64,
    /// Times that lines waited because their sender did not read.
    pub backlogs: u64,
    /// Turns in which there was something to do.
    pub turns: u64,
    /// The longest of them, in microseconds.
    pub turn_longest_us: u64,
    /// Connections closed because they did not read.
    pub sendq_closes: u64,
    /// The most bytes that waited for one connection.
    pub sendq_deepest: u64,
    /// Connections closed because they sent too fast.
    pub flood_closes: u64,
    /// Those for whom something waits that the kernel does not take, and since which millisecond.
    pub slow: BTreeMap<ConnId, u64>,
    /// What was last found out about them.
    pub queues: Queues,
    /// Those of them for whom most waits, most bytes first.
    pub slowest: Vec<Slowest>,
    /// Whether the segment was told of these.
    pub slowest_are_told: bool,
    /// What was last found out about the process.
    pub process: Process,
    /// The millisecond in which that was.
    sampled_ms: u64,
    pub(super) turn_us: Collected,
    pub(super) publish_us: Collected,
    pub(super) receivers: Collected,
}

/// What waits for those who read too slowly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Queues {
    /// Bytes for all of them.
    pub bytes: u64,
    /// Bytes for the one with most.
    pub deepest: u64,
    /// Milliseconds that the slowest one has not taken anything.
    pub oldest_ms: u64,
}

/// One of those who read too slowly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slowest {
    /// Bytes that wait.
    pub bytes: u64,
    /// Who.
    pub conn: ConnId,
    /// For how many milliseconds something has always waited.
    pub waited_ms: u64,
    /// Bytes at which the connection is closed.
    pub limit: u64,
}

/// How often the process and the slow ones are looked at.
const SAMPLE_MS: u64 = 1000;

impl Figures {
    /// A turn in which there was something to do has ended.
    pub fn turned(&mut self, length: Duration) {
        let length_us = length.as_micros() as u64;
        self.turns += 1;
        self.turn_longest_us = self.turn_longest_us.max(length_us);
        self.turn_us.observe(length_us);
    }

    /// A line was for so many.
    pub fn fanned(&mut self, receivers: usize) {
        self.lines_out += receivers as u64;
        self.deliveries += receivers as u64;
        self.receivers.observe(receivers as u64);
    }

    /// Whether something has been counted that the segment was not told. What is told of publications themselves goes
    /// with the next one, and does not cause one.
    pub fn has_changed(&self) -> bool {
        !self.turn_us.is_empty()
    }

    /// Forgets what nobody wants to be told.
    pub fn forget(&mut self) {
        self.turn_us.clear();
        self.receivers.clear();
    }

    /// A publication has ended.
    pub fn published(&mut self, length: Duration) {
        self.publish_us.observe(length.as_micros() as u64);
    }

    /// Something waits for a connection, as the kernel takes no more.
    pub fn blocked(&mut self, conn: ConnId, waiting: usize, now_ms: u64) {
        self.sendq_deepest = self.sendq_deepest.max(waiting as u64);
        self.slow.entry(conn).or_insert(now_ms);
    }

    /// Nothing waits for it any more.
    pub fn relieved(&mut self, conn: ConnId) {
        if !self.slow.is_empty() {
            self.slow.remove(&conn);
        }
    }

    /// Looks at the process and the slow ones once a second. `waiting` says how many bytes wait for one of them, and at
    /// how many he is closed.
    pub fn sample(&mut self, now_ms: u64, waiting: impl Fn(ConnId) -> (usize, usize)) {
        if self.sampled_ms != 0 && now_ms.saturating_sub(self.sampled_ms) < SAMPLE_MS {
            return;
        }
        // A loop may turn for the first time in the millisecond 0.
        self.sampled_ms = now_ms.max(1);
        self.process = Process::look();
        self.queues = Queues::default();
        self.slowest_are_told &= self.slowest.is_empty() && self.slow.is_empty();
        self.slowest.clear();
        for (conn, since_ms) in &self.slow {
            let (bytes, limit) = waiting(*conn);
            let (bytes, limit, waited_ms) = (bytes as u64, limit as u64, now_ms.saturating_sub(*since_ms));
            self.queues.bytes += bytes;
            self.queues.deepest = self.queues.deepest.max(bytes);
            self.queues.oldest_ms = self.queues.oldest_ms.max(waited_ms);
            let at = self.slowest.partition_point(|other| other.bytes >= bytes);
            self.slowest.insert(at, Slowest { bytes, conn: *conn, waited_ms, limit });
            self.slowest.truncate(SLOW_MAX);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slow_are_looked_at_once_a_second() {
        let mut figures = Figures::default();
        figures.blocked(ConnId(1), 500, 0);
        figures.blocked(ConnId(2), 900, 400);
        figures.blocked(ConnId(1), 700, 600);
        let waiting = |conn| if conn == ConnId(1) { (700, 1000) } else { (900, 1000) };
        figures.sample(1000, waiting);
        let first = Queues { bytes: 1600, deepest: 900, oldest_ms: 1000 };
        assert_eq!((figures.queues, figures.sendq_deepest), (first, 900));
        figures.relieved(ConnId(2));
        figures.sample(1999, waiting);
        assert_eq!(figures.queues, first, "not a second later");
        figures.sample(2000, waiting);
        assert_eq!(figures.queues, Queues { bytes: 700, deepest: 700, oldest_ms: 2000 });
        figures.relieved(ConnId(1));
        figures.sample(3000, waiting);
        assert_eq!((figures.queues, figures.sendq_deepest), (Queues::default(), 900));
    }
}
