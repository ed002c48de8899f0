//! The table of counters: a row each, which makes it appear in every reader of the segment.

mod figures;
mod process;

use std::sync::LazyLock;

use engine::{Engine, Uses};
use segment::{Collected, CounterId, CounterKind, CounterRow, Now, RestoredRoom, Slow, Stage};

pub use figures::{Figures, Slowest};

/// Where a row's value comes from.
enum From {
    /// The loop.
    Loop(fn(&Figures) -> u64),
    /// The engine.
    Engine(fn(&Engine) -> u64),
    /// What was found in the segment at the start.
    Found(fn(&Found) -> u64),
    /// The loop, which collects many values and lets go of them.
    Lengths(fn(&mut Figures) -> &mut Collected),
}

/// Divides the table into what the segment is told of it, and where the values come from.
macro_rules! counters {
    ($($name:literal $kind:ident $unit:literal $from:expr, $help:literal;)*) => {
        /// The counters of the server, beside those that the segment keeps by itself, and those of the commands.
        const ROWS: &[CounterRow] =
            &[$(CounterRow { name: $name, kind: CounterKind::$kind, unit: $unit, help: $help },)*];
        const SOURCES: &[From] = &[$($from,)*];
    };
}

use From::{Engine as OfEngine, Found as AtStart, Lengths, Loop};

