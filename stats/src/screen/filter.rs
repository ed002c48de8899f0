//! The language of filters: words, comparisons, and what joins them.
//!
//! ```text
//!   any   = all { "or" all }
//!   all   = one { ["and"] one }
//!   one   = "not" one | "(" any ")" | field sign value | word
//!   sign  = ">" | ">=" | "<" | "<=" | "=" | "!=" | "~" | "!~"
//! ```
//!
//! A word, and what stands behind `~`, is searched in the name whatever the case. Numbers may end in K, M or G.

use crate::select::nearest;

/// Depth of parentheses and `not`; a person does not need so many, and a deeper one could use up the stack.
const DEPTH_MAX: usize = 32;

/// A row that can be asked.
pub(crate) trait Row {
    /// What is searched for words.
    fn name(&self) -> &str;
    /// The value of a field that is a number.
    fn number(&self, field: &str) -> Option<f64>;
}

/// What must be true of a row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Filter {
    Any(Vec<Filter>),
    All(Vec<Filter>),
    Not(Box<Filter>),
    /// The name contains it.
    Word(String),
    /// The name is exactly it.
    Named(String),
    /// A field compares so to a number.
    Compared(String, Sign, f64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    More,
    Least,
    Less,
    Most,
    Same,
    Other,
}

impl Filter {
    /// Understands a filter over rows with these fields; `named` are the names of the one that is a text.
    pub fn parse(text: &str, named: &[&str], fields: &[&str]) -> Result<Filter, String> {
        let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0, named, fields };
        let filter = parser.any()?;
        match parser.tokens.get(parser.at) {
            None => Ok(filter),
            Some(token) => Err(format!("{token} stands where nothing was expected")),
        }
    }

    /// Whether it is true of the row.
    pub fn admits(&self, row: &dyn Row) -> bool {
        match self {
            Filter::Any(parts) => parts.iter().any(|part| part.admits(row)),
            Filter::All(parts) => parts.iter().all(|part| part.admits(row)),
            Filter::Not(part) => !part.admits(row),
            Filter::Word(word) => row.name().to_lowercase().contains(word),
            Filter::Named(name) => row.name().to_lowercase() == *name,
            Filter::Compared(field, sign, number) => row.number(field).is_some_and(|value| match sign {
                Sign::More => value > *number,
                Sign::Least => value >= *number,
                Sign::Less => value < *number,
                Sign::Most => value <= *number,
                Sign::Same => value == *number,
                Sign::Other => value != *number,
            }),
        }
    }
}

struct Parser<'a> {
    tokens: Vec<String>,
    at: usize,
    depth: usize,
    named: &'a [&'a str],
    fields: &'a [&'a str],
}

impl Parser<'_> {
    fn any(&mut self) -> Result<Filter, String> {
        let mut parts = vec![self.all()?];
        while self.take("or") {
            parts.push(self.all()?);
        }
        Ok(joined(parts, Filter::Any))
    }

    fn all(&mut self) -> Result<Filter, String> {
        let mut parts = vec![self.one()?];
        while self.take("and") || self.peek().is_some_and(|next| next != "or" && next != ")") {
            parts.push(self.one()?);
        }
        Ok(joined(parts, Filter::All))
    }

    fn one(&mut self) -> Result<Filter, String> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err("it is nested too deeply".to_owned());
        }
        let filter = if self.take("not") {
            Filter::Not(Box::new(self.one()?))
        } else if self.take("(") {
            let inner = self.any()?;
            if !self.take(")") {
                return Err("a ) is missing".to_owned());
            }
            inner
        } else {
            self.comparison()?
        };
        self.depth -= 1;
        Ok(filter)
    }

    fn comparison(&mut self) -> Result<Filter, String> {
        let Some(first) =
            self.next().filter(|word| !is_sign(word) && !["and", "or", ")"].contains(&word.as_str()))
        else {
            return Err("a word or a comparison is missing".to_owned());
        };
        let Some(sign) = self.peek().filter(|next| is_sign(next)).map(str::to_owned) else {
            return Ok(Filter::Word(first.to_lowercase()));
        };
        self.at += 1;
        let Some(value) = self.next() else { return Err(format!("a value is missing behind {first}{sign}")) };
        if self.named.contains(&first.as_str()) {
            let value = value.to_lowercase();
            return match sign.as_str() {
                "~" => Ok(Filter::Word(value)),
                "!~" => Ok(Filter::Not(Box::new(Filter::Word(value)))),
                "=" => Ok(Filter::Named(value)),
                "!=" => Ok(Filter::Not(Box::new(Filter::Named(value)))),
                _ => Err(format!("{first} is a text: use ~ = !~ or !=")),
            };
        }
        let Some(field) = self.fields.iter().find(|field| **field == first) else {
            let all = self.fields.iter().chain(self.named).copied().collect();
            let hint = nearest(&first, all).map_or(String::new(), |near| format!("; did you mean {near}?"));
            return Err(format!("no field {first}{hint}"));
        };
        let number = number(&value).ok_or_else(|| format!("{value} is no number"))?;
        let sign = match sign.as_str() {
            ">" => Sign::More,
            ">=" => Sign::Least,
            "<" => Sign::Less,
            "<=" => Sign::Most,
            "=" => Sign::Same,
            "!=" => Sign::Other,
            _ => return Err(format!("{first} is a number: use > >= < <= = or !=")),
        };
        Ok(Filter::Compared((*field).to_owned(), sign, number))
    }

    fn peek(&self) -> Option<&str> {
        self.tokens.get(self.at).map(String::as_str)
    }

    fn next(&mut self) -> Option<String> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn take(&mut self, token: &str) -> bool {
        let found = self.peek() == Some(token);
        self.at += usize::from(found);
        found
    }
}

