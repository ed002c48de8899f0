//! `parlorstat`: live statistics of a Parlor server, read from its shared segment.
//!
//! ```text
//!   segment ──► Source ──► Sample ──┬─► render, document            --once, --json
//!                                   └─► update(&mut Model) ──► view   the live screen
//! ```
//!
//! Counters are copied, the guard is given back, and only then is anything computed or drawn. What the segment offers
//! is taken from its directory by name: a counter that is missing costs a column, one that is new appears.
//!
//! **Invariant:** a [`Sample`] is all that is shown; everything behind it is pure, and is told the time.

mod args;
mod care;
mod csv;
mod exit;
mod feed;
mod json;
mod listen;
mod metrics;
mod once;
mod print;
mod rates;
mod recording;
mod records;
mod sample;
pub mod screen;
mod select;
mod source;
#[cfg(test)]
mod tests;
mod text;

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use segment::Now;

use crate::args::Arguments;
use crate::exit::Failure;

pub use exit::{EXITS, Exit};
pub use json::{Detail, FIELDS, SCHEMA, document};
pub use once::render;
pub use sample::{Copied, Sample, Server, State, Successor};
pub use source::{GUARD_WAIT, Place, Source};

/// Runs the program with these arguments, the first of which is its name.
pub fn main_with(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let is_terminal = io::stdout().is_terminal() && io::stdin().is_terminal();
    // Not locked: what puts the terminal in order after a panic writes there as well.
    let mut out = io::BufWriter::new(io::stdout());
    let mut stage = Stage { out: &mut out, err: &mut io::stderr(), clock: &mut Machine, is_terminal };
    run(args, &mut stage).code().into()
}

/// The world around the program.
pub(crate) struct Stage<'a> {
    pub out: &'a mut dyn Write,
    pub err: &'a mut dyn Write,
    pub clock: &'a mut dyn Clock,
    pub is_terminal: bool,
}

/// Where time comes from.
pub(crate) trait Clock {
    fn now(&mut self) -> Now;
    fn pause(&mut self, length: Duration);
}

struct Machine;

impl Clock for Machine {
    fn now(&mut self) -> Now {
        Now::read()
    }

    fn pause(&mut self, length: Duration) {
        std::thread::sleep(length);
    }
}

/// Why a run did not come to its end.
#[derive(Debug)]
pub(crate) enum Ended {
    /// There is something to say about it.
    Failed(Failure),
    /// What was printed could not be written.
    Unheard(io::Error),
}

impl From<Failure> for Ended {
    fn from(failure: Failure) -> Ended {
        Ended::Failed(failure)
    }
}

impl From<io::Error> for Ended {
    fn from(error: io::Error) -> Ended {
        Ended::Unheard(error)
    }
}

/// Parses the arguments, does what they say, and says what went wrong.
pub(crate) fn run(args: impl IntoIterator<Item = OsString>, stage: &mut Stage<'_>) -> Exit {
    let arguments = match Arguments::try_parse_from(args) {
        Ok(arguments) => arguments,
        Err(error) => {
            let (exit, to) = match error.use_stderr() {
                true => (Exit::Usage, &mut stage.err),
                false => (Exit::Live, &mut stage.out),
            };
            // Nothing is left to be done if nobody reads even this.
            let _ = write!(to, "{error}");
            return exit;
        }
    };
    let ended = act(&arguments, stage).and_then(|exit| {
        stage.out.flush()?;
        Ok(exit)
    });
    match ended {
        Ok(exit) => exit,
        Err(Ended::Failed(failure)) => {
            // As above.
            let _ = writeln!(stage.err, "parlorstat: {}", text::clean(&failure.text));
            failure.exit
        }
        // Whoever reads has enough: `| head`. Or the terminal has gone away.
        Err(Ended::Unheard(error)) if error.kind() == io::ErrorKind::BrokenPipe || stage.is_terminal => {
            Exit::Live
        }
        Err(Ended::Unheard(error)) => {
            // As above.
            let _ = writeln!(stage.err, "parlorstat: {error}");
            Exit::Failed
        }
    }
}

fn act(arguments: &Arguments, stage: &mut Stage<'_>) -> Result<Exit, Ended> {
    if let Some(care) = &arguments.care {
        return care::care(care, arguments, stage);
    }
    if let Some(room) = &arguments.history {
        return records::history(room, arguments, stage);
    }
    if let Some(room) = &arguments.follow {
        return records::follow(room, arguments, stage);
    }
    if let Some(address) = arguments.listen {
        return listen::listen(address, arguments, stage);
    }
    if stage.is_terminal && !arguments.prints() && !arguments.check {
        return screen::terminal::run(arguments);
    }
    print::print(arguments, stage)
}
