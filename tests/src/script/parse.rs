//! From the text of a script to its steps.

use std::collections::BTreeSet;
use std::fmt;

use super::pattern::{Pattern, sayable};
use super::{Act, Names, Script, Step};

/// Words that cannot be names, since a line may begin with them.
const WORDS: &[&str] = &["set", "on", "connect", "open", "advance", "hang", "stop", "nobody"];

/// A line that is not of the language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadScript {
    /// The script.
    pub name: String,
    /// The number of the line, from one.
    pub number: usize,
    /// What is wrong with it.
    pub why: String,
}

impl fmt::Display for BadScript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.name, self.number, self.why)
    }
}

impl std::error::Error for BadScript {}

pub(super) fn script(name: &str, text: &str) -> Result<Script, BadScript> {
    let bad = |number: usize, why: String| BadScript { name: name.to_owned(), number, why };
    let mut steps = Vec::new();
    let mut people = BTreeSet::new();
    let mut begun = false;
    if !text.starts_with("# ") {
        return Err(bad(1, "the first line is a comment that says what the script is about".to_owned()));
    }
    for (number, line) in text.lines().enumerate().map(|(index, line)| (index + 1, line)) {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let act = act(line).map_err(|why| bad(number, why))?;
        check(&act, &mut people, begun).map_err(|why| bad(number, why))?;
        begun |= !matches!(act, Act::Set(..) | Act::On(_));
        steps.push(Step { number, text: line.to_owned(), act });
    }
    if !steps.iter().any(|step| asserts(&step.act)) {
        return Err(bad(1, "nothing is expected, so that the script cannot fail".to_owned()));
    }
    Ok(Script { name: name.to_owned(), steps })
}

fn asserts(act: &Act) -> bool {
    matches!(act, Act::Hear(..) | Act::HearNothing(_) | Act::SkipTo(..) | Act::Closed(_) | Act::Silence)
}

fn act(line: &str) -> Result<Act, String> {
    let (first, rest) = line.split_once(' ').unwrap_or((line, ""));
    let words = || rest.split_ascii_whitespace().map(str::to_owned);
    let several = |words: Vec<String>| match words.is_empty() {
        true => Err(format!("{first} needs a name")),
        false => Ok(words),
    };
    match first {
        "set" => {
            let (key, value) = rest.split_once(' ').ok_or("set needs a key and a value")?;
            Ok(Act::Set(key.to_owned(), value.to_owned()))
        }
        "on" => Ok(Act::On(several(words().collect())?)),
        "connect" => {
            let names = words().take_while(|word| word != "with").collect();
            let capabilities = words().skip_while(|word| word != "with").skip(1).collect();
            Ok(Act::Connect(several(names)?, capabilities))
        }
        "open" => Ok(Act::Open(several(words().collect())?)),
        "advance" => rest.parse().map(Act::Advance).map_err(|_| "advance needs milliseconds".to_owned()),
        "hang" => match rest.strip_prefix("up ") {
            Some(name) => Ok(Act::HangUp(name.to_owned())),
            None => Err("hang what? hang up <name>".to_owned()),
        },
        "stop" => Ok(Act::Stop(rest.to_owned())),
        "nobody" if rest == "hears anything" => Ok(Act::Silence),
        name => of_a_person(name, rest),
    }
}

fn of_a_person(name: &str, rest: &str) -> Result<Act, String> {
    let name = name.to_owned();
    let pattern = |text: &str| match Pattern::parse(text, &Names::default()) {
        Ok(_) => Ok(text.to_owned()),
        Err(bad) => Err(bad.to_string()),
    };
    if let Some(line) = rest.strip_prefix("> ") {
        return match sayable(line, &Names::for_checking()) {
            Ok(_) => Ok(Act::Say(name, line.to_owned())),
            Err(bad) => Err(bad.to_string()),
        };
    }
    if let Some(text) = rest.strip_prefix("< ") {
        return Ok(Act::Hear(name, pattern(text)?));
    }
    if let Some(text) = rest.strip_prefix("skips to ") {
        return Ok(Act::SkipTo(name, pattern(text)?));
    }
    match rest {
        "hears nothing" => Ok(Act::HearNothing(name)),
        "skips everything" => Ok(Act::SkipAll(name)),
        "closed" => Ok(Act::Closed(name)),
        _ => Err(format!("{name} does what? >, <, hears nothing, skips to, skips everything, closed")),
    }
}

