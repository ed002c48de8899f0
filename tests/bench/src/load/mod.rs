//! The load: many people on one thread, who say things, hear things, and keep account of both.
//!
//! Everything about it is bounded: messages, people and time. Whatever must not happen (a connection that ends, a
//! refusal, a message lost, doubled or out of order) ends the run with an error.

mod dialect;
mod ledger;
mod pace;
mod person;
mod speech;

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use mio::{Events, Interest, Poll, Token};

pub use dialect::{Dialect, Heard};
pub use ledger::{Ledger, PAYLOAD_BYTES_MIN, Speaker};
pub use speech::Speech;

use pace::Pace;
use person::{Person, Stage};

/// With what the payload of a measured message begins.
pub const PAYLOAD_MARK: &str = "~M";

/// Bytes of a payload if nothing else is said: a line as people write them.
pub const PAYLOAD_BYTES: usize = 100;

/// Bytes read at once, into a buffer that all share.
const READ_BYTES: usize = 256 * 1024;
/// Events taken from the kernel at once: few, so that what is to be said at a steady rate is not late.
const EVENTS_MAX: usize = 64;
/// Bytes of a line that has no end yet. No server sends longer ones.
const LINE_BYTES_MAX: usize = 32 * 1024;
/// Connections that are being made at once.
const ENTERING_MAX: usize = 64;
/// People who are entering a room at once: so many that what each hears of the others comes in few pieces.
const JOINING_MAX: usize = 1000;
/// Source addresses, 127.0.0.2 and up: each has ports of its own, and what a server counts per address is spread.
const SOURCES: usize = 8;
/// After this long a run has failed.
const RUN_MAX: Duration = Duration::from_secs(90);
/// After this long without a byte a run has failed.
const SILENCE_MAX: Duration = Duration::from_secs(15);
/// The longest wait for the kernel.
const WAIT: Duration = Duration::from_millis(50);

const TIMER: Token = Token(usize::MAX);

/// What has been heard that is not a measured message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// People who are registered.
    pub here: usize,
    /// Rooms entered by those who wanted to.
    pub entered: usize,
    /// How often somebody heard of somebody entering.
    pub joins: usize,
    /// PINGs that came back.
    pub pongs: usize,
    /// How often somebody heard of somebody leaving the server.
    pub quits: usize,
}

/// All people of one run.
pub struct Load {
    poll: Poll,
    events: Events,
    dialect: Dialect,
    to: SocketAddrV4,
    prefix: char,
    people: Vec<Person>,
    /// Nicks that have been given out.
    nicks: usize,
    buffer: Box<[u8]>,
    payload_bytes: usize,
    pace: Option<Pace>,
    begin: Instant,
    last_heard: Instant,
    /// What has been heard.
    pub counts: Counts,
    /// What has been said.
    pub ledger: Ledger,
    /// Whether a connection may end: of those who are there to disturb.
    pub forgives: bool,
}

impl Load {
    /// Nobody yet. Everybody's nick begins with the prefix.
    ///
    /// # Errors
    /// If there are no descriptors.
    pub fn new(dialect: Dialect, to: SocketAddrV4, prefix: char) -> Result<Self> {
        let now = Instant::now();
        Ok(Self {
            poll: Poll::new()?,
            events: Events::with_capacity(EVENTS_MAX),
            dialect,
            to,
            prefix,
            people: Vec::new(),
            nicks: 0,
            buffer: vec![0; READ_BYTES].into(),
            payload_bytes: PAYLOAD_BYTES,
            pace: None,
            begin: now,
            last_heard: now,
            counts: Counts::default(),
            ledger: Ledger::default(),
            forgives: false,
        })
    }

    /// From here on messages are so long.
    pub fn set_payload(&mut self, bytes: usize) {
        assert!(bytes >= PAYLOAD_BYTES_MIN, "the number has to fit in");
        self.payload_bytes = bytes;
    }

    /// So many more people connect and register, some at a time.
    ///
    /// # Errors
    /// If not all can.
    pub fn enter(&mut self, count: usize) -> Result<()> {
        let goal = self.people.len() + count;
        while self.counts.here < goal {
            while self.people.len() < goal && self.people.len() - self.counts.here < ENTERING_MAX {
                self.open()?;
            }
            self.pump(WAIT).with_context(|| format!("{} of {goal} people are in", self.counts.here))?;
        }
        Ok(())
    }

