//! Rooms' histories, read without the guard.

use std::collections::VecDeque;
use std::sync::atomic::{Ordering, fence};

use crate::geometry::Geometry;
use crate::layout::{ROOM_NAME_BYTES, header, ring};
use crate::map::Mapping;
use crate::publish::name_crc;
use crate::record::decode;
use crate::text::{unpack, words_of};
use crate::{Entry, ReadError, Reader};

/// How often a reader starts again because the server was faster.
const ATTEMPTS_MAX: usize = 64;

/// Tenures begin with the time and grow by one.
pub(crate) const TENURE_MAX: u64 = 1 << 62;

/// A reader's place in a room's history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    tenure: u64,
    position: u64,
    sequence: u64,
}

/// A piece of a room's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// Oldest first.
    pub records: Vec<Entry>,
    /// Records that were overwritten since the cursor, by their sequences.
    pub lost: u64,
    /// Whether the room is not the one of the cursor any more: it was erased and opened anew, and this is all of it.
    pub renewed: bool,
    /// Where to go on.
    pub cursor: Cursor,
}

/// A ring as it lies in the segment, from the oldest whole record on.
#[derive(Debug, Clone)]
pub(crate) struct RawRing {
    pub tenure: u64,
    pub name: String,
    pub head: u64,
    /// Behind the newest record. Less than `head` in the middle of a batch that overwrites everything.
    pub tail: u64,
    pub dropped: u64,
    pub words: Vec<u64>,
}

impl Reader {
    /// The history of the room, as far as it reaches back.
    pub fn history(&self, room: &str) -> Result<History, ReadError> {
        let ring = self.ring(room, None)?;
        history_of(&ring, None)
    }

    /// What was added to the room's history since the cursor was made.
    pub fn follow(&self, room: &str, cursor: &Cursor) -> Result<History, ReadError> {
        let ring = self.ring(room, Some(cursor))?;
        history_of(&ring, Some(cursor))
    }

    fn ring(&self, room: &str, cursor: Option<&Cursor>) -> Result<RawRing, ReadError> {
        let geometry = &self.view.geometry;
        for _ in 0..ATTEMPTS_MAX {
            let Some((slot, tenure)) = find_slot(&self.mapping, geometry, room) else {
                return Err(ReadError::NoRoom);
            };
            let from = cursor.filter(|cursor| cursor.tenure == tenure).map_or(0, |cursor| cursor.position);
            match copy_ring(&self.mapping, geometry, slot, from)? {
                Some(ring) if ring.name == room => return Ok(ring),
                // The slot has changed hands.
                Some(_) | None => {}
            }
        }
        Err(ReadError::Outpaced)
    }
}

/// The slot of a room and its tenure.
fn find_slot(mapping: &Mapping, geometry: &Geometry, room: &str) -> Option<(usize, u64)> {
    (0..geometry.count(header::ROOM_SLOTS)).find_map(|slot| {
        let row = geometry.ring_row(slot);
        let tenure = mapping.load(row + ring::TENURE);
        fence(Ordering::Acquire);
        (tenure != 0 && ring_name(mapping, row).1 == room).then_some((slot, tenure))
    })
}

fn ring_name(mapping: &Mapping, row: usize) -> (Vec<u64>, String) {
    let mut words = Vec::with_capacity(ROOM_NAME_BYTES / 8);
    mapping.copy(row + ring::NAME, ROOM_NAME_BYTES / 8, &mut words);
    let name = unpack(&words);
    (words, name)
}

