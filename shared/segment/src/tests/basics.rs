//! One server, readers, no trouble.

use std::time::Duration;

use super::*;
use crate::layout::header;
use crate::testing::Keys;
use crate::{Histogram, Liveness, OpenError, Published, ReadError, STALE_AFTER, Value};

#[test]
fn what_is_reported_is_read() {
    let keys = Keys::new();
    let (mut writer, adoption) = open(keys.settings());
    assert!(matches!(adoption, Adoption::Created), "{adoption:?}");
    let reader = reader(&keys);
    assert_eq!(reader.snapshot().unwrap().rooms, []);

    let stage = writer.stage();
    stage.add(TOTAL, 3);
    stage.set(USERS, 2);
    for value in [0, 5, 5, 1 << 40] {
        stage.observe(TURN, value);
    }
    let lobby = stage.room("#lobby", NOW).unwrap();
    stage.members(lobby, 3, [("alice", "@"), ("bob", ""), ("çelik", "+")]);
    stage.topic(lobby, "Welcome");
    stage.flags(lobby, 6);
    stage.room_add(lobby, JOINS, 3);
    say(stage, lobby, 1, "alice", "hello");
    assert_eq!(writer.publish(NOW), Published::Done);

    let snapshot = reader.snapshot().unwrap();
    assert_eq!(snapshot, reader.snapshot_guarded(Duration::ZERO).unwrap());
    assert_eq!((snapshot.number("total"), snapshot.number("users"), snapshot.number("turn")), (3, 2, 4));
    let turn = snapshot.counter("turn").unwrap();
    assert_eq!((turn.about.unit.as_str(), turn.about.help.as_str()), ("us", "Length of a turn."));
    let Value::Histogram(histogram) = &turn.value else { panic!("{turn:?}") };
    assert_eq!((histogram.sum, histogram.buckets[0], histogram.buckets[3]), (10 + (1 << 40), 1, 2));
    assert_eq!((histogram.buckets[31], histogram.quantile(0.5)), (1, Some(7)));
    let room = snapshot.room("#lobby").unwrap();
    assert_eq!((room.topic.as_str(), room.flags, room.open), ("Welcome", 6, true));
    assert_eq!((room.number("members"), room.number("joins"), room.number("messages")), (3, 3, 1));
    let members: Vec<_> = room.members.iter().map(|member| (&member.name[..], &member.prefix[..])).collect();
    assert_eq!(members, [("alice", "@"), ("bob", ""), ("çelik", "+")]);
    assert_eq!((room.minutes.len(), room.minutes.last()), (60, Some(&1)));
    assert_eq!((&room.talkers[0].name[..], room.talkers[0].messages), ("alice", 1));
    assert_eq!(reader.history("#lobby").unwrap().records[0].text, "hello");
    assert_eq!(reader.history("#nowhere"), Err(ReadError::NoRoom));
    let cut = reader.cut(Duration::ZERO).unwrap();
    assert!(cut.whole && cut.snapshot == snapshot && cut.histories[0].1.records.len() == 1, "{cut:?}");
}

#[test]
fn what_somebody_removed_is_not_called_alive() {
    let keys = Keys::new();
    let (writer, _) = open(keys.settings());
    let mut reader = reader(&keys);
    assert_eq!(reader.liveness(NOW), Liveness::Live);
    drop(writer);
    assert!(matches!(reader.liveness(NOW), Liveness::Dead { .. }));
    crate::remove(keys.segment, crate::Force::No).unwrap();
    assert_eq!(reader.liveness(NOW), Liveness::Retired, "at once, however young the last heartbeat is");
}