    /// One more begins to connect.
    ///
    /// # Errors
    /// If the system does not let him.
    pub fn open(&mut self) -> Result<()> {
        let index = self.people.len();
        let source = Ipv4Addr::from(u32::from(Ipv4Addr::LOCALHOST) + 1 + (index % SOURCES) as u32);
        let source = self.to.ip().is_loopback().then_some(source);
        let mut person = Person::enter(self.to, source).context("nobody can connect")?;
        let interests = Interest::READABLE | Interest::WRITABLE;
        self.poll.registry().register(&mut person.stream, Token(index), interests)?;
        self.people.push(person);
        Ok(())
    }

    /// Some people enter rooms, some at a time, until all are in and have heard of all others.
    ///
    /// # Errors
    /// If not all can.
    pub fn join(
        &mut self,
        who: impl Iterator<Item = usize>,
        rooms: impl Fn(usize) -> Vec<u32>,
    ) -> Result<()> {
        let mut wanted = self.counts.entered;
        let mut members = std::mem::take(&mut self.ledger.hearers);
        let mut joins = self.counts.joins;
        for person in who {
            for room in rooms(person) {
                while wanted - self.counts.entered >= JOINING_MAX {
                    self.pump(WAIT)?;
                }
                self.say_to_server(person, |dialect, out| dialect.join(room, out))?;
                wanted += 1;
                let room = room as usize;
                members.resize(members.len().max(room + 1), 0);
                members[room] += 1;
                joins += members[room] as usize;
            }
        }
        self.ledger.hearers = members;
        let tells = self.dialect.greets();
        while self.counts.entered < wanted || (tells && self.counts.joins < joins) {
            self.pump(WAIT).with_context(|| format!("{} of {wanted} are in", self.counts.entered))?;
        }
        Ok(())
    }

    /// Somebody says something that is not measured, and the kernel is asked to take it.
    ///
    /// # Errors
    /// If his connection has ended.
    pub fn say_to_server(&mut self, person: usize, say: impl FnOnce(Dialect, &mut Vec<u8>)) -> Result<()> {
        say(self.dialect, self.people[person].out());
        self.write(person)
    }

    /// Whether the kernel has taken all that somebody said.
    pub fn has_said_all(&self, person: usize) -> bool {
        self.people[person].has_said_all()
    }

    /// From here on somebody reads nothing.
    pub fn deafen(&mut self, person: usize) {
        self.people[person].is_deaf = true;
    }

    /// Somebody leaves without a word; one more begins to connect in his place.
    ///
    /// # Errors
    /// If the system does not let him.
    pub fn replace(&mut self, index: usize) -> Result<()> {
        let mut person = Person::enter(self.to, None).context("nobody can connect")?;
        let interests = Interest::READABLE | Interest::WRITABLE;
        self.poll.registry().register(&mut person.stream, Token(index), interests)?;
        self.people[index] = person;
        self.counts.here = self.counts.here.saturating_sub(1);
        Ok(())
    }

    /// Whether somebody's connection stands and he is registered.
    pub fn is_here(&self, index: usize) -> bool {
        self.people[index].stage == Stage::Here
    }

