//! What is printed for other programs.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use clap::Parser;
use serde_json::{Value as Json, json};

use super::*;
use crate::args::Arguments;
use crate::listen::Exporter;

/// The arguments of a line.
fn split(args: &str) -> Vec<&str> {
    args.split(' ').collect()
}

fn lines(told: &Told) -> Vec<Json> {
    told.out.lines().map(|line| serde_json::from_str(line).expect("a line is a document")).collect()
}

#[test]
fn lines_of_json_come_one_after_the_other_and_say_how_fast_things_grow() {
    let mut scene = Scene::lively();
    let told = scene.run_with(&split("--jsonl --watch 2 --count 3 --top 1"), &mut |scene| {
        scene.stage().add(BYTES_OUT, 3000);
        scene.stage().set(USERS, 1);
    });
    assert_eq!((told.exit, told.err.as_str()), (Exit::Live, ""));
    let documents = lines(&told);
    let taken: Vec<_> = documents.iter().map(|document| document["taken_ms"].as_u64().unwrap()).collect();
    assert_eq!(taken, [0, 2000, 4000].map(|later| NOW.wall_ms + 1000 + later));
    assert_eq!(documents[0].get("per_second"), None, "there is nothing before it");
    assert_eq!(documents[2]["per_second"]["bytes.out"], 1500.0);
    assert_eq!(documents[2]["per_second"].get("users"), None, "a gauge is no speed");
    assert_eq!(documents[2]["counters"]["users"], 1);
    assert_eq!(documents[1]["rooms"].as_array().unwrap().len(), 1);
    assert_eq!(lines(&scene.run(&["--jsonl"])).len(), 1);
}

#[test]
fn a_server_may_go_while_it_is_watched() {
    let mut scene = Scene::lively();
    let mut pauses = 0;
    let told = scene.run_with(&split("--csv --count 5 --fields users"), &mut |scene| {
        pauses += 1;
        match pauses {
            1 => scene.die(),
            2 => segment::remove(scene.keys.segment, segment::Force::No).expect("nobody serves"),
            4 => scene.serve(),
            _ => {}
        }
    });
    let at = |later: u64| NOW.wall_ms + 1000 + later;
    let states = ["live,2", "dead,2", "retired,2", "retired,2", "restarted,0"];
    let rows =
        states.iter().zip([0, 1000, 2000, 3000, 4000]).map(|(row, later)| format!("{},{row}\n", at(later)));
    let expected = format!("taken_ms,state,users\n{}", rows.collect::<String>());
    assert_eq!((told.exit, told.out, told.err.as_str()), (Exit::Live, expected, ""));
}

#[test]
fn values_are_separated_by_commas() {
    let mut scene = Scene::lively();
    let at = NOW.wall_ms + 1000;
    let told = scene.run(&split("--csv --fields users --fields t?rn"));
    let rows = format!(
        "taken_ms,state,turn.count,turn.sum,turn.p50,turn.p90,turn.p99,users\n{at},live,1,40,63,63,63,2\n"
    );
    assert_eq!(told.out, rows);
    let told = scene.run(&split("--csv --room * --sort name --fields messages --fields *peak"));
    let rows = format!(
        "taken_ms,state,room,open,messages,members_peak,message_rate_peak\n{at},live,#lobby,true,3,2,3000\n{at},live,#rust,true,0,2,0\n"
    );
    assert_eq!(told.out, rows);
}

#[test]
fn rooms_are_sorted_and_counted() {
    let mut scene = Scene::lively();
    for (args, rooms) in [
        ("--json --sort messages", json!(["#lobby", "#rust"])),
        ("--json --sort opened --room #r*", json!(null)),
        ("--json --sort name --top 1", json!(["#lobby"])),
        ("--json --sort members", json!(["#lobby", "#rust"])),
        ("--json --top 0", json!([])),
    ] {
        let told = scene.run(&split(args));
        let names = serde_json::from_str::<Json>(&told.out).map_or(Json::Null, |document| {
            document["rooms"].as_array().unwrap().iter().map(|room| room["name"].clone()).collect()
        });
        assert_eq!(names, rooms, "{args}: {told:?}");
    }
}

