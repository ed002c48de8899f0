//! A steady rate: when how many messages are due.

use std::os::fd::{AsFd, AsRawFd};
use std::time::{Duration, Instant};

use anyhow::Result;
use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};

/// A clock that strikes, and the strikes that have been heard. The kernel's timer is finer than the wait of a poll.
#[derive(Debug)]
pub struct Pace {
    timer: TimerFd,
    begin: Instant,
    interval: Duration,
    /// Strikes in all.
    strikes: u32,
    struck: u32,
}

impl Pace {
    /// Strikes so often a second, for a span from now on, and at least once.
    ///
    /// # Errors
    /// If there are no descriptors.
    pub fn start(per_second: f64, span: Duration, registry: &Registry, token: Token) -> Result<Self> {
        let interval = Duration::from_secs_f64(1.0 / per_second);
        let timer =
            TimerFd::new(ClockId::CLOCK_MONOTONIC, TimerFlags::TFD_NONBLOCK | TimerFlags::TFD_CLOEXEC)?;
        registry.register(&mut SourceFd(&timer.as_fd().as_raw_fd()), token, Interest::READABLE)?;
        timer.set(Expiration::Interval(interval.into()), TimerSetTimeFlags::empty())?;
        let strikes = ((span.as_secs_f64() * per_second).round() as u32).max(1);
        Ok(Self { timer, begin: Instant::now(), interval, strikes, struck: 0 })
    }

    /// The strikes that were not heard yet.
    pub fn due(&mut self) -> u32 {
        // How often it struck is asked of the clock; the descriptor only has to be emptied, and may be already.
        let _ = self.timer.wait();
        let by_now = self.begin.elapsed().div_duration_f64(self.interval) as u32;
        let due = by_now.min(self.strikes) - self.struck;
        self.struck += due;
        due
    }

    /// Whether it has struck for the last time.
    pub fn is_over(&self) -> bool {
        self.struck == self.strikes
    }
}
