//! KLINE, DLINE, XLINE, RESV, SHUN and what takes them back: bans of the whole server.

use std::sync::Arc;

use wire::{Encoder, Reply, Timestamp, numeric};

use super::{Cause, Command, Happening, Heard, Quit, When};
use crate::context::{Cx, cut};
use crate::interface::Effect;
use crate::modes::UserFlag;
use crate::outgoing::{Audience, Outgoing, Told};
use crate::privileges::Privilege;
use crate::settings::Settings;
use crate::world::{Ban, BanKind, Stale, UserId, Visitor, World};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "KLINE",   when: When::With(Privilege::Kline), min: 1, syntax: "[<duration>] <user@host> [:<reason>]", help: "Keeps users out by user name and host; a network such as *@192.0.2.0/24 is a host as well. The duration is in minutes or like 1d2h30m; without one it is for good.", run: |cx, params| set(cx, BanKind::User, params) },
    Command { verb: "UNKLINE", when: When::With(Privilege::Kline), min: 1, syntax: "<user@host>", help: "Takes a KLINE back.", run: |cx, params| lift(cx, BanKind::User, params) },
    Command { verb: "DLINE",   when: When::With(Privilege::Dline), min: 1, syntax: "[<duration>] <address or network> [:<reason>]", help: "Keeps all from an address or a network out as soon as they connect.", run: |cx, params| set(cx, BanKind::Address, params) },
    Command { verb: "UNDLINE", when: When::With(Privilege::Dline), min: 1, syntax: "<address or network>", help: "Takes a DLINE back.", run: |cx, params| lift(cx, BanKind::Address, params) },
    Command { verb: "XLINE",   when: When::With(Privilege::Xline), min: 1, syntax: "[<duration>] <mask> [:<reason>]", help: "Keeps users out by the real name, or by all of nick!user@host#realname. \\s stands for a space.", run: |cx, params| set(cx, BanKind::Person, params) },
    Command { verb: "UNXLINE", when: When::With(Privilege::Xline), min: 1, syntax: "<mask>", help: "Takes an XLINE back.", run: |cx, params| lift(cx, BanKind::Person, params) },
    Command { verb: "RESV",    when: When::With(Privilege::Resv), min: 1, syntax: "[<duration>] <nick or channel> [:<reason>]", help: "Reserves nicks and channels, by masks, for operators. Who has one keeps it.", run: |cx, params| set(cx, BanKind::Name, params) },
    Command { verb: "UNRESV",  when: When::With(Privilege::Resv), min: 1, syntax: "<nick or channel>", help: "Takes a RESV back.", run: |cx, params| lift(cx, BanKind::Name, params) },
    Command { verb: "SHUN",    when: When::With(Privilege::Shun), min: 1, syntax: "[<duration>] <nick!user@host> [:<reason>]", help: "Lets users be here and read, but do nothing that others hear of except to come and go.", run: |cx, params| set(cx, BanKind::Mute, params) },
    Command { verb: "UNSHUN",  when: When::With(Privilege::Shun), min: 1, syntax: "<nick!user@host>", help: "Takes a SHUN back.", run: |cx, params| lift(cx, BanKind::Mute, params) },
];

/// The longest duration of a ban, in days. A longer one is none.
const DAYS_MAX: u64 = 3660;

/// Somebody is banned from the server, or a name is.
#[derive(Clone, Debug)]
pub struct BanSet {
    /// The ban.
    pub ban: Ban,
}

/// A ban of the server is over.
#[derive(Clone, Debug)]
pub struct BanLift {
    /// What it was over.
    pub kind: BanKind,
    /// Whom it covered.
    pub mask: Arc<str>,
    /// Who took it back, `nick!user@host`; nobody if its time was over.
    pub by: Option<Arc<str>>,
}

/// Somebody who is here is put out by a ban.
#[derive(Clone, Debug)]
pub struct Expulsion {
    /// Why, as he is told.
    pub why: String,
    /// Who is gone, and why, as the others are told.
    pub quit: Quit,
}

