//! A new server takes over what an earlier one left, however that one ended.

use std::collections::VecDeque;

use crate::directory::{Counter, CounterKind, Value};
use crate::geometry::Geometry;
use crate::history::{self, RawRing};
use crate::layout::{MINUTES, RING_ROW_WORDS, header, room};
use crate::map::Mapping;
use crate::object::{EPOCH_MAX, View};
use crate::snapshot::{Raw, RawRoom};
use crate::stage::{RoomId, Stage};
use crate::tally::Talker;
use crate::text::unpack;
use crate::{Entry, Now, ReadError, Settings, builtin};

/// What [`Writer::open`](crate::Writer::open) found.
#[derive(Debug)]
pub enum Adoption {
    /// Nothing; everything was created.
    Created,
    /// An earlier server's segment.
    Adopted {
        /// The new server's incarnation.
        epoch: u64,
        /// The rooms, closed, with their histories. They are in the stage already.
        rooms: Vec<RestoredRoom>,
        /// Whether a new segment was made, because settings or counters have changed.
        moved: bool,
    },
    /// Something damaged, or no segment at all; it was removed.
    Replaced {
        /// What was wrong with it.
        why: String,
    },
}

/// A room of an earlier server.
#[derive(Debug)]
pub struct RestoredRoom {
    /// By which it can be erased; [`Stage::room`] opens it again by name.
    pub id: RoomId,
    /// Its name.
    pub name: String,
    /// Its topic.
    pub topic: String,
    /// The server's marks.
    pub flags: u64,
    /// The history, oldest first.
    pub records: Vec<Entry>,
    /// Its counters, with messages corrected by what the history knows better.
    pub counters: Vec<Counter>,
    /// Why the history is not complete, if it is not.
    pub damage: Option<String>,
}

/// All of an earlier segment that matters.
pub(crate) struct Inheritance {
    pub epoch: u64,
    pub generation: u64,
    view: View,
    values: Vec<Counter>,
    rooms: Vec<Heir>,
    /// Slots in whose ring something may lie.
    used: Vec<usize>,
}

struct Heir {
    slot: usize,
    ring: RawRing,
    records: Vec<Entry>,
    lengths: VecDeque<u32>,
    damage: Option<String>,
    facts: Facts,
}

/// What a copy of the counters said about a room.
#[derive(Default)]
struct Facts {
    topic: String,
    flags: u64,
    opened_ms: u64,
    last: String,
    counters: Vec<Counter>,
    talkers: Vec<Talker>,
    minutes: Vec<u64>,
    minute: u64,
}

impl Inheritance {
    /// Whether the new server's segment would look the same, so that it can stay where it is.
    pub fn fits(&self, stage: &Stage, directory: &[u64]) -> bool {
        let crc = crc32fast::hash(&crate::text::words_of(directory));
        self.view.geometry == stage.geometry && self.view.directory_crc == u64::from(crc)
    }
}

/// Reads everything. The earlier server is dead, so nothing moves.
pub(crate) fn read(mapping: &Mapping, view: View, settings: &Settings) -> Result<Inheritance, ReadError> {
    let (generation, intent) = (mapping.load(header::GEN), mapping.load(header::INTENT));
    if intent.wrapping_sub(generation) > 1 || generation > i64::MAX as u64 {
        return Err(ReadError::Damaged(format!("the generation is {generation} and the intent {intent}")));
    }
    let epoch = mapping.load(header::EPOCH);
    if epoch > EPOCH_MAX {
        return Err(ReadError::Damaged(format!("the epoch is {epoch}")));
    }
    let raw = Raw::copy(mapping, &view.geometry, generation);
    let slots = 0..view.geometry.count(header::ROOM_SLOTS);
    // A ring is emptied before its row, and a row is written before its ring.
    let row_is_used = |&slot: &usize| {
        let row = view.geometry.ring_row(slot);
        (row..row + RING_ROW_WORDS).any(|at| mapping.load(at) != 0)
    };
    let used = slots.filter(row_is_used).collect();
    let mut rooms = Vec::new();
    // The table of rings says which rooms there are: it is written first, and emptied first.
    for slot in 0..view.geometry.count(header::ROOM_SLOTS) {
        let ring = match history::copy_ring(mapping, &view.geometry, slot, 0) {
            Ok(Some(ring)) => ring,
            Ok(None) | Err(_) => continue,
        };
        let (records, lengths, damage) = history::salvage(&ring);
        let facts =
            raw.rooms.iter().find(|room| room.slot == slot && raw.word(room, room::TENURE) == ring.tenure);
        let facts = facts.map(|room| facts_of(&raw, room, &view)).unwrap_or_default();
        rooms.push(Heir { slot, ring, records, lengths, damage, facts });
    }
    rooms.truncate(settings.room_slots as usize);
    let values = raw.values(&view);
    Ok(Inheritance { epoch, generation, values, rooms, used, view })
}

