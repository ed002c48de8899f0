//! USER, and what registration comes to: somebody enters.

use std::net::IpAddr;
use std::sync::Arc;

use wire::{Nick, Reply, Timestamp, numeric};

use super::{Cause, Command, Happening, Heard, When};
use crate::context::{Cx, cut};
use crate::interface::{Effect, Peer, Secret};
use crate::isupport;
use crate::outgoing::{Told, user_of};
use crate::session::{Checking, Session, Stage};
use crate::settings::Settings;
use crate::turn::Item;
use crate::world::{Metadata, Stale, User, UserId, Visitor, World};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "USER", when: When::Before, min: 4, syntax: "<user> 0 * :<real name>", help: "Tells user name and real name; with NICK this is how one registers.", run: user },
];

/// Somebody registered.
#[derive(Clone, Debug)]
pub struct Enter {
    /// Who.
    pub user: UserId,
    /// The nick.
    pub nick: Nick,
    /// The user name.
    pub name: Arc<str>,
    /// The host that others see.
    pub host: Arc<str>,
    /// The real name.
    pub realname: Arc<str>,
    /// What else is known of him.
    pub details: Box<Details>,
}

/// What is known besides of one who registers. It stands apart, since what happens most has no need of so much room.
#[derive(Clone, Debug)]
pub struct Details {
    /// The address he comes from, if there is one.
    pub address: Option<IpAddr>,
    /// Whether nobody between can read along.
    pub secure: bool,
    /// Why he is away, if he said so before he registered.
    pub away: Option<String>,
    /// What he told of himself before he registered.
    pub metadata: Metadata,
}

fn user(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    let limits = &cx.settings.limits;
    let mut name = String::with_capacity(limits.user_bytes_max);
    name.extend(params[0].chars().filter(|c| is_name_character(*c)).take(limits.user_bytes_max));
    if params[0].is_empty() || params[3].is_empty() {
        return Err(numeric::ERR_NEEDMOREPARAMS.with(&["USER"]));
    }
    if name.is_empty() {
        return Err(numeric::ERR_INVALIDUSERNAME.with(&[]));
    }
    let realname = cut(params[3], limits.realname_bytes_max).into();
    let greeting = cx.session.greeting().ok_or_else(|| numeric::ERR_ALREADYREGISTERED.with(&[]))?;
    greeting.user = Some((name.into(), realname));
    Ok(())
}

/// Whether a character can stand in a user name.
pub(super) fn is_name_character(c: char) -> bool {
    c.is_ascii_graphic() && !matches!(c, '!' | '@' | ':' | '*' | '?' | ',' | '#' | '&' | '%')
}

/// Lets somebody in who has said all that is needed. Called whenever something of it may have been the last.
pub(crate) fn complete(cx: &mut Cx<'_>) {
    let Session { conn, host, checking, stage, .. } = &mut *cx.session;
    let Stage::Greeting(greeting) = stage else { return };
    let (Some(nick), Some((name, realname))) = (&greeting.nick, &greeting.user) else { return };
    // Who is being closed, for a wrong password or because he wants to go, does not enter.
    let closes = |item: &Item| matches!(item, Item::Effect(Effect::Close { .. }));
    if greeting.negotiating || checking.is_some() || cx.turn.items.iter().any(closes) {
        return;
    }
    let world = cx.world;
    let Peer { address, secure, .. } = greeting.peer;
    let visitor = Visitor { nick: nick.as_str(), user: name, host, origin: host, address, realname };
    if let Some(ban) = world.bans().excluding(visitor) {
        return super::turn_away(cx, ban);
    }
    if let Some(hash) = cx.settings.password_hash.as_ref().filter(|_| !greeting.admitted) {
        let secret = greeting.secret.take().unwrap_or(Secret(String::new()));
        *checking = Some(Box::new(Checking::Admission));
        let check = Effect::Check { conn: *conn, secret, hash: hash.clone() };
        return cx.effect(check);
    }
    let (user, host) = (user_of(*conn), host.clone());
    let (nick, name, realname) = (nick.clone(), name.clone(), realname.clone());
    let (away, metadata) = (greeting.away.clone(), greeting.metadata.clone());
    let details = Box::new(Details { address, secure, away, metadata });
    if cx.world.user_named(nick.as_str()).is_some() {
        greeting.nick = None;
        return cx.answer(&numeric::ERR_NICKNAMEINUSE, &[nick.as_str()]);
    }
    cx.happen(Enter { user, nick, name, host, realname, details });
}

impl Happening for Enter {
    fn apply(&self, at: Timestamp, world: &mut World, _settings: &Settings) -> Result<Heard, Stale> {
        let mut user = User::new(
            self.user,
            self.nick.clone(),
            self.name.clone(),
            self.host.clone(),
            self.realname.clone(),
            at,
        );
        let Details { address, secure, away, metadata } = &*self.details;
        (user.address, user.secure) = (*address, *secure);
        user.away = away.as_deref().map(Into::into);
        user.metadata = metadata.clone();
        world.enter(user)?;
        Ok(Heard::default())
    }

    fn tell(&self, _cause: &Cause<'_>, _heard: &Heard, _told: &mut Vec<Told>) {}

    /// Those who watch the nick hear what he tells of himself.
    fn watched(&self) -> Option<UserId> {
        Some(self.user)
    }

    fn tell_each(&self, cx: &mut Cx<'_>) {
        let user = cx.world.user(self.user).expect("who registered is here");
        super::metadata::present_user(cx, user);
    }

    fn answer(&self, cx: &mut Cx<'_>) {
        cx.session.stage = Stage::Registered;
        let source = [self.nick.as_str(), &self.name, &self.host];
        let network = &cx.settings.network_name;
        cx.answer(&numeric::RPL_WELCOME, &[network, source[0], source[1], source[2]]);
        cx.answer_alike(&cx.welcome.server);
        isupport::tell(cx);
        super::lusers::tell(cx);
        super::metadata::own(cx);
        super::motd::tell(cx);
    }
}
