//! Somebody who talks to a server through a real socket, byte by byte if need be.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// A server that hangs makes a test fail rather than wait for ever. Nothing else depends on it.
const PATIENCE: Duration = Duration::from_secs(120);

/// Somebody connected.
#[derive(Debug)]
pub struct Guest {
    reader: BufReader<TcpStream>,
    stream: TcpStream,
    /// How he is called, if he has registered.
    pub nick: String,
}

impl Guest {
    /// Connects.
    pub fn connect(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).expect("the server listens"))
    }

    /// Takes a stream that is connected.
    pub fn over(stream: TcpStream) -> Self {
        stream.set_nodelay(true).expect("it is a TCP socket");
        Self::over_any(stream)
    }

    /// Connects through a Unix socket: for one the kernel keeps much less. Reading and writing are the same for both.
    pub fn connect_unix(path: &Path) -> Self {
        let stream = UnixStream::connect(path).expect("the server listens");
        Self::over_any(TcpStream::from(OwnedFd::from(stream)))
    }

    fn over_any(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).expect("it is not zero");
        let reader = BufReader::new(stream.try_clone().expect("there are files enough"));
        Self { reader, stream, nick: String::new() }
    }

    /// Connects and registers.
    pub fn enter(address: SocketAddr, nick: &str) -> Self {
        Self::connect(address).registered(nick)
    }

    /// Registers, and waits until that is done.
    pub fn registered(mut self, nick: &str) -> Self {
        self.say(&format!("NICK {nick}\r\nUSER {nick} 0 * :{nick}"));
        self.hear(" 001 ");
        self.fence();
        nick.clone_into(&mut self.nick);
        self
    }

    /// Sends a line.
    pub fn say(&self, line: &str) {
        self.send(format!("{line}\r\n").as_bytes());
    }

    /// Sends bytes.
    pub fn send(&self, bytes: &[u8]) {
        self.try_send(bytes).expect("the server takes it");
    }

    /// Sends bytes, if the server still takes them.
    pub fn try_send(&self, bytes: &[u8]) -> io::Result<()> {
        (&self.stream).write_all(bytes)
    }

    /// The other direction, for a thread of its own.
    pub fn sender(&self) -> TcpStream {
        self.stream.try_clone().expect("there are files enough")
    }

    /// Says that nothing more will be sent.
    pub fn finish(&self) {
        // If the server has closed already, this is said as well.
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// The next line without its end; `None` at the end of the connection.
    pub fn line(&mut self) -> Option<String> {
        let mut line = Vec::new();
        match self.reader.read_until(b'\n', &mut line) {
            Ok(0) => None,
            Ok(_) => Some(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned()),
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => None,
            Err(error) => panic!("{}: nothing more was heard: {error}", self.nick),
        }
    }

    /// Waits for a line that contains something.
    pub fn hear(&mut self, part: &str) -> String {
        self.hear_past(part).pop().expect("the line is among them")
    }

    /// Waits for a line that contains something: all lines up to it, which is the last one.
    pub fn hear_past(&mut self, part: &str) -> Vec<String> {
        let mut heard = Vec::new();
        while let Some(line) = self.line() {
            let is_it = line.contains(part);
            heard.push(line);
            if is_it {
                return heard;
            }
        }
        panic!("{}: the connection ended before {part:?} was heard: {heard:#?}", self.nick);
    }

    /// Waits until everything said so far was answered; what was heard meanwhile.
    pub fn fence(&mut self) -> Vec<String> {
        self.say("PING fence");
        let mut heard = Vec::new();
        loop {
            let line = self.line().unwrap_or_else(|| {
                panic!("{}: the connection ended before the PING was answered: {heard:#?}", self.nick)
            });
            if line.contains(" PONG ") && line.ends_with("fence") {
                return heard;
            }
            heard.push(line);
        }
    }

    /// Everything until the end of the connection.
    pub fn rest(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.line()).collect()
    }
}