fn set(cx: &mut Cx<'_>, kind: BanKind, params: &[&str]) -> Result<(), Reply> {
    let (duration_ms, params) = match duration_ms(params[0]) {
        Some(duration_ms) => (duration_ms, &params[1..]),
        None => (0, params),
    };
    let written = *params.first().ok_or_else(|| numeric::ERR_NEEDMOREPARAMS.with(&[kind.verb()]))?;
    let mask = mask(cx, kind, written).ok_or_else(|| numeric::ERR_BADMASK.with(&[written]))?;
    if let Some(ban) = cx.world.bans().find(kind, &mask) {
        let text = format!("The {} for [{mask}] is there already, set by {}: {}", kind.name(), ban.by, ban.reason);
        return note(cx, &text);
    }
    let bans_max = cx.settings.limits.server_bans_max;
    if cx.world.bans().all().len() >= bans_max {
        return note(cx, &format!("The server has as many bans as it may have, {bans_max}"));
    }
    let reason = params.get(1).copied().filter(|reason| !reason.is_empty()).unwrap_or("No reason given");
    let ban = Ban {
        kind,
        mask: mask.into(),
        reason: cut(reason, cx.settings.limits.kick_bytes_max).into(),
        by: cx.user().source().clone(),
        at: cx.now.wall,
        until: (duration_ms > 0).then(|| Timestamp(cx.now.wall.0 + duration_ms)),
    };
    cx.happen(BanSet { ban: ban.clone() });
    if BanKind::EXCLUDING.contains(&kind) {
        // Operators stay: whoever sets a ban that covers himself could not take it back.
        let others = cx.world.users().filter(|user| !user.flags.has(UserFlag::Operator));
        let covered: Vec<UserId> =
            others.filter(|user| ban.covers(Visitor::from(*user))).map(|user| user.id).collect();
        for user in covered {
            let (why, reason) = (ban.reason.to_string(), farewell(&ban));
            cx.happen(Expulsion { why, quit: Quit { user, reason } });
        }
    }
    Ok(())
}

fn lift(cx: &mut Cx<'_>, kind: BanKind, params: &[&str]) -> Result<(), Reply> {
    let mask = mask(cx, kind, params[0]).unwrap_or_else(|| params[0].to_owned());
    let Some(ban) = cx.world.bans().find(kind, &mask) else {
        return note(cx, &format!("There is no {} for [{mask}]", kind.name()));
    };
    cx.happen(BanLift { kind, mask: ban.mask.clone(), by: Some(cx.user().source().clone()) });
    Ok(())
}

/// The mask that is meant. Who is here can be named by the nick: then the host that he comes from is meant, and not one
/// that an operator gave him, or the address.
fn mask(cx: &Cx<'_>, kind: BanKind, written: &str) -> Option<String> {
    match (kind, cx.world.user_named(written)) {
        (BanKind::User, Some(user)) => kind.mask(&user.origin),
        (BanKind::Address, Some(user)) => kind.mask(&user.address?.to_string()),
        _ => kind.mask(written),
    }
}

/// Tells the one who asks something for which there is no numeric.
fn note(cx: &mut Cx<'_>, text: &str) -> Result<(), Reply> {
    let nick = cx.nick().to_owned();
    cx.say("NOTICE", &[&nick], text);
    Ok(())
}

/// What others hear of somebody who is put out, and what his connection is closed with.
fn farewell(ban: &Ban) -> String {
    format!("Banned ({})", ban.reason)
}

/// Somebody who is covered may not come in.
pub(crate) fn turn_away(cx: &mut Cx<'_>, ban: &Ban) {
    cx.answer(&numeric::ERR_YOUREBANNEDCREEP, &[&ban.reason]);
    cx.effect(Effect::Close { conn: cx.conn(), reason: farewell(ban) });
}

