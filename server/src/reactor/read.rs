//! Read: bytes become lines, lines become inputs, each connection within its budget.

use std::io;
use std::time::Duration;

use engine::{ConnId, Input};
use wire::Frame;

use super::connection::{Hold, Stage};
use super::timers::Due;
use super::{READ_BYTES, Reactor};
use crate::bucket::Rate;
use crate::clock::{Moment, While};

/// How long lines are taken at least before what they caused is sent, if there are as many, whoever sent them and whatever
/// they ask for. So who talks beside a flood, or beside many who register at once, waits for about this and what it takes to
/// send.
const READ_TIME_MIN: Duration = Duration::from_millis(5);
/// Where sending takes long, because very many hear of everything, lines are taken for so many times as long: each of them
/// would have to be sent by itself otherwise, and that would cost much more than all else. Two thousand who enter a room at once
/// take a third of the time with it.
const READ_TIME_TO_SENDING: u32 = 4;
/// But never for longer than this.
const READ_TIME_MAX: Duration = Duration::from_millis(50);
/// Lines between two looks at the clock, unless one of them caused as much.
const LINES_PER_LOOK: usize = 16;

/// What is left of a turn for one connection.
struct Budget {
    lines: usize,
    /// Lines and what they caused since the clock was looked at.
    work: usize,
    time: While,
}

/// Why no more lines of a connection are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pause {
    /// There is no complete one.
    Dry,
    /// It has had its turn.
    Budget,
    /// Something must happen first.
    Held,
    /// It is not open any more.
    Closed,
}

impl Reactor {
    /// Serves those who may have something, in their order, each once.
    pub(super) fn read(&mut self, now: Moment) -> bool {
        let waiting = self.connections.ready();
        let time = (self.sending * READ_TIME_TO_SENDING).clamp(READ_TIME_MIN, READ_TIME_MAX);
        let time = While::of(time);
        let mut gathered = 0;
        for _ in 0..waiting {
            if gathered >= self.config.connections.gather_bytes_max || time.is_over() {
                break;
            }
            let Some(id) = self.connections.next_ready() else { break };
            gathered += self.serve(id, now, time);
        }
        waiting > 0
    }

    /// Serves one connection. Says how many bytes were read.
    fn serve(&mut self, id: ConnId, now: Moment, time: While) -> usize {
        let budget = Budget { lines: self.config.connections.turn_lines_max, work: 0, time };
        let read = self.serve_lines(id, now, budget);
        if read > 0
            && let Some(connection) = self.connections.get_mut(id)
        {
            connection.framer.give_back(&mut self.line_buffer);
        }
        read
    }

    /// The same, and lets it keep the buffer for its lines if anything was read.
    fn serve_lines(&mut self, id: ConnId, now: Moment, mut budget: Budget) -> usize {
        let mut read = 0;
        loop {
            let pause = self.take_lines(id, now, &mut budget);
            let Some(connection) = self.connections.get_mut(id) else { return read };
            let limits = &self.config.connections;
            match pause {
                Pause::Budget => {
                    self.connections.rouse(id);
                    return read;
                }
                Pause::Closed if connection.stage != Stage::Draining => return read,
                // Flood control lets bytes in as long as they have room; other holds leave them to the kernel.
                Pause::Held if !matches!(connection.hold, Hold::Until(_)) => return read,
                Pause::Held if connection.framer.buffered_bytes() > limits.recvq_bytes_max => {
                    self.figures.flood_closes += 1;
                    self.end(id, "Excess Flood");
                    return read;
                }
                Pause::Dry if connection.ended => {
                    self.end(id, "Connection closed");
                    return read;
                }
                Pause::Dry | Pause::Held | Pause::Closed => {}
            }
            if !connection.readable {
                return read;
            }
            if read >= limits.turn_bytes_max {
                self.connections.rouse(id);
                return read;
            }
            read += self.read_once(id, read > 0);
        }
    }

