//! Write and reap: each connection with output is written to, all its lines at once, and the closed ones are removed.

use std::io;
use std::mem;

use engine::{ConnId, Input};

use super::connection::{End, Flushed, Hold, Stage};
use super::lane::Lane;
use super::{Reactor, SLICE};
use crate::clock::{Moment, While};

/// Connections that are written to between two looks at the clock, each of which costs a hundredth of a write,
const WRITES_PER_LOOK: usize = 4;
/// unless they are sent as much as this.
const BYTES_PER_LOOK: u64 = 8192;

impl Reactor {
    /// Sends what is queued in a lane. Each is sent what is queued for it, and who has more than may be sent at once, or is
    /// said something meanwhile, goes to the end of the list, so that those who talk at the same time share the writes.
    pub(super) fn write(&mut self, lane: Lane, now: Moment, time: While) {
        let (mut written, mut sent) = (0, self.figures.bytes_out);
        while let Some(id) = self.connections.next_dirty(lane) {
            self.flush(lane, id, now);
            written += 1;
            if written == WRITES_PER_LOOK || self.figures.bytes_out - sent >= BYTES_PER_LOOK {
                if time.is_over() {
                    break;
                }
                (written, sent) = (0, self.figures.bytes_out);
            }
        }
    }

    fn flush(&mut self, lane: Lane, id: ConnId, now: Moment) {
        let Some(connection) = self.connections.get_mut(id) else { return };
        let outcome = connection.flush(&mut self.figures.bytes_out);
        let (waits, hold, stage) = (connection.queue.bytes(), connection.hold, connection.stage);
        match outcome {
            Flushed::Blocked => self.figures.blocked(id, waits, now.ms()),
            Flushed::All | Flushed::Broken(_) => self.figures.relieved(id),
            Flushed::Part => {}
        }
        let sendq_bytes_max = self.config.connections.sendq_bytes_max;
        if hold == Hold::Backlog && waits <= sendq_bytes_max / 2 {
            connection.hold = Hold::Nothing;
            self.connections.rouse(Lane::Prompt, id);
        }
        if hold == Hold::More && waits <= self.more_below() {
            self.connections.rouse(Lane::Prompt, id);
        }
        match outcome {
            // Something that he is to hear before he is gone is only gathered yet, and written with the others'.
            Flushed::All if stage == Stage::Closing && self.gather.waits_for(id) => {
                self.connections.soil(Lane::Bulk, id);
            }
            Flushed::All if stage == Stage::Closing => self.drain(id),
            Flushed::Blocked if waits > sendq_bytes_max && stage == Stage::Open => {
                self.figures.sendq_closes += 1;
                let queue = &mut |lane, conn, chunk| self.connections.queue(lane, conn, chunk);
                self.gather.close_for(id, queue);
                // What he would have to read first is more than he reads, so the rest is not kept for him.
                if let Some(connection) = self.connections.get_mut(id) {
                    connection.queue.clear_behind_line();
                }
                self.end(id, "SendQ exceeded");
            }
            Flushed::All | Flushed::Blocked => {}
            Flushed::Part => self.connections.soil(lane, id),
            Flushed::Broken(error) => self.broken(id, &error),
        }
    }

    /// Everything is sent: says so, and waits for the other side's end.
    fn drain(&mut self, id: ConnId) {
        let Some(connection) = self.connections.get_mut(id) else { return };
        connection.stage = Stage::Draining;
        let finished = connection.transport.finish();
        if connection.end == End::Reached || finished.is_err() || self.config.connections.linger_ms_max == 0 {
            self.vanish(id);
        } else if connection.readable {
            self.connections.rouse(Lane::Prompt, id);
        }
    }

    /// A connection is to end; the engine is told when it has its turn.
    pub(super) fn end(&mut self, id: ConnId, reason: &str) {
        // What was said to it before is for it still, and may only be noted yet.
        self.gather.close_for(id, &mut |lane, conn, chunk| self.connections.queue(lane, conn, chunk));
        if let Some(connection) = self.connections.get_mut(id)
            && connection.stage == Stage::Open
        {
            connection.stage = Stage::Ending;
        }
        self.ending.push_back((id, reason.to_owned()));
    }

    /// A connection does not work any more.
    pub(super) fn broken(&mut self, id: ConnId, error: &io::Error) {
        let Some(connection) = self.connections.get_mut(id) else { return };
        let stage = mem::replace(&mut connection.stage, Stage::Gone);
        connection.readable = false;
        connection.queue.clear();
        match stage {
            Stage::Open => {}
            // The engine is told of its end before it is removed.
            Stage::Ending | Stage::Gone => return,
            Stage::Closing | Stage::Draining => return self.gone.push(id),
        }
        tracing::debug!(conn = id.0, %error, "broken");
        self.figures.connections_broken += 1;
        let reason = match error.kind() {
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => "Connection reset by peer",
            io::ErrorKind::TimedOut => "Connection timed out",
            _ => "Connection failed",
        };
        self.end(id, reason);
    }

    /// A closing connection had time enough.
    pub(super) fn cut(&mut self, id: ConnId) {
        if self.connections.get(id).is_some_and(|connection| connection.stage != Stage::Open) {
            self.vanish(id);
        }
    }

    /// A connection is to be removed at the end of the turn.
    pub(super) fn vanish(&mut self, id: ConnId) {
        if let Some(connection) = self.connections.get_mut(id)
            && mem::replace(&mut connection.stage, Stage::Gone) != Stage::Gone
        {
            self.gone.push(id);
        }
    }

    /// Removes who is gone, for a slice.
    pub(super) fn reap(&mut self) {
        if self.gone.is_empty() {
            return;
        }
        let time = While::of(SLICE);
        while let Some(id) = self.gone.pop() {
            if let Some(connection) = self.connections.remove(id) {
                self.figures.connections_ended += 1;
                self.figures.relieved(id);
                self.gather.forget(id);
                self.admission.leave(connection.address);
            }
            if time.is_over() {
                break;
            }
        }
    }

    /// Tells the engine of an end.
    pub(super) fn bury(&mut self, id: ConnId, reason: &str, now: Moment) {
        // What was said before it, of other ends among it, is not for it any more.
        self.gather.close_for(id, &mut |lane, conn, chunk| self.connections.queue(lane, conn, chunk));
        let Some(connection) = self.connections.get_mut(id) else { return };
        match connection.stage {
            // What it is told last is kept for it again.
            Stage::Ending => connection.stage = Stage::Open,
            Stage::Gone => self.gone.push(id),
            // The engine has closed it in the meantime.
            Stage::Open | Stage::Closing | Stage::Draining => return,
        }
        self.think(now, Input::Closed { conn: id, reason });
    }
}
