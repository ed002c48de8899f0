//! All connections, by slot, and which of them have something to do.

use std::collections::VecDeque;

use engine::ConnId;
use slab::Slab;

use super::connection::{Connection, Stage};
use super::lane::Lane;
use super::queue::{Chunk, Queue};

/// A list of those that may have lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// What came of them last was prompt.
    Talking,
    /// What came of them last was not, and what comes next may be.
    Unsorted,
    /// They wait for their turn.
    Bulk,
}

/// All connections.
#[derive(Debug, Default)]
pub struct Connections {
    /// Boxed, so that many who come are not moved about, and the slots of those who left cost little.
    slab: Slab<Box<Connection>>,
    /// Those that may have lines, in the order in which they are served, by [`Waiting`].
    ready: [VecDeque<ConnId>; 3],
    /// Those with something to send, likewise, for each lane. Who has become prompt is still among the others, and passed over there.
    dirty: [VecDeque<ConnId>; 2],
    /// How many came through the Unix socket.
    unix: usize,
}

impl Connections {
    /// The slot that the next connection will have.
    pub fn next_slot(&self) -> usize {
        self.slab.vacant_key()
    }

    /// Adds a connection, in the slot that its id says.
    pub fn insert(&mut self, connection: Connection) {
        let id = connection.id;
        self.unix += usize::from(connection.transport.is_unix());
        let slot = self.slab.insert(Box::new(connection));
        assert_eq!(slot, id.slot(), "the id was made for the next slot");
    }

    /// Removes a connection.
    pub fn remove(&mut self, id: ConnId) -> Option<Box<Connection>> {
        self.get(id)?;
        let connection = self.slab.remove(id.slot());
        self.unix -= usize::from(connection.transport.is_unix());
        Some(connection)
    }

    /// A connection, unless it is gone.
    pub fn get(&self, id: ConnId) -> Option<&Connection> {
        self.slab.get(id.slot()).map(|connection| &**connection).filter(|connection| connection.id == id)
    }

    /// A connection, unless it is gone.
    pub fn get_mut(&mut self, id: ConnId) -> Option<&mut Connection> {
        self.in_slot(id.slot()).filter(|connection| connection.id == id)
    }

    /// The connection in a slot.
    pub fn in_slot(&mut self, slot: usize) -> Option<&mut Connection> {
        self.slab.get_mut(slot).map(|connection| &mut **connection)
    }

    /// How many came through the Unix socket.
    pub fn unix(&self) -> usize {
        self.unix
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.slab.len()
    }

    /// All ids. Only for what concerns everybody, such as the end.
    pub fn ids(&self) -> Vec<ConnId> {
        self.slab.iter().map(|(_, connection)| connection.id).collect()
    }

    /// Queues something to send.
    pub fn queue(&mut self, lane: Lane, id: ConnId, chunk: Chunk) {
        self.add(lane, id, |queue| queue.push(chunk));
    }

    /// Queues lines that nobody else hears.
    pub fn queue_own(&mut self, lane: Lane, id: ConnId, lines: &[u8]) {
        self.add(lane, id, |queue| queue.push_own(lines));
    }

    fn add(&mut self, lane: Lane, id: ConnId, add: impl FnOnce(&mut Queue)) {
        let Some(connection) = self.slab.get_mut(id.slot()).filter(|connection| connection.id == id) else {
            return;
        };
        let takes = matches!(connection.stage, Stage::Open | Stage::Closing);
        if !takes {
            return;
        }
        add(&mut connection.queue);
        // Also if the kernel takes nothing at present: what waits may have become too much.
        if connection.soils(lane) {
            self.dirty[lane as usize].push_back(id);
        }
    }

    /// Puts a connection on the list of those to be written.
    pub fn soil(&mut self, lane: Lane, id: ConnId) {
        if self.get_mut(id).is_some_and(|connection| connection.soils(lane)) {
            self.dirty[lane as usize].push_back(id);
        }
    }

    /// Takes one from the list of those to be written.
    pub fn next_dirty(&mut self, lane: Lane) -> Option<ConnId> {
        loop {
            let id = self.dirty[lane as usize].pop_front()?;
            if let Some(connection) = self.get_mut(id)
                && connection.dirty == Some(lane)
            {
                connection.dirty = None;
                return Some(id);
            }
        }
    }

