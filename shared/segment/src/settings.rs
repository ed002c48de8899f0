//! Keys, times and sizes.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;
use std::time::Duration;

use crate::layout::{MEMBERS_MAX, RING_BYTES_MAX, RING_BYTES_MIN, ROOM_SLOTS_MAX};
use crate::sys;

/// The key of a System V object, shown as `ipcs` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub i32);

impl Key {
    /// The segment's key if none is configured.
    pub const SEGMENT: Key = Key(0xff3);
    /// The semaphores' key if none is configured.
    pub const SEMAPHORES: Key = Key(0xee3);
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}

impl FromStr for Key {
    type Err = ParseIntError;

    /// Reads `0xff3` and `4083`.
    fn from_str(text: &str) -> Result<Key, ParseIntError> {
        let key = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
            Some(digits) => u32::from_str_radix(digits, 16)?.cast_signed(),
            None => text.parse()?,
        };
        Ok(Key(key))
    }
}

/// A moment, told from outside by both clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Now {
    /// Microseconds since the machine was started (CLOCK_BOOTTIME), by which all intervals are measured.
    pub boot_us: u64,
    /// Milliseconds since 1970, which are only shown.
    pub wall_ms: u64,
}

impl Now {
    /// Asks the machine. The crate itself never does.
    pub fn read() -> Now {
        Now { boot_us: sys::boot_us(), wall_ms: sys::wall_ms() }
    }

    /// This moment and a while.
    #[must_use]
    pub fn after(self, while_: Duration) -> Now {
        Now {
            boot_us: self.boot_us + while_.as_micros() as u64,
            wall_ms: self.wall_ms + while_.as_millis() as u64,
        }
    }

    pub(crate) fn second(self) -> u64 {
        self.boot_us / 1_000_000
    }

    pub(crate) fn minute(self) -> u64 {
        self.wall_ms / 60_000
    }
}

/// How a server publishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Where readers find the segment.
    pub segment_key: Key,
    /// Where readers find the guard.
    pub semaphore_key: Key,
    /// Who may read: the segment holds what people said.
    pub segment_mode: u32,
    /// Who may take the guard.
    pub semaphore_mode: u32,
    /// The group of readers, if not the server's own.
    pub group: Option<u32>,
    /// Rooms there is place for. One more is refused, and counted.
    pub room_slots: u32,
    /// Bytes of history of each room. The oldest records give way.
    pub ring_bytes: u32,
    /// Members listed per room. More are only counted.
    pub members_max: u32,
    /// At most one publication in this time. Whoever looks copies after each of them, so that many more than are looked at
    /// would cost both sides, and in a flood each one fills whole rings and the caches; what was said since the last one is what
    /// a kill of the server loses.
    pub tick: Duration,
    /// How soon it is tried again when the guard was held.
    pub retry: Duration,
    /// How long a guard that is held defers publication.
    pub lease: Duration,
    /// How often in a row the guard must be found held before the server waits for it at all.
    pub wait_after_tries: u32,
    /// How long it then waits.
    pub wait: Duration,
    /// How often it waits at most.
    pub wait_every: Duration,
    /// How often the server shows that it lives when there is nothing to publish.
    pub heartbeat_every: Duration,
    /// How often it looks whether the objects are still those under the keys.
    pub check_every: Duration,
    /// Whether [`Writer::stop`](crate::Writer::stop) removes the segment and the semaphores.
    pub remove_at_stop: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            segment_key: Key::SEGMENT,
            semaphore_key: Key::SEMAPHORES,
            segment_mode: 0o640,
            semaphore_mode: 0o660,
            group: None,
            room_slots: 64,
            ring_bytes: 64 * 1024,
            members_max: 256,
            tick: Duration::from_millis(40),
            retry: Duration::from_millis(1),
            lease: Duration::from_millis(100),
            wait_after_tries: 3,
            wait: Duration::from_micros(200),
            wait_every: Duration::from_millis(5),
            heartbeat_every: Duration::from_millis(500),
            check_every: Duration::from_secs(1),
            remove_at_stop: false,
        }
    }
}

impl Settings {
    /// Says what cannot be.
    pub(crate) fn check(&self) -> Result<(), String> {
        let rings = u64::from(self.ring_bytes);
        if !(RING_BYTES_MIN..=RING_BYTES_MAX).contains(&rings) || !rings.is_multiple_of(8) {
            return Err(format!(
                "a ring of {rings} bytes: it must have {RING_BYTES_MIN} to {RING_BYTES_MAX}, in words of 8"
            ));
        }
        if !(1..=ROOM_SLOTS_MAX).contains(&self.room_slots.into()) {
            return Err(format!("{} room slots: there must be 1 to {ROOM_SLOTS_MAX}", self.room_slots));
        }
        if u64::from(self.members_max) > MEMBERS_MAX {
            return Err(format!("{} members per room: at most {MEMBERS_MAX} are listed", self.members_max));
        }
        if self.segment_key.0 == 0 || self.semaphore_key.0 == 0 {
            return Err("the key 0 means a private object, which nobody could find".to_owned());
        }
        if self.heartbeat_every > Duration::from_secs(1) {
            return Err("readers expect a heartbeat at least once a second".to_owned());
        }
        if self.segment_mode & !0o777 != 0 || self.semaphore_mode & !0o777 != 0 {
            return Err("a mode has nine bits".to_owned());
        }
        // The writer must be able to read and write what it owns, or it could not adopt it.
        if self.segment_mode & 0o600 != 0o600 || self.semaphore_mode & 0o600 != 0o600 {
            return Err("the owner must have permission to read and write".to_owned());
        }
        Ok(())
    }
}