fn facts_of(raw: &Raw, room: &RawRoom, view: &View) -> Facts {
    let geometry: &Geometry = &view.geometry;
    Facts {
        topic: unpack(raw.field(room, geometry.words(header::TOPIC_AT), geometry.words(header::TOPIC_BYTES))),
        flags: raw.word(room, room::FLAGS),
        opened_ms: raw.word(room, room::OPENED_MS),
        last: unpack(raw.field(room, geometry.words(header::LAST_AT), geometry.words(header::LAST_BYTES))),
        counters: raw.room_values(room, view),
        talkers: raw.talkers(room, geometry),
        minutes: raw
            .field(room, geometry.words(header::MINUTES_AT), geometry.count(header::MINUTES))
            .to_vec(),
        minute: raw.word(room, room::MINUTE),
    }
}

/// The segment stays; the stage learns what lies in it.
pub(crate) fn into_place(inheritance: Inheritance, epoch: u64, stage: &mut Stage, now: Now) -> Adoption {
    let mut occupied = vec![false; stage.slots.len()];
    let mut used = vec![false; stage.slots.len()];
    for &slot in &inheritance.used {
        used[slot] = true;
    }
    let rooms = inherit(inheritance, stage, now, |heir, _| {
        occupied[heir.slot] = true;
        heir.slot
    });
    for (slot, (occupied, used)) in occupied.into_iter().zip(used).enumerate() {
        let room = &mut stage.slots[slot];
        // An occupied row is right as it is: emptying it for a moment would lose the history to a kill just then.
        room.rename = false;
        if used && !occupied {
            // Whatever lies here belongs to no room.
            room.wipe = true;
            stage.ring(slot);
        }
    }
    Adoption::Adopted { epoch, rooms, moved: false }
}

/// The segment is a new one; the stage learns what lay in the old one, and publishes it.
pub(crate) fn elsewhere(inheritance: Inheritance, epoch: u64, stage: &mut Stage, now: Now) -> Adoption {
    let rooms = inherit(inheritance, stage, now, |_, index| index);
    stage.publish_anew();
    Adoption::Adopted { epoch, rooms, moved: true }
}

fn inherit(
    inheritance: Inheritance,
    stage: &mut Stage,
    now: Now,
    mut place: impl FnMut(&Heir, usize) -> usize,
) -> Vec<RestoredRoom> {
    let tenures = inheritance.rooms.iter().map(|heir| heir.ring.tenure);
    stage.tenure = tenures.fold(stage.tenure, u64::max) + 1;
    restore_values(&inheritance.values, stage);
    let mut restored: Vec<RestoredRoom> = Vec::new();
    for (index, mut heir) in inheritance.rooms.into_iter().enumerate() {
        if restored.iter().any(|room| room.name == heir.ring.name) {
            // No server writes a name twice: the second one is damage, and its slot is free.
            continue;
        }
        let slot = place(&heir, index);
        stage.enter(slot, &heir.ring.name, heir.ring.tenure);
        restore_ring(stage, slot, &mut heir);
        restore_facts(stage, slot, &heir, now);
        stage.close(stage.id(slot));
        restored.push(RestoredRoom {
            id: stage.id(slot),
            counters: stage.room_counters(slot, &heir.facts.counters),
            name: heir.ring.name,
            topic: heir.facts.topic,
            flags: heir.facts.flags,
            records: heir.records,
            damage: heir.damage,
        });
    }
    restored
}

