//! Buffers are found, and opened where there is none yet.

use crate::buffer::{Buffer, BufferId, Kind};
use crate::model::Model;
use crate::network::NetworkId;

/// Buffers that may be open; messages from further strangers are shown with the server's words.
const BUFFERS_MAX: usize = 500;

impl Model {
    /// The place of a buffer by its identity.
    pub fn position(&self, id: BufferId) -> Option<usize> {
        self.buffers.iter().position(|buffer| buffer.id == id)
    }

    /// The place of a room's or a person's buffer.
    pub fn find(&self, name: &str) -> Option<usize> {
        let talk = |buffer: &Buffer| matches!(buffer.kind, Kind::Room | Kind::Query);
        let named = |buffer: &Buffer| {
            buffer.network == self.id && talk(buffer) && self.session.same(&buffer.name, name)
        };
        self.buffers.iter().position(named)
    }

    /// The places of the buffers with something to read, the most urgent first: who speaks to us alone, then where we
    /// were named, then where somebody spoke first.
    pub fn active(&self) -> Vec<usize> {
        let urgency = |index: &usize| {
            let buffer = &self.buffers[*index];
            let since = buffer.marker.map_or(u64::MAX, |marker| marker.since.0);
            (buffer.kind != Kind::Query, buffer.mentions == 0, since)
        };
        let mut active: Vec<usize> =
            (0..self.buffers.len()).filter(|index| self.buffers[*index].unread > 0).collect();
        active.sort_by_key(urgency);
        active
    }

    /// The place of the network's buffer for a list, emptied; it is made if there is none.
    pub fn open_list(&mut self, name: &str) -> usize {
        let index = self.find_list().unwrap_or_else(|| self.open_new(Kind::List, name));
        self.buffers[index].clear();
        index
    }

    /// The place of the network's buffer for a list.
    pub fn find_list(&self) -> Option<usize> {
        let list = |buffer: &Buffer| buffer.network == self.id && buffer.kind == Kind::List;
        self.buffers.iter().position(list)
    }

    /// The place of a room's or a person's buffer, which is made if there is none; the server's if there are too many.
    pub fn open(&mut self, name: &str) -> usize {
        if let Some(index) = self.find(name) {
            return index;
        }
        let kind = if self.session.isupport().is_channel(name) { Kind::Room } else { Kind::Query };
        self.open_new(kind, name)
    }

    fn open_new(&mut self, kind: Kind, name: &str) -> usize {
        if self.buffers.len() >= BUFFERS_MAX {
            return self.server();
        }
        let buffer = self.new_buffer(self.id, kind, &crate::text::clean(name));
        let last = self.buffers.iter().rposition(|buffer| buffer.network == self.id);
        let place = last.expect("the server's buffer is one of them") + 1;
        self.buffers.insert(place, buffer);
        self.current += usize::from(place <= self.current);
        if !self.restoring {
            self.recall(place);
        }
        place
    }

    /// A buffer that is not among the others yet.
    pub fn new_buffer(&mut self, network: NetworkId, kind: Kind, name: &str) -> Buffer {
        let id = BufferId(self.ids);
        self.ids += 1;
        let mut buffer = Buffer::new(id, kind, name);
        buffer.network = network;
        buffer
    }
}
