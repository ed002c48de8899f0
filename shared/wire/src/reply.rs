//! Numerics as values: a row of the table, and a row with its arguments.

use crate::encode::Encoder;
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
}

impl Numeric {
    /// How many arguments the form takes.
    pub fn arity(&self) -> usize {
        self.form.matches('<').count()
    }

    /// The numeric with its arguments.
    ///
    /// # Panics
    /// If they are fewer or more than the form takes.
    pub fn with(&'static self, arguments: &[&str]) -> Reply {
        assert_eq!(arguments.len(), self.arity(), "{} {} takes other arguments", self.code, self.form);
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
        let tags_bytes = head.bytes();
        let line = self.filled(&self.arguments, head.clone(), server, nick);
        let over = (line.len() - tags_bytes).saturating_sub(LINE_BYTES_MAX);
        if over == 0 {
            return line;
        }
        let mut arguments = self.arguments.clone();
        if let Some(longest) = arguments.iter_mut().max_by_key(|argument| argument.len()) {
            longest.truncate(longest.floor_char_boundary(longest.len().saturating_sub(over)));
        }
        self.filled(&arguments, head, server, nick)
    }

    fn filled(&self, arguments: &[String], head: Encoder, server: &str, nick: &str) -> String {
        let mut line = head.source(server).verb(self.numeric.code).param(nick);
        let mut arguments = arguments.iter();
        let (middle, trailing) = match self.numeric.form.split_once(':') {
            Some((middle, trailing)) => (middle, Some(trailing)),
            None => (self.numeric.form, None),
        };
        for word in middle.split_ascii_whitespace() {
            let text = filled(word, &mut arguments);
            line = if word.ends_with("…>") {
                text.split_ascii_whitespace().fold(line, |line, word| line.param(word))
            } else {
                line.param(&text)
            };
        }
        match trailing {
            Some(trailing) => {
                let text = self.text.clone().unwrap_or_else(|| filled(trailing, &mut arguments));
                line.trailing(&text).end()
            }
            None => line.end(),
        }
    }
}

fn filled<'a>(form: &str, arguments: &mut impl Iterator<Item = &'a String>) -> String {
    let mut text = String::with_capacity(form.len() + 32);
    let mut rest = form;
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(before);
        text.push_str(arguments.next().expect("the arity was checked when the reply was made"));
        rest = after.split_once('>').expect("a test reads every form").1;
    }
    text.push_str(rest);
    text
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
