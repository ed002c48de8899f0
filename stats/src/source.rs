//! Where samples come from: opens the segment, and opens it again when it was replaced. Copies, releases, then thinks.

use std::time::{Duration, Instant};

use segment::{Cursor, History, Key, Liveness, Now, ReadError, Reader, Snapshot};

use crate::sample::{Copied, Sample, Server, State, Successor};

/// Which segment is read, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Where the segment is.
    pub segment_key: Key,
    /// Where its guard must be; `None` believes the segment.
    pub semaphore_key: Option<Key>,
    /// How long the guard is waited for; `None` never takes it.
    pub guard_wait: Option<Duration>,
}

impl Default for Place {
    fn default() -> Place {
        Place { segment_key: Key::SEGMENT, semaphore_key: None, guard_wait: Some(GUARD_WAIT) }
    }
}

/// How long the guard is waited for. A server holds it for some microseconds; longer than this only a stuck reader.
pub const GUARD_WAIT: Duration = Duration::from_millis(100);

/// Reads one server after the other under one key.
#[derive(Debug)]
pub struct Source {
    place: Place,
    reader: Option<Reader>,
    /// Epoch and start of the server in the last sample.
    known: Option<(u64, u64)>,
}

impl Source {
    /// Opens nothing yet.
    pub fn new(place: Place) -> Source {
        Source { place, reader: None, known: None }
    }

    /// The key that is read.
    pub fn key(&self) -> Key {
        self.place.segment_key
    }

    /// How the server is at this moment, and what it has counted.
    pub fn read(&mut self, now: Now) -> Result<Sample, ReadError> {
        let liveness = self.look(now)?;
        let reader = self.reader.as_mut().expect("somebody was looked at");
        let (snapshot, copied) = copy(reader, self.place.guard_wait)?;
        let server = server(reader, now);
        let room_fields = reader.room_counters().cloned().collect();
        let incarnation = (server.epoch, server.started_ms);
        let renewed = self.known.is_some_and(|known| known != incarnation);
        let silent = server.silent;
        let state = match liveness {
            Liveness::Stale { silent } => State::Stale { silent },
            Liveness::Dead { silent } => State::Dead { silent },
            Liveness::Stopped => State::Stopped { silent },
            Liveness::Retired => State::Retired(self.successor()),
            Liveness::Live | Liveness::Restarted { .. } if renewed => State::Restarted,
            Liveness::Live | Liveness::Restarted { .. } => State::Live,
        };
        self.known = Some(incarnation);
        Ok(Sample { taken: now, state, server, snapshot, room_fields, copied })
    }

    /// The room's history: all of it, or what came after the cursor.
    pub fn history(&mut self, room: &str, after: Option<&Cursor>) -> Result<History, ReadError> {
        let reader = self.open()?;
        match after {
            Some(cursor) => reader.follow(room, cursor),
            None => reader.history(room),
        }
    }

    /// How the server is. Leaves a segment that was replaced.
    pub fn look(&mut self, now: Now) -> Result<Liveness, ReadError> {
        let liveness = self.open()?.liveness(now);
        if liveness != Liveness::Retired {
            return Ok(liveness);
        }
        let Ok(mut successor) = self.attach() else { return Ok(Liveness::Retired) };
        let liveness = successor.liveness(now);
        self.reader = Some(successor);
        Ok(liveness)
    }

    /// What is under the key instead of what was read.
    fn successor(&self) -> Successor {
        match self.attach() {
            Err(ReadError::Absent { .. }) => Successor::Nothing,
            Err(_) => Successor::Unreadable,
            // It has come since: the next look reads it.
            Ok(_) => Successor::Unknown,
        }
    }

    fn open(&mut self) -> Result<&mut Reader, ReadError> {
        if self.reader.is_none() {
            self.reader = Some(self.attach()?);
        }
        Ok(self.reader.as_mut().expect("it was just opened"))
    }

    fn attach(&self) -> Result<Reader, ReadError> {
        let reader = Reader::open(self.place.segment_key, None)?;
        match self.place.semaphore_key {
            Some(key) if key != reader.semaphore_key() => Err(ReadError::Unguarded(format!(
                "the segment {} names the semaphores {}, not {key}",
                reader.key(),
                reader.semaphore_key()
            ))),
            Some(_) | None => Ok(reader),
        }
    }
}

/// The counters, under the guard if it can be had in time.
fn copy(reader: &mut Reader, wait: Option<Duration>) -> Result<(Snapshot, Copied), ReadError> {
    let Some(wait) = wait else { return Ok((reader.look()?.clone(), Copied::Free)) };
    let begin = Instant::now();
    match reader.look_guarded(wait).cloned() {
        Ok(snapshot) => Ok((snapshot, Copied::Guarded(begin.elapsed()))),
        Err(why @ (ReadError::Busy { .. } | ReadError::Unguarded(_) | ReadError::Overrun)) => {
            Ok((reader.look()?.clone(), Copied::Unguarded(why.to_string())))
        }
        Err(error) => Err(error),
    }
}

fn server(reader: &Reader, now: Now) -> Server {
    let (beat_boot_us, heartbeat_ms) = reader.heartbeat();
    Server {
        key: reader.key(),
        semaphore_key: reader.semaphore_key(),
        id: reader.id(),
        owner: reader.owner(),
        pid: reader.pid(),
        epoch: reader.epoch(),
        layout: reader.version(),
        started_ms: reader.started_ms(),
        heartbeat_ms,
        silent: Duration::from_micros(now.boot_us.saturating_sub(beat_boot_us)),
        bytes: reader.bytes(),
    }
}
