//! RENAME: a channel is called otherwise from now on, and stays the same in all else (IRCv3 channel-rename).

use wire::capability;
use wire::{ChannelName, Encoder, Reply, Timestamp, numeric};

use super::{Cause, Command, Happening, Heard, When, join, names, topic, markread};
use crate::context::{Cx, cut};
use crate::modes::Rank;
use crate::outgoing::{Audience, Outgoing, Told};
use crate::settings::Settings;
use crate::turn::Item;
use crate::world::{Stale, UserId, World};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "RENAME", when: When::After, min: 2, syntax: "<channel> <new name> [:<reason>]", help: "Gives a channel another name. For its operators.", run: rename },
];

/// A channel has another name.
#[derive(Clone, Debug)]
pub struct ChannelRename {
    /// Who gave it.
    pub by: UserId,
    /// How it was called.
    pub from: ChannelName,
    /// How it is called.
    pub to: ChannelName,
    /// Why; empty if nothing was said.
    pub reason: String,
}

fn rename(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    let channel = cx.own_channel(params[0])?;
    let (from, by) = (channel.name.as_str(), cx.user().id);
    if !channel.reaches(by, Rank::Op) {
        return Err(numeric::ERR_CHANOPRIVSNEEDED.with(&[from]));
    }
    // "Server implementations MAY prevent channel renames that change the prefix type": we do.
    if params[1].chars().next() != from.chars().next() {
        cx.say("FAIL", &["RENAME", "CANNOT_RENAME", from, params[1]], "You cannot change a channel prefix type");
        return Ok(());
    }
    let to = join::named(cx, params[1])?;
    if to.as_str() == from {
        cx.say("FAIL", &["RENAME", "CANNOT_RENAME", from, params[1]], "The channel has that name already");
    } else if to != channel.name && cx.world.channel(to.as_str()).is_some() {
        cx.say("FAIL", &["RENAME", "CHANNEL_NAME_IN_USE", from, params[1]], "The channel name is already taken");
    } else {
        let reason = cut(params.get(2).unwrap_or(&""), cx.settings.limits.kick_bytes_max).to_owned();
        cx.happen(ChannelRename { by, from: channel.name.clone(), to, reason });
    }
    Ok(())
}

impl Happening for ChannelRename {
    fn apply(&self, _at: Timestamp, world: &mut World, _settings: &Settings) -> Result<Heard, Stale> {
        let source = world.user(self.by).ok_or(Stale)?.source().clone();
        world.rename_channel(&self.from, &self.to)?;
        let channel = world.channel(self.to.as_str()).ok_or(Stale)?;
        let users = channel.members().keys().copied().collect();
        let mut channels = vec![self.from.clone(), self.to.clone()];
        channels.dedup();
        Ok(Heard { channels, users, source, ..Heard::default() })
    }

    fn tell(&self, cause: &Cause<'_>, heard: &Heard, told: &mut Vec<Told>) {
        let line = Encoder::new().source(&heard.source).verb("RENAME");
        let line = line.param(self.from.as_str()).param(self.to.as_str());
        // "The server to client command MUST always include the third parameter, an empty string MAY be used if no
        // reason is provided."
        let line = Outgoing::with_text(cause.event.at, line, &self.reason).id(&cause.event.id);
        told.push(Told::new(Audience::Channel(self.to.clone()), line).needs(&capability::CHANNEL_RENAME));
    }

    /// "This fallback SHOULD NOT be used if the rename only changes the case of the channel name".
    fn listeners(&self, heard: &Heard, _world: &World) -> Vec<UserId> {
        if self.from == self.to { Vec::new() } else { heard.users.clone() }
    }

    /// Those who do not know of renaming see themselves leave one channel and enter another.
    fn tell_each(&self, cx: &mut Cx<'_>) {
        let capabilities = cx.session.capabilities;
        if capabilities.has(&capability::CHANNEL_RENAME) {
            return;
        }
        let (user, at) = (cx.user(), cx.now.wall);
        let part = Encoder::new().source(user.source()).verb("PART").param(self.from.as_str());
        let part = match self.reason.as_str() {
            "" => Outgoing::new(at, part),
            reason => Outgoing::with_text(at, part, reason),
        };
        let entry = join::entry(user, &self.to, at).into_iter();
        let entry = entry.filter(|told| told.except.is_none() && told.wanted().is_met(capabilities));
        cx.turn.items.extend([part].into_iter().chain(entry.map(|told| told.line)).map(Item::Say));
        let channel = cx.world.channel(self.to.as_str()).expect("a channel that was renamed exists");
        markread::tell_newcomer(cx, &channel.name);
        if channel.topic.is_some() {
            topic::tell(cx, channel);
        }
        if names::are_implicit(capabilities) {
            names::tell_newcomer(cx, channel);
        }
    }
}
