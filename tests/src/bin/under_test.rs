//! The programs under test in one: `under_test [--files N] [--user UID] PROGRAM ARGUMENTS…`. It ends with whoever started
//! it, so that a test that is killed leaves nothing running.

use std::ffi::OsString;
use std::process::ExitCode;

use nix::sys::prctl::set_pdeathsig;
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::Signal;
use nix::unistd::{Gid, Uid, setgid, setuid};

/// As in the program itself: what it takes of memory is tested too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    set_pdeathsig(Signal::SIGKILL).expect("the kernel knows the request");
    let mut arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    if arguments.first().is_some_and(|first| first == "--files") {
        let files = arguments[1].to_str().and_then(|files| files.parse().ok()).expect("a number of files");
        setrlimit(Resource::RLIMIT_NOFILE, files, files).expect("files can always be fewer");
        arguments.drain(..2);
    }
    if arguments.first().is_some_and(|first| first == "--user") {
        let uid = arguments[1].to_str().and_then(|uid| uid.parse().ok()).expect("a number of a user");
        setgid(Gid::from_raw(uid)).and_then(|()| setuid(Uid::from_raw(uid))).expect("root may be anybody");
        // Another user's process does not hear of its parent's end unless it asks again.
        set_pdeathsig(Signal::SIGKILL).expect("the kernel knows the request");
        arguments.drain(..2);
    }
    match arguments.first().and_then(|program| program.to_str()) {
        Some("parlord") => parlord::main_with(arguments),
        Some("parlorstat") => parlorstat::main_with(arguments),
        Some("parlor") => parlor::main_with(arguments),
        other => panic!("no program {other:?}"),
    }
}
