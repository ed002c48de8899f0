//! What belongs to names: looked for by the name once, and then found where it was.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Bound;

use wire::Folded;

/// What belongs to names. All of it is gone through in the order of the names. It stays in its place as long as it is
/// there: who remembers that need not compare names to find it again.
#[derive(Clone, Debug)]
pub(crate) struct Named<T> {
    places: BTreeMap<Folded, usize>,
    /// By the place. There are as many places as there were things at once.
    things: Vec<Option<(Folded, Box<T>)>>,
    free: Vec<usize>,
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self { places: BTreeMap::new(), things: Vec::new(), free: Vec::new() }
    }
}

impl<T> Named<T> {
    /// Something belongs to a name to which nothing did. Says its place, which `make` is told too.
    pub fn insert(&mut self, name: &Folded, make: impl FnOnce(usize) -> T) -> usize {
        let place = self.free.pop().unwrap_or_else(|| {
            self.things.push(None);
            self.things.len() - 1
        });
        self.things[place] = Some((name.clone(), Box::new(make(place))));
        let before = self.places.insert(name.clone(), place);
        assert!(before.is_none(), "a name has one place");
        place
    }

    /// What belongs to a name, which begins as nothing special.
    pub fn get_or_default(&mut self, name: &Folded) -> &mut T
    where
        T: Default,
    {
        let place = self.places.get(name).copied();
        let place = place.unwrap_or_else(|| self.insert(name, |_| T::default()));
        self.at_mut(place)
    }

    /// Nothing belongs to a name any more.
    pub fn remove(&mut self, name: &Folded) -> Option<T> {
        let place = self.places.remove(name)?;
        self.free.push(place);
        self.things[place].take().map(|(_, thing)| *thing)
    }

    /// The place of what belongs to a name, which is mostly where it is believed to be.
    #[inline]
    pub fn place(&self, name: &Folded, believed: usize) -> Option<usize> {
        match self.things.get(believed) {
            Some(Some((known, _))) if known == name => Some(believed),
            _ => self.places.get(name).copied(),
        }
    }

    /// The place of what belongs to a name in lower case.
    pub fn place_of(&self, name: &str) -> Option<usize> {
        self.places.get(name).copied()
    }

    /// Asserts that each name has its place, and that all others are free.
    pub fn check(&self) {
        for (name, place) in &self.places {
            let known = self.things[*place].as_ref().map(|(known, _)| known);
            assert_eq!(known, Some(name), "what is in a place says its name");
        }
        assert_eq!(self.places.len() + self.free.len(), self.things.len(), "no place is lost");
    }

    /// What is in a place.
    ///
    /// # Panics
    /// If nothing is.
    #[inline]
    pub fn at(&self, place: usize) -> &T {
        self.things[place].as_ref().map(|(_, thing)| thing).expect("what has a place is there")
    }

    /// The same, to change it.
    #[inline]
    pub fn at_mut(&mut self, place: usize) -> &mut T {
        self.things[place].as_mut().map(|(_, thing)| thing).expect("what has a place is there")
    }

    /// What belongs to a name.
    pub fn get(&self, name: &Folded) -> Option<&T> {
        self.places.get(name).map(|place| self.at(*place))
    }

    /// The same, to change it.
    pub fn get_mut(&mut self, name: &Folded) -> Option<&mut T> {
        self.places.get(name).copied().map(|place| self.at_mut(place))
    }

    /// Names and what belongs to them, in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Folded, &T)> {
        self.places.iter().map(|(name, place)| (name, self.at(*place)))
    }

    /// What belongs to the names behind one, or to all.
    pub fn after(&self, last: Option<&Folded>) -> impl Iterator<Item = &T> {
        let after = (last.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded);
        self.places.range::<Folded, _>(after).map(|(_, place)| self.at(*place))
    }
}

/// Where something was found last. Nothing follows from it but how long it takes to find something again, and so worlds
/// that differ in it are shown alike.
#[derive(Clone, Default)]
pub(crate) struct Lead(pub Cell<usize>);

impl fmt::Debug for Lead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lead")
    }
}

/// Where what belongs to the names of channels was found last, by the places of the channels.
#[derive(Clone, Debug, Default)]
pub(crate) struct Leads(Vec<usize>);

impl Leads {
    /// What belongs to the name of the channel in a place; if nothing does, what is made.
    pub fn follow<'a, T>(
        &mut self,
        channel: usize,
        name: &Folded,
        named: &'a mut Named<T>,
        make: impl FnOnce() -> T,
    ) -> &'a mut T {
        if self.0.len() <= channel {
            self.0.resize(channel + 1, 0);
        }
        let lead = &mut self.0[channel];
        *lead = named.place(name, *lead).unwrap_or_else(|| named.insert(name, |_| make()));
        named.at_mut(*lead)
    }
}

#[cfg(test)]
mod tests {
    use wire::Casemapping;

    use super::*;

    #[test]
    fn what_belongs_to_a_name_is_found_wherever_it_is_believed_to_be() {
        let [ada, bob, cid] = ["ada", "bob", "cid"].map(|name| Casemapping::Ascii.fold(name));
        let mut named = Named::default();
        assert_eq!((named.insert(&bob, |place| place), named.insert(&ada, |place| place)), (0, 1));
        for believed in [0, 1, 2, usize::MAX] {
            let found = [&ada, &bob, &cid].map(|name| named.place(name, believed));
            assert_eq!(found, [Some(1), Some(0), None], "{believed}");
        }
        assert_eq!(named.remove(&bob), Some(0));
        assert_eq!(named.insert(&cid, |_| 7), 0);
        assert_eq!(
            [&bob, &cid].map(|name| named.place(name, 0)),
            [None, Some(0)],
            "a place has another thing"
        );
        assert_eq!((named.get(&cid), named.place_of("cid")), (Some(&7), Some(0)));
        assert_eq!(named.iter().collect::<Vec<_>>(), [(&ada, &1), (&cid, &7)]);
        assert_eq!(named.after(Some(&ada)).collect::<Vec<_>>(), [&7]);
    }
}
