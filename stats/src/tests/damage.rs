//! Segments that are damaged, of another layout, or not for everybody.

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
