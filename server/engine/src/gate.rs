//! The gate: what holds for all lines before their command sees them.

use wire::{CLIENT_TAGS_BYTES_MAX, Message, Tags, numeric};

use crate::commands::{self, Sending, When};
use crate::context::Cx;
use crate::engine::Engine;
use crate::interface::{ConnId, Effect, Now};
use crate::modes::UserFlag;
use crate::mute;
use crate::session::{Checking, Stage};
use crate::turn::{Answers, Asker, label};
use crate::world::{BanKind, Visitor};

impl Engine {
    /// Somebody connected. Who comes from a banned address is turned away before he says anything.
    pub(crate) fn opened(&mut self, now: Now, conn: ConnId, effects: &mut Vec<Effect>) {
        let Some(Stage::Greeting(greeting)) = self.sessions.get(conn).map(|session| &session.stage) else {
            unreachable!("it has just been made")
        };
        let address = greeting.peer.address;
        let visitor = Visitor { nick: "*", user: "*", host: "*", origin: "*", address, realname: "*" };
        if let Some(ban) = self.world.bans().covering(BanKind::Address, visitor).cloned() {
            self.converse(now, conn, Tags::default(), effects, |cx| commands::turn_away(cx, &ban));
        }
    }

    /// A line came.
    pub(crate) fn line(&mut self, now: Now, conn: ConnId, line: &[u8], effects: &mut Vec<Effect>) {
        let Some(session) = self.sessions.get_mut(conn) else { return };
        session.heard(now);
        // A line that comes before its time shall not be answered before its time.
        if session.is_answering() {
            self.hurry(now, conn, effects);
        }
        let Ok(text) = std::str::from_utf8(line) else {
            self.counts.malformed += 1;
            return self.not_utf8(now, conn, line, effects);
        };
        // "Empty messages are silently ignored", and so is what is no message.
        let mut message = Message::default();
        if message.read(text).is_err() {
            self.counts.malformed += 1;
            return;
        }
        if message.tags.raw().len() > CLIENT_TAGS_BYTES_MAX {
            return self.overlong(now, conn, effects);
        }
        self.converse(now, conn, message.tags, effects, |cx| admit(cx, &message));
    }

    /// A line was not UTF-8. What can be read of it says which command is refused, and has its label.
    fn not_utf8(&mut self, now: Now, conn: ConnId, line: &[u8], effects: &mut Vec<Effect>) {
        let text = String::from_utf8_lossy(line);
        let message = Message::parse(&text).ok();
        let verb = message.as_ref().map_or(String::new(), |message| message.verb.to_ascii_uppercase());
        // A NOTICE is never answered, not even with an error.
        if verb == "NOTICE" {
            return;
        }
        // "If the server is unable to parse the sent command then it MAY send a FAIL command with no command name."
        let readable = !verb.is_empty() && verb.is_ascii();
        let verb = if readable { verb.as_str() } else { "*" };
        let tags = message.map(|message| message.tags).filter(|tags| !tags.raw().contains('\u{fffd}'));
        self.converse(now, conn, tags.unwrap_or_default(), effects, |cx| {
            cx.say("FAIL", &[verb, "INVALID_UTF8"], "Message rejected: it is not UTF-8");
        });
    }

    /// A line was too long.
    pub(crate) fn overlong(&mut self, now: Now, conn: ConnId, effects: &mut Vec<Effect>) {
        self.counts.malformed += 1;
        self.hurry(now, conn, effects);
        self.converse(now, conn, Tags::default(), effects, |cx| {
            cx.answer(&numeric::ERR_INPUTTOOLONG, &[]);
        });
    }

    /// A password was checked.
    pub(crate) fn checked(&mut self, now: Now, conn: ConnId, matches: bool, effects: &mut Vec<Effect>) {
        let Some(checking) = self.sessions.get_mut(conn).and_then(|session| session.checking.take()) else {
            return;
        };
        self.counts.failed_authentications += u64::from(!matches);
        self.converse(now, conn, Tags::default(), effects, |cx| match *checking {
            Checking::Admission if matches => {
                if let Some(greeting) = cx.session.greeting() {
                    greeting.admitted = true;
                }
            }
            Checking::Admission => {
                cx.answer(&numeric::ERR_PASSWDMISMATCH, &[]);
                cx.effect(Effect::Close { conn, reason: "Password incorrect".to_owned() });
            }
            Checking::Operator(name) if matches => commands::become_operator(cx, &name),
            Checking::Operator(name) => {
                commands::oper_failed(cx, &name, &numeric::ERR_PASSWDMISMATCH.with(&[]));
            }
        });
    }

