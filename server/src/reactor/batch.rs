//! How much is taken in bulk before it is sent. Time is told from outside.

use std::time::Duration;

/// How long lines are taken before what they caused is sent, if there are as many. Those who wait for it wait for about this
/// and what it takes to send.
const TAKING_MIN: Duration = Duration::from_millis(5);
/// Where sending takes long, because very many hear of everything, lines are taken for so many times as long: each of them
/// would have to be sent by itself otherwise, and that would cost much more than all else. Two thousand who enter a room at once
/// take a third of the time with it.
const TAKING_TO_SENDING: u32 = 4;
/// But never for longer than this.
const TAKING_MAX: Duration = Duration::from_millis(50);

/// What is taken, and then sent, a slice at a time.
///
/// ```text
///   Taking ──► Sending ──► Taking
///       when nothing waits, or it is full
/// ```
#[derive(Debug, Default)]
pub struct Batch {
    stage: Stage,
    taking: Duration,
    bytes: usize,
    sending: Duration,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Taking,
    Sending,
}

impl Batch {
    /// Lines of so many bytes have been taken, for so long.
    pub fn took(&mut self, length: Duration, bytes: usize) {
        self.taking += length;
        self.bytes += bytes;
    }

    /// Some has been put into queues and sent, for so long.
    pub fn sent(&mut self, length: Duration) {
        self.sending += length;
    }

    /// From here on it is sent.
    pub fn send(&mut self) {
        *self = Self { stage: Stage::Sending, ..Self::default() };
    }

    /// Everything is sent, and the next one begins.
    pub fn end(&mut self) {
        *self = Self { sending: self.sending, ..Self::default() };
    }

    /// Whether it is being sent.
    pub fn is_sending(&self) -> bool {
        self.stage == Stage::Sending
    }

    /// Whether no more is to be taken before this is sent.
    pub fn is_full(&self, bytes_max: usize) -> bool {
        let most = (self.sending * TAKING_TO_SENDING).clamp(TAKING_MIN, TAKING_MAX);
        self.bytes >= bytes_max || self.taking >= most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);
    const SLICE: Duration = Duration::from_micros(250);

    /// For how long is taken after sending has taken so long.
    fn taking_after(sending: Duration) -> Duration {
        let mut batch = Batch::default();
        batch.send();
        batch.sent(sending / 2);
        batch.sent(sending / 2);
        batch.end();
        let slices = (0..1000).take_while(|_| {
            let goes_on = !batch.is_full(100);
            batch.took(SLICE, 0);
            goes_on
        });
        SLICE * slices.count() as u32
    }

    #[test]
    fn it_is_full_after_its_time() {
        let table = [(0, 5), (1, 5), (2, 8), (10, 40), (13, 50), (1000, 50)];
        for (sending, taking) in table {
            assert_eq!(taking_after(sending * MS), taking * MS, "after {sending} ms of sending");
        }
    }

    #[test]
    fn it_is_full_with_its_bytes() {
        let mut batch = Batch::default();
        batch.took(Duration::ZERO, 60);
        batch.took(Duration::ZERO, 39);
        assert!(!batch.is_full(100));
        batch.took(Duration::ZERO, 1);
        assert!(batch.is_full(100) && !batch.is_sending());
        batch.send();
        assert!(batch.is_sending());
        batch.end();
        assert!(!batch.is_full(100) && !batch.is_sending());
    }
}
