//! Who does not read as fast as he is sent to.

use super::{Stage, VALUE_MAX};
use crate::layout::{PERSON_BYTES, SLOW_MAX, SLOW_WORDS, copy, header, slow};
use crate::snapshot::Slow;
use crate::text::pack;

impl Stage {
    /// Those who do not read as fast as they are sent to, most bytes first. More than [`SLOW_MAX`] are left out.
    pub fn slow(&mut self, listed: &[Slow]) {
        let listed = &listed[..listed.len().min(SLOW_MAX)];
        let before = self.image.word(copy::SLOW) as usize;
        for row in 0..before.max(listed.len()) {
            let mut words = [0; SLOW_WORDS];
            if let Some(told) = listed.get(row) {
                words[slow::QUEUED] = told.queued.min(VALUE_MAX);
                words[slow::LIMIT] = told.limit.min(VALUE_MAX);
                words[slow::SINCE_MS] = told.since_ms.min(VALUE_MAX);
                pack(&told.name, PERSON_BYTES, &mut words[slow::NAME..]);
            }
            self.image.write(self.geometry.words(header::SLOW_AT) + row * SLOW_WORDS, &words);
        }
        self.image.set(copy::SLOW, listed.len() as u64);
    }
}
