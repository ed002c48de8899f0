//! The life of the connection, as far as it is decided here: attempts, the pulse, farewells.

#[cfg(test)]
mod tests;

use wire::{Encoder, Timestamp};

use crate::buffer::{Kind, Tone};
use crate::model::{Link, Model, News, Ping, Wish};
use crate::network::{NetworkId, Refused};
use crate::say;
use crate::session::{Heard, Session};

/// The wait before the first new attempt; it doubles with each.
const RETRY_AFTER_MS: u64 = 1000;
/// How often the server is asked whether it is there.
const PING_EVERY_MS: u64 = 60_000;
/// After so long without a word, with a question open, the connection counts as lost.
const SILENCE_MS_MAX: u64 = 120_000;

impl Model {
    /// Something has happened on a connection. What belongs to none that is known is no news.
    pub(super) fn news(&mut self, network: NetworkId, news: News) {
        let Some(place) = self.networks.iter().position(|known| known.id == network) else { return };
        self.here = place;
        match news {
            News::Prepared(prepared) => self.prepared(*prepared),
            News::Connected => self.connected(),
            News::Unknown { address, fingerprint, why, vouched } => {
                self.unknown(Refused { address, fingerprint, vouched }, &why);
            }
            News::Lost(reason) => self.lost(&reason),
            News::Line(line) => self.heard(&line),
        }
    }

    /// Begins an attempt.
    pub fn connect(&mut self) {
        if self.tries == 0 {
            let text = format!("Connecting to {} …", self.address);
            self.note(self.server(), Tone::Info, &text);
        }
        self.session = Session::new(self.wanted.clone());
        self.link = Link::Connecting;
        let (id, way) = (self.id, self.way());
        self.wishes.push(Wish::Connect(id, Box::new(way)));
    }

    /// The connection stands.
    pub fn connected(&mut self) {
        self.link = Link::Up;
        self.heard_at = self.now;
        let greeting = self.session.greeting();
        for line in greeting {
            self.send(line);
        }
    }

    /// The connection broke, or an attempt failed: another one follows by itself.
    pub fn lost(&mut self, reason: &str) {
        if matches!(self.link, Link::Off | Link::Waiting { .. }) {
            return;
        }
        if !self.settings.reconnect {
            self.disconnected(&format!("{reason}; /reconnect tries again"));
            self.link = Link::Off;
            return;
        }
        let wait = (RETRY_AFTER_MS << self.tries.min(12)).min(self.settings.retry_seconds_max * 1000);
        let wait = self.spread(wait);
        self.tries += 1;
        self.disconnected(&format!("{reason}; trying again in {} s", wait / 1000));
        self.next_address();
        self.link = Link::Waiting { until: Timestamp(self.now.0 + wait) };
    }

    /// Forgets what held for the connection only, and says so wherever it was used.
    pub fn disconnected(&mut self, text: &str) {
        if matches!(self.link, Link::Off) {
            return;
        }
        for index in 0..self.buffers.len() {
            let buffer = &self.buffers[index];
            let in_use = match buffer.kind {
                _ if buffer.network != self.id => false,
                Kind::Server => true,
                Kind::Room => self.session.room(&buffer.name).is_some(),
                Kind::List => false,
                Kind::Query => index == self.current && self.link == Link::Up,
            };
            if in_use {
                self.note(index, Tone::Error, text);
            }
        }
        say::doubt_pending(self);
        self.typists.clear();
        let id = self.id;
        for buffer in self.buffers.iter_mut().filter(|buffer| buffer.network == id) {
            buffer.past.asked = None;
            buffer.past.complete = false;
        }
        self.promise_counts();
        (self.lag, self.ping) = (None, None);
        self.session = Session::new(self.wanted.clone());
    }

