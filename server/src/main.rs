//! The program `parlord`.

fn main() -> std::process::ExitCode {
    parlord::main_with(std::env::args_os())
}
