//! Listing and removing.

use super::*;
use crate::testing::Keys;
use crate::{CareError, Force, Found, Liveness, ReadError, list, remove, reset_guard, sys};

fn listed(keys: &Keys) -> Vec<Found> {
    list(NOW).unwrap().into_iter().filter(|found| found.key == keys.segment).collect()
}

#[test]
fn segments_are_listed_with_all_that_is_known() {
    let keys = Keys::new();
    assert_eq!(listed(&keys), []);
    let (writer, _) = open(keys.settings());
    let found = &listed(&keys)[0];
    assert_eq!((found.uid, found.mode, found.pid), (sys::user(), 0o640, std::process::id().cast_signed()));
    assert_eq!(found.bytes, writer.mapping.len() as u64 * 8);
    // Others may be looking at it at this moment: those who list.
    assert!(found.attached >= 1 && found.state == Ok(Liveness::Live), "{found:?}");
    drop(writer);
    let found = &listed(&keys)[0];
    assert!(matches!(found.state, Ok(Liveness::Dead { .. })), "{found:?}");
}

#[test]
fn what_is_not_parlors_is_not_listed_and_not_removed() {
    let keys = Keys::new();
    sys::segment_create(keys.segment.0, 8192, 0o600).unwrap();
    assert_eq!(listed(&keys), []);
    let refused = remove(keys.segment, Force::Yes).unwrap_err();
    assert!(matches!(refused, CareError::Unreadable(ReadError::Damaged(_))), "{refused:?}");
    assert!(sys::segment_id(keys.segment.0).is_ok());
}

#[test]
fn a_living_servers_objects_are_left_alone_unless_forced() {
    let keys = Keys::new();
    let (writer, _) = open(keys.settings());
    let serving = CareError::Serving { pid: std::process::id().cast_signed() };
    assert_eq!(remove(keys.segment, Force::No), Err(serving.clone()));
    assert_eq!(reset_guard(keys.semaphores, Force::No), Err(serving));
    assert!(sys::segment_id(keys.segment.0).is_ok() && sys::set_id(keys.semaphores.0).is_ok());
    drop(writer);
    assert_eq!(remove(keys.segment, Force::No), Ok(()));
    assert!(sys::segment_id(keys.segment.0).is_err() && sys::set_id(keys.semaphores.0).is_err());
    let absent = CareError::Unreadable(ReadError::Absent { key: keys.segment });
    assert_eq!(remove(keys.segment, Force::No), Err(absent));
    assert_eq!(reset_guard(keys.semaphores, Force::No), Err(CareError::NoGuard));
    let (_writer, _) = open(keys.settings());
    assert_eq!(remove(keys.segment, Force::Yes), Ok(()));
    assert!(sys::segment_id(keys.segment.0).is_err());
}

#[test]
fn a_guard_left_held_is_reset() {
    let keys = Keys::new();
    drop(open(keys.settings()));
    let id = sys::set_id(keys.semaphores.0).unwrap();
    sys::operate(id, &[sys::Op { semaphore: 0, by: -1, undo: false }], None).unwrap();
    let reader = reader(&keys);
    let busy = reader.snapshot_guarded(std::time::Duration::ZERO).unwrap_err();
    assert_eq!(busy, ReadError::Busy { holder: Some(std::process::id().cast_signed()) });
    reset_guard(keys.semaphores, Force::No).unwrap();
    reader.snapshot_guarded(std::time::Duration::ZERO).unwrap();
}
