//! NICK: how somebody is called.

use std::collections::BTreeSet;

use wire::{BadName, Encoder, Nick, Reply, Timestamp, numeric};

use super::{Cause, Command, Happening, Heard, When};
use crate::context::Cx;
use crate::event::{Past, Thing};
use crate::outgoing::{Outgoing, Told};
use crate::rules::may_rename;
use crate::settings::Settings;
use crate::world::{Stale, UserId, World};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "NICK", when: When::Any, min: 0, syntax: "<nick>", help: "Takes a nick, or another one.", run: nick },
];

/// Somebody is called otherwise from now on.
#[derive(Clone, Debug)]
pub struct Rename {
    /// Who.
    pub user: UserId,
    /// The new nick.
    pub nick: Nick,
}

fn nick(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    let wanted = params.first().copied().filter(|nick| !nick.is_empty());
    let wanted = wanted.ok_or_else(|| numeric::ERR_NONICKNAMEGIVEN.with(&[]))?;
    let nick = Nick::parse(wanted, cx.settings.limits.nick_bytes_max).map_err(|bad| erroneous(wanted, bad))?;
    let holder = cx.world.user_named(nick.as_str()).map(|user| user.id);
    if holder.is_some() && holder != cx.session.user() {
        return Err(numeric::ERR_NICKNAMEINUSE.with(&[nick.as_str()]));
    }
    if holder.is_none() && cx.is_reserved(nick.as_str()) {
        return Err(numeric::ERR_ERRONEUSNICKNAME.with(&[wanted, "it is reserved"]));
    }
    match cx.session.user() {
        Some(_) if cx.user().nick.as_str() == nick.as_str() => {}
        Some(user) => {
            may_rename(cx)?;
            cx.happen(Rename { user, nick });
        }
        None => {
            cx.session.greeting().expect("who is not registered is greeting").nick = Some(nick);
        }
    }
    Ok(())
}

fn erroneous(wanted: &str, bad: BadName) -> Reply {
    let why = match bad {
        BadName::TooLong => "it is too long",
        BadName::Empty | BadName::Character => "it takes letters, digits, - and []\\`_^{|}, and no digit or - first",
    };
    numeric::ERR_ERRONEUSNICKNAME.with(&[wanted, why])
}

impl Happening for Rename {
    fn apply(&self, at: Timestamp, world: &mut World, settings: &Settings) -> Result<Heard, Stale> {
        let user = world.user(self.user).ok_or(Stale)?;
        // Who is in no channel hears of himself.
        let everywhere = !user.channels().is_empty() && world.is_seen_everywhere(user);
        let mut users = if everywhere { BTreeSet::new() } else { world.peers(user) };
        users.insert(user.id);
        let (source, channels) = (user.source().clone(), user.channels().iter().cloned().collect());
        world.rename(self.user, self.nick.clone(), at, settings.limits.whowas_max)?;
        Ok(Heard { channels, users: users.into_iter().collect(), everywhere, source, ..Heard::default() })
    }

    fn tell(&self, cause: &Cause<'_>, heard: &Heard, told: &mut Vec<Told>) {
        let line = Encoder::new().source(&heard.source).verb("NICK").trailing(self.nick.as_str());
        let line = Outgoing::new(cause.event.at, line).id(&cause.event.id);
        told.push(Told::new(heard.audience(), line));
    }

    fn past(&self, cause: &Cause<'_>, heard: &Heard) -> Option<Past> {
        let renamed = Thing::Renamed(self.nick.as_str().into());
        Some(Past::new(cause.event, self.user, &heard.source, renamed))
    }

    /// Those who watch the new nick hear what its bearer tells of himself.
    fn watched(&self) -> Option<UserId> {
        Some(self.user)
    }

    fn tell_each(&self, cx: &mut Cx<'_>) {
        let user = cx.world.user(self.user).expect("who was renamed is here");
        super::metadata::present_user(cx, user);
    }
}
