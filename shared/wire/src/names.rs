//! What a nick and a channel may be called on our server.

use std::fmt;
use std::sync::Arc;

use crate::casemapping::{Casemapping, Folded};

/// Why a name cannot be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadName {
    /// Nothing.
    Empty,
    /// More bytes than allowed.
    TooLong,
    /// A character that no such name has, or not at that place.
    Character,
}

/// A nick by RFC 2812, section 2.3.1: a letter or one of ``[]\`_^{|}``, then also digits and `-`.
/// Equal when they differ only in ASCII case. Cheap to copy.
#[derive(Clone, Debug)]
pub struct Nick {
    shown: Arc<str>,
    key: Folded,
}

impl Nick {
    /// Checks a nick of at most `bytes_max` bytes.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str, bytes_max: usize) -> Result<Self, BadName> {
        let special = |b: u8| matches!(b, b'[' | b']' | b'\\' | b'`' | b'_' | b'^' | b'{' | b'|' | b'}');
        match text.as_bytes() {
            [] => return Err(BadName::Empty),
            [first, rest @ ..] => {
                let fits = (first.is_ascii_alphabetic() || special(*first))
                    && rest.iter().all(|b| b.is_ascii_alphanumeric() || special(*b) || *b == b'-');
                if !fits {
                    return Err(BadName::Character);
                }
            }
        }
        if text.len() > bytes_max {
            return Err(BadName::TooLong);
        }
        Ok(Self::checked(text))
    }
}

/// The name of a channel: `#` or `&`, then anything but a space, a comma, a bell or a control character
/// (RFC 2812, section 1.3). What would read as a channel behind the prefix of a rank, `&#den` or `&&den`, is none: it means
/// the admins of one. Equal when they differ only in ASCII case. Cheap to copy.
#[derive(Clone, Debug)]
pub struct ChannelName {
    shown: Arc<str>,
    key: Folded,
}

impl ChannelName {
    /// The characters with which channels begin here (CHANTYPES).
    pub const TYPES: &'static str = "#&";

    /// Checks a channel name of at most `bytes_max` bytes.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str, bytes_max: usize) -> Result<Self, BadName> {
        if text.is_empty() {
            return Err(BadName::Empty);
        }
        let forbidden = |c: char| c.is_control() || c.is_whitespace() || matches!(c, ',' | '\u{7}');
        let ranked = text.starts_with('&') && is_channel_like(&text[1..]);
        if !is_channel_like(text) || ranked || text.chars().any(forbidden) {
            return Err(BadName::Character);
        }
        if text.len() > bytes_max {
            return Err(BadName::TooLong);
        }
        Ok(Self::checked(text))
    }
}

/// Whether a target is meant to be a channel rather than a nick.
pub fn is_channel_like(text: &str) -> bool {
    text.starts_with(['#', '&'])
}

/// What all names have: how they are written, and a key that is the same exactly when IRC says that they are.
macro_rules! name {
    ($name:ident) => {
        impl $name {
            fn checked(text: &str) -> Self {
                // A name that is written in lower case, as most are, is its own key, and in memory once.
                let key = Casemapping::Ascii.fold(text);
                let shown = if key.as_str() == text { key.shared() } else { text.into() };
                Self { shown, key }
            }

            /// As whoever gave the name wrote it.
            pub fn as_str(&self) -> &str {
                &self.shown
            }

            /// The same, to be kept.
            pub fn shared(&self) -> &Arc<str> {
                &self.shown
            }

            /// The key under which it is found.
            pub fn key(&self) -> &Folded {
                &self.key
            }
        }
        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.key == other.key
            }
        }
        impl Eq for $name {}
        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }
        impl Ord for $name {
            fn cmp(&self, other: &Self) -> std::cmp::Ordering {
                self.key.cmp(&other.key)
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.shown)
            }
        }
    };
}
name!(Nick);
name!(ChannelName);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nicks_follow_the_rules() {
        #[rustfmt::skip]
        let table = [
            ("alice",      None),
            ("[a]\\`_^{|}", None),
            ("a-1",        None),
            ("",           Some(BadName::Empty)),
            ("1a",         Some(BadName::Character)),
            ("-a",         Some(BadName::Character)),
            ("a b",        Some(BadName::Character)),
            ("a.b",        Some(BadName::Character)),
            ("#a",         Some(BadName::Character)),
            ("é",          Some(BadName::Character)),
            ("a!b",        Some(BadName::Character)),
            ("abcdefghijklmnopqrst",  None),
            ("abcdefghijklmnopqrstu", Some(BadName::TooLong)),
        ];
        for (text, expected) in table {
            assert_eq!(Nick::parse(text, 20).err(), expected, "{text}");
        }
        assert_eq!(Nick::parse("AL", 20), Nick::parse("al", 20));
        assert_ne!(Nick::parse("[l]", 20), Nick::parse("{l}", 20));
    }

    #[test]
    fn channels_follow_the_rules() {
        #[rustfmt::skip]
        let table = [
            ("#a",       None),
            ("&a",       None),
            ("#",        None),
            ("##c++",    None),
            ("#día",     None),
            ("",         Some(BadName::Empty)),
            ("a",        Some(BadName::Character)),
            ("+a",       Some(BadName::Character)),
            ("&#a",      Some(BadName::Character)),
            ("&&a",      Some(BadName::Character)),
            ("#&a",      None),
            ("#a,b",     Some(BadName::Character)),
            ("#a b",     Some(BadName::Character)),
            ("#a\u{7}",  Some(BadName::Character)),
            ("#123456789",  None),
            ("#1234567890", Some(BadName::TooLong)),
        ];
        for (text, expected) in table {
            assert_eq!(ChannelName::parse(text, 10).err(), expected, "{text}");
        }
    }
}
