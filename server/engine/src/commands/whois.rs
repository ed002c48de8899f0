//! WHOIS: who somebody is.

use wire::{Decimal, Reply, numeric};

use super::{Command, When};
use crate::context::Cx;
use crate::modes::UserFlag;
use crate::world::User;

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "WHOIS", when: When::After, min: 0, syntax: "[<server>] <nick>[,<nick>…]", help: "Tells who users are, where they are and since when.", run: whois },
];

fn whois(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    let (server, nicks) = match params {
        [] => (None, ""),
        [nicks] => (None, *nicks),
        [server, nicks, ..] => (Some(*server), *nicks),
    };
    if nicks.is_empty() {
        return Err(numeric::ERR_NONICKNAMEGIVEN.with(&[]));
    }
    match cx.this_server(server) {
        Ok(()) => cx.each_target(nicks, |cx, nick| {
            let user = cx.user_named(nick)?;
            tell(cx, user);
            Ok(())
        }),
        Err(reply) => cx.reply(&reply),
    }
    cx.answer(&numeric::RPL_ENDOFWHOIS, &[nicks]);
    Ok(())
}

fn tell(cx: &mut Cx<'_>, user: &User) {
    let nick = user.nick.as_str();
    let settings = cx.settings;
    cx.answer(&numeric::RPL_WHOISUSER, &[nick, &user.user, &user.host, &user.realname]);
    tell_channels(cx, user);
    cx.answer(&numeric::RPL_WHOISSERVER, &[nick, &settings.server_name, &settings.description]);
    if user.flags.has(UserFlag::Operator) {
        cx.answer(&numeric::RPL_WHOISOPERATOR, &[nick]);
    }
    if let Some(away) = &user.away {
        cx.answer(&numeric::RPL_AWAY, &[nick, away]);
    }
    if user.flags.has(UserFlag::Bot) {
        cx.answer(&numeric::RPL_WHOISBOT, &[nick]);
    }
    tell_origin(cx, user);
    if cx.sees_origin(user) {
        cx.answer(&numeric::RPL_WHOISMODES, &[nick, &format!("+{}", user.flags)]);
    }
    if user.secure {
        cx.answer(&numeric::RPL_WHOISSECURE, &[nick]);
    }
    super::metadata::tell_in_whois(cx, user);
    let (idle, since) = (Decimal::from(cx.idle_seconds(user)), Decimal::from(user.signed_on.seconds()));
    cx.answer(&numeric::RPL_WHOISIDLE, &[nick, &idle, &since]);
}

/// Tells the channels that the one who asks may know of, with the ranks there. Of somebody invisible those are told that
/// they share: "The channels in this response are affected by the secret channel mode and the invisible user mode".
fn tell_channels(cx: &mut Cx<'_>, user: &User) {
    let prefixes = cx.prefixes();
    let channels = user.channels().iter().filter_map(|name| cx.world.channel(name.as_str()));
    let (asker, all) = (cx.user().id, !user.flags.has(UserFlag::Invisible) || cx.sees_origin(user));
    let known = channels.filter(|channel| cx.sees_channel(channel) && cx.sees_member(channel, user));
    let seen = known.filter(|channel| all || channel.has(asker));
    let words: Vec<String> = seen
        .map(|channel| {
            let ranks = channel.member(user.id).map(|member| member.ranks).unwrap_or_default();
            ranks.prefixes(prefixes) + channel.name.as_str()
        })
        .collect();
    let nick = user.nick.as_str();
    cx.reply_in_lines(words, |channels| numeric::RPL_WHOISCHANNELS.with(&[nick, channels]));
}

/// Tells where a user comes from, if the one who asks may know.
pub(super) fn tell_origin(cx: &mut Cx<'_>, user: &User) {
    if cx.sees_origin(user) {
        let address = user.address.map_or("*".to_owned(), |address| address.to_string());
        cx.answer(&numeric::RPL_WHOISHOST, &[user.nick.as_str(), &user.user, &user.host, &address]);
    }
}
