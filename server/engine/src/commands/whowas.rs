//! WHOWAS: who had a nick before.

use wire::{Reply, numeric};

use super::{Command, When, whois};
use crate::context::Cx;
use crate::world::Bygone;

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "WHOWAS", when: When::After, min: 0, syntax: "<nick>[,<nick>…] [<count> [<server>]]", help: "Tells who had nicks before, latest first.", run: whowas },
];

fn whowas(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    let nicks = params.first().copied().filter(|nicks| !nicks.is_empty());
    let nicks = nicks.ok_or_else(|| numeric::ERR_NONICKNAMEGIVEN.with(&[]))?;
    cx.this_server(params.get(2).copied())?;
    // "If a non-positive number is passed as being <count>, then a full search is done."
    let count = params.get(1).and_then(|count| count.parse().ok()).filter(|count| *count > 0);
    cx.each_target(nicks, |cx, nick| {
        let found: Vec<&Bygone> = cx.world.bygone(nick).take(count.unwrap_or(usize::MAX)).collect();
        if found.is_empty() {
            return Err(numeric::ERR_WASNOSUCHNICK.with(&[nick]));
        }
        found.into_iter().for_each(|bygone| tell(cx, bygone));
        Ok(())
    });
    cx.reply(&numeric::RPL_ENDOFWHOWAS.with(&[nicks]));
    Ok(())
}

fn tell(cx: &mut Cx<'_>, Bygone { user, at }: &Bygone) {
    let nick = user.nick.as_str();
    cx.reply(&numeric::RPL_WHOWASUSER.with(&[nick, &user.user, &user.host, &user.realname]));
    whois::tell_origin(cx, user);
    cx.reply(&numeric::RPL_WHOISSERVER.with(&[nick, &cx.settings.server_name, &at.in_words()]));
}
