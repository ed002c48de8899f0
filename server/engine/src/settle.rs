//! What was decided happens: events change the world and are told to whom they concern; connections end.

use std::collections::VecDeque;
use std::sync::Arc;

use wire::{ChannelName, Encoder, Tags};

use crate::commands::{Cause, Quit};
use crate::context::Cx;
use crate::engine::Engine;
use crate::event::{Event, What};
use crate::interface::{ConnId, Effect, Now};
use crate::outgoing::{Audience, Outgoing, Told, alike, conn_of};
use crate::session::Stage;
use crate::turn::{Asker, Item, Turn};

impl Engine {
    /// Lets happen what a turn decided, in order.
    pub(crate) fn settle(&mut self, now: Now, asker: &mut Asker, turn: Turn, effects: &mut Vec<Effect>) {
        let mut items: VecDeque<Item> = turn.items.into();
        while let Some(item) = items.pop_front() {
            match item {
                Item::Say(line) => asker.hear(line, effects),
                Item::Effect(Effect::Close { conn, reason }) => {
                    self.farewell(now, asker, conn, &reason, effects);
                }
                Item::Effect(effect) => effects.push(effect),
                Item::Event(what) => {
                    let answers = self.happen(now, asker, what, effects);
                    answers.items.into_iter().rev().for_each(|item| items.push_front(item));
                }
            }
        }
    }

    /// A connection ends without having asked for it.
    pub(crate) fn dismiss(&mut self, now: Now, conn: ConnId, reason: &str, effects: &mut Vec<Effect>) {
        let Some(session) = self.sessions.get(&conn) else { return };
        let mut asker = Asker::new(conn, session.capabilities, None);
        match session.user() {
            Some(user) => {
                let mut turn = Turn::default();
                turn.items.push(Item::Event(Quit { user, reason: reason.to_owned() }.into()));
                self.settle(now, &mut asker, turn, effects);
            }
            None => self.farewell(now, &mut asker, conn, reason, effects),
        }
    }

    /// Says good-bye on a connection and closes it.
    pub(crate) fn farewell(
        &mut self,
        now: Now,
        asker: &mut Asker,
        conn: ConnId,
        reason: &str,
        effects: &mut Vec<Effect>,
    ) {
        let Some(session) = self.close_session(conn) else { return };
        let line = Encoder::new().verb("ERROR");
        let line =
            Outgoing::with_text(now.wall, line, &format!("Closing Link: {} ({reason})", session.peer.host));
        if asker.conn == conn {
            asker.hear(line, effects);
            let reference = self.ids.next();
            asker.finish(&self.settings.server_name, now.wall, &reference, effects);
        } else {
            effects.push(Effect::Send { to: conn, line: line.line(session.capabilities, None) });
        }
        effects.push(Effect::Close { conn, reason: reason.to_owned() });
    }

    /// Time has passed: looks at the connections whose time has come.
    pub(crate) fn tick(&mut self, now: Now, effects: &mut Vec<Effect>) {
        while let Some((at_ms, conn)) =
            self.deadlines.first().copied().filter(|(at, _)| *at <= now.monotonic_ms)
        {
            let limits = self.settings.limits.clone();
            let session = self.sessions.get_mut(&conn).expect("a deadline belongs to a session");
            let silent_until = session.heard_ms + limits.ping_after_ms;
            match session.stage {
                Stage::Greeting(_) => self.dismiss(now, conn, "Registration timed out", effects),
                Stage::Registered(_) if session.pinged => {
                    let seconds = (now.monotonic_ms - session.heard_ms) / 1000;
                    self.dismiss(now, conn, &format!("Ping timeout: {seconds} seconds"), effects);
                }
                Stage::Registered(_) if silent_until <= now.monotonic_ms => {
                    session.pinged = true;
                    let line = Encoder::new().source(&self.settings.server_name).verb("PING");
                    let line = Outgoing::new(now.wall, line.trailing(&self.settings.server_name));
                    let line = line.line(session.capabilities, None);
                    effects.push(Effect::Send { to: conn, line });
                    self.look_at(conn, now.monotonic_ms + limits.ping_timeout_ms);
                }
                Stage::Registered(_) => self.look_at(conn, silent_until),
            }
            debug_assert!(self.deadlines.first() != Some(&(at_ms, conn)), "each look moves the deadline");
        }
    }

