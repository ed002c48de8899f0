//! How fast the server is on this machine: `parlord` as it is shipped, over loopback, beside a floor that knows no
//! protocol, in turn, and every delivery checked. What the figures mean is in `docs/performance.md`.

mod compare;
mod contestant;
mod floor;
mod growth;
mod isolation;
mod load;
mod machine;
mod nuisance;
mod role;
mod run;
mod scenarios;
mod table;

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::net::SocketAddrV4;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, ensure};
use clap::Parser;
use wire::{Casemapping, glob};

use crate::contestant::Contestant;
use crate::scenarios::{SCENARIOS, Scenario};

/// The server has this one, and this program plays the server.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// On a small scale, so much shorter.
const TINY: u32 = 20;

/// How fast the server is on this machine, beside a floor that only hands lines on.
#[derive(Debug, Parser)]
#[command(name = "parlor-bench", version)]
struct Arguments {
    /// Only the scenarios whose names match, such as 'flood*'; may be given several times
    #[arg(long, value_name = "GLOB")]
    scenario: Vec<String>,

    /// How often everything is measured
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=50))]
    rounds: u8,

    /// Measure another IRC server too: the command that starts it in the foreground, such as 'ngircd -n -f my.conf'
    #[arg(long, value_name = "COMMAND", requires = "server_address")]
    server: Option<String>,

    /// Where the other server listens then
    #[arg(long, value_name = "ADDRESS:PORT", requires = "server")]
    server_address: Option<SocketAddrV4>,

    /// Measure the server with this configuration too, or, with --isolation, instead
    #[arg(long, value_name = "FILE", conflicts_with = "growth")]
    config: Option<PathBuf>,

    /// How long lines take in a chatting room beside others who want all of the server
    #[arg(long, conflicts_with_all = ["growth", "scenario", "server"])]
    isolation: bool,

    /// With --isolation: only beside those whose names match, such as 'join*'; may be given several times
    #[arg(long, value_name = "GLOB", requires = "isolation")]
    beside: Vec<String>,

    /// What a delivery, a person and a room cost with few and with many of them
    #[arg(long, conflicts_with_all = ["scenario", "server"])]
    growth: bool,

    /// Print JSON for programs
    #[arg(long)]
    json: bool,

    /// Say what happens in the scenarios, and end
    #[arg(long)]
    list: bool,

    /// Everything on a small scale, to see that it works; the figures mean nothing
    #[arg(long)]
    tiny: bool,
}

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    if let Some(code) = role::play(&arguments) {
        return code;
    }
    match bench(&Arguments::parse_from(arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("parlor-bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn bench(arguments: &Arguments) -> Result<()> {
    if arguments.list {
        for scenario in SCENARIOS {
            println!("{:<13} {}", scenario.name, scenario.tells);
        }
        return Ok(());
    }
    let files = machine::raise_open_files()?;
    let cores = machine::two_cores();
    match cores {
        Some((_, ours)) => machine::pin(ours)?,
        None => eprintln!("There is only one core, which server and load have to share."),
    }
    let shows = io::stderr().is_terminal();
    let mut progress = |text: &str| {
        if shows {
            // What cannot be shown is not needed.
            let _ = write!(io::stderr(), "\r\x1b[K{text}");
        }
    };
    let rounds = usize::from(arguments.rounds);
    let core = cores.map(|cores| cores.0);
    let shrink = if arguments.tiny { TINY } else { 1 };
    let (text, json) = if arguments.isolation {
        let contestant = arguments.config.clone().map_or(Contestant::Parlord, Contestant::Configured);
        let isolation = isolation::isolation(
            &contestant,
            rounds,
            |name| matches_any(&arguments.beside, name),
            shrink,
            cores,
            &mut progress,
        )?;
        (format!("{}\n{}", isolation.table(), isolation.note()), isolation.json())
    } else if arguments.growth {
        let growth = growth::growth(rounds, files, shrink as usize, core, &mut progress)?;
        let tables: Vec<String> = growth.tables().iter().map(ToString::to_string).collect();
        (tables.join("\n"), growth.json())
    } else {
        let scenarios = chosen(arguments, files)?;
        let comparison = compare::compare(&scenarios, contestants(arguments), rounds, core, &mut progress)?;
        (format!("{}\n{}", comparison.table(), comparison.note()), comparison.json())
    };
    progress("");
    let text = if arguments.json { json.to_string() } else { text };
    println!("{}", text.trim_end());
    Ok(())
}

/// Whether a name matches one of these, if there are any.
fn matches_any(globs: &[String], name: &str) -> bool {
    globs.is_empty() || globs.iter().any(|pattern| glob(Casemapping::Ascii, pattern, name))
}

/// The scenarios that were asked for and for which there are enough open files.
fn chosen(arguments: &Arguments, files: usize) -> Result<Vec<Scenario>> {
    let asked = |scenario: &&Scenario| matches_any(&arguments.scenario, scenario.name);
    let asked = SCENARIOS.iter().filter(asked).copied();
    let asked: Vec<Scenario> =
        asked.map(|scenario| if arguments.tiny { scenario.tiny() } else { scenario }).collect();
    ensure!(!asked.is_empty(), "no scenario is called so; --list tells which there are");
    let (fit, too_large) =
        asked.into_iter().partition::<Vec<_>, _>(|scenario| scenario.people() + 64 < files);
    for scenario in too_large {
        eprintln!("{} is left out: the system allows only {files} open files (ulimit -n).", scenario.name);
    }
    ensure!(!fit.is_empty(), "nothing is left to measure");
    Ok(fit)
}

fn contestants(arguments: &Arguments) -> Vec<Contestant> {
    let mut all = vec![Contestant::Parlord, Contestant::Floor];
    all.extend(arguments.config.clone().map(Contestant::Configured));
    if let (Some(command), Some(address)) = (&arguments.server, arguments.server_address) {
        let words = command.split_whitespace().map(str::to_owned).collect();
        all.push(Contestant::Other { words, address });
    }
    all
}
