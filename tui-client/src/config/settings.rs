//! The table of settings: what can be chosen, what it does. `/set`, its completion, the file and the reference are made
//! from it.

use toml::de::DeValue;

use super::{At, Problem, Value};

/// What may be in a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// On or off.
    Switch,
    /// A number within both bounds.
    Number(u64, u64),
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Any text.
    Text,
    /// Any number of words, at most [`WORDS_MAX`].
    Words,
}

/// Words in one setting; more are refused.
const WORDS_MAX: usize = 500;

/// Everything that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    pub buffer_panel: bool,
    pub highlight: Vec<String>,
    pub ignore: Vec<String>,
    pub logs: String,
    pub member_panel: bool,
    pub mouse: bool,
    pub notify: String,
    pub notify_command: String,
    pub quit_message: String,
    pub reconnect: bool,
    pub retry_seconds_max: u64,
    pub tell_typing: bool,
    pub theme: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            buffer_panel: true,
            highlight: Vec::new(),
            ignore: Vec::new(),
            logs: String::new(),
            member_panel: true,
            mouse: false,
            notify: "osc9".to_owned(),
            notify_command: String::new(),
            quit_message: "Parlor".to_owned(),
            reconnect: true,
            retry_seconds_max: 60,
            tell_typing: true,
            theme: "auto".to_owned(),
        }
    }
}

/// One row of the table.
pub(crate) struct Setting {
    pub name: &'static str,
    pub kind: Kind,
    pub help: &'static str,
    slot: fn(&mut Settings) -> Slot<'_>,
}

