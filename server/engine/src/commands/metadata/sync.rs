//! Values that are told because somebody came near, and not because they changed.

use wire::capability;
use wire::{Encoder, numeric};

use super::{Subject, batch, known, shown, understands};
use crate::context::Cx;
use crate::outgoing::Outgoing;
use crate::turn::Item;
use crate::world::{Channel, Metadata, User};

/// A key of somebody or something, and its value if it has one.
pub(super) struct Value<'a> {
    pub target: &'a str,
    pub key: &'a str,
    pub value: Option<&'a str>,
}

/// Whether a client is told of a key.
pub(super) fn subscribes(cx: &Cx<'_>, key: &str) -> bool {
    understands(cx) && cx.session.subscriptions.get().is_some_and(|keys| keys.contains(key))
}

/// Tells a value, in the way of the draft that the client understands.
pub(super) fn tell(cx: &mut Cx<'_>, source: &str, Value { target, key, value }: &Value<'_>) {
    if cx.session.capabilities.has(&capability::METADATA_3) {
        return match value {
            Some(value) => cx.answer(&numeric::RPL_KEYVALUE, &[target, key, "*", value]),
            None => cx.answer(&numeric::RPL_KEYNOTSET, &[target, key]),
        };
    }
    let line = Encoder::new().source(source).verb("METADATA").param(target).param(key).param("*");
    let line = match value {
        Some(value) => Outgoing::with_text(cx.now.wall, line, value),
        None => Outgoing::new(cx.now.wall, line),
    };
    cx.turn.items.push(Item::Say(line));
}

/// All that somebody has told of himself before he was let in: "as part of the registration burst, i.e. before
/// RPL_ENDOFMOTD or ERR_NOMOTD. If none exists, the server MUST send an empty batch instead."
pub(crate) fn own(cx: &mut Cx<'_>) {
    if !understands(cx) {
        return;
    }
    let user = cx.user();
    batch(cx, &["metadata", user.nick.as_str()], |cx| {
        for (key, value) in user.metadata.iter() {
            tell_as_server(cx, &Value { target: user.nick.as_str(), key, value: Some(value) });
        }
    });
}

/// METADATA SYNC: what a client has subscribed to, of a user, or of a channel and those in it.
pub(super) fn sync(cx: &mut Cx<'_>, subject: Subject<'_>) {
    let name = shown(subject);
    let own = known(cx, subject);
    batch(cx, &["metadata", &name], |cx| {
        tell_subscribed(cx, &name, &own);
        if let Subject::Channel(channel) = subject {
            others(cx, channel).into_iter().for_each(|user| tell_subscribed(cx, user.nick.as_str(), &user.metadata));
        }
    });
}

/// A channel was entered: the values of the channel and of those in it. If they are too many, the client is asked to
/// come back for them.
pub(crate) fn show_channel(cx: &mut Cx<'_>, channel: &Channel) {
    // Most have subscribed to nothing, and for them nobody has to be looked at.
    if !understands(cx) || cx.session.subscriptions.get().is_none() {
        return;
    }
    let members = others(cx, channel).into_iter().map(|user| (user.nick.as_str(), &user.metadata));
    let values: Vec<(&str, &Metadata)> = [(channel.name.as_str(), &channel.metadata)].into_iter().chain(members).collect();
    let wanted = |cx: &Cx<'_>, metadata: &Metadata| metadata.iter().filter(|(key, _)| subscribes(cx, key)).count();
    match values.iter().map(|(_, metadata)| wanted(cx, metadata)).sum::<usize>() {
        0 => {}
        count if count > cx.settings.limits.metadata_sync_max => {
            cx.answer(&numeric::RPL_METADATASYNCLATER, &[channel.name.as_str()]);
        }
        _ => batch(cx, &["metadata", channel.name.as_str()], |cx| {
            values.into_iter().for_each(|(name, metadata)| tell_subscribed(cx, name, metadata));
        }),
    }
}

/// Somebody came near: what he tells of himself.
pub(crate) fn present_user(cx: &mut Cx<'_>, user: &User) {
    tell_subscribed(cx, user.nick.as_str(), &user.metadata);
}

/// Whether anybody has to be told of what somebody tells of himself.
pub(crate) fn present_to_others(user: &User) -> bool {
    !user.metadata.is_empty()
}

/// Some users are watched from now on: what they tell of themselves.
pub(crate) fn show_users(cx: &mut Cx<'_>, nicks: &[String]) {
    let users: Vec<&User> = nicks.iter().filter_map(|nick| cx.world.user_named(nick)).collect();
    users.into_iter().for_each(|user| present_user(cx, user));
}

/// Keys were subscribed to: their values, of everybody and everything of which a client is told changes.
pub(super) fn show_all(cx: &mut Cx<'_>, keys: &[&str]) {
    if !understands(cx) {
        return;
    }
    let (user, world) = (cx.user(), cx.world);
    let channels: Vec<&Channel> =
        user.channels().iter().filter_map(|name| world.channel(name.as_str())).collect();
    let watched = cx.watches.by(cx.conn());
    let watched = watched.iter().filter_map(|nick| world.user_named(nick)).map(|user| user.id);
    let mut users = world.peers(user);
    users.extend(watched.chain([user.id]));
    let users: Vec<&User> = users.into_iter().filter_map(|id| world.user(id)).collect();
    let of_channels = channels.iter().map(|channel| (channel.name.as_str(), &channel.metadata));
    let of_users = users.iter().map(|user| (user.nick.as_str(), &user.metadata));
    let values = of_channels.chain(of_users).flat_map(|(target, metadata)| {
        keys.iter().filter_map(move |key| Some(Value { target, key, value: Some(metadata.get(key)?) }))
    });
    let values: Vec<Value<'_>> = values.collect();
    if values.len() > cx.settings.limits.metadata_sync_max {
        for channel in channels {
            cx.answer(&numeric::RPL_METADATASYNCLATER, &[channel.name.as_str()]);
        }
        return;
    }
    values.iter().for_each(|value| tell_as_server(cx, value));
}

fn others<'a>(cx: &Cx<'a>, channel: &Channel) -> Vec<&'a User> {
    let own = cx.user().id;
    channel.members().keys().filter(|id| **id != own).filter_map(|id| cx.world.user(*id)).collect()
}

fn tell_subscribed(cx: &mut Cx<'_>, target: &str, metadata: &Metadata) {
    for (key, value) in metadata.iter() {
        if subscribes(cx, key) {
            tell_as_server(cx, &Value { target, key, value: Some(value) });
        }
    }
}

fn tell_as_server(cx: &mut Cx<'_>, value: &Value<'_>) {
    let settings = cx.settings;
    tell(cx, &settings.server_name, value);
}
