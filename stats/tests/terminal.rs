//! The program on a terminal of the test's own: it takes it, and gives it back however it ends.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::Mutex;

use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::pty::{Winsize, openpty};
use nix::sys::signal::{Signal, kill};
use nix::sys::termios::{Termios, tcgetattr};
use nix::unistd::Pid;
use segment::testing::Keys;
use segment::{Now, Writer};

const ENTER_SCREEN: &str = "\x1b[?1049h";
const LEAVE_SCREEN: &str = "\x1b[?1049l";
const HIDE_CURSOR: &str = "\x1b[?25l";

/// Nothing may be started while a terminal is being made: it would inherit it, and the terminal would never go away.
static STARTING: Mutex<()> = Mutex::new(());

/// A terminal, and the program on it.
struct Sitting {
    child: Child,
    terminal: File,
    /// The other end: as long as it is open the terminal lives, and can be asked how it is set.
    line: File,
    before: Termios,
    seen: String,
}

impl Sitting {
    fn start(keys: &Keys) -> Sitting {
        let size = Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
        let starting = STARTING.lock();
        let pair = openpty(&size, None).expect("there is a terminal");
        fcntl(&pair.master, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC)).expect("it is open");
        let (terminal, line) = (File::from(pair.master), File::from(pair.slave));
        let before = tcgetattr(&line).expect("it is a terminal");
        let end = || Stdio::from(line.try_clone().expect("it can be shared"));
        // Whoever runs the tests may have them ignore a signal (nohup does), and the program would inherit that.
        let child = Command::new("env")
            .args(["--default-signal", env!("CARGO_BIN_EXE_parlorstat")])
            .args(["--segment-key", &keys.segment.to_string(), "--interval", "60"])
            .stdin(end())
            .stdout(end())
            .stderr(end())
            .spawn()
            .expect("the program starts");
        drop(starting);
        let mut sitting = Sitting { child, terminal, line, before, seen: String::new() };
        // The last thing on the first picture.
        sitting.read_until("help");
        assert!(sitting.seen.contains(ENTER_SCREEN));
        sitting
    }

    /// Reads what the program shows until the text comes.
    fn read_until(&mut self, text: &str) {
        let mut bytes = [0; 4096];
        while !self.seen.contains(text) {
            let count = self.terminal.read(&mut bytes).expect("the terminal is open");
            self.seen += &String::from_utf8_lossy(&bytes[..count]);
        }
    }

    /// Waits for the end, and asserts that the terminal is as it was.
    fn end(mut self) -> ExitStatus {
        self.read_until(LEAVE_SCREEN);
        let status = self.child.wait().expect("it was started");
        let after = tcgetattr(self.line.as_fd()).expect("it is a terminal");
        assert_eq!(after.local_flags, self.before.local_flags);
        assert_eq!(after.input_flags, self.before.input_flags);
        assert_eq!(after.output_flags, self.before.output_flags);
        status
    }
}

impl Drop for Sitting {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Keys under which a server has published, and the server.
fn server(segment_mode: u32) -> (Keys, Writer) {
    let keys = Keys::new();
    let now = Now::read();
    let settings = segment::Settings { segment_mode, ..keys.settings() };
    let (mut writer, _) = Writer::open(settings, &[], &[], now).expect("the keys are the test's own");
    writer.stage().room("#lobby", now).expect("there is a slot");
    writer.publish(now);
    (keys, writer)
}

#[test]
fn the_key_q_gives_the_terminal_back() {
    let (keys, _writer) = server(0o640);
    let mut sitting = Sitting::start(&keys);
    assert!(sitting.seen.contains("#lobby"), "{}", sitting.seen);
    sitting.terminal.write_all(b"q").expect("the terminal is open");
    assert_eq!(sitting.end().code(), Some(0));
}

#[test]
fn signals_give_the_terminal_back_and_then_end_the_program() {
    let (keys, _writer) = server(0o640);
    for signal in [Signal::SIGTERM, Signal::SIGHUP, Signal::SIGINT] {
        let sitting = Sitting::start(&keys);
        kill(Pid::from_raw(sitting.child.id().cast_signed()), signal).expect("it runs");
        assert_eq!(sitting.end().signal(), Some(signal as i32));
    }
}

#[test]
fn a_terminal_that_goes_away_ends_the_program() {
    let (keys, _writer) = server(0o640);
    let mut sitting = Sitting::start(&keys);
    // The last thing of a picture: now the program waits, for a minute if nothing tells it.
    sitting.read_until(HIDE_CURSOR);
    sitting.terminal = File::open("/dev/null").expect("it is always there");
    let status = sitting.child.wait().expect("it was started");
    assert!(status.success(), "{status}");
}

/// Nobody's user and group.
const STRANGER: u32 = 65534;

#[test]
fn strangers_are_told_that_they_may_not_read() {
    let (keys, _writer) = server(0o640);
    let check = |uid: u32, gid: u32| -> Output {
        let _starting = STARTING.lock();
        let mut command = Command::new(env!("CARGO_BIN_EXE_parlorstat"));
        command.args(["--check", "--segment-key", &keys.segment.to_string()]);
        command.uid(uid).gid(gid).output().expect("it starts")
    };
    let own = nix::unistd::geteuid();
    assert_eq!(check(own.as_raw(), nix::unistd::getegid().as_raw()).status.code(), Some(0));
    if !own.is_root() {
        eprintln!("skipped: only root can become another user");
        return;
    }
    let told = check(STRANGER, STRANGER);
    let says = format!("parlorstat: no permission to read the segment {}\n", keys.segment);
    assert_eq!((told.status.code(), String::from_utf8(told.stderr).unwrap()), (Some(4), says));
}
