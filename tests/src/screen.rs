//! A program with a screen of its own, in a tmux of its own: what is typed into it, and what it shows.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

/// A program that is not done by then is ended, so that whoever waits for it hears its end and the test fails. Nothing
/// else depends on it.
const PATIENCE_S: &str = "60";

/// A program on a screen. It is ended when this is dropped.
#[derive(Debug)]
pub struct Screen {
    socket: PathBuf,
    output: File,
}

impl Screen {
    /// Starts a program. The directory is the test's own, and its home.
    pub fn open(directory: &Path, command: &[&str]) -> Self {
        let (socket, pipe) = (directory.join("tmux"), directory.join("output"));
        mkfifo(&pipe, Mode::S_IRUSR | Mode::S_IWUSR).expect("the directory is the test's own");
        let home = format!("HOME={}", directory.display());
        let start = ["-u", "-f", "/dev/null", "new-session", "-d", "-x", "120", "-y", "40"];
        let timed = ["env", &home, "LC_ALL=C.UTF-8", "timeout", "--foreground", PATIENCE_S];
        tmux(&socket, &[&start[..], &timed, command].concat());
        tmux(&socket, &["pipe-pane", "-o", &format!("exec cat > '{}'", pipe.display())]);
        let output = File::open(&pipe).expect("the pipe is there");
        Self { socket, output }
    }

    /// Types a line.
    pub fn type_line(&self, line: &str) {
        tmux(&self.socket, &["send-keys", "-l", "--", line]);
        tmux(&self.socket, &["send-keys", "Enter"]);
    }

    /// What is on the screen. Lines that were broken only for the width are whole.
    pub fn shown(&self) -> String {
        tmux(&self.socket, &["capture-pane", "-p", "-J"])
    }

    /// Waits until a text is on the screen: looks each time the program has written something.
    pub fn wait_for(&mut self, text: &str) -> String {
        let mut shown = self.shown();
        while !shown.contains(text) {
            let mut chunk = [0; 65_536];
            let bytes = self.output.read(&mut chunk).expect("a pipe can be read");
            assert!(bytes > 0, "the program ended before it showed {text:?}:\n{shown}");
            shown = self.shown();
        }
        shown
    }

    /// Waits for the end of the program.
    pub fn wait_for_end(&mut self) {
        let mut rest = Vec::new();
        self.output.read_to_end(&mut rest).expect("a pipe can be read");
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let mut command = Command::new("tmux");
            let output = command.arg("-S").arg(&self.socket).args(["capture-pane", "-p"]).output();
            let shown = output.map(|output| output.stdout).unwrap_or_default();
            println!("--- the screen:\n{}---", String::from_utf8_lossy(&shown));
        }
        // It fails if the program, and with it tmux, has ended already.
        let mut command = Command::new("tmux");
        let _ = command.arg("-S").arg(&self.socket).arg("kill-server").stderr(Stdio::null()).status();
    }
}

/// Gives an order to tmux: what it answers.
fn tmux(socket: &Path, order: &[&str]) -> String {
    let mut command = Command::new("tmux");
    // A tmux around the tests is none of theirs.
    command.env_remove("TMUX").arg("-S").arg(socket).args(order).stdin(Stdio::null());
    let output = command.output().expect("tmux is installed");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "tmux {order:?}: {errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
