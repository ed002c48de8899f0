//! The engine without a server around it: inputs in, effects out, at a time that the script decides.

use std::collections::{BTreeMap, BTreeSet};

use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordVerifier};
use engine::{ConnId, Effect, Engine, Input, Now, Peer, Secret};
use parlord::Config;
use wire::Timestamp;

use super::{Carrier, Failure, Heard};
use crate::setup;

/// The time of day at which every script begins: 2026-11-22T12:09:00.123Z.
pub const WALL_START_MS: u64 = 1_795_349_340_123;

/// Something well above zero, so that a clock that is not counted from zero is nothing special.
const MONOTONIC_START_MS: u64 = 5_000_000;

/// An engine and those who talk with it.
#[derive(Debug)]
pub struct Direct {
    engine: Engine,
    config: Config,
    now: Now,
    people: BTreeMap<String, ConnId>,
    heard: BTreeMap<ConnId, Vec<Heard>>,
    open: BTreeSet<ConnId>,
    opened: u64,
}

impl Direct {
    /// An engine with nobody in it.
    pub fn start(config: &Config) -> Self {
        let now = Now { monotonic_ms: MONOTONIC_START_MS, wall: Timestamp(WALL_START_MS) };
        Self {
            engine: Engine::new(setup::settings(config, now.wall), now, 1),
            config: config.clone(),
            now,
            people: BTreeMap::new(),
            heard: BTreeMap::new(),
            open: BTreeSet::new(),
            opened: 0,
        }
    }

    fn conn(&self, who: &str) -> ConnId {
        self.people[who]
    }

    fn handle(&mut self, input: Input<'_>) {
        let mut effects = Vec::new();
        self.engine.handle(self.now, input, &mut effects);
        self.engine.check();
        for effect in effects {
            self.carry_out(effect);
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Send { to, line } => self.deliver(to, line.bytes()),
            Effect::Answer { to, lines } => {
                lines.each().for_each(|line| self.deliver(to, line.as_bytes()));
                self.engine.keep(lines);
            }
            Effect::Fan { to, except, line } => {
                to.iter()
                    .filter(|conn| Some(**conn) != except)
                    .for_each(|conn| self.deliver(*conn, line.bytes()));
            }
            Effect::Close { conn, .. } => {
                assert!(self.open.remove(&conn), "{conn:?} is closed once");
                self.heard.entry(conn).or_default().push(Heard::End);
            }
            Effect::Check { conn, secret, hash } => {
                self.handle(Input::Checked { conn, matches: matches(&secret, &hash) });
            }
            Effect::More { conn } => self.handle(Input::More { conn }),
            Effect::Reload => {
                let settings = setup::settings(&self.config, self.engine.settings().started);
                self.handle(Input::Reload { outcome: Ok(Box::new(settings)) });
            }
            Effect::Stop { reason } | Effect::Restart { reason } => {
                self.handle(Input::Stop { reason: &reason });
            }
            Effect::Happened { .. } => {}
        }
    }

    fn deliver(&mut self, to: ConnId, line: &[u8]) {
        assert!(
            self.open.contains(&to),
            "{to:?} is closed and hears nothing: {}",
            String::from_utf8_lossy(line)
        );
        let line = line.strip_suffix(b"\r\n").expect("a line has its end");
        self.heard.entry(to).or_default().push(Heard::Line(line.to_vec()));
    }
}

impl Carrier for Direct {
    fn host(&self) -> &'static str {
        "host"
    }

    fn open(&mut self, who: &str) -> Result<(), Failure> {
        self.opened += 1;
        let conn = ConnId(self.opened);
        self.people.insert(who.to_owned(), conn);
        self.open.insert(conn);
        let peer = Peer { host: self.host().to_owned(), address: None, secure: false };
        self.handle(Input::Opened { conn, peer });
        Ok(())
    }

    fn send(&mut self, who: &str, line: &[u8]) -> Result<(), Failure> {
        let conn = self.conn(who);
        if !self.open.contains(&conn) {
            return Err(Failure(format!("{who} is not connected any more")));
        }
        // The framer stands before the engine: what it drops never gets there.
        let mut framer = wire::Framer::new();
        framer.push(line);
        framer.push(b"\r\n");
        while let Some(frame) = framer.next_frame() {
            match frame {
                wire::Frame::Line(line) => self.handle(Input::Line { conn, line }),
                wire::Frame::Overlong => self.handle(Input::Overlong { conn }),
            }
        }
        Ok(())
    }

    fn hang_up(&mut self, who: &str) -> Result<(), Failure> {
        let conn = self.conn(who);
        self.handle(Input::Closed { conn, reason: "Connection closed" });
        self.heard.remove(&conn);
        Ok(())
    }

    fn hear(&mut self, who: &str) -> Result<Vec<Heard>, Failure> {
        Ok(self.heard.remove(&self.conn(who)).unwrap_or_default())
    }

    fn advance(&mut self, ms: u64) -> Result<(), Failure> {
        let until = self.now.monotonic_ms + ms;
        while let Some(at) = self.engine.next_deadline().filter(|at| *at <= until) {
            assert!(at > self.now.monotonic_ms, "a deadline has passed without a look");
            self.pass(at);
            self.handle(Input::Tick);
        }
        self.pass(until);
        Ok(())
    }

    fn stop(&mut self, reason: &str) -> Result<(), Failure> {
        self.handle(Input::Stop { reason });
        Ok(())
    }
}

impl Direct {
    fn pass(&mut self, until_ms: u64) {
        let passed_ms = until_ms - self.now.monotonic_ms;
        self.now = Now { monotonic_ms: until_ms, wall: Timestamp(self.now.wall.0 + passed_ms) };
    }
}

/// Whether a secret belongs to a hash.
pub fn matches(secret: &Secret, hash: &str) -> bool {
    let hash = PasswordHash::new(hash).expect("the hashes of scripts are well-formed");
    Argon2::default().verify_password(secret.0.as_bytes(), &hash).is_ok()
}
