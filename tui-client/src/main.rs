//! The program `parlor`.

use std::process::ExitCode;

fn main() -> ExitCode {
    parlor::main_with(std::env::args_os())
}
