//! The table of capabilities and sets of them (IRCv3 capability negotiation).

use std::fmt;

/// One row of the table.
#[derive(Debug, PartialEq, Eq)]
pub struct Capability {
    /// The name in `CAP LS`.
    pub name: &'static str,
    /// The bit of this capability in a [`Set`].
    bit: u32,
    /// What a client gets by it, in a sentence.
    pub help: &'static str,
}

/// A set of capabilities.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Set(u64);

impl Set {
    /// No capability.
    pub const NONE: Self = Self(0);

    /// The set with one more.
    #[must_use]
    pub const fn with(self, capability: &Capability) -> Self {
        Self(self.0 | 1 << capability.bit)
    }

    /// The set with one less.
    #[must_use]
    pub const fn without(self, capability: &Capability) -> Self {
        Self(self.0 & !(1 << capability.bit))
    }

    /// What both sets have.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether a capability is in the set.
    pub const fn has(self, capability: &Capability) -> bool {
        self.0 & 1 << capability.bit != 0
    }

    /// Whether the set is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The rows of the set, in the order of the table.
    pub fn iter(self) -> impl Iterator<Item = &'static Capability> {
        ALL.iter().copied().filter(move |row| self.has(row))
    }
}

impl fmt::Display for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, row) in self.iter().enumerate() {
            let gap = if index == 0 { "" } else { " " };
            write!(f, "{gap}{}", row.name)?;
        }
        Ok(())
    }
}

/// The row of a capability, by its name. Names are case-sensitive.
pub fn named(name: &str) -> Option<&'static Capability> {
    ALL.iter().copied().find(|row| row.name == name)
}

macro_rules! capabilities {
    ($($constant:ident $name:literal $help:literal)*) => {
        /// The bits, in the order of the rows.
        #[allow(non_camel_case_types, clippy::upper_case_acronyms, reason = "named like the rows")]
        enum Bit { $($constant),* }

        $(
            #[doc = concat!("`", $name, "`: ", $help)]
            pub static $constant: Capability =
                Capability { name: $name, bit: Bit::$constant as u32, help: $help };
        )*
        /// Every row, in the order of `CAP LS`.
        pub static ALL: &[&Capability] = &[$(&$constant),*];
    };
}

#[rustfmt::skip]
capabilities! {
    ACCOUNT_NOTIFY     "account-notify"     "who logs in and out is told to those who share a channel"
    ACCOUNT_TAG        "account-tag"        "messages carry the account of the one who sent them"
    AWAY_NOTIFY        "away-notify"        "AWAY is told to those who share a channel"
    BATCH              "batch"              "lines that belong together are marked so"
    CAP_NOTIFY         "cap-notify"         "capabilities that come and go are announced"
    CHGHOST            "chghost"            "who is seen with another user name or host does not seem to leave and come back"
    CHANNEL_RENAME     "draft/channel-rename" "a channel that gets another name stays the same one"
    CHATHISTORY        "draft/chathistory"  "what was said before can be asked for with CHATHISTORY"
    EVENT_PLAYBACK     "draft/event-playback" "history has more than messages: who came and went, topics, modes, reactions"
    EXTENDED_ISUPPORT  "draft/extended-isupport" "ISUPPORT is answered before registration too, and 005 stands in batches"
    MESSAGE_REDACTION  "draft/message-redaction" "a message can be taken back with REDACT, and that is told"
    METADATA_2         "draft/metadata-2"   "what people tell of themselves and their channels is told with METADATA when it changes"
    METADATA_3         "draft/metadata-3"   "the same, told with the numerics 761 and 766"
    MULTILINE          "draft/multiline"    "a message can have several lines"
    DRAFT_NO_IMPLICIT_NAMES "draft/no-implicit-names" "the same as no-implicit-names, by the name it had before"
    PRE_AWAY           "draft/pre-away"     "AWAY can be said before registration"
    READ_MARKER        "draft/read-marker"  "up to where one has read is remembered, and told with MARKREAD"
    ECHO_MESSAGE       "echo-message"       "a message comes back to its sender as others see it"
    EXTENDED_JOIN      "extended-join"      "JOIN shows account and real name"
    EXTENDED_MONITOR   "extended-monitor"   "of watched nicks more is told than that they come and go"
    INVITE_NOTIFY      "invite-notify"      "invitations are told to the channel's operators"
    LABELED_RESPONSE   "labeled-response"   "an answer carries the label of its question"
    MESSAGE_TAGS       "message-tags"       "messages carry tags, their ids among them, and TAGMSG is heard"
    MULTI_PREFIX       "multi-prefix"       "NAMES and WHO show all of a member's prefixes"
    NO_IMPLICIT_NAMES  "no-implicit-names"  "who joins is not shown the members unasked"
    SERVER_TIME        "server-time"        "messages carry the time at which they were said"
    SETNAME            "setname"            "a real name can change, and changes are told"
    SEARCH             "soju.im/search"     "what was said before can be searched with SEARCH"
    STANDARD_REPLIES   "standard-replies"   "errors, warnings and notes can come as FAIL, WARN and NOTE"
    USERHOST_IN_NAMES  "userhost-in-names"  "NAMES shows nick!user@host"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_in_order_and_their_bits_differ() {
        for pair in ALL.windows(2) {
            assert!(pair[0].name < pair[1].name && pair[0].bit < pair[1].bit, "{}", pair[1].name);
        }
        assert!(ALL.iter().all(|row| row.bit < u64::BITS && named(row.name) == Some(row)));
    }

    #[test]
    fn a_set_holds_what_was_put_in() {
        let set = Set::NONE.with(&BATCH).with(&SERVER_TIME).without(&BATCH);
        assert!(set.has(&SERVER_TIME) && !set.has(&BATCH) && !set.is_empty());
        assert_eq!(set.to_string(), "server-time");
        assert_eq!(set.and(Set::NONE), Set::NONE);
    }
}
