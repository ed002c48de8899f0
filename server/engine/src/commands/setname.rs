//! SETNAME: another real name (IRCv3 setname).

use wire::capability;
use wire::{Encoder, Reply, Timestamp};

use super::{Cause, Command, Happening, Heard, When};
use crate::context::Cx;
use crate::outgoing::{Audience, Outgoing, Told};
use crate::settings::Settings;
use crate::world::{Stale, UserId, World};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "SETNAME", when: When::After, min: 1, syntax: ":<real name>", help: "Changes one's real name.", run: setname },
];

/// Somebody has another real name.
#[derive(Clone, Debug)]
pub struct RealnameChange {
    /// Who.
    pub user: UserId,
    /// The new real name.
    pub realname: String,
}

fn setname(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    let realname = params[0];
    if realname.is_empty() || realname.len() > cx.settings.limits.realname_bytes_max {
        cx.say("FAIL", &["SETNAME", "INVALID_REALNAME"], "Realname is empty or too long");
        return Ok(());
    }
    cx.happen(RealnameChange { user: cx.user().id, realname: realname.to_owned() });
    Ok(())
}

impl Happening for RealnameChange {
    fn apply(&self, _at: Timestamp, world: &mut World, _settings: &Settings) -> Result<Heard, Stale> {
        world.set_realname(self.user, &self.realname)?;
        let user = world.user(self.user).ok_or(Stale)?;
        let mut users = world.peers(user);
        users.insert(self.user);
        Ok(Heard { users: users.into_iter().collect(), ..Heard::default() })
    }

    fn tell(&self, cause: &Cause<'_>, heard: &Heard, told: &mut Vec<Told>) {
        let user = cause.world.user(self.user).expect("who changed the name is here");
        let line = Encoder::new().source(user.source()).verb("SETNAME");
        let line = Outgoing::with_text(cause.event.at, line, &self.realname).id(&cause.event.id);
        let told_to = Told::new(Audience::Users(heard.users.clone()), line);
        told.push(told_to.needs(&capability::SETNAME).and_watchers(self.user));
    }
}
