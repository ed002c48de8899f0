//! What was said in the channels, bounded per channel.

use std::collections::{BTreeMap, VecDeque};

use wire::{ChannelName, Folded, Timestamp};

use crate::event::Said;
use crate::world::Channel;

/// The latest messages of each channel. A channel without members keeps them, if anybody could have read them.
#[derive(Clone, Debug, Default)]
pub struct History {
    channels: BTreeMap<Folded, Kept>,
}

#[derive(Clone, Debug, Default)]
struct Kept {
    said: VecDeque<Said>,
    /// Whether the channel has members.
    alive: bool,
    /// Whether anybody could have come in and read along.
    public: bool,
}

impl History {
    /// Something was said in a channel. Of more than `lines_max` messages the oldest goes.
    pub fn add(&mut self, channel: &ChannelName, said: Said, lines_max: usize) {
        if lines_max == 0 {
            return;
        }
        let kept = self.channels.entry(channel.key().clone()).or_default();
        kept.alive = true;
        while kept.said.len() >= lines_max {
            kept.said.pop_front();
        }
        kept.said.push_back(said);
    }

    /// Takes back what an earlier run left of a channel.
    pub fn restore(&mut self, channel: &ChannelName, said: Vec<Said>, lines_max: usize) {
        for said in said {
            self.add(channel, said, lines_max);
        }
        if let Some(kept) = self.channels.get_mut(channel.key()) {
            kept.public = true;
            kept.alive = false;
        }
    }

    /// Something changed in a channel that has members.
    pub fn wake(&mut self, channel: &Channel) {
        if let Some(kept) = self.channels.get_mut(channel.name.key()) {
            kept.alive = true;
            kept.public = channel.is_public();
        }
    }

    /// A channel has no members any more. What was not public goes with them: nobody who opens a channel of the same
    /// name may read it.
    pub fn rest(&mut self, channel: &ChannelName) {
        let Some(kept) = self.channels.get_mut(channel.key()) else { return };
        kept.alive = false;
        if !kept.public {
            self.channels.remove(channel.key());
        }
    }

    /// Of too many channels without members those go that were silent longest.
    pub fn bound(&mut self, resting_max: usize) {
        let resting = self.channels.values().filter(|kept| !kept.alive).count();
        for _ in resting_max..resting {
            let latest = |kept: &Kept| kept.said.back().map_or(Timestamp(0), |said| said.at);
            let silent =
                self.channels.iter().filter(|(_, kept)| !kept.alive).min_by_key(|(_, kept)| latest(kept));
            let Some(key) = silent.map(|(key, _)| key.clone()) else { return };
            self.channels.remove(&key);
        }
    }

    /// All messages of a channel, oldest first.
    pub fn all(&self, channel: &ChannelName) -> impl DoubleEndedIterator<Item = &Said> {
        self.channels.get(channel.key()).into_iter().flat_map(|kept| &kept.said)
    }

    /// The last messages of a channel, oldest first.
    pub fn last(&self, channel: &ChannelName, count: usize) -> impl Iterator<Item = &Said> {
        let said = self.channels.get(channel.key()).map(|kept| &kept.said);
        let skip = said.map_or(0, |said| said.len().saturating_sub(count));
        said.into_iter().flatten().skip(skip)
    }
}
