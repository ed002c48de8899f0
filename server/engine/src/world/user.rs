//! A user.

use std::collections::{BTreeSet, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;

use wire::{ChannelName, Nick, Timestamp};

use crate::modes::{NoticeKinds, UserFlags};
use crate::privileges::Privileges;
use crate::rare::Rare;
use crate::world::metadata::Metadata;
use crate::world::reading::ReadMarks;

/// A user, for as long as he is here. Never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(pub u64);

/// Somebody who has registered.
#[derive(Clone, Debug)]
pub struct User {
    /// Who.
    pub id: UserId,
    /// The nick.
    pub nick: Nick,
    /// The user name.
    pub user: Arc<str>,
    /// The host that others see.
    pub host: Arc<str>,
    /// The host he comes from: what others see until an operator changes it.
    pub origin: Arc<str>,
    /// The address he comes from, if there is one. Shown to himself and to operators.
    pub address: Option<IpAddr>,
    /// The real name.
    pub realname: Arc<str>,
    /// Whether nobody between can read along.
    pub secure: bool,
    /// When he registered.
    pub signed_on: Timestamp,
    /// When he last said something, or registered.
    pub spoke: Timestamp,
    /// What is switched on.
    pub flags: UserFlags,
    /// Why he is away, if he is.
    pub away: Option<Arc<str>>,
    /// What he tells of himself besides.
    pub metadata: Metadata,
    /// Up to where he has read. Shown to himself only.
    pub read_marks: ReadMarks,
    pub(super) privileges: Privileges,
    pub(super) notices: NoticeKinds,
    /// When he last asked to be invited somewhere.
    pub knocked: Option<Timestamp>,
    pub(super) source: Arc<str>,
    pub(super) channels: BTreeSet<ChannelName>,
    pub(super) invitations: Rare<VecDeque<Invited>>,
}

/// What is kept for each user, besides names and channels.
const _: () = assert!(size_of::<User>() <= 248);

impl User {
    /// A user who is in no channel.
    pub fn new(
        id: UserId,
        nick: Nick,
        user: impl Into<Arc<str>>,
        host: Arc<str>,
        realname: impl Into<Arc<str>>,
        signed_on: Timestamp,
    ) -> Self {
        let user = user.into();
        let source = source(&nick, &user, &host);
        Self {
            id,
            nick,
            user,
            origin: host.clone(),
            host,
            address: None,
            realname: realname.into(),
            secure: false,
            signed_on,
            spoke: signed_on,
            flags: UserFlags::default(),
            away: None,
            metadata: Metadata::default(),
            read_marks: ReadMarks::default(),
            privileges: Privileges::NONE,
            notices: NoticeKinds::NONE,
            knocked: None,
            source,
            channels: BTreeSet::new(),
            invitations: Rare::default(),
        }
    }

    /// `nick!user@host`.
    pub fn source(&self) -> &Arc<str> {
        &self.source
    }

    /// What he may do as an operator; nothing if he is none.
    pub fn privileges(&self) -> Privileges {
        self.privileges
    }

    /// Which server notices he hears.
    pub fn notices(&self) -> NoticeKinds {
        self.notices
    }

    /// The channels he is in.
    pub fn channels(&self) -> &BTreeSet<ChannelName> {
        &self.channels
    }

    /// The channels he was invited to, oldest first.
    pub fn invitations(&self) -> impl Iterator<Item = &ChannelName> {
        self.invitations.get().into_iter().flatten().map(|invited| &invited.to)
    }

    /// His invitation to a channel, if he was invited and has not joined it since.
    pub fn invitation(&self, channel: &ChannelName) -> Option<&Invited> {
        self.invitations.get()?.iter().find(|invited| invited.to == *channel)
    }
}

/// An invitation to a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invited {
    /// The channel.
    pub to: ChannelName,
    /// Whether one of those who can invite to a closed channel has invited him: that opens all that is closed.
    pub by_operator: bool,
}

pub(super) fn source(nick: &Nick, user: &str, host: &str) -> Arc<str> {
    let mut source = String::with_capacity(nick.as_str().len() + user.len() + host.len() + "!@".len());
    source.push_str(nick.as_str());
    source.push('!');
    source.push_str(user);
    source.push('@');
    source.push_str(host);
    source.into()
}
