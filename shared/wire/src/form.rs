//! Forms of numerics, read when the program is compiled: what remains is to put the arguments in.

use crate::encode::push_word;

/// Parts that a form can have.
const PARTS_MAX: usize = 12;

/// A form as the parts of a line from behind the nick, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Form {
    parts: [Part; PARTS_MAX],
    count: usize,
    /// Where the trailing parameter begins: the part, and the bytes of that part up to the colon and with it.
    trailing: Option<(usize, usize)>,
    arity: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// A piece of the form.
    Literal(&'static str),
    /// A space, if there is one, and an argument as one parameter.
    Parameter { spaced: bool },
    /// An argument each of whose words is a parameter.
    Parameters,
    /// An argument inside the trailing parameter.
    Text,
}

impl Form {
    /// Reads a form as it is described at `Numeric`, with what stands around it: the space before it and the end of the
    /// line.
    pub const fn new(text: &'static str) -> Self {
        let bytes = text.as_bytes();
        let parts = [Part::Literal(""); PARTS_MAX];
        let mut form = Self { parts, count: 0, trailing: None, arity: 0 };
        let (mut from, mut at) = (0, 0);
        while at < bytes.len() {
            let trails = form.trailing.is_some();
            if bytes[at] == b':' && !trails {
                form.trailing = Some((form.count, at + 1 - from));
            } else if bytes[at] == b'<' {
                let begin = at;
                while bytes[at] != b'>' {
                    at += 1;
                }
                // The last byte of an ellipsis.
                let several = bytes[at - 1] == 0xA6;
                let spaced = !trails && !several && begin > from && bytes[begin - 1] == b' ';
                form.literal(text, from, if spaced { begin - 1 } else { begin });
                form.argument(match (trails, several) {
                    (true, _) => Part::Text,
                    (false, true) => Part::Parameters,
                    (false, false) => Part::Parameter { spaced },
                });
                from = at + 1;
            }
            at += 1;
        }
        form.literal(text, from, at);
        form
    }

    /// How many arguments it takes.
    pub const fn arity(&self) -> usize {
        self.arity
    }

    /// Writes it with its arguments. A text stands instead of its own behind the colon.
    pub fn write<'a>(
        &self,
        line: &mut String,
        arguments: impl IntoIterator<Item = &'a str>,
        text: Option<&str>,
    ) {
        let mut arguments = arguments.into_iter();
        let mut next = || arguments.next().expect("the arity was checked when the arguments were given");
        let instead = text.zip(self.trailing);
        let parts = instead.map_or(self.count, |(_, (part, _))| part);
        for part in &self.parts[..parts] {
            match part {
                Part::Literal(literal) => line.push_str(literal),
                Part::Parameter { spaced } => {
                    if *spaced {
                        line.push(' ');
                    }
                    push_word(line, next());
                }
                Part::Parameters => {
                    for word in next().split_ascii_whitespace() {
                        push_word(line, word);
                        line.push(' ');
                    }
                    line.truncate(line.trim_end_matches(' ').len());
                }
                Part::Text => line.push_str(next()),
            }
        }
        if let Some((text, (part, colon))) = instead
            && let Part::Literal(literal) = self.parts[part]
        {
            line.push_str(&literal[..colon]);
            line.push_str(text);
            line.push_str("\r\n");
        }
    }

    const fn literal(&mut self, text: &'static str, from: usize, to: usize) {
        if from < to {
            self.parts[self.count] = Part::Literal(text.split_at(to).0.split_at(from).1);
            self.count += 1;
        }
    }

    const fn argument(&mut self, part: Part) {
        self.parts[self.count] = part;
        self.count += 1;
        self.arity += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_into_its_parts() {
        #[rustfmt::skip]
        let table: &[(&str, &[&str], Option<&str>, &str)] = &[
            // form                 arguments       text          written
            ("",                    &[],            None,         ""),
            (" \r\n",               &[],            None,         " \r\n"),
            (" <a>\r\n",            &["x"],         None,         " x\r\n"),
            (" <a> :b\r\n",         &["x"],         None,         " x :b\r\n"),
            ("one two",             &[],            None,         "one two"),
            ("<a>",                 &["x"],         None,         "x"),
            ("<a> 0 <b>",           &["x", "y"],    None,         "x 0 y"),
            ("<a> * :<b>",          &["x", "y z"],  None,         "x * :y z"),
            (":<a>, <b>!<c>",       &["x", "", ":"], None,        ":x, !:"),
            ("<a> :text",           &["x"],         None,         "x :text"),
            ("<a> :text\r\n",       &["x"],         Some("more"), "x :more\r\n"),
            (":text\r\n",           &[],            Some(""),     ":\r\n"),
            ("a b :c: d\r\n",       &[],            Some("e"),    "a b :e\r\n"),
            ("<a> :one: two",       &["x"],         None,         "x :one: two"),
            ("<a> <b…>",            &["x", "y z"],  None,         "x y z"),
            ("<a> <b…>",            &["x", ""],     None,         "x"),
            ("<a…> :<b>",           &["x y", "z"],  None,         "x y :z"),
            ("<a> <b> :x",          &["", ":y z"],  None,         "* y :x"),
        ];
        for (form, arguments, text, written) in table {
            let mut line = String::new();
            let read = Form::new(form);
            assert_eq!(read.arity(), arguments.len(), "{form}");
            read.write(&mut line, arguments.iter().copied(), *text);
            assert_eq!(line, *written, "{form}");
        }
    }
}
