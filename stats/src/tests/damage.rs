//! Segments that are damaged, of another layout, or not for everybody.

use proptest::prelude::*;
use segment::testing::overwrite;
use segment::{CareError, ReadError};

use super::*;
use crate::exit::Failure;

/// The place of a word of the header.
pub(super) fn word(name: &str) -> usize {
    let tables = segment::tables();
    let (_, header) = tables.iter().find(|(table, _)| *table == "header").expect("there is a header");
    header.iter().find(|field| field.name == name).expect("it has this field").word
}

#[test]
fn what_cannot_be_read_is_said_in_a_sentence() {
    #[rustfmt::skip]
    let table = [
        ("VERSION",       2 << 16, Exit::Layout,  "the segment has layout 2, which is newer than this program"),
        ("VERSION",       0,       Exit::Layout,  "there is no layout 0"),
        ("MAGIC",         0,       Exit::Nothing, "the server is just building the segment"),
        ("MAGIC",         77,      Exit::Failed,  "damaged segment: it is not a Parlor segment"),
        ("ROOM_SLOTS",    1 << 40, Exit::Failed,  "damaged segment: the header's CRC is wrong"),
        ("DIRECTORY_CRC", 1,       Exit::Failed,  "damaged segment: the header's CRC is wrong"),
        ("INTENT",        99,      Exit::Failed,  "damaged segment: the generation is 1 and the intent 99"),
    ];
    for (field, value, exit, says) in table {
        for args in [&["--once"][..], &["--json"], &["--check"]] {
            let mut scene = Scene::lively();
            overwrite(scene.keys.segment, word(field), value);
            let told = scene.run(args);
            assert_eq!((told.exit, told.out.as_str()), (exit, ""), "{field} {value}: {}", told.err);
            assert!(
                told.err.contains(says) && told.err.lines().count() == 1,
                "{field} {value}: {}",
                told.err
            );
        }
    }
}

#[test]
fn a_damaged_history_costs_only_itself() {
    let mut scene = Scene::lively();
    let snapshot = segment::Reader::open(scene.keys.segment, None).unwrap();
    let words = snapshot.bytes() / 8;
    // The begins of all rings: the rings are the last part of the segment.
    for slot in 1..=8 {
        overwrite(scene.keys.segment, words - slot * 1024, 1);
    }
    let told = scene.run(&["--history", "#lobby"]);
    assert_eq!((told.exit, told.out.as_str()), (Exit::Failed, ""));
    assert!(told.err.contains("the history of #lobby"), "{}", told.err);
    let once = scene.run(&["--once"]);
    assert_eq!(once.exit, Exit::Live);
    assert!(once.out.contains("#lobby         2   3.00         3     29"), "{}", once.out);
}

/// Every way to print, and the screen.
fn look_at_everything(scene: &mut Scene) {
    for args in [
        "--once",
        "--json",
        "--jsonl",
        "--csv",
        "--csv --room *",
        "--prom",
        "--list-fields",
        "--history #lobby",
    ] {
        let told = scene.run(&args.split(' ').chain(["--wait", "0"]).collect::<Vec<_>>());
        told.assert_harmless();
        assert!(
            !told.out.is_empty() || !told.err.is_empty() || args.starts_with("--history"),
            "{args} says nothing"
        );
        assert_ne!(told.exit, Exit::Refused);
    }
    let mut viewer = super::viewer::Viewer::new(scene);
    for key in ['1', '2', '3', '4', '5'] {
        viewer.press(&[crossterm::event::KeyCode::Char(key)]);
        viewer.sees(80, 24);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: ProptestConfig::default().cases.max(256) / 4, failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn whatever_is_in_a_segment_is_shown_or_refused(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u64>(), 0_u32..64), 1..12),
    ) {
        let mut scene = Scene::lively();
        let words = segment::Reader::open(scene.keys.segment, None).unwrap().bytes() / 8;
        for (at, value, shift) in damage {
            overwrite(scene.keys.segment, at.index(words), value >> shift);
        }
        look_at_everything(&mut scene);
    }

    #[test]
    fn whatever_is_in_a_recording_is_shown_or_refused(
        damage in prop::collection::vec((any::<prop::sample::Index>(), prop_oneof![Just(b'9'), Just(b'"'), Just(b'-'), any::<u8>()]), 0..4),
        ends in any::<prop::sample::Index>(),
    ) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("recording");
        let path = path.to_str().unwrap();
        let mut scene = Scene::lively();
        scene.run(&["--once", "--count", "2", "--record", path]);
        let mut bytes = std::fs::read(path).unwrap();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes.truncate(bytes.len() - ends.index(bytes.len()) / 2);
        std::fs::write(path, bytes).unwrap();
        for mode in ["--once", "--json", "--csv", "--prom"] {
            let told = scene.run(&[mode, "--replay", path]);
            told.assert_harmless();
            assert!([Exit::Live, Exit::Old, Exit::Failed].contains(&told.exit), "{told:?}");
        }
    }
}

#[test]
fn each_error_has_its_end() {
    let key = segment::Key(1);
    for (error, exit) in [
        (ReadError::Absent { key }, Exit::Nothing),
        (ReadError::NoRoom, Exit::Nothing),
        (ReadError::Denied { key }, Exit::Denied),
        (ReadError::Foreign { key, uid: 7 }, Exit::Denied),
        (ReadError::Newer { major: 9 }, Exit::Layout),
        (ReadError::Outpaced, Exit::Failed),
    ] {
        assert_eq!(Failure::from(error.clone()).exit, exit, "{error}");
        assert_eq!(Failure::from(CareError::Unreadable(error.clone())).exit, exit, "{error}");
    }
    assert_eq!(Failure::from(CareError::System(nix::errno::Errno::EPERM)).exit, Exit::Denied);
    assert_eq!(Failure::from(CareError::System(nix::errno::Errno::ENOMEM)).exit, Exit::Failed);
}
