//! Masks: patterns with `*` and `?` over names.

use std::fmt;

use crate::casemapping::Casemapping;

/// Whether a pattern of `*` (any run), `?` (any one character) and literal characters covers a whole text. `\*` and
/// `\?` are the characters themselves; any other `\` stands for itself, as nicks have it. Case is compared as
/// `casemapping` says. Takes at most pattern × text steps, whatever the pattern.
pub fn glob(casemapping: Casemapping, pattern: &str, text: &str) -> bool {
    let (mut pattern, mut text) = (pattern.chars(), text.chars());
    let mut retry: Option<(std::str::Chars<'_>, std::str::Chars<'_>)> = None;
    loop {
        let escaped = pattern.as_str().starts_with("\\*") || pattern.as_str().starts_with("\\?");
        let next = if escaped { pattern.nth(1) } else { pattern.next() };
        match (next, text.clone().next()) {
            (None, None) => return true,
            (Some('*'), _) if !escaped => retry = Some((pattern.clone(), text.clone())),
            (Some(p), Some(t)) if (p == '?' && !escaped) || casemapping.lower(p) == casemapping.lower(t) => {
                text.next();
            }
            _ => {
                let Some((after_star, from)) = &mut retry else { return false };
                if from.next().is_none() {
                    return false;
                }
                pattern = after_star.clone();
                text = from.clone();
            }
        }
    }
}

/// A mask over `nick!user@host`, completed: what a person left out is `*`
/// (modern.ircdocs.horse, "Ban Channel Mode").
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mask(Box<str>);

impl Mask {
    /// Completes what a person wrote: `al` is `al!*@*`, `*.example` and `u@h` are hosts, `al!u` has any host. Runs of
    /// `*` become one.
    pub fn complete(written: &str) -> Self {
        let (left, host) = match written.rsplit_once('@') {
            Some((left, host)) => (left, host),
            None if written.contains('!') => (written, ""),
            None if written.contains(['.', ':', '/']) => ("", written),
            None => (written, ""),
        };
        let (nick, user) = match left.split_once('!') {
            Some((nick, user)) => (nick, user),
            None if written.contains('@') => ("", left),
            None => (left, ""),
        };
        let part = |text: &str| if text.is_empty() { "*".to_owned() } else { text.to_owned() };
        let mut whole = format!("{}!{}@{}", part(nick), part(user), part(host));
        while whole.contains("**") {
            whole = whole.replace("**", "*");
        }
        Self(whole.into())
    }

    /// The completed mask.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a `nick!user@host` is meant.
    pub fn covers(&self, casemapping: Casemapping, source: &str) -> bool {
        glob(casemapping, &self.0, source)
    }
}

impl fmt::Display for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_cover_what_they_say() {
        #[rustfmt::skip]
        let table = [
            ("*",        "",          true ),
            ("*",        "anything",  true ),
            ("?",        "",          false),
            ("?",        "é",         true ),
            ("a*c",      "abc",       true ),
            ("a*c",      "ABC",       true ),
            ("a*c",      "abcd",      false),
            ("*a*b*",    "xxaxxbxx",  true ),
            ("*ab",      "aab",       true ),
            ("a?c*",     "abc",       true ),
            ("",         "",          true ),
            ("",         "a",         false),
            ("[x]",      "{x}",       false),
            ("a\\*c",    "a*c",       true ),
            ("a\\*c",    "abc",       false),
            ("a\\*c",    "a\\c",      false),
            ("a\\?",     "a?",        true ),
            ("a\\?",     "ab",        false),
            ("a\\b",     "a\\b",      true ),
            ("a\\",      "a\\",       true ),
            ("*\\**",    "x*y",       true ),
            ("*\\**",    "xyz",       false),
        ];
        for (pattern, text, expected) in table {
            assert_eq!(glob(Casemapping::Ascii, pattern, text), expected, "{pattern} {text}");
        }
        assert!(glob(Casemapping::Rfc1459, "[x]", "{x}"));
    }

    #[test]
    fn a_hostile_pattern_ends_soon() {
        let pattern = "*a".repeat(100) + "b";
        assert!(!glob(Casemapping::Ascii, &pattern, &"a".repeat(400)));
    }

    #[test]
    fn masks_are_completed() {
        #[rustfmt::skip]
        let table = [
            ("al",          "al!*@*"),
            ("al!u",        "al!u@*"),
            ("u@h",         "*!u@h"),
            ("@h",          "*!*@h"),
            ("al!u@h",      "al!u@h"),
            ("*.example",   "*!*@*.example"),
            ("127.0.0.1",   "*!*@127.0.0.1"),
            ("**!*@***",    "*!*@*"),
            ("",            "*!*@*"),
        ];
        for (written, expected) in table {
            assert_eq!(Mask::complete(written).as_str(), expected, "{written}");
        }
    }
}
