//! The simulation: seeded people do random things to an engine, and after each step every one of them has to believe
//! what is true.
//!
//! The oracle is the client: each person has the session model of `parlor`, fed with exactly the lines he heard.
//! Whatever the engine changes and does not tell, or tells and does not change, is found by comparing the two.
//!
//! - `Simulation::step`: somebody does something, or time passes.
//! - `acts`: what people do. `words`: what they do it with.
//! - `ear`: what holds for every line and every answer, whoever hears it.
//! - `memory`: what may be told of the past, and to whom.
//! - `lines`: messages of several lines, said and heard.
//! - `belief`: what a person believes, compared with the world.
//! - `replay`: the same inputs give the same effects; the events alone give the same world.
//!
//! The following faults were put into the engine by hand, one at a time, and each was found within a hundred seeds of
//! three hundred steps, most within the first six. What was heard told it:
//!
//! - a JOIN that those with extended-join do not hear; a KICK that the kicked does not hear;
//! - a `MODE -o` that is not told; a key that is told as `*`; NAMES without the third prefix of a member;
//! - a NICK that only one of several shared channels hears, or that those who watch the nick do not;
//! - a QUIT that is lost when the connection breaks; the absence of somebody who joins that is not told;
//! - a cleared topic that stays; a KICK that puts out nobody;
//! - lists of listeners that are kept when somebody leaves, or when his capabilities change;
//! - an echo without its label; a message to a rank that reaches lower ones;
//! - conversations of others that are found; a message that history keeps when it was taken back; a channel
//!   that was private and keeps its history when it ends; events for those who did not ask for them.

mod acts;
mod belief;
mod ear;
mod lines;
mod memory;
mod person;
mod replay;
mod words;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use engine::{
    ConnId, Effect, Engine, Event, Input, Now, Operator, Peer, Privilege, Privileges, Rank, Settings,
};
use wire::Timestamp;

use crate::random::Random;
use ear::Answer;
use memory::Memory;
use person::Person;

/// Lines that a failure shows.
const LOG_LINES: usize = 60;

/// What went in, so that it can be done again.
#[derive(Clone, Debug)]
enum Given {
    Opened(ConnId),
    Line(ConnId, Vec<u8>),
    Overlong(ConnId),
    Closed(ConnId, String),
    Checked(ConnId, bool),
    More(ConnId),
    Tick,
    Reload(Box<Settings>),
}

impl Given {
    fn input(&self) -> Input<'_> {
        match self {
            Self::Opened(conn) => {
                let peer = Peer { host: format!("host{}", conn.0 % 3), address: None, secure: false };
                Input::Opened { conn: *conn, peer }
            }
            Self::Line(conn, line) => Input::Line { conn: *conn, line },
            Self::Overlong(conn) => Input::Overlong { conn: *conn },
            Self::Closed(conn, reason) => Input::Closed { conn: *conn, reason },
            Self::Checked(conn, matches) => Input::Checked { conn: *conn, matches: *matches },
            Self::More(conn) => Input::More { conn: *conn },
            Self::Tick => Input::Tick,
            Self::Reload(settings) => Input::Reload { outcome: Ok(settings.clone()) },
        }
    }
}

/// An engine, the people in it, and all that has happened.
pub struct Simulation {
    seed: u64,
    step: usize,
    random: Random,
    engine: Engine,
    now: Now,
    people: BTreeMap<ConnId, Person>,
    opened: u64,
    said: u64,
    /// Secrets that are being checked, and how that will end.
    checking: VecDeque<(ConnId, bool)>,
    /// Those whose answers go on when they have read.
    reading: VecDeque<ConnId>,
    start: (Now, Settings),
    given: Vec<(Now, Given, u64)>,
    happened: Vec<(Arc<Event>, Arc<Settings>)>,
    memory: Memory,
    /// The settings in force.
    settings: Arc<Settings>,
    log: VecDeque<String>,
}

