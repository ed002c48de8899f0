//! The segment as a System V object: finding, creating, removing.

use nix::errno::Errno;

use crate::directory::{Block, Entry, Scope};
use crate::geometry::{Geometry, static_crc};
use crate::layout::{HEADER_WORDS, MAGIC, STATIC_WORDS, VERSION_MAJOR, VERSION_MINOR, directory, header};
use crate::map::{Access, Mapping};
use crate::text::words_of;
use crate::{Key, Now, OpenError, ReadError, Settings, sys};

/// Values of the header's `STATE`.
pub(crate) const LIVE: u64 = 1;
pub(crate) const STOPPED: u64 = 2;
pub(crate) const RETIRED: u64 = 3;

/// No machine has started so many servers.
pub(crate) const EPOCH_MAX: u64 = u32::MAX as u64;

/// A checked header: where everything lies, and what the counters are called.
#[derive(Debug)]
pub(crate) struct View {
    pub geometry: Geometry,
    pub server: Vec<Entry>,
    pub in_room: Vec<Entry>,
    pub directory_crc: u64,
}

impl View {
    /// Believes a segment only after checking all that does not change.
    pub fn open(mapping: &Mapping) -> Result<View, ReadError> {
        let damaged = ReadError::Damaged;
        if mapping.len() < HEADER_WORDS {
            return Err(damaged(format!("{} bytes are no segment", mapping.len() * 8)));
        }
        let magic = mapping.load(header::MAGIC);
        if magic == 0 {
            return Err(ReadError::Unready);
        }
        if magic != MAGIC {
            return Err(damaged("it is not a Parlor segment".to_owned()));
        }
        let mut words = Vec::with_capacity(STATIC_WORDS);
        mapping.copy(0, STATIC_WORDS, &mut words);
        let major = words[header::VERSION] >> 16;
        if major > VERSION_MAJOR {
            return Err(ReadError::Newer { major });
        }
        if major != VERSION_MAJOR {
            return Err(damaged(format!("there is no layout {major}")));
        }
        if words[header::STATIC_CRC] != static_crc(&words) {
            return Err(damaged("the header's CRC is wrong".to_owned()));
        }
        let geometry = Geometry::read(&words, mapping.len() * 8).map_err(damaged)?;
        View::describe(mapping, geometry, words[header::DIRECTORY_CRC])
    }

    fn describe(mapping: &Mapping, geometry: Geometry, directory_crc: u64) -> Result<View, ReadError> {
        let row_words = geometry.words(header::DIRECTORY_ROW_BYTES);
        let mut rows = Vec::new();
        mapping.copy(
            geometry.words(header::DIRECTORY_AT),
            row_words * geometry.count(header::DIRECTORY_ROWS),
            &mut rows,
        );
        if u64::from(crc32fast::hash(&words_of(&rows))) != directory_crc {
            return Err(ReadError::Damaged("the directory's CRC is wrong".to_owned()));
        }
        let (mut server, mut in_room) = (Vec::new(), Vec::new());
        for row in rows.chunks_exact(row_words) {
            let (entries, field) = match row[directory::SCOPE] {
                0 => (&mut server, header::VALUES_WORDS),
                1 => (&mut in_room, header::ROOM_VALUES_WORDS),
                // A later minor version may count other things.
                _ => continue,
            };
            entries.extend(Entry::decode(row, geometry.count(field)).map_err(ReadError::Damaged)?);
        }
        Ok(View { geometry, server, in_room, directory_crc })
    }
}

/// The directory as it lies in the segment.
pub(crate) fn directory_words(server: &Block, in_room: &Block) -> Vec<u64> {
    let mut words = Vec::new();
    server.encode(Scope::Server, &mut words);
    in_room.encode(Scope::Room, &mut words);
    words
}

