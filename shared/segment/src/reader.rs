//! Everybody else: reads at any time, with or without the guard, and never trusts what is read.

use std::sync::Arc;
use std::sync::atomic::{Ordering, fence};
use std::time::{Duration, Instant};

use nix::errno::Errno;

use crate::guard::{Guard, Taken};
use crate::history::{copy_ring, history_of};
use crate::layout::header;
use crate::look::Last;
use crate::map::{Access, Mapping};
use crate::object::View;
use crate::snapshot::{Cut, Raw, Snapshot};
use crate::{About, Key, ReadError, sys};

/// How often a snapshot is begun again because the server was faster.
const ATTEMPTS_MAX: usize = 64;

/// A reader of one segment.
#[derive(Debug)]
pub struct Reader {
    pub(crate) key: Key,
    pub(crate) mapping: Mapping,
    pub(crate) view: View,
    pub(crate) guard: Option<Guard>,
    pub(crate) epoch: u64,
    pub(crate) last: Option<Box<Last>>,
    owner: u32,
}

impl Reader {
    /// Opens the segment under the key, read only. With an `owner`, somebody else's segment is refused.
    pub fn open(key: Key, owner: Option<u32>) -> Result<Reader, ReadError> {
        let failed = |what| {
            move |errno| match errno {
                Errno::ENOENT | Errno::EIDRM | Errno::EINVAL => ReadError::Absent { key },
                Errno::EACCES => ReadError::Denied { key },
                errno => ReadError::System { what, errno },
            }
        };
        let id = sys::segment_id(key.0).map_err(failed("cannot find the segment"))?;
        let status = sys::segment_status(id).map_err(failed("cannot look at the segment"))?;
        let expected = owner.unwrap_or(status.uid);
        if status.uid != expected || status.creator_uid != expected {
            let uid = if status.uid == expected { status.creator_uid } else { status.uid };
            return Err(ReadError::Foreign { key, uid });
        }
        let mapping = Mapping::attach(id, Access::Read).map_err(failed("cannot attach the segment"))?;
        let view = View::open(&mapping)?;
        let epoch = mapping.load(header::EPOCH);
        let mut reader = Reader { key, mapping, view, guard: None, epoch, last: None, owner: expected };
        reader.guard = reader.find_guard();
        Ok(reader)
    }

    /// The counters, without the guard: needs only permission to read, and disturbs nobody.
    pub fn snapshot(&self) -> Result<Snapshot, ReadError> {
        let mut raw = Raw::default();
        let generation = self.copy(&mut raw, &Raw::default())?;
        raw.snapshot(&self.view, generation)
    }

    /// Copies the counters without the guard. Says of which generation they are.
    pub(crate) fn copy(&self, raw: &mut Raw, before: &Raw) -> Result<u64, ReadError> {
        let mut seen = None;
        for _ in 0..ATTEMPTS_MAX {
            let generation = self.mapping.load(header::GEN);
            fence(Ordering::Acquire);
            raw.copy_again(&self.mapping, &self.view.geometry, generation, before);
            fence(Ordering::Acquire);
            let intent = self.mapping.load(header::INTENT);
            // One ahead is the other copy being written.
            if intent.wrapping_sub(generation) <= 1 {
                return Ok(generation);
            }
            if seen == Some((generation, intent)) {
                let what = format!("the generation is {generation} and the intent {intent}");
                return Err(ReadError::Damaged(what));
            }
            seen = Some((generation, intent));
        }
        Err(ReadError::Outpaced)
    }

    /// The counters, under the guard. To be preferred where a reader wants to be sure to get them under any load.
    pub fn snapshot_guarded(&self, deadline: Duration) -> Result<Snapshot, ReadError> {
        let mut raw = Raw::default();
        let ((), generation, _) = self.guarded(deadline, |generation| {
            raw.copy_again(&self.mapping, &self.view.geometry, generation, &Raw::default());
        })?;
        raw.snapshot(&self.view, generation)
    }

    /// Counters and all histories under the guard: one atomic cut of everything. Copying takes about a millisecond
    /// with the default sizes and full rings, in which the server does not publish.
    pub fn cut(&self, deadline: Duration) -> Result<Cut, ReadError> {
        let geometry = &self.view.geometry;
        let ((raw, rings), generation, whole) = self.guarded(deadline, |generation| {
            let slots = 0..geometry.count(header::ROOM_SLOTS);
            let rings: Vec<_> = slots.map(|slot| copy_ring(&self.mapping, geometry, slot, 0)).collect();
            (Raw::copy(&self.mapping, geometry, generation), rings)
        })?;
        let snapshot = raw.snapshot(&self.view, generation)?;
        let mut histories = Vec::new();
        for ring in rings {
            if let Some(ring) = ring? {
                let history = history_of(&ring, None)?;
                histories.push((ring.name, history));
            }
        }
        Ok(Cut { snapshot, histories, whole })
    }

