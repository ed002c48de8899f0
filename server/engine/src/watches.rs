//! Who watches which nicks (IRCv3 monitor). Both directions, so that neither a nick that comes or goes nor a client that
//! leaves costs a walk over the others.

use std::collections::{BTreeMap, BTreeSet};

use wire::{Casemapping, Folded};

use crate::interface::ConnId;

/// The watched nicks.
#[derive(Debug, Default)]
pub(crate) struct Watches {
    watchers: BTreeMap<Folded, BTreeSet<ConnId>>,
    /// What each client watches, as it wrote it.
    watched: BTreeMap<ConnId, BTreeMap<Folded, String>>,
}

impl Watches {
    /// A client watches a nick. Says whether it may watch so many.
    pub fn add(&mut self, conn: ConnId, nick: &str, monitored_max: usize) -> bool {
        let key = Casemapping::Ascii.fold(nick);
        let watched = self.watched.entry(conn).or_default();
        if watched.len() >= monitored_max && !watched.contains_key(&key) {
            return false;
        }
        watched.insert(key.clone(), nick.to_owned());
        self.watchers.entry(key).or_default().insert(conn);
        true
    }

    /// A client does not watch a nick any more.
    pub fn remove(&mut self, conn: ConnId, nick: &str) {
        let key = Casemapping::Ascii.fold(nick);
        if let Some(watched) = self.watched.get_mut(&conn) {
            watched.remove(&key);
            if watched.is_empty() {
                self.watched.remove(&conn);
            }
        }
        self.unlist(conn, &key);
    }

    /// A client watches nothing any more.
    pub fn clear(&mut self, conn: ConnId) {
        for key in self.watched.remove(&conn).unwrap_or_default().into_keys() {
            self.unlist(conn, &key);
        }
    }

    /// Whether nobody watches any.
    pub fn is_empty(&self) -> bool {
        self.watchers.is_empty()
    }

    /// Who watches a nick.
    pub fn of(&self, nick: &str) -> Vec<ConnId> {
        if self.is_empty() {
            return Vec::new();
        }
        let watchers = self.watchers.get(&*Casemapping::Ascii.folded(nick));
        watchers.into_iter().flatten().copied().collect()
    }

    /// What a client watches, as it wrote it.
    pub fn by(&self, conn: ConnId) -> Vec<String> {
        self.watched.get(&conn).into_iter().flat_map(BTreeMap::values).cloned().collect()
    }

    /// Asserts that both directions say the same, and that every watcher exists.
    pub fn check(&self, exists: impl Fn(ConnId) -> bool) {
        let links = |count: usize, set: &BTreeSet<ConnId>| count + set.len();
        let watchers = self.watchers.values().fold(0, links);
        assert_eq!(
            watchers,
            self.watched.values().map(BTreeMap::len).sum::<usize>(),
            "each watch has two ends"
        );
        for (conn, watched) in &self.watched {
            assert!(exists(*conn) && !watched.is_empty(), "a watcher is here and watches something");
            assert!(watched.keys().all(|key| self.watchers[key].contains(conn)), "each watch has two ends");
        }
    }

    fn unlist(&mut self, conn: ConnId, key: &Folded) {
        if let Some(watchers) = self.watchers.get_mut(key) {
            watchers.remove(&conn);
            if watchers.is_empty() {
                self.watchers.remove(key);
            }
        }
    }
}
