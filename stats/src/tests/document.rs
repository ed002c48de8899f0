//! The documentation says what the tables of the code say.

use std::collections::BTreeSet;

use clap::CommandFactory;
use serde_json::Value as Json;

use super::*;
use crate::args::Arguments;
use crate::{EXITS, FIELDS};

const DOCUMENT: &str = include_str!("../../../docs/parlorstat.md");

/// The rows of the document's table of this name.
fn table(name: &str) -> Vec<String> {
    let mark = format!("<!-- table: {name} -->\n");
    let (_, after) = DOCUMENT.split_once(&mark).unwrap_or_else(|| panic!("there is no table {name}"));
    after.trim_start().lines().take_while(|line| line.starts_with('|')).skip(2).map(str::to_owned).collect()
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
    assert_eq!(table("options"), rows, "\n{}\n", rows.join("\n"));
    let commands = command.get_subcommands();
    let rows: Vec<_> =
        commands.map(|care| format!("| `{}` | {} |", care.get_name(), care.get_about().unwrap())).collect();
    assert_eq!(table("commands"), rows, "\n{}\n", rows.join("\n"));
}

#[test]
fn the_ends_are_documented() {
    let rows: Vec<_> = EXITS.iter().map(|(_, code, meaning)| format!("| {code} | {meaning} |")).collect();
    assert_eq!(table("ends"), rows, "\n{}\n", rows.join("\n"));
}

#[test]
fn the_json_document_is_documented() {
    let rows: Vec<_> = FIELDS.iter().map(|(path, meaning)| format!("| `{path}` | {meaning} |")).collect();
    assert_eq!(table("json"), rows, "\n{}\n", rows.join("\n"));
}

/// The paths of all values in the document, in the notation of the table.
fn paths(json: &Json, path: &str, found: &mut BTreeSet<String>) {
    match json {
        Json::Object(fields) => {
            let named = ["counters", "room_counters", "rooms[].counters", "rooms[].rates"].contains(&path);
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
    // All rooms have a last speaker here, so that nothing is null.
    let mut scene = Scene::lively();
    scene.say("#rust", "bob", "fearless");
    scene.pass(1);
    let document: Json = serde_json::from_str(&scene.run(&["--json"]).out).expect("it is JSON");
    let mut found = BTreeSet::new();
    paths(&document, "", &mut found);
    let listed: BTreeSet<String> = FIELDS.iter().map(|(path, _)| (*path).to_owned()).collect();
    assert_eq!(found, listed);
}

#[test]
fn the_keys_are_documented() {
    let row = |binding: &crate::screen::Binding| format!("| {} | {} |", binding.shown, binding.help);
    let rows: Vec<_> = crate::screen::BINDINGS.iter().map(row).collect();
    assert_eq!(table("keys"), rows, "\n{}\n", rows.join("\n"));
}

#[test]
fn the_pictures_in_the_document_are_those_of_the_screen() {
    for picture in [include_str!("pictures/rooms-120x36.txt"), include_str!("pictures/rooms-60x20.txt")] {
        assert!(DOCUMENT.contains(&format!("```text\n{picture}```\n")), "\n{picture}");
    }
}
