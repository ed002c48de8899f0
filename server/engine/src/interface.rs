//! What goes into the engine and what comes out.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use wire::{ChannelName, Timestamp};

use crate::context::cut;
use crate::event::{Event, Past};
use crate::settings::Settings;
use crate::world::Ban;

/// One connection, from its opening to its end. Never reused. Its lower bits are a slot, which no other connection has at
/// the same time; the others are greater with each connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnId(pub u64);

impl ConnId {
    /// Bits of the slot.
    pub const SLOT_BITS: u32 = 24;

    /// The id of a connection in a slot. `serial` is greater with each.
    pub const fn new(serial: u64, slot: usize) -> Self {
        Self(serial << Self::SLOT_BITS | slot as u64)
    }

    /// The slot.
    #[inline]
    pub const fn slot(self) -> usize {
        (self.0 & ((1 << Self::SLOT_BITS) - 1)) as usize
    }
}

/// The time of an input, as told from outside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// Milliseconds of a clock that never goes back; deadlines are counted on it.
    pub monotonic_ms: u64,
    /// The time of day; people are shown it.
    pub wall: Timestamp,
}

/// Bytes of the host that others see of somebody (HOSTLEN). For a longer one the address is shown.
pub const HOST_BYTES_MAX: usize = 64;

/// Where a connection comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// What others see as the host: an address or a name, without spaces. One that begins with a colon is written
    /// with a zero before it.
    pub host: String,
    /// The address; `None` for a connection without one, such as a Unix socket.
    pub address: Option<IpAddr>,
    /// Whether nobody between can read along.
    pub secure: bool,
}

/// Something a person sent to prove who he is. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl Peer {
    /// The same with a host that is not too long.
    #[must_use]
    pub(crate) fn bounded(mut self) -> Self {
        if self.host.len() > HOST_BYTES_MAX {
            let address = self.address.map(|address| address.to_string());
            let host = address.unwrap_or_else(|| cut(&self.host, HOST_BYTES_MAX).to_owned());
            self.host = if host.starts_with(':') { format!("0{host}") } else { host };
        }
        self
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

/// What happened outside.
#[derive(Debug)]
pub enum Input<'a> {
    /// Somebody connected.
    Opened {
        /// The new connection.
        conn: ConnId,
        /// Where it comes from.
        peer: Peer,
    },
    /// A line arrived, without its end.
    Line {
        /// The connection it came on.
        conn: ConnId,
        /// Its bytes.
        line: &'a [u8],
    },
    /// A line was longer than the protocol allows and has been dropped.
    Overlong {
        /// The connection it came on.
        conn: ConnId,
    },
    /// A connection ended or is to be ended: the other side left, a limit was passed, an error occurred. The engine
    /// sends it a farewell (in vain if it is gone) and a [`Effect::Close`], unless it had closed it before.
    Closed {
        /// The connection.
        conn: ConnId,
        /// Why, as the others are told in the QUIT.
        reason: &'a str,
    },
    /// The answer to [`Effect::Check`].
    Checked {
        /// The connection whose secret was checked.
        conn: ConnId,
        /// Whether the secret belongs to the hash.
        matches: bool,
    },
    /// The answer to [`Effect::More`].
    More {
        /// The connection that can be told more.
        conn: ConnId,
    },
    /// Time has passed.
    Tick,
    /// The settings are others now. Nobody is dropped.
    Reload {
        /// The new settings, or what is wrong with them.
        outcome: Result<Box<Settings>, String>,
    },
    /// History that an earlier run left, oldest first, before anybody connects.
    Restore {
        /// The channel.
        channel: ChannelName,
        /// What was said there.
        pasts: Vec<Past>,
    },
    /// Bans of the server that an earlier run left, before anybody connects. Those that have ended are passed over.
    RestoreBans {
        /// The bans.
        bans: Vec<Ban>,
    },
    /// The server stops: everybody is told and closed.
    Stop {
        /// Why.
        reason: &'a str,
    },
}