    /// Copies under the guard, releases it, and only then judges. Says whether no publication was under way.
    pub(crate) fn guarded<T>(
        &self,
        deadline: Duration,
        copy: impl FnOnce(u64) -> T,
    ) -> Result<(T, u64, bool), ReadError> {
        let guard = self.take(deadline)?;
        let before = (self.mapping.load(header::GEN), self.mapping.load(header::INTENT));
        fence(Ordering::Acquire);
        let copied = copy(before.0);
        fence(Ordering::Acquire);
        let after = (self.mapping.load(header::GEN), self.mapping.load(header::INTENT));
        guard.release();
        if before != after {
            return Err(ReadError::Overrun);
        }
        if before.1.wrapping_sub(before.0) > 1 {
            let what = format!("the generation is {} and the intent {}", before.0, before.1);
            return Err(ReadError::Damaged(what));
        }
        Ok((copied, before.0, before.0 == before.1))
    }

    /// Takes the guard; the set may have been made anew since it was opened.
    fn take(&self, deadline: Duration) -> Result<Guard, ReadError> {
        let end = Instant::now() + deadline;
        let mut guard = self.guard;
        for _ in 0..2 {
            let Some(current) = guard.or_else(|| self.find_guard()) else {
                let key = self.semaphore_key();
                return Err(ReadError::Unguarded(format!(
                    "there are no semaphores of the server under {key}"
                )));
            };
            match current.take_until(end) {
                Taken::Yes => return Ok(current),
                Taken::Busy => return Err(ReadError::Busy { holder: current.holder() }),
                Taken::Refused(errno) => return Err(ReadError::Unguarded(errno.desc().to_owned())),
                Taken::Gone => guard = None,
            }
        }
        Err(ReadError::Unguarded("the semaphores have just been removed".to_owned()))
    }

    /// The server's semaphores, if they are the owner's: a stranger's could be held for ever.
    pub(crate) fn find_guard(&self) -> Option<Guard> {
        let guard = Guard::find(self.semaphore_key()).ok()??;
        (guard.owner() == Ok((self.owner, self.owner))).then_some(guard)
    }

    /// The kernel's number of the segment, as `ipcs` shows it.
    pub fn id(&self) -> i32 {
        self.mapping.id()
    }

    /// The key by which the segment was opened.
    pub fn key(&self) -> Key {
        self.key
    }

    /// The key of the guard.
    pub fn semaphore_key(&self) -> Key {
        Key((self.mapping.load(header::SEMAPHORE_KEY) as u32).cast_signed())
    }

    /// The server's process.
    pub fn pid(&self) -> i32 {
        (self.mapping.load(header::PID) as u32).cast_signed()
    }

    /// The user whose segment it is.
    pub fn owner(&self) -> u32 {
        self.owner
    }

    /// The server's incarnation.
    pub fn epoch(&self) -> u64 {
        self.mapping.load(header::EPOCH)
    }

    /// Major and minor version of the layout.
    pub fn version(&self) -> (u64, u64) {
        let version = self.mapping.load(header::VERSION);
        (version >> 16, version & 0xffff)
    }

    /// When the server took the segment, in milliseconds since 1970.
    pub fn started_ms(&self) -> u64 {
        self.mapping.load(header::STARTED_MS)
    }

    /// When the server last lived: microseconds since boot, and milliseconds since 1970.
    pub fn heartbeat(&self) -> (u64, u64) {
        (self.mapping.load(header::BEAT_BOOT_US), self.mapping.load(header::BEAT_WALL_MS))
    }

    /// What is counted in each room, also while there is none.
    pub fn room_counters(&self) -> impl Iterator<Item = &Arc<About>> {
        self.view.in_room.iter().map(|entry| &entry.about)
    }

    /// The number of the last publication: if it has not moved, a snapshot would say the same.
    pub fn generation(&self) -> u64 {
        self.mapping.load(header::GEN)
    }

    /// Bytes of the segment.
    pub fn bytes(&self) -> usize {
        self.mapping.len() * 8
    }
}
