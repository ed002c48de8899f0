//! The program as a process: its arguments, its signals, its limits, its exit codes.

mod common;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;

use common::Client;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use segment::testing::Keys;
use segment::{Liveness, Now, Reader};

const PROGRAM: &str = env!("CARGO_BIN_EXE_parlord");

/// A running `parlord`. It is killed when this is dropped.
struct Process {
    child: Child,
    addresses: Vec<String>,
    /// Keeps what is told. Has ended before the directory is removed, in which it writes.
    log: Option<std::thread::JoinHandle<String>>,
    _directory: tempfile::TempDir,
    keys: Arc<Keys>,
}

impl Process {
    /// Starts with these arguments beside the usual ones, and waits until it listens.
    fn start(arguments: &[&str]) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), Arc::new(Keys::new()), Command::new(PROGRAM), arguments)
    }

    fn start_in(
        directory: tempfile::TempDir,
        keys: Arc<Keys>,
        mut command: Command,
        arguments: &[&str],
    ) -> Self {
        let pipe = directory.path().join("ready");
        let _ = fs::remove_file(&pipe);
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
        command.args(["--listen", "127.0.0.1:0", "--ready-file", pipe.to_str().unwrap()]);
        command.args(["--segment-key", &keys.segment.to_string()]);
        command.args(["--semaphore-key", &keys.semaphores.to_string()]);
        let mut child = command.args(arguments).stderr(Stdio::piped()).spawn().unwrap();
        // If it ends instead of being ready, this end of the pipe must not wait for ever.
        let failed = child.stderr.take().unwrap();
        let log = directory.path().join("log");
        let told = keep_log(failed, log, pipe.clone());
        let text = fs::read_to_string(&pipe).unwrap();
        assert!(!text.is_empty(), "it did not start: {}", told.join().unwrap());
        let addresses = text.lines().map(str::to_owned).collect();
        Self { child, addresses, log: Some(told), _directory: directory, keys }
    }

    fn address(&self) -> SocketAddr {
        self.addresses[0].strip_prefix("tcp ").unwrap().parse().unwrap()
    }

    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().cast_signed()), signal).unwrap();
    }

    /// Waits for its end: the exit code.
    fn end(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }
}

/// Copies what a process logs into a file, until it ends. Then whoever waits for it to be ready waits no more.
fn keep_log(
    mut from: impl Read + Send + 'static,
    log: PathBuf,
    pipe: PathBuf,
) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut text = String::new();
        let _ = from.read_to_string(&mut text);
        let _ = fs::write(log, &text);
        let _ = nix::fcntl::open(
            &pipe,
            nix::fcntl::OFlag::O_WRONLY | nix::fcntl::OFlag::O_NONBLOCK,
            nix::sys::stat::Mode::empty(),
        );
        text
    })
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(log) = self.log.take() {
            let _ = log.join();
        }
    }
}

fn run(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(PROGRAM)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn file(directory: &Path, text: &str) -> String {
    let path = directory.join("parlord.toml");
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn sigterm_says_farewell_and_leaves_a_clean_segment() {
    let directory = tempfile::tempdir().unwrap();
    let socket = directory.path().join("socket");
    let mut server = Process::start(&["--unix", socket.to_str().unwrap()]);
    assert_eq!(fs::metadata(&socket).unwrap().permissions().mode() & 0o777, 0o660);
    let mut alice = Client::enter(server.address(), "alice");
    let mut reader = Reader::open(server.keys.segment, None).unwrap();
    assert_eq!(reader.liveness(Now::read()), Liveness::Live);
    server.signal(Signal::SIGTERM);
    let heard = alice.rest();
    assert!(heard.last().unwrap().starts_with("ERROR"), "{heard:#?}");
    assert_eq!(server.end(), Some(0));
    assert_eq!(reader.liveness(Now::read()), Liveness::Stopped);
    assert!(!socket.exists());
}

#[test]
fn sigint_ends_as_well() {
    let mut server = Process::start(&["--no-segment"]);
    server.signal(Signal::SIGINT);
    assert_eq!(server.end(), Some(0));
}

#[test]
fn sighup_reads_the_file_again_and_keeps_the_old_one_if_it_is_bad() {
    let directory = tempfile::tempdir().unwrap();
    let path = file(directory.path(), "[server]\nmotd = 'first'\n");
    let mut server = Process::start(&["--config", &path, "--no-segment"]);
    let mut alice = Client::enter(server.address(), "alice");
    let mut shown = |server: &Process, expected: &str| loop {
        alice.say("MOTD");
        let heard = alice.fence();
        assert!(!heard.iter().any(|line| line.contains("never")), "{heard:#?}");
        if heard.iter().any(|line| line.ends_with(&format!("- {expected}"))) {
            break;
        }
        server.signal(Signal::SIGHUP);
    };
    shown(&server, "first");
    file(directory.path(), "[server]\nmotd = 'never'\nnmae = 'x'\n");
    server.signal(Signal::SIGHUP);
    file(directory.path(), "[server]\nmotd = 'second'\n");
    shown(&server, "second");
    server.signal(Signal::SIGTERM);
    assert_eq!(server.end(), Some(0));
}

#[test]
fn a_server_without_files_left_sends_others_away_and_goes_on() {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -n 24; exec {PROGRAM} \"$@\""), "sh"]);
    let server =
        Process::start_in(tempfile::tempdir().unwrap(), Arc::new(Keys::new()), command, &["--no-segment"]);
    let mut inside: Vec<Client> = Vec::new();
    loop {
        let mut client = Client::connect(server.address());
        let _ = client.try_send(b"PING early\r\n");
        let line = client.line().expect("an answer or a refusal");
        if line.contains("The server is full") {
            break;
        }
        inside.push(client);
        assert!(inside.len() < 24, "there are only so many files");
    }
    assert!(inside.len() > 5, "{} came in", inside.len());
    for _ in 0..30 {
        assert_eq!(Client::connect(server.address()).rest(), ["ERROR :The server is full"]);
    }
    let mut alice = inside.pop().unwrap().registered("alice");
    alice.fence();
    drop(inside);
    loop {
        let mut bob = Client::connect(server.address());
        let _ = bob.try_send(b"NICK bob\r\nUSER bob 0 * :Bob\r\n");
        if bob.rest_until(" 001 bob ") {
            break;
        }
    }
    alice.fence();
}

