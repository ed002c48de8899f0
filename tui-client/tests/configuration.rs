//! What the program says of its configuration before it takes the terminal.

use std::path::Path;
use std::process::{Command, Output, Stdio};

fn run(args: &[&str], home: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_parlor"));
    command.args(args).env("XDG_CONFIG_HOME", home).env("XDG_STATE_HOME", home).stdin(Stdio::null());
    command.output().unwrap()
}

fn said(output: &Output) -> (Option<i32>, String) {
    assert!(output.stdout.is_empty(), "nothing but complaints");
    (output.status.code(), String::from_utf8(output.stderr.clone()).unwrap())
}

#[test]
fn a_mistake_is_told_with_file_line_key_and_nearest_name() {
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("parlor/config.toml");
    std::fs::create_dir(home.path().join("parlor")).unwrap();
    std::fs::write(&config, "[settings]\ntheem = 'dark'\n").unwrap();
    let expected =
        format!("parlor: {}:2: settings.theem: there is no such key; is theme meant?\n", config.display());
    assert_eq!(said(&run(&[], home.path())), (Some(2), expected));

    let other = home.path().join("other.toml");
    std::fs::write(&other, "[networks.a]\nrooms = ['#x']\n").unwrap();
    let expected =
        format!("parlor: {}:1: networks.a.addresses: a network needs at least one server\n", other.display());
    assert_eq!(said(&run(&["--config", other.to_str().unwrap()], home.path())), (Some(2), expected));
    let expected = "parlor: /nowhere.toml: there is no such file\n".to_owned();
    assert_eq!(said(&run(&["--config", "/nowhere.toml"], home.path())), (Some(2), expected));
}

#[test]
fn what_is_remembered_is_not_passed_over_when_it_cannot_be_read() {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join("parlor")).unwrap();
    std::fs::write(home.path().join("parlor/trust.toml"), "certificates = 1\n").unwrap();
    let (code, text) = said(&run(&[], home.path()));
    assert_eq!(code, Some(2));
    assert!(text.contains("trust.toml: "), "{text}");
}

#[test]
fn the_example_can_be_used_as_it_is() {
    let home = tempfile::tempdir().unwrap();
    let example = run(&["--example-config"], home.path());
    assert!(example.status.success());
    let file = home.path().join("example.toml");
    std::fs::write(&file, &example.stdout).unwrap();
    let (code, text) = said(&run(&["--config", file.to_str().unwrap()], home.path()));
    assert_eq!(code, Some(1));
    assert!(text.contains("a terminal is needed"), "{text}");
}
