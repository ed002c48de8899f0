//! How people talk: as fast as they can, one after the other, or at a steady rate.

use std::time::Duration;

use anyhow::{Context, Result};

use super::pace::Pace;
use super::{Load, TIMER, WAIT};

/// Messages that a speaker hands to the kernel at once, at most.
const AT_ONCE_MAX: u32 = 64;

/// How people talk.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Speech {
    /// All say their part of so many messages as fast as the kernel takes them.
    Flood {
        /// Messages of all together.
        messages: u32,
    },
    /// The same, but nobody says one before all have heard his last.
    InTurn {
        /// Messages of all together.
        messages: u32,
    },
    /// At a steady rate, for a while.
    Steady {
        /// Messages of all together in a second.
        per_second: f64,
        /// Speakers who say something at the same instant.
        burst: u32,
        /// For how long.
        span: Duration,
    },
}

impl Load {
    /// The speakers talk, until everybody has heard everything.
    ///
    /// # Errors
    /// If something is lost, doubled or out of order, or takes too long.
    pub fn talk(&mut self, speech: Speech) -> Result<()> {
        match speech {
            Speech::Flood { messages } => self.flood(messages, u32::MAX),
            Speech::InTurn { messages } => self.flood(messages, 1),
            Speech::Steady { per_second, burst, span } => self.steady(per_second, burst, span),
        }
        .with_context(|| format!("{} of {} deliveries", self.ledger.delivered, self.ledger.expected))
    }

    /// A few words that are not measured, so that everything has been touched once.
    ///
    /// # Errors
    /// As [`Load::talk`].
    pub fn warm_up(&mut self) -> Result<()> {
        let messages = (self.ledger.speakers.len() as u32).max(20);
        self.talk(Speech::InTurn { messages })?;
        self.ledger.to_last_ns.clear();
        Ok(())
    }

    fn flood(&mut self, messages: u32, flying_max: u32) -> Result<()> {
        let speakers = self.ledger.speakers.len() as u32;
        for (index, speaker) in (0..).zip(&mut self.ledger.speakers) {
            speaker.quota = messages / speakers + u32::from(index < messages % speakers);
        }
        let all = 0..self.ledger.speakers.len();
        self.ledger.answered = all.clone().collect();
        while !self.ledger.is_done() {
            let mut wait = WAIT;
            let answered = std::mem::take(&mut self.ledger.answered);
            let who = if flying_max == u32::MAX { all.clone().collect() } else { answered };
            for speaker in who {
                if self.say_some(speaker, flying_max)? {
                    wait = Duration::ZERO;
                }
            }
            self.pump(wait)?;
        }
        Ok(())
    }

    /// Says as much as a speaker may and the kernel takes: whether there is more that it would take.
    fn say_some(&mut self, speaker: usize, flying_max: u32) -> Result<bool> {
        let who = &self.ledger.speakers[speaker];
        let person = who.person;
        let count = who.quota.min(flying_max.saturating_sub(who.flying)).min(AT_ONCE_MAX);
        if count == 0 || !self.has_said_all(person) {
            return Ok(false);
        }
        self.ledger.speakers[speaker].quota -= count;
        for _ in 0..count {
            self.say(speaker)?;
        }
        self.write(person)?;
        let who = &self.ledger.speakers[speaker];
        Ok(who.quota > 0 && who.flying < flying_max && self.has_said_all(person))
    }

    fn say(&mut self, speaker: usize) -> Result<()> {
        let (room, number) = self.ledger.say(speaker, self.now_ns())?;
        let person = self.ledger.speakers[speaker].person;
        let (dialect, bytes) = (self.dialect, self.payload_bytes);
        dialect.message(room, number, bytes, self.people[person].out());
        Ok(())
    }

    fn steady(&mut self, per_second: f64, burst: u32, span: Duration) -> Result<()> {
        let pace = Pace::start(per_second / f64::from(burst), span, self.poll.registry(), TIMER)?;
        self.pace = Some(pace);
        let mut next = 0;
        while let Some(pace) = &mut self.pace {
            let due = pace.due();
            let is_over = pace.is_over();
            for _ in 0..due * burst {
                let speaker = next % self.ledger.speakers.len();
                next += 1;
                self.say(speaker)?;
                self.write(self.ledger.speakers[speaker].person)?;
            }
            self.ledger.answered.clear();
            if is_over && self.ledger.is_done() {
                self.pace = None;
                break;
            }
            self.pump(WAIT)?;
        }
        Ok(())
    }
}
