//! A segment in which somebody has written: readers and adopting servers say so, and never hang or panic.

use proptest::prelude::*;

use super::*;
use crate::geometry::static_crc;
use crate::layout::{HEADER_WORDS, header, ring};
use crate::testing::Keys;
use crate::testing::damaged::{self, place};
use crate::{ReadError, sys};

/// The words of a segment as a server left it.
fn sample(keys: &Keys) -> Vec<u64> {
    let (mut writer, _) =
        open(Settings { room_slots: 3, ring_bytes: 4096, members_max: 4, ..keys.settings() });
    for (name, records, millis) in [("#lapped", 80, 0), ("#short", 3, 1)] {
        let room = writer.stage().room(name, NOW).unwrap();
        for sequence in 1..=records {
            say(writer.stage(), room, sequence, "alice", "a text of some length, so that rings are lapped");
        }
        writer.stage().members(room, 2, [("alice", "@"), ("bob", "")]);
        writer.stage().room_add(room, JOINS, 1);
        writer.stage().add(TOTAL, 1);
        writer.publish(later(millis));
    }
    let mut words = Vec::new();
    writer.mapping.copy(0, writer.mapping.len(), &mut words);
    drop(writer);
    sys::segment_remove(sys::segment_id(keys.segment.0).unwrap()).unwrap();
    words
}

/// Everything a reader can ask for. That it comes back is the test.
fn read_all(keys: &Keys) -> Result<(), ReadError> {
    let rooms = ["#lapped", "#short"].map(str::to_owned);
    damaged::read_all(&mut Reader::open(keys.segment, None)?, &rooms)
}

/// A server on what lies there; it must serve afterwards.
fn adopt_all(keys: &Keys) {
    let (mut writer, _) =
        open(Settings { room_slots: 3, ring_bytes: 4096, members_max: 4, ..keys.settings() });
    for name in ["#lapped", "#short", "#after", "#last"] {
        if let Some(room) = writer.stage().room(name, NOW) {
            say(writer.stage(), room, 1000, "alice", "after the damage");
            writer.stage().room_add(room, JOINS, 1);
            writer.stage().members(room, 1, [("alice", "")]);
        }
    }
    writer.stage().add(TOTAL, 1);
    writer.stage().observe(TURN, 1);
    writer.publish(later(1));
    drop(writer);
    read_all(keys).unwrap_or_else(|error| panic!("after an adoption: {error}"));
}

