//! WHOWAS: who had a nick before.

use wire::{Casemapping, Reply, numeric};

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
    let mut sought = Vec::new();
    cx.each_target(nicks, |cx, nick| {
        match cx.world.bygone(None, |bygone| Casemapping::Ascii.same(bygone, nick)) {
            Some(_) => sought.push((nick.to_owned(), count.unwrap_or(usize::MAX))),
            None => cx.list(numeric::ERR_WASNOSUCHNICK.with(&[nick])),
        }
        Ok(())
    });
    cx.list(Bearers { sought, last: None });
    cx.list(numeric::RPL_ENDOFWHOWAS.with(&[nicks]));
    Ok(())
}

/// Those who had nicks. "The history is searched backward, returning the most recent entry first", also of several nicks.
#[derive(Debug)]
struct Bearers {
    /// The nicks, and how many of those who had each are still to be told.
    sought: Vec<(String, usize)>,
    last: Option<u64>,
}

impl Listing for Bearers {
    fn next(&mut self, cx: &mut Cx<'_>) -> Next {
        let wanted = |(nick, left): &(String, usize), bygone: &str| *left > 0 && Casemapping::Ascii.same(nick, bygone);
        let bygone = cx.world.bygone(self.last, |nick| self.sought.iter().any(|sought| wanted(sought, nick)));
        let Some(bygone) = bygone else { return Next::End };
        let nick = bygone.user.nick.as_str();
        self.sought.iter_mut().filter(|sought| wanted(sought, nick)).for_each(|(_, left)| *left -= 1);
        self.last = Some(bygone.number);
        tell(cx, bygone);
        Next::More
    }
}

fn tell(cx: &mut Cx<'_>, Bygone { user, at, .. }: &Bygone) {
    let nick = user.nick.as_str();
    cx.answer(&numeric::RPL_WHOWASUSER, &[nick, &user.user, &user.host, &user.realname]);
    whois::tell_origin(cx, user);
    cx.answer(&numeric::RPL_WHOISSERVER, &[nick, &cx.settings.server_name, &at.in_words()]);
}
