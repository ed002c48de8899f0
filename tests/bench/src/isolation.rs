//! The isolation table: how long a line takes to the last one of a chatting room, undisturbed and beside others who
//! want all of the server.

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::contestant::Contestant;
use crate::load::{Load, Speech};
use crate::machine::Core;
use crate::nuisance::{CROWD, Disturbance, Nuisance};
use crate::run::{gather, talk};
use crate::scenarios::{Crowd, Figure};
use crate::table::{Table, median, number};

/// A room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Room {
    /// Twenty people, 200 lines a second.
    Chatting,
    /// Twenty people, 2,000 long lines a second.
    Busy,
    /// The same, and one of them reads nothing.
    BusyWithDeaf,
}

/// What a room is beside.
#[derive(Clone, Copy, Debug)]
struct Case {
    tells: &'static str,
    room: Room,
    beside: Option<Nuisance>,
    /// How many of those.
    count: usize,
    /// For how long they talk.
    span: Duration,
    /// How many times the undisturbed room's p99 it may be.
    goal: f64,
}

const fn beside(tells: &'static str, nuisance: Nuisance, count: usize) -> Case {
    Case { tells, room: Room::Chatting, beside: Some(nuisance), count, span: SPAN, goal: 2.0 }
}

/// Somebody disturbs only now and then.
const fn at_times_beside(tells: &'static str, nuisance: Nuisance) -> Case {
    Case { span: LONG_SPAN, ..beside(tells, nuisance, 1) }
}

const fn alone(tells: &'static str, room: Room, goal: f64) -> Case {
    Case { tells, room, beside: None, count: 0, span: SPAN, goal }
}

/// All cases; an undisturbed room stands before those that are compared with it.
#[rustfmt::skip]
const CASES: &[Case] = &[
    Case { span: LONG_SPAN, ..alone("undisturbed",                   Room::Chatting, 1.0) },
    beside("one floods another room of 20",                          Nuisance::Flooder, 1),
    beside("one does not read a flood, is closed and comes again",   Nuisance::Deaf, 1),
    beside("LIST of 2,000 rooms, asked 4 times at once for ever",    Nuisance::List, 1),
    beside("WHO of 1,000 people, likewise",                          Nuisance::Who, 1),
    beside("CHATHISTORY of 100 lines, likewise",                     Nuisance::History, 1),
    at_times_beside("1,000 enter a room at once and leave it, each second", Nuisance::Storms),
    beside("the same without a pause",  Nuisance::Joins, 1),
    beside("people connect, register and are gone, 64 at a time",    Nuisance::Entries, 1),
    beside("4 readers take the guard of the segment without a pause", Nuisance::Reader, 4),
    beside("4 processes that want nothing of the server, without a pause", Nuisance::Idler, 4),
    alone("2,000 lines of 400 bytes a second, undisturbed",          Room::Busy, 1.0),
    alone("2,000 lines of 400 bytes a second, one member reads nothing", Room::BusyWithDeaf, 1.1),
];

/// For how long they talk.
const SPAN: Duration = Duration::from_secs(2);
/// The same where one second is not like the other, and of those with whom all others are compared. A storm each second lasts for
/// a twentieth of it: in two seconds some twenty lines were said in storms, and with four of all 400 above it, the p99 was a matter
/// of where those fell.
const LONG_SPAN: Duration = Duration::from_secs(8);
/// People in a room.
const PEOPLE: usize = 20;
/// Bytes of a long line.
const LONG_BYTES: usize = 400;

/// What was measured: for each case, p50 and p99 of each round.
#[derive(Debug)]
pub struct Isolation {
    rows: Vec<(Case, Vec<f64>, Vec<f64>)>,
    rounds: usize,
}

