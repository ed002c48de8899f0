//! A channel.

use std::collections::BTreeMap;
use std::sync::Arc;

use wire::{ChannelName, Timestamp};

use crate::bans::{BanMask, Deed, Subject};
use crate::modes::{ChannelFlag, ChannelFlags, MaskList, Rank, Ranks};
use crate::parameters::{FORWARD, KEY, LIMIT, Pace, SLOW, Setting, THROTTLE};
use crate::world::World;
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
    /// Its lists of masks.
    pub lists: MaskLists,
    /// What is told of it besides.
    pub metadata: Metadata,
    /// A small number that no other channel has at the same time.
    pub(super) place: usize,
    pub(super) members: BTreeMap<UserId, Member>,
    pub(super) version: u64,
    /// The version before, and who came or went since; nobody if it was something else that changed.
    pub(super) latest: Option<(u64, UserId)>,
    /// The last version up to which everybody saw everybody: those who had entered by then are acquainted.
    pub(super) open_until: u64,
    /// When somebody last knocked.
    pub(super) knocked: Option<Timestamp>,
    settings: BTreeMap<char, Setting>,
    arrivals: Arrivals,
    /// Those without a rank who spoke lately, in slow mode: also those who have left since, so that leaving does not
    /// make one free.
    spoke: BTreeMap<UserId, Timestamp>,
}

/// What a channel knows of a member.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Member {
    /// The ranks held.
    pub ranks: Ranks,
    /// The version of the channel with which he entered.
    pub(super) joined: u64,
    /// The last version up to which he has had a rank, if he has none now: with those who had entered by then he is
    /// acquainted.
    pub(super) ranked_until: u64,
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
    pub mask: BanMask,
    /// Who set it.
    pub who: Arc<str>,
    /// When.
    pub at: Timestamp,
}

/// Those who may have to wait, remembered in a channel in slow mode; who spoke first goes for a new one.
const SPOKE_MAX: usize = 10_000;

/// How many have entered since when.
#[derive(Clone, Copy, Debug, Default)]
struct Arrivals {
    since: Timestamp,
    count: u32,
}

impl Arrivals {
    /// How many of them count at a time.
    fn within(self, pace: Pace, now: Timestamp) -> u32 {
        let passed_ms = now.0.checked_sub(self.since.0);
        let counts = passed_ms.is_some_and(|passed| passed < u64::from(pace.seconds) * 1000);
        if counts { self.count } else { 0 }
    }

    fn add(&mut self, pace: Pace, at: Timestamp) {
        match self.within(pace, at) {
            0 => *self = Self { since: at, count: 1 },
            count => self.count = count + 1,
        }
    }
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

    /// Whether a list covers somebody in what he wants to do. A mask that says nothing else is about entering and
    /// speaking; an exception is one from all.
    pub(crate) fn cover(&self, list: MaskList, deed: Deed, subject: &Subject<'_>) -> bool {
        let concerns = |about: Option<Deed>| match about {
            Some(about) => about == deed,
            None => deed != Deed::Rename || list != MaskList::Ban,
        };
        self.of(list).iter().any(|listed| concerns(listed.mask.about()) && listed.mask.covers(subject))
    }
}

