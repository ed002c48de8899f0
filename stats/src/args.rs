//! The command line.

use std::net::SocketAddr;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use segment::Key;

use crate::select::Selection;
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

    /// Print a compact JSON document on one line.
    #[arg(long, group = "mode", conflicts_with = "json")]
    pub jsonl: bool,

    /// Print values separated by commas: those of the server, or with --room a row for each room.
    #[arg(long, group = "mode", conflicts_with = "json")]
    pub csv: bool,

    /// Print metrics as OpenMetrics text, or in the older format of Prometheus.
    #[arg(long, value_name = "FORMAT", group = "mode", conflicts_with = "json", num_args = 0..=1,
        default_missing_value = "openmetrics", require_equals = true)]
    pub prom: Option<Format>,

    /// Answer Prometheus over HTTP at /metrics, on an address of this machine.
    #[arg(long, value_name = "ADDRESS:PORT", group = "mode", conflicts_with = "json", value_parser = loopback)]
    pub listen: Option<SocketAddr>,

    /// Print the names of all fields, and what they are.
    #[arg(long, group = "mode", conflicts_with = "json")]
    pub list_fields: bool,

    /// Print again and again, after so many seconds each: 0.1 to 3600.
    #[arg(long, value_name = "SECS", value_parser = watch,
        conflicts_with_all = ["history", "follow", "list_fields", "listen"])]
    pub watch: Option<Duration>,

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

    /// End after so many looks, a second apart without --watch; with --follow after so many new records.
    #[arg(long, value_name = "N", conflicts_with_all = ["history", "list_fields"])]
    pub count: Option<u64>,

    /// Only rooms of this name; * and ? stand for any text and any character. Can be repeated.
    #[arg(long, value_name = "GLOB", conflicts_with_all = ["check", "history", "follow"])]
    pub room: Vec<String>,

    /// Only fields of this name, of the server and of the rooms; with * and ? as above. Can be repeated.
    #[arg(long, value_name = "GLOB", conflicts_with_all = ["check", "history", "follow"])]
    pub fields: Vec<String>,

    /// Rooms in the order of this field, the greatest first; or by name.
    #[arg(long, value_name = "FIELD", conflicts_with_all = ["check", "history", "follow"])]
    pub sort: Option<String>,

    /// Only so many rooms: the first ones of the order, or those with most messages.
    #[arg(long, value_name = "N", conflicts_with_all = ["check", "history", "follow"])]
    pub top: Option<usize>,

    /// Seconds from one look to the next, of the live screen and --follow: 0.1 to 60.
    #[arg(long, value_name = "SECS", default_value = "1", value_parser = interval)]
    pub interval: Duration,

    /// Also write every sample into a new file, to be replayed.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["history", "follow", "list_fields", "listen", "replay"])]
    pub record: Option<String>,

    /// Show what was recorded in a file, instead of a server.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["history", "follow", "check", "listen"])]
    pub replay: Option<String>,

    /// With --replay: so many times as fast as it was. Without it a recording is printed at once, and shown at 1.
    #[arg(long, value_name = "X", requires = "replay", value_parser = speed)]
    pub speed: Option<f64>,

    /// Draw the live screen in ASCII, as it is done without being asked where LANG is not for UTF-8.
    #[arg(long)]
    pub ascii: bool,

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

/// How metrics are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// OpenMetrics 1.0.
    Openmetrics,
    /// What Prometheus read before, and what node_exporter's directory of text files takes.
    Text,
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

    /// What of a sample is wanted.
    pub fn selection(&self) -> Selection<'_> {
        Selection { rooms: &self.room, fields: &self.fields, sort: self.sort.as_deref(), top: self.top }
    }

    /// Whether one of the modes that print is asked for.
    pub fn prints(&self) -> bool {
        let repeated = self.watch.is_some() || self.count.is_some();
        // The screen has keys for these.
        let chosen = !self.fields.is_empty() || self.sort.is_some() || self.top.is_some();
        let formed = self.once || self.json || self.jsonl || self.csv || self.prom.is_some();
        formed || self.list_fields || repeated || chosen
    }

    /// How often and how many times to look; once, if nothing is said about it.
    pub fn looks(&self) -> (Duration, Option<u64>) {
        match (self.watch, self.count) {
            // All of a recording.
            (None, None) if self.replay.is_some() && !self.list_fields => (Duration::ZERO, None),
            (Some(every), count) => (every, count),
            (None, Some(count)) => (Duration::from_secs(1), Some(count)),
            (None, None) => (Duration::ZERO, Some(1)),
        }
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

/// The longest time between two looks of --watch, in seconds.
const WATCH_S: std::ops::RangeInclusive<f64> = 0.1..=3600.0;

fn watch(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "it must be a number of seconds".to_owned())?;
    if !WATCH_S.contains(&seconds) {
        return Err("it must be 0.1 to 3600 seconds".to_owned());
    }
    Ok(Duration::from_secs_f64(seconds))
}

fn speed(text: &str) -> Result<f64, String> {
    let speed: f64 = text.parse().map_err(|_| "it must be a number".to_owned())?;
    if !(0.01..=1000.0).contains(&speed) {
        return Err("it must be 0.01 to 1000".to_owned());
    }
    Ok(speed)
}

/// What people say in rooms is not for the network: whoever wants that puts a proxy before it.
fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr = text.parse().map_err(|_| "it must be like 127.0.0.1:9667".to_owned())?;
    if !address.ip().is_loopback() {
        return Err("it must be an address of this machine alone, like 127.0.0.1:9667".to_owned());
    }
    Ok(address)
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
