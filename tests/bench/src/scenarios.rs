//! The table of scenarios: what people do, what is measured, and what the goal is.

use std::time::Duration;

use crate::load::Speech;

/// A scenario.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// What it is called.
    pub name: &'static str,
    /// What happens, for readers.
    pub tells: &'static str,
    /// What happens.
    pub act: Act,
    /// What is measured, and what it shall be.
    pub measures: &'static [(Figure, Goal)],
}

/// What happens.
#[derive(Clone, Copy, Debug)]
pub enum Act {
    /// People talk in rooms.
    Talk {
        /// How the people are spread.
        crowd: Crowd,
        /// How they talk.
        speech: Speech,
    },
    /// People connect, register and are silent.
    Idle {
        /// How many.
        people: usize,
    },
    /// People who have registered enter one room all at once.
    Storm {
        /// How many.
        people: usize,
    },
    /// One keeps PINGs in flight.
    Ping {
        /// How many PINGs.
        flying: usize,
        /// For how long.
        span: Duration,
    },
}

/// People in rooms.
#[derive(Clone, Copy, Debug)]
pub struct Crowd {
    /// How many people.
    pub people: usize,
    /// How many rooms.
    pub rooms: usize,
    /// In how many of them each is.
    pub rooms_each: usize,
    /// How many of them say something.
    pub speakers: usize,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Figure {
    /// The server's processor time for each delivery.
    CpuPerDelivery,
    /// How many deliveries there are in a second.
    DeliveriesPerSecond,
    /// From saying to the last one's hearing, at the median.
    ToLastP50,
    /// The same at the 99th of a hundred.
    ToLastP99,
    /// The server's memory for each who is silent.
    BytesEach,
    /// The server's processor time for each who connects and registers.
    CpuPerEntry,
    /// The server's processor time for the storm.
    CpuOfStorm,
    /// The server's processor time for each PING.
    CpuPerPing,
    /// The server's processor time in a second in which nothing happens.
    CpuIdle,
}

impl Figure {
    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::CpuPerDelivery => "CPU µs per delivery",
            Self::DeliveriesPerSecond => "million deliveries/s",
            Self::ToLastP50 => "µs to the last, p50",
            Self::ToLastP99 => "µs to the last, p99",
            Self::BytesEach => "bytes per connection",
            Self::CpuPerEntry => "CPU µs per entry",
            Self::CpuOfStorm => "CPU s",
            Self::CpuPerPing => "CPU µs per PING",
            Self::CpuIdle => "CPU ms per idle second",
        }
    }

    /// Digits after the point, in tables.
    pub fn digits(self) -> usize {
        match self {
            Self::CpuPerDelivery | Self::CpuOfStorm => 3,
            Self::DeliveriesPerSecond | Self::CpuPerPing | Self::CpuIdle => 2,
            Self::CpuPerEntry => 1,
            Self::ToLastP50 | Self::ToLastP99 | Self::BytesEach => 0,
        }
    }
}

/// What a figure shall be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Goal {
    /// At most so many times the floor's.
    Floors(f64),
    /// At most so much.
    AtMost(f64),
    /// Whatever it is.
    Open,
}

impl Goal {
    /// Whether it is met; `None` if there is none, or the floor was not measured.
    pub fn is_met(self, figure: f64, ratio: Option<f64>) -> Option<bool> {
        match self {
            Self::Floors(times) => ratio.map(|ratio| ratio <= times),
            Self::AtMost(most) => Some(figure <= most),
            Self::Open => None,
        }
    }
}

impl std::fmt::Display for Goal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Floors(times) => write!(f, "≤ {times} × floor"),
            Self::AtMost(most) => write!(f, "≤ {most}"),
            Self::Open => Ok(()),
        }
    }
}

const fn room(people: usize, speakers: usize) -> Crowd {
    Crowd { people, rooms: 1, rooms_each: 1, speakers }
}

const fn rooms(people: usize, rooms: usize, rooms_each: usize) -> Crowd {
    Crowd { people, rooms, rooms_each, speakers: people }
}

const fn talk(crowd: Crowd, speech: Speech) -> Act {
    Act::Talk { crowd, speech }
}

const fn steady(per_second: f64, burst: u32) -> Speech {
    Speech::Steady { per_second, burst, span: Duration::from_secs(1) }
}

const FLOOD: &[(Figure, Goal)] =
    &[(Figure::CpuPerDelivery, Goal::Floors(2.0)), (Figure::DeliveriesPerSecond, Goal::Open)];
