//! One connection of the load.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::AsRawFd;

use mio::net::TcpStream;
use nix::errno::Errno;
use nix::libc;
use nix::sys::socket::{
    AddressFamily, SockFlag, SockProtocol, SockType, SockaddrIn, bind, connect, setsockopt, socket, sockopt,
};

use crate::load::ledger::Memory;

/// Connecting → Greeting → Here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The kernel connects.
    Connecting,
    /// The server is being told who this is.
    Greeting,
    /// Everything can be said.
    Here,
}

/// Somebody who talks or hears.
#[derive(Debug)]
pub struct Person {
    /// The connection.
    pub stream: TcpStream,
    /// How far he is.
    pub stage: Stage,
    /// Whether he reads nothing.
    pub is_deaf: bool,
    /// The beginning of a line.
    pub carry: Vec<u8>,
    /// What he heard last of whom.
    pub memory: Memory,
    out: Vec<u8>,
    written: usize,
}

impl Person {
    /// Begins to connect. The address is one of several of this machine, so that ports suffice.
    pub fn enter(to: SocketAddrV4, from: Option<Ipv4Addr>) -> io::Result<Self> {
        let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
        let socket = socket(AddressFamily::Inet, SockType::Stream, flags, SockProtocol::Tcp)?;
        setsockopt(&socket, sockopt::TcpNoDelay, &true)?;
        // Closing is a reset, so that no run leaves ports behind that the next one misses.
        setsockopt(&socket, sockopt::Linger, &libc::linger { l_onoff: 1, l_linger: 0 })?;
        if let Some(from) = from {
            setsockopt(&socket, sockopt::IpBindAddressNoPort, &true)?;
            bind(socket.as_raw_fd(), &SockaddrIn::from(SocketAddrV4::new(from, 0)))?;
        }
        match connect(socket.as_raw_fd(), &SockaddrIn::from(to)) {
            Ok(()) | Err(Errno::EINPROGRESS) => {}
            Err(error) => return Err(error.into()),
        }
        let stream = TcpStream::from_std(socket.into());
        let (carry, out) = (Vec::new(), Vec::new());
        let (stage, memory) = (Stage::Connecting, Memory::default());
        Ok(Self { stream, stage, is_deaf: false, carry, memory, out, written: 0 })
    }

    /// What he is about to send, to be added to.
    pub fn out(&mut self) -> &mut Vec<u8> {
        &mut self.out
    }

    /// Whether the kernel has taken all that he said.
    pub fn has_said_all(&self) -> bool {
        self.out.is_empty()
    }

    /// Sends as much as the kernel takes.
    pub fn write(&mut self) -> io::Result<()> {
        while self.written < self.out.len() {
            match self.stream.write(&self.out[self.written..]) {
                Ok(bytes) => self.written += bytes,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        self.out.clear();
        self.written = 0;
        Ok(())
    }

    /// Reads behind what was carried over: how many bytes of the buffer there are then, and whether it was read full.
    /// `None` if there is nothing to read; an error at the end.
    pub fn read(&mut self, buffer: &mut [u8]) -> io::Result<Option<(usize, bool)>> {
        let carried = self.carry.len();
        buffer[..carried].copy_from_slice(&self.carry);
        match self.stream.read(&mut buffer[carried..]) {
            Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
            Ok(bytes) => {
                self.carry.clear();
                Ok(Some((carried + bytes, carried + bytes == buffer.len())))
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
