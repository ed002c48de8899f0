//! KILL: an operator ends somebody's connection.

use wire::{Encoder, Reply, Timestamp, numeric};

use super::{Cause, Command, Happening, Heard, Quit, When};
use crate::context::{Cx, cut};
use crate::outgoing::{Audience, Outgoing, Told};
use crate::settings::Settings;
use crate::world::{Stale, UserId, World};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "KILL", when: When::After, min: 1, syntax: "<nick> [:<reason>]", help: "Ends a user's connection. For operators.", run: kill },
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
    if !cx.is_operator() {
        return Err(numeric::ERR_NOPRIVILEGES.with(&[]));
    }
    let target = cx.user_named(params[0])?;
    let given = params.get(1).copied().filter(|reason| !reason.is_empty()).unwrap_or("No reason given");
    let given = cut(given, cx.settings.limits.kick_bytes_max);
    let reason = format!("Killed ({} ({given}))", cx.user().nick);
    let source = cx.user().source().to_string();
    cx.happen(Kill { source, quit: Quit { user: target.id, reason } });
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
        told.push(Told::new(Audience::Users(vec![self.quit.user]), line));
        self.quit.tell(cause, heard, told);
    }

    fn departed(&self) -> Option<(UserId, &str)> {
        self.quit.departed()
    }
}
