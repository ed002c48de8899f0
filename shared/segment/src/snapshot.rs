//! One consistent cut of the counters: copied into private memory, checked, then understood.

mod refresh;

use std::sync::Arc;

use crate::directory::{Counter, Entry};
use crate::geometry::Geometry;
use crate::layout::{COPY_FIXED_WORDS, copy, header, member, room, slow, talker};
use crate::map::Mapping;
use crate::object::View;
use crate::tally::Talker;
use crate::text::unpack;
use crate::{History, ReadError};

/// Everything that is counted, as of one publication.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The number of the publication.
    pub generation: u64,
    /// When it was made, in microseconds since boot. Idle servers beat, but publish nothing.
    pub boot_us: u64,
    /// The same, in milliseconds since 1970.
    pub wall_ms: u64,
    /// The server's counters.
    pub counters: Vec<Counter>,
    /// Those who do not read as fast as they are sent to, most bytes first; the gauge `slow` of a server knows how
    /// many there are.
    pub slow: Vec<Slow>,
    /// The rooms.
    pub rooms: Vec<Room>,
}

/// Somebody who does not read as fast as he is sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slow {
    /// Who; empty if the connection has not registered.
    pub name: String,
    /// Bytes that wait for him.
    pub queued: u64,
    /// Bytes at which his connection is closed.
    pub limit: u64,
    /// Since when something has always waited, in milliseconds since 1970.
    pub since_ms: u64,
}

/// A room in a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    /// A number that no other room has had: a room erased and opened anew has another one.
    pub tenure: u64,
    /// Its name.
    pub name: String,
    /// Whether it is open, or has ended and left its history.
    pub open: bool,
    /// The server's marks.
    pub flags: u64,
    /// Its topic; empty if it has none.
    pub topic: String,
    /// When it was opened, in milliseconds since 1970.
    pub opened_ms: u64,
    /// The members that are listed; the counter `members` knows how many there are. Snapshots share them as long as nobody
    /// comes or goes.
    pub members: Arc<[Member]>,
    /// The room's counters, those of [`ROOM_ROWS`](crate::ROOM_ROWS) among them.
    pub counters: Vec<Counter>,
    /// Who talks most, most messages first.
    pub talkers: Vec<Talker>,
    /// Who last said something, at the counter `active_ms`; empty if nobody is known.
    pub last: String,
    /// Messages per minute, the oldest first; the last one is the minute of the snapshot.
    pub minutes: Vec<u64>,
}

/// Somebody in a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The name.
    pub name: String,
    /// The marks of the standing.
    pub prefix: String,
}

/// Counters and histories of one moment, taken under the guard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// The counters.
    pub snapshot: Snapshot,
    /// The rooms' histories, by name.
    pub histories: Vec<(String, History)>,
    /// Whether counters and histories are of one publication. Not so only if the server died in the middle of one:
    /// then the histories may be ahead.
    pub whole: bool,
}

impl Snapshot {
    /// The server's counter of this name.
    pub fn counter(&self, name: &str) -> Option<&Counter> {
        self.counters.iter().find(|counter| counter.about.name == name)
    }

    /// The value of the server's counter of this name; 0 if there is none.
    pub fn number(&self, name: &str) -> u64 {
        self.counter(name).map_or(0, Counter::number)
    }

    /// The room of this name.
    pub fn room(&self, name: &str) -> Option<&Room> {
        self.rooms.iter().find(|room| room.name == name)
    }
}

impl Room {
    /// The room's counter of this name.
    pub fn counter(&self, name: &str) -> Option<&Counter> {
        self.counters.iter().find(|counter| counter.about.name == name)
    }

    /// The value of the room's counter of this name; 0 if there is none.
    pub fn number(&self, name: &str) -> u64 {
        self.counter(name).map_or(0, Counter::number)
    }
}

/// A copy of the counters in private memory, not yet understood.
#[derive(Debug, Default)]
pub(crate) struct Raw {
    words: Vec<u64>,
    slow_at: usize,
    rooms_at: usize,
    pub rooms: Vec<RawRoom>,
}

/// Where in a [`Raw`] a room lies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RawRoom {
    pub slot: usize,
    at: usize,
    members_at: usize,
    members: usize,
}

impl Raw {
    /// Copies what is in use. Whether it is consistent, the generation says afterwards.
    pub fn copy(mapping: &Mapping, geometry: &Geometry, generation: u64) -> Raw {
        let mut raw = Raw::default();
        raw.copy_again(mapping, geometry, generation, &Raw::default());
        raw
    }

    /// The same, into the memory of an earlier copy, and without the members where they are listed as they were `before`.
    pub fn copy_again(&mut self, mapping: &Mapping, geometry: &Geometry, generation: u64, before: &Raw) {
        self.words.clear();
        self.rooms.clear();
        let base = geometry.copy(generation);
        let server_words = geometry.words(header::VALUES_AT) + geometry.count(header::VALUES_WORDS);
        mapping.copy(base, server_words, &mut self.words);
        self.slow_at = self.words.len();
        let slow = self.words[copy::SLOW].min(geometry.count(header::SLOW_MAX) as u64) as usize;
        let slow_words = slow * geometry.words(header::SLOW_BYTES);
        mapping.copy(base + geometry.words(header::SLOW_AT), slow_words, &mut self.words);
        self.rooms_at = self.words.len();
        let fact_words = geometry.words(header::MEMBERS_AT);
        let member_words = geometry.words(header::MEMBER_BYTES);
        let slots = geometry.count(header::ROOM_SLOTS);
        // Each slot that is looked at in vain costs a line of the cache, and an entry of the page table.
        let used =
            self.words[copy::USED].checked_sub(1).map_or(slots, |used| used.min(slots as u64) as usize);
        for slot in 0..used {
            let room = base + geometry.room(slot);
            if mapping.load(room + room::TENURE) == 0 {
                continue;
            }
            let at = self.words.len();
            mapping.copy(room, fact_words, &mut self.words);
            let members_at = self.words.len();
            let listed = self.words[at + room::LISTED];
            let members = listed.min(geometry.count(header::MEMBERS_MAX) as u64) as usize;
            let mut copied = RawRoom { slot, at, members_at, members };
            if before.find(slot).is_some_and(|earlier| self.lists_as(&copied, before, earlier)) {
                copied.members = 0;
            }
            mapping.copy(room + fact_words, copied.members * member_words, &mut self.words);
            self.rooms.push(copied);
        }
    }

