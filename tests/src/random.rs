//! Chance that can be repeated: the same seed gives the same numbers on every machine.

/// A small generator (SplitMix64).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// A generator of its own sequence.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub fn any(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// A number below another one.
    ///
    /// # Panics
    /// If there is none.
    pub fn below(&mut self, end: usize) -> usize {
        assert!(end > 0, "nothing is below zero");
        usize::try_from(self.any() % end as u64).expect("it is below a usize")
    }

    /// Whether something happens that happens so many times in a hundred.
    pub fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    /// One of several.
    ///
    /// # Panics
    /// If there is none.
    pub fn pick<'a, T>(&mut self, several: &'a [T]) -> &'a T {
        &several[self.below(several.len())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_its_own_numbers_again() {
        let first = |seed: u64| {
            (0..4).map(|_| 0).scan(Random::new(seed), |r, _: i32| Some(r.any())).collect::<Vec<_>>()
        };
        assert_eq!(
            first(0),
            [16294208416658607535, 7960286522194355700, 487617019471545679, 17909611376780542444]
        );
        assert_ne!(first(1), first(0));
    }

    #[test]
    fn every_number_below_the_end_comes() {
        let mut random = Random::new(7);
        let mut seen = [false; 6];
        (0..200).for_each(|_| seen[random.below(6)] = true);
        assert_eq!(seen, [true; 6]);
    }
}
