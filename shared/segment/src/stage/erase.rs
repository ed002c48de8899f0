//! What is taken out of the segment, so that no byte of it stays.

use super::{News, RoomId, Stage, State};
use crate::layout::header;
use crate::ring::Ring;
use crate::tally::Tally;

impl Stage {
    /// Removes everything about the room from the segment, with the next publication: it has become private, or its
    /// history is not wanted any more.
    pub fn erase(&mut self, room: RoomId) {
        let Some(slot) = self.slot(room) else { return };
        self.erase_slot(slot);
    }

    /// Takes a record out of the room's history, with the next publication: no byte of it stays. The other records keep
    /// their numbers, and the room what was counted.
    pub fn remove(&mut self, room: RoomId, id: &str) {
        let Some(slot) = self.slot(room) else { return };
        let from = &mut self.slots[slot];
        from.ring = from.ring.without(id, &mut self.scratch);
        from.blank = true;
        self.ring(slot);
    }

    /// Empties a slot, if it is not empty.
    pub(super) fn erase_slot(&mut self, slot: usize) {
        if self.slots[slot].state == State::Empty {
            return;
        }
        let erased = &mut self.slots[slot];
        self.names.remove(&erased.name);
        erased.name.clear();
        erased.state = State::Empty;
        erased.tenure = 0;
        erased.ring = Ring::new(self.geometry.count(header::RING_BYTES), erased.ring.tail);
        erased.tally = Tally::default();
        // It stays on the list, which then finds nothing.
        erased.news = News { listed: erased.news.listed, ..News::default() };
        erased.tallied = false;
        erased.warm = false;
        erased.wipe = true;
        erased.blank = false;
        erased.rename = true;
        self.warm.retain(|&warm| warm != slot);
        self.ring(slot);
        self.image.erase(self.geometry.room(slot), self.geometry.words(header::ROOM_BYTES));
        self.set_used();
        self.erased = true;
    }
}
