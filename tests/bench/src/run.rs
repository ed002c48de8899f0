//! One run: a fresh server, people who do what the scenario says, and what that cost.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use nix::unistd::Pid;

use crate::contestant::{Contestant, House};
use crate::load::{Dialect, Load, Speaker, Speech};
use crate::machine::{self, Core};
use crate::scenarios::{Act, Crowd, Figure};

/// How long somebody has to come to rest before his memory is looked at.
const REST: Duration = Duration::from_millis(300);
/// The longest pause between two looks at what has come.
const WAIT: Duration = Duration::from_millis(50);
/// Steps from one room of a person to the next, so that no two groups of people share all of theirs. Each has nothing
/// in common with a number of rooms like 10 or 100.
const STEPS: [usize; 10] = [1, 3, 7, 9, 11, 13, 17, 19, 21, 23];

/// What a run gave.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// What was measured.
    pub figures: BTreeMap<Figure, f64>,
    /// Cores that other programs of the machine used meanwhile.
    pub others: f64,
}

/// The counters of everybody at an instant.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    at: Instant,
    server_ns: u64,
    own_ns: u64,
    busy_ns: u64,
}

impl Mark {
    /// Now.
    ///
    /// # Errors
    /// If the server is gone.
    pub fn of(house: &House) -> Result<Self> {
        let own_ns = machine::cpu_ns(Pid::this())?;
        let (at, busy_ns) = (Instant::now(), machine::busy_ns()?);
        Ok(Self { at, server_ns: house.cpu_ns().context("the server has ended")?, own_ns, busy_ns })
    }

    /// Seconds of the server's processor time between an earlier one and this.
    pub fn cpu_s_since(&self, earlier: &Self) -> f64 {
        (self.server_ns - earlier.server_ns) as f64 / 1e9
    }

    /// Seconds between an earlier one and this.
    pub fn s_since(&self, earlier: &Self) -> f64 {
        (self.at - earlier.at).as_secs_f64()
    }

    /// Cores that neither the server nor this process used.
    pub fn others_since(&self, earlier: &Self) -> f64 {
        let ours = self.server_ns - earlier.server_ns + self.own_ns - earlier.own_ns;
        let others = (self.busy_ns - earlier.busy_ns).saturating_sub(ours);
        others as f64 / 1e9 / self.s_since(earlier).max(1e-9)
    }
}

/// Carries out one run.
///
/// # Errors
/// If anything happens that must not.
pub fn run(contestant: &Contestant, act: Act, core: Option<Core>) -> Result<Outcome> {
    let house = contestant.open(core)?;
    let mut load = Load::new(contestant.dialect(), house.address, 'n')?;
    match act {
        Act::Talk { crowd, speech } => {
            gather(&mut load, crowd)?;
            talk(&mut load, &house, speech)
        }
        Act::Idle { people } => idle(&mut load, &house, people),
        Act::Storm { people } => storm(&mut load, &house, people),
        Act::Ping { flying, span } => ping(&mut load, &house, flying, span),
    }
}

/// The rooms of a person.
fn rooms_of(person: usize, crowd: Crowd) -> Vec<u32> {
    let step = STEPS[person / crowd.rooms % STEPS.len()];
    (0..crowd.rooms_each).map(|nth| ((person + nth * step) % crowd.rooms) as u32).collect()
}

/// Everybody comes in and takes his place.
///
/// # Errors
/// If not all can.
pub fn gather(load: &mut Load, crowd: Crowd) -> Result<()> {
    load.enter(crowd.people)?;
    load.join(0..crowd.people, |person| rooms_of(person, crowd))?;
    choose_speakers(load, crowd);
    load.warm_up()
}

/// The first people become the speakers.
fn choose_speakers(load: &mut Load, crowd: Crowd) {
    load.ledger.speakers =
        (0..crowd.speakers).map(|person| Speaker::new(person, rooms_of(person, crowd))).collect();
    for members in &mut load.ledger.hearers {
        // Nobody hears himself.
        *members = members.saturating_sub(1);
    }
}

/// They talk, and it is measured.
///
/// # Errors
/// If anything is lost, doubled or out of order.
pub fn talk(load: &mut Load, house: &House, speech: Speech) -> Result<Outcome> {
    let delivered = load.ledger.delivered;
    let before = Mark::of(house)?;
    load.talk(speech)?;
    let after = Mark::of(house)?;
    let deliveries = (load.ledger.delivered - delivered) as f64;
    let mut times = std::mem::take(&mut load.ledger.to_last_ns);
    times.sort_unstable();
    let figures = [
        (Figure::CpuPerDelivery, after.cpu_s_since(&before) * 1e6 / deliveries),
        (Figure::DeliveriesPerSecond, deliveries / 1e6 / after.s_since(&before)),
        (Figure::ToLastP50, quantile_us(&times, 50)),
        (Figure::ToLastP99, quantile_us(&times, 99)),
    ];
    Ok(Outcome { figures: figures.into(), others: after.others_since(&before) })
}