/// Minutes, or numbers with a unit (`w`, `d`, `h`, `m`, `s`), in milliseconds; 0 is for good.
fn duration_ms(text: &str) -> Option<u64> {
    let mut total_seconds: u64 = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number: u64 = rest[..digits].parse().ok()?;
        let unit_seconds = match rest[digits..].chars().next() {
            None if rest.len() == text.len() => 60,
            Some('s') => 1,
            Some('m') => 60,
            Some('h') => 3600,
            Some('d') => 86_400,
            Some('w') => 7 * 86_400,
            _ => return None,
        };
        total_seconds = total_seconds.checked_add(number.checked_mul(unit_seconds)?)?;
        rest = rest.get(digits + 1..).unwrap_or("");
    }
    let within = !text.is_empty() && total_seconds <= DAYS_MAX * 86_400;
    within.then_some(total_seconds * 1000)
}

/// A duration as people write it.
fn in_words(duration_ms: u64) -> String {
    let mut seconds = duration_ms / 1000;
    let mut text = String::new();
    for (unit_seconds, unit) in [(86_400, 'd'), (3600, 'h'), (60, 'm'), (1, 's')] {
        if seconds >= unit_seconds {
            text.push_str(&format!("{}{unit}", seconds / unit_seconds));
            seconds %= unit_seconds;
        }
    }
    text
}

impl BanSet {
    /// What is told of it.
    pub(crate) fn in_words(&self) -> String {
        let Ban { kind, mask, at, until, .. } = &self.ban;
        let how_long = until.map_or(String::new(), |until| format!("{} ", in_words(until.0 - at.0)));
        format!("added the {how_long}{} for [{mask}]", kind.name())
    }
}

impl Happening for BanSet {
    fn apply(&self, _at: Timestamp, world: &mut World, settings: &Settings) -> Result<Heard, Stale> {
        world.ban(self.ban.clone(), settings.limits.server_bans_max)?;
        Ok(Heard::default())
    }

    fn tell(&self, _cause: &Cause<'_>, _heard: &Heard, _told: &mut Vec<Told>) {}

    fn answer(&self, cx: &mut Cx<'_>) {
        // It cannot fail: it only tells.
        let _ = note(cx, &format!("You {}", self.in_words()));
    }
}

impl Happening for BanLift {
    fn apply(&self, _at: Timestamp, world: &mut World, _settings: &Settings) -> Result<Heard, Stale> {
        world.lift_ban(self.kind, &self.mask)?;
        Ok(Heard::default())
    }

    fn tell(&self, _cause: &Cause<'_>, _heard: &Heard, _told: &mut Vec<Told>) {}

    fn answer(&self, cx: &mut Cx<'_>) {
        if self.by.is_some() {
            // It cannot fail: it only tells.
            let _ = note(cx, &format!("You removed the {} for [{}]", self.kind.name(), self.mask));
        }
    }
}

impl Happening for Expulsion {
    fn apply(&self, at: Timestamp, world: &mut World, settings: &Settings) -> Result<Heard, Stale> {
        self.quit.apply(at, world, settings)
    }

    fn tell(&self, cause: &Cause<'_>, heard: &Heard, told: &mut Vec<Told>) {
        let nick = heard.source.split('!').next().unwrap_or_default();
        let line = numeric::ERR_YOUREBANNEDCREEP.with(&[&self.why]).line(Encoder::new(), cause.server, nick);
        let line = Outgoing::complete(cause.event.at, line);
        told.push(Told::new(Audience::Users(vec![self.quit.user]), line));
        self.quit.tell(cause, heard, told);
    }

    fn departed(&self) -> Option<(UserId, &str)> {
        self.quit.departed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_minutes_or_have_units() {
        #[rustfmt::skip]
        let table = [
            ("0",        Some(0)),
            ("5",        Some(300)),
            ("1d2h",     Some(93_600)),
            ("1w",       Some(604_800)),
            ("1h30m5s",  Some(5405)),
            ("5x",       None),
            ("1d2",      None),
            ("d",        None),
            ("",         None),
            ("-1",       None),
            ("*@host",   None),
            ("5270400",  Some(316_224_000)),
            ("5270401",  None),
            ("99999999999999999999", None),
            ("9999999999999999w", None),
        ];
        for (text, seconds) in table {
            assert_eq!(duration_ms(text), seconds.map(|seconds: u64| seconds * 1000), "{text}");
        }
        assert_eq!(in_words(93_605_000), "1d2h5s");
    }
}
