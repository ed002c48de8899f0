//! JOIN: somebody enters a channel.

use wire::capability;
use wire::{BadName, ChannelName, Encoder, Reply, Timestamp, numeric};

use super::{Cause, Command, Happening, Heard, Part, When, metadata, names, topic, markread};
use crate::context::{Cx, is_empty_list};
use crate::event::{Past, Thing};
use crate::history::Page;
use crate::modes::ChannelFlag;
use crate::outgoing::{Audience, Outgoing, Told};
use crate::playback;
use crate::privileges::Privilege;
use crate::rules::admit;
use crate::settings::Settings;
use crate::world::{Channel, Stale, User, UserId, World};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "JOIN", when: When::After, min: 1, syntax: "<channel>[,<channel>…] [<key>[,<key>…]] | 0", help: "Enters channels, which come into being if there are none of that name; 0 leaves all.", run: join },
];

/// Channels through which one is sent on. Who would be sent further stays outside.
const FORWARDS_MAX: usize = 10;

/// Somebody entered a channel.
#[derive(Clone, Debug)]
pub struct Join {
    /// Who.
    pub user: UserId,
    /// The channel.
    pub channel: ChannelName,
}

fn join(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    let user = cx.user();
    if params[0] == "0" {
        for channel in user.channels() {
            cx.happen(Part { user: user.id, channel: channel.clone(), reason: String::new() });
        }
        return Ok(());
    }
    if is_empty_list(params[0]) {
        return Err(numeric::ERR_NEEDMOREPARAMS.with(&["JOIN"]));
    }
    let mut keys = params.get(1).unwrap_or(&"").split(',');
    let mut entered = user.channels().clone();
    cx.each(params[0], |cx, name| {
        let key = keys.next().unwrap_or("");
        let channel = named(cx, name)?;
        // One that is named twice is entered once.
        if entered.contains(&channel) {
            return Ok(());
        }
        if entered.len() >= cx.settings.limits.channels_per_user_max {
            return Err(numeric::ERR_TOOMANYCHANNELS.with(&[channel.as_str()]));
        }
        if cx.is_reserved(channel.as_str()) {
            return Err(numeric::ERR_BADCHANNAME.with(&[channel.as_str()]));
        }
        let channel = match cx.world.channel(channel.as_str()) {
            Some(existing) => destination(cx, existing, key)?.name.clone(),
            None => channel,
        };
        entered.insert(channel.clone());
        cx.happen(Join { user: user.id, channel });
        Ok(())
    });
    Ok(())
}

/// The name of a channel to be entered.
pub(super) fn named(cx: &Cx<'_>, name: &str) -> Result<ChannelName, Reply> {
    ChannelName::parse(name, cx.settings.limits.channel_bytes_max).map_err(|bad| match bad {
        // "which indicates that the channel does not exist, but that it may be a valid name": elsewhere it may be one.
        BadName::TooLong => numeric::ERR_NOSUCHCHANNEL.with(&[name]),
        BadName::Empty | BadName::Character if wire::is_channel_like(name) => {
            numeric::ERR_BADCHANMASK.with(&[name, "it has a character that no channel has"])
        }
        BadName::Empty | BadName::Character => numeric::ERR_NOSUCHCHANNEL.with(&[name]),
    })
}

/// The channel that is entered by who wants to enter one that exists: this one, or one to which it sends those who may
/// not enter. A wrong key is an answer of its own.
fn destination<'a>(cx: &mut Cx<'a>, wanted: &'a Channel, key: &str) -> Result<&'a Channel, Reply> {
    let Err(refusal) = admit(cx, wanted, key) else { return Ok(wanted) };
    if cx.may(Privilege::Override) {
        cx.announce_use(&format!("override: JOIN {}", wanted.name));
        return Ok(wanted);
    }
    if *refusal.numeric() == numeric::ERR_BADCHANNELKEY {
        return Err(refusal);
    }
    let user = cx.user();
    let mut passed = vec![&wanted.name];
    let mut from = wanted;
    while passed.len() <= FORWARDS_MAX {
        let next = from.forward().and_then(|name| cx.world.channel(name.as_str()));
        // Who is there already goes nowhere, and neither does who would go in a circle.
        let Some(next) = next.filter(|next| !next.has(user.id) && !passed.contains(&&next.name)) else { break };
        if !cx.is_reserved(next.name.as_str()) && admit(cx, next, key).is_ok() {
            cx.answer(&numeric::ERR_LINKCHANNEL, &[wanted.name.as_str(), next.name.as_str()]);
            return Ok(next);
        }
        passed.push(&next.name);
        from = next;
    }
    Err(refusal)
}

