//! Who makes the server busy, each in a process of his own, until he is ended.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::net::SocketAddrV4;
use std::process::{Child, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use segment::{Key, Reader};

use crate::contestant::House;
use crate::load::{Dialect, Load};
use crate::machine::{self, Core};
use crate::role::{Role, idle_command};

/// The room of those who disturb.
const ROOM: u32 = 5000;
/// People in it, where it has to be a usual one.
const ROOM_PEOPLE: usize = 20;
/// People in it, where it has to be a large one, and people of a storm.
pub const CROWD: usize = 1000;
/// Rooms of a long LIST for each of a crowd, and rooms that each who holds some open is in.
const ROOMS_EACH: usize = 2;
const ROOMS_OF_KEEPER: usize = 20;
/// Lines said at once by one who floods.
const LINES_AT_ONCE: usize = 64;
/// Lines said for the history to be full.
const HISTORY_LINES: usize = 200;
/// Questions that are asked before the first is answered.
const QUESTIONS: usize = 4;
/// Connections that are made at once.
const ENTRIES: usize = 64;
/// How long a reader of the segment waits for its guard.
const GUARD_WAIT: Duration = Duration::from_secs(1);
/// The longest wait for the kernel.
const WAIT: Duration = Duration::from_millis(50);

/// What disturbs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nuisance {
    /// Somebody says things as fast as he can, in another room.
    Flooder,
    /// Somebody does not read what another says as fast as he can, until he is closed, and comes again.
    Deaf,
    /// Somebody asks for a long list of rooms, again and again.
    List,
    /// Somebody asks for all people of a large room, again and again.
    Who,
    /// Somebody asks for what was said, again and again.
    History,
    /// Many enter a room at once and leave it at once, each second.
    Storms,
    /// The same without a pause.
    Joins,
    /// People connect, register and are gone, as fast as they can.
    Entries,
    /// Somebody takes the guard of the segment as often as he can.
    Reader,
    /// Somebody computes without a pause and wants nothing of the server: what a reader does to the load's core, and no more.
    Idler,
}

