//! What stands on the command line, and the way from there to the screen.

use std::ffi::OsString;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser, error::ErrorKind};

use crate::address::{Target, nick_from};
use crate::app;
use crate::buffer::Tone;
use crate::model::{Model, Palette};
use crate::session::Wanted;
use crate::store::Store;

/// Where a server is expected if none is named.
const SERVER: &str = "127.0.0.1";

/// A terminal client for IRC.
#[derive(Debug, Parser)]
#[command(
    name = "parlor",
    version,
    disable_version_flag = true,
    override_usage = "parlor [OPTIONS] [host[:port] | irc://nick@host:port/#room] [#room …] …"
)]
struct Args {
    /// The servers, 127.0.0.1:6667 if none is named, each followed by the rooms to enter.
    #[arg(value_name = "SERVER or #ROOM")]
    places: Vec<String>,
    /// Your nick; what the system calls you if none is given.
    #[arg(short, long)]
    nick: Option<String>,
    /// A text to show at the beginning; may be given several times.
    #[arg(long, value_name = "TEXT")]
    note: Vec<String>,
    /// Write what is said to text files in a directory too.
    #[arg(long, value_name = "DIRECTORY")]
    logs: Option<std::path::PathBuf>,
    /// Keep nothing on the disk, and take up nothing that was kept.
    #[arg(long, conflicts_with = "logs")]
    forget: bool,
    /// Print the version.
    #[arg(short = 'v', long, action = clap::ArgAction::Version)]
    version: (),
}

/// The program `parlor`, to be run inside of others too: `args` is what the command line would be, the name of the
/// program first. Returns when the person leaves.
pub fn main_with(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let started = Args::try_parse_from(args).and_then(|args| {
        let place = if args.forget { None } else { Store::place() };
        let logs = args.logs.clone();
        Ok((wanted(args)?, place, logs))
    });
    let (Started(networks, notes), place, logs) = match started {
        Ok(started) => started,
        Err(error) => {
            // It is printed to a terminal or it is not; there is no third way to tell.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        let _ = writeln!(
            io::stderr(),
            "parlor: a terminal is needed for input and output; neither may be redirected."
        );
        return ExitCode::FAILURE;
    }
    let mut networks = networks.into_iter();
    let (target, wanted) = networks.next().expect("at least one is made of every command line");
    let mut model = Model::new(app::now(), target.address, wanted);
    for (target, wanted) in networks {
        model.add_network(&target.address.host.clone(), target.address, wanted);
    }
    for network in &mut model.networks {
        network.seed = RandomState::new().hash_one(network.id.0) | 1;
    }
    model.stand_at(0);
    model.palette = palette();
    model.links = links();
    model.size = crossterm::terminal::size().unwrap_or(model.size);
    let version = env!("CARGO_PKG_VERSION");
    model.note(
        model.server(),
        Tone::Info,
        &format!("Parlor {version}. F1 explains the keys, /help the commands."),
    );
    for note in notes {
        model.note(model.server(), Tone::Info, &note);
    }
    let store = place.and_then(|place| model.remember(&place, logs));
    model.stand_at(0);
    model.at_each(Model::connect);
    match app::run(model, store) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // A terminal that is gone takes no words either, and `eprintln` would panic over that.
            let _ = writeln!(io::stderr(), "parlor: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Each server with who is wanted to be there, and what is shown at the beginning.
struct Started(Vec<(Target, Wanted)>, Vec<String>);

fn wanted(args: Args) -> Result<Started, clap::Error> {
    let bad = |text: String| Args::command().error(ErrorKind::ValueValidation, text);
    let mut targets: Vec<Target> = Vec::new();
    let mut rooms = Vec::new();
    for place in args.places {
        match targets.last_mut() {
            Some(target) if place.starts_with(['#', '&']) => target.rooms.push(place),
            None if place.starts_with(['#', '&']) => rooms.push(place),
            _ => targets.push(Target::parse(&place).map_err(|why| bad(format!("{place}: {why}")))?),
        }
    }
    if targets.is_empty() {
        targets.push(Target::parse(SERVER).expect("it has a host and no port"));
    }
    // What stands before the first server is for it.
    targets[0].rooms.extend(rooms);
    let login = nick_from(&std::env::var("USER").or_else(|_| std::env::var("LOGNAME")).unwrap_or_default());
    let mut networks = Vec::new();
    for mut target in targets {
        let nick = args.nick.clone().or_else(|| target.nick.take()).unwrap_or_else(|| login.clone());
        if nick.is_empty() || nick.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(bad(format!("{nick:?} cannot be a nick")));
        }
        let rooms = std::mem::take(&mut target.rooms);
        networks.push((target, Wanted { realname: nick.clone(), nick, user: login.clone(), rooms }));
    }
    Ok(Started(networks, args.note))
}

/// The colours that the environment speaks of (no-color.org).
fn palette() -> Palette {
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    if !variable("NO_COLOR").is_empty() {
        Palette::Plain
    } else if variable("TERM").contains("256") || !variable("COLORTERM").is_empty() {
        Palette::Many
    } else {
        Palette::Sixteen
    }
}

/// Whether the terminal can be told of links (OSC 8). Those that cannot pass over them, but for some old ones.
fn links() -> bool {
    let term = std::env::var("TERM").unwrap_or_default();
    !(term.is_empty() || term == "dumb" || term.starts_with("linux") || term.starts_with("vt"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where one goes, as whom and into which rooms.
    fn started(line: &str) -> Result<Vec<String>, clap::Error> {
        let Started(networks, notes) = Args::try_parse_from(line.split(' ')).and_then(wanted)?;
        let networks = networks.into_iter().map(|(target, wanted)| {
            let nick = if line.contains(&wanted.nick) { wanted.nick } else { "login".to_owned() };
            format!("{nick}@{} {}", target.address, wanted.rooms.join(","))
        });
        Ok(networks.chain(notes).collect())
    }

    #[test]
    fn the_command_line_says_where_and_who() {
        #[rustfmt::skip]
        let table: &[(&str, &[&str])] = &[
            ("parlor chat.example:7000 -n al #den #rust --note one --note two",
             &["al@chat.example:7000 #den,#rust", "one", "two"]),
            ("parlor irc://bob@[::1]:7000/#den #rust", &["bob@[::1]:7000 #den,#rust"]),
            ("parlor #den",                            &["login@127.0.0.1:6667 #den"]),
            ("parlor #den one two:7000 &ops #x",       &["login@one:6667 #den", "login@two:7000 &ops,#x"]),
            ("parlor irc://al@one irc://bob@two/den",  &["al@one:6667 ", "bob@two:6667 #den"]),
        ];
        for (line, expected) in table {
            assert_eq!(started(line).unwrap(), *expected, "{line}");
        }
    }

    #[test]
    fn mistakes_are_named() {
        for (line, expected) in [
            ("parlor host:nowhere", "host:nowhere: the port is no number"),
            ("parlor ircs://host", "TLS is not spoken yet"),
            ("parlor --nonsense", "unexpected argument '--nonsense'"),
            ("parlor -n \u{7}", "cannot be a nick"),
        ] {
            let error = started(line).unwrap_err().to_string();
            assert!(error.contains(expected), "{line}: {error}");
        }
    }
}
