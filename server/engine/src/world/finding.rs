//! Who and what is found by a name.

use std::borrow::Cow;

use wire::{Casemapping, ChannelName};

use super::{Channel, User, World};

impl World {
    /// Who has a nick.
    pub fn user_named(&self, nick: &str) -> Option<&User> {
        let id = as_written_or_folded(nick, |nick| self.nicks.get(nick).copied())?;
        self.users.get(id)
    }

    /// A channel.
    pub fn channel(&self, name: &str) -> Option<&Channel> {
        let place = as_written_or_folded(name, |name| self.channels.place_of(name))?;
        self.latest.0.set(place);
        Some(self.channels.at(place))
    }

    /// The channel of a name.
    pub fn channel_of(&self, name: &ChannelName) -> Option<&Channel> {
        self.place_of(name).map(|place| self.channels.at(place))
    }

    /// Where the channel of a name is.
    #[inline]
    pub(super) fn place_of(&self, name: &ChannelName) -> Option<usize> {
        let place = self.channels.place(name.key(), self.latest.0.get())?;
        self.latest.0.set(place);
        Some(place)
    }
}

/// Looks for a name as it is written, as most are found, and then in lower case.
#[inline]
fn as_written_or_folded<T>(name: &str, find: impl Fn(&str) -> Option<T>) -> Option<T> {
    find(name).or_else(|| match Casemapping::Ascii.folded(name) {
        Cow::Borrowed(_) => None,
        Cow::Owned(folded) => find(&folded),
    })
}
