//! The server's own copy of a room's ring: the truth that the segment's ring shows.

use std::collections::VecDeque;

use crate::record::{Record, Shape, decode};

/// What appending needs besides, kept from record to record.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    /// For a record that runs over the end of a ring.
    bytes: Vec<u8>,
    /// Made once: a new one asks what the processor can do.
    hasher: crc32fast::Hasher,
}

/// A ring in private memory. Positions are bytes since the room's slot was first used and never go back.
#[derive(Debug)]
pub(crate) struct Ring {
    /// As long as the ring in the segment. The kernel gives pages only for what was used.
    bytes: Vec<u8>,
    /// The lengths of the records from `head` to `tail`.
    lengths: VecDeque<u32>,
    pub head: u64,
    pub tail: u64,
    /// Where in the ring that is, so that no message costs a division.
    place: usize,
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
            bytes: vec![0; bytes],
            lengths: VecDeque::new(),
            head: position,
            tail: position,
            place: (position % bytes as u64) as usize,
            published: position,
            sequence: 0,
            dropped: 0,
        }
    }

    /// Appends a record, over the oldest ones if there is no place.
    pub fn append(&mut self, record: &Record<'_>, scratch: &mut Scratch) {
        let size = self.bytes.len();
        let shape = Shape::of(record, size);
        let tail = self.tail + shape.bytes as u64;
        while tail - self.head > size as u64 {
            let oldest = self.lengths.pop_front().expect("a record is at most a quarter of the ring");
            if self.head >= self.published {
                self.dropped += 1;
            }
            self.head += u64::from(oldest);
        }
        let at = self.place;
        if let Some(place) = self.bytes.get_mut(at..at + shape.bytes) {
            shape.write(record, self.tail, place, &mut scratch.hasher);
        } else {
            scratch.bytes.resize(shape.bytes, 0);
            shape.write(record, self.tail, &mut scratch.bytes, &mut scratch.hasher);
            let (end, begin) = scratch.bytes.split_at(size - at);
            self.bytes[at..].copy_from_slice(end);
            self.bytes[..begin.len()].copy_from_slice(begin);
        }
        self.lengths.push_back(shape.bytes as u32);
        self.tail = tail;
        self.place = at + shape.bytes;
        if self.place >= size {
            self.place -= size;
        }
        self.sequence = record.sequence;
    }

    /// A ring that goes on where this one ends, with its records but those with an id. Their bytes stand nowhere else in
    /// it.
    pub fn without(&self, id: &str, scratch: &mut Scratch) -> Ring {
        let bytes = self.pieces(self.head).map(|(_, piece)| piece).concat();
        let mut ring = Ring::new(self.bytes.len(), self.tail);
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

    /// What the segment lacks, as pieces: place in the ring and bytes, whole words.
    pub fn unpublished(&self) -> [(usize, &[u8]); 2] {
        self.pieces(self.published.max(self.head))
    }

    /// From a position to the tail, the same.
    fn pieces(&self, from: u64) -> [(usize, &[u8]); 2] {
        let at = self.at(from);
        let count = (self.tail - from) as usize;
        let first = count.min(self.bytes.len() - at);
        [(at, &self.bytes[at..at + first]), (0, &self.bytes[..count - first])]
    }

    fn at(&self, position: u64) -> usize {
        (position % self.bytes.len() as u64) as usize
    }

    /// Takes over what was found in a segment: `bytes` are the records from `head` on.
    pub fn restore(&mut self, head: u64, bytes: &[u8], lengths: VecDeque<u32>) {
        self.head = head;
        self.tail = head + bytes.len() as u64;
        self.place = self.at(self.tail);
        self.published = self.tail;
        self.lengths = lengths;
        let begin = self.at(head);
        let (end, rest) = bytes.split_at(bytes.len().min(self.bytes.len() - begin));
        self.bytes[begin..begin + end.len()].copy_from_slice(end);
        self.bytes[..rest.len()].copy_from_slice(rest);
    }
}
