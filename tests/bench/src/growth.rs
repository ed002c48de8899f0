//! The growth tables: what a delivery, a person and a room cost with few and with many of them.

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::contestant::{Contestant, House};
use crate::load::{Load, Speaker, Speech};
use crate::machine::{self, Core};
use crate::run::{Mark, gather, talk};
use crate::scenarios::{Crowd, Figure};
use crate::table::{Table, median, number};

/// Sizes, where nothing makes them smaller.
const SIZES: [usize; 4] = [10, 100, 1000, 10_000];
/// Deliveries of a flood, whatever its size,
const DELIVERIES: usize = 1_000_000;
/// unless so few messages would be over before they were a flood.
const MESSAGES_MIN: usize = 1000;
/// People who hold rooms open, at most; so that each is in no more than the server lets him.
const KEEPERS_MAX: usize = 1000;
/// The room of those who talk beside others: the last that has a name of four digits, and one of the ten thousand.
const OWN_ROOM: u32 = 9999;
/// How long a server is watched that has nothing to do.
const IDLE: Duration = Duration::from_secs(1);

/// What grows.
#[derive(Clone, Copy, Debug)]
enum Series {
    /// A room, in which one talks as fast as he can.
    Room,
    /// The rooms of ten people each, in all of which together 2,000 lines a second are said.
    Rooms,
    /// The rooms in which nobody says anything, beside one of a hundred people in which one talks as fast as he can.
    Others,
    /// Silent people.
    Silent,
}

impl Series {
    const ALL: [Self; 4] = [Self::Room, Self::Rooms, Self::Others, Self::Silent];

    fn tells(self) -> &'static str {
        match self {
            Self::Room => "people in one room, one talks as fast as he can: CPU µs per delivery",
            Self::Rooms => "people in rooms of ten, 2,000 lines a second in all: CPU µs per delivery",
            Self::Others => {
                "silent rooms beside one of 100 people in which one talks as fast as he can: CPU µs per delivery"
            }
            Self::Silent => "silent people: CPU ms of the server in a second",
        }
    }
}

/// A point of a curve: in each round the server's figure, the floor's, and the server's bytes for each that there is more.
#[derive(Debug)]
struct Point {
    series: Series,
    size: usize,
    parlord: Vec<f64>,
    floor: Vec<f64>,
    bytes_each: Vec<f64>,
}

/// What was measured.
#[derive(Debug)]
pub struct Growth {
    points: Vec<Point>,
    start: Vec<Start>,
}

/// A server that has just been started.
#[derive(Debug)]
struct Start {
    start_ms: f64,
    cpu_ms: f64,
    bytes: f64,
}

/// Measures all curves, up to as many people as there may be open files. A part of them if `shrink` is more than one.
///
/// # Errors
/// If a run fails.
pub fn growth(
    rounds: usize,
    files: usize,
    shrink: usize,
    core: Option<Core>,
    progress: &mut dyn FnMut(&str),
) -> Result<Growth> {
    let mut points = Vec::new();
    for series in Series::ALL {
        for size in SIZES.into_iter().filter(|size| size + 64 < files && *size <= 10_000 / shrink) {
            points.push(Point {
                series,
                size,
                parlord: Vec::new(),
                floor: Vec::new(),
                bytes_each: Vec::new(),
            });
        }
    }
    let mut start = Vec::new();
    for round in 1..=rounds {
        progress(&format!("round {round} of {rounds}: start"));
        let house = Contestant::Parlord.open(core)?;
        let cpu_ms = house.cpu_ns()? as f64 / 1e6;
        let bytes = machine::resident_bytes(house.pid())? as f64;
        start.push(Start { start_ms: house.start.as_secs_f64() * 1e3, cpu_ms, bytes });
        drop(house);
        for point in &mut points {
            let (series, size) = (point.series, point.size);
            progress(&format!("round {round} of {rounds}: {size} {}", series.tells()));
            let measured = measure(&Contestant::Parlord, series, size, shrink, core);
            let (figure, bytes) = measured.with_context(|| format!("{size} {}", series.tells()))?;
            point.parlord.push(figure);
            point.bytes_each.push(bytes / size as f64);
            let (figure, _) = measure(&Contestant::Floor, series, size, shrink, core)?;
            point.floor.push(figure);
        }
    }
    Ok(Growth { points, start })
}

