//! The program's arguments, and what it does with them.

use std::ffi::OsString;
use std::fs;
use std::io::{self, BufRead, Write};
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::Context;
use argon2::Params;
use clap::Parser;

use crate::checker;
use crate::config::{self, Config, LogFormat, Problem};
use crate::reactor::{Address, After};
use crate::server::Prepared;
use crate::signals::Signals;

/// The exit code for arguments and configurations that cannot be.
const UNUSABLE: u8 = 2;

/// A chat server that speaks IRC, and whose rooms other processes can watch.
#[derive(Clone, Debug, Default, Parser)]
#[command(name = "parlord", version, disable_help_subcommand = true)]
pub struct Flags {
    /// The configuration; without it, everything has its default
    #[arg(short, long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Listen on this address instead; may be given several times, and port 0 takes any free one
    #[arg(short, long, value_name = "ADDRESS:PORT")]
    pub listen: Vec<SocketAddr>,

    /// Listen on this Unix socket as well
    #[arg(long, value_name = "PATH")]
    pub unix: Option<PathBuf>,

    /// The server's name
    #[arg(long)]
    pub name: Option<String>,

    /// The key of the segment, such as 0xff3
    #[arg(long, value_name = "KEY")]
    pub segment_key: Option<segment::Key>,

    /// The key of the semaphores that guard it
    #[arg(long, value_name = "KEY")]
    pub semaphore_key: Option<segment::Key>,

    /// Publish nothing in shared memory
    #[arg(long)]
    pub no_segment: bool,

    /// No flood control, and any number of connections from one address: for load tests
    #[arg(long)]
    pub no_flood_limits: bool,

    /// How the log is written
    #[arg(long, value_name = "human|json", value_parser = log_format)]
    pub log_format: Option<LogFormat>,

    /// What is logged, such as debug
    #[arg(long, value_name = "FILTER")]
    pub log_filter: Option<String>,

    /// Write the addresses to this file or pipe, one a line, once they are listened on
    #[arg(long, value_name = "PATH")]
    pub ready_file: Option<PathBuf>,

    /// Say what is wrong with the configuration, and end
    #[arg(long)]
    pub check_config: bool,

    /// Print the configuration as it is in effect, and end
    #[arg(long)]
    pub print_config: bool,

    /// Print the reference of all keys in Markdown, and end
    #[arg(long, hide = true)]
    pub print_reference: bool,

    /// Read a password from the standard input, print its hash, and end
    #[arg(long)]
    pub hash_password: bool,

    /// With --hash-password: KiB of memory that each check takes; less is for tests and trusted networks
    #[arg(long, value_name = "KIB", requires = "hash_password")]
    pub hash_memory: Option<u32>,

    /// With --hash-password: how often each check goes through that memory
    #[arg(long, value_name = "NUMBER", requires = "hash_password")]
    pub hash_passes: Option<u32>,
}

fn log_format(text: &str) -> Result<LogFormat, String> {
    match text {
        "human" => Ok(LogFormat::Human),
        "json" => Ok(LogFormat::Json),
        _ => Err("must be human or json".to_owned()),
    }
}

impl Flags {
    /// Reads the configuration and overrules it.
    pub fn load(&self) -> Result<Config, Problem> {
        Config::load(self.config.as_deref(), |config| self.overrule(config))
    }

    fn overrule(&self, config: &mut Config) {
        if !self.listen.is_empty() {
            config.listen.tcp.clone_from(&self.listen);
        }
        if let Some(path) = &self.unix {
            config.listen.unix = Some(path.clone());
        }
        if let Some(name) = &self.name {
            config.server.name.clone_from(name);
        }
        if let Some(key) = self.segment_key {
            config.segment.segment_key = key.0.cast_unsigned();
        }
        if let Some(key) = self.semaphore_key {
            config.segment.semaphore_key = key.0.cast_unsigned();
        }
        if self.no_segment {
            config.segment.enabled = false;
        }
        if self.no_flood_limits {
            config.connections.lines_per_second = 0;
            config.connections.per_address_max = 0;
        }
        if let Some(format) = self.log_format {
            config.log.format = format;
        }
        if let Some(filter) = &self.log_filter {
            config.log.filter.clone_from(filter);
        }
    }
}

