//! The house is tidy: what a reader relies on and no compiler checks.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use parlor_tests::counted;
use parlor_tests::coverage::Coverage;
use parlor_tests::differences::{DIFFERENCES, SHOWN_BY_TESTS};
use parlor_tests::reference::{self, Kind};

/// Lines of a Rust file; a longer one is split.
const LINES_MAX: usize = 600;
/// Lines from which a file has to say here why it is so long.
const LINES_SMELL: usize = 400;
/// Why a file is longer than it should be.
const LONG: &[(&str, &str)] = &[];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the workspace is there")
}

/// The files below the workspace with an ending, by their paths from there.
fn files(ending: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut open = vec![root()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(&directory).expect("the workspace can be read") {
            let path = entry.expect("the workspace can be read").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() && name != "target" && !name.starts_with('.') {
                open.push(path);
            } else if name.ends_with(ending) {
                let text =
                    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                let from_root = path.strip_prefix(root()).expect("it is below the root");
                found.insert(from_root.display().to_string(), text);
            }
        }
    }
    assert!(!found.is_empty(), "there are {ending} files");
    found
}

/// All lines of Rust with their places, this file left aside: it has to name what it looks for.
fn rust_lines() -> Vec<(String, String)> {
    let files = files(".rs").into_iter().filter(|(path, _)| path != "tests/tests/tidy.rs");
    let lines = files.flat_map(|(path, text)| {
        let lines: Vec<_> = text.lines().map(str::to_owned).collect();
        lines.into_iter().enumerate().map(move |(index, line)| (format!("{path}:{}", index + 1), line))
    });
    lines.collect()
}

/// Fails if there is any.
fn none(what: &str, found: &[String]) {
    assert!(found.is_empty(), "{what}:\n{}", found.join("\n"));
}

#[test]
fn no_file_is_too_long() {
    let mut wrong = Vec::new();
    let files = files(".rs");
    for (path, text) in &files {
        let (lines, excused) = (text.lines().count(), LONG.iter().any(|row| row.0 == path));
        if lines > LINES_MAX || (lines > LINES_SMELL && !excused) || (lines <= LINES_SMELL && excused) {
            wrong.push(format!("{path} has {lines} lines"));
        }
    }
    wrong
        .extend(LONG.iter().filter(|row| !files.contains_key(row.0)).map(|row| format!("{} is gone", row.0)));
    none("too long, or no longer and still excused", &wrong);
}

#[test]
fn nothing_is_left_half_done() {
    let marks = ["dbg!(", "todo!(", "unimplemented!(", "TODO", "FIXME", "XXX", "#[ignore", "#[should_panic"];
    let lines = rust_lines().into_iter();
    let wrong = lines.filter(|(_, line)| marks.iter().any(|mark| line.contains(mark)));
    none("half done", &wrong.map(|(place, line)| format!("{place}: {line}")).collect::<Vec<_>>());
}

#[test]
fn only_programs_and_tests_print() {
    let may = |place: &str| {
        let path = place.split(':').next().unwrap_or(place);
        ["tests/", "/tests/", "/benches/", "/examples/", "/bin/", "demo/", "main.rs"]
            .iter()
            .any(|part| path.contains(part))
    };
    let prints = |line: &str| {
        let found = line.find("println!(").or_else(|| line.find("print!("));
        found.is_some_and(|index| !line[..index].ends_with('e') && !line.trim_start().starts_with("//"))
    };
    let wrong = rust_lines().into_iter().filter(|(place, line)| prints(line) && !may(place));
    none("a library prints", &wrong.map(|(place, line)| format!("{place}: {line}")).collect::<Vec<_>>());
}