    /// Something happens: the world changes, those it concerns are told, and what the one who caused it is answered
    /// besides is returned.
    fn happen(&mut self, now: Now, asker: &mut Asker, what: What, effects: &mut Vec<Effect>) -> Turn {
        let event = Event { at: now.wall, id: self.ids.next(), what };
        let happening = event.what.happening();
        let Ok(heard) = happening.apply(event.at, &mut self.world, &self.settings) else {
            return Turn::default();
        };
        let mut told = Vec::new();
        let cause = Cause { event: &event, world: &self.world };
        happening.tell(&cause, &heard, &mut told);
        for told in &told {
            self.deliver(asker, told, effects);
        }
        // Before the welcome, which tells these figures.
        if let What::Enter(enter) = &event.what {
            self.counts.registrations += 1;
            self.counts.users_most = self.counts.users_most.max(self.world.users().len());
            self.look_at(conn_of(enter.user), now.monotonic_ms + self.settings.limits.ping_after_ms);
        }
        let mut answers = Turn::default();
        if let Some(session) = self.sessions.get_mut(&asker.conn) {
            happening.answer(&mut Cx {
                now,
                world: &self.world,
                settings: &self.settings,
                history: &self.history,
                counts: &self.counts,
                session,
                tags: Tags::default(),
                turn: &mut answers,
            });
        }
        self.record(&event, &heard.channels);
        let departed =
            event.what.happening().departed().map(|(user, reason)| (conn_of(user), reason.to_owned()));
        effects.push(Effect::Happened { event: Arc::new(event), channels: heard.channels });
        if let Some((conn, reason)) = departed {
            self.farewell(now, asker, conn, &reason, effects);
        }
        answers
    }

    /// Keeps what was said, and follows the channels that came, went or became public or private.
    fn record(&mut self, event: &Event, channels: &[ChannelName]) {
        if let What::Message(message) = &event.what {
            self.counts.messages += u64::from(message.words.is_some());
        }
        if let Some((channel, said)) = event.what.happening().said(event) {
            self.history.add(channel, said, self.settings.history_lines_max);
        }
        for name in channels {
            match self.world.channel(name.as_str()) {
                Some(channel) => self.history.wake(channel),
                None => {
                    self.audiences.forget(name);
                    self.history.rest(name);
                    self.history.bound(self.settings.history_channels_max);
                }
            }
        }
    }

    /// A line goes to those who hear it: rendered once for all who see it alike.
    fn deliver(&mut self, asker: &mut Asker, told: &Told, effects: &mut Vec<Effect>) {
        let made;
        let lists = match &told.to {
            Audience::Channel(name) => {
                let Some(channel) = self.world.channel(name.as_str()) else { return };
                self.audiences.of(channel, told.needs, &self.sessions)
            }
            Audience::Users(users) => {
                made = alike(users.iter().copied(), told.needs, &self.sessions);
                &made
            }
        };
        let left_out = told.except.map(conn_of);
        for (variant, conns) in lists {
            let mut except = left_out.filter(|conn| conns.binary_search(conn).is_ok());
            let asks =
                asker.is_labeled() && except != Some(asker.conn) && conns.binary_search(&asker.conn).is_ok();
            if asks {
                asker.hear(told.line.clone(), effects);
                debug_assert!(except.is_none(), "only the one who asks is ever left out");
                except = Some(asker.conn);
            }
            match conns.len() - usize::from(except.is_some()) {
                0 => {}
                _ if conns.len() == 1 => {
                    effects.push(Effect::Send { to: conns[0], line: told.line.line(*variant, None) });
                }
                _ => effects.push(Effect::Fan {
                    to: conns.clone(),
                    except,
                    line: told.line.line(*variant, None),
                }),
            }
        }
    }
}
