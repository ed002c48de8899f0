//! TOPIC: what a channel is about.

use wire::{ChannelName, Encoder, Reply, Timestamp, numeric};

use super::{Cause, Command, Happening, Heard, When};
use crate::context::{Cx, cut};
use crate::event::{Past, Thing};
use crate::modes::{ChannelFlag, Rank};
use crate::outgoing::{Audience, Outgoing, Told};
use crate::settings::Settings;
use crate::world::{Channel, Stale, Topic, UserId, World};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "TOPIC", when: When::After, min: 1, syntax: "<channel> [:<topic>]", help: "Shows or sets a channel's topic; an empty one clears it.", run: topic },
];

/// A channel has another topic.
#[derive(Clone, Debug)]
pub struct TopicChange {
    /// Who set it.
    pub user: UserId,
    /// The channel.
    pub channel: ChannelName,
    /// The new topic; empty for none.
    pub topic: String,
}

fn topic(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    let Some(text) = params.get(1) else {
        let channel = cx.channel(params[0])?;
        if !cx.sees_channel(channel) {
            return Err(numeric::ERR_NOTONCHANNEL.with(&[channel.name.as_str()]));
        }
        tell(cx, channel);
        return Ok(());
    };
    let channel = cx.channel(params[0])?;
    let needed = channel.flags.has(ChannelFlag::TopicLock).then_some(Rank::HalfOp);
    if cx.overrules(cx.stands(channel, needed))? {
        cx.announce_use(&format!("override: TOPIC {}", channel.name));
    }
    let user = cx.user().id;
    let topic = cut(text, cx.settings.limits.topic_bytes_max).to_owned();
    cx.happen(TopicChange { user, channel: channel.name.clone(), topic });
    Ok(())
}

/// Tells the topic of a channel.
pub(super) fn tell(cx: &mut Cx<'_>, channel: &Channel) {
    let name = channel.name.as_str();
    let Some(topic) = &channel.topic else {
        return cx.answer(&numeric::RPL_NOTOPIC, &[name]);
    };
    cx.answer(&numeric::RPL_TOPIC, &[name, &topic.text]);
    cx.answer(&numeric::RPL_TOPICWHOTIME, &[name, &topic.who, &topic.at.seconds().to_string()]);
}

impl Happening for TopicChange {
    fn apply(&self, at: Timestamp, world: &mut World, _settings: &Settings) -> Result<Heard, Stale> {
        let who = world.user(self.user).ok_or(Stale)?.nick.as_str().into();
        let channel = world.channel_mut(&self.channel)?;
        let before = channel.topic.as_ref().map_or("", |topic| &topic.text);
        if before == self.topic {
            return Err(Stale);
        }
        let topic = Topic { text: self.topic.as_str().into(), who, at };
        channel.topic = Some(topic).filter(|topic| !topic.text.is_empty());
        Ok(Heard { channels: vec![self.channel.clone()], ..Heard::default() })
    }

    fn tell(&self, cause: &Cause<'_>, _heard: &Heard, told: &mut Vec<Told>) {
        let user = cause.world.user(self.user).expect("who set the topic is here");
        let line = Encoder::new().source(user.source()).verb("TOPIC").param(self.channel.as_str());
        let line = Outgoing::with_text(cause.event.at, line, &self.topic).id(&cause.event.id);
        told.push(Told::new(Audience::Channel(self.channel.clone()), line));
    }

    fn past(&self, cause: &Cause<'_>, _heard: &Heard) -> Option<Past> {
        let user = cause.world.user(self.user)?;
        Some(Past::new(cause.event, user.id, user.source(), Thing::Topic(self.topic.as_str().into())))
    }
}
