//! KNOCK: somebody who may not enter a channel asks to be invited.

use wire::{ChannelName, Encoder, Reply, Timestamp, numeric};

use super::{Cause, Command, Happening, Heard, When};
use crate::bans::Deed;
use crate::context::Cx;
use crate::modes::{ChannelFlag, Rank};
use crate::outgoing::{Audience, Outgoing, Told};
use crate::settings::Settings;
use crate::world::{Stale, UserId, World};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "KNOCK", when: When::After, min: 1, syntax: "<channel> [:<text>]", help: "Asks those who can invite to a channel that is closed to be invited.", run: knock },
];

/// Somebody asked to be invited.
#[derive(Clone, Debug)]
pub struct Knock {
    /// Who.
    pub user: UserId,
    /// The channel.
    pub channel: ChannelName,
    /// What he said to it; empty if nothing.
    pub text: String,
}

fn knock(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    let channel = cx.channel(params[0])?;
    let user = cx.user();
    let name = channel.name.as_str();
    if channel.has(user.id) {
        return Err(numeric::ERR_KNOCKONCHAN.with(&[name]));
    }
    let closed = channel.flags.has(ChannelFlag::InviteOnly) || channel.key().is_some() || channel.is_full();
    if !closed {
        return Err(numeric::ERR_CHANOPEN.with(&[name]));
    }
    if channel.flags.has(ChannelFlag::NoKnock) {
        return Err(numeric::ERR_CANNOTKNOCK.with(&[name, "+K is set"]));
    }
    if channel.bans(Deed::Join, user, cx.world) {
        return Err(numeric::ERR_CANNOTKNOCK.with(&[name, "+b: you are banned"]));
    }
    let (now, limits) = (cx.now.wall, &cx.settings.limits);
    let too_soon = |last: Option<Timestamp>, ms| last.is_some_and(|last| now.0.saturating_sub(last.0) < ms);
    if too_soon(user.knocked, limits.knock_per_user_ms) {
        return Err(numeric::ERR_TOOMANYKNOCK.with(&[name, "user"]));
    }
    if too_soon(channel.knocked(), limits.knock_per_channel_ms) {
        return Err(numeric::ERR_TOOMANYKNOCK.with(&[name, "channel"]));
    }
    let text = params.get(1).unwrap_or(&"");
    cx.happen(Knock { user: user.id, channel: channel.name.clone(), text: (*text).to_owned() });
    Ok(())
}

impl Happening for Knock {
    fn apply(&self, at: Timestamp, world: &mut World, _settings: &Settings) -> Result<Heard, Stale> {
        world.knock(self.user, &self.channel, at)?;
        Ok(Heard::default())
    }

    fn tell(&self, cause: &Cause<'_>, _heard: &Heard, told: &mut Vec<Told>) {
        let world = cause.world;
        let user = world.user(self.user).expect("who knocked is here");
        let channel = world.channel(self.channel.as_str()).expect("the channel was found by apply");
        let text = if self.text.is_empty() { String::new() } else { format!(": {}", self.text) };
        let reply = numeric::RPL_KNOCK.with(&[channel.name.as_str(), user.source(), &text]);
        for (id, _) in channel.members().iter().filter(|(_, member)| member.ranks.reach(Rank::HalfOp)) {
            let nick = world.user(*id).expect("a member is a user").nick.as_str();
            let line = reply.line(Encoder::new(), cause.server, nick);
            let line = Outgoing::complete(cause.event.at, line);
            told.push(Told::new(Audience::Users(vec![*id]), line));
        }
    }

    fn answer(&self, cx: &mut Cx<'_>) {
        cx.answer(&numeric::RPL_KNOCKDLVR, &[self.channel.as_str()]);
    }
}
