//! The masks in a channel's lists: over `nick!user@host`, or over something else (EXTBAN).
//!
//! An extended mask is `~`, a letter and what the letter needs: `~r:*bot*`. A `!` before the letter turns it round. One
//! that says what it is about, `~m:`, has the mask of those it is for behind it, plain or extended: `~m:~r:*bot*`. What
//! merely begins with `~` is a plain mask.

use std::fmt;
use std::net::IpAddr;

use wire::{Casemapping, Mask, Network, glob};

use crate::modes::Rank;
use crate::world::{User, World};

/// The character with which an extended mask begins.
pub const EXTENDED: char = '~';

/// Bytes of a mask. Longer ones are refused with 696.
const MASK_BYTES_MAX: usize = 160;

/// What a mask can be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deed {
    /// To enter the channel.
    Join,
    /// To speak in it.
    Speak,
    /// To take another nick while one is in it.
    Rename,
}

/// By what a mask covers somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
enum By {
    /// `nick!user@host`, and where the host is an address or a network, the address.
    Source(Mask, Option<Network>),
    /// A channel he is in, with a rank or a higher one.
    Channel(Option<Rank>, Box<str>),
    /// The real name.
    Realname(Box<str>),
    /// That somebody between him and the server could read along.
    Insecure,
}

/// Masks that say what they are about.
#[rustfmt::skip]
const ABOUT: &[(char, Deed, &str)] = &[
    ('j', Deed::Join,   "~j:<mask>: about entering alone"),
    ('m', Deed::Speak,  "~m:<mask>: about speaking alone"),
    ('n', Deed::Rename, "~n:<mask>: about taking another nick"),
];

/// A letter of masks that cover by something else than the source, and how what stands behind it is read.
struct Covering(char, fn(&str) -> Option<By>, &'static str);

/// All of them.
#[rustfmt::skip]
const COVERING: &[Covering] = &[
    Covering('c', |text| {
        let (rank, name) = Rank::of_target(text);
        (!name.is_empty()).then(|| By::Channel(rank, name.into()))
    }, "~c:<channel>: those in a channel, or with a rank there (~c:@#den)"),
    Covering('r', |text| (!text.is_empty()).then(|| By::Realname(text.into())), "~r:<pattern>: those of a real name; ? stands for a space"),
    Covering('z', |text| text.is_empty().then_some(By::Insecure), "~z: those whose connection is not secure"),
];

/// What each kind of extended mask covers or is about.
pub(crate) fn explanations() -> impl Iterator<Item = &'static str> {
    ABOUT.iter().map(|row| row.2).chain(COVERING.iter().map(|row| row.2))
}

/// The letters of extended masks (EXTBAN).
pub(crate) fn letters() -> String {
    let mut letters: Vec<char> =
        ABOUT.iter().map(|row| row.0).chain(COVERING.iter().map(|row| row.0)).collect();
    letters.sort_unstable();
    letters.into_iter().collect()
}

/// A mask in a list, completed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BanMask {
    shown: Box<str>,
    about: Option<Deed>,
    covers: bool,
    by: By,
}

