//! The one process that writes: opening and stopping. [`crate::publish`] has what lies between.

use crate::adopt::{self, Adoption, Inheritance};
use crate::directory::CounterRow;
use crate::geometry::Geometry;
use crate::guard::Guard;
use crate::layout::{DIRECTORY_ROWS_MAX, NAME_BYTES, header};
use crate::map::Mapping;
use crate::object::{self, Incarnation, View};
use crate::stage::{self, Stage};
use crate::{Now, OpenError, ReadError, Settings, sys};

/// What publication has cost and met so far. The same numbers are counters in the segment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Publications of changes.
    pub published: u64,
    /// Ticks in which a reader held the guard.
    pub deferred: u64,
    /// Publications over a living reader that held the guard past the lease.
    pub overrun: u64,
    /// Guards taken back from the dead.
    pub healed: u64,
    /// Objects created again after somebody removed them.
    pub recovered: u64,
    /// Words written.
    pub words: u64,
    /// Longest time the guard was held, in nanoseconds.
    pub hold_max_ns: u64,
    /// Longest time the guard was waited for, in nanoseconds.
    pub wait_max_ns: u64,
}

/// The server's end of the segment.
#[derive(Debug)]
pub struct Writer {
    pub(crate) settings: Settings,
    pub(crate) stage: Stage,
    pub(crate) directory: Vec<u64>,
    /// `None` while somebody else has the key: then it is published without.
    pub(crate) guard: Option<Guard>,
    pub(crate) mapping: Mapping,
    pub(crate) incarnation: Incarnation,
    pub(crate) generation: u64,
    pub(crate) statistics: Statistics,
    pub(crate) pace: crate::publish::Pace,
    /// Why the objects are not as they should be.
    pub(crate) trouble: Option<OpenError>,
}

impl Writer {
    /// Creates the segment and the semaphores, or adopts what an earlier server of this user left.
    ///
    /// The kernel ties the server's life to this process: a server that forks to become a daemon must do so before.
    ///
    /// Each table becomes a part of the segment's directory; a [`CounterId`](crate::CounterId) is the index of a row.
    pub fn open(
        settings: Settings,
        counters: &'static [CounterRow],
        room_counters: &'static [CounterRow],
        now: Now,
    ) -> Result<(Writer, Adoption), OpenError> {
        settings.check().map_err(OpenError::Settings)?;
        let (server, in_room) = stage::blocks(counters, room_counters);
        for block in [&server, &in_room] {
            if let Some(name) = block.repeated_name() {
                return Err(OpenError::Settings(format!("two counters have the name {name}")));
            }
            if let Some((row, _)) = block.rows().find(|(row, _)| row.name.len() > NAME_BYTES) {
                return Err(OpenError::Settings(format!(
                    "a name of more than {NAME_BYTES} bytes: {}",
                    row.name
                )));
            }
        }
        if let Some(row) = room_counters.iter().find(|row| row.kind == crate::CounterKind::Histogram) {
            return Err(OpenError::Settings(format!("{}: a room has no histograms", row.name)));
        }
        if (server.len() + in_room.len()) as u64 > DIRECTORY_ROWS_MAX {
            return Err(OpenError::Settings("too many counters".to_owned()));
        }
        let rows = server.len() + in_room.len();
        let geometry = Geometry::plan(&settings, rows, server.words, in_room.words);
        let directory = object::directory_words(&server, &in_room);
        let stage = Stage::new(geometry, server, in_room, counters.len(), room_counters.len());
        let guard = Guard::serve(settings.semaphore_key, settings.semaphore_mode, settings.group)?;
        let opened = Writer::claim(settings, stage, directory, guard, now);
        if opened.is_err() {
            guard.leave();
        }
        opened
    }

