//! One connection: how far its registration is, what it understands, when it was heard. Local to this process.

use std::collections::BTreeSet;
use std::sync::Arc;

use wire::Nick;
use wire::capability::{self, Set};

use crate::commands::Sending;
use crate::interface::{ConnId, Now, Peer, Secret};
use crate::limits::Limits;
use crate::listing::Answering;
use crate::outgoing::user_of;
use crate::rare::Rare;
use crate::world::{Metadata, UserId};

/// A connection's own state.
#[derive(Debug)]
pub(crate) struct Session {
    pub conn: ConnId,
    /// The host it comes from.
    pub host: Arc<str>,
    pub stage: Stage,
    /// The capabilities that the client asked for and got.
    pub capabilities: Set,
    /// The version of `CAP LS`, e.g. 302; 0 if it has not been used.
    pub capability_version: u32,
    /// The keys of metadata of which it wants to be told.
    pub subscriptions: Rare<BTreeSet<String>>,
    /// What a password is being checked for.
    pub checking: Option<Box<Checking>>,
    /// The label under which that is answered.
    pub label: Option<Box<str>>,
    /// How often OPER has failed.
    pub failed_opers: u32,
    /// What it still has to be told, if anything.
    pub answering: Option<Box<Answering>>,
    /// When the last line came.
    pub heard_ms: u64,
    /// When a PING went out that has to be answered with some line.
    pub pinged_ms: Option<u64>,
    /// A batch that the client is sending.
    pub sending: Option<Sending>,
    /// When it has to be looked at again.
    pub deadline_ms: u64,
}

/// What the engine keeps for each connection besides its user, however long nothing is said on it. What only some have is
/// boxed for this reason.
const _: () = assert!(size_of::<Session>() <= 144);

/// ```text
///   Greeting ── NICK, USER, CAP END, password ──► Registered
/// ```
#[derive(Debug)]
pub(crate) enum Stage {
    /// Not registered yet; what is known so far.
    Greeting(Box<Greeting>),
    /// Registered, and so the user of the same number.
    Registered,
}

#[derive(Debug)]
pub(crate) struct Greeting {
    pub peer: Peer,
    pub nick: Option<Nick>,
    /// User name and real name.
    pub user: Option<(Arc<str>, Arc<str>)>,
    pub secret: Option<Secret>,
    /// What he tells of himself already (IRCv3 metadata).
    pub metadata: Metadata,
    /// Why he is away already (IRCv3 pre-away).
    pub away: Option<String>,
    /// Whether capabilities are being negotiated: registration waits for `CAP END`.
    pub negotiating: bool,
    /// Whether the password of the server was found right.
    pub admitted: bool,
}

/// What a password is being checked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Checking {
    /// To be let in.
    Admission,
    /// To become the operator of this name.
    Operator(String),
}

impl Session {
    pub fn new(conn: ConnId, peer: Peer, now: Now, deadline_ms: u64) -> Self {
        let host = peer.host.as_str().into();
        let greeting = Greeting {
            peer,
            nick: None,
            user: None,
            secret: None,
            metadata: Metadata::default(),
            away: None,
            negotiating: false,
            admitted: false,
        };
        Self {
            conn,
            host,
            stage: Stage::Greeting(Box::new(greeting)),
            capabilities: Set::NONE,
            capability_version: 0,
            subscriptions: Rare::default(),
            checking: None,
            label: None,
            failed_opers: 0,
            answering: None,
            heard_ms: now.monotonic_ms,
            pinged_ms: None,
            sending: None,
            deadline_ms,
        }
    }

    /// The client shows that it is there.
    pub fn heard(&mut self, now: Now) {
        self.heard_ms = now.monotonic_ms;
        self.pinged_ms = None;
    }

    /// The capabilities that take effect: some need others besides them.
    pub fn understood(&self) -> Set {
        understood(self.capabilities)
    }

    /// Whether something is left that it has to be told.
    pub fn is_answering(&self) -> bool {
        self.answering.as_ref().is_some_and(|answering| !answering.is_empty())
    }

    /// When one who has registered has to be looked at next.
    pub fn next_look_ms(&self, limits: &Limits) -> u64 {
        let asks_ms = self.heard_ms + limits.ping_after_ms;
        let look_ms = self.pinged_ms.map_or(asks_ms, |pinged_ms| pinged_ms + limits.ping_timeout_ms);
        let gives_up_ms = self.sending.as_ref().and_then(Sending::until_ms);
        gives_up_ms.map_or(look_ms, |gives_up_ms| look_ms.min(gives_up_ms))
    }

    /// The user, once registered.
    pub fn user(&self) -> Option<UserId> {
        match self.stage {
            Stage::Greeting(_) => None,
            Stage::Registered => Some(user_of(self.conn)),
        }
    }

    /// What is known of somebody who is not registered.
    pub fn greeting(&mut self) -> Option<&mut Greeting> {
        match &mut self.stage {
            Stage::Greeting(greeting) => Some(greeting),
            Stage::Registered => None,
        }
    }
}

/// The capabilities among some that take effect: some need others besides them.
pub(crate) fn understood(capabilities: Set) -> Set {
    if capabilities.has(&capability::BATCH) {
        capabilities
    } else {
        capabilities.without(&capability::MULTILINE)
    }
}
