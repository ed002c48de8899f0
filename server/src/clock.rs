//! The only place that reads a clock for decisions: once per turn, and besides only to end one that has become long, and
//! to see how long sending takes.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use wire::Timestamp;

/// The clocks.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Instant,
}

/// A moment, as each part wants to be told it.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    at: Instant,
    /// For the engine, and for deadlines.
    pub engine: engine::Now,
    /// For the segment.
    pub segment: segment::Now,
}

impl Moment {
    /// Milliseconds of the clock that never goes back.
    pub fn ms(&self) -> u64 {
        self.engine.monotonic_ms
    }

    /// How long ago it was.
    pub fn elapsed(&self) -> Duration {
        self.at.elapsed()
    }
}

impl Clock {
    /// Starts counting.
    pub fn start() -> Self {
        Self { start: Instant::now() }
    }

    /// This moment.
    pub fn now(&self) -> Moment {
        self.moment(Instant::now(), segment::Now::read())
    }

    /// This moment, soon after another one: only one clock is looked at.
    pub fn now_after(&self, before: Moment) -> Moment {
        let at = Instant::now();
        self.moment(at, before.segment.after(at - before.at))
    }

    fn moment(&self, at: Instant, segment: segment::Now) -> Moment {
        let monotonic_ms = (at - self.start).as_millis() as u64;
        Moment { at, engine: engine::Now { monotonic_ms, wall: Timestamp(segment.wall_ms) }, segment }
    }
}

/// A while within a turn.
#[derive(Clone, Copy, Debug)]
pub struct While {
    end: Instant,
}

impl While {
    /// Begins now.
    pub fn of(length: Duration) -> Self {
        Self { end: Instant::now() + length }
    }

    /// Whether it has passed.
    pub fn is_over(self) -> bool {
        Instant::now() >= self.end
    }
}

/// How long some work takes.
pub fn length_of(work: impl FnOnce()) -> Duration {
    let begin = Instant::now();
    work();
    begin.elapsed()
}

/// Something that differs from start to start, so that ids of different runs do.
pub fn seed() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let nanos = since.as_nanos() as u64;
    nanos.rotate_left(20) ^ u64::from(std::process::id())
}
