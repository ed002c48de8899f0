//! What publishing and reading cost: `cargo bench -p segment`. Prints medians; the machine's noise is yours.

use std::io::Write;
use std::time::{Duration, Instant};

use segment::testing::Keys;
use segment::{
    CounterId, CounterKind, CounterRow, Kind, Now, Published, Reader, Record, RoomId, Settings, Writer,
};

const fn counter(name: &'static str, kind: CounterKind) -> CounterRow {
    CounterRow { name, kind, unit: "things", help: "Something to count." }
}

const COUNTERS: &[CounterRow] = &[
    counter("received", CounterKind::Counter),
    counter("sent", CounterKind::Counter),
    counter("users", CounterKind::Gauge),
    counter("turn", CounterKind::Histogram),
    counter("latency", CounterKind::Histogram),
];
const ROOM_COUNTERS: &[CounterRow] =
    &[counter("joins", CounterKind::Counter), counter("leaves", CounterKind::Counter)];
const TEXT: &str =
    "A line as people write them, of about a hundred bytes, so that a record has about two hundred of them.";

/// Medians and worst values of a number of runs.
fn measure(what: &str, runs: usize, mut run: impl FnMut(usize) -> Duration) {
    let mut times: Vec<Duration> = (0..runs).map(&mut run).collect();
    times.sort();
    let (median, p99, worst) = (times[runs / 2], times[runs * 99 / 100], times[runs - 1]);
    let line = format!("{what:<58} median {median:>10.2?}  p99 {p99:>10.2?}  max {worst:>10.2?}\n");
    std::io::stdout().write_all(line.as_bytes()).expect("stdout can be written");
}

struct Bench {
    writer: Writer,
    rooms: Vec<RoomId>,
    now: Now,
    sequence: u64,
}

impl Bench {
    fn say(&mut self, room: usize) {
        self.sequence += 1;
        let (room, now) = (self.rooms[room], self.now);
        let from = ["alice", "bob", "carol", "dave", "erin"][self.sequence as usize % 5];
        let (sequence, wall_ms) = (self.sequence, now.wall_ms);
        let stage = self.writer.stage();
        let id = "0123456789abcdef";
        stage.append(room, &Record { sequence, wall_ms, kind: Kind::MESSAGE, id, from, text: TEXT });
        stage.spoke(room, from, TEXT.len() as u64, now);
        stage.add(CounterId(0), 1);
        stage.add(CounterId(1), 40);
    }

    /// A turn of the loop, one tick after the last one, with `messages` in so many rooms.
    fn turn(&mut self, messages: usize, rooms: usize) -> Duration {
        self.now = self.now.after(Duration::from_millis(1));
        for message in 0..messages {
            self.say(message % rooms);
        }
        let begin = Instant::now();
        let published = self.writer.publish(self.now);
        let length = begin.elapsed();
        assert!(matches!(published, Published::Done | Published::Idle), "{published:?}");
        length
    }
}

fn main() {
    let keys = Keys::new();
    let settings =
        Settings { segment_key: keys.segment, semaphore_key: keys.semaphores, ..Settings::default() };
    let now = Now::read();
    let (mut writer, _) = Writer::open(settings, COUNTERS, ROOM_COUNTERS, now).expect("the keys are unused");
    let members: Vec<String> = (0..256).map(|number| format!("person{number}")).collect();
    let mut rooms = Vec::new();
    for number in 0..64 {
        let room = writer.stage().room(&format!("#room{number}"), now).expect("there are 64 slots");
        let listed = members.iter().take(if number < 4 { 256 } else { 20 });
        writer.stage().members(room, 1000, listed.map(|name| (name.as_str(), "")));
        rooms.push(room);
    }
    let mut bench = Bench { writer, rooms, now, sequence: 0 };
    for room in 0..64 {
        for _ in 0..1000 {
            bench.say(room);
        }
    }
    measure("publish everything, after 64000 messages", 1, |_| bench.turn(1, 1));
    measure("publish, idle", 10_000, |_| bench.turn(0, 1));
    measure("publish, 1 message", 10_000, |_| bench.turn(1, 1));
    measure("publish, 50 messages in 1 room (50,000/s)", 10_000, |_| bench.turn(50, 1));
    measure("publish, 50 messages in 20 rooms (50,000/s)", 10_000, |_| bench.turn(50, 20));
    measure("stage one message: append and spoke", 10_000, |_| {
        let begin = Instant::now();
        for _ in 0..10 {
            bench.say(0);
        }
        begin.elapsed() / 10
    });
    bench.turn(0, 1);
    let listed = |count: usize| members.iter().take(count).map(|name| (name.as_str(), "@"));
    measure("stage 256 members, none changed, and publish", 1000, |_| {
        let begin = Instant::now();
        let room = bench.rooms[9];
        bench.writer.stage().members(room, 256, listed(256));
        begin.elapsed() + bench.turn(0, 1)
    });
    let reader = Reader::open(keys.segment, None).expect("the server is there");
    let timed = |what: &str, read: &dyn Fn()| {
        measure(what, 1000, |_| {
            let begin = Instant::now();
            read();
            begin.elapsed()
        });
    };
    timed("snapshot without the guard", &|| drop(reader.snapshot().expect("nobody writes")));
    timed("snapshot under the guard", &|| drop(reader.snapshot_guarded(Duration::ZERO).expect("it is free")));
    timed("history of one room, 64 KiB", &|| drop(reader.history("#room1").expect("it is there")));
    timed("cut of everything, with 64 histories", &|| drop(reader.cut(Duration::ZERO).expect("it is free")));
    let (hold, wait) = (bench.writer.statistics().hold_max_ns, bench.writer.statistics().wait_max_ns);
    let line = format!("longest hold {hold} ns, longest wait {wait} ns\n");
    std::io::stdout().write_all(line.as_bytes()).expect("stdout can be written");
}
