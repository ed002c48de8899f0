//! The people of the demo: real connections to the server, on one thread.

use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token, Waker};
use wire::{Casemapping, Frame, Framer, Message};

use crate::chance::Chance;
use crate::talk::{ANSWERS, GREETINGS, PEOPLE, ROOMS, Room};

const WAKE: Token = Token(usize::MAX);

/// Lines of each room said fast at the beginning, so that nobody enters an empty one.
const OPENING_LINES: usize = 6;

/// Milliseconds between two of them, at least and at most.
const OPENING_PAUSE_MS: (u64, u64) = (40, 80);

/// Milliseconds until everybody has come in and the first lines have been said.
pub const SETTLED_AFTER_MS: u64 = 800;

/// Milliseconds after which somebody answers, at least and at most.
const ANSWER_AFTER_MS: (u64, u64) = (900, 2500);

/// Milliseconds between the steps of somebody who comes and goes, at least and at most.
const WANDER_AFTER_MS: (u64, u64) = (8_000, 25_000);

/// The people, as long as this value lives.
#[derive(Debug)]
pub struct Crowd {
    thread: Option<JoinHandle<io::Result<()>>>,
    stop: Arc<AtomicBool>,
    waker: Arc<Waker>,
}

impl Crowd {
    /// They come in.
    ///
    /// # Errors
    /// If there are no descriptors, or nobody can connect.
    pub fn enter(server: SocketAddr, seed: u64) -> io::Result<Self> {
        let poll = Poll::new()?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKE)?);
        let stop = Arc::new(AtomicBool::new(false));
        let mut loop_of = Talk::new(poll, server, seed, Arc::clone(&stop))?;
        let thread = thread::Builder::new().name("crowd".to_owned()).spawn(move || loop_of.run())?;
        Ok(Self { thread: Some(thread), stop, waker })
    }

    /// They say good-bye.
    ///
    /// # Errors
    /// What went wrong while they were there.
    pub fn leave(mut self) -> io::Result<()> {
        self.end()
    }

    fn end(&mut self) -> io::Result<()> {
        let Some(thread) = self.thread.take() else { return Ok(()) };
        self.stop.store(true, Ordering::Release);
        self.waker.wake()?;
        thread.join().expect("the thread of the people does not panic")
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        // Who drops this without `leave` is on the way out because of another error.
        let _ = self.end();
    }
}

struct Talk {
    poll: Poll,
    people: Vec<Person>,
    rooms: Vec<Conversation>,
    later: Vec<Later>,
    chance: Chance,
    stop: Arc<AtomicBool>,
    started: Instant,
}

struct Person {
    stream: TcpStream,
    framer: Framer,
    out: Vec<u8>,
    alive: bool,
}

/// Where the talk of a room is.
struct Conversation {
    room: &'static Room,
    number: usize,
    line: usize,
    /// Lines that are still said fast.
    opening: usize,
    next_ms: u64,
}

/// Something somebody will do.
struct Later {
    at_ms: u64,
    who: usize,
    what: Doing,
}

