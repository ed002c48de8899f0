//! Whether what is read is still true.

use std::time::Duration;

use nix::errno::Errno;

use crate::guard::Guard;
use crate::layout::header;
use crate::{Now, Reader, object, sys};

/// A server beats twice a second; one that has not for this long is stuck or stopped. Who looks once a second tells it within
/// three.
pub const STALE_AFTER: Duration = Duration::from_secs(2);

/// What is known about the server behind a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Liveness {
    /// It lives.
    Live,
    /// It lives, but has not beaten for this long.
    Stale {
        /// Since its last heartbeat.
        silent: Duration,
    },
    /// It ended without a word. The last values stay readable.
    Dead {
        /// Since its last heartbeat.
        silent: Duration,
    },
    /// It stopped in order.
    Stopped,
    /// It lives, and is another one than when this was asked last. Said once; rates begin anew.
    Restarted {
        /// The new incarnation.
        epoch: u64,
    },
    /// This segment is not used any more: open the key again.
    Retired,
}

impl Reader {
    /// How the server is. The kernel's word counts first: it holds a semaphore as long as the server lives.
    pub fn liveness(&mut self, now: Now) -> Liveness {
        let state = self.mapping.load(header::STATE);
        let under_key = sys::segment_id(self.key.0);
        if state == object::RETIRED || under_key.is_ok_and(|id| id != self.mapping.id()) {
            return Liveness::Retired;
        }
        if state == object::STOPPED {
            return Liveness::Stopped;
        }
        if under_key == Err(Errno::ENOENT) {
            // Somebody removed it. A living server makes another one within a second.
            return Liveness::Retired;
        }
        let beat = self.mapping.load(header::BEAT_BOOT_US);
        let silent = Duration::from_micros(now.boot_us.saturating_sub(beat));
        let guard = self.guard.filter(|guard| guard.is_current(self.semaphore_key()));
        self.guard = guard.or_else(|| self.find_guard());
        if self.guard.as_ref().and_then(Guard::serving) == Some(false) {
            return Liveness::Dead { silent };
        }
        if silent >= STALE_AFTER {
            return Liveness::Stale { silent };
        }
        let epoch = self.mapping.load(header::EPOCH);
        if epoch != self.epoch {
            self.epoch = epoch;
            return Liveness::Restarted { epoch };
        }
        Liveness::Live
    }
}