/// A line to send, with its end. Shared by all who hear it.
#[derive(Clone, PartialEq, Eq)]
pub struct Line(Arc<[u8]>);

impl Line {
    /// A line that ends in `\r\n`.
    pub fn new(encoded: &str) -> Self {
        Self::shared(encoded.into())
    }

    /// The same without a copy of it.
    pub fn shared(encoded: Arc<str>) -> Self {
        debug_assert!(
            encoded.ends_with("\r\n") && encoded.bytes().filter(|byte| *byte == b'\n').count() == 1,
            "one line: {encoded:?}"
        );
        Self(encoded.into())
    }

    /// The memory in which it stands.
    pub fn memory(self) -> Arc<[u8]> {
        self.0
    }

    /// The bytes as they are sent.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Line({:?})", String::from_utf8_lossy(self.bytes()))
    }
}

/// Lines to send, one behind the other, each with its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    text: String,
    /// Where each ends.
    ends: Vec<usize>,
}

impl Lines {
    /// Adds one: what `write` puts behind the text of the others.
    pub(crate) fn add(&mut self, write: impl FnOnce(&mut String)) {
        write(&mut self.text);
        self.ends.push(self.text.len());
    }

    /// Forgets them.
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    /// Bytes of memory for their text.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.text.capacity()
    }

    /// How many they are.
    pub fn count(&self) -> usize {
        self.ends.len()
    }

    /// All of them as they are sent.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// One of them, with its end.
    pub fn line(&self, index: usize) -> &str {
        let begin = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[begin..self.ends[index]]
    }

    /// Each of them, with its end.
    pub fn each(&self) -> impl Iterator<Item = &str> {
        (0..self.count()).map(|index| self.line(index))
    }
}

/// What is to be done.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Send a line to one connection.
    Send {
        /// The receiver.
        to: ConnId,
        /// The line.
        line: Line,
    },
    /// Send lines to one connection that nobody else hears: what it is answered. Their memory can be given back with
    /// [`Engine::keep`](crate::Engine::keep).
    Answer {
        /// The receiver.
        to: ConnId,
        /// The lines.
        lines: Box<Lines>,
    },
    /// Send a line to many. Lines that follow each other to the same list can be put together: the list is the same
    /// `Arc` as long as it has not changed.
    Fan {
        /// The receivers, each once.
        to: Arc<[ConnId]>,
        /// One of them who is left out: the sender, who knows.
        except: Option<ConnId>,
        /// The line.
        line: Line,
    },
    /// Send what is queued, then close. Nothing more is heard of or sent to this connection.
    Close {
        /// The connection.
        conn: ConnId,
        /// Why, for the log.
        reason: String,
    },
    /// Check a secret against an Argon2 hash, elsewhere, since it takes long. Until [`Input::Checked`] is given, no
    /// line of this connection may be given.
    Check {
        /// The connection that waits.
        conn: ConnId,
        /// What was sent.
        secret: Secret,
        /// The hash in PHC string format.
        hash: Arc<str>,
    },
    /// There is more to be told to a connection. Give [`Input::More`] when it has read most of what it was sent; until
    /// then no line of this connection may be given.
    More {
        /// The connection.
        conn: ConnId,
    },
    /// An operator wants the configuration read again; answer with [`Input::Reload`].
    Reload,
    /// An operator ends the server: give [`Input::Stop`] with the reason, and end.
    Stop {
        /// Why, as everybody is told.
        reason: String,
    },
    /// An operator wants the server to begin anew: the same, and start it again.
    Restart {
        /// Why, as everybody is told.
        reason: String,
    },
    /// Something happened in the shared world.
    Happened {
        /// What.
        event: Arc<Event>,
        /// The channels in which it was seen or which it changed.
        channels: Vec<ChannelName>,
    },
}