/// The value below which so many of a hundred are, of sorted nanoseconds, in microseconds.
fn quantile_us(sorted: &[u64], of_a_hundred: usize) -> f64 {
    let at = (sorted.len() * of_a_hundred / 100).min(sorted.len().saturating_sub(1));
    sorted.get(at).map_or(0.0, |ns| *ns as f64 / 1e3)
}

fn idle(load: &mut Load, house: &House, people: usize) -> Result<Outcome> {
    let empty = machine::resident_bytes(house.pid())?;
    let before = Mark::of(house)?;
    load.enter(people)?;
    let entered = Mark::of(house)?;
    load.linger(REST)?;
    let full = machine::resident_bytes(house.pid())?;
    let begin = Mark::of(house)?;
    load.linger(REST * 2)?;
    let end = Mark::of(house)?;
    let each = |sum: f64| sum / people as f64;
    let figures = [
        (Figure::BytesEach, each(full.saturating_sub(empty) as f64)),
        (Figure::CpuPerEntry, each(entered.cpu_s_since(&before) * 1e6)),
        (Figure::CpuIdle, end.cpu_s_since(&begin) * 1e3 / end.s_since(&begin)),
    ];
    Ok(Outcome { figures: figures.into(), others: entered.others_since(&before) })
}

fn storm(load: &mut Load, house: &House, people: usize) -> Result<Outcome> {
    load.enter(people)?;
    load.linger(REST)?;
    let before = Mark::of(house)?;
    for person in 0..people {
        load.say_to_server(person, |dialect, out| dialect.join(0, out))?;
        if person % 256 == 255 {
            load.pump(Duration::ZERO)?;
        }
    }
    // Everybody hears of himself and of all who come after him. The floor tells nobody.
    let joins = if load.dialect() == Dialect::Irc { people * (people + 1) / 2 } else { 0 };
    while load.counts.entered < people || load.counts.joins < joins {
        load.pump(WAIT).with_context(|| format!("{} of {joins} heard of", load.counts.joins))?;
    }
    let after = Mark::of(house)?;
    ensure!((load.counts.entered, load.counts.joins) == (people, joins), "more was told than happened");
    let figures = [(Figure::CpuOfStorm, after.cpu_s_since(&before))];
    Ok(Outcome { figures: figures.into(), others: after.others_since(&before) })
}

fn ping(load: &mut Load, house: &House, flying: usize, span: Duration) -> Result<Outcome> {
    load.enter(1)?;
    let send = |load: &mut Load, count: usize| {
        load.say_to_server(0, |dialect, out| (0..count).for_each(|_| dialect.ping(out)))
    };
    send(load, flying)?;
    let keep_up = |load: &mut Load, span: Duration| -> Result<usize> {
        let (begin, first) = (Instant::now(), load.counts.pongs);
        while begin.elapsed() < span {
            let before = load.counts.pongs;
            load.pump(WAIT)?;
            send(load, load.counts.pongs - before)?;
        }
        Ok(load.counts.pongs - first)
    };
    keep_up(load, span / 10)?;
    let before = Mark::of(house)?;
    let pongs = keep_up(load, span)?;
    let after = Mark::of(house)?;
    ensure!(pongs > 0, "no PING came back");
    let figures = [(Figure::CpuPerPing, after.cpu_s_since(&before) * 1e6 / pongs as f64)];
    Ok(Outcome { figures: figures.into(), others: after.others_since(&before) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rooms_have_the_same_number_of_people() {
        for (people, rooms, rooms_each) in [(1000, 100, 1), (1000, 100, 10), (50, 10, 3)] {
            let crowd = Crowd { people, rooms, rooms_each, speakers: people };
            let mut members = vec![0; rooms];
            for person in 0..people {
                let mut of_person = rooms_of(person, crowd);
                of_person.iter().for_each(|room| members[*room as usize] += 1);
                of_person.sort_unstable();
                of_person.dedup();
                assert_eq!(of_person.len(), rooms_each, "person {person}");
            }
            assert!(members.iter().all(|count| *count == people * rooms_each / rooms), "{members:?}");
        }
    }

    #[test]
    fn quantiles_are_of_the_sorted_values() {
        let times: Vec<u64> = (1..=1000).map(|ms| ms * 1000).collect();
        assert_eq!(
            (quantile_us(&times, 50), quantile_us(&times, 99), quantile_us(&[], 50)),
            (501.0, 991.0, 0.0)
        );
    }
}
