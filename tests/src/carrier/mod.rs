//! What carries a script: the engine alone, or a whole server behind a socket.

mod direct;
mod socket;

use std::fmt;

use parlord::Config;

pub use direct::{Direct, WALL_START_MS, matches};
pub use socket::Socket;

/// What a person hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A line, without its end.
    Line(Vec<u8>),
    /// The server has ended the connection.
    End,
}

/// Why a step could not be carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure(pub String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

/// People and a server. People are called by their names in the script; a connection that has ended can be opened
/// again under the same name.
pub trait Carrier {
    /// The host from which everybody comes.
    fn host(&self) -> &'static str;

    /// Somebody connects.
    fn open(&mut self, who: &str) -> Result<(), Failure>;

    /// Somebody sends a line. When this returns, the server has done all that follows from it.
    fn send(&mut self, who: &str, line: &[u8]) -> Result<(), Failure>;

    /// Somebody's connection ends from his side. When this returns, the server has noticed.
    fn hang_up(&mut self, who: &str) -> Result<(), Failure>;

    /// All that somebody was sent since this was asked last; nothing more is on its way.
    fn hear(&mut self, who: &str) -> Result<Vec<Heard>, Failure>;

    /// Time passes.
    fn advance(&mut self, ms: u64) -> Result<(), Failure> {
        Err(Failure(format!("time cannot be told to pass here, not even {ms} ms")))
    }

    /// The server stops.
    fn stop(&mut self, reason: &str) -> Result<(), Failure> {
        Err(Failure(format!("the server cannot be told to stop here: {reason}")))
    }
}

/// A kind of carrier.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// How scripts and tests call it.
    pub name: &'static str,
    /// Whether it can let time pass and stop the server.
    pub rules_time: bool,
    /// Starts one.
    pub start: fn(Config) -> Result<Box<dyn Carrier>, Failure>,
}

/// Every kind.
#[rustfmt::skip]
pub const KINDS: &[Kind] = &[
    Kind { name: "engine", rules_time: true,  start: |config| Ok(Box::new(Direct::start(&config))) },
    Kind { name: "tcp",    rules_time: false, start: |config| Ok(Box::new(Socket::over_tcp(config)?)) },
    Kind { name: "unix",   rules_time: false, start: |config| Ok(Box::new(Socket::over_unix(config)?)) },
];
