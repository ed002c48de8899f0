//! What stands on the command line, and the way from there to the screen.

use std::ffi::OsString;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;

use crate::address::{Target, nick_from};
use crate::app;
use crate::buffer::Tone;
use crate::config::{self, Profile};
use crate::files::{self, Files};
use crate::model::{Model, Palette};
use crate::store::Store;
use crate::trust::Trust;

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
    /// The servers or configured networks, each followed by rooms to enter; without any those that are configured, and
    /// without those a form asks.
    #[arg(value_name = "SERVER or #ROOM")]
    places: Vec<String>,
    /// Your nick; what the system calls you if none is given.
    #[arg(short, long)]
    nick: Option<String>,
    /// The configuration; without it the one of the platform, if there is one.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print a configuration with everything that can be in one, explained.
    #[arg(long)]
    example_config: bool,
    /// A text to show at the beginning; may be given several times.
    #[arg(long, value_name = "TEXT")]
    note: Vec<String>,
    /// Write what is said to text files in a directory too, whatever is configured.
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
    let started = Args::try_parse_from(args).map_err(|error| {
        // It is printed to a terminal or it is not; there is no third way to tell.
        let _ = error.print();
        u8::try_from(error.exit_code()).unwrap_or(2)
    });
    if started.as_ref().is_ok_and(|args| args.example_config) {
        return match io::stdout().write_all(config::example().as_bytes()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        };
    }
    let started = started.and_then(|args| {
        start(args).map_err(|why| {
            let _ = writeln!(io::stderr(), "parlor: {why}");
            2
        })
    });
    let Started { model, files, store } = match started {
        Ok(started) => started,
        Err(code) => return ExitCode::from(code),
    };
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        let _ = writeln!(
            io::stderr(),
            "parlor: a terminal is needed for input and output; neither may be redirected."
        );
        return ExitCode::FAILURE;
    }
    match app::run(model, files, store) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // A terminal that is gone takes no words either, and `eprintln` would panic over that.
            let _ = writeln!(io::stderr(), "parlor: {error}");
            ExitCode::FAILURE
        }
    }
}

fn remembered(path: &Path) -> Result<Trust, String> {
    let text = files::read(path).map_err(|error| format!("{}: cannot be read: {error}", path.display()))?;
    Trust::parse(&text.unwrap_or_default()).map_err(|why| format!("{}: {why}", path.display()))
}

/// A client that only needs a terminal.
struct Started {
    model: Model,
    files: Files,
    store: Option<Store>,
}

/// Reads what is configured and remembered, and sets out.
fn start(args: Args) -> Result<Started, String> {
    let mut files = Files::of_platform();
    if let Some(path) = &args.config {
        if !path.exists() {
            return Err(format!("{}: there is no such file", path.display()));
        }
        files.config = args.config.clone();
    }
    let config = files.config.as_deref().map(app::config_of).transpose()?.unwrap_or_default();
    let trust = files.trust.as_deref().map(remembered).transpose()?.unwrap_or_default();
    let login = nick_from(&std::env::var("USER").or_else(|_| std::env::var("LOGNAME")).unwrap_or_default());
    let networks = networks(&args, &config.networks)?;

    let mut model = Model::without_networks(app::now(), &login);
    for profile in &networks {
        model.add_profile(profile);
        model.seed = RandomState::new().hash_one(&profile.name) | 1;
    }
    model.stand_at(0);
    let told_secret = config.networks.iter().any(Profile::holds_secret);
    let colours = palette(|name| std::env::var(name).unwrap_or_default());
    (model.terminal_palette, model.trust, model.links) = (colours, trust, links());
    model.size = crossterm::terminal::size().unwrap_or(model.size);
    model.configured(config);
    let version = env!("CARGO_PKG_VERSION");
    let welcome = format!("Parlor {version}. F1 explains the keys, /help the commands.");
    model.note(model.server(), Tone::Info, &welcome);
    for note in args.note {
        model.note(model.server(), Tone::Info, &note);
    }
    if let Some(path) = files.config.as_deref().filter(|path| told_secret && files::read_by_others(path)) {
        let text = format!("There are passwords in {}, and others can read it: chmod 600", path.display());
        model.note(model.server(), Tone::Error, &text);
    }
    let place = if args.forget { None } else { Store::place() };
    let store = place.and_then(|place| model.remember(&place, args.logs));
    model.stand_at(0);
    if args.places.is_empty() && model.profiles.is_empty() {
        // Nobody has said yet where to.
        model.ask_where_to();
        return Ok(Started { model, files, store });
    }
    if let Some(store) = &store {
        model.take_up_all(&store.directory);
    }
    let asked_for = networks.iter().map(|profile| profile.connect).collect::<Vec<bool>>();
    model.at_each(|model| {
        if asked_for[model.here] {
            model.connect();
        }
    });
    Ok(Started { model, files, store })
}

