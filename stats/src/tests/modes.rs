//! The modes that print and end: what they say and how they end.

use serde_json::{Value as Json, json};

use super::*;
use crate::{EXITS, SCHEMA};

#[test]
fn a_live_server_once() {
    let mut scene = Scene::lively();
    let told = scene.run(&["--once"]);
    let id = std::process::id();
    let expected = format!(
        "\
parlorstat  {}  LIVE  pid {id}  up 1.0s  epoch 1  layout 1.2  heartbeat 0.0s ago

server             value  unit
turn                   1  values        mean 40us  p50 ≤63us  p99 ≤63us
users                  2  people
bytes.out           5000  bytes
",
        scene.keys.segment
    );
    assert!(told.out.starts_with(&expected), "{}", told.out);
    let rooms = "\
rooms (2)  users  msg/s  messages  bytes  last 20 minutes       last said
#lobby         2   3.00         3     29                     █  2023-11-14 22:13:20Z alice
#rust          2      0         0      0

talkers  messages
#lobby   alice 2, bob 1
";
    assert!(told.out.ends_with(rooms), "{}", told.out);
    assert_eq!((told.exit, told.err.as_str()), (Exit::Live, ""));
}

#[test]
fn without_a_terminal_and_without_a_mode_it_prints_once() {
    let mut scene = Scene::lively();
    assert_eq!(scene.run(&[]), scene.run(&["--once"]));
}

/// What has happened to the server.
type Fate = fn(&mut Scene);

#[test]
fn each_mode_says_how_the_server_is() {
    let live: Fate = |_| {};
    let stale: Fate = |scene| scene.now = scene.now.after(Duration::from_secs(4));
    let dead: Fate = Scene::die;
    let stopped: Fate = |scene| {
        let now = scene.now;
        scene.writer.take().expect("it lives").stop(now);
    };
    let removed: Fate = |scene| {
        scene.die();
        segment::remove(scene.keys.segment, segment::Force::No).expect("nobody serves");
    };
    let renewed: Fate = |scene| {
        scene.die();
        scene.serve();
        scene.pass(10);
    };
    #[rustfmt::skip]
    let table: &[(&str, Fate, Exit, &str, &str)] = &[
        ("--check", live,    Exit::Live,    "LIVE  pid",                                   ""),
        ("--check", stale,   Exit::Old,     "silent since 22:13:21Z (4.0s)",               ""),
        ("--check", dead,    Exit::Old,     "DEAD  pid",                                   ""),
        ("--check", stopped, Exit::Old,     "STOPPED  since 22:13:21Z",                    ""),
        ("--check", removed, Exit::Nothing, "",                                            "there is no segment under the key"),
        ("--check", renewed, Exit::Live,    "epoch 2",                                     ""),
        ("--once",  live,    Exit::Live,    "#lobby         2   3.00         3",           ""),
        ("--once",  stale,   Exit::Old,     "STALE",                                       ""),
        ("--once",  dead,    Exit::Old,     "#lobby         2      -         3",           ""),
        ("--once",  stopped, Exit::Old,     "last sample",                                 ""),
        ("--once",  removed, Exit::Nothing, "",                                            "there is no segment"),
        ("--json",  live,    Exit::Live,    "\"state\": \"live\"",                         ""),
        ("--json",  stale,   Exit::Old,     "\"state\": \"stale\"",                        ""),
        ("--json",  dead,    Exit::Old,     "\"state\": \"dead\"",                         ""),
        ("--json",  stopped, Exit::Old,     "\"state\": \"stopped\"",                      ""),
        ("--json",  removed, Exit::Nothing, "",                                            "there is no segment"),
        ("--json",  renewed, Exit::Live,    "\"epoch\": 2",                                ""),
        ("--history #lobby", live,    Exit::Live,    "2023-11-14 22:13:20Z <bob> hello\n", ""),
        ("--history #lobby", dead,    Exit::Live,    "2023-11-14 22:13:20Z <bob> hello\n", ""),
        ("--history #nope",  live,    Exit::Nothing, "",                                   "#nope: there is no such room"),
        ("--history #lobby", removed, Exit::Nothing, "",                                   "there is no segment"),
        ("--follow #lobby --count 0", dead, Exit::Live, "<alice> how are you?\n",          ""),
    ];
    for &(args, fate, exit, out, err) in table {
        let mut scene = Scene::lively();
        fate(&mut scene);
        let told = scene.run(&args.split(' ').collect::<Vec<_>>());
        assert_eq!(told.exit, exit, "{args}: {told:?}");
        assert!(
            told.out.contains(out) && told.err.contains(err),
            "{args}: {told:?} instead of {out:?} {err:?}"
        );
        assert_eq!(
            (told.out.is_empty(), told.err.is_empty()),
            (out.is_empty(), err.is_empty()),
            "{args}: {told:?}"
        );
        assert!(args != "--check" || told.out.lines().count() <= 1, "{}", told.out);
    }
}

