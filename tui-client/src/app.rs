//! The loop: wait, drain the terminal, the signals and the server, then draw at most one frame. Nothing wakes it while
//! nothing happens, but the clock once a minute.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crossterm::event::{Event as Terminal, MouseButton, MouseEventKind};
use mio::net::UnixStream;
use mio::{Events, Interest, Poll, Token, Waker};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use wire::Timestamp;

use crate::config::{self, Config, Profile, Settings};
use crate::files::{self, Files};
use crate::model::{Event, Model, Wish};
use crate::net::{Net, network_of};
use crate::network::NetworkId;
use crate::notify::Callers;
use crate::store::{Done, Store, Task};
use crate::terminal::Screen;
use crate::trust::{Change, Trust};
use crate::update::update;

/// The shortest time between two frames: about sixty a second.
const FRAME: Duration = Duration::from_millis(16);
/// The longest sleep: a clock that was set back must not put off the next look at the connection.
const SLEEP_MAX: Duration = Duration::from_secs(60);
/// Rows that one step of the wheel scrolls.
const WHEEL_ROWS: isize = 3;
const WAKE: Token = Token(0);
const SIGNAL: Token = Token(1);

/// The time on the wall. The only clock that the model ever hears of.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// Runs the client until it is to end.
///
/// # Errors
/// If the terminal or the system fails.
pub(crate) fn run(model: Model, files: Files, store: Option<Store>) -> io::Result<()> {
    let poll = Poll::new()?;
    let waker = Arc::new(Waker::new(poll.registry(), WAKE)?);
    let signals = signals(&poll)?;
    let screen = Screen::open()?;
    let (sender, terminal) = channel();
    let for_keys = Arc::clone(&waker);
    std::thread::Builder::new().name("keys".to_owned()).spawn(move || read_keys(&sender, &for_keys))?;
    if let Some(store) = &store {
        store.wakes(Arc::clone(&waker));
    }
    let net = Net::new(waker);
    let (callers, events) = (Callers::default(), VecDeque::new());
    App { model, files, store, poll, screen, net, callers, terminal, signals, events, ended: false }.run()
}

struct App {
    model: Model,
    store: Option<Store>,
    files: Files,
    poll: Poll,
    screen: Screen,
    net: Net,
    callers: Callers,
    terminal: Receiver<io::Result<Terminal>>,
    signals: UnixStream,
    events: VecDeque<Event>,
    ended: bool,
}

impl App {
    fn run(mut self) -> io::Result<()> {
        let mut ready = Events::with_capacity(16);
        // Something to look at comes before what was wished until now, the first attempt to connect among it.
        self.screen.draw(&self.model)?;
        let mut drawn_at = Instant::now();
        let wishes = std::mem::take(&mut self.model.wishes);
        self.perform(wishes)?;
        let mut changed = false;
        loop {
            if changed && drawn_at.elapsed() >= FRAME {
                self.screen.draw(&self.model)?;
                drawn_at = Instant::now();
                changed = false;
            }
            let due_in = FRAME.saturating_sub(drawn_at.elapsed());
            self.wait(&mut ready, changed.then_some(due_in))?;
            changed |= self.drain(&ready)?;
            if self.ended {
                let wishes = self.model.ends();
                self.perform(wishes)?;
                self.net.close_all();
                return Ok(());
            }
        }
    }