impl Simulation {
    /// An engine with nobody in it.
    pub fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let now = Now { monotonic_ms: 1_000_000, wall: Timestamp(1_795_349_340_123) };
        let settings = settings(&mut random);
        Self {
            seed,
            step: 0,
            engine: Engine::new(settings.clone(), now, seed),
            random,
            now,
            people: BTreeMap::new(),
            opened: 0,
            said: 0,
            checking: VecDeque::new(),
            reading: VecDeque::new(),
            start: (now, settings.clone()),
            given: Vec::new(),
            happened: Vec::new(),
            memory: Memory::default(),
            settings: Arc::new(settings),
            log: VecDeque::new(),
        }
    }

    /// Lets so many things happen, and then everything again. Returns the kinds of what happened.
    ///
    /// # Panics
    /// If the engine panics, its checks fail, or somebody hears or believes what he should not. What reproduces it is
    /// printed first.
    pub fn run(mut self, steps: usize) -> BTreeSet<String> {
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for step in 0..steps {
                self.step = step;
                self.step();
            }
            self.replay();
        }));
        if let Err(panic) = outcome {
            eprintln!("the last lines:");
            self.log.iter().for_each(|line| eprintln!("  {line}"));
            eprintln!("SEED={} step={}", self.seed, self.step);
            std::panic::resume_unwind(panic);
        }
        self.happened.iter().map(|(event, _)| kind(event)).collect()
    }

    /// Somebody does something, or time passes. All that follows from it follows at once: clients answer what they
    /// are asked and ask what they want to know.
    fn step(&mut self) {
        self.act();
        self.answer_all();
        // Who is still reading an answer, or waits for his password to be checked, has not asked yet what he wants to know
        // besides.
        let reading = &self.reading;
        let settled =
            self.people.iter_mut().filter(|(conn, person)| !person.waits && !reading.contains(conn));
        for (conn, person) in settled {
            if let Err(wrong) = belief::compare(*conn, person, self.engine.world()) {
                panic!("SEED={} step={}: {} {wrong}", self.seed, self.step, person.shown());
            }
        }
    }

    /// Sends what clients say by themselves, until none has anything more to say.
    fn answer_all(&mut self) {
        loop {
            let ready = self.people.iter_mut().filter(|(_, person)| !person.waits);
            let Some((conn, line)) =
                ready.filter_map(|(conn, person)| Some((*conn, person.pending.pop_front()?))).next()
            else {
                return;
            };
            self.give(Given::Line(conn, line));
        }
    }

    /// Gives one input, checks all its effects and lets those who hear something hear it.
    fn give(&mut self, given: Given) {
        self.note(&given);
        if let Given::Reload(settings) = &given {
            self.settings = Arc::new(*settings.clone());
        }
        if let Given::Line(conn, line) = &given {
            self.people.get_mut(conn).expect("who speaks is there").say(line);
        }
        let mut effects = Vec::new();
        self.engine.handle(self.now, given.input(), &mut effects);
        self.engine.check();
        self.memory.learn(&effects, &self.settings);
        let answer = Answer::expected(&given, &effects, &mut self.people);
        let heard = ear::lines(&effects, &self.people);
        for (conn, line) in &heard {
            self.log_line(format!("         {conn:?} < {}", line.trim_end()));
        }
        ear::check_closed(&effects, &mut self.people);
        answer.check(&heard, &mut self.people);
        ear::check_messages(&given, &effects, &heard, &self.people, self.engine.world());
        lines::check(&effects, &heard, &self.people, self.engine.world());
        for (conn, line) in &heard {
            let person = self.people.get_mut(conn).expect("the line was checked for its receiver");
            ear::check_line(person, line, self.now);
            self.memory.check(person, line);
            person.hear(line);
        }
        self.given.push((self.now, given, replay::fingerprint(&effects)));
        self.carry_out(effects);
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        let mut reload = false;
        for effect in effects {
            match effect {
                // The server would end, and the story with it.
                Effect::Stop { .. } | Effect::Restart { .. } => {}
                Effect::Send { .. } | Effect::Fan { .. } => {}
                // Used again, which the replay does not.
                Effect::Answer { lines, .. } => self.engine.keep(lines),
                Effect::Close { conn, .. } => drop(self.people.remove(&conn)),
                Effect::Check { conn, .. } => {
                    self.people.get_mut(&conn).expect("whose secret is checked is not closed").waits = true;
                    self.checking.push_back((conn, self.random.percent(70)));
                }
                Effect::More { conn } => {
                    self.people.get_mut(&conn).expect("who is told more is not closed").waits = true;
                    self.reading.push_back(conn);
                }
                Effect::Reload => reload = true,
                Effect::Happened { event, .. } => {
                    self.happened.push((event, Arc::clone(&self.settings)));
                }
            }
        }
        if reload {
            let settings = self.other_settings();
            self.give(Given::Reload(Box::new(settings)));
        }
    }

    /// Time passes: everybody whose time comes is looked at at his moment, and those who are asked answer.
    fn pass(&mut self, ms: u64) {
        let until_ms = self.now.monotonic_ms + ms;
        while let Some(at_ms) = self.engine.next_deadline().filter(|at| *at <= until_ms) {
            assert!(at_ms >= self.now.monotonic_ms, "a deadline lies in the past");
            self.move_clock(at_ms);
            self.give(Given::Tick);
            let next_ms = self.engine.next_deadline();
            assert!(next_ms.is_none_or(|next| next > at_ms), "a deadline stays after its look");
            self.answer_all();
        }
        self.move_clock(until_ms);
    }

    fn move_clock(&mut self, to_ms: u64) {
        let passed_ms = to_ms - self.now.monotonic_ms;
        self.now = Now { monotonic_ms: to_ms, wall: Timestamp(self.now.wall.0 + passed_ms) };
    }

    fn other_settings(&mut self) -> Settings {
        let mut other = settings(&mut self.random);
        other.password_hash = self.start.1.password_hash.clone();
        other
    }

    fn note(&mut self, given: &Given) {
        let line = match given {
            Given::Line(conn, line) => format!("{conn:?} > {}", String::from_utf8_lossy(line)),
            Given::Reload(_) => "Reload".to_owned(),
            given => format!("{given:?}"),
        };
        self.log_line(format!("[{:3}] {line}", self.step));
    }

    fn log_line(&mut self, line: String) {
        if self.log.len() == LOG_LINES {
            self.log.pop_front();
        }
        self.log.push_back(line);
    }
}

