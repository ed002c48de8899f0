//! What people and scripts see of real segments, at told times.

mod actors;
mod care;
mod damage;
mod document;
mod every_screen;
mod follow;
mod modes;
mod outputs;
mod panics;
mod screens;
mod states;
mod viewer;

use std::ffi::OsString;
use std::io::Write;
use std::time::Duration;

use segment::testing::Keys;
use segment::{CounterId, CounterKind, CounterRow, Kind, Now, Record, RoomId, Writer};

use crate::{Clock, Exit, Place, Source, Stage, run};

pub(crate) const NOW: Now = Now { boot_us: 50_000_000, wall_ms: 1_700_000_000_000 };

const fn row(name: &'static str, kind: CounterKind, unit: &'static str, help: &'static str) -> CounterRow {
    CounterRow { name, kind, unit, help }
}

/// Some counters of a server.
#[rustfmt::skip]
pub(crate) const COUNTERS: &[CounterRow] = &[
    row("turn",      CounterKind::Histogram, "us",     "Lengths of the loop's turns."),
    row("users",     CounterKind::Gauge,     "people", "People who are registered now."),
    row("bytes.out", CounterKind::Counter,   "bytes",  "Bytes sent."),
];
pub(crate) const TURN: CounterId = CounterId(0);
pub(crate) const USERS: CounterId = CounterId(1);
pub(crate) const BYTES_OUT: CounterId = CounterId(2);

/// A server with its own keys, and the time it is told.
pub(crate) struct Scene {
    pub writer: Option<Writer>,
    pub now: Now,
    sequence: u64,
    /// Dropped last: removes what the writer leaves.
    pub keys: Keys,
}

impl Scene {
    /// A server that has just begun.
    pub fn new() -> Scene {
        let mut scene = Scene { writer: None, now: NOW, sequence: 0, keys: Keys::new() };
        scene.serve();
        scene
    }

    /// A server in which two rooms live.
    pub fn lively() -> Scene {
        let mut scene = Scene::new();
        for room in ["#lobby", "#rust"] {
            scene.join(room, &[("alice", "@"), ("bob", "")]);
        }
        scene.stage().set(USERS, 2);
        scene.stage().observe(TURN, 40);
        scene.stage().add(BYTES_OUT, 5000);
        for (from, text) in [("alice", "good morning"), ("bob", "hello"), ("alice", "how are you?")] {
            scene.say("#lobby", from, text);
        }
        let id = scene.room("#lobby");
        scene.stage().topic(id, "all and nothing");
        scene.pass(1000);
        scene
    }

    /// A new incarnation of the server.
    pub fn serve(&mut self) {
        let opened = Writer::open(self.keys.settings(), COUNTERS, &[], self.now);
        self.writer = Some(opened.expect("the keys are the test's own").0);
    }

    /// The server ends without a word.
    pub fn die(&mut self) {
        self.writer = None;
    }

    /// Time passes, and the server publishes.
    pub fn pass(&mut self, millis: u64) {
        self.now = self.now.after(Duration::from_millis(millis));
        let now = self.now;
        if let Some(writer) = &mut self.writer {
            writer.publish(now);
        }
    }

    pub fn stage(&mut self) -> &mut segment::Stage {
        self.writer.as_mut().expect("a server lives").stage()
    }

    pub fn room(&mut self, name: &str) -> RoomId {
        let now = self.now;
        self.stage().room(name, now).expect("there is a slot")
    }

    pub fn join(&mut self, room: &str, members: &[(&str, &str)]) {
        let id = self.room(room);
        self.stage().members(id, members.len() as u64, members.iter().copied());
    }

    pub fn say(&mut self, room: &str, from: &str, text: &str) {
        self.record(room, Kind::MESSAGE, from, text);
        let (id, now) = (self.room(room), self.now);
        self.stage().spoke(id, from, text.len() as u64, now);
    }

    pub fn record(&mut self, room: &str, kind: Kind, from: &str, text: &str) {
        let (id, wall_ms) = (self.room(room), self.now.wall_ms);
        self.sequence += 1;
        let sequence = self.sequence;
        let msgid = format!("m{sequence}");
        self.stage().append(id, &Record { sequence, wall_ms, kind, id: &msgid, from, text });
    }

    pub fn place(&self) -> Place {
        Place { segment_key: self.keys.segment, ..Place::default() }
    }

    pub fn source(&self) -> Source {
        Source::new(self.place())
    }

    /// Runs the program on this segment.
    pub fn run(&mut self, args: &[&str]) -> Told {
        let mut nothing = |_: &mut Scene| {};
        self.run_with(args, &mut nothing)
    }

    /// The same; whenever the program pauses, something happens.
    pub fn run_with(&mut self, args: &[&str], meanwhile: &mut dyn FnMut(&mut Scene)) -> Told {
        let key = self.keys.segment.to_string();
        let words = ["parlorstat", "--segment-key", &key].into_iter().chain(args.iter().copied());
        let words: Vec<OsString> = words.map(OsString::from).collect();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut clock = Theatre { scene: self, meanwhile, pauses: 0 };
        let mut stage = Stage { out: &mut out, err: &mut err, clock: &mut clock, is_terminal: false };
        let exit = run(words, &mut stage);
        let text = |bytes| String::from_utf8(bytes).expect("it is text");
        Told { exit, out: text(out), err: text(err) }
    }
}

/// What the program said.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub exit: Exit,
    pub out: String,
    pub err: String,
}

impl Told {
    /// Asserts that nothing in it would command a terminal.
    pub fn assert_harmless(&self) {
        for text in [&self.out, &self.err] {
            let harmful = text.chars().find(|&letter| letter != '\n' && crate::text::is_harmful(letter));
            assert_eq!(harmful, None, "in {text:?}");
        }
    }
}

/// A program that would go on for ever fails here.
const PAUSES_MAX: u32 = 50;

/// Time goes by only when the program pauses.
struct Theatre<'a> {
    scene: &'a mut Scene,
    meanwhile: &'a mut dyn FnMut(&mut Scene),
    pauses: u32,
}

impl Clock for Theatre<'_> {
    fn now(&mut self) -> Now {
        self.scene.now
    }

    fn pause(&mut self, length: Duration) {
        self.pauses += 1;
        assert!(self.pauses < PAUSES_MAX, "the program does not end");
        (self.meanwhile)(self.scene);
        self.scene.pass(length.as_millis() as u64);
    }
}

/// Somebody who has heard enough.
pub(crate) struct Deaf;

impl Write for Deaf {
    fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
        Err(std::io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
