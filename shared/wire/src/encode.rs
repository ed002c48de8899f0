//! Messages to lines.

use crate::tags::escape_tag_value;

/// Writes one message, part after part, in the order of the line: tags, source, verb, parameters.
///
/// ```
/// let line = wire::Encoder::new().tag("msgid", "a b").source("al!u@h").verb("PRIVMSG").param("#den").trailing("hi").end();
/// assert_eq!(line, "@msgid=a\\sb :al!u@h PRIVMSG #den :hi\r\n");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Encoder {
    line: String,
    tagged: bool,
}

/// Room that a new line has at once: most lines fit, and are written without growing.
const USUAL_BYTES: usize = 160;

impl Encoder {
    /// An empty line, with room for a usual one.
    pub fn new() -> Self {
        Self { line: String::with_capacity(USUAL_BYTES), tagged: false }
    }

    /// The same with room for so many bytes besides tags of usual length.
    #[must_use]
    pub fn with_room(mut self, bytes: usize) -> Self {
        self.line.reserve(bytes + USUAL_BYTES);
        self
    }

    /// A tag; the value is escaped. An empty value is left out, as it means the same.
    #[must_use]
    pub fn tag(mut self, key: &str, value: &str) -> Self {
        self.line.push(if self.tagged { ';' } else { '@' });
        self.tagged = true;
        self.line.push_str(key);
        if !value.is_empty() {
            self.line.push('=');
            escape_tag_value(value, &mut self.line);
        }
        self
    }

    /// Tags as they stand on a line already, escaped, without the `@`; nothing if there are none.
    #[must_use]
    pub fn raw_tags(mut self, tags: &str) -> Self {
        if !tags.is_empty() {
            self.line.push(if self.tagged { ';' } else { '@' });
            self.tagged = true;
            self.line.push_str(tags);
        }
        self
    }

    /// The tags so far, then the rest of the line as it stands, its end included.
    #[must_use]
    pub fn raw(mut self, rest: &str) -> String {
        self.close_tags();
        self.line.push_str(rest);
        self.line
    }

    /// Who says it.
    #[must_use]
    pub fn source(mut self, source: &str) -> Self {
        self.close_tags();
        self.line.push(':');
        self.line.push_str(source);
        self.line.push(' ');
        self
    }

    /// The command or numeric.
    #[must_use]
    pub fn verb(mut self, verb: &str) -> Self {
        self.close_tags();
        self.line.push_str(verb);
        self
    }

    /// A parameter in the middle. One that could not stand there (empty, with a space or with a leading colon) is
    /// replaced by what of it can, `*` if there is nothing: the line keeps its meaning whatever a person sent.
    #[must_use]
    pub fn param(mut self, param: &str) -> Self {
        self.line.push(' ');
        push_word(&mut self.line, param);
        self
    }

    /// The last parameter, which may be empty and may contain spaces.
    #[must_use]
    pub fn trailing(mut self, text: &str) -> Self {
        self.line.push_str(" :");
        self.line.push_str(text);
        self
    }

    /// Bytes so far, the tags included.
    pub fn bytes(&self) -> usize {
        self.line.len()
    }

    /// The line so far.
    #[must_use]
    pub(crate) fn unfinished(self) -> String {
        self.line
    }

    /// The line with its end.
    #[must_use]
    pub fn end(mut self) -> String {
        self.line.push_str("\r\n");
        self.line
    }

    fn close_tags(&mut self) {
        if std::mem::take(&mut self.tagged) {
            self.line.push(' ');
        }
    }
}

/// Writes a parameter that is not the last one; what could not stand there is replaced.
pub(crate) fn push_word(line: &mut String, param: &str) {
    // Nearly all parameters are words as they are.
    let is_word = param.as_bytes().first().is_some_and(|first| *first != b':') && !has_space(param);
    if is_word {
        return line.push_str(param);
    }
    let word = param.trim_start_matches([' ', ':']).split(' ').next().unwrap_or("");
    line.push_str(if word.is_empty() { "*" } else { word });
}

/// Whether a text has a space, eight bytes at a time.
fn has_space(text: &str) -> bool {
    let any = |bytes: &[u8]| bytes.iter().fold(false, |found, b| found | (*b == b' '));
    let (eights, rest) = text.as_bytes().as_chunks::<8>();
    eights.iter().any(|eight| any(eight)) || any(rest)
}

/// The text as it can stand in a line: up to the first byte that would end it.
pub fn sendable_text(text: &str) -> &str {
    text.split(['\r', '\n', '\0']).next().unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Message;

    #[test]
    fn a_hostile_parameter_cannot_change_the_line() {
        for (param, stands) in [("a b", "a"), ("", "*"), (":x", "x"), (" :", "*"), ("plain", "plain")] {
            let line = Encoder::new().source("srv").verb("401").param(param).trailing("no such nick").end();
            let message = Message::parse(line.trim_end()).expect("well-formed");
            assert_eq!(message.params.all(), [stands, "no such nick"], "{param:?}");
        }
    }
}
