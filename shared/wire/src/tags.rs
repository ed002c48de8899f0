//! Message tags: `@key=value;+client/key;…` (IRCv3 message-tags).

use std::borrow::Cow;

/// The most tag data that a client may send, in bytes, without the leading `@` and the closing space
/// (IRCv3 message-tags, "Size limit": 4094 for the client, 4094 for the server).
pub const CLIENT_TAGS_BYTES_MAX: usize = 4094;

/// The tags of a message as they stand on the line, without the `@`. Empty if there are none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tags<'a>(pub(crate) &'a str);

impl<'a> Tags<'a> {
    /// Reads what is written like tags, without an `@`: attributes of commands are, too.
    pub const fn parse(text: &'a str) -> Self {
        Self(text)
    }

    /// The raw text, without the leading `@`.
    pub fn raw(self) -> &'a str {
        self.0
    }

    /// Whether there are no tags.
    pub fn is_empty(self) -> bool {
        self.iter().next().is_none()
    }

    /// Key and unescaped value of each tag in order. A tag without a value has an empty one.
    pub fn iter(self) -> impl Iterator<Item = (&'a str, Cow<'a, str>)> {
        self.raw_iter().map(|(key, value)| (key, unescape(value)))
    }

    /// Key and value as they stand on the line.
    pub fn raw_iter(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.each().map(|tag| apart(tag, b'=').unwrap_or((tag, "")))
    }

    /// Each tag as it stands on the line.
    pub fn each(self) -> impl Iterator<Item = &'a str> {
        let mut rest = self.0;
        let tags = std::iter::from_fn(move || {
            let (tag, after) = apart(rest, b';').unwrap_or((rest, ""));
            let is_end = rest.is_empty();
            rest = after;
            (!is_end).then_some(tag)
        });
        tags.filter(|tag| !tag.is_empty())
    }

    /// The value of a tag. Of several with the same key the last one counts, as the specification says.
    pub fn get(self, key: &str) -> Option<Cow<'a, str>> {
        self.raw_iter().filter(|(k, _)| *k == key).last().map(|(_, value)| unescape(value))
    }
}

/// What stands before and behind the first of an ASCII character. Tags are short: looking at each byte costs less than
/// searching as in long texts.
#[inline]
fn apart(text: &str, at: u8) -> Option<(&str, &str)> {
    let place = text.as_bytes().iter().position(|byte| *byte == at)?;
    Some((&text[..place], &text[place + 1..]))
}

/// Appends a tag value to a line, escaped.
pub fn escape_tag_value(value: &str, line: &mut String) {
    // All bytes are looked at, whatever the first ones are: so many of them are at once.
    let escapes = |b: u8| matches!(b, b';' | b' ' | b'\\' | b'\r' | b'\n');
    if !value.bytes().fold(false, |any, b| any | escapes(b)) {
        return line.push_str(value);
    }
    for character in value.chars() {
        match character {
            ';' => line.push_str("\\:"),
            ' ' => line.push_str("\\s"),
            '\\' => line.push_str("\\\\"),
            '\r' => line.push_str("\\r"),
            '\n' => line.push_str("\\n"),
            other => line.push(other),
        }
    }
}

fn unescape(value: &str) -> Cow<'_, str> {
    if !value.contains('\\') {
        return Cow::Borrowed(value);
    }
    let mut plain = String::with_capacity(value.len());
    let mut characters = value.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            plain.push(character);
            continue;
        }
        match characters.next() {
            Some(':') => plain.push(';'),
            Some('s') => plain.push(' '),
            Some('r') => plain.push('\r'),
            Some('n') => plain.push('\n'),
            // "If a lone \ exists (with no valid escape character following), it SHOULD be removed."
            Some(other) => plain.push(other),
            None => {}
        }
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_from_escaping() {
        for value in ["", "plain", "a;b c\\d\r\n", "\\:", "ü ☃"] {
            let mut line = String::new();
            escape_tag_value(value, &mut line);
            assert!(!line.contains([' ', ';', '\r', '\n']), "{line}");
            assert_eq!(Tags(&format!("k={line}")).get("k").as_deref(), Some(value));
        }
    }

    #[test]
    fn tags_are_read_as_the_specification_says() {
        #[rustfmt::skip]
        let table = [
            ("a=1;b;+c/d=x",  "a", Some("1")),
            ("a=1;b;+c/d=x",  "b", Some("")),
            ("a=1;b;+c/d=x",  "+c/d", Some("x")),
            ("a=1;b",         "c", None),
            ("a=1;a=2",       "a", Some("2")),   // the last one counts
            ("a=x\\",         "a", Some("x")),   // a lone backslash goes
            ("a=x\\y",        "a", Some("xy")),
            (";;a=1;",        "a", Some("1")),
            ("a=b=c",         "a", Some("b=c")),
        ];
        for (raw, key, expected) in table {
            assert_eq!(Tags(raw).get(key).as_deref(), expected, "{raw} {key}");
        }
    }
}
