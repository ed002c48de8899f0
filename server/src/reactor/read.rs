//! Read: bytes become lines, lines become inputs, each connection within its budget.

use std::io;

use engine::{ConnId, Effect, Input};
use wire::Frame;

use super::connection::{End, Hold, Stage};
use super::connections::{Connections, Waiting};
use super::lane::{Lane, prompt_lines};
use super::timers::Due;
use super::{READ_BYTES, Reactor};
use crate::bucket::Rate;
use crate::clock::{Moment, While};

/// Bytes read of one connection to see in which lane it is: some lines as people write them. Who has more is read on when he
/// has his turn.
const SORT_BYTES: usize = 4096;
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
    /// Looks at those on a list, in their order, each once: what is prompt is taken, everything else waits for its turn. Who
    /// did not talk last comes after those who did have been served and what these said is sent: a thousand who enter at
    /// once take a millisecond only to be looked at.
    pub(super) fn read(&mut self, list: Waiting, now: Moment, time: While) -> bool {
        let waiting = self.connections.ready(list);
        for _ in 0..waiting {
            let Some(id) = self.connections.next_ready(list) else { break };
            self.sort(id, now, time);
            if time.is_over() {
                break;
            }
        }
        waiting > 0
    }

    /// Takes the lines of a connection if they are prompt.
    fn sort(&mut self, id: ConnId, now: Moment, time: While) {
        let Some(connection) = self.connections.get_mut(id) else { return };
        if connection.stage != Stage::Open || connection.hold != Hold::Nothing {
            return self.connections.rouse(Lane::Bulk, id);
        }
        let mut lines = prompt_lines(connection.framer.waiting());
        let mut read = 0;
        if lines == Some(0) && connection.readable {
            read = self.read_once(id, SORT_BYTES, false);
            let Some(connection) = self.connections.get(id) else { return };
            lines = prompt_lines(connection.framer.waiting());
        }
        if let Some(connection) = self.connections.get_mut(id)
            && lines != Some(0)
        {
            connection.talks = lines.is_some();
        }
        match lines {
            Some(lines) => {
                // One more, so that the end of what waits is found.
                let budget = Budget { lines: lines + 1, work: 0, time };
                self.serve_lines(id, now, budget, read);
            }
            None => self.connections.rouse(Lane::Bulk, id),
        }
        self.give_back(id, read);
    }

    /// Serves one connection that has its turn. Says how many bytes were taken.
    pub(super) fn serve(&mut self, id: ConnId, now: Moment, time: While) -> usize {
        let held = |connections: &Connections| {
            connections.get(id).map_or(0, |connection| connection.framer.buffered_bytes())
        };
        let before = held(&self.connections);
        let budget = Budget { lines: self.config.connections.turn_lines_max, work: 0, time };
        let read = self.serve_lines(id, now, budget, 0);
        self.give_back(id, read);
        (before + read).saturating_sub(held(&self.connections))
    }

    /// Takes the buffer for lines back, if one was lent because so much was read.
    fn give_back(&mut self, id: ConnId, read: usize) {
        if read > 0
            && let Some(connection) = self.connections.get_mut(id)
        {
            connection.framer.give_back(&mut self.line_buffer);
        }
    }

    /// Takes lines and reads. Says how much was read, now and before; if anything was, the connection has still the buffer
    /// for its lines.
    fn serve_lines(&mut self, id: ConnId, now: Moment, mut budget: Budget, mut read: usize) -> usize {
        loop {
            let pause = self.take_lines(id, now, &mut budget);
            let Some(connection) = self.connections.get_mut(id) else { return read };
            let limits = &self.config.connections;
            match pause {
                Pause::Budget => {
                    self.connections.rouse(self.lane, id);
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
                Pause::Dry if connection.end == End::Reached => {
                    self.end(id, "Connection closed");
                    return read;
                }
                Pause::Dry | Pause::Held | Pause::Closed => {}
            }
            if !connection.readable {
                return read;
            }
            if read >= limits.turn_bytes_max {
                self.connections.rouse(self.lane, id);
                return read;
            }
            read += self.read_once(id, READ_BYTES, read > 0);
        }
    }

    /// Reads what is there, up to so many bytes. `again` is whether the connection has been lent the buffer for its lines.
    fn read_once(&mut self, id: ConnId, bytes_max: usize, again: bool) -> usize {
        let Some(connection) = self.connections.get_mut(id) else { return 0 };
        let room = bytes_max.min(self.config.connections.turn_bytes_max);
        match connection.transport.read(&mut self.buffer[..room]) {
            Ok(0) => {
                connection.readable = false;
                connection.end = End::Reached;
                if connection.stage == Stage::Draining {
                    self.vanish(id);
                }
                0
            }
            Ok(bytes) => {
                // A stream gives less than was asked for only when it has no more, and what comes later is told as a
                // new event. But an end that was told together with these bytes is not told again.
                connection.readable = bytes == room || connection.end != End::None;
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
            budget.spend(caused(&self.effects));
            self.carry_out(now);
        }
    }

    /// Flood control lets a connection go on.
    pub(super) fn resume(&mut self, id: ConnId, now: Moment) {
        let Some(connection) = self.connections.get_mut(id) else { return };
        if matches!(connection.hold, Hold::Until(at_ms) if at_ms <= now.ms()) {
            connection.hold = Hold::Nothing;
            self.connections.rouse(Lane::Prompt, id);
        }
    }
}

/// How much a line caused: each effect, and of an answer each line of it.
fn caused(effects: &[Effect]) -> usize {
    let much = |effect: &Effect| match effect {
        Effect::Answer { lines, .. } => lines.count(),
        _ => 1,
    };
    effects.iter().map(much).sum()
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
    use std::time::Duration;

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
