//! Ids of events.

use std::fmt;
use std::ops::Deref;

use arrayvec::{ArrayString, CapacityError};

use crate::interface::Now;

/// The id of an event, unique on the network: the `msgid` of what people see of it. It stands in the memory of what has it: memory of
/// its own would be one more cold place to look at when the oldest line of a history goes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct EventId(ArrayString<{ EventId::BYTES_MAX }>);

impl EventId {
    /// Bytes of an id, at most. The time of the start in milliseconds needs 9 until the year 5188, the seed 4, the hyphen 1, the number
    /// 13: one less.
    pub const BYTES_MAX: usize = 28;
}

// What comes with the length without a gap.
const _: () = assert!(size_of::<EventId>() == 32);

impl Deref for EventId {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl TryFrom<&str> for EventId {
    type Error = CapacityError;

    /// Fails if it is longer than [`EventId::BYTES_MAX`]: then it is none of ours.
    fn try_from(id: &str) -> Result<Self, CapacityError> {
        ArrayString::from(id).map(Self).map_err(CapacityError::simplify)
    }
}

/// Ids that no other event of the network has: the start's time and a seed, then a number.
#[derive(Debug)]
pub(crate) struct Ids {
    /// The next one: the prefix, and the number to the base of 36. It is made beforehand, since what was just written letter by
    /// letter is slow to be copied as a whole.
    next: EventId,
    prefix_bytes: usize,
}

impl Ids {
    pub(crate) fn new(now: Now, seed: u64) -> Self {
        let mut text = ArrayString::new();
        push_base36(now.wall.0, &mut text);
        push_base36(seed % 36u64.pow(4), &mut text);
        text.push('-');
        let mut ids = Self { prefix_bytes: text.len(), next: EventId(text) };
        ids.next();
        ids
    }

    /// The next one, which nothing else gets.
    pub(crate) fn next(&mut self) -> EventId {
        let id = self.next;
        let text = &mut self.next.0;
        let mut carried = 0;
        let digit = loop {
            let last = if text.len() > self.prefix_bytes { text.pop() } else { None };
            match last {
                Some('z') => carried += 1,
                Some('9') => break 'a',
                Some(digit) => break char::from(digit as u8 + 1),
                None => break '1',
            }
        };
        text.push(digit);
        for _ in 0..carried {
            text.push('0');
        }
        id
    }
}

fn push_base36(number: u64, text: &mut ArrayString<{ EventId::BYTES_MAX }>) {
    let mut power = 1;
    while number / power >= 36 {
        power *= 36;
    }
    while power > 0 {
        text.push(char::from(b"0123456789abcdefghijklmnopqrstuvwxyz"[(number / power % 36) as usize]));
        power /= 36;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_id_fits_and_a_longer_one_is_refused() {
        let late = Now { monotonic_ms: 0, wall: wire::Timestamp(36u64.pow(9) - 1) };
        let prefix = Ids::new(late, u64::MAX).prefix_bytes;
        let mut number = ArrayString::new();
        push_base36(u64::MAX, &mut number);
        assert!(prefix + number.len() <= EventId::BYTES_MAX);
        let text = "x".repeat(EventId::BYTES_MAX + 1);
        assert!(EventId::try_from(&*text).is_err());
        assert_eq!(*EventId::try_from(&text[1..]).unwrap(), text[1..]);
    }

    #[test]
    fn ids_are_counted_to_the_base_of_36() {
        let mut ids = Ids::new(Now::default(), 7);
        let prefix = ArrayString::from(&ids.next[..ids.prefix_bytes]).unwrap();
        for number in 1..100_000 {
            let mut expected = prefix;
            push_base36(number, &mut expected);
            assert_eq!(*ids.next(), *expected);
        }
    }
}
