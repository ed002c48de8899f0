//! The demo without a terminal: it tells what is said and counted, and leaves nothing behind, however it ends.

use std::fs;
use std::path::Path;
use std::process::Command;

use nix::sys::signal::Signal;
use parlor_tests::running::Running;
use segment::{Key, Liveness, Now, Reader};

/// What a running demo has: its processes, and the keys of its objects.
#[derive(Debug)]
struct Belongings {
    processes: Vec<u32>,
    segment: Key,
    semaphores: Key,
}

/// Starts the demo with a directory for temporary files of its own, by which all that is its can be told.
fn start(directory: &Path, seconds: &str) -> Running {
    let mut command = Command::new(env!("CARGO_BIN_EXE_parlor-demo"));
    command.args(["--transcript", "--seconds", seconds]).env("TMPDIR", directory);
    Running::start(command)
}

/// The processes that were started with this directory.
fn processes(directory: &Path) -> Vec<u32> {
    let mark = format!("TMPDIR={}", directory.display());
    let is_ours = |process: &u32| {
        let environment = fs::read(format!("/proc/{process}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|variable| variable == mark.as_bytes())
    };
    let entries = fs::read_dir("/proc").unwrap();
    let numbers = entries.filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
    numbers.filter(is_ours).collect()
}

/// The keys in one of the kernel's tables, each with the rest of its line.
fn table(name: &str) -> Vec<(Key, Vec<u64>)> {
    let text = fs::read_to_string(format!("/proc/sysvipc/{name}")).unwrap();
    let lines = text.lines().skip(1).map(|line| {
        let mut fields = line.split_whitespace();
        let key = Key(fields.next().unwrap().parse().unwrap());
        (key, fields.map(|field| field.parse().unwrap()).collect())
    });
    lines.collect()
}

fn belongings(directory: &Path) -> Belongings {
    let processes = processes(directory);
    // key shmid perms size cpid …
    let is_ours = |rest: &Vec<u64>| processes.iter().any(|process| u64::from(*process) == rest[3]);
    let segments = table("shm");
    let (segment, _) = segments.iter().find(|(_, rest)| is_ours(rest)).expect("the demo has a segment");
    let mut reader = Reader::open(*segment, None).unwrap();
    assert_eq!(reader.liveness(Now::read()), Liveness::Live);
    Belongings { segment: *segment, semaphores: reader.semaphore_key(), processes }
}

fn assert_nothing_left(directory: &Path, belongings: &Belongings) {
    assert_eq!(processes(directory), [0; 0], "of {belongings:?}");
    let left: Vec<_> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(left.is_empty(), "{left:?}");
    for (name, key) in [("shm", belongings.segment), ("sem", belongings.semaphores)] {
        assert!(table(name).iter().all(|(there, _)| *there != key), "{name} {key} of {belongings:?}");
    }
}

/// The next line of what is said: a time, a room, and who.
fn said(demo: &mut Running) -> String {
    loop {
        let line = demo.line().unwrap_or_else(|| panic!("the demo ended: {}", demo.errors()));
        if line.contains(" #") && line.contains('<') {
            return line;
        }
    }
}

#[test]
fn it_prints_what_is_said_and_counted_and_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let mut demo = start(directory.path(), "1");
    said(&mut demo);
    let belongings = belongings(directory.path());
    assert!(belongings.processes.len() >= 2, "the demo and a server: {belongings:?}");
    let (code, output, errors) = demo.finish();
    assert_eq!((code, errors.as_str()), (Some(0), ""), "{output}");
    assert!(output.contains(&format!("segment {}", belongings.segment)), "{output}");
    for part in [" LIVE ", "\nserver ", "\nusers ", "\nrooms (", "\ntalkers ", "#lobby "] {
        assert!(output.contains(part), "{part:?} is missing:\n{output}");
    }
    assert_nothing_left(directory.path(), &belongings);
}

#[test]
fn interrupted_in_the_middle_it_leaves_nothing_either() {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let directory = tempfile::tempdir().unwrap();
        let mut demo = start(directory.path(), "3600");
        said(&mut demo);
        let belongings = belongings(directory.path());
        demo.signal(signal);
        let (code, output, errors) = demo.finish();
        assert_eq!((code, errors.as_str()), (Some(0), ""), "{signal}: {output}");
        assert_nothing_left(directory.path(), &belongings);
    }
}
