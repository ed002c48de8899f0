//! Lines of a script: text with placeholders in braces.
//!
//! | placeholder    | heard                                         | said                     |
//! |----------------|-----------------------------------------------|--------------------------|
//! | `{name}`       | a word; the same one wherever the name stands | the word that was heard  |
//! | `{name:kind}`  | a word of a kind: `time`, `number`, `id`      | the same                 |
//! | `{}`, `{:kind}`| any word, of a kind                           | –                        |
//! | `{*}`          | whatever stands there, or nothing             | –                        |
//! | `{30*x}`       | `x` thirty times                              | the same                 |
//! | `{\x01}`       | a byte                                        | the same                 |
//!
//! The word `host` behind an `@` is the host from which the carrier lets everybody come; `{host}` is it elsewhere.

use std::collections::BTreeMap;
use std::fmt;

use wire::Timestamp;

/// What the names in braces stand for.
#[derive(Clone, Debug, Default)]
pub struct Names {
    bound: BTreeMap<String, String>,
    any: bool,
}

/// What a heard line has to be.
#[derive(Clone, Debug)]
pub struct Pattern {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(Vec<u8>),
    Word(Option<String>, Kind),
    Rest,
}

/// What a placeholder may stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Anything without a space or semicolon.
    Word,
    /// A time as the tag `time` shows it.
    Time,
    /// Digits.
    Number,
    /// Letters, digits and `-`.
    Id,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadPattern(String);

impl fmt::Display for BadPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadPattern {}

impl Names {
    /// The names at the beginning of a script on a carrier.
    pub fn on(host: &str) -> Self {
        Self { bound: BTreeMap::from([("host".to_owned(), host.to_owned())]), any: false }
    }

    /// Every name stands for something: for those who only want to know whether a line is well-formed.
    pub(super) fn for_checking() -> Self {
        Self { bound: BTreeMap::new(), any: true }
    }

    fn host(&self) -> &str {
        self.bound.get("host").map_or("host", String::as_str)
    }
}

impl Pattern {
    /// Reads a pattern. Names that are bound already stand for what they are bound to.
    ///
    /// # Errors
    /// A placeholder that is none.
    pub fn parse(text: &str, names: &Names) -> Result<Self, BadPattern> {
        let mut parts = parts(&with_host(text, names.host()))?;
        for part in &mut parts {
            if let Part::Word(Some(name), _) = part
                && let Some(bound) = names.bound.get(name)
            {
                *part = Part::Literal(bound.as_bytes().to_vec());
            }
        }
        Ok(Self { parts })
    }

    /// Whether a line is like this. If it is, new names are bound to what stood in their places.
    pub fn matches(&self, line: &[u8], names: &mut Names) -> bool {
        let mut bound = names.bound.clone();
        let fits = fits(&self.parts, line, &mut bound);
        if fits {
            names.bound = bound;
        }
        fits
    }
}

/// The bytes that a line of a script says.
///
/// # Errors
/// A placeholder that is none, or that stands for nothing yet.
pub fn sayable(text: &str, names: &Names) -> Result<Vec<u8>, BadPattern> {
    let mut line = Vec::new();
    for part in parts(&with_host(text, names.host()))? {
        match part {
            Part::Literal(bytes) => line.extend(bytes),
            Part::Word(Some(_), _) if names.any => {}
            Part::Word(Some(name), _) => match names.bound.get(&name) {
                Some(bound) => line.extend(bound.as_bytes()),
                None => return Err(BadPattern(format!("{{{name}}} was not heard yet"))),
            },
            Part::Word(None, _) | Part::Rest => {
                return Err(BadPattern("a placeholder without a name cannot be said".to_owned()));
            }
        }
    }
    Ok(line)
}

fn with_host(text: &str, host: &str) -> String {
    let mut written = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("@host") {
        written.push_str(before);
        let ends = !after.starts_with(|c: char| c.is_ascii_alphanumeric());
        written.push_str(if ends { "@" } else { "@host" });
        written.push_str(if ends { host } else { "" });
        rest = after;
    }
    written + rest
}

fn parts(text: &str) -> Result<Vec<Part>, BadPattern> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (inside, after) =
            after.split_once('}').ok_or_else(|| BadPattern(format!("a brace is open: {{{after}")))?;
        parts.push(Part::Literal(before.as_bytes().to_vec()));
        parts.push(placeholder(inside)?);
        rest = after;
    }
    parts.push(Part::Literal(rest.as_bytes().to_vec()));
    parts.retain(|part| *part != Part::Literal(Vec::new()));
    Ok(parts)
}

