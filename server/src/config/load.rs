//! Reading the file. What is wrong in it is told with file, line, key and, for a key that does not exist, the nearest
//! one that does.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::keys::SECTIONS;
use super::{Config, KEYS};

/// How alike a name must be to be meant, from 0 to 1.
const ALIKE: f64 = 0.7;

/// What is wrong with a configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problem {
    /// The file, if it is in one.
    pub file: Option<PathBuf>,
    /// The line, if it is in one; the first is 1.
    pub line: Option<usize>,
    /// The key, if it is about one.
    pub key: Option<String>,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{}:", file.display())?;
            match self.line {
                Some(line) => write!(f, "{line}: ")?,
                None => f.write_str(" ")?,
            }
        }
        if let Some(key) = &self.key {
            write!(f, "{key}: ")?;
        }
        f.write_str(&self.what)
    }
}

impl std::error::Error for Problem {}

/// A key and what is wrong with its value.
pub(super) struct Wrong {
    pub key: String,
    pub what: String,
}

impl Config {
    /// Reads the file, if there is one, lets flags overrule it, and checks the result.
    pub fn load(file: Option<&Path>, overrule: impl FnOnce(&mut Config)) -> Result<Config, Problem> {
        let Some(file) = file else { return Self::parse("", overrule) };
        let text = std::fs::read_to_string(file).map_err(|error| Problem {
            file: Some(file.to_owned()),
            what: format!("cannot be read: {error}"),
            ..Problem::default()
        })?;
        Self::parse(&text, overrule).map_err(|problem| Problem { file: Some(file.to_owned()), ..problem })
    }

    /// Reads the text of a file.
    pub fn parse(text: &str, overrule: impl FnOnce(&mut Config)) -> Result<Config, Problem> {
        let places = Places::of(text)?;
        let mut config: Config = toml::from_str(text).map_err(|error| places.of_error(text, &error))?;
        overrule(&mut config);
        match config.check() {
            Ok(()) => Ok(config),
            Err(Wrong { key, what }) => {
                let line = places.line(&key);
                Err(Problem { file: None, line, key: Some(key), what })
            }
        }
    }
}

/// Where the keys are in the file.
struct Places(Vec<Place>);

struct Place {
    path: String,
    line: usize,
    value: Range<usize>,
}

impl Places {
    fn of(text: &str) -> Result<Self, Problem> {
        let table = DeTable::parse(text).map_err(|error| Places(Vec::new()).of_error(text, &error))?;
        let mut places = Places(Vec::new());
        places.walk(text, "", table.get_ref())?;
        Ok(places)
    }

    /// Notes the keys of a table and of those in it.
    fn walk(&mut self, text: &str, above: &str, table: &DeTable<'_>) -> Result<(), Problem> {
        for (key, value) in table {
            let line = line_of(text, key.span().start);
            let path = if above.is_empty() {
                key.get_ref().to_string()
            } else {
                format!("{above}.{}", key.get_ref())
            };
            if !is_known(&path) {
                return Err(Problem { file: None, line: Some(line), what: unknown(&path), key: Some(path) });
            }
            self.0.push(Place { path: path.clone(), line, value: value.span() });
            match value.get_ref() {
                DeValue::Table(inner) => self.walk(text, &path, inner)?,
                DeValue::Array(items) => {
                    for (index, item) in items.iter().enumerate() {
                        if let DeValue::Table(inner) = item.get_ref() {
                            let path = format!("{path}[{index}]");
                            let line = line_of(text, item.span().start);
                            self.0.push(Place { path: path.clone(), line, value: item.span() });
                            self.walk(text, &path, inner)?;
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The line of a key, or of what it is in.
    fn line(&self, key: &str) -> Option<usize> {
        let exact = self.0.iter().find(|place| place.path == key);
        let above = || {
            let (section, _) = key.rsplit_once('.')?;
            self.0.iter().find(|place| place.path == section && place.path.contains('['))
        };
        exact.or_else(above).map(|place| place.line)
    }

    fn of_error(&self, text: &str, error: &toml::de::Error) -> Problem {
        let span = error.span();
        let line = span.as_ref().map(|span| line_of(text, span.start));
        let inside = |place: &&Place| {
            span.as_ref().is_some_and(|span| place.value.start <= span.start && span.end <= place.value.end)
        };
        // Of two that are equally wide, the inner one was noted later.
        let innermost = self.0.iter().rev().filter(inside).min_by_key(|place| place.value.len());
        let what = error.message().trim().replace('\n', ", ");
        Problem { file: None, line, key: innermost.map(|place| place.path.clone()), what }
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes()[..offset.min(text.len())].iter().filter(|byte| **byte == b'\n').count() + 1
}

/// The path as it is in the table of keys: `operators[1].name` is `operators.name`.
fn row_path(path: &str) -> String {
    match (path.find('['), path.find(']')) {
        (Some(from), Some(to)) => [&path[..from], &path[to + 1..]].concat(),
        _ => path.to_owned(),
    }
}

fn is_known(path: &str) -> bool {
    let path = row_path(path);
    KEYS.iter().any(|key| key.path == path) || SECTIONS.iter().any(|(section, _)| *section == path)
}

/// Says that there is no such key, and which one may be meant.
fn unknown(path: &str) -> String {
    let path = row_path(path);
    let known = KEYS.iter().map(|key| key.path).chain(SECTIONS.iter().map(|(section, _)| *section));
    match nearest(&path, known) {
        Some(nearest) => format!("there is no such key; is {nearest} meant?"),
        None => "there is no such key".to_owned(),
    }
}

/// The name that is so much like what was written that it may be meant.
pub(super) fn nearest<'a>(written: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let alike = known.map(|candidate| (likeness(written, candidate), candidate));
    let (likeness, nearest) = alike.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (likeness >= ALIKE).then_some(nearest)
}

/// The same name in another section is nearly the same.
fn likeness(path: &str, candidate: &str) -> f64 {
    let last = |path: &str| path.rsplit('.').next().map(str::to_owned);
    let misplaced = if last(path) == last(candidate) { 0.9 } else { 0.0 };
    strsim::normalized_damerau_levenshtein(path, candidate).max(misplaced)
}
