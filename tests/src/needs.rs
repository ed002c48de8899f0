//! Programs of the system that some tests talk with.

use std::env;

/// Whether the machine has a program.
///
/// # Panics
/// If it has not, and `CI` is set: there, no test may be passed over.
pub fn is_there(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path).any(|directory| directory.join(program).is_file());
    assert!(found || env::var_os("CI").is_none(), "{program} is not installed");
    found
}

/// Passes over the rest of a test if the machine lacks a program, and says so.
#[macro_export]
macro_rules! needs {
    ($($program:literal),+) => {
        $(if !$crate::needs::is_there($program) {
            use std::io::Write as _;
            // Past the capture of the test's output: a test that did nothing must not look like one that passed.
            let _ = writeln!(std::io::stderr(), "\nSKIPPED at {}:{}: {} is not installed", file!(), line!(), $program);
            return;
        })+
    };
}
