//! The loop around the screen: the only part that touches the terminal, the clock and the segment.

use std::io;
use std::os::fd::AsFd;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Instant;

use crossterm::event::{self, Event as Input};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal};
use ratatui::DefaultTerminal;
use segment::Now;

use super::{Event, Look, Model, Wish, update, view};
use crate::Ended;
use crate::args::Arguments;
use crate::exit::{Exit, Failure};
use crate::source::Source;

/// What would otherwise end the program with the terminal in disorder.
const SIGNALS: [Signal; 4] = [Signal::SIGTERM, Signal::SIGHUP, Signal::SIGINT, Signal::SIGQUIT];

/// What the threads tell the loop.
enum Message {
    Input(Input),
    Signal(Signal),
    /// The terminal is gone.
    Closed,
}

/// Puts the terminal back in order, however the loop ends.
struct Restored;

impl Drop for Restored {
    fn drop(&mut self) {
        // If the terminal has gone away, there is nothing to put in order.
        let _ = ratatui::try_restore();
    }
}

/// Shows the live screen until it is quit.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Ended> {
    let (sender, messages) = mpsc::channel();
    // Blocked before any thread starts, so that only the one that waits gets them.
    let blocked: SigSet = SIGNALS.into_iter().collect();
    blocked.thread_block().map_err(|errno| failed("cannot wait for signals", &errno))?;
    let signal = within(|terminal| {
        wait_for_signals(blocked, sender.clone());
        wait_for_hangup(sender.clone());
        wait_for_input(sender);
        show(arguments, terminal, &messages)
    })?;
    blocked.thread_unblock().map_err(|errno| failed("cannot receive signals", &errno))?;
    if let Some(signal) = signal {
        // With the terminal in order, it ends us as it would have.
        nix::sys::signal::raise(signal).map_err(|errno| failed("cannot end", &errno))?;
    }
    Ok(Exit::Live)
}

/// Takes the terminal, and gives it back afterwards, also after a panic: then before its message is printed.
pub(crate) fn within<T>(act: impl FnOnce(&mut DefaultTerminal) -> Result<T, Ended>) -> Result<T, Ended> {
    let mut terminal = ratatui::try_init().map_err(|error| failed("cannot use the terminal", &error))?;
    let _restored = Restored;
    let ended = act(&mut terminal);
    if terminal.show_cursor().is_err() {
        // The terminal has gone away. Dropped, it would complain about that where nobody reads, and panic.
        std::mem::forget(terminal);
    }
    ended
}

fn wait_for_signals(set: SigSet, sender: Sender<Message>) {
    thread::spawn(move || {
        while let Ok(signal) = set.wait() {
            if sender.send(Message::Signal(signal)).is_err() {
                return;
            }
        }
    });
}

fn failed(what: &str, error: &dyn std::fmt::Display) -> Failure {
    Failure { exit: Exit::Failed, text: format!("{what}: {error}") }
}

/// Crossterm does not notice that a terminal has gone away, and would read from it for ever.
fn wait_for_hangup(sender: Sender<Message>) {
    thread::spawn(move || {
        let stdin = io::stdin();
        // Without events to wait for, only errors and the end are reported.
        let mut ends = [PollFd::new(stdin.as_fd(), PollFlags::empty())];
        while poll(&mut ends, PollTimeout::NONE) == Err(Errno::EINTR) {}
        // Nobody is left to be told if the loop has ended.
        let _ = sender.send(Message::Closed);
    });
}

fn wait_for_input(sender: Sender<Message>) {
    thread::spawn(move || {
        loop {
            let message = event::read().map_or(Message::Closed, Message::Input);
            let is_last = matches!(message, Message::Closed);
            if sender.send(message).is_err() || is_last {
                return;
            }
        }
    });
}

/// Looks once per interval, and draws after whatever happens. Says which signal ended it.
fn show(
    arguments: &Arguments,
    terminal: &mut DefaultTerminal,
    messages: &Receiver<Message>,
) -> Result<Option<Signal>, Ended> {
    let mut model = Model::new(arguments.segment_key, arguments.room.clone(), arguments.interval);
    model.colour = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let size = terminal.size().map_err(|error| failed("cannot use the terminal", &error))?;
    update(&mut model, Event::Size(size.width, size.height));
    let mut source = Source::new(arguments.place());
    let mut looked = Instant::now();
    look(&mut model, &mut source);
    loop {
        if terminal.draw(|frame| view(&model, frame)).is_err() {
            // The terminal has gone away just before that was noticed.
            return Ok(None);
        }
        let next = looked + model.interval;
        let wish = match messages.recv_timeout(next.saturating_duration_since(Instant::now())) {
            Ok(Message::Input(Input::Key(key))) => update(&mut model, Event::Key(key)),
            Ok(Message::Input(Input::Resize(columns, rows))) => {
                update(&mut model, Event::Size(columns, rows))
            }
            Ok(Message::Input(_)) => None,
            Ok(Message::Signal(signal)) => return Ok(Some(signal)),
            Ok(Message::Closed) | Err(RecvTimeoutError::Disconnected) => return Ok(None),
            Err(RecvTimeoutError::Timeout) => {
                looked = Instant::now();
                look(&mut model, &mut source);
                None
            }
        };
        match wish {
            Some(Wish::Quit) => return Ok(None),
            Some(Wish::Listen) => listen(&mut model, &mut source),
            None => {}
        }
    }
}

fn look(model: &mut Model, source: &mut Source) {
    let now = Now::read();
    let sample = source.read(now);
    update(model, Event::Looked(Box::new(Look { now, sample })));
    listen(model, source);
}

fn listen(model: &mut Model, source: &mut Source) {
    let Some((room, cursor)) = model.watched() else { return };
    let heard = source.history(room, cursor);
    update(model, Event::Heard(heard));
}
