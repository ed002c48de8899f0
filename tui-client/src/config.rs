//! The configuration file: reading it, and saying what is wrong in it with line, key and the nearest name that there is.

mod example;
mod networks;
mod save;
mod settings;
#[cfg(test)]
mod tests;

use std::fmt;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub(crate) use example::example;
pub(crate) use networks::{KEYS, Profile, path};
pub(crate) use save::saved;
pub(crate) use settings::{Kind, Setting, Settings, TABLE};

use crate::bindings::Binding;

/// How alike a name must be to be meant, from 0 to 1.
const ALIKE: f64 = 0.6;
/// The parts of the file, and what each is about.
pub(crate) const SECTIONS: &[(&str, &str)] = &[
    ("settings", "How the client looks and behaves; `/set` changes the same live."),
    (
        "keys",
        "Keys and what they do instead, such as `\"Ctrl+x\" = \"next-buffer\"`; `\"none\"` takes a key away.",
    ),
    ("networks", "A table for each network, such as `[networks.local]`."),
];

/// What a person has configured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Config {
    pub settings: Settings,
    pub bindings: Vec<Binding>,
    pub networks: Vec<Profile>,
}

/// What is wrong with a configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Problem {
    /// The first is 1.
    pub line: Option<usize>,
    pub key: Option<String>,
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "{line}: ")?;
        }
        if let Some(key) = &self.key {
            write!(f, "{key}: ")?;
        }
        f.write_str(&self.what)
    }
}

/// What stands behind a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Switch(bool),
    Number(u64),
    Text(String),
    Texts(Vec<String>),
}

impl Value {
    /// What it is, in words.
    fn called(&self) -> &'static str {
        match self {
            Self::Switch(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::Texts(_) => "a list of texts",
        }
    }

    fn of(value: &DeValue<'_>) -> Result<Self, &'static str> {
        match value {
            DeValue::Boolean(on) => Ok(Self::Switch(*on)),
            DeValue::Integer(digits) => {
                let number = u64::from_str_radix(digits.as_str(), digits.radix());
                number.map(Self::Number).map_err(|_| "is a number that is too small or too large")
            }
            DeValue::String(text) => Ok(Self::Text(text.to_string())),
            DeValue::Array(items) => {
                let texts = items.iter().map(|item| item.get_ref().as_str().map(str::to_owned));
                texts.collect::<Option<_>>().map(Self::Texts).ok_or("is a list of other things than texts")
            }
            DeValue::Float(_) | DeValue::Datetime(_) | DeValue::Table(_) => {
                Err("is neither true or false, nor a number, a text or a list of texts")
            }
        }
    }
}

impl Config {
    /// Reads the text of a file.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let table = DeTable::parse(text).map_err(|error| Problem {
            line: error.span().map(|span| line_of(text, span.start)),
            key: None,
            what: error.message().trim().replace('\n', ", "),
        })?;
        let mut config = Self::default();
        let sections = || SECTIONS.iter().map(|(name, _)| *name);
        for (key, value) in table.get_ref() {
            let at = At { text, offset: key.span().start, path: key.get_ref().to_string() };
            if !sections().any(|name| name == key.get_ref()) {
                // A setting outside of its section is the likeliest mistake.
                let settings = TABLE.iter().map(|row| row.name);
                let inside = settings.clone().find(|name| *name == key.get_ref());
                return Err(match inside {
                    Some(name) => at.wrong(format!("this belongs into [settings]: settings.{name}")),
                    None => at.unknown(sections().chain(settings)),
                });
            }
            let DeValue::Table(inner) = value.get_ref() else {
                return Err(at.wrong(format!("is a section: [{}]", key.get_ref())));
            };
            for (key, value) in inner {
                let at = at.inside(key);
                match at.path.split('.').next() {
                    Some("settings") => {
                        settings::read(&mut config.settings, &at, key.get_ref(), value.get_ref())?;
                    }
                    Some("keys") => config.bindings.push(binding(&at, key.get_ref(), value.get_ref())?),
                    _ => config.networks.push(networks::read(&at, key.get_ref(), value.get_ref())?),
                }
            }
        }
        Ok(config)
    }
}

fn binding(at: &At<'_>, key: &str, value: &DeValue<'_>) -> Result<Binding, Problem> {
    let Some(action) = value.as_str() else { return Err(at.wrong("is no text".to_owned())) };
    Binding::parse(key, action).map_err(|what| at.wrong(what))
}

/// A place in the file.
struct At<'a> {
    text: &'a str,
    offset: usize,
    path: String,
}

impl<'a> At<'a> {
    fn inside(&self, key: &Spanned<impl fmt::Display>) -> At<'a> {
        let path = format!("{}.{}", self.path, key.get_ref());
        At { text: self.text, offset: key.span().start, path }
    }

    fn wrong(&self, what: String) -> Problem {
        Problem { line: Some(line_of(self.text, self.offset)), key: Some(self.path.clone()), what }
    }

    fn unknown<'b>(&self, known: impl Iterator<Item = &'b str>) -> Problem {
        let name = self.path.rsplit('.').next().unwrap_or_default();
        self.wrong(match nearest(name, known) {
            Some(nearest) => format!("there is no such key; is {nearest} meant?"),
            None => "there is no such key".to_owned(),
        })
    }

    fn value(&self, value: &DeValue<'_>) -> Result<Value, Problem> {
        Value::of(value).map_err(|what| self.wrong(what.to_owned()))
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes()[..offset.min(text.len())].iter().filter(|byte| **byte == b'\n').count() + 1
}

/// The name that is so much like what was written that it may be meant.
pub(crate) fn nearest<'a>(written: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let alike = known.map(|name| (strsim::normalized_damerau_levenshtein(written, name), name));
    let (likeness, nearest) = alike.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (likeness >= ALIKE).then_some(nearest)
}