/// The networks to begin with: those that are named, or else those that are configured. There is at least one.
fn networks(args: &Args, configured: &[Profile]) -> Result<Vec<Profile>, String> {
    let mut networks: Vec<Profile> = Vec::new();
    let mut rooms = Vec::new();
    for place in &args.places {
        match networks.last_mut() {
            Some(network) if place.starts_with(['#', '&']) => network.rooms.push(place.clone()),
            None if place.starts_with(['#', '&']) => rooms.push(place.clone()),
            _ => networks.push(network(place, configured)?),
        }
    }
    if networks.is_empty() {
        networks.extend(configured.iter().filter(|profile| profile.connect).cloned());
    }
    if networks.is_empty() {
        // One that is not to be connected to is better than one that nobody has spoken of.
        networks.push(configured.first().cloned().map_or_else(|| network(SERVER, &[]), Ok)?);
    }
    // What stands before the first server is for it.
    networks[0].rooms.extend(rooms);
    if let Some(nick) = &args.nick {
        for network in &mut networks {
            network.nicks.retain(|known| known != nick);
            network.nicks.insert(0, nick.clone());
        }
    }
    let bad =
        |nick: &&String| nick.is_empty() || nick.contains(|c: char| c.is_whitespace() || c.is_control());
    match networks.iter().flat_map(|network| &network.nicks).find(bad) {
        Some(nick) => Err(format!("{nick:?} cannot be a nick")),
        None => Ok(networks),
    }
}

/// A network of the command line: one that is configured under this name, or a server.
fn network(place: &str, configured: &[Profile]) -> Result<Profile, String> {
    if let Some(profile) = configured.iter().find(|profile| profile.name.eq_ignore_ascii_case(place)) {
        return Ok(Profile { connect: true, ..profile.clone() });
    }
    let target = Target::parse(place).map_err(|why| format!("{place}: {why}"))?;
    Ok(Profile {
        name: target.address.host.clone(),
        addresses: vec![target.address],
        nicks: target.nick.into_iter().collect(),
        rooms: target.rooms,
        connect: true,
        ..Profile::default()
    })
}

