//! Bans of the whole server: who may not come in, not be called so, or not speak.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::ops::Bound;
use std::sync::Arc;

use wire::{Casemapping, Folded, Mask, Network, Timestamp, glob};

use super::{Stale, User};

/// Bytes of the mask of a ban. Longer ones are refused.
const MASK_BYTES_MAX: usize = 160;

/// Characters other than wildcards that a mask must have, so that a slip does not ban everybody.
const LITERALS_MIN: usize = 3;

/// The widest network that can be banned, in leading bits.
const NETWORK_BITS_MIN: u8 = 8;

/// What a ban is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BanKind {
    /// `user@host`: may not be here.
    User,
    /// An address or a network: may not be here, and is turned away as soon as it connects.
    Address,
    /// A real name, or all of `nick!user@host#real name`: may not be here.
    Person,
    /// A nick or a channel: may not be taken.
    Name,
    /// `nick!user@host`: may be here and not speak.
    Mute,
}

impl BanKind {
    /// Every kind: the command that sets one, what people call it, and its letter in STATS.
    #[rustfmt::skip]
    pub const ALL: [(Self, &'static str, &'static str, char); 5] = [
        (Self::User,    "KLINE", "K-line", 'K'),
        (Self::Address, "DLINE", "D-line", 'D'),
        (Self::Person,  "XLINE", "X-line", 'X'),
        (Self::Name,    "RESV",  "RESV",   'Q'),
        (Self::Mute,    "SHUN",  "shun",   'S'),
    ];

    /// Those that keep somebody out.
    pub const EXCLUDING: [Self; 3] = [Self::User, Self::Address, Self::Person];

    /// The kind that a command sets.
    pub fn of_verb(verb: &str) -> Option<Self> {
        Self::ALL.iter().find(|row| row.1 == verb).map(|row| row.0)
    }

    /// The command that sets one.
    pub fn verb(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// What people call it.
    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].2
    }

    /// The letter in STATS.
    pub fn letter(self) -> char {
        Self::ALL[self as usize].3
    }

    /// The mask that is meant by what was written; nothing if it is none, or so wide that it can only be a slip.
    pub fn mask(self, written: &str) -> Option<String> {
        let mask = match self {
            Self::User if written.contains('!') => return None,
            Self::User => match written.split_once('@') {
                Some((user, host)) => format!("{}@{}", or_all(user), or_all(host)),
                None => format!("*@{written}"),
            },
            Self::Address => return network(written),
            Self::Person | Self::Name => written.to_owned(),
            Self::Mute => Mask::complete(written).to_string(),
        };
        let literals = mask.chars().filter(|c| !matches!(c, '*' | '?' | '@' | '!' | '.' | ':')).count();
        let literals_min = if self == Self::Name { 1 } else { LITERALS_MIN };
        let fits = mask.len() <= MASK_BYTES_MAX && !mask.contains([' ', '\r', '\n', '\0']);
        (fits && literals >= literals_min).then_some(mask)
    }
}

/// A ban.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ban {
    /// What it is over.
    pub kind: BanKind,
    /// Whom it covers.
    pub mask: Arc<str>,
    /// Why.
    pub reason: Arc<str>,
    /// Who set it.
    pub by: Arc<str>,
    /// When.
    pub at: Timestamp,
    /// When it ends by itself; never without.
    pub until: Option<Timestamp>,
}

/// Somebody who is here or wants to be.
#[derive(Clone, Copy, Debug)]
pub struct Visitor<'a> {
    /// The nick.
    pub nick: &'a str,
    /// The user name.
    pub user: &'a str,
    /// The host that others see.
    pub host: &'a str,
    /// The host he comes from.
    pub origin: &'a str,
    /// The address he comes from, if there is one.
    pub address: Option<IpAddr>,
    /// The real name.
    pub realname: &'a str,
}

impl<'a> From<&'a User> for Visitor<'a> {
    fn from(user: &'a User) -> Self {
        let User { nick, user: name, host, origin, address, realname, .. } = user;
        Self { nick: nick.as_str(), user: name, host, origin, address: *address, realname }
    }
}

