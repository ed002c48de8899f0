//! The sizes and offsets of one segment: planned by the server, checked by everybody else.

use crate::Settings;
use crate::layout::{
    COPY_FIXED_WORDS, DIRECTORY_ROW_WORDS, DIRECTORY_ROWS_MAX, HEADER_WORDS, HISTOGRAM_BUCKETS, MEMBER_WORDS,
    MINUTES, PERSON_BYTES, RING_BYTES_MAX, RING_BYTES_MIN, RING_ROW_WORDS, ROOM_FIXED_WORDS, ROOM_NAME_BYTES,
    ROOM_SLOTS_MAX, SLOW_MAX, SLOW_WORDS, STATIC_WORDS, TALKER_WORDS, TALKERS_MAX, TOPIC_BYTES, header,
};
use crate::text::words_of;

/// The first word of the header that belongs to the geometry.
const GEOMETRY_FIRST: usize = header::ROOM_SLOTS;

/// The words of the header that say where everything lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Geometry([u64; STATIC_WORDS]);

impl Geometry {
    /// Lays out a segment for these settings and counters.
    pub fn plan(settings: &Settings, rows: usize, values: usize, room_values: usize) -> Geometry {
        let mut geometry = Geometry([0; STATIC_WORDS]);
        let mut set = |field: usize, value: usize| {
            geometry.0[field] = value as u64;
            value
        };
        let slots = set(header::ROOM_SLOTS, settings.room_slots as usize);
        let ring_bytes = set(header::RING_BYTES, settings.ring_bytes as usize);
        let members = set(header::MEMBERS_MAX, settings.members_max as usize);
        set(header::HISTOGRAM_BUCKETS, HISTOGRAM_BUCKETS);
        set(header::DIRECTORY_ROWS, rows);
        let row_bytes = set(header::DIRECTORY_ROW_BYTES, DIRECTORY_ROW_WORDS * 8);

        // A room in a copy.
        let name_bytes = set(header::NAME_BYTES, ROOM_NAME_BYTES);
        let topic_bytes = set(header::TOPIC_BYTES, TOPIC_BYTES);
        let talker_bytes = set(header::TALKER_BYTES, TALKER_WORDS * 8);
        let member_bytes = set(header::MEMBER_BYTES, MEMBER_WORDS * 8);
        let at = set(header::NAME_AT, ROOM_FIXED_WORDS * 8);
        let at = set(header::TOPIC_AT, at + name_bytes);
        let at = set(header::MINUTES_AT, at + topic_bytes);
        let minutes_bytes = set(header::MINUTES, MINUTES) * 8;
        let talkers_bytes = set(header::TALKERS_MAX, TALKERS_MAX) * talker_bytes;
        let room_values_bytes = set(header::ROOM_VALUES_WORDS, room_values) * 8;
        let at = set(header::TALKERS_AT, at + minutes_bytes);
        let at = set(header::ROOM_VALUES_AT, at + talkers_bytes);
        let at = set(header::LAST_AT, at + room_values_bytes);
        let last_bytes = set(header::LAST_BYTES, PERSON_BYTES);
        let at = set(header::MEMBERS_AT, at + last_bytes);
        let room_bytes = set(header::ROOM_BYTES, line(at + members * member_bytes));

        // A copy.
        let at = set(header::VALUES_AT, COPY_FIXED_WORDS * 8);
        let values_bytes = set(header::VALUES_WORDS, values) * 8;
        let slow_bytes = set(header::SLOW_MAX, SLOW_MAX) * set(header::SLOW_BYTES, SLOW_WORDS * 8);
        let at = set(header::SLOW_AT, line(at + values_bytes));
        let at = set(header::ROOMS_AT, line(at + slow_bytes));
        let copy_bytes = set(header::COPY_BYTES, line(at + slots * room_bytes));

        // The segment.
        let at = set(header::DIRECTORY_AT, HEADER_WORDS * 8);
        let at = set(header::COPIES_AT, line(at + rows * row_bytes));
        let at = set(header::RING_TABLE_AT, at + 2 * copy_bytes);
        let row_bytes = set(header::RING_ROW_BYTES, RING_ROW_WORDS * 8);
        let at = set(header::RINGS_AT, line(at + slots * row_bytes));
        set(header::TOTAL_BYTES, at + slots * ring_bytes);
        geometry
    }

