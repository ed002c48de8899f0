//! One connection: how far its registration is, what it understands, when it was heard. Local to this process.

use std::collections::BTreeSet;

use wire::Nick;
use wire::capability::{self, Set};

use crate::commands::Sending;
use crate::interface::{ConnId, Now, Peer, Secret};
use crate::limits::Limits;
use crate::listing::Answering;
use crate::world::{Metadata, UserId};

/// A connection's own state.
#[derive(Debug)]
pub(crate) struct Session {
    pub conn: ConnId,
    pub peer: Peer,
    pub stage: Stage,
    /// The capabilities that the client asked for and got.
    pub capabilities: Set,
    /// The version of `CAP LS`, e.g. 302; 0 if it has not been used.
    pub capability_version: u32,
    /// The keys of metadata of which it wants to be told.
    pub subscriptions: BTreeSet<String>,
    /// What a password is being checked for.
    pub checking: Option<Checking>,
    /// The label under which that is answered.
    pub label: Option<String>,
    /// How often OPER has failed.
    pub failed_opers: usize,
    /// What it still has to be told.
    pub answering: Answering,
    /// When the last line came.
    pub heard_ms: u64,
    /// When a PING went out that has to be answered with some line.
    pub pinged_ms: Option<u64>,
    /// A batch that the client is sending.
    pub sending: Option<Sending>,
    /// When it has to be looked at again.
    pub deadline_ms: u64,
}

/// ```text
///   Greeting ── NICK, USER, CAP END, password ──► Registered
/// ```
#[derive(Debug)]
pub(crate) enum Stage {
    /// Not registered yet; what is known so far.
    Greeting(Greeting),
    /// Registered.
    Registered(UserId),
}

#[derive(Debug, Default)]
pub(crate) struct Greeting {
    pub nick: Option<Nick>,
    /// User name and real name.
    pub user: Option<(String, String)>,
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
        Self {
            conn,
            peer,
            stage: Stage::Greeting(Greeting::default()),
            capabilities: Set::NONE,
            capability_version: 0,
            subscriptions: BTreeSet::new(),
            checking: None,
            label: None,
            failed_opers: 0,
            answering: Answering::default(),
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
        if self.capabilities.has(&capability::BATCH) {
            self.capabilities
        } else {
            self.capabilities.without(&capability::MULTILINE)
        }
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
            Stage::Registered(user) => Some(user),
        }
    }

    /// What is known of somebody who is not registered.
    pub fn greeting(&mut self) -> Option<&mut Greeting> {
        match &mut self.stage {
            Stage::Greeting(greeting) => Some(greeting),
            Stage::Registered(_) => None,
        }
    }
}
