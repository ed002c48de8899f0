//! Publication: once per turn of the server's loop, never waiting for longer than the settings say.

use std::sync::atomic::{Ordering, fence};
use std::time::{Duration, Instant};

use crate::guard::{Guard, Taken};
use crate::layout::{ROOM_NAME_BYTES, copy, header, ring};
use crate::object::{self, EPOCH_MAX};
use crate::text::{pack, words_of};
use crate::writer::{Writer, retire};
use crate::{Now, OpenError, builtin, sys};

/// What [`Writer::publish`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Published {
    /// There was nothing to publish.
    Idle,
    /// The last publication is less than a tick ago.
    Early,
    /// A reader holds the guard; what there is waits for the next attempt.
    Deferred,
    /// Everything reported so far can be read.
    Done,
    /// The same, over a living reader that has held the guard past the lease.
    Overrun,
    /// The same, without a guard, because somebody else has its key.
    Unguarded,
    /// Another server has taken the segment: nothing is written any more.
    Usurped,
}

/// When what was done last, in microseconds since boot.
#[derive(Debug)]
pub(crate) struct Pace {
    /// The last publication or attempt; `None` before the first.
    attempt: Option<u64>,
    beat: u64,
    check: u64,
    /// The first attempt that met a held guard, and how many have since.
    busy: Option<(u64, u32)>,
    wait: Option<u64>,
}

impl Pace {
    pub fn new(now: Now) -> Pace {
        Pace { attempt: None, beat: now.boot_us, check: now.boot_us, busy: None, wait: None }
    }
}

fn micros(duration: Duration) -> u64 {
    duration.as_micros() as u64
}

/// Whether `interval` has passed since `last`.
fn due(now: Now, last: u64, interval: Duration) -> bool {
    now.boot_us.saturating_sub(last) >= micros(interval)
}

impl Writer {
    /// Publishes what was reported, if it is time. To be called once per turn; it takes at most the settings' `wait`
    /// longer than the copying, and that at most once per `wait_every`.
    pub fn publish(&mut self, now: Now) -> Published {
        if due(now, self.pace.check, self.settings.check_every) {
            self.pace.check = now.boot_us;
            self.check(now);
        }
        if self.is_usurped() {
            self.usurped();
            return Published::Usurped;
        }
        if due(now, self.pace.beat, self.settings.heartbeat_every) {
            self.beat(now);
        }
        if self.pace.attempt.is_some_and(|attempt| !due(now, attempt, self.pause())) {
            return Published::Early;
        }
        self.stage.settle(now);
        if !self.stage.is_dirty() {
            return Published::Idle;
        }
        self.pace.attempt = Some(now.boot_us);
        let Some(guard) = self.guard else {
            return self.publish_unguarded(now);
        };
        match self.take(&guard, now) {
            Taken::Yes => {
                self.pace.busy = None;
                let held = Instant::now();
                self.write(now);
                guard.release();
                self.account_hold(held.elapsed());
                Published::Done
            }
            Taken::Busy => self.defer(&guard, now),
            Taken::Gone => {
                self.renew_guard();
                self.publish_unguarded(now)
            }
            // The kernel has no memory for the undo, or somebody has taken away the permission.
            Taken::Refused(errno) => {
                self.trouble = Some(OpenError::System { what: "cannot take the guard", errno });
                self.publish_unguarded(now)
            }
        }
    }

    /// Publishes without a guard, unless that is so because another server has it.
    fn publish_unguarded(&mut self, now: Now) -> Published {
        if self.is_replaced() {
            self.usurped();
            return Published::Usurped;
        }
        self.write(now);
        Published::Unguarded
    }

    /// How long the loop may sleep before it must call [`Writer::publish`] again.
    pub fn next_publish(&self, now: Now) -> Duration {
        let beat = self.pace.beat + micros(self.settings.heartbeat_every);
        let mut next = beat.min(self.pace.check + micros(self.settings.check_every));
        if self.stage.is_dirty() {
            next = next.min(self.pace.attempt.map_or(0, |attempt| attempt + micros(self.pause())));
        }
        Duration::from_micros(next.saturating_sub(now.boot_us))
    }

    /// How long after the last attempt the next one is made.
    fn pause(&self) -> Duration {
        if self.pace.busy.is_some() { self.settings.retry } else { self.settings.tick }
    }

    /// Whether another server writes the segment, or is about to.
    pub(crate) fn is_replaced(&self) -> bool {
        self.is_usurped() || matches!(self.trouble, Some(OpenError::Running { .. }))
    }

    /// The last publication: waits for the guard once, and does without it if need be.
    pub(crate) fn publish_last(&mut self, now: Now) {
        self.stage.settle_all(now);
        let taken = self.guard.is_some_and(|guard| guard.take(Some(self.settings.wait)) == Taken::Yes);
        self.write(now);
        self.beat(now);
        if let (true, Some(guard)) = (taken, self.guard) {
            guard.release();
        }
    }