/// Attaches this user's segment under the key; `None` if there is none.
pub(crate) fn find_own(key: Key) -> Result<Option<Mapping>, OpenError> {
    let id = match sys::segment_id(key.0) {
        Ok(id) => id,
        Err(Errno::ENOENT) => return Ok(None),
        Err(errno) => return Err(OpenError::System { what: "cannot open the segment", errno }),
    };
    let refused = |errno| match errno {
        Errno::EACCES => OpenError::ForeignSegment { key, uid: None },
        errno => OpenError::System { what: "cannot attach the segment", errno },
    };
    let status = match sys::segment_status(id) {
        Err(Errno::EIDRM | Errno::EINVAL) => return Ok(None),
        status => status.map_err(refused)?,
    };
    let user = sys::user();
    if status.uid != user || status.creator_uid != user {
        let other = if status.uid == user { status.creator_uid } else { status.uid };
        return Err(OpenError::ForeignSegment { key, uid: Some(other) });
    }
    match Mapping::attach(id, Access::Write) {
        Err(Errno::EIDRM | Errno::EINVAL) => Ok(None),
        mapping => mapping.map(Some).map_err(refused),
    }
}

/// Creates the segment of this geometry, in place of one of this user's that may be there. It has no magic yet.
pub(crate) fn create(settings: &Settings, geometry: &Geometry) -> Result<Mapping, OpenError> {
    let key = settings.segment_key;
    let failed = |errno| OpenError::System { what: "cannot create the segment", errno };
    // Twice, since the first attempt may find a segment that goes away by itself.
    for _ in 0..2 {
        if let Some(old) = find_own(key)? {
            match sys::segment_remove(old.id()) {
                Ok(()) | Err(Errno::EIDRM | Errno::EINVAL) => {}
                Err(errno) => return Err(failed(errno)),
            }
        }
        match sys::segment_create(key.0, geometry.count(header::TOTAL_BYTES), settings.segment_mode) {
            Ok(id) => return Mapping::attach(id, Access::Write).map_err(failed),
            Err(Errno::EEXIST) => {}
            Err(errno) => return Err(failed(errno)),
        }
    }
    Err(failed(Errno::EEXIST))
}

/// Who serves, for the header.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Incarnation {
    pub epoch: u64,
    pub started_ms: u64,
}

/// Writes header and directory of a new segment, the magic last.
pub(crate) fn build(
    mapping: &Mapping,
    settings: &Settings,
    geometry: &Geometry,
    directory: &[u64],
    incarnation: Incarnation,
    now: Now,
) {
    let mut words = [0; HEADER_WORDS];
    words[header::VERSION] = VERSION_MAJOR << 16 | VERSION_MINOR;
    let (high, low) = sys::random();
    words[header::UUID_HIGH] = high >> 1;
    words[header::UUID_LOW] = low >> 1;
    words[header::CREATED_MS] = now.wall_ms;
    words[header::OWNER_UID] = sys::user().into();
    words[header::SEGMENT_KEY] = settings.segment_key.0.cast_unsigned().into();
    words[header::DIRECTORY_CRC] = crc32fast::hash(&words_of(directory)).into();
    geometry.write(&mut words);
    words[header::MAGIC] = MAGIC;
    words[header::STATIC_CRC] = static_crc(&words);
    mapping.write(header::VERSION, &words[header::VERSION..]);
    mapping.write(geometry.words(header::DIRECTORY_AT), directory);
    inscribe(mapping, settings, incarnation, now);
    std::sync::atomic::fence(std::sync::atomic::Ordering::Release);
    mapping.store(header::MAGIC, MAGIC);
}

/// Writes who serves. Each word for itself is true before and after.
pub(crate) fn inscribe(mapping: &Mapping, settings: &Settings, incarnation: Incarnation, now: Now) {
    let process = sys::process();
    for (field, word) in [
        (header::SUCCESSOR, 0),
        (header::PID, process.pid.into()),
        (header::START_TICKS, process.start_ticks),
        (header::BOOT_ID, process.boot_id),
        (header::STARTED_MS, incarnation.started_ms),
        (header::SEMAPHORE_KEY, settings.semaphore_key.0.cast_unsigned().into()),
        (header::TICK_US, settings.tick.as_micros() as u64),
        (header::LEASE_US, settings.lease.as_micros() as u64),
        (header::BEAT_BOOT_US, now.boot_us),
        (header::BEAT_WALL_MS, now.wall_ms),
        (header::EPOCH, incarnation.epoch),
        (header::STATE, LIVE),
    ] {
        mapping.store(field, word);
    }
}
