//! The tables of modes: member ranks, channel flags, channel lists and user flags.
//!
//! Sources: RFC 2811 section 4, modern.ircdocs.horse "Modes". A flag is added with one row and the line where it bites.

use std::fmt;

/// What a member may do, lowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// May speak where others may not (`+m`, bans).
    Voice,
    /// May also invite, kick those below, set the topic and most modes.
    HalfOp,
    /// May also make operators.
    Op,
    /// Cannot be kicked, nor this rank taken, but by a founder.
    Admin,
    /// May do everything.
    Founder,
}

impl Rank {
    /// Every rank, highest first: letter, prefix.
    #[rustfmt::skip]
    pub const ALL: [(Self, char, char); 5] = [
        (Self::Founder, 'q', '~'),
        (Self::Admin,   'a', '&'),
        (Self::Op,      'o', '@'),
        (Self::HalfOp,  'h', '%'),
        (Self::Voice,   'v', '+'),
    ];

    /// Whom a target such as `@#channel` means: the lowest of the ranks before the name, if there are any, and the
    /// name. `&` is a rank before the name of a channel only, as channels themselves can begin with it.
    pub fn of_target(target: &str) -> (Option<Self>, &str) {
        // No rank has this prefix, and most is said to a whole channel.
        if target.starts_with('#') {
            return (None, target);
        }
        let prefixes = target.chars().take_while(|c| Self::of_prefix(*c).is_some()).count();
        // Every prefix is one byte.
        let name = (1..=prefixes).rev().find(|count| wire::is_channel_like(&target[*count..]));
        match name {
            Some(count) => (target[..count].chars().filter_map(Self::of_prefix).min(), &target[count..]),
            None => (None, target),
        }
    }

    /// The rank that one needs to give this one, or to take it or to kick somebody who has it as his highest.
    pub fn given_by(self) -> Self {
        match self {
            Self::Voice => Self::HalfOp,
            Self::HalfOp | Self::Op => Self::Op,
            Self::Admin | Self::Founder => Self::Founder,
        }
    }

    /// The rank of a mode letter.
    pub fn of_letter(letter: char) -> Option<Self> {
        Self::ALL.iter().find(|row| row.1 == letter).map(|row| row.0)
    }

    /// The rank of a prefix character.
    pub fn of_prefix(prefix: char) -> Option<Self> {
        Self::ALL.iter().find(|row| row.2 == prefix).map(|row| row.0)
    }

    /// The prefixes of this rank and those above it, highest first: `~`, `~&` or `~&@`.
    pub fn and_above(self) -> String {
        Self::ALL.iter().filter(|row| row.0 >= self).map(|row| row.2).collect()
    }

    /// The mode letter.
    pub fn letter(self) -> char {
        self.row().1
    }

    /// The prefix in NAMES and WHO.
    pub fn prefix(self) -> char {
        self.row().2
    }

    fn row(self) -> &'static (Self, char, char) {
        Self::ALL.iter().find(|row| row.0 == self).expect("every rank has a row")
    }
}

/// The ranks of a member; several can be held at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ranks(u8);

impl Ranks {
    /// One rank.
    pub fn only(rank: Rank) -> Self {
        Self(1 << rank as u8)
    }

    /// Gives a rank.
    pub fn add(&mut self, rank: Rank) {
        self.0 |= 1 << rank as u8;
    }

    /// Takes a rank.
    pub fn remove(&mut self, rank: Rank) {
        self.0 &= !(1 << rank as u8);
    }

    /// Whether exactly this rank is held.
    pub fn has(self, rank: Rank) -> bool {
        self.0 & 1 << rank as u8 != 0
    }

    /// The highest rank held.
    pub fn highest(self) -> Option<Rank> {
        Rank::ALL.iter().map(|row| row.0).find(|rank| self.has(*rank))
    }

    /// Whether no rank is held.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether a rank or a higher one is held.
    pub fn reach(self, rank: Rank) -> bool {
        self.highest().is_some_and(|highest| highest >= rank)
    }

    /// Whether who has these ranks may act against somebody who has those: may kick him, or take a rank from him.
    pub fn govern(self, other: Self) -> bool {
        self.reach(other.highest().map_or(Rank::HalfOp, Rank::given_by))
    }

    /// The prefixes held, highest first: all of them, or only the highest.
    pub fn prefixes(self, all: Prefixes) -> String {
        let mut prefixes = String::new();
        self.push_prefixes(all, &mut prefixes);
        prefixes
    }

    /// Writes them behind a text. Most members have none.
    pub fn push_prefixes(self, all: Prefixes, text: &mut String) {
        if self.is_empty() {
            return;
        }
        let shown = match all {
            Prefixes::All => Rank::ALL.len(),
            Prefixes::Highest => 1,
        };
        let held = Rank::ALL.iter().filter(|row| self.has(row.0)).map(|row| row.2);
        text.extend(held.take(shown));
    }
}

