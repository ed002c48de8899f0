//! One network: where it is, who we are there, the connection, and what its server has told.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;

use wire::Timestamp;

use crate::address::Address;
use crate::buffer::{Buffer, BufferId, Kind};
use crate::model::Model;
use crate::secret::{Secret, Source};
use crate::session::{Mechanism, Said, Session, Wanted};

/// Networks that a client may have; each has a connection and a buffer.
pub(crate) const NETWORKS_MAX: usize = 64;

/// Names a network as long as the program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct NetworkId(pub u32);

/// How far the connection is.
///
/// ```text
///   Off ──/connect──► Connecting ──► Up
///    ▲                 │    ▲        │
///    │ /disconnect     ▼    │        │
///    └────────────── Waiting ◄───────┘ lost
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    /// None, and none is wanted.
    Off,
    /// Another attempt is made at a time.
    Waiting { until: Timestamp },
    /// An attempt is under way.
    Connecting,
    /// It stands; the server may not have welcomed us yet.
    Up,
}

/// A line that waits for its echo.
#[derive(Clone, Debug)]
pub(crate) struct Pending {
    pub label: u32,
    pub buffer: BufferId,
    pub seq: u64,
    pub text: String,
}

/// A line that was typed without a connection.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub buffer: BufferId,
    pub seq: u64,
    pub said: Said,
    pub text: String,
    /// The id of the message that it answers, empty if it answers none.
    pub answers: Box<str>,
    pub at: Timestamp,
}

/// A PING on its way.
#[derive(Clone, Debug)]
pub(crate) struct Ping {
    pub token: String,
    pub at: Timestamp,
}

/// How one gets in, and what is done then.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Access {
    /// The server's password.
    pub password: Source,
    /// The account to log in to; with a certificate it may be empty.
    pub account: Option<String>,
    /// The account's password.
    pub account_password: Source,
    /// How to log in, if not the best way that both know.
    pub mechanism: Option<Mechanism>,
    /// A certificate of one's own and its key, in one PEM file.
    pub certificate: Option<PathBuf>,
    /// Whether one goes on without the account if the login fails.
    pub guest: bool,
    /// What is done after the welcome: commands with a slash, lines for the server without.
    pub commands: Vec<String>,
}

/// What was fetched for a connection before it stood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Prepared {
    /// The server's password.
    pub password: Option<Secret>,
    /// The account's password.
    pub login_password: Option<Secret>,
    /// A text that was never used before.
    pub nonce: String,
    /// Whether the connection is under TLS.
    pub tls: bool,
    /// Whether it stays on this machine.
    pub local: bool,
}

/// A certificate that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    /// Whose it is.
    pub address: Address,
    pub fingerprint: String,
    /// Whether the platform vouches for it, so that it is only not the one that was agreed to.
    pub vouched: bool,
}

/// What a person has set of himself, which a server forgets when the connection breaks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Own {
    /// Why he is away, if he is.
    pub away: Option<String>,
    /// His modes: set, or taken away.
    pub modes: BTreeMap<char, bool>,
}

/// A network. The model stands at one of them at a time, whose fields are then read like the model's own.
#[derive(Debug)]
pub(crate) struct Network {
    pub id: NetworkId,
    /// What it is called in commands.
    pub name: String,
    /// Its servers: one after another is tried. There is at least one.
    pub addresses: Vec<Address>,
    /// The one that is used or tried.
    pub address: Address,
    /// Who we want to be, and where: rooms are those to return to.
    pub wanted: Wanted,
    /// How one gets in.
    pub access: Access,
    /// Where the server has told us to come back by TLS, without a promise yet.
    pub upgrade: Option<Address>,
    /// The certificate that was refused.
    pub refused: Option<Refused>,
    /// The connection.
    pub link: Link,
    /// Attempts since the last welcome.
    pub tries: u32,
    /// Whether a login has succeeded since the program was started.
    pub was_logged_in: bool,
    /// What the person has done to himself by hand, so that it is done again after a reconnect.
    pub own: Own,
    /// What the server has told on this connection.
    pub session: Session,
    /// How long the server took to answer, in milliseconds.
    pub lag: Option<u64>,
    /// When the last PING was sent.
    pub pinged_at: Timestamp,
    /// The PING that is not answered yet.
    pub ping: Option<Ping>,
    /// When the last line was heard.
    pub heard_at: Timestamp,
    /// Lines that wait for their echo.
    pub pending: VecDeque<Pending>,
    /// Labels of the latest questions, and where they were asked.
    pub asked: VecDeque<(u32, BufferId)>,
    /// Lines that wait for a connection.
    pub kept: Vec<Kept>,
    /// The last label that was given to a line.
    pub last_label: u32,
    /// Nicks of which one wants to know when they come and go, and whether they are there.
    pub watched: BTreeMap<String, Option<bool>>,
    /// Since when we were not there, by the server's clock.
    pub away_since: Option<Timestamp>,
    /// Whether what was kept for the next time was taken up.
    pub taken_up: bool,
    /// Spreads the attempts of many clients over time. Zero spreads nothing.
    pub seed: u64,
}