#[test]
fn what_there_is_not_is_said_with_the_nearest_name() {
    let mut scene = Scene::lively();
    for (args, exit, says) in [
        ("--json --fields user", Exit::Usage, "there is no field user; did you mean users?"),
        ("--once --fields xyzzy", Exit::Usage, "there is no field xyzzy\n"),
        ("--csv --sort mesages", Exit::Usage, "there is no field of rooms mesages; did you mean messages?"),
        ("--prom --room #loby", Exit::Nothing, "there is no room #loby; did you mean #lobby?"),
        (
            "--history #loby",
            Exit::Nothing,
            "#loby: there is no such room in the segment; did you mean #lobby?",
        ),
        ("--follow #xyzzy", Exit::Nothing, "#xyzzy: there is no such room in the segment\n"),
    ] {
        let told = scene.run(&split(args));
        assert_eq!((told.exit, told.out.as_str()), (exit, ""), "{args}: {told:?}");
        assert!(told.err.contains(says), "{args}: {}", told.err);
    }
}

#[test]
fn the_fields_explain_themselves() {
    let told = Scene::lively().run(&split("--list-fields --fields users --fields mem*"));
    let expected = "\
field         of      kind     unit    meaning
users         server  gauge    people  People who are registered now.
members       room    gauge    people  People in the room.
members_peak  room    counter  people  Most people that were in the room at once.
";
    assert_eq!(told.out, expected);
}

/// A server with what is hard to say in metrics.
fn difficult() -> Scene {
    let mut scene = Scene::lively();
    scene.join("#\"a\\b", &[("carol", "")]);
    scene.join("#\u{2}b", &[]);
    scene.join("#日本", &[]);
    scene.stage().observe(TURN, 0);
    scene.stage().observe(TURN, u64::MAX);
    let gone = scene.room("#日本");
    scene.stage().close(gone);
    scene.stage().slow(&[segment::Slow {
        name: "frank".to_owned(),
        queued: 5,
        limit: 10,
        since_ms: NOW.wall_ms,
    }]);
    scene.pass(1000);
    scene
}

