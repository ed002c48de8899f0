//! Who is measured: the server as it is shipped, the floor, or another server. Each run has a fresh one.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddrV4, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::poll::{PollTimeout, poll};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use segment::testing::Keys;

use crate::load::Dialect;
use crate::machine::{self, Core};
use crate::role::{Role, command};

/// How long another server may take to listen.
const START_MAX: Duration = Duration::from_secs(10);
/// How long anybody may take to end before he is killed.
const END_MAX: Duration = Duration::from_secs(5);
/// Between two looks at whether somebody listens or has ended.
const LOOK_MS: u16 = 5;

/// Who is measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contestant {
    /// `parlord` with history, segment and counters as it is shipped, and no flood control.
    Parlord,
    /// The same with a configuration of somebody's own.
    Configured(PathBuf),
    /// The floor.
    Floor,
    /// Another server of IRC.
    Other {
        /// How it is started: a program and its arguments.
        words: Vec<String>,
        /// Where it listens then.
        address: SocketAddrV4,
    },
}

impl Contestant {
    /// What it is called in tables.
    pub fn name(&self) -> &str {
        match self {
            Self::Parlord => "parlord",
            Self::Configured(file) => file_name(file),
            Self::Floor => "floor",
            Self::Other { words, .. } => {
                words.first().map_or("other", |program| file_name(Path::new(program)))
            }
        }
    }

    /// What it speaks.
    pub fn dialect(&self) -> Dialect {
        match self {
            Self::Floor => Dialect::Floor,
            Self::Parlord | Self::Configured(_) | Self::Other { .. } => Dialect::Irc,
        }
    }

    /// Starts it, on a core of its own, and waits until it listens.
    ///
    /// # Errors
    /// If it does not come to listen.
    pub fn open(&self, core: Option<Core>) -> Result<House> {
        let begin = Instant::now();
        let mut house = match self {
            Self::Parlord => open_parlord(None, core),
            Self::Configured(file) => open_parlord(Some(file), core),
            Self::Floor => House::tells(command(Role::Floor, core)?, None, None),
            Self::Other { words, address } => open_other(words, *address, core),
        }
        .with_context(|| format!("{} does not come to listen", self.name()))?;
        house.start = begin.elapsed();
        Ok(house)
    }
}

/// A server that runs. All of it goes when this does.
#[derive(Debug)]
pub struct House {
    /// Where it listens.
    pub address: SocketAddrV4,
    /// How long it took to do so.
    pub start: Duration,
    /// Its System V keys, if it has any; what is left under them is removed last.
    pub keys: Option<Keys>,
    process: Child,
}

fn open_parlord(file: Option<&Path>, core: Option<Core>) -> Result<House> {
    let keys = Keys::new();
    let mut command = command(Role::Server, core)?;
    command.arg("--config").arg(file.unwrap_or(Path::new("/dev/stdin")));
    command.args(["--listen", "127.0.0.1:0", "--ready-file", "/dev/stdout"]);
    command.args([
        "--segment-key",
        &keys.segment.to_string(),
        "--semaphore-key",
        &keys.semaphores.to_string(),
    ]);
    command.args(["--no-flood-limits", "--log-filter", "warn"]);
    House::tells(command, Some("[segment]\nremove_at_stop = true\n"), Some(keys))
}

fn file_name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or("other")
}

fn open_other(words: &[String], address: SocketAddrV4, core: Option<Core>) -> Result<House> {
    let quiet = |command: &mut Command| command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let process = quiet(command(Role::Other, core)?.args(words).stdin(Stdio::null()))?;
    let mut house = House { address, start: Duration::ZERO, keys: None, process };
    let begin = Instant::now();
    while TcpStream::connect(address).is_err() {
        if let Some(status) = house.process.try_wait()? {
            bail!("it ended with {status}; has it to be told to stay in the foreground?");
        }
        if begin.elapsed() > START_MAX {
            bail!("nothing listens on {address} after {} s", START_MAX.as_secs());
        }
        poll(&mut [], LOOK_MS)?;
    }
    Ok(house)
}

impl House {
    /// Starts one that tells its address on its standard output.
    fn tells(mut command: Command, input: Option<&str>, keys: Option<Keys>) -> Result<Self> {
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        if let (Some(mut stdin), Some(input)) = (process.stdin.take(), input) {
            // Who has another configuration does not read it.
            let _ = stdin.write_all(input.as_bytes());
        }
        let mut line = String::new();
        BufReader::new(process.stdout.take().context("it is piped")?).read_line(&mut line)?;
        let address = line.trim_end().strip_prefix("tcp ").context("it told no address")?;
        Ok(Self { address: address.parse()?, start: Duration::ZERO, keys, process })
    }

    /// Its process.
    pub fn pid(&self) -> Pid {
        Pid::from_raw(self.process.id().cast_signed())
    }

    /// Nanoseconds of processor time that it has used.
    ///
    /// # Errors
    /// If it is gone.
    pub fn cpu_ns(&self) -> Result<u64> {
        machine::cpu_ns(self.pid())
    }
}

impl Drop for House {
    fn drop(&mut self) {
        // Each of these fails only if what it is for has been done already.
        let _ = kill(self.pid(), Signal::SIGTERM);
        let begin = Instant::now();
        while matches!(self.process.try_wait(), Ok(None)) {
            if begin.elapsed() > END_MAX {
                let _ = self.process.kill();
            }
            let _ = poll::<PollTimeout>(&mut [], PollTimeout::from(LOOK_MS));
        }
    }
}
