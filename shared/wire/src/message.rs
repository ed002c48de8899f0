//! Lines to messages.

use std::fmt;
use std::ops::Deref;

use arrayvec::ArrayVec;

use crate::tags::Tags;

/// The most parameters a message has (RFC 1459, section 2.3: fifteen); the last takes what is left of the line.
pub const PARAMS_MAX: usize = 15;

/// A message, borrowed from its line: `[@tags] [:source] verb params…`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message<'a> {
    /// The tags, empty if there are none.
    pub tags: Tags<'a>,
    /// Who said it. Servers ignore it in what clients send.
    pub source: Option<Source<'a>>,
    /// The command or the three digits of a numeric, as written. Whatever else stands there is a verb too, of a command
    /// that nobody has: so that who mistypes one can be told.
    pub verb: &'a str,
    /// The parameters, the trailing one without its colon.
    pub params: Params<'a>,
}

/// Why a line is no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// Nothing but tags or a source.
    NoVerb,
    /// A NUL or a carriage return inside.
    ForbiddenByte,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoVerb => "no command",
            Self::ForbiddenByte => "a NUL or carriage return inside the line",
        })
    }
}

impl std::error::Error for Malformed {}

impl<'a> Message<'a> {
    /// Reads a line that has no end any more.
    ///
    /// # Errors
    /// If it is no message in the sense of RFC 1459, section 2.3.1.
    pub fn parse(line: &'a str) -> Result<Self, Malformed> {
        let mut message = Self::default();
        message.read(line)?;
        Ok(message)
    }

    /// Reads a line, as [`Message::parse`] does, into a message that is there: it is large, and not copied.
    ///
    /// # Errors
    /// If it is no message. What stands there then means nothing.
    #[inline]
    pub fn read(&mut self, line: &'a str) -> Result<(), Malformed> {
        if has_forbidden(line.as_bytes()) {
            return Err(Malformed::ForbiddenByte);
        }
        let (tags, rest) = match line.strip_prefix('@') {
            Some(rest) => first_word(rest).ok_or(Malformed::NoVerb)?,
            None => ("", line),
        };
        let rest = without_spaces(rest);
        let (source, rest) = match rest.strip_prefix(':') {
            Some(rest) => {
                let (source, rest) = first_word(rest).ok_or(Malformed::NoVerb)?;
                (Some(Source::parse(source)), without_spaces(rest))
            }
            None => (None, rest),
        };
        let (verb, rest) = first_word(rest).unwrap_or((rest, ""));
        if verb.is_empty() {
            return Err(Malformed::NoVerb);
        }
        (self.tags, self.source, self.verb) = (Tags(tags), source, verb);
        self.params.read(rest);
        Ok(())
    }

    /// The parameter at an index, or nothing if there are fewer.
    pub fn param(&self, index: usize) -> Option<&'a str> {
        self.params.all().get(index).copied()
    }
}

/// Whether a line has a byte that cannot stand in it. All of them are control characters, of which there are mostly
/// none: that is found out for eight bytes at once.
#[inline]
fn has_forbidden(line: &[u8]) -> bool {
    let (eights, rest) = line.as_chunks();
    let low = eights.iter().fold(false, |low, eight| low | has_low(*eight));
    let low = rest.iter().fold(low, |low, byte| low | (*byte <= b'\r'));
    low && line.iter().any(|byte| matches!(byte, b'\0' | b'\r' | b'\n'))
}

/// Whether one of eight bytes is a carriage return or below it, by the usual search for a byte below another one in a word.
#[inline]
fn has_low(eight: [u8; 8]) -> bool {
    let bytes = u64::from_le_bytes(eight);
    bytes.wrapping_sub(u64::from_le_bytes([b'\r' + 1; 8])) & !bytes & u64::from_le_bytes([0x80; 8]) != 0
}

/// What stands before and behind the first space.
#[inline]
fn first_word(text: &str) -> Option<(&str, &str)> {
    let at = text.as_bytes().iter().position(|b| *b == b' ')?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// What stands behind the spaces at the beginning.
#[inline]
fn without_spaces(text: &str) -> &str {
    let at = text.as_bytes().iter().position(|b| *b != b' ');
    at.and_then(|at| text.get(at..)).unwrap_or("")
}

/// The parameters of a message: at most [`PARAMS_MAX`], without allocation.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Params<'a>(ArrayVec<&'a str, PARAMS_MAX>);

impl<'a> Params<'a> {
    /// Reads what stands behind the verb.
    #[inline]
    fn read(&mut self, mut rest: &'a str) {
        self.0.clear();
        while !self.0.is_full() {
            rest = without_spaces(rest);
            let (text, after) = match rest.strip_prefix(':') {
                Some(trailing) => (trailing, ""),
                None if rest.is_empty() => break,
                None if self.0.len() == PARAMS_MAX - 1 => (rest, ""),
                None => first_word(rest).unwrap_or((rest, "")),
            };
            self.0.push(text);
            rest = after;
        }
    }

    /// The parameters with the life of the line.
    #[inline]
    pub fn all(&self) -> &[&'a str] {
        &self.0
    }
}

impl<'a> Deref for Params<'a> {
    type Target = [&'a str];

    fn deref(&self) -> &[&'a str] {
        self.all()
    }
}

impl fmt::Debug for Params<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.all()).finish()
    }
}