    /// Takes the geometry from a header and believes nothing of it.
    pub fn read(words: &[u64], mapped_bytes: usize) -> Result<Geometry, String> {
        let mut geometry = Geometry([0; STATIC_WORDS]);
        geometry.0[GEOMETRY_FIRST..].copy_from_slice(&words[GEOMETRY_FIRST..STATIC_WORDS]);
        geometry.0[header::TOTAL_BYTES] = words[header::TOTAL_BYTES];
        let total = geometry.0[header::TOTAL_BYTES];
        if total > mapped_bytes as u64 {
            return Err(format!("truncated: {mapped_bytes} bytes of {total}"));
        }
        geometry.check()?;
        Ok(geometry)
    }

    /// That all lies inside of what contains it, in order and aligned.
    fn check(&self) -> Result<(), String> {
        use header::*;
        for field in FIELDS.iter().filter(|field| (GEOMETRY_FIRST..STATIC_WORDS).contains(&field.word)) {
            // The products below stay far from the end of u64.
            if self.0[field.word] > 1 << 40 {
                return Err(format!("{} is {}", field.name, self.0[field.word]));
            }
            let in_bytes = field.name.ends_with("_AT") || field.name.ends_with("_BYTES");
            if in_bytes && !self.0[field.word].is_multiple_of(8) {
                return Err(format!("{} is not a multiple of 8", field.name));
            }
        }
        let [slots, members, rows] = [ROOM_SLOTS, MEMBERS_MAX, DIRECTORY_ROWS].map(|field| self.0[field]);
        let [minutes, talkers] = [MINUTES, TALKERS_MAX].map(|field| self.0[field]);
        let within = |name: &str, value: u64, low: u64, high: u64| {
            if (low..=high).contains(&value) { Ok(()) } else { Err(format!("{name} is {value}")) }
        };
        within("ROOM_SLOTS", slots, 1, ROOM_SLOTS_MAX)?;
        within("RING_BYTES", self.0[RING_BYTES], RING_BYTES_MIN, RING_BYTES_MAX)?;
        within("MEMBERS_MAX", members, 0, crate::layout::MEMBERS_MAX)?;
        within("DIRECTORY_ROWS", rows, 0, DIRECTORY_ROWS_MAX)?;
        within("DIRECTORY_ROW_BYTES", self.0[DIRECTORY_ROW_BYTES], DIRECTORY_ROW_WORDS as u64 * 8, 4096)?;
        within("RING_ROW_BYTES", self.0[RING_ROW_BYTES], RING_ROW_WORDS as u64 * 8, 4096)?;
        within("TALKER_BYTES", self.0[TALKER_BYTES], TALKER_WORDS as u64 * 8, 4096)?;
        within("MEMBER_BYTES", self.0[MEMBER_BYTES], MEMBER_WORDS as u64 * 8, 4096)?;
        within("MINUTES", minutes, 1, 1 << 12)?;
        within("TALKERS_MAX", talkers, 0, 1 << 12)?;
        // The layouts before 1.1 have neither slow readers nor who spoke last: none of them, in no place.
        let slow = self.0[SLOW_MAX];
        within("SLOW_MAX", slow, 0, 1 << 12)?;
        if slow > 0 {
            within("SLOW_BYTES", self.0[SLOW_BYTES], SLOW_WORDS as u64 * 8, 4096)?;
        }
        within("HISTOGRAM_BUCKETS", self.0[HISTOGRAM_BUCKETS], 1, 1 << 10)?;
        let at = |field: usize| self.0[field];
        let ends = [
            (DIRECTORY_AT, HEADER_WORDS as u64 * 8),
            (COPIES_AT, at(DIRECTORY_AT) + rows * at(DIRECTORY_ROW_BYTES)),
            (RING_TABLE_AT, at(COPIES_AT) + 2 * at(COPY_BYTES)),
            (RINGS_AT, at(RING_TABLE_AT) + slots * at(RING_ROW_BYTES)),
            (TOTAL_BYTES, at(RINGS_AT) + slots * at(RING_BYTES)),
            (VALUES_AT, COPY_FIXED_WORDS as u64 * 8),
            (ROOMS_AT, at(VALUES_AT) + at(VALUES_WORDS) * 8),
            (SLOW_AT, if slow > 0 { at(VALUES_AT) + at(VALUES_WORDS) * 8 } else { 0 }),
            (ROOMS_AT, at(SLOW_AT) + slow * at(SLOW_BYTES)),
            (COPY_BYTES, at(ROOMS_AT) + slots * at(ROOM_BYTES)),
            (NAME_AT, ROOM_FIXED_WORDS as u64 * 8),
            (TOPIC_AT, at(NAME_AT) + at(NAME_BYTES)),
            (MINUTES_AT, at(TOPIC_AT) + at(TOPIC_BYTES)),
            (TALKERS_AT, at(MINUTES_AT) + minutes * 8),
            (ROOM_VALUES_AT, at(TALKERS_AT) + talkers * at(TALKER_BYTES)),
            (MEMBERS_AT, at(ROOM_VALUES_AT) + at(ROOM_VALUES_WORDS) * 8),
            (MEMBERS_AT, at(LAST_AT) + at(LAST_BYTES)),
            (ROOM_BYTES, at(MEMBERS_AT) + members * at(MEMBER_BYTES)),
        ];
        for (field, end) in ends {
            if at(field) < end {
                return Err(format!("the header's word {field} is {} and must be at least {end}", at(field)));
            }
        }
        Ok(())
    }