impl Channel {
    pub(super) fn new(name: ChannelName, place: usize, created: Timestamp) -> Self {
        Self {
            name,
            created,
            topic: None,
            flags: ChannelFlags::of(&[ChannelFlag::NoExternal, ChannelFlag::TopicLock]),
            lists: MaskLists::default(),
            metadata: Metadata::default(),
            place,
            members: BTreeMap::new(),
            version: 0,
            latest: None,
            open_until: 0,
            knocked: None,
            settings: BTreeMap::new(),
            arrivals: Arrivals::default(),
            spoke: BTreeMap::new(),
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

    /// A small number that no other channel has at the same time.
    pub(crate) fn place(&self) -> usize {
        self.place
    }

    /// Who came or went last, if nothing else has changed since a version.
    pub(crate) fn moved_since(&self, version: u64) -> Option<UserId> {
        self.latest.filter(|(before, _)| *before == version).map(|(_, user)| user)
    }

    /// Somebody comes or goes, by which it has another version.
    pub(super) fn moved(&mut self, user: UserId, version: u64) {
        self.latest = Some((self.version, user));
        self.version = version;
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

    /// Whether a member has a rank or a higher one.
    pub fn reaches(&self, user: UserId, rank: Rank) -> bool {
        self.member(user).is_some_and(|member| member.ranks.reach(rank))
    }

    /// Whether somebody may see that a member is in it. In an auditorium those with a rank see all and are seen by all.
    pub fn shows(&self, member: UserId, to: UserId) -> bool {
        let ranked = |user| !self.ranks(user).is_empty();
        !self.flags.has(ChannelFlag::Auditorium) || to == member || ranked(member) || ranked(to)
    }

    /// Whether somebody may have seen that a member is in it, now or before: then he has to hear when that changes, for
    /// his client will show the member until then.
    pub fn acquainted(&self, member: UserId, with: UserId) -> bool {
        if self.shows(member, with) {
            return true;
        }
        let (Some(one), Some(other)) = (self.member(member), self.member(with)) else { return false };
        one.joined <= other.ranked_until
            || other.joined <= one.ranked_until
            || one.joined.max(other.joined) <= self.open_until
    }

    /// Those who see that a member is in it, himself among them.
    pub(crate) fn viewers(&self, member: UserId) -> Vec<UserId> {
        self.members.keys().copied().filter(|viewer| self.shows(member, *viewer)).collect()
    }

    /// Those who hear when a member goes, himself among them.
    pub(crate) fn acquaintances(&self, member: UserId) -> Vec<UserId> {
        self.members.keys().copied().filter(|other| self.acquainted(member, *other)).collect()
    }

    /// Switches something on or off; says whether that changed anything.
    pub(crate) fn switch(&mut self, flag: ChannelFlag, on: bool) -> bool {
        if self.flags.has(flag) == on {
            return false;
        }
        if flag == ChannelFlag::Auditorium && on {
            self.open_until = self.version;
        }
        self.flags.put(flag, on);
        true
    }

    /// Whether those who are not in it may know of it.
    pub fn is_visible(&self) -> bool {
        !self.flags.has(ChannelFlag::Secret) && !self.flags.has(ChannelFlag::Private)
    }

    /// Whether what is said in it may be shown outside: anybody could come in and read along.
    pub fn is_public(&self) -> bool {
        self.is_visible() && !self.flags.has(ChannelFlag::InviteOnly) && self.key().is_none()
    }

    /// Whether a user is kept from something by the bans.
    pub(crate) fn bans(&self, deed: Deed, user: &User, world: &World) -> bool {
        if self.lists.of(MaskList::Ban).is_empty() {
            return false;
        }
        let subject = Subject::new(user, world);
        let cover = |list| self.lists.cover(list, deed, &subject);
        cover(MaskList::Ban) && !cover(MaskList::Exception)
    }

    /// Whether a user needs no invitation.
    pub(crate) fn excepts(&self, user: &User, world: &World) -> bool {
        self.lists.cover(MaskList::InviteException, Deed::Join, &Subject::new(user, world))
    }

    /// The modes as 324 and 322 show them: letters, then parameters. The key is shown to members only.
    pub fn modes_for(&self, member: bool) -> String {
        let mut letters = format!("+{}", self.flags);
        let mut parameters = String::new();
        for (letter, setting) in &self.settings {
            letters.push(*letter);
            parameters.push(' ');
            match setting {
                Setting::Key(_) if !member => parameters.push('*'),
                setting => parameters.push_str(&setting.to_string()),
            }
        }
        letters + &parameters
    }

    /// What it is set to, by the letters of the modes.
    pub fn settings(&self) -> &BTreeMap<char, Setting> {
        &self.settings
    }

    /// Sets a mode with a parameter, or clears it; says whether that changed anything.
    pub(crate) fn set(&mut self, letter: char, setting: Option<Setting>) -> bool {
        if self.settings.get(&letter) == setting.as_ref() {
            return false;
        }
        match letter {
            THROTTLE => self.arrivals = Arrivals::default(),
            SLOW if setting.is_none() => self.spoke.clear(),
            _ => {}
        }
        match setting {
            Some(setting) => drop(self.settings.insert(letter, setting)),
            None => drop(self.settings.remove(&letter)),
        }
        true
    }

    /// The key that has to be known to join.
    pub fn key(&self) -> Option<&str> {
        match self.settings.get(&KEY) {
            Some(Setting::Key(key)) => Some(key),
            _ => None,
        }
    }

    /// Whether no more fit in.
    pub fn is_full(&self) -> bool {
        let limit = match self.settings.get(&LIMIT) {
            Some(Setting::Limit(limit)) => *limit as usize,
            _ => return false,
        };
        self.members.len() >= limit
    }

    /// Where those are sent who may not enter.
    pub fn forward(&self) -> Option<&ChannelName> {
        match self.settings.get(&FORWARD) {
            Some(Setting::Forward(name)) => Some(name),
            _ => None,
        }
    }

    /// Whether too many have entered lately for one more now.
    pub fn is_throttled(&self, now: Timestamp) -> bool {
        self.pace().is_some_and(|pace| self.arrivals.within(pace, now) >= pace.count)
    }

    /// When somebody last asked to be invited.
    pub fn knocked(&self) -> Option<Timestamp> {
        self.knocked
    }

    /// How many seconds somebody still has to wait before he says more, if he has to.
    pub fn must_wait(&self, user: UserId, now: Timestamp) -> Option<u64> {
        let span_ms = self.slow_ms()?;
        let passed_ms = now.0.saturating_sub(self.spoke.get(&user)?.0);
        (passed_ms < span_ms).then(|| (span_ms - passed_ms).div_ceil(1000))
    }

    /// Somebody entered.
    pub(super) fn arrived(&mut self, at: Timestamp) {
        if let Some(pace) = self.pace() {
            self.arrivals.add(pace, at);
        }
    }

    /// Somebody said something: whoever has no rank has to wait after it, if it is set so.
    pub(crate) fn heard(&mut self, user: UserId, at: Timestamp) {
        let Some(span_ms) = self.slow_ms() else { return };
        if self.reaches(user, Rank::Voice) {
            return;
        }
        self.spoke.retain(|_, spoke| at.0.saturating_sub(spoke.0) < span_ms);
        if self.spoke.len() >= SPOKE_MAX
            && let Some(first) = self.spoke.iter().min_by_key(|(_, at)| **at).map(|(id, _)| *id)
        {
            self.spoke.remove(&first);
        }
        self.spoke.insert(user, at);
    }

    fn pace(&self) -> Option<Pace> {
        match self.settings.get(&THROTTLE) {
            Some(Setting::Throttle(pace)) => Some(*pace),
            _ => None,
        }
    }

    fn slow_ms(&self) -> Option<u64> {
        match self.settings.get(&SLOW) {
            Some(Setting::Slow(seconds)) => Some(u64::from(*seconds) * 1000),
            _ => None,
        }
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