/// What those in a channel hear when somebody enters it: his JOIN, plain or extended, and whether he is away.
pub(super) fn entry(user: &User, channel: &ChannelName, at: Timestamp) -> Vec<Told> {
    let to = || Audience::Channel(channel.clone());
    let head = || Encoder::new().source(user.source()).verb("JOIN").param(channel.as_str());
    // Who is logged in to no account has `*` for one.
    let extended = Outgoing::with_text(at, head().param("*"), &user.realname);
    let mut told = vec![
        Told::new(to(), Outgoing::new(at, head())).lacks(&capability::EXTENDED_JOIN),
        Told::new(to(), extended).needs(&capability::EXTENDED_JOIN),
    ];
    if let Some(away) = &user.away {
        let line = Encoder::new().source(user.source()).verb("AWAY");
        let line = Told::new(to(), Outgoing::with_text(at, line, away)).needs(&capability::AWAY_NOTIFY);
        told.push(line.except(user.id));
    }
    told
}

impl Happening for Join {
    fn apply(&self, at: Timestamp, world: &mut World, settings: &Settings) -> Result<Heard, Stale> {
        world.join(self.user, &self.channel, at, settings.creator_rank)?;
        Ok(Heard { channels: vec![self.channel.clone()], ..Heard::default() })
    }

    fn tell(&self, cause: &Cause<'_>, _heard: &Heard, told: &mut Vec<Told>) {
        let user = cause.world.user(self.user).expect("who joined is here");
        let channel = cause.world.channel(self.channel.as_str()).expect("a channel that was entered exists");
        let mut lines = entry(user, &self.channel, cause.event.at);
        if channel.flags.has(ChannelFlag::Auditorium) {
            let viewers = channel.viewers(user.id);
            lines.iter_mut().for_each(|told| told.to = Audience::Users(viewers.clone()));
        }
        for told in lines.iter_mut().filter(|told| told.except.is_none()) {
            told.line = told.line.clone().id(&cause.event.id);
        }
        told.extend(lines);
    }

    fn past(&self, cause: &Cause<'_>, _heard: &Heard) -> Option<Past> {
        let user = cause.world.user(self.user)?;
        Some(Past::new(cause.event, user.id, user.source(), Thing::Joined(user.realname.clone())))
    }

    /// Who comes tells of himself.
    fn listeners(&self, _heard: &Heard, world: &World) -> Vec<UserId> {
        let user = world.user(self.user).expect("who joined is here");
        if !metadata::present_to_others(user) {
            return Vec::new();
        }
        let members = world.channel_of(&self.channel).map(Channel::members);
        let others = members.into_iter().flat_map(|members| members.keys().copied());
        others.filter(|id| *id != self.user).collect()
    }

    fn tell_each(&self, cx: &mut Cx<'_>) {
        let user = cx.world.user(self.user).expect("who joined is here");
        metadata::present_user(cx, user);
    }

    fn answer(&self, cx: &mut Cx<'_>) {
        let channel = cx.world.channel(self.channel.as_str()).expect("a channel that was entered exists");
        markread::tell_newcomer(cx, &channel.name);
        if channel.topic.is_some() {
            topic::tell(cx, channel);
        }
        let capabilities = cx.session.capabilities;
        if names::are_implicit(capabilities) {
            cx.list(names::Members::for_newcomer(channel.name.clone()));
        }
        metadata::show_channel(cx, channel);
        // Who has asked for one of these capabilities asks for what he wants.
        let asks = [&capability::CHATHISTORY, &capability::EVENT_PLAYBACK];
        if !asks.into_iter().any(|capability| capabilities.has(capability)) {
            let log = cx.history.channel(&channel.name);
            let pasts = log.map_or_else(Vec::new, |log| log.last_said(cx.settings.history_on_join));
            if !pasts.is_empty() {
                playback::tell(cx, channel.name.as_str(), &Page { pasts, is_end: false });
            }
        }
    }
}
