//! The table of counters: a row each, which makes it appear in every reader of the segment.

use std::time::Duration;

use engine::Engine;
use segment::{CounterId, CounterKind, CounterRow, Stage};

/// Turns and publications whose lengths wait to be entered. More are counted, but not measured.
const LENGTHS_MAX: usize = 1024;

/// What the loop counts by itself.
#[derive(Debug, Default)]
pub struct Figures {
    /// Connections now.
    pub connections: u64,
    /// Connections so far.
    pub connections_total: u64,
    /// Connections refused because there were too many.
    pub refused_full: u64,
    /// Connections refused because there were too many from their address.
    pub refused_address: u64,
    /// Bytes read.
    pub bytes_in: u64,
    /// Bytes written.
    pub bytes_out: u64,
    /// Lines read.
    pub lines_in: u64,
    /// Lines queued.
    pub lines_out: u64,
    /// Lines queued that were for many.
    pub deliveries: u64,
    /// Turns in which there was something to do.
    pub turns: u64,
    /// Connections closed because they did not read.
    pub sendq_closes: u64,
    /// Connections closed because they sent too fast.
    pub flood_closes: u64,
    turn_us: Vec<u64>,
    publish_us: Vec<u64>,
}

impl Figures {
    /// A turn in which there was something to do has ended.
    pub fn turned(&mut self, length: Duration) {
        self.turns += 1;
        if self.turn_us.len() < LENGTHS_MAX {
            self.turn_us.push(length.as_micros() as u64);
        }
    }

    /// Whether something has been counted that the segment was not told. What is told of publications themselves goes
    /// with the next one, and does not cause one.
    pub fn has_changed(&self) -> bool {
        !self.turn_us.is_empty()
    }

    /// Forgets what nobody wants to be told.
    pub fn forget(&mut self) {
        self.turn_us.clear();
    }

    /// A publication has ended.
    pub fn published(&mut self, length: Duration) {
        if self.publish_us.len() < LENGTHS_MAX {
            self.publish_us.push(length.as_micros() as u64);
        }
    }
}

/// Where a row's value comes from.
enum From {
    /// The loop.
    Loop(fn(&Figures) -> u64),
    /// The engine.
    Engine(fn(&Engine) -> u64),
    /// Lengths, entered one by one.
    Lengths,
}

/// Divides the table into what the segment is told of it, and where the values come from.
macro_rules! counters {
    ($($name:literal $kind:ident $unit:literal $from:expr, $help:literal;)*) => {
        /// The counters of the server, beside those that the segment keeps by itself.
        pub const ROWS: &[CounterRow] =
            &[$(CounterRow { name: $name, kind: CounterKind::$kind, unit: $unit, help: $help },)*];
        const SOURCES: &[From] = &[$($from,)*];
    };
}

use From::{Engine as OfEngine, Lengths, Loop};

#[rustfmt::skip]
counters! {
    "turn"                  Histogram "us"          Lengths,                                    "Lengths of the loop's turns.";
    "publish"               Histogram "us"          Lengths,                                    "Lengths of publications in the segment.";
    "connections"           Gauge     "connections" Loop(|figures| figures.connections),        "Connections now, registered or not.";
    "connections.total"     Counter   "connections" Loop(|figures| figures.connections_total),  "Connections let in.";
    "connections.full"      Counter   "connections" Loop(|figures| figures.refused_full),       "Connections refused because the server or the machine was full.";
    "connections.crowded"   Counter   "connections" Loop(|figures| figures.refused_address),    "Connections refused because there were too many from their address.";
    "connections.sendq"     Counter   "connections" Loop(|figures| figures.sendq_closes),       "Connections closed because they did not read what was sent to them.";
    "connections.flood"     Counter   "connections" Loop(|figures| figures.flood_closes),       "Connections closed because they sent faster than flood control allows.";
    "users"                 Gauge     "people"      OfEngine(|engine| engine.world().users().len() as u64),     "People who are registered now.";
    "users.operators"       Gauge     "people"      OfEngine(|engine| engine.world().operators() as u64),       "IRC operators now.";
    "users.registrations"   Counter   "people"      OfEngine(|engine| engine.counts().registrations),           "Registrations.";
    "users.rejected"        Counter   "attempts"    OfEngine(|engine| engine.counts().failed_authentications),  "Passwords that were wrong.";
    "channels"              Gauge     "channels"    OfEngine(|engine| engine.world().channels().len() as u64),  "Channels now, public or not.";
    "messages"              Counter   "messages"    OfEngine(|engine| engine.counts().messages),                "Messages and notices accepted, to channels and to people.";
    "lines.malformed"       Counter   "lines"       OfEngine(|engine| engine.counts().malformed),               "Lines that were no message, not UTF-8, or too long.";
    "lines.in"              Counter   "lines"       Loop(|figures| figures.lines_in),           "Lines received.";
    "lines.out"             Counter   "lines"       Loop(|figures| figures.lines_out),          "Lines sent, each receiver's counted.";
    "deliveries"            Counter   "lines"       Loop(|figures| figures.deliveries),         "Of these, lines that went to many at once.";
    "bytes.in"              Counter   "bytes"       Loop(|figures| figures.bytes_in),           "Bytes received.";
    "bytes.out"             Counter   "bytes"       Loop(|figures| figures.bytes_out),          "Bytes sent.";
    "turns"                 Counter   "turns"       Loop(|figures| figures.turns),              "Turns of the loop in which there was something to do.";
}

const TURN: CounterId = CounterId(0);
const PUBLISH: CounterId = CounterId(1);

/// Brings the values of the table into the segment.
#[derive(Debug)]
pub struct Ledger {
    /// What was last told of each row. A counter goes on from what an earlier run left in the segment, so that only
    /// what came since may be added.
    told: Vec<u64>,
}

impl Default for Ledger {
    fn default() -> Self {
        Self { told: vec![0; ROWS.len()] }
    }
}

impl Ledger {
    /// Enters what has changed.
    pub fn enter(&mut self, figures: &mut Figures, engine: &Engine, stage: &mut Stage) {
        figures.turn_us.drain(..).for_each(|length| stage.observe(TURN, length));
        figures.publish_us.drain(..).for_each(|length| stage.observe(PUBLISH, length));
        for (index, (row, source)) in ROWS.iter().zip(SOURCES).enumerate() {
            let value = match source {
                From::Loop(value) => value(figures),
                From::Engine(value) => value(engine),
                From::Lengths => continue,
            };
            let before = std::mem::replace(&mut self.told[index], value);
            let counter = CounterId(index as u16);
            match row.kind {
                CounterKind::Counter if value > before => stage.add(counter, value - before),
                CounterKind::Gauge if value != before => stage.set(counter, value),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_histograms_are_where_they_are_looked_for() {
        assert_eq!((ROWS[usize::from(TURN.0)].name, ROWS[usize::from(PUBLISH.0)].name), ("turn", "publish"));
    }

    #[test]
    fn descriptions_fit_their_fields() {
        for row in ROWS {
            assert!(row.name.len() <= 64 && row.unit.len() <= 16 && row.help.len() <= 144, "{}", row.name);
        }
    }
}
