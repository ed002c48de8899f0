//! What has changed from one sample to the next.

use std::collections::BTreeMap;

use segment::CounterKind;

use crate::sample::{Sample, room_number};

/// The differences of two samples of one server.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rates {
    /// The seconds between them.
    pub seconds: f64,
    /// What each counter and gauge of the server has gained; less than 0 only for gauges.
    pub gained: BTreeMap<String, i64>,
    /// The rooms, by tenure.
    pub rooms: BTreeMap<u64, RoomRates>,
    /// New messages of those who talk most, by name.
    pub people: BTreeMap<String, u64>,
}

/// What has changed in a room.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct RoomRates {
    /// New messages.
    pub messages: u64,
    /// New bytes.
    pub bytes: u64,
}

impl Rates {
    /// The differences, if they mean something: one server, alive both times, and time has passed.
    pub fn between(before: &Sample, after: &Sample) -> Option<Rates> {
        let micros = after.taken.boot_us.saturating_sub(before.taken.boot_us);
        if micros == 0 || !before.state.is_live() || !after.state.is_live() || !after.continues(before) {
            return None;
        }
        let mut rates = Rates { seconds: micros as f64 / 1e6, ..Rates::default() };
        for counter in &after.snapshot.counters {
            let Some(earlier) = before.snapshot.counter(counter.name()) else { continue };
            let gained = counter.number() as i64 - earlier.number() as i64;
            // A counter that has shrunk was made anew, and is no rate.
            let gained = if counter.about.kind == CounterKind::Gauge { gained } else { gained.max(0) };
            rates.gained.insert(counter.name().to_owned(), gained);
        }
        for room in &after.snapshot.rooms {
            let earlier = before.snapshot.rooms.iter().find(|earlier| earlier.tenure == room.tenure);
            // A room that was not there before has had nothing.
            let new = |name: &str| {
                let now = room_number(room, name).unwrap_or(0);
                now.saturating_sub(earlier.and_then(|earlier| room_number(earlier, name)).unwrap_or(0))
            };
            rates.rooms.insert(room.tenure, RoomRates { messages: new("messages"), bytes: new("bytes") });
            for talker in &room.talkers {
                // Who was not among them before may have spoken long ago.
                let mut known = earlier.into_iter().flat_map(|earlier| &earlier.talkers);
                if let Some(before) = known.find(|before| before.name == talker.name) {
                    let gained = talker.messages.saturating_sub(before.messages);
                    *rates.people.entry(talker.name.clone()).or_default() += gained;
                }
            }
        }
        Some(rates)
    }

    /// Of something gained, how much per second.
    pub fn per_second(&self, gained: u64) -> f64 {
        gained as f64 / self.seconds
    }

    /// New messages of all rooms per second.
    pub fn messages(&self) -> f64 {
        self.per_second(self.rooms.values().map(|room| room.messages).sum())
    }
}
