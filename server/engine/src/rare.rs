//! What most do not have.

/// A collection that is empty with most of those who could have one: then it takes one word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rare<T>(Option<Box<T>>);

impl<T> Default for Rare<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Default + PartialEq> Rare<T> {
    /// What is in it, if anything is.
    pub fn get(&self) -> Option<&T> {
        self.0.as_deref()
    }

    /// Changes what is in it. If nothing is left, its memory is given back.
    pub fn change<R>(&mut self, change: impl FnOnce(&mut T) -> R) -> R {
        let outcome = change(self.0.get_or_insert_default());
        if self.0.as_deref().is_some_and(|inside| *inside == T::default()) {
            self.0 = None;
        }
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_empty_again_takes_no_memory() {
        let mut rare = Rare::<Vec<u8>>::default();
        assert_eq!(size_of_val(&rare), size_of::<usize>());
        assert!(!rare.change(|inside| inside.contains(&1)) && rare.get().is_none());
        rare.change(|inside| inside.push(1));
        assert_eq!(rare.get(), Some(&vec![1]));
        assert_eq!((rare.change(Vec::pop), rare.get()), (Some(1), None));
    }
}
