//! The shared facts: who is here, who is where, who may what.
//!
//! **Invariant:** every link is kept in both directions, and only the moves below change them; [`World::check`] says
//! what holds after each.

mod bans;
mod channel;
mod check;
mod finding;
mod metadata;
mod names;
mod peers;
mod reading;
mod user;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Bound;

use wire::{ChannelName, Folded, Timestamp};

use crate::modes::{NoticeKind, NoticeKinds, Rank, Ranks, UserFlag};
use crate::named::{Lead, Named};
use crate::privileges::Privileges;
use crate::slots::Slots;

pub use bans::{Ban, BanKind, Bans, Visitor};
pub use channel::{Channel, Listed, MaskLists, Member, Topic};
pub use metadata::Metadata;
pub use reading::ReadMarks;
pub use user::{Invited, User, UserId};

/// What does not fit the world any more, or would change nothing: it did not happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stale;

/// Somebody who was here under a nick.
#[derive(Clone, Debug)]
pub struct Bygone {
    /// Its number: those who left later have greater ones.
    pub number: u64,
    /// As he was when he left or changed the nick.
    pub user: Box<User>,
    /// When that was.
    pub at: Timestamp,
}

/// Users, channels and the links between them.
#[derive(Clone, Debug, Default)]
pub struct World {
    users: Slots<UserId, User>,
    nicks: BTreeMap<Folded, UserId>,
    channels: Named<Channel>,
    /// The place of the channel that was looked for last: most of what happens concerns it again and again.
    latest: Lead,
    bans: Bans,
    bygone: VecDeque<Bygone>,
    /// Those who hear server notices.
    listeners: BTreeSet<UserId>,
    operators: usize,
    invisible: usize,
    versions: u64,
}

impl World {
    /// A user registers.
    pub fn enter(&mut self, user: User) -> Result<(), Stale> {
        if self.users.has(user.id) {
            return Err(Stale);
        }
        let Entry::Vacant(nick) = self.nicks.entry(user.nick.key().clone()) else { return Err(Stale) };
        nick.insert(user.id);
        self.users.insert(user.id, user);
        Ok(())
    }

    /// A user leaves all his channels and the server. Says which channels those were.
    pub fn leave(
        &mut self,
        id: UserId,
        at: Timestamp,
        bygone_max: usize,
    ) -> Result<BTreeSet<ChannelName>, Stale> {
        let mut user = self.users.remove(id).ok_or(Stale)?;
        let channels = std::mem::take(&mut user.channels);
        for name in &channels {
            self.vacate(id, name).expect("a user is a member of his channels");
        }
        self.nicks.remove(user.nick.key());
        self.listeners.remove(&id);
        self.operators -= usize::from(user.flags.has(UserFlag::Operator));
        self.invisible -= usize::from(user.flags.has(UserFlag::Invisible));
        self.remember(user, at, bygone_max);
        Ok(channels)
    }

    /// A user enters a channel, which comes into being if there is none; then he is its operator, and has the rank of
    /// those who open one.
    pub fn join(
        &mut self,
        id: UserId,
        name: &ChannelName,
        at: Timestamp,
        creator: Rank,
    ) -> Result<(), Stale> {
        let user = self.users.get_mut(id).ok_or(Stale)?;
        if self.channels.get(name.key()).is_none() {
            self.channels.insert(name.key(), |place| Channel::new(name.clone(), place, at));
        }
        let channel = self.channels.get_mut(name.key()).expect("it has just been made");
        if channel.members.contains_key(&id) {
            return Err(Stale);
        }
        let mut ranks = Ranks::default();
        if channel.members.is_empty() {
            ranks.add(Rank::Op);
            ranks.add(creator);
        }
        self.versions += 1;
        channel.moved(id, self.versions);
        channel.members.insert(id, Member { ranks, joined: self.versions, ranked_until: 0 });
        channel.arrived(at);
        user.channels.insert(channel.name.clone());
        user.invitations.change(|invitations| invitations.retain(|invited| invited.to != *name));
        Ok(())
    }

    /// A user leaves a channel, which ceases to be when it is empty.
    pub fn part(&mut self, id: UserId, name: &ChannelName) -> Result<(), Stale> {
        self.vacate(id, name)?;
        self.users.get_mut(id).expect("a member is a user").channels.remove(name);
        Ok(())
    }

