//! Looking again and again says what a first look would say.

use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::layout::{copy, header};
use crate::testing::Keys;
use crate::{ReadError, Slow};

/// A change of what is published, and what it is called.
type Change = (&'static str, fn(&mut Writer));

fn lobby(writer: &mut Writer) -> RoomId {
    writer.stage().room("#lobby", NOW).unwrap()
}

/// Each changes something else; those that come after one see what it has left.
const CHANGES: &[Change] = &[
    ("the first room", |writer| {
        lobby(writer);
    }),
    ("nothing", |_| {}),
    ("counters", |writer| {
        writer.stage().add(TOTAL, 3);
        writer.stage().set(USERS, 2);
        writer.stage().observe(TURN, 12);
    }),
    ("a topic", |writer| {
        let room = lobby(writer);
        writer.stage().topic(room, "Welcome");
    }),
    ("members", |writer| {
        let room = lobby(writer);
        writer.stage().members(room, 2, [("alice", "@"), ("bob", "")]);
    }),
    ("a member's standing", |writer| {
        let room = lobby(writer);
        writer.stage().members(room, 2, [("alice", "@"), ("bob", "+")]);
    }),
    ("a member who goes", |writer| {
        let room = lobby(writer);
        writer.stage().members(room, 1, [("alice", "@")]);
    }),
    ("a message", |writer| {
        let room = lobby(writer);
        say(writer.stage(), room, 1, "alice", "hello");
    }),
    ("another one's message", |writer| {
        let room = lobby(writer);
        say(writer.stage(), room, 2, "bob", "hello yourself");
    }),
    ("marks", |writer| {
        let room = lobby(writer);
        writer.stage().flags(room, 6);
        writer.stage().room_add(room, JOINS, 1);
    }),
    ("a slow reader", |writer| {
        writer.stage().slow(&[Slow { name: "eve".to_owned(), queued: 5, limit: 9, since_ms: 1 }]);
    }),
    ("a slow reader who reads", |writer| writer.stage().slow(&[])),
    ("another room", |writer| {
        let room = writer.stage().room("#more", NOW).unwrap();
        say(writer.stage(), room, 1, "carol", "here");
    }),
    ("a room that ends", |writer| {
        let room = lobby(writer);
        writer.stage().close(room);
    }),
    ("a room that is erased, and one in its place", |writer| {
        let room = lobby(writer);
        writer.stage().erase(room);
        let room = writer.stage().room("#after", NOW).unwrap();
        writer.stage().topic(room, "Another one");
    }),
    ("all rooms gone", |writer| {
        for room in writer.stage().rooms().map(|(_, id)| id).collect::<Vec<_>>() {
            writer.stage().erase(room);
        }
    }),
];

#[test]
fn a_look_says_what_a_first_look_says() {
    let keys = Keys::new();
    let (mut writer, _) = open(keys.settings());
    let (mut free, mut guarded) = (reader(&keys), reader(&keys));
    for (millis, (name, change)) in (0..).step_by(700).zip(CHANGES) {
        change(&mut writer);
        writer.publish(later(millis));
        let first = reader(&keys).snapshot().unwrap();
        assert_eq!(free.look().unwrap(), &first, "{name}");
        assert_eq!(guarded.look_guarded(Duration::ZERO).unwrap(), &first, "{name}, under the guard");
    }
}

#[test]
fn the_minutes_go_on_when_nothing_is_said() {
    let keys = Keys::new();
    let (mut writer, _) = open(keys.settings());
    let room = lobby(&mut writer);
    say(writer.stage(), room, 1, "alice", "hello");
    let mut looking = reader(&keys);
    for minute in 0..3 {
        // Long after the rates have come to rest.
        writer.stage().set(USERS, minute);
        writer.publish(later(minute * 600_000));
        let first = reader(&keys).snapshot().unwrap();
        assert_eq!(looking.look().unwrap(), &first, "minute {minute}");
    }
}

#[test]
fn members_are_made_once_as_long_as_nobody_comes_or_goes() {
    let keys = Keys::new();
    let (mut writer, _) = open(keys.settings());
    let room = lobby(&mut writer);
    writer.stage().members(room, 1, [("alice", "@")]);
    writer.publish(later(0));
    let mut reader = reader(&keys);
    let before = reader.look().unwrap().rooms[0].members.clone();
    say(writer.stage(), room, 1, "alice", "hello");
    writer.publish(later(1));
    let after = &reader.look().unwrap().rooms[0];
    assert_eq!(after.number("messages"), 1);
    assert!(Arc::ptr_eq(&before, &after.members));
}

#[test]
fn a_look_that_fails_loses_nothing() {
    let keys = Keys::new();
    let (mut writer, _) = open(keys.settings());
    let room = lobby(&mut writer);
    writer.stage().members(room, 1, [("alice", "@")]);
    writer.publish(later(0));
    let mut reader = reader(&keys);
    let before = reader.look().unwrap().rooms[0].members.clone();
    crate::testing::hold_guard(keys.segment, || {
        let same = reader.look_guarded(Duration::ZERO).unwrap();
        assert!(Arc::ptr_eq(&before, &same.rooms[0].members), "nothing new needs no guard");
    });
    say(writer.stage(), room, 1, "alice", "hello");
    writer.publish(later(1));
    crate::testing::hold_guard(keys.segment, || {
        let busy = reader.look_guarded(Duration::ZERO).cloned();
        assert!(matches!(busy, Err(ReadError::Busy { .. })), "{busy:?}");
    });
    assert!(Arc::ptr_eq(&before, &reader.look().unwrap().rooms[0].members));
}

#[test]
fn readers_look_at_no_slot_behind_the_last_room() {
    let keys = Keys::new();
    let (mut writer, _) = open(keys.settings());
    let used = |writer: &Writer| {
        let base = writer.stage.geometry.copy(writer.mapping.load(header::GEN));
        writer.mapping.load(base + copy::USED)
    };
    let rooms: Vec<_> =
        ["#one", "#two", "#three"].map(|name| writer.stage().room(name, NOW).unwrap()).to_vec();
    writer.publish(later(0));
    assert_eq!(used(&writer), 4, "slots 0 to 2");
    writer.stage().erase(rooms[1]);
    writer.publish(later(1));
    assert_eq!(used(&writer), 4, "the last one is still there");
    writer.stage().erase(rooms[2]);
    writer.publish(later(2));
    assert_eq!(used(&writer), 2);
    writer.stage().erase(rooms[0]);
    writer.publish(later(3));
    assert_eq!(used(&writer), 1, "none, and that is said");

    // What lies behind is not read, and where nobody says it, everything is.
    writer.stage().room("#only", NOW).unwrap();
    writer.publish(later(4));
    let at = writer.stage.geometry.copy(writer.mapping.load(header::GEN)) + copy::USED;
    for (word, seen) in [(1, 0), (2, 1), (0, 1), (u64::MAX, 1)] {
        writer.mapping.store(at, word);
        assert_eq!(reader(&keys).snapshot().unwrap().rooms.len(), seen, "USED is {word}");
    }
}
