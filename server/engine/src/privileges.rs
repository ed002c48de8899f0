//! What operators may do: a row each. The configuration says who has which; a command says in its row which it needs.

use std::fmt;

macro_rules! privileges {
    ($($variant:ident $name:literal $help:literal)*) => {
        /// Something that only operators may do, and not each of them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Privilege {
            $(#[doc = $help] $variant,)*
        }

        impl Privilege {
            /// Every privilege in the order of the names: name and what it allows.
            pub const ALL: &[(Self, &'static str, &'static str)] = &[$((Self::$variant, $name, $help)),*];
        }
    };
}

#[rustfmt::skip]
privileges! {
    Chghost   "chghost"    "To change how others' user names and hosts are shown (CHGHOST)"
    Die       "die"        "To end the server (DIE)"
    Dline     "dline"      "To keep addresses and networks out (DLINE, UNDLINE)"
    Force     "force"      "To let others enter and leave channels and be called otherwise, and to change modes of every channel (SAJOIN, SAPART, SANICK, SAMODE)"
    Globops   "globops"    "To speak to all operators (GLOBOPS, OPERWALL)"
    Kill      "kill"       "To end others' connections (KILL)"
    Kline     "kline"      "To keep users out (KLINE, UNKLINE)"
    Override  "override"   "To act in every channel as if one had the highest rank there, and to enter it (MODE, KICK, TOPIC, INVITE, JOIN)"
    Rehash    "rehash"     "To have the configuration read again (REHASH)"
    Restart   "restart"    "To start the server anew (RESTART)"
    Resv      "resv"       "To reserve nicks and channels, and to use those (RESV, UNRESV)"
    Route     "route"      "To connect and disconnect servers (CONNECT, SQUIT)"
    SeeHidden "see-hidden" "To see who is invisible, which channels are secret, and where others come from"
    Shun      "shun"       "To mute users (SHUN, UNSHUN)"
    Stats     "stats"      "To see the bans of the server and who may become an operator (STATS), and to TRACE everybody"
    Wallops   "wallops"    "To speak to all users with mode +w (WALLOPS)"
    Xline     "xline"      "To keep users out by their real names (XLINE, UNXLINE)"
}

impl Privilege {
    /// The privilege of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|row| row.1 == name).map(|row| row.0)
    }

    /// The name.
    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// Whether an operator has it of whom the configuration says nothing else.
    pub fn is_ordinary(self) -> bool {
        self != Self::Override
    }
}

/// A set of privileges. Shown as their names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Privileges(u32);

impl Privileges {
    /// No privilege.
    pub const NONE: Self = Self(0);

    /// What an operator may do of whom the configuration says nothing else.
    pub fn ordinary() -> Self {
        Privilege::ALL.iter().map(|row| row.0).filter(|privilege| privilege.is_ordinary()).collect()
    }

    /// Whether there is none in the set.
    pub fn is_empty(self) -> bool {
        self == Self::NONE
    }

    /// Whether a privilege is in the set.
    pub fn has(self, privilege: Privilege) -> bool {
        self.0 & 1 << privilege as u32 != 0
    }
}

impl FromIterator<Privilege> for Privileges {
    fn from_iter<I: IntoIterator<Item = Privilege>>(privileges: I) -> Self {
        Self(privileges.into_iter().fold(0, |set, privilege| set | 1 << privilege as u32))
    }
}

impl fmt::Display for Privileges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = Privilege::ALL.iter().filter(|row| self.has(row.0)).map(|row| row.1);
        f.write_str(&held.collect::<Vec<_>>().join(" "))
    }
}

const _: () = assert!(Privilege::ALL.len() <= u32::BITS as usize);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_to_their_rows_and_back() {
        for (privilege, name, _) in Privilege::ALL {
            assert_eq!((Privilege::named(name), privilege.name()), (Some(*privilege), *name));
        }
        assert!(Privilege::ALL.windows(2).all(|pair| pair[0].1 < pair[1].1), "in the order of the names");
        let some: Privileges = [Privilege::Kill, Privilege::Die].into_iter().collect();
        assert!(some.has(Privilege::Kill) && !some.has(Privilege::Rehash));
        assert_eq!(some.to_string(), "die kill");
    }
}
