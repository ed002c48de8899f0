//! WHOWAS: who had a nick before.

use wire::{Reply, numeric};

use super::{Command, When, whois};
use crate::context::Cx;
use crate::listing::{Listing, Next};
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
        if cx.world.bygone(nick, None).is_none() {
            cx.list(numeric::ERR_WASNOSUCHNICK.with(&[nick]));
        }
        cx.list(Bearers { nick: nick.to_owned(), left: count.unwrap_or(usize::MAX), last: None });
        Ok(())
    });
    cx.list(numeric::RPL_ENDOFWHOWAS.with(&[nicks]));
    Ok(())
}

/// Those who had a nick, latest first.
#[derive(Debug)]
struct Bearers {
    nick: String,
    left: usize,
    last: Option<u64>,
}

impl Listing for Bearers {
    fn next(&mut self, cx: &mut Cx<'_>) -> Next {
        let Some(bygone) = cx.world.bygone(&self.nick, self.last).filter(|_| self.left > 0) else {
            return Next::End;
        };
        self.last = Some(bygone.number);
        self.left -= 1;
        tell(cx, bygone);
        Next::More
    }
}

fn tell(cx: &mut Cx<'_>, Bygone { user, at, .. }: &Bygone) {
    let nick = user.nick.as_str();
    cx.reply(&numeric::RPL_WHOWASUSER.with(&[nick, &user.user, &user.host, &user.realname]));
    whois::tell_origin(cx, user);
    cx.reply(&numeric::RPL_WHOISSERVER.with(&[nick, &cx.settings.server_name, &at.in_words()]));
}
