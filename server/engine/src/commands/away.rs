//! AWAY: somebody does not read along for a while.

use wire::capability;
use wire::{Encoder, Reply, Timestamp, numeric};

use super::{Cause, Command, Happening, Heard, When};
use crate::context::{Cx, cut};
use crate::outgoing::{Audience, Outgoing, Told};
use crate::settings::Settings;
use crate::world::{Stale, UserId, World};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "AWAY", when: When::Any, min: 0, syntax: "[:<message>]", help: "Goes away with a message, or comes back without one.", run: away },
];

/// Somebody went away or came back.
#[derive(Clone, Debug)]
pub struct Away {
    /// Who.
    pub user: UserId,
    /// Why; `None` for coming back.
    pub message: Option<String>,
}

fn away(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    let message = params.first().filter(|message| !message.is_empty());
    let message = message.map(|message| cut(message, cx.settings.limits.away_bytes_max).to_owned());
    let answer = if message.is_some() { &numeric::RPL_NOWAWAY } else { &numeric::RPL_UNAWAY };
    let early = cx.session.capabilities.has(&capability::PRE_AWAY);
    match cx.session.greeting() {
        // "If the capability has been negotiated, servers MUST accept the AWAY command before connection registration
        // has completed."
        Some(greeting) if early => greeting.away = message,
        Some(_) => return Err(numeric::ERR_NOTREGISTERED.with(&[])),
        None => cx.happen(Away { user: cx.user().id, message }),
    }
    cx.reply(&answer.with(&[]));
    Ok(())
}

impl Happening for Away {
    fn apply(&self, _at: Timestamp, world: &mut World, _settings: &Settings) -> Result<Heard, Stale> {
        world.set_away(self.user, self.message.as_deref())?;
        let user = world.user(self.user).ok_or(Stale)?;
        let channels = user.channels().iter().cloned().collect();
        Ok(Heard { channels, users: world.peers(user).into_iter().collect(), ..Heard::default() })
    }

    fn tell(&self, cause: &Cause<'_>, heard: &Heard, told: &mut Vec<Told>) {
        let user = cause.world.user(self.user).expect("who went away is still here");
        let line = Encoder::new().source(user.source()).verb("AWAY");
        let line = match &self.message {
            Some(message) => Outgoing::with_text(cause.event.at, line, message),
            None => Outgoing::new(cause.event.at, line),
        };
        let line = line.id(&cause.event.id);
        let told_to = Told::new(Audience::Users(heard.users.clone()), line);
        told.push(told_to.needs(&capability::AWAY_NOTIFY).and_watchers(self.user));
    }
}
