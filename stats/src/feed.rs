//! Where the samples of a run come from: the segment, or a recording. And where they go besides.

use std::time::Duration;

use segment::{Now, ReadError};

use crate::Ended;
use crate::args::Arguments;
use crate::exit::{Exit, Failure};
use crate::recording::{Recorder, Replay};
use crate::sample::Sample;
use crate::source::Source;

/// Where samples come from.
#[derive(Debug)]
enum Origin {
    Segment(Source),
    Recording(Replay),
}

/// One look.
#[derive(Debug)]
pub(crate) enum Seen {
    /// Something was seen.
    Sample(Box<Sample>),
    /// Nothing was seen, and perhaps next time.
    Trouble(ReadError),
    /// The recording is at its end.
    End,
}

/// The samples of a run.
#[derive(Debug)]
pub(crate) struct Feed {
    origin: Origin,
    recorder: Option<Recorder>,
    speed: Option<f64>,
    /// Until the next sample of a recording.
    next: Option<Duration>,
}

impl Feed {
    /// Opens what the arguments say.
    pub fn open(arguments: &Arguments) -> Result<Feed, Failure> {
        let origin = match &arguments.replay {
            Some(path) => Origin::Recording(Replay::open(path)?),
            None => Origin::Segment(Source::new(arguments.place())),
        };
        let recorder = arguments.record.as_deref().map(Recorder::create).transpose()?;
        Ok(Feed { origin, recorder, speed: arguments.speed, next: None })
    }

    /// Looks.
    pub fn look(&mut self, now: Now) -> Result<Seen, Ended> {
        let sample = match &mut self.origin {
            Origin::Segment(source) => match source.read(now) {
                Ok(sample) => sample,
                Err(error) => return Ok(Seen::Trouble(error)),
            },
            Origin::Recording(replay) => {
                let Some((sample, next)) = replay.step()? else { return Ok(Seen::End) };
                self.next = next;
                sample
            }
        };
        if let Some(recorder) = &mut self.recorder {
            let failed =
                |error| Failure { exit: Exit::Failed, text: format!("cannot go on recording: {error}") };
            recorder.record(&sample).map_err(failed)?;
        }
        Ok(Seen::Sample(Box::new(sample)))
    }

    /// The segment, if that is where samples come from.
    pub fn source(&mut self) -> Option<&mut Source> {
        match &mut self.origin {
            Origin::Segment(source) => Some(source),
            Origin::Recording(_) => None,
        }
    }

    /// How long to wait until the next look. A recording is printed at once unless a speed is asked for.
    pub fn pause(&self, every: Duration) -> Duration {
        match (&self.origin, self.speed) {
            (Origin::Segment(_), _) => every,
            (Origin::Recording(_), None) => Duration::ZERO,
            (Origin::Recording(_), Some(speed)) => self.scaled(speed).unwrap_or_default(),
        }
    }

    /// The same for the screen, where a recording is shown as fast as it was made. At its end nothing more comes.
    pub fn pause_on_screen(&self, every: Duration) -> Option<Duration> {
        match &self.origin {
            Origin::Segment(_) => Some(every),
            Origin::Recording(_) => self.scaled(self.speed.unwrap_or(1.0)),
        }
    }

    fn scaled(&self, speed: f64) -> Option<Duration> {
        self.next.map(|next| {
            Duration::try_from_secs_f64(next.as_secs_f64() / speed).unwrap_or(PAUSE_MAX).min(PAUSE_MAX)
        })
    }
}

/// Whoever stopped his recording over night does not have to wait for the morning.
const PAUSE_MAX: Duration = Duration::from_secs(5);
