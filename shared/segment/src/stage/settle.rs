//! From the tallies into the image.

use super::Stage;
use crate::layout::{MINUTES, PERSON_BYTES, TALKER_WORDS, TALKERS_MAX, header, room, talker};
use crate::text::pack;
use crate::{Now, builtin};

impl Stage {
    /// Puts the news into the image, and what the tallies say: of rooms that have just become warm at once, and of all
    /// warm ones once a second. So a message costs neither a sum of 60 seconds nor a list of talkers.
    pub(crate) fn settle(&mut self, now: Now) {
        let mut heard = std::mem::take(&mut self.heard);
        for slot in heard.drain(..) {
            self.settle_news(slot);
        }
        self.heard = heard;
        let second = now.second();
        let turned = second != self.second;
        self.second = second;
        let mut warm = std::mem::take(&mut self.warm);
        warm.retain(|&slot| {
            let tallied = std::mem::take(&mut self.slots[slot].tallied);
            if tallied || turned {
                self.settle_slot(slot, second);
            }
            self.slots[slot].warm = self.slots[slot].tally.is_warm(second);
            self.slots[slot].warm
        });
        self.warm = warm;
    }

    /// The same for the last time.
    pub(crate) fn settle_all(&mut self, now: Now) {
        for slot in &mut self.slots {
            slot.tallied = true;
        }
        self.settle(now);
    }

    fn settle_news(&mut self, slot: usize) {
        let news = std::mem::take(&mut self.slots[slot].news);
        self.add_built_in(slot, builtin::MESSAGES, news.messages);
        self.add_built_in(slot, builtin::BYTES, news.bytes);
        if news.messages > 0 {
            self.set_built_in(slot, builtin::ACTIVE_MS, news.active_ms);
            let mut words = [0; PERSON_BYTES / 8];
            pack(self.slots[slot].tally.last().unwrap_or_default(), PERSON_BYTES, &mut words);
            let at = self.geometry.room(slot) + self.geometry.words(header::LAST_AT);
            self.image.write(at, &words);
        }
        self.set_built_in(slot, builtin::SEQUENCE, self.slots[slot].ring.sequence);
        self.add_built_in(slot, builtin::DROPPED, news.dropped);
        self.add_row(self.server_rows + builtin::RECORDS_DROPPED, news.dropped);
    }

    fn settle_slot(&mut self, slot: usize, second: u64) {
        let rates = self.slots[slot].tally.rates(second);
        for (window, (messages, bytes)) in rates.messages_milli.iter().zip(rates.bytes_milli).enumerate() {
            self.set_built_in(slot, builtin::MESSAGE_RATES + window, *messages);
            self.set_built_in(slot, builtin::BYTE_RATES + window, bytes);
        }
        let peak = self.built_in(slot, builtin::RATE_PEAK).max(rates.messages_milli[0]);
        self.set_built_in(slot, builtin::RATE_PEAK, peak);
        let mut words = [0; TALKERS_MAX * TALKER_WORDS];
        let top = self.slots[slot].tally.top();
        let listed = top.len() as u64;
        for (words, told) in words.chunks_exact_mut(TALKER_WORDS).zip(top) {
            words[talker::MESSAGES] = told.messages;
            words[talker::BYTES] = told.bytes;
            words[talker::OVER] = told.over;
            pack(&told.name, PERSON_BYTES, &mut words[talker::NAME..]);
        }
        let (minutes, minute): (&[u64; MINUTES], u64) = self.slots[slot].tally.minutes();
        let at = self.geometry.room(slot);
        self.image.write(at + self.geometry.words(header::TALKERS_AT), &words);
        self.image.write(at + self.geometry.words(header::MINUTES_AT), minutes);
        self.set_fact(slot, room::MINUTE, minute);
        self.set_fact(slot, room::TALKERS, listed);
    }
}