/// Where a setting is kept.
enum Slot<'a> {
    Switch(&'a mut bool),
    Number(&'a mut u64),
    Text(&'a mut String),
    Words(&'a mut Vec<String>),
}

const fn row(
    name: &'static str,
    kind: Kind,
    help: &'static str,
    slot: fn(&mut Settings) -> Slot<'_>,
) -> Setting {
    Setting { name, kind, help, slot }
}

const THEMES: &[&str] = &["auto", "dark", "light", "16", "none"];
const CALLS: &[&str] = &["none", "bell", "osc9", "osc777"];

/// Every setting, by the alphabet.
#[rustfmt::skip]
pub(crate) const TABLE: &[Setting] = &[
    row("buffer_panel",      Kind::Switch,          "show the list of buffers where there is room", |s| Slot::Switch(&mut s.buffer_panel)),
    row("highlight",         Kind::Words,           "words that count as naming you, besides your nick; whole words, in any case", |s| Slot::Words(&mut s.highlight)),
    row("ignore",            Kind::Words,           "masks of those whose words are hidden; `/ignore` adds one", |s| Slot::Words(&mut s.ignore)),
    row("logs",              Kind::Text,            "a directory for text files of what is said, for people to read, such as `~/logs`; `--logs` overrules it", |s| Slot::Text(&mut s.logs)),
    row("member_panel",      Kind::Switch,          "show the list of members where there is room", |s| Slot::Switch(&mut s.member_panel)),
    row("mouse",             Kind::Switch,          "take the mouse; the terminal's own selection then needs Shift", |s| Slot::Switch(&mut s.mouse)),
    row("notify",            Kind::Choice(CALLS),   "how you are called when named while looking elsewhere: not at all, by the bell, or by the bell and a text that the terminal shows", |s| Slot::Text(&mut s.notify)),
    row("notify_command",    Kind::Text,            "a program that is called too, such as `notify-send`: with who speaks and the text as its last arguments", |s| Slot::Text(&mut s.notify_command)),
    row("quit_message",      Kind::Text,            "what is said when leaving without a reason", |s| Slot::Text(&mut s.quit_message)),
    row("reconnect",         Kind::Switch,          "connect anew by itself when a connection is lost", |s| Slot::Switch(&mut s.reconnect)),
    row("retry_seconds_max", Kind::Number(1, 3600), "the longest wait between attempts to connect; waits double up to it", |s| Slot::Number(&mut s.retry_seconds_max)),
    row("tell_typing",       Kind::Switch,          "let others know that you are typing", |s| Slot::Switch(&mut s.tell_typing)),
    row("theme",             Kind::Choice(THEMES),  "the colours: for a dark or a light ground, the terminal's 16, none, or what the terminal says of itself", |s| Slot::Text(&mut s.theme)),
];

impl Setting {
    /// The row of a name.
    pub fn find(name: &str) -> Option<&'static Self> {
        TABLE.iter().find(|row| row.name == name)
    }

    /// As it is written behind `/set`.
    pub fn shown(&self, settings: &Settings) -> String {
        match (self.slot)(&mut settings.clone()) {
            Slot::Switch(on) => if *on { "on" } else { "off" }.to_owned(),
            Slot::Number(number) => number.to_string(),
            Slot::Text(text) => text.clone(),
            Slot::Words(words) => words.join(" "),
        }
    }

    /// As it is written in the file.
    pub fn value(&self, settings: &Settings) -> Value {
        match (self.slot)(&mut settings.clone()) {
            Slot::Switch(on) => Value::Switch(*on),
            Slot::Number(number) => Value::Number(*number),
            Slot::Text(text) => Value::Text(text.clone()),
            Slot::Words(words) => Value::Texts(words.clone()),
        }
    }

    /// What may be chosen, in words.
    pub fn choices(&self) -> String {
        match self.kind {
            Kind::Switch => "on or off".to_owned(),
            Kind::Number(least, greatest) => format!("{least} to {greatest}"),
            Kind::Choice(words) => words.join(", "),
            Kind::Text => "a text, \"\" for none".to_owned(),
            Kind::Words => format!("at most {WORDS_MAX} words, or none"),
        }
    }

    /// Takes what was typed behind `/set name`.
    ///
    /// # Errors
    /// What is wrong with it; then nothing has changed.
    pub fn set(&self, settings: &mut Settings, typed: &str) -> Result<(), String> {
        let value = match (self.kind, typed) {
            (Kind::Switch, "on" | "true" | "yes") => Value::Switch(true),
            (Kind::Switch, "off" | "false" | "no") => Value::Switch(false),
            (Kind::Number(..), _) => {
                typed.parse().map_or_else(|_| Value::Text(typed.to_owned()), Value::Number)
            }
            (Kind::Text, "\"\"") => Value::Text(String::new()),
            (Kind::Words, _) if typed != "none" => {
                Value::Texts(typed.split_whitespace().map(str::to_owned).collect())
            }
            _ => Value::Text(typed.to_owned()),
        };
        self.put(settings, value)
    }

    /// Takes a value.
    ///
    /// # Errors
    /// What is wrong with it; then nothing has changed.
    pub fn put(&self, settings: &mut Settings, value: Value) -> Result<(), String> {
        let wrong = || Err(format!("may be {}", self.choices()));
        match (self.kind, &value) {
            (Kind::Number(least, greatest), Value::Number(number))
                if !(least..=greatest).contains(number) =>
            {
                return wrong();
            }
            (Kind::Choice(words), Value::Text(word)) if !words.contains(&word.as_str()) => return wrong(),
            _ => {}
        }
        match ((self.slot)(settings), value) {
            (Slot::Switch(slot), Value::Switch(on)) => *slot = on,
            (Slot::Number(slot), Value::Number(number)) => *slot = number,
            (Slot::Text(slot), Value::Text(text)) => *slot = text,
            (Slot::Words(slot), Value::Text(word)) if word == "none" => slot.clear(),
            // One word alone needs no list.
            (Slot::Words(slot), Value::Text(word)) if is_word(&word) => *slot = vec![word],
            (Slot::Words(slot), Value::Texts(words))
                if words.len() <= WORDS_MAX && words.iter().all(|word| is_word(word)) =>
            {
                *slot = words;
            }
            _ => return wrong(),
        }
        Ok(())
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

pub(super) fn read(
    settings: &mut Settings,
    at: &At<'_>,
    name: &str,
    value: &DeValue<'_>,
) -> Result<(), Problem> {
    let row = Setting::find(name).ok_or_else(|| at.unknown(TABLE.iter().map(|row| row.name)))?;
    row.put(settings, at.value(value)?).map_err(|what| at.wrong(what))
}