impl Nuisance {
    const ALL: [(Self, &'static str); 10] = [
        (Self::Flooder, "flooder"),
        (Self::Deaf, "deaf"),
        (Self::List, "list"),
        (Self::Who, "who"),
        (Self::History, "history"),
        (Self::Storms, "storms"),
        (Self::Joins, "joins"),
        (Self::Entries, "entries"),
        (Self::Reader, "reader"),
        (Self::Idler, "idler"),
    ];

    /// What it is called on the command line.
    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}

/// Somebody who disturbs. He is ended when this is dropped.
#[derive(Debug)]
pub struct Disturbance(Child);

impl Disturbance {
    /// Begins to disturb a house, if it takes many with a crowd of so many; returns when he has what he needs for it.
    ///
    /// # Errors
    /// If he cannot.
    pub fn begin(nuisance: Nuisance, crowd: usize, house: &House, core: Option<Core>) -> Result<Self> {
        let mut command = idle_command(Role::Nuisance, core)?;
        command.args([nuisance.name(), &crowd.to_string(), &house.address.to_string()]);
        command.args(house.keys.as_ref().map(|keys| keys.segment.to_string()));
        let mut process = command.stdout(Stdio::piped()).spawn().context("chrt does not start")?;
        let output = process.stdout.take().context("it is piped")?;
        let disturbance = Self(process);
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        anyhow::ensure!(line == "ready\n", "{} cannot disturb", nuisance.name());
        Ok(disturbance)
    }
}

impl Drop for Disturbance {
    fn drop(&mut self) {
        // Both fail only if he has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Disturbs, as the arguments say, until somebody ends it.
///
/// # Errors
/// If the server does not bear it.
pub fn run(arguments: &[OsString]) -> Result<()> {
    let words: Vec<&str> = arguments.iter().filter_map(|word| word.to_str()).collect();
    let [name, crowd, address, key @ ..] = words.as_slice() else { bail!("what, how many and where?") };
    let nuisance = Nuisance::ALL.into_iter().find(|row| row.1 == *name).context("no such nuisance")?.0;
    if nuisance == Nuisance::Reader {
        return read(key.first().context("which segment?")?.parse().map_err(anyhow::Error::msg)?);
    }
    if nuisance == Nuisance::Idler {
        ready();
        loop {
            std::hint::spin_loop();
        }
    }
    machine::raise_open_files()?;
    let (crowd, address): (usize, SocketAddrV4) = (crowd.parse()?, address.parse()?);
    let mut load = Load::new(Dialect::Irc, address, 'x')?;
    match nuisance {
        Nuisance::Flooder => flood(&mut load),
        Nuisance::Deaf => flood_a_deaf_one(&mut load),
        Nuisance::List => {
            let keepers = (crowd * ROOMS_EACH).div_ceil(ROOMS_OF_KEEPER);
            load.enter(keepers)?;
            let room = |person: usize, nth: usize| ROOM + (person * ROOMS_OF_KEEPER + nth) as u32;
            let rooms = |person: usize| (0..ROOMS_OF_KEEPER).map(|nth| room(person, nth)).collect();
            load.join(0..keepers, rooms)?;
            ask(&mut load, "LIST")
        }
        Nuisance::Who => {
            load.enter(crowd)?;
            load.join(0..crowd, |_| vec![ROOM])?;
            ask(&mut load, &format!("WHO #r{ROOM}"))
        }
        Nuisance::History => {
            load.enter(2)?;
            load.join(0..2, |_| vec![ROOM])?;
            tell(&mut load, 0, "CAP REQ :batch server-time draft/chathistory")?;
            tell(&mut load, 1, &vec![line(); HISTORY_LINES].join("\r\n"))?;
            ask(&mut load, &format!("CHATHISTORY LATEST #r{ROOM} * 100"))
        }
        Nuisance::Storms => come_and_go(&mut load, crowd, Duration::from_secs(1)),
        Nuisance::Joins => come_and_go(&mut load, crowd, Duration::ZERO),
        Nuisance::Entries => enter_and_leave(&mut load),
        Nuisance::Reader | Nuisance::Idler => unreachable!("they need no people"),
    }
}

fn ready() {
    println!("ready");
}

fn line() -> String {
    format!("PRIVMSG #r{ROOM} :{}", "~".repeat(100))
}

fn tell(load: &mut Load, person: usize, lines: &str) -> Result<()> {
    load.say_to_server(person, |_, out| {
        out.extend_from_slice(lines.as_bytes());
        out.extend_from_slice(b"\r\n");
    })
}

fn flood(load: &mut Load) -> Result<()> {
    load.enter(ROOM_PEOPLE)?;
    load.join(0..ROOM_PEOPLE, |_| vec![ROOM])?;
    let lines = vec![line(); LINES_AT_ONCE].join("\r\n");
    ready();
    loop {
        if load.has_said_all(0) {
            tell(load, 0, &lines)?;
        }
        load.pump(if load.has_said_all(0) { Duration::ZERO } else { WAIT })?;
    }
}

fn flood_a_deaf_one(load: &mut Load) -> Result<()> {
    load.enter(2)?;
    load.join(0..2, |_| vec![ROOM])?;
    load.deafen(1);
    load.forgives = true;
    let lines = vec![line(); LINES_AT_ONCE].join("\r\n");
    ready();
    let (mut quits, mut is_in) = (load.counts.quits, true);
    loop {
        if load.has_said_all(0) {
            tell(load, 0, &lines)?;
        }
        load.pump(if load.has_said_all(0) { Duration::ZERO } else { WAIT })?;
        if load.counts.quits > quits {
            quits = load.counts.quits;
            is_in = false;
            load.replace(1)?;
        }
        if !is_in && load.is_here(1) {
            is_in = true;
            tell(load, 1, &format!("JOIN #r{ROOM}"))?;
            load.deafen(1);
        }
    }
}

fn ask(load: &mut Load, question: &str) -> Result<()> {
    let question = format!("{question}\r\nPING x");
    for _ in 0..QUESTIONS {
        tell(load, 0, &question)?;
    }
    let mut answered = 0;
    // The first answer shows that there are answers.
    while load.counts.pongs == 0 {
        load.pump(WAIT)?;
    }
    ready();
    loop {
        load.pump(WAIT)?;
        for _ in answered..load.counts.pongs {
            tell(load, 0, &question)?;
        }
        answered = load.counts.pongs;
    }
}

fn come_and_go(load: &mut Load, crowd: usize, pause: Duration) -> Result<()> {
    load.enter(crowd)?;
    ready();
    let mut entered = load.counts.entered;
    let mut words = format!("JOIN #r{ROOM}");
    loop {
        for person in 0..crowd {
            tell(load, person, &words)?;
        }
        entered += crowd;
        while load.counts.entered < entered {
            load.pump(WAIT)?;
        }
        words = format!("PART #r{ROOM}\r\nJOIN #r{ROOM}");
        load.linger(pause)?;
    }
}

fn enter_and_leave(load: &mut Load) -> Result<()> {
    load.forgives = true;
    load.enter(ENTRIES)?;
    ready();
    loop {
        for person in 0..ENTRIES {
            if load.is_here(person) {
                load.replace(person)?;
            }
        }
        load.pump(WAIT)?;
    }
}

fn read(key: Key) -> Result<()> {
    let reader = Reader::open(key, None)?;
    ready();
    loop {
        // Who does not get it tries again; the server is who must not be kept.
        let _ = reader.snapshot_guarded(GUARD_WAIT);
    }
}
