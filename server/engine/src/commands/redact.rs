//! REDACT: a message is taken back (IRCv3 message-redaction).

use std::sync::Arc;

use wire::capability;
use wire::{ChannelName, Encoder, Reply, Timestamp, numeric};

use super::{Cause, Command, Happening, Heard, When};
use crate::context::Cx;
use crate::event::{Past, Receiver, Thing};
use crate::ids::EventId;
use crate::modes::Rank;
use crate::outgoing::{Audience, Outgoing, Told};
use crate::playback::Place;
use crate::settings::Settings;
use crate::world::{Channel, Stale, UserId, World};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "REDACT", when: When::After, min: 2, syntax: "<channel or nick> <msgid> [:<reason>]", help: "Takes a message back: it is not shown any more to those who ask for what was said.", run: redact },
];

/// A message was taken back.
#[derive(Clone, Debug)]
pub struct Redaction {
    /// By whom.
    pub by: UserId,
    /// How he is called: `nick!user@host`.
    pub source: Arc<str>,
    /// Where it was said.
    pub place: Whereabouts,
    /// The id of the message.
    pub id: EventId,
    /// Why; empty if nothing was said.
    pub reason: Arc<str>,
}

/// Where a message was said.
#[derive(Clone, Debug)]
pub enum Whereabouts {
    /// In a channel.
    Channel(ChannelName),
    /// To or by another user.
    Direct(Receiver),
}

fn redact(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    if !cx.session.capabilities.has(&capability::MESSAGE_REDACTION) {
        return Err(
            numeric::ERR_UNKNOWNCOMMAND.with(&["REDACT", ": it needs the capability draft/message-redaction"])
        );
    }
    let (target, id) = (params[0], params[1]);
    let Some(place) = Place::named(cx, target) else {
        let words = format!("You cannot delete messages from {target}");
        cx.say("FAIL", &["REDACT", "INVALID_TARGET", target], &words);
        return Ok(());
    };
    // What came and went cannot be taken back.
    let message = |past: &&Past| matches!(past.what, Thing::Said(_) | Thing::Tagged);
    let Some(past) = place.log(cx).and_then(|log| log.find(id)).filter(message) else {
        let words = "This message does not exist or is too old";
        cx.say("FAIL", &["REDACT", "UNKNOWN_MSGID", target, id], words);
        return Ok(());
    };
    let user = cx.user();
    let moderates = matches!(place, Place::Channel(channel) if moderates(cx, channel, past));
    let window_ms = cx.settings.redact_ms_max;
    let is_own = past.by == Some(user.id) && window_ms > 0;
    if !moderates && !is_own {
        let words = "You are not authorised to delete this message";
        cx.say("FAIL", &["REDACT", "REDACT_FORBIDDEN", target, id], words);
        return Ok(());
    }
    if !moderates && cx.now.wall.0.saturating_sub(past.at.0) > window_ms {
        let (window, words) = ((window_ms / 1000).to_string(), "You can no longer edit this message");
        cx.say("FAIL", &["REDACT", "REDACT_WINDOW_EXPIRED", target, id, &window], words);
        return Ok(());
    }
    let place = match place {
        Place::Channel(channel) => Whereabouts::Channel(channel.name.clone()),
        Place::Direct(user, nick) => Whereabouts::Direct(Receiver { user, nick: nick.into() }),
    };
    let reason = params.get(2).copied().unwrap_or("").into();
    cx.happen(Redaction { by: user.id, source: user.source().clone(), place, id: past.id, reason });
    Ok(())
}

/// Whether the one who asks may take back what others said in a channel: its operators may, if the administrator lets
/// them, and what operators said only those may who could also put them out.
fn moderates(cx: &Cx<'_>, channel: &Channel, past: &Past) -> bool {
    let user = cx.user().id;
    let author = past.by.and_then(|author| channel.member(author));
    cx.settings.redact_by_operators
        && channel.reaches(user, Rank::HalfOp)
        && author.is_none_or(|author| channel.ranks(user).govern(author.ranks))
}

impl Happening for Redaction {
    fn apply(&self, _at: Timestamp, world: &mut World, _settings: &Settings) -> Result<Heard, Stale> {
        match &self.place {
            Whereabouts::Channel(channel) => {
                world.channel(channel.as_str()).ok_or(Stale)?;
                Ok(Heard { channels: vec![channel.clone()], ..Heard::default() })
            }
            // Who is gone hears nothing, and the message goes nevertheless.
            Whereabouts::Direct(other) => {
                let here = world.user(other.user).map(|user| user.id);
                Ok(Heard { users: here.into_iter().collect(), ..Heard::default() })
            }
        }
    }

    fn tell(&self, cause: &Cause<'_>, heard: &Heard, told: &mut Vec<Told>) {
        let (to, target) = match &self.place {
            Whereabouts::Channel(channel) => (Audience::Channel(channel.clone()), channel.as_str()),
            Whereabouts::Direct(other) => (Audience::Users(heard.users.clone()), &*other.nick),
        };
        let line = Encoder::new().source(&self.source).verb("REDACT").param(target).param(&self.id);
        let line = match &*self.reason {
            "" => Outgoing::new(cause.event.at, line),
            reason => Outgoing::with_text(cause.event.at, line, reason),
        };
        let line = line.id(&cause.event.id);
        // "in the same way as PRIVMSG messages": to the others, and to oneself as an echo.
        let mut heard_by = Told::new(to, line).needs(&capability::MESSAGE_REDACTION);
        if !matches!(&self.place, Whereabouts::Direct(other) if other.user == self.by) {
            heard_by = heard_by.except(self.by);
        }
        told.push(heard_by.delivery().and_echo(self.by));
    }

    fn past(&self, cause: &Cause<'_>, _heard: &Heard) -> Option<Past> {
        let redacted = Thing::Redacted { id: (&*self.id).into(), reason: self.reason.clone() };
        let to = match &self.place {
            Whereabouts::Channel(_) => None,
            Whereabouts::Direct(other) => Some(other.clone()),
        };
        Some(Past { to, ..Past::new(cause.event, self.by, &self.source, redacted) })
    }
}