    /// With the semaphores taken, the segment.
    fn claim(
        settings: Settings,
        mut stage: Stage,
        directory: Vec<u64>,
        guard: Guard,
        now: Now,
    ) -> Result<(Writer, Adoption), OpenError> {
        let found = object::find_own(settings.segment_key)?;
        let (inheritance, why) = match &found {
            None => (None, None),
            Some(mapping) => match inherit(mapping, &settings) {
                Ok(inheritance) => (Some(inheritance), None),
                Err(ReadError::Newer { major }) => return Err(OpenError::Newer { major }),
                Err(other) => (None, Some(other.to_string())),
            },
        };
        if let (Some(mapping), Some(_)) = (&found, &inheritance) {
            refuse_other_server(mapping, &settings)?;
        }
        let before = inheritance.as_ref().map_or(0, |inheritance| inheritance.epoch);
        let incarnation = Incarnation { epoch: before + 1, started_ms: now.wall_ms };
        // Tenures of different segments differ, so that a reader's place in a history is never taken for another's.
        stage.tenure = now.wall_ms.min(1 << 41) << 20;
        let (mapping, generation, adoption) = match (found, inheritance) {
            (Some(mapping), Some(inheritance)) if inheritance.fits(&stage, &directory) => {
                let generation = inheritance.generation;
                let adoption = adopt::into_place(inheritance, incarnation.epoch, &mut stage, now);
                object::inscribe(&mapping, &settings, incarnation, now);
                stage.image.touch_all();
                (mapping, generation, adoption)
            }
            (found, inheritance) => {
                let mapping = object::create(&settings, &stage.geometry)?;
                object::build(&mapping, &settings, &stage.geometry, &directory, incarnation, now);
                if let Some(old) = &found {
                    retire(old, &mapping);
                }
                let adoption = match (inheritance, why) {
                    (Some(inheritance), _) => {
                        adopt::elsewhere(inheritance, incarnation.epoch, &mut stage, now)
                    }
                    (None, Some(why)) => Adoption::Replaced { why },
                    (None, None) => Adoption::Created,
                };
                (mapping, 0, adoption)
            }
        };
        let granted = sys::segment_grant(mapping.id(), settings.segment_mode, settings.group);
        granted
            .map_err(|errno| OpenError::System { what: "cannot set mode and group of the segment", errno })?;
        let mut writer = Writer {
            pace: crate::publish::Pace::new(now),
            settings,
            stage,
            directory,
            guard: Some(guard),
            mapping,
            incarnation,
            generation,
            statistics: Statistics::default(),
            trouble: None,
        };
        if let Adoption::Adopted { moved: true, .. } = adoption {
            // The old segment is gone: without this, a kill before the first tick would lose the histories.
            writer.stage.settle(now);
            writer.write(now);
        }
        Ok((writer, adoption))
    }

    /// Where the server reports what happens.
    pub fn stage(&mut self) -> &mut Stage {
        &mut self.stage
    }

    /// Publishes what there is, marks a clean stop, and removes the objects if that is set.
    pub fn stop(mut self, now: Now) {
        if self.is_replaced() {
            return;
        }
        self.publish_last(now);
        self.mapping.store(header::STATE, object::STOPPED);
        if self.settings.remove_at_stop && self.is_current_segment() {
            // Removed by somebody else just now is removed as well.
            let _ = sys::segment_remove(self.mapping.id());
            if let Some(guard) = self.guard.take() {
                let _ = guard.remove();
            }
        }
    }

    /// The incarnation of the server: 1 for the first one on this segment.
    pub fn epoch(&self) -> u64 {
        self.incarnation.epoch
    }

    /// What publication has cost and met so far.
    pub fn statistics(&self) -> &Statistics {
        &self.statistics
    }

    /// Why the segment or the guard are not as they should be at the moment; it is retried once a second.
    pub fn trouble(&self) -> Option<&OpenError> {
        self.trouble.as_ref()
    }

    /// Whether the segment under the key is the one written to.
    pub(crate) fn is_current_segment(&self) -> bool {
        sys::segment_id(self.settings.segment_key.0) == Ok(self.mapping.id())
    }

    /// Whether another server has adopted the segment, which can only be if the semaphores were removed.
    pub(crate) fn is_usurped(&self) -> bool {
        self.mapping.load(header::EPOCH) != self.incarnation.epoch
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if let Some(guard) = &self.guard {
            guard.leave();
        }
    }
}

/// Reads all that an earlier server left.
fn inherit(mapping: &Mapping, settings: &Settings) -> Result<Inheritance, ReadError> {
    let view = View::open(mapping)?;
    if mapping.load(header::OWNER_UID) != u64::from(sys::user()) {
        return Err(ReadError::Damaged("it names another owner".to_owned()));
    }
    adopt::read(mapping, view, settings)
}

/// A server may live that uses this segment with other semaphores.
fn refuse_other_server(mapping: &Mapping, settings: &Settings) -> Result<(), OpenError> {
    let key = crate::Key((mapping.load(header::SEMAPHORE_KEY) as u32).cast_signed());
    if key == settings.semaphore_key {
        return Ok(());
    }
    let Ok(Some(other)) = Guard::find(key) else { return Ok(()) };
    if other.serving() == Some(true) {
        return Err(OpenError::Running { key, pid: other.server_pid().unwrap_or(0) });
    }
    Ok(())
}

/// Tells those who read the old segment where to look instead.
pub(crate) fn retire(old: &Mapping, successor: &Mapping) {
    if old.len() > header::SUCCESSOR {
        old.store(header::SUCCESSOR, successor.id().cast_unsigned() as u64 + 1);
        old.store(header::STATE, object::RETIRED);
    }
}