    /// Tries at once; if that was in vain several times, waits a little, but rarely.
    fn take(&mut self, guard: &Guard, now: Now) -> Taken {
        let taken = guard.take(None);
        let tried = self.pace.busy.map_or(0, |(_, tries)| tries);
        let rested = self.pace.wait.is_none_or(|wait| due(now, wait, self.settings.wait_every));
        if taken != Taken::Busy || tried < self.settings.wait_after_tries || !rested {
            return taken;
        }
        self.pace.wait = Some(now.boot_us);
        let waited = Instant::now();
        let taken = guard.take(Some(self.settings.wait));
        let nanos = waited.elapsed().as_nanos() as u64;
        self.statistics.wait_max_ns = self.statistics.wait_max_ns.max(nanos);
        self.account(|stage| stage.observe_server_built_in(builtin::WAIT, nanos));
        taken
    }

    /// The guard is held: later, or past the lease nevertheless.
    fn defer(&mut self, guard: &Guard, now: Now) -> Published {
        let (since, tries) = self.pace.busy.unwrap_or((now.boot_us, 0));
        self.pace.busy = Some((since, tries + 1));
        self.statistics.deferred += 1;
        self.account(|stage| stage.add_server_built_in(builtin::DEFERRED, 1));
        if !due(now, since, self.settings.lease) {
            return Published::Deferred;
        }
        self.pace.busy = None;
        if guard.heal() {
            self.statistics.healed += 1;
            self.account(|stage| stage.add_server_built_in(builtin::HEALED, 1));
            // Whoever takes it at once again is a living reader, for whom the lease begins anew.
            if guard.take(None) != Taken::Yes {
                return Published::Deferred;
            }
            self.write(now);
            guard.release();
            return Published::Done;
        }
        self.statistics.overrun += 1;
        self.account(|stage| stage.add_server_built_in(builtin::OVERRUN, 1));
        self.write(now);
        Published::Overrun
    }

    /// Writes all that the segment lacks. At each point, what the active copy and the rings say is whole.
    pub(crate) fn write(&mut self, now: Now) {
        self.write_generation(now);
        if std::mem::take(&mut self.stage.erased) {
            // What was erased must go from the other copy too.
            self.write_generation(now);
        }
        self.statistics.published += 1;
        self.account(|stage| stage.add_server_built_in(builtin::PUBLISHED, 1));
    }

    fn write_generation(&mut self, now: Now) {
        let next = self.generation + 1;
        let mut words = 3;
        self.mapping.store(header::INTENT, next);
        fence(Ordering::Release);
        let mut ringing = std::mem::take(&mut self.stage.ringing);
        for slot in ringing.drain(..) {
            words += self.write_ring(slot);
        }
        self.stage.ringing = ringing;
        let base = self.stage.geometry.copy(next);
        self.stage.image.supply((next & 1) as usize, |at, part| {
            words += part.len();
            self.mapping.write(base + at, part);
        });
        // Of these the image knows nothing.
        for (field, word) in
            [(copy::COPY_GEN, next), (copy::SAMPLE_US, now.boot_us), (copy::SAMPLE_MS, now.wall_ms)]
        {
            self.mapping.store(base + field, word);
        }
        fence(Ordering::Release);
        self.mapping.store(header::GEN, next);
        self.generation = next;
        self.statistics.words += words as u64;
        self.account(|stage| stage.add_server_built_in(builtin::WORDS, words as u64));
    }

    /// Writes what a room's ring has and the segment has not. Says how many words.
    fn write_ring(&mut self, slot: usize) -> usize {
        let row = self.stage.geometry.ring_row(slot);
        let area = self.stage.geometry.ring(slot);
        let room = &mut self.stage.slots[slot];
        room.ringing = false;
        let mut words = 0;
        if std::mem::take(&mut room.wipe) {
            self.mapping.store(row + ring::TENURE, 0);
            fence(Ordering::Release);
            self.mapping.erase(area, self.stage.geometry.words(header::RING_BYTES));
            self.mapping.erase(row + ring::HEAD, crate::layout::RING_ROW_WORDS - ring::HEAD);
        }
        if std::mem::take(&mut room.blank) {
            // All records lie before the new head: nobody believes in what is erased now.
            self.mapping.store(row + ring::HEAD, room.ring.head);
            fence(Ordering::Release);
            self.mapping.erase(area, self.stage.geometry.words(header::RING_BYTES));
            fence(Ordering::Release);
            self.mapping.store(row + ring::TAIL, room.ring.head);
        }
        let from = room.ring.published.max(room.ring.head);
        if std::mem::take(&mut room.rename) && room.tenure != 0 {
            self.mapping.store(row + ring::TENURE, 0);
            fence(Ordering::Release);
            let mut name = [0; ROOM_NAME_BYTES / 8];
            pack(&room.name, ROOM_NAME_BYTES, &mut name);
            self.mapping.write(row + ring::NAME, &name);
            self.mapping.store(row + ring::NAME_CRC, name_crc(room.tenure, &name));
            self.mapping.store(row + ring::HEAD, room.ring.head);
            self.mapping.store(row + ring::TAIL, from);
            fence(Ordering::Release);
            self.mapping.store(row + ring::TENURE, room.tenure);
            words += name.len() + 5;
        }
        let repair = std::mem::take(&mut room.repair);
        if repair || room.ring.tail > room.ring.published {
            // Nobody may believe any more in what is overwritten now, nor yet in what is written.
            self.mapping.store(row + ring::HEAD, room.ring.head);
            fence(Ordering::Release);
            for (at, piece) in room.ring.unpublished() {
                self.mapping.write_bytes(area + at / 8, piece);
                words += piece.len() / 8;
            }
            fence(Ordering::Release);
            self.mapping.store(row + ring::SEQUENCE, room.ring.sequence);
            self.mapping.store(row + ring::DROPPED, room.ring.dropped);
            self.mapping.store(row + ring::TAIL, room.ring.tail);
            room.ring.published = room.ring.tail;
            words += 4;
        }
        words
    }