    /// Puts a connection at the end of a list of those to be read, unless it is on one.
    pub fn rouse(&mut self, lane: Lane, id: ConnId) {
        if let Some(connection) = self.get_mut(id)
            && !connection.ready
        {
            connection.ready = true;
            let list = match lane {
                Lane::Prompt if connection.talks => Waiting::Talking,
                Lane::Prompt => Waiting::Unsorted,
                Lane::Bulk => Waiting::Bulk,
            };
            self.ready[list as usize].push_back(id);
        }
    }

    /// Takes one from a list of those to be read.
    pub fn next_ready(&mut self, list: Waiting) -> Option<ConnId> {
        loop {
            let id = self.ready[list as usize].pop_front()?;
            if let Some(connection) = self.get_mut(id) {
                connection.ready = false;
                return Some(id);
            }
        }
    }

    /// How many are on a list of those to be read.
    pub fn ready(&self, list: Waiting) -> usize {
        self.ready[list as usize].len()
    }

    /// How many are on the list of those to be written, those who have become prompt among them.
    pub fn dirty(&self, lane: Lane) -> usize {
        self.dirty[lane as usize].len()
    }

    /// Whether somebody is on any list.
    pub fn has_work(&self) -> bool {
        self.ready.iter().chain(&self.dirty).any(|list| !list.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use engine::Line;
    use mio::net::UnixStream;

    use super::super::transport::Transport;
    use super::*;

    /// Two connections, whose other ends are closed.
    fn two() -> (Connections, ConnId, ConnId) {
        let mut connections = Connections::default();
        let [one, other] = [0, 1].map(|_| {
            let (stream, _) = UnixStream::pair().unwrap();
            let id = ConnId::new(7, connections.next_slot());
            connections.insert(Connection::new(id, Transport::Unix(stream), None));
            id
        });
        (connections, one, other)
    }

    #[test]
    fn who_is_told_something_promptly_is_written_to_first_and_once() {
        let (mut connections, one, other) = two();
        let line = || Chunk::line(Line::new("PING\r\n"));
        connections.queue(Lane::Bulk, one, line());
        connections.queue(Lane::Bulk, other, line());
        connections.queue(Lane::Prompt, other, line());
        connections.queue(Lane::Bulk, other, line());
        assert_eq!(connections.next_dirty(Lane::Prompt), Some(other));
        assert_eq!(connections.get(other).map(|connection| connection.queue.bytes()), Some(18), "all of it");
        assert_eq!(connections.next_dirty(Lane::Prompt), None);
        assert_eq!(connections.next_dirty(Lane::Bulk), Some(one));
        assert_eq!(connections.next_dirty(Lane::Bulk), None);
        connections.soil(Lane::Bulk, other);
        assert_eq!(connections.next_dirty(Lane::Bulk), Some(other), "again, if there is something again");
        assert!(!connections.has_work());
    }

    #[test]
    fn who_waits_for_his_turn_does_not_overtake_himself() {
        let (mut connections, one, other) = two();
        connections.get_mut(other).unwrap().talks = true;
        connections.rouse(Lane::Bulk, one);
        connections.rouse(Lane::Prompt, one);
        connections.rouse(Lane::Prompt, other);
        assert_eq!((connections.ready(Waiting::Talking), connections.ready(Waiting::Bulk)), (1, 1));
        assert_eq!(connections.next_ready(Waiting::Talking), Some(other));
        assert_eq!(connections.next_ready(Waiting::Bulk), Some(one));
        assert!(!connections.has_work());
    }

    #[test]
    fn who_did_not_talk_last_comes_after_those_who_did() {
        let (mut connections, one, other) = two();
        connections.get_mut(other).unwrap().talks = true;
        connections.rouse(Lane::Prompt, one);
        connections.rouse(Lane::Prompt, other);
        connections.rouse(Lane::Prompt, one);
        assert_eq!((connections.ready(Waiting::Talking), connections.ready(Waiting::Unsorted)), (1, 1));
        assert_eq!(connections.next_ready(Waiting::Talking), Some(other));
        assert_eq!(connections.next_ready(Waiting::Talking), None);
        assert!(connections.has_work());
        assert_eq!(connections.next_ready(Waiting::Unsorted), Some(one));
        assert!(!connections.has_work());
    }
}
