//! What belongs to the connections, or to their users: found at once, however many there are.

use std::collections::BTreeSet;
use std::ops::Bound;

use crate::interface::ConnId;
use crate::outgoing::conn_of;
use crate::world::UserId;

/// An id that says in which slot it is.
pub(crate) trait Slotted: Copy + Ord {
    /// The slot of its connection.
    fn slot(self) -> usize;
}

impl Slotted for ConnId {
    fn slot(self) -> usize {
        ConnId::slot(self)
    }
}

impl Slotted for UserId {
    fn slot(self) -> usize {
        conn_of(self).slot()
    }
}

/// What belongs to ids. All of it is gone through in the order of the ids, which is that of connecting.
#[derive(Clone, Debug)]
pub(crate) struct Slots<K, T> {
    /// By the slot: a search for one of ten thousand ids would look at some thirty others.
    places: Vec<Option<(K, Box<T>)>>,
    order: BTreeSet<K>,
}

impl<K, T> Default for Slots<K, T> {
    fn default() -> Self {
        Self { places: Vec::new(), order: BTreeSet::new() }
    }
}

impl<K: Slotted, T> Slots<K, T> {
    /// Something belongs to an id from now on.
    ///
    /// # Panics
    /// If the slot has another id: connections that are there at the same time have different ones.
    pub fn insert(&mut self, id: K, value: T) {
        let slot = id.slot();
        if self.places.len() <= slot {
            self.places.resize_with(slot + 1, || None);
        }
        let before = self.places[slot].replace((id, Box::new(value)));
        assert!(before.is_none(), "a slot has one connection");
        self.order.insert(id);
    }

    /// Nothing belongs to an id any more.
    pub fn remove(&mut self, id: K) -> Option<Box<T>> {
        self.get(id)?;
        self.order.remove(&id);
        self.places[id.slot()].take().map(|(_, value)| value)
    }

    /// What belongs to an id.
    #[inline]
    pub fn get(&self, id: K) -> Option<&T> {
        let (known, value) = self.places.get(id.slot())?.as_ref()?;
        if *known == id { Some(value) } else { None }
    }

    /// The same, to change it.
    #[inline]
    pub fn get_mut(&mut self, id: K) -> Option<&mut T> {
        let (known, value) = self.places.get_mut(id.slot())?.as_mut()?;
        if *known == id { Some(value) } else { None }
    }

    /// Whether anything belongs to an id.
    pub fn has(&self, id: K) -> bool {
        self.get(id).is_some()
    }

    /// To how many ids something belongs.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// The ids, in order.
    pub fn ids(&self) -> impl ExactSizeIterator<Item = K> {
        self.order.iter().copied()
    }

    /// What belongs to each, in their order.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &T> {
        self.order.iter().map(|id| self.of(*id))
    }

    /// The same for those behind an id, or all.
    pub fn values_after(&self, last: Option<K>) -> impl Iterator<Item = &T> {
        let after = (last.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded);
        self.order.range(after).map(|id| self.of(*id))
    }

    /// What belongs to each, in their order, to change it. It takes as long as to sort them.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        let mut all: Vec<&mut (K, Box<T>)> = self.places.iter_mut().flatten().collect();
        all.sort_unstable_by_key(|(id, _)| *id);
        all.into_iter().map(|(_, value)| &mut **value)
    }

    fn of(&self, id: K) -> &T {
        self.get(id).expect("what is in order is in its place")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_belongs_to_an_id_is_found_by_no_other_of_the_same_slot() {
        let mut slots = Slots::default();
        let [early, late, next] = [(1, 5), (2, 0), (3, 5)].map(|(serial, slot)| ConnId::new(serial, slot));
        slots.insert(late, "late");
        slots.insert(early, "early");
        assert_eq!((slots.get(early), slots.get(next)), (Some(&"early"), None));
        assert_eq!(slots.remove(next), None);
        assert_eq!((slots.ids().collect::<Vec<_>>(), slots.len()), (vec![early, late], 2));
        assert_eq!(slots.remove(early).as_deref(), Some(&"early"));
        slots.insert(next, "next");
        *slots.get_mut(next).unwrap() = "other";
        assert!(slots.has(next) && !slots.has(early) && slots.get_mut(early).is_none());
        assert_eq!(slots.values().collect::<Vec<_>>(), [&"late", &"other"]);
        assert_eq!(slots.values_mut().collect::<Vec<_>>(), [&"late", &"other"]);
        assert_eq!(slots.values_after(Some(late)).collect::<Vec<_>>(), [&"other"]);
        assert_eq!(slots.get(ConnId(u64::MAX)), None);
    }
}
