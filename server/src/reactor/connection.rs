//! One connection as the loop sees it, and all of them.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::net::IpAddr;

use engine::ConnId;
use slab::Slab;
use wire::Framer;

use super::lane::Lane;
use super::queue::{Chunk, Queue};
use super::slot_of;
use super::transport::Transport;
use crate::bucket::Bucket;

/// Pieces of memory in one system call. The kernel takes 1024, but the array is made anew for each.
const SLICES_MAX: usize = 128;

/// How far a connection has come.
///
/// ```text
///   Open ──► Ending ──► Closing ──► Draining ──► Gone
///      └────────┴──────────┴───────────────────────┘ an error, or time is up
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The engine knows it.
    Open,
    /// It is to end, and the engine will be told at the end of the turn. What others say is not kept for it any more:
    /// many who end together would otherwise each hear of all the others.
    Ending,
    /// The engine has closed it; what is queued is still sent.
    Closing,
    /// Everything is sent. What still comes in is thrown away: closing now would make the kernel reset the
    /// connection, and the other side would lose its last lines.
    Draining,
    /// To be removed at the end of the turn.
    Gone,
}

/// Why the lines of a connection are not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// They are.
    Nothing,
    /// Its secret is being checked.
    Check,
    /// Flood control: the bucket has the next line at this millisecond.
    Until(u64),
    /// It does not read what it is answered.
    Backlog,
    /// Its answer goes on when it has read what it was told so far.
    More,
}

/// What became of an attempt to send.
#[derive(Debug)]
pub enum Flushed {
    /// Everything is sent.
    All,
    /// The kernel takes no more at present.
    Blocked,
    /// The connection is broken.
    Broken(io::Error),
}

/// One connection.
#[derive(Debug)]
pub struct Connection {
    /// Its id.
    pub id: ConnId,
    /// Its bytes.
    pub transport: Transport,
    /// Its lines.
    pub framer: Framer,
    /// What waits to be sent.
    pub queue: Queue,
    /// Its flood control.
    pub bucket: Bucket,
    /// How far it has come.
    pub stage: Stage,
    /// Why its lines are not taken.
    pub hold: Hold,
    /// Where it is from, if limits apply to it.
    pub address: Option<IpAddr>,
    /// Whether there may be something to read.
    pub readable: bool,
    /// Whether the kernel may take something.
    pub writable: bool,
    /// Whether the kernel told that the other side has ended its half, perhaps behind bytes not read yet.
    pub ending: bool,
    /// Whether that end has been reached.
    pub ended: bool,
    /// On which list of those to be read it is.
    pub ready: Option<Lane>,
    /// On which list of those to be written it is.
    pub dirty: Option<Lane>,
}

impl Connection {
    /// A new connection.
    pub fn new(id: ConnId, transport: Transport, address: Option<IpAddr>) -> Self {
        Self {
            id,
            transport,
            framer: Framer::new(),
            queue: Queue::default(),
            bucket: Bucket::default(),
            stage: Stage::Open,
            hold: Hold::Nothing,
            address,
            readable: false,
            writable: true,
            ending: false,
            ended: false,
            ready: None,
            dirty: None,
        }
    }

    /// Whether limits apply to it.
    pub fn is_limited(&self) -> bool {
        self.address.is_some()
    }

    /// Whether it comes on a list of those to be written: unless it is on that one, or on the one that is served first.
    fn soils(&mut self, lane: Lane) -> bool {
        let comes = self.dirty.is_none() || (self.dirty == Some(Lane::Bulk) && lane == Lane::Prompt);
        if comes {
            self.dirty = Some(lane);
        }
        comes
    }

    /// Sends what is queued until the kernel takes no more.
    pub fn flush(&mut self, sent: &mut u64) -> Flushed {
        while !self.queue.is_empty() {
            if !self.writable {
                return Flushed::Blocked;
            }
            let outcome = match self.queue.only() {
                // The usual case, for which the kernel has a shorter way.
                Some(bytes) => self.transport.write(bytes),
                None => {
                    let mut slices = [IoSlice::new(&[]); SLICES_MAX];
                    let count = self.queue.slices(&mut slices);
                    self.transport.write_vectored(&slices[..count])
                }
            };
            match outcome {
                Ok(0) => return Flushed::Broken(io::ErrorKind::WriteZero.into()),
                Ok(bytes) => {
                    self.queue.advance(bytes);
                    *sent += bytes as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.writable = false;
                    return Flushed::Blocked;
                }
                Err(error) => return Flushed::Broken(error),
            }
        }
        Flushed::All
    }
}

/// All connections, by slot, and which of them have something to do.
#[derive(Debug, Default)]
pub struct Connections {
    /// Boxed, so that many who come are not moved about, and the slots of those who left cost little.
    slab: Slab<Box<Connection>>,
    /// Those that may have lines, in the order in which they are served, for each lane.
    ready: [VecDeque<ConnId>; 2],
    /// Those with something to send, likewise. Who has become prompt is still among the others, and passed over there.
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
        assert_eq!(slot, slot_of(id), "the id was made for the next slot");
    }

    /// Removes a connection.
    pub fn remove(&mut self, id: ConnId) -> Option<Box<Connection>> {
        self.get(id)?;
        let connection = self.slab.remove(slot_of(id));
        self.unix -= usize::from(connection.transport.is_unix());
        Some(connection)
    }

    /// A connection, unless it is gone.
    pub fn get(&self, id: ConnId) -> Option<&Connection> {
        self.slab.get(slot_of(id)).map(|connection| &**connection).filter(|connection| connection.id == id)
    }

    /// A connection, unless it is gone.
    pub fn get_mut(&mut self, id: ConnId) -> Option<&mut Connection> {
        self.in_slot(slot_of(id)).filter(|connection| connection.id == id)
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
        let Some(connection) = self.slab.get_mut(slot_of(id)).filter(|connection| connection.id == id) else {
            return;
        };
        let takes = matches!(connection.stage, Stage::Open | Stage::Closing);
        if !takes {
            return;
        }
        connection.queue.push(chunk);
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
            && connection.ready.is_none()
        {
            connection.ready = Some(lane);
            self.ready[lane as usize].push_back(id);
        }
    }

    /// Takes one from the list of those to be read.
    pub fn next_ready(&mut self, lane: Lane) -> Option<ConnId> {
        loop {
            let id = self.ready[lane as usize].pop_front()?;
            if let Some(connection) = self.get_mut(id) {
                connection.ready = None;
                return Some(id);
            }
        }
    }

    /// How many are on the list of those to be read.
    pub fn ready(&self, lane: Lane) -> usize {
        self.ready[lane as usize].len()
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

    use super::*;

    /// Two connections, whose other ends are closed.
    fn two() -> (Connections, ConnId, ConnId) {
        let mut connections = Connections::default();
        let [one, other] = [0, 1].map(|_| {
            let (stream, _) = UnixStream::pair().unwrap();
            let id = ConnId(7 << super::super::SLOT_BITS | connections.next_slot() as u64);
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
        connections.rouse(Lane::Bulk, one);
        connections.rouse(Lane::Prompt, one);
        connections.rouse(Lane::Prompt, other);
        assert_eq!((connections.ready(Lane::Prompt), connections.ready(Lane::Bulk)), (1, 1));
        assert_eq!(connections.next_ready(Lane::Prompt), Some(other));
        assert_eq!(connections.next_ready(Lane::Bulk), Some(one));
        assert!(!connections.has_work());
    }
}
