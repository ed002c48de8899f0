//! The table of features names tests that there are.

use std::fs;
use std::path::{Path, PathBuf};

const REFERENCE: &str = include_str!("../../docs/client.md");
const TABLE: &str = include_str!("../../docs/client-features.md");

#[test]
fn every_feature_has_a_test_or_a_reason() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = String::new();
    read_all(&root.join("src"), &mut sources);
    read_all(&root.join("tests"), &mut sources);
    let mut wrong = Vec::new();
    for row in TABLE.lines().filter(|row| row.starts_with("| ") && *row != "| what | test |") {
        let proof = row.trim_end_matches(" |").rsplit(" | ").next().unwrap_or_default();
        let names: Vec<&str> =
            proof.split('`').skip(1).step_by(2).filter(|name| !name.contains(' ')).collect();
        let missing = names.iter().any(|name| !sources.contains(&format!("#[test]\nfn {name}(")));
        if missing || (names.is_empty() && !proof.starts_with("no: ")) {
            wrong.push(row);
        }
    }
    assert!(wrong.is_empty(), "no such test: {wrong:#?}");
}

#[test]
fn every_key_and_every_command_is_used_in_a_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut sources, mut others) = (String::new(), String::new());
    read_all(&root.join("src"), &mut sources);
    read_all(&root.join("tests"), &mut others);
    // Of the sources only the tests.
    let tests: String = sources.split("#[test]\n").skip(1).chain([others.as_str()]).collect();
    let (keys, rest) =
        REFERENCE.split_once("\n## Keys\n").and_then(|(_, rest)| rest.split_once("\n## ")).unwrap();
    let commands = rest.split_once("\n## ").unwrap().0;
    let cells = |section: &str| {
        let rows =
            section.lines().filter_map(|row| row.strip_prefix("| ")?.split(" | ").next().map(str::to_owned));
        rows.skip(1).collect::<Vec<_>>()
    };
    let pressed = |name: &str| {
        [format!("\"{name}\""), format!("\"{name} "), format!(" {name}\""), format!(" {name} ")]
            .iter()
            .any(|text| tests.contains(text))
    };
    let mut wrong = Vec::new();
    for row in cells(keys) {
        wrong.extend(Some(&row).filter(|row| !row.split(", ").any(pressed)).cloned());
    }
    for row in cells(commands) {
        let name = row.trim_start_matches('`').split('`').next().unwrap();
        let typed = [format!("\"{name}\""), format!("\"{name} ")];
        wrong.extend(Some(row.clone()).filter(|_| !typed.iter().any(|text| tests.contains(text))));
    }
    assert!(wrong.is_empty(), "used in no test: {wrong:#?}");
}

/// Adds the sources below a directory, without blanks before their lines.
fn read_all(directory: &Path, sources: &mut String) {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    for path in entries.collect::<Vec<PathBuf>>() {
        if path.is_dir() {
            read_all(&path, sources);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            for line in text.lines() {
                sources.push_str(line.trim_start());
                sources.push('\n');
            }
        }
    }
}
