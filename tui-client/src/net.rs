//! The connections to the servers: bytes to lines and lines to bytes. A helper thread looks names up and connects, so
//! that keys are heard meanwhile.

mod check;
mod open;
#[cfg(test)]
mod tests;
mod tls;

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use mio::net::TcpStream;
use mio::{Interest, Registry, Token, Waker};
use wire::{Frame, Framer};

use open::{Opened, open};
use tls::{Failed, Stream, Unknown};

pub(crate) use open::Way;
pub(crate) use tls::Trusted;

use crate::form::Report;
use crate::model::{Address, Event, News};
use crate::network::NetworkId;

/// The longest line that is read, without tags. Longer than the protocol's own, because servers may announce more;
/// what is longer still is dropped.
const LINE_BYTES_MAX: usize = 16 * 1024;
/// Read at one go, so that keys are heard and frames drawn while a server talks without pause.
const TURN_BYTES_MAX: usize = 64 * 1024;
/// Waiting to be sent; a server that lets more pile up is given up.
const OUT_BYTES_MAX: usize = 1024 * 1024;
/// Tokens from here on are those of networks.
const TOKENS_FROM: usize = 16;

/// An attempt and what came of it. Attempts that were given up are recognised by their number.
struct Attempt {
    network: NetworkId,
    number: u64,
    address: Address,
    opened: Result<Opened, Failed>,
}

/// The number of a look at a server, and what was found.
struct Check(u32, Report);

struct Connection {
    stream: Stream,
    framer: Framer,
    out: Vec<u8>,
    // More may be waiting to be read although nothing will say so: readiness is told once.
    unread: bool,
}

/// A network's connection, or the attempt at one.
#[derive(Default)]
struct Peer {
    attempt: u64,
    connection: Option<Connection>,
}

/// All connections, at most one for each network.
pub(crate) struct Net {
    waker: Arc<Waker>,
    attempts: (Sender<Attempt>, Receiver<Attempt>),
    checks: (Sender<Check>, Receiver<Check>),
    peers: BTreeMap<NetworkId, Peer>,
}

impl Net {
    /// No connection yet. The waker is used when an attempt has ended.
    pub fn new(waker: Arc<Waker>) -> Self {
        Self { waker, attempts: channel(), checks: channel(), peers: BTreeMap::new() }
    }

    /// Begins an attempt; gives up what there was.
    pub fn connect(&mut self, network: NetworkId, way: Box<Way>) {
        self.close(network);
        let number = self.peers.entry(network).or_default().attempt;
        let (done, waker) = (self.attempts.0.clone(), Arc::clone(&self.waker));
        let address = way.address.clone();
        let attempt = move || {
            let opened = open(&way);
            // Whoever does not listen any more has ended.
            if done.send(Attempt { network, number, address: way.address, opened }).is_ok() {
                let _ = waker.wake();
            }
        };
        if let Err(error) = std::thread::Builder::new().name("connect".to_owned()).spawn(attempt) {
            let opened = Err(Failed::Io(error));
            // The receiver is our own field.
            let _ = self.attempts.0.send(Attempt { network, number, address, opened });
            let _ = self.waker.wake();
        }
    }

    /// Looks at a server, to tell later what was found.
    pub fn check(&self, number: u32, way: Box<Way>, nick: String) {
        let (done, waker) = (self.checks.0.clone(), Arc::clone(&self.waker));
        let look = move || {
            // Whoever does not listen any more has ended.
            if done.send(Check(number, check::check(&way, &nick))).is_ok() {
                let _ = waker.wake();
            }
        };
        if let Err(error) = std::thread::Builder::new().name("check".to_owned()).spawn(look) {
            let report = Report { reached: Some(Err(error.to_string())), ..Report::default() };
            // The receiver is our own field.
            let _ = self.checks.0.send(Check(number, report));
            let _ = self.waker.wake();
        }
    }

    /// Ends a connection, or gives up an attempt. What was to be sent is sent as far as it goes at once.
    pub fn close(&mut self, network: NetworkId) {
        let peer = self.peers.entry(network).or_default();
        peer.attempt += 1;
        if let Some(connection) = peer.connection.take() {
            connection.end();
        }
    }

    /// Ends all connections.
    pub fn close_all(&mut self) {
        for connection in std::mem::take(&mut self.peers).into_values().filter_map(|peer| peer.connection) {
            connection.end();
        }
    }

    /// Queues a line.
    pub fn send(&mut self, network: NetworkId, line: &str) {
        if let Some(connection) = self.peers.get_mut(&network).and_then(|peer| peer.connection.as_mut()) {
            connection.out.extend_from_slice(line.as_bytes());
        }
    }

