//! WALLOPS and GLOBOPS: an operator says something to all who want to hear it, or to all operators.

use wire::{Encoder, Reply, Timestamp, numeric};

use super::{Cause, Command, Happening, Heard, When};
use crate::context::Cx;
use crate::modes::UserFlag;
use crate::outgoing::{Audience, Outgoing, Told};
use crate::privileges::Privilege;
use crate::settings::Settings;
use crate::world::{Stale, World};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "WALLOPS", when: When::With(Privilege::Wallops), min: 1, syntax: ":<text>", help: "Says something to all users with mode +w.", run: wallops },
    Command { verb: "GLOBOPS",  when: When::With(Privilege::Globops), min: 1, syntax: ":<text>", help: "Says something to all operators.", run: globops },
    Command { verb: "OPERWALL", when: When::With(Privilege::Globops), min: 1, syntax: ":<text>", help: "The same as GLOBOPS.", run: globops },
];

/// An operator said something to all who want to hear it.
#[derive(Clone, Debug)]
pub struct Wallops {
    /// The operator, `nick!user@host`.
    pub source: String,
    /// What.
    pub text: String,
}

/// An operator said something to all operators.
#[derive(Clone, Debug)]
pub struct Globops {
    /// The operator's nick.
    pub nick: String,
    /// What.
    pub text: String,
}

fn globops(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    if params[0].is_empty() {
        return Err(numeric::ERR_NEEDMOREPARAMS.with(&["GLOBOPS"]));
    }
    cx.happen(Globops { nick: cx.user().nick.to_string(), text: params[0].to_owned() });
    Ok(())
}

fn wallops(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    let text = params[0];
    if text.is_empty() {
        return Err(numeric::ERR_NEEDMOREPARAMS.with(&["WALLOPS"]));
    }
    cx.happen(Wallops { source: cx.user().source().to_string(), text: text.to_owned() });
    Ok(())
}

impl Happening for Globops {
    fn apply(&self, _at: Timestamp, world: &mut World, _settings: &Settings) -> Result<Heard, Stale> {
        let operators = world.users().filter(|user| user.flags.has(UserFlag::Operator));
        Ok(Heard { users: operators.map(|user| user.id).collect(), ..Heard::default() })
    }

    fn tell(&self, cause: &Cause<'_>, heard: &Heard, told: &mut Vec<Told>) {
        let line = Encoder::new().source(cause.server).verb("NOTICE").param("*");
        let text = format!("*** Globops -- from {}: {}", self.nick, self.text);
        let line = Outgoing::with_text(cause.event.at, line, &text).id(&cause.event.id);
        told.push(Told::new(Audience::Users(heard.users.clone()), line));
    }
}

impl Happening for Wallops {
    fn apply(&self, _at: Timestamp, world: &mut World, _settings: &Settings) -> Result<Heard, Stale> {
        // A rare command of operators: here a walk over all users does not matter.
        let wanted = world.users().filter(|user| user.flags.has(UserFlag::Wallops));
        Ok(Heard { users: wanted.map(|user| user.id).collect(), ..Heard::default() })
    }

    fn tell(&self, cause: &Cause<'_>, heard: &Heard, told: &mut Vec<Told>) {
        let line = Encoder::new().source(&self.source).verb("WALLOPS");
        let line = Outgoing::with_text(cause.event.at, line, &self.text).id(&cause.event.id);
        told.push(Told::new(Audience::Users(heard.users.clone()), line));
    }
}
