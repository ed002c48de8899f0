//! A panic while the screen is shown: on a terminal of the test's own, in a child.

use std::fs::File;
use std::io::Read;
use std::process::{Command, Stdio};

use nix::pty::openpty;
use nix::sys::termios::tcgetattr;

const ROLE: &str = "PARLORSTAT_TEST_PANIC";
const LEAVE_SCREEN: &str = "\x1b[?1049l";

/// The child's part; as a test of its own it has nothing to do.
#[test]
fn as_told() {
    if std::env::var_os(ROLE).is_some() {
        let _ = crate::screen::terminal::within::<()>(|_| panic!("on purpose"));
    }
}

#[test]
fn the_terminal_is_given_back_before_a_panic_is_reported() {
    let pair = openpty(None, None).expect("there is a terminal");
    let (mut terminal, line) = (File::from(pair.master), File::from(pair.slave));
    let before = tcgetattr(&line).expect("it is a terminal");
    let end = || Stdio::from(line.try_clone().expect("it can be shared"));
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "tests::panics::as_told", "--nocapture", "--test-threads=1"])
        .env(ROLE, "1")
        .env_remove("RUST_TEST_THREADS")
        .stdin(end())
        .stdout(end())
        .stderr(end())
        .spawn()
        .unwrap();
    let (mut seen, mut bytes) = (String::new(), [0; 4096]);
    while !seen.contains("test result") {
        let count = terminal.read(&mut bytes).expect("the terminal is open");
        seen += &String::from_utf8_lossy(&bytes[..count]);
    }
    child.wait().unwrap();
    let (left, reported) = (seen.find(LEAVE_SCREEN), seen.find("on purpose"));
    assert!(left.is_some() && reported.is_some() && left < reported, "{seen:?}");
    let after = tcgetattr(&line).expect("it is a terminal");
    assert_eq!((after.local_flags, after.input_flags), (before.local_flags, before.input_flags));
}