/// How many prefixes a client wants to see (multi-prefix).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Prefixes {
    /// All that a member has.
    All,
    /// Only the highest.
    Highest,
}

macro_rules! flags {
    ($(#[$doc:meta])* $enum:ident, $set:ident; $($variant:ident $letter:literal $help:literal)*) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $enum {
            $(#[doc = $help] $variant,)*
        }

        impl $enum {
            /// Every flag in the order of the letters: letter and what it does.
            pub const ALL: &[(Self, char, &'static str)] = &[$((Self::$variant, $letter, $help)),*];

            /// The flag of a letter.
            pub fn of_letter(letter: char) -> Option<Self> {
                Self::ALL.iter().find(|row| row.1 == letter).map(|row| row.0)
            }

            /// The letter.
            pub fn letter(self) -> char {
                Self::ALL[self as usize].1
            }
        }

        /// A set of these flags. Shown as their letters.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $set(u32);

        impl $set {
            /// A set of some flags.
            pub fn of(flags: &[$enum]) -> Self {
                Self(flags.iter().fold(0, |set, flag| set | 1 << *flag as u32))
            }

            /// Sets or clears a flag.
            pub fn put(&mut self, flag: $enum, on: bool) {
                if on { self.0 |= 1 << flag as u32 } else { self.0 &= !(1 << flag as u32) }
            }

            /// Whether a flag is set.
            pub fn has(self, flag: $enum) -> bool {
                self.0 & 1 << flag as u32 != 0
            }
        }

        impl fmt::Display for $set {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                $enum::ALL.iter().filter(|row| self.has(row.0)).try_for_each(|row| write!(f, "{}", row.1))
            }
        }
    };
}

#[rustfmt::skip]
flags! {
    /// What is switched on in a channel (CHANMODES, type D).
    ChannelFlag, ChannelFlags;
    NoCtcp        'C' "CTCP requests other than ACTION are refused"
    NoKnock       'K' "Nobody may ask with KNOCK to be invited"
    NoNickChange  'N' "Members without a rank may not change their nick"
    NoKick        'Q' "Nobody may be put out with KICK"
    NoNotice      'T' "Notices are refused"
    OpModerated   'U' "What members without a rank say is heard by operators and half-operators only"
    NoInvite      'V' "Nobody may invite"
    NoFormatting  'c' "Messages with colours or formatting are refused"
    InviteOnly    'i' "Only those who were invited may join"
    Moderated     'm' "Only members with a rank may speak"
    NoExternal    'n' "Only members may speak"
    Private       'p' "The channel is not shown in LIST and WHOIS to others"
    Secret        's' "The channel is shown nowhere to others"
    TopicLock     't' "Only operators may change the topic"
    Auditorium    'u' "Members without a rank see, and are seen by, only those with one"
}

#[rustfmt::skip]
flags! {
    /// What is switched on for a user.
    UserFlag, UserFlags;
    Bot        'B' "This is a bot"
    NoCtcp     'T' "Nobody may send him CTCP, except ACTION"
    Invisible  'i' "Not shown in WHO and NAMES to those who share no channel"
    Operator   'o' "An IRC operator; given by OPER only"
    Notices    's' "Hears server notices, of the kinds that a parameter names; for operators"
    Wallops    'w' "Hears what operators say to all with WALLOPS"
}

#[rustfmt::skip]
flags! {
    /// What a server notice is about: a letter of the parameter of user mode `s`.
    NoticeKind, NoticeKinds;
    Announcements 'a' "What concerns the whole server, such as its configuration that is read again"
    Connects      'c' "Somebody connects"
    Floods        'f' "Somebody is closed who sends too fast or reads too slowly"
    Kills         'k' "Somebody is killed"
    Names         'n' "A channel gets another name, or an operator gives somebody another host or user name"
    Opers         'o' "Somebody becomes an operator, or fails to"
    Quits         'q' "Somebody leaves"
    Bans          'x' "A ban of the server is set or lifted, or puts somebody out"
}

impl NoticeKinds {
    /// No kind.
    pub const NONE: Self = Self(0);

    /// All kinds.
    pub fn all() -> Self {
        NoticeKind::ALL.iter().fold(Self::NONE, |mut all, row| {
            all.put(row.0, true);
            all
        })
    }
}

/// The lists of masks of a channel (CHANMODES, type A).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MaskList {
    /// Who is kept out.
    Ban,
    /// Who is let in in spite of a ban.
    Exception,
    /// Who needs no invitation.
    InviteException,
}

impl MaskList {
    /// Every list with its letter, and what it does.
    #[rustfmt::skip]
    pub const ALL: [(Self, char, &'static str); 3] = [
        (Self::Ban,             'b', "Those covered by a mask can neither join nor, without a rank, speak"),
        (Self::Exception,       'e', "Those covered by a mask are not concerned by bans"),
        (Self::InviteException, 'I', "Those covered by a mask can join without an invitation"),
    ];

    /// The list of a letter.
    pub fn of_letter(letter: char) -> Option<Self> {
        Self::ALL.iter().find(|row| row.1 == letter).map(|row| row.0)
    }

    /// The letter.
    pub fn letter(self) -> char {
        Self::ALL[self as usize].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameters::PARAMETER_MODES;

    #[test]
    fn letters_lead_to_their_rows_and_back() {
        for (rank, letter, prefix) in Rank::ALL {
            assert_eq!((Rank::of_letter(letter), Rank::of_prefix(prefix)), (Some(rank), Some(rank)));
            assert_eq!((rank.letter(), rank.prefix()), (letter, prefix));
        }
        for (flag, letter, _) in ChannelFlag::ALL {
            assert_eq!((ChannelFlag::of_letter(*letter), flag.letter()), (Some(*flag), *letter));
        }
        for (flag, letter, _) in UserFlag::ALL {
            assert_eq!((UserFlag::of_letter(*letter), flag.letter()), (Some(*flag), *letter));
        }
        for (list, letter, _) in MaskList::ALL {
            assert_eq!((MaskList::of_letter(letter), list.letter()), (Some(list), letter));
        }
    }

    #[test]
    fn no_letter_means_two_channel_modes() {
        let mut letters: Vec<char> = Rank::ALL.iter().map(|row| row.1).collect();
        letters.extend(ChannelFlag::ALL.iter().map(|row| row.1));
        letters.extend(MaskList::ALL.iter().map(|row| row.1));
        letters.extend(PARAMETER_MODES.iter().map(|row| row.letter));
        letters.sort_unstable();
        assert!(letters.windows(2).all(|pair| pair[0] != pair[1]), "{letters:?}");
        assert!(letters.iter().all(char::is_ascii_alphabetic), "{letters:?}");
    }

    #[test]
    fn ranks_are_held_side_by_side() {
        let mut ranks = Ranks::only(Rank::Voice);
        ranks.add(Rank::Op);
        assert_eq!(
            (ranks.prefixes(Prefixes::All), ranks.prefixes(Prefixes::Highest)),
            ("@+".into(), "@".into())
        );
        assert!(ranks.reach(Rank::HalfOp) && !ranks.has(Rank::HalfOp));
        ranks.remove(Rank::Op);
        assert!(ranks.reach(Rank::Voice) && !ranks.reach(Rank::HalfOp));
    }

    #[test]
    fn who_governs_whom() {
        #[rustfmt::skip]
        let table = [
            // by               ~      &      @      %      +      nothing
            (Some(Rank::Founder), [true,  true,  true,  true,  true,  true ]),
            (Some(Rank::Admin),   [false, false, true,  true,  true,  true ]),
            (Some(Rank::Op),      [false, false, true,  true,  true,  true ]),
            (Some(Rank::HalfOp),  [false, false, false, false, true,  true ]),
            (Some(Rank::Voice),   [false, false, false, false, false, false]),
            (None,                [false, false, false, false, false, false]),
        ];
        let of = |rank: Option<Rank>| rank.map_or(Ranks::default(), Ranks::only);
        for (by, expected) in table {
            let others = Rank::ALL.iter().map(|row| Some(row.0)).chain([None]);
            let governed: Vec<bool> = others.map(|other| of(by).govern(of(other))).collect();
            assert_eq!(governed, expected, "{by:?}");
        }
    }

    #[test]
    fn a_target_names_the_lowest_of_its_ranks() {
        #[rustfmt::skip]
        let table = [
            ("#den",     None,                "#den" ),
            ("@#den",    Some(Rank::Op),      "#den" ),
            ("@%#den",   Some(Rank::HalfOp),  "#den" ),
            ("~&#den",   Some(Rank::Admin),   "#den" ),
            ("&#den",    Some(Rank::Admin),   "#den" ),
            ("&den",     None,                "&den" ),
            ("&&den",    Some(Rank::Admin),   "&den" ),
            ("+&den",    Some(Rank::Voice),   "&den" ),
            ("@bob",     None,                "@bob" ),
            ("@",        None,                "@"    ),
            ("",         None,                ""     ),
        ];
        for (target, rank, name) in table {
            assert_eq!(Rank::of_target(target), (rank, name), "{target}");
        }
    }
}