impl BanMask {
    /// Reads and completes what a person wrote.
    pub(crate) fn parse(written: &str) -> Result<Self, &'static str> {
        if written.is_empty() {
            return Err("A mask is needed");
        }
        if written.starts_with(':') || written.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err("A mask has no space and does not begin with a colon; write ? for them");
        }
        let mask = Self::read(written, None)?;
        if mask.shown.len() > MASK_BYTES_MAX {
            return Err("The mask is too long");
        }
        Ok(mask)
    }

    fn read(written: &str, about: Option<Deed>) -> Result<Self, &'static str> {
        let Some((covers, letter, rest)) = extended(written) else {
            let mask = Mask::complete(written);
            let network = mask.as_str().rsplit_once('@').and_then(|(_, host)| host.parse().ok());
            return Ok(Self {
                shown: mask.as_str().into(),
                about,
                covers: true,
                by: By::Source(mask, network),
            });
        };
        if let Some((_, deed, _)) = ABOUT.iter().find(|row| row.0 == letter && covers) {
            if about.is_some() {
                return Err("A mask is about one thing");
            }
            if rest.is_empty() {
                return Err("A mask of whom it is about is needed");
            }
            let inner = Self::read(rest, Some(*deed))?;
            return Ok(Self { shown: format!("{EXTENDED}{letter}:{inner}").into(), ..inner });
        }
        let row = COVERING.iter().find(|row| row.0 == letter);
        let Covering(_, read, _) = row.ok_or("There is no such extended mask")?;
        let by = read(rest).ok_or("The extended mask is not well-formed")?;
        Ok(Self { shown: written.into(), about, covers, by })
    }

    /// The whole mask, as it is shown.
    pub fn as_str(&self) -> &str {
        &self.shown
    }

    /// What it is about, if not about everything.
    pub(crate) fn about(&self) -> Option<Deed> {
        self.about
    }

    /// Whether two masks are one.
    pub(crate) fn same(&self, other: &Self) -> bool {
        self.shown.eq_ignore_ascii_case(&other.shown)
    }

    /// Whether somebody is meant.
    pub(crate) fn covers(&self, subject: &Subject<'_>) -> bool {
        let user = subject.user;
        let like = |pattern: &str, text: &str| glob(Casemapping::Ascii, pattern, text);
        let covered = match &self.by {
            By::Source(mask, network) => {
                mask.covers(Casemapping::Ascii, user.source())
                    || subject
                        .numeric
                        .as_ref()
                        .is_some_and(|numeric| mask.covers(Casemapping::Ascii, numeric))
                    || network.is_some_and(|network| subject.is_in(mask, network))
            }
            By::Channel(rank, name) => user.channels().iter().any(|channel| {
                let ranked = |rank: &Rank| {
                    subject
                        .world
                        .channel(channel.as_str())
                        .is_some_and(|channel| channel.reaches(user.id, *rank))
                };
                like(name, channel.as_str()) && rank.as_ref().is_none_or(ranked)
            }),
            By::Realname(pattern) => like(pattern, &user.realname),
            By::Insecure => !user.secure,
        };
        covered == self.covers
    }
}

impl fmt::Display for BanMask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

/// Whether a mask is turned round, its letter, and what stands behind it; nothing for a plain mask.
fn extended(written: &str) -> Option<(bool, char, &str)> {
    let rest = written.strip_prefix(EXTENDED)?;
    let (covers, rest) = match rest.strip_prefix('!') {
        Some(rest) => (false, rest),
        None => (true, rest),
    };
    let letter = rest.chars().next().filter(char::is_ascii_alphabetic)?;
    match &rest[1..] {
        "" => Some((covers, letter, "")),
        rest => Some((covers, letter, rest.strip_prefix(':')?)),
    }
}

/// Somebody as masks see him.
pub(crate) struct Subject<'a> {
    user: &'a User,
    world: &'a World,
    address: Option<IpAddr>,
    /// `nick!user@address`, if the host that others see is another one.
    numeric: Option<String>,
}

impl<'a> Subject<'a> {
    pub fn new(user: &'a User, world: &'a World) -> Self {
        let shown: Option<IpAddr> = user.host.parse().ok();
        let address = user.address.or(shown);
        let numeric = address.filter(|_| shown != address).map(|address| {
            let (nick, name) = (&user.nick, &user.user);
            format!("{nick}!{name}@{address}")
        });
        Self { user, world, address, numeric }
    }

