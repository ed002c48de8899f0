//! kill -9 at every step: what readers see before a restart, and what the next server finds.

use super::actors::{Actor, Script, await_word, report};
use super::*;
use crate::testing::Keys;
use crate::{Liveness, failpoint};

/// Longer than half of the small rings of these tests, in ten records.
const FILLER: &str =
    "a text that is long enough to fill a ring after some tens of records, so that rings are lapped";
const FIRST: u64 = 60;
const SECOND: u64 = 100;

/// The state before the deadly publication: three rooms, one with a lapped ring.
fn stage_first(stage: &mut Stage) {
    let [busy, quiet, secret] = ["#busy", "#quiet", "#secret"].map(|name| stage.room(name, NOW).unwrap());
    for sequence in 1..=FIRST {
        say(stage, busy, sequence, "alice", FILLER);
    }
    say(stage, quiet, 1, "bob", "the only message here");
    say(stage, secret, 1, "carol", "soon a secret");
    for (room, joins) in [(busy, 5), (quiet, 7)] {
        stage.room_add(room, JOINS, joins);
        stage.add(TOTAL, joins);
    }
    stage.members(busy, 2, [("alice", "@"), ("dave", "")]);
}

/// What the deadly publication would say: more in the busy room, nothing of the secret one, a new one.
fn stage_second(stage: &mut Stage) {
    let (busy, secret) = (stage.room("#busy", NOW).unwrap(), stage.room("#secret", NOW).unwrap());
    for sequence in FIRST + 1..=SECOND {
        say(stage, busy, sequence, "alice", FILLER);
    }
    stage.room_add(busy, JOINS, 3);
    stage.members(busy, 3, [("alice", "@"), ("dave", ""), ("erin", "")]);
    stage.erase(secret);
    let new = stage.room("#new", NOW).unwrap();
    say(stage, new, 1, "frank", "first");
    stage.room_add(new, JOINS, 11);
    stage.add(TOTAL, 14);
}

pub(super) fn publish_and_die(script: &Script) {
    let (mut writer, _) = open(script.settings());
    stage_first(writer.stage());
    writer.publish(NOW);
    stage_second(writer.stage());
    failpoint::arm(script.number);
    writer.publish(later(1));
    failpoint::disarm();
    report("survived");
}

pub(super) fn adopt_and_die(script: &Script) {
    failpoint::arm(script.number);
    let (mut writer, _) = open(script.settings());
    writer.publish(later(1));
    failpoint::disarm();
    report("survived");
}

pub(super) fn move_and_die(script: &Script) {
    failpoint::arm(script.number);
    let (mut writer, _) = open(Settings { room_slots: 9, ..script.settings() });
    writer.publish(later(1));
    failpoint::disarm();
    report("survived");
}

pub(super) fn serve_and_wait(script: &Script) {
    let (mut writer, _) = open(script.settings());
    stage_first(writer.stage());
    writer.publish(NOW);
    report("published");
    await_word();
}

/// The history is gapless, and complete but for what the ring cannot hold.
fn assert_gapless(sequences: &[u64], last: u64) {
    let first = sequences.first().copied().unwrap_or(last + 1);
    assert_eq!(sequences, (first..=last).collect::<Vec<_>>());
}

/// What a reader may see between the steps of the deadly publication.
fn assert_readable(keys: &Keys, step: u64) {
    let mut reader = reader(keys);
    assert!(matches!(reader.liveness(NOW), Liveness::Dead { .. }), "step {step}");
    let snapshot = reader.snapshot().unwrap();
    assert_eq!(snapshot, reader.snapshot_guarded(std::time::Duration::ZERO).unwrap(), "step {step}");
    assert_sums(&snapshot);
    let busy = snapshot.room("#busy").unwrap();
    let known = busy.number("sequence");
    let (rooms, members) = match known {
        FIRST => (vec!["#busy", "#quiet", "#secret"], 2),
        // The secret room's slot is the new one's.
        SECOND => (vec!["#busy", "#quiet", "#new"], 3),
        other => panic!("step {step}: {other} records are known"),
    };
    assert_eq!((names(&snapshot), busy.members.len()), (rooms, members), "step {step}");
    assert_eq!(sequences(&reader, "#quiet"), [1], "step {step}");
    let busy = sequences(&reader, "#busy");
    let last = busy.last().copied().unwrap();
    assert!(last == FIRST || last == SECOND, "step {step}: {last} is the last of the busy room");
    assert!(last >= known, "step {step}: the histories are never behind the counters");
    assert_gapless(&busy, last);
    if let Ok(secret) = reader.history("#secret") {
        assert_eq!(secret.records[0].text, "soon a secret");
    }
}

