//! What a copy of the counters should say, and which of it each of the two copies still lacks.

/// The words of a copy in private memory, in parts. Cost of publishing follows from what was changed in each part.
#[derive(Debug)]
pub(crate) struct Image {
    words: Vec<u64>,
    /// The first word of each part.
    begins: Vec<usize>,
    lacks: [Lack; 2],
    /// Whether something was set that no copy has.
    fresh: bool,
}

/// What one copy lacks.
#[derive(Debug)]
struct Lack {
    /// Per part, the range of words; empty if nothing.
    ranges: Vec<(usize, usize)>,
    /// The parts with a range.
    parts: Vec<usize>,
}

impl Lack {
    fn add(&mut self, part: usize, from: usize, to: usize) {
        let range = &mut self.ranges[part];
        if range.0 == range.1 {
            *range = (from, to);
            self.parts.push(part);
        } else {
            *range = (range.0.min(from), range.1.max(to));
        }
    }
}

impl Image {
    /// All zeroes, of which both copies lack nothing.
    pub fn new(words: usize, begins: Vec<usize>) -> Image {
        let lack = || Lack { ranges: vec![(0, 0); begins.len()], parts: Vec::new() };
        let lacks = [lack(), lack()];
        Image { words: vec![0; words], begins, lacks, fresh: false }
    }

    /// Sets words of a part; what is the same already costs nothing later.
    pub fn write(&mut self, part: usize, at: usize, words: &[u64]) {
        let current = &mut self.words[at..at + words.len()];
        let Some(first) = current.iter().zip(words).position(|(old, new)| old != new) else {
            return;
        };
        let last = current.iter().zip(words).rposition(|(old, new)| old != new).unwrap_or(first);
        current[first..=last].copy_from_slice(&words[first..=last]);
        for lack in &mut self.lacks {
            lack.add(part, at + first, at + last + 1);
        }
        self.fresh = true;
    }

    /// Sets a word.
    pub fn set(&mut self, part: usize, at: usize, word: u64) {
        if std::mem::replace(&mut self.words[at], word) != word {
            for lack in &mut self.lacks {
                lack.add(part, at, at + 1);
            }
            self.fresh = true;
        }
    }

    /// Zeroes words of a part.
    pub fn erase(&mut self, part: usize, at: usize, count: usize) {
        let zeroes = vec![0; count];
        self.write(part, at, &zeroes);
    }

    /// The copies have become unknown: both lack everything.
    pub fn touch_all(&mut self) {
        for lack in &mut self.lacks {
            for (part, &begin) in self.begins.iter().enumerate() {
                let end = self.begins.get(part + 1).copied().unwrap_or(self.words.len());
                lack.add(part, begin, end);
            }
        }
        self.fresh = true;
    }

    /// Hands out what the copy lacks, which it then has.
    pub fn supply(&mut self, copy: usize, mut put: impl FnMut(usize, &[u64])) {
        let lack = &mut self.lacks[copy];
        for part in lack.parts.drain(..) {
            let (from, to) = std::mem::take(&mut lack.ranges[part]);
            put(from, &self.words[from..to]);
        }
        self.fresh = false;
    }

    /// For changes that need no publication of their own.
    pub fn set_fresh(&mut self, fresh: bool) {
        self.fresh = fresh;
    }

    pub fn word(&self, at: usize) -> u64 {
        self.words[at]
    }

    /// Whether something is new since the last [`Image::supply`].
    pub fn is_fresh(&self) -> bool {
        self.fresh
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever is set and in whatever order the copies are supplied, a supplied copy equals the image.
        #[test]
        fn a_supplied_copy_lacks_nothing(steps in prop::collection::vec((0_usize..30, 1_u64..4, 0_u8..4), 1..60)) {
            let mut image = Image::new(30, vec![0, 7, 20]);
            let mut copies = [vec![0; 30], vec![0; 30]];
            for (at, word, supply) in steps {
                let part = usize::from(at >= 7) + usize::from(at >= 20);
                image.set(part, at, word);
                let copy = usize::from(supply);
                if copy < 2 {
                    image.supply(copy, |at, words| copies[copy][at..at + words.len()].copy_from_slice(words));
                    prop_assert_eq!(&copies[copy], &image.words);
                    prop_assert!(!image.is_fresh());
                }
            }
        }
    }

    #[test]
    fn only_what_changed_is_handed_out() {
        let mut image = Image::new(30, vec![0, 10, 20]);
        image.set(1, 12, 5);
        image.write(1, 14, &[0, 6, 0]);
        image.set(2, 25, 0);
        for copy in 0..2 {
            let mut handed = Vec::new();
            image.supply(copy, |at, words| handed.push((at, words.to_vec())));
            assert_eq!(handed, [(12, vec![5, 0, 0, 6])]);
        }
    }
}