#[test]
fn a_port_in_use_is_told_in_a_sentence() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = run(&["--listen", &address, "--no-segment"], "");
    assert_eq!(output.status.code(), Some(1));
    let told = text(&output.stderr);
    assert!(told.contains(&format!("cannot listen on {address}: Address already in use")), "{told}");
    assert!(told.contains("another server uses it"), "{told}");
}

#[test]
fn a_socket_left_behind_is_taken_over_but_not_one_in_use() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("socket");
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    assert!(path.exists(), "left behind");
    let server = Process::start(&["--no-segment", "--unix", path.to_str().unwrap()]);
    let mut alice = Client::connect_unix(&path).registered("alice");
    let output = run(&["--listen", "127.0.0.1:0", "--no-segment", "--unix", path.to_str().unwrap()], "");
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("cannot listen on"), "{}", text(&output.stderr));
    alice.fence();
    let other = directory.path().join("no socket");
    fs::write(&other, "precious").unwrap();
    let output = run(&["--listen", "127.0.0.1:0", "--no-segment", "--unix", other.to_str().unwrap()], "");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(fs::read_to_string(&other).unwrap(), "precious");
    drop(server);
}

#[test]
fn keys_in_use_are_told_in_a_sentence() {
    let server = Process::start(&[]);
    let keys = [server.keys.segment.to_string(), server.keys.semaphores.to_string()];
    let output =
        run(&["--listen", "127.0.0.1:0", "--segment-key", &keys[0], "--semaphore-key", &keys[1]], "");
    assert_eq!(output.status.code(), Some(1));
    let told = text(&output.stderr);
    assert!(told.contains(&keys[0]) && told.contains("as uid "), "{told}");
    assert!(told.contains(&format!("process {}", server.child.id())), "{told}");
    assert!(told.contains("--no-segment"), "{told}");
}

#[test]
fn a_bad_configuration_ends_before_anything_is_opened() {
    let directory = tempfile::tempdir().unwrap();
    let path = file(directory.path(), "[listen]\ntcp = ['127.0.0.1:0']\n\n[conections]\nmax = 1\n");
    for arguments in [&["--config", &path][..], &["--config", &path, "--check-config"]] {
        let output = run(arguments, "");
        assert_eq!(output.status.code(), Some(2));
        let told = text(&output.stderr);
        let expected =
            format!("parlord: {path}:4: conections: there is no such key; is connections meant?\n");
        assert_eq!(told, expected);
    }
    let output = run(&["--config", "/nowhere/parlord.toml"], "");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("/nowhere/parlord.toml: cannot be read"));
    assert_eq!(run(&["--no-such-flag"], "").status.code(), Some(2));
}

#[test]
fn the_printed_configuration_is_the_effective_one() {
    let directory = tempfile::tempdir().unwrap();
    let path = file(directory.path(), "[server]\nnetwork = 'Quiet'\n");
    let first = run(&["--config", &path, "--print-config", "--name", "irc.example", "--no-segment"], "");
    assert_eq!(first.status.code(), Some(0));
    let printed = text(&first.stdout);
    assert!(
        printed.contains("network = \"Quiet\"") && printed.contains("name = \"irc.example\""),
        "{printed}"
    );
    let again = file(directory.path(), &printed);
    let second = run(&["--config", &again, "--print-config"], "");
    assert_eq!(text(&second.stdout), printed);
    assert_eq!(run(&["--config", &again, "--check-config"], "").status.code(), Some(0));
}