/// Copies the records of a slot from a position on; `None` if there is no room.
pub(crate) fn copy_ring(
    mapping: &Mapping,
    geometry: &Geometry,
    slot: usize,
    from: u64,
) -> Result<Option<RawRing>, ReadError> {
    let (row, area) = (geometry.ring_row(slot), geometry.ring(slot));
    let size = geometry.count(header::RING_BYTES) as u64;
    let damaged = |what: &str| Err(ReadError::Damaged(format!("the ring of slot {slot}: {what}")));
    let mut latest = 0;
    for _ in 0..ATTEMPTS_MAX {
        let tenure = mapping.load(row + ring::TENURE);
        if tenure == 0 {
            return Ok(None);
        }
        if tenure > TENURE_MAX {
            return damaged("an impossible tenure");
        }
        fence(Ordering::Acquire);
        let (name_words, name) = ring_name(mapping, row);
        let crc = mapping.load(row + ring::NAME_CRC);
        let tail = mapping.load(row + ring::TAIL);
        fence(Ordering::Acquire);
        let head = mapping.load(row + ring::HEAD);
        if !head.is_multiple_of(8) || !tail.is_multiple_of(8) || tail.max(head) > i64::MAX as u64 {
            return damaged("impossible positions");
        }
        let begin = if from <= tail { head.max(from) } else { head };
        let mut words = Vec::new();
        if begin <= tail {
            if tail - begin > size {
                return damaged("it is longer than itself");
            }
            let (first, count) = ((begin % size / 8) as usize, ((tail - begin) / 8) as usize);
            let until_end = count.min(size as usize / 8 - first);
            mapping.copy(area + first, until_end, &mut words);
            mapping.copy(area, count - until_end, &mut words);
        }
        fence(Ordering::Acquire);
        let whole_from = mapping.load(row + ring::HEAD).max(begin);
        let dropped = mapping.load(row + ring::DROPPED);
        fence(Ordering::Acquire);
        if mapping.load(row + ring::TENURE) != tenure {
            continue;
        }
        if crc != name_crc(tenure, &name_words) {
            return damaged("its name does not fit its CRC");
        }
        if whole_from > tail {
            // Everything was overwritten meanwhile: try again. If nothing moves any more, the server died just
            // before it wrote a batch as long as the ring, and nothing is left.
            if latest != whole_from || !whole_from.is_multiple_of(8) {
                latest = whole_from;
                continue;
            }
            return Ok(Some(RawRing { tenure, name, head: whole_from, tail, dropped, words: Vec::new() }));
        }
        words.drain(..((whole_from - begin) / 8) as usize);
        return Ok(Some(RawRing { tenure, name, head: whole_from, tail, dropped, words }));
    }
    Err(ReadError::Outpaced)
}

/// The records that are whole, up to the first that is not, their lengths, and what is wrong with that one.
pub(crate) fn salvage(ring: &RawRing) -> (Vec<Entry>, VecDeque<u32>, Option<String>) {
    let bytes = words_of(&ring.words);
    let (mut records, mut lengths, mut at) = (Vec::new(), VecDeque::new(), 0);
    while at < bytes.len() {
        match decode(ring.head + at as u64, &bytes[at..]) {
            Ok((entry, length)) => {
                records.push(entry);
                lengths.push_back(length as u32);
                at += length;
            }
            Err(what) => {
                let damage =
                    format!("the history of {}: {what}, at position {}", ring.name, ring.head + at as u64);
                return (records, lengths, Some(damage));
            }
        }
    }
    (records, lengths, None)
}

/// What a reader is told, who was at the cursor before.
pub(crate) fn history_of(ring: &RawRing, cursor: Option<&Cursor>) -> Result<History, ReadError> {
    let (mut records, _, damage) = salvage(ring);
    if let Some(damage) = damage {
        return Err(ReadError::Damaged(damage));
    }
    let same = cursor.filter(|cursor| cursor.tenure == ring.tenure);
    // When a record was taken out, the others were written anew behind where the ring ended.
    if let Some(cursor) = same {
        records.retain(|record| record.sequence > cursor.sequence);
    }
    let renewed = cursor.is_some() && same.is_none();
    let (Some(oldest), Some(newest)) = (records.first(), records.last()) else {
        // If everything was overwritten just now, the next look counts what is lost: the place stays.
        let here = Cursor { tenure: ring.tenure, position: ring.tail, sequence: 0 };
        return Ok(History { lost: 0, renewed, cursor: same.copied().unwrap_or(here), records });
    };
    let lapped = same.filter(|cursor| ring.head > cursor.position);
    let lost = lapped.map_or(0, |cursor| oldest.sequence.saturating_sub(cursor.sequence.saturating_add(1)));
    let cursor = Cursor { tenure: ring.tenure, position: ring.tail, sequence: newest.sequence };
    Ok(History { lost, renewed, cursor, records })
}
