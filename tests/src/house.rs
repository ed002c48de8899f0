//! A server as a process, with keys, a directory and a port of its own, of which nothing stays.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use nix::sys::signal::Signal;
use segment::testing::Keys;
use segment::{Liveness, Now, Reader};

use crate::guest::Guest;
use crate::running::Running;

/// Where servers are started one after the other, with the same keys and the same configuration.
#[derive(Clone, Debug)]
pub struct Ground(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    program: String,
    keys: Keys,
    directory: tempfile::TempDir,
}

/// A server that runs. It is killed when this is dropped.
#[derive(Debug)]
pub struct House {
    running: Running,
    address: SocketAddr,
    ground: Ground,
}

impl Ground {
    /// A new one. `program` is the one that runs all others: `CARGO_BIN_EXE_under_test`.
    pub fn new(program: &str, toml: &str) -> Self {
        let parts = Parts {
            program: program.to_owned(),
            keys: Keys::new(),
            directory: tempfile::tempdir().expect("a temporary directory can be made"),
        };
        let ground = Self(Arc::new(parts));
        ground.configure(toml);
        ground
    }

    /// Writes the configuration anew. The keys and addresses are given as arguments.
    pub fn configure(&self, toml: &str) {
        fs::write(self.config(), toml).expect("the directory is the test's own");
    }

    /// The file of the configuration.
    pub fn config(&self) -> PathBuf {
        self.path("parlord.toml")
    }

    /// A path for a file of the test.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.directory.path().join(name)
    }

    /// The keys.
    pub fn keys(&self) -> &Keys {
        &self.0.keys
    }

    /// Starts a server, and waits until it listens.
    pub fn open(&self) -> House {
        self.open_with(self.command("parlord"))
    }

    /// The same with another beginning of the command line, as [`Ground::command`] makes it.
    pub fn open_with(&self, mut command: Command) -> House {
        command.args(self.usual()).args(["--ready-file", "/dev/stdout"]);
        let mut running = Running::start(command);
        let Some(line) = running.line() else {
            running.wait();
            panic!("the server did not start");
        };
        let address = line.strip_prefix("tcp ").and_then(|address| address.parse().ok());
        let address = address.unwrap_or_else(|| panic!("an address, not {line:?}"));
        let told = running.line().expect("the second line is written with the first one");
        assert_eq!(told, format!("unix {}", self.socket().display()));
        House { running, address, ground: self.clone() }
    }

    /// Starts one of the programs: `parlord` without the usual arguments, or a reader.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(&self.0.program);
        command.arg(program);
        command
    }

    /// The statistics of the server, started with these arguments.
    pub fn statistics(&self, arguments: &[&str]) -> Running {
        let mut command = self.command("parlorstat");
        command.args(["--segment-key", &self.0.keys.segment.to_string()]).args(arguments);
        Running::start(command)
    }

    /// One of the programs, as another user. Only root may.
    pub fn command_of_user(&self, uid: u32, program: &str) -> Command {
        let mut command = Command::new(&self.0.program);
        command.args(["--user", &uid.to_string(), program]);
        command
    }

    /// A server that may have no more than so many open files.
    pub fn command_with_files(&self, files: u32) -> Command {
        let mut command = Command::new(&self.0.program);
        command.args(["--files", &files.to_string(), "parlord"]);
        command
    }

    /// The arguments of every server.
    pub fn usual(&self) -> Vec<String> {
        let path = |path: PathBuf| path.to_str().expect("temporary directories are UTF-8").to_owned();
        let [segment, semaphores] = [self.0.keys.segment, self.0.keys.semaphores].map(|key| key.to_string());
        let config = path(self.config());
        let unix = path(self.socket());
        let pairs = [
            ["--config", &config],
            ["--listen", "127.0.0.1:0"],
            ["--unix", &unix],
            ["--segment-key", &segment],
            ["--semaphore-key", &semaphores],
        ];
        pairs.concat().into_iter().map(str::to_owned).collect()
    }

    /// The Unix socket of the servers.
    pub fn socket(&self) -> PathBuf {
        self.path("irc.sock")
    }

    /// A reader of the segment.
    pub fn reader(&self) -> Reader {
        Reader::open(self.0.keys.segment, None).expect("a server has opened the segment")
    }

    /// How the server is, by the segment.
    pub fn liveness(&self) -> Liveness {
        self.reader().liveness(Now::read())
    }

    /// The System V objects under the keys, as the kernel lists them: key, number, permissions and size.
    pub fn objects(&self) -> (Vec<String>, Vec<String>) {
        (objects("shm", self.0.keys.segment), objects("sem", self.0.keys.semaphores))
    }
}

/// The lines of a kernel's table about a key.
fn objects(table: &str, key: segment::Key) -> Vec<String> {
    let table = fs::read_to_string(Path::new("/proc/sysvipc").join(table)).expect("the kernel has System V");
    let of_key = |line: &&str| line.split_whitespace().next() == Some(&key.0.to_string());
    let begin = |line: &str| line.split_whitespace().take(4).collect::<Vec<_>>().join(" ");
    table.lines().filter(of_key).map(begin).collect()
}

impl House {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The number of the process.
    pub fn pid(&self) -> nix::unistd::Pid {
        self.running.pid()
    }

    /// The process.
    pub fn running(&mut self) -> &mut Running {
        &mut self.running
    }

    /// Somebody who has connected and registered.
    pub fn guest(&self, nick: &str) -> Guest {
        Guest::enter(self.address, nick)
    }

    /// Somebody who has entered a channel as well.
    pub fn guest_in(&self, nick: &str, channel: &str) -> Guest {
        let mut guest = self.guest(nick);
        guest.say(&format!("JOIN {channel}"));
        guest.fence();
        guest
    }

    /// The most memory that it ever had.
    pub fn peak_kib(&self) -> usize {
        self.status_kib("VmHWM:")
    }

    /// The memory of its own that it has.
    pub fn memory_kib(&self) -> usize {
        self.status_kib("RssAnon:")
    }

    fn status_kib(&self, key: &str) -> usize {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).expect("it runs");
        let value = status.lines().find_map(|line| line.strip_prefix(key));
        let value = value.expect("the kernel tells it").trim().trim_end_matches(" kB");
        value.parse().expect("it is a number")
    }

    /// Lets it end in order: the exit code.
    pub fn stop(mut self) -> Option<i32> {
        self.running.signal(Signal::SIGTERM);
        self.running.wait().code()
    }

    /// Kills it without a word.
    pub fn kill(mut self) {
        self.running.kill();
    }

    /// Where it stands.
    pub fn ground(&self) -> &Ground {
        &self.ground
    }
}
