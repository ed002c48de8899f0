//! Segments of any bytes, and all that a reader can ask of them.

use std::time::Duration;

use super::Keys;
use crate::geometry::{Geometry, static_crc};
use crate::guard::Guard;
use crate::layout::{HEADER_WORDS, ROOM_NAME_BYTES, header, record, ring};
use crate::map::{Access, Mapping};
use crate::publish::name_crc;
use crate::text::{unpack, words_of};
use crate::{Now, ReadError, Reader, sys};

/// Rooms whose history is read; each costs a search of the table.
const ROOMS_MAX: usize = 8;

/// Everything that a reader can ask of a segment of these bytes, twice: at their end, the other copy of the counters becomes
/// the published one. That it comes back is what is asked for; the bytes may say anything.
///
/// # Panics
/// If the kernel has no room for one more segment.
pub fn read_any(bytes: &[u8], checks: Checks) {
    let (words, _) = bytes.as_chunks();
    let mut words: Vec<u64> = words.iter().map(|word| u64::from_le_bytes(*word)).collect();
    if words.is_empty() {
        return;
    }
    if checks == Checks::Mended {
        mend(&mut words);
    }
    let keys = Keys::new();
    let guard = Guard::serve(keys.semaphores, 0o600, None).expect("the key is unused");
    if let Some(word) = words.get_mut(header::SEMAPHORE_KEY) {
        *word = keys.semaphores.0.cast_unsigned().into();
    }
    let mapping = place(&keys, &words);
    // What is damaged is told as an error, and that is all right.
    if let Ok(mut reader) = Reader::open(keys.segment, None) {
        let rooms = names(&mapping, &reader.view.geometry);
        let _ = read_all(&mut reader, &rooms);
        let generation = mapping.load(header::GEN) ^ 1;
        mapping.store(header::INTENT, generation);
        mapping.store(header::GEN, generation);
        let _ = read_all(&mut reader, &[]);
    }
    guard.leave();
}

/// Whether checksums and all that are where they should be are made right first, so that what lies behind them is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checks {
    /// As they are.
    Left,
    /// Right, as somebody would make them who knows what he does.
    Mended,
}

/// Puts a segment of these words under the key.
pub(crate) fn place(keys: &Keys, words: &[u64]) -> Mapping {
    let id = sys::segment_create(keys.segment.0, words.len() * 8, 0o640).expect("the key is unused");
    let mapping = Mapping::attach(id, Access::Write).expect("it was just created");
    mapping.write(0, words);
    mapping
}

/// Everything a reader can ask for. Says what was wrong first.
pub(crate) fn read_all(reader: &mut Reader, rooms: &[String]) -> Result<(), ReadError> {
    let now = Now { boot_us: 50_000_000, wall_ms: 1_700_000_000_000 };
    reader.liveness(now);
    reader.epoch();
    let (snapshot, guarded) = (reader.snapshot(), reader.snapshot_guarded(Duration::ZERO));
    let (looked, guarded_look) = (reader.look().map(drop), reader.look_guarded(Duration::ZERO).map(drop));
    let histories: Vec<_> = rooms.iter().map(|room| reader.history(room)).collect();
    for history in histories.iter().flatten() {
        let _ = rooms.first().map(|room| reader.follow(room, &history.cursor));
    }
    reader.cut(Duration::ZERO)?;
    snapshot.and(guarded).map(drop)?;
    looked.and(guarded_look)?;
    let mut known = histories.into_iter().filter(|history| *history != Err(ReadError::NoRoom));
    known.try_for_each(|history| history.map(drop))
}

/// The names of the first rooms in the table of rings.
fn names(mapping: &Mapping, geometry: &Geometry) -> Vec<String> {
    let name = |slot| {
        let mut words = Vec::new();
        mapping.copy(geometry.ring_row(slot) + ring::NAME, ROOM_NAME_BYTES / 8, &mut words);
        unpack(&words)
    };
    (0..geometry.count(header::ROOM_SLOTS).min(ROOMS_MAX)).map(name).collect()
}

/// Makes right what a reader checks before it looks further: the CRCs, and of which generation a copy is.
fn mend(words: &mut [u64]) {
    if words.len() < HEADER_WORDS {
        return;
    }
    if let Ok(geometry) = Geometry::read(words, words.len() * 8) {
        let at = geometry.words(header::DIRECTORY_AT);
        let count = geometry.count(header::DIRECTORY_ROWS) * geometry.words(header::DIRECTORY_ROW_BYTES);
        words[header::DIRECTORY_CRC] = crc32fast::hash(&words_of(&words[at..at + count])).into();
        for generation in [words[header::GEN], words[header::GEN] ^ 1] {
            words[geometry.copy(generation)] = generation;
        }
        for slot in 0..geometry.count(header::ROOM_SLOTS) {
            let row = geometry.ring_row(slot);
            let name = &words[row + ring::NAME..row + ring::NAME + ROOM_NAME_BYTES / 8];
            words[row + ring::NAME_CRC] = name_crc(words[row + ring::TENURE], name);
            mend_ring(words, &geometry, slot);
        }
    }
    words[header::STATIC_CRC] = static_crc(words);
}

/// Makes right the CRC of each record, up to the first whose length cannot be.
fn mend_ring(words: &mut [u64], geometry: &Geometry, slot: usize) {
    let (row, area, size) =
        (geometry.ring_row(slot), geometry.ring(slot), geometry.words(header::RING_BYTES));
    let (head, tail) = (words[row + ring::HEAD] / 8, words[row + ring::TAIL] / 8);
    if tail.saturating_sub(head) > size as u64 {
        return;
    }
    let place = |position: u64| area + (position % size as u64) as usize;
    let mut at = head;
    while at < tail {
        let length = words[place(at + record::BYTES as u64)] / 8;
        if length < crate::layout::RECORD_WORDS as u64 || length > tail - at {
            return;
        }
        let behind: Vec<u64> = (1..length).map(|offset| words[place(at + offset)]).collect();
        let crc = crc32fast::hash(&words_of(&[&[at * 8], &behind[..]].concat()));
        words[place(at)] = crc.into();
        at += length;
    }
}
