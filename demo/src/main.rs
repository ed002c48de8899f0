//! The demo: a server of its own, a dozen people who talk in several rooms, the statistics, and the client in this
//! terminal. Without a terminal it prints what is said for a while, and the statistics as read from the segment.

mod chance;
mod crowd;
mod house;
mod role;
mod talk;
mod transcript;
mod watch;

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use clap::Parser;

use crate::crowd::{Crowd, SETTLED_AFTER_MS};
use crate::house::House;
use crate::role::{Role, command};
use crate::transcript::Ear;
use crate::watch::Watch;

/// A room that lives: a server, people who talk, live statistics and a client, with one command.
///
/// Everything is this program's own: a free port, System V keys, a directory; all of it is gone afterwards.
#[derive(Debug, Parser)]
#[command(name = "parlor-demo", version)]
struct Arguments {
    /// Print what is said instead of opening the client, as without a terminal
    #[arg(long)]
    transcript: bool,

    /// Seconds for which it is printed
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u64).range(1..=3600))]
    seconds: u64,

    /// Show the live statistics of the demo that runs in another terminal
    #[arg(long, conflicts_with = "transcript")]
    statistics: bool,

    /// Your nick
    #[arg(short, long, default_value = "newcomer")]
    nick: String,
}

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    if let Some(code) = role::play(&arguments) {
        return code;
    }
    match run(&Arguments::parse_from(arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("parlor-demo: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<()> {
    let watch = Watch::new()?;
    if arguments.statistics {
        let mut statistics = house::statistics_of_latest()?.spawn().context("the statistics do not start")?;
        return watch.child(&mut statistics);
    }
    let house = House::open()?;
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |now| now.as_nanos() as u64);
    let crowd = Crowd::enter(house.address, seed).context("the people cannot come in")?;
    if watch.pause(Duration::from_millis(SETTLED_AFTER_MS))? {
        return Ok(());
    }
    let terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
    if terminal && !arguments.transcript {
        sit_down(&watch, &house, &arguments.nick)?;
    } else {
        listen(&watch, &house, Duration::from_secs(arguments.seconds))?;
    }
    crowd.leave().context("the people had trouble")
}

/// Opens the client in this terminal until the newcomer leaves.
fn sit_down(watch: &Watch, house: &House, nick: &str) -> Result<()> {
    let program = std::env::current_exe().context("this program cannot be found")?;
    let here = std::env::current_dir().unwrap_or_default();
    let program = program.strip_prefix(here).unwrap_or(&program).display();
    let mut client = command(Role::Client)?;
    client.arg(house.address.to_string()).args(["-n", nick, "#lobby", "#rust", "#ops", "#kitchen"]);
    let (host, port) = (house.address.ip(), house.address.port());
    for note in [
        "You are in a house with a dozen people. Say hello in #lobby; Alt+1 to Alt+5 and Ctrl+N change rooms.".to_owned(),
        format!("Live statistics, in another terminal:  {program} --statistics"),
        format!("Another client:  irssi -c {host} -p {port}    or  nc {host} {port}"),
        "Leave with /quit; server, people and shared memory go with you.".to_owned(),
    ] {
        client.args(["--note", &note]);
    }
    let mut client = client.spawn().context("the client does not start")?;
    watch.child(&mut client)
}

/// Prints what is said for a while, then the statistics.
fn listen(watch: &Watch, house: &House, span: Duration) -> Result<()> {
    let mut out = io::stdout();
    writeln!(out, "A server listens on {}; this is what is said in its rooms:\n", house.address)?;
    let ear = Ear::open(house.address)?;
    let ended = watch.pause(span)?;
    if !ended {
        writeln!(
            out,
            "\nAnd this is what another process reads from the shared segment {}:\n",
            house.keys.segment
        )?;
        let mut statistics =
            house.statistics()?.arg("--once").spawn().context("the statistics do not start")?;
        watch.child(&mut statistics)?;
    }
    drop(ear);
    Ok(())
}
