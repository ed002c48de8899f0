//! How a run ends, as a number for scripts.

use segment::{CareError, ReadError};

use crate::sample::State;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All is well, and the server lives where that matters.
    Live,
    /// Nothing is there.
    Nothing,
    /// What is shown is not the state of a living server.
    Old,
    /// The layout is not one that this program knows.
    Layout,
    /// The kernel does not let this user read.
    Denied,
    /// Something is damaged, or the kernel refused.
    Failed,
    /// A server lives on what was to be removed.
    Refused,
    /// The command line makes no sense.
    Usage,
}

/// Every way to end: its number, and what it means.
#[rustfmt::skip]
pub const EXITS: &[(Exit, u8, &str)] = &[
    (Exit::Live,    0,  "The server lives; with `--history`, `--follow` and the subcommands: it was done."),
    (Exit::Nothing, 1,  "There is no segment, or no such room in it."),
    (Exit::Old,     2,  "The server is stale, dead or stopped. What it left was printed, and marked."),
    (Exit::Layout,  3,  "The segment has a newer layout, or another one than this program knows."),
    (Exit::Denied,  4,  "This user has no permission to read the segment."),
    (Exit::Failed,  5,  "The segment is damaged, or the system refused something."),
    (Exit::Refused, 6,  "`remove` and `reset-guard`: a server lives, and `--force` was not given."),
    (Exit::Usage,   64, "The command line makes no sense."),
];

impl Exit {
    /// The number for the shell.
    pub fn code(self) -> u8 {
        let row = EXITS.iter().find(|(exit, _, _)| *exit == self);
        row.expect("every way to end has a row").1
    }
}

/// Why a run ended, in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub exit: Exit,
    pub text: String,
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Failure {
        let exit = match &error {
            ReadError::Absent { .. } | ReadError::Unready | ReadError::NoRoom => Exit::Nothing,
            ReadError::Newer { .. } => Exit::Layout,
            ReadError::Damaged(what) if what.starts_with("there is no layout") => Exit::Layout,
            ReadError::Denied { .. } | ReadError::Foreign { .. } => Exit::Denied,
            ReadError::Damaged(_)
            | ReadError::Busy { .. }
            | ReadError::Unguarded(_)
            | ReadError::Overrun
            | ReadError::Outpaced
            | ReadError::System { .. } => Exit::Failed,
        };
        Failure { exit, text: error.to_string() }
    }
}

impl From<CareError> for Failure {
    fn from(error: CareError) -> Failure {
        match error {
            CareError::Serving { .. } => {
                Failure { exit: Exit::Refused, text: format!("{error}; --force overrules it") }
            }
            CareError::Unreadable(error) => error.into(),
            CareError::NoGuard => Failure { exit: Exit::Nothing, text: error.to_string() },
            CareError::System(errno)
                if errno == nix::errno::Errno::EACCES || errno == nix::errno::Errno::EPERM =>
            {
                Failure { exit: Exit::Denied, text: error.to_string() }
            }
            CareError::System(_) => Failure { exit: Exit::Failed, text: error.to_string() },
        }
    }
}

impl From<State> for Exit {
    fn from(state: State) -> Exit {
        match state {
            State::Live | State::Restarted => Exit::Live,
            State::Stale { .. } | State::Dead { .. } | State::Stopped { .. } | State::Retired(_) => Exit::Old,
        }
    }
}
