//! Which chat script covers what: read from the scripts themselves.
//!
//! | what         | is covered where                                                                    |
//! |--------------|-------------------------------------------------------------------------------------|
//! | a command    | somebody says it                                                                    |
//! | a numeric    | it is heard or skipped to                                                           |
//! | a capability | `connect … with` names it, or a CAP REQ                                             |
//! | a mode       | somebody says a MODE with it, or one is heard                                       |
//! | a token      | a 005 that is heard has it                                                          |
//! | a limit      | a `set` line gives it a value                                                       |
//! | anything     | a comment says so: `# covers: NICKLEN` and further names                            |

use std::collections::BTreeMap;

use wire::Message;

use crate::reference::Kind;
use crate::script::{self, Act, Script};

/// What the scripts cover.
#[derive(Debug, Default)]
pub struct Coverage {
    /// For each row, in how many lines of which script it appears.
    covered: BTreeMap<(Kind, String), BTreeMap<String, usize>>,
    /// What comments name, which can be of any kind.
    named: BTreeMap<String, Vec<String>>,
}

impl Coverage {
    /// Of all scripts there are.
    ///
    /// # Panics
    /// If a script is not of the language.
    pub fn of_all_scripts() -> Self {
        let mut coverage = Self::default();
        for (name, text) in script::all() {
            let script = Script::parse(&name, &text).unwrap_or_else(|bad| panic!("{bad}"));
            coverage.add(name.trim_end_matches(".chat"), &script, &text);
        }
        coverage
    }

    /// The scripts that cover a row: those that are called like it first, then those in which it appears most.
    pub fn scripts(&self, kind: Kind, name: &str) -> Vec<&str> {
        let found = self.covered.get(&(kind, name.to_owned())).into_iter().flatten();
        let lower = name.to_ascii_lowercase();
        let mut found: Vec<_> = found
            .map(|(script, lines)| (!script.starts_with(&lower), usize::MAX - lines, script.as_str()))
            .collect();
        found.sort_unstable();
        let named = self.named.get(name).into_iter().flatten().map(String::as_str);
        let mut scripts: Vec<&str> = named.collect();
        scripts.extend(
            found.into_iter().map(|(_, _, script)| script).filter(|script| !self.names(name, script)),
        );
        scripts
    }

    /// Every name that a comment says to be covered, with its script.
    pub fn names_in_comments(&self) -> impl Iterator<Item = (&str, &str)> {
        self.named
            .iter()
            .flat_map(|(name, scripts)| scripts.iter().map(move |script| (name.as_str(), script.as_str())))
    }

    fn names(&self, name: &str, script: &str) -> bool {
        self.named.get(name).is_some_and(|scripts| scripts.iter().any(|other| other == script))
    }

    fn add(&mut self, script: &str, steps: &Script, text: &str) {
        let comments = text.lines().filter_map(|line| line.strip_prefix("# covers:"));
        for name in comments.flat_map(str::split_ascii_whitespace) {
            self.named.entry(name.to_owned()).or_default().push(script.to_owned());
        }
        for step in &steps.steps {
            for (kind, name) in shown(&step.act) {
                *self.covered.entry((kind, name)).or_default().entry(script.to_owned()).or_default() += 1;
            }
        }
    }
}

/// What a step of a script covers.
fn shown(act: &Act) -> Vec<(Kind, String)> {
    match act {
        Act::Set(key, _) => vec![(Kind::Limit, key.clone())],
        Act::Connect(_, capabilities) => {
            capabilities.iter().map(|name| (Kind::Capability, name.clone())).collect()
        }
        Act::Say(_, line) => said(line),
        Act::Hear(_, line) | Act::SkipTo(_, line) => heard(line),
        _ => Vec::new(),
    }
}

