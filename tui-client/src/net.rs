//! The connection to the server: bytes to lines and lines to bytes. A helper thread looks names up and connects, so
//! that keys are heard meanwhile.

use std::io::{self, Read, Write};
use std::net::{Shutdown, ToSocketAddrs};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use mio::net::TcpStream;
use mio::{Interest, Registry, Token, Waker};
use wire::{Frame, Framer};

use crate::model::{Address, Event};

/// The longest line that is read, without tags. Longer than the protocol's own, because servers may announce more;
/// what is longer still is dropped.
const LINE_BYTES_MAX: usize = 16 * 1024;
/// Read at one go, so that keys are heard and frames drawn while a server talks without pause.
const TURN_BYTES_MAX: usize = 64 * 1024;
/// Waiting to be sent; a server that lets more pile up is given up.
const OUT_BYTES_MAX: usize = 1024 * 1024;
/// How long one address is tried before the next.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// An attempt's number and what came of it. Attempts that were given up are recognised by their number.
struct Attempt(u64, io::Result<std::net::TcpStream>);

struct Connection {
    stream: TcpStream,
    framer: Framer,
    out: Vec<u8>,
    // More may be waiting to be read although nothing will say so: readiness is told once.
    unread: bool,
}

/// At most one connection, or one attempt.
pub(crate) struct Net {
    token: Token,
    waker: Arc<Waker>,
    attempt: u64,
    attempts: (Sender<Attempt>, Receiver<Attempt>),
    connection: Option<Connection>,
}

impl Net {
    /// No connection yet. The waker is used when an attempt has ended.
    pub fn new(token: Token, waker: Arc<Waker>) -> Self {
        Self { token, waker, attempt: 0, attempts: channel(), connection: None }
    }

    /// Begins an attempt; gives up what there was.
    pub fn connect(&mut self, address: Address) {
        self.close();
        let (number, done, waker) = (self.attempt, self.attempts.0.clone(), Arc::clone(&self.waker));
        let attempt = move || {
            let stream = connect(&address);
            // Whoever does not listen any more has ended.
            if done.send(Attempt(number, stream)).is_ok() {
                let _ = waker.wake();
            }
        };
        if let Err(error) = std::thread::Builder::new().name("connect".to_owned()).spawn(attempt) {
            // The receiver is our own field.
            let _ = self.attempts.0.send(Attempt(number, Err(error)));
            let _ = self.waker.wake();
        }
    }

    /// Ends the connection, or gives up the attempt. What was to be sent is sent as far as it goes at once.
    pub fn close(&mut self) {
        self.attempt += 1;
        if let Some(mut connection) = self.connection.take() {
            // A connection that is closed anyway has no errors worth telling. What has come unread would make the
            // system reset it, and the farewell could be lost with that.
            let _ = connection.flush();
            let _ = connection.stream.shutdown(Shutdown::Write);
            let _ = connection.read(&mut Vec::new());
        }
    }

    /// Queues a line.
    pub fn send(&mut self, line: &str) {
        if let Some(connection) = &mut self.connection {
            connection.out.extend_from_slice(line.as_bytes());
        }
    }

    /// Takes up what helpers have connected and what has come; adds what follows from it.
    pub fn receive(&mut self, registry: &Registry, ready: bool, events: &mut Vec<Event>) {
        while let Ok(Attempt(number, stream)) = self.attempts.1.try_recv() {
            if number != self.attempt {
                continue;
            }
            match stream.and_then(|stream| Connection::begin(stream, registry, self.token)) {
                Ok(connection) => {
                    self.connection = Some(connection);
                    events.push(Event::Connected);
                }
                Err(error) => events.push(Event::Lost(format!("Cannot connect: {error}"))),
            }
        }
        if let Some(connection) = &mut self.connection
            && (ready || connection.unread)
        {
            let ended = connection.read(events);
            self.lose(ended, events);
        }
    }

    /// Writes what is queued, as far as it goes.
    pub fn flush(&mut self, events: &mut Vec<Event>) {
        if let Some(connection) = &mut self.connection {
            let flushed = connection.flush();
            self.lose(flushed, events);
        }
    }

    /// Whether more can be read at once.
    pub fn has_unread(&self) -> bool {
        self.connection.as_ref().is_some_and(|connection| connection.unread)
    }

    fn lose(&mut self, ended: io::Result<()>, events: &mut Vec<Event>) {
        if let Err(error) = ended {
            self.connection = None;
            events.push(Event::Lost(format!("Connection lost: {error}")));
        }
    }
}

impl Connection {
    fn begin(stream: std::net::TcpStream, registry: &Registry, token: Token) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        let mut stream = TcpStream::from_std(stream);
        registry.register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)?;
        let framer = Framer::with_line_bytes_max(LINE_BYTES_MAX);
        Ok(Self { stream, framer, out: Vec::new(), unread: true })
    }

    fn read(&mut self, events: &mut Vec<Event>) -> io::Result<()> {
        let mut bytes = [0; 16 * 1024];
        let mut taken = 0;
        self.unread = true;
        while taken < TURN_BYTES_MAX {
            match self.stream.read(&mut bytes) {
                Ok(0) => {
                    return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the server has closed it"));
                }
                Ok(count) => {
                    taken += count;
                    self.framer.push(&bytes[..count]);
                    while let Some(frame) = self.framer.next_frame() {
                        // What is too long to be a line is no news for anybody.
                        if let Frame::Line(line) = frame {
                            events.push(Event::Line(decoded(line)));
                        }
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.unread = false;
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        while !self.out.is_empty() {
            match self.stream.write(&self.out) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => drop(self.out.drain(..count)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        if self.out.len() > OUT_BYTES_MAX {
            return Err(io::Error::other("the server does not read what it is sent"));
        }
        Ok(())
    }
}

fn connect(address: &Address) -> io::Result<std::net::TcpStream> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in (address.host.as_str(), address.port).to_socket_addrs()? {
        match std::net::TcpStream::connect_timeout(&address, CONNECT_TIMEOUT) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// A line as text: UTF-8, or else latin-1, in which every byte is a character.
fn decoded(line: &[u8]) -> String {
    match std::str::from_utf8(line) {
        Ok(text) => text.to_owned(),
        Err(_) => line.iter().map(|byte| char::from(*byte)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn what_is_no_utf_8_is_latin_1() {
        assert_eq!(decoded("grüße".as_bytes()), "grüße");
        assert_eq!(decoded(b"gr\xfc\xdfe"), "grüße");
    }
}
