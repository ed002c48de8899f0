//! The program `parlord`.

/// Lines are made, shared and forgotten all the time, which this allocator does in less time than the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    parlord::main_with(std::env::args_os())
}
