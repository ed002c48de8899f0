//! Who shares channels with whom, and may know it.

use std::collections::BTreeSet;

use super::{User, UserId, World};
use crate::modes::ChannelFlag;

impl World {
    /// Whether all who share a channel with a user may know it: none of his is an auditorium.
    pub fn is_seen_everywhere(&self, user: &User) -> bool {
        let mut channels = user.channels.iter().filter_map(|name| self.channels.get(name.key()));
        channels.all(|channel| !channel.flags.has(ChannelFlag::Auditorium))
    }

    /// Those who share a channel with a user and may know it, himself excepted: they hear what he does.
    pub fn peers(&self, user: &User) -> BTreeSet<UserId> {
        let channels = user.channels.iter().filter_map(|name| self.channels.get(name.key()));
        let mut peers: BTreeSet<UserId> =
            channels.flat_map(|channel| channel.acquaintances(user.id)).collect();
        peers.remove(&user.id);
        peers
    }

    /// Whether two users share a channel in which the first sees the second.
    pub fn share_channel(&self, asker: &User, other: &User) -> bool {
        let mut shared = asker.channels.intersection(&other.channels);
        shared.any(|name| {
            self.channels.get(name.key()).is_some_and(|channel| channel.shows(other.id, asker.id))
        })
    }
}