/// What somebody writes: mostly where it matters, and values that matter.
fn damage() -> impl Strategy<Value = Vec<(usize, u64)>> {
    let at = prop_oneof![
        0_usize..HEADER_WORDS,
        0_usize..2048,
        any::<prop::sample::Index>().prop_map(|i| i.index(1 << 16))
    ];
    let word = prop_oneof![
        Just(0),
        Just(u64::MAX),
        Just(8),
        0_u64..1 << 20,
        any::<u64>(),
        (0_u32..64).prop_map(|bit| 1 << bit)
    ];
    prop::collection::vec((at, word), 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(300), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_damage_makes_anybody_panic(damage in damage(), forge in any::<bool>()) {
        let keys = Keys::new();
        let mut words = sample(&keys);
        for (at, word) in damage {
            let at = at % words.len();
            words[at] = word;
        }
        if forge {
            // Somebody who knows what he does.
            words[header::MAGIC] = crate::layout::MAGIC;
            words[header::VERSION] = 1 << 16;
            words[header::STATIC_CRC] = static_crc(&words);
        }
        if words[header::MAGIC] == crate::layout::MAGIC && words[header::VERSION] >> 16 > 1 {
            // Which a server leaves alone.
            words[header::VERSION] = 1 << 16;
        }
        drop(place(&keys, &words));
        let _ = read_all(&keys);
        adopt_all(&keys);
    }
}

#[test]
fn damage_is_named() {
    let keys = Keys::new();
    let sound = sample(&keys);
    let geometry = crate::geometry::Geometry::read(&sound, sound.len() * 8).unwrap();
    let (row, area) = (geometry.ring_row(0), geometry.ring(0));
    let tail = sound[row + ring::TAIL];
    for (at, word, says) in [
        (header::MAGIC, 1, "not a Parlor segment"),
        (header::UUID_LOW, 1, "header's CRC"),
        (header::DIRECTORY_AT, 1 << 30, "header's CRC"),
        (header::INTENT, 9, "the generation is 2 and the intent 9"),
        (header::GEN, 1 << 50, "the intent 2"),
        (geometry.words(header::DIRECTORY_AT) + 3, 77, "directory's CRC"),
        (row + ring::TAIL, tail + 4, "impossible positions"),
        (row + ring::TAIL, tail + 8192, "longer than itself"),
        (row + ring::NAME_CRC, 0, "name does not fit"),
        (area + 100, 0x1234_5678, "#lapped"),
    ] {
        let mut words = sound.clone();
        words[at] = word;
        let placed = place(&keys, &words);
        let error = read_all(&keys).expect_err(says).to_string();
        assert!(error.contains(says), "{error:?} instead of {says:?}");
        sys::segment_remove(placed.id()).unwrap();
    }
}

#[test]
fn a_forged_geometry_is_not_believed() {
    let keys = Keys::new();
    let sound = sample(&keys);
    for field in crate::layout::header::FIELDS {
        let geometric = (header::ROOM_SLOTS..=header::HISTOGRAM_BUCKETS).contains(&field.word);
        if !geometric && field.word != header::TOTAL_BYTES {
            continue;
        }
        let mut words = sound.clone();
        words[field.word] = 1 << 45;
        words[header::STATIC_CRC] = static_crc(&words);
        let placed = place(&keys, &words);
        let refused = Reader::open(keys.segment, None).map(drop);
        assert!(matches!(refused, Err(ReadError::Damaged(_))), "{}: {refused:?}", field.name);
        sys::segment_remove(placed.id()).unwrap();
    }
}

#[test]
fn a_truncated_segment_is_refused_and_replaced() {
    let keys = Keys::new();
    let sound = sample(&keys);
    for length in [1, HEADER_WORDS - 1, HEADER_WORDS, sound.len() - 1] {
        drop(place(&keys, &sound[..length]));
        let refused = Reader::open(keys.segment, None).map(drop);
        assert!(matches!(refused, Err(ReadError::Damaged(_))), "{length} words: {refused:?}");
        let (writer, adoption) = open(keys.settings());
        assert!(matches!(adoption, Adoption::Replaced { .. }), "{length} words: {adoption:?}");
        drop(writer);
        sys::segment_remove(sys::segment_id(keys.segment.0).unwrap()).unwrap();
    }
}

#[test]
fn a_history_damaged_from_its_begin_is_emptied() {
    let keys = Keys::new();
    let mut words = sample(&keys);
    let geometry = crate::geometry::Geometry::read(&words, words.len() * 8).unwrap();
    words[geometry.ring(1)] = 0;
    drop(place(&keys, &words));
    assert!(reader(&keys).history("#short").is_err());
    adopt_all(&keys);
    assert_eq!(sequences(&reader(&keys), "#short"), [1000], "only what came after the damage");
}

#[test]
fn numbers_that_only_damage_can_bring_are_not_believed() {
    let keys = Keys::new();
    let mut words = sample(&keys);
    let geometry = crate::geometry::Geometry::read(&words, words.len() * 8).unwrap();
    let room = geometry.copy(words[header::GEN]) + geometry.room(0);
    words[room + crate::layout::room::MINUTE] = u64::MAX;
    words[room + geometry.words(header::TALKERS_AT) + crate::layout::talker::MESSAGES] = u64::MAX;
    // Both rooms have one name.
    let (first, second) = (geometry.ring_row(0), geometry.ring_row(1));
    words.copy_within(first + ring::NAME..first + ring::NAME + 16, second + ring::NAME);
    let name = words[second + ring::NAME..second + ring::NAME + 16].to_vec();
    words[second + ring::NAME_CRC] = crate::publish::name_crc(words[second + ring::TENURE], &name);
    drop(place(&keys, &words));
    let settings = Settings { room_slots: 3, ring_bytes: 4096, members_max: 4, ..keys.settings() };
    let (mut writer, adoption) = open(settings);
    let Adoption::Adopted { rooms, moved: false, .. } = adoption else { panic!("{adoption:?}") };
    assert_eq!(rooms.iter().map(|room| &room.name[..]).collect::<Vec<_>>(), ["#lapped"]);
    let room = writer.stage().room("#lapped", NOW).unwrap();
    say(writer.stage(), room, 81, "alice", "after");
    writer.publish(NOW);
    let snapshot = reader(&keys).snapshot().unwrap();
    assert_eq!(names(&snapshot), ["#lapped"]);
    assert!(snapshot.rooms[0].talkers[0].messages < 1 << 62, "{:?}", snapshot.rooms[0].talkers);
    assert_eq!(snapshot.rooms[0].minutes[58..], [0, 1]);
}

#[test]
fn damaged_histories_are_kept_up_to_the_damage() {
    let keys = Keys::new();
    let mut words = sample(&keys);
    let geometry = crate::geometry::Geometry::read(&words, words.len() * 8).unwrap();
    let (row, area) = (geometry.ring_row(0), geometry.ring(0));
    let size = geometry.words(header::RING_BYTES) as u64;
    let (head, tail) = (words[row + ring::HEAD] / 8, words[row + ring::TAIL] / 8);
    words[area + ((head + (tail - head) / 2) % size) as usize] ^= 1 << 17;
    drop(place(&keys, &words));
    let settings = Settings { room_slots: 3, ring_bytes: 4096, members_max: 4, ..keys.settings() };
    let (mut writer, adoption) = open(settings);
    let Adoption::Adopted { rooms, moved: false, .. } = adoption else { panic!("{adoption:?}") };
    let lapped = rooms.iter().find(|room| room.name == "#lapped").unwrap();
    assert!(lapped.damage.as_deref().unwrap().contains("CRC"), "{:?}", lapped.damage);
    assert!(lapped.records.len() > 10 && lapped.records.len() < 25, "{}", lapped.records.len());
    assert_eq!(rooms.iter().find(|room| room.name == "#short").unwrap().damage, None);
    let room = writer.stage().room("#lapped", NOW).unwrap();
    say(writer.stage(), room, 81, "alice", "on we go");
    writer.publish(later(1));
    let after = sequences(&reader(&keys), "#lapped");
    assert_eq!((after.len(), after.last()), (lapped.records.len() + 1, Some(&81)));
}

/// What a server of layout 1.0 left: no slow readers, and no words about them.
#[test]
fn a_layout_without_slow_readers_is_read_and_adopted() {
    let keys = Keys::new();
    let mut words = sample(&keys);
    words[header::VERSION] = 1 << 16;
    for field in [header::SLOW_AT, header::SLOW_MAX, header::SLOW_BYTES] {
        words[field] = 0;
    }
    words[header::STATIC_CRC] = static_crc(&words);
    drop(place(&keys, &words));
    let snapshot = Reader::open(keys.segment, None).unwrap().snapshot().unwrap();
    assert_eq!((snapshot.slow, snapshot.rooms.len()), (vec![], 2));
    adopt_all(&keys);
    assert_eq!(Reader::open(keys.segment, None).unwrap().version(), (1, crate::VERSION_MINOR));
}