/// The whole program.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let flags = match Flags::try_parse_from(arguments) {
        Ok(flags) => flags,
        Err(error) => {
            // Help goes to the standard output and ends well. If it cannot be printed, nobody reads it.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(UNUSABLE) } else { ExitCode::SUCCESS };
        }
    };
    if flags.hash_password {
        return told(hash_password(&flags));
    }
    if flags.print_reference {
        return told(print(&config::reference()));
    }
    let config = match flags.load() {
        Ok(config) => config,
        Err(problem) => {
            complain(&problem);
            return ExitCode::from(UNUSABLE);
        }
    };
    if flags.print_config {
        return told(print(&config::effective(&config)));
    }
    if flags.check_config {
        return ExitCode::SUCCESS;
    }
    told(serve(flags, config))
}

/// Serves until a signal ends it.
fn serve(flags: Flags, config: Config) -> anyhow::Result<()> {
    crate::logging::start(&config.log);
    let signals = Signals::take().context("the signals cannot be taken over")?;
    // Found now, since an upgrade may put another file in its place.
    let program = std::env::current_exe().context("the program's own file cannot be found");
    raise_open_files(config.connections.max);
    take_small_pages();
    let ready_file = flags.ready_file.clone();
    let reread = Box::new(move || flags.load().map_err(|problem| problem.to_string()));
    let prepared = Prepared::open(config, reread, Some(signals))?;
    if let Some(path) = ready_file
        && let Err(error) = tell_ready(&path, prepared.addresses())
    {
        prepared.shut_down();
        return Err(error).with_context(|| format!("the ready file {} cannot be written", path.display()));
    }
    match prepared.run().context("the loop cannot go on")? {
        After::Stop => tracing::info!("stopped"),
        After::Restart => return begin_anew(&program?),
    }
    Ok(())
}

/// Becomes the program again, with the arguments of its start. Sockets are closed by then and the segment is free.
fn begin_anew(program: &Path) -> anyhow::Result<()> {
    tracing::info!(program = %program.display(), "starting anew");
    let error = Command::new(program).args(std::env::args_os().skip(1)).exec();
    Err(error).with_context(|| format!("{} cannot be started anew", program.display()))
}

/// Takes as many open files as the system allows.
fn raise_open_files(connections_max: usize) {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let raised = getrlimit(Resource::RLIMIT_NOFILE).and_then(|(_, hard)| {
        setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;
        Ok(hard)
    });
    match raised {
        Ok(files) if (files as usize) < connections_max => {
            tracing::warn!(files, connections_max, "the system allows fewer open files than connections");
        }
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "the number of open files cannot be raised"),
    }
}

/// Has memory given in pages of the usual size. The allocator asks for huge ones, two mebibytes each, of which most would lie
/// idle in a server whose people take a kibibyte each.
fn take_small_pages() {
    if let Err(error) = nix::sys::prctl::set_thp_disable(true) {
        tracing::debug!(%error, "the size of pages is left to the system");
    }
}

/// Writes where it listens. A file appears with all that is in it; a pipe or device is written as it is.
fn tell_ready<'a>(path: &Path, addresses: impl Iterator<Item = &'a Address>) -> io::Result<()> {
    let text: String = addresses
        .map(|address| match address {
            Address::Tcp(address) => format!("tcp {address}\n"),
            Address::Unix(path) => format!("unix {}\n", path.display()),
        })
        .collect();
    let is_special = fs::metadata(path).is_ok_and(|metadata| !metadata.is_file());
    if is_special {
        return fs::OpenOptions::new().write(true).open(path)?.write_all(text.as_bytes());
    }
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    fs::write(&beside, text)?;
    fs::rename(&beside, path)
}

fn hash_password(flags: &Flags) -> anyhow::Result<()> {
    let memory = flags.hash_memory.unwrap_or(Params::DEFAULT_M_COST);
    let passes = flags.hash_passes.unwrap_or(Params::DEFAULT_T_COST);
    let cost = Params::new(memory, passes, Params::DEFAULT_P_COST, None);
    let cost =
        cost.map_err(|error| anyhow::anyhow!("no hash can cost {memory} KiB and {passes} passes: {error}"))?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).context("the password cannot be read")?;
    let password = line.trim_end_matches(['\r', '\n']);
    anyhow::ensure!(!password.is_empty(), "there is no password on the standard input");
    let hash = checker::hash(password, cost).map_err(|error| anyhow::anyhow!("no hash: {error}"))?;
    print(&format!("{hash}\n"))
}

fn print(text: &str) -> anyhow::Result<()> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        // Whoever closed the pipe has read enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome.context("the standard output cannot be written"),
    }
}

fn told(outcome: anyhow::Result<()>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format_args!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn complain(what: &dyn std::fmt::Display) {
    // If not even this can be written, the exit code has to do.
    let _ = writeln!(io::stderr().lock(), "parlord: {what}");
}
