//! The loop: wait → accept → read → think → write → reap → publish. One thread, and nothing in it waits but the wait.
//!
//! - Readiness is a hint that comes once: a connection is read until there is nothing more, or stays on a list.
//! - Nothing is written while the engine thinks, and each connection is written to with what is queued for it, together.
//! - What is prompt is taken and sent first, everything else in slices between which the kernel is asked who else has come.
//! - Nothing is removed before the end of a turn. A slot may be used again, a [`ConnId`] never.

mod accept;
mod admission;
mod batch;
mod bulk;
mod connection;
mod connections;
mod gather;
mod lane;
mod leave;
mod listener;
mod queue;
mod read;
mod reload;
mod think;
mod timers;
mod transport;
mod write;

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};
use std::time::Duration;

use engine::{ConnId, Effect, Engine, Input};
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token, Waker};

use crate::bans_file;
use crate::checker::Checker;
use crate::clock::{Clock, Moment, While};
use crate::config::Config;
use crate::counters::Figures;
use crate::keeper::Keeper;
use crate::publisher::Publisher;
use crate::signals::{Signal, Signals};

use connections::Waiting;
use lane::Lane;
pub use listener::{Address, Listener, Unavailable};

pub(crate) const WAKER: Token = Token(usize::MAX);
const SIGNALS: Token = Token(usize::MAX - 1);
/// The first token of listeners. Below are the slots of connections.
const LISTENERS: usize = 1 << ConnId::SLOT_BITS;

/// Events taken from the kernel at once. What is left comes with the next turn.
const EVENTS_MAX: usize = 1024;
/// How long anything else than what people say is done before the kernel is asked who else has come: lines that are not
/// prompt, connections that come and go. Asking costs about a fiftieth of it.
const SLICE: Duration = Duration::from_micros(125);
/// How long those who are prompt are served, and what they said is sent, before the others have a slice of the turn.
const PROMPT_TIME_MAX: Duration = Duration::from_millis(1);
/// Turns in which nothing is published because not everybody has been sent what was said.
const PUT_OFF_MAX: u32 = 8;
/// Bytes read at once, into a buffer that all connections share.
const READ_BYTES: usize = 64 * 1024;

/// What other threads tell the loop.
#[derive(Debug)]
pub enum Order {
    /// A secret was checked.
    Checked {
        /// Whose.
        conn: ConnId,
        /// Whether it is right.
        matches: bool,
    },
    /// Read the configuration again.
    Reload,
    /// Say farewell and end.
    Stop,
}

/// How the configuration is read again.
pub type Reread = Box<dyn Fn() -> Result<Config, String> + Send>;

/// What a loop is made of.
pub struct Parts {
    /// The configuration, checked.
    pub config: Config,
    /// How it is read again.
    pub reread: Reread,
    /// Where it listens already.
    pub listeners: Vec<Listener>,
    /// The machine.
    pub engine: Engine,
    /// The clocks that the machine was told the time of.
    pub clock: Clock,
    /// What tells other processes, if that is wanted.
    pub publisher: Option<Publisher>,
    /// The signals of the process, if it is the loop that has to hear them.
    pub signals: Option<Signals>,
    /// What was built to be woken by.
    pub poll: Poll,
    /// Wakes the loop.
    pub waker: Arc<Waker>,
    /// What other threads tell.
    pub orders: Receiver<Order>,
    /// The other end of it.
    pub sender: Sender<Order>,
}

/// The loop and all that it turns.
pub struct Reactor {
    config: Config,
    reread: Reread,
    poll: Poll,
    orders: Receiver<Order>,
    signals: Option<Signals>,
    clock: Clock,
    started: wire::Timestamp,
    /// When the last turn began.
    turned: Moment,
    engine: Engine,
    effects: Vec<Effect>,
    gather: gather::Gather,
    connections: connections::Connections,
    timers: timers::Timers,
    doors: Doors,
    admission: admission::Admission,
    checker: Checker,
    keeper: Keeper,
    /// Whether bans of the server were set or lifted in this turn.
    bans_changed: bool,
    publisher: Option<Publisher>,
    figures: Figures,
    buffer: Box<[u8]>,
    /// What is lent to those whose lines are taken, so that who is idle has none.
    line_buffer: Vec<u8>,
    /// The lane of what is done at present.
    lane: Lane,
    /// Turns since something was published, if it was put off.
    put_off: u32,
    /// Whether the last slice went to finding out who is prompt, so that the next one is for bulk.
    looked: bool,
    /// What is taken in bulk and not sent.
    batch: batch::Batch,
    /// Those whose end the engine must still be told, and why.
    ending: VecDeque<(ConnId, String)>,
    /// Those to be removed at the end of the turn.
    gone: Vec<ConnId>,
    serial: u64,
    state: State,
    after: After,
}