    /// Waits for something to happen, at most until a frame or the model's deadline is due.
    fn wait(&mut self, ready: &mut Events, frame_due_in: Option<Duration>) -> io::Result<()> {
        let deadline = Duration::from_millis(self.model.deadline().0.saturating_sub(now().0)).min(SLEEP_MAX);
        let timeout = match frame_due_in {
            _ if self.net.has_unread() => Duration::ZERO,
            Some(due_in) => due_in.min(deadline),
            None => deadline,
        };
        match self.poll.poll(ready, Some(timeout)) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                ready.clear();
                Ok(())
            }
            result => result,
        }
    }

    /// Takes up everything that has happened. Whether anything has.
    fn drain(&mut self, ready: &Events) -> io::Result<bool> {
        if ready.iter().any(|event| event.token() == SIGNAL) {
            // How often it was signalled does not matter.
            while self.signals.read(&mut [0; 64]).is_ok_and(|count| count > 0) {}
            self.events.push_back(Event::Terminate);
        }
        while let Ok(event) = self.terminal.try_recv() {
            // A terminal that cannot be read is gone.
            self.events.extend(event.map_or(Some(Event::Terminate), translated));
        }
        let done = self.store.iter().flat_map(|store| store.done.try_iter());
        self.events.extend(done.map(|done| match done {
            Done::Recalled(buffer, page) => Event::Recalled(buffer, page),
            Done::Failed(why) => Event::NotKept(why),
        }));
        let mut heard = Vec::new();
        let servers: Vec<NetworkId> = ready.iter().filter_map(|event| network_of(event.token())).collect();
        self.net.receive(self.poll.registry(), &servers, &mut heard);
        self.events.extend(heard);
        let now_is = now();
        let set_back = now_is < self.model.now;
        if now_is >= self.model.deadline() || set_back {
            self.events.push_back(Event::Tick);
        }
        let mut changed = false;
        while let Some(event) = self.events.pop_front() {
            let wishes = update(&mut self.model, now(), event);
            changed = true;
            self.perform(wishes)?;
            if self.events.is_empty() {
                let mut lost = Vec::new();
                self.net.flush(&mut lost);
                self.events.extend(lost);
            }
        }
        if !servers.is_empty() && !changed {
            // Room to write again, and nothing else.
            let mut lost = Vec::new();
            self.net.flush(&mut lost);
            self.events.extend(lost);
        }
        Ok(changed)
    }

    fn give(&self, task: Task) {
        if let Some(store) = &self.store {
            store.give(task);
        }
    }

    fn reload(&mut self) {
        let read = match &self.files.config {
            Some(path) => config_of(path),
            None => Err("Nobody knows where a configuration would be".to_owned()),
        };
        self.events.push_back(Event::Reloaded(Box::new(read)));
    }

    fn save(&mut self, read: &Settings, settings: Box<Settings>, networks: &[Profile]) {
        let Some(path) = &self.files.config else {
            return self.events.push_back(Event::Trouble("Nobody knows where to save to.".to_owned()));
        };
        let shown = path.display().to_string();
        let written = files::change(path, |text| config::saved(text, read, &settings, networks));
        self.events.push_back(match written {
            Ok(()) => Event::Saved(settings, shown),
            Err(why) => Event::Trouble(format!("{shown}: cannot be written: {why}")),
        });
    }

    fn remember(&mut self, change: &Change) {
        let Some(path) = &self.files.trust else { return };
        self.events.push_back(match Trust::remember(path, change) {
            Ok(trust) => Event::Trusted(trust),
            Err(why) => Event::Trouble(why),
        });
    }

    fn notify(&mut self, who: &str, text: &str) -> io::Result<()> {
        let settings = &self.model.settings;
        self.screen.notify(&settings.notify, who, text)?;
        if let Err(error) = self.callers.call(&settings.notify_command, who, text) {
            let text = format!("notify_command: {}: {error}", settings.notify_command);
            self.events.push_back(Event::Trouble(text));
        }
        Ok(())
    }

    fn perform(&mut self, wishes: Vec<Wish>) -> io::Result<()> {
        for wish in wishes {
            match wish {
                Wish::Send(network, line) => self.net.send(network, &line),
                Wish::Connect(network, way) => self.net.connect(network, way),
                Wish::Check(number, way, nick) => self.net.check(number, way, nick),
                Wish::Reload => self.reload(),
                Wish::SaveConfig { read, settings, networks } => self.save(&read, settings, &networks),
                Wish::Remember(change) => self.remember(&change),
                Wish::Disconnect(network) => self.net.close(network),
                Wish::Keep { network, buffer, record, plain } => {
                    self.give(Task::Add { network, buffer, record, plain });
                }
                Wish::Save { network, text } => self.give(Task::Save { network, text }),
                Wish::Logs(place) => self.give(Task::Logs(place)),
                Wish::TakeUp(network) => {
                    if let Some(store) = &self.store {
                        self.model.take_up(network, &store.directory);
                    }
                }
                Wish::Recall { network, buffer, to, before } => {
                    self.give(Task::Recall { network, buffer, to, before });
                }
                Wish::Redraw => self.screen.forget()?,
                Wish::Mouse(ours) => self.screen.mouse(ours)?,
                Wish::Notify { who, text } => self.notify(&who, &text)?,
                Wish::Suspend => {
                    self.screen.suspend()?;
                    if self.model.mouse {
                        self.screen.mouse(true)?;
                    }
                    let (columns, rows) = crossterm::terminal::size()?;
                    self.events.push_back(Event::Resize(columns, rows));
                }
                Wish::Quit => self.ended = true,
            }
        }
        Ok(())
    }
}

/// What is configured in a file; a problem names it. Without a file nothing is.
pub(crate) fn config_of(path: &Path) -> Result<Config, String> {
    let shown = path.display();
    let text = files::read(path).map_err(|error| format!("{shown}: cannot be read: {error}"))?;
    Config::parse(&text.unwrap_or_default()).map_err(|problem| match problem.line {
        Some(_) => format!("{shown}:{problem}"),
        None => format!("{shown}: {problem}"),
    })
}

/// A pipe that becomes readable when the system asks us to end.
fn signals(poll: &Poll) -> io::Result<UnixStream> {
    let (mut reader, writer) = UnixStream::pair()?;
    poll.registry().register(&mut reader, SIGNAL, Interest::READABLE)?;
    let writer = std::os::fd::OwnedFd::from(writer);
    for signal in [SIGTERM, SIGHUP, SIGINT] {
        signal_hook::low_level::pipe::register(signal, writer.try_clone()?)?;
    }
    Ok(reader)
}

fn read_keys(sender: &Sender<io::Result<Terminal>>, waker: &Waker) {
    loop {
        let event = crossterm::event::read();
        let failed = event.is_err();
        let nobody_listens = sender.send(event).is_err() || waker.wake().is_err();
        if failed || nobody_listens {
            return;
        }
    }
}

fn translated(event: Terminal) -> Option<Event> {
    match event {
        Terminal::Key(key) => Some(Event::Key(key)),
        Terminal::Paste(text) => Some(Event::Paste(text)),
        Terminal::Resize(columns, rows) => Some(Event::Resize(columns, rows)),
        Terminal::FocusGained => Some(Event::Focus(true)),
        Terminal::FocusLost => Some(Event::Focus(false)),
        Terminal::Mouse(mouse) => match mouse.kind {
            MouseEventKind::ScrollUp => Some(Event::Wheel(-WHEEL_ROWS)),
            MouseEventKind::ScrollDown => Some(Event::Wheel(WHEEL_ROWS)),
            MouseEventKind::Down(MouseButton::Left) => Some(Event::Click(mouse.column, mouse.row)),
            _ => None,
        },
    }
}
