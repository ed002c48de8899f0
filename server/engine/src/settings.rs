//! What the engine is told about itself.

use std::sync::Arc;

use wire::Timestamp;

use crate::limits::Limits;
use crate::modes::Rank;
use crate::privileges::Privileges;

/// What an administrator decides. All of it can change while the server runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The server's name: the source of what it says. Has a dot and no space.
    pub server_name: String,
    /// The network's name. No space.
    pub network_name: String,
    /// The address of a picture for the network (the token ICON); `None` for none. No space.
    pub icon: Option<String>,
    /// Client-only tags that are not passed on, as the token CLIENTTAGDENY has them: names without `+` and with commas
    /// between, or `*` for all and behind it those that are passed on all the same, each with a `-`.
    pub client_tags_denied: Option<String>,
    /// The version as it is shown, e.g. `parlor-0.1.0`.
    pub version: String,
    /// When the server was started.
    pub started: Timestamp,
    /// What 312 and 352 say of the server.
    pub description: String,
    /// The message of the day, line by line; empty for none.
    pub motd: Vec<String>,
    /// Whom to turn to.
    pub admin: Admin,
    /// Who may become an operator.
    pub operators: Vec<Operator>,
    /// The Argon2 hash, in PHC string format, of the password that everybody has to know; `None` for none.
    pub password_hash: Option<Arc<str>>,
    /// The limits.
    pub limits: Limits,
    /// What those who open a channel become there: operator, admin or founder. The latter two are operators besides.
    pub creator_rank: Rank,
    /// Messages kept per channel; 0 keeps none.
    pub history_lines_max: usize,
    /// Channels whose history is kept after the last member left; the one that was silent longest goes first.
    pub history_channels_max: usize,
    /// Messages shown to those who enter; 0 shows none.
    pub history_on_join: usize,
    /// Events other than messages kept per channel, and reactions and the like per two who talk to each other; the
    /// oldest goes for a new one. 0 keeps none.
    pub history_events_max: usize,
    /// Milliseconds for which people may take back what they said; 0: they may not.
    pub redact_ms_max: u64,
    /// Whether the operators of a channel may take back what others said there.
    pub redact_by_operators: bool,
    /// Messages kept per two who talk to each other, while one of them is here; the oldest goes for a new one. 0 keeps
    /// none.
    pub history_direct_lines_max: usize,
    /// Conversations kept per user; the one silent longest goes for a new one. 0 keeps none.
    pub history_direct_pairs_max: usize,
}

/// Whom to turn to: the three lines of ADMIN. Empty lines are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Admin {
    /// Where the server is.
    pub location: String,
    /// Whose it is.
    pub organisation: String,
    /// How to reach them.
    pub email: String,
}

/// Somebody who may become an operator with OPER.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    /// The name given to OPER.
    pub name: String,
    /// The Argon2 hash of the password, in PHC string format.
    pub password_hash: Arc<str>,
    /// The hosts from which he may come, as a mask over the host.
    pub host_mask: String,
    /// What he may do then.
    pub privileges: Privileges,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            server_name: "parlor.local".to_owned(),
            network_name: "Parlor".to_owned(),
            icon: None,
            client_tags_denied: None,
            version: concat!("parlor-", env!("CARGO_PKG_VERSION")).to_owned(),
            started: Timestamp(0),
            description: "A Parlor chat server".to_owned(),
            motd: Vec::new(),
            admin: Admin::default(),
            operators: Vec::new(),
            password_hash: None,
            limits: Limits::default(),
            creator_rank: Rank::Op,
            history_lines_max: 200,
            history_channels_max: 1000,
            history_on_join: 10,
            history_events_max: 200,
            redact_ms_max: 86_400_000,
            redact_by_operators: true,
            history_direct_lines_max: 100,
            history_direct_pairs_max: 50,
        }
    }
}