/// Whether a step fits behind those before it.
fn check(act: &Act, people: &mut BTreeSet<String>, begun: bool) -> Result<(), String> {
    let known = |name: &String, people: &BTreeSet<String>| match people.contains(name) {
        true => Ok(()),
        false => Err(format!("{name} is not there yet: connect or open")),
    };
    match act {
        Act::Set(..) | Act::On(_) if begun => Err("set and on stand before everything else".to_owned()),
        Act::Connect(names, _) | Act::Open(names) => {
            for name in names {
                if WORDS.contains(&name.as_str()) {
                    return Err(format!("nobody can be called {name}, since lines begin so"));
                }
                people.insert(name.clone());
            }
            Ok(())
        }
        Act::HangUp(name)
        | Act::Say(name, _)
        | Act::Hear(name, _)
        | Act::HearNothing(name)
        | Act::SkipTo(name, _)
        | Act::SkipAll(name)
        | Act::Closed(name) => known(name, people),
        Act::Set(..) | Act::On(_) | Act::Advance(_) | Act::Stop(_) | Act::Silence => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn acts(text: &str) -> Vec<Act> {
        let script = script("a.chat", text).unwrap_or_else(|bad| panic!("{bad}"));
        script.steps.into_iter().map(|step| step.act).collect()
    }

    #[test]
    fn every_form_is_read() {
        let text = "# Title\non engine\nset history.on_join 0\nconnect al bo with batch echo-message\nopen cy\n\n# note\n\
                    al > JOIN #den\nal < :al!al@host JOIN #den\nal skips to {*} 366 {*}\nal skips everything\n\
                    bo hears nothing\nadvance 10\nhang up al\ncy closed\nnobody hears anything\nstop enough\n";
        let own = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let (al, bo, cy) = ("al".to_owned(), "bo".to_owned(), "cy".to_owned());
        assert_eq!(
            acts(text),
            [
                Act::On(own(&["engine"])),
                Act::Set("history.on_join".to_owned(), "0".to_owned()),
                Act::Connect(own(&["al", "bo"]), own(&["batch", "echo-message"])),
                Act::Open(own(&["cy"])),
                Act::Say(al.clone(), "JOIN #den".to_owned()),
                Act::Hear(al.clone(), ":al!al@host JOIN #den".to_owned()),
                Act::SkipTo(al.clone(), "{*} 366 {*}".to_owned()),
                Act::SkipAll(al.clone()),
                Act::HearNothing(bo),
                Act::Advance(10),
                Act::HangUp(al),
                Act::Closed(cy),
                Act::Silence,
                Act::Stop("enough".to_owned()),
            ]
        );
    }

    #[test]
    fn what_is_not_of_the_language_is_refused_with_its_line() {
        #[rustfmt::skip]
        let table = [
            ("connect al\nal hears nothing\n",           1, "the first line"),
            ("# T\nconnect al\n",                        1, "cannot fail"),
            ("# T\nal > PING x\n",                       2, "not there yet"),
            ("# T\nconnect set\n",                       2, "nobody can be called set"),
            ("# T\nconnect\n",                           2, "needs a name"),
            ("# T\nconnect al\nset a b\n",               3, "before everything"),
            ("# T\nconnect al\nal shouts\n",             3, "does what"),
            ("# T\nconnect al\nal < {a:colour}\n",       3, "colour"),
            ("# T\nconnect al\nal > {*}\n",              3, "cannot be said"),
            ("# T\nadvance soon\n",                      2, "milliseconds"),
            ("# T\nhang al\n",                           2, "hang up"),
        ];
        for (text, number, why) in table {
            let bad = script("a.chat", text).expect_err(text);
            assert!(bad.number == number && bad.why.contains(why), "{text:?}: {bad}");
        }
    }

    #[test]
    fn a_script_runs_where_it_can() {
        let script = |text: &str| script("a.chat", text).unwrap_or_else(|bad| panic!("{bad}"));
        let plain = script("# T\nconnect al\nal hears nothing\n");
        assert!(plain.runs_on("engine", true) && plain.runs_on("tcp", false));
        let timed = script("# T\nconnect al\nadvance 5\nal hears nothing\n");
        assert!(timed.runs_on("engine", true) && !timed.runs_on("tcp", false));
        let chosen = script("# T\non tcp\nconnect al\nal hears nothing\n");
        assert!(!chosen.runs_on("engine", true) && chosen.runs_on("tcp", false));
    }
}
