//! Which room has which slot.

use super::{Stage, State};
use crate::layout::{ROOM_NAME_BYTES, copy, header, room};

impl Stage {
    /// Makes an empty slot the room's.
    pub(crate) fn enter(&mut self, slot: usize, name: &str, tenure: u64) {
        self.tenure = self.tenure.max(tenure) + 1;
        self.names.insert(name.to_owned(), slot);
        let entered = &mut self.slots[slot];
        entered.tenure = tenure;
        entered.state = State::Open;
        name.clone_into(&mut entered.name);
        entered.rename = true;
        self.ring(slot);
        self.set_fact(slot, room::TENURE, tenure);
        self.set_fact(slot, room::STATE, 1);
        self.set_text(slot, header::NAME_AT, ROOM_NAME_BYTES, name);
        self.set_used();
    }

    /// Says where readers need not look for rooms.
    pub(super) fn set_used(&mut self) {
        let last = self.slots.iter().rposition(|slot| slot.state != State::Empty);
        self.image.set(copy::USED, last.map_or(0, |last| last as u64 + 1) + 1);
    }

    /// A slot that is empty, or whose room has been closed for the longest time.
    pub(super) fn vacancy(&self) -> Option<usize> {
        let empty = self.slots.iter().position(|slot| slot.state == State::Empty);
        empty.or_else(|| {
            let closed = self.slots.iter().enumerate().filter_map(|(index, slot)| match slot.state {
                State::Closed(when) => Some((when, index)),
                State::Empty | State::Open => None,
            });
            closed.min().map(|(_, index)| index)
        })
    }
}
