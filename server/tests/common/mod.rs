//! People who talk to a server through real sockets.

#![allow(dead_code, reason = "each test program uses its part")]

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use parlord::Config;

/// A server that hangs makes a test fail rather than wait for ever. Nothing is asserted about time.
const PATIENCE: Duration = Duration::from_secs(60);

/// A configuration: any free port, no segment, and what is given.
pub fn config(toml: &str) -> Config {
    Config::parse(toml, |config| {
        config.listen.tcp = vec!["127.0.0.1:0".parse().unwrap()];
        config.segment.enabled = false;
    })
    .expect("the test's configuration is right")
}

/// One direction of somebody's connection.
pub struct Sender(std::sync::Arc<Stream>);

impl Sender {
    /// Sends bytes, and tells once no more of them are taken at present, or all are.
    pub fn send_telling(&self, mut bytes: &[u8], tell: impl FnOnce()) {
        use nix::sys::socket::{MsgFlags, send};
        let fd = match &*self.0 {
            Stream::Tcp(stream) => stream.as_raw_fd(),
            Stream::Unix(stream) => stream.as_raw_fd(),
        };
        while let Ok(sent @ 1..) = send(fd, bytes, MsgFlags::MSG_DONTWAIT) {
            bytes = &bytes[sent..];
        }
        tell();
        self.0.write(bytes).expect("the server takes it");
    }
}

enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Stream {
    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Stream::Tcp(stream) => (&*stream).write_all(bytes),
            Stream::Unix(stream) => (&*stream).write_all(bytes),
        }
    }
}

impl Read for &Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Stream::Tcp(stream) => (&*stream).read(buffer),
            Stream::Unix(stream) => (&*stream).read(buffer),
        }
    }
}

/// Somebody connected.
pub struct Client {
    reader: BufReader<StreamReader>,
    stream: std::sync::Arc<Stream>,
}

struct StreamReader(std::sync::Arc<Stream>);

impl Read for StreamReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        (&*self.0).read(buffer)
    }
}

impl Client {
    /// Connects.
    pub fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("the server listens");
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self::over(Stream::Tcp(stream))
    }

    /// Connects to a Unix socket.
    pub fn connect_unix(path: &Path) -> Self {
        let stream = UnixStream::connect(path).expect("the server listens");
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Self::over(Stream::Unix(stream))
    }

    fn over(stream: Stream) -> Self {
        let stream = std::sync::Arc::new(stream);
        Self { reader: BufReader::new(StreamReader(stream.clone())), stream }
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
        self
    }

    /// Sends a line.
    pub fn say(&mut self, line: &str) {
        self.send(format!("{line}\r\n").as_bytes());
    }

    /// Sends bytes.
    pub fn send(&mut self, bytes: &[u8]) {
        self.try_send(bytes).expect("the server takes it");
    }

    /// Sends bytes, if the server still takes them.
    pub fn try_send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write(bytes)
    }

    /// The other direction, for a thread of its own.
    pub fn sender(&self) -> Sender {
        Sender(self.stream.clone())
    }

    /// Says that nothing more will be sent.
    pub fn finish(&self) {
        match &*self.stream {
            Stream::Tcp(stream) => stream.shutdown(Shutdown::Write).unwrap(),
            Stream::Unix(stream) => stream.shutdown(Shutdown::Write).unwrap(),
        }
    }

    /// The next line without its end; `None` at the end of the connection.
    pub fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        match self.reader.read_line(&mut line) {
            Ok(0) => None,
            Ok(_) => Some(line.trim_end_matches(['\r', '\n']).to_owned()),
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => None,
            Err(error) => panic!("nothing more was heard: {error}"),
        }
    }

    /// Waits for a line that contains something.
    pub fn hear(&mut self, part: &str) -> String {
        let mut heard = Vec::new();
        while let Some(line) = self.line() {
            if line.contains(part) {
                return line;
            }
            heard.push(line);
        }
        panic!("the connection ended before {part:?} was heard: {heard:#?}");
    }

    /// Waits until everything said so far was answered; what was heard meanwhile.
    pub fn fence(&mut self) -> Vec<String> {
        self.say("PING fence");
        let mut heard = Vec::new();
        loop {
            let line = self.line().expect("the server answers a PING");
            if line.contains("PONG") && line.ends_with("fence") {
                return heard;
            }
            heard.push(line);
        }
    }

    /// Whether a line with something comes before the end of the connection.
    pub fn rest_until(&mut self, part: &str) -> bool {
        std::iter::from_fn(|| self.line()).any(|line| line.contains(part))
    }

    /// Everything until the end of the connection.
    pub fn rest(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.line()).collect()
    }
}
