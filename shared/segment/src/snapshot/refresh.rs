//! Understanding a copy where an earlier one was understood: nothing is made anew that has not changed.

use std::ops::Range;

use super::{Raw, RawRoom, Room, Snapshot};
use crate::ReadError;
use crate::directory::{Counter, Entry};
use crate::layout::{copy, header, room};
use crate::object::View;
use crate::text::unpack;

impl Raw {
    /// Understands it, where `snapshot` is what was understood `before`: of what has not changed since, nothing is made anew.
    pub fn refresh(
        &self,
        snapshot: &mut Snapshot,
        before: &Raw,
        view: &View,
        generation: u64,
    ) -> Result<(), ReadError> {
        if self.words[copy::COPY_GEN] != generation && generation != 0 {
            let found = self.words[copy::COPY_GEN];
            return Err(ReadError::Damaged(format!("the copy of generation {generation} is of {found}")));
        }
        let minutes = [snapshot.wall_ms, self.words[copy::SAMPLE_MS]].map(|wall_ms| wall_ms / 60_000);
        snapshot.generation = generation;
        snapshot.boot_us = self.words[copy::SAMPLE_US];
        snapshot.wall_ms = self.words[copy::SAMPLE_MS];
        let at = view.geometry.words(header::VALUES_AT);
        let values = [self, before].map(|raw| raw.words.get(at..).unwrap_or(&[]));
        refresh_counters(&mut snapshot.counters, &view.server, values);
        if self.slow_words() != before.slow_words() {
            snapshot.slow = self.slow(&view.geometry);
        }
        if !self.tenures().eq(before.tenures()) {
            let mut known: Vec<Option<Room>> =
                std::mem::take(&mut snapshot.rooms).into_iter().map(Some).collect();
            for raw in &self.rooms {
                let at = before.rooms.binary_search_by_key(&raw.slot, |earlier| earlier.slot).ok();
                let known = at.and_then(|at| known[at].take());
                let tenure = self.word(raw, room::TENURE);
                let known = known.filter(|known| known.tenure == tenure);
                let room = known.unwrap_or_else(|| self.room(raw, view, minutes[1]));
                snapshot.rooms.push(room);
            }
        }
        for (room, raw) in snapshot.rooms.iter_mut().zip(&self.rooms) {
            let earlier =
                before.find(raw.slot).filter(|earlier| before.word(earlier, room::TENURE) == room.tenure);
            if let Some(earlier) = earlier {
                self.refresh_room(room, raw, (before, earlier), view, minutes);
            }
        }
        Ok(())
    }

    /// What was copied of the room in a slot.
    pub(super) fn find(&self, slot: usize) -> Option<&RawRoom> {
        let at = self.rooms.binary_search_by_key(&slot, |room| room.slot).ok()?;
        Some(&self.rooms[at])
    }

    /// Whether the server says that it is the same room, and its members are listed as they were before.
    pub(super) fn lists_as(&self, room: &RawRoom, before: &Raw, earlier: &RawRoom) -> bool {
        let said = |raw: &Raw, room: &RawRoom| [room::TENURE, room::LIST].map(|field| raw.word(room, field));
        said(self, room)[1] != 0 && said(self, room) == said(before, earlier)
    }

    /// Which rooms there are, and where.
    fn tenures(&self) -> impl Iterator<Item = (usize, u64)> {
        self.rooms.iter().map(|room| (room.slot, self.word(room, room::TENURE)))
    }

    /// Brings up to date what was understood of a room.
    fn refresh_room(
        &self,
        room: &mut Room,
        raw: &RawRoom,
        (before, earlier): (&Raw, &RawRoom),
        view: &View,
        [minute_before, minute]: [u64; 2],
    ) {
        let geometry = &view.geometry;
        let has_changed = |range: &Range<usize>| {
            self.words[raw.at..][range.clone()] != before.words[earlier.at..][range.clone()]
        };
        let part =
            |field: usize, bytes: usize| geometry.words(field)..geometry.words(field) + geometry.words(bytes);
        room.open = self.word(raw, room::STATE) == 1;
        room.flags = self.word(raw, room::FLAGS);
        room.opened_ms = self.word(raw, room::OPENED_MS);
        let topic = part(header::TOPIC_AT, header::TOPIC_BYTES);
        if has_changed(&topic) {
            room.topic = unpack(&self.words[raw.at..][topic]);
        }
        let last = part(header::LAST_AT, header::LAST_BYTES);
        if has_changed(&last) {
            room.last = unpack(&self.words[raw.at..][last]);
        }
        let facts = room::MINUTE..room::TALKERS + 1;
        let minutes = geometry.words(header::MINUTES_AT);
        let talkers = geometry.words(header::TALKERS_AT);
        // The talkers end where the values begin, and the minutes where the talkers do.
        if has_changed(&facts) || has_changed(&(talkers..geometry.words(header::ROOM_VALUES_AT))) {
            room.talkers = self.talkers(raw, geometry);
        }
        if minute != minute_before || has_changed(&facts) || has_changed(&(minutes..talkers)) {
            room.minutes = self.minutes(raw, geometry, minute);
        }
        // Of a list that is as it was, the members were not copied.
        let is_as_before = if self.word(raw, room::LIST) == 0 && before.word(earlier, room::LIST) == 0 {
            self.member_words(raw, geometry) == before.member_words(earlier, geometry)
        } else {
            self.lists_as(raw, before, earlier)
        };
        if !is_as_before {
            room.members = self.members(raw, geometry);
        }
        let values = geometry.words(header::ROOM_VALUES_AT);
        let values = [&self.words[raw.at + values..], &before.words[earlier.at + values..]];
        refresh_counters(&mut room.counters, &view.in_room, values);
    }
}

/// Brings values up to date; the first time they are made.
fn refresh_counters(counters: &mut Vec<Counter>, entries: &[Entry], [values, before]: [&[u64]; 2]) {
    if counters.len() != entries.len() {
        *counters = entries.iter().map(|entry| entry.counter(values)).collect();
        return;
    }
    for (counter, entry) in counters.iter_mut().zip(entries) {
        // Most stand still: their places are not even looked at.
        if entry.differs(values, before) {
            entry.refresh(&mut counter.value, values);
        }
    }
}