#[test]
fn values_collected_meanwhile_are_as_those_entered_one_by_one() {
    let (one, other) = (Keys::new(), Keys::new());
    let mut snapshots = Vec::new();
    for (keys, collects) in [(&one, false), (&other, true)] {
        let (mut writer, _) = open(keys.settings());
        let mut collected = crate::Collected::default();
        for round in 0..2 {
            for value in [0, 1, 5, 5, 1 << 40, u64::MAX, round] {
                if collects { collected.observe(value) } else { writer.stage().observe(TURN, value) }
            }
            writer.stage().merge(TURN, &mut collected);
            assert!(collected.is_empty());
            writer.stage().merge(TURN, &mut collected);
            collected.observe(7);
            collected.clear();
            writer.stage().merge(TURN, &mut collected);
        }
        writer.publish(NOW);
        let mut snapshot = reader(keys).snapshot().unwrap();
        snapshot.counters.retain(|counter| counter.name() == "turn");
        snapshots.push(snapshot);
    }
    assert_eq!(snapshots[0].number("turn"), 14);
    assert_eq!(snapshots[0], snapshots[1]);
}

#[test]
fn slow_readers_are_listed_and_their_names_go_with_them() {
    let keys = Keys::new();
    let (mut writer, _) = open(keys.settings());
    let slow = |number: u64| crate::Slow {
        name: format!("sluggard{number}"),
        queued: 100 - number,
        limit: 1000,
        since_ms: NOW.wall_ms + number,
    };
    let all: Vec<_> = (0..12).map(slow).collect();
    for (millis, count) in [(0, 12), (1, 3), (2, 0), (3, 0)] {
        writer.stage().slow(&all[..count]);
        writer.stage().add(TOTAL, 1);
        assert_eq!(writer.publish(later(millis)), Published::Done);
        assert_eq!(reader(&keys).snapshot().unwrap().slow, &all[..count.min(crate::SLOW_MAX)]);
    }
    let bytes = crate::testing::bytes(keys.segment);
    assert!(!bytes.windows(8).any(|bytes| bytes == b"sluggard"), "neither copy keeps a name");
}

#[test]
fn publication_waits_for_the_tick_and_for_news() {
    let keys = Keys::new();
    let (mut writer, _) = open(keys.settings());
    assert_eq!(writer.publish(NOW), Published::Idle);
    writer.stage().add(TOTAL, 1);
    assert_eq!(writer.next_publish(NOW), Duration::ZERO);
    assert_eq!(writer.publish(NOW), Published::Done);
    writer.stage().add(TOTAL, 1);
    let almost = NOW.after(Duration::from_micros(999));
    assert_eq!(writer.publish(almost), Published::Early);
    assert_eq!(writer.next_publish(almost), Duration::from_micros(1));
    assert_eq!(writer.publish(later(1)), Published::Done);
    assert_eq!(writer.publish(later(2)), Published::Idle);
    assert_eq!(writer.next_publish(later(2)), Duration::from_millis(498), "until the heartbeat");
}

#[test]
fn a_message_costs_what_it_changes_and_not_the_segment() {
    let keys = Keys::new();
    let (mut writer, _) = open(crate::Settings { room_slots: 64, members_max: 256, ..keys.settings() });
    let members: Vec<String> = (0..256).map(|number| format!("person{number}")).collect();
    let rooms: Vec<_> =
        (0..64).map(|number| writer.stage().room(&format!("#{number}"), NOW).unwrap()).collect();
    for &room in &rooms {
        writer.stage().members(room, 256, members.iter().map(|name| (name.as_str(), "")));
    }
    for tick in 0..4 {
        writer.publish(later(tick * 1000));
        writer.stage().add(TOTAL, 1);
    }
    writer.publish(later(4000));
    let before = writer.statistics().words;
    say_at(writer.stage(), rooms[7], 1, "person7", "hello", later(4001));
    assert_eq!(writer.publish(later(4001)), Published::Done);
    let words = writer.statistics().words - before;
    assert!(words < 400, "{words} words for a message");
}