    /// A number of the header.
    pub fn count(&self, field: usize) -> usize {
        self.0[field] as usize
    }

    /// A number of bytes of the header, in words.
    pub fn words(&self, field: usize) -> usize {
        self.count(field) / 8
    }

    /// The first word of a copy of the counters.
    pub fn copy(&self, generation: u64) -> usize {
        self.words(header::COPIES_AT) + (generation & 1) as usize * self.words(header::COPY_BYTES)
    }

    /// The first word of a room, in a copy.
    pub fn room(&self, slot: usize) -> usize {
        self.words(header::ROOMS_AT) + slot * self.words(header::ROOM_BYTES)
    }

    /// The first word of a row of the table of rings.
    pub fn ring_row(&self, slot: usize) -> usize {
        self.words(header::RING_TABLE_AT) + slot * self.words(header::RING_ROW_BYTES)
    }

    /// The first word of a ring.
    pub fn ring(&self, slot: usize) -> usize {
        self.words(header::RINGS_AT) + slot * self.words(header::RING_BYTES)
    }

    /// Enters the geometry into a header.
    pub fn write(&self, words: &mut [u64]) {
        words[GEOMETRY_FIRST..STATIC_WORDS].copy_from_slice(&self.0[GEOMETRY_FIRST..]);
        words[header::TOTAL_BYTES] = self.0[header::TOTAL_BYTES];
    }
}

/// The CRC of the header's static words.
pub(crate) fn static_crc(words: &[u64]) -> u64 {
    let mut counted = [0; STATIC_WORDS];
    counted.copy_from_slice(&words[..STATIC_WORDS]);
    counted[header::STATIC_CRC] = 0;
    u64::from(crc32fast::hash(&words_of(&counted)))
}

/// Rounds up to a cache line, so that neighbours do not disturb each other.
fn line(bytes: usize) -> usize {
    bytes.next_multiple_of(64)
}
