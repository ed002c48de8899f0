//! Up to where a user has read.

use std::collections::BTreeMap;

use wire::{Casemapping, Folded, Timestamp};

use crate::rare::Rare;

use super::{Stale, UserId, World};

/// The time of the last message read, by channel or nick.
#[derive(Clone, Debug, Default)]
pub struct ReadMarks(Rare<BTreeMap<Folded, Timestamp>>);

impl ReadMarks {
    /// Up to where a channel or the messages of a nick were read.
    pub fn get(&self, target: &str) -> Option<Timestamp> {
        self.0.get()?.get(&*Casemapping::Ascii.folded(target)).copied()
    }

    /// A mark moves forward. Of more than `marks_max` the earliest goes.
    fn put(&mut self, target: &str, read: Timestamp, marks_max: usize) -> Result<(), Stale> {
        if self.get(target).is_some_and(|known| known >= read) || marks_max == 0 {
            return Err(Stale);
        }
        self.0.change(|marks| {
            marks.insert(Casemapping::Ascii.fold(target), read);
            while marks.len() > marks_max {
                let earliest = marks.iter().min_by_key(|(_, read)| **read).map(|(key, _)| key.clone());
                marks.remove(&earliest.expect("there are too many, so there is one"));
            }
        });
        Ok(())
    }

    /// A channel is called otherwise.
    pub(super) fn rename(&mut self, from: &Folded, to: &Folded) {
        self.0.change(|marks| {
            if let Some(read) = marks.remove(from) {
                marks.insert(to.clone(), read);
            }
        });
    }
}

impl World {
    /// A user has read up to a time.
    pub fn mark_read(
        &mut self,
        id: UserId,
        target: &str,
        read: Timestamp,
        marks_max: usize,
    ) -> Result<(), Stale> {
        self.users.get_mut(id).ok_or(Stale)?.read_marks.put(target, read, marks_max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_only_move_forward_and_are_so_many_at_the_most() {
        let mut marks = ReadMarks::default();
        assert_eq!(marks.put("#a", Timestamp(20), 2), Ok(()));
        assert_eq!(marks.put("#A", Timestamp(20), 2), Err(Stale));
        assert_eq!(marks.put("#A", Timestamp(21), 2), Ok(()));
        assert_eq!(marks.put("bob", Timestamp(10), 2), Ok(()));
        assert_eq!(marks.put("#c", Timestamp(30), 2), Ok(()));
        assert_eq!(
            (marks.get("#a"), marks.get("bob"), marks.get("#C")),
            (Some(Timestamp(21)), None, Some(Timestamp(30)))
        );
        assert_eq!(marks.put("#d", Timestamp(40), 0), Err(Stale));
    }
}
