//! Samples in a file: written as they come, and read again as if they came now.
//!
//! A line of JSON each: first what is counted, again whenever that changes, then the samples as `--jsonl` prints them.
//! What was said in the rooms is not in it.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::sync::Arc;
use std::time::Duration;

use segment::{About, Counter, CounterKind, Histogram, Member, Now, Room, Slow, Snapshot, Talker, Value};
use serde_json::{Map, Value as Json, json};

use crate::exit::{Exit, Failure};
use crate::json::{self, Detail, SCHEMA, document};
use crate::sample::{Copied, Sample, Server, State, Successor};

/// Bytes of a line; thousands of rooms with all their members are less.
const LINE_BYTES_MAX: u64 = 256 << 20;

/// Writes a recording.
#[derive(Debug)]
pub(crate) struct Recorder {
    file: io::BufWriter<File>,
    described: Json,
}

impl Recorder {
    /// Begins a new file. One that is there already is somebody's, and stays.
    pub fn create(path: &str) -> Result<Recorder, Failure> {
        let failed =
            |error| Failure { exit: Exit::Failed, text: format!("cannot record into {path}: {error}") };
        let file = File::create_new(path).map_err(failed)?;
        Ok(Recorder { file: io::BufWriter::new(file), described: Json::Null })
    }

    /// Writes a sample.
    pub fn record(&mut self, sample: &Sample) -> io::Result<()> {
        let described = json!({
            "recording": SCHEMA,
            "counters": descriptions(sample.snapshot.counters.iter().map(|counter| &counter.about)),
            "room_counters": descriptions(sample.room_fields.iter()),
        });
        if described != self.described {
            writeln!(self.file, "{}", json::line(&described))?;
            self.described = described;
        }
        writeln!(self.file, "{}", json::line(&document(sample, Detail::Compact)))?;
        self.file.flush()
    }
}

/// A list, because the order of the directory is that of the screen.
fn descriptions<'a>(counters: impl Iterator<Item = &'a Arc<About>>) -> Json {
    let row = |about: &Arc<About>| json!({ "name": about.name, "kind": json::kind(about.kind), "unit": about.unit, "help": about.help });
    counters.map(row).collect::<Vec<_>>().into()
}

/// Reads a recording.
#[derive(Debug)]
pub(crate) struct Replay {
    path: String,
    lines: BufReader<File>,
    line: u64,
    counters: Vec<Arc<About>>,
    room_counters: Vec<Arc<About>>,
    /// The incarnation of the last sample, and the one after it.
    known: Option<(u64, u64)>,
    next: Option<Sample>,
}

impl Replay {
    /// Opens a file, and reads it up to the first sample.
    pub fn open(path: &str) -> Result<Replay, Failure> {
        let failed = |error| Failure { exit: Exit::Failed, text: format!("cannot replay {path}: {error}") };
        let file = File::open(path).map_err(failed)?;
        let mut replay = Replay {
            path: path.to_owned(),
            lines: BufReader::new(file),
            line: 0,
            counters: Vec::new(),
            room_counters: Vec::new(),
            known: None,
            next: None,
        };
        replay.next = replay.read()?;
        Ok(replay)
    }

    /// The next sample, and how long after it another one was taken.
    pub fn step(&mut self) -> Result<Option<(Sample, Option<Duration>)>, Failure> {
        let Some(mut sample) = self.next.take() else { return Ok(None) };
        self.next = self.read()?;
        let incarnation = (sample.server.epoch, sample.server.started_ms);
        if sample.state.is_live() && self.known.is_some_and(|known| known != incarnation) {
            sample.state = State::Restarted;
        }
        self.known = Some(incarnation);
        let next = self.next.as_ref().map(|next| next.taken.wall_ms.saturating_sub(sample.taken.wall_ms));
        Ok(Some((sample, next.map(Duration::from_millis))))
    }

    fn read(&mut self) -> Result<Option<Sample>, Failure> {
        loop {
            let mut line = String::new();
            self.line += 1;
            let read = self.lines.by_ref().take(LINE_BYTES_MAX).read_line(&mut line);
            match read {
                Ok(0) => return Ok(None),
                Ok(_) => {}
                Err(error) => return Err(self.broken(&error.to_string())),
            }
            let Ok(json) = serde_json::from_str::<Json>(&line) else {
                // The program that recorded was killed while it wrote.
                let ended = !line.ends_with('\n');
                return if ended && self.line > 1 { Ok(None) } else { Err(self.broken("it is no JSON")) };
            };
            if json.get("recording").is_some() {
                if json["recording"] != SCHEMA {
                    return Err(self.broken("it is of another version"));
                }
                self.counters = abouts(&json["counters"]);
                self.room_counters = abouts(&json["room_counters"]);
                continue;
            }
            let sample = self.sample(&json);
            return sample.map(Some).ok_or_else(|| self.broken("it is no sample"));
        }
    }

    fn broken(&self, what: &str) -> Failure {
        let text = format!("{} is no recording of parlorstat: line {}: {what}", self.path, self.line);
        Failure { exit: Exit::Failed, text }
    }

