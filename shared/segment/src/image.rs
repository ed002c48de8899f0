//! What a copy of the counters should say, and which of it each of the two copies still lacks.

/// Words that one number of bits tells about.
const STRIDE: usize = u64::BITS as usize;

/// The words of a copy in private memory. A publication costs as much as has changed, and not as much as there is.
#[derive(Debug)]
pub(crate) struct Image {
    words: Vec<u64>,
    lacks: [Lack; 2],
    /// Whether something was set that no copy has.
    fresh: bool,
}

/// What one copy lacks.
#[derive(Debug)]
struct Lack {
    /// A bit for each word.
    bits: Vec<u64>,
    /// Those of the numbers that are not 0.
    touched: Vec<usize>,
}

impl Lack {
    fn add(&mut self, at: usize) {
        let bits = &mut self.bits[at / STRIDE];
        if *bits == 0 {
            self.touched.push(at / STRIDE);
        }
        *bits |= 1 << (at % STRIDE);
    }
}

impl Image {
    /// All zeroes, of which both copies lack nothing.
    pub fn new(words: usize) -> Image {
        let lack = || Lack { bits: vec![0; words.div_ceil(STRIDE)], touched: Vec::new() };
        Image { words: vec![0; words], lacks: [lack(), lack()], fresh: false }
    }

    /// Sets words; what is the same already costs nothing later. Says whether anything was not.
    pub fn write(&mut self, at: usize, words: &[u64]) -> bool {
        let before = std::mem::replace(&mut self.fresh, false);
        for (offset, &word) in words.iter().enumerate() {
            self.set(at + offset, word);
        }
        let has_changed = self.fresh;
        self.fresh |= before;
        has_changed
    }

    /// Sets a word.
    pub fn set(&mut self, at: usize, word: u64) {
        if std::mem::replace(&mut self.words[at], word) != word {
            for lack in &mut self.lacks {
                lack.add(at);
            }
            self.fresh = true;
        }
    }

    /// Zeroes words.
    pub fn erase(&mut self, at: usize, count: usize) {
        for offset in 0..count {
            self.set(at + offset, 0);
        }
    }

    /// The copies have become unknown: both lack everything.
    pub fn touch_all(&mut self) {
        let words = self.words.len();
        for lack in &mut self.lacks {
            lack.bits.fill(u64::MAX);
            if let Some(last) = lack.bits.last_mut().filter(|_| !words.is_multiple_of(STRIDE)) {
                *last = (1 << (words % STRIDE)) - 1;
            }
            lack.touched = (0..lack.bits.len()).collect();
        }
        self.fresh = true;
    }

    /// Hands out what the copy lacks, which it then has, in runs of words.
    pub fn supply(&mut self, copy: usize, mut put: impl FnMut(usize, &[u64])) {
        let lack = &mut self.lacks[copy];
        for index in lack.touched.drain(..) {
            let mut bits = std::mem::take(&mut lack.bits[index]);
            while bits != 0 {
                let first = bits.trailing_zeros();
                let count = (bits >> first).trailing_ones();
                let from = index * STRIDE + first as usize;
                put(from, &self.words[from..from + count as usize]);
                // Adding to the lowest 1 of a run carries behind its end.
                bits &= bits.wrapping_add(1 << first);
            }
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

    /// Two whole numbers of bits and a part of one.
    const WORDS: usize = 150;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever is set and in whatever order the copies are supplied, a supplied copy equals the image.
        #[test]
        fn a_supplied_copy_lacks_nothing(steps in prop::collection::vec((0..WORDS, 0_u64..4, 0_u8..5), 1..200)) {
            let mut image = Image::new(WORDS);
            let mut copies = [vec![0; WORDS], vec![0; WORDS]];
            for (at, word, supply) in steps {
                match supply {
                    4 => image.touch_all(),
                    _ => image.set(at, word),
                }
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
        let mut image = Image::new(WORDS);
        image.set(12, 5);
        image.write(14, &[0, 6, 7, 0]);
        image.set(25, 0);
        image.write(62, &[1, 2, 3]);
        for copy in 0..2 {
            let mut handed = Vec::new();
            image.supply(copy, |at, words| handed.push((at, words.to_vec())));
            assert_eq!(handed, [(12, vec![5]), (15, vec![6, 7]), (62, vec![1, 2]), (64, vec![3])]);
        }
    }

    #[test]
    fn a_copy_that_became_unknown_is_handed_everything() {
        let mut image = Image::new(WORDS);
        image.touch_all();
        let mut handed = 0;
        image.supply(1, |_, words| handed += words.len());
        assert_eq!(handed, WORDS);
    }
}
