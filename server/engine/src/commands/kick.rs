//! KICK: somebody is shown the door of a channel.

use wire::{ChannelName, Encoder, Reply, Timestamp, numeric};

use super::{Cause, Command, Happening, Heard, When};
use crate::context::{Cx, cut};
use crate::event::{Past, Thing};
use crate::modes::{ChannelFlag, Rank, Ranks};
use crate::outgoing::{Audience, Outgoing, Told};
use crate::settings::Settings;
use crate::world::{Channel, Stale, User, UserId, World};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "KICK", when: When::After, min: 2, syntax: "<channel>[,<channel>…] <nick>[,<nick>…] [:<reason>]", help: "Puts members out of a channel. With several channels there is one nick for each.", run: kick },
];

/// Somebody was put out of a channel.
#[derive(Clone, Debug)]
pub struct Kick {
    /// By whom.
    pub by: UserId,
    /// The channel.
    pub channel: ChannelName,
    /// Who.
    pub user: UserId,
    /// Why.
    pub reason: String,
}

fn kick(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    let reason = params.get(2).copied().filter(|reason| !reason.is_empty());
    let reason = cut(reason.unwrap_or(cx.user().nick.as_str()), cx.settings.limits.kick_bytes_max);
    let channels: Vec<&str> = params[0].split(',').filter(|name| !name.is_empty()).collect();
    let mut number = 0;
    let nicks = params[1].split(',').filter(|nick| !nick.is_empty()).count();
    // "There MUST be either one channel parameter and multiple user parameter, or as many channel parameters as there
    // are user parameters." (RFC 2812, section 3.2.8)
    if nicks == 0 || (channels.len() != 1 && channels.len() != nicks) {
        return Err(numeric::ERR_NEEDMOREPARAMS.with(&["KICK"]));
    }
    cx.each_target(params[1], |cx, nick| {
        let channel = if channels.len() == 1 { channels[0] } else { channels[number] };
        number += 1;
        one(cx, channel, nick, reason)
    });
    Ok(())
}

fn one(cx: &mut Cx<'_>, channel: &str, nick: &str, reason: &str) -> Result<(), Reply> {
    let channel = cx.channel(channel)?;
    let by = cx.user().id;
    let stands = cx.stands(channel, Some(Rank::HalfOp));
    let overrules = cx.overrules(stands)?;
    if channel.flags.has(ChannelFlag::NoKick) {
        let why = "Nobody can be put out here (+Q is set)";
        return Err(numeric::ERR_CHANOPRIVSNEEDED.with_text(&[channel.name.as_str()], why));
    }
    let target = cx.user_named(nick)?;
    let Some(member) = channel.member(target.id) else {
        return Err(numeric::ERR_USERNOTINCHANNEL.with(&[target.nick.as_str(), channel.name.as_str()]));
    };
    let governs = target.id == by || channel.ranks(by).govern(member.ranks);
    // Without a rank of his own he is here because nobody is above him.
    if overrules || !governs && cx.overrules(Err(above(channel, target, member.ranks)))? {
        cx.announce_use(&format!("override: KICK {} {}", channel.name, target.nick));
    }
    cx.happen(Kick { by, channel: channel.name.clone(), user: target.id, reason: reason.to_owned() });
    Ok(())
}

/// Somebody whose rank is too high to be acted against by the one who asks.
pub(super) fn above(channel: &Channel, target: &User, ranks: Ranks) -> Reply {
    let rank = ranks.highest().expect("who is above somebody has a rank");
    let why = format!("{} is {}; only {} may do that", target.nick, rank.prefix(), rank.given_by().and_above());
    numeric::ERR_CHANOPRIVSNEEDED.with_text(&[channel.name.as_str()], &why)
}

impl Happening for Kick {
    fn apply(&self, _at: Timestamp, world: &mut World, _settings: &Settings) -> Result<Heard, Stale> {
        let channel = world.channel(self.channel.as_str()).ok_or(Stale)?;
        let users = channel.acquaintances(self.user);
        let source = world.user(self.by).ok_or(Stale)?.source().clone();
        world.part(self.user, &self.channel)?;
        Ok(Heard { channels: vec![self.channel.clone()], users, source, ..Heard::default() })
    }

    fn tell(&self, cause: &Cause<'_>, heard: &Heard, told: &mut Vec<Told>) {
        let user = cause.world.user(self.user).expect("who was kicked is still here");
        let line = Encoder::new().source(&heard.source).verb("KICK");
        let line = line.param(self.channel.as_str()).param(user.nick.as_str());
        let line = Outgoing::with_text(cause.event.at, line, &self.reason).id(&cause.event.id);
        told.push(Told::new(Audience::Users(heard.users.clone()), line));
    }

    fn past(&self, cause: &Cause<'_>, heard: &Heard) -> Option<Past> {
        let nick = cause.world.user(self.user)?.nick.as_str().into();
        let kicked = Thing::Kicked { nick, reason: self.reason.as_str().into() };
        Some(Past::new(cause.event, self.by, &heard.source, kicked))
    }
}
