//! The set of four semaphores: a mutex that PHP's `sem_get` shares, and the kernel's word on who lives.
//!
//! | index | name   | meaning |
//! |-------|--------|---------|
//! | 0     | SEM    | 1 free, 0 held |
//! | 1     | USAGE  | users, and one more that stays: without it PHP would reset the mutex under its holder |
//! | 2     | SETVAL | 0 at rest; PHP's guard for its initialisation |
//! | 3     | WRITER | 1 no server, 0 a server lives |

use std::time::{Duration, Instant};

use nix::errno::Errno;

use crate::sys::{self, Op};
use crate::{Key, OpenError};

const SEM: u16 = 0;
const USAGE: u16 = 1;
const SETVAL: u16 = 2;
const WRITER: u16 = 3;
const COUNT: usize = 4;
/// How often opening starts again because somebody else creates or removes at the same time.
const ATTEMPTS_MAX: usize = 16;

fn op(semaphore: u16, by: i16) -> Op {
    Op { semaphore, by, undo: false }
}

/// An operation that the kernel takes back when the process ends, however it ends.
fn undo(semaphore: u16, by: i16) -> Op {
    Op { semaphore, by, undo: true }
}

/// An open set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Guard {
    id: i32,
}

/// How an attempt to take the guard ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    Yes,
    /// Somebody else holds it.
    Busy,
    /// The set does not exist any more.
    Gone,
    /// The kernel refuses: no permission, or no memory for the undo.
    Refused(Errno),
}

/// Why [`Guard::enlist`] did not get the set.
#[derive(Debug)]
enum Unfit {
    /// Removed or initialised by somebody else meanwhile: start again.
    Moved,
    /// It is ours and damaged.
    Damaged,
    Final(OpenError),
}

/// Whether this process has just created the set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    Created,
    Found,
}

impl Guard {
    /// Creates or adopts the set and becomes its server.
    pub fn serve(key: Key, mode: u32, group: Option<u32>) -> Result<Guard, OpenError> {
        let failed = |what, errno| OpenError::System { what, errno };
        for _ in 0..ATTEMPTS_MAX {
            let (id, origin) = match sys::set_id(key.0) {
                Ok(id) => (id, Origin::Found),
                Err(Errno::ENOENT) => match sys::set_create(key.0, COUNT as i32, mode) {
                    Ok(id) => (id, Origin::Created),
                    Err(Errno::EEXIST) => continue,
                    Err(errno) => return Err(failed("cannot create the semaphores", errno)),
                },
                Err(errno) => return Err(failed("cannot open the semaphores", errno)),
            };
            match Guard::enlist(id, key, origin) {
                Ok(()) => {
                    let granted = sys::set_grant(id, mode, group);
                    granted.map_err(|errno| failed("cannot set mode and group of the semaphores", errno))?;
                    return Ok(Guard { id });
                }
                Err(Unfit::Moved) => {}
                Err(Unfit::Damaged) => match sys::set_remove(id) {
                    Ok(()) | Err(Errno::EIDRM | Errno::EINVAL) => {}
                    Err(errno) => return Err(failed("cannot remove the damaged semaphores", errno)),
                },
                Err(Unfit::Final(error)) => return Err(error),
            }
        }
        Err(failed("cannot open the semaphores, somebody keeps changing them", Errno::EAGAIN))
    }