/// What the next server must find.
fn assert_adopted(keys: &Keys, step: u64) {
    let known = sequences(&reader(keys), "#busy");
    let (mut writer, adoption) = open(keys.settings());
    let Adoption::Adopted { epoch, rooms, moved: false } = &adoption else {
        panic!("step {step}: {adoption:?}")
    };
    assert!(*epoch >= 2, "step {step}");
    let busy = rooms.iter().find(|room| room.name == "#busy").unwrap();
    let restored: Vec<u64> = busy.records.iter().map(|record| record.sequence).collect();
    assert_eq!((&restored, &busy.damage), (&known, &None), "step {step}");
    let messages = busy.counters.iter().find(|counter| counter.name() == "messages").unwrap().number();
    assert_eq!(Some(&messages), known.last(), "step {step}");
    writer.publish(later(2));
    let reader = reader(keys);
    let snapshot = reader.snapshot().unwrap();
    assert_eq!(snapshot.room("#busy").unwrap().number("messages"), messages, "step {step}");
    assert_eq!(snapshot.room("#busy").unwrap().members.len(), 0, "nobody is there any more");
    assert_eq!(sequences(&reader, "#busy"), known, "step {step}");
    // And life goes on.
    let room = writer.stage().room("#busy", NOW).unwrap();
    say(writer.stage(), room, messages + 1, "alice", "back");
    writer.publish(later(3));
    assert_eq!(sequences(&reader, "#busy").last(), Some(&(messages + 1)), "step {step}");
}

/// Runs the play for each step until it survives; says at how many steps it died.
fn at_each_step(role: &str, prepare: impl Fn(&Keys), check: impl Fn(&Keys, u64)) -> u64 {
    for step in 0.. {
        let keys = Keys::new();
        prepare(&keys);
        let mut actor = Actor::start(role, &keys, step);
        let survived = actor.hear().is_some();
        let status = actor.wait();
        assert_eq!(survived, status.success(), "step {step}: {status}");
        check(&keys, step);
        if survived {
            return step;
        }
    }
    unreachable!("the range has no end")
}

#[test]
fn killed_at_any_step_of_a_publication_leaves_what_readers_can_read() {
    let steps = at_each_step(
        "publish and die",
        |_| {},
        |keys, step| {
            assert_readable(keys, step);
            assert_adopted(keys, step);
        },
    );
    assert!(steps > 30, "only {steps} steps were tried");
}

fn leave_behind(keys: &Keys) {
    let (mut writer, _) = open(keys.settings());
    stage_first(writer.stage());
    writer.publish(NOW);
}

#[test]
fn killed_at_any_step_of_an_adoption_loses_nothing() {
    let steps = at_each_step("adopt and die", leave_behind, |keys, step| {
        assert_eq!(sequences(&reader(keys), "#quiet"), [1], "step {step}");
        assert_adopted(keys, step);
    });
    assert!(steps > 12, "only {steps} steps were tried");
}

#[test]
fn killed_at_any_step_of_a_creation_leaves_nothing_that_hinders() {
    let steps = at_each_step(
        "adopt and die",
        |_| {},
        |keys, step| {
            let (_writer, adoption) = open(keys.settings());
            let unfinished = matches!(adoption, Adoption::Replaced { .. } | Adoption::Adopted { .. });
            assert!(unfinished, "step {step}: {adoption:?}");
        },
    );
    assert!(steps > 12, "only {steps} steps were tried");
}

#[test]
fn killed_while_moving_to_another_layout_leaves_nothing_that_hinders() {
    let steps = at_each_step("move and die", leave_behind, |keys, step| {
        // Between the removal of the old segment and the end of the copy into the new one histories can be lost: both
        // have the same key. What there is, is whole.
        let (writer, adoption) = open(Settings { room_slots: 9, ..keys.settings() });
        assert!(!matches!(adoption, Adoption::Created), "step {step}: {adoption:?}");
        drop(writer);
        reader(keys).snapshot().unwrap();
    });
    assert!(steps > 12, "only {steps} steps were tried");
}

#[test]
fn histories_and_counters_survive_kills_and_a_new_layout() {
    let keys = Keys::new();
    let mut server = Actor::start("serve and wait", &keys, 0);
    server.hears("published");
    let mut reader_of_old = reader(&keys);
    let known = sequences(&reader_of_old, "#busy");
    assert_eq!(reader_of_old.liveness(NOW), Liveness::Live);
    server.kill();
    assert!(matches!(reader_of_old.liveness(NOW), Liveness::Dead { .. }));

    // More slots, and other counters: `turn` has gone, `uptime` is new.
    const OTHER: &[CounterRow] = &[
        CounterRow { name: "uptime", kind: CounterKind::Gauge, unit: "s", help: "New." },
        CounterRow { name: "total", kind: CounterKind::Counter, unit: "joins", help: "As before." },
    ];
    let settings = Settings { room_slots: 20, ring_bytes: 4096, ..keys.settings() };
    let (writer, adoption) = Writer::open(settings, OTHER, ROOM_COUNTERS, later(5000)).unwrap();
    let Adoption::Adopted { epoch: 2, rooms, moved: true } = &adoption else { panic!("{adoption:?}") };
    assert_eq!(reader_of_old.liveness(NOW), Liveness::Retired);
    let reader = reader(&keys);
    let snapshot = reader.snapshot().unwrap();
    assert_eq!((snapshot.number("total"), snapshot.number("turn")), (12, 0));
    let busy = snapshot.room("#busy").unwrap();
    assert_eq!((busy.number("messages"), busy.number("joins"), busy.talkers[0].messages), (FIRST, 5, FIRST));
    let restored = sequences(&reader, "#busy");
    assert!(
        known.ends_with(&restored) && restored.len() > 15,
        "the newest that fit: {restored:?} of {known:?}"
    );
    assert_eq!(sequences(&reader, "#quiet"), [1]);
    assert_eq!(rooms.iter().find(|room| room.name == "#busy").unwrap().records.len(), restored.len());
    drop(writer);
}
