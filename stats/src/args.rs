//! The command line.

use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use segment::Key;

use crate::source::{GUARD_WAIT, Place};

/// Live statistics of a Parlor server, read from its shared segment. On a terminal, without a mode: a live screen.
#[derive(Debug, Parser)]
#[command(name = "parlorstat", version, max_term_width = 100, args_conflicts_with_subcommands = false)]
pub(crate) struct Arguments {
    /// Print everything once, as aligned text.
    #[arg(long, group = "mode")]
    pub once: bool,

    /// Print one JSON document; with --history and --follow a JSON object per line.
    #[arg(long, conflicts_with_all = ["once", "check"])]
    pub json: bool,

    /// With --json: values without unit, kind and help.
    #[arg(long, requires = "json")]
    pub compact: bool,

    /// Print one line, and end with 0 only if a server lives.
    #[arg(long, group = "mode")]
    pub check: bool,

    /// Print what was said in a room, as far as the segment reaches back.
    #[arg(long, value_name = "ROOM", group = "mode")]
    pub history: Option<String>,

    /// The same, and then what is said from now on.
    #[arg(long, value_name = "ROOM", group = "mode")]
    pub follow: Option<String>,

    /// With --history and --follow: only the newest so many records of the history.
    #[arg(long, value_name = "N", conflicts_with_all = ["once", "check"])]
    pub last: Option<usize>,

    /// With --follow: end after so many new records.
    #[arg(long, value_name = "N", requires = "follow")]
    pub count: Option<u64>,

    /// Only rooms of this name; * and ? stand for any text and any character. Can be repeated.
    #[arg(long, value_name = "GLOB", conflicts_with_all = ["check", "history", "follow"])]
    pub room: Vec<String>,

    /// Seconds from one look to the next, of the live screen and --follow: 0.1 to 60.
    #[arg(long, value_name = "SECS", default_value = "1", value_parser = interval)]
    pub interval: Duration,

    /// How long to wait for the guard before reading without it; with off, it is never taken.
    #[arg(long, value_name = "SECS|off", default_value_t = Wait(Some(GUARD_WAIT)), value_parser = wait)]
    pub wait: Wait,

    /// The key of the segment, in decimal or as 0xff3.
    #[arg(long, value_name = "KEY", default_value_t = Key::SEGMENT, global = true)]
    pub segment_key: Key,

    /// The key that the semaphores must have. Without it the segment is believed, and reset-guard without a segment uses 0xee3.
    #[arg(long, value_name = "KEY", global = true)]
    pub semaphore_key: Option<Key>,

    #[command(subcommand)]
    pub care: Option<Care>,
}

/// What can be done to the objects themselves.
#[derive(Debug, Subcommand)]
pub(crate) enum Care {
    /// Print every Parlor segment of this machine.
    List(List),
    /// Remove the segment under the key and its semaphores.
    Remove(Remove),
    /// Free the guard, whoever holds it.
    ResetGuard(Remove),
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// As a JSON document.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Remove {
    /// Even if a server lives.
    #[arg(long)]
    pub force: bool,
}

/// How long to wait for the guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wait(pub Option<Duration>);

impl std::fmt::Display for Wait {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(wait) => write!(f, "{}", wait.as_secs_f64()),
            None => write!(f, "off"),
        }
    }
}

impl Arguments {
    /// The segment that is meant.
    pub fn place(&self) -> Place {
        Place { segment_key: self.segment_key, semaphore_key: self.semaphore_key, guard_wait: self.wait.0 }
    }
}

/// The shortest and the longest interval of the live screen, in seconds.
pub(crate) const INTERVAL_S: std::ops::RangeInclusive<f64> = 0.1..=60.0;

/// Nobody waits longer than this for a guard that a server holds for microseconds.
const WAIT_S_MAX: f64 = 60.0;

fn interval(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "it must be a number of seconds".to_owned())?;
    if !INTERVAL_S.contains(&seconds) {
        return Err("it must be 0.1 to 60 seconds".to_owned());
    }
    Ok(Duration::from_secs_f64(seconds))
}

fn wait(text: &str) -> Result<Wait, String> {
    if text == "off" {
        return Ok(Wait(None));
    }
    let seconds: f64 = text.parse().map_err(|_| "it must be a number of seconds, or off".to_owned())?;
    if !(0.0..=WAIT_S_MAX).contains(&seconds) {
        return Err("it must be 0 to 60 seconds, or off".to_owned());
    }
    Ok(Wait(Some(Duration::from_secs_f64(seconds))))
}