#[test]
fn the_json_document_is_the_snapshot() {
    let mut scene = Scene::lively();
    let told = scene.run(&["--json", "--compact", "--room", "#LOB*"]);
    let document: Json = serde_json::from_str(&told.out).expect("it is JSON");
    let (snapshot, reader) = {
        let reader = segment::Reader::open(scene.keys.segment, None).unwrap();
        (reader.snapshot().unwrap(), reader)
    };
    let lobby = snapshot.room("#lobby").unwrap();
    let mut minutes = vec![0; 60];
    minutes[59] = 3;
    assert_eq!(
        document["rooms"],
        json!([{
            "name": "#lobby", "open": true, "topic": "all and nothing", "opened_ms": NOW.wall_ms,
            "tenure": lobby.tenure, "flags": 0,
            "counters": {
                "messages": 3, "bytes": 29, "members": 2, "members_peak": 2, "active_ms": NOW.wall_ms, "sequence": 3,
                "dropped": 0, "message_rate_1": 3000, "message_rate_10": 300, "message_rate_60": 50,
                "byte_rate_1": 29000, "byte_rate_10": 2900, "byte_rate_60": 483, "message_rate_peak": 3000,
            },
            "rates": {
                "message_rate_1": 3.0, "message_rate_10": 0.3, "message_rate_60": 0.05,
                "byte_rate_1": 29.0, "byte_rate_10": 2.9, "byte_rate_60": 0.483, "message_rate_peak": 3.0,
            },
            "members": [{ "name": "alice", "prefix": "@" }, { "name": "bob", "prefix": "" }],
            "talkers": [
                { "name": "alice", "messages": 2, "bytes": 24, "over": 0 },
                { "name": "bob", "messages": 1, "bytes": 5, "over": 0 },
            ],
            "last": { "name": "alice", "ms": NOW.wall_ms },
            "minutes": minutes,
        }])
    );
    assert_eq!(document["counters"]["users"], 2);
    assert_eq!(
        document["counters"]["turn"],
        json!({
            "count": 1, "sum": 40, "p50": 63, "p90": 63, "p99": 63, "buckets": [{ "to": 63, "count": 1 }],
        })
    );
    let mut rest = document;
    rest.as_object_mut().unwrap().retain(|name, _| name != "rooms" && name != "counters");
    assert_eq!(
        rest,
        json!({
            "schema": SCHEMA, "program": concat!("parlorstat ", env!("CARGO_PKG_VERSION")), "state": "live", "age_ms": 0,
            "taken_ms": NOW.wall_ms + 1000, "published_ms": NOW.wall_ms + 1000, "generation": snapshot.generation,
            "guarded": true, "unguarded_because": null,
            "segment": {
                "key": scene.keys.segment.to_string(), "semaphore_key": scene.keys.semaphores.to_string(),
                "id": reader.id(), "owner": reader.owner(), "bytes": reader.bytes(), "layout": "1.2",
            },
            "slow": [],
            "server": {
                "pid": std::process::id(), "epoch": 1, "started_ms": NOW.wall_ms, "heartbeat_ms": NOW.wall_ms + 1000,
                "uptime_ms": 1000,
            },
        })
    );
}

