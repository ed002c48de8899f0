//! One sample as a JSON document, for programs.

use segment::{About, Counter, CounterKind, Entry, Room, Slow, Value};
use serde_json::{Map, Value as Json, json};

use crate::rates::Rates;
use crate::sample::{Copied, Sample, last_said};
use crate::text::is_harmful;

/// The number of the document's shape. It grows when a field goes away or means something else, not with a new one.
pub const SCHEMA: u64 = 1;

/// Whether counters are described.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// With kind, unit and help.
    Full,
    /// Only the values.
    Compact,
}

/// Every field of the document, and what it is. `*` stands for a counter's name, `[]` for each item of a list.
#[rustfmt::skip]
pub const FIELDS: &[(&str, &str)] = &[
    ("schema",                     "number of this table"),
    ("program",                    "name and version of the program that wrote it"),
    ("state",                      "`live`, `stale`, `dead`, `stopped` or `retired`"),
    ("age_ms",                     "since the server last showed that it lives, in ms"),
    ("taken_ms",                   "when it was read, ms since 1970"),
    ("published_ms",               "when the server published these values, ms since 1970"),
    ("generation",                 "the number of that publication"),
    ("guarded",                    "whether it was read under the guard"),
    ("unguarded_because",          "why not, if the guard was wanted; otherwise null"),
    ("segment.key",                "key of the segment"),
    ("segment.semaphore_key",      "key of its semaphores"),
    ("segment.id",                 "the kernel's number of it"),
    ("segment.owner",              "uid of its owner"),
    ("segment.bytes",              "its size"),
    ("segment.layout",             "version of its layout, `major.minor`"),
    ("server.pid",                 "the server's process"),
    ("server.epoch",               "incarnations of servers on this segment"),
    ("server.started_ms",          "when this one took it, ms since 1970"),
    ("server.heartbeat_ms",        "when it last lived, ms since 1970"),
    ("server.uptime_ms",           "how long it has run, or ran"),
    ("counters.*.kind",            "`counter`, `gauge` or `histogram`"),
    ("counters.*.unit",            "what is counted"),
    ("counters.*.help",            "a sentence"),
    ("counters.*.value",           "the value of a counter or gauge"),
    ("counters.*.count",           "histogram: how many values"),
    ("counters.*.sum",             "histogram: their sum"),
    ("counters.*.p50",             "histogram: half of the values are at most this; null if unknown"),
    ("counters.*.p90",             "histogram: the same of 90 %"),
    ("counters.*.p99",             "histogram: the same of 99 %"),
    ("counters.*.buckets[].to",    "histogram: greatest value of the bucket; null if it has no end"),
    ("counters.*.buckets[].count", "histogram: values in the bucket; empty buckets are left out"),
    ("per_second.*",               "by how much a counter grows, if this is not the first look; for a histogram, how many values"),
    ("slow[].name",                "who does not read as fast as he is sent to, most bytes first; empty if he has not registered"),
    ("slow[].queued",              "bytes that wait for him"),
    ("slow[].limit",               "bytes at which his connection is closed"),
    ("slow[].since_ms",            "since when something has always waited, ms since 1970"),
    ("room_counters.*.kind",       "the kinds of the values of rooms"),
    ("room_counters.*.unit",       "their units"),
    ("room_counters.*.help",       "their sentences"),
    ("rooms[].name",               "the room's name"),
    ("rooms[].open",               "false if it has ended, and only its history is there"),
    ("rooms[].topic",              "its topic; empty if it has none"),
    ("rooms[].opened_ms",          "when it was opened, ms since 1970"),
    ("rooms[].tenure",             "a number that no other room has had"),
    ("rooms[].flags",              "the server's marks"),
    ("rooms[].counters.*",         "the room's values; `members` counts all, also those that are not listed"),
    ("rooms[].rates.*",            "those that are rates, per second"),
    ("rooms[].members[].name",     "somebody in the room"),
    ("rooms[].members[].prefix",   "the marks of the standing"),
    ("rooms[].talkers[].name",     "who talks most, most messages first"),
    ("rooms[].talkers[].messages", "messages"),
    ("rooms[].talkers[].bytes",    "bytes of text"),
    ("rooms[].talkers[].over",     "by how much `messages` may be too high"),
    ("rooms[].last.name",          "who last said something; `last` is null if nobody is known"),
    ("rooms[].last.ms",            "when, ms since 1970"),
    ("rooms[].minutes[]",          "messages per minute, the oldest first"),
];

/// A sample as a JSON document of the fields in [`FIELDS`].
pub fn document(sample: &Sample, detail: Detail) -> Json {
    let (server, snapshot) = (&sample.server, &sample.snapshot);
    let because = match &sample.copied {
        Copied::Unguarded(why) => Some(why),
        Copied::Guarded(_) | Copied::Free => None,
    };
    let mut document = json!({
        "schema": SCHEMA,
        "program": concat!("parlorstat ", env!("CARGO_PKG_VERSION")),
        // A document stands alone: whether the server was restarted before does not matter to it.
        "state": if sample.state.is_live() { "live" } else { sample.state.word() },
        "age_ms": server.silent.as_millis() as u64,
        "taken_ms": sample.taken.wall_ms,
        "published_ms": snapshot.wall_ms,
        "generation": snapshot.generation,
        "guarded": matches!(sample.copied, Copied::Guarded(_)),
        "unguarded_because": because,
        "segment": {
            "key": server.key.to_string(),
            "semaphore_key": server.semaphore_key.to_string(),
            "id": server.id,
            "owner": server.owner,
            "bytes": server.bytes,
            "layout": format!("{}.{}", server.layout.0, server.layout.1),
        },
        "server": {
            "pid": server.pid,
            "epoch": server.epoch,
            "started_ms": server.started_ms,
            "heartbeat_ms": server.heartbeat_ms,
            "uptime_ms": sample.uptime().as_millis() as u64,
        },
        "counters": object(&snapshot.counters, |counter| full(counter, detail)),
        "slow": snapshot.slow.iter().map(slow).collect::<Vec<_>>(),
        "rooms": snapshot.rooms.iter().map(room).collect::<Vec<_>>(),
    });
    if detail == Detail::Full {
        let described = sample.room_fields.iter();
        let described = described.map(|about| (about.name.clone(), description(about).into()));
        document["room_counters"] = described.collect::<Map<_, _>>().into();
    }
    document
}

