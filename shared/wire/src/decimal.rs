//! Numbers as they stand in lines.

use std::ops::Deref;

/// Digits of the greatest number.
const DIGITS_MAX: usize = 20;

/// A number in digits, written without any memory of its own.
///
/// ```
/// assert_eq!(&*wire::Decimal::from(120_u64), "120");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Decimal {
    digits: [u8; DIGITS_MAX],
    begin: usize,
}

impl From<u64> for Decimal {
    #[inline]
    fn from(number: u64) -> Self {
        let (mut digits, mut begin, mut rest) = ([b'0'; DIGITS_MAX], DIGITS_MAX, number);
        loop {
            begin -= 1;
            digits[begin] += (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                return Self { digits, begin };
            }
        }
    }
}

impl From<usize> for Decimal {
    #[inline]
    fn from(number: usize) -> Self {
        Self::from(number as u64)
    }
}

impl Deref for Decimal {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        std::str::from_utf8(&self.digits[self.begin..]).expect("digits are ASCII")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_everywhere() {
        for number in [0, 1, 9, 10, 99, 100, 12_345, u64::MAX - 1, u64::MAX] {
            assert_eq!(*Decimal::from(number), *number.to_string());
        }
    }
}
