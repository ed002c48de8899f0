//! The program `parlorstat`.

use std::process::ExitCode;

fn main() -> ExitCode {
    parlorstat::main_with(std::env::args_os())
}