fn object(counters: &[Counter], value: impl Fn(&Counter) -> Json) -> Json {
    counters.iter().map(|counter| (counter.name().to_owned(), value(counter))).collect::<Map<_, _>>().into()
}

fn description(about: &About) -> Map<String, Json> {
    let fields = [("kind", kind(about.kind)), ("unit", &about.unit), ("help", &about.help)];
    fields.into_iter().map(|(name, text)| (name.to_owned(), text.into())).collect()
}

/// The word for it.
pub(crate) fn kind(kind: CounterKind) -> &'static str {
    match kind {
        CounterKind::Counter => "counter",
        CounterKind::Gauge => "gauge",
        CounterKind::Histogram => "histogram",
    }
}

/// By how much the counters of the server grow.
pub(crate) fn per_second(sample: &Sample, rates: &Rates) -> Json {
    let grows = |counter: &&Counter| counter.about.kind != CounterKind::Gauge;
    let grown = sample.snapshot.counters.iter().filter(grows).filter_map(|counter| {
        let gained = rates.gained.get(counter.name())?;
        Some((counter.name().to_owned(), rates.per_second(gained.unsigned_abs()).into()))
    });
    grown.collect::<Map<_, _>>().into()
}

fn full(counter: &Counter, detail: Detail) -> Json {
    let described = if detail == Detail::Full { description(&counter.about) } else { Map::new() };
    match &counter.value {
        Value::Number(number) if detail == Detail::Compact => (*number).into(),
        Value::Number(number) => with(described, [("value", (*number).into())]),
        Value::Histogram(histogram) => {
            let quantile = |share| histogram.quantile(share).filter(|bound| *bound < u64::MAX).into();
            let bucket = |(index, &count): (usize, &u64)| {
                (count > 0).then(|| json!({ "to": histogram.bound(index), "count": count }))
            };
            let buckets: Vec<Json> = histogram.buckets.iter().enumerate().filter_map(bucket).collect();
            with(
                described,
                [
                    ("count", histogram.count.into()),
                    ("sum", histogram.sum.into()),
                    ("p50", quantile(0.5)),
                    ("p90", quantile(0.9)),
                    ("p99", quantile(0.99)),
                    ("buckets", buckets.into()),
                ],
            )
        }
    }
}

fn with<const N: usize>(mut object: Map<String, Json>, fields: [(&str, Json); N]) -> Json {
    object.extend(fields.into_iter().map(|(name, value)| (name.to_owned(), value)));
    object.into()
}

fn slow(slow: &Slow) -> Json {
    json!({ "name": slow.name, "queued": slow.queued, "limit": slow.limit, "since_ms": slow.since_ms })
}

fn room(room: &Room) -> Json {
    let is_rate = |counter: &&Counter| counter.about.unit.ends_with("/1000 s");
    let rates = room.counters.iter().filter(is_rate);
    let rates = rates.map(|rate| (rate.name().to_owned(), (rate.number() as f64 / 1000.0).into()));
    let members = room.members.iter().map(|member| json!({ "name": member.name, "prefix": member.prefix }));
    let talkers = room.talkers.iter().map(|talker| {
        json!({
            "name": talker.name, "messages": talker.messages, "bytes": talker.bytes, "over": talker.over,
        })
    });
    let last = last_said(room);
    json!({
        "name": room.name,
        "open": room.open,
        "topic": room.topic,
        "opened_ms": room.opened_ms,
        "tenure": room.tenure,
        "flags": room.flags,
        "counters": object(&room.counters, |counter| counter.number().into()),
        "rates": rates.collect::<Map<_, _>>(),
        "members": members.collect::<Vec<_>>(),
        "talkers": talkers.collect::<Vec<_>>(),
        "last": last.map(|(name, ms)| json!({ "name": name, "ms": ms })),
        "minutes": room.minutes,
    })
}

/// A record of a history.
pub(crate) fn record(entry: &Entry) -> Json {
    json!({
        "sequence": entry.sequence,
        "ms": entry.wall_ms,
        "kind": entry.kind.name(),
        "id": entry.id,
        "from": entry.from,
        "text": entry.text,
    })
}

/// The document on several lines. Nothing in it moves a terminal's cursor.
pub(crate) fn pretty(document: &Json) -> String {
    escape(&format!("{document:#}"))
}

/// The document on one line.
pub(crate) fn line(document: &Json) -> String {
    escape(&document.to_string())
}

/// JSON itself escapes only what is below a space. A terminal obeys more. These characters can only stand within texts,
/// where their escapes mean the same.
fn escape(document: &str) -> String {
    let mut escaped = String::with_capacity(document.len());
    for character in document.chars() {
        if character != '\n' && is_harmful(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                escaped.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            escaped.push(character);
        }
    }
    escaped
}