#[test]
fn a_server_is_live_stale_stopped_or_retired() {
    let keys = Keys::new();
    let (mut writer, _) = open(keys.settings());
    let mut reader = reader(&keys);
    writer.publish(later(600));
    let beat = later(600);
    assert_eq!(reader.liveness(beat.after(STALE_AFTER - Duration::from_micros(1))), Liveness::Live);
    assert_eq!(reader.liveness(beat.after(STALE_AFTER)), Liveness::Stale { silent: STALE_AFTER });
    writer.publish(later(4000));
    assert_eq!(reader.liveness(later(4000)), Liveness::Live);
    writer.stop(later(4001));
    assert_eq!(reader.liveness(later(9000)), Liveness::Stopped);
    let (writer, adoption) = open(keys.settings());
    assert!(matches!(adoption, Adoption::Adopted { epoch: 2, moved: false, .. }), "{adoption:?}");
    assert_eq!(reader.liveness(NOW), Liveness::Restarted { epoch: 2 });
    assert_eq!(reader.liveness(NOW), Liveness::Live);
    drop(writer);
    assert!(matches!(reader.liveness(NOW), Liveness::Dead { .. }));
    let (_writer, adoption) = open(crate::Settings { room_slots: 9, ..keys.settings() });
    assert!(matches!(adoption, Adoption::Adopted { epoch: 3, moved: true, .. }), "{adoption:?}");
    assert_eq!(reader.liveness(NOW), Liveness::Retired);
}

#[test]
fn a_stop_can_remove_the_objects() {
    let keys = Keys::new();
    let (writer, _) = open(crate::Settings { remove_at_stop: true, ..keys.settings() });
    let mut reader = reader(&keys);
    writer.stop(NOW);
    assert_eq!(reader.liveness(NOW), Liveness::Stopped);
    assert_eq!(sys_ids(&keys), (false, false));
}

fn sys_ids(keys: &Keys) -> (bool, bool) {
    (crate::sys::segment_id(keys.segment.0).is_ok(), crate::sys::set_id(keys.semaphores.0).is_ok())
}

#[test]
fn nobody_serves_twice_in_one_process_either() {
    let keys = Keys::new();
    let (_writer, _) = open(keys.settings());
    let refused = Writer::open(keys.settings(), COUNTERS, ROOM_COUNTERS, NOW).unwrap_err();
    let pid = std::process::id();
    assert_eq!(refused, OpenError::Running { key: keys.semaphores, pid: pid.cast_signed() });
    assert!(refused.to_string().contains(&format!("process {pid}")), "{refused}");
    let other = Keys::new();
    let settings = crate::Settings { semaphore_key: other.semaphores, ..keys.settings() };
    let refused = Writer::open(settings, COUNTERS, ROOM_COUNTERS, NOW).unwrap_err();
    assert!(matches!(refused, OpenError::Running { .. }), "by other semaphores neither: {refused:?}");
    let _ = crate::care::reset_guard(other.semaphores, crate::Force::Yes);
}

#[test]
fn a_newer_layout_is_refused_by_both_sides() {
    let keys = Keys::new();
    let (writer, _) = open(keys.settings());
    writer.mapping.store(header::VERSION, 2 << 16);
    assert_eq!(Reader::open(keys.segment, None).unwrap_err(), ReadError::Newer { major: 2 });
    drop(writer);
    let refused = Writer::open(keys.settings(), COUNTERS, ROOM_COUNTERS, NOW).unwrap_err();
    assert_eq!(refused, OpenError::Newer { major: 2 });
    assert!(crate::sys::segment_id(keys.segment.0).is_ok(), "a newer server's history is not removed");
}

#[test]
fn readers_say_what_is_missing() {
    let keys = Keys::new();
    let open_reader = |owner| Reader::open(keys.segment, owner).map(drop);
    assert_eq!(open_reader(None), Err(ReadError::Absent { key: keys.segment }));
    let (_writer, _) = open(keys.settings());
    let me = crate::sys::user();
    assert_eq!(open_reader(Some(me)), Ok(()));
    assert_eq!(open_reader(Some(me + 1)), Err(ReadError::Foreign { key: keys.segment, uid: me }));
}