    /// Initialises a fresh set and takes WRITER, or takes WRITER of one at rest.
    fn enlist(id: i32, key: Key, origin: Origin) -> Result<(), Unfit> {
        let unusable = |errno| match errno {
            Errno::EIDRM | Errno::EINVAL => Unfit::Moved,
            Errno::EACCES => Unfit::Final(OpenError::ForeignSemaphores { key, uid: None }),
            errno => Unfit::Final(OpenError::System { what: "cannot use the semaphores", errno }),
        };
        let status = sys::set_status(id).map_err(unusable)?;
        let user = sys::user();
        if status.uid != user || status.creator_uid != user {
            let other = if status.uid == user { status.creator_uid } else { status.uid };
            return Err(Unfit::Final(OpenError::ForeignSemaphores { key, uid: Some(other) }));
        }
        if status.size != COUNT {
            return Err(Unfit::Damaged);
        }
        // All in one step: nobody ever sees it half initialised, and who is killed before it has changed nothing.
        let fresh = [op(SEM, 0), op(USAGE, 0), op(SETVAL, 0), op(WRITER, 0), op(SEM, 1)];
        let enter = [op(USAGE, 1), undo(USAGE, 1), op(WRITER, 1), undo(WRITER, -1)];
        match sys::operate(id, &[&fresh[..], &enter].concat(), None) {
            Ok(()) => return Ok(()),
            Err(Errno::EAGAIN) => {}
            Err(errno) => return Err(unusable(errno)),
        }
        let pid = sys::set_pid(id, WRITER).map_err(unusable)?;
        if origin == Origin::Created && pid == 0 {
            // A PHP came between creation and initialisation and has initialised what it knows of.
            let entered = sys::operate(id, &[&[op(SETVAL, 0), op(WRITER, 0)], &enter[..]].concat(), None);
            return entered
                .map_err(|errno| if errno == Errno::EAGAIN { Unfit::Moved } else { unusable(errno) });
        }
        match sys::operate(id, &[undo(WRITER, -1), undo(USAGE, 1)], None) {
            Ok(()) => {}
            // The holder is dead, and yet the kernel has not taken WRITER back: somebody has set it by hand.
            Err(Errno::EAGAIN) if sys::no_process(pid) => return Err(Unfit::Damaged),
            Err(Errno::EAGAIN) => return Err(Unfit::Final(OpenError::Running { key, pid })),
            Err(Errno::ERANGE) => return Err(Unfit::Damaged),
            Err(errno) => return Err(unusable(errno)),
        }
        let guard = Guard { id };
        let sound = guard.value(SEM).is_some_and(|value| value <= 1)
            // This server and the baseline.
            && guard.value(USAGE).is_some_and(|value| value >= 2)
            && guard.value(SETVAL).is_some_and(|value| value <= 1)
            && guard.value(WRITER) == Some(0);
        if sound { Ok(()) } else { Err(Unfit::Damaged) }
    }

    /// Opens the set as a reader; `None` if there is none.
    pub fn find(key: Key) -> Result<Option<Guard>, Errno> {
        match sys::set_id(key.0) {
            Ok(id) => Ok(Some(Guard { id })),
            Err(Errno::ENOENT) => Ok(None),
            Err(errno) => Err(errno),
        }
    }

    /// Takes the guard at once, or within `wait`. The kernel gives it back if this process dies.
    pub fn take(&self, wait: Option<Duration>) -> Taken {
        match sys::operate(self.id, &[undo(SEM, -1)], wait) {
            Ok(()) => Taken::Yes,
            Err(Errno::EAGAIN | Errno::EINTR) => Taken::Busy,
            Err(Errno::EIDRM | Errno::EINVAL) => Taken::Gone,
            Err(errno) => Taken::Refused(errno),
        }
    }

    /// Takes the guard as a reader: signals do not cut the wait short.
    pub fn take_until(&self, deadline: Instant) -> Taken {
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let taken = self.take(Some(left));
            if taken != Taken::Busy || left.is_zero() {
                return taken;
            }
        }
    }

    /// Gives the guard back.
    pub fn release(&self) {
        // It fails only if the set was removed, and then there is nothing to give back.
        let _ = sys::operate(self.id, &[undo(SEM, 1)], None);
    }

    /// Stops being the server, as the kernel would do at the end of the process.
    pub fn leave(&self) {
        // As above.
        let _ = sys::operate(self.id, &[undo(WRITER, 1), undo(USAGE, -1)], None);
    }

    /// The process that holds the guard now; `None` if nobody does. 0 in another PID namespace.
    pub fn holder(&self) -> Option<i32> {
        let pid = sys::set_pid(self.id, SEM).ok()?;
        (self.value(SEM) == Some(0)).then_some(pid)
    }

    /// Frees a guard whose holder is dead, and was not freed by the kernel because it was taken without SEM_UNDO.
    pub fn heal(&self) -> bool {
        let dead = self.holder().is_some_and(sys::no_process);
        dead && sys::set_assign(self.id, SEM, 1).is_ok()
    }

    /// Frees the guard whoever holds it.
    pub fn reset(&self) -> Result<(), Errno> {
        sys::set_assign(self.id, SEM, 1)
    }

    /// Whether a server lives; `None` if the set is gone or may not be read.
    pub fn serving(&self) -> Option<bool> {
        self.value(WRITER).map(|value| value == 0)
    }

    /// The process that serves, or served last.
    pub fn server_pid(&self) -> Option<i32> {
        sys::set_pid(self.id, WRITER).ok()
    }

    /// The user and the creator of the set.
    pub fn owner(&self) -> Result<(u32, u32), Errno> {
        sys::set_status(self.id).map(|status| (status.uid, status.creator_uid))
    }

    /// Whether the set still exists and is the one under `key`.
    pub fn is_current(&self, key: Key) -> bool {
        sys::set_id(key.0) == Ok(self.id)
    }

    /// Removes the set.
    pub fn remove(&self) -> Result<(), Errno> {
        sys::set_remove(self.id)
    }

    fn value(&self, semaphore: u16) -> Option<i32> {
        sys::set_value(self.id, semaphore).ok()
    }
}
