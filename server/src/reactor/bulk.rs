//! What is not prompt: taken in slices, gathered, and sent in slices. Between two slices others have their turn.

use super::connections::Waiting;
use super::lane::Lane;
use super::{PROMPT_TIME_MAX, Reactor, SLICE};
use crate::clock::{self, Moment, While};

impl Reactor {
    /// Sends what was said promptly.
    pub(super) fn send_prompt(&mut self, now: Moment) {
        self.gather
            .close_lane(Lane::Prompt, &mut |lane, conn, chunk| self.connections.queue(lane, conn, chunk));
        if self.connections.dirty(Lane::Prompt) > 0 {
            self.write(Lane::Prompt, now, While::of(PROMPT_TIME_MAX));
        }
    }

    /// One slice of what is not prompt, or of finding out what is. Says whether there was anything.
    pub(super) fn take_turns(&mut self, now: Moment) -> bool {
        let slice = While::of(SLICE);
        // Those who send without an end, and no line, would take all slices only to be looked at.
        let has_read = !self.looked && self.read(Waiting::Unsorted, now, slice);
        if has_read {
            self.send_prompt(now);
        }
        self.looked = has_read && slice.is_over();
        let is_idle = !self.waits() && !self.gather.is_open() && self.connections.dirty(Lane::Bulk) == 0;
        if is_idle && !self.batch.is_sending() || self.looked {
            return has_read;
        }
        self.lane = Lane::Bulk;
        if !self.batch.is_sending() {
            self.take_bulk(now, slice);
        }
        if self.batch.is_sending() {
            self.send_bulk(now, slice);
        }
        self.lane = Lane::Prompt;
        true
    }

    /// Takes lines, and tells the engine who ended, until nothing waits or it is enough to be sent. What was gathered is put away first
    /// if that is due.
    fn take_bulk(&mut self, now: Moment, slice: While) {
        let gather_bytes_max = self.config.connections.gather_bytes_max;
        let mut bytes = 0;
        let length = clock::length_of(|| {
            // Of what is prompt nothing is gathered here.
            if self.gather.is_due() && (!self.close_bulk(slice) || slice.is_over()) {
                return;
            }
            // Each connection ends once, so that the others have their turn.
            while let Some((conn, reason)) = self.ending.pop_front() {
                self.bury(conn, &reason, now);
                if slice.is_over() {
                    return;
                }
            }
            while let Some(id) = self.connections.next_ready(Waiting::Bulk) {
                bytes += self.serve(id, now, slice);
                if bytes >= gather_bytes_max || slice.is_over() || self.gather.is_due() {
                    return;
                }
            }
        });
        self.batch.took(length, bytes);
        if !self.waits() || self.batch.is_full(gather_bytes_max) {
            self.batch.send();
        }
    }

    fn send_bulk(&mut self, now: Moment, slice: While) {
        let length = clock::length_of(|| {
            if self.close_bulk(slice) {
                self.write(Lane::Bulk, now, slice);
            }
        });
        self.batch.sent(length);
        if !self.gather.is_open_in(Lane::Bulk) && self.connections.dirty(Lane::Bulk) == 0 {
            self.batch.end();
        }
    }

    /// Puts what was gathered into the queues, as far as there is time. Says whether all is in them.
    fn close_bulk(&mut self, slice: While) -> bool {
        let queue = &mut |lane, conn, chunk| self.connections.queue(lane, conn, chunk);
        self.gather.close_some(Lane::Bulk, || slice.is_over(), queue)
    }

    /// Whether there is something to take.
    fn waits(&self) -> bool {
        self.connections.ready(Waiting::Bulk) > 0 || !self.ending.is_empty()
    }
}