#[test]
fn slots_are_given_to_rooms_until_they_are_gone() {
    let keys = Keys::new();
    let (mut writer, _) = open(crate::Settings { room_slots: 2, ..keys.settings() });
    let stage = writer.stage();
    let [first, second] = ["#one", "#two"].map(|name| stage.room(name, NOW).unwrap());
    assert_eq!(stage.room("#one", NOW), Some(first), "the same room");
    assert_eq!(stage.room("#three", NOW), None);
    assert_eq!(stage.room(&"x".repeat(129), NOW), None);
    say(stage, first, 1, "a", "still here");
    stage.members(first, 1, [("a", "")]);
    stage.close(first);
    stage.close(second);
    assert_eq!(stage.room("#two", NOW), Some(second), "reopened");
    writer.publish(NOW);
    let reader = reader(&keys);
    let snapshot = reader.snapshot().unwrap();
    let one = snapshot.room("#one").unwrap();
    assert_eq!(
        (one.open, one.members.len(), one.number("members"), one.number("members_peak")),
        (false, 0, 0, 1)
    );
    assert_eq!(sequences(&reader, "#one"), [1], "a closed room keeps its history");
    assert_eq!(snapshot.number("segment.refused"), 2);
    let third = writer.stage().room("#three", NOW).expect("the closed room gives way");
    say(writer.stage(), first, 2, "a", "to a room that is gone");
    say(writer.stage(), third, 7, "b", "hi");
    writer.publish(later(1));
    assert_eq!(names(&reader.snapshot().unwrap()), ["#three", "#two"]);
    assert_eq!(sequences(&reader, "#three"), [7]);
    assert_eq!(reader.history("#one"), Err(ReadError::NoRoom));
}

#[test]
fn settings_that_cannot_be_are_refused() {
    let keys = Keys::new();
    let good = keys.settings();
    for (settings, word) in [
        (crate::Settings { ring_bytes: 4088, ..good.clone() }, "4088"),
        (crate::Settings { ring_bytes: 8196, ..good.clone() }, "8196"),
        (crate::Settings { room_slots: 0, ..good.clone() }, "0 room slots"),
        (crate::Settings { room_slots: 4097, ..good.clone() }, "4097"),
        (crate::Settings { members_max: 65537, ..good.clone() }, "65537"),
        (crate::Settings { heartbeat_every: Duration::from_millis(1001), ..good.clone() }, "heartbeat"),
        (crate::Settings { segment_mode: 0o440, ..good.clone() }, "permission"),
        (crate::Settings { segment_key: crate::Key(0), ..good }, "key 0"),
    ] {
        let refused = Writer::open(settings, COUNTERS, ROOM_COUNTERS, NOW).unwrap_err().to_string();
        assert!(refused.contains(word), "{refused}");
    }
    const TWICE: &[CounterRow] = &[COUNTERS[0], COUNTERS[0]];
    let twice = Writer::open(keys.settings(), TWICE, &[], NOW).unwrap_err();
    assert!(twice.to_string().contains("total"), "{twice}");
    const LONG: &[CounterRow] = &[CounterRow {
        name: "name_of_sixty_five_bytes_which_is_one_more_than_a_row_has_for_one",
        ..COUNTERS[0]
    }];
    let long = Writer::open(keys.settings(), &[], LONG, NOW).unwrap_err();
    assert!(long.to_string().contains("sixty_five"), "{long}");
}

#[test]
fn values_fall_into_buckets_by_powers_of_two() {
    for (value, bucket) in
        [(0, 0), (1, 1), (2, 2), (3, 2), (4, 3), (1 << 29, 30), (1 << 30, 31), (u64::MAX, 31)]
    {
        assert_eq!(Histogram::bucket(value), bucket, "{value}");
    }
    let histogram = Histogram { count: 0, sum: 0, buckets: vec![0; 32] };
    assert_eq!((histogram.bound(0), histogram.bound(1), histogram.bound(3)), (Some(0), Some(1), Some(7)));
    assert_eq!((histogram.bound(30), histogram.bound(31)), (Some((1 << 30) - 1), None));
}