fn said(line: &str) -> Vec<(Kind, String)> {
    let Ok(message) = Message::parse(line) else { return Vec::new() };
    let verb = message.verb.to_ascii_uppercase();
    let params = message.params.all();
    let mut shown = match (verb.as_str(), params) {
        ("MODE", [target, letters, ..]) => modes(target, letters),
        ("CAP", [subcommand, names, ..]) if subcommand.eq_ignore_ascii_case("REQ") => {
            names.split(' ').map(|name| (Kind::Capability, name.to_owned())).collect()
        }
        _ => Vec::new(),
    };
    shown.push((Kind::Command, verb));
    shown
}

/// A pattern begins with tags and a source, or with whatever may stand for them.
fn heard(pattern: &str) -> Vec<(Kind, String)> {
    let mut words = pattern.split(' ').skip_while(|word| word.starts_with(['@', ':']) || *word == "{*}");
    let verb = words.next().unwrap_or("");
    let params: Vec<&str> = words.collect();
    match params.as_slice() {
        [target, letters, ..] if verb == "MODE" => modes(target, letters),
        [_, tokens @ ..] if verb == "005" => {
            let tokens = tokens.iter().map(|token| token.trim_start_matches("{*}").trim_end_matches("{*}"));
            let tokens = tokens.filter(|token| !token.starts_with(['{', ':']));
            let names = tokens.map(|token| token.split('=').next().unwrap_or(token));
            let mut shown: Vec<_> = names.map(|name| (Kind::Token, name.to_owned())).collect();
            shown.push((Kind::Numeric, verb.to_owned()));
            shown
        }
        _ if verb.len() == 3 && verb.bytes().all(|byte| byte.is_ascii_digit()) => {
            vec![(Kind::Numeric, verb.to_owned())]
        }
        _ => Vec::new(),
    }
}

fn modes(target: &str, letters: &str) -> Vec<(Kind, String)> {
    // A rank is a mode of the channel as well; no letter means two of them.
    let kinds: &[Kind] =
        if wire::is_channel_like(target) { &[Kind::Rank, Kind::ChannelMode] } else { &[Kind::UserMode] };
    let letters = letters.trim_start_matches(':').chars().filter(char::is_ascii_alphabetic);
    letters.flat_map(|letter| kinds.iter().map(move |kind| (*kind, letter.to_string()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_covers_what_is_said_and_heard_in_it() {
        let text = "# T\n# covers: NICKLEN\nset limits.nick_bytes_max 5\nconnect al with batch\nal > @label=x cap REQ :echo-message\n\
                    al > MODE #den +ov-l x y\nal > mode al :+i\nal < @time={:time} :srv 401 al x :No\nal skips to {*} 366 {*}\n\
                    al < :srv 005 al BOT=B {*}PREFIX=(ov)@+ {*} :are supported by this server\nal < :al MODE al :+w\nal > @x\n";
        let mut coverage = Coverage::default();
        coverage.add("a", &Script::parse("a.chat", text).unwrap(), text);
        #[rustfmt::skip]
        let table = [
            (Kind::Token,       "NICKLEN"), (Kind::Limit,      "limits.nick_bytes_max"), (Kind::Capability, "batch"),
            (Kind::Capability,  "echo-message"), (Kind::Command, "CAP"), (Kind::Command, "MODE"), (Kind::Rank, "v"),
            (Kind::ChannelMode, "l"), (Kind::UserMode, "i"), (Kind::UserMode, "w"), (Kind::Numeric, "401"),
            (Kind::Numeric,     "366"), (Kind::Token, "BOT"), (Kind::Token, "PREFIX"),
        ];
        for (kind, name) in table {
            assert_eq!(coverage.scripts(kind, name), ["a"], "{kind:?} {name}");
        }
        for (kind, name) in
            [(Kind::ChannelMode, "w"), (Kind::Command, "@X"), (Kind::Token, "{*}"), (Kind::Numeric, "402")]
        {
            assert!(coverage.scripts(kind, name).is_empty(), "{kind:?} {name}");
        }
    }
}
