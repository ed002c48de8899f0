//! What is remembered of servers over restarts: certificates that a person has agreed to, and promises to be reached by
//! TLS only (STS).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use wire::Timestamp;

use crate::model::Address;

/// Promises and certificates that are remembered; of more nothing new is.
const REMEMBERED_MAX: usize = 1000;
/// The longest time for which a promise holds, in seconds: ten years.
const PROMISE_SECONDS_MAX: u64 = 10 * 366 * 86_400;

/// What is remembered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Trust {
    /// Fingerprints by `host:port`.
    certificates: BTreeMap<String, String>,
    /// Promises by host.
    sts: BTreeMap<String, Promise>,
}

/// A server's promise that it is reached by TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Promise {
    port: u16,
    /// For how long it holds after a connection, in seconds.
    duration: u64,
    /// Until when it holds, in seconds since 1970.
    until: u64,
}

impl Trust {
    /// Reads what was remembered.
    ///
    /// # Errors
    /// What is wrong with the text. It is not passed over: what was agreed to would be forgotten silently.
    pub fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| error.to_string().trim().to_owned())
    }

    /// As it is remembered.
    pub fn to_text(&self) -> String {
        toml::to_string(self).expect("maps of numbers and texts can be written")
    }

    /// The fingerprint that was agreed to.
    pub fn pin(&self, address: &Address) -> Option<&str> {
        self.certificates.get(&address.to_string().to_lowercase()).map(String::as_str)
    }

    /// A person has agreed to a fingerprint.
    pub fn agree(&mut self, address: &Address, fingerprint: &str) {
        if self.certificates.len() < REMEMBERED_MAX {
            self.certificates.insert(address.to_string().to_lowercase(), fingerprint.to_owned());
        }
    }

    /// Where a host is to be reached by TLS, if it has promised that and the promise holds.
    pub fn promised(&self, host: &str, now: Timestamp) -> Option<u16> {
        let promise = self.sts.get(&host.to_lowercase())?;
        (promise.until > now.seconds()).then_some(promise.port)
    }

    /// A host has promised, over TLS. Whether anything is different now.
    pub fn promise(&mut self, host: &str, port: u16, duration: u64, now: Timestamp) -> bool {
        let host = host.to_lowercase();
        if duration == 0 {
            return self.sts.remove(&host).is_some();
        }
        let duration = duration.min(PROMISE_SECONDS_MAX);
        let until = now.seconds() + duration;
        if self.sts.len() >= REMEMBERED_MAX && !self.sts.contains_key(&host) {
            return false;
        }
        let promise = Promise { port, duration, until };
        self.sts.insert(host, promise) != Some(promise)
    }

    /// The connection to a host has ended: its promise counts from now. Whether there is one.
    pub fn ended(&mut self, host: &str, now: Timestamp) -> bool {
        let Some(promise) = self.sts.get_mut(&host.to_lowercase()) else { return false };
        promise.until = now.seconds() + promise.duration;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_holds_until_its_end_and_counts_from_the_end_of_the_connection() {
        let at = |seconds: u64| Timestamp(seconds * 1000);
        let mut trust = Trust::default();
        assert!(trust.promise("Chat.Example", 6697, 100, at(1000)));
        assert_eq!(trust.promised("chat.example", at(1099)), Some(6697));
        assert_eq!(trust.promised("chat.example", at(1100)), None);
        assert!(trust.ended("chat.example", at(1100)));
        trust.agree(&Address { host: "::1".to_owned(), port: 6697, tls: true }, "AB:CD");
        assert_eq!(Trust::parse(&trust.to_text()), Ok(trust.clone()));
        assert!(Trust::parse("[sts.x]\nport = 1").is_err());
        assert_eq!(trust.promised("chat.example", at(1199)), Some(6697));
        assert!(trust.promise("chat.example", 6697, 0, at(1150)), "it takes its promise back");
        assert_eq!(trust.promised("chat.example", at(1150)), None);
        assert!(!trust.ended("chat.example", at(1150)));
    }
}
