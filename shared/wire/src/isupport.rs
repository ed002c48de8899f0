//! RPL_ISUPPORT (005): what a server says of itself, as a client reads it
//! (modern.ircdocs.horse, "Feature Advertisement").

use std::collections::BTreeMap;

use crate::casemapping::Casemapping;

/// How the parameter of a channel mode behaves (modern.ircdocs.horse, "CHANMODES Parameter").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModeKind {
    /// Type A: a list; always with a parameter, without one it asks for the list.
    List,
    /// Type B: always with a parameter.
    Always,
    /// Type C: with a parameter when it is set.
    WhenSet,
    /// Type D: never with a parameter.
    Never,
    /// A member's rank; always with a nick.
    Member,
}

/// Which channel modes there are and how each behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelModeKinds {
    groups: [String; 4],
    /// Letters of the member ranks, highest first, each with its prefix character.
    ranks: Vec<(char, char)>,
}

impl ChannelModeKinds {
    /// How a letter behaves; `None` for one that was not announced.
    pub fn kind(&self, letter: char) -> Option<ModeKind> {
        const KINDS: [ModeKind; 4] = [ModeKind::List, ModeKind::Always, ModeKind::WhenSet, ModeKind::Never];
        if self.ranks.iter().any(|(mode, _)| *mode == letter) {
            return Some(ModeKind::Member);
        }
        self.groups.iter().zip(KINDS).find(|(group, _)| group.contains(letter)).map(|(_, kind)| kind)
    }

    /// The member ranks, highest first: letter and prefix.
    pub fn ranks(&self) -> &[(char, char)] {
        &self.ranks
    }

    /// The letter behind a prefix character.
    pub fn letter_of(&self, prefix: char) -> Option<char> {
        self.ranks.iter().find(|(_, p)| *p == prefix).map(|(letter, _)| *letter)
    }

    /// The prefix character of a letter.
    pub fn prefix_of(&self, letter: char) -> Option<char> {
        self.ranks.iter().find(|(l, _)| *l == letter).map(|(_, prefix)| *prefix)
    }
}

/// The tokens that a server has announced so far, with the protocol's defaults for what it has not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Isupport {
    tokens: BTreeMap<String, String>,
    kinds: ChannelModeKinds,
    casemapping: Casemapping,
}

impl Default for Isupport {
    fn default() -> Self {
        let groups = ["beI", "k", "l", "imnpst"].map(str::to_owned);
        let kinds = ChannelModeKinds { groups, ranks: vec![('o', '@'), ('v', '+')] };
        Self { tokens: BTreeMap::new(), kinds, casemapping: Casemapping::Rfc1459 }
    }
}

impl Isupport {
    /// How many tokens are kept; further ones of a talkative server are passed over.
    const TOKENS_MAX: usize = 256;