#[rustfmt::skip]
counters! {
    "turn"                  Histogram "us"          Lengths(|figures| &mut figures.turn_us),    "Lengths of the loop's turns.";
    "publish"               Histogram "us"          Lengths(|figures| &mut figures.publish_us), "Lengths of publications in the segment.";
    "fanout"                Histogram "receivers"   Lengths(|figures| &mut figures.receivers),  "How many receivers a line for many had.";
    "connections"           Gauge     "connections" Loop(|figures| figures.connections),        "Connections now, registered or not.";
    "connections.tcp"       Gauge     "connections" Loop(|figures| figures.connections - figures.connections_unix), "Of these, connections over TCP.";
    "connections.unix"      Gauge     "connections" Loop(|figures| figures.connections_unix),   "Of these, connections through the Unix socket.";
    "connections.accepted"  Counter   "connections" Loop(|figures| figures.connections_total),  "Connections let in.";
    "connections.ended"     Counter   "connections" Loop(|figures| figures.connections_ended),  "Connections that came to their end.";
    "connections.broken"    Counter   "connections" Loop(|figures| figures.connections_broken), "Of these, connections that the system reported as broken.";
    "connections.full"      Counter   "connections" Loop(|figures| figures.refused_full),       "Connections refused because the server or the machine was full.";
    "connections.crowded"   Counter   "connections" Loop(|figures| figures.refused_address),    "Connections refused because there were too many from their address.";
    "connections.sendq"     Counter   "connections" Loop(|figures| figures.sendq_closes),       "Connections closed because they did not read what was sent to them.";
    "connections.flood"     Counter   "connections" Loop(|figures| figures.flood_closes),       "Connections closed because they sent faster than flood control allows.";
    "connections.failed"    Counter   "attempts"    Loop(|figures| figures.accept_errors),      "Connections that were gone, or for which there was no place, when they were to be let in.";
    "slow"                  Gauge     "connections" Loop(|figures| figures.slow.len() as u64),  "Connections that do not read as fast as they are sent to, now.";
    "slow.bytes"            Gauge     "bytes"       Loop(|figures| figures.queues.bytes),       "Bytes that wait for these, all together.";
    "slow.deepest"          Gauge     "bytes"       Loop(|figures| figures.queues.deepest),     "Bytes that wait for the one with most.";
    "slow.oldest"           Gauge     "ms"          Loop(|figures| figures.queues.oldest_ms),   "How long something has waited for the slowest one.";
    "sendq.deepest"         Gauge     "bytes"       Loop(|figures| figures.sendq_deepest),      "The most bytes that waited for one connection since the start.";
    "lines.delayed"         Counter   "times"       Loop(|figures| figures.delays),             "Times that flood control let a connection's lines wait.";
    "lines.backlog"         Counter   "times"       Loop(|figures| figures.backlogs),           "Times that a connection's lines waited because it did not read.";
    "users"                 Gauge     "people"      OfEngine(|engine| engine.world().users().len() as u64),     "People who are registered now.";
    "users.peak"            Gauge     "people"      OfEngine(|engine| engine.counts().users_most as u64),       "Most people who were registered at once since the start.";
    "users.operators"       Gauge     "people"      OfEngine(|engine| engine.world().operators() as u64),       "IRC operators now.";
    "users.registrations"   Counter   "people"      OfEngine(|engine| engine.counts().registrations),           "Registrations.";
    "users.rejected"        Counter   "attempts"    OfEngine(|engine| engine.counts().failed_authentications),  "Passwords that were wrong.";
    "users.collisions"      Counter   "attempts"    OfEngine(|engine| engine.counts().collisions),              "Nicks refused because somebody had them.";
    "channels"              Gauge     "channels"    OfEngine(|engine| engine.world().channels().len() as u64),  "Channels now, public or not.";
    "messages"              Counter   "messages"    OfEngine(|engine| engine.counts().messages),                "Messages and notices accepted, to channels and to people.";
    "lines.malformed"       Counter   "lines"       OfEngine(|engine| engine.counts().malformed),               "Lines that were no message, not UTF-8, or too long.";
    "commands.refused"      Counter   "commands"    OfEngine(|engine| engine.counts().refused),                 "Commands refused as a whole, unknown ones among them.";
    "lines.in"              Counter   "lines"       Loop(|figures| figures.lines_in),           "Lines received.";
    "lines.out"             Counter   "lines"       Loop(|figures| figures.lines_out),          "Lines sent, each receiver's counted.";
    "deliveries"            Counter   "lines"       Loop(|figures| figures.deliveries),         "Of these, lines that went to many at once.";
    "bytes.in"              Counter   "bytes"       Loop(|figures| figures.bytes_in),           "Bytes received.";
    "bytes.out"             Counter   "bytes"       Loop(|figures| figures.bytes_out),          "Bytes sent.";
    "turns"                 Counter   "turns"       Loop(|figures| figures.turns),              "Turns of the loop in which there was something to do.";
    "turns.longest"         Gauge     "us"          Loop(|figures| figures.turn_longest_us),    "The longest turn since the start.";
    "process.memory"        Gauge     "bytes"       Loop(|figures| figures.process.memory_bytes), "Memory of the server's process.";
    "process.files"         Gauge     "files"       Loop(|figures| figures.process.files),      "Files and sockets that it has open; 0 before Linux 6.2.";
    "process.files_max"     Gauge     "files"       Loop(|figures| figures.process.files_max),  "Files and sockets that it may have open.";
    "process.user"          Counter   "us"          Loop(|figures| figures.process.user_us),    "Time of a processor spent in the server.";
    "process.system"        Counter   "us"          Loop(|figures| figures.process.system_us),  "Time of a processor spent in the kernel on its behalf.";
    "adopted.rooms"         Gauge     "rooms"       AtStart(|found| found.rooms),               "Rooms taken over from the server before.";
    "adopted.records"       Gauge     "records"     AtStart(|found| found.records),             "Records of their histories.";
    "adopted.damaged"       Gauge     "rooms"       AtStart(|found| found.damaged),             "Rooms whose history was not complete.";
}

/// How often a command was used: a row for each command of the engine, behind the others.
static COMMANDS: LazyLock<Vec<CounterRow>> = LazyLock::new(|| {
    let row = |verb: &str| CounterRow {
        // Descriptions live as long as the process, as those that are written in the source do.
        name: String::leak(format!("command.{}", verb.to_ascii_lowercase())),
        kind: CounterKind::Counter,
        unit: "commands",
        help: String::leak(format!("Times that {verb} was used.")),
    };
    engine::verbs().into_iter().map(row).collect()
});

static TABLE: LazyLock<Vec<CounterRow>> = LazyLock::new(|| [ROWS, &COMMANDS].concat());

/// The counters of the server, beside those that the segment keeps by itself.
pub fn table() -> &'static [CounterRow] {
    &TABLE
}

