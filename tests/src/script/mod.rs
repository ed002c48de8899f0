//! Chat scripts: text that reads as what people see. `tests/scripts/README.md` explains the language.

mod parse;
mod pattern;

use std::fs;
use std::path::{Path, PathBuf};

pub use parse::BadScript;
pub use pattern::{BadPattern, Names, Pattern, sayable};

/// A script: what is done and heard, step by step.
#[derive(Clone, Debug)]
pub struct Script {
    /// Where it stands, for those who look for it.
    pub name: String,
    /// The lines that say something.
    pub steps: Vec<Step>,
}

/// One line of a script.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its number in the file, from one.
    pub number: usize,
    /// The line as it stands there.
    pub text: String,
    /// What it says.
    pub act: Act,
}

/// What a line of a script says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// `set <key> <value>`: what the administrator decided.
    Set(String, String),
    /// `on <carrier>…`: where the script can run.
    On(Vec<String>),
    /// `connect <name>… [with <capability>…]`: people come in and register.
    Connect(Vec<String>, Vec<String>),
    /// `open <name>…`: connections come in and say nothing.
    Open(Vec<String>),
    /// `advance <milliseconds>`: time passes.
    Advance(u64),
    /// `hang up <name>`: a connection ends from the other side.
    HangUp(String),
    /// `stop <reason>`: the server ends.
    Stop(String),
    /// `nobody hears anything`: silence, for all.
    Silence,
    /// `<name> > <line>`.
    Say(String, String),
    /// `<name> < <pattern>`: exactly this is heard next.
    Hear(String, String),
    /// `<name> hears nothing`: and has heard nothing that was not mentioned.
    HearNothing(String),
    /// `<name> skips to <pattern>`: this is heard, and what came before it does not matter.
    SkipTo(String, String),
    /// `<name> skips everything`: what was heard so far does not matter.
    SkipAll(String),
    /// `<name> closed`: the server has ended the connection, and nothing else was heard.
    Closed(String),
}

impl Script {
    /// Reads a script.
    ///
    /// # Errors
    /// The first line that is not of the language.
    pub fn parse(name: &str, text: &str) -> Result<Self, BadScript> {
        parse::script(name, text)
    }

    /// Whether the script can run on a carrier: it does not exclude it, and asks for nothing that needs another one.
    pub fn runs_on(&self, carrier: &str, rules_time: bool) -> bool {
        self.steps.iter().all(|step| match &step.act {
            Act::On(carriers) => carriers.iter().any(|name| name == carrier),
            Act::Advance(_) | Act::Stop(_) => rules_time,
            _ => true,
        })
    }
}

/// The bytes that a step says; what was to be heard before is left out of them.
pub fn said(act: &Act) -> Option<Vec<u8>> {
    match act {
        Act::Say(_, line) => sayable(line, &Names::for_checking()).ok(),
        _ => None,
    }
}

/// Every script there is: its path below `tests/scripts`, and its text.
///
/// # Panics
/// If they cannot be read.
pub fn all() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts");
    let read = |path: PathBuf| {
        let name = path.strip_prefix(&root).unwrap_or(&path).display().to_string();
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
        (name, text)
    };
    let all: Vec<_> = files(&root).into_iter().map(read).collect();
    assert!(!all.is_empty(), "there are no scripts in {}", root.display());
    all
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    let mut found = Vec::new();
    for path in entries.map(|entry| entry.expect("the directory can be read").path()) {
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "chat") {
            found.push(path);
        }
    }
    found.sort();
    found
}
