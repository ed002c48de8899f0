//! MODE of a user.

use wire::{Encoder, Reply, Timestamp, numeric};

use super::{Cause, Happening, Heard};
use crate::context::Cx;
use crate::modes::UserFlag;
use crate::outgoing::{Audience, Outgoing, Told};
use crate::settings::Settings;
use crate::world::{Stale, UserId, World};

/// Somebody changed what is switched on for himself.
#[derive(Clone, Debug)]
pub struct UserModeChange {
    /// Who.
    pub user: UserId,
    /// What is switched on.
    pub on: Vec<UserFlag>,
    /// What is switched off.
    pub off: Vec<UserFlag>,
}

pub(super) fn mode(cx: &mut Cx<'_>, nick: &str, params: &[&str]) -> Result<(), Reply> {
    let target = cx.user_named(nick)?;
    let user = cx.user();
    if target.id != user.id {
        return Err(numeric::ERR_USERSDONTMATCH.with(&[]));
    }
    let Some(letters) = params.first() else {
        cx.reply(&numeric::RPL_UMODEIS.with(&[&format!("+{}", user.flags)]));
        return Ok(());
    };
    let (mut on, mut off, mut adding, mut unknown) = (Vec::new(), Vec::new(), true, false);
    for letter in letters.chars() {
        match (letter, UserFlag::of_letter(letter)) {
            ('+', _) => adding = true,
            ('-', _) => adding = false,
            // "If a user attempts to make themselves an operator using the "+o" or "+O" flag, the attempt SHOULD be
            // ignored" (RFC 2812, section 3.1.5).
            ('o' | 'O', _) if adding => {}
            (_, Some(flag)) => {
                on.retain(|other| *other != flag);
                off.retain(|other| *other != flag);
                if adding { on.push(flag) } else { off.push(flag) }
            }
            (_, None) => unknown = true,
        }
    }
    if !on.is_empty() || !off.is_empty() {
        cx.happen(UserModeChange { user: user.id, on, off });
    }
    // "the server MUST apply the modes that are implemented, and then send the ERR_UMODEUNKNOWNFLAG"
    if unknown {
        cx.reply(&numeric::ERR_UMODEUNKNOWNFLAG.with(&[]));
    }
    Ok(())
}

impl Happening for UserModeChange {
    fn apply(&self, _at: Timestamp, world: &mut World, _settings: &Settings) -> Result<Heard, Stale> {
        let mut modes = Vec::new();
        for (flags, on, sign) in [(&self.on, true, '+'), (&self.off, false, '-')] {
            for flag in flags {
                if world.flag(self.user, *flag, on).is_ok() {
                    modes.push((sign, flag.letter(), None));
                }
            }
        }
        if modes.is_empty() {
            return Err(Stale);
        }
        Ok(Heard { users: vec![self.user], modes, ..Heard::default() })
    }

    fn tell(&self, cause: &Cause<'_>, heard: &Heard, told: &mut Vec<Told>) {
        let nick = &cause.world.user(self.user).expect("who changed modes is here").nick;
        let mut letters = String::new();
        let mut last = None;
        for (sign, letter, _) in &heard.modes {
            if last.replace(*sign) != Some(*sign) {
                letters.push(*sign);
            }
            letters.push(*letter);
        }
        let line = Encoder::new().source(nick.as_str()).verb("MODE").param(nick.as_str()).param(&letters);
        let line = Outgoing::new(cause.event.at, line).id(&cause.event.id);
        told.push(Told::new(Audience::Users(heard.users.clone()), line));
    }
}
