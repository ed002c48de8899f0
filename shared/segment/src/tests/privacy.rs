//! What is erased is gone.

use super::*;
use crate::testing::Keys;
use crate::text::words_of;
use crate::{Published, ReadError};

/// All bytes of the segment.
fn bytes(writer: &Writer) -> Vec<u8> {
    let mut words = Vec::new();
    writer.mapping.copy(0, writer.mapping.len(), &mut words);
    words_of(&words)
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

const TRACES: [&str; 5] = ["#den", "Xtopic", "Xmember", "Xtalker", "Xtext"];

fn open_den(writer: &mut Writer) -> RoomId {
    let stage = writer.stage();
    let den = stage.room("#den", NOW).unwrap();
    stage.topic(den, "Xtopic");
    stage.members(den, 1, [("Xmember", "@")]);
    for sequence in 1..=90 {
        say(
            stage,
            den,
            sequence,
            "Xtalker",
            "Xtext, and so much of it that the ring is lapped by these messages",
        );
    }
    // Both copies of the counters know it.
    assert_eq!(writer.publish(NOW), Published::Done);
    writer.stage().flags(den, 1);
    assert_eq!(writer.publish(later(1)), Published::Done);
    den
}

#[test]
fn an_erased_room_leaves_no_byte() {
    let keys = Keys::new();
    let (mut writer, _) = open(keys.settings());
    let den = open_den(&mut writer);
    let before = bytes(&writer);
    for trace in TRACES {
        assert!(contains(&before, trace), "{trace} is there before");
    }
    say(writer.stage(), den, 91, "Xtalker", "Xtext of the tick in which it is erased");
    writer.stage().erase(den);
    say(writer.stage(), den, 92, "Xtalker", "Xtext after it");
    assert_eq!(writer.publish(later(2)), Published::Done);
    let after = bytes(&writer);
    for trace in TRACES {
        assert!(!contains(&after, trace), "{trace} is still there");
    }
    assert_eq!(reader(&keys).history("#den"), Err(ReadError::NoRoom));
}

#[test]
fn a_record_that_is_taken_out_leaves_no_byte_and_the_others_stay() {
    let keys = Keys::new();
    let (mut writer, _) = open(keys.settings());
    let den = open_den(&mut writer);
    let follower = reader(&keys);
    let before = follower.history("#den").unwrap();
    let stage = writer.stage();
    let marked =
        |sequence, id, text| Record { sequence, wall_ms: 5, kind: Kind::MESSAGE, id, from: "eve", text };
    stage.append(den, &marked(91, "a", "Ysecret one"));
    stage.append(den, &marked(92, "b", "another"));
    assert_eq!(writer.publish(later(2)), Published::Done);
    writer.stage().append(den, &marked(93, "c", "Ysecret two, not published yet"));
    writer.stage().remove(den, "a");
    writer.stage().remove(den, "c");
    writer.stage().append(den, &marked(94, "d", "the last"));
    assert_eq!(writer.publish(later(3)), Published::Done);
    assert!(!contains(&bytes(&writer), "Ysecret"), "not a byte of it");
    // Who reads all of it finds all the others, with their numbers; who follows is told nothing twice.
    let all = follower.history("#den").unwrap().records;
    let kept: Vec<u64> = before.records.iter().map(|record| record.sequence).collect();
    let sequences: Vec<u64> = all.iter().map(|record| record.sequence).collect();
    assert_eq!(&sequences[sequences.len() - 2..], [92, 94]);
    assert!(kept.ends_with(&sequences[..sequences.len() - 2]), "{kept:?} {sequences:?}");
    let followed = follower.follow("#den", &before.cursor).unwrap();
    let told: Vec<u64> = followed.records.iter().map(|record| record.sequence).collect();
    assert_eq!((told, followed.renewed), (vec![92, 94], false));
    assert_eq!(
        follower.snapshot().unwrap().room("#den").unwrap().number("messages"),
        90,
        "what was counted stays"
    );
    assert!(follower.follow("#den", &followed.cursor).unwrap().records.is_empty());
}

#[test]
fn a_record_is_taken_out_of_a_history_with_nothing_else_in_it() {
    let keys = Keys::new();
    let (mut writer, _) = open(keys.settings());
    let den = writer.stage().room("#den", NOW).unwrap();
    let text = "Ysecret";
    let record = Record { sequence: 1, wall_ms: 5, kind: Kind::MESSAGE, id: "a", from: "bob", text };
    writer.stage().append(den, &record);
    assert_eq!(writer.publish(NOW), Published::Done);
    writer.stage().remove(den, "a");
    assert_eq!(writer.publish(later(1)), Published::Done);
    assert!(!contains(&bytes(&writer), "Ysecret"), "not a byte of it");
    assert_eq!(reader(&keys).history("#den").unwrap().records, []);
    drop(writer);
    // And the next server finds a history that is whole.
    let (mut writer, adoption) = open(keys.settings());
    let Adoption::Adopted { rooms, .. } = adoption else { panic!("{adoption:?}") };
    assert!(rooms.iter().all(|room| room.damage.is_none() && room.records.is_empty()), "{rooms:?}");
    let den = writer.stage().room("#den", NOW).unwrap();
    say(writer.stage(), den, 2, "bob", "hello");
    writer.publish(later(2));
    assert_eq!(reader(&keys).history("#den").unwrap().records.len(), 1);
}

#[test]
fn a_room_that_takes_the_slot_shows_nothing_of_the_one_before() {
    let keys = Keys::new();
    let (mut writer, _) = open(crate::Settings { room_slots: 1, ..keys.settings() });
    let den = open_den(&mut writer);
    let follower = reader(&keys);
    let place = follower.history("#den").unwrap().cursor;
    writer.stage().close(den);
    let next = writer.stage().room("#next", NOW).unwrap();
    say(writer.stage(), next, 1, "bob", "hi");
    assert_eq!(writer.publish(later(2)), Published::Done);
    let after = bytes(&writer);
    for trace in TRACES {
        assert!(!contains(&after, trace), "{trace} is still there");
    }
    let snapshot = follower.snapshot().unwrap();
    assert_eq!((names(&snapshot), snapshot.rooms[0].number("messages")), (vec!["#next"], 1));
    assert_eq!(follower.follow("#den", &place), Err(ReadError::NoRoom));

    // And a room of the same name is not the one that was followed.
    writer.stage().erase(next);
    let den = writer.stage().room("#den", NOW).unwrap();
    say(writer.stage(), den, 1, "bob", "anew");
    writer.publish(later(3));
    let followed = follower.follow("#den", &place).unwrap();
    assert_eq!((followed.renewed, followed.lost, followed.records.len()), (true, 0, 1));
}

#[test]
fn what_a_dead_server_was_erasing_is_erased_by_the_next() {
    let keys = Keys::new();
    let (mut writer, _) = open(keys.settings());
    open_den(&mut writer);
    // As far as a kill can have come: the row is empty, the rest is not.
    let row = writer.stage.geometry.ring_row(0);
    writer.mapping.store(row + crate::layout::ring::TENURE, 0);
    drop(writer);
    let (mut writer, adoption) = open(keys.settings());
    let Adoption::Adopted { rooms, .. } = adoption else { panic!("{adoption:?}") };
    assert!(rooms.is_empty(), "{rooms:?}");
    writer.publish(later(3));
    writer.stage().add(TOTAL, 1);
    writer.publish(later(4));
    let after = bytes(&writer);
    for trace in TRACES {
        assert!(!contains(&after, trace), "{trace} is still there");
    }
}