/// The listeners and what is needed to open the door.
struct Doors {
    listeners: Vec<(Token, Listener)>,
    /// Listeners at which somebody may be waiting.
    knocked: VecDeque<Token>,
    next_token: usize,
    /// A file that is closed to have a place for somebody who must be sent away.
    spare: Option<File>,
    /// When to try again after the system had no place at all.
    again_at_ms: Option<u64>,
    /// When that was told last.
    told_at_ms: Option<u64>,
}

/// What is to be done when the loop has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// The program ends.
    Stop,
    /// The program begins anew.
    Restart,
}

/// Running → Leaving → Ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Running,
    /// Everybody is being told, until this millisecond.
    Leaving(u64),
    Ended,
}

impl Reactor {
    /// A loop that has not turned yet.
    pub fn new(mut parts: Parts) -> io::Result<Self> {
        let registry = parts.poll.registry();
        if let Some(signals) = &parts.signals {
            registry.register(&mut SourceFd(&signals.fd()), SIGNALS, Interest::READABLE)?;
        }
        let (sender, waker) = (parts.sender, parts.waker);
        let checker = Checker::new(move |conn, matches| {
            // Both fail only when the loop has ended, and then nobody waits for the answer.
            let _ = sender.send(Order::Checked { conn, matches });
            let _ = waker.wake();
        });
        let doors = Doors {
            listeners: Vec::new(),
            knocked: VecDeque::new(),
            next_token: LISTENERS,
            spare: File::open("/dev/null").ok(),
            again_at_ms: None,
            told_at_ms: None,
        };
        let turned = parts.clock.now();
        let mut reactor = Self {
            config: parts.config,
            reread: parts.reread,
            poll: parts.poll,
            orders: parts.orders,
            signals: parts.signals,
            clock: parts.clock,
            started: turned.engine.wall,
            turned,
            engine: parts.engine,
            effects: Vec::new(),
            gather: gather::Gather::default(),
            connections: connections::Connections::default(),
            timers: timers::Timers::default(),
            doors,
            admission: admission::Admission::default(),
            checker,
            keeper: Keeper::default(),
            bans_changed: false,
            publisher: parts.publisher.take(),
            figures: Figures::default(),
            buffer: vec![0; READ_BYTES].into(),
            line_buffer: Vec::new(),
            lane: Lane::Prompt,
            put_off: 0,
            looked: false,
            batch: batch::Batch::default(),
            ending: VecDeque::new(),
            gone: Vec::new(),
            serial: 0,
            state: State::Running,
            after: After::Stop,
        };
        for listener in parts.listeners {
            reactor.attend(listener)?;
        }
        Ok(reactor)
    }

    /// Turns until it is told to stop.
    pub fn run(mut self) -> io::Result<After> {
        let mut events = Events::with_capacity(EVENTS_MAX);
        while self.state != State::Ended {
            let wait = self.wait();
            match self.poll.poll(&mut events, wait) {
                Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
                _ => {}
            }
            self.turn(&events);
        }
        Ok(self.shut_down())
    }

    fn turn(&mut self, events: &Events) {
        let now = self.clock.now();
        self.turned = now;
        self.hear(events, now);
        let mut worked = !events.is_empty();
        worked |= self.expire(now);
        worked |= self.accept(now);
        if self.connections.ready(Waiting::Talking) > 0 {
            worked |= self.read(Waiting::Talking, now, While::of(PROMPT_TIME_MAX));
        }
        self.send_prompt(now);
        worked |= self.take_turns(now);
        self.reap();
        self.leave(now);
        self.keep_bans();
        if worked {
            self.figures.turned(now.elapsed());
        }
        // Who waits for a line comes before who looks on, but not for ever.
        let puts_off = self.connections.dirty(Lane::Prompt) > 0 && self.put_off < PUT_OFF_MAX;
        self.put_off = if puts_off { self.put_off + 1 } else { 0 };
        if !puts_off {
            self.publish(now);
        }
    }

