//! Every file in `tests/scripts` on every carrier that can carry it, each a test of its own:
//! `cargo test -p parlor-tests --test scripts join` runs those whose name has `join`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use parlor_tests::carrier::{KINDS, Kind};
use parlor_tests::runner;
use parlor_tests::script::Script;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    libtest_mimic::run(&arguments, trials()).exit_code()
}

fn trials() -> Vec<Trial> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts");
    let mut trials = Vec::new();
    for path in files(&root) {
        let name = path.strip_prefix(&root).unwrap_or(&path).display().to_string();
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
        match Script::parse(&format!("tests/scripts/{name}"), &text) {
            Ok(script) => trials.extend(carried(&name, &script)),
            Err(bad) => {
                let bad = bad.to_string();
                trials.push(Trial::test(name, move || Err(Failed::from(bad))));
            }
        }
    }
    assert!(!trials.is_empty(), "there are no scripts in {}", root.display());
    trials
}

fn carried(name: &str, script: &Script) -> Vec<Trial> {
    let stem = name.trim_end_matches(".chat");
    let kinds: Vec<_> = KINDS.iter().filter(|kind| script.runs_on(kind.name, kind.rules_time)).collect();
    if kinds.is_empty() {
        return vec![Trial::test(stem, || Err(Failed::from("no carrier can run this script")))];
    }
    let trial = |kind: &'static Kind| {
        let script = script.clone();
        Trial::test(format!("{stem} on {}", kind.name), move || {
            runner::run(&script, kind).map_err(|why| Failed::from(format!("\n{why}")))
        })
    };
    kinds.into_iter().map(trial).collect()
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    let mut files = Vec::new();
    for path in entries.map(|entry| entry.expect("the directory can be read").path()) {
        if path.is_dir() {
            files.extend(self::files(&path));
        } else if path.extension().is_some_and(|extension| extension == "chat") {
            files.push(path);
        }
    }
    files.sort();
    files
}
