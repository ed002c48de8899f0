//! One connection as the loop sees it.

use std::io::{self, IoSlice};
use std::mem::offset_of;
use std::net::IpAddr;

use engine::ConnId;
use mio::event::Event;
use wire::Framer;

use super::lane::Lane;
use super::queue::Queue;
use super::transport::Transport;
use crate::bucket::Bucket;

/// Pieces of memory in one system call. The kernel takes 1024, but the array is made anew for each.
const SLICES_MAX: usize = 128;
/// Bytes that one connection is sent before others have their turn. More would take the kernel longer than all else in a
/// turn, and less would make long queues dear.
const SENT_AT_ONCE: usize = 64 * 1024;

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

/// The end of what the other side says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// It goes on.
    None,
    /// The kernel told of it; there may be bytes before it that are not read yet.
    Told,
    /// It has been reached.
    Reached,
}

/// What became of an attempt to send.
#[derive(Debug)]
pub enum Flushed {
    /// Everything is sent.
    All,
    /// As much is sent as may be at once.
    Part,
    /// The kernel takes no more at present.
    Blocked,
    /// The connection is broken.
    Broken(io::Error),
}

/// One connection.
///
/// Its fields stand in memory as they do here. What is looked at when it is told something and when that is sent comes first: two
/// lines of the processor's cache, which are fetched when it is told and are still there after others have been sent to.
#[derive(Debug)]
#[repr(C)]
pub struct Connection {
    /// Its id.
    pub id: ConnId,
    /// What waits to be sent.
    pub queue: Queue,
    /// Its bytes.
    pub transport: Transport,
    /// Why its lines are not taken.
    pub hold: Hold,
    /// How far it has come.
    pub stage: Stage,
    /// On which list of those to be written it is.
    pub dirty: Option<Lane>,
    /// Whether the kernel may take something.
    pub writable: bool,
    /// Whether there may be something to read.
    pub readable: bool,
    /// Whether the other side has ended its half.
    pub end: End,
    /// Whether it is on a list of those to be read.
    pub ready: bool,
    /// Whether what came last was prompt, so that what comes next may be.
    pub talks: bool,
    /// Where it is from, if limits apply to it.
    pub address: Option<IpAddr>,
    /// Its lines.
    pub framer: Framer,
    /// Its flood control.
    pub bucket: Bucket,
}

// The allocator gives memory of its size at multiples of 32 bytes, so that the first 96 lie in two lines of the cache. A
// debug build has more in a socket.
const _: () = assert!(offset_of!(Connection, address) <= if cfg!(debug_assertions) { 112 } else { 96 });

impl Connection {
    /// A new connection.
    pub fn new(id: ConnId, transport: Transport, address: Option<IpAddr>) -> Self {
        Self {
            id,
            queue: Queue::default(),
            transport,
            hold: Hold::Nothing,
            stage: Stage::Open,
            dirty: None,
            writable: true,
            readable: false,
            end: End::None,
            ready: false,
            talks: false,
            address,
            framer: Framer::new(),
            bucket: Bucket::default(),
        }
    }

    /// Whether limits apply to it.
    pub fn is_limited(&self) -> bool {
        self.address.is_some()
    }

    /// Takes what the kernel tells of it. Says whether what waits can be sent again.
    pub fn hear(&mut self, event: &Event) -> bool {
        if event.is_read_closed() || event.is_error() {
            self.end = self.end.max(End::Told);
        }
        self.readable |= event.is_readable() || self.end != End::None;
        let was_writable = self.writable;
        // An attempt to write finds out what is wrong, if anything is.
        self.writable |= event.is_writable() || event.is_write_closed() || event.is_error();
        // Who was writable before is on a list already, if anything waits for it.
        self.writable && !was_writable && !self.queue.is_empty()
    }

    /// Whether it comes on a list of those to be written: unless it is on that one, or on the one that is served first.
    pub(super) fn soils(&mut self, lane: Lane) -> bool {
        let comes = self.dirty.is_none() || (self.dirty == Some(Lane::Bulk) && lane == Lane::Prompt);
        if comes {
            self.dirty = Some(lane);
        }
        comes
    }

    /// Sends what is queued until the kernel takes no more, or others have their turn.
    pub fn flush(&mut self, sent: &mut u64) -> Flushed {
        let end = *sent + SENT_AT_ONCE as u64;
        while !self.queue.is_empty() {
            if !self.writable {
                return Flushed::Blocked;
            }
            if *sent >= end {
                return Flushed::Part;
            }
            let outcome = match self.queue.only() {
                // The usual case, for which the kernel has a shorter way.
                Some(bytes) => self.transport.write(&bytes[..bytes.len().min(SENT_AT_ONCE)]),
                None => {
                    let mut slices = [IoSlice::new(&[]); SLICES_MAX];
                    let count = self.queue.slices(&mut slices, SENT_AT_ONCE);
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
