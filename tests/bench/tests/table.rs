//! The benchmark itself, on a small scale: everything is measured, and however it ends, nothing stays.

use std::fs;
use std::net::TcpListener;
use std::process::Command;

use nix::sys::signal::Signal;
use parlor_tests::running::Running;
use segment::{Key, Reader};

fn start(arguments: &[&str]) -> Running {
    let mut command = Command::new(env!("CARGO_BIN_EXE_parlor-bench"));
    command.args(["--tiny", "--rounds", "1", "--json"]).args(arguments);
    Running::start(command)
}

/// What a run prints.
fn measured(arguments: &[&str]) -> serde_json::Value {
    let (code, output, errors) = start(arguments).finish();
    assert_eq!(code, Some(0), "{output}{errors}");
    serde_json::from_str(&output).unwrap_or_else(|error| panic!("{error}: {output}"))
}

/// The children of a process, by the kernel's word.
fn children(process: i32) -> Vec<i32> {
    let text = fs::read_to_string(format!("/proc/{process}/task/{process}/children")).unwrap_or_default();
    text.split_whitespace().map(|number| number.parse().unwrap()).collect()
}

/// The keys in one of the kernel's tables, each with the fifth field: of segments, the process that made it.
fn objects(table: &str) -> Vec<(Key, i32)> {
    let text = fs::read_to_string(format!("/proc/sysvipc/{table}")).unwrap();
    let lines = text.lines().skip(1).map(|line| {
        let fields: Vec<i32> =
            line.split_whitespace().map(|field| field.parse().unwrap_or_default()).collect();
        (Key(fields[0]), fields[4])
    });
    lines.collect()
}

#[test]
fn every_scenario_is_measured() {
    let table = measured(&[]);
    let rows = table["rows"].as_array().expect("there are rows");
    let names = Command::new(env!("CARGO_BIN_EXE_parlor-bench")).arg("--list").output().unwrap();
    for line in String::from_utf8(names.stdout).unwrap().lines() {
        let name = line.split(' ').next().unwrap();
        let own: Vec<_> = rows.iter().filter(|row| row["scenario"] == name).collect();
        assert!(!own.is_empty(), "{name} is missing");
        for row in own {
            let parlord = row["values"]["parlord"]["median"].as_f64();
            assert!(parlord.is_some_and(|value| value >= 0.0), "{row}");
            assert_eq!(row["values"]["floor"].is_null(), name.starts_with("storm"), "{row}");
        }
    }
}

#[test]
fn scenarios_are_chosen_by_their_names() {
    let table = measured(&["--scenario", "ping*", "--scenario", "storm1000"]);
    let rows = table["rows"].as_array().expect("there are rows");
    assert_eq!(rows.iter().map(|row| &row["scenario"]).collect::<Vec<_>>(), ["ping64", "storm1000"]);
    let (code, _, errors) = start(&["--scenario", "nothing"]).finish();
    assert_eq!(code, Some(1), "{errors}");
}

#[test]
fn a_room_is_measured_beside_everything_that_disturbs() {
    let table = measured(&["--isolation"]);
    let rows = table["rows"].as_array().expect("there are rows");
    assert_eq!(rows.len(), 13);
    assert!(rows.iter().all(|row| row["p99_us"].as_f64().is_some_and(|p99| p99 > 0.0)), "{table}");
}

#[test]
fn curves_are_measured_as_far_as_they_go() {
    let table = measured(&["--growth"]);
    let points = table["points"].as_array().expect("there are points");
    assert!(points.iter().all(|point| point["parlord"][0].as_f64().is_some()), "{table}");
    assert!(table["start"][0]["ms"].as_f64().is_some_and(|ms| ms > 0.0), "{table}");
}

#[test]
fn another_server_that_does_not_stay_is_told_of() {
    // A port that was free just now, and at which nobody listens.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let server = ["--server", "sh -c exit", "--server-address", &address];
    let (code, output, errors) = start(&[["--scenario", "ping64"].as_slice(), &server].concat()).finish();
    assert_eq!((code, output.as_str()), (Some(1), ""), "{errors}");
    assert!(errors.contains("ping64 with sh: sh does not come to listen: it ended"), "{errors}");
}

#[test]
fn killed_in_the_middle_it_leaves_nothing() {
    let bench = start(&["--scenario", "rate*"]);
    let (segment, semaphores) = loop {
        let servers = children(bench.pid().as_raw());
        let of_ours = |(_, maker): &(Key, i32)| servers.contains(maker);
        // A segment that is still being made cannot be opened yet.
        let opened =
            objects("shm").into_iter().find(of_ours).and_then(|(key, _)| Reader::open(key, None).ok());
        // Before somebody has come, the server may still want to tell the benchmark where it listens.
        let is_busy =
            |reader: &Reader| reader.snapshot().is_ok_and(|snapshot| snapshot.number("connections") > 0);
        if let Some(reader) = opened.filter(is_busy) {
            break (reader.key(), reader.semaphore_key());
        }
        std::thread::yield_now();
    };
    bench.signal(Signal::SIGKILL);
    // The server has the same standard error, which ends when both are gone.
    let (code, output, errors) = bench.finish();
    assert_eq!((code, output.as_str(), errors.as_str()), (None, "", ""));
    for (table, key) in [("shm", segment), ("sem", semaphores)] {
        assert!(objects(table).iter().all(|(there, _)| *there != key), "{table} {key}");
    }
}