impl Ban {
    /// Whether somebody is covered. What is over names is asked with [`Bans::reserved`].
    pub fn covers(&self, visitor: Visitor<'_>) -> bool {
        let covers = |pattern: &str, text: &str| glob(Casemapping::Ascii, pattern, text);
        match self.kind {
            BanKind::User => {
                let (user, host) = self.mask.split_once('@').unwrap_or(("*", &self.mask));
                covers(user, visitor.user) && comes_from(visitor, host)
            }
            BanKind::Address => is_within(visitor.address, &self.mask),
            BanKind::Person => {
                // A space cannot stand in a parameter.
                let mask = self.mask.replace("\\s", " ");
                let Visitor { nick, user, host, origin, realname, .. } = visitor;
                let is_known_by = |host| covers(&mask, &format!("{nick}!{user}@{host}#{realname}"));
                covers(&mask, realname) || is_known_by(host) || is_known_by(origin)
            }
            BanKind::Mute => {
                let (name, host) = self.mask.rsplit_once('@').unwrap_or((&self.mask, "*"));
                covers(name, &format!("{}!{}", visitor.nick, visitor.user)) && comes_from(visitor, host)
            }
            BanKind::Name => false,
        }
    }

    fn key(&self) -> (BanKind, Folded) {
        key(self.kind, &self.mask)
    }
}

/// All bans.
#[derive(Clone, Debug, Default)]
pub struct Bans {
    kept: BTreeMap<(BanKind, Folded), Ban>,
    /// When which of them end by themselves.
    ends: BTreeSet<(Timestamp, BanKind, Folded)>,
}

impl Bans {
    /// Adds one, unless there is one over the same mask or there are too many.
    pub(super) fn set(&mut self, ban: Ban, bans_max: usize) -> Result<(), Stale> {
        if self.kept.contains_key(&ban.key()) || self.kept.len() >= bans_max {
            return Err(Stale);
        }
        let (kind, mask) = ban.key();
        self.ends.extend(ban.until.map(|until| (until, kind, mask.clone())));
        self.kept.insert((kind, mask), ban);
        Ok(())
    }

    /// Removes one.
    pub(super) fn lift(&mut self, kind: BanKind, mask: &str) -> Result<Ban, Stale> {
        let (kind, mask) = key(kind, mask);
        let ban = self.kept.remove(&(kind, mask.clone())).ok_or(Stale)?;
        if let Some(until) = ban.until {
            self.ends.remove(&(until, kind, mask));
        }
        Ok(ban)
    }

    /// Whether there is none at all.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// All of a kind, in the order of the masks.
    pub fn of(&self, kind: BanKind) -> impl Iterator<Item = &Ban> {
        self.kept.values().filter(move |ban| ban.kind == kind)
    }

    /// The one of a kind whose mask comes next after another one, or first.
    pub fn after(&self, kind: BanKind, last: Option<&str>) -> Option<&Ban> {
        let from = match last {
            Some(mask) => Bound::Excluded(key(kind, mask)),
            None => Bound::Included(key(kind, "")),
        };
        let (_, ban) = self.kept.range((from, Bound::Unbounded)).next()?;
        (ban.kind == kind).then_some(ban)
    }

    /// All, kind by kind.
    pub fn all(&self) -> impl ExactSizeIterator<Item = &Ban> {
        self.kept.values()
    }

    /// The one over a mask.
    pub fn find(&self, kind: BanKind, mask: &str) -> Option<&Ban> {
        self.kept.get(&key(kind, mask))
    }

    /// One of a kind that covers somebody.
    pub fn covering(&self, kind: BanKind, visitor: Visitor<'_>) -> Option<&Ban> {
        self.of(kind).find(|ban| ban.covers(visitor))
    }

    /// One that keeps somebody out.
    pub fn excluding(&self, visitor: Visitor<'_>) -> Option<&Ban> {
        BanKind::EXCLUDING.iter().find_map(|kind| self.covering(*kind, visitor))
    }

    /// One that keeps a nick or a channel from being taken.
    pub fn reserved(&self, name: &str) -> Option<&Ban> {
        // `#*` reserves channels and no nicks: neither can begin as the other does.
        self.of(BanKind::Name).find(|ban| glob(Casemapping::Ascii, &ban.mask, name))
    }

    /// The one that ends next, and when.
    pub fn next_end(&self) -> Option<(Timestamp, &Ban)> {
        let (until, kind, mask) = self.ends.first()?;
        Some((*until, &self.kept[&(*kind, mask.clone())]))
    }

    /// When the next one ends.
    pub fn next_end_at(&self) -> Option<Timestamp> {
        self.ends.first().map(|(until, ..)| *until)
    }

    /// Asserts that both directions say the same.
    pub(super) fn check(&self) {
        for (found, ban) in &self.kept {
            assert_eq!(*found, ban.key(), "a ban is found by its mask");
            assert_eq!(ban.kind.mask(&ban.mask).as_deref(), Some(&*ban.mask), "a mask is complete");
        }
        let ending = self.kept.values().filter(|ban| ban.until.is_some()).count();
        assert_eq!(self.ends.len(), ending, "whatever ends has its time");
        let known = |(until, kind, mask): &(Timestamp, BanKind, Folded)| {
            self.kept.get(&(*kind, mask.clone())).is_some_and(|ban| ban.until == Some(*until))
        };
        assert!(self.ends.iter().all(known), "what ends is there");
    }
}

