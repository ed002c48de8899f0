//! How the screen says what became of the server.

use segment::testing::{Keys, overwrite};
use segment::{Force, Settings};

use super::actors::Server;
use super::damage::word;
use super::viewer::Viewer;
use super::*;

#[test]
fn without_a_segment_it_waits_and_says_so() {
    let mut scene = Scene::new();
    scene.die();
    segment::remove(scene.keys.segment, Force::No).expect("nobody serves");
    let mut viewer = Viewer::new(&scene);
    scene.pass(12_000);
    viewer.look(&scene);
    let seen = viewer.sees(60, 7);
    let absent = format!("there is no segment under the key {}", scene.keys.segment);
    assert_eq!(seen[0], " parlorstat 0xff3  WAITING ○");
    assert_eq!(seen[2].trim(), absent);
    assert_eq!(seen[3].trim(), "waiting for a server, 12s");
    scene.serve();
    scene.pass(1000);
    viewer.look(&scene);
    viewer.assert_reads("parlorstat 0xff3  LIVE ●");
}

#[test]
fn a_killed_server_is_dead_and_the_next_one_restarts_the_rates() {
    let mut scene = Scene::new();
    scene.die();
    segment::remove(scene.keys.segment, Force::No).expect("nobody serves");
    let mut server = Server::start(&scene.keys);
    let mut viewer = Viewer::new(&scene);
    scene.pass(1000);
    viewer.look(&scene);
    viewer.assert_reads("LIVE ●");
    assert_eq!((viewer.model.gathered.rates.is_some(), viewer.model.gathered.pulse.len()), (true, 1));
    server.kill();
    scene.pass(40_000);
    viewer.look(&scene);
    viewer.assert_reads("DEAD ✖  pid 4711 gone since 22:13:20Z (41s)  last sample below");
    // The last sample is still there, without rates.
    viewer.assert_reads("#lobby                           1      -            █        1      5");
    scene.pass(60_000);
    viewer.look(&scene);
    viewer.assert_reads("gone since 22:13:20Z (1m41s)");
    scene.serve();
    scene.say("#lobby", "bob", "we are back");
    scene.pass(1000);
    viewer.look(&scene);
    viewer.assert_reads("RESTARTED ↻  pid 4711  up 1.0s  age 0.0s  epoch 2");
    assert_eq!((viewer.model.gathered.rates.clone(), viewer.model.gathered.pulse.len()), (None, 0));
    scene.say("#lobby", "bob", "hello?");
    scene.pass(1000);
    viewer.look(&scene);
    viewer.assert_reads("LIVE ●  pid 4711  up 2.0s");
    assert_eq!(viewer.model.gathered.pulse, [1000], "one message in one second");
}

#[test]
fn a_silent_server_is_stale_exactly_after_two_seconds() {
    let mut scene = Scene::lively();
    let mut viewer = Viewer::new(&scene);
    scene.now = scene.now.after(segment::STALE_AFTER - Duration::from_millis(1));
    viewer.look(&scene);
    viewer.assert_reads("LIVE ●  pid 4711  up 2.9s  age 1.9s");
    scene.now = scene.now.after(Duration::from_millis(1));
    viewer.look(&scene);
    viewer.assert_reads("STALE ◐  pid 4711 silent since 22:13:21Z (2.0s)");
    assert_eq!(viewer.model.gathered.rates, None);
    scene.pass(1000);
    viewer.look(&scene);
    viewer.assert_reads("LIVE ●");
}

#[test]
fn a_server_that_is_stopped_is_no_dead_one() {
    let mut scene = Scene::lively();
    let mut viewer = Viewer::new(&scene);
    let now = scene.now;
    scene.writer.take().expect("it lives").stop(now);
    scene.pass(7000);
    viewer.look(&scene);
    viewer.assert_reads("STOPPED ■  since 22:13:21Z (7.0s)  last sample below");
}

