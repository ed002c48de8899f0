//! Numerics as values: a row of the table, and a row with its arguments.

use crate::encode::{Encoder, write_line};
use crate::form::Form;
use crate::framer::LINE_BYTES_MAX;

/// One row of the table of numerics: its name, its three digits, and its form.
///
/// The form is written as the specifications write it, `<nick> <channel> :You're not on that channel`: words in angle
/// brackets are replaced by the arguments in order, each as one parameter or, if it ends in `…`, as one for each of
/// its words; the part behind the colon is the trailing parameter. The nick of
/// the one who is answered stands before it on the line and is not part of the form.
#[derive(Debug, PartialEq, Eq)]
pub struct Numeric {
    /// The name in the specifications, e.g. `ERR_NOSUCHNICK`.
    pub name: &'static str,
    /// The three digits.
    pub code: &'static str,
    /// The form.
    pub form: &'static str,
    /// The digits between spaces, as they stand between server and nick.
    digits: &'static str,
    read: Form,
}

/// Arguments of a numeric that are written at once, and not kept.
#[derive(Clone, Copy, Debug)]
struct Filling<'a, A> {
    numeric: &'static Numeric,
    arguments: A,
    text: Option<&'a str>,
}

impl Numeric {
    /// A row. The digits are told between spaces as well, and the form as it stands in a line: between a space and the
    /// end.
    pub(crate) const fn new(
        name: &'static str,
        code: &'static str,
        form: &'static str,
        [digits, rest]: [&'static str; 2],
    ) -> Self {
        // Nothing does not follow a space.
        let rest = if form.is_empty() { rest.split_at(" ".len()).1 } else { rest };
        Self { name, code, form, digits, read: Form::new(rest) }
    }

    /// How many arguments the form takes.
    pub fn arity(&self) -> usize {
        self.read.arity()
    }

    /// The numeric with its arguments.
    ///
    /// # Panics
    /// If they are fewer or more than the form takes.
    pub fn with(&'static self, arguments: &[&str]) -> Reply {
        self.take(arguments);
        Reply { numeric: self, arguments: arguments.iter().map(|a| (*a).to_owned()).collect(), text: None }
    }

    /// The numeric with its arguments, and a text that says more than that of the form: for forms whose text has no
    /// arguments.
    ///
    /// # Panics
    /// If they are fewer or more than the form takes.
    pub fn with_text(&'static self, arguments: &[&str], text: &str) -> Reply {
        Reply { text: Some(text.to_owned()), ..self.with(arguments) }
    }

    /// Completes a line with the numeric and its arguments, as `server` says it to `nick`: what [`Numeric::with`] and
    /// [`Reply::line`] make together, without anything between.
    ///
    /// # Panics
    /// If the arguments are fewer or more than the form takes.
    pub fn line(&'static self, head: Encoder, arguments: &[&str], server: &str, nick: &str) -> String {
        let mut line = head.raw("");
        self.write(&mut line, arguments, server, nick);
        line
    }

    /// The same line behind what was written before.
    ///
    /// # Panics
    /// If the arguments are fewer or more than the form takes.
    pub fn write(&'static self, lines: &mut String, arguments: &[&str], server: &str, nick: &str) {
        self.take(arguments);
        let filling = Filling { numeric: self, arguments: arguments.iter().copied(), text: None };
        filling.write(lines, server, nick);
    }

    /// The line of the numeric with its arguments for whoever is told it.
    ///
    /// # Panics
    /// If the arguments are fewer or more than the form takes.
    pub fn standing(&'static self, arguments: &[&str], server: &str) -> Standing {
        self.take(arguments);
        let mut tail = String::new();
        self.read.write(&mut tail, arguments.iter().copied(), None);
        Standing::new(self.code, server, &tail)
    }

    fn take(&self, arguments: &[&str]) {
        assert_eq!(arguments.len(), self.arity(), "{} {} takes other arguments", self.code, self.form);
    }
}

impl<'a, A: Iterator<Item = &'a str> + Clone> Filling<'a, A> {
    /// Writes the line behind what was written before. If it were longer than the protocol allows, because of what a
    /// person sent, the longest argument is cut: the others and the text stay.
    fn write(&self, lines: &mut String, server: &str, nick: &str) {
        debug_assert!(!nick.is_empty() && !nick.contains(' '), "{nick:?}");
        let begin = lines.len();
        lines.push(':');
        lines.push_str(server);
        lines.push_str(self.numeric.digits);
        lines.push_str(nick);
        let begun = lines.len();
        self.numeric.read.write(lines, self.arguments.clone(), self.text);
        let over = (lines.len() - begin).saturating_sub(LINE_BYTES_MAX);
        if over > 0 {
            lines.truncate(begun);
            self.write_cut(lines, over);
        }
    }

    /// Writes the form with so many bytes less in the longest argument.
    #[cold]
    fn write_cut(&self, lines: &mut String, over: usize) {
        let arguments = self.arguments.clone().enumerate();
        let longest = arguments.clone().max_by_key(|(_, argument)| argument.len()).map(|(index, _)| index);
        let cut = |argument: &'a str| {
            &argument[..argument.floor_char_boundary(argument.len().saturating_sub(over))]
        };
        let arguments =
            arguments.map(|(index, argument)| if Some(index) == longest { cut(argument) } else { argument });
        self.numeric.read.write(lines, arguments, self.text);
    }
}

