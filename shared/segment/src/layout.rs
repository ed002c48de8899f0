//! Where everything lies in the segment. Each table is at once the code's constants and the document's rows.

/// A field: the word at which it begins (counted from the begin of its structure), its length, its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// The name used by the document and the code.
    pub name: &'static str,
    /// The index of its first word.
    pub word: usize,
    /// How many words it occupies.
    pub words: usize,
    /// What it says.
    pub about: &'static str,
}

macro_rules! structure {
    ($(#[$doc:meta])* $module:ident { $($name:ident $word:literal $words:literal $about:literal)* }) => {
        $(#[$doc])*
        pub(crate) mod $module {
            $(#[allow(dead_code, reason = "some fields only other languages read")]
              pub const $name: usize = $word;)*
            pub const FIELDS: &[super::Field] =
                &[$(super::Field { name: stringify!($name), word: $word, words: $words, about: $about }),*];
        }
    };
}

#[rustfmt::skip]
structure! {
    /// The begin of the segment.
    header {
        MAGIC               0 1 "the bytes `PARLORSG`"
        VERSION             1 1 "major × 65536 + minor; the major must be known, the minor may be greater"
        TOTAL_BYTES         2 1 "bytes of the segment in use; the kernel's size is at least this"
        STATIC_CRC          3 1 "CRC-32 of the words 0 to 47 with this one taken as 0"
        UUID_HIGH           4 1 "a random name of this segment, upper 63 bits"
        UUID_LOW            5 1 "the same, lower 63 bits"
        CREATED_MS          6 1 "when the segment was created, ms since 1970"
        OWNER_UID           7 1 "the uid of the server that created it"
        SEGMENT_KEY         8 1 "the key under which it was created"
        DIRECTORY_CRC       9 1 "CRC-32 of the directory's bytes"
        ROOM_SLOTS         10 1 "rooms there is place for"
        RING_BYTES         11 1 "bytes of each room's ring"
        MEMBERS_MAX        12 1 "members listed per room at most; the value `members` counts all"
        DIRECTORY_AT       13 1 "byte offset of the directory"
        DIRECTORY_ROWS     14 1 "its number of rows"
        DIRECTORY_ROW_BYTES 15 1 "bytes of a row"
        COPIES_AT          16 1 "byte offset of copy 0 of the counters; copy 1 follows it"
        COPY_BYTES         17 1 "bytes of a copy"
        VALUES_AT          18 1 "byte offset, in a copy, of the server's values"
        VALUES_WORDS       19 1 "words of the server's values"
        ROOMS_AT           20 1 "byte offset, in a copy, of the first room"
        ROOM_BYTES         21 1 "bytes of a room in a copy"
        NAME_AT            22 1 "byte offset, in a room, of its name"
        NAME_BYTES         23 1 "bytes for the name"
        TOPIC_AT           24 1 "byte offset, in a room, of the topic"
        TOPIC_BYTES        25 1 "bytes for the topic"
        MINUTES_AT         26 1 "byte offset, in a room, of the messages per minute"
        MINUTES            27 1 "how many minutes"
        TALKERS_AT         28 1 "byte offset, in a room, of the top talkers"
        TALKERS_MAX        29 1 "how many talkers at most"
        TALKER_BYTES       30 1 "bytes of a talker"
        ROOM_VALUES_AT     31 1 "byte offset, in a room, of the room's values"
        ROOM_VALUES_WORDS  32 1 "words of the room's values"
        MEMBERS_AT         33 1 "byte offset, in a room, of the members"
        MEMBER_BYTES       34 1 "bytes of a member"
        RING_TABLE_AT      35 1 "byte offset of the table of rings"
        RING_ROW_BYTES     36 1 "bytes of a row of it"
        RINGS_AT           37 1 "byte offset of ring 0; the others follow"
        HISTOGRAM_BUCKETS  38 1 "buckets of a histogram"
        SLOW_AT            39 1 "byte offset, in a copy, of the slow readers; 0 before layout 1.1"
        SLOW_MAX           40 1 "how many slow readers at most"
        SLOW_BYTES         41 1 "bytes of a slow reader"
        LAST_AT            42 1 "byte offset, in a room, of who last said something; 0 before layout 1.1"
        LAST_BYTES         43 1 "bytes for that: text, empty if nobody is known; `active_ms` says when"
        STATE              48 1 "0 being built, 1 live, 2 stopped cleanly, 3 retired"
        EPOCH              49 1 "server incarnations: 1, and 1 more with each server that adopts the segment"
        PID                50 1 "the server's process"
        START_TICKS        51 1 "that process' start, from /proc/PID/stat, against reused pids"
        BOOT_ID            52 1 "63 bits of /proc/sys/kernel/random/boot_id"
        STARTED_MS         53 1 "when the server took the segment, ms since 1970"
        SUCCESSOR          54 1 "when retired: the id of the segment to look at instead, plus 1"
        SEMAPHORE_KEY      55 1 "the key of the semaphores"
        TICK_US            56 1 "the server publishes at most once in this time"
        LEASE_US           57 1 "the guard is waited for no longer than this"
        GEN                64 1 "the generation that is published; its copy is GEN mod 2"
        INTENT             65 1 "the generation being written: GEN, or GEN + 1 during a publication"
        BEAT_BOOT_US       66 1 "when the server last lived, CLOCK_BOOTTIME in µs; at least once a second"
        BEAT_WALL_MS       67 1 "the same, ms since 1970"
    }
}

#[rustfmt::skip]
structure! {
    /// One counter's description.
    directory {
        KIND        0  1 "1 counter (only grows), 2 gauge, 3 histogram"
        SCOPE       1  1 "0 a value of the server, 1 a value of each room"
        VALUE_WORD  2  1 "index of its first word among the values"
        VALUE_WORDS 3  1 "1, or 2 + buckets: count, sum, buckets"
        NAME        4  8 "text"
        UNIT       12  2 "text"
        HELP       14 18 "text"
    }
}

#[rustfmt::skip]
structure! {
    /// The begin of a copy of the counters.
    copy {
        COPY_GEN    0 1 "the generation that was written here"
        SAMPLE_US   1 1 "when, CLOCK_BOOTTIME in µs"
        SAMPLE_MS   2 1 "when, ms since 1970"
        SLOW        3 1 "how many slow readers follow at SLOW_AT, most bytes first"
        USED        4 1 "1 + how many slots there are up to the last one with a room; 0, as before layout 1.2, if nobody says"
    }
}

#[rustfmt::skip]
structure! {
    /// Someone who does not read as fast as he is sent to.
    slow {
        QUEUED   0 1 "bytes that wait for the connection"
        LIMIT    1 1 "bytes at which it is closed"
        SINCE_MS 2 1 "since when something has always waited, ms since 1970"
        NAME     3 7 "text; empty if the connection has not registered"
    }
}

#[rustfmt::skip]
structure! {
    /// The begin of a room in a copy.
    room {
        TENURE    0 1 "0 the slot is empty; otherwise a number that no other room of the segment has had"
        STATE     1 1 "1 open, 2 closed: it ended, but its history is still there"
        FLAGS     2 1 "the server's"
        OPENED_MS 3 1 "when, ms since 1970"
        MINUTE    4 1 "minutes since 1970 of the newest minute; minute m lies at m mod MINUTES"
        TALKERS   5 1 "how many talkers follow, most messages first"
        LISTED    6 1 "how many members follow"
        LIST      7 1 "another number whenever the members are listed otherwise; 0, as before layout 1.2, if nobody says"
    }
}

#[rustfmt::skip]
structure! {
    /// Someone who talks much.
    talker {
        MESSAGES 0 1 "messages"
        BYTES    1 1 "bytes of text"
        OVER     2 1 "by how much MESSAGES may be too high, because more people spoke than are counted"
        NAME     3 7 "text"
    }
}

#[rustfmt::skip]
structure! {
    /// Someone in the room.
    member {
        PREFIX 0 1 "text: the marks of the member's standing, 7 bytes at most"
        NAME   1 7 "text"
    }
}

#[rustfmt::skip]
structure! {
    /// A row of the table of rings.
    ring {
        TENURE   0  1 "0 no ring; otherwise the room's"
        HEAD     1  1 "position of the oldest record"
        TAIL     2  1 "position after the newest record"
        SEQUENCE 3  1 "sequence of the newest record"
        DROPPED  4  1 "records that were overwritten before anybody could read them"
        NAME_CRC 5  1 "CRC-32 of TENURE and NAME"
        NAME     8 16 "text: the room's"
    }
}

#[rustfmt::skip]
structure! {
    /// The begin of a record in a ring.
    record {
        CRC      0 1 "CRC-32 of the record's position as a word, and the record from word 1 on"
        BYTES    1 1 "of the whole record, a multiple of 8"
        SEQUENCE 2 1 "the room's own number of it, growing"
        WALL_MS  3 1 "when, ms since 1970"
        KIND     4 1 "what it is, see the kinds"
        LENGTHS  5 1 "bytes of the id, of the name of the sender × 2^16, of the text × 2^32; then these texts"
    }
}

/// `PARLORSG`.
pub(crate) const MAGIC: u64 = u64::from_le_bytes(*b"PARLORSG");
/// What this code writes, and the newest major version it reads.
pub const VERSION_MAJOR: u64 = 1;
/// Grows when something is added that older readers may ignore.
pub const VERSION_MINOR: u64 = 2;
/// Buckets of a histogram: zero, then powers of two, the last one open.
pub const HISTOGRAM_BUCKETS: usize = 32;
/// Minutes of history that a room carries.
pub const MINUTES: usize = 60;
/// Talkers that a room shows.
pub const TALKERS_MAX: usize = 8;
/// Slow readers that are shown.
pub const SLOW_MAX: usize = 8;
/// Bytes for the name of a person; longer ones are cut.
pub const PERSON_BYTES: usize = 56;
/// Bytes for a member's prefix; longer ones are cut.
pub const PREFIX_BYTES: usize = 7;
/// Bytes for the name of a room; longer ones are refused, since cut they could be confused.
pub const ROOM_NAME_BYTES: usize = 128;
/// Bytes for a topic; longer ones are cut.
pub const TOPIC_BYTES: usize = 512;
/// Limits within which a geometry is believed, so that a damaged header cannot make a reader allocate without bound.
pub const ROOM_SLOTS_MAX: u64 = 4096;
/// See [`ROOM_SLOTS_MAX`].
pub const RING_BYTES_MAX: u64 = 1 << 26;
/// Below this a ring holds too few records to be of use.
pub const RING_BYTES_MIN: u64 = 4096;
/// See [`ROOM_SLOTS_MAX`].
pub const MEMBERS_MAX: u64 = 1 << 16;
/// See [`ROOM_SLOTS_MAX`].
pub const DIRECTORY_ROWS_MAX: u64 = 4096;

/// Bytes for the name of a counter.
pub(crate) const NAME_BYTES: usize = (directory::UNIT - directory::NAME) * 8;
pub(crate) const HEADER_WORDS: usize = 128;
pub(crate) const STATIC_WORDS: usize = 48;
pub(crate) const DIRECTORY_ROW_WORDS: usize = 32;
pub(crate) const COPY_FIXED_WORDS: usize = 8;
pub(crate) const ROOM_FIXED_WORDS: usize = 8;
pub(crate) const TALKER_WORDS: usize = 10;
pub(crate) const MEMBER_WORDS: usize = 8;
pub(crate) const SLOW_WORDS: usize = 10;
pub(crate) const RING_ROW_WORDS: usize = 24;
pub(crate) const RECORD_WORDS: usize = 6;
pub(crate) const HISTOGRAM_WORDS: usize = 2 + HISTOGRAM_BUCKETS;

const _: () = assert!(ROOM_NAME_BYTES == (RING_ROW_WORDS - ring::NAME) * 8);
const _: () = assert!(PERSON_BYTES == (TALKER_WORDS - talker::NAME) * 8);
const _: () = assert!(PERSON_BYTES == (MEMBER_WORDS - member::NAME) * 8);
const _: () = assert!(PERSON_BYTES == (SLOW_WORDS - slow::NAME) * 8);
const _: () = assert!(directory::HELP + 18 == DIRECTORY_ROW_WORDS);
const _: () = assert!(header::LAST_BYTES < STATIC_WORDS && header::BEAT_WALL_MS < HEADER_WORDS);

/// The structures of the segment in the order of the document: name and fields.
pub fn tables() -> Vec<(&'static str, &'static [Field])> {
    vec![
        ("header", header::FIELDS),
        ("directory row", directory::FIELDS),
        ("copy", copy::FIELDS),
        ("slow", slow::FIELDS),
        ("room", room::FIELDS),
        ("talker", talker::FIELDS),
        ("member", member::FIELDS),
        ("ring row", ring::FIELDS),
        ("record", record::FIELDS),
    ]
}