    /// Takes in the tokens of one 005 line: the parameters without the nick and the trailing text.
    pub fn learn<'a>(&mut self, tokens: impl IntoIterator<Item = &'a str>) {
        for token in tokens {
            if let Some(name) = token.strip_prefix('-') {
                self.tokens.remove(name);
                self.forget(name);
                continue;
            }
            let (name, value) = token.split_once('=').unwrap_or((token, ""));
            let value = unescape(value);
            self.interpret(name, &value);
            if self.tokens.len() < Self::TOKENS_MAX || self.tokens.contains_key(name) {
                self.tokens.insert(name.to_owned(), value);
            }
        }
    }

    /// The value of a token, empty if it has none; `None` if it was not announced.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.tokens.get(name).map(String::as_str)
    }

    /// The value of a token as a number.
    pub fn number(&self, name: &str) -> Option<usize> {
        self.get(name)?.parse().ok()
    }

    /// Which names are the same.
    pub fn casemapping(&self) -> Casemapping {
        self.casemapping
    }

    /// Which channel modes there are.
    pub fn channel_modes(&self) -> &ChannelModeKinds {
        &self.kinds
    }

    /// Whether a target is a channel here.
    pub fn is_channel(&self, target: &str) -> bool {
        match self.get("CHANTYPES") {
            Some(types) => target.starts_with(|c| types.contains(c)),
            None => target.starts_with(['#', '&']),
        }
    }

    fn interpret(&mut self, name: &str, value: &str) {
        match name {
            "CASEMAPPING" => self.casemapping = Casemapping::named(value).unwrap_or_default(),
            "PREFIX" => {
                let pairs = value.strip_prefix('(').and_then(|rest| rest.split_once(')'));
                let (letters, prefixes) = pairs.unwrap_or(("", ""));
                self.kinds.ranks = letters.chars().zip(prefixes.chars()).collect();
            }
            "CHANMODES" => {
                let mut groups = value.split(',').map(str::to_owned);
                self.kinds.groups = std::array::from_fn(|_| groups.next().unwrap_or_default());
            }
            _ => {}
        }
    }

    fn forget(&mut self, name: &str) {
        let defaults = Self::default();
        match name {
            "CASEMAPPING" => self.casemapping = defaults.casemapping,
            "PREFIX" => self.kinds.ranks = defaults.kinds.ranks,
            "CHANMODES" => self.kinds.groups = defaults.kinds.groups,
            _ => {}
        }
    }
}

// "Values may contain escaped characters: \xHH".
fn unescape(value: &str) -> String {
    let mut plain = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, after)) = rest.split_once("\\x") {
        plain.push_str(before);
        match after.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok()).filter(u8::is_ascii) {
            Some(byte) => {
                plain.push(char::from(byte));
                rest = &after[2..];
            }
            None => {
                plain.push_str("\\x");
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_learnt_and_forgotten() {
        let mut isupport = Isupport::default();
        assert_eq!(isupport.channel_modes().kind('o'), Some(ModeKind::Member));
        isupport.learn([
            "PREFIX=(qaohv)~&@%+",
            "CHANMODES=beI,k,lj,Cimnst",
            "CASEMAPPING=ascii",
            "NETWORK=Our\\x20Net",
            "NICKLEN=30",
            "SAFELIST",
            "CHANTYPES=#",
        ]);
        #[rustfmt::skip]
        let kinds = [
            ('b', Some(ModeKind::List)), ('k', Some(ModeKind::Always)), ('j', Some(ModeKind::WhenSet)),
            ('C', Some(ModeKind::Never)), ('h', Some(ModeKind::Member)), ('z', None),
        ];
        for (letter, kind) in kinds {
            assert_eq!(isupport.channel_modes().kind(letter), kind, "{letter}");
        }
        assert_eq!(isupport.channel_modes().prefix_of('q'), Some('~'));
        assert_eq!(isupport.channel_modes().letter_of('%'), Some('h'));
        assert_eq!(isupport.casemapping(), Casemapping::Ascii);
        assert_eq!(isupport.get("NETWORK"), Some("Our Net"));
        assert_eq!(isupport.number("NICKLEN"), Some(30));
        assert_eq!(isupport.get("SAFELIST"), Some(""));
        assert!(isupport.is_channel("#a") && !isupport.is_channel("&a"));
        isupport.learn(["-PREFIX", "-NICKLEN"]);
        assert_eq!(isupport.channel_modes().ranks(), [('o', '@'), ('v', '+')]);
        assert_eq!(isupport.number("NICKLEN"), None);
    }

    #[test]
    fn a_hostile_announcement_is_bounded() {
        let mut isupport = Isupport::default();
        let names: Vec<String> = (0..10_000).map(|n| format!("T{n}=\\x")).collect();
        isupport.learn(names.iter().map(String::as_str));
        assert_eq!(isupport.tokens.len(), Isupport::TOKENS_MAX);
        isupport.learn(["PREFIX=", "CHANMODES=", "PREFIX=(ov", "X=\\x4", "Y=\\xé"]);
        assert_eq!(isupport.channel_modes().ranks(), []);
    }
}
