//! One program for all parts: the benchmark starts itself again as the server, as the floor, as who disturbs, and as
//! the starter of another server, so that nothing needs to be installed and everybody sits on the core he shall.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};
use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::unistd::getppid;

use crate::machine::{self, Core};
use crate::{floor, nuisance};

/// The argument behind which the role, the starter's process id and the core stand.
const MARK: &str = "--as";

/// A part that this program can play.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The server, `parlord`.
    Server,
    /// What only hands lines on.
    Floor,
    /// Who makes the server busy.
    Nuisance,
    /// The starter of another program.
    Other,
}

impl Role {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Server, "server"),
        (Self::Floor, "floor"),
        (Self::Nuisance, "nuisance"),
        (Self::Other, "other"),
    ];

    fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}

/// This program in a role and on a core, with no arguments yet. It ends when the one who started it does.
///
/// # Errors
/// If this program cannot be found.
pub fn command(role: Role, core: Option<Core>) -> Result<Command> {
    let mut command = Command::new(program()?);
    command.args(arguments(role, core));
    Ok(command)
}

/// The same for somebody who shall have only the time that nobody else wants, so that he disturbs the server and not
/// those who measure.
///
/// # Errors
/// If this program cannot be found.
pub fn idle_command(role: Role, core: Option<Core>) -> Result<Command> {
    let mut command = Command::new("chrt");
    command.args(["--idle", "0"]).arg(program()?).args(arguments(role, core));
    Ok(command)
}

fn program() -> Result<std::path::PathBuf> {
    std::env::current_exe().context("this program cannot be found")
}

fn arguments(role: Role, core: Option<Core>) -> [String; 4] {
    let core = core.map_or_else(|| "any".to_owned(), |core| core.0.to_string());
    [MARK.to_owned(), role.name().to_owned(), std::process::id().to_string(), core]
}

/// Plays a role, if the arguments ask for one.
pub fn play(arguments: &[OsString]) -> Option<ExitCode> {
    let [_, mark, role, starter, core, rest @ ..] = arguments else { return None };
    if mark != MARK {
        return None;
    }
    let (role, name) = Role::ALL.into_iter().find(|row| role == row.1)?;
    let ready = stay_with(starter.to_str()?.parse().ok()?).and_then(|()| match core.to_str() {
        Some("any") | None => Ok(()),
        Some(core) => machine::pin(Core(core.parse()?)),
    });
    let outcome = ready.and_then(|()| match role {
        Role::Server => {
            let arguments = std::iter::once(OsString::from("parlord")).chain(rest.iter().cloned());
            Ok(parlord::main_with(arguments))
        }
        Role::Floor => floor::run().map(|()| ExitCode::SUCCESS),
        Role::Nuisance => nuisance::run(rest).map(|()| ExitCode::SUCCESS),
        Role::Other => become_other(rest),
    });
    Some(outcome.unwrap_or_else(|error| {
        eprintln!("{name}: {error:#}");
        ExitCode::FAILURE
    }))
}

fn become_other(words: &[OsString]) -> Result<ExitCode> {
    let (program, arguments) = words.split_first().context("no program is named")?;
    let error = Command::new(program).args(arguments).exec();
    Err(error).with_context(|| format!("{} cannot be started", program.display()))
}

/// Ends with the process that started this one, even if that one is killed. A program that takes the place of this
/// one inherits that.
fn stay_with(starter: i32) -> Result<()> {
    prctl::set_pdeathsig(Signal::SIGTERM)?;
    ensure!(getppid().as_raw() == starter, "the benchmark has ended");
    Ok(())
}
