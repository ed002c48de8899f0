//! The way to a server, walked by a helper thread: fetch the passwords, look the name up, connect, agree on TLS.

use std::io;
use std::net::{TcpStream, ToSocketAddrs};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use base64ct::{Base64, Encoding};
use rustls::ClientConnection;

use super::tls::{Failed, Trusted, agree};
use crate::model::Address;
use crate::network::Prepared;
use crate::secret::Source;

/// How long one address is tried before the next.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long TLS may take altogether.
const TLS_TIMEOUT: Duration = Duration::from_secs(20);
/// Random bytes of a login.
const NONCE_BYTES: usize = 24;

/// Where to go and what to take along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    pub address: Address,
    pub trusted: Trusted,
    /// The server's password.
    pub password: Source,
    /// The account's.
    pub login_password: Source,
    /// A certificate of one's own and its key, in one PEM file.
    pub certificate: Option<PathBuf>,
}

/// A connection that stands, and what was fetched for it.
pub(super) struct Opened {
    pub stream: TcpStream,
    pub tls: Option<ClientConnection>,
    pub prepared: Prepared,
}

/// Goes the whole way. Takes as long as it takes.
pub(super) fn open(way: &Way) -> Result<Opened, Failed> {
    let named = |what: &str, error: io::Error| io::Error::other(format!("{what}: {error}"));
    let password = way.password.fetch().map_err(|error| named("the server's password", error))?;
    let login_password =
        way.login_password.fetch().map_err(|error| named("the account's password", error))?;
    let mut stream = connect(&way.address)?;
    let local = stream.peer_addr().is_ok_and(|peer| peer.ip().is_loopback());
    let tls = match way.address.tls {
        false => None,
        true => {
            stream.set_read_timeout(Some(CONNECT_TIMEOUT))?;
            stream.set_write_timeout(Some(CONNECT_TIMEOUT))?;
            let until = Instant::now() + TLS_TIMEOUT;
            let certificate = way.certificate.as_deref();
            Some(agree(&mut stream, &way.address.host, &way.trusted, certificate, until)?)
        }
    };
    let prepared = Prepared { password, login_password, nonce: nonce()?, tls: tls.is_some(), local };
    Ok(Opened { stream, tls, prepared })
}

fn connect(address: &Address) -> io::Result<TcpStream> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in (address.host.as_str(), address.port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, CONNECT_TIMEOUT) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn nonce() -> io::Result<String> {
    let bytes = ring::rand::generate::<[u8; NONCE_BYTES]>(&ring::rand::SystemRandom::new());
    let bytes = bytes.map_err(|_| io::Error::other("the system has no randomness"))?.expose();
    Ok(Base64::encode_string(&bytes))
}