impl Network {
    /// A network before the first attempt.
    pub fn new(id: NetworkId, name: String, now: Timestamp, address: Address, wanted: Wanted) -> Self {
        Self {
            id,
            name,
            addresses: vec![address.clone()],
            address,
            session: Session::new(wanted.clone()),
            wanted,
            access: Access::default(),
            upgrade: None,
            refused: None,
            link: Link::Off,
            tries: 0,
            was_logged_in: false,
            own: Own::default(),
            lag: None,
            pinged_at: now,
            ping: None,
            heard_at: now,
            pending: VecDeque::new(),
            asked: VecDeque::new(),
            kept: Vec::new(),
            last_label: 0,
            watched: BTreeMap::new(),
            away_since: None,
            taken_up: false,
            seed: 0,
        }
    }

    /// Whether the server has welcomed us and the connection stands.
    pub fn online(&self) -> bool {
        self.link == Link::Up && self.session.registered()
    }

    /// Under which name what is said here is kept. What has no name of its own is told apart by its port.
    pub fn store_key(&self) -> String {
        let own_name = self.name != self.addresses[0].host;
        if own_name { self.name.clone() } else { format!("{}-{}", self.name, self.addresses[0].port) }
    }

    /// The address after the one that has failed.
    pub fn next_address(&mut self) {
        let place = self.addresses.iter().position(|address| *address == self.address);
        let next = place.map_or(0, |place| (place + 1) % self.addresses.len());
        self.address = self.addresses[next].clone();
    }

    /// A wait, a little longer by chance: up to a quarter.
    pub fn spread(&mut self, ms: u64) -> u64 {
        // xorshift: good enough to keep clients apart.
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 7;
        self.seed ^= self.seed << 17;
        ms + ms / 4 * (self.seed % 1024) / 1024
    }
}

impl Model {
    /// Adds a network, at which the model then stands.
    pub fn add_network(&mut self, name: &str, address: Address, wanted: Wanted) {
        let mut unique = name.to_owned();
        while self.networks.iter().any(|network| network.name.eq_ignore_ascii_case(&unique)) {
            unique.push('_');
        }
        let id = NetworkId(self.network_ids);
        self.network_ids += 1;
        self.here = self.networks.len();
        let server = self.new_buffer(id, Kind::Server, &unique);
        let seed = self.networks.first().map_or(0, |network| network.seed);
        self.networks.push(Network { seed, ..Network::new(id, unique, self.now, address, wanted) });
        self.buffers.push(server);
    }

    /// Stands at the network of a buffer.
    pub fn stand_at(&mut self, buffer: usize) {
        self.here = self.place_of(self.buffers[buffer].network);
    }

    /// Does something at the network of a buffer.
    pub fn at_buffer(&mut self, buffer: usize, act: impl FnOnce(&mut Self)) {
        let stood = self.here;
        self.stand_at(buffer);
        act(self);
        self.here = stood;
    }

    /// The network of a buffer, wherever the model stands.
    pub fn network_of(&self, buffer: &Buffer) -> &Network {
        &self.networks[self.place_of(buffer.network)]
    }

    /// Does something at each network.
    pub fn at_each(&mut self, mut act: impl FnMut(&mut Self)) {
        let stood = self.here;
        for place in 0..self.networks.len() {
            self.here = place;
            act(self);
        }
        self.here = stood;
    }

    /// The place of the network's server's buffer.
    pub fn server(&self) -> usize {
        let here = |buffer: &Buffer| buffer.network == self.id && buffer.kind == Kind::Server;
        self.buffers.iter().position(here).expect("every network keeps its server's buffer")
    }

    fn place_of(&self, network: NetworkId) -> usize {
        let place = self.networks.iter().position(|known| known.id == network);
        place.expect("a network stays as long as it has buffers")
    }
}

impl std::ops::Deref for Model {
    type Target = Network;

    fn deref(&self) -> &Network {
        &self.networks[self.here]
    }
}

impl std::ops::DerefMut for Model {
    fn deref_mut(&mut self) -> &mut Network {
        &mut self.networks[self.here]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network() -> Network {
        let address = |port| Address { host: "chat.example".to_owned(), port, tls: false };
        let mut network =
            Network::new(NetworkId(0), "x".to_owned(), Timestamp(0), address(1), Wanted::default());
        network.addresses.push(address(2));
        network
    }

    #[test]
    fn one_address_after_another_is_tried() {
        let mut network = network();
        let mut port = || {
            network.next_address();
            network.address.port
        };
        assert_eq!([port(), port(), port()], [2, 1, 2]);
    }

    #[test]
    fn waits_are_spread_by_a_quarter_at_most() {
        let mut network = network();
        assert_eq!(network.spread(1000), 1000);
        network.seed = 7;
        let waits: Vec<u64> = (0..100).map(|_| network.spread(1000)).collect();
        assert!(waits.iter().all(|wait| (1000..1250).contains(wait)));
        assert!(waits.iter().any(|wait| *wait > 1100) && waits.iter().any(|wait| *wait < 1100));
    }
}
