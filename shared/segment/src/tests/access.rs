//! Who may read, and who may take the guard.

use std::time::Duration;

use super::actors::{Actor, Script, await_word, report};
use super::*;
use crate::testing::Keys;
use crate::{Liveness, Published, ReadError, sys};

const STRANGER: u32 = 65534;

pub(super) fn look(script: &Script) {
    let mut reader = match Reader::open(script.segment, None) {
        Ok(reader) => reader,
        Err(error) => return report(&error.to_string()),
    };
    let total = reader.snapshot().unwrap().number("total");
    let guarded = match reader.snapshot_guarded(Duration::ZERO) {
        Ok(_) => "guarded".to_owned(),
        Err(error) => error.to_string(),
    };
    report(&format!("{total}, {guarded}, {:?}", reader.liveness(NOW)));
    await_word();
}

/// What a reader of another user is told, or `None` if nobody can be one here.
fn stranger_sees(keys: &Keys) -> Option<String> {
    if sys::user() != 0 {
        super::removed::skip();
        return None;
    }
    Actor::start_as("look", keys, 0, Some(STRANGER)).hear()
}

#[test]
fn strangers_are_shut_out_by_the_modes() {
    let keys = Keys::new();
    let (mut writer, _) = open(keys.settings());
    writer.stage().add(TOTAL, 7);
    assert_eq!(writer.publish(NOW), Published::Done);
    let Some(seen) = stranger_sees(&keys) else { return };
    assert_eq!(seen, ReadError::Denied { key: keys.segment }.to_string());
    drop(writer);

    // May read, but not touch the guard, nor ask it.
    let settings = Settings { segment_mode: 0o644, ..keys.settings() };
    let (writer, _) = open(settings.clone());
    let seen = stranger_sees(&keys).unwrap();
    assert!(seen.starts_with("7, no guard: ") && seen.ends_with(&format!("{:?}", Liveness::Live)), "{seen}");
    drop(writer);

    // May read, and ask whether the server lives.
    let (writer, _) = open(Settings { semaphore_mode: 0o664, ..settings });
    let seen = stranger_sees(&keys).unwrap();
    assert!(seen.starts_with("7, no guard: ") && seen.ends_with(&format!("{:?}", Liveness::Live)), "{seen}");
    drop(writer);
    let seen = stranger_sees(&keys).unwrap();
    assert!(seen.contains("Dead"), "{seen}");

    let (_writer, _) = open(Settings { semaphore_mode: 0o666, segment_mode: 0o644, ..keys.settings() });
    assert_eq!(stranger_sees(&keys).unwrap(), "7, guarded, Live");
}

#[test]
fn a_group_of_readers_can_be_named() {
    let keys = Keys::new();
    // As root any; otherwise the process' own, which changes nothing.
    let group = if sys::user() == 0 { STRANGER } else { sys::group() };
    let (mut writer, _) = open(Settings { group: Some(group), ..keys.settings() });
    writer.stage().add(TOTAL, 7);
    writer.publish(NOW);
    let row = |table: &str, key: crate::Key| {
        let text = std::fs::read_to_string(format!("/proc/sysvipc/{table}")).unwrap();
        let found = text.lines().find(|line| line.split_whitespace().next() == Some(&key.0.to_string()));
        found.unwrap().split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    let (segment, set) = (row("shm", keys.segment), row("sem", keys.semaphores));
    // key shmid perms size cpid lpid nattch uid gid …, and key semid perms nsems uid gid …
    assert_eq!((&segment[2][..], &segment[8]), ("640", &group.to_string()));
    assert_eq!((&set[2][..], &set[5]), ("660", &group.to_string()));
}