    /// A deadline may have passed.
    pub fn tick(&mut self) {
        let now = self.now;
        self.typists.expire(now);
        if self.focused && self.buffer().network == self.id {
            self.tell_read(self.current);
        }
        match self.link {
            Link::Waiting { until } if self.now >= until => self.connect(),
            Link::Up => self.feel_pulse(),
            Link::Off | Link::Connecting | Link::Waiting { .. } => {}
        }
    }

    /// Asks the server whether it is there.
    pub fn ping(&mut self) {
        let token = format!("{}", self.now.0);
        self.send(Encoder::new().verb("PING").param(&token).end());
        self.pinged_at = self.now;
        // An older question that is still open tells the lag better.
        let at = self.now;
        self.ping.get_or_insert(Ping { token, at });
    }

    /// A line has come.
    pub fn heard(&mut self, line: &str) {
        if self.link != Link::Up {
            return;
        }
        self.heard_at = self.now;
        let mut heard = Vec::new();
        self.session.hear(line, &mut heard);
        for heard in heard {
            // What was heard may have been the end.
            if self.link != Link::Up {
                return;
            }
            match heard {
                Heard::Send(line) => self.send(line),
                Heard::Happened(happening) => self.happened(happening),
            }
        }
    }

    /// The answer to our PING.
    pub(super) fn pong(&mut self, token: &str) {
        if let Some(ping) = self.ping.take_if(|ping| ping.token == token) {
            self.lag = Some(self.now.0.saturating_sub(ping.at.0));
        }
    }

    /// Wants to be in a room, `#room` or `#room key`, also after a reconnect.
    pub fn want_room(&mut self, room: &str) {
        let name = room.split(' ').next().unwrap_or(room);
        let known = self
            .wanted
            .rooms
            .iter()
            .position(|wanted| self.session.same(wanted.split(' ').next().unwrap_or(wanted), name));
        match known {
            // A key that is known is not forgotten when the server tells of the room without it.
            Some(index) if room.contains(' ') => room.clone_into(&mut self.wanted.rooms[index]),
            Some(_) => {}
            None => self.wanted.rooms.push(room.to_owned()),
        }
        self.want_rooms();
    }

    // What the session joins by itself when it is welcomed.
    fn want_rooms(&mut self) {
        let here = &mut **self;
        here.session.want_rooms(&here.wanted.rooms);
    }

    /// Whether we want to be in a room.
    pub fn wants_room(&self, room: &str) -> bool {
        let name = |wanted: &String| wanted.split(' ').next().map_or(String::new(), str::to_owned);
        self.wanted.rooms.iter().any(|wanted| self.session.same(&name(wanted), room))
    }

    /// Does not want to be in a room any more.
    pub fn leave_room(&mut self, room: &str) {
        let here = &mut **self;
        let session = &here.session;
        here.wanted.rooms.retain(|wanted| !session.same(wanted.split(' ').next().unwrap_or(wanted), room));
        self.want_rooms();
        say::refuse_kept(self, room);
    }

    /// A room is called otherwise, and we want to be in it as before.
    pub(super) fn rename_wanted(&mut self, from: &str, to: &str) {
        let here = &mut **self;
        for wanted in &mut here.wanted.rooms {
            let (name, key) = wanted.split_once(' ').unwrap_or((wanted, ""));
            if here.session.same(name, from) {
                *wanted = if key.is_empty() { to.to_owned() } else { format!("{to} {key}") };
            }
        }
        self.want_rooms();
    }

    fn feel_pulse(&mut self) {
        let silent_ms = self.now.0.saturating_sub(self.heard_at.0);
        if silent_ms >= SILENCE_MS_MAX {
            self.wishes.push(Wish::Disconnect(self.id));
            self.lost("The server has not answered for two minutes");
            return;
        }
        if self.session.registered() && self.now.0.saturating_sub(self.pinged_at.0) >= PING_EVERY_MS {
            if let Some(line) = self.session.ask_for_nick() {
                self.send(line);
            }
            self.ping();
        }
    }
}