/// The counters of each room, beside those that the segment keeps by itself.
#[rustfmt::skip]
pub const ROOM_ROWS: &[CounterRow] = &[
    CounterRow { name: "joins",  kind: CounterKind::Counter, unit: "people", help: "People who came into the room." },
    CounterRow { name: "leaves", kind: CounterKind::Counter, unit: "people", help: "People who left it, by themselves or not." },
];
/// The row of those who came.
pub const JOINS: CounterId = CounterId(0);
/// The row of those who left.
pub const LEAVES: CounterId = CounterId(1);

/// What an earlier run left in the segment.
#[derive(Clone, Copy, Debug, Default)]
pub struct Found {
    /// Its rooms.
    pub rooms: u64,
    /// The records of their histories.
    pub records: u64,
    /// Rooms whose history was not complete.
    pub damaged: u64,
}

impl Found {
    /// Counts what was found.
    pub fn of(rooms: &[RestoredRoom]) -> Self {
        Self {
            rooms: rooms.len() as u64,
            records: rooms.iter().map(|room| room.records.len() as u64).sum(),
            damaged: rooms.iter().filter(|room| room.damage.is_some()).count() as u64,
        }
    }
}

/// Brings the values of the table into the segment.
#[derive(Debug)]
pub struct Ledger {
    /// What was last told of each row. A counter goes on from what an earlier run left in the segment, so that only
    /// what came since may be added.
    told: Vec<u64>,
    /// What there was at the start.
    pub found: Found,
}

impl Default for Ledger {
    fn default() -> Self {
        Self { told: vec![0; table().len()], found: Found::default() }
    }
}

impl Ledger {
    /// Enters what has changed.
    pub fn enter(&mut self, figures: &mut Figures, engine: &Engine, stage: &mut Stage) {
        for (index, source) in SOURCES.iter().enumerate() {
            let value = match source {
                From::Loop(value) => value(figures),
                From::Engine(value) => value(engine),
                From::Found(value) => value(&self.found),
                From::Lengths(lengths) => {
                    stage.merge(CounterId(index as u16), lengths(figures));
                    continue;
                }
            };
            self.enter_one(index, value, stage);
        }
        self.enter_commands(&engine.counts().commands, stage);
    }

    /// Behind the other rows, in the order of their names.
    fn enter_commands(&mut self, uses: &Uses, stage: &mut Stage) {
        for (place, count) in uses.iter() {
            self.enter_one(SOURCES.len() + place, count, stage);
        }
    }

    /// Most have not changed, which costs no call.
    #[inline]
    fn enter_one(&mut self, index: usize, value: u64, stage: &mut Stage) {
        if value != self.told[index] {
            self.enter_changed(index, value, stage);
        }
    }

    fn enter_changed(&mut self, index: usize, value: u64, stage: &mut Stage) {
        let before = std::mem::replace(&mut self.told[index], value);
        let counter = CounterId(index as u16);
        match table()[index].kind {
            CounterKind::Counter if value > before => stage.add(counter, value - before),
            CounterKind::Gauge => stage.set(counter, value),
            _ => {}
        }
    }
}

/// Enters those who read too slowly, by their nicks, when they were looked at since they were last told.
pub fn enter_slowest(now: Now, figures: &mut Figures, engine: &Engine, stage: &mut Stage) {
    if std::mem::replace(&mut figures.slowest_are_told, true) {
        return;
    }
    let slow = |slowest: &Slowest| Slow {
        // Who has not registered has no name.
        name: engine
            .world()
            .user(engine::user_of(slowest.conn))
            .map_or("", |user| user.nick.as_str())
            .to_owned(),
        queued: slowest.bytes,
        limit: slowest.limit,
        since_ms: now.wall_ms.saturating_sub(slowest.waited_ms),
    };
    stage.slow(&figures.slowest.iter().map(slow).collect::<Vec<_>>());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_fit_their_fields_and_names_are_unique() {
        let mut names: Vec<&str> = table().iter().map(|row| row.name).collect();
        for row in table().iter().chain(ROOM_ROWS) {
            assert!(row.name.len() <= 64 && row.unit.len() <= 16 && row.help.len() <= 144, "{}", row.name);
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), table().len());
    }

    #[test]
    fn the_histograms_are_those_that_are_collected() {
        for (row, source) in ROWS.iter().zip(SOURCES) {
            let collected = matches!(source, From::Lengths(_));
            assert_eq!(row.kind == CounterKind::Histogram, collected, "{}", row.name);
        }
    }
}
