//! Networks: an address and how many of its leading bits count.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// A network such as `127.0.0.0/8` or `::1`. An IPv4 address in IPv6 clothes counts as IPv4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

/// What is no network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoNetwork;

impl fmt::Display for NoNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a network: write an address, or an address and its leading bits as in 192.0.2.0/24")
    }
}

impl std::error::Error for NoNetwork {}

impl Network {
    /// The network of an address and so many of its leading bits, at most all.
    pub const fn new(address: IpAddr, bits: u8) -> Self {
        assert!(bits <= if address.is_ipv4() { 32 } else { 128 }, "an address has no more bits");
        Self { address, bits }
    }

    /// The address as it was written.
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// How many of its leading bits count.
    pub fn bits(&self) -> u8 {
        self.bits
    }

    /// Whether the address is in the network.
    pub fn has(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(ours), IpAddr::V4(other)) => {
                let differing = ours.to_bits() ^ other.to_bits();
                differing.leading_zeros() >= u32::from(self.bits)
            }
            (IpAddr::V6(ours), IpAddr::V6(other)) => {
                let differing = ours.to_bits() ^ other.to_bits();
                differing.leading_zeros() >= u32::from(self.bits)
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = NoNetwork;

    fn from_str(text: &str) -> Result<Self, NoNetwork> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| NoNetwork)?;
        let bits_max = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(bits_max), |bits| bits.parse().map_err(|_| NoNetwork))?;
        if bits > bits_max {
            return Err(NoNetwork);
        }
        Ok(Self { address, bits })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_in_a_network_or_not() {
        #[rustfmt::skip]
        let table = [
            ("127.0.0.0/8",   "127.255.0.1",        true),
            ("127.0.0.0/8",   "128.0.0.0",          false),
            ("127.0.0.0/8",   "::ffff:127.0.0.1",   true),
            ("192.0.2.7",     "192.0.2.7",          true),
            ("192.0.2.7",     "192.0.2.6",          false),
            ("192.0.2.7/31",  "192.0.2.6",          true),
            ("0.0.0.0/0",     "203.0.113.9",        true),
            ("0.0.0.0/0",     "2001:db8::1",        false),
            ("::/0",          "2001:db8::1",        true),
            ("2001:db8::/33", "2001:db8:7fff::1",   true),
            ("2001:db8::/33", "2001:db8:8000::1",   false),
            ("::1",           "::1",                true),
            ("::1",           "::2",                false),
        ];
        for (network, address, inside) in table {
            let parsed: Network = network.parse().unwrap();
            assert_eq!(parsed.has(address.parse().unwrap()), inside, "{address} in {network}");
            assert_eq!(parsed.to_string().parse(), Ok(parsed), "{network}");
        }
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in ["", "/", "localhost", "127.0.0.1/33", "::/129", "127.0.0.1/", "127.0.0.1/-1", "1.2.3/8"]
        {
            assert_eq!(text.parse::<Network>(), Err(NoNetwork), "{text:?}");
        }
    }
}
