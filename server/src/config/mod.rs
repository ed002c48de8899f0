//! What an administrator decides: read from a file, overruled by flags, checked before anything is opened.
//!
//! Every key is a row of [`KEYS`], from which `--print-config` and `docs/configuration.md` are derived.

mod check;
mod engine_limits;
mod keys;
mod load;
mod network;
mod print;

use std::net::SocketAddr;
use std::path::PathBuf;

use engine::{Privilege, Privileges};
use serde::{Deserialize, Serialize};

pub use engine_limits::Limits;
pub use keys::{KEYS, Key, Kind};
pub use load::Problem;
pub use network::Network;
pub use print::{effective, reference};

/// The whole configuration. Everything has a default that works.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Who the server is.
    pub server: Identity,
    /// Where it listens.
    pub listen: Listen,
    /// Whom to turn to.
    pub admin: Admin,
    /// How much of the machine connections may have.
    pub connections: Connections,
    /// What people may do and have.
    pub limits: Limits,
    /// How channels are when they come into being.
    pub channels: Channels,
    /// What is remembered of what was said.
    pub history: History,
    /// The shared memory in which other processes see the rooms.
    pub segment: Segment,
    /// What is told about the running.
    pub log: Log,
    /// Who may become an operator.
    pub operators: Vec<Operator>,
}

/// Who the server is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Identity {
    /// The name in front of what it says.
    pub name: String,
    /// The network's name.
    pub network: String,
    /// The address of its picture.
    pub icon: Option<String>,
    /// Client-only tags that are not passed on.
    pub client_tags_denied: Option<String>,
    /// What WHOIS says of it.
    pub description: String,
    /// The message of the day.
    pub motd: String,
    /// A file with the message of the day, which wins over the text.
    pub motd_file: Option<PathBuf>,
    /// A file in which the bans of the server are kept.
    pub bans_file: Option<PathBuf>,
    /// The hash of the password that everybody has to know.
    pub password_hash: Option<String>,
}

/// Where the server listens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Listen {
    /// TCP addresses; port 0 takes any free one.
    pub tcp: Vec<SocketAddr>,
    /// A Unix socket.
    pub unix: Option<PathBuf>,
    /// The permissions of the Unix socket.
    pub unix_mode: u32,
    /// Connections that may wait to be accepted.
    pub backlog: u32,
}

/// Whom to turn to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Admin {
    /// Where the server is.
    pub location: String,
    /// Whose it is.
    pub organisation: String,
    /// How to reach them.
    pub email: String,
}

/// Somebody who may become an operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operator {
    /// The name given to OPER.
    pub name: String,
    /// The hash of the password.
    pub password_hash: String,
    /// The hosts from which he may come.
    #[serde(default = "any_host")]
    pub host_mask: String,
    /// What he may do, by name; without it, what operators usually may.
    pub privileges: Option<Vec<String>>,
}

/// How much of the machine connections may have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Connections {
    /// Connections at once.
    pub max: usize,
    /// Connections at once from one address.
    pub per_address_max: usize,
    /// Networks to which neither that nor flood control applies.
    pub trusted: Vec<Network>,
    /// Lines a second that a connection may send for long.
    pub lines_per_second: u32,
    /// Lines that it may send at once.
    pub lines_burst: u32,
    /// Bytes that may wait for flood control.
    pub recvq_bytes_max: usize,
    /// Bytes that may wait to be sent.
    pub sendq_bytes_max: usize,
    /// Bytes read from one connection before the others have their turn.
    pub turn_bytes_max: usize,
    /// Lines taken from one connection before the others have their turn.
    pub turn_lines_max: usize,
    /// Bytes read from all connections before what they caused is sent.
    pub gather_bytes_max: usize,
    /// Milliseconds that a closing connection has to take its last lines.
    pub linger_ms_max: u64,
}

/// How channels are when they come into being.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Channels {
    /// What those who open one become there.
    pub creator_rank: CreatorRank,
}

/// What those who open a channel become there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CreatorRank {
    /// An operator, as everywhere.
    Op,
    /// An operator whom other operators cannot put out.
    Admin,
    /// The one who may do everything.
    Founder,
}

/// What is remembered of what was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct History {
    /// Messages per channel.
    pub lines_max: usize,
    /// Channels after their last member left.
    pub channels_max: usize,
    /// Messages shown to those who enter.
    pub on_join: usize,
    /// Events other than messages per channel, and per two who talk to each other.
    pub events_max: usize,
    /// Messages per two who talk to each other.
    pub direct_lines_max: usize,
    /// Conversations per user.
    pub direct_pairs_max: usize,
    /// Milliseconds for which people may take back what they said.
    pub redact_ms_max: u64,
    /// Whether operators may take back what others said.
    pub redact_by_operators: bool,
}

/// The shared memory in which other processes see the rooms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Segment {
    /// Whether there is one.
    pub enabled: bool,
    /// Where readers find it.
    pub segment_key: u32,
    /// Where readers find its guard.
    pub semaphore_key: u32,
    /// Who may read it.
    pub segment_mode: u32,
    /// Who may take the guard.
    pub semaphore_mode: u32,
    /// The group of readers: a name or a number.
    pub group: Option<String>,
    /// Rooms there is place for.
    pub rooms: u32,
    /// Bytes of history of each room.
    pub ring_bytes: u32,
    /// Members listed per room.
    pub members: u32,
    /// Whether a clean stop removes it.
    pub remove_at_stop: bool,
}

