//! Seeded people do random things: `SEED=7` runs one seed, `SEEDS=1000 STEPS=300` more than usual.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use parlor_tests::simulation::Simulation;

/// Seeds that every run of the tests goes through.
const SEEDS: u64 = 100;
/// What happens in each.
const STEPS: usize = 300;

/// What has to have happened at least once in all those steps: people who do nothing believe no wrong.
const DEEDS: &[&str] = &[
    "Away",
    "BanLift",
    "BanSet",
    "ChannelModeChange",
    "Enter",
    "Expulsion",
    "Globops",
    "Invitation",
    "Join",
    "Kick",
    "Kill",
    "Knock",
    "Message",
    "Part",
    "Promotion",
    "Quit",
    "RealnameChange",
    "Rename",
    "TopicChange",
    "UserModeChange",
    "Wallops",
];

#[test]
fn everybody_believes_what_is_true() {
    let steps =
        number("STEPS").map_or(STEPS, |steps| usize::try_from(steps).expect("STEPS is a number of steps"));
    let seeds = match number("SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("SEEDS").unwrap_or(SEEDS),
    };
    let next = AtomicU64::new(seeds.start);
    let happened = Mutex::new(BTreeSet::new());
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if !seeds.contains(&seed) {
                return;
            }
            let kinds = Simulation::new(seed).run(steps);
            happened.lock().expect("no holder panics").extend(kinds);
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        for thread in threads {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        }
    });
    if seeds.end - seeds.start >= SEEDS {
        let happened = happened.into_inner().expect("no holder panics");
        let missing: Vec<_> = DEEDS.iter().filter(|deed| !happened.contains(**deed)).collect();
        assert!(missing.is_empty(), "{missing:?} never happened");
    }
}

fn number(variable: &str) -> Option<u64> {
    let value = std::env::var(variable).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{variable}={value} is no number")))
}
