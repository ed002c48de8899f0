//! What `ipcs` and `ipcrm` do, but only for Parlor's objects and not under a living server.

use std::fs;

use nix::errno::Errno;

use crate::guard::Guard;
use crate::layout::{HEADER_WORDS, MAGIC, header};
use crate::map::{Access, Mapping};
use crate::reader::Reader;
use crate::{Key, Liveness, Now, ReadError, sys};

/// A Parlor segment on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The kernel's number.
    pub id: i32,
    /// Its key; 0 if it was removed and is only still attached.
    pub key: Key,
    /// Its owner.
    pub uid: u32,
    /// Its permissions.
    pub mode: u32,
    /// Its size.
    pub bytes: u64,
    /// Processes that have it attached.
    pub attached: u64,
    /// The server's process, or the creator's if the segment may not be read.
    pub pid: i32,
    /// How the server is, or why that cannot be said.
    pub state: Result<Liveness, ReadError>,
}

/// All Parlor segments of this IPC namespace: those with the magic, and those under Parlor's usual key that may not be
/// looked into.
pub fn list(now: Now) -> std::io::Result<Vec<Found>> {
    let table = fs::read_to_string("/proc/sysvipc/shm")?;
    Ok(table.lines().skip(1).filter_map(|line| found(line, now)).collect())
}

fn found(line: &str, now: Now) -> Option<Found> {
    // key shmid perms size cpid lpid nattch uid gid cuid cgid …
    let fields: Vec<&str> = line.split_whitespace().collect();
    let number = |index: usize| fields.get(index)?.parse::<i64>().ok();
    let key = Key(number(0)? as i32);
    let id = number(1)? as i32;
    let described = Found {
        id,
        key,
        uid: number(7)? as u32,
        mode: u32::from_str_radix(fields.get(2)?, 8).ok()? & 0o777,
        bytes: number(3)?.unsigned_abs(),
        attached: number(6)?.unsigned_abs(),
        pid: number(4)? as i32,
        state: Err(ReadError::Denied { key }),
    };
    match Mapping::attach(id, Access::Read) {
        Ok(mapping) if mapping.len() >= HEADER_WORDS && mapping.load(header::MAGIC) == MAGIC => {
            let pid = (mapping.load(header::PID) as u32).cast_signed();
            Some(Found { pid, state: state(key, id, now), ..described })
        }
        Ok(_) => None,
        Err(Errno::EACCES) if key == Key::SEGMENT => Some(described),
        Err(_) => None,
    }
}

fn state(key: Key, id: i32, now: Now) -> Result<Liveness, ReadError> {
    if key.0 == 0 {
        return Ok(Liveness::Retired);
    }
    let mut reader = Reader::open(key, None)?;
    if reader.id() == id { Ok(reader.liveness(now)) } else { Ok(Liveness::Retired) }
}

/// Whether a living server matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Force {
    /// Its objects are left alone.
    No,
    /// It is overruled.
    Yes,
}

/// Why an object was not touched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CareError {
    /// A server lives.
    Serving {
        /// Its process.
        pid: i32,
    },
    /// The segment cannot be read, or is none of Parlor's.
    Unreadable(ReadError),
    /// There is no set of semaphores.
    NoGuard,
    /// The kernel refused.
    System(Errno),
}

impl std::fmt::Display for CareError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            CareError::Serving { pid } => write!(f, "a server lives on it: process {pid}"),
            CareError::Unreadable(error) => write!(f, "{error}"),
            CareError::NoGuard => write!(f, "there are no semaphores"),
            CareError::System(errno) => write!(f, "{}", errno.desc()),
        }
    }
}

impl std::error::Error for CareError {}

/// Removes the segment under the key and its semaphores.
pub fn remove(key: Key, force: Force) -> Result<(), CareError> {
    let id = match sys::segment_id(key.0) {
        Ok(id) => id,
        Err(Errno::ENOENT) => return Err(CareError::Unreadable(ReadError::Absent { key })),
        Err(errno) => return Err(CareError::System(errno)),
    };
    let mapping = Mapping::attach(id, Access::Read).map_err(CareError::System)?;
    if mapping.len() < HEADER_WORDS || mapping.load(header::MAGIC) != MAGIC {
        let what = "it is not a Parlor segment".to_owned();
        return Err(CareError::Unreadable(ReadError::Damaged(what)));
    }
    let semaphore_key = Key((mapping.load(header::SEMAPHORE_KEY) as u32).cast_signed());
    let guard = guard(semaphore_key, force)?;
    sys::segment_remove(id).map_err(CareError::System)?;
    match guard.map(|guard| guard.remove()) {
        None | Some(Ok(()) | Err(Errno::EIDRM | Errno::EINVAL)) => Ok(()),
        Some(Err(errno)) => Err(CareError::System(errno)),
    }
}

/// Frees the guard under this key of semaphores, whoever holds it. A living server does so by itself.
pub fn reset_guard(semaphore_key: Key, force: Force) -> Result<(), CareError> {
    let guard = guard(semaphore_key, force)?.ok_or(CareError::NoGuard)?;
    guard.reset().map_err(CareError::System)
}

fn guard(key: Key, force: Force) -> Result<Option<Guard>, CareError> {
    let guard = Guard::find(key).map_err(CareError::System)?;
    match guard {
        Some(guard) if force == Force::No && guard.serving() != Some(false) => {
            Err(CareError::Serving { pid: guard.server_pid().unwrap_or(0) })
        }
        guard => Ok(guard),
    }
}
