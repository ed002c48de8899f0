//! The chat server `parlord`: configuration, sockets, signals and clocks around the chat engine.
//!
//! [`main_with`] is the program. [`Server`] is the same loop on a thread of this process, for tests.

mod bans_file;
mod bucket;
mod checker;
mod clock;
mod command_line;
mod config;
mod counters;
mod keeper;
mod logging;
mod publisher;
mod reactor;
mod server;
mod signals;

use std::ffi::OsString;
use std::process::ExitCode;

pub use command_line::Flags;
pub use config::{
    Admin, Config, Connections, History, Identity, KEYS, Key, Kind, Limits, Listen, Log, LogFormat, Network,
    Operator, Problem, Segment, effective, reference,
};
pub use counters::{ROOM_ROWS as ROOM_COUNTERS, table as counters};
pub use reactor::{Address, Unavailable};
pub use server::{Server, StartError};

/// The program: takes its arguments, the program's name first, and says how it went. It runs until a signal ends it.
///
/// Exit codes: 0 for a clean end, 1 if the server could not start or run, 2 for arguments or a configuration that
/// cannot be.
pub fn main_with(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    command_line::run(arguments)
}
