//! A server that publishes all the time, and readers of all sorts at once. Bounded by counts, not by time.

use std::time::Duration;

use super::actors::{Actor, Script, await_word, report};
use super::*;
use crate::testing::Keys;
use crate::{Published, ReadError};

const ROOMS: [&str; 5] = ["#zero", "#one", "#two", "#three", "#four"];
/// So often nobody looks who sees a server publish.
const LOOKS_MAX: u64 = 20_000_000;
const DEADLINE: Duration = Duration::from_secs(60);

/// Publishes until the parent closes the pipe; then says how often. Time runs a tick per publication.
pub(super) fn writer(script: &Script) {
    let (mut writer, adoption) = open(script.settings());
    let rooms = ROOMS.map(|name| writer.stage().room(name, NOW).unwrap());
    writer.publish(NOW);
    report("ready");
    let ended = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let flag = std::sync::Arc::clone(&ended);
    std::thread::spawn(move || {
        await_word();
        flag.store(true, std::sync::atomic::Ordering::Relaxed);
    });
    let mut sequence = restored_sequence(&adoption);
    while !ended.load(std::sync::atomic::Ordering::Relaxed) {
        sequence += 1;
        let now = later(sequence);
        let stage = writer.stage();
        for (index, &room) in rooms.iter().enumerate() {
            if sequence.is_multiple_of(index as u64 + 1) {
                stage.room_add(room, JOINS, sequence % 7);
                stage.add(TOTAL, sequence % 7);
            }
        }
        say_at(stage, rooms[0], sequence, "alice", "a text that is repeated until rings are lapped", now);
        writer.publish(now);
    }
    // All that was deferred.
    while writer.publish(later(sequence + 1000)) == Published::Deferred {}
    report(&format!("{sequence}"));
}

/// Where an earlier server's messages ended.
fn restored_sequence(adoption: &Adoption) -> u64 {
    let Adoption::Adopted { rooms, .. } = adoption else { return 0 };
    let talking = rooms.iter().find(|room| room.name == ROOMS[0]).unwrap();
    assert_eq!(talking.damage, None);
    talking.records.last().map_or(0, |record| record.sequence)
}

