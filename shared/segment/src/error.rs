//! What can be wrong, in sentences.

use std::fmt;

use nix::errno::Errno;

use crate::Key;

/// Why a server cannot publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OpenError {
    /// A server lives on these objects.
    Running {
        /// The key that is taken.
        key: Key,
        /// The server's process; 0 if it is of another PID namespace.
        pid: i32,
    },
    /// The key leads to another user's segment.
    ForeignSegment {
        /// The key that is taken.
        key: Key,
        /// Whose it is; `None` if the kernel does not tell.
        uid: Option<u32>,
    },
    /// The key leads to another user's semaphores.
    ForeignSemaphores {
        /// The key that is taken.
        key: Key,
        /// Whose they are; `None` if the kernel does not tell.
        uid: Option<u32>,
    },
    /// The segment was written by a newer server, whose history would be lost.
    Newer {
        /// Its major version.
        major: u64,
    },
    /// A setting or a table of counters cannot be.
    Settings(String),
    /// The kernel refused.
    System {
        /// What was attempted.
        what: &'static str,
        /// Its answer.
        errno: Errno,
    },
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whose = |uid: &Option<u32>| uid.map_or("another user".to_owned(), |uid| format!("uid {uid}"));
        match self {
            OpenError::Running { key, pid: 0 } => {
                write!(f, "a server of another PID namespace uses the semaphores {key}")
            }
            OpenError::Running { key, pid } => write!(f, "a server uses the semaphores {key}: process {pid}"),
            OpenError::ForeignSegment { key, uid } => {
                write!(f, "the segment {key} belongs to {}; choose another key", whose(uid))
            }
            OpenError::ForeignSemaphores { key, uid } => {
                write!(f, "the semaphores {key} belong to {}; choose another key", whose(uid))
            }
            OpenError::Newer { major } => {
                write!(f, "the segment has layout {major}, which is newer than this program")
            }
            OpenError::Settings(what) => write!(f, "{what}"),
            OpenError::System { what, errno } => write!(f, "{what}: {}", errno.desc()),
        }
    }
}

impl std::error::Error for OpenError {}

/// Why a reader has nothing to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadError {
    /// There is no segment under the key.
    Absent {
        /// The key.
        key: Key,
    },
    /// The segment may not be read.
    Denied {
        /// The key.
        key: Key,
    },
    /// The segment or its semaphores belong to somebody else than expected.
    Foreign {
        /// The key.
        key: Key,
        /// Whose it is.
        uid: u32,
    },
    /// The layout is newer than this program.
    Newer {
        /// Its major version.
        major: u64,
    },
    /// The server is just building it.
    Unready,
    /// It is not a Parlor segment, or something in it cannot be. The text says what.
    Damaged(String),
    /// A room of this name is not in the segment.
    NoRoom,
    /// The guard was not given within the deadline.
    Busy {
        /// Who holds it, if it is still held and the kernel tells.
        holder: Option<i32>,
    },
    /// There is no guard, or it may not be used; read without it. The text says why.
    Unguarded(String),
    /// The server published over this reader while it held the guard: it was too slow.
    Overrun,
    /// The server was always faster. Try again.
    Outpaced,
    /// The kernel refused.
    System {
        /// What was attempted.
        what: &'static str,
        /// Its answer.
        errno: Errno,
    },
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::Absent { key } => write!(f, "there is no segment under the key {key}"),
            ReadError::Denied { key } => write!(f, "no permission to read the segment {key}"),
            ReadError::Foreign { key, uid } => write!(f, "the key {key} leads to an object of uid {uid}"),
            ReadError::Newer { major } => {
                write!(f, "the segment has layout {major}, which is newer than this program")
            }
            ReadError::Unready => write!(f, "the server is just building the segment"),
            ReadError::Damaged(what) => write!(f, "damaged segment: {what}"),
            ReadError::NoRoom => write!(f, "there is no such room in the segment"),
            ReadError::Busy { holder: Some(pid) } if *pid > 0 => {
                write!(f, "the guard is held by process {pid}")
            }
            ReadError::Busy { .. } => write!(f, "the guard is held by somebody else"),
            ReadError::Unguarded(why) => write!(f, "no guard: {why}"),
            ReadError::Overrun => write!(f, "the guard was held for too long, the server went on without it"),
            ReadError::Outpaced => write!(f, "the server writes faster than this program reads"),
            ReadError::System { what, errno } => write!(f, "{what}: {}", errno.desc()),
        }
    }
}

impl std::error::Error for ReadError {}
