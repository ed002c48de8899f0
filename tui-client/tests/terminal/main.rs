//! The real program in a real terminal, talking to small servers that follow a script, in the open and under TLS.
//!
//! Nothing here waits for time to pass: the test reads what the program draws until it sees what it waits for. A program
//! that never draws it is ended by a watchdog, and the test says what was on the screen.

mod first_start;
mod login;
mod pty;
mod server;
mod trust;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};

use pty::Terminal;
use server::{House, Server};

const PROGRAM: &str = env!("CARGO_BIN_EXE_parlor");
/// Far longer than any of this takes on a busy machine.
const WATCHDOG: Duration = Duration::from_secs(60);

fn started(columns: u16, rows: u16) -> (Server, Terminal) {
    let server = Server::start(House::default());
    let address = format!("127.0.0.1:{}", server.port);
    // What a test says is not for the next time, and nobody's own configuration is read.
    let args = [&address, "-n", "me", "#den", "--forget"];
    let mut terminal = Terminal::start((columns, rows), Path::new("/nonexistent"), &args);
    terminal.shows_text("hello me 日本語 👩 ?[2J");
    (server, terminal)
}

#[test]
fn one_connects_talks_resizes_and_quits() {
    let (server, mut terminal) = started(120, 36);
    terminal.shows_text("│ @alice");
    terminal.shows_text("#den  Tea at five");
    terminal.types("good morning\r");
    server.hears("PRIVMSG #den :good morning");
    terminal.shows_text("me  good morning");

    terminal.resize(1, 1);
    // The one cell holds the beginning of the question whether to quit.
    terminal.types("\u{3}");
    terminal.shows("a Q", |screen| screen.contents() == "Q");
    terminal.types("nx");
    terminal.resize(60, 20);
    terminal.shows_text("[me] x");
    terminal.shows_text("#den  Tea at five");
    terminal.types("\u{c}");
    terminal.types("yz");
    terminal.shows_text("[me] xyz");
    terminal.types("\u{15}\u{1b}[200~/quit\rnow\u{1b}[201~");
    terminal.shows_text("     now");
    terminal.types("\u{3}/quit see you\r");
    server.hears("QUIT :see you");
    terminal.ends_well();
}

#[test]
fn the_terminal_is_given_back_when_the_system_asks_us_to_end() {
    for signal in [Signal::SIGTERM, Signal::SIGHUP, Signal::SIGINT] {
        let (server, terminal) = started(80, 24);
        kill(terminal.pid(), signal).unwrap();
        server.hears("QUIT :Parlor");
        terminal.ends_well();
    }
}

#[test]
fn one_goes_to_the_background_and_comes_back() {
    let (server, mut terminal) = started(80, 24);
    terminal.types("draft\u{1a}");
    terminal.shows("the screen of before", |screen| !screen.alternate_screen());
    let stopped = waitpid(terminal.pid(), Some(WaitPidFlag::WUNTRACED)).unwrap();
    assert_eq!(stopped, WaitStatus::Stopped(terminal.pid(), Signal::SIGSTOP));
    terminal.is_given_back();
    kill(terminal.pid(), Signal::SIGCONT).unwrap();
    terminal.shows("our screen", vt100::Screen::alternate_screen);
    terminal.shows_text("[me] draft");
    terminal.shows_text("hello me");
    terminal.types(" more\r");
    server.hears("PRIVMSG #den :draft more");
    terminal.types("/quit\r");
    terminal.ends_well();
}

#[test]
fn a_server_that_goes_away_is_found_again_and_nothing_is_lost() {
    let (server, mut terminal) = started(80, 24);
    let first = server.connections.recv().unwrap();
    first.shutdown(std::net::Shutdown::Both).unwrap();
    terminal.shows_text("offline, trying again");
    terminal.types("typed offline\r");
    server.hears("PRIVMSG #den :typed offline");
    terminal.shows("the mark being taken away", |screen| {
        let screen = screen.contents();
        screen.contains("typed offline") && !screen.contains("(not sent: offline)")
    });
    terminal.types("/quit\r");
    terminal.ends_well();
}

#[test]
fn without_a_terminal_it_says_so_in_one_sentence() {
    let run = Command::new(PROGRAM).stdin(Stdio::null()).output().unwrap();
    assert_eq!(run.status.code(), Some(1));
    assert_eq!(
        String::from_utf8(run.stderr).unwrap(),
        "parlor: a terminal is needed for input and output; neither may be redirected.\n"
    );
    assert!(run.stdout.is_empty());
}

#[test]
fn version_and_help_are_told_without_a_terminal() {
    for (flag, expected) in [("-v", env!("CARGO_PKG_VERSION")), ("--version", "parlor "), ("--help", "#room")]
    {
        let run = Command::new(PROGRAM).arg(flag).stdin(Stdio::null()).output().unwrap();
        assert!(run.status.success(), "{flag}");
        assert!(String::from_utf8(run.stdout).unwrap().contains(expected), "{flag}");
    }
}
