//! Readers that hold the guard and are slow, stopped, killed or careless.

use std::time::Duration;

use super::actors::{Actor, Script, await_word, report};
use super::*;
use crate::sys::{self, Op};
use crate::testing::Keys;
use crate::{Liveness, OpenError, Published, ReadError};

pub(super) fn hold(script: &Script) {
    let reader = Reader::open(script.segment, None).unwrap();
    let held = reader.guarded(Duration::from_secs(60), |_| {
        report("held");
        await_word();
    });
    report(match held {
        Ok(_) => "undisturbed",
        Err(ReadError::Overrun) => "overrun",
        Err(_) => "failed",
    });
}

pub(super) fn hold_without_undo(script: &Script) {
    let id = sys::set_id(script.semaphores.0).unwrap();
    sys::operate(id, &[Op { semaphore: 0, by: -1, undo: false }], None).unwrap();
    report("held");
}

pub(super) fn second_server(script: &Script) {
    let refused = Writer::open(script.settings(), COUNTERS, ROOM_COUNTERS, NOW).unwrap_err();
    report(&refused.to_string());
}

/// Takes the server's semaphore in a way that the kernel does not take back.
pub(super) fn fake_server(script: &Script) {
    sys::set_assign(sys::set_id(script.semaphores.0).unwrap(), 3, 0).unwrap();
    report("taken");
    await_word();
}

#[test]
fn only_a_living_process_is_taken_for_a_server() {
    let keys = Keys::new();
    drop(open(keys.settings()));
    let id = sys::set_id(keys.semaphores.0);
    let mut fake = Actor::start("fake server", &keys, 0);
    fake.hears("taken");
    let refused = Writer::open(keys.settings(), COUNTERS, ROOM_COUNTERS, NOW).unwrap_err();
    assert_eq!(refused, OpenError::Running { key: keys.semaphores, pid: fake.pid().cast_signed() });
    fake.kill();
    let (_writer, adoption) = open(keys.settings());
    assert!(matches!(adoption, Adoption::Adopted { .. }), "{adoption:?}");
    assert_ne!(sys::set_id(keys.semaphores.0), id, "a set that lies is made anew");
}

fn total(keys: &Keys) -> u64 {
    reader(keys).snapshot().unwrap().number("total")
}

#[test]
fn a_killed_holder_gives_the_guard_back() {
    let keys = Keys::new();
    let (mut writer, _) = open(keys.settings());
    let mut holder = Actor::start("hold", &keys, 0);
    holder.hears("held");
    writer.stage().add(TOTAL, 1);
    assert_eq!(writer.publish(NOW), Published::Deferred);
    assert_eq!(total(&keys), 0);
    let busy = reader(&keys).snapshot_guarded(Duration::ZERO).unwrap_err();
    assert_eq!(busy, ReadError::Busy { holder: Some(holder.pid().cast_signed()) });
    holder.kill();
    assert_eq!(writer.publish(later(1)), Published::Done);
    assert_eq!(total(&keys), 1);
    assert_eq!((writer.statistics().deferred, writer.statistics().healed), (1, 0));
}

#[test]
fn a_stopped_holder_defers_for_a_lease_and_is_then_told() {
    let keys = Keys::new();
    let (mut writer, _) = open(keys.settings());
    let mut holder = Actor::start("hold", &keys, 0);
    holder.hears("held");
    holder.stop();
    let lease = keys.settings().lease.as_millis() as u64;
    for tick in 0..lease {
        writer.stage().add(TOTAL, 1);
        assert_eq!(writer.publish(later(tick)), Published::Deferred, "after {tick} ms");
    }
    assert_eq!(total(&keys), 0);
    assert_eq!(writer.publish(later(lease)), Published::Overrun);
    assert_eq!(total(&keys), lease);
    writer.stage().add(TOTAL, 1);
    assert_eq!(writer.publish(later(lease + 1)), Published::Deferred, "a lease begins anew");
    assert_eq!(writer.publish(later(2 * lease + 1)), Published::Overrun);
    assert_eq!(writer.statistics().overrun, 2);
    let mut reader = reader(&keys);
    assert_eq!(reader.liveness(later(2 * lease + 1)), Liveness::Live, "a heartbeat needs no guard");
    holder.go_on();
    holder.tell("release");
    holder.hears("overrun");
    writer.stage().add(TOTAL, 1);
    assert!(holder.wait().success());
    assert_eq!(writer.publish(later(2 * lease + 2)), Published::Done);
    assert_eq!(reader.snapshot().unwrap().number("segment.overrun"), 2);
}