#[test]
fn every_exception_from_a_lint_has_a_reason() {
    let mut wrong = Vec::new();
    for (path, text) in files(".rs").iter().filter(|(path, _)| *path != "tests/tests/tidy.rs") {
        for start in ["#[allow(", "#![allow(", "#[expect(", "#![expect("] {
            for (at, _) in text.match_indices(start) {
                let attribute = text[at..].split(")]").next().unwrap_or_default();
                if !attribute.contains("reason = ") {
                    wrong.push(format!("{path}: {attribute})]"));
                }
            }
        }
    }
    none("without a reason", &wrong);
}

#[test]
fn no_test_waits() {
    let in_tests =
        |place: &str| place.starts_with("tests/") || place.contains("/tests/") || place.contains("tests.rs");
    let wrong = rust_lines().into_iter().filter(|(place, line)| in_tests(place) && line.contains("sleep("));
    none("a test waits", &wrong.map(|(place, line)| format!("{place}: {line}")).collect::<Vec<_>>());
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut wrong = Vec::new();
    for (path, text) in files(".md") {
        let directory = root().join(&path).parent().expect("a file is in a directory").to_owned();
        for (_, rest) in text.match_indices("](").map(|(at, _)| text.split_at(at + 2)) {
            let target = rest.split(')').next().unwrap_or_default();
            let file = target.split('#').next().unwrap_or_default();
            let outside = target.contains("://") || file.is_empty() || file.contains(' ');
            if !outside && !directory.join(file).exists() {
                wrong.push(format!("{path}: {target}"));
            }
        }
    }
    none("leads nowhere", &wrong);
}

/// That a document made of tables is as it is made. With `REWRITE` in the environment it is written first.
fn is_as_made(document: &str, made: &str) {
    let path = root().join(document);
    if std::env::var_os("REWRITE").is_some() {
        fs::write(&path, made).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    let how = "REWRITE=1 cargo test -p parlor-tests --test tidy";
    for (number, (made, written)) in made.lines().zip(written.lines()).enumerate() {
        assert_eq!(written, made, "{document}:{}: {how}", number + 1);
    }
    assert_eq!(written.len(), made.len(), "{document}: {how}");
}

#[test]
fn the_reference_is_what_the_tables_say() {
    is_as_made("docs/irc.md", &reference::irc());
}

#[test]
fn the_reference_of_the_counters_is_their_table() {
    is_as_made("docs/counters.md", &counted::counters());
}

#[test]
fn the_reference_of_the_client_is_its_tables() {
    is_as_made("docs/client.md", &parlor::reference());
}

#[test]
fn everything_that_is_offered_is_tested() {
    let coverage = Coverage::of_all_scripts();
    let rows = reference::tables().into_iter().flat_map(|table| table.rows);
    let rows = rows.filter(|row| row.kind != Kind::Specification && row.tests(&coverage).is_empty());
    none(
        "no chat script has it (tests/src/coverage.rs says how one does)",
        &rows.map(|row| format!("{:?} {}", row.kind, row.name)).collect::<Vec<_>>(),
    );
}

#[test]
fn what_is_said_about_a_row_is_about_one_that_there_is() {
    let rows: Vec<_> = reference::tables().into_iter().flat_map(|table| table.rows).collect();
    let exists = |kind: Kind, name: &str| rows.iter().any(|row| (row.kind, &*row.name) == (kind, name));
    let mut wrong = Vec::new();
    for (kind, name, why) in DIFFERENCES {
        if !exists(*kind, name) || !why.ends_with('.') {
            wrong.push(format!("difference: {kind:?} {name}: {why}"));
        }
    }
    for (kind, name, file, test) in SHOWN_BY_TESTS {
        let text = fs::read_to_string(root().join(file)).unwrap_or_default();
        if !exists(*kind, name) || !text.contains(&format!("fn {test}()")) {
            wrong.push(format!("test: {kind:?} {name}: {test} in {file}"));
        }
    }
    let coverage = Coverage::of_all_scripts();
    let named = coverage.names_in_comments().filter(|(name, _)| !rows.iter().any(|row| row.name == *name));
    wrong.extend(named.map(|(name, script)| format!("covers: {name} in {script}.chat")));
    none("about nothing", &wrong);
}
