//! INVITE: somebody is asked to come into a channel.

use wire::capability;
use wire::{ChannelName, Encoder, Reply, Timestamp, numeric};

use super::{Cause, Command, Happening, Heard, When};
use crate::context::Cx;
use crate::modes::{ChannelFlag, Rank};
use crate::outgoing::{Audience, Outgoing, Told};
use crate::settings::Settings;
use crate::world::{Invited, Stale, UserId, World};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "INVITE", when: When::After, min: 0, syntax: "[<nick> <channel>]", help: "Invites somebody to a channel, or lists the channels one is invited to.", run: invite },
];

/// Somebody was invited to a channel.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// By whom.
    pub by: UserId,
    /// Who.
    pub user: UserId,
    /// The channel.
    pub channel: ChannelName,
    /// Whether he who invites could also invite to a channel that is closed.
    pub by_operator: bool,
}

fn invite(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    let [nick, channel, ..] = params else {
        if params.len() == 1 {
            return Err(numeric::ERR_NEEDMOREPARAMS.with(&["INVITE"]));
        }
        for channel in cx.user().invitations() {
            cx.answer(&numeric::RPL_INVITELIST, &[channel.as_str()]);
        }
        cx.answer(&numeric::RPL_ENDOFINVITELIST, &[]);
        return Ok(());
    };
    let target = cx.user_named(nick)?;
    let channel = cx.channel(channel)?;
    let (by, name) = (cx.user().id, channel.name.as_str());
    let needed = channel.flags.has(ChannelFlag::InviteOnly).then_some(Rank::HalfOp);
    let overrules = cx.overrules(cx.stands(channel, needed))?;
    if channel.flags.has(ChannelFlag::NoInvite) {
        return Err(numeric::ERR_NOINVITE.with(&[name]));
    }
    if channel.has(target.id) {
        return Err(numeric::ERR_USERONCHANNEL.with(&[target.nick.as_str(), name]));
    }
    cx.answer(&numeric::RPL_INVITING, &[target.nick.as_str(), name]);
    if let Some(away) = &target.away {
        cx.answer(&numeric::RPL_AWAY, &[target.nick.as_str(), away]);
    }
    if overrules {
        cx.announce_use(&format!("override: INVITE {} {name}", target.nick));
    }
    let by_operator = overrules || channel.reaches(by, Rank::HalfOp);
    cx.happen(Invitation { by, user: target.id, channel: channel.name.clone(), by_operator });
    Ok(())
}

impl Happening for Invitation {
    fn apply(&self, _at: Timestamp, world: &mut World, settings: &Settings) -> Result<Heard, Stale> {
        let channel = world.channel(self.channel.as_str()).ok_or(Stale)?;
        if channel.has(self.user) {
            return Err(Stale);
        }
        let source = world.user(self.by).ok_or(Stale)?.source().clone();
        let invited = Invited { to: self.channel.clone(), by_operator: self.by_operator };
        world.invite(self.user, invited, settings.limits.invitations_per_user_max)?;
        Ok(Heard { users: vec![self.user], source, ..Heard::default() })
    }

    fn tell(&self, cause: &Cause<'_>, heard: &Heard, told: &mut Vec<Told>) {
        let user = cause.world.user(self.user).expect("who was invited is here");
        let line = Encoder::new().source(&heard.source).verb("INVITE");
        let line = line.param(user.nick.as_str()).param(self.channel.as_str());
        let line = Outgoing::new(cause.event.at, line).id(&cause.event.id);
        told.push(Told::new(Audience::Users(heard.users.clone()), line.clone()));
        // Told to those who could have invited themselves; the specification leaves the choice to the server.
        let Some(channel) = cause.world.channel(self.channel.as_str()) else { return };
        let could = channel.members().iter().filter(|(id, member)| {
            **id != self.by && **id != self.user && member.ranks.reach(Rank::HalfOp)
        });
        let could = Audience::Users(could.map(|(id, _)| *id).collect());
        told.push(Told::new(could, line).needs(&capability::INVITE_NOTIFY));
    }
}
