//! A channel.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use wire::{Casemapping, ChannelName, Mask, Timestamp};

use crate::modes::{ChannelFlag, ChannelFlags, KEY, LIMIT, MaskList, Rank, Ranks};
use crate::world::metadata::Metadata;
use crate::world::user::{User, UserId};

/// A channel, for as long as somebody is in it.
#[derive(Clone, Debug)]
pub struct Channel {
    /// Its name, as its creator wrote it.
    pub name: ChannelName,
    /// When it was created.
    pub created: Timestamp,
    /// Its topic.
    pub topic: Option<Topic>,
    /// What is switched on.
    pub flags: ChannelFlags,
    /// The key that has to be known to join.
    pub key: Option<Arc<str>>,
    /// How many may be in it.
    pub limit: Option<u32>,
    /// Its lists of masks.
    pub lists: MaskLists,
    /// What is told of it besides.
    pub metadata: Metadata,
    pub(super) members: BTreeMap<UserId, Member>,
    pub(super) version: u64,
}

/// What a channel knows of a member.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Member {
    /// The ranks held.
    pub ranks: Ranks,
}

/// A topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// What it says. Never empty.
    pub text: Arc<str>,
    /// The nick of who set it.
    pub who: Arc<str>,
    /// When.
    pub at: Timestamp,
}

/// The masks of the three lists, in the order in which they were set.
#[derive(Clone, Debug, Default)]
pub struct MaskLists([Vec<Listed>; 3]);

/// A mask in a list.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Whom it covers.
    pub mask: Mask,
    /// Who set it.
    pub who: Arc<str>,
    /// When.
    pub at: Timestamp,
}

impl MaskLists {
    /// One list.
    pub fn of(&self, list: MaskList) -> &[Listed] {
        &self.0[list as usize]
    }

    /// Changes one list.
    pub fn of_mut(&mut self, list: MaskList) -> &mut Vec<Listed> {
        &mut self.0[list as usize]
    }

    /// Whether a user is covered by a list.
    pub fn covers(&self, list: MaskList, user: &User) -> bool {
        self.of(list).iter().any(|listed| listed.mask.covers(Casemapping::Ascii, user.source()))
    }
}

impl Channel {
    pub(super) fn new(name: ChannelName, created: Timestamp) -> Self {
        Self {
            name,
            created,
            topic: None,
            flags: ChannelFlags::of(&[ChannelFlag::NoExternal, ChannelFlag::TopicLock]),
            key: None,
            limit: None,
            lists: MaskLists::default(),
            metadata: Metadata::default(),
            members: BTreeMap::new(),
            version: 0,
        }
    }

    /// The members, in the order in which they connected.
    pub fn members(&self) -> &BTreeMap<UserId, Member> {
        &self.members
    }

    /// Changes whenever somebody comes or goes; never has a value it had before, nor one of another channel.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// A member.
    pub fn member(&self, user: UserId) -> Option<&Member> {
        self.members.get(&user)
    }

    /// Whether a user is in it.
    pub fn has(&self, user: UserId) -> bool {
        self.members.contains_key(&user)
    }

    /// The ranks of a member; none for one who is not in it.
    pub fn ranks(&self, user: UserId) -> Ranks {
        self.member(user).map_or(Ranks::default(), |member| member.ranks)
    }

    /// The member who connected next after another one, or first.
    pub fn member_after(&self, last: Option<UserId>) -> Option<UserId> {
        let after = (last.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded);
        self.members.range(after).map(|(id, _)| *id).next()
    }

    /// Whether a member has a rank or a higher one.
    pub fn reaches(&self, user: UserId, rank: Rank) -> bool {
        self.member(user).is_some_and(|member| member.ranks.reach(rank))
    }

    /// Whether those who are not in it may know of it.
    pub fn is_visible(&self) -> bool {
        !self.flags.has(ChannelFlag::Secret) && !self.flags.has(ChannelFlag::Private)
    }

    /// Whether what is said in it may be shown outside: anybody could come in and read along.
    pub fn is_public(&self) -> bool {
        self.is_visible() && !self.flags.has(ChannelFlag::InviteOnly) && self.key.is_none()
    }

    /// Whether a user is kept out by the bans.
    pub fn bans(&self, user: &User) -> bool {
        self.lists.covers(MaskList::Ban, user) && !self.lists.covers(MaskList::Exception, user)
    }

    /// The modes as 324 and 322 show them: letters, then parameters. The key is shown to members only.
    pub fn modes_for(&self, member: bool) -> String {
        let mut letters = format!("+{}", self.flags);
        let mut parameters = String::new();
        if let Some(key) = &self.key {
            letters.push(KEY);
            parameters.push(' ');
            parameters.push_str(if member { key } else { "*" });
        }
        if let Some(limit) = self.limit {
            letters.push(LIMIT);
            parameters.push_str(&format!(" {limit}"));
        }
        letters + &parameters
    }

    /// The symbol of 353: `@` secret, `*` private, `=` public.
    pub fn symbol(&self) -> &'static str {
        match () {
            () if self.flags.has(ChannelFlag::Secret) => "@",
            () if self.flags.has(ChannelFlag::Private) => "*",
            () => "=",
        }
    }
}
