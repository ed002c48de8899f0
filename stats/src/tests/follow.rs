//! Histories, and what comes after them.

use serde_json::{Value as Json, json};

use super::*;

/// What was printed, without the times.
fn lines(told: &Told) -> Vec<&str> {
    told.out.lines().map(|line| line.split_once("Z ").map_or(line, |(_, said)| said)).collect()
}

#[test]
fn each_kind_of_record_has_its_form() {
    let mut scene = Scene::new();
    for (kind, text) in [
        (Kind::JOIN, ""),
        (Kind::MESSAGE, "\x02bold\x02 and \x0304,07red"),
        (Kind::NOTICE, "take notice"),
        (Kind::ACTION, "waves"),
        (Kind::TOPIC, "of the day"),
        (Kind(40), "from a later version"),
    ] {
        scene.record("#a", kind, "alice", text);
    }
    scene.pass(1);
    let told = scene.run(&["--history", "#a"]);
    assert_eq!(
        lines(&told),
        [
            "-- join alice",
            "<alice> bold and red",
            "-alice- take notice",
            "* alice waves",
            "-- topic alice: of the day",
            "-- other alice: from a later version",
        ]
    );
    assert!(told.out.starts_with("2023-11-14 22:13:20Z "), "{}", told.out);
    let last = scene.run(&["--history", "#a", "--last", "2"]);
    assert_eq!(lines(&last), lines(&told)[4..]);
    let told = scene.run(&["--history", "#a", "--last", "1", "--json"]);
    let record: Json = serde_json::from_str(&told.out).expect("it is JSON");
    let text = "from a later version";
    let expected = json!({
        "sequence": 6, "ms": NOW.wall_ms, "kind": "other", "id": "m6", "from": "alice", "text": text,
    });
    assert_eq!(record, expected);
}

#[test]
fn new_records_are_printed_as_they_come() {
    let mut scene = Scene::lively();
    let mut count = 0;
    let told = scene.run_with(&["--follow", "#lobby", "--last", "1", "--count", "3"], &mut |scene| {
        count += 1;
        if count % 2 == 0 {
            scene.say("#lobby", "carol", &format!("number {count}"));
            scene.say("#rust", "carol", "not here");
        }
    });
    assert_eq!(
        lines(&told),
        ["<alice> how are you?", "<carol> number 2", "<carol> number 4", "<carol> number 6"]
    );
    assert_eq!((told.exit, told.err.as_str()), (Exit::Live, ""));
}

#[test]
fn the_end_comes_in_the_middle_of_a_batch() {
    let mut scene = Scene::lively();
    let told = scene.run_with(&["--follow", "#lobby", "--last", "0", "--count", "2"], &mut |scene| {
        for number in 1..=5 {
            scene.say("#lobby", "carol", &format!("number {number}"));
        }
    });
    assert_eq!(lines(&told), ["<carol> number 1", "<carol> number 2"]);
}

#[test]
fn records_that_were_overwritten_are_counted() {
    for (json, says) in [(false, "== "), (true, "{\"lost\":")] {
        let mut scene = Scene::lively();
        let mut words = vec!["--follow", "#lobby", "--last", "0", "--count", "1"];
        words.extend(json.then_some("--json"));
        let mut spoken = 0;
        let told = scene.run_with(&words, &mut |scene| {
            for _ in 0..50 {
                for _ in 0..10 {
                    spoken += 1;
                    scene.say(
                        "#lobby",
                        "carol",
                        "a flood, of which a ring of 8 KiB can keep only the newest part",
                    );
                }
                scene.pass(2);
            }
        });
        let kept =
            segment::Reader::open(scene.keys.segment, None).unwrap().history("#lobby").unwrap().records;
        let lost = spoken - kept.len();
        assert!(lost > 0 && told.out.starts_with(&format!("{says}{lost}")), "{lost}: {}", told.out);
    }
}

#[test]
fn a_dead_server_and_the_next_one_are_told() {
    let mut scene = Scene::lively();
    let mut step = 0;
    let told = scene.run_with(&["--follow", "#lobby", "--last", "0", "--count", "1"], &mut |scene| {
        step += 1;
        match step {
            1 => scene.die(),
            3 => scene.serve(),
            5 => scene.say("#lobby", "alice", "back again"),
            _ => {}
        }
    });
    assert_eq!(lines(&told), ["<alice> back again"]);
    assert_eq!(
        told.err,
        "parlorstat: the server is dead; waiting for the next one\nparlorstat: the room and its server are back\n"
    );
}

#[test]
fn a_room_that_goes_and_comes_back_is_told() {
    let mut scene = Scene::lively();
    let mut step = 0;
    let told = scene.run_with(&["--follow", "#lobby", "--last", "0", "--count", "1"], &mut |scene| {
        step += 1;
        match step {
            1 => {
                let id = scene.room("#lobby");
                scene.stage().erase(id);
            }
            3 => scene.say("#lobby", "dave", "anybody here?"),
            _ => {}
        }
    });
    assert_eq!(lines(&told), ["== the room was opened anew", "<dave> anybody here?"]);
    assert_eq!(told.err, "parlorstat: the room is gone\nparlorstat: the room and its server are back\n");
}
