//! What tests are told by the environment, and what the machine has.

use std::env;
use std::hash::{BuildHasher, Hasher, RandomState};

use crate::random::Random;

/// How often something is done: as the variable says, or as usual.
///
/// # Panics
/// If the variable is no number.
pub fn times(variable: &str, usual: usize) -> usize {
    env::var(variable).map_or(usual, |text| text.parse().unwrap_or_else(|_| panic!("{variable}={text}")))
}

/// Chance that differs each time, unless `SEED` is set. The seed is printed, and shown if the test fails.
pub fn chance() -> Random {
    let seed = env::var("SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| RandomState::new().build_hasher().finish());
    println!("SEED={seed}");
    Random::new(seed)
}

/// Whether the machine has a program.
///
/// # Panics
/// If it has not, and `CI` is set: there, no test may be passed over.
pub fn is_there(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path).any(|directory| directory.join(program).is_file());
    assert!(found || env::var_os("CI").is_none(), "{program} is not installed");
    found
}

/// Passes over the rest of a test if the machine lacks a program, and says so.
#[macro_export]
macro_rules! needs {
    ($($program:literal),+) => {
        $(if !$crate::surroundings::is_there($program) {
            use std::io::Write as _;
            // Past the capture of the test's output: a test that did nothing must not look like one that passed.
            let _ = writeln!(std::io::stderr(), "\nSKIPPED at {}:{}: {} is not installed", file!(), line!(), $program);
            return;
        })+
    };
}