#[test]
fn counters_describe_themselves() {
    let told = Scene::lively().run(&["--json"]);
    let document: Json = serde_json::from_str(&told.out).expect("it is JSON");
    assert_eq!(
        document["counters"]["bytes.out"],
        json!({
            "kind": "counter", "unit": "bytes", "help": "Bytes sent.", "value": 5000,
        })
    );
    assert_eq!(document["counters"]["turn"]["kind"], "histogram");
    assert_eq!(
        document["room_counters"]["members"],
        json!({
            "kind": "gauge", "unit": "people", "help": "People in the room.",
        })
    );
}

#[test]
fn the_fields_of_rooms_are_known_before_there_is_a_room() {
    let mut scene = Scene::new();
    scene.pass(1);
    let documents = |told: &Told| serde_json::from_str::<Json>(&told.out).expect("it is JSON");
    for (args, exit, out, err) in [
        ("--list-fields --fields members", Exit::Live, "members  room  gauge  people", ""),
        ("--csv --fields members", Exit::Live, "taken_ms,state\n", ""),
        ("--prom --fields members", Exit::Live, "parlor_up 1\n", ""),
        ("--csv --room #a --sort members", Exit::Nothing, "", "there is no room #a"),
        ("--once --sort members", Exit::Live, "rooms (0)", ""),
        ("--once --fields mebers", Exit::Usage, "", "there is no field mebers; did you mean members?"),
        ("--once --sort mebers", Exit::Usage, "", "no field of rooms mebers; did you mean members?"),
    ] {
        let told = scene.run(&args.split(' ').collect::<Vec<_>>());
        assert_eq!(told.exit, exit, "{args}: {told:?}");
        assert!(told.out.contains(out) && told.err.contains(err), "{args}: {told:?}");
    }
    let empty = documents(&scene.run(&["--json"]));
    let lively = documents(&Scene::lively().run(&["--json"]));
    assert_eq!(empty["room_counters"], lively["room_counters"]);
    let chosen = documents(&scene.run(&["--json", "--fields", "byte*"]));
    assert_eq!(chosen["room_counters"].as_object().map(serde_json::Map::len), Some(4));
}

#[test]
fn the_guard_is_waited_for_and_never_needed() {
    let mut scene = Scene::lively();
    let key = scene.keys.segment;
    segment::testing::hold_guard(key, || {
        let told = scene.run(&["--json", "--compact", "--wait", "0"]);
        let document: Json = serde_json::from_str(&told.out).expect("it is JSON");
        let because = format!("the guard is held by process {}", std::process::id());
        assert_eq!((&document["guarded"], &document["unguarded_because"]), (&json!(false), &json!(because)));
        assert_eq!(document["counters"]["users"], 2);
        let once = scene.run(&["--once", "--wait", "0"]).out;
        assert!(once.contains(&format!("read without the guard: {because}\n")), "{once}");
    });
    let free: Json = serde_json::from_str(&scene.run(&["--json", "--wait", "off"]).out).unwrap();
    assert_eq!((&free["guarded"], &free["unguarded_because"]), (&json!(false), &Json::Null));
}

#[test]
fn command_lines_that_make_no_sense_are_refused() {
    #[rustfmt::skip]
    let table = [
        ("--once --json",                  "cannot be used with"),
        ("--check --json",                 "cannot be used with"),
        ("--once --history #a",            "cannot be used with"),
        ("--jsonl --csv",                  "cannot be used with"),
        ("--watch 0",                      "0.1 to 3600 seconds"),
        ("--speed 2",                      "--replay"),
        ("--speed 0 --replay x",           "0.01 to 1000"),
        ("--prom=html",                    "invalid value"),
        ("--listen 127.0.0.1:0 --watch 1", "cannot be used with"),
        ("--compact",                      "--json"),
        ("--interval 0",                   "0.1 to 60 seconds"),
        ("--interval NaN",                 "0.1 to 60 seconds"),
        ("--wait 61",                      "0 to 60 seconds"),
        ("--wait -1",                      "unexpected argument"),
        ("--semaphore-key never",          "invalid digit"),
        ("--nonsense",                     "unexpected argument"),
    ];
    for (args, says) in table {
        let told = Scene::new().run(&args.split(' ').collect::<Vec<_>>());
        assert_eq!((told.exit, told.out.as_str()), (Exit::Usage, ""), "{args}");
        assert!(told.err.contains(says), "{args}: {}", told.err);
    }
    let help = Scene::new().run(&["--help"]);
    assert_eq!((help.exit, help.err.as_str()), (Exit::Live, ""));
    assert!(help.out.contains("--semaphore-key"));
}

