//! QUIT: somebody leaves.

use wire::{Reply, Timestamp};

use super::{Cause, Command, Happening, Heard, When};
use crate::context::{Cx, cut};
use crate::event::{Past, Thing};
use crate::interface::Effect;
use crate::outgoing::{Outgoing, Told, ending};
use crate::settings::Settings;
use crate::world::{Stale, UserId, World};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "QUIT", when: When::Any, min: 0, syntax: "[:<reason>]", help: "Leaves the server.", run: quit },
];

/// Somebody is gone.
#[derive(Clone, Debug)]
pub struct Quit {
    /// Who.
    pub user: UserId,
    /// Why, as the others are told.
    pub reason: String,
}

fn quit(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    let reason = cut(params.first().unwrap_or(&""), cx.settings.limits.quit_bytes_max);
    // "Quit: " tells a person's own words from the server's, "even if <reason> is empty" (modern.ircdocs.horse).
    let reason = ["Quit: ", reason].concat();
    match cx.session.user() {
        Some(user) => cx.happen(Quit { user, reason }),
        None => cx.effect(Effect::Close { conn: cx.conn(), reason }),
    }
    Ok(())
}

impl Quit {
    /// What is heard of it.
    pub(super) fn line(&self, cause: &Cause<'_>, heard: &Heard) -> Outgoing {
        let line = ending(cause.desk.line().source(&heard.source).verb("QUIT"), &self.reason).end();
        cause.desk.done(cause.event.at, line).id(&cause.event.id)
    }
}

impl Happening for Quit {
    fn apply(&self, at: Timestamp, world: &mut World, settings: &Settings) -> Result<Heard, Stale> {
        let user = world.user(self.user).ok_or(Stale)?;
        let everywhere = world.is_seen_everywhere(user);
        let users = if everywhere { Vec::new() } else { world.peers(user).into_iter().collect() };
        let source = user.source().clone();
        let channels = world.leave(self.user, at, settings.limits.whowas_max)?.into_iter().collect();
        Ok(Heard { channels, users, everywhere, source, ..Heard::default() })
    }

    fn tell(&self, cause: &Cause<'_>, heard: &Heard, told: &mut Vec<Told>) {
        // Who was in no channel is seen by nobody.
        if !heard.channels.is_empty() {
            told.push(Told::new(heard.audience(), self.line(cause, heard)));
        }
    }

    fn past(&self, cause: &Cause<'_>, heard: &Heard) -> Option<Past> {
        if heard.channels.is_empty() {
            return None;
        }
        let quit = Thing::Quit(self.reason.as_str().into());
        Some(Past::new(cause.event, self.user, &heard.source, quit))
    }

    fn departed(&self) -> Option<(UserId, &str)> {
        Some((self.user, &self.reason))
    }
}
