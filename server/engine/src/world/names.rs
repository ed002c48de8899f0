//! How users and channels are called otherwise.

use wire::{ChannelName, Nick, Timestamp};

use super::{Stale, UserId, World, user};

impl World {
    /// A user takes another nick, or writes his own in another way.
    pub fn rename(&mut self, id: UserId, nick: Nick, at: Timestamp, bygone_max: usize) -> Result<(), Stale> {
        if self.nicks.get(nick.key()).is_some_and(|other| *other != id) {
            return Err(Stale);
        }
        let user = self.users.get_mut(id).ok_or(Stale)?;
        if user.nick.as_str() == nick.as_str() {
            return Err(Stale);
        }
        self.nicks.remove(user.nick.key());
        self.nicks.insert(nick.key().clone(), id);
        let before = Box::new(user.clone());
        user.source = user::source(&nick, &user.user, &user.host);
        user.nick = nick;
        self.remember(before, at, bygone_max);
        Ok(())
    }

    /// A user writes his real name in another way.
    pub fn set_realname(&mut self, id: UserId, realname: &str) -> Result<(), Stale> {
        let user = self.users.get_mut(id).ok_or(Stale)?;
        if *user.realname == *realname {
            return Err(Stale);
        }
        user.realname = realname.into();
        Ok(())
    }

    /// A channel gets another name, or its own in another case. Invitations follow it; one to a channel that had the
    /// new name before opens nothing.
    pub fn rename_channel(&mut self, from: &ChannelName, to: &ChannelName) -> Result<(), Stale> {
        let channel = self.channels.get(from.key()).ok_or(Stale)?;
        let taken = from != to && self.channels.get(to.key()).is_some();
        if taken || channel.name.as_str() == to.as_str() {
            return Err(Stale);
        }
        let mut channel = self.channels.remove(from.key()).ok_or(Stale)?;
        self.versions += 1;
        (channel.name, channel.version, channel.latest) = (to.clone(), self.versions, None);
        // A rare event: here a walk over all users does not matter.
        for user in self.users.values_mut() {
            user.invitations.change(|invitations| {
                invitations.retain(|invited| invited.to == *from || invited.to != *to);
                invitations.iter_mut().filter(|own| own.to == *from).for_each(|own| own.to = to.clone());
            });
            user.read_marks.rename(from.key(), to.key());
            if user.channels.remove(from) {
                user.channels.insert(to.clone());
            }
        }
        self.channels.insert(to.key(), |place| {
            channel.place = place;
            channel
        });
        Ok(())
    }

    /// A user is seen with another user name or host.
    pub fn relocate(&mut self, id: UserId, name: &str, host: &str) -> Result<(), Stale> {
        let user = self.users.get_mut(id).ok_or(Stale)?;
        if *user.user == *name && *user.host == *host {
            return Err(Stale);
        }
        (user.user, user.host) = (name.into(), host.into());
        user.source = user::source(&user.nick, name, host);
        Ok(())
    }
}