#[test]
fn metrics_are_in_units_of_prometheus() {
    let mut scene = difficult();
    let fields =
        "--fields users --fields bytes.out --fields messages --fields active_ms --fields byte_rate_10";
    let told = scene.run(&split(&format!("--prom {fields} --room #lobby --room #rust")));
    let key = scene.keys.segment;
    let pid = std::process::id();
    let expected = format!(
        "\
# HELP parlor_up Whether a server lives and its segment can be read.
# TYPE parlor_up gauge
parlor_up 1
# HELP parlor_state How the server is: 1 at one of the states.
# TYPE parlor_state gauge
parlor_state{{state=\"live\"}} 1
parlor_state{{state=\"stale\"}} 0
parlor_state{{state=\"dead\"}} 0
parlor_state{{state=\"stopped\"}} 0
parlor_state{{state=\"retired\"}} 0
# HELP parlor_server The process that serves, and its segment.
# TYPE parlor_server gauge
parlor_server{{pid=\"{pid}\",key=\"{key}\",layout=\"1.2\"}} 1
# HELP parlor_epoch Incarnations of servers on this segment.
# TYPE parlor_epoch gauge
parlor_epoch 1
# HELP parlor_start_time_seconds When this one began, since 1970.
# TYPE parlor_start_time_seconds gauge
parlor_start_time_seconds 1700000000
# HELP parlor_heartbeat_age_seconds Since the server last showed that it lives.
# TYPE parlor_heartbeat_age_seconds gauge
parlor_heartbeat_age_seconds 0
# HELP parlor_users People who are registered now.
# TYPE parlor_users gauge
parlor_users 2
# HELP parlor_bytes_out Bytes sent.
# TYPE parlor_bytes_out counter
parlor_bytes_out_total 5000
# HELP parlor_room_messages Messages said in the room.
# TYPE parlor_room_messages counter
parlor_room_messages_total{{room=\"#lobby\"}} 3
parlor_room_messages_total{{room=\"#rust\"}} 0
# HELP parlor_room_active_seconds When somebody last said something, since 1970.
# TYPE parlor_room_active_seconds gauge
parlor_room_active_seconds{{room=\"#lobby\"}} 1700000000
parlor_room_active_seconds{{room=\"#rust\"}} 0
# HELP parlor_room_byte_rate_10 Bytes per second, over the last 10 complete seconds.
# TYPE parlor_room_byte_rate_10 gauge
parlor_room_byte_rate_10{{room=\"#lobby\"}} 2.9
parlor_room_byte_rate_10{{room=\"#rust\"}} 0
# EOF
"
    );
    assert_eq!(told.out, expected);
    let text = scene.run(&split("--prom=text --fields bytes.out --fields turn")).out;
    assert!(text.contains("# TYPE parlor_bytes_out_total counter\nparlor_bytes_out_total 5000\n"), "{text}");
    for line in [
        "# TYPE parlor_turn_seconds histogram",
        "parlor_turn_seconds_bucket{le=\"0.0\"} 1",
        "parlor_turn_seconds_bucket{le=\"0.000063\"} 2",
        "parlor_turn_seconds_bucket{le=\"+Inf\"} 3",
        "parlor_turn_seconds_count 3",
    ] {
        assert!(text.lines().any(|found| found == line), "no {line} in\n{text}");
    }
    assert!(!text.contains("# EOF"));
}

#[test]
fn a_dead_server_has_no_values() {
    let mut scene = Scene::lively();
    scene.die();
    let told = scene.run(&["--prom"]);
    assert_eq!(told.exit, Exit::Old);
    for line in ["parlor_up 0", "parlor_state{state=\"dead\"} 1", "parlor_state{state=\"live\"} 0"] {
        assert!(told.out.lines().any(|found| found == line), "no {line} in\n{}", told.out);
    }
    assert!(!told.out.contains("parlor_users") && !told.out.contains("room="), "{}", told.out);
}

/// Whether a program that reads from its standard input is content; `None` if it is not installed.
fn is_content(program: &str, args: &[&str], input: &str) -> Option<bool> {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().ok()?;
    child.stdin.take().expect("it is a pipe").write_all(input.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    if said.contains("No module named") {
        return None;
    }
    assert!(output.status.success(), "{program}: {said}");
    Some(true)
}

#[test]
fn strict_readers_of_metrics_are_content() {
    let mut scene = difficult();
    let strict = "import sys; from prometheus_client.openmetrics.parser import text_string_to_metric_families as f; \
        assert len(list(f(sys.stdin.read()))) > 20";
    let (modern, text) = (scene.run(&["--prom"]).out, scene.run(&["--prom=text"]).out);
    for content in [
        is_content("python3", &["-c", strict], &modern),
        is_content("promtool", &["check", "metrics"], &text),
    ] {
        if content.is_none() {
            eprintln!("SKIPPED: promtool or Python's prometheus_client is not installed");
        }
    }
}

/// What a scrape is answered: the head and the body.
fn scrape(address: &str, request: &str) -> (String, String) {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.write_all(format!("{request}\r\nHost: here\r\nConnection: close\r\n\r\n").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").expect("an answer has a head");
    (head.to_owned(), body.to_owned())
}

#[test]
fn the_exporter_answers_over_http() {
    let mut scene = Scene::lively();
    let key = scene.keys.segment.to_string();
    let words = ["parlorstat", "--listen", "127.0.0.1:0", "--segment-key", &key];
    let arguments = Arguments::try_parse_from(words).unwrap();
    let exporter = Exporter::open(arguments.listen.unwrap(), &arguments).unwrap();
    let address = exporter.address();
    let now = scene.now;
    std::thread::scope(|scope| {
        let serving = scope.spawn(|| exporter.serve(Some(6), || now).is_ok());
        let (head, body) = scrape(&address, "GET /metrics HTTP/1.1");
        assert!(head.starts_with("HTTP/1.1 200") && head.contains("text/plain; version=0.0.4"), "{head}");
        assert!(body.contains("\nparlor_users 2\n") && !body.contains("# EOF"), "{body}");
        let modern =
            "GET /metrics?x HTTP/1.1\r\nAccept: application/openmetrics-text;version=1.0.0,*/*;q=0.1";
        let (head, body) = scrape(&address, modern);
        assert!(head.contains("application/openmetrics-text; version=1.0.0"), "{head}");
        assert!(body.contains("\nparlor_users 2\n") && body.trim_end().ends_with("# EOF"), "{body}");
        assert!(scrape(&address, "GET / HTTP/1.1").1.contains("/metrics"));
        assert!(scrape(&address, "GET /etc/passwd HTTP/1.1").0.starts_with("HTTP/1.1 404"));
        assert!(scrape(&address, "POST /metrics HTTP/1.1").0.starts_with("HTTP/1.1 405"));
        scene.die();
        segment::remove(scene.keys.segment, segment::Force::No).unwrap();
        let (head, body) = scrape(&address, "GET /metrics HTTP/1.1");
        assert!(head.starts_with("HTTP/1.1 200") && body.contains("\nparlor_up 0\n"), "{head} {body}");
        assert!(!body.contains("parlor_users"), "{body}");
        assert!(serving.join().unwrap());
    });
    for address in ["0.0.0.0:9667", "192.0.2.1:9667", "[::]:9667", "localhost"] {
        let told = scene.run(&["--listen", address]);
        assert_eq!(told.exit, Exit::Usage, "{address}");
        assert!(told.err.contains("127.0.0.1:9667"), "{}", told.err);
    }
}

#[test]
fn what_is_recorded_is_shown_as_it_was() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("evening.jsonl");
    let path = path.to_str().unwrap();
    let mut scene = difficult();
    let mut pauses = 0;
    let recorded = scene.run_with(&["--jsonl", "--count", "4", "--record", path], &mut |scene| {
        pauses += 1;
        scene.say("#rust", "bob", "fearless");
        scene.stage().observe(TURN, 500);
        if pauses == 2 {
            scene.die();
            scene.serve();
        }
    });
    let again = scene.run(&["--record", path, "--once"]);
    assert_eq!(again.exit, Exit::Failed, "nothing is written over: {again:?}");
    // How it was copied is not recorded.
    let level = |mut document: Json| {
        document["guarded"] = Json::Bool(false);
        document
    };
    let replayed = scene.run(&["--jsonl", "--replay", path]);
    assert_eq!((replayed.exit, replayed.err.as_str()), (Exit::Live, ""));
    let before: Vec<_> = lines(&recorded).into_iter().map(level).collect();
    assert_eq!((lines(&replayed).len(), lines(&replayed)), (4, before));
    let rates: Vec<bool> =
        lines(&replayed).iter().map(|document| document.get("per_second").is_some()).collect();
    assert_eq!(rates, [false, true, false, true], "not from one server to the next");
    let csv = scene.run(&["--csv", "--replay", path, "--fields", "turn", "--count", "2"]).out;
    assert_eq!(csv.lines().count(), 3);
    assert!(scene.run(&["--once", "--replay", path]).out.contains("RESTARTED") || pauses > 0);
    // A recording that ends in the middle of a line, and what is none.
    let whole = std::fs::read_to_string(path).unwrap();
    let damaged = directory.path().join("damaged");
    for (text, exit, says) in [
        (&whole[..whole.len() - 10], Exit::Live, ""),
        ("", Exit::Live, ""),
        ("{}\n", Exit::Failed, "line 1: it is no sample"),
        ("hello\n", Exit::Failed, "line 1: it is no JSON"),
        ("{\"recording\": 2}\n", Exit::Failed, "line 1: it is of another version"),
    ] {
        std::fs::write(&damaged, text).unwrap();
        let told = scene.run(&["--jsonl", "--replay", damaged.to_str().unwrap()]);
        assert_eq!(told.exit, exit, "{told:?}");
        assert!(told.err.contains(says), "{told:?}");
    }
    assert_eq!(scene.run(&["--replay", "/nowhere"]).exit, Exit::Failed);
}

#[test]
fn the_dashboard_asks_for_what_there_is() {
    const DASHBOARD: &str = include_str!("../../../demo/monitoring/grafana.json");
    // What the server counts stands in its reference, in the words of the table.
    const COUNTERS: &str = include_str!("../../../docs/counters.md");
    let mut rows = std::collections::BTreeMap::new();
    let mut prefix = "";
    for line in COUNTERS.lines() {
        prefix = if line == "## Each room" { "room_" } else { prefix };
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        if let ["", name, kind @ ("counter" | "gauge" | "histogram"), unit, ..] = cells[..] {
            let name = name.trim_matches('`');
            let name = if name.starts_with("command.") { "commands" } else { name };
            rows.insert(crate::metrics::family_name(name, unit, prefix), kind);
        }
    }
    let dashboard: Json = serde_json::from_str(DASHBOARD).expect("it is JSON");
    let panels = dashboard["panels"].as_array().expect("it has panels");
    let asked = panels.iter().flat_map(|panel| panel["targets"].as_array().expect("a panel asks"));
    let mut count = 0;
    for expression in asked.map(|target| target["expr"].as_str().expect("a question")) {
        let words = expression.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
        for word in words.filter(|word| word.starts_with("parlor_")) {
            let known = ["parlor_up", "parlor_start_time_seconds"].contains(&word)
                || rows.get(word) == Some(&"gauge")
                || word.strip_suffix("_total").is_some_and(|name| rows.get(name) == Some(&"counter"))
                || word.strip_suffix("_bucket").is_some_and(|name| rows.get(name) == Some(&"histogram"));
            assert!(known, "{word} in {expression} is none of {rows:?}");
            count += 1;
        }
    }
    assert!(count > 15);
}
