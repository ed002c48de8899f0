//! MONITOR: to be told when somebody comes and goes (IRCv3 monitor).

use std::collections::BTreeSet;

use wire::{Nick, Reply, numeric};

use super::{Command, When, metadata};
use crate::context::Cx;

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "MONITOR", when: When::After, min: 1, syntax: "+ <nick>[,<nick>…] | - <nick>[,<nick>…] | C | L | S", help: "Watches nicks: tells when they come and go. C watches none, L lists them, S tells who is here.", run: monitor },
];

fn monitor(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    let conn = cx.conn();
    match (params[0], params.get(1)) {
        ("+", Some(list)) => add(cx, list),
        ("-", Some(list)) => {
            list.split(',').for_each(|nick| cx.watches.remove(conn, nick));
        }
        ("C" | "c", _) => cx.watches.clear(conn),
        ("L" | "l", _) => {
            let watched = cx.watches.by(conn);
            in_lists(cx, watched, |nicks| numeric::RPL_MONLIST.with(&[nicks]));
            cx.answer(&numeric::RPL_ENDOFMONLIST, &[]);
        }
        ("S" | "s", _) => {
            let watched = cx.watches.by(conn);
            tell(cx, watched);
        }
        _ => return Err(numeric::ERR_NEEDMOREPARAMS.with(&["MONITOR"])),
    }
    Ok(())
}

/// Each nick is told of once, and named once if there is no place for it. What can be no nick is passed over.
fn add(cx: &mut Cx<'_>, list: &str) {
    let (conn, limits) = (cx.conn(), &cx.settings.limits);
    let (mut added, mut refused) = (Vec::new(), Vec::new());
    let mut named = BTreeSet::new();
    for nick in list.split(',') {
        let valid = Nick::parse(nick, limits.nick_bytes_max);
        if !valid.is_ok_and(|nick| named.insert(nick)) {
            continue;
        }
        let fits = cx.watches.add(conn, nick, limits.monitored_max);
        if fits { &mut added } else { &mut refused }.push(nick.to_owned());
    }
    tell(cx, added.clone());
    metadata::show_users(cx, &added);
    let limit = limits.monitored_max.to_string();
    in_lists(cx, refused, |nicks| numeric::ERR_MONLISTFULL.with(&[&limit, nicks]));
}

/// Tells of some nicks who is here and who is not.
fn tell(cx: &mut Cx<'_>, nicks: Vec<String>) {
    let (mut here, mut gone) = (Vec::new(), Vec::new());
    for nick in nicks {
        match cx.world.user_named(&nick) {
            Some(user) => here.push(user.source().to_string()),
            None => gone.push(nick),
        }
    }
    in_lists(cx, here, |sources| numeric::RPL_MONONLINE.with(&[sources]));
    in_lists(cx, gone, |nicks| numeric::RPL_MONOFFLINE.with(&[nicks]));
}

/// As many comma lists as are needed. No name has a space, so that lines can be put together with them.
fn in_lists(cx: &mut Cx<'_>, words: Vec<String>, form: impl Fn(&str) -> Reply) {
    cx.reply_in_lines(words, |words| form(&words.replace(' ', ",")));
}
