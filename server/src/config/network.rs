//! Networks in the configuration.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A network such as `127.0.0.0/8` or `::1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network(pub wire::Network);

impl Network {
    /// The machine itself.
    pub const LOOPBACK: [Network; 2] = [
        Network(wire::Network::new(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 0)), 8)),
        Network(wire::Network::new(IpAddr::V6(Ipv6Addr::LOCALHOST), 128)),
    ];

    /// Whether the address is in the network.
    pub fn has(&self, address: IpAddr) -> bool {
        self.0.has(address)
    }
}

impl Serialize for Network {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(serde::de::Error::custom)
    }
}
