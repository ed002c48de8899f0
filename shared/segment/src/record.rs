//! What a room's history consists of, and how it lies in a ring.

use crc32fast::Hasher;

use crate::layout::{RECORD_WORDS, RING_BYTES_MIN, record};
use crate::text::cut;

/// What a record is about. Numbers below 16 are speech, which counts as messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind(pub u8);

impl Kind {
    /// Somebody said something.
    pub const MESSAGE: Kind = Kind(1);
    /// Something was announced, and wants no answer.
    pub const NOTICE: Kind = Kind(2);
    /// Somebody did something.
    pub const ACTION: Kind = Kind(3);
    /// Somebody came.
    pub const JOIN: Kind = Kind(16);
    /// Somebody left the room.
    pub const PART: Kind = Kind(17);
    /// Somebody left the server.
    pub const QUIT: Kind = Kind(18);
    /// Somebody was shown the door.
    pub const KICK: Kind = Kind(19);
    /// Somebody has another name.
    pub const NICK: Kind = Kind(20);
    /// The topic was changed.
    pub const TOPIC: Kind = Kind(21);
    /// The room's or a member's mode was changed.
    pub const MODE: Kind = Kind(22);

    /// The kinds that have a name.
    pub const NAMED: [(Kind, &'static str); 10] = [
        (Kind::MESSAGE, "message"),
        (Kind::NOTICE, "notice"),
        (Kind::ACTION, "action"),
        (Kind::JOIN, "join"),
        (Kind::PART, "part"),
        (Kind::QUIT, "quit"),
        (Kind::KICK, "kick"),
        (Kind::NICK, "nick"),
        (Kind::TOPIC, "topic"),
        (Kind::MODE, "mode"),
    ];

    /// Whether it counts as a message.
    pub fn is_speech(self) -> bool {
        self.0 < 16
    }

    /// The kind's name; `other` if a later version knows it.
    pub fn name(self) -> &'static str {
        Kind::NAMED.iter().find(|(kind, _)| *kind == self).map_or("other", |(_, name)| name)
    }
}

/// Something that happened in a room, as the server tells it.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// The room's own number of it, greater than the one before.
    pub sequence: u64,
    /// When, in milliseconds since 1970.
    pub wall_ms: u64,
    /// What it is.
    pub kind: Kind,
    /// The message's id, if it has one.
    pub id: &'a str,
    /// Who did it.
    pub from: &'a str,
    /// What was said; cut between two characters if it does not fit.
    pub text: &'a str,
}

impl Record<'_> {
    /// The bytes that a record of a text of so many bytes has at least, in any ring.
    pub fn bytes_least(text_bytes: usize) -> usize {
        FIXED_BYTES + text_bytes.min(TEXT_BYTES_KEPT)
    }
}

/// Something that happened in a room, as it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The room's own number of it.
    pub sequence: u64,
    /// When, in milliseconds since 1970.
    pub wall_ms: u64,
    /// What it is.
    pub kind: Kind,
    /// The message's id, if it has one.
    pub id: String,
    /// Who did it.
    pub from: String,
    /// What was said.
    pub text: String,
}

impl Entry {
    /// The same to be written.
    pub(crate) fn record(&self) -> Record<'_> {
        let Entry { sequence, wall_ms, kind, id, from, text } = self;
        Record { sequence: *sequence, wall_ms: *wall_ms, kind: *kind, id, from, text }
    }
}

/// Longest id and name of a sender; longer ones are cut.
const SHORT_BYTES_MAX: usize = 255;
const FIXED_BYTES: usize = RECORD_WORDS * 8;
/// A text up to this is not cut, however small the ring and long the names: but for the rest of a character.
const TEXT_BYTES_KEPT: usize = RING_BYTES_MIN as usize / 4 - FIXED_BYTES - 2 * SHORT_BYTES_MAX - 4;

/// How much of a record is kept, and how long it is in a ring.
pub(crate) struct Shape {
    id: usize,
    from: usize,
    text: usize,
    /// Of the whole record, a multiple of 8.
    pub bytes: usize,
}

impl Shape {
    /// A record has at most a quarter of the ring.
    pub fn of(record: &Record<'_>, ring_bytes: usize) -> Shape {
        let id = cut(record.id, SHORT_BYTES_MAX).len();
        let from = cut(record.from, SHORT_BYTES_MAX).len();
        let text = cut(record.text, ring_bytes / 4 - FIXED_BYTES - id - from).len();
        Shape { id, from, text, bytes: (FIXED_BYTES + id + from + text).next_multiple_of(8) }
    }

    /// Writes the record, as it lies at `position`, into `to`, which is as long as it.
    pub fn write(&self, record: &Record<'_>, position: u64, to: &mut [u8], hasher: &mut Hasher) {
        let Shape { id, from, text, bytes } = *self;
        let lengths = id as u64 | (from as u64) << 16 | (text as u64) << 32;
        // The last word may be filled in part only.
        to[bytes - 8..].fill(0);
        // The CRC takes the place of the position, which is checked but need not be kept.
        let fixed =
            [position, bytes as u64, record.sequence, record.wall_ms, u64::from(record.kind.0), lengths];
        for (word, value) in to[..FIXED_BYTES].as_chunks_mut().0.iter_mut().zip(fixed) {
            *word = value.to_le_bytes();
        }
        let mut rest = &mut to[FIXED_BYTES..];
        for (part, length) in [(record.id, id), (record.from, from), (record.text, text)] {
            let (place, behind) = rest.split_at_mut(length);
            place.copy_from_slice(&part.as_bytes()[..length]);
            rest = behind;
        }
        hasher.reset();
        hasher.update(to);
        let crc = u64::from(hasher.clone().finalize());
        to[..8].copy_from_slice(&crc.to_le_bytes());
    }
}

/// Reads the record at the begin of `bytes`, which lay at `position`, and its length.
pub(crate) fn decode(position: u64, bytes: &[u8]) -> Result<(Entry, usize), &'static str> {
    let word = |index: usize| {
        let at = index * 8;
        bytes.get(at..at + 8).map(|word| u64::from_le_bytes(word.try_into().expect("eight bytes were taken")))
    };
    let whole = word(record::BYTES).ok_or("a record's begin is cut")?;
    if whole < FIXED_BYTES as u64 || whole > bytes.len() as u64 || !whole.is_multiple_of(8) {
        return Err("a record's length is impossible");
    }
    let whole = whole as usize;
    if word(record::CRC) != Some(crc(position, &bytes[8..whole])) {
        return Err("a record's CRC is wrong");
    }
    let fixed = |index| word(index).expect("the record is at least as long as its fixed part");
    let lengths = fixed(record::LENGTHS);
    let [id, from, text] =
        [lengths & 0xffff, lengths >> 16 & 0xffff, lengths >> 32].map(|bytes| bytes as usize);
    if FIXED_BYTES + id + from + text > whole {
        return Err("a record's texts are longer than it");
    }
    let part = |at: usize, length: usize| String::from_utf8_lossy(&bytes[at..at + length]).into_owned();
    let entry = Entry {
        sequence: fixed(record::SEQUENCE),
        wall_ms: fixed(record::WALL_MS),
        kind: Kind(fixed(record::KIND) as u8),
        id: part(FIXED_BYTES, id),
        from: part(FIXED_BYTES + id, from),
        text: part(FIXED_BYTES + id + from, text),
    };
    Ok((entry, whole))
}

fn crc(position: u64, bytes: &[u8]) -> u64 {
    let mut hasher = Hasher::new();
    hasher.update(&position.to_le_bytes());
    hasher.update(bytes);
    u64::from(hasher.finalize())
}