/// The kind of an event, as its variant is called.
fn kind(event: &Event) -> String {
    let shown = format!("{:?}", event.what);
    shown.split('(').next().unwrap_or_default().to_owned()
}

/// Settings with small limits, so that people run into them.
fn settings(random: &mut Random) -> Settings {
    let mut settings = Settings { server_name: "srv.sim".to_owned(), ..Settings::default() };
    let operator = |name: &str, privileges| Operator {
        name: name.to_owned(),
        password_hash: "(hash)".into(),
        host_mask: "*".to_owned(),
        privileges,
    };
    settings.operators.push(operator("root", Privileges::ordinary()));
    let some = Privilege::ALL.iter().map(|row| row.0).filter(|_| random.percent(50)).collect();
    settings.operators.push(operator("half", some));
    if random.percent(10) {
        settings.password_hash = Some("(hash)".into());
    }
    settings.creator_rank = *random.pick(&[Rank::Op, Rank::Op, Rank::Admin, Rank::Founder]);
    settings.history_on_join = random.below(5);
    settings.history_lines_max = random.below(8);
    settings.history_channels_max = random.below(3);
    settings.icon = random.percent(50).then(|| "https://sim.example/icon.svg".to_owned());
    settings.history_events_max = random.below(8);
    settings.history_direct_lines_max = random.below(5);
    settings.history_direct_pairs_max = random.below(4);
    settings.redact_ms_max = *random.pick(&[0, 20_000, 86_400_000]);
    settings.redact_by_operators = random.percent(70);
    let limits = &mut settings.limits;
    limits.metadata_keys_max = 1 + random.below(3);
    limits.metadata_subs_max = 1 + random.below(4);
    limits.metadata_sync_max = random.below(5);
    limits.monitored_max = 1 + random.below(4);
    limits.channels_per_user_max = 1 + random.below(6);
    limits.masks_per_list_max = 1 + random.below(4);
    limits.modes_max = 1 + random.below(6);
    limits.targets_max = 1 + random.below(4);
    limits.topic_bytes_max = 1 + random.below(390);
    limits.key_bytes_max = 1 + random.below(12);
    limits.invitations_per_user_max = 1 + random.below(3);
    limits.knock_per_user_ms = 1000 * random.below(10) as u64;
    limits.knock_per_channel_ms = 1000 * random.below(5) as u64;
    limits.whowas_max = random.below(6);
    limits.server_bans_max = random.below(6);
    limits.part_bytes_max = 1 + random.below(600);
    limits.multiline_bytes_max = 512 + random.below(1000);
    limits.multiline_lines_max = 2 + random.below(6);
    limits.batch_ms_max = 1000 + random.below(30_000) as u64;
    limits.ping_after_ms = 20_000 + 1000 * random.below(100) as u64;
    settings
}