#[test]
fn a_password_becomes_a_hash_that_a_configuration_takes() {
    let output = run(&["--hash-password"], "open sesame\n");
    assert_eq!(output.status.code(), Some(0));
    let hash = text(&output.stdout);
    assert!(hash.starts_with("$argon2id$") && hash.ends_with('\n'), "{hash}");
    let directory = tempfile::tempdir().unwrap();
    let path = file(directory.path(), &format!("[server]\npassword_hash = '{}'\n", hash.trim_end()));
    assert_eq!(run(&["--config", &path, "--check-config"], "").status.code(), Some(0));
    assert_eq!(run(&["--hash-password"], "").status.code(), Some(1));
    let cheap = run(&["--hash-password", "--hash-memory", "8", "--hash-passes", "1"], "open sesame\n");
    assert!(text(&cheap.stdout).contains("$m=8,t=1,p=1$"));
    let impossible = run(&["--hash-password", "--hash-memory", "7"], "open sesame\n");
    assert_eq!((impossible.status.code(), text(&impossible.stdout).as_str()), (Some(1), ""));
    assert_eq!(run(&["--hash-memory", "8"], "").status.code(), Some(2));
}

#[test]
fn the_ready_file_appears_whole_and_the_log_can_be_json() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("addresses");
    let mut child = Command::new(PROGRAM)
        .args(["--listen", "127.0.0.1:0", "--no-segment", "--log-format", "json", "--log-filter", "debug"])
        .args(["--ready-file", path.to_str().unwrap()])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
    let first: serde_json::Value = serde_json::from_str(&log.next().unwrap().unwrap()).unwrap();
    assert_eq!(first["message"], "listening");
    let address = first["address"].as_str().unwrap().to_owned();
    let mut alice = Client::connect(address.parse().unwrap());
    alice.say("PASS very-secret\r\nNICK alice\r\nUSER alice 0 * :Alice");
    alice.hear(" 001 ");
    // It answers, so it turns, so the file has been written before.
    assert_eq!(fs::read_to_string(&path).unwrap(), format!("tcp {address}\n"));
    kill(Pid::from_raw(child.id().cast_signed()), Signal::SIGTERM).unwrap();
    let rest: Vec<String> = log.map(Result::unwrap).collect();
    assert!(rest.iter().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()), "{rest:#?}");
    assert!(rest.iter().any(|line| line.contains("connected")), "{rest:#?}");
    assert!(!rest.iter().any(|line| line.contains("very-secret")), "{rest:#?}");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn who_cannot_tell_that_he_is_ready_leaves_a_clean_segment() {
    let (directory, keys) = (tempfile::tempdir().unwrap(), Keys::new());
    let ready = directory.path().join("nowhere/ready");
    let output = Command::new(PROGRAM)
        .args(["--listen", "127.0.0.1:0", "--ready-file", ready.to_str().unwrap()])
        .args(["--segment-key", &keys.segment.to_string(), "--semaphore-key", &keys.semaphores.to_string()])
        .output()
        .unwrap();
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("nowhere/ready cannot be written: No such file or directory"), "{told}");
    let mut reader = Reader::open(keys.segment, None).unwrap();
    assert_eq!(reader.liveness(Now::read()), Liveness::Stopped);
}

#[test]
fn history_survives_a_kill() {
    let mut first = Process::start(&[]);
    let mut alice = Client::enter(first.address(), "alice");
    alice.say("JOIN #den\r\nPRIVMSG #den :before\r\nPRIVMSG #den :\u{1}ACTION waves\u{1}");
    alice.fence();
    let mut reader = Reader::open(first.keys.segment, None).unwrap();
    let texts = |reader: &mut Reader| -> Vec<String> {
        let history = reader.history("#den");
        history
            .map(|history| history.records.into_iter().map(|record| record.text).collect())
            .unwrap_or_default()
    };
    let registrations = |reader: &mut Reader| reader.snapshot().unwrap().number("users.registrations");
    // Counters become visible just behind the history of the same publication.
    while texts(&mut reader).len() < 2 || registrations(&mut reader) < 1 {
        // The next publication is at most a tick away, and this makes no turn of its own.
        std::thread::yield_now();
    }
    first.signal(Signal::SIGKILL);
    first.end();
    let keys = Arc::clone(&first.keys);
    let directory = tempfile::tempdir().unwrap();
    let second = Process::start_in(directory, keys, Command::new(PROGRAM), &[]);
    let mut bob = Client::enter(second.address(), "bob");
    bob.say("JOIN #den");
    let heard = bob.fence();
    let told = |text: &str| heard.iter().any(|line| line.starts_with(":alice") && line.ends_with(text));
    assert!(told(" before") && told(" waves\u{1}"), "{heard:#?}");
    bob.say("PRIVMSG #den :after");
    bob.fence();
    let mut reader = Reader::open(second.keys.segment, None).unwrap();
    while texts(&mut reader).len() < 3 || registrations(&mut reader) < 2 {
        std::thread::yield_now();
    }
    assert_eq!(texts(&mut reader), ["before", "waves", "after"]);
    assert_eq!(registrations(&mut reader), 2, "counters go on");
}
