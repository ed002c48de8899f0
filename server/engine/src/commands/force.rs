//! SAJOIN, SAPART and SANICK: an operator lets somebody enter or leave channels, or be called otherwise.

use wire::{Nick, Reply, numeric};

use super::{Command, Join, Part, Rename, When};
use crate::context::{Cx, cut};
use crate::privileges::Privilege;

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "SAJOIN", when: When::With(Privilege::Force), min: 2, syntax: "<nick> <channel>[,<channel>…]", help: "Lets a user enter channels, whatever keeps others out.", run: sajoin },
    Command { verb: "SANICK", when: When::With(Privilege::Force), min: 2, syntax: "<nick> <new nick>", help: "Lets a user be called otherwise.", run: sanick },
    Command { verb: "SAPART", when: When::With(Privilege::Force), min: 2, syntax: "<nick> <channel>[,<channel>…] [:<reason>]", help: "Lets a user leave channels.", run: sapart },
];

fn sajoin(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    let target = cx.user_named(params[0])?;
    let mut entered = target.channels().clone();
    cx.each(params[1], |cx, name| {
        let channel = super::named_channel(cx, name)?;
        if entered.contains(&channel) {
            return Err(numeric::ERR_USERONCHANNEL.with(&[target.nick.as_str(), channel.as_str()]));
        }
        if entered.len() >= cx.settings.limits.channels_per_user_max {
            return Err(numeric::ERR_TOOMANYCHANNELS.with(&[channel.as_str()]));
        }
        let channel = cx.world.channel(channel.as_str()).map_or(channel, |existing| existing.name.clone());
        entered.insert(channel.clone());
        cx.announce_use(&format!("SAJOIN {} {channel}", target.nick));
        cx.happen_to(target.id, Join { user: target.id, channel });
        Ok(())
    });
    Ok(())
}

fn sapart(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    let target = cx.user_named(params[0])?;
    let reason = cut(params.get(2).unwrap_or(&""), cx.settings.limits.kick_bytes_max);
    cx.each(params[1], |cx, name| {
        let channel = cx.channel(name)?;
        if !channel.has(target.id) {
            let names = [target.nick.as_str(), channel.name.as_str()];
            return Err(numeric::ERR_USERNOTINCHANNEL.with(&names));
        }
        cx.announce_use(&format!("SAPART {} {}", target.nick, channel.name));
        let channel = channel.name.clone();
        cx.happen_to(target.id, Part { user: target.id, channel, reason: reason.to_owned() });
        Ok(())
    });
    Ok(())
}

fn sanick(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    let target = cx.user_named(params[0])?;
    let wanted = Nick::parse(params[1], cx.settings.limits.nick_bytes_max);
    let nick = wanted
        .map_err(|_| numeric::ERR_ERRONEUSNICKNAME.with(&[params[1], "it is too long or no nick"]))?;
    if cx.world.user_named(nick.as_str()).is_some_and(|holder| holder.id != target.id) {
        return Err(numeric::ERR_NICKNAMEINUSE.with(&[nick.as_str()]));
    }
    cx.announce_use(&format!("SANICK {} {nick}", target.nick));
    cx.happen_to(target.id, Rename { user: target.id, nick });
    Ok(())
}
