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

    /// An empty line in memory that was used before.
    #[inline]
    pub fn over(mut memory: String) -> Self {
        memory.clear();
        Self { line: memory, tagged: false }
    }

    /// A tag; the value is escaped. An empty value is left out, as it means the same.
    #[must_use]
    pub fn tag(mut self, key: &str, value: &str) -> Self {
        self.open_tag();
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
            self.open_tag();
            self.line.push_str(tags);
        }
        self
    }

    /// The tags so far, then the rest of the line as it stands, its end included.
    #[inline]
    #[must_use]
    pub fn raw(mut self, rest: &str) -> String {
        self.close_tags();
        self.line.push_str(rest);
        self.line
    }

    /// Who says it.
    #[inline]
    #[must_use]
    pub fn source(mut self, source: &str) -> Self {
        self.push_source(source);
        self
    }

    /// The command or numeric.
    #[inline]
    #[must_use]
    pub fn verb(mut self, verb: &str) -> Self {
        self.close_tags();
        self.line.push_str(verb);
        self
    }

    /// A parameter in the middle. One that could not stand there (empty, with a space or with a leading colon) is
    /// replaced by what of it can, `*` if there is nothing: the line keeps its meaning whatever a person sent.
    #[inline]
    #[must_use]
    pub fn param(mut self, param: &str) -> Self {
        push_param(&mut self.line, param);
        self
    }

    /// The last parameter, which may be empty and may contain spaces.
    #[inline]
    #[must_use]
    pub fn trailing(mut self, text: &str) -> Self {
        self.line.push_str(" :");
        self.line.push_str(text);
        self
    }

    /// More of the last parameter.
    #[inline]
    #[must_use]
    pub fn more(mut self, text: &str) -> Self {
        self.line.push_str(text);
        self
    }

    /// Bytes so far, the tags included.
    pub fn bytes(&self) -> usize {
        self.line.len()
    }

    /// The line with its end.
    #[inline]
    #[must_use]
    pub fn end(mut self) -> String {
        self.line.push_str("\r\n");
        self.line
    }

    /// Behind this a tag can be written.
    fn open_tag(&mut self) {
        self.line.push(if self.tagged { ';' } else { '@' });
        self.tagged = true;
    }

    /// Called, and not written at each place where a line is made: what is handed on by value there is moved by nobody.
    fn push_source(&mut self, source: &str) {
        self.close_tags();
        push_source(&mut self.line, source);
    }

    #[inline]
    fn close_tags(&mut self) {
        if std::mem::take(&mut self.tagged) {
            self.line.push(' ');
        }
    }
}

/// Writes a line without tags behind others that are complete: who says it, the verb, parameters in the middle and the
/// last one, as an [`Encoder`] writes them.
pub fn write_line(lines: &mut String, source: &str, verb: &str, params: &[&str], text: &str) {
    push_source(lines, source);
    lines.push_str(verb);
    for param in params {
        push_param(lines, param);
    }
    lines.push_str(" :");
    lines.push_str(text);
    lines.push_str("\r\n");
}

#[inline]
fn push_source(line: &mut String, source: &str) {
    line.push(':');
    line.push_str(source);
    line.push(' ');
}

/// Writes a space and a parameter that is not the last one.
fn push_param(line: &mut String, param: &str) {
    line.push(' ');
    push_word(line, param);
}

/// Writes a parameter that is not the last one; what could not stand there is replaced.
#[inline]
pub(crate) fn push_word(line: &mut String, param: &str) {
    line.push_str(if is_word(param.as_bytes()) { param } else { word_of(param) });
}

/// Whether a parameter is a word as it is: nearly all are.
#[inline]
fn is_word(param: &[u8]) -> bool {
    let begins = param.first().is_some_and(|first| *first != b':');
    begins
        && match param.last_chunk() {
            // The last eight bytes may have been looked at already.
            Some(last) => !has_space(*last) && !param.as_chunks().0.iter().any(|eight| has_space(*eight)),
            None => param.iter().all(|byte| *byte != b' '),
        }
}

/// Whether a space is among eight bytes, by the usual search for a zero byte in a word.
#[inline]
fn has_space(eight: [u8; 8]) -> bool {
    let differing = u64::from_le_bytes(eight) ^ u64::from_le_bytes([b' '; 8]);
    differing.wrapping_sub(u64::from_le_bytes([1; 8])) & !differing & u64::from_le_bytes([0x80; 8]) != 0
}

/// What of a parameter can stand in the middle.
#[cold]
fn word_of(param: &str) -> &str {
    let word = param.trim_start_matches([' ', ':']).split(' ').next().unwrap_or("");
    if word.is_empty() { "*" } else { word }
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
    fn a_line_is_written_alike_in_both_ways() {
        for param in ["#den", "a b", "", ":x"] {
            let mut lines = "PING\r\n".to_owned();
            write_line(&mut lines, "srv", "401", &["al", param], "No such nick");
            let line =
                Encoder::new().source("srv").verb("401").param("al").param(param).trailing("No such nick");
            assert_eq!(lines.strip_prefix("PING\r\n"), Some(line.end().as_str()), "{param:?}");
        }
    }

    #[test]
    fn a_hostile_parameter_cannot_change_the_line() {
        for (param, stands) in [
            ("a b", "a"),
            ("", "*"),
            (":x", "x"),
            (" :", "*"),
            ("plain", "plain"),
            ("seven77 and more", "seven77"),
            ("eight888 and more", "eight888"),
            ("é!éééééé!", "é!éééééé!"),
        ] {
            let line = Encoder::new().source("srv").verb("401").param(param).trailing("no such nick").end();
            let message = Message::parse(line.trim_end()).expect("well-formed");
            assert_eq!(message.params.all(), [stands, "no such nick"], "{param:?}");
        }
    }
}