#[test]
fn a_guard_that_was_held_is_tried_again_sooner_than_a_tick() {
    let keys = Keys::new();
    let (mut writer, _) = open(crate::Settings { tick: Duration::from_millis(20), ..keys.settings() });
    writer.stage().add(TOTAL, 1);
    crate::testing::hold_guard(keys.segment, || {
        assert_eq!(writer.publish(NOW), Published::Deferred);
        assert_eq!(writer.next_publish(NOW), Duration::from_millis(1));
        assert_eq!(writer.publish(later(1)), Published::Deferred);
    });
    assert_eq!(writer.publish(later(2)), Published::Done);
    writer.stage().add(TOTAL, 1);
    assert_eq!(writer.publish(later(3)), Published::Early, "it is free, and so there is time");
    assert_eq!(writer.next_publish(later(3)), Duration::from_millis(19));
}

#[test]
fn the_server_waits_only_after_some_tries_and_then_rarely() {
    let keys = Keys::new();
    let (mut writer, _) = open(keys.settings());
    let mut holder = Actor::start("hold", &keys, 0);
    holder.hears("held");
    writer.stage().add(TOTAL, 1);
    let mut waits = Vec::new();
    for tick in 0..14 {
        let before = waited(&writer);
        writer.publish(later(tick));
        if waited(&writer) > before {
            waits.push(tick);
        }
    }
    assert_eq!(waits, [3, 8, 13], "after three ticks, and then every 5 ms");
    holder.tell("release");
    holder.hears("undisturbed");
}

fn waited(writer: &Writer) -> u64 {
    let row = writer.stage.server.rows().position(|(row, _)| row.name == "segment.wait").unwrap();
    let at = writer.stage.geometry.words(crate::layout::header::VALUES_AT) + writer.stage.server.at(row).1;
    writer.stage.image.word(at)
}

#[test]
fn a_holder_that_died_without_undo_is_healed() {
    let keys = Keys::new();
    let (mut writer, _) = open(keys.settings());
    let mut holder = Actor::start("hold without undo", &keys, 0);
    holder.hears("held");
    assert!(holder.wait().success());
    writer.stage().add(TOTAL, 1);
    assert_eq!(writer.publish(NOW), Published::Deferred);
    assert_eq!(writer.publish(later(99)), Published::Deferred);
    assert_eq!(writer.publish(later(100)), Published::Done);
    assert_eq!((writer.statistics().healed, writer.statistics().overrun), (1, 0));
    assert_eq!(reader(&keys).snapshot_guarded(Duration::ZERO).unwrap().number("total"), 1);
}

#[test]
fn a_second_server_is_refused_and_told_by_whom() {
    let keys = Keys::new();
    let (_writer, _) = open(keys.settings());
    let mut second = Actor::start("second server", &keys, 0);
    let refused = OpenError::Running { key: keys.semaphores, pid: std::process::id().cast_signed() };
    second.hears(&refused.to_string());
}

#[test]
fn the_semaphores_are_at_rest_as_php_expects_them() {
    let keys = Keys::new();
    let (writer, _) = open(keys.settings());
    let id = sys::set_id(keys.semaphores.0).unwrap();
    let values = || [0, 1, 2, 3].map(|semaphore| sys::set_value(id, semaphore).unwrap());
    assert_eq!(values(), [1, 2, 0, 0], "with a server");
    drop(writer);
    assert_eq!(values(), [1, 1, 0, 1], "at rest");
    for _ in 0..3 {
        let (writer, _) = open(keys.settings());
        assert_eq!(sys::set_id(keys.semaphores.0), Ok(id), "adopted");
        assert_eq!(values(), [1, 2, 0, 0], "no second baseline");
        drop(writer);
    }
}

#[test]
fn damaged_semaphores_of_ours_are_made_anew() {
    let keys = Keys::new();
    let serve = || crate::guard::Guard::serve(keys.semaphores, 0o660, None);
    // Of another size.
    sys::set_create(keys.semaphores.0, 1, 0o660).unwrap();
    let guard = serve().unwrap();
    guard.leave();
    // Not a mutex.
    sys::set_assign(sys::set_id(keys.semaphores.0).unwrap(), 0, 2).unwrap();
    let second = serve().unwrap();
    assert_ne!(guard, second);
    second.leave();
    // Without the baseline.
    sys::set_assign(sys::set_id(keys.semaphores.0).unwrap(), 1, 0).unwrap();
    let third = serve().unwrap();
    assert_ne!(second, third);
    third.leave();
    // Created, and the creator was killed at once.
    third.remove().unwrap();
    sys::set_create(keys.semaphores.0, 4, 0o660).unwrap();
    assert!(serve().is_ok());
}
