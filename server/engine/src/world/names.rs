//! How users and channels are called otherwise.

use wire::ChannelName;

use super::{Stale, UserId, World, user};

impl World {
    /// A channel gets another name, or its own in another case. Invitations follow it; one to a channel that had the
    /// new name before opens nothing.
    pub fn rename_channel(&mut self, from: &ChannelName, to: &ChannelName) -> Result<(), Stale> {
        let channel = self.channels.get(from.key()).ok_or(Stale)?;
        let taken = from != to && self.channels.contains_key(to.key());
        if taken || channel.name.as_str() == to.as_str() {
            return Err(Stale);
        }
        let mut channel = self.channels.remove(from.key()).ok_or(Stale)?;
        self.versions += 1;
        (channel.name, channel.version) = (to.clone(), self.versions);
        // A rare event: here a walk over all users does not matter.
        for user in self.users.values_mut() {
            user.invitations.retain(|invited| invited == from || invited != to);
            user.invitations.iter_mut().filter(|invited| *invited == from).for_each(|own| *own = to.clone());
            if user.channels.remove(from) {
                user.channels.insert(to.clone());
            }
        }
        self.channels.insert(to.key().clone(), channel);
        Ok(())
    }

    /// A user is seen with another user name or host.
    pub fn relocate(&mut self, id: UserId, name: &str, host: &str) -> Result<(), Stale> {
        let user = self.users.get_mut(&id).ok_or(Stale)?;
        if *user.user == *name && *user.host == *host {
            return Err(Stale);
        }
        (user.user, user.host) = (name.into(), host.into());
        user.source = user::source(&user.nick, name, host);
        Ok(())
    }
}