    /// Understands it.
    pub fn snapshot(&self, view: &View, generation: u64) -> Result<Snapshot, ReadError> {
        let mut snapshot = Snapshot::default();
        self.refresh(&mut snapshot, &Raw::default(), view, generation)?;
        Ok(snapshot)
    }

    /// The server's values.
    pub fn values(&self, view: &View) -> Vec<Counter> {
        let at = view.geometry.words(header::VALUES_AT);
        debug_assert!(at >= COPY_FIXED_WORDS, "checked with the geometry");
        view.server.iter().map(|entry: &Entry| entry.counter(&self.words[at..])).collect()
    }

    fn slow(&self, geometry: &Geometry) -> Vec<Slow> {
        let told = |words: &[u64]| Slow {
            name: unpack(&words[slow::NAME..slow::NAME + crate::PERSON_BYTES / 8]),
            queued: words[slow::QUEUED],
            limit: words[slow::LIMIT],
            since_ms: words[slow::SINCE_MS],
        };
        // A layout without them has rows of no words, and none of them.
        let row_words = geometry.words(header::SLOW_BYTES).max(1);
        self.slow_words().chunks_exact(row_words).map(told).collect()
    }

    fn slow_words(&self) -> &[u64] {
        &self.words[self.slow_at..self.rooms_at]
    }

    /// A room's values.
    pub fn room_values(&self, room: &RawRoom, view: &View) -> Vec<Counter> {
        let at = view.geometry.words(header::ROOM_VALUES_AT);
        let values = self.field(room, at, view.geometry.count(header::ROOM_VALUES_WORDS));
        view.in_room.iter().map(|entry| entry.counter(values)).collect()
    }

    /// A room's talkers.
    pub fn talkers(&self, room: &RawRoom, geometry: &Geometry) -> Vec<Talker> {
        let words = geometry.words(header::TALKER_BYTES);
        let all =
            self.field(room, geometry.words(header::TALKERS_AT), words * geometry.count(header::TALKERS_MAX));
        let count = self.word(room, room::TALKERS).min(geometry.count(header::TALKERS_MAX) as u64);
        let told = |words: &[u64]| Talker {
            name: unpack(&words[talker::NAME..talker::NAME + crate::PERSON_BYTES / 8]),
            messages: words[talker::MESSAGES],
            bytes: words[talker::BYTES],
            over: words[talker::OVER],
        };
        all.chunks_exact(words).take(count as usize).map(told).collect()
    }

    /// A word of the begin of a room.
    pub fn word(&self, room: &RawRoom, field: usize) -> u64 {
        self.words[room.at + field]
    }

    /// Words of a room.
    pub fn field(&self, room: &RawRoom, at: usize, count: usize) -> &[u64] {
        &self.words[room.at + at..room.at + at + count]
    }

    fn room(&self, room: &RawRoom, view: &View, now_minute: u64) -> Room {
        let geometry = &view.geometry;
        let text =
            |at: usize, bytes: usize| unpack(self.field(room, geometry.words(at), geometry.words(bytes)));
        Room {
            tenure: self.word(room, room::TENURE),
            name: text(header::NAME_AT, header::NAME_BYTES),
            open: self.word(room, room::STATE) == 1,
            flags: self.word(room, room::FLAGS),
            topic: text(header::TOPIC_AT, header::TOPIC_BYTES),
            opened_ms: self.word(room, room::OPENED_MS),
            members: self.members(room, geometry),
            counters: self.room_values(room, view),
            talkers: self.talkers(room, geometry),
            last: text(header::LAST_AT, header::LAST_BYTES),
            minutes: self.minutes(room, geometry, now_minute),
        }
    }

    fn member_words(&self, room: &RawRoom, geometry: &Geometry) -> &[u64] {
        &self.words[room.members_at..][..room.members * geometry.words(header::MEMBER_BYTES)]
    }

    fn members(&self, room: &RawRoom, geometry: &Geometry) -> Arc<[Member]> {
        let words = geometry.words(header::MEMBER_BYTES);
        let told = |words: &[u64]| Member {
            name: unpack(&words[member::NAME..member::NAME + crate::PERSON_BYTES / 8]),
            prefix: unpack(&words[member::PREFIX..member::NAME]),
        };
        self.member_words(room, geometry).chunks_exact(words).map(told).collect()
    }

    /// The minutes up to the snapshot's. The room's own newest one may be older, if it has been silent since.
    fn minutes(&self, room: &RawRoom, geometry: &Geometry, now_minute: u64) -> Vec<u64> {
        let count = geometry.count(header::MINUTES) as u64;
        let kept = self.field(room, geometry.words(header::MINUTES_AT), count as usize);
        let newest = self.word(room, room::MINUTE);
        let told = |back: u64| match now_minute.checked_sub(back) {
            Some(minute) if minute <= newest && newest - minute < count => kept[(minute % count) as usize],
            Some(_) | None => 0,
        };
        (0..count).rev().map(told).collect()
    }
}
