//! Objects removed under the server, and keys that strangers take.

use std::io::Write;
use std::time::Duration;

use super::actors::{Actor, Script, await_word, report};
use super::*;
use crate::layout::header;
use crate::testing::Keys;
use crate::{Liveness, OpenError, Published, ReadError, sys};

/// `nobody` on most systems; any user that is not root would do.
const STRANGER: u32 = 65534;

pub(super) fn strangers_semaphores(script: &Script) {
    let id = sys::set_create(script.semaphores.0, 4, 0o666).unwrap();
    report("created");
    await_word();
    sys::set_remove(id).unwrap();
    report("removed");
}

pub(super) fn strangers_segment(script: &Script) {
    let id = sys::segment_create(script.segment.0, 4096, 0o666).unwrap();
    report("created");
    await_word();
    sys::segment_remove(id).unwrap();
    report("removed");
}

pub(super) fn skip() {
    // Not with a macro: what those print is shown of tests that fail only.
    std::io::stderr().write_all(b"SKIPPED: only root can act as another user\n").unwrap();
}

/// Another user's process, which only root can start.
fn stranger(role: &str, keys: &Keys) -> Option<Actor> {
    if sys::user() != 0 {
        skip();
        return None;
    }
    let mut actor = Actor::start_as(role, keys, 0, Some(STRANGER));
    actor.hears("created");
    Some(actor)
}

#[test]
fn a_strangers_keys_are_refused_by_name() {
    let keys = Keys::new();
    let Some(actor) = stranger("stranger's semaphores", &keys) else { return };
    let refused = Writer::open(keys.settings(), COUNTERS, ROOM_COUNTERS, NOW).unwrap_err();
    assert_eq!(refused, OpenError::ForeignSemaphores { key: keys.semaphores, uid: Some(STRANGER) });
    assert!(refused.to_string().contains("uid 65534"), "{refused}");
    drop(actor);

    let keys = Keys::new();
    let Some(_actor) = stranger("stranger's segment", &keys) else { return };
    let refused = Writer::open(keys.settings(), COUNTERS, ROOM_COUNTERS, NOW).unwrap_err();
    assert_eq!(refused, OpenError::ForeignSegment { key: keys.segment, uid: Some(STRANGER) });
    assert!(refused.to_string().contains("uid 65534"), "{refused}");
    assert!(
        !crate::guard::Guard::find(keys.semaphores).unwrap().unwrap().serving().unwrap(),
        "nobody serves"
    );
    let foreign = Reader::open(keys.segment, Some(0)).unwrap_err();
    assert_eq!(foreign, ReadError::Foreign { key: keys.segment, uid: STRANGER });
}

#[test]
fn removed_semaphores_are_made_anew() {
    let keys = Keys::new();
    let (mut writer, _) = open(keys.settings());
    let reader = reader(&keys);
    sys::set_remove(sys::set_id(keys.semaphores.0).unwrap()).unwrap();
    writer.stage().add(TOTAL, 1);
    assert_eq!(writer.publish(NOW), Published::Unguarded);
    assert_eq!(writer.trouble(), None);
    assert_eq!(reader.snapshot_guarded(Duration::ZERO).unwrap().number("total"), 1, "the new guard is found");
    writer.stage().add(TOTAL, 1);
    assert_eq!(writer.publish(later(1)), Published::Done);
    assert_eq!(writer.statistics().recovered, 1);
}

#[test]
fn idle_servers_notice_removed_objects_too() {
    let keys = Keys::new();
    let (mut writer, _) = open(keys.settings());
    sys::set_remove(sys::set_id(keys.semaphores.0).unwrap()).unwrap();
    sys::segment_remove(sys::segment_id(keys.segment.0).unwrap()).unwrap();
    writer.publish(later(999));
    assert!(
        sys::set_id(keys.semaphores.0).is_err() && sys::segment_id(keys.segment.0).is_err(),
        "once a second"
    );
    writer.publish(later(1000));
    assert_eq!(reader(&keys).snapshot_guarded(Duration::ZERO).unwrap().number("total"), 0);
    assert_eq!(writer.statistics().recovered, 2);
}

#[test]
fn a_removed_segment_is_published_again_with_everything() {
    let keys = Keys::new();
    let (mut writer, _) = open(keys.settings());
    let room = writer.stage().room("#lobby", NOW).unwrap();
    writer.stage().topic(room, "Welcome");
    for sequence in 1..=200 {
        say(writer.stage(), room, sequence, "alice", "a text to fill the ring more than once, as rings are");
    }
    writer.stage().add(TOTAL, 1);
    writer.publish(NOW);
    let mut old = reader(&keys);
    let (before, history) = (old.snapshot().unwrap(), old.history("#lobby").unwrap());
    assert!(history.records.len() > 50 && history.records.len() < 200, "{}", history.records.len());
    sys::segment_remove(old.id()).unwrap();
    assert_eq!(writer.publish(later(1000)), Published::Done);
    assert_eq!(old.liveness(NOW), Liveness::Retired);
    assert_eq!(old.snapshot().unwrap(), before, "what was attached stays as it was");

    let mut new = reader(&keys);
    assert_ne!(new.id(), old.id());
    // For readers that do not look at the key again.
    let (state, successor) = (old.mapping.load(header::STATE), old.mapping.load(header::SUCCESSOR));
    assert_eq!((state, successor), (crate::object::RETIRED, new.id() as u64 + 1));
    assert_eq!((new.epoch(), new.liveness(later(1000))), (1, Liveness::Live));
    let after = new.snapshot().unwrap();
    assert_eq!((after.number("total"), &after.rooms[0].topic), (1, &before.rooms[0].topic));
    assert_eq!(new.history("#lobby").unwrap().records, history.records);
    let more = new.follow("#lobby", &history.cursor).unwrap();
    assert_eq!((more.records.len(), more.lost, more.renewed), (0, 0, false), "a place stays a place");
}

