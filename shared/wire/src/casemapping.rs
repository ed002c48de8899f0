//! Which names are the same: CASEMAPPING of ISUPPORT.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

/// How upper and lower case correspond in nicks and channel names
/// (modern.ircdocs.horse, "CASEMAPPING Parameter").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Casemapping {
    /// `A-Z` are the upper case of `a-z`, nothing else.
    Ascii,
    /// As ASCII, and `[]\^` are the upper case of `{}|~`. What a server means that does not say.
    #[default]
    Rfc1459,
    /// As ASCII, and `[]\` are the upper case of `{}|`.
    Rfc1459Strict,
}

impl Casemapping {
    /// The mapping that a CASEMAPPING token names; `None` for one that is not known here.
    pub fn named(token: &str) -> Option<Self> {
        match token {
            "ascii" => Some(Self::Ascii),
            "rfc1459" => Some(Self::Rfc1459),
            "rfc1459-strict" | "strict-rfc1459" => Some(Self::Rfc1459Strict),
            _ => None,
        }
    }

    /// The lower case of a character.
    pub fn lower(self, character: char) -> char {
        match (self, character) {
            (_, 'A'..='Z') => character.to_ascii_lowercase(),
            (Self::Rfc1459 | Self::Rfc1459Strict, '[') => '{',
            (Self::Rfc1459 | Self::Rfc1459Strict, ']') => '}',
            (Self::Rfc1459 | Self::Rfc1459Strict, '\\') => '|',
            (Self::Rfc1459, '^') => '~',
            _ => character,
        }
    }

    /// The form of a name under which it is found.
    pub fn fold(self, name: &str) -> Folded {
        Folded(self.folded(name).into())
    }

    /// The same to look a name up with: most are written as they are found, and cost nothing then.
    pub fn folded(self, name: &str) -> Cow<'_, str> {
        match self {
            Self::Ascii if !name.bytes().any(|b| b.is_ascii_uppercase()) => Cow::Borrowed(name),
            Self::Ascii => Cow::Owned(name.to_ascii_lowercase()),
            Self::Rfc1459 | Self::Rfc1459Strict => name.chars().map(|c| self.lower(c)).collect(),
        }
    }

    /// Whether two names are the same name.
    pub fn same(self, left: &str, right: &str) -> bool {
        left.len() == right.len()
            && left.chars().zip(right.chars()).all(|(l, r)| self.lower(l) == self.lower(r))
    }
}

/// A name in lower case: equal exactly when IRC says that two names are equal. A key of maps. Cheap to copy.
#[derive(Clone, Debug, Eq)]
pub struct Folded(Arc<str>);

impl PartialEq for Folded {
    /// Most that are equal are the same memory.
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

impl PartialOrd for Folded {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Folded {
    /// The order of the texts. Most that are equal are the same memory.
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        if Arc::ptr_eq(&self.0, &other.0) { Ordering::Equal } else { self.0.cmp(&other.0) }
    }
}

impl Folded {
    /// The folded text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same memory, to be shared.
    pub(crate) fn shared(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }
}

impl fmt::Display for Folded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::borrow::Borrow<str> for Folded {
    fn borrow(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Casemapping::{Ascii, Rfc1459, Rfc1459Strict};

    #[test]
    fn each_mapping_equates_what_its_definition_says() {
        #[rustfmt::skip]
        let table = [
            // left     right     ascii  rfc1459 strict
            ("Alice",   "aLICE",  true,  true,   true ),
            ("[a]",     "{a}",    false, true,   true ),
            ("a\\b",    "a|b",    false, true,   true ),
            ("a^",      "a~",     false, true,   false),
            ("é",       "É",      false, false,  false),
            ("ab",      "abc",    false, false,  false),
        ];
        for (left, right, ascii, rfc1459, strict) in table {
            for (mapping, expected) in [(Ascii, ascii), (Rfc1459, rfc1459), (Rfc1459Strict, strict)] {
                assert_eq!(mapping.same(left, right), expected, "{mapping:?} {left} {right}");
                assert_eq!(*mapping.folded(left), *mapping.fold(left).as_str(), "{mapping:?} {left}");
                assert_eq!(mapping.fold(left) == mapping.fold(right), expected, "{mapping:?} {left} {right}");
            }
        }
    }
}