fn key(kind: BanKind, mask: &str) -> (BanKind, Folded) {
    (kind, Casemapping::Ascii.fold(mask))
}

fn or_all(part: &str) -> &str {
    if part.is_empty() { "*" } else { part }
}

/// An address alone or a network that is not too wide.
fn network(written: &str) -> Option<String> {
    let network: Network = written.parse().ok()?;
    if network.bits() < NETWORK_BITS_MIN {
        return None;
    }
    let shown = network.to_string();
    let alone = shown.strip_suffix(if network.address().is_ipv4() { "/32" } else { "/128" });
    Some(alone.unwrap_or(&shown).to_owned())
}

/// Whether somebody's host or address is covered: by a pattern, or by a network.
fn comes_from(visitor: Visitor<'_>, host: &str) -> bool {
    let covers = |text: &str| glob(Casemapping::Ascii, host, text);
    covers(visitor.host)
        || covers(visitor.origin)
        || visitor.address.is_some_and(|address| covers(&address.to_string()))
        || (host.contains('/') && is_within(visitor.address, host))
}

fn is_within(address: Option<IpAddr>, network: &str) -> bool {
    address.zip(network.parse::<Network>().ok()).is_some_and(|(address, network)| network.has(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_are_completed_or_refused() {
        use BanKind::{Address, Mute, Name, Person, User};
        #[rustfmt::skip]
        let table = [
            (User,    "bad@example.org",  Some("bad@example.org")),
            (User,    "example.org",      Some("*@example.org")),
            (User,    "@example.org",     Some("*@example.org")),
            (User,    "bad@",             Some("bad@*")),
            (User,    "*@*",              None),
            (User,    "*@*.a.?b",         None),
            (User,    "a!b@example.org",  None),
            (Address, "192.0.2.7",        Some("192.0.2.7")),
            (Address, "192.0.2.0/24",     Some("192.0.2.0/24")),
            (Address, "2001:db8::/32",    Some("2001:db8::/32")),
            (Address, "0.0.0.0/7",        None),
            (Address, "example.org",      None),
            (Person,  "*buy\\scheap*",    Some("*buy\\scheap*")),
            (Person,  "**",               None),
            (Name,    "#x*",              Some("#x*")),
            (Name,    "*",                None),
            (Mute,    "spammer",          Some("spammer!*@*")),
            (Mute,    "*!*@*",            None),
        ];
        for (kind, written, mask) in table {
            assert_eq!(kind.mask(written).as_deref(), mask, "{kind:?} {written}");
        }
        assert_eq!(User.mask(&"x".repeat(158)).map(|mask| mask.len()), Some(160));
        assert_eq!(User.mask(&"x".repeat(159)), None);
    }

    #[test]
    fn a_ban_covers_what_it_says() {
        use BanKind::{Address, Mute, Person, User};
        let visitor = Visitor {
            nick: "bob",
            user: "bo",
            host: "a.friend",
            origin: "pc.example.org",
            address: "192.0.2.7".parse().ok(),
            realname: "Buy cheap",
        };
        #[rustfmt::skip]
        let table = [
            (User,    "bo@*.EXAMPLE.org",             true),
            (User,    "al@*.example.org",             false),
            (User,    "*@a.friend",                   true),
            (User,    "*@192.0.2.*",                  true),
            (User,    "*@192.0.2.0/29",               true),
            (User,    "*@192.0.2.8/29",               false),
            (Address, "192.0.2.7",                    true),
            (Address, "192.0.2.6",                    false),
            (Address, "192.0.2.0/24",                 true),
            (Person,  "buy\\sch*",                    true),
            (Person,  "buy",                          false),
            (Person,  "b*!*@*.example.org#*cheap",    true),
            (Person,  "b*!*@a.friend#*cheap",         true),
            (Mute,    "bob!*@*",                      true),
            (Mute,    "*!*@192.0.2.7",                true),
            (Mute,    "*!al@*",                       false),
        ];
        for (kind, mask, covers) in table {
            let ban = Ban {
                kind,
                mask: mask.into(),
                reason: "".into(),
                by: "".into(),
                at: Timestamp(0),
                until: None,
            };
            assert_eq!(ban.covers(visitor), covers, "{kind:?} {mask}");
        }
    }
}