    /// Whether he comes from a network, and the rest of the mask covers him.
    fn is_in(&self, mask: &Mask, network: Network) -> bool {
        let (who, _) = mask.as_str().rsplit_once('@').expect("a completed mask has a host");
        let (own, _) = self.user.source().rsplit_once('@').expect("a source has a host");
        self.address.is_some_and(|address| network.has(address)) && glob(Casemapping::Ascii, who, own)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::UserId;
    use wire::{ChannelName, Nick, Timestamp};

    /// bob, whose real name is "Bob the bot", operator of #den and member of #attic.
    fn bob() -> World {
        let mut world = World::default();
        for (id, nick, realname) in [(1, "alice", "Alice"), (2, "bob", "Bob the bot")] {
            let nick = Nick::parse(nick, 9).expect("a nick");
            let mut user = User::new(UserId(id), nick, "bo", "example.org".into(), realname, Timestamp(0));
            user.address = Some("10.1.2.3".parse().expect("an address"));
            world.enter(user).expect("nobody has the nick");
        }
        for (id, channel) in [(2, "#den"), (1, "#attic"), (2, "#attic")] {
            let channel = ChannelName::parse(channel, 50).expect("a name");
            world.join(UserId(id), &channel, Timestamp(0), Rank::Op).expect("he is not in it");
        }
        world
    }

    #[test]
    fn masks_cover_whom_they_say() {
        let world = bob();
        let bob = world.user_named("bob").expect("he is there");
        #[rustfmt::skip]
        let table = [
            ("bob",                  true ),
            ("BOB!*@*",              true ),
            ("alice",                false),
            ("*!bo@example.org",     true ),
            ("10.1.2.3",             true ),
            ("*!*@10.1.*",           true ),
            ("*!*@10.1.0.0/16",      true ),
            ("*!*@10.2.0.0/16",      false),
            ("al!*@10.0.0.0/8",      false),
            ("b*!*@10.0.0.0/8",      true ),
            ("~r:*BOT",              true ),
            ("~r:bot",               false),
            ("~r:bob?the?bot",       true ),
            ("~!r:*bot",             false),
            ("~!r:human",            true ),
            ("~c:#den",              true ),
            ("~c:#D*",               true ),
            ("~c:#cellar",           false),
            ("~c:@#den",             true ),
            ("~c:~#den",             false),
            ("~c:+#attic",           false),
            ("~!c:#den",             false),
            ("~z",                   true ),
            ("~!z",                  false),
            ("~m:bob",               true ),
            ("~m:~r:*bot",           true ),
            ("~j:~!c:#den",          false),
            ("~bo@example.org",      false),
        ];
        for (mask, expected) in table {
            let mask = BanMask::parse(mask).unwrap_or_else(|why| panic!("{mask}: {why}"));
            assert_eq!(mask.covers(&Subject::new(bob, &world)), expected, "{mask}");
        }
    }

    #[test]
    fn masks_are_completed_and_say_what_they_are_about() {
        let long = "a".repeat(MASK_BYTES_MAX - "!*@*".len());
        let longer = format!("{long}a");
        let whole = format!("{long}!*@*");
        #[rustfmt::skip]
        let table = [
            ("bob",            Some(("bob!*@*",           None))),
            ("~m:bob",         Some(("~m:bob!*@*",        Some(Deed::Speak)))),
            ("~j:*.example",   Some(("~j:*!*@*.example",  Some(Deed::Join)))),
            ("~n:~r:Bob*",     Some(("~n:~r:Bob*",        Some(Deed::Rename)))),
            ("~u@h",           Some(("*!~u@h",            None))),
            ("~?[",            Some(("~?[!*@*",           None))),
            ("~~x",            Some(("~~x!*@*",           None))),
            ("~z",             Some(("~z",                None))),
            ("~z:x",           None),
            ("~r:",            None),
            ("~r",             None),
            ("~c:",            None),
            ("~c:@",           Some(("~c:@",              None))),
            ("~m:",            None),
            ("~m:~m:bob",      None),
            ("~m:~j:bob",      None),
            ("~!m:bob",        None),
            ("~x:bob",         None),
            ("",               None),
            (":bob",           None),
            ("b ob",           None),
            (&long,            Some((&*whole,             None))),
            (&longer,          None),
        ];
        for (written, expected) in table {
            let read = BanMask::parse(written).ok();
            let read = read.as_ref().map(|mask| (mask.as_str(), mask.about()));
            assert_eq!(read, expected, "{written}");
        }
    }
}