    /// A user is invited to a channel. The oldest of too many invitations goes.
    pub fn invite(&mut self, id: UserId, invited: Invited, invitations_max: usize) -> Result<(), Stale> {
        let user = self.users.get_mut(id).ok_or(Stale)?;
        user.invitations.change(|invitations| {
            invitations.retain(|earlier| earlier.to != invited.to);
            invitations.push_back(invited);
            while invitations.len() > invitations_max {
                invitations.pop_front();
            }
        });
        Ok(())
    }

    /// A user asks to be invited to a channel.
    pub fn knock(&mut self, id: UserId, name: &ChannelName, at: Timestamp) -> Result<(), Stale> {
        let user = self.users.get_mut(id).ok_or(Stale)?;
        let channel = self.channels.get_mut(name.key()).ok_or(Stale)?;
        user.knocked = Some(at);
        channel.knocked = Some(at);
        Ok(())
    }

    /// Switches something on or off for a user. Who is no operator any more has lost what only operators have.
    pub fn flag(&mut self, id: UserId, flag: UserFlag, on: bool) -> Result<(), Stale> {
        if flag == UserFlag::Notices {
            return self.listen(id, if on { NoticeKinds::all() } else { NoticeKinds::NONE });
        }
        let user = self.users.get_mut(id).ok_or(Stale)?;
        if user.flags.has(flag) == on {
            return Err(Stale);
        }
        user.flags.put(flag, on);
        if flag == UserFlag::Operator {
            user.privileges = Privileges::NONE;
            // Stale if he heard none before.
            let _ = self.listen(id, NoticeKinds::NONE);
        }
        let count = match flag {
            UserFlag::Operator => &mut self.operators,
            UserFlag::Invisible => &mut self.invisible,
            UserFlag::Bot | UserFlag::NoCtcp | UserFlag::Notices | UserFlag::Wallops => return Ok(()),
        };
        if on {
            *count += 1;
        } else {
            *count -= 1;
        }
        Ok(())
    }

    /// A user hears other kinds of server notices than before.
    pub fn listen(&mut self, id: UserId, kinds: NoticeKinds) -> Result<(), Stale> {
        let user = self.users.get_mut(id).ok_or(Stale)?;
        if user.notices == kinds {
            return Err(Stale);
        }
        user.notices = kinds;
        let listens = kinds != NoticeKinds::NONE;
        user.flags.put(UserFlag::Notices, listens);
        if listens {
            self.listeners.insert(id);
        } else {
            self.listeners.remove(&id);
        }
        Ok(())
    }

    /// A user becomes an operator, or one with other privileges. Says whether he was none before.
    pub fn promote(&mut self, id: UserId, privileges: Privileges) -> Result<bool, Stale> {
        let promoted = self.flag(id, UserFlag::Operator, true).is_ok();
        let user = self.users.get_mut(id).ok_or(Stale)?;
        if !promoted && user.privileges == privileges {
            return Err(Stale);
        }
        user.privileges = privileges;
        Ok(promoted)
    }

    /// What a user tells of himself, to change it.
    pub fn metadata_mut(&mut self, id: UserId) -> Result<&mut Metadata, Stale> {
        self.users.get_mut(id).map(|user| &mut user.metadata).ok_or(Stale)
    }

    /// A user says something, perhaps in a channel.
    pub fn speak(&mut self, id: UserId, channel: Option<&ChannelName>, at: Timestamp) -> Result<(), Stale> {
        let place = channel.map(|channel| self.place_of(channel).ok_or(Stale)).transpose()?;
        self.users.get_mut(id).ok_or(Stale)?.spoke = at;
        if let Some(place) = place {
            self.channels.at_mut(place).heard(id, at);
        }
        Ok(())
    }

    /// A user goes away or comes back.
    pub fn set_away(&mut self, id: UserId, away: Option<&str>) -> Result<(), Stale> {
        let user = self.users.get_mut(id).ok_or(Stale)?;
        if user.away.as_deref() == away {
            return Err(Stale);
        }
        user.away = away.map(Into::into);
        Ok(())
    }

    /// A channel, to change its topic, modes, lists or ranks. Members come and go by [`World::join`] and
    /// [`World::part`] only.
    pub fn channel_mut(&mut self, name: &ChannelName) -> Result<&mut Channel, Stale> {
        self.channels.get_mut(name.key()).ok_or(Stale)
    }

