//! PART: somebody leaves a channel.

use wire::{ChannelName, Encoder, Reply, Timestamp, numeric};

use super::{Cause, Command, Happening, Heard, When};
use crate::context::{Cx, cut, is_empty_list};
use crate::event::{Past, Thing};
use crate::modes::ChannelFlag;
use crate::outgoing::{Audience, Outgoing, Told};
use crate::settings::Settings;
use crate::world::{Channel, Stale, UserId, World};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "PART", when: When::After, min: 1, syntax: "<channel>[,<channel>…] [:<reason>]", help: "Leaves channels.", run: part },
];

/// Somebody left a channel.
#[derive(Clone, Debug)]
pub struct Part {
    /// Who.
    pub user: UserId,
    /// The channel.
    pub channel: ChannelName,
    /// Why; empty if nothing was said.
    pub reason: String,
}

fn part(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    if is_empty_list(params[0]) {
        return Err(numeric::ERR_NEEDMOREPARAMS.with(&["PART"]));
    }
    let reason = cut(params.get(1).unwrap_or(&""), cx.settings.limits.kick_bytes_max);
    cx.each(params[0], |cx, name| {
        let channel = cx.own_channel(name)?.name.clone();
        cx.happen(Part { user: cx.user().id, channel, reason: reason.to_owned() });
        Ok(())
    });
    Ok(())
}

impl Happening for Part {
    fn apply(&self, _at: Timestamp, world: &mut World, _settings: &Settings) -> Result<Heard, Stale> {
        let channel = world.channel_of(&self.channel).ok_or(Stale)?;
        let auditorium = channel.flags.has(ChannelFlag::Auditorium);
        let users = if auditorium { channel.acquaintances(self.user) } else { Vec::new() };
        let source = world.user(self.user).ok_or(Stale)?.source().clone();
        world.part(self.user, &self.channel)?;
        Ok(Heard { channels: vec![self.channel.clone()], users, source, ..Heard::default() })
    }

    fn tell(&self, cause: &Cause<'_>, heard: &Heard, told: &mut Vec<Told>) {
        let line = Encoder::new().source(&heard.source).verb("PART").param(self.channel.as_str());
        let line = match self.reason.as_str() {
            "" => Outgoing::new(cause.event.at, line),
            reason => Outgoing::with_text(cause.event.at, line, reason),
        };
        let line = line.id(&cause.event.id);
        let auditorium = |channel: &Channel| channel.flags.has(ChannelFlag::Auditorium);
        if cause.world.channel_of(&self.channel).is_some_and(auditorium) {
            return told.push(Told::new(Audience::Users(heard.users.clone()), line));
        }
        // He is in it no more.
        told.push(Told::new(Audience::User(self.user), line.clone()));
        told.push(Told::new(Audience::Channel(self.channel.clone()), line));
    }

    fn past(&self, cause: &Cause<'_>, heard: &Heard) -> Option<Past> {
        let parted = Thing::Parted(self.reason.as_str().into());
        Some(Past::new(cause.event, self.user, &heard.source, parted))
    }
}
