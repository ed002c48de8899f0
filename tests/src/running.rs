//! Other programs, as long as a test needs them.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{Id, WaitPidFlag, waitid, waitpid};
use nix::unistd::Pid;

/// A program that is not done by then is killed, so that whoever waits for it hears its end and the test fails. Nothing
/// else depends on it.
const PATIENCE: Duration = Duration::from_secs(300);

/// A program that runs. It is killed when this is dropped; if the test fails, its standard error is shown.
#[derive(Debug)]
pub struct Running {
    name: String,
    child: Child,
    output: Option<BufReader<ChildStdout>>,
    input: Option<ChildStdin>,
    errors: Arc<Errors>,
    keeper: Option<JoinHandle<()>>,
    watchdog: Option<(Sender<()>, JoinHandle<()>)>,
    status: Option<ExitStatus>,
}

impl Running {
    /// Starts it.
    pub fn start(mut command: Command) -> Self {
        let name = command.get_program().to_string_lossy().into_owned();
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().unwrap_or_else(|error| panic!("{name} cannot be started: {error}"));
        let errors = Arc::new(Errors::default());
        let from = child.stderr.take().expect("it is piped");
        let to = Arc::clone(&errors);
        let keeper = thread::spawn(move || keep(BufReader::new(from), &to));
        let output = child.stdout.take().map(BufReader::new);
        let watchdog = watch(Pid::from_raw(child.id().cast_signed()), name.clone());
        let input = child.stdin.take();
        let (keeper, watchdog) = (Some(keeper), Some(watchdog));
        Self { name, child, output, input, errors, keeper, watchdog, status: None }
    }

    /// Its process.
    pub fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().cast_signed())
    }

    /// The next line of its standard output, without its end; `None` at the end.
    pub fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let output = self.output.as_mut().expect("it is piped");
        match output.read_line(&mut line).expect("a pipe can be read") {
            0 => None,
            _ => Some(line.trim_end_matches('\n').to_owned()),
        }
    }

    /// Writes a line to its standard input.
    pub fn tell(&mut self, line: &str) {
        let input = self.input.as_mut().expect("it is piped");
        writeln!(input, "{line}").unwrap_or_else(|error| panic!("{} does not listen: {error}", self.name));
    }

    /// What it has written to its standard error so far.
    pub fn errors(&self) -> String {
        self.errors.text.lock().expect("no holder panics").0.clone()
    }

    /// Waits for a text on its standard error; whether it comes before the end.
    pub fn has_said(&self, part: &str) -> bool {
        let text = self.errors.text.lock().expect("no holder panics");
        let waits = |text: &mut (String, bool)| !text.0.contains(part) && !text.1;
        let text = self.errors.grown.wait_while(text, waits).expect("no holder panics");
        text.0.contains(part)
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        assert!(self.status.is_none(), "{} has ended", self.name);
        kill(self.pid(), signal).expect("it was not waited for, so it is still there");
    }

    /// Stops it, and returns when it has stopped.
    pub fn suspend(&self) {
        self.signal(Signal::SIGSTOP);
        waitpid(self.pid(), Some(WaitPidFlag::WUNTRACED)).expect("it is a child");
    }

    /// Waits for its end.
    pub fn wait(&mut self) -> ExitStatus {
        if let Some(status) = self.status {
            return status;
        }
        // As long as it was not waited for, its number is not given to another process, which the watchdog would kill.
        waitid(Id::Pid(self.pid()), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT).expect("it is a child");
        if let Some((armed, watchdog)) = self.watchdog.take() {
            drop(armed);
            watchdog.join().expect("it does not panic");
        }
        let status = self.child.wait().expect("it is a child");
        self.status = Some(status);
        if let Some(keeper) = self.keeper.take() {
            keeper.join().expect("it does not panic");
        }
        status
    }

    /// Kills it, and returns when it is gone.
    pub fn kill(&mut self) {
        if self.status.is_none() {
            self.signal(Signal::SIGKILL);
            self.wait();
        }
    }

    /// Runs it to its end: the exit code, what it wrote to its standard output, and to its standard error.
    pub fn finish(mut self) -> (Option<i32>, String, String) {
        drop(self.input.take());
        let mut text = String::new();
        let mut output = self.output.take().expect("it is piped");
        output.read_to_string(&mut text).expect("a pipe can be read");
        let status = self.wait();
        (status.code(), text, self.errors())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
        if thread::panicking() {
            eprintln!("--- {} wrote:\n{}---", self.name, self.errors());
        }
    }
}

/// What a program has written to its standard error, and whether that is all.
#[derive(Debug, Default)]
struct Errors {
    text: Mutex<(String, bool)>,
    grown: Condvar,
}

fn keep(mut from: impl BufRead, to: &Errors) {
    let mut line = Vec::new();
    loop {
        let ended = !from.read_until(b'\n', &mut line).is_ok_and(|bytes| bytes > 0);
        let mut text = to.text.lock().expect("no holder panics");
        text.0.push_str(&String::from_utf8_lossy(&line));
        text.1 = ended;
        to.grown.notify_all();
        if ended {
            return;
        }
        line.clear();
    }
}

fn watch(pid: Pid, name: String) -> (Sender<()>, JoinHandle<()>) {
    let (armed, disarmed) = mpsc::channel();
    let watch = move || {
        if disarmed.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            eprintln!("{name} was not done after {} s and is killed", PATIENCE.as_secs());
            // It fails only if it ended just now.
            let _ = kill(pid, Signal::SIGKILL);
        }
    };
    (armed, thread::spawn(watch))
}