/// What a person is told: a numeric with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    numeric: &'static Numeric,
    arguments: Vec<String>,
    /// A text instead of that of the form.
    text: Option<String>,
}

impl Reply {
    /// The row.
    pub fn numeric(&self) -> &'static Numeric {
        self.numeric
    }

    /// Completes a line whose tags are written already, as `server` says it to `nick`. If it were longer than the
    /// protocol allows, because of what a person sent, the longest argument is cut: the others and the text stay.
    pub fn line(&self, head: Encoder, server: &str, nick: &str) -> String {
        let mut line = head.raw("");
        self.write(&mut line, server, nick);
        line
    }

    /// The same line behind what was written before.
    pub fn write(&self, lines: &mut String, server: &str, nick: &str) {
        let arguments = self.arguments.iter().map(String::as_str);
        Filling { numeric: self.numeric, arguments, text: self.text.as_deref() }.write(lines, server, nick);
    }
}

/// A line that the server says to many, to each with his nick or another text of his own: what stands before and behind
/// that is written once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    head: Box<str>,
    tail: Box<str>,
}

impl Standing {
    /// A numeric of a server, and what stands behind the nick, from the space there to the end of the line.
    pub fn new(code: &str, server: &str, tail: &str) -> Self {
        Self { head: format!(":{server} {code} ").into(), tail: tail.into() }
    }

    /// A line that is no numeric, with parameters, whose last parameter each is told his own.
    pub fn before_text(server: &str, verb: &str, params: &[&str]) -> Self {
        let (mut head, tail) = (String::new(), "\r\n");
        write_line(&mut head, server, verb, params, "");
        head.truncate(head.len() - tail.len());
        Self { head: head.into(), tail: tail.into() }
    }

    /// Completes a line whose tags are written already, as it is said to a nick.
    pub fn line(&self, head: Encoder, nick: &str) -> String {
        let mut line = head.raw("");
        self.write(&mut line, nick);
        line
    }

    /// The same line behind what was written before, with what is each one's own.
    pub fn write(&self, lines: &mut String, own: &str) {
        lines.push_str(&self.head);
        lines.push_str(own);
        lines.push_str(&self.tail);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric;

    #[test]
    fn a_form_is_filled_in_order() {
        let reply = numeric::ERR_USERNOTINCHANNEL.with(&["bob", "#den"]);
        assert_eq!(
            reply.line(Encoder::new(), "srv", "alice"),
            ":srv 441 alice bob #den :They aren't on that channel\r\n"
        );
        let reply = numeric::RPL_CREATED.with(&["today"]);
        assert_eq!(
            reply.line(Encoder::new().tag("label", "1"), "srv", "al"),
            "@label=1 :srv 003 al :This server was created today\r\n"
        );
    }

    #[test]
    fn a_line_that_many_are_told_is_the_same_as_if_it_were_made_for_each() {
        let standing = numeric::RPL_YOURHOST.standing(&["srv", "1"], "srv");
        for nick in ["alice", "*"] {
            let reply = numeric::RPL_YOURHOST.with(&["srv", "1"]);
            let line = standing.line(Encoder::new(), nick);
            assert_eq!(line, reply.line(Encoder::new(), "srv", nick));
            assert_eq!(line, numeric::RPL_YOURHOST.line(Encoder::new(), &["srv", "1"], "srv", nick));
        }
    }

    #[test]
    fn a_text_can_say_more_than_that_of_the_form() {
        let reply = numeric::ERR_CHANOPRIVSNEEDED.with_text(&["#den"], "Only ~ may do <that>");
        assert_eq!(reply.line(Encoder::new(), "srv", "al"), ":srv 482 al #den :Only ~ may do <that>\r\n");
    }

    #[test]
    fn an_argument_of_several_words_can_be_several_parameters() {
        let reply = numeric::RPL_CHANNELMODEIS.with(&["#den", "+kl key 5"]);
        assert_eq!(reply.line(Encoder::new(), "srv", "al"), ":srv 324 al #den +kl key 5\r\n");
    }

    #[test]
    fn what_is_too_long_is_cut_where_it_is_too_long() {
        for (long, bytes) in
            [("x".repeat(450), 484), ("x".repeat(478), 512), ("x".repeat(479), 512), ("é".repeat(400), 512)]
        {
            let line = numeric::ERR_UNKNOWNCOMMAND.with(&[&long, ""]).line(Encoder::new(), "srv", "alice");
            assert_eq!(line.len(), bytes, "{} bytes of verb", long.len());
            assert!(line.ends_with(" :Unknown command\r\n"), "{line}");
        }
    }

    #[test]
    fn brackets_in_an_argument_stay_what_they_are() {
        let reply = numeric::RPL_AWAY.with(&["bob", "<b> :x"]);
        assert_eq!(reply.line(Encoder::new(), "srv", "al"), ":srv 301 al bob :<b> :x\r\n");
    }
}