/// What is told about the running.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// For people or for machines.
    pub format: LogFormat,
    /// What is told, in the notation of `tracing`.
    pub filter: String,
}

/// For whom the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Lines for people.
    Human,
    /// One JSON object per line.
    Json,
}

impl Default for Identity {
    fn default() -> Self {
        let settings = engine::Settings::default();
        Self {
            name: settings.server_name,
            network: settings.network_name,
            icon: settings.icon,
            client_tags_denied: settings.client_tags_denied,
            description: settings.description,
            motd: String::new(),
            motd_file: None,
            bans_file: None,
            password_hash: None,
        }
    }
}

impl Default for Listen {
    fn default() -> Self {
        Self { tcp: Self::usual().to_vec(), unix: None, unix_mode: 0o660, backlog: 4096 }
    }
}

impl Listen {
    /// Where the server listens if nothing else is said: on the machine itself. If the machine lacks one of the two
    /// families, the other one is enough.
    pub fn usual() -> [SocketAddr; 2] {
        use std::net::{Ipv4Addr, Ipv6Addr};
        [(Ipv4Addr::LOCALHOST, 6667).into(), (Ipv6Addr::LOCALHOST, 6667).into()]
    }
}

impl Default for Connections {
    fn default() -> Self {
        Self {
            max: 16_384,
            per_address_max: 16,
            trusted: Network::LOOPBACK.to_vec(),
            lines_per_second: 5,
            lines_burst: 30,
            recvq_bytes_max: 16 * 1024,
            sendq_bytes_max: 2 * 1024 * 1024,
            turn_bytes_max: 64 * 1024,
            turn_lines_max: 1024,
            gather_bytes_max: 256 * 1024,
            linger_ms_max: 2000,
        }
    }
}

impl Default for Channels {
    fn default() -> Self {
        Self { creator_rank: CreatorRank::Op }
    }
}

impl Default for History {
    fn default() -> Self {
        let settings = engine::Settings::default();
        Self {
            lines_max: settings.history_lines_max,
            channels_max: settings.history_channels_max,
            on_join: settings.history_on_join,
            events_max: settings.history_events_max,
            direct_lines_max: settings.history_direct_lines_max,
            direct_pairs_max: settings.history_direct_pairs_max,
            redact_ms_max: settings.redact_ms_max,
            redact_by_operators: settings.redact_by_operators,
        }
    }
}

impl Default for Segment {
    fn default() -> Self {
        Self {
            enabled: true,
            segment_key: 0xff3,
            semaphore_key: 0xee3,
            segment_mode: 0o640,
            semaphore_mode: 0o660,
            group: None,
            rooms: 64,
            ring_bytes: 64 * 1024,
            members: 256,
            remove_at_stop: false,
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Human, filter: "info".to_owned() }
    }
}

fn any_host() -> String {
    "*".to_owned()
}

impl Config {
    /// The message of the day, line by line.
    pub fn motd_lines(&self) -> std::io::Result<Vec<String>> {
        let text = match &self.server.motd_file {
            // What is not UTF-8 in it is shown as replacement characters rather than refused.
            Some(path) => String::from_utf8_lossy(&std::fs::read(path)?).into_owned(),
            None => self.server.motd.clone(),
        };
        Ok(text.lines().map(|line| line.trim_end().replace('\0', "")).collect())
    }

    /// What the engine is told of all this.
    pub fn engine_settings(&self, motd: Vec<String>, started: wire::Timestamp) -> engine::Settings {
        engine::Settings {
            server_name: self.server.name.clone(),
            network_name: self.server.network.clone(),
            icon: self.server.icon.clone(),
            client_tags_denied: self.server.client_tags_denied.clone(),
            version: concat!("parlor-", env!("CARGO_PKG_VERSION")).to_owned(),
            started,
            description: self.server.description.clone(),
            motd,
            admin: engine::Admin {
                location: self.admin.location.clone(),
                organisation: self.admin.organisation.clone(),
                email: self.admin.email.clone(),
            },
            operators: self.operators.iter().map(Operator::for_engine).collect(),
            password_hash: self.server.password_hash.as_deref().map(Into::into),
            limits: self.limits.for_engine(),
            creator_rank: match self.channels.creator_rank {
                CreatorRank::Op => engine::Rank::Op,
                CreatorRank::Admin => engine::Rank::Admin,
                CreatorRank::Founder => engine::Rank::Founder,
            },
            history_lines_max: self.history.lines_max,
            history_channels_max: self.history.channels_max,
            history_on_join: self.history.on_join,
            history_events_max: self.history.events_max,
            history_direct_lines_max: self.history.direct_lines_max,
            history_direct_pairs_max: self.history.direct_pairs_max,
            redact_ms_max: self.history.redact_ms_max,
            redact_by_operators: self.history.redact_by_operators,
        }
    }
}

impl Operator {
    fn for_engine(&self) -> engine::Operator {
        engine::Operator {
            name: self.name.clone(),
            password_hash: self.password_hash.as_str().into(),
            host_mask: self.host_mask.clone(),
            privileges: self.privileges.as_ref().map_or_else(Privileges::ordinary, |names| {
                names.iter().filter_map(|name| Privilege::named(name)).collect()
            }),
        }
    }
}
