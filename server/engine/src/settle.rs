//! What was decided happens: events change the world and are told to whom they concern; connections end.

use std::sync::Arc;

use wire::{Casemapping, ChannelName, Encoder, Numeric, Tags, numeric};

use crate::commands::{BanLift, BanSet, Cause, Heard, Quit, Sending, give_up};
use crate::engine::Engine;
use crate::event::{Event, Past, What};
use crate::interface::{ConnId, Effect, Now};
use crate::modes::{ChannelFlag, UserFlag};
use crate::notices;
use crate::outgoing::{Audience, Outgoing, Told, conn_of, user_of};
use crate::session::Stage;
use crate::turn::{Asker, Item, Turn};
use crate::world::Ban;
use crate::world::UserId;

/// The connection of nobody.
const NOBODY: ConnId = ConnId(u64::MAX);

impl Engine {
    /// Lets happen what a turn decided, in order.
    pub(crate) fn settle(
        &mut self,
        now: Now,
        asker: &mut Asker,
        mut turn: Box<Turn>,
        effects: &mut Vec<Effect>,
    ) {
        asker.lists |= turn.lists;
        let Turn { items, answered, .. } = &mut *turn;
        for item in items {
            // An answer, which most are, stays where it is; what happens is taken out.
            match item {
                Item::Answer(lines) if asker.is_here => {
                    asker.answer(answered, lines.clone(), &self.voice(now), effects);
                }
                Item::Answer(_) => {}
                item => self.settle_one(now, asker, std::mem::take(item), effects),
            }
        }
        self.keep_turn(turn);
    }

    /// Lets one of it happen that is no answer.
    fn settle_one(&mut self, now: Now, asker: &mut Asker, item: Item, effects: &mut Vec<Effect>) {
        match item {
            Item::Say(line) if asker.is_here => asker.hear(line, &self.desk, effects),
            Item::Say(_) => {}
            Item::Answer(_) => unreachable!("an answer stays where it is"),
            Item::Effect(Effect::Close { conn, reason }) => {
                self.farewell(now, asker, conn, &reason, effects);
            }
            Item::Effect(effect @ (Effect::Stop { .. } | Effect::Restart { .. })) => {
                // Afterwards nobody is there who could hear an answer.
                let reference = self.ids.next();
                asker.finish(&self.voice(now), &reference, effects);
                effects.push(effect);
            }
            Item::Effect(effect) => effects.push(effect),
            Item::Notice(kind, text) => self.notify(now, asker, (kind, &text), effects),
            Item::Event(what) => {
                let event = self.event(now, what);
                let answers = self.happen(now, asker, asker.conn, event, effects);
                if answers.items.is_empty() {
                    asker.lists |= answers.lists;
                    self.keep_turn(answers);
                } else {
                    self.settle(now, asker, answers, effects);
                }
            }
            Item::EventTo(user, what) => self.happen_to(now, asker, user, what, effects),
        }
    }