fn joined(mut parts: Vec<Filter>, join: fn(Vec<Filter>) -> Filter) -> Filter {
    if parts.len() == 1 { parts.remove(0) } else { join(parts) }
}

fn is_sign(token: &str) -> bool {
    [">", ">=", "<", "<=", "=", "!=", "~", "!~"].contains(&token)
}

/// Signs and parentheses end a word; so do blanks, but not within quotes.
fn tokens(text: &str) -> Result<Vec<String>, String> {
    let (mut tokens, mut word) = (Vec::new(), String::new());
    let mut letters = text.chars().peekable();
    let end = |word: &mut String, tokens: &mut Vec<String>| {
        if !word.is_empty() {
            tokens.push(std::mem::take(word));
        }
    };
    while let Some(letter) = letters.next() {
        match letter {
            '"' => {
                let quoted: String = letters.by_ref().take_while(|next| *next != '"').collect();
                word.push_str(&quoted);
            }
            '!' if !matches!(letters.peek(), Some('=' | '~')) => word.push(letter),
            '>' | '<' | '=' | '~' | '!' | '(' | ')' => {
                end(&mut word, &mut tokens);
                let mut sign = String::from(letter);
                if matches!(letter, '>' | '<' | '!') {
                    sign.extend(letters.next_if(|next| *next == '=' || (letter == '!' && *next == '~')));
                }
                tokens.push(sign);
            }
            blank if blank.is_whitespace() => end(&mut word, &mut tokens),
            other => word.push(other),
        }
    }
    end(&mut word, &mut tokens);
    if tokens.is_empty() { Err("there is nothing in it".to_owned()) } else { Ok(tokens) }
}

fn number(text: &str) -> Option<f64> {
    let (digits, scale) = match text.to_ascii_uppercase().chars().last()? {
        'K' => (&text[..text.len() - 1], 1e3),
        'M' => (&text[..text.len() - 1], 1e6),
        'G' => (&text[..text.len() - 1], 1e9),
        _ => (text, 1.0),
    };
    let number: f64 = digits.parse().ok()?;
    number.is_finite().then_some(number * scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Room(&'static str, f64);

    impl Row for Room {
        fn name(&self) -> &str {
            self.0
        }

        fn number(&self, field: &str) -> Option<f64> {
            (field == "msgs").then_some(self.1)
        }
    }

    fn parse(text: &str) -> Result<Filter, String> {
        Filter::parse(text, &["room", "name"], &["msgs", "users"])
    }

    #[test]
    fn filters_admit_what_they_say() {
        for (text, admitted) in [
            ("rust", &["#rust"][..]),
            ("RUST", &["#rust"]),
            ("room~rust", &["#rust"]),
            ("room=#RUST", &["#rust"]),
            ("room!~rust", &["#lobby", "#noisy"]),
            ("room != #rust", &["#lobby", "#noisy"]),
            ("msgs>1", &["#lobby", "#noisy"]),
            ("msgs >= 1.5K", &["#noisy"]),
            ("msgs<=1", &["#rust"]),
            ("msgs=20", &["#lobby"]),
            ("msgs!=20", &["#rust", "#noisy"]),
            ("msgs>1 and room~lob", &["#lobby"]),
            ("msgs>1 lob", &["#lobby"]),
            ("lob or nois", &["#lobby", "#noisy"]),
            ("not lob", &["#rust", "#noisy"]),
            ("lob or rust and msgs>5", &["#lobby"]),
            ("(lob or rust) and not msgs>5", &["#rust"]),
            ("not (lob or rust)", &["#noisy"]),
            ("users>0", &[]),
            ("\"#lob\"", &["#lobby"]),
            ("!", &[]),
        ] {
            let filter = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            let rooms = [Room("#lobby", 20.0), Room("#rust", 1.0), Room("#noisy", 2e3)];
            let found: Vec<_> = rooms.iter().filter(|room| filter.admits(*room)).map(|room| room.0).collect();
            let wanted: Vec<_> =
                rooms.iter().map(|room| room.0).filter(|name| admitted.contains(name)).collect();
            assert_eq!(found, wanted, "{text}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_explained() {
        for (text, says) in [
            ("", "there is nothing in it"),
            ("msg>1", "no field msg; did you mean msgs?"),
            ("xyzzy>1", "no field xyzzy"),
            ("msgs>many", "many is no number"),
            ("msgs>", "a value is missing behind msgs>"),
            ("msgs~5", "msgs is a number: use"),
            ("room>5", "room is a text: use"),
            ("(lob", "a ) is missing"),
            ("lob)", ") stands where nothing was expected"),
            ("lob and", "a word or a comparison is missing"),
            ("> 5", "a word or a comparison is missing"),
            ("msgs>NaN", "NaN is no number"),
        ] {
            let error = parse(text).expect_err(text);
            assert!(error.starts_with(says), "{text}: {error}");
        }
        assert!(parse(&"not ".repeat(10_000)).is_err() && parse(&"(".repeat(10_000)).is_err());
    }
}
