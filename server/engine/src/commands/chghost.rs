//! CHGHOST, CHGIDENT, SETHOST and SETIDENT: an operator gives somebody another host or user name (IRCv3 chghost).

use wire::capability;
use wire::{Encoder, Reply, Timestamp, numeric};

use super::{Cause, Command, Happening, Heard, When, join, user};
use crate::context::Cx;
use crate::interface::HOST_BYTES_MAX;
use crate::modes::Rank;
use crate::outgoing::{Audience, Outgoing, Told};
use crate::privileges::Privilege;
use crate::settings::Settings;
use crate::world::{Channel, Stale, User, UserId, World};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "CHGHOST",  when: When::With(Privilege::Chghost), min: 2, syntax: "<nick> <host>", help: "Changes the host that others see of a user.", run: chghost },
    Command { verb: "CHGIDENT", when: When::With(Privilege::Chghost), min: 2, syntax: "<nick> <user>", help: "Changes the user name that others see of a user.", run: chgident },
    Command { verb: "SETHOST",  when: When::With(Privilege::Chghost), min: 1, syntax: "<host>", help: "Changes the host that others see of oneself.", run: sethost },
    Command { verb: "SETIDENT", when: When::With(Privilege::Chghost), min: 1, syntax: "<user>", help: "Changes the user name that others see of oneself.", run: setident },
];

/// Somebody is seen with another user name or host.
#[derive(Clone, Debug)]
pub struct HostChange {
    /// Who.
    pub user: UserId,
    /// The operator who gave it.
    pub by: UserId,
    /// The user name from now on.
    pub name: String,
    /// The host from now on.
    pub host: String,
}

fn chghost(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    let target = cx.user_named(params[0])?;
    change_host(cx, "CHGHOST", target, params[1]);
    Ok(())
}

fn chgident(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    let target = cx.user_named(params[0])?;
    change_name(cx, "CHGIDENT", target, params[1]);
    Ok(())
}

fn sethost(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    change_host(cx, "SETHOST", cx.user(), params[0]);
    Ok(())
}

fn setident(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    change_name(cx, "SETIDENT", cx.user(), params[0]);
    Ok(())
}

fn change_host(cx: &mut Cx<'_>, verb: &str, target: &User, host: &str) {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '/');
    let sound = (1..=HOST_BYTES_MAX).contains(&host.len()) && host.chars().all(fits) && !host.starts_with(':');
    if !sound {
        let why = format!("A host has letters, digits and any of .-_:/, and at most {HOST_BYTES_MAX} bytes");
        return cx.say("FAIL", &[verb, "INVALID_HOST", host], &why);
    }
    cx.happen(HostChange { user: target.id, by: cx.user().id, name: target.user.to_string(), host: host.to_owned() });
}

fn change_name(cx: &mut Cx<'_>, verb: &str, target: &User, name: &str) {
    let bytes_max = cx.settings.limits.user_bytes_max;
    if !(1..=bytes_max).contains(&name.len()) || !name.chars().all(user::is_name_character) {
        let why = format!("A user name has no special characters, and at most {bytes_max} bytes");
        return cx.say("FAIL", &[verb, "INVALID_USERNAME", name], &why);
    }
    cx.happen(HostChange { user: target.id, by: cx.user().id, name: name.to_owned(), host: target.host.to_string() });
}

impl Happening for HostChange {
    fn apply(&self, _at: Timestamp, world: &mut World, _settings: &Settings) -> Result<Heard, Stale> {
        let source = world.user(self.user).ok_or(Stale)?.source().clone();
        world.relocate(self.user, &self.name, &self.host)?;
        let user = world.user(self.user).ok_or(Stale)?;
        let channels = user.channels().iter().cloned().collect();
        Ok(Heard { channels, users: world.peers(user).into_iter().collect(), source, ..Heard::default() })
    }

    fn tell(&self, cause: &Cause<'_>, heard: &Heard, told: &mut Vec<Told>) {
        let user = cause.world.user(self.user).expect("whose host was changed is here");
        let at = cause.event.at;
        let line = Encoder::new().source(&heard.source).verb("CHGHOST").param(&self.name).param(&self.host);
        let line = Outgoing::new(at, line).id(&cause.event.id);
        // "Servers SHOULD also send the CHGHOST message to the client whose own username or host changed, if that client
        // also supports the chghost capability."
        let everybody = heard.users.iter().copied().chain([self.user]).collect();
        let everybody = Told::new(Audience::Users(everybody), line);
        told.push(everybody.needs(&capability::CHGHOST).and_watchers(self.user));
        let changed = heard.source.rsplit('@').next() != Some(&self.host);
        if changed {
            let reply = numeric::RPL_VISIBLEHOST.with(&[&self.host]);
            let line = reply.line(Encoder::new(), cause.server, user.nick.as_str());
            told.push(Told::new(Audience::Users(vec![self.user]), Outgoing::complete(at, line)));
        }
        // "When the capability is not enabled for other clients who share channels with the changed client, servers
        // SHOULD send fallback messages to simulate the client reconnecting."
        let line = Encoder::new().source(&heard.source).verb("QUIT");
        let line = Outgoing::with_text(at, line, "Changing host");
        let mut simulated = vec![Told::new(Audience::Users(heard.users.clone()), line)];
        for channel in heard.channels.iter().filter_map(|name| cause.world.channel(name.as_str())) {
            let others: Vec<UserId> = channel.viewers(self.user).into_iter().filter(|id| *id != self.user).collect();
            let lines = join::entry(user, &channel.name, at).into_iter().chain(ranks(cause, user, channel));
            simulated.extend(lines.map(|line| Told { to: Audience::Users(others.clone()), except: None, ..line }));
        }
        told.extend(simulated.into_iter().map(|line| line.lacks(&capability::CHGHOST)));
    }
}

/// The ranks of somebody who seems to have come anew, as the server gives them.
fn ranks(cause: &Cause<'_>, user: &User, channel: &Channel) -> Option<Told> {
    let held = channel.member(user.id).map(|member| member.ranks).unwrap_or_default();
    let letters: String = Rank::ALL.iter().filter(|row| held.has(row.0)).map(|row| row.1).collect();
    if letters.is_empty() {
        return None;
    }
    let line = Encoder::new().source(cause.server).verb("MODE").param(channel.name.as_str());
    let line = line.param(&format!("+{letters}"));
    let line = letters.chars().fold(line, |line, _| line.param(user.nick.as_str()));
    Some(Told::new(Audience::Channel(channel.name.clone()), Outgoing::new(cause.event.at, line)))
}
