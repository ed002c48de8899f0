//! Who may come in: how many at once, in all and from one address.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::{IpAddr, Ipv6Addr};

use crate::config::{Connections, Network};

/// Why somebody may not come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There are too many.
    Full,
    /// There are too many from the same address.
    Crowded,
}

impl Refusal {
    /// The line that he is told, with its end.
    pub fn line(self) -> &'static [u8] {
        match self {
            Self::Full => b"ERROR :The server is full\r\n",
            Self::Crowded => b"ERROR :Too many connections from your address\r\n",
        }
    }
}

/// The count of those who are in.
#[derive(Debug, Default)]
pub struct Admission {
    total: usize,
    /// Only those of addresses that are limited.
    from: HashMap<IpAddr, usize>,
}

impl Admission {
    /// Counts somebody in, or says why not.
    pub fn enter(&mut self, address: Option<IpAddr>, limits: &Connections) -> Result<(), Refusal> {
        if self.total >= limits.max {
            return Err(Refusal::Full);
        }
        if let Some(address) = address {
            let count = self.from.entry(household(address)).or_default();
            if limits.per_address_max != 0 && *count >= limits.per_address_max {
                return Err(Refusal::Crowded);
            }
            *count += 1;
        }
        self.total += 1;
        Ok(())
    }

    /// Counts somebody out again, as he was counted in.
    pub fn leave(&mut self, address: Option<IpAddr>) {
        self.total -= 1;
        let Some(address) = address else { return };
        if let Entry::Occupied(mut count) = self.from.entry(household(address)) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

/// Whether limits do not apply to an address. Who has none came through a Unix socket, whose permissions decide.
pub fn is_trusted(address: Option<IpAddr>, trusted: &[Network]) -> bool {
    address.is_none_or(|address| trusted.iter().any(|network| network.has(address)))
}

/// What counts as one address: in IPv6, the network that one household gets.
fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn the_limits_are_exact() {
        let limits = Connections { max: 4, per_address_max: 2, ..Connections::default() };
        let mut admission = Admission::default();
        assert_eq!(admission.enter(ip("2001:db8::1"), &limits), Ok(()));
        assert_eq!(admission.enter(ip("2001:db8::2"), &limits), Ok(()));
        assert_eq!(admission.enter(ip("2001:db8::3"), &limits), Err(Refusal::Crowded), "the same /64");
        assert_eq!(admission.enter(ip("2001:db8:0:1::3"), &limits), Ok(()), "another /64");
        assert_eq!(admission.enter(None, &limits), Ok(()));
        assert_eq!(admission.enter(ip("192.0.2.1"), &limits), Err(Refusal::Full));
        admission.leave(ip("2001:db8::1"));
        assert_eq!(admission.enter(ip("2001:db8::9"), &limits), Ok(()));
        for address in [ip("2001:db8::2"), ip("2001:db8::9"), ip("2001:db8:0:1::3"), None] {
            admission.leave(address);
        }
        assert_eq!(
            (admission.total, admission.from.len()),
            (0, 0),
            "nothing is remembered of those who left"
        );
    }

    #[test]
    fn an_old_address_in_new_clothes_is_the_same() {
        let limits = Connections { per_address_max: 1, ..Connections::default() };
        let mut admission = Admission::default();
        assert_eq!(admission.enter(ip("192.0.2.1"), &limits), Ok(()));
        assert_eq!(admission.enter(ip("::ffff:192.0.2.1"), &limits), Err(Refusal::Crowded));
    }

    #[test]
    fn the_machine_itself_and_unix_sockets_are_trusted() {
        let trusted = Connections::default().trusted;
        assert!(is_trusted(None, &trusted) && is_trusted(ip("127.0.0.9"), &trusted));
        assert!(is_trusted(ip("::1"), &trusted) && !is_trusted(ip("192.0.2.1"), &trusted));
        assert!(is_trusted(None, &[]) && !is_trusted(ip("127.0.0.1"), &[]));
    }
}
