//! Sockets on which others knock.

use std::fmt;
use std::fs;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};

use mio::event::Source;
use mio::net::{TcpListener, UnixListener};
use mio::{Interest, Registry, Token};
use nix::sys::socket::{
    self, AddressFamily, Backlog, SockFlag, SockType, SockaddrStorage, UnixAddr, sockopt,
};

use super::transport::Transport;
use crate::config::Listen;

/// Where a server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// A TCP address.
    Tcp(SocketAddr),
    /// The path of a Unix socket.
    Unix(PathBuf),
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => write!(f, "{address}"),
            Self::Unix(path) => write!(f, "{}", path.display()),
        }
    }
}

/// An address that could not be listened on.
#[derive(Debug)]
pub struct Unavailable {
    /// Which.
    pub address: Address,
    /// Why.
    pub error: io::Error,
}

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot listen on {}: {}", self.address, self.error)?;
        match self.error.kind() {
            io::ErrorKind::AddrInUse => {
                f.write_str("; another server uses it: stop that one, or set listen.tcp or listen.unix")
            }
            io::ErrorKind::PermissionDenied => {
                f.write_str("; ports below 1024 and foreign directories need permission")
            }
            _ => Ok(()),
        }
    }
}

impl std::error::Error for Unavailable {}

/// A socket on which others knock. A Unix socket's file is removed with it.
#[derive(Debug)]
pub struct Listener {
    /// The address as it was configured, with port 0 if so.
    configured: Address,
    /// The address as it is.
    bound: Address,
    socket: Socket,
}

#[derive(Debug)]
enum Socket {
    Tcp(TcpListener),
    Unix(UnixListener),
}

impl Listener {
    /// Opens all listeners that are configured and not there yet.
    pub fn open_new(listen: &Listen, there: &[&Listener]) -> Result<Vec<Listener>, Unavailable> {
        let mut opened = Vec::new();
        let forgiving = listen.tcp == Listen::usual();
        let addresses = listen.tcp.iter().map(|address| Address::Tcp(*address));
        for address in addresses.chain(listen.unix.clone().map(Address::Unix)) {
            if there.iter().any(|listener| listener.configured == address) {
                continue;
            }
            match Self::open(&address, listen) {
                Ok(listener) => opened.push(listener),
                Err(error) if forgiving && address_family_is_missing(&address, &error) => {
                    tracing::info!(%address, %error, "not listened on");
                }
                Err(error) => return Err(Unavailable { address, error }),
            }
        }
        if opened.is_empty() && there.is_empty() {
            let address = Address::Tcp(Listen::usual()[0]);
            return Err(Unavailable { address, error: io::ErrorKind::AddrNotAvailable.into() });
        }
        Ok(opened)
    }

    fn open(configured: &Address, listen: &Listen) -> io::Result<Listener> {
        let (socket, bound) = match configured {
            Address::Tcp(address) => {
                let listener = std::net::TcpListener::from(open_tcp(*address, listen.backlog)?);
                let bound = Address::Tcp(listener.local_addr()?);
                (Socket::Tcp(TcpListener::from_std(listener)), bound)
            }
            Address::Unix(path) => {
                let listener = std::os::unix::net::UnixListener::from(open_unix(path, listen)?);
                (Socket::Unix(UnixListener::from_std(listener)), configured.clone())
            }
        };
        Ok(Listener { configured: configured.clone(), bound, socket })
    }

    /// Where it listens.
    pub fn bound(&self) -> &Address {
        &self.bound
    }

    /// Whether the configuration still wants it.
    pub fn is_wanted(&self, listen: &Listen) -> bool {
        match &self.configured {
            Address::Tcp(address) => listen.tcp.contains(address),
            Address::Unix(path) => listen.unix.as_ref() == Some(path),
        }
    }

    /// Asks to be told when somebody knocks.
    pub fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        match &mut self.socket {
            Socket::Tcp(listener) => listener.register(registry, token, Interest::READABLE),
            Socket::Unix(listener) => listener.register(registry, token, Interest::READABLE),
        }
    }

    /// Takes the next connection, and the address it comes from.
    pub fn accept(&self) -> io::Result<(Transport, Option<IpAddr>)> {
        match &self.socket {
            Socket::Tcp(listener) => {
                let (stream, peer) = listener.accept()?;
                Ok((Transport::Tcp(stream), Some(peer.ip().to_canonical())))
            }
            Socket::Unix(listener) => {
                let (stream, _) = listener.accept()?;
                Ok((Transport::Unix(stream), None))
            }
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Address::Unix(path) = &self.bound {
            // It may have been removed by somebody else already.
            let _ = fs::remove_file(path);
        }
    }
}

