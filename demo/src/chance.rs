//! A little chance for the people's habits.

/// Numbers that look random (SplitMix64). Nothing secret may hang on them.
#[derive(Debug)]
pub struct Chance(pub u64);

impl Chance {
    /// A number from `range.0` on and below `range.1`.
    pub fn between(&mut self, range: (u64, u64)) -> u64 {
        range.0 + self.next() % (range.1 - range.0).max(1)
    }

    /// One of some.
    pub fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.between((0, of.len() as u64)) as usize]
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
