//! Think: inputs go into the engine, and what it wants done is done. Nothing is written here.

use engine::{ConnId, Effect, Input, Secret, What};
use std::mem;
use std::sync::Arc;

use super::connection::{Hold, Stage};
use super::lane::Lane;
use super::queue::Chunk;
use super::timers::Due;
use super::{After, Reactor};
use crate::checker::Question;
use crate::clock::Moment;

impl Reactor {
    /// Gives the engine something that happened outside.
    pub(super) fn think(&mut self, now: Moment, input: Input<'_>) {
        self.engine.handle(now.engine, input, &mut self.effects);
        self.carry_out(now);
    }

    /// Carries out what the engine wants.
    pub(super) fn carry_out(&mut self, now: Moment) {
        // Reading the configuration again gives the engine an input of its own, hence the loop.
        while !self.effects.is_empty() {
            let mut effects = mem::take(&mut self.effects);
            for effect in effects.drain(..) {
                self.carry_out_one(now, effect);
            }
            if self.effects.is_empty() {
                self.effects = effects;
            }
        }
    }

    fn carry_out_one(&mut self, now: Moment, effect: Effect) {
        match effect {
            Effect::Send { to, line } => {
                self.figures.lines_out += 1;
                let queue = &mut |lane, conn, chunk| self.connections.queue(lane, conn, chunk);
                self.gather.send(self.lane, to, Chunk::alone(line), queue);
            }
            Effect::Answer { to, lines } => {
                self.figures.lines_out += lines.count() as u64;
                let queue = &mut |lane, conn, chunk| self.connections.queue(lane, conn, chunk);
                let text = lines.text().as_bytes();
                if self.gather.make_way(self.lane, to, queue) {
                    self.connections.queue_own(self.lane, to, text);
                } else {
                    self.gather.send(self.lane, to, Chunk::answer(text), queue);
                }
                self.engine.keep(lines);
            }
            Effect::Fan { to, except, line } => {
                self.figures.fanned(to.len());
                let queue = &mut |lane, conn, chunk| self.connections.queue(lane, conn, chunk);
                self.gather.fan(self.lane, &to, except, &line, queue);
            }
            Effect::Close { conn, reason } => self.close(conn, &reason, now),
            Effect::Check { conn, secret, hash } => self.check(conn, secret, hash),
            Effect::More { conn } => self.hold_for_more(conn),
            Effect::Reload => self.reload(now),
            Effect::Stop { reason } => self.stop(now, &reason),
            Effect::Restart { reason } => {
                self.after = After::Restart;
                self.stop(now, &reason);
            }
            Effect::Happened { event, channels } => {
                self.bans_changed |= matches!(event.what, What::BanSet(_) | What::BanLift(_));
                if let Some(publisher) = &mut self.publisher {
                    publisher.happened(now.segment, &event, &channels, self.engine.world());
                }
            }
        }
    }

    /// A long answer goes on when its reader has taken what there is of it.
    fn hold_for_more(&mut self, id: ConnId) {
        let Some(connection) = self.connections.get_mut(id) else { return };
        if connection.stage == Stage::Open {
            connection.hold = Hold::More;
            // Also if nothing was said: whether more may come is decided when it is written.
            self.connections.soil(self.lane, id);
        }
    }

    /// Gives a reader the next part of a long answer, if he has taken most of what there was.
    pub(super) fn tell_more(&mut self, id: ConnId, now: Moment) {
        let room = self.more_below();
        let Some(connection) = self.connections.get_mut(id) else { return };
        if connection.hold == Hold::More && connection.queue.bytes() <= room {
            connection.hold = Hold::Nothing;
            self.think(now, Input::More { conn: id });
        }
    }

    /// Bytes waiting to be sent up to which the next part of a long answer is made. Half of what may wait is for what
    /// others say, and a part is less than a quarter.
    pub(super) fn more_below(&self) -> usize {
        self.config.connections.sendq_bytes_max / 4
    }

    /// The engine is done with a connection: what is queued is sent, then it is closed.
    fn close(&mut self, id: ConnId, reason: &str, now: Moment) {
        let Some(connection) = self.connections.get_mut(id) else { return };
        tracing::debug!(conn = id.0, reason, "closed");
        if !matches!(connection.stage, Stage::Open | Stage::Ending) {
            return;
        }
        connection.stage = Stage::Closing;
        // Nothing of it is listened to any more.
        connection.framer = wire::Framer::new();
        self.connections.soil(self.lane, id);
        self.timers.add(now.ms() + self.config.connections.linger_ms_max, id, Due::Cut);
    }

    fn check(&mut self, conn: ConnId, secret: Secret, hash: Arc<str>) {
        if let Some(connection) = self.connections.get_mut(conn) {
            connection.hold = Hold::Check;
            self.checker.ask(Question { conn, secret, hash });
        }
    }

    /// A secret was checked.
    pub(super) fn checked(&mut self, now: Moment, conn: ConnId, matches: bool) {
        // Who left in the meantime needs no answer.
        let Some(connection) = self.connections.get_mut(conn) else { return };
        if connection.stage != Stage::Open || connection.hold != Hold::Check {
            return;
        }
        connection.hold = Hold::Nothing;
        self.think(now, Input::Checked { conn, matches });
        self.connections.rouse(Lane::Prompt, conn);
    }
}
