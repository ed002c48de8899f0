//! The end: everybody is told, and has a little time to take it.

use engine::{ConnId, Input};

use super::{After, Reactor, State};
use crate::clock::Moment;

/// How long those who are told of the end have to take it.
const FAREWELL_MS_MAX: u64 = 1000;

impl Reactor {
    /// Everybody is told, and nobody else comes in.
    pub(super) fn stop(&mut self, now: Moment, reason: &str) {
        if self.state != State::Running {
            return;
        }
        tracing::info!(connections = self.connections.len(), "stopping");
        self.state = State::Leaving(now.ms() + FAREWELL_MS_MAX);
        self.doors.listeners.clear();
        self.doors.knocked.clear();
        self.think(now, Input::Stop { reason });
    }

    /// Ends when everybody has been told, or time is up.
    pub(super) fn leave(&mut self, now: Moment) {
        let State::Leaving(until_ms) = self.state else { return };
        let waits =
            |id: &ConnId| self.connections.get(*id).is_some_and(|connection| !connection.queue.is_empty());
        let is_said = !self.gather.is_open() && !self.connections.ids().iter().any(waits);
        if now.ms() >= until_ms || is_said {
            self.state = State::Ended;
        }
    }

    /// The loop has ended, or shall not begin: what is open is closed, files are written to their ends, and those who read the
    /// segment see that this was meant.
    pub fn shut_down(mut self) -> After {
        self.part();
        self.keeper.finish();
        let now = self.clock.now();
        self.count_connections();
        if let Some(publisher) = self.publisher.take() {
            publisher.stop(now.segment, &self.engine, &mut self.figures);
        }
        self.after
    }

    /// Everybody is gone. What is still there is read first: closing with it unread would make the kernel throw away what was
    /// said last.
    fn part(&mut self) {
        for id in self.connections.ids() {
            if let Some(connection) = self.connections.get_mut(id) {
                // Whatever it is, nobody answers any more.
                let _ = connection.transport.read(&mut self.buffer);
            }
            self.gone.push(id);
        }
        while !self.gone.is_empty() {
            self.reap();
        }
    }
}
