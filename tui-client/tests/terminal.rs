//! The real program in a real terminal, talking to a small server that follows a script.
//!
//! Nothing here waits for time to pass: the test reads what the program draws until it sees what it waits for. A program
//! that never draws it is ended by a watchdog, and the test says what was on the screen.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

const PROGRAM: &str = env!("CARGO_BIN_EXE_parlor");
/// Far longer than any of this takes on a busy machine.
const WATCHDOG: Duration = Duration::from_secs(60);

/// A server for one client after another; tells the test what it hears.
struct Server {
    port: u16,
    heard: Receiver<String>,
    connections: Receiver<TcpStream>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (heard_sender, heard) = channel();
        let (connection_sender, connections) = channel();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                stream.set_nodelay(true).unwrap();
                if connection_sender.send(stream.try_clone().unwrap()).is_err() {
                    return;
                }
                serve(stream, &heard_sender);
            }
        });
        Self { port, heard, connections }
    }

    /// Blocks until the client has sent a line.
    fn hears(&self, expected: &str) {
        let mut others = Vec::new();
        while let Ok(line) = self.heard.recv_timeout(WATCHDOG) {
            if line == expected {
                return;
            }
            others.push(line);
        }
        panic!("the server never heard {expected:?}, but {others:#?}");
    }
}

fn serve(stream: TcpStream, heard: &Sender<String>) {
    let mut answers = stream.try_clone().unwrap();
    for line in BufReader::new(stream).lines().map_while(Result::ok) {
        let line = line.trim_end().to_owned();
        let words: Vec<&str> = line.split(' ').collect();
        let answer = match words[..] {
            ["CAP", "LS", ..] => "CAP * LS :server-time".to_owned(),
            ["CAP", "REQ", ..] => "CAP * ACK :server-time".to_owned(),
            ["CAP", "END"] => {
                ":srv 001 me :Welcome\r\n:srv 005 me CASEMAPPING=ascii :are supported".to_owned()
            }
            ["JOIN", room] => format!(
                ":me!me@home JOIN {room}\r\n:srv 332 me {room} :Tea at five\r\n\
                 :srv 353 me = {room} :@alice me\r\n:srv 366 me {room} :End\r\n\
                 :alice!a@h PRIVMSG {room} :hello me 日本語 👩 \u{1b}[2J",
            ),
            ["PING", token] => format!(":srv PONG srv {token}"),
            ["QUIT", ..] => "ERROR :bye".to_owned(),
            _ => String::new(),
        };
        // The client may be gone already.
        let _ = answers.write_all(format!("{answer}\r\n").as_bytes());
        let _ = heard.send(line);
    }
}

/// A terminal with the program in it.
struct Terminal {
    parser: vt100::Parser,
    master: Box<dyn MasterPty + Send>,
    reader: Box<dyn Read + Send>,
    writer: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    _watchdog: Sender<()>,
}

impl Terminal {
    fn start(columns: u16, rows: u16, args: &[&str]) -> Self {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(PROGRAM);
        command.args(args);
        // What a test says is not for the next time.
        command.arg("--forget");
        command.env("TERM", "xterm-256color");
        // Nobody's own configuration is read.
        command.env("XDG_CONFIG_HOME", "/nonexistent");
        command.env("XDG_STATE_HOME", "/nonexistent");
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
    fn shows(&mut self, what: &str, is_so: impl Fn(&vt100::Screen) -> bool) {
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

    fn shows_text(&mut self, text: &str) {
        self.shows(text, |screen| screen.contents().contains(text));
    }

    fn types(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).unwrap();
    }

    fn resize(&mut self, columns: u16, rows: u16) {
        self.parser.screen_mut().set_size(rows, columns);
        self.master.resize(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }).unwrap();
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.child.process_id().unwrap().cast_signed())
    }

    /// The program ends by itself, and the terminal is as it was.
    fn ends_well(mut self) {
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

    fn is_given_back(&self) {
        let screen = self.parser.screen();
        assert!(!screen.hide_cursor() && !screen.bracketed_paste() && !screen.alternate_screen());
        let modes = format!("{:?}", self.master.get_termios().unwrap().local_flags);
        assert!(modes.contains("ICANON") && modes.contains("ECHO") && modes.contains("ISIG"), "{modes}");
    }
}

fn started(columns: u16, rows: u16) -> (Server, Terminal) {
    let server = Server::start();
    let address = format!("127.0.0.1:{}", server.port);
    let mut terminal = Terminal::start(columns, rows, &[&address, "-n", "me", "#den"]);
    terminal.shows_text("hello me 日本語 👩 ?[2J");
    (server, terminal)
}

#[test]
fn one_connects_talks_resizes_and_quits() {
    let (server, mut terminal) = started(120, 36);
    terminal.shows_text("│@alice");
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