/// The server's counters and histograms go on; its gauges begin anew.
fn restore_values(values: &[Counter], stage: &mut Stage) {
    for row in 0..stage.server.len() {
        let (about, _) = stage.server.at(row);
        let Some(found) =
            values.iter().find(|value| value.about.name == about.name && value.about.kind == about.kind)
        else {
            continue;
        };
        match &found.value {
            Value::Number(number) if about.kind == CounterKind::Counter => stage.restore_row(row, &[*number]),
            Value::Number(_) => {}
            Value::Histogram(histogram) if histogram.buckets.len() == crate::HISTOGRAM_BUCKETS => {
                let words = [&[histogram.count, histogram.sum], &histogram.buckets[..]].concat();
                stage.restore_row(row, &words);
            }
            Value::Histogram(_) => {}
        }
    }
}

/// The newest records that fit.
fn restore_ring(stage: &mut Stage, slot: usize, heir: &mut Heir) {
    let ring_bytes = stage.geometry.count(header::RING_BYTES);
    let mut words = &heir.ring.words[..];
    let mut head = heir.ring.head;
    words = &words[..heir.lengths.iter().map(|&bytes| bytes as usize / 8).sum::<usize>()];
    while words.len() * 8 > ring_bytes {
        let oldest = heir.lengths.pop_front().expect("the words are the records'");
        heir.records.remove(0);
        words = &words[oldest as usize / 8..];
        head += u64::from(oldest);
    }
    let restored = &mut stage.slots[slot];
    restored.repair = heir.damage.is_some();
    let ring = &mut restored.ring;
    ring.restore(head, &crate::text::words_of(words), std::mem::take(&mut heir.lengths));
    if restored.repair {
        // The segment's tail lies behind the damage: it is set anew with the whole records before it.
        ring.published = ring.head;
    }
    ring.sequence = heir.records.last().map_or(0, |record| record.sequence);
    ring.dropped = heir.ring.dropped;
}

fn restore_facts(stage: &mut Stage, slot: usize, heir: &Heir, now: Now) {
    let facts = &heir.facts;
    stage.set_text(slot, header::TOPIC_AT, crate::TOPIC_BYTES, &facts.topic);
    // The history knows better than the counters, if it has anything.
    let spoken = heir.records.iter().rev().find(|record| record.kind.is_speech());
    let last = spoken.map_or(&facts.last, |record| &record.from);
    stage.set_text(slot, header::LAST_AT, crate::PERSON_BYTES, last);
    stage.set_fact(slot, room::FLAGS, facts.flags);
    stage.set_fact(slot, room::OPENED_MS, facts.opened_ms);
    for row in 0..stage.in_room.len() {
        let (about, _) = stage.in_room.at(row);
        let stays =
            about.kind == CounterKind::Counter || about.name == builtin::ROOM_ROWS[builtin::ACTIVE_MS].name;
        let found = facts.counters.iter().find(|counter| counter.about.name == about.name);
        if let (true, Some(found)) = (stays, found) {
            stage.set_room_row(slot, row, found.number());
        }
    }
    // The rings are written before the counters: what the counters had not seen yet is counted now.
    let seen = stage.built_in(slot, builtin::SEQUENCE);
    for record in heir.records.iter().filter(|record| record.sequence > seen) {
        if record.kind.is_speech() {
            stage.add_built_in(slot, builtin::MESSAGES, 1);
            stage.add_built_in(slot, builtin::BYTES, record.text.len() as u64);
            stage.set_built_in(slot, builtin::ACTIVE_MS, record.wall_ms);
        }
        stage.set_built_in(slot, builtin::SEQUENCE, record.sequence);
    }
    // A minute of the future, which only damage can bring, would hide all that come.
    let minutes: Option<[u64; MINUTES]> = facts.minutes.as_slice().try_into().ok();
    let minutes = minutes.filter(|_| facts.minute <= now.minute() + 1).unwrap_or([0; MINUTES]);
    let minute = facts.minute.min(now.minute());
    let restored = minutes.map(|count| count.min(u64::from(u32::MAX)));
    stage.slots[slot].tally.restore(restored, minute, facts.talkers.clone());
    stage.warm_up(slot);
}
