//! The counters that the segment keeps by itself, beside those of the server.

use crate::directory::{CounterKind, CounterRow};

const fn row(name: &'static str, kind: CounterKind, unit: &'static str, help: &'static str) -> CounterRow {
    CounterRow { name, kind, unit, help }
}

use CounterKind::{Counter, Gauge, Histogram};

/// About publication itself.
#[rustfmt::skip]
pub const SERVER_ROWS: &[CounterRow] = &[
    row("segment.published", Counter,   "publications", "Publications of changes."),
    row("segment.deferred",  Counter,   "attempts",     "Attempts to publish while a reader held the guard."),
    row("segment.overrun",   Counter,   "publications", "Publications over a living reader that held the guard past the lease."),
    row("segment.healed",    Counter,   "guards",       "Guards taken back from a reader that died holding them."),
    row("segment.recovered", Counter,   "objects",      "Segments and sets of semaphores created again after somebody removed them."),
    row("segment.dropped",   Counter,   "records",      "Records overwritten before anybody could read them."),
    row("segment.refused",   Counter,   "rooms",        "Rooms that found no slot, or whose name is too long."),
    row("segment.words",     Counter,   "words",        "Words of 8 bytes written by publications."),
    row("segment.hold",      Histogram, "ns",           "How long the server held the guard."),
    row("segment.wait",      Histogram, "ns",           "How long the server waited for the guard, when it waited."),
];
pub(crate) const PUBLISHED: usize = 0;
pub(crate) const DEFERRED: usize = 1;
pub(crate) const OVERRUN: usize = 2;
pub(crate) const HEALED: usize = 3;
pub(crate) const RECOVERED: usize = 4;
pub(crate) const RECORDS_DROPPED: usize = 5;
pub(crate) const REFUSED: usize = 6;
pub(crate) const WORDS: usize = 7;
pub(crate) const HOLD: usize = 8;
pub(crate) const WAIT: usize = 9;

/// About a room.
#[rustfmt::skip]
pub const ROOM_ROWS: &[CounterRow] = &[
    row("messages",       Counter, "messages",  "Messages said in the room."),
    row("bytes",          Counter, "bytes",     "Bytes of text said in the room."),
    row("members",        Gauge,   "people",    "People in the room."),
    row("members_peak",   Counter, "people",    "Most people that were in the room at once."),
    row("active_ms",      Gauge,   "ms",        "When somebody last said something, since 1970."),
    row("sequence",       Counter, "records",   "Sequence of the newest record of the history."),
    row("dropped",        Counter, "records",   "Records overwritten before anybody could read them."),
    row("message_rate_1",  Gauge,  "1/1000 s",  "Messages per 1000 seconds, over the last complete second."),
    row("message_rate_10", Gauge,  "1/1000 s",  "Messages per 1000 seconds, over the last 10 complete seconds."),
    row("message_rate_60", Gauge,  "1/1000 s",  "Messages per 1000 seconds, over the last 60 complete seconds."),
    row("byte_rate_1",     Gauge,  "B/1000 s",  "Bytes per 1000 seconds, over the last complete second."),
    row("byte_rate_10",    Gauge,  "B/1000 s",  "Bytes per 1000 seconds, over the last 10 complete seconds."),
    row("byte_rate_60",    Gauge,  "B/1000 s",  "Bytes per 1000 seconds, over the last 60 complete seconds."),
    row("message_rate_peak", Gauge, "1/1000 s", "Most messages per 1000 seconds in a second since the server began."),
];
pub(crate) const MESSAGES: usize = 0;
pub(crate) const BYTES: usize = 1;
pub(crate) const MEMBERS: usize = 2;
pub(crate) const MEMBERS_PEAK: usize = 3;
pub(crate) const ACTIVE_MS: usize = 4;
pub(crate) const SEQUENCE: usize = 5;
pub(crate) const DROPPED: usize = 6;
pub(crate) const MESSAGE_RATES: usize = 7;
pub(crate) const BYTE_RATES: usize = 10;
pub(crate) const RATE_PEAK: usize = 13;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_indices_name_their_rows() {
        for (index, name) in [
            (PUBLISHED, "segment.published"),
            (DEFERRED, "segment.deferred"),
            (OVERRUN, "segment.overrun"),
            (HEALED, "segment.healed"),
            (RECOVERED, "segment.recovered"),
            (RECORDS_DROPPED, "segment.dropped"),
            (REFUSED, "segment.refused"),
            (WORDS, "segment.words"),
            (HOLD, "segment.hold"),
            (WAIT, "segment.wait"),
        ] {
            assert_eq!(SERVER_ROWS[index].name, name);
        }
        for (index, name) in [
            (MESSAGES, "messages"),
            (BYTES, "bytes"),
            (MEMBERS, "members"),
            (MEMBERS_PEAK, "members_peak"),
            (ACTIVE_MS, "active_ms"),
            (SEQUENCE, "sequence"),
            (DROPPED, "dropped"),
            (MESSAGE_RATES, "message_rate_1"),
            (BYTE_RATES + 2, "byte_rate_60"),
            (RATE_PEAK, "message_rate_peak"),
        ] {
            assert_eq!(ROOM_ROWS[index].name, name);
        }
    }

    #[test]
    fn descriptions_fit_their_fields() {
        for row in SERVER_ROWS.iter().chain(ROOM_ROWS) {
            assert!(row.name.len() <= 64 && row.unit.len() <= 16 && row.help.len() <= 144, "{}", row.name);
        }
    }
}