fn placeholder(inside: &str) -> Result<Part, BadPattern> {
    let bad = || BadPattern(format!("{{{inside}}} is no placeholder"));
    if inside == "*" {
        return Ok(Part::Rest);
    }
    if let Some(hex) = inside.strip_prefix("\\x") {
        let byte = u8::from_str_radix(hex, 16).map_err(|_| bad())?;
        return Ok(Part::Literal(vec![byte]));
    }
    if let Some((count, text)) = inside.split_once('*') {
        let count: usize = count.parse().map_err(|_| bad())?;
        return Ok(Part::Literal(text.repeat(count).into_bytes()));
    }
    let (name, kind) = inside.split_once(':').unwrap_or((inside, ""));
    let kind = match kind {
        "" => Kind::Word,
        "time" => Kind::Time,
        "number" => Kind::Number,
        "id" => Kind::Id,
        _ => return Err(bad()),
    };
    if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return Err(bad());
    }
    Ok(Part::Word(Some(name.to_owned()).filter(|name| !name.is_empty()), kind))
}

impl Kind {
    fn takes(self, byte: u8) -> bool {
        match self {
            Self::Word => byte != b' ' && byte != b';',
            Self::Time => byte.is_ascii_digit() || matches!(byte, b'-' | b'T' | b':' | b'.' | b'Z'),
            Self::Number => byte.is_ascii_digit(),
            Self::Id => byte.is_ascii_alphanumeric() || byte == b'-',
        }
    }

    fn is(self, word: &str) -> bool {
        self != Self::Time || (word.len() == 24 && Timestamp::parse(word).is_some())
    }
}

fn fits(parts: &[Part], line: &[u8], bound: &mut BTreeMap<String, String>) -> bool {
    let Some((part, others)) = parts.split_first() else { return line.is_empty() };
    match part {
        Part::Literal(bytes) => {
            line.strip_prefix(bytes.as_slice()).is_some_and(|rest| fits(others, rest, bound))
        }
        Part::Rest => (0..=line.len()).any(|taken| fits(others, &line[taken..], bound)),
        Part::Word(name, kind) => {
            let longest = line.iter().take_while(|byte| kind.takes(**byte)).count();
            (1..=longest).rev().any(|taken| {
                let Ok(word) = std::str::from_utf8(&line[..taken]) else { return false };
                let before = name.as_ref().and_then(|name| bound.get(name).cloned());
                if !kind.is(word) || before.as_ref().is_some_and(|before| before != word) {
                    return false;
                }
                let mut with = bound.clone();
                if let Some(name) = name {
                    with.insert(name.clone(), word.to_owned());
                }
                let fits = fits(others, &line[taken..], &mut with);
                if fits {
                    *bound = with;
                }
                fits
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_like_their_patterns_or_not() {
        #[rustfmt::skip]
        let table = [
            ("PING x",                    "PING x",                               true),
            ("PING x",                    "PING y",                               false),
            ("PING x",                    "PING x ",                              false),
            ("PING {}",                   "PING x",                               true),
            ("PING {}",                   "PING ",                                false),
            ("PING {}",                   "PING x y",                             false),
            ("PING {*}",                  "PING ",                                true),
            ("PING {*}",                  "PING x y",                             true),
            ("{*} x",                     "a x b x",                              true),
            ("{a} {a}",                   "x x",                                  true),
            ("{a} {a}",                   "x y",                                  false),
            ("{a}={b};{a}={b}",           "k=v;k=v",                              true),
            ("{:number}",                 "123",                                  true),
            ("{:number}",                 "12a",                                  false),
            ("@time={:time} PING",        "@time=2026-11-22T12:09:00.123Z PING",  true),
            ("@time={:time} PING",        "@time=2026-11-22T12:09:00Z PING",      false),
            ("@msgid={:id};+a=b PING",    "@msgid=x-1;+a=b PING",                 true),
            ("@msgid={:id};+a=b PING",    "@msgid=;+a=b PING",                    false),
            ("{3*ab}",                    "ababab",                               true),
            ("{3*ab}",                    "abab",                                 false),
            ("{\\x01}A",                  "\u{1}A",                               true),
            (":a!a@host X",               ":a!a@127.0.0.1 X",                     true),
            (":a!a@hostess X",            ":a!a@hostess X",                       true),
            ("at {host} now",             "at 127.0.0.1 now",                     true),
        ];
        for (pattern, line, expected) in table {
            let mut names = Names::on("127.0.0.1");
            let read = Pattern::parse(pattern, &names).unwrap_or_else(|bad| panic!("{pattern}: {bad}"));
            assert_eq!(read.matches(line.as_bytes(), &mut names), expected, "{pattern:?} {line:?}");
        }
    }

    #[test]
    fn a_name_stands_for_what_was_heard() {
        let mut names = Names::on("host");
        assert!(sayable("PING {token}", &names).is_err());
        assert!(Pattern::parse("PING {token}", &names).unwrap().matches(b"PING abc", &mut names));
        assert_eq!(sayable("PONG {token} {2*x}{\\xff}", &names).unwrap(), b"PONG abc xx\xff");
        assert!(!Pattern::parse("PING {token}", &names).unwrap().matches(b"PING abd", &mut names));
        assert!(Pattern::parse("PING {token}", &names).unwrap().matches(b"PING abc", &mut names));
    }
}