#[test]
fn keys_are_read_in_hex_and_in_decimal_and_semaphores_are_compared() {
    let mut scene = Scene::lively();
    let (hex, other) = (scene.keys.semaphores.to_string(), segment::Key(scene.keys.semaphores.0 ^ 1));
    let decimal = scene.keys.semaphores.0.to_string();
    assert_eq!(scene.run(&["--check", "--semaphore-key", &hex]).exit, Exit::Live);
    assert_eq!(scene.run(&["--check", "--semaphore-key", &decimal]).exit, Exit::Live);
    let told = scene.run(&["--check", "--semaphore-key", &other.to_string()]);
    assert_eq!(told.exit, Exit::Failed);
    assert!(told.err.contains(&format!("names the semaphores {hex}, not {other}")), "{}", told.err);
}

#[test]
fn a_pipe_that_is_closed_ends_the_program_quietly() {
    let scene = Scene::lively();
    for args in [
        "--once",
        "--json",
        "--jsonl",
        "--csv",
        "--prom",
        "--list-fields",
        "--check",
        "--history #lobby",
        "--follow #lobby",
        "list",
        "--help",
    ] {
        let key = scene.keys.segment.to_string();
        let words = ["parlorstat", "--segment-key", &key].into_iter().chain(args.split(' '));
        let mut err = Vec::new();
        let mut stage =
            Stage { out: &mut Deaf, err: &mut err, clock: &mut crate::Machine, is_terminal: false };
        assert_eq!(run(words.map(OsString::from), &mut stage), Exit::Live, "{args}");
        assert_eq!(String::from_utf8(err).unwrap(), "", "{args}");
    }
}

#[test]
fn no_text_of_the_segment_commands_a_terminal() {
    let mut scene = Scene::new();
    let evil = "\x1b]0;x\x07\x1b[2J\u{9b}31m\u{202e}\r\nx\u{7f}\x03";
    let (room, person) = (format!("#{evil}"), format!("p{evil}"));
    scene.join(&room, &[(&person, evil)]);
    let id = scene.room(&room);
    scene.stage().topic(id, evil);
    for kind in [Kind::MESSAGE, Kind::NOTICE, Kind::ACTION, Kind::TOPIC] {
        scene.record(&room, kind, &person, evil);
    }
    scene.say(&room, &person, evil);
    scene.pass(1);
    for args in [
        vec!["--once"],
        vec!["--json"],
        vec!["--history", &room],
        vec!["--history", &room, "--json"],
        vec!["--history", evil],
        vec!["list"],
        vec!["--jsonl"],
        vec!["--csv", "--room", "*"],
        vec!["--prom"],
        vec!["--list-fields"],
    ] {
        let told = scene.run(&args);
        told.assert_harmless();
        assert!(!told.out.is_empty() || !told.err.is_empty());
    }
    let document: Json = serde_json::from_str(&scene.run(&["--json"]).out).expect("it is JSON");
    assert_eq!(document["rooms"][0]["name"], room, "JSON loses nothing");
}

#[test]
fn the_numbers_of_ends_differ() {
    let mut codes: Vec<u8> = EXITS.iter().map(|(_, code, _)| *code).collect();
    codes.dedup();
    assert_eq!(codes, [0, 1, 2, 3, 4, 5, 6, 64]);
}