    /// Reads what is there, up to the size of the buffer. `again` is whether the connection has been lent the buffer for
    /// its lines.
    fn read_once(&mut self, id: ConnId, again: bool) -> usize {
        let Some(connection) = self.connections.get_mut(id) else { return 0 };
        let room = READ_BYTES.min(self.config.connections.turn_bytes_max);
        match connection.transport.read(&mut self.buffer[..room]) {
            Ok(0) => {
                connection.readable = false;
                connection.ended = true;
                if connection.stage == Stage::Draining {
                    self.vanish(id);
                }
                0
            }
            Ok(bytes) => {
                // A stream gives less than was asked for only when it has no more, and what comes later is told as a
                // new event. But an end that was told together with these bytes is not told again.
                connection.readable = bytes == room || connection.ending;
                self.figures.bytes_in += bytes as u64;
                if !again {
                    connection.framer.borrow(&mut self.line_buffer);
                }
                if connection.stage == Stage::Open {
                    connection.framer.push(&self.buffer[..bytes]);
                }
                bytes
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                connection.readable = false;
                0
            }
            Err(error) => {
                self.broken(id, &error);
                0
            }
        }
    }

    /// Gives the engine the complete lines of a connection.
    fn take_lines(&mut self, id: ConnId, now: Moment, budget: &mut Budget) -> Pause {
        self.tell_more(id, now);
        let limits = &self.config.connections;
        let rate = Rate::new(limits.lines_per_second, limits.lines_burst);
        // Who does not read what he is answered is not asked for more. A full queue would close him; half of it stays
        // for what others say.
        let backlog_max = limits.sendq_bytes_max / 2;
        loop {
            let Some(connection) = self.connections.get_mut(id) else { return Pause::Closed };
            if connection.stage != Stage::Open {
                return Pause::Closed;
            }
            match connection.hold {
                Hold::Nothing => {}
                Hold::Check | Hold::Backlog | Hold::More | Hold::Until(_) => return Pause::Held,
            }
            if connection.queue.bytes() > backlog_max {
                connection.hold = Hold::Backlog;
                self.figures.backlogs += 1;
                return Pause::Held;
            }
            if connection.framer.buffered_bytes() == 0 {
                return Pause::Dry;
            }
            if budget.is_spent() {
                return Pause::Budget;
            }
            // Asked before a line is taken out, because one that has to wait stays where it is.
            let limited = connection.is_limited();
            if limited && let Err(at_ms) = connection.bucket.check(now.ms(), rate) {
                connection.hold = Hold::Until(at_ms);
                self.figures.delays += 1;
                self.timers.add(at_ms, id, Due::Resume);
                return Pause::Held;
            }
            let Some(frame) = connection.framer.next_frame() else { return Pause::Dry };
            if limited {
                connection.bucket.take(now.ms(), rate);
            }
            self.figures.lines_in += 1;
            let input = match frame {
                Frame::Line(line) => Input::Line { conn: id, line },
                Frame::Overlong => Input::Overlong { conn: id },
            };
            self.engine.handle(now.engine, input, &mut self.effects);
            budget.spend(self.effects.len());
            self.carry_out(now);
        }
    }

    /// Flood control lets a connection go on.
    pub(super) fn resume(&mut self, id: ConnId, now: Moment) {
        let Some(connection) = self.connections.get_mut(id) else { return };
        if matches!(connection.hold, Hold::Until(at_ms) if at_ms <= now.ms()) {
            connection.hold = Hold::Nothing;
            self.connections.rouse(id);
        }
    }
}

impl Budget {
    /// A line was taken, and caused so much.
    fn spend(&mut self, effects: usize) {
        self.lines -= 1;
        self.work += 1 + effects;
    }

    fn is_spent(&mut self) -> bool {
        if self.work < LINES_PER_LOOK {
            return self.lines == 0;
        }
        self.work = 0;
        self.lines == 0 || self.time.is_over()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_ends_with_its_lines_or_its_time() {
        let budget = |lines, time| Budget { lines, work: 0, time: While::of(time) };
        let mut hurried = budget(1000, Duration::ZERO);
        let (mut long, mut heavy) = (budget(2, Duration::from_secs(3600)), budget(1000, Duration::ZERO));
        for _ in 1..LINES_PER_LOOK / 2 {
            hurried.spend(1);
            assert!(!hurried.is_spent(), "the clock is not looked at yet");
        }
        hurried.spend(1);
        assert!(hurried.is_spent());
        heavy.spend(LINES_PER_LOOK);
        assert!(heavy.is_spent(), "one line that causes much");
        long.spend(10 * LINES_PER_LOOK);
        assert!(!long.is_spent());
        long.spend(0);
        assert!(long.is_spent(), "no line is left");
    }
}
