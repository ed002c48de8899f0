//! For tests, of other crates too: keys that nobody uses, and that leave nothing behind.

pub(crate) mod damaged;

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use crate::map::{Access, Mapping};
use crate::{Key, Settings, sys};
pub use damaged::{Checks, read_any};

/// A pair of unused keys. The objects under them are removed on drop, also if the test fails.
#[derive(Debug)]
pub struct Keys {
    /// For the segment.
    pub segment: Key,
    /// For the semaphores.
    pub semaphores: Key,
}

impl Keys {
    /// Two keys under which objects can be created.
    #[allow(clippy::new_without_default, reason = "taking keys is no default value")]
    pub fn new() -> Keys {
        Keys { segment: unused(), semaphores: unused() }
    }

    /// Small settings with these keys, which remove nothing at a stop. One may be published each millisecond.
    pub fn settings(&self) -> Settings {
        Settings {
            segment_key: self.segment,
            semaphore_key: self.semaphores,
            room_slots: 8,
            ring_bytes: 8 * 1024,
            members_max: 16,
            tick: Duration::from_millis(1),
            ..Settings::default()
        }
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        // What is not there, or was removed by the test, needs no removing.
        if let Ok(id) = sys::segment_id(self.segment.0) {
            let _ = sys::segment_remove(id);
        }
        if let Ok(id) = sys::set_id(self.semaphores.0) {
            let _ = sys::set_remove(id);
        }
    }
}

/// A random key for which exclusive creation succeeds.
fn unused() -> Key {
    loop {
        let key = (RandomState::new().build_hasher().finish() as i32) & i32::MAX;
        if key == 0 || sys::segment_id(key).is_ok() {
            continue;
        }
        if let Ok(id) = sys::set_create(key, 1, 0o600) {
            let _ = sys::set_remove(id);
            return Key(key);
        }
    }
}

/// Runs `while_held` with the guard of the segment under `key` held.
///
/// # Panics
/// If there is no segment, or its guard is not free.
pub fn hold_guard(key: Key, while_held: impl FnOnce()) {
    let reader = crate::Reader::open(key, None).expect("a server has opened the segment");
    reader.guarded(Duration::ZERO, |_| while_held()).expect("the guard is free");
}

/// Overwrites a word of the segment under `key`, as a hostile or broken program could.
///
/// # Panics
/// If there is no segment, or it has no such word.
pub fn overwrite(key: Key, word: usize, value: u64) {
    let id = sys::segment_id(key.0).expect("a server has opened the segment");
    let mapping = Mapping::attach(id, Access::Write).expect("the segment is the test's own");
    mapping.store(word, value);
}

/// All bytes of the segment under `key`, as any program could read them that may.
///
/// # Panics
/// If there is no segment.
pub fn bytes(key: Key) -> Vec<u8> {
    let id = sys::segment_id(key.0).expect("a server has opened the segment");
    let mapping = Mapping::attach(id, Access::Read).expect("the segment is the test's own");
    let mut words = Vec::new();
    mapping.copy(0, mapping.len(), &mut words);
    crate::text::words_of(&words)
}
