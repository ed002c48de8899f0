//! A whole server on a thread of this process, and people on real sockets.
//!
//! Each line goes out together with a PING. The PONG says that the server has done all that follows from the line;
//! a PING of another person then says that he has heard of it, or that there was nothing to be heard. Nothing waits
//! for a time to pass.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

use parlord::{Config, Server};
use tempfile::TempDir;

use super::{Carrier, Failure, Heard};
use crate::setup::SERVER;

/// A server that says nothing for so long has a bug, which is then reported instead of hanging the tests. No outcome
/// depends on it.
const HANG: Duration = Duration::from_secs(60);

/// A server and the sockets of those who talk with it.
#[derive(Debug)]
pub struct Socket {
    // Held for as long as people talk; it ends when this is dropped.
    _server: Server,
    address: Address,
    people: BTreeMap<String, Person>,
    /// Changes with each step that anybody may hear of.
    age: u64,
    fences: u64,
    // Holds the Unix socket; goes last.
    _directory: Option<TempDir>,
}

#[derive(Clone, Debug)]
enum Address {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

#[derive(Debug)]
struct Person {
    reader: BufReader<Stream>,
    heard: Vec<Heard>,
    ended: bool,
    /// The age up to which all that was sent to him has been read.
    heard_until: u64,
}

#[derive(Debug)]
enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.read(buffer),
            Self::Unix(stream) => stream.read(buffer),
        }
    }
}

impl Stream {
    fn open(address: &Address) -> io::Result<Self> {
        match address {
            Address::Tcp(address) => {
                let stream = TcpStream::connect(address)?;
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(HANG))?;
                Ok(Self::Tcp(stream))
            }
            Address::Unix(path) => {
                let stream = UnixStream::connect(path)?;
                stream.set_read_timeout(Some(HANG))?;
                Ok(Self::Unix(stream))
            }
        }
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.write_all(bytes),
            Self::Unix(stream) => stream.write_all(bytes),
        }
    }

    fn close_write(&self) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.shutdown(Shutdown::Write),
            Self::Unix(stream) => stream.shutdown(Shutdown::Write),
        }
    }
}

impl Person {
    /// Reads up to the answer of a fence, or to the end.
    fn read_until(&mut self, fence: Option<&str>) -> Result<(), Failure> {
        while !self.ended {
            let mut line = Vec::new();
            match self.reader.read_until(b'\n', &mut line) {
                Ok(0) => self.end(),
                Ok(_) => {
                    let line = line.strip_suffix(b"\r\n").unwrap_or(&line);
                    if fence.is_some_and(|fence| line.ends_with(fence.as_bytes())) {
                        return Ok(());
                    }
                    self.heard.push(Heard::Line(line.to_vec()));
                }
                // The server has closed while a fence was on its way to it.
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => self.end(),
                Err(error) => return Err(Failure(format!("the server does not answer any more: {error}"))),
            }
        }
        Ok(())
    }

    fn end(&mut self) {
        self.ended = true;
        self.heard.push(Heard::End);
    }
}

impl Socket {
    /// A server that listens on a free port of the machine itself.
    pub fn over_tcp(mut config: Config) -> Result<Self, Failure> {
        config.listen.tcp = vec![([127, 0, 0, 1], 0).into()];
        let server = Server::start(config).map_err(failed)?;
        Ok(Self::new(Address::Tcp(server.address()), server, None))
    }

    /// A server that listens on a Unix socket.
    pub fn over_unix(mut config: Config) -> Result<Self, Failure> {
        let directory = tempfile::tempdir().map_err(failed)?;
        let path = directory.path().join("parlord.sock");
        config.listen.tcp = Vec::new();
        config.listen.unix = Some(path.clone());
        let server = Server::start(config).map_err(failed)?;
        Ok(Self::new(Address::Unix(path), server, Some(directory)))
    }

    fn new(address: Address, server: Server, directory: Option<TempDir>) -> Self {
        Self { _server: server, address, people: BTreeMap::new(), age: 0, fences: 0, _directory: directory }
    }

    fn person(&mut self, who: &str) -> &mut Person {
        self.people.get_mut(who).expect("a script names only those who are there")
    }

    /// Sends bytes and a PING behind them, and reads up to its answer.
    fn fence(&mut self, who: &str, bytes: &[u8]) -> Result<(), Failure> {
        self.fences += 1;
        let token = format!("fence-{}", self.fences);
        let age = self.age;
        let person = self.person(who);
        let written =
            person.reader.get_mut().write_all(&[bytes, format!("PING {token}\r\n").as_bytes()].concat());
        // It fails if the server has closed; what it said before that can still be read.
        let fence = written.is_ok().then(|| format!("PONG {SERVER} :{token}"));
        person.read_until(fence.as_deref())?;
        person.heard_until = age;
        Ok(())
    }

    /// Makes sure that all that somebody was sent so far has been read.
    fn catch_up(&mut self, who: &str) -> Result<(), Failure> {
        let age = self.age;
        let person = self.person(who);
        if person.ended || person.heard_until == age {
            return Ok(());
        }
        self.fence(who, b"")
    }
}

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure(error.to_string())
}

impl Carrier for Socket {
    fn host(&self) -> &'static str {
        match self.address {
            Address::Tcp(_) => "127.0.0.1",
            Address::Unix(_) => "localhost",
        }
    }

    fn open(&mut self, who: &str) -> Result<(), Failure> {
        let stream = Stream::open(&self.address).map_err(failed)?;
        let reader = BufReader::new(stream);
        let person = Person { reader, heard: Vec::new(), ended: false, heard_until: 0 };
        self.people.insert(who.to_owned(), person);
        self.age += 1;
        self.fence(who, b"")
    }

    fn send(&mut self, who: &str, line: &[u8]) -> Result<(), Failure> {
        // What was on its way is read first, to know whether the connection has ended.
        self.catch_up(who)?;
        if self.person(who).ended {
            return Err(Failure(format!("{who} is not connected any more")));
        }
        self.age += 1;
        self.fence(who, &[line, b"\r\n"].concat())
    }

    fn hang_up(&mut self, who: &str) -> Result<(), Failure> {
        self.age += 1;
        let person = self.person(who);
        person.reader.get_ref().close_write().map_err(failed)?;
        // The server closes when it has noticed.
        person.read_until(None)?;
        person.heard.clear();
        Ok(())
    }

    fn hear(&mut self, who: &str) -> Result<Vec<Heard>, Failure> {
        self.catch_up(who)?;
        Ok(std::mem::take(&mut self.person(who).heard))
    }
}