    /// A connection ends without having asked for it.
    pub(crate) fn dismiss(&mut self, now: Now, conn: ConnId, reason: &str, effects: &mut Vec<Effect>) {
        let Some(session) = self.sessions.get(conn) else { return };
        let mut asker = Asker::new(conn, session.capabilities);
        match session.user() {
            Some(user) => {
                let mut turn = self.turn();
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
        let line = self.desk.line().verb("ERROR").trailing("Closing Link: ").more(&session.host);
        let line = self.desk.done(now.wall, line.more(" (").more(reason).more(")").end());
        if asker.conn == conn {
            asker.hear(line, &self.desk, effects);
            asker.is_here = false;
            if asker.is_labeled() {
                let reference = self.ids.next();
                asker.finish(&self.voice(now), &reference, effects);
            }
        } else {
            effects.push(Effect::Send { to: conn, line: line.line(&self.desk, session.capabilities, None) });
        }
        effects.push(Effect::Close { conn, reason: reason.to_owned() });
    }

    /// Time has passed: looks at the connections whose time has come.
    pub(crate) fn tick(&mut self, now: Now, effects: &mut Vec<Effect>) {
        self.end_bans(now, effects);
        while let Some((at_ms, conn)) =
            self.deadlines.first().copied().filter(|(at, _)| *at <= now.monotonic_ms)
        {
            let limits = self.settings.limits.clone();
            let session = self.sessions.get_mut(conn).expect("a deadline belongs to a session");
            let silent_until = session.heard_ms + limits.ping_after_ms;
            let gives_up_ms = session.sending.as_ref().and_then(Sending::until_ms);
            match session.stage {
                Stage::Greeting(_) => self.dismiss(now, conn, "Registration timed out", effects),
                Stage::Registered if gives_up_ms.is_some_and(|until_ms| until_ms <= now.monotonic_ms) => {
                    self.give_up_batch(now, conn, effects);
                }
                Stage::Registered
                    if session
                        .pinged_ms
                        .is_some_and(|at| at + limits.ping_timeout_ms <= now.monotonic_ms) =>
                {
                    let seconds = (now.monotonic_ms - session.heard_ms) / 1000;
                    self.dismiss(now, conn, &format!("Ping timeout: {seconds} seconds"), effects);
                }
                Stage::Registered if session.pinged_ms.is_none() && silent_until <= now.monotonic_ms => {
                    session.pinged_ms = Some(now.monotonic_ms);
                    let next_ms = session.next_look_ms(&limits);
                    let line = Encoder::new().source(&self.settings.server_name).verb("PING");
                    let line = Outgoing::new(now.wall, line.trailing(&self.settings.server_name));
                    let line = line.line(&self.desk, session.capabilities, None);
                    effects.push(Effect::Send { to: conn, line });
                    self.look_at(conn, next_ms);
                }
                Stage::Registered => {
                    let next_ms = session.next_look_ms(&limits);
                    self.look_at(conn, next_ms);
                }
            }
            debug_assert!(self.deadlines.first() != Some(&(at_ms, conn)), "each look moves the deadline");
        }
    }

    /// Bans whose time is over are lifted.
    fn end_bans(&mut self, now: Now, effects: &mut Vec<Effect>) {
        while let Some((_, ban)) = self.world.bans().next_end().filter(|(until, _)| *until <= now.wall) {
            let lift = BanLift { kind: ban.kind, mask: ban.mask.clone(), by: None };
            self.happen_by_itself(now, lift.into(), effects);
        }
    }

    /// Bans that an earlier run left hold again, unless they have ended since.
    pub(crate) fn restore_bans(&mut self, now: Now, bans: Vec<Ban>, effects: &mut Vec<Effect>) {
        for ban in bans.into_iter().filter(|ban| ban.until.is_none_or(|until| until > now.wall)) {
            self.happen_by_itself(now, BanSet { ban }.into(), effects);
        }
    }

    /// Something happens for which nobody asked, and which nobody is answered.
    fn happen_by_itself(&mut self, now: Now, what: What, effects: &mut Vec<Effect>) {
        let event = self.event(now, what);
        let answers = self.happen(now, &mut Asker::nobody(), NOBODY, event, effects);
        self.keep_turn(answers);
    }

    /// Something happens to somebody who has not asked for it: he is told what it is answered with.
    fn happen_to(
        &mut self,
        now: Now,
        asker: &mut Asker,
        user: UserId,
        what: What,
        effects: &mut Vec<Effect>,
    ) {
        let conn = conn_of(user);
        let event = self.event(now, what);
        let answers = self.happen(now, asker, conn, event, effects);
        if conn == asker.conn {
            return self.settle(now, asker, answers, effects);
        }
        let Some(session) = self.sessions.get(conn) else { return };
        let mut other = Asker::new(conn, session.capabilities);
        self.settle(now, &mut other, answers, effects);
        self.conclude(now, &mut other, effects);
    }

    /// A client's batch was open for too long.
    fn give_up_batch(&mut self, now: Now, conn: ConnId, effects: &mut Vec<Effect>) {
        let Some(session) = self.sessions.get_mut(conn) else { return };
        if let Some((label, reference)) = give_up(&mut session.sending) {
            let line = Encoder::new().source(&self.settings.server_name).verb("FAIL").param("BATCH");
            let line = line.param("TIMEOUT").param(&reference).trailing("The batch was open for too long");
            let mut asker = Asker::new(conn, session.capabilities);
            if let Some(label) = label {
                asker.label_answers(label);
            }
            asker.hear(Outgoing::new(now.wall, line), &self.desk, effects);
            // Not by `conclude`: a listing that is under way has nothing to do with it.
            let reference = self.ids.next();
            asker.finish(&self.voice(now), &reference, effects);
        }
        let Some(session) = self.sessions.get(conn) else { return };
        let next_ms = session.next_look_ms(&self.settings.limits);
        self.look_at(conn, next_ms);
    }

    /// Something that is to happen now.
    fn event(&mut self, now: Now, what: What) -> Arc<Event> {
        Arc::new(Event { at: now.wall, id: self.ids.next(), what })
    }

    /// Something happens: the world changes, those it concerns are told, and what the one who caused it is answered
    /// besides is returned.
    fn happen(
        &mut self,
        now: Now,
        asker: &mut Asker,
        answered: ConnId,
        event: Arc<Event>,
        effects: &mut Vec<Effect>,
    ) -> Box<Turn> {
        let happening = event.what.happening();
        let bot = match asker.is_bot {
            Some(false) => None,
            _ => self.world.user(user_of(asker.conn)).filter(|user| user.flags.has(UserFlag::Bot)),
        };
        let bot = bot.map(|user| user.nick.clone());
        let Ok(heard) = happening.apply(event.at, &mut self.world, &self.settings) else {
            return self.turn();
        };
        let mut told = std::mem::take(&mut self.told);
        let server = &self.settings.server_name;
        let cause = Cause { event: &event, world: &self.world, desk: &self.desk, server };
        happening.tell(&cause, &heard, &mut told);
        let mut past = happening.past(&cause, &heard);
        if let (Some(_), Some(past)) = (&bot, &mut past) {
            past.from_bot = past.by == Some(user_of(asker.conn));
        }
        if let Some(bot) = &bot {
            self.mark_bot(bot.as_str(), user_of(asker.conn), &mut told);
        }
        for told in &told {
            self.deliver(asker, told, effects);
            self.deliver_to_watchers(asker, told, effects);
        }
        for told in &told {
            self.echo(asker, told, effects);
        }
        self.keep_told(told);
        // Before the welcome, which tells these figures.
        if let What::Enter(enter) = &event.what {
            self.counts.registrations += 1;
            self.counts.users_most = self.counts.users_most.max(self.world.users().len());
            self.look_at(conn_of(enter.user), now.monotonic_ms + self.settings.limits.ping_after_ms);
        }
        let mut answers = self.turn();
        answers.bytes_before = asker.bytes;
        if let Some(mut cx) = self.context(now, answered, Tags::default(), &mut answers) {
            happening.answer(&mut cx);
        }
        let departed = happening.departed();
        if let Some((user, _)) = departed {
            self.history.depart(user);
        }
        self.record(&event, &heard.channels, past);
        self.tell_watchers(&event, &heard, asker, effects);
        self.tell_listeners(now, asker, (happening, &heard), effects);
        if self.world.has_listeners()
            && let Some((kind, text)) = notices::of(&event, &heard.source, &self.world)
        {
            self.notify(now, asker, (kind, &text), effects);
        }
        let departs = departed.map(|_| event.clone());
        effects.push(Effect::Happened { event, channels: heard.channels });
        if let Some((user, reason)) = departs.as_ref().and_then(|event| event.what.happening().departed()) {
            self.farewell(now, asker, conn_of(user), reason, effects);
        }
        answers
    }

    /// Tells those who watch a nick that somebody took or left it (IRCv3 monitor).
    fn tell_watchers(&mut self, event: &Event, heard: &Heard, asker: &mut Asker, effects: &mut Vec<Effect>) {
        if self.watches.is_empty() {
            return;
        }
        let mut tell = |engine: &mut Self, nick: &str, numeric: &'static Numeric, shown: &str| {
            for conn in engine.watches.of(nick) {
                let Some(name) = engine.sessions.get(conn).and_then(|session| session.user()) else {
                    continue;
                };
                let Some(watcher) = engine.world.user(name) else { continue };
                let reply = numeric.with(&[shown]);
                let line = reply.line(Encoder::new(), &engine.settings.server_name, watcher.nick.as_str());
                let told = Told::new(Audience::Users(vec![name]), Outgoing::complete(event.at, line));
                engine.deliver(asker, &told, effects);
            }
        };
        let before = || heard.source.split('!').next().unwrap_or_default();
        let now = match &event.what {
            What::Enter(enter) => self.world.user(enter.user),
            What::Rename(rename) => {
                let renamed = self.world.user(rename.user);
                // Who only writes his nick in another way was never gone.
                if renamed.is_some_and(|user| Casemapping::Ascii.same(user.nick.as_str(), before())) {
                    return;
                }
                renamed
            }
            what if what.happening().departed().is_some() => None,
            _ => return,
        };
        let now = now.map(|user| (user.nick.shared().clone(), user.source().clone()));
        let before = before();
        if !before.is_empty() {
            tell(self, before, &numeric::RPL_MONOFFLINE, before);
        }
        if let Some((nick, source)) = now {
            tell(self, &nick, &numeric::RPL_MONONLINE, &source);
        }
    }

    /// What a bot does is marked: "This tag SHOULD be added by the server to all commands sent by a bot (e.g. PRIVMSG,
    /// JOIN, MODE, NOTICE, and all others)." He may be called otherwise since he did it.
    fn mark_bot(&self, before: &str, bot: UserId, told: &mut [Told]) {
        let now = self.world.user(bot).map(|user| user.nick.as_str());
        let named = |line: &Outgoing| line.is_from(before) || now.is_some_and(|nick| line.is_from(nick));
        told.iter_mut().filter(|told| named(&told.line)).for_each(|told| told.line.mark_bot());
    }

    /// Keeps what was said and done, and follows the channels that came, went or became public or private.
    fn record(&mut self, event: &Event, channels: &[ChannelName], mut past: Option<Past>) {
        if let What::Message(message) = &event.what {
            self.counts.messages += u64::from(message.words.is_some());
        }
        if let What::ChannelRename(rename) = &event.what {
            self.history.rename(&rename.from, &rename.to);
        }
        if let What::Redaction(redaction) = &event.what {
            self.history.redact(redaction);
        }
        if let Some(past) = past.take_if(|past| past.to.is_some()) {
            self.history.add_direct(past, &self.settings);
        }
        for (index, name) in channels.iter().enumerate() {
            let channel = self.world.channel_of(name);
            let auditorium = channel.is_some_and(|channel| channel.flags.has(ChannelFlag::Auditorium));
            let hidden = |past: &Past| auditorium && past.what.is_about_members();
            // The last one takes it.
            let is_last = index + 1 == channels.len();
            let kept = match past.as_ref().is_some_and(|past| !hidden(past)) {
                true if is_last => past.take(),
                true => past.clone(),
                false => None,
            };
            if let Some(past) = kept {
                self.history.add(name, channel, past, &self.settings);
            } else if let Some(channel) = channel {
                self.history.wake(channel);
            }
            if channel.is_none() {
                self.audiences.forget(name);
                self.history.rest(name);
                self.history.bound(self.settings.history_channels_max);
            }
        }
    }
}
