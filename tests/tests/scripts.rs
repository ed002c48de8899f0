//! Every file in `tests/scripts` on every carrier that can carry it, each a test of its own:
//! `cargo test -p parlor-tests --test scripts join` runs those whose name has `join`.

use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use parlor_tests::carrier::{KINDS, Kind};
use parlor_tests::runner;
use parlor_tests::script::{self, Script};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    libtest_mimic::run(&arguments, trials()).exit_code()
}

fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for (name, text) in script::all() {
        match Script::parse(&format!("tests/scripts/{name}"), &text) {
            Ok(script) => trials.extend(carried(&name, &script)),
            Err(bad) => {
                let bad = bad.to_string();
                trials.push(Trial::test(name, move || Err(Failed::from(bad))));
            }
        }
    }
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
