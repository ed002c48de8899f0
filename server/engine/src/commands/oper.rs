//! OPER: somebody becomes an operator.

use wire::{Casemapping, Encoder, Reply, Timestamp, glob, numeric};

use super::{Cause, Command, Happening, Heard, Quit, When};
use crate::context::Cx;
use crate::interface::{Effect, Secret};
use crate::modes::{NoticeKind, UserFlag};
use crate::notices;
use crate::outgoing::{Audience, Outgoing, Told};
use crate::privileges::Privileges;
use crate::session::Checking;
use crate::settings::{Operator, Settings};
use crate::world::{Stale, UserId, World};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "OPER", when: When::After, min: 2, syntax: "<name> <password>", help: "Becomes an IRC operator.", run: oper },
];

/// Somebody became an operator.
#[derive(Clone, Debug)]
pub struct Promotion {
    /// Who.
    pub user: UserId,
    /// The name of the operator in the configuration.
    pub name: String,
    /// What he may do from now on.
    pub privileges: Privileges,
}

fn oper(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    let Some(operator) = configured(cx, params[0]) else {
        oper_failed(cx, params[0], &numeric::ERR_NOOPERHOST.with(&[]));
        return Ok(());
    };
    cx.session.checking = Some(Box::new(Checking::Operator(operator.name.clone())));
    let secret = Secret(params[1].to_owned());
    cx.effect(Effect::Check { conn: cx.conn(), secret, hash: operator.password_hash.clone() });
    Ok(())
}

/// The operator of a name who may come from where the one who asks does.
fn configured<'a>(cx: &Cx<'a>, name: &str) -> Option<&'a Operator> {
    let host = &cx.user().host;
    let from_here = |mask: &str| glob(Casemapping::Ascii, mask, host);
    cx.settings.operators.iter().find(|row| row.name == name && from_here(&row.host_mask))
}

/// The password was right.
pub(crate) fn become_operator(cx: &mut Cx<'_>, name: &str) {
    // While the password was checked the configuration may have been read again.
    let Some(privileges) = configured(cx, name).map(|operator| operator.privileges) else {
        return oper_failed(cx, name, &numeric::ERR_NOOPERHOST.with(&[]));
    };
    let user = cx.user();
    if user.flags.has(UserFlag::Operator) && user.privileges() == privileges {
        return cx.answer(&numeric::RPL_YOUREOPER, &[]);
    }
    cx.happen(Promotion { user: user.id, name: name.to_owned(), privileges });
}

/// An attempt has failed. Who tries too often has to connect anew for each further one.
pub(crate) fn oper_failed(cx: &mut Cx<'_>, name: &str, why: &Reply) {
    cx.reply(why);
    let who = notices::shown(cx.user().source());
    cx.notify(NoticeKind::Opers, format!("{who} failed to become the operator {name}"));
    cx.session.failed_opers += 1;
    if cx.session.failed_opers as usize >= cx.settings.limits.failed_opers_max {
        let reason = "Too many failed attempts to become an operator".to_owned();
        cx.happen(Quit { user: cx.user().id, reason });
    }
}

impl Happening for Promotion {
    fn apply(&self, _at: Timestamp, world: &mut World, _settings: &Settings) -> Result<Heard, Stale> {
        let promoted = world.promote(self.user, self.privileges)?;
        Ok(Heard { users: if promoted { vec![self.user] } else { Vec::new() }, ..Heard::default() })
    }

    fn tell(&self, cause: &Cause<'_>, heard: &Heard, told: &mut Vec<Told>) {
        let nick = &cause.world.user(self.user).expect("who was promoted is here").nick;
        let letter = format!("+{}", UserFlag::Operator.letter());
        let line = Encoder::new().source(nick.as_str()).verb("MODE").param(nick.as_str()).param(&letter);
        let line = Outgoing::new(cause.event.at, line).id(&cause.event.id);
        told.push(Told::new(Audience::Users(heard.users.clone()), line));
    }

    fn answer(&self, cx: &mut Cx<'_>) {
        cx.answer(&numeric::RPL_YOUREOPER, &[]);
    }
}
