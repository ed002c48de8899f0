//! What was said and done in the channels and between people, bounded in every direction.

mod direct;
mod log;

use std::collections::BTreeSet;

use wire::{ChannelName, Folded, Timestamp};

use crate::commands::{Redaction, Whereabouts};
use crate::event::Past;
use crate::named::{Leads, Named};
use crate::settings::Settings;
use crate::world::{Channel, UserId};

use direct::Conversations;
pub use log::{Log, Page, Part, Point};

/// The latest messages and events of each channel, and of each two who talk to each other. A channel without members
/// keeps what anybody could have read.
#[derive(Clone, Debug, Default)]
pub struct History {
    channels: Named<Kept>,
    leads: Leads,
    /// The channels without members, by when something was said there last.
    resting: BTreeSet<(Timestamp, Folded)>,
    direct: Conversations,
}

#[derive(Clone, Debug, Default)]
struct Kept {
    log: Log,
    /// Whether anybody could have come in and read along.
    public: bool,
    /// Under which moment it is listed, if it has no members.
    rests: Option<Timestamp>,
}

impl Kept {
    /// Something changed in a channel that has members.
    fn wake(&mut self, channel: &Channel, resting: &mut BTreeSet<(Timestamp, Folded)>) {
        self.public = channel.is_public();
        if let Some(at) = self.rests.take() {
            resting.remove(&(at, channel.name.key().clone()));
        }
    }
}

impl History {
    /// Something was seen in a channel, or changed it: `channel` as it is now, if it has members.
    pub(crate) fn add(
        &mut self,
        name: &ChannelName,
        channel: Option<&Channel>,
        past: Past,
        settings: &Settings,
    ) {
        let kept_max = match past.said() {
            Some(_) => settings.history_lines_max,
            None => settings.history_events_max,
        };
        if kept_max == 0 {
            return channel.map_or((), |channel| self.wake(channel));
        }
        let kept = match channel {
            Some(channel) => {
                let kept = self.leads.follow(channel.place(), name.key(), &mut self.channels, Kept::default);
                kept.wake(channel, &mut self.resting);
                kept
            }
            None => self.channels.get_or_default(name.key()),
        };
        kept.log.add(past, kept.public, settings.history_lines_max, settings.history_events_max);
    }

    /// Somebody said something to one user.
    pub(crate) fn add_direct(&mut self, past: Past, settings: &Settings) {
        self.direct.add(past, settings);
    }

    /// Takes back what an earlier run left of a channel.
    pub(crate) fn restore(&mut self, channel: &ChannelName, pasts: Vec<Past>, settings: &Settings) {
        let kept = self.channels.get_or_default(channel.key());
        kept.public = true;
        for past in pasts {
            kept.log.add(past, true, settings.history_lines_max, settings.history_events_max);
        }
        self.rest(channel);
        self.bound(settings.history_channels_max);
    }

    /// Something changed in a channel that has members.
    pub(crate) fn wake(&mut self, channel: &Channel) {
        if let Some(kept) = self.channels.get_mut(channel.name.key()) {
            kept.wake(channel, &mut self.resting);
        }
    }

    /// A channel has no members any more. What was not public goes with them: nobody who opens a channel of the same
    /// name may read it.
    pub(crate) fn rest(&mut self, channel: &ChannelName) {
        let Some(kept) = self.channels.get_mut(channel.key()) else { return };
        if kept.public {
            kept.log.keep_public();
        }
        match kept.log.spoken().filter(|_| kept.public) {
            Some(at) => {
                kept.rests = Some(at);
                self.resting.insert((at, channel.key().clone()));
            }
            None => drop(self.channels.remove(channel.key())),
        }
    }

    /// Of too many channels without members those go that were silent longest.
    pub(crate) fn bound(&mut self, resting_max: usize) {
        while self.resting.len() > resting_max {
            let Some((_, key)) = self.resting.pop_first() else { return };
            self.channels.remove(&key);
        }
    }

    /// A channel has another name: what was said in it is found under that one, and gives way there to nothing that was
    /// said before.
    pub(crate) fn rename(&mut self, from: &ChannelName, to: &ChannelName) {
        let kept = self.channels.remove(from.key());
        let before = self.channels.remove(to.key());
        if let Some(kept) = kept {
            self.channels.insert(to.key(), |_| kept);
        }
        if let Some(at) = before.and_then(|kept| kept.rests) {
            self.resting.remove(&(at, to.key().clone()));
        }
    }

    /// A message is taken back.
    pub(crate) fn redact(&mut self, redaction: &Redaction) {
        match &redaction.place {
            Whereabouts::Channel(channel) => {
                if let Some(kept) = self.channels.get_mut(channel.key()) {
                    kept.log.remove(&redaction.id);
                }
            }
            Whereabouts::Direct(other) => self.direct.remove(redaction.by, other.user, &redaction.id),
        }
    }

    /// A user is gone.
    pub(crate) fn depart(&mut self, user: UserId) {
        self.direct.depart(user);
    }

    /// What was said and done in a channel.
    pub fn channel(&self, channel: &ChannelName) -> Option<&Log> {
        self.channels.get(channel.key()).map(|kept| &kept.log)
    }

    /// What two users said to each other.
    pub fn between(&self, one: UserId, other: UserId) -> Option<&Log> {
        self.direct.between(one, other)
    }

    /// With whom a user spoke who is here, how they were called then, and what was said.
    pub(crate) fn partners(&self, user: UserId) -> impl Iterator<Item = (UserId, &str, &Log)> {
        self.direct.of(user)
    }

    /// Who of those who are gone had a nick when a user last spoke with him, and how he wrote it.
    pub(crate) fn former(&self, user: UserId, nick: &str) -> Option<(UserId, &str)> {
        self.direct.former(user, nick)
    }

    /// Asserts what holds after every input.
    pub(crate) fn check(&self, has_members: impl Fn(&str) -> bool, is_here: impl Fn(UserId) -> bool) {
        self.channels.check();
        for (key, kept) in self.channels.iter() {
            assert_eq!(
                kept.rests.is_none(),
                has_members(key.as_str()),
                "{} rests without members",
                key.as_str()
            );
        }
        let listed: BTreeSet<_> =
            self.channels.iter().filter_map(|(key, kept)| Some((kept.rests?, key.clone()))).collect();
        assert_eq!(listed, self.resting, "those that rest are listed");
        self.direct.check(is_here);
    }
}