/// A new server on a segment of other sizes.
fn move_house(scene: &mut Scene) {
    scene.die();
    let settings = Settings { room_slots: 9, ..scene.keys.settings() };
    scene.writer = Some(Writer::open(settings, COUNTERS, &[], scene.now).expect("the keys are its own").0);
}

#[test]
fn a_segment_that_was_replaced_is_left() {
    let mut scene = Scene::lively();
    let mut viewer = Viewer::new(&scene);
    move_house(&mut scene);
    scene.pass(1000);
    viewer.look(&scene);
    viewer.assert_reads("RESTARTED ↻");
    viewer.assert_reads("epoch 2");
    scene.pass(1000);
    viewer.look(&scene);
    viewer.assert_reads("LIVE ●");
}

#[test]
fn a_successor_that_cannot_be_read_leaves_the_old_one_retired() {
    let mut scene = Scene::lively();
    let mut viewer = Viewer::new(&scene);
    move_house(&mut scene);
    overwrite(scene.keys.segment, word("VERSION"), 2 << 16);
    scene.pass(1000);
    viewer.look(&scene);
    viewer.assert_reads("RETIRED ◌  another segment has its place, last sample below");
    viewer.assert_reads("#lobby");
}

#[test]
fn a_segment_that_was_removed_is_not_said_to_have_a_successor() {
    let mut scene = Scene::lively();
    let mut viewer = Viewer::new(&scene);
    let directory = tempfile::tempdir().expect("there is a place for files");
    let path = directory.path().join("removed");
    let path = path.to_str().expect("it is text");
    let mut pauses = 0;
    let told = scene.run_with(&["--once", "--count", "3", "--record", path], &mut |scene| {
        pauses += 1;
        match pauses {
            1 => scene.die(),
            _ => segment::remove(scene.keys.segment, Force::No).expect("nobody serves"),
        }
    });
    let said = |told: &Told, words: &str| told.out.lines().any(|line| line.contains(words));
    assert!(said(&told, "RETIRED  removed, last sample  epoch 1"), "{}", told.out);
    viewer.look(&scene);
    viewer.assert_reads("RETIRED ◌  removed, last sample below");
    viewer.assert_reads("#lobby");
    // A recording knows only that the segment was not used any more.
    let replayed = scene.run(&["--once", "--replay", path]);
    assert!(said(&replayed, "RETIRED  not used any more, last sample"), "{}", replayed.out);
}

#[test]
fn a_segment_that_is_damaged_while_watched_says_so() {
    let scene = Scene::lively();
    let mut viewer = Viewer::new(&scene);
    overwrite(scene.keys.segment, word("INTENT"), 99);
    viewer.look(&scene);
    viewer.assert_reads(
        "UNREADABLE ✖  damaged segment: the generation is 1 and the intent 99  last sample of 22:13:21Z",
    );
    viewer.assert_reads("#lobby");
    overwrite(scene.keys.segment, word("INTENT"), 1);
    viewer.look(&scene);
    viewer.assert_reads("LIVE ●");
}

#[test]
fn a_newer_segment_is_refused_on_the_screen_as_well() {
    let lively = Scene::lively();
    overwrite(lively.keys.segment, word("VERSION"), 2 << 16);
    Viewer::new(&lively).assert_reads("the segment has layout 2, which is newer than this program");
}

#[test]
fn a_room_that_goes_while_it_is_watched_says_so() {
    let mut scene = Scene::lively();
    let mut viewer = Viewer::new(&scene);
    viewer.press(&[crossterm::event::KeyCode::Enter]);
    viewer.assert_reads("<alice> how are you?");
    let id = scene.room("#lobby");
    scene.stage().erase(id);
    scene.pass(1000);
    viewer.look(&scene);
    viewer.assert_reads("#lobby is gone");
    viewer.assert_reads("== there is no such room in the segment");
    scene.say("#lobby", "dave", "anybody here?");
    scene.pass(1000);
    viewer.look(&scene);
    viewer.assert_reads("<dave> anybody here?");
    assert!(!viewer.sees(80, 24).concat().contains("how are you"), "another room of the same name");
}

