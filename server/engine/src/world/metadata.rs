//! What is known of a user or a channel besides: keys and values (IRCv3 metadata).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::rare::Rare;

/// Keys and their values, in the order of the keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata(Rare<BTreeMap<Arc<str>, Arc<str>>>);

impl Metadata {
    /// Gives a key a value, or takes it away. Says whether that changed anything. A key that has no value gets none if
    /// there are `keys_max` already.
    pub fn put(&mut self, key: &str, value: Option<&str>, keys_max: usize) -> bool {
        match value {
            None => self.0.change(|pairs| pairs.remove(key)).is_some(),
            Some(value) if self.get(key) == Some(value) || !self.has_room_for(key, keys_max) => false,
            Some(value) => {
                self.0.change(|pairs| pairs.insert(key.into(), value.into()));
                true
            }
        }
    }

    /// Whether a key can have a value if there may be so many.
    pub fn has_room_for(&self, key: &str, keys_max: usize) -> bool {
        self.get(key).is_some() || self.iter().count() < keys_max
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get()?.get(key).map(|value| &**value)
    }

    /// All keys with their values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.get().into_iter().flatten().map(|(key, value)| (&**key, &**value))
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.0.get().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_nothing_says_so() {
        let mut metadata = Metadata::default();
        #[rustfmt::skip]
        let table = [
            // key  value        changes
            ("a",   Some("1"),   true ),
            ("a",   Some("1"),   false),
            ("a",   Some(""),    true ),
            ("b",   None,        false),
            ("b",   Some("2"),   true ),
            ("c",   Some("3"),   false),
            ("b",   Some("4"),   true ),
            ("a",   None,        true ),
            ("c",   Some("3"),   true ),
        ];
        for (key, value, changes) in table {
            assert_eq!(metadata.put(key, value, 2), changes, "{key} {value:?}");
        }
        assert_eq!(metadata.iter().collect::<Vec<_>>(), [("b", "4"), ("c", "3")]);
    }
}