    /// Shows that the server lives. Needs no guard: a reader that holds it must not make the server look dead.
    fn beat(&mut self, now: Now) {
        self.pace.beat = now.boot_us;
        self.mapping.store(header::BEAT_BOOT_US, now.boot_us);
        self.mapping.store(header::BEAT_WALL_MS, now.wall_ms);
    }

    /// Looks whether segment and semaphores are still those under the keys, and makes new ones if not.
    fn check(&mut self, now: Now) {
        self.trouble = None;
        if self.guard.is_none_or(|guard| !guard.is_current(self.settings.semaphore_key)) {
            self.renew_guard();
        }
        // Without the guard another server may live on the segment; but not on a stranger's semaphores.
        let alone = self.guard.is_some() || matches!(self.trouble, Some(OpenError::ForeignSemaphores { .. }));
        if alone && (!self.is_current_segment() || self.is_doomed() || self.is_usurped()) {
            self.renew_segment(now);
        }
    }

    fn is_doomed(&self) -> bool {
        !sys::segment_status(self.mapping.id()).is_ok_and(|status| !status.doomed)
    }

    /// The set was removed: a new one, unless somebody else was faster.
    fn renew_guard(&mut self) {
        let settings = &self.settings;
        match Guard::serve(settings.semaphore_key, settings.semaphore_mode, settings.group) {
            Ok(guard) => {
                self.guard = Some(guard);
                self.pace.busy = None;
                self.recovered();
            }
            Err(error) => {
                self.guard = None;
                self.trouble = Some(error);
            }
        }
    }

    /// The segment was removed: a new one with everything, and the old one says so to those who still read it.
    fn renew_segment(&mut self, now: Now) {
        let mut incarnation = self.incarnation;
        if self.is_usurped() {
            // After the other server's, if that is one and not damage.
            let other = Some(self.mapping.load(header::EPOCH)).filter(|&epoch| epoch <= EPOCH_MAX);
            incarnation.epoch = incarnation.epoch.max(other.unwrap_or(0)) + 1;
        }
        let mapping = match object::create(&self.settings, &self.stage.geometry) {
            Ok(mapping) => mapping,
            Err(error) => {
                self.trouble = Some(error);
                return;
            }
        };
        object::build(&mapping, &self.settings, &self.stage.geometry, &self.directory, incarnation, now);
        // The mode was given at creation; without the group, readers of the group must wait for the next server.
        if let Err(errno) = sys::segment_grant(mapping.id(), self.settings.segment_mode, self.settings.group)
        {
            self.trouble =
                Some(OpenError::System { what: "cannot set mode and group of the segment", errno });
        }
        retire(&self.mapping, &mapping);
        self.mapping = mapping;
        self.incarnation = incarnation;
        self.generation = 0;
        self.stage.publish_anew();
        self.recovered();
    }

    fn usurped(&mut self) {
        if self.trouble.is_none() {
            let pid = (self.mapping.load(header::PID) as u32).cast_signed();
            self.trouble = Some(OpenError::Running { key: self.settings.semaphore_key, pid });
        }
    }

    fn recovered(&mut self) {
        self.statistics.recovered += 1;
        self.account(|stage| stage.add_server_built_in(builtin::RECOVERED, 1));
    }

    fn account_hold(&mut self, held: Duration) {
        let nanos = held.as_nanos() as u64;
        self.statistics.hold_max_ns = self.statistics.hold_max_ns.max(nanos);
        self.account(|stage| stage.observe_server_built_in(builtin::HOLD, nanos));
    }

    /// What a publication says about itself goes with the next one, and does not cause one.
    fn account(&mut self, change: impl FnOnce(&mut crate::Stage)) {
        let fresh = self.stage.image.is_fresh();
        change(&mut self.stage);
        self.stage.image.set_fresh(fresh);
    }
}

/// The check of a row's name.
pub(crate) fn name_crc(tenure: u64, name: &[u64]) -> u64 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&tenure.to_le_bytes());
    hasher.update(&words_of(name));
    hasher.finalize().into()
}
