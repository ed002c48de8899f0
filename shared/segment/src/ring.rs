//! The server's own copy of a room's ring: the truth that the segment's ring shows.

use std::collections::VecDeque;

use crate::record::{Record, decode, encode};
use crate::text::words_of;

/// A ring in private memory. Positions are bytes since the room's slot was first used and never go back.
#[derive(Debug)]
pub(crate) struct Ring {
    /// As long as the ring in the segment. The kernel gives pages only for what was used.
    words: Vec<u64>,
    /// The lengths of the records from `head` to `tail`.
    lengths: VecDeque<u32>,
    pub head: u64,
    pub tail: u64,
    /// Up to here the segment has it.
    pub published: u64,
    /// The newest record's sequence.
    pub sequence: u64,
    /// Records overwritten before they were published.
    pub dropped: u64,
}

impl Ring {
    /// An empty ring that goes on at `position`.
    pub fn new(bytes: usize, position: u64) -> Ring {
        Ring {
            words: vec![0; bytes / 8],
            lengths: VecDeque::new(),
            head: position,
            tail: position,
            published: position,
            sequence: 0,
            dropped: 0,
        }
    }

    /// Appends a record, over the oldest ones if there is no place. Says how many bytes of text were kept.
    pub fn append(&mut self, record: &Record<'_>, scratch: &mut Vec<u8>) {
        let bytes = self.words.len() * 8;
        encode(record, self.tail, bytes, scratch);
        let tail = self.tail + scratch.len() as u64;
        while tail - self.head > bytes as u64 {
            let oldest = self.lengths.pop_front().expect("a record is at most a quarter of the ring");
            if self.head >= self.published {
                self.dropped += 1;
            }
            self.head += u64::from(oldest);
        }
        let mut at = self.index(self.tail);
        for word in scratch.chunks_exact(8) {
            self.words[at] = u64::from_le_bytes(word.try_into().expect("chunks of eight"));
            at = if at + 1 == self.words.len() { 0 } else { at + 1 };
        }
        self.lengths.push_back(scratch.len() as u32);
        self.tail = tail;
        self.sequence = record.sequence;
    }

    /// A ring that goes on where this one ends, with its records but those with an id. Their bytes stand nowhere else in
    /// it.
    pub fn without(&self, id: &str, scratch: &mut Vec<u8>) -> Ring {
        let bytes: Vec<u8> = self.pieces(self.head).iter().flat_map(|(_, words)| words_of(words)).collect();
        let mut ring = Ring::new(self.words.len() * 8, self.tail);
        let (mut position, mut rest) = (self.head, &bytes[..]);
        for length in &self.lengths {
            let (record, behind) = rest.split_at(*length as usize);
            let (entry, _) = decode(position, record).expect("the server's own copy is whole");
            if entry.id != id {
                ring.append(&entry.record(), scratch);
            }
            (position, rest) = (position + u64::from(*length), behind);
        }
        (ring.sequence, ring.dropped) = (self.sequence, self.dropped);
        ring
    }

    /// The words that the segment lacks, as pieces: index and words.
    pub fn unpublished(&self) -> [(usize, &[u64]); 2] {
        self.pieces(self.published.max(self.head))
    }

    /// The words from a position to the tail, as pieces: index and words.
    fn pieces(&self, from: u64) -> [(usize, &[u64]); 2] {
        let at = self.index(from);
        let count = ((self.tail - from) / 8) as usize;
        let first = count.min(self.words.len() - at);
        [(at, &self.words[at..at + first]), (0, &self.words[..count - first])]
    }

    fn index(&self, position: u64) -> usize {
        (position / 8 % self.words.len() as u64) as usize
    }

    /// Takes over what was found in a segment: `words` are the records from `head` on.
    pub fn restore(&mut self, head: u64, words: &[u64], lengths: VecDeque<u32>) {
        self.head = head;
        self.tail = head + words.len() as u64 * 8;
        self.published = self.tail;
        self.lengths = lengths;
        let begin = self.index(head);
        let size = self.words.len();
        for (offset, &word) in words.iter().enumerate() {
            self.words[(begin + offset) % size] = word;
        }
    }
}
