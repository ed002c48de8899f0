//! What stands on the command line, and the way from there to the screen.

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser, error::ErrorKind};

use crate::address::{Target, nick_from};
use crate::app;
use crate::buffer::Tone;
use crate::model::{Model, Palette};
use crate::session::Wanted;

/// Where a server is expected if none is named.
const SERVER: &str = "127.0.0.1";

/// A terminal client for IRC.
#[derive(Debug, Parser)]
#[command(
    name = "parlor",
    version,
    disable_version_flag = true,
    override_usage = "parlor [OPTIONS] [host[:port] | irc://nick@host:port/#room] [#room …]"
)]
struct Args {
    /// The server, 127.0.0.1:6667 if none is named, and the rooms to enter.
    #[arg(value_name = "SERVER or #ROOM")]
    places: Vec<String>,
    /// Your nick; what the system calls you if none is given.
    #[arg(short, long)]
    nick: Option<String>,
    /// A text to show at the beginning; may be given several times.
    #[arg(long, value_name = "TEXT")]
    note: Vec<String>,
    /// Print the version.
    #[arg(short = 'v', long, action = clap::ArgAction::Version)]
    version: (),
}

/// The program `parlor`, to be run inside of others too: `args` is what the command line would be, the name of the
/// program first. Returns when the person leaves.
pub fn main_with(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let started = Args::try_parse_from(args).and_then(wanted);
    let (target, wanted, notes) = match started {
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
    let mut model = Model::new(app::now(), target.address, wanted);
    model.palette = palette();
    model.size = crossterm::terminal::size().unwrap_or(model.size);
    let version = env!("CARGO_PKG_VERSION");
    model.note(0, Tone::Info, &format!("Parlor {version}. F1 explains the keys, /help the commands."));
    for note in notes {
        model.note(0, Tone::Info, &note);
    }
    model.connect();
    match app::run(model) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // A terminal that is gone takes no words either, and `eprintln` would panic over that.
            let _ = writeln!(io::stderr(), "parlor: {error}");
            ExitCode::FAILURE
        }
    }
}

fn wanted(args: Args) -> Result<(Target, Wanted, Vec<String>), clap::Error> {
    let (rooms, servers): (Vec<_>, Vec<_>) =
        args.places.into_iter().partition(|place| place.starts_with(['#', '&']));
    let bad = |text: String| Args::command().error(ErrorKind::ValueValidation, text);
    let place = match &servers[..] {
        [] => SERVER,
        [place] => place,
        [_, second, ..] => return Err(bad(format!("{second}: one server is enough; rooms begin with #"))),
    };
    let mut target = Target::parse(place).map_err(|why| bad(format!("{place}: {why}")))?;
    target.rooms.extend(rooms);
    let login = nick_from(&std::env::var("USER").or_else(|_| std::env::var("LOGNAME")).unwrap_or_default());
    let nick = args.nick.or_else(|| target.nick.take()).unwrap_or_else(|| login.clone());
    if nick.is_empty() || nick.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(bad(format!("{nick:?} cannot be a nick")));
    }
    let wanted =
        Wanted { realname: nick.clone(), nick, user: login, rooms: std::mem::take(&mut target.rooms) };
    Ok((target, wanted, args.note))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn started(line: &str) -> Result<(Target, Wanted, Vec<String>), clap::Error> {
        Args::try_parse_from(line.split(' ')).and_then(wanted)
    }

    #[test]
    fn the_command_line_says_where_and_who() {
        let (target, wanted, notes) =
            started("parlor chat.example:7000 -n al #den #rust --note one --note two").unwrap();
        assert_eq!(target.address.to_string(), "chat.example:7000");
        assert_eq!((wanted.nick.as_str(), wanted.rooms), ("al", vec!["#den".to_owned(), "#rust".to_owned()]));
        assert_eq!(notes, ["one", "two"]);

        let (target, wanted, _) = started("parlor irc://bob@[::1]:7000/#den #rust").unwrap();
        assert_eq!(target.address.to_string(), "[::1]:7000");
        assert_eq!(
            (wanted.nick.as_str(), wanted.rooms),
            ("bob", vec!["#den".to_owned(), "#rust".to_owned()])
        );

        let (target, ..) = started("parlor #den").unwrap();
        assert_eq!(target.address.to_string(), "127.0.0.1:6667");
    }

    #[test]
    fn mistakes_are_named() {
        for (line, expected) in [
            ("parlor one two", "two: one server is enough"),
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