/// The colours that the environment speaks of (no-color.org); what is not set is empty.
fn palette(variable: impl Fn(&str) -> String) -> Palette {
    // "15;0" is light on dark: the last number is the ground, among sixteen colours.
    let ground = variable("COLORFGBG").rsplit(';').next().and_then(|ground| ground.parse::<u8>().ok());
    let many = variable("TERM").contains("256") || !variable("COLORTERM").is_empty();
    if !variable("NO_COLOR").is_empty() {
        Palette::Plain
    } else if many && ground.is_some_and(|ground| ground == 7 || (9..16).contains(&ground)) {
        Palette::Light
    } else if many {
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
    use crate::config::Config;

    /// Where one goes, as whom and into which rooms.
    fn started(line: &str) -> Result<Vec<String>, String> {
        let home = "[networks.Home]\naddresses = ['one', 'two']\nnicks = ['al', 'ali']\nrooms = ['#x']\n";
        let away = "[networks.away]\naddresses = 'three'\nconnect = false";
        let configured = match line.contains("(configured)") {
            true => Config::parse(&format!("{home}{away}")).unwrap().networks,
            false => Vec::new(),
        };
        let words = line.split(' ').filter(|word| *word != "(configured)");
        let args = Args::try_parse_from(words).map_err(|error| error.to_string())?;
        let networks = super::networks(&args, &configured)?.into_iter().map(|network| {
            let addresses: Vec<String> = network.addresses.iter().map(ToString::to_string).collect();
            let nicks = network.nicks.join(",");
            format!("{} {nicks}@{} {}", network.name, addresses.join(","), network.rooms.join(","))
        });
        Ok(networks.chain(args.note).collect())
    }

    #[test]
    fn the_environment_says_which_colours_can_be_read() {
        #[rustfmt::skip]
        let table = [
            ("TERM=xterm",                                        Palette::Sixteen),
            ("TERM=linux COLORFGBG=0;15",                         Palette::Sixteen),
            ("TERM=xterm-256color",                               Palette::Many),
            ("TERM=xterm COLORTERM=truecolor",                    Palette::Many),
            ("TERM=xterm-256color COLORFGBG=15;0",                Palette::Many),
            ("TERM=xterm-256color COLORFGBG=15;8",                Palette::Many),
            ("TERM=xterm-256color COLORFGBG=0;7",                 Palette::Light),
            ("TERM=xterm-256color COLORFGBG=0;15",                Palette::Light),
            ("TERM=xterm-256color COLORFGBG=0;default;15",        Palette::Light),
            ("TERM=xterm-256color COLORFGBG=default;default",     Palette::Many),
            ("TERM=xterm-256color COLORFGBG=0;15 NO_COLOR=1",     Palette::Plain),
        ];
        for (environment, expected) in table {
            let set = |name: &str| {
                let one = environment.split(' ').filter_map(|one| one.split_once('='));
                one.filter(|(key, _)| *key == name).map(|(_, value)| value.to_owned()).collect()
            };
            assert_eq!(palette(set), expected, "{environment}");
        }
    }

    #[test]
    fn the_command_line_says_where_and_who() {
        #[rustfmt::skip]
        let table: &[(&str, &[&str])] = &[
            ("parlor chat.example:7000 -n al #den #rust --note one --note two",
             &["chat.example al@chat.example:7000 #den,#rust", "one", "two"]),
            ("parlor irc://bob@[::1]:7000/#den #rust", &["::1 bob@[::1]:7000 #den,#rust"]),
            ("parlor #den",                            &["127.0.0.1 @127.0.0.1:6667 #den"]),
            ("parlor #den one two:7000 &ops #x",       &["one @one:6667 #den", "two @two:7000 &ops,#x"]),
            ("parlor irc://al@one ircs://bob@two/den", &["one al@one:6667 ", "two bob@two:6697 #den"]),
            ("parlor (configured)",                    &["Home al,ali@one:6697,two:6697 #x"]),
            ("parlor (configured) -n ali #y",          &["Home ali,al@one:6697,two:6697 #x,#y"]),
            ("parlor (configured) away host #y",       &["away @three:6697 ", "host @host:6667 #y"]),
        ];
        for (line, expected) in table {
            assert_eq!(started(line).unwrap(), *expected, "{line}");
        }
    }

    #[test]
    fn mistakes_are_named() {
        for (line, expected) in [
            ("parlor host:nowhere", "host:nowhere: the port is no number"),
            ("parlor https://host", "only irc:// and ircs:// are spoken"),
            ("parlor --nonsense", "unexpected argument '--nonsense'"),
            ("parlor -n \u{7}", "cannot be a nick"),
        ] {
            let error = started(line).unwrap_err();
            assert!(error.contains(expected), "{line}: {error}");
        }
    }
}