/// The source of a message: `nick!user@host` or a server's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source<'a> {
    /// The nick, or the name of a server.
    pub nick: &'a str,
    /// The user name, if it was given.
    pub user: Option<&'a str>,
    /// The host, if it was given.
    pub host: Option<&'a str>,
}

impl<'a> Source<'a> {
    /// Reads `nick[!user][@host]`.
    pub fn parse(text: &'a str) -> Self {
        let (rest, host) = match text.split_once('@') {
            Some((rest, host)) => (rest, Some(host)),
            None => (text, None),
        };
        let (nick, user) = match rest.split_once('!') {
            Some((nick, user)) => (nick, Some(user)),
            None => (rest, None),
        };
        Self { nick, user, host }
    }

    /// Whether this is a server: a name with a dot and nothing else. Nicks cannot contain one.
    pub fn is_server(&self) -> bool {
        self.user.is_none() && self.host.is_none() && self.nick.contains('.')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_read_as_written() {
        #[rustfmt::skip]
        let table: &[(&str, &str, &str, &str, &[&str])] = &[
            // line                             tags    source   verb      params
            ("PING",                            "",     "",      "PING",   &[]),
            ("privmsg #a :hi there",            "",     "",      "privmsg", &["#a", "hi there"]),
            ("PRIVMSG #a :",                    "",     "",      "PRIVMSG", &["#a", ""]),
            ("PRIVMSG #a ::)",                  "",     "",      "PRIVMSG", &["#a", ":)"]),
            (":a!b@c JOIN   #x   k",            "",     "a",     "JOIN",   &["#x", "k"]),
            ("@a=b;c :n 001 me :x",             "a=b;c", "n",    "001",    &["me", "x"]),
            ("@a  :n  PING x",                  "a",    "n",     "PING",   &["x"]),
            ("A b:c d ",                        "",     "",      "A",      &["b:c", "d"]),
            ("PR1VMSG a",                       "",     "",      "PR1VMSG", &["a"]),
            ("A 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16", "", "", "A",
                &["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15 16"]),
            ("A 1 2 3 4 5 6 7 8 9 10 11 12 13 14 :15 16", "", "", "A",
                &["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15 16"]),
        ];
        for (line, tags, source, verb, params) in table {
            let message = Message::parse(line).expect(line);
            assert_eq!(message.tags.raw(), *tags, "{line}");
            assert_eq!(message.source.map_or("", |s| s.nick), *source, "{line}");
            assert_eq!(message.verb, *verb, "{line}");
            assert_eq!(message.params.all(), *params, "{line}");
        }
    }

    #[test]
    fn what_is_no_message_is_refused() {
        #[rustfmt::skip]
        let table = [
            ("@tags",       Malformed::NoVerb),
            (":source",     Malformed::NoVerb),
            (":source ",    Malformed::NoVerb),
            ("@a :b ",      Malformed::NoVerb),
            ("A\0B",        Malformed::ForbiddenByte),
            ("A b\rc",      Malformed::ForbiddenByte),
        ];
        for (line, expected) in table {
            assert_eq!(Message::parse(line), Err(expected), "{line:?}");
        }
    }

    #[test]
    fn what_cannot_stand_in_a_line_is_found_wherever_it_is() {
        let line = "PRIVMSG #den :as long as this";
        for place in 0..=line.len() {
            for (byte, refused) in [
                ("\0", true),
                ("\r", true),
                ("\n", true),
                ("\x01", false),
                ("\t", false),
                ("\x0e", false),
                ("é", false),
            ] {
                let line = [&line[..place], byte, &line[place..]].concat();
                assert_eq!(Message::parse(&line) == Err(Malformed::ForbiddenByte), refused, "{line:?}");
            }
        }
    }

    #[test]
    fn sources_have_up_to_three_parts() {
        #[rustfmt::skip]
        let table = [
            ("irc.example", "irc.example", None, None, true),
            ("al",          "al", None,      None,       false),
            ("al!u@h",      "al", Some("u"), Some("h"),  false),
            ("al@h",        "al", None,      Some("h"),  false),
            ("al!u",        "al", Some("u"), None,       false),
        ];
        for (text, nick, user, host, server) in table {
            let source = Source::parse(text);
            assert_eq!(
                (source.nick, source.user, source.host, source.is_server()),
                (nick, user, host, server)
            );
        }
    }
}