    /// One who asks is answered: `ask` puts into the turn what he is told and what is to happen; then it happens.
    fn converse(
        &mut self,
        now: Now,
        conn: ConnId,
        tags: Tags<'_>,
        effects: &mut Vec<Effect>,
        ask: impl FnOnce(&mut Cx<'_>),
    ) {
        let mut turn = self.turn();
        let Some(mut cx) = self.context(now, conn, tags, &mut turn) else { return };
        let before = cx.session.capabilities;
        let mut asker = Asker::new(conn, before);
        // What was being checked is answered under the label of what was asked then.
        if let Some(label) = cx.session.label.take().map(String::from).or_else(|| label(before, tags)) {
            asker.label_answers(label);
        }
        ask(&mut cx);
        if let Stage::Greeting(_) = cx.session.stage {
            commands::complete(&mut cx);
        }
        asker.is_bot = cx.known().map(|user| user.flags.has(UserFlag::Bot));
        let waits = cx.session.checking.is_some();
        let changed = cx.session.capabilities != before && cx.is_in_channels();
        let gives_up_ms = cx.session.sending.as_ref().and_then(Sending::until_ms);
        let sooner_ms = gives_up_ms.filter(|until_ms| *until_ms < cx.session.deadline_ms);
        if changed {
            self.audiences.understanding_changed();
        }
        if let Some(place) = turn.used {
            self.counts.commands.add(place);
        }
        if let Some(refusal) = turn.refusal {
            self.counts.refused += 1;
            self.counts.collisions += u64::from(refusal.code == numeric::ERR_NICKNAMEINUSE.code);
        }
        if let Some(until_ms) = sooner_ms {
            self.look_at(conn, until_ms);
        }
        if !matches!(turn.answers, Answers::Now) {
            asker.answer_to(std::mem::take(&mut turn.answers));
        }
        self.settle(now, &mut asker, turn, effects);
        if waits && let Some(session) = self.sessions.get_mut(conn) {
            session.label = asker.put_off().map(Into::into);
        }
        self.conclude(now, &mut asker, effects);
    }
}

/// Finds the command of a message and lets it decide, if its row allows it now.
fn admit(cx: &mut Cx<'_>, message: &Message<'_>) {
    if commands::absorb(cx, message) {
        return;
    }
    let Some(place) = cx.table.place(message.verb) else {
        return unknown(cx, message.verb);
    };
    let row = cx.table.row(place);
    cx.turn.used = Some(place);
    let registered = matches!(cx.session.stage, Stage::Registered);
    let allowed = match row.when {
        When::After | When::With(_) if !registered => Err(numeric::ERR_NOTREGISTERED.with(&[])),
        When::Before if registered => Err(numeric::ERR_ALREADYREGISTERED.with(&[])),
        When::With(privilege) => cx.needs(privilege),
        When::Any | When::Before | When::After => Ok(()),
    };
    let outcome = allowed.and_then(|()| match message.params.all() {
        params if params.len() < row.min => Err(numeric::ERR_NEEDMOREPARAMS.with(&[row.verb])),
        params => (row.run)(cx, params),
    });
    mute::without_a_voice(cx, row.verb);
    if let Err(reply) = outcome {
        cx.turn.refusal = Some(reply.numeric());
        cx.reply(&reply);
    }
}

fn unknown(cx: &mut Cx<'_>, verb: &str) {
    // A server's numeric that came back, or an answer nobody waits for: silence keeps two programs from answering
    // each other for ever.
    if verb.bytes().all(|b| b.is_ascii_digit()) {
        return;
    }
    let hint = commands::nearest(verb).map_or(String::new(), |nearest| format!("; did you mean {nearest}?"));
    let known = matches!(cx.session.stage, Stage::Registered) || !hint.is_empty();
    let reply = if known {
        numeric::ERR_UNKNOWNCOMMAND.with(&[verb, &hint])
    } else {
        numeric::ERR_NOTREGISTERED.with(&[])
    };
    cx.turn.refusal = Some(reply.numeric());
    cx.reply(&reply);
}
