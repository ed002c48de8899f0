//! OPER: somebody becomes an operator.

use wire::{Casemapping, Encoder, Reply, Timestamp, glob, numeric};

use super::{Cause, Command, Happening, Heard, When};
use crate::context::Cx;
use crate::interface::{Effect, Secret};
use crate::modes::UserFlag;
use crate::outgoing::{Audience, Outgoing, Told};
use crate::session::Checking;
use crate::settings::Settings;
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
}

fn oper(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    let host = &cx.user().host;
    let from_here = |mask: &str| glob(Casemapping::Ascii, mask, host);
    let found = cx.settings.operators.iter().find(|row| row.name == params[0] && from_here(&row.host_mask));
    let operator = found.ok_or_else(|| numeric::ERR_NOOPERHOST.with(&[]))?;
    cx.session.checking = Some(Checking::Operator(operator.name.clone()));
    let secret = Secret(params[1].to_owned());
    cx.effect(Effect::Check { conn: cx.conn(), secret, hash: operator.password_hash.clone() });
    Ok(())
}

/// The password was right.
pub(crate) fn become_operator(cx: &mut Cx<'_>, name: &str) {
    let user = cx.user().id;
    cx.happen(Promotion { user, name: name.to_owned() });
}

impl Happening for Promotion {
    fn apply(&self, _at: Timestamp, world: &mut World, _settings: &Settings) -> Result<Heard, Stale> {
        world.flag(self.user, UserFlag::Operator, true)?;
        Ok(Heard::default())
    }

    fn tell(&self, cause: &Cause<'_>, _heard: &Heard, told: &mut Vec<Told>) {
        let nick = &cause.world.user(self.user).expect("who was promoted is here").nick;
        let letter = format!("+{}", UserFlag::Operator.letter());
        let line = Encoder::new().source(nick.as_str()).verb("MODE").param(nick.as_str()).param(&letter);
        let line = Outgoing::new(cause.event.at, line).id(&cause.event.id);
        told.push(Told::new(Audience::Users(vec![self.user]), line));
    }

    fn answer(&self, cx: &mut Cx<'_>) {
        cx.reply(&numeric::RPL_YOUREOPER.with(&[]));
    }
}