#[test]
fn counters_that_are_missing_cost_only_their_place() {
    let keys = Keys::new();
    let (mut writer, _) = Writer::open(keys.settings(), &[], &[], NOW).expect("the keys are its own");
    writer.stage().room("#lobby", NOW).expect("there is a slot");
    writer.publish(NOW);
    let scene = Scene { writer: Some(writer), now: NOW, sequence: 0, keys };
    let mut viewer = Viewer::new(&scene);
    // As from a server that counts other things in its rooms.
    let sample = viewer.model.gathered.sample.as_mut().expect("it was read");
    sample.snapshot.rooms[0].counters.clear();
    sample.snapshot.counters.clear();
    let seen = viewer.sees(80, 24);
    assert_eq!(seen[1], " rooms 1  said 0");
    assert!(
        seen[11].starts_with("│#lobby                 -      -                     -      -"),
        "{}",
        seen[11]
    );
}

#[test]
fn narrow_screens_tell_bytes_rather_than_nearly_the_same_twice() {
    const ROWS: &[CounterRow] = &[
        row("users", CounterKind::Gauge, "people", ""),
        row("channels", CounterKind::Gauge, "channels", ""),
        row("messages", CounterKind::Counter, "messages", ""),
        row("bytes.in", CounterKind::Counter, "bytes", ""),
        row("bytes.out", CounterKind::Counter, "bytes", ""),
    ];
    let keys = Keys::new();
    let (writer, _) = Writer::open(keys.settings(), ROWS, &[], NOW).expect("the keys are its own");
    let mut scene = Scene { writer: Some(writer), now: NOW, sequence: 0, keys };
    let mut viewer = Viewer::new(&scene);
    scene.say("#lobby", "alice", "good morning");
    for counter in [3, 4].map(CounterId) {
        scene.stage().add(counter, 2000);
    }
    scene.pass(1000);
    viewer.look(&scene);
    assert_eq!(viewer.sees(60, 20)[1], " users 0  rooms 1  said 1 1.00/s  in 2.0KB/s  out 2.0KB/s");
    let all = " users 0  rooms 1  said 1 1.00/s  in 2.0KB/s  out 2.0KB/s  channels 0  messages 0 0/s";
    assert_eq!(viewer.sees(120, 20)[1], all);
}

#[test]
fn a_restart_between_two_looks_gives_no_rates() {
    let mut scene = Scene::lively();
    let mut viewer = Viewer::new(&scene);
    scene.pass(1000);
    viewer.look(&scene);
    assert_eq!(viewer.model.gathered.pulse, [0]);
    scene.die();
    scene.serve();
    scene.say("#lobby", "bob", "nobody noticed");
    scene.pass(1000);
    viewer.look(&scene);
    viewer.assert_reads("RESTARTED ↻");
    assert_eq!((viewer.model.gathered.rates.clone(), viewer.model.gathered.pulse.len()), (None, 0));
}

#[test]
fn what_was_lost_in_a_room_is_forgotten_with_it() {
    let mut scene = Scene::lively();
    let mut viewer = Viewer::new(&scene);
    viewer.press(&[crossterm::event::KeyCode::Enter]);
    for _ in 0..40 {
        for _ in 0..10 {
            scene.say("#lobby", "bot", "a flood, of which a ring of 8 KiB can keep only the newest part");
        }
        scene.pass(2);
    }
    viewer.look(&scene);
    let lost = |viewer: &Viewer| viewer.model.gathered.talk.as_ref().expect("it is watched").lost.len();
    assert_eq!(lost(&viewer), 1);
    let id = scene.room("#lobby");
    scene.stage().erase(id);
    scene.pass(10);
    // A new room counts its records from the begin.
    scene.sequence = 0;
    scene.say("#lobby", "dave", "anybody here?");
    scene.pass(10);
    viewer.look(&scene);
    assert_eq!(lost(&viewer), 0);
}