enum Doing {
    Say(String),
    Leave(&'static str),
    Return(&'static str),
}

impl Talk {
    fn new(poll: Poll, server: SocketAddr, seed: u64, stop: Arc<AtomicBool>) -> io::Result<Self> {
        let mut people = Vec::new();
        for (index, persona) in PEOPLE.iter().enumerate() {
            // Connected before it is handed to the loop, so that they register in their order and who opens a room
            // is the same each time.
            let stream = std::net::TcpStream::connect(server)?;
            stream.set_nonblocking(true)?;
            stream.set_nodelay(true)?;
            let mut stream = TcpStream::from_std(stream);
            let interests = Interest::READABLE | Interest::WRITABLE;
            poll.registry().register(&mut stream, Token(index), interests)?;
            let mut person = Person { stream, framer: Framer::new(), out: Vec::new(), alive: true };
            person.say(&format!("NICK {}", persona.nick));
            person.say(&format!("USER {} 0 * :{}", persona.nick, persona.realname));
            if persona.nick == "mallet" {
                person.say("MODE mallet +B");
            }
            people.push(person);
        }
        let begin = |room| Conversation { room, number: 0, line: 0, opening: OPENING_LINES, next_ms: 200 };
        let rooms = ROOMS.iter().map(begin).collect();
        let chance = Chance(seed);
        Ok(Self { poll, people, rooms, later: Vec::new(), chance, stop, started: Instant::now() })
    }

    fn run(&mut self) -> io::Result<()> {
        self.settle_in();
        let mut events = Events::with_capacity(64);
        while !self.stop.load(Ordering::Acquire) {
            self.flush();
            let wait = self.next_ms().saturating_sub(self.now_ms());
            match self.poll.poll(&mut events, Some(Duration::from_millis(wait.max(1)))) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                outcome => outcome?,
            }
            for event in events.iter().filter(|event| event.token() != WAKE) {
                self.listen(event.token().0);
            }
            self.speak();
        }
        for person in &mut self.people {
            person.say("QUIT :the demo is over");
        }
        self.flush();
        Ok(())
    }

    /// They take their places, and the first words are said.
    fn settle_in(&mut self) {
        for room in ROOMS {
            for who in (0..PEOPLE.len()).filter(|who| PEOPLE[*who].rooms.contains(&room.name)) {
                self.people[who].say(&format!("JOIN {}", room.name));
            }
            let host = PEOPLE.iter().position(|person| person.rooms.contains(&room.name)).unwrap_or(0);
            self.people[host].say(&format!("TOPIC {} :{}", room.name, room.topic));
            if !room.modes.is_empty() {
                self.people[host].say(&format!("MODE {} {}", room.name, room.modes));
            }
        }
        for (who, _) in PEOPLE.iter().enumerate().filter(|(_, person)| person.wanders) {
            let at_ms = self.chance.between(WANDER_AFTER_MS);
            let room = PEOPLE[who].rooms[0];
            self.later.push(Later { at_ms, who, what: Doing::Leave(room) });
        }
    }

    fn now_ms(&self) -> u64 {
        self.started.elapsed().as_millis() as u64
    }

    fn next_ms(&self) -> u64 {
        let rooms = self.rooms.iter().map(|room| room.next_ms);
        rooms.chain(self.later.iter().map(|later| later.at_ms)).min().unwrap_or(1000)
    }

    /// Whoever's time has come says or does something.
    fn speak(&mut self) {
        let now = self.now_ms();
        for index in 0..self.rooms.len() {
            if self.rooms[index].next_ms <= now {
                self.next_line(index);
            }
        }
        let (due, later) = std::mem::take(&mut self.later).into_iter().partition(|later| later.at_ms <= now);
        self.later = later;
        for Later { who, what, .. } in due {
            self.act(who, what);
        }
    }

    fn next_line(&mut self, index: usize) {
        let now = self.now_ms();
        let conversation = &mut self.rooms[index];
        let room = conversation.room;
        let lines = room.conversations[conversation.number];
        let (nick, text) = lines[conversation.line];
        conversation.line += 1;
        let mut pause = room.pause_ms;
        if conversation.line == lines.len() {
            conversation.line = 0;
            conversation.number = (conversation.number + 1) % room.conversations.len();
            pause = room.silence_ms;
        }
        if conversation.opening > 0 {
            conversation.opening -= 1;
            pause = OPENING_PAUSE_MS;
        }
        conversation.next_ms = now + self.chance.between(pause);
        let text = match text.strip_prefix('*') {
            Some(action) => format!("\u{1}ACTION {action}\u{1}"),
            None => text.to_owned(),
        };
        if let Some(who) = named(nick) {
            self.people[who].say(&format!("PRIVMSG {} :{text}", room.name));
        }
    }

    fn act(&mut self, who: usize, what: Doing) {
        let at_ms = self.now_ms() + self.chance.between(WANDER_AFTER_MS);
        match what {
            Doing::Say(line) => self.people[who].say(&line),
            Doing::Leave(room) => {
                self.people[who].say(&format!("PART {room} :back in a moment"));
                self.later.push(Later { at_ms, who, what: Doing::Return(room) });
            }
            Doing::Return(room) => {
                self.people[who].say(&format!("JOIN {room}"));
                let room = *self.chance.one(PEOPLE[who].rooms);
                self.later.push(Later { at_ms, who, what: Doing::Leave(room) });
            }
        }
    }

    /// Hears what was said to somebody, and makes up his mind.
    fn listen(&mut self, who: usize) {
        let now = self.now_ms();
        let mut heard = Vec::new();
        self.people[who].read(&mut heard);
        for line in heard {
            let Ok(message) = Message::parse(&line) else { continue };
            if message.verb == "PING" {
                let token = message.param(0).unwrap_or_default();
                self.people[who].say(&format!("PONG :{token}"));
            }
            if let (Some(source), Some(answer)) = (message.source, self.answer(who, &message)) {
                debug_assert!(named(source.nick).is_none());
                let at_ms = now + self.chance.between(ANSWER_AFTER_MS);
                self.later.push(Later { at_ms, who, what: Doing::Say(answer) });
            }
        }
    }

    /// What somebody answers to a stranger, if it is for him to answer.
    fn answer(&mut self, who: usize, message: &Message<'_>) -> Option<String> {
        let stranger = message.source.filter(|source| named(source.nick).is_none())?.nick;
        let (target, text) = (message.param(0)?, message.param(1)?.to_lowercase());
        if message.verb != "PRIVMSG" {
            return None;
        }
        let me = PEOPLE[who].nick;
        let answers = |chance: &mut Chance, of: &[&str]| chance.one(of).replace("{}", stranger);
        if Casemapping::Ascii.same(target, me) {
            let words = answers(&mut self.chance, ANSWERS);
            return Some(format!("PRIVMSG {stranger} :{words}"));
        }
        if text.contains(me) {
            let words = answers(&mut self.chance, ANSWERS);
            return Some(format!("PRIVMSG {target} :{words}"));
        }
        let hello = ["hello", "hi", "hey", "good morning", "moin"].iter().any(|word| text.starts_with(word));
        let host = PEOPLE.iter().position(|person| person.rooms.contains(&target));
        if hello && host == Some(who) {
            let words = answers(&mut self.chance, GREETINGS);
            return Some(format!("PRIVMSG {target} :{words}"));
        }
        None
    }

    fn flush(&mut self) {
        self.people.iter_mut().for_each(Person::write);
    }
}

impl Person {
    fn say(&mut self, line: &str) {
        if self.alive {
            self.out.extend_from_slice(line.as_bytes());
            self.out.extend_from_slice(b"\r\n");
        }
    }

    fn read(&mut self, heard: &mut Vec<String>) {
        let mut buffer = [0; 4096];
        loop {
            match self.stream.read(&mut buffer) {
                Ok(0) => self.alive = false,
                Ok(count) => {
                    self.framer.push(&buffer[..count]);
                    while let Some(frame) = self.framer.next_frame() {
                        if let Frame::Line(line) = frame {
                            heard.push(String::from_utf8_lossy(line).into_owned());
                        }
                    }
                    continue;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => self.alive = false,
            }
            return;
        }
    }

    fn write(&mut self) {
        while !self.out.is_empty() && self.alive {
            match self.stream.write(&self.out) {
                Ok(count) => drop(self.out.drain(..count)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(_) => self.alive = false,
            }
        }
    }
}

fn named(nick: &str) -> Option<usize> {
    PEOPLE.iter().position(|person| Casemapping::Ascii.same(person.nick, nick))
}