/// The figure, and the bytes by which the server's memory grew.
fn measure(
    contestant: &Contestant,
    series: Series,
    size: usize,
    shrink: usize,
    core: Option<Core>,
) -> Result<(f64, f64)> {
    let house = contestant.open(core)?;
    let empty = machine::resident_bytes(house.pid())?;
    let mut load = Load::new(contestant.dialect(), house.address, 'n')?;
    let figure = match series {
        Series::Room => {
            gather(&mut load, Crowd { people: size, rooms: 1, rooms_each: 1, speakers: 1 })?;
            let messages = ((DELIVERIES / size).max(MESSAGES_MIN) / shrink).max(1) as u32;
            per_delivery(&mut load, &house, Speech::Flood { messages })?
        }
        Series::Rooms => {
            gather(&mut load, Crowd { people: size, rooms: size / 10, rooms_each: 1, speakers: size })?;
            let span = Duration::from_secs(1) / shrink as u32;
            per_delivery(&mut load, &house, Speech::Steady { per_second: 2000.0, burst: 1, span })?
        }
        Series::Others => {
            let keepers = size.min(KEEPERS_MAX);
            let of_each = size / keepers;
            load.enter(keepers)?;
            let room = |person: usize, nth: usize| (person * of_each + nth) as u32;
            let rooms =
                |person| (0..of_each).map(|nth| room(person, nth)).filter(|room| *room < OWN_ROOM).collect();
            load.join(0..keepers, rooms)?;
            return beside_others(&mut load, &house, empty, keepers, shrink);
        }
        Series::Silent => {
            load.enter(size)?;
            load.linger(IDLE / 2)?;
            let begin = Mark::of(&house)?;
            load.linger(IDLE / shrink as u32)?;
            let end = Mark::of(&house)?;
            end.cpu_s_since(&begin) * 1e3 / end.s_since(&begin)
        }
    };
    Ok((figure, machine::resident_bytes(house.pid())?.saturating_sub(empty) as f64))
}

/// One talks to a hundred in a room of their own. The memory is that from before they came.
fn beside_others(
    load: &mut Load,
    house: &House,
    empty: u64,
    keepers: usize,
    shrink: usize,
) -> Result<(f64, f64)> {
    let full = machine::resident_bytes(house.pid())?.saturating_sub(empty) as f64;
    load.enter(100)?;
    load.join(keepers..keepers + 100, |_| vec![OWN_ROOM])?;
    load.ledger.hearers[OWN_ROOM as usize] -= 1;
    load.ledger.speakers = vec![Speaker::new(keepers, vec![OWN_ROOM])];
    load.warm_up()?;
    let figure = per_delivery(load, house, Speech::Flood { messages: (10_000 / shrink) as u32 })?;
    Ok((figure, full))
}

fn per_delivery(load: &mut Load, house: &House, speech: Speech) -> Result<f64> {
    let outcome = talk(load, house, speech)?;
    Ok(outcome.figures.get(&Figure::CpuPerDelivery).copied().unwrap_or_default())
}

impl Growth {
    /// As text: a table a curve.
    pub fn tables(&self) -> Vec<Table> {
        let mut tables = Vec::new();
        for series in Series::ALL {
            let mut table = Table::new(["how many", "parlord", "floor", "ratio", "parlord's bytes each"]);
            table.across(series.tells());
            for point in self.points.iter().filter(|point| point.series.tells() == series.tells()) {
                let of = |values: &[f64]| median(values).unwrap_or_default();
                let (parlord, floor) = (of(&point.parlord), of(&point.floor));
                table.row(vec![
                    number(point.size as f64, 0),
                    number(parlord, 3),
                    number(floor, 3),
                    number(parlord / floor, 2),
                    number(of(&point.bytes_each), 0),
                ]);
            }
            tables.push(table);
        }
        let mut table = Table::new(["start", "ms until it listens", "CPU ms", "MiB"]);
        let of = |value: fn(&Start) -> f64| {
            median(&self.start.iter().map(value).collect::<Vec<_>>()).unwrap_or_default()
        };
        let mebibytes = of(|start| start.bytes) / 1024.0 / 1024.0;
        table.row(vec![
            "parlord".to_owned(),
            number(of(|start| start.start_ms), 1),
            number(of(|start| start.cpu_ms), 1),
            number(mebibytes, 1),
        ]);
        tables.push(table);
        tables
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let points = self.points.iter().map(|point| {
            json!({
                "series": point.series.tells(), "size": point.size, "parlord": point.parlord, "floor": point.floor,
                "bytes_each": point.bytes_each,
            })
        });
        let start = self.start.iter();
        let start =
            start.map(|start| json!({ "ms": start.start_ms, "cpu_ms": start.cpu_ms, "bytes": start.bytes }));
        json!({ "points": points.collect::<Vec<_>>(), "start": start.collect::<Vec<_>>() })
    }
}
