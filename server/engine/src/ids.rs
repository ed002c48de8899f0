//! Ids of events.

use std::sync::Arc;

use crate::interface::Now;

/// Ids that no other event of the network has: the start's time and a seed, then a number.
#[derive(Debug)]
pub(crate) struct Ids {
    /// The latest one: the prefix, and the number to the base of 36.
    text: String,
    prefix_bytes: usize,
}

impl Ids {
    pub(crate) fn new(now: Now, seed: u64) -> Self {
        let mut text = String::new();
        push_base36(now.wall.0, &mut text);
        push_base36(seed % 36u64.pow(4), &mut text);
        text.push('-');
        Self { prefix_bytes: text.len(), text }
    }

    pub(crate) fn next(&mut self) -> Arc<str> {
        let mut carried = 0;
        let digit = loop {
            let last = if self.text.len() > self.prefix_bytes { self.text.pop() } else { None };
            match last {
                Some('z') => carried += 1,
                Some('9') => break 'a',
                Some(digit) => break char::from(digit as u8 + 1),
                None => break '1',
            }
        };
        self.text.push(digit);
        for _ in 0..carried {
            self.text.push('0');
        }
        self.text.as_str().into()
    }
}

fn push_base36(number: u64, text: &mut String) {
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
    fn ids_are_counted_to_the_base_of_36() {
        let mut ids = Ids::new(Now::default(), 7);
        let prefix = ids.text.clone();
        for number in 1..100_000 {
            let mut expected = prefix.clone();
            push_base36(number, &mut expected);
            assert_eq!(*ids.next(), *expected);
        }
    }
}