/// Measures all cases in turn. The load and who disturbs share a core; who disturbs gets what the load leaves.
/// A shorter time and smaller crowds if `shrink` is more than one. Only the cases in which those who disturb are `asked`
/// for, and the undisturbed room.
///
/// # Errors
/// If a run fails.
pub fn isolation(
    contestant: &Contestant,
    rounds: usize,
    asked: impl Fn(&str) -> bool,
    shrink: u32,
    cores: Option<(Core, Core)>,
    progress: &mut dyn FnMut(&str),
) -> Result<Isolation> {
    let cases = CASES.iter().filter(|case| case.beside.is_none_or(|nuisance| asked(nuisance.name())));
    let mut rows: Vec<_> = cases.map(|case| (*case, Vec::new(), Vec::new())).collect();
    for round in 1..=rounds {
        for (case, p50, p99) in &mut rows {
            progress(&format!("round {round} of {rounds}: {}", case.tells));
            let figures = measure(contestant, *case, shrink, cores).with_context(|| case.tells)?;
            p50.push(figures.0);
            p99.push(figures.1);
        }
    }
    Ok(Isolation { rows, rounds })
}

fn measure(
    contestant: &Contestant,
    case: Case,
    shrink: u32,
    cores: Option<(Core, Core)>,
) -> Result<(f64, f64)> {
    let house = contestant.open(cores.map(|cores| cores.0))?;
    let mut load = Load::new(contestant.dialect(), house.address, 'n')?;
    let per_second = match case.room {
        Room::Chatting => 200.0,
        Room::Busy | Room::BusyWithDeaf => 2000.0,
    };
    if case.room != Room::Chatting {
        load.set_payload(LONG_BYTES);
    }
    gather(&mut load, Crowd { people: PEOPLE, rooms: 1, rooms_each: 1, speakers: PEOPLE - 1 })?;
    if case.room == Room::BusyWithDeaf {
        load.deafen(PEOPLE - 1);
        load.ledger.hearers[0] -= 1;
    }
    let crowd = CROWD / shrink as usize;
    let begin = |nuisance| Disturbance::begin(nuisance, crowd, &house, cores.map(|cores| cores.1));
    let disturbances: Result<Vec<_>> = (0..case.count).filter_map(|_| case.beside.map(begin)).collect();
    let disturbances = disturbances?;
    let span = case.span / shrink;
    let outcome = talk(&mut load, &house, Speech::Steady { per_second, burst: 1, span })?;
    drop(disturbances);
    let figure = |figure| outcome.figures.get(&figure).copied().unwrap_or_default();
    Ok((figure(Figure::ToLastP50), figure(Figure::ToLastP99)))
}

impl Isolation {
    /// As text.
    pub fn table(&self) -> Table {
        let mut table = Table::new(["beside", "p50 µs", "p99 µs", "p99 ratio", "goal", ""]);
        for (case, p50, p99, ratio) in self.figures() {
            let undisturbed = case.goal == 1.0;
            let met = if ratio <= case.goal { "met" } else { "missed" };
            let unless = |text: String| if undisturbed { String::new() } else { text };
            table.row(vec![
                case.tells.to_owned(),
                number(p50, 0),
                number(p99, 0),
                unless(number(ratio, 2)),
                unless(format!("≤ {} × undisturbed", case.goal)),
                unless(met.to_owned()),
            ]);
        }
        table
    }

    /// What a reader of the table has to know.
    pub fn note(&self) -> String {
        format!(
            "From saying a line to the last of a room's 20 people; medians of {} rounds. The rooms but the last two have \
             200 lines a second.",
            self.rounds
        )
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let rows = self.figures().map(|(case, p50, p99, ratio)| {
            json!({ "beside": case.tells, "p50_us": p50, "p99_us": p99, "p99_ratio": ratio, "goal": case.goal })
        });
        json!({ "rounds": self.rounds, "rows": rows.collect::<Vec<_>>() })
    }

    /// Each case with its medians, and the ratio of its p99 to that of the undisturbed room before it.
    fn figures(&self) -> impl Iterator<Item = (Case, f64, f64, f64)> {
        let mut undisturbed = f64::NAN;
        self.rows.iter().map(move |(case, p50, p99)| {
            let (p50, p99) = (median(p50).unwrap_or_default(), median(p99).unwrap_or_default());
            if case.goal == 1.0 {
                undisturbed = p99;
            }
            (*case, p50, p99, p99 / undisturbed)
        })
    }
}
