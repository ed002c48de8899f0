//! Flood control: a bucket of lines that fills with time and is emptied by lines.

/// How fast a bucket fills, and how much it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The time in which a line flows in; 0 for no limit.
    line_us: u64,
    /// The time in which all that it holds does.
    holds_us: u64,
}

/// The bucket of one connection. Full at first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// When it will be full again, in thousandths of a millisecond. Whoever takes moves this into the future, so that
    /// nothing has to be filled up.
    full_at_us: u64,
}

impl Bucket {
    /// Whether there is a line to take. If not, says at which millisecond there will be.
    pub fn check(&self, now_ms: u64, rate: Rate) -> Result<(), u64> {
        let after_us = self.after_us(now_ms, rate);
        if rate.line_us == 0 || after_us <= now_ms * 1000 + rate.holds_us {
            return Ok(());
        }
        Err((after_us - rate.holds_us).div_ceil(1000))
    }

    /// Takes a line, which [`Bucket::check`] said is there.
    pub fn take(&mut self, now_ms: u64, rate: Rate) {
        self.full_at_us = self.after_us(now_ms, rate);
    }

    /// When it will be full again after one more line.
    fn after_us(&self, now_ms: u64, rate: Rate) -> u64 {
        self.full_at_us.max(now_ms * 1000) + rate.line_us
    }
}

impl Rate {
    /// So many lines a second, 0 for no limit, and so many at once.
    pub fn new(lines_per_second: u32, burst: u32) -> Self {
        let line_us = 1_000_000_u64.checked_div(lines_per_second.into()).unwrap_or(0);
        Self { line_us, holds_us: line_us * u64::from(burst.max(1)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(bucket: &mut Bucket, now_ms: u64, rate: Rate) -> Result<(), u64> {
        bucket.check(now_ms, rate)?;
        bucket.take(now_ms, rate);
        Ok(())
    }

    fn taken(bucket: &mut Bucket, now_ms: u64, rate: Rate) -> usize {
        (0..1000).take_while(|_| take(bucket, now_ms, rate).is_ok()).count()
    }

    #[test]
    fn a_burst_passes_and_then_one_line_per_interval() {
        let rate = Rate::new(4, 10);
        let mut bucket = Bucket::default();
        assert_eq!(taken(&mut bucket, 5000, rate), 10);
        assert_eq!(take(&mut bucket, 5000, rate), Err(5250), "told when");
        assert_eq!(take(&mut bucket, 5249, rate), Err(5250), "not a millisecond earlier");
        assert_eq!(take(&mut bucket, 5250, rate), Ok(()));
        assert_eq!(take(&mut bucket, 5250, rate), Err(5500));
        assert_eq!(taken(&mut bucket, 6500, rate), 5, "what came together in five intervals");
        assert_eq!(taken(&mut bucket, 1_000_000, rate), 10, "never more than it holds");
    }

    #[test]
    fn rates_that_do_not_divide_a_second_are_kept_over_time() {
        let rate = Rate::new(7, 1);
        let mut bucket = Bucket::default();
        let passed = (1000..=11_000).filter(|ms| take(&mut bucket, *ms, rate).is_ok()).count();
        assert!((69..=71).contains(&passed), "{passed} lines in ten seconds");
    }

    #[test]
    fn without_a_rate_everything_passes() {
        let mut bucket = Bucket::default();
        assert_eq!(taken(&mut bucket, 0, Rate::new(0, 1)), 1000);
    }

    #[test]
    fn a_faster_rate_counts_at_once() {
        let mut bucket = Bucket::default();
        let slow = Rate::new(1, 5);
        assert_eq!(taken(&mut bucket, 1000, slow), 5);
        assert_eq!(take(&mut bucket, 1000, Rate::new(0, 5)), Ok(()));
    }
}
