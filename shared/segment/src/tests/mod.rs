//! What servers and readers see of each other: real objects, real processes, told times.

mod access;
mod actors;
mod basics;
mod care;
mod corrupt;
mod document;
mod holders;
mod kill;
mod looks;
mod privacy;
mod removed;
mod rings;
mod soak;
mod tallies;

use std::time::Duration;

use crate::testing::Keys;
use crate::{
    Adoption, CounterId, CounterKind, CounterRow, Kind, Now, Reader, Record, RoomId, Settings, Snapshot,
    Stage, Writer,
};

pub(crate) const COUNTERS: &[CounterRow] = &[
    CounterRow { name: "total", kind: CounterKind::Counter, unit: "joins", help: "Joins of all rooms." },
    CounterRow { name: "users", kind: CounterKind::Gauge, unit: "people", help: "Now." },
    CounterRow { name: "turn", kind: CounterKind::Histogram, unit: "us", help: "Length of a turn." },
];
pub(crate) const TOTAL: CounterId = CounterId(0);
pub(crate) const USERS: CounterId = CounterId(1);
pub(crate) const TURN: CounterId = CounterId(2);
pub(crate) const ROOM_COUNTERS: &[CounterRow] =
    &[CounterRow { name: "joins", kind: CounterKind::Counter, unit: "people", help: "All so far." }];
pub(crate) const JOINS: CounterId = CounterId(0);

pub(crate) const NOW: Now = Now { boot_us: 50_000_000, wall_ms: 1_700_000_000_000 };

pub(crate) fn later(millis: u64) -> Now {
    NOW.after(Duration::from_millis(millis))
}

pub(crate) fn open(settings: Settings) -> (Writer, Adoption) {
    Writer::open(settings, COUNTERS, ROOM_COUNTERS, NOW).unwrap()
}

pub(crate) fn reader(keys: &Keys) -> Reader {
    Reader::open(keys.segment, None).unwrap()
}

/// A message in the room, as a server would report it.
pub(crate) fn say(stage: &mut Stage, room: RoomId, sequence: u64, from: &str, text: &str) {
    say_at(stage, room, sequence, from, text, NOW);
}

pub(crate) fn say_at(stage: &mut Stage, room: RoomId, sequence: u64, from: &str, text: &str, now: Now) {
    let id = format!("id{sequence}");
    stage.append(room, &Record { sequence, wall_ms: now.wall_ms, kind: Kind::MESSAGE, id: &id, from, text });
    stage.spoke(room, from, text.len() as u64, now);
}

pub(crate) fn sequences(reader: &Reader, room: &str) -> Vec<u64> {
    reader.history(room).unwrap().records.iter().map(|record| record.sequence).collect()
}

pub(crate) fn names(snapshot: &Snapshot) -> Vec<&str> {
    snapshot.rooms.iter().map(|room| room.name.as_str()).collect()
}

/// Asserts that the rooms' joins add up to the server's total.
pub(crate) fn assert_sums(snapshot: &Snapshot) {
    let sum: u64 = snapshot.rooms.iter().map(|room| room.number("joins")).sum();
    assert_eq!(sum, snapshot.number("total"), "in generation {}", snapshot.generation);
}