fn open_tcp(address: SocketAddr, backlog: u32) -> io::Result<OwnedFd> {
    let family = if address.is_ipv4() { AddressFamily::Inet } else { AddressFamily::Inet6 };
    let socket = stream_socket(family)?;
    socket::setsockopt(&socket, sockopt::ReuseAddr, &true)?;
    // Every connection has it from here, without being asked for each. Without it, small lines would wait for
    // acknowledgements of earlier ones.
    socket::setsockopt(&socket, sockopt::TcpNoDelay, &true)?;
    if address.is_ipv6() {
        // So that `0.0.0.0` and `[::]` can be listened on side by side.
        socket::setsockopt(&socket, sockopt::Ipv6V6Only, &true)?;
    }
    socket::bind(socket.as_raw_fd(), &SockaddrStorage::from(address))?;
    socket::listen(&socket, depth(backlog))?;
    Ok(socket)
}

fn open_unix(path: &Path, listen: &Listen) -> io::Result<OwnedFd> {
    let socket = stream_socket(AddressFamily::Unix)?;
    let address = UnixAddr::new(path)?;
    match socket::bind(socket.as_raw_fd(), &address) {
        Err(nix::errno::Errno::EADDRINUSE) if is_abandoned(path) => {
            fs::remove_file(path)?;
            socket::bind(socket.as_raw_fd(), &address)?;
        }
        outcome => outcome?,
    }
    // Before anybody can connect, which is only possible once the socket listens.
    fs::set_permissions(path, fs::Permissions::from_mode(listen.unix_mode))?;
    socket::listen(&socket, depth(listen.backlog))?;
    Ok(socket)
}

/// Whether a path is a socket on which nobody listens any more.
fn is_abandoned(path: &Path) -> bool {
    let is_socket = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.file_type().is_socket());
    let refused = || std::os::unix::net::UnixStream::connect(path).err().map(|error| error.kind());
    is_socket && refused() == Some(io::ErrorKind::ConnectionRefused)
}

fn stream_socket(family: AddressFamily) -> io::Result<OwnedFd> {
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    Ok(socket::socket(family, SockType::Stream, flags, None)?)
}

fn depth(backlog: u32) -> Backlog {
    i32::try_from(backlog).ok().and_then(|depth| Backlog::new(depth).ok()).unwrap_or(Backlog::MAXCONN)
}

fn address_family_is_missing(address: &Address, error: &io::Error) -> bool {
    let is_v6 = matches!(address, Address::Tcp(address) if address.is_ipv6());
    let no_family = error.raw_os_error() == Some(nix::libc::EAFNOSUPPORT);
    is_v6 && (no_family || error.kind() == io::ErrorKind::AddrNotAvailable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_missing_family_is_forgiven() {
        use nix::libc::{EACCES, EADDRINUSE, EADDRNOTAVAIL, EAFNOSUPPORT};
        let [v4, v6] = Listen::usual().map(Address::Tcp);
        let unix = Address::Unix("/tmp/socket".into());
        #[rustfmt::skip]
        let table = [
            (&v6,   EAFNOSUPPORT,  true),
            (&v6,   EADDRNOTAVAIL, true),
            (&v6,   EADDRINUSE,    false),
            (&v6,   EACCES,        false),
            (&v4,   EADDRNOTAVAIL, false),
            (&unix, EADDRNOTAVAIL, false),
        ];
        for (address, errno, forgiven) in table {
            let error = io::Error::from_raw_os_error(errno);
            assert_eq!(address_family_is_missing(address, &error), forgiven, "{address}: {error}");
        }
    }

    #[test]
    fn small_lines_wait_for_no_acknowledgement() {
        let listener =
            Listener::open(&Address::Tcp("127.0.0.1:0".parse().unwrap()), &Listen::default()).unwrap();
        let Address::Tcp(bound) = listener.bound() else { unreachable!("it was opened so") };
        let _client = std::net::TcpStream::connect(bound).unwrap();
        let (Transport::Tcp(stream), _) = listener.accept().unwrap() else {
            unreachable!("it is a TCP socket")
        };
        assert!(stream.nodelay().unwrap());
    }

    #[test]
    fn both_families_can_listen_on_the_same_port() {
        let open =
            |address: &str| Listener::open(&Address::Tcp(address.parse().unwrap()), &Listen::default());
        if open("[::]:0").is_err() {
            return assert!(!Path::new("/proc/net/if_inet6").exists(), "this machine has IPv6");
        }
        // A port that is free in one family may be taken in the other, but hardly each time.
        let both = |_| {
            let v6 = open("[::]:0").unwrap();
            let Address::Tcp(bound) = v6.bound() else { unreachable!("it was opened so") };
            open(&format!("0.0.0.0:{}", bound.port())).is_ok()
        };
        assert!((0..20).any(both));
    }
}
