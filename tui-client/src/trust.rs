//! What is remembered of servers over restarts: certificates that a person has agreed to, and promises to be reached by
//! TLS only (STS).

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use wire::Timestamp;

use crate::files;
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

/// What is to be remembered from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// A person has agreed to a certificate.
    Agreed { address: Address, fingerprint: String },
    /// A certificate is not needed any more.
    Forgotten(Address),
    /// A host has promised, over TLS, to be reached by it for so many seconds; with none it takes that back.
    Promised { host: String, port: u16, duration: u64, at: Timestamp },
    /// The connection to a host has ended: its promise counts from then.
    Ended { host: String, at: Timestamp },
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

    /// Where a host is to be reached by TLS, if it has promised that and the promise holds.
    pub fn promised(&self, host: &str, now: Timestamp) -> Option<u16> {
        let promise = self.sts.get(&host.to_lowercase())?;
        (promise.until > now.seconds()).then_some(promise.port)
    }

    /// Takes a change. Whether anything is different now.
    pub fn apply(&mut self, change: &Change) -> bool {
        match change.clone() {
            Change::Agreed { address, fingerprint } => {
                let address = address.to_string().to_lowercase();
                let room =
                    self.certificates.len() < REMEMBERED_MAX || self.certificates.contains_key(&address);
                room && self.certificates.insert(address, fingerprint.clone()) != Some(fingerprint)
            }
            Change::Forgotten(address) => {
                self.certificates.remove(&address.to_string().to_lowercase()).is_some()
            }
            Change::Promised { host, duration: 0, .. } => self.sts.remove(&host.to_lowercase()).is_some(),
            Change::Promised { host, port, duration, at } => {
                let (host, duration) = (host.to_lowercase(), duration.min(PROMISE_SECONDS_MAX));
                if self.sts.len() >= REMEMBERED_MAX && !self.sts.contains_key(&host) {
                    return false;
                }
                let promise = Promise { port, duration, until: at.seconds() + duration };
                self.sts.insert(host, promise) != Some(promise)
            }
            Change::Ended { host, at } => {
                let Some(promise) = self.sts.get_mut(&host.to_lowercase()) else { return false };
                promise.until = at.seconds() + promise.duration;
                true
            }
        }
    }

    /// Adds a change to what stands in a file, which other clients may have changed meanwhile, and returns all of it.
    ///
    /// # Errors
    /// If the file cannot be read or written; then it is as it was.
    pub fn remember(path: &Path, change: &Change) -> Result<Self, String> {
        let mut trust = Self::default();
        files::change(path, |text| {
            trust = Self::parse(text)?;
            trust.apply(change);
            Ok(trust.to_text())
        })
        .map_err(|why| format!("{}: cannot be written: {why}", path.display()))?;
        Ok(trust)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp(seconds * 1000)
    }

    fn promised(duration: u64, seconds: u64) -> Change {
        Change::Promised { host: "Chat.Example".to_owned(), port: 6697, duration, at: at(seconds) }
    }

    fn agreed(host: &str) -> Change {
        let address = Address { host: host.to_owned(), port: 6697, tls: true };
        Change::Agreed { address, fingerprint: "AB:CD".to_owned() }
    }

    #[test]
    fn a_promise_holds_until_its_end_and_counts_from_the_end_of_the_connection() {
        let ended = Change::Ended { host: "chat.example".to_owned(), at: at(1100) };
        let mut trust = Trust::default();
        assert!(trust.apply(&promised(100, 1000)));
        assert_eq!(trust.promised("chat.example", at(1099)), Some(6697));
        assert_eq!(trust.promised("chat.example", at(1100)), None);
        assert!(trust.apply(&ended));
        trust.apply(&agreed("::1"));
        assert_eq!(Trust::parse(&trust.to_text()), Ok(trust.clone()));
        assert!(Trust::parse("[sts.x]\nport = 1").is_err());
        assert_eq!(trust.promised("chat.example", at(1199)), Some(6697));
        assert!(trust.apply(&promised(0, 1150)), "it takes its promise back");
        assert_eq!(trust.promised("chat.example", at(1150)), None);
        assert!(!trust.apply(&ended));
    }

    #[test]
    fn what_several_clients_learn_at_once_is_all_remembered() {
        let home = tempfile::tempdir().unwrap();
        let path = &home.path().join("deep/trust.toml");
        std::thread::scope(|scope| {
            for client in 0..4 {
                scope.spawn(move || {
                    for number in 0..10 {
                        Trust::remember(path, &agreed(&format!("{client}.{number}"))).unwrap();
                    }
                });
            }
        });
        let all = Trust::remember(path, &promised(10, 0)).unwrap();
        assert_eq!((all.certificates.len(), all.sts.len()), (40, 1));
        let forgotten = Change::Forgotten(Address { host: "0.0".to_owned(), port: 6697, tls: true });
        assert_eq!(Trust::remember(path, &forgotten).unwrap().certificates.len(), 39);

        std::fs::write(path, "certificates = 1").unwrap();
        assert!(Trust::remember(path, &promised(10, 0)).unwrap_err().contains("cannot be written"));
        assert_eq!(std::fs::read_to_string(path).unwrap(), "certificates = 1", "what cannot be read stays");
    }
}
