//! The loop around the screen: the only part that touches the terminal, the clock and the segment.

use std::io::{self, Write};
use std::os::fd::AsFd;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

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
use crate::feed::{Feed, Seen};

/// What would otherwise end the program with the terminal in disorder.
const SIGNALS: [Signal; 4] = [Signal::SIGTERM, Signal::SIGHUP, Signal::SIGINT, Signal::SIGQUIT];

/// When nothing more comes, keys are waited for so long at once.
const IDLE: Duration = Duration::from_secs(3600);

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
    // Said before the terminal is taken, if it cannot be.
    let mut feed = Feed::open(arguments)?;
    let (sender, messages) = mpsc::channel();
    // Blocked before any thread starts, so that only the one that waits gets them.
    let blocked: SigSet = SIGNALS.into_iter().collect();
    blocked.thread_block().map_err(|errno| failed("cannot wait for signals", &errno))?;
    let signal = within(|terminal| {
        wait_for_signals(blocked, sender.clone());
        wait_for_hangup(sender.clone());
        wait_for_input(sender);
        show(arguments, &mut feed, terminal, &messages)
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
    feed: &mut Feed,
    terminal: &mut DefaultTerminal,
    messages: &Receiver<Message>,
) -> Result<Option<Signal>, Ended> {
    let mut model = Model::new(arguments.segment_key, arguments.room.clone(), arguments.interval);
    model.colour = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    model.ascii = arguments.ascii || !speaks_utf8(|name| std::env::var(name).ok());
    let size = terminal.size().map_err(|error| failed("cannot use the terminal", &error))?;
    update(&mut model, Event::Size(size.width, size.height));
    model.replays = arguments.replay.is_some();
    let mut looked = Instant::now();
    look(&mut model, feed)?;
    loop {
        if terminal.draw(|frame| view(&model, frame)).is_err() {
            // The terminal has gone away just before that was noticed.
            return Ok(None);
        }
        let due = feed.pause_on_screen(model.interval).unwrap_or(IDLE).saturating_sub(looked.elapsed());
        let wish = match messages.recv_timeout(due) {
            Ok(Message::Input(Input::Key(key))) => update(&mut model, Event::Key(key)),
            Ok(Message::Input(Input::Resize(columns, rows))) => {
                update(&mut model, Event::Size(columns, rows))
            }
            Ok(Message::Input(_)) => None,
            Ok(Message::Signal(signal)) => return Ok(Some(signal)),
            Ok(Message::Closed) | Err(RecvTimeoutError::Disconnected) => return Ok(None),
            Err(RecvTimeoutError::Timeout) => {
                looked = Instant::now();
                look(&mut model, feed)?;
                None
            }
        };
        match wish {
            Some(Wish::Quit) => return Ok(None),
            Some(Wish::Listen) => listen(&mut model, feed),
            Some(Wish::Write) => {
                let said = match write(&model) {
                    Ok(name) => format!("written: {name}"),
                    Err(error) => format!("not written: {error}"),
                };
                update(&mut model, Event::Noted(said));
            }
            None => {}
        }
    }
}

/// Whether the first setting that decides about letters is for UTF-8. Without any, the terminal is believed to be of
/// our days.
fn speaks_utf8(variable: impl Fn(&str) -> Option<String>) -> bool {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(variable).find(|value| !value.is_empty());
    set.is_none_or(|value| {
        let value = value.to_ascii_lowercase();
        value.contains("utf-8") || value.contains("utf8")
    })
}

/// Writes what is shown into a new file of the current directory, and says its name.
fn write(model: &Model) -> io::Result<String> {
    let Some(sample) = &model.shown().sample else {
        return Err(io::Error::other("nothing has been seen yet"));
    };
    let name = format!("parlorstat-{}.json", sample.taken.wall_ms);
    // Never over a file that is there.
    let mut file = std::fs::File::create_new(&name)?;
    writeln!(file, "{}", crate::json::pretty(&crate::document(sample, crate::Detail::Full)))?;
    Ok(name)
}

fn look(model: &mut Model, feed: &mut Feed) -> Result<(), Ended> {
    let now = Now::read();
    let (now, sample) = match feed.look(now)? {
        Seen::Sample(sample) if model.replays => (sample.taken, Ok(*sample)),
        Seen::Sample(sample) => (now, Ok(*sample)),
        Seen::Trouble(error) => (now, Err(error)),
        Seen::End => return Ok(()),
    };
    update(model, Event::Looked(Box::new(Look { now, sample })));
    listen(model, feed);
    if feed.pause_on_screen(model.interval).is_none() {
        update(model, Event::Noted("the recording ends here".to_owned()));
    }
    Ok(())
}

fn listen(model: &mut Model, feed: &mut Feed) {
    let Some((room, cursor)) = model.watched() else { return };
    let event = match feed.source() {
        Some(source) => Event::Heard(source.history(room, cursor)),
        None => Event::Noted("what was said is not in a recording".to_owned()),
    };
    update(model, event);
}

#[cfg(test)]
mod tests {
    use super::speaks_utf8;

    #[test]
    fn letters_beyond_ascii_need_a_terminal_for_them() {
        for (set, speaks) in [
            (&[][..], true),
            (&[("LANG", "C.UTF-8")], true),
            (&[("LANG", "de_DE.utf8")], true),
            (&[("LANG", "C")], false),
            (&[("LC_ALL", "POSIX"), ("LANG", "C.UTF-8")], false),
            (&[("LC_ALL", ""), ("LC_CTYPE", "C.UTF-8"), ("LANG", "C")], true),
        ] {
            let variable =
                |name: &str| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
            assert_eq!(speaks_utf8(variable), speaks, "{set:?}");
        }
    }
}
