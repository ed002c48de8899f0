//! A segment of any bytes under fuzzing: readers come back, with what is there or with what is wrong.

use std::collections::BTreeMap;
use std::time::Duration;

use segment::testing::{self, Checks, Keys, read_any};
use segment::{CounterId, CounterKind, CounterRow, Kind, Now, Record, RoomId, Settings, Slow, Writer};

const COUNTERS: &[CounterRow] = &[
    CounterRow { name: "lines", kind: CounterKind::Counter, unit: "lines", help: "Lines received." },
    CounterRow { name: "turn", kind: CounterKind::Histogram, unit: "us", help: "Length of a turn." },
];
const ROOM_COUNTERS: &[CounterRow] =
    &[CounterRow { name: "joins", kind: CounterKind::Counter, unit: "people", help: "All so far." }];
const ROOMS: [&str; 2] = ["#den", "#lobby"];
const NOW: Now = Now { boot_us: 50_000_000, wall_ms: 1_700_000_000_000 };
/// Publications of which each leaves a seed.
const SEEDS: u64 = 64;

/// The first byte says whether the checksums are made right first; then comes the segment.
///
/// # Panics
/// If a reader does.
pub(super) fn body(data: &[u8]) {
    let Some((how, bytes)) = data.split_first() else { return };
    read_any(bytes, if how % 2 == 0 { Checks::Left } else { Checks::Mended });
}

/// What a server has published, step by step.
pub(super) fn seeds() -> BTreeMap<String, Vec<u8>> {
    let keys = Keys::new();
    let settings = Settings { room_slots: 2, ring_bytes: 4096, members_max: 4, ..keys.settings() };
    let (mut writer, _) = Writer::open(settings, COUNTERS, ROOM_COUNTERS, NOW).expect("the keys are unused");
    let mut seeds = BTreeMap::new();
    for step in 0..SEEDS {
        let now = NOW.after(Duration::from_millis(step * 700));
        act(&mut writer, step, now);
        writer.publish(now);
        let seed = [&[(step % 2) as u8], &testing::bytes(keys.segment)[..]].concat();
        seeds.insert(format!("published-{step}"), seed);
    }
    seeds
}

fn act(writer: &mut Writer, step: u64, now: Now) {
    let stage = writer.stage();
    let room: RoomId = stage.room(ROOMS[(step % 2) as usize], now).expect("there are two slots");
    let (id, from) = (format!("id{step}"), ["alice", "bob", "çelik"][(step % 3) as usize]);
    let text = "a text of some length, ".repeat(1 + (step % 7) as usize);
    let record =
        Record { sequence: step + 1, wall_ms: now.wall_ms, kind: Kind::MESSAGE, id: &id, from, text: &text };
    stage.append(room, &record);
    stage.spoke(room, from, text.len() as u64, now);
    stage.add(CounterId(0), 1);
    stage.observe(CounterId(1), step * step);
    stage.room_add(room, CounterId(0), 1);
    match step % 8 {
        1 => stage.members(room, step, [("alice", "@"), ("bob", "+"), ("çelik", "")]),
        2 => stage.topic(room, &text),
        3 => stage.slow(&[Slow { name: from.to_owned(), queued: step, limit: 64, since_ms: now.wall_ms }]),
        4 => stage.remove(room, &id),
        5 => stage.slow(&[]),
        6 => stage.close(room),
        7 if step > 32 => stage.erase(room),
        _ => stage.flags(room, step),
    }
}
