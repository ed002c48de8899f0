//! What is known of a user or a channel besides has changed.

use wire::{ChannelName, Timestamp};

use super::sync::{Value, subscribes, tell};
use super::{Cause, Happening, Heard};
use crate::context::Cx;
use crate::outgoing::Told;
use crate::settings::Settings;
use crate::world::{Stale, UserId, World};

/// Keys have other values.
#[derive(Clone, Debug)]
pub struct MetadataChange {
    /// Who changed them.
    pub by: UserId,
    /// Whose they are.
    pub target: Target,
    /// The keys and their values; none for a key that has none any more.
    pub changes: Vec<(String, Option<String>)>,
}

/// Whose keys and values they are.
#[derive(Clone, Debug)]
pub enum Target {
    /// A user's.
    User(UserId),
    /// A channel's.
    Channel(ChannelName),
}

impl Happening for MetadataChange {
    fn apply(&self, _at: Timestamp, world: &mut World, settings: &Settings) -> Result<Heard, Stale> {
        world.user(self.by).ok_or(Stale)?;
        let metadata = match &self.target {
            Target::User(id) => world.metadata_mut(*id)?,
            Target::Channel(name) => &mut world.channel_mut(name)?.metadata,
        };
        let keys_max = settings.limits.metadata_keys_max;
        let mut changed = false;
        for (key, value) in &self.changes {
            changed |= metadata.put(key, value.as_deref(), keys_max);
        }
        if !changed {
            return Err(Stale);
        }
        let mut users: Vec<UserId> = match &self.target {
            Target::User(id) => {
                let user = world.user(*id).ok_or(Stale)?;
                world.peers(user).into_iter().chain([*id]).collect()
            }
            Target::Channel(name) => {
                world.channel(name.as_str()).ok_or(Stale)?.members().keys().copied().collect()
            }
        };
        // "… (excluding changes they make themselves)".
        users.retain(|id| *id != self.by);
        Ok(Heard { users, ..Heard::default() })
    }

    fn tell(&self, _cause: &Cause<'_>, _heard: &Heard, _told: &mut Vec<Told>) {}

    fn listeners(&self, heard: &Heard, _world: &World) -> Vec<UserId> {
        heard.users.clone()
    }

    fn watched(&self) -> Option<UserId> {
        match self.target {
            Target::User(id) => Some(id),
            Target::Channel(_) => None,
        }
    }

    fn tell_each(&self, cx: &mut Cx<'_>) {
        let world = cx.world;
        let source = world.user(self.by).expect("who changed it is here").source();
        let name = match &self.target {
            Target::User(id) => world.user(*id).expect("whose it is, is here").nick.as_str(),
            Target::Channel(name) => name.as_str(),
        };
        for (key, value) in &self.changes {
            if subscribes(cx, key) {
                tell(cx, source, &Value { target: name, key, value: value.as_deref() });
            }
        }
    }
}