/// Judges `number` snapshots, and that they move on.
fn judge(script: &Script, take: impl Fn(&Reader) -> Result<Snapshot, ReadError>) {
    let reader = Reader::open(script.segment, None).unwrap();
    report("ready");
    let (mut taken, mut generation, mut moved) = (0, 0, 0);
    while taken < script.number {
        match take(&reader) {
            Ok(snapshot) => {
                assert_sums(&snapshot);
                assert!(snapshot.generation >= generation);
                moved += u64::from(snapshot.generation > generation);
                generation = snapshot.generation;
                taken += 1;
            }
            // Told, and tried again: an answer that is no answer is never wrong.
            Err(ReadError::Outpaced | ReadError::Overrun) => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert!(moved > 1, "the server did publish meanwhile");
    report("done");
}

pub(super) fn reader_of_counters(script: &Script) {
    judge(script, Reader::snapshot);
}

pub(super) fn guarded_reader(script: &Script) {
    judge(script, |reader| {
        let cut = reader.cut(DEADLINE)?;
        if cut.whole {
            let (_, history) = cut.histories.iter().find(|(name, _)| name == ROOMS[0]).unwrap();
            let newest = history.records.last().map_or(0, |record| record.sequence);
            assert_eq!(
                newest,
                cut.snapshot.room(ROOMS[0]).unwrap().number("sequence"),
                "one cut of everything"
            );
        }
        Ok(cut.snapshot)
    });
}

pub(super) fn follower(script: &Script) {
    let reader = Reader::open(script.segment, None).unwrap();
    report("ready");
    let mut place = None;
    let (mut last, mut heard, mut looks) = (0, 0, 0);
    while heard < script.number {
        looks += 1;
        assert!(looks < LOOKS_MAX, "the server has stopped publishing");
        let history = match &place {
            None => reader.history(ROOMS[0]),
            Some(place) => reader.follow(ROOMS[0], place),
        };
        let history = match history {
            Err(ReadError::Outpaced) => continue,
            history => history.unwrap(),
        };
        if place.is_none() {
            last = history.records.first().map_or(0, |record| record.sequence - 1);
        }
        last += history.lost;
        for record in &history.records {
            assert_eq!(record.sequence, last + 1, "no record is missed but the lost ones");
            last = record.sequence;
            heard += 1;
        }
        place = Some(history.cursor);
    }
    report("done");
}

/// Two rooms that take turns in one slot, each time erased and opened anew, until the parent ends it.
pub(super) fn churning_writer(script: &Script) {
    let (mut writer, _) = open(Settings { room_slots: 1, ring_bytes: 4096, ..script.settings() });
    report("ready");
    for turn in 0.. {
        let name = ["#even", "#odd"][turn as usize % 2];
        let room = writer.stage().room(name, NOW).unwrap();
        for sequence in 1..=30 {
            say(writer.stage(), room, sequence, "alice", name);
        }
        writer.publish(later(2 * turn));
        writer.stage().erase(room);
        writer.publish(later(2 * turn + 1));
    }
}

/// Reads one of them `number` times.
pub(super) fn churned_reader(script: &Script) {
    let reader = Reader::open(script.segment, None).unwrap();
    report("ready");
    let (mut read, mut looks) = (0, 0);
    while read < script.number {
        looks += 1;
        assert!(looks < LOOKS_MAX, "the server has stopped publishing");
        match reader.history("#even") {
            Ok(history) => {
                assert!(history.records.iter().all(|record| record.text == "#even"));
                read += u64::from(!history.records.is_empty());
            }
            Err(ReadError::NoRoom | ReadError::Outpaced) => {}
            Err(error) => panic!("{error}"),
        }
    }
    report("done");
}

#[test]
fn a_slot_that_changes_hands_is_never_taken_for_the_room_before() {
    let keys = Keys::new();
    let mut writer = Actor::start("churning writer", &keys, 0);
    writer.hears("ready");
    let mut reader = Actor::start("churned reader", &keys, 400);
    reader.hears("ready");
    reader.hears("done");
    assert!(writer.lives());
}

#[test]
fn all_readers_see_consistent_numbers_under_load() {
    let keys = Keys::new();
    let mut writer = Actor::start("soaking writer", &keys, 0);
    writer.hears("ready");
    let casts = [
        ("soaking reader", 1500),
        ("soaking reader", 1500),
        ("soaking guarded reader", 300),
        ("soaking guarded reader", 300),
        ("soaking follower", 20_000),
    ];
    let mut readers = casts.map(|(role, count)| Actor::start(role, &keys, count));
    for reader in &mut readers {
        reader.hears("ready");
    }
    for (reader, (role, _)) in readers.iter_mut().zip(casts) {
        assert_eq!(reader.hear().as_deref(), Some("done"), "{role}");
        assert!(reader.wait().success(), "{role}");
    }
    writer.tell("end");
    let published: u64 = writer.hear().unwrap().parse().unwrap();
    let snapshot = reader(&keys).snapshot().unwrap();
    assert_eq!(snapshot.room(ROOMS[0]).unwrap().number("messages"), published);
    assert_sums(&snapshot);
}

#[test]
fn servers_killed_under_load_lose_nothing_that_was_published() {
    let keys = Keys::new();
    let mut last = 0;
    for round in 1..=12 {
        let mut writer = Actor::start("soaking writer", &keys, 0);
        writer.hears("ready");
        let watching = reader(&keys);
        let begin = watching.generation();
        // At another moment of its work each time.
        while watching.generation() < begin + 20 * round {
            assert!(writer.lives(), "round {round}");
        }
        writer.kill();
        assert_eq!(watching.epoch(), round);
        assert_sums(&watching.snapshot().unwrap());
        let history = watching.history(ROOMS[0]).unwrap().records;
        assert!(history.windows(2).all(|pair| pair[0].sequence + 1 == pair[1].sequence), "round {round}");
        let newest = history.last().unwrap().sequence;
        assert!(newest > last, "round {round}: {newest} after {last}");
        last = newest;
    }
    let (mut writer, adoption) = open(keys.settings());
    assert_eq!(restored_sequence(&adoption), last);
    writer.publish(NOW);
    assert_eq!(reader(&keys).snapshot().unwrap().room(ROOMS[0]).unwrap().number("messages"), last);
}