    fn sample(&self, json: &Json) -> Option<Sample> {
        let silent = Duration::from_millis(json["age_ms"].as_u64()?);
        let (segment, server) = (&json["segment"], &json["server"]);
        let (major, minor) = segment["layout"].as_str()?.split_once('.')?;
        let taken_ms = json["taken_ms"].as_u64()?;
        let published_ms = json["published_ms"].as_u64()?;
        let mut rooms = Vec::new();
        for room in json["rooms"].as_array()? {
            rooms.push(self.room(room)?);
        }
        let state = match json["state"].as_str()? {
            "live" => State::Live,
            "stale" => State::Stale { silent },
            "dead" => State::Dead { silent },
            "stopped" => State::Stopped { silent },
            _ => State::Retired(Successor::Unknown),
        };
        Some(Sample {
            taken: Now { boot_us: taken_ms.saturating_mul(1000), wall_ms: taken_ms },
            state,
            server: Server {
                key: segment["key"].as_str()?.parse().ok()?,
                semaphore_key: segment["semaphore_key"].as_str()?.parse().ok()?,
                id: i32::try_from(segment["id"].as_i64()?).ok()?,
                owner: u32::try_from(segment["owner"].as_u64()?).ok()?,
                pid: i32::try_from(server["pid"].as_i64()?).ok()?,
                epoch: server["epoch"].as_u64()?,
                layout: (major.parse().ok()?, minor.parse().ok()?),
                started_ms: server["started_ms"].as_u64()?,
                heartbeat_ms: server["heartbeat_ms"].as_u64()?,
                silent,
                bytes: usize::try_from(segment["bytes"].as_u64()?).ok()?,
            },
            snapshot: Snapshot {
                generation: json["generation"].as_u64()?,
                boot_us: published_ms.saturating_mul(1000),
                wall_ms: published_ms,
                counters: values(&self.counters, json["counters"].as_object()?),
                // Recordings of earlier versions have none.
                slow: json["slow"]
                    .as_array()
                    .map_or(Vec::new(), |rows| rows.iter().filter_map(slow).collect()),
                rooms,
            },
            room_fields: self.room_counters.clone(),
            copied: Copied::Free,
        })
    }

    fn room(&self, json: &Json) -> Option<Room> {
        let text = |json: &Json| json.as_str().map(str::to_owned);
        let member =
            |json: &Json| Some(Member { name: text(&json["name"])?, prefix: text(&json["prefix"])? });
        let talker = |json: &Json| {
            Some(Talker {
                name: text(&json["name"])?,
                messages: json["messages"].as_u64()?,
                bytes: json["bytes"].as_u64()?,
                over: json["over"].as_u64()?,
            })
        };
        Some(Room {
            tenure: json["tenure"].as_u64()?,
            name: text(&json["name"])?,
            open: json["open"].as_bool()?,
            flags: json["flags"].as_u64()?,
            topic: text(&json["topic"])?,
            opened_ms: json["opened_ms"].as_u64()?,
            members: json["members"].as_array()?.iter().filter_map(member).collect(),
            counters: values(&self.room_counters, json["counters"].as_object()?),
            talkers: json["talkers"].as_array()?.iter().filter_map(talker).collect(),
            last: text(&json["last"]["name"]).unwrap_or_default(),
            minutes: json["minutes"].as_array()?.iter().filter_map(Json::as_u64).collect(),
        })
    }
}

fn slow(json: &Json) -> Option<Slow> {
    Some(Slow {
        name: json["name"].as_str()?.to_owned(),
        queued: json["queued"].as_u64()?,
        limit: json["limit"].as_u64()?,
        since_ms: json["since_ms"].as_u64()?,
    })
}

fn abouts(json: &Json) -> Vec<Arc<About>> {
    let about = |json: &Json| {
        let text = |field: &str| json[field].as_str().map(str::to_owned);
        let kinds = [CounterKind::Counter, CounterKind::Gauge, CounterKind::Histogram];
        let kind = kinds.into_iter().find(|kind| json["kind"] == json::kind(*kind))?;
        Some(Arc::new(About { name: text("name")?, kind, unit: text("unit")?, help: text("help")? }))
    };
    json.as_array().map_or(Vec::new(), |rows| rows.iter().filter_map(about).collect())
}

fn values(abouts: &[Arc<About>], json: &Map<String, Json>) -> Vec<Counter> {
    let counter = |about: &Arc<About>| {
        let value = json.get(&about.name)?;
        let value = match about.kind {
            CounterKind::Histogram => Value::Histogram(histogram(value)?),
            // What a room shows of a histogram is its count.
            CounterKind::Counter | CounterKind::Gauge => Value::Number(value.as_u64()?),
        };
        Some(Counter { about: Arc::clone(about), value })
    };
    abouts.iter().filter_map(counter).collect()
}

fn histogram(json: &Json) -> Option<Histogram> {
    let mut histogram = Histogram {
        count: json["count"].as_u64()?,
        sum: json["sum"].as_u64()?,
        buckets: vec![0; segment::HISTOGRAM_BUCKETS],
    };
    for bucket in json["buckets"].as_array()? {
        let at = bucket["to"].as_u64().map_or(segment::HISTOGRAM_BUCKETS - 1, Histogram::bucket);
        histogram.buckets[at] = bucket["count"].as_u64()?;
    }
    Some(histogram)
}
