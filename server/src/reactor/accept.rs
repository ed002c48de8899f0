//! Accept: who knocks comes in, or is told why not.

use std::fs::File;
use std::io;
use std::net::IpAddr;

use engine::{ConnId, Input, Peer};
use mio::Token;

use super::admission::{Refusal, is_trusted};
use super::connection::Connection;
use super::listener::Listener;
use super::transport::Transport;
use super::{Reactor, SLICE};
use crate::clock::{Moment, While};

/// How long to wait before trying again when the system has no place.
const AGAIN_MS: u64 = 100;

/// How long it is not told again that there is no place: who fights for the last one shall not fill the log.
const TOLD_AGAIN_MS: u64 = 60_000;

/// What became of one attempt to accept.
enum Accepted {
    /// Somebody came, and there may be others.
    One,
    /// Nobody waits.
    None,
    /// The system has no place at present.
    NoPlace,
}

impl Reactor {
    /// Begins to listen.
    pub(super) fn attend(&mut self, mut listener: Listener) -> io::Result<()> {
        let token = Token(self.doors.next_token);
        self.doors.next_token += 1;
        listener.register(self.poll.registry(), token)?;
        tracing::info!(address = %listener.bound(), "listening");
        self.doors.listeners.push((token, listener));
        Ok(())
    }

    /// Lets in who has knocked, for a while.
    pub(super) fn accept(&mut self, now: Moment) -> bool {
        if self.doors.again_at_ms.is_some() || self.doors.knocked.is_empty() {
            return false;
        }
        let time = While::of(SLICE);
        let mut worked = false;
        while let Some(token) = self.doors.knocked.pop_front() {
            loop {
                if worked && time.is_over() {
                    self.doors.knocked.push_back(token);
                    return true;
                }
                worked = true;
                match self.accept_one(token, now) {
                    Accepted::One => {}
                    Accepted::None => break,
                    Accepted::NoPlace => {
                        self.doors.knocked.push_back(token);
                        self.doors.again_at_ms = Some(now.ms() + AGAIN_MS);
                        return true;
                    }
                }
            }
        }
        worked
    }

    fn accept_one(&mut self, token: Token, now: Moment) -> Accepted {
        let Some((_, listener)) = self.doors.listeners.iter().find(|(of, _)| *of == token) else {
            return Accepted::None;
        };
        match listener.accept() {
            Ok((transport, address)) => {
                self.admit(transport, address, now);
                Accepted::One
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Accepted::None,
            Err(error) if is_without_place(&error) => self.turn_away(token, &error, now),
            // The other side gave up before it was let in, or a firewall did: the next one may be waiting.
            Err(error) => {
                self.figures.accept_errors += 1;
                tracing::debug!(%error, "a connection was gone before it was accepted");
                Accepted::One
            }
        }
    }

    /// The process has no file left: the spare one makes place for a moment, in which somebody is sent away. Without
    /// that he would wait for nothing, and the listener would never be quiet.
    fn turn_away(&mut self, token: Token, error: &io::Error, now: Moment) -> Accepted {
        self.figures.accept_errors += 1;
        let told_lately = self.doors.told_at_ms.is_some_and(|at_ms| now.ms() < at_ms + TOLD_AGAIN_MS);
        if !told_lately {
            self.doors.told_at_ms = Some(now.ms());
            tracing::warn!(%error, connections = self.connections.len(), "no place for further connections");
        }
        if self.doors.spare.take().is_none() {
            self.doors.spare = File::open("/dev/null").ok();
            return Accepted::NoPlace;
        }
        let listener = self.doors.listeners.iter().find(|(of, _)| *of == token).map(|(_, listener)| listener);
        let outcome = listener.map(Listener::accept);
        let turned_away = match outcome {
            Some(Ok((mut transport, _))) => {
                self.figures.refused_full += 1;
                refuse(&mut transport, Refusal::Full);
                Accepted::One
            }
            Some(Err(error)) if error.kind() == io::ErrorKind::WouldBlock => Accepted::None,
            Some(Err(_)) | None => Accepted::NoPlace,
        };
        self.doors.spare = File::open("/dev/null").ok();
        turned_away
    }

    fn admit(&mut self, mut transport: Transport, address: Option<IpAddr>, now: Moment) {
        let trusted = is_trusted(address, &self.config.connections.trusted);
        let counted = address.filter(|_| !trusted);
        let slot = self.connections.next_slot();
        let outcome = if slot >> ConnId::SLOT_BITS == 0 {
            self.admission.enter(counted, &self.config.connections)
        } else {
            Err(Refusal::Full)
        };
        if let Err(refusal) = outcome {
            match refusal {
                Refusal::Full => self.figures.refused_full += 1,
                Refusal::Crowded => self.figures.refused_address += 1,
            }
            tracing::debug!(?address, ?refusal, "refused");
            return refuse(&mut transport, refusal);
        }
        if let Err(error) = transport.register(self.poll.registry(), Token(slot)) {
            tracing::warn!(%error, "a connection cannot be watched");
            return self.admission.leave(counted);
        }
        self.serial += 1;
        let id = ConnId::new(self.serial, slot);
        self.figures.connections_total += 1;
        tracing::debug!(conn = id.0, ?address, "connected");
        self.connections.insert(Connection::new(id, transport, counted));
        let peer = Peer {
            host: address.map_or("localhost".to_owned(), |address| address.to_string()),
            address,
            // A Unix socket does not leave the machine. TCP without TLS may, whatever its address says.
            secure: address.is_none(),
        };
        self.think(now, Input::Opened { conn: id, peer });
    }
}

/// Tells somebody why he may not come in. He is not waited for.
fn refuse(transport: &mut Transport, refusal: Refusal) {
    // It is new, so that a line fits into the kernel's buffer; and if it is gone already, nobody misses it.
    let _ = transport.write(refusal.line());
    // What he has sent already is read, since closing with it unread would throw the answer away as well.
    let _ = transport.finish();
    let _ = transport.read(&mut [0; wire::LINE_BYTES_MAX]);
}

fn is_without_place(error: &io::Error) -> bool {
    use nix::libc::{EMFILE, ENFILE, ENOBUFS, ENOMEM};
    matches!(error.raw_os_error(), Some(EMFILE | ENFILE | ENOBUFS | ENOMEM))
}

/// What the loop keeps for each connection, however long nothing is said on it. Without optimizations a socket is larger.
const _: () = assert!(size_of::<Connection>() <= if cfg!(debug_assertions) { 176 } else { 160 });
