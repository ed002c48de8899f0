//! KILL: an operator ends somebody's connection.

use wire::{Encoder, Reply, Timestamp, numeric};

use super::{Cause, Command, Happening, Heard, Quit, When};
use crate::context::{Cx, cut};
use crate::event::Past;
use crate::outgoing::{Audience, Outgoing, Told};
use crate::privileges::Privilege;
use crate::settings::Settings;
use crate::world::{Stale, UserId, World};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "KILL", when: When::With(Privilege::Kill), min: 1, syntax: "<nick>[,<nick>…] [:<reason>]", help: "Ends users' connections.", run: kill },
];

/// Somebody was put out of the server.
#[derive(Clone, Debug)]
pub struct Kill {
    /// The operator, `nick!user@host`.
    pub source: String,
    /// Who is gone, and why.
    pub quit: Quit,
}

fn kill(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    let given = params.get(1).copied().filter(|reason| !reason.is_empty()).unwrap_or("No reason given");
    let given = cut(given, cx.settings.limits.kick_bytes_max);
    let reason = format!("Killed ({} ({given}))", cx.user().nick);
    let source = cx.user().source().to_string();
    cx.each(params[0], |cx, nick| {
        if nick.eq_ignore_ascii_case(&cx.settings.server_name) {
            return Err(numeric::ERR_CANTKILLSERVER.with(&[]));
        }
        let user = cx.user_named(nick)?.id;
        cx.happen(Kill { source: source.clone(), quit: Quit { user, reason: reason.clone() } });
        Ok(())
    });
    Ok(())
}

impl Happening for Kill {
    fn apply(&self, at: Timestamp, world: &mut World, settings: &Settings) -> Result<Heard, Stale> {
        self.quit.apply(at, world, settings)
    }

    fn tell(&self, cause: &Cause<'_>, heard: &Heard, told: &mut Vec<Told>) {
        let nick = heard.source.split('!').next().unwrap_or_default();
        let line = Encoder::new().source(&self.source).verb("KILL").param(nick);
        let line = Outgoing::with_text(cause.event.at, line, &self.quit.reason);
        let killed = || Audience::Users(vec![self.quit.user]);
        told.push(Told::new(killed(), line));
        // "The user being killed and every user sharing a channel with them receives a QUIT message".
        self.quit.tell(cause, heard, told);
        told.push(Told::new(killed(), self.quit.line(cause, heard)));
    }

    fn past(&self, cause: &Cause<'_>, heard: &Heard) -> Option<Past> {
        self.quit.past(cause, heard)
    }

    fn departed(&self) -> Option<(UserId, &str)> {
        self.quit.departed()
    }
}
