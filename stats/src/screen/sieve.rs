//! The filter of a page, and how it is typed.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::filter::{Filter, Row};
use super::model::{Model, Page, View};

/// Letters of a filter; nobody types more.
const LETTERS_MAX: usize = 200;

/// The filter of a page.
#[derive(Debug, Clone, Default)]
pub struct Sieve {
    /// What was typed.
    pub text: String,
    /// Whether it is still being typed.
    pub typing: bool,
    /// What is wrong with it.
    pub wrong: Option<String>,
    /// What it means; while something is wrong, what it meant before.
    filter: Option<Filter>,
    /// The text there was before typing began, and what it meant.
    before: (String, Option<Filter>),
}

impl Sieve {
    /// Whether a row is shown.
    pub(crate) fn admits(&self, row: &dyn Row) -> bool {
        self.filter.as_ref().is_none_or(|filter| filter.admits(row))
    }

    /// Typing begins.
    pub(crate) fn begin(&mut self) {
        self.before = (self.text.clone(), self.filter.clone());
        self.typing = true;
    }

    /// Everything is again as it was before typing began.
    fn give_up(&mut self) {
        (self.text, self.filter) = std::mem::take(&mut self.before);
        self.wrong = None;
        self.typing = false;
    }

    /// Takes a key while something is typed. Says whether the text has changed.
    fn press(&mut self, key: KeyEvent) -> bool {
        match key.code {
            KeyCode::Backspace => return self.text.pop().is_some(),
            KeyCode::Char('u') if key.modifiers == KeyModifiers::CONTROL => {
                self.text.clear();
                return true;
            }
            KeyCode::Char(letter)
                if !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT)
                    && self.text.chars().count() < LETTERS_MAX =>
            {
                self.text.push(letter);
                return true;
            }
            _ => {}
        }
        false
    }
}

/// Takes a key for the filter of the page.
pub(crate) fn type_key(model: &mut Model, key: KeyEvent) {
    if key.kind == KeyEventKind::Release {
        return;
    }
    match key.code {
        KeyCode::Esc => model.sieve.give_up(),
        KeyCode::Enter => {
            // Which fields there are may have become known since the last letter.
            understand(model);
            // What cannot be understood is not kept: what filters is what is shown.
            model.sieve.typing = model.sieve.wrong.is_some();
        }
        _ if model.sieve.press(key) => understand(model),
        _ => {}
    }
}

/// Finds out what the text means on this page.
fn understand(model: &mut Model) {
    if model.sieve.text.trim().is_empty() {
        model.sieve.filter = None;
        model.sieve.wrong = None;
        return;
    }
    let (named, fields) = fields(model);
    let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
    match Filter::parse(&model.sieve.text, named, &fields) {
        Ok(filter) => {
            model.sieve.filter = Some(filter);
            model.sieve.wrong = None;
        }
        Err(wrong) => model.sieve.wrong = Some(wrong),
    }
}

/// What filters of a page may ask: the names of the text, and those of numbers.
fn fields(model: &Model) -> (&'static [&'static str], Vec<String>) {
    let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    match &model.page {
        Page::View(View::Rooms) | Page::Room(_) => {
            let mut fields: Vec<String> = list(&["msgs", "rate", "users"]);
            let counted = model.shown().sample.iter().flat_map(|sample| &sample.room_fields);
            fields.extend(counted.map(|about| about.name.clone()));
            (&["room", "name"], fields)
        }
        Page::View(View::Users) => (&["user", "name"], list(&["msgs", "bytes", "rooms"])),
        Page::View(View::Connections | View::Latency | View::Counters) => {
            (&["counter", "name"], list(&["value"]))
        }
        Page::Help(_) => (&["key", "name"], Vec::new()),
    }
}