#[test]
fn a_stranger_who_takes_the_removed_key_is_published_around() {
    let keys = Keys::new();
    let (mut writer, _) = open(keys.settings());
    sys::set_remove(sys::set_id(keys.semaphores.0).unwrap()).unwrap();
    let Some(mut actor) = stranger("stranger's semaphores", &keys) else { return };
    writer.stage().add(TOTAL, 1);
    assert_eq!(writer.publish(NOW), Published::Unguarded);
    let taken = OpenError::ForeignSemaphores { key: keys.semaphores, uid: Some(STRANGER) };
    assert_eq!(writer.trouble(), Some(&taken));
    let reader = reader(&keys);
    assert_eq!(reader.snapshot().unwrap().number("total"), 1);
    let unguarded = reader.snapshot_guarded(Duration::ZERO).unwrap_err();
    assert!(
        matches!(unguarded, ReadError::Unguarded(_)),
        "a stranger's guard is not waited for: {unguarded:?}"
    );
    actor.tell("remove");
    actor.hears("removed");
    writer.stage().add(TOTAL, 1);
    assert_eq!(writer.publish(later(999)), Published::Unguarded);
    writer.stage().add(TOTAL, 1);
    assert_eq!(writer.publish(later(1000)), Published::Done, "once a second it is tried again");
    assert_eq!(writer.trouble(), None);
    assert_eq!(reader.snapshot_guarded(Duration::ZERO).unwrap().number("total"), 3);
}

#[test]
fn a_stranger_who_takes_the_removed_segments_key_is_waited_out() {
    let keys = Keys::new();
    let (mut writer, _) = open(keys.settings());
    let old = reader(&keys);
    sys::segment_remove(old.id()).unwrap();
    let Some(mut actor) = stranger("stranger's segment", &keys) else { return };
    writer.stage().add(TOTAL, 1);
    assert_eq!(writer.publish(later(1000)), Published::Done);
    let taken = OpenError::ForeignSegment { key: keys.segment, uid: Some(STRANGER) };
    assert_eq!(writer.trouble(), Some(&taken));
    assert_eq!(old.snapshot().unwrap().number("total"), 1, "who is attached reads on");
    actor.tell("remove");
    actor.hears("removed");
    writer.publish(later(2000));
    assert_eq!(writer.trouble(), None);
    assert_eq!(reader(&keys).snapshot().unwrap().number("total"), 1);
}

#[test]
fn both_objects_gone_and_a_stranger_on_the_guards_key() {
    let keys = Keys::new();
    let (mut writer, _) = open(keys.settings());
    sys::segment_remove(sys::segment_id(keys.segment.0).unwrap()).unwrap();
    sys::set_remove(sys::set_id(keys.semaphores.0).unwrap()).unwrap();
    let Some(_actor) = stranger("stranger's semaphores", &keys) else { return };
    writer.stage().add(TOTAL, 1);
    assert_eq!(writer.publish(later(1000)), Published::Unguarded);
    assert_eq!(reader(&keys).snapshot().unwrap().number("total"), 1, "the segment is there again");
}

#[test]
fn a_server_that_was_replaced_stops_without_a_trace() {
    let keys = Keys::new();
    let (mut first, _) = open(crate::Settings { remove_at_stop: true, ..keys.settings() });
    sys::set_remove(sys::set_id(keys.semaphores.0).unwrap()).unwrap();
    let (mut second, _) = open(keys.settings());
    second.stage().add(TOTAL, 10);
    second.publish(NOW);
    first.stage().add(TOTAL, 1);
    first.stop(NOW);
    let mut reader = reader(&keys);
    assert_eq!((reader.snapshot().unwrap().number("total"), reader.liveness(NOW)), (10, Liveness::Live));
    second.stage().add(TOTAL, 1);
    assert_eq!(second.publish(later(1)), Published::Done);
}

#[test]
fn a_server_whose_segment_was_adopted_by_another_writes_no_more() {
    let keys = Keys::new();
    let (mut first, _) = open(keys.settings());
    sys::set_remove(sys::set_id(keys.semaphores.0).unwrap()).unwrap();
    let (mut second, _) = open(keys.settings());
    second.stage().add(TOTAL, 10);
    assert_eq!(second.publish(NOW), Published::Done);
    first.stage().add(TOTAL, 1);
    assert_eq!(first.publish(NOW), Published::Usurped);
    assert!(matches!(first.trouble(), Some(OpenError::Running { .. })), "{:?}", first.trouble());
    assert_eq!(reader(&keys).snapshot().unwrap().number("total"), 10);
    assert_eq!(first.publish(later(1000)), Published::Usurped);
    drop(second);
    first.stage().add(TOTAL, 1);
    assert_eq!(first.publish(later(2000)), Published::Done, "the other one has gone");
    let reader = reader(&keys);
    assert_eq!((reader.snapshot().unwrap().number("total"), reader.epoch()), (2, 3));
}