const BURST: &[(Figure, Goal)] = &[(Figure::CpuPerDelivery, Goal::Floors(1.1))];
const RATE: &[(Figure, Goal)] = &[(Figure::CpuPerDelivery, Goal::Floors(1.15))];
const LATENCY: &[(Figure, Goal)] = &[(Figure::ToLastP50, Goal::Floors(1.1)), (Figure::ToLastP99, Goal::Open)];
const PING: &[(Figure, Goal)] = &[(Figure::CpuPerPing, Goal::Floors(1.4))];
const IDLE: &[(Figure, Goal)] = &[
    (Figure::BytesEach, Goal::AtMost(1536.0)),
    (Figure::CpuPerEntry, Goal::AtMost(35.0)),
    (Figure::CpuIdle, Goal::Open),
];

/// All scenarios.
#[rustfmt::skip]
pub const SCENARIOS: &[Scenario] = &[
    Scenario { name: "flood100",     tells: "1 of 100 talks as fast as he can",                 act: talk(room(100, 1), Speech::Flood { messages: 10_000 }),   measures: FLOOD },
    Scenario { name: "flood1000",    tells: "1 of 1,000 talks as fast as he can",               act: talk(room(1000, 1), Speech::Flood { messages: 1000 }),    measures: FLOOD },
    Scenario { name: "flood1000k10", tells: "10 of 1,000 talk as fast as they can",             act: talk(room(1000, 10), Speech::Flood { messages: 1000 }),   measures: FLOOD },
    Scenario { name: "burst1000",    tells: "10 of 1,000 say one line each at once, 5 times a second", act: talk(room(1000, 10), steady(50.0, 10)),            measures: BURST },
    Scenario { name: "turns1000",    tells: "16 of 1,000 say a line when all have heard their last",   act: talk(room(1000, 16), Speech::InTurn { messages: 500 }), measures: BURST },
    Scenario { name: "rate1000",     tells: "10 of 1,000 say 50 lines a second",                act: talk(room(1000, 10), steady(50.0, 1)),                    measures: RATE },
    Scenario { name: "rate100",      tells: "10 of 100 say 500 lines a second",                 act: talk(room(100, 10), steady(500.0, 1)),                    measures: RATE },
    Scenario { name: "rooms100x10",  tells: "100 rooms of 10, 4,000 lines a second",            act: talk(rooms(1000, 100, 1), steady(4000.0, 1)),             measures: RATE },
    Scenario { name: "rooms10each",  tells: "100 rooms of 100, each in 10, 400 lines a second", act: talk(rooms(1000, 100, 10), steady(400.0, 1)),             measures: RATE },
    Scenario { name: "latency100",   tells: "1 of 100 says 200 lines a second",                 act: talk(room(100, 1), steady(200.0, 1)),                     measures: LATENCY },
    Scenario { name: "ping64",       tells: "64 PINGs in flight",                               act: Act::Ping { flying: 64, span: Duration::from_secs(1) },   measures: PING },
    Scenario { name: "idle",         tells: "9,000 connect, register and are silent",           act: Act::Idle { people: 9000 },                               measures: IDLE },
    Scenario { name: "storm1000",    tells: "1,000 enter one room at once",                     act: Act::Storm { people: 1000 },                              measures: &[(Figure::CpuOfStorm, Goal::AtMost(0.1))] },
    Scenario { name: "storm2000",    tells: "2,000 enter one room at once",                     act: Act::Storm { people: 2000 },                              measures: &[(Figure::CpuOfStorm, Goal::AtMost(0.4))] },
];

/// A hundredth of the messages and a part of the people and of the time, to see that all of it works.
const TINY: usize = 20;

impl Scenario {
    /// The same on a small scale. Its figures mean nothing.
    pub fn tiny(mut self) -> Self {
        let span = |span: Duration| span / TINY as u32;
        match &mut self.act {
            Act::Talk { crowd, speech } => {
                crowd.people = crowd.people.div_ceil(TINY).max(crowd.rooms_each.max(5));
                crowd.rooms = crowd.rooms.div_ceil(10);
                crowd.rooms_each = crowd.rooms_each.min(3);
                crowd.speakers = crowd.speakers.min(crowd.people);
                match speech {
                    Speech::Flood { messages } | Speech::InTurn { messages } => *messages /= TINY as u32 * 5,
                    Speech::Steady { span: length, .. } => *length = span(*length),
                }
            }
            Act::Idle { people } | Act::Storm { people } => *people /= TINY * 5,
            Act::Ping { span: length, .. } => *length = span(*length),
        }
        self
    }

    /// The most connections that it needs at once.
    pub fn people(&self) -> usize {
        match self.act {
            Act::Talk { crowd, .. } => crowd.people,
            Act::Idle { people } | Act::Storm { people } => people,
            Act::Ping { .. } => 1,
        }
    }
}
