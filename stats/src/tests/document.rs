//! The documentation says what the tables of the code say.

use std::collections::BTreeSet;

use clap::CommandFactory;
use serde_json::Value as Json;

use super::*;
use crate::args::Arguments;
use crate::{EXITS, FIELDS};

const DOCUMENT: &str = include_str!("../../../docs/parlorstat.md");

/// That the document's table of this name has these rows. With `BLESS=1` they are written; one test at a time, please.
fn compare(name: &str, rows: &[String]) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/parlorstat.md");
    let document = std::fs::read_to_string(path).expect("the document is there");
    let mark = format!("<!-- table: {name} -->\n");
    let (before, after) = document.split_once(&mark).unwrap_or_else(|| panic!("there is no table {name}"));
    let lines: Vec<&str> = after.trim_start().lines().take_while(|line| line.starts_with('|')).collect();
    if std::env::var_os("BLESS").is_some() {
        let written = [&lines[..2].join("\n"), "\n", &rows.join("\n")].concat();
        let document = [before, &mark, &after.replacen(&lines.join("\n"), &written, 1)].concat();
        return std::fs::write(path, document).expect("the document can be written");
    }
    assert_eq!(&lines[2..], rows, "{name}: run this test with BLESS=1 and --test-threads=1");
}

#[test]
fn the_options_are_documented() {
    let command = Arguments::command();
    let mut rows = Vec::new();
    for option in command.get_arguments() {
        let flag = option.get_long().expect("all options are long");
        let takes = option.get_action().takes_values();
        let value = option
            .get_value_names()
            .filter(|_| takes)
            .map_or(String::new(), |names| format!(" {}", names[0]));
        let default = option.get_default_values().first().filter(|_| takes);
        let default = default.map_or(String::new(), |value| value.to_string_lossy().into_owned());
        let help = option.get_help().expect("all options are explained").to_string();
        rows.push(format!(
            "| `--{flag}{}` | {default} | {} |",
            value.replace('|', "\\|"),
            help.replace('*', "\\*")
        ));
    }
    compare("options", &rows);
    let commands = command.get_subcommands();
    let rows: Vec<_> =
        commands.map(|care| format!("| `{}` | {} |", care.get_name(), care.get_about().unwrap())).collect();
    compare("commands", &rows);
}

#[test]
fn the_ends_are_documented() {
    let rows: Vec<_> = EXITS.iter().map(|(_, code, meaning)| format!("| {code} | {meaning} |")).collect();
    compare("ends", &rows);
}

#[test]
fn the_json_document_is_documented() {
    let rows: Vec<_> = FIELDS.iter().map(|(path, meaning)| format!("| `{path}` | {meaning} |")).collect();
    compare("json", &rows);
}

/// The paths of all values in the document, in the notation of the table.
fn paths(json: &Json, path: &str, found: &mut BTreeSet<String>) {
    match json {
        Json::Object(fields) => {
            let named = ["counters", "per_second", "room_counters", "rooms[].counters", "rooms[].rates"]
                .contains(&path);
            for (name, value) in fields {
                let name = if named { "*" } else { name };
                let inner = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
                paths(value, &inner, found);
            }
        }
        Json::Array(items) => items.iter().for_each(|item| paths(item, &format!("{path}[]"), found)),
        _ => drop(found.insert(path.to_owned())),
    }
}

#[test]
fn the_table_of_fields_is_the_json_document() {
    // All rooms have a last speaker here, and somebody is slow, so that nothing is null.
    let mut scene = Scene::lively();
    scene.say("#rust", "bob", "fearless");
    scene.stage().slow(&[segment::Slow {
        name: "frank".to_owned(),
        queued: 5,
        limit: 10,
        since_ms: NOW.wall_ms,
    }]);
    scene.pass(1);
    let told = scene.run(&["--json", "--count", "2"]);
    let documents = serde_json::Deserializer::from_str(&told.out).into_iter::<Json>();
    let document = documents.last().expect("there are two").expect("it is JSON");
    let mut found = BTreeSet::new();
    paths(&document, "", &mut found);
    let listed: BTreeSet<String> = FIELDS.iter().map(|(path, _)| (*path).to_owned()).collect();
    assert_eq!(found, listed);
}

#[test]
fn the_keys_are_documented() {
    let row = |binding: &crate::screen::Binding| format!("| {} | {} |", binding.shown, binding.help);
    let rows: Vec<_> = crate::screen::BINDINGS.iter().map(row).collect();
    compare("keys", &rows);
}

#[test]
fn the_pictures_in_the_document_are_those_of_the_screen() {
    for picture in [include_str!("pictures/rooms-120x36.txt"), include_str!("pictures/rooms-60x20.txt")] {
        assert!(DOCUMENT.contains(&format!("```text\n{picture}```\n")), "\n{picture}");
    }
}