    /// What the server speaks.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// One wait, and all that came of it.
    ///
    /// # Errors
    /// If something happened that must not, or nothing did for too long.
    pub fn pump(&mut self, wait: Duration) -> Result<()> {
        let mut events = std::mem::replace(&mut self.events, Events::with_capacity(0));
        match self.poll.poll(&mut events, Some(wait)) {
            Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error.into()),
            _ => {}
        }
        let now = Instant::now();
        ensure!(now - self.begin < RUN_MAX, "a run was not done after {} s", RUN_MAX.as_secs());
        for event in &events {
            if event.token() == TIMER {
                continue;
            }
            let index = event.token().0;
            let mut outcome = if event.is_writable() { self.write(index) } else { Ok(()) };
            let ends = event.is_read_closed() || event.is_error();
            if outcome.is_ok() && (event.is_readable() || ends) && !self.people[index].is_deaf {
                outcome = self.read(index, ends);
            }
            match outcome {
                Err(_) if self.forgives => self.replace(index)?,
                outcome => outcome.with_context(|| format!("what happened to person {index}"))?,
            }
        }
        let silence = now - self.last_heard;
        if !events.is_empty() {
            self.last_heard = now;
        } else if silence > SILENCE_MAX {
            bail!("nothing was heard for {} s", SILENCE_MAX.as_secs());
        }
        self.events = events;
        Ok(())
    }

    /// Hears what comes within a span, whatever it is.
    ///
    /// # Errors
    /// If something happened that must not.
    pub fn linger(&mut self, span: Duration) -> Result<()> {
        let end = Instant::now() + span;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            self.last_heard = Instant::now();
            self.pump(left.min(WAIT))?;
        }
    }

    fn now_ns(&self) -> u64 {
        self.begin.elapsed().as_nanos() as u64
    }

    fn write(&mut self, index: usize) -> Result<()> {
        let person = &mut self.people[index];
        match person.stage {
            Stage::Connecting => {
                if let Some(error) = person.stream.take_error()? {
                    bail!("no connection: {error}");
                }
                // It may be an earlier hint; then the next one comes when the connection stands.
                if person.stream.peer_addr().is_err() {
                    return Ok(());
                }
                person.stage = Stage::Greeting;
                let nick = format!("{}{:05}", self.prefix, self.nicks);
                self.nicks += 1;
                self.dialect.hello(&nick, person.out());
                if !self.dialect.greets() {
                    self.welcome(index);
                }
            }
            Stage::Greeting | Stage::Here => {}
        }
        self.people[index].write().context("the connection broke")
    }

    fn welcome(&mut self, index: usize) {
        let person = &mut self.people[index];
        if person.stage == Stage::Greeting {
            person.stage = Stage::Here;
            self.counts.here += 1;
        }
    }

    fn read(&mut self, index: usize, to_the_end: bool) -> Result<()> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let outcome = self.read_into(&mut buffer, index, to_the_end);
        self.buffer = buffer;
        outcome
    }

    fn read_into(&mut self, buffer: &mut [u8], index: usize, to_the_end: bool) -> Result<()> {
        loop {
            let Some((bytes, was_full)) = self.people[index].read(buffer).context("the connection ended")?
            else {
                return Ok(());
            };
            let now_ns = self.now_ns();
            let mut begin = 0;
            while let Some(newline) = memchr::memchr(b'\n', &buffer[begin..bytes]) {
                let line = &buffer[begin..begin + newline];
                self.hear(index, line.strip_suffix(b"\r").unwrap_or(line), now_ns)?;
                begin += newline + 1;
            }
            ensure!(bytes - begin <= LINE_BYTES_MAX, "a line of more than {LINE_BYTES_MAX} bytes");
            self.people[index].carry.extend_from_slice(&buffer[begin..bytes]);
            if !was_full && !to_the_end {
                return Ok(());
            }
        }
    }

    fn hear(&mut self, index: usize, line: &[u8], now_ns: u64) -> Result<()> {
        if let Some(at) = line.len().checked_sub(self.payload_bytes)
            && line[at..].starts_with(PAYLOAD_MARK.as_bytes())
        {
            return self.ledger.hear(index, &mut self.people[index].memory, &line[at..], now_ns);
        }
        match self.dialect.understand(line) {
            Heard::Welcome => self.welcome(index),
            Heard::Entered => self.counts.entered += 1,
            Heard::Join => self.counts.joins += 1,
            Heard::Pong => self.counts.pongs += 1,
            Heard::Quit => self.counts.quits += 1,
            Heard::Ping(rest) => {
                let out = self.people[index].out();
                out.extend_from_slice(b"PONG");
                out.extend_from_slice(rest);
                out.extend_from_slice(b"\r\n");
                return self.write(index);
            }
            Heard::Refused => bail!("the server says: {}", String::from_utf8_lossy(line)),
            Heard::Other => {}
        }
        Ok(())
    }
}
