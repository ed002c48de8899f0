//! The house of the demo: a server of its own on a free port, with System V keys and a directory of its own. All of
//! it goes when the value does.

use std::fs::{self, DirBuilder};
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use segment::testing::Keys;

use crate::role::{Role, command};

/// What the directories of demos are called, before the process id.
const DIRECTORY: &str = "parlor-demo-";

/// The file in it that tells the arguments by which the statistics find the segment.
const STATISTICS: &str = "statistics";

/// How long the server may take to listen.
const START_MAX: Duration = Duration::from_secs(10);

/// A running server.
#[derive(Debug)]
pub struct House {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its System V keys; what is left under them is removed last.
    pub keys: Keys,
    server: Child,
    directory: PathBuf,
}

impl House {
    /// Starts the server.
    ///
    /// # Errors
    /// If it does not come to listen; what it said is in the error.
    pub fn open() -> Result<Self> {
        let keys = Keys::new();
        let directory = std::env::temp_dir().join(format!("{DIRECTORY}{}", std::process::id()));
        DirBuilder::new().mode(0o700).create(&directory).context("no directory for the demo")?;
        let (config, ready, log) =
            (directory.join("parlord.toml"), directory.join("ready"), directory.join("parlord.log"));
        fs::write(&config, configuration(&keys))?;
        fs::write(directory.join(STATISTICS), format!("{} {}", keys.segment, keys.semaphores))?;
        let mut server = command(Role::Server)?
            .arg("--config")
            .arg(&config)
            .arg("--ready-file")
            .arg(&ready)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(&log)?)
            .spawn()
            .context("the server does not start")?;
        let begun = Instant::now();
        loop {
            let text = fs::read_to_string(&ready).unwrap_or_default();
            let listening = text
                .ends_with('\n')
                .then(|| text.lines().find_map(|line| line.strip_prefix("tcp ")?.parse().ok()));
            if let Some(address) = listening.flatten() {
                return Ok(Self { address, keys, server, directory });
            }
            let ended = server.try_wait()?.is_some();
            if ended || begun.elapsed() > START_MAX {
                // It may have ended by itself, and then there is nothing to kill.
                let _ = server.kill();
                let _ = server.wait();
                let said = fs::read_to_string(&log).unwrap_or_default();
                let _ = fs::remove_dir_all(&directory);
                bail!("the server did not come to listen:\n{said}");
            }
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// A statistics program for this house.
    ///
    /// # Errors
    /// If this program cannot be found.
    pub fn statistics(&self) -> Result<Command> {
        statistics(&self.keys.segment.to_string(), &self.keys.semaphores.to_string())
    }
}

/// A statistics program for the demo that was started last and runs.
///
/// # Errors
/// If none runs.
pub fn statistics_of_latest() -> Result<Command> {
    let entries = fs::read_dir(std::env::temp_dir())?.filter_map(Result::ok);
    let demos = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(DIRECTORY));
    let told = demos.filter_map(|entry| {
        let path = entry.path().join(STATISTICS);
        Some((fs::metadata(&path).ok()?.modified().ok()?, fs::read_to_string(&path).ok()?))
    });
    let (_, keys) = told.max().context("no demo is running; start one with `cargo run --release`")?;
    let (segment, semaphores) = keys.split_once(' ').context("the running demo does not tell its keys")?;
    statistics(segment, semaphores)
}

fn statistics(segment: &str, semaphores: &str) -> Result<Command> {
    let mut command = command(Role::Statistics)?;
    command.args(["--segment-key", segment, "--semaphore-key", semaphores]);
    Ok(command)
}

impl Drop for House {
    fn drop(&mut self) {
        // Each of these fails only if what it is for has been done already.
        let _ = kill(Pid::from_raw(self.server.id() as i32), Signal::SIGTERM);
        let _ = self.server.wait();
        let _ = fs::remove_dir_all(&self.directory);
    }
}

fn configuration(keys: &Keys) -> String {
    format!(
        "[server]\nname = \"demo.parlor\"\nnetwork = \"ParlorDemo\"\ndescription = \"A room that lives\"\nmotd = \"\"\"\n\
         You are in the demo of Parlor. Everybody here is a few lines of code,\nbut the server is a real one.\n\"\"\"\n\
         [listen]\ntcp = [\"127.0.0.1:0\"]\n\
         [segment]\nsegment_key = {}\nsemaphore_key = {}\nremove_at_stop = true\n",
        keys.segment, keys.semaphores
    )
}