    /// How long the next wait may be.
    fn wait(&self) -> Option<Duration> {
        let accepts = self.doors.again_at_ms.is_none() && !self.doors.knocked.is_empty();
        let ends = !self.ending.is_empty() || !self.gone.is_empty();
        if self.connections.has_work() || self.gather.is_open() || accepts || ends {
            return Some(Duration::ZERO);
        }
        let now = self.clock.now_after(self.turned);
        let leaving = match self.state {
            State::Leaving(until_ms) => Some(until_ms),
            State::Running | State::Ended => None,
        };
        let deadlines =
            [self.engine.next_deadline(), self.timers.deadline(), self.doors.again_at_ms, leaving];
        let nearest = deadlines.into_iter().flatten().min();
        let nearest = nearest.map(|at_ms| Duration::from_millis(at_ms.saturating_sub(now.ms())));
        let publish = self.publisher.as_ref().map(|publisher| publisher.next_publish(now.segment));
        nearest.into_iter().chain(publish).min()
    }

    /// Sorts what the kernel tells by whom it concerns.
    fn hear(&mut self, events: &Events, now: Moment) {
        for event in events {
            match event.token() {
                WAKER => self.obey(now),
                SIGNALS => self.heed(now),
                token if token.0 >= LISTENERS => self.doors.knocked.push_back(token),
                Token(slot) => {
                    let Some(connection) = self.connections.in_slot(slot) else { continue };
                    let goes_on = connection.hear(event);
                    let id = connection.id;
                    if connection.readable {
                        self.connections.rouse(Lane::Prompt, id);
                    }
                    if goes_on {
                        self.connections.soil(Lane::Prompt, id);
                    }
                }
            }
        }
    }

    /// Does what other threads tell.
    fn obey(&mut self, now: Moment) {
        while let Ok(order) = self.orders.try_recv() {
            match order {
                Order::Checked { conn, matches } => self.checked(now, conn, matches),
                Order::Reload => self.reload(now),
                Order::Stop => self.stop(now, "The server stops"),
            }
        }
    }

    fn heed(&mut self, now: Moment) {
        while let Some(signal) = self.signals.as_ref().and_then(Signals::next) {
            match signal {
                Signal::Reload => self.reload(now),
                Signal::Stop => self.stop(now, "The server stops"),
            }
        }
    }

    /// Does what is due.
    fn expire(&mut self, now: Moment) -> bool {
        let mut worked = false;
        while let Some((conn, due)) = self.timers.next(now.ms()) {
            worked = true;
            match due {
                timers::Due::Resume => self.resume(conn, now),
                timers::Due::Cut => self.cut(conn),
            }
        }
        if self.doors.again_at_ms.is_some_and(|at_ms| at_ms <= now.ms()) {
            self.doors.again_at_ms = None;
        }
        if self.engine.next_deadline().is_some_and(|at_ms| at_ms <= now.ms()) {
            self.think(now, Input::Tick);
            worked = true;
        }
        worked
    }

    /// Has the bans of the server written, if they have changed.
    fn keep_bans(&mut self) {
        if std::mem::take(&mut self.bans_changed)
            && let Some(path) = &self.config.server.bans_file
        {
            self.keeper.keep(path.clone(), bans_file::text(self.engine.world().bans().all()));
        }
    }

    fn count_connections(&mut self) {
        self.figures.connections = self.connections.len() as u64;
        self.figures.connections_unix = self.connections.unix() as u64;
    }

    fn publish(&mut self, now: Moment) {
        self.count_connections();
        let Some(publisher) = &mut self.publisher else { return self.figures.forget() };
        let limit = self.config.connections.sendq_bytes_max;
        let queued = |conn| self.connections.get(conn).map_or(0, |connection| connection.queue.bytes());
        let waiting = |conn| (queued(conn), limit);
        self.figures.sample(now.ms(), waiting);
        publisher.publish(now.segment, &self.engine, &mut self.figures);
    }
}