    /// A member is given a rank, or it is taken from him.
    pub fn rank(&mut self, id: UserId, name: &ChannelName, rank: Rank, on: bool) -> Result<(), Stale> {
        let channel = self.channel_mut(name)?;
        let version = channel.version;
        let member = channel.members.get_mut(&id).ok_or(Stale)?;
        if member.ranks.has(rank) == on {
            return Err(Stale);
        }
        if on {
            member.ranks.add(rank);
            return Ok(());
        }
        member.ranks.remove(rank);
        if member.ranks.is_empty() {
            member.ranked_until = version;
        }
        Ok(())
    }

    /// A user.
    pub fn user(&self, id: UserId) -> Option<&User> {
        self.users.get(id)
    }

    /// The members of a channel, in the order in which they connected.
    pub fn members<'a>(&'a self, channel: &'a Channel) -> impl Iterator<Item = (&'a User, &'a Member)> {
        self.members_after(channel, None)
    }

    /// Those of them who connected after another one, or all.
    pub fn members_after<'a>(
        &'a self,
        channel: &'a Channel,
        last: Option<UserId>,
    ) -> impl Iterator<Item = (&'a User, &'a Member)> {
        let after = (last.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded);
        let members = channel.members.range(after);
        members.filter_map(|(id, member)| Some((self.users.get(*id)?, member)))
    }

    /// Every user, in the order in which they connected.
    pub fn users(&self) -> impl ExactSizeIterator<Item = &User> {
        self.users.values()
    }

    /// Every channel, in the order of the names.
    pub fn channels(&self) -> impl ExactSizeIterator<Item = &Channel> {
        self.channels.iter().map(|(_, channel)| channel)
    }

    /// The users who connected after another one, or all.
    pub fn users_after(&self, last: Option<UserId>) -> impl Iterator<Item = &User> {
        self.users.values_after(last)
    }

    /// The channels whose names come after another one, or all.
    pub fn channels_after(&self, last: Option<&Folded>) -> impl Iterator<Item = &Channel> {
        self.channels.after(last)
    }

    /// Everybody is gone; the bans stay.
    pub fn clear(&mut self) {
        *self = Self { bans: std::mem::take(&mut self.bans), ..Self::default() };
    }

    /// A ban of the server is set.
    pub fn ban(&mut self, ban: Ban, bans_max: usize) -> Result<(), Stale> {
        self.bans.set(ban, bans_max)
    }

    /// A ban of the server is lifted.
    pub fn lift_ban(&mut self, kind: BanKind, mask: &str) -> Result<Ban, Stale> {
        self.bans.lift(kind, mask)
    }

    /// The bans of the server.
    pub fn bans(&self) -> &Bans {
        &self.bans
    }

    /// Who hears server notices of a kind.
    pub fn listeners(&self, kind: NoticeKind) -> Vec<UserId> {
        let hears = |id: &&UserId| self.user(**id).is_some_and(|user| user.notices.has(kind));
        self.listeners.iter().filter(hears).copied().collect()
    }

    /// Whether anybody hears server notices.
    pub fn has_listeners(&self) -> bool {
        !self.listeners.is_empty()
    }

    /// How many operators there are.
    pub fn operators(&self) -> usize {
        self.operators
    }

    /// How many invisible users there are.
    pub fn invisible(&self) -> usize {
        self.invisible
    }

    /// The latest of those who had a nick that is looked for, or the latest before another one.
    pub fn bygone(&self, before: Option<u64>, wanted: impl Fn(&str) -> bool) -> Option<&Bygone> {
        let earlier = before
            .map_or(self.bygone.len(), |number| self.bygone.partition_point(|bygone| bygone.number < number));
        let bygone = self.bygone.range(..earlier).rev();
        bygone.into_iter().find(|bygone| wanted(bygone.user.nick.as_str()))
    }

    /// A member is none any more.
    fn vacate(&mut self, id: UserId, name: &ChannelName) -> Result<(), Stale> {
        let channel = self.channels.get_mut(name.key()).ok_or(Stale)?;
        channel.members.remove(&id).ok_or(Stale)?;
        self.versions += 1;
        channel.moved(id, self.versions);
        if channel.members.is_empty() {
            self.channels.remove(name.key());
        }
        Ok(())
    }

    fn remember(&mut self, user: Box<User>, at: Timestamp, bygone_max: usize) {
        let number = self.bygone.back().map_or(0, |bygone| bygone.number + 1);
        self.bygone.push_back(Bygone { number, user, at });
        while self.bygone.len() > bygone_max {
            self.bygone.pop_front();
        }
    }
}
