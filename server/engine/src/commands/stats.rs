//! STATS: what the server has counted.

use std::sync::Arc;

use wire::{Reply, numeric};

use super::{Command, When};
use crate::context::Cx;
use crate::listing::{Listing, Next};
use crate::modes::UserFlag;
use crate::notices;
use crate::privileges::Privilege;
use crate::world::{BanKind, UserId};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "STATS", when: When::After, min: 1, syntax: "<letter> [<server>]", help: "Tells how often commands were used (m), which operators are here (p), since when the server runs (u), and to operators who may become one (o), who is kept out (d, k, x), which names are reserved (q) and who is muted (s).", run: stats },
];

/// What can be asked for: the letter, what one needs to be told it, and who tells it.
type Report = (&'static str, Option<Privilege>, fn(&mut Cx<'_>));

const REPORTS: &[Report] = &[
    ("d", Some(Privilege::Stats), |cx| tell_bans(cx, BanKind::Address)),
    ("k", Some(Privilege::Stats), |cx| tell_bans(cx, BanKind::User)),
    ("m", None, tell_commands),
    ("o", Some(Privilege::Stats), tell_operators),
    ("p", None, tell_on_duty),
    ("q", Some(Privilege::Stats), |cx| tell_bans(cx, BanKind::Name)),
    ("s", Some(Privilege::Stats), |cx| tell_bans(cx, BanKind::Mute)),
    ("u", None, tell_uptime),
    ("x", Some(Privilege::Stats), |cx| tell_bans(cx, BanKind::Person)),
];

fn stats(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    cx.this_server(params.get(1).copied())?;
    let query = params[0];
    // What is not known is ended like what is.
    let report = REPORTS.iter().find(|row| query.eq_ignore_ascii_case(row.0));
    if let Some((_, needs, tell)) = report {
        match needs.map_or(Ok(()), |privilege| cx.needs(privilege)) {
            Ok(()) => tell(cx),
            Err(refusal) => cx.reply(&refusal),
        }
    }
    cx.list(numeric::RPL_ENDOFSTATS.with(&[query]));
    Ok(())
}

fn tell_uptime(cx: &mut Cx<'_>) {
    let seconds = cx.now.wall.seconds().saturating_sub(cx.settings.started.seconds());
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    let clock = format!("{hours}:{minutes:02}:{:02}", seconds % 60);
    cx.answer(&numeric::RPL_STATSUPTIME, &[&days.to_string(), &clock]);
}

fn tell_commands(cx: &mut Cx<'_>) {
    let (counts, table) = (cx.counts, cx.table);
    for (place, count) in counts.commands.iter() {
        cx.answer(&numeric::RPL_STATSCOMMANDS, &[table.row(place).verb, &count.to_string()]);
    }
}

fn tell_operators(cx: &mut Cx<'_>) {
    let settings = cx.settings;
    for operator in &settings.operators {
        let mask = format!("*@{}", operator.host_mask);
        cx.answer(&numeric::RPL_STATSOLINE, &[&mask, &operator.name]);
    }
}

/// The bans of a kind: those for good with a capital letter, those that end by themselves with a small one.
#[derive(Debug)]
struct Banned {
    kind: BanKind,
    last: Option<Arc<str>>,
}

impl Listing for Banned {
    fn next(&mut self, cx: &mut Cx<'_>) -> Next {
        let Some(ban) = cx.world.bans().after(self.kind, self.last.as_deref()) else { return Next::End };
        self.last = Some(ban.mask.clone());
        let capital = self.kind.letter();
        let letter = if ban.until.is_some() { capital.to_ascii_lowercase() } else { capital }.to_string();
        let (user, host) = ban.mask.split_once('@').unwrap_or(("*", &ban.mask));
        let reply = match self.kind {
            BanKind::User => numeric::RPL_STATSKLINE.with(&[&letter, host, user, &ban.reason]),
            BanKind::Address => numeric::RPL_STATSDLINE.with(&[&letter, &ban.mask, &ban.reason]),
            BanKind::Person => numeric::RPL_STATSXLINE.with(&[&letter, &ban.mask, &ban.reason]),
            BanKind::Name => numeric::RPL_STATSQLINE.with(&[&letter, &ban.mask, &ban.reason]),
            BanKind::Mute => numeric::RPL_STATSDEBUG.with(&[&letter, &format!("{} {}", ban.mask, ban.reason)]),
        };
        cx.reply(&reply);
        Next::More
    }
}

fn tell_bans(cx: &mut Cx<'_>, kind: BanKind) {
    cx.list(Banned { kind, last: None });
}

fn tell_on_duty(cx: &mut Cx<'_>) {
    cx.list(OnDuty { last: None });
}

/// Operators in the order in which they connected, and how many they are.
#[derive(Debug)]
struct OnDuty {
    last: Option<UserId>,
}

impl Listing for OnDuty {
    fn next(&mut self, cx: &mut Cx<'_>) -> Next {
        let Some(user) = cx.world.users_after(self.last).next() else {
            let count = cx.world.operators();
            cx.answer(&numeric::RPL_STATSDEBUG, &["p", &format!("{count} operators")]);
            return Next::End;
        };
        self.last = Some(user.id);
        if user.flags.has(UserFlag::Operator) {
            let text = format!("{} Idle: {}", notices::shown(user.source()), cx.idle_seconds(user));
            cx.answer(&numeric::RPL_STATSDEBUG, &["p", &text]);
        }
        Next::More
    }
}