    /// Takes up what helpers have connected and what has come on the connections that are ready; adds what follows.
    pub fn receive(&mut self, registry: &Registry, ready: &[NetworkId], events: &mut Vec<Event>) {
        while let Ok(Attempt { network, number, address, opened }) = self.attempts.1.try_recv() {
            let Some(peer) = self.peers.get_mut(&network).filter(|peer| peer.attempt == number) else {
                continue;
            };
            let begun = opened.and_then(|opened| {
                let prepared = Box::new(opened.prepared);
                let connection = Connection::begin(opened.stream, opened.tls, registry, token(network))?;
                Ok((prepared, connection))
            });
            let news = match begun {
                Ok((prepared, connection)) => {
                    peer.connection = Some(connection);
                    events.push(Event::Net(network, News::Prepared(prepared)));
                    News::Connected
                }
                Err(Failed::Io(error)) => News::Lost(format!("Cannot connect: {error}")),
                Err(Failed::Unknown(Unknown { fingerprint, why, vouched })) => {
                    News::Unknown { address, fingerprint, why, vouched }
                }
            };
            events.push(Event::Net(network, news));
        }
        while let Ok(Check(number, report)) = self.checks.1.try_recv() {
            events.push(Event::Checked(number, report));
        }
        for (network, peer) in &mut self.peers {
            peer.each(*network, events, |connection, lines| {
                if ready.contains(network) || connection.unread { connection.read(lines) } else { Ok(()) }
            });
        }
    }

    /// Writes what is queued, as far as it goes.
    pub fn flush(&mut self, events: &mut Vec<Event>) {
        for (network, peer) in &mut self.peers {
            peer.each(*network, events, |connection, _| connection.flush());
        }
    }

    /// Whether more can be read at once.
    pub fn has_unread(&self) -> bool {
        self.peers.values().filter_map(|peer| peer.connection.as_ref()).any(|connection| connection.unread)
    }
}

/// How readiness of a network's connection is told.
fn token(network: NetworkId) -> Token {
    Token(TOKENS_FROM + network.0 as usize)
}

/// The network of which a token tells.
pub(crate) fn network_of(token: Token) -> Option<NetworkId> {
    token.0.checked_sub(TOKENS_FROM).and_then(|number| u32::try_from(number).ok()).map(NetworkId)
}

impl Peer {
    /// Works on the connection, if there is one, and tells what has come of it.
    fn each(
        &mut self,
        network: NetworkId,
        events: &mut Vec<Event>,
        work: impl FnOnce(&mut Connection, &mut Vec<String>) -> io::Result<()>,
    ) {
        let Some(connection) = &mut self.connection else { return };
        let mut lines = Vec::new();
        let done = work(connection, &mut lines);
        events.extend(lines.into_iter().map(|line| Event::Net(network, News::Line(line))));
        if let Err(error) = done {
            self.connection = None;
            events.push(Event::Net(network, News::Lost(format!("Connection lost: {error}"))));
        }
    }
}

impl Connection {
    fn begin(
        stream: std::net::TcpStream,
        tls: Option<rustls::ClientConnection>,
        registry: &Registry,
        token: Token,
    ) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        let mut stream = TcpStream::from_std(stream);
        registry.register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)?;
        let stream = match tls {
            None => Stream::Open(stream),
            Some(tls) => Stream::Tls(Box::new(rustls::StreamOwned::new(tls, stream))),
        };
        let framer = Framer::with_line_bytes_max(LINE_BYTES_MAX);
        Ok(Self { stream, framer, out: Vec::new(), unread: true })
    }

    /// Ends it. One that is closed anyway has no errors worth telling. What has come unread would make the system
    /// reset it, and the farewell could be lost with that.
    fn end(mut self) {
        let _ = self.flush();
        self.stream.close();
        let _ = self.read(&mut Vec::new());
    }

    fn read(&mut self, lines: &mut Vec<String>) -> io::Result<()> {
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
                            lines.push(decoded(line));
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
        match self.stream.flush() {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
            _ => {}
        }
        if self.out.len() > OUT_BYTES_MAX {
            return Err(io::Error::other("the server does not read what it is sent"));
        }
        Ok(())
    }
}

/// A line as text: UTF-8, or else latin-1, in which every byte is a character.
fn decoded(line: &[u8]) -> String {
    match std::str::from_utf8(line) {
        Ok(text) => text.to_owned(),
        Err(_) => line.iter().map(|byte| char::from(*byte)).collect(),
    }
}
