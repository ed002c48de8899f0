//! One program for all parts: the demo starts itself again as the server, the statistics and the client, so that
//! nothing needs to be installed.

use std::ffi::OsString;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};
use nix::sys::prctl;
use nix::sys::signal::{SigSet, Signal};
use nix::unistd::getppid;

/// The argument behind which the role stands.
const MARK: &str = "--as";

/// The argument with which the starter tells its process id.
const STARTER: &str = "--starter";

/// A part that this program can play.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// `parlord`
    Server,
    /// `parlorstat`
    Statistics,
    /// `parlor`
    Client,
}

impl Role {
    const ALL: [(Self, &'static str); 3] =
        [(Self::Server, "parlord"), (Self::Statistics, "parlorstat"), (Self::Client, "parlor")];

    fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}

/// This program in a role, with no arguments yet. It ends when the one who started it does.
///
/// # Errors
/// If this program cannot be found.
pub fn command(role: Role) -> Result<Command> {
    let program = std::env::current_exe().context("this program cannot be found")?;
    let mut command = Command::new(program);
    command.args([MARK, role.name(), STARTER, &std::process::id().to_string()]);
    Ok(command)
}

/// Plays a role, if the arguments ask for one.
pub fn play(arguments: &[OsString]) -> Option<ExitCode> {
    if arguments.get(1)? != MARK {
        return None;
    }
    let name = arguments.get(2)?.to_str()?;
    let (role, name) = Role::ALL.into_iter().find(|row| row.1 == name)?;
    let mut rest = &arguments[3..];
    if let [mark, starter, after @ ..] = rest
        && mark == STARTER
    {
        rest = after;
        stay_with(starter.to_str()?.parse().ok()?);
    }
    let arguments = std::iter::once(OsString::from(name)).chain(rest.iter().cloned());
    Some(match role {
        Role::Server => parlord::main_with(arguments),
        Role::Statistics => parlorstat::main_with(arguments),
        Role::Client => parlor::main_with(arguments),
    })
}

/// Ends with the process that started this one, even if that one is killed; takes signals as usual.
fn stay_with(starter: i32) {
    // The demo blocks signals to wait for them; what it starts shall not inherit that.
    SigSet::empty().thread_set_mask().expect("an empty mask is a mask");
    prctl::set_pdeathsig(Signal::SIGTERM).expect("SIGTERM is a signal");
    if getppid().as_raw() != starter {
        std::process::exit(1);
    }
}
