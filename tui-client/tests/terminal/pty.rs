//! A terminal with the program in it.

use std::io::{Read, Write};
use std::path::Path;
use std::sync::mpsc::{Sender, channel};
use std::thread;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::{PROGRAM, WATCHDOG};

/// A terminal with the program in it.
pub struct Terminal {
    parser: vt100::Parser,
    master: Box<dyn MasterPty + Send>,
    reader: Box<dyn Read + Send>,
    writer: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    _watchdog: Sender<()>,
}

impl Terminal {
    pub fn start(size: (u16, u16), home: &Path, args: &[&str]) -> Self {
        Self::start_trusting(size, home, Path::new("/dev/null"), args)
    }

    /// A program that keeps its files in a directory, and whose system trusts the certificates in a file.
    pub fn start_trusting((columns, rows): (u16, u16), home: &Path, roots: &Path, args: &[&str]) -> Self {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(PROGRAM);
        command.args(args);
        command.env("TERM", "xterm-256color");
        command.env("XDG_CONFIG_HOME", home);
        command.env("XDG_STATE_HOME", home);
        command.env("SSL_CERT_FILE", roots);
        command.env_remove("SSL_CERT_DIR");
        let child = pair.slave.spawn_command(command).unwrap();
        let (watchdog, over) = channel::<()>();
        let pid = Pid::from_raw(child.process_id().unwrap().cast_signed());
        thread::spawn(move || {
            if over.recv_timeout(WATCHDOG) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                // A program that has stopped hears no other signal.
                kill(pid, Signal::SIGKILL).unwrap();
            }
        });
        Self {
            parser: vt100::Parser::new(rows, columns, 0),
            reader: pair.master.try_clone_reader().unwrap(),
            writer: pair.master.take_writer().unwrap(),
            master: pair.master,
            child,
            _watchdog: watchdog,
        }
    }

    /// Reads what is drawn until the screen is as expected.
    pub fn shows(&mut self, what: &str, is_so: impl Fn(&vt100::Screen) -> bool) {
        let mut bytes = [0; 4096];
        // What was on our screen before the program ended and gave the terminal back.
        let mut last = String::new();
        while !is_so(self.parser.screen()) {
            if self.parser.screen().alternate_screen() {
                last = self.parser.screen().contents();
            }
            // The end of a terminal is an error on Linux.
            let count = self.reader.read(&mut bytes).unwrap_or(0);
            assert!(count > 0, "the program has ended without {what}:\n{last}");
            self.parser.process(&bytes[..count]);
        }
    }

    pub fn shows_text(&mut self, text: &str) {
        self.shows(text, |screen| screen.contents().contains(text));
    }

    /// The same for a text that is broken into rows.
    pub fn shows_in_rows(&mut self, text: &str) {
        let solid = |text: &str| text.chars().filter(|c| !c.is_whitespace() && *c != '│').collect::<String>();
        self.shows(text, |screen| solid(&screen.contents()).contains(&solid(text)));
    }

    /// What is on the screen.
    pub fn contents(&self) -> String {
        self.parser.screen().contents()
    }

    pub fn types(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).unwrap();
    }

    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.parser.screen_mut().set_size(rows, columns);
        self.master.resize(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }).unwrap();
    }

    pub fn pid(&self) -> Pid {
        Pid::from_raw(self.child.process_id().unwrap().cast_signed())
    }

    /// The program ends by itself, and the terminal is as it was.
    pub fn ends_well(mut self) {
        self.shows("the screen of before", |screen| !screen.alternate_screen());
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}");
        let mut rest = Vec::new();
        // The end of a terminal is an error on Linux.
        let _ = self.reader.read_to_end(&mut rest);
        self.parser.process(&rest);
        self.is_given_back();
        assert_eq!(self.parser.screen().contents().trim(), "", "nothing is left behind");
    }

    pub fn is_given_back(&self) {
        let screen = self.parser.screen();
        assert!(!screen.hide_cursor() && !screen.bracketed_paste() && !screen.alternate_screen());
        let modes = format!("{:?}", self.master.get_termios().unwrap().local_flags);
        assert!(modes.contains("ICANON") && modes.contains("ECHO") && modes.contains("ISIG"), "{modes}");
    }
}
