//! What waits to be sent on a connection: references to shared bytes, and what is for it alone put together.

use std::collections::VecDeque;
use std::io::IoSlice;
use std::ops::Range;
use std::sync::Arc;

use engine::Line;

/// Bytes for one receiver alone that are put together. More begin a new chunk, so that a buffer need not be moved when
/// it grows.
const OWN_BYTES_MAX: usize = 16 * 1024;
/// Room for lines that are put together, at first: some answers.
const OWN_BYTES: usize = 1024;

/// Some lines, in memory that others may share.
#[derive(Clone, Debug)]
pub struct Chunk {
    bytes: Bytes,
    range: Range<u32>,
}

#[derive(Clone, Debug)]
enum Bytes {
    /// Lines that others have as well.
    Shared(Arc<[u8]>),
    /// Lines for one receiver alone.
    Alone(Arc<[u8]>),
    /// Such lines, put together.
    Own(Vec<u8>),
}

impl Chunk {
    /// One line that others hear as well.
    pub fn line(line: Line) -> Self {
        let bytes = line.memory();
        Self { range: 0..bound(bytes.len()), bytes: Bytes::Shared(bytes) }
    }

    /// One line that nobody else hears.
    pub fn alone(line: Line) -> Self {
        let bytes = line.memory();
        Self { range: 0..bound(bytes.len()), bytes: Bytes::Alone(bytes) }
    }

    /// Several lines that nobody else hears.
    pub fn answer(lines: &[u8]) -> Self {
        Self { range: 0..bound(lines.len()), bytes: Bytes::Alone(lines.into()) }
    }

    /// Several lines that others hear as well.
    pub fn lines(lines: Arc<[u8]>) -> Self {
        Self { range: 0..bound(lines.len()), bytes: Bytes::Shared(lines) }
    }

    /// Some of its bytes, which others hear as well.
    pub fn part(&self, range: Range<usize>) -> Self {
        debug_assert!(matches!(self.bytes, Bytes::Shared(_)), "all of it would be copied");
        let begin = self.range.start;
        Self { bytes: self.bytes.clone(), range: begin + bound(range.start)..begin + bound(range.end) }
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        let all: &[u8] = match &self.bytes {
            Bytes::Shared(bytes) | Bytes::Alone(bytes) => bytes,
            Bytes::Own(bytes) => bytes,
        };
        &all[self.range.start as usize..self.range.end as usize]
    }

    /// How many they are.
    pub fn len(&self) -> usize {
        self.range.len()
    }

    /// Lets lines that nobody else hears follow, if those before are nobody else's either and there is room.
    fn append(&mut self, lines: &[u8]) -> bool {
        // What has been sent of them counts too, as it takes memory until all is.
        let before = match &self.bytes {
            Bytes::Shared(_) => return false,
            Bytes::Alone(_) => self.len(),
            Bytes::Own(own) => own.len(),
        };
        if before + lines.len() > OWN_BYTES_MAX {
            return false;
        }
        match &mut self.bytes {
            Bytes::Own(own) => {
                own.extend_from_slice(lines);
                self.range.end = bound(own.len());
            }
            _ => *self = Self::own(&[self.bytes(), lines]),
        }
        true
    }

    /// Lines that nobody else hears, with room for some more.
    fn own(lines: &[&[u8]]) -> Self {
        let bytes = lines.iter().map(|lines| lines.len()).sum();
        let mut own = Vec::with_capacity(OWN_BYTES.max(bytes));
        lines.iter().for_each(|lines| own.extend_from_slice(lines));
        Self { range: 0..bound(bytes), bytes: Bytes::Own(own) }
    }
}

/// A place in bytes that wait.
fn bound(at: usize) -> u32 {
    u32::try_from(at).expect("what is gathered has a limit far below")
}

/// The chunks that wait, oldest first. One, which is what mostly waits, takes no memory elsewhere.
#[derive(Debug, Default)]
pub struct Queue {
    first: Option<Chunk>,
    #[expect(
        clippy::box_collection,
        reason = "it is seldom there, and the word counts with thousands who are idle"
    )]
    rest: Option<Box<VecDeque<Chunk>>>,
    bytes: usize,
}

impl Queue {
    /// Adds a chunk at the end.
    pub fn push(&mut self, chunk: Chunk) {
        self.bytes += chunk.len();
        let joins = matches!(chunk.bytes, Bytes::Alone(_))
            && self.last().is_some_and(|last| last.append(chunk.bytes()));
        if !joins {
            self.push_apart(chunk);
        }
    }

    /// Adds lines that nobody else hears.
    pub fn push_own(&mut self, lines: &[u8]) {
        self.bytes += lines.len();
        if !self.last().is_some_and(|last| last.append(lines)) {
            self.push_apart(Chunk::own(&[lines]));
        }
    }

    fn last(&mut self) -> Option<&mut Chunk> {
        match &mut self.rest {
            Some(rest) => rest.back_mut(),
            None => self.first.as_mut(),
        }
    }

    fn push_apart(&mut self, chunk: Chunk) {
        match self.first {
            Some(_) => self.rest.get_or_insert_default().push_back(chunk),
            None => self.first = Some(chunk),
        }
    }

    /// Takes bytes that have been sent off the front.
    ///
    /// # Panics
    /// If so many do not wait.
    pub fn advance(&mut self, mut sent: usize) {
        self.bytes = self.bytes.checked_sub(sent).expect("no more is sent than waits");
        while sent > 0 {
            let first = self.first.as_mut().expect("the bytes are the chunks'");
            if sent < first.len() {
                first.range.start += sent as u32;
                return;
            }
            sent -= first.len();
            self.first = self.rest.as_mut().and_then(|rest| rest.pop_front());
            if self.rest.as_ref().is_some_and(|rest| rest.is_empty()) {
                self.rest = None;
            }
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Forgets everything behind the line that may have been sent in part. A line is never in two chunks.
    pub fn clear_behind_line(&mut self) {
        let first = self.first.take();
        self.clear();
        if let Some(chunk) = first {
            let line = chunk.bytes().iter().position(|byte| *byte == b'\n').map_or(chunk.len(), |at| at + 1);
            self.push_own(&chunk.bytes()[..line]);
        }
    }

    /// How many bytes wait.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// The only chunk's bytes, if there is only one.
    pub fn only(&self) -> Option<&[u8]> {
        match self.rest {
            Some(_) => None,
            None => self.first.as_ref().map(Chunk::bytes),
        }
    }

    /// Puts the first chunks, up to so many bytes, into `slices`, and says how many.
    pub fn slices<'a>(&'a self, slices: &mut [IoSlice<'a>], mut bytes_max: usize) -> usize {
        let mut count = 0;
        let rest = self.rest.iter().flat_map(|rest| rest.iter());
        for (slice, chunk) in slices.iter_mut().zip(self.first.iter().chain(rest)) {
            if bytes_max == 0 {
                break;
            }
            let bytes = &chunk.bytes()[..chunk.len().min(bytes_max)];
            *slice = IoSlice::new(bytes);
            bytes_max -= bytes.len();
            count += 1;
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rest(queue: &Queue) -> Vec<u8> {
        let mut slices = [IoSlice::new(&[]); 8];
        let count = queue.slices(&mut slices, usize::MAX);
        slices[..count].iter().flat_map(|slice| slice.to_vec()).collect()
    }

    fn filled() -> Queue {
        let lines = Chunk::lines(b"one\r\ntwo\r\nthree\r\n".as_slice().into());
        let mut queue = Queue::default();
        queue.push(Chunk::line(Line::new("zero\r\n")));
        queue.push(lines.part(0..5));
        queue.push(lines.part(10..17));
        for line in ["four\r\n", "five\r\n", "six\r\n"] {
            queue.push(Chunk::alone(Line::new(line)));
        }
        queue.push_own(b"seven\r\neight\r\n");
        queue.push(Chunk::line(Line::new("nine\r\n")));
        queue
    }

    #[test]
    fn what_is_for_one_alone_is_put_together() {
        let mut queue = Queue::default();
        let line = Line::new(&format!("{}\r\n", "x".repeat(510)));
        queue.push(Chunk::alone(line.clone()));
        assert!(queue.only() == Some(line.bytes()) && queue.rest.is_none());
        queue.advance(500);
        for _ in 1..100 {
            queue.push(Chunk::alone(line.clone()));
        }
        let chunks = 1 + queue.rest.as_ref().map_or(0, |rest| rest.len());
        assert_eq!((chunks, queue.bytes()), (100_usize.div_ceil(OWN_BYTES_MAX / 512), 100 * 512 - 500));
        queue.advance(queue.bytes());
        assert!(queue.first.is_none() && queue.rest.is_none());
    }

    #[test]
    fn what_was_sent_does_not_pile_up() {
        let mut queue = Queue::default();
        queue.push_own(&[b'x'; 512]);
        for _ in 0..1000 {
            queue.push_own(&[b'x'; 512]);
            queue.advance(512);
            let memory = match &queue.first.as_ref().expect("something waits").bytes {
                Bytes::Own(own) => own.capacity(),
                bytes => panic!("{bytes:?}"),
            };
            assert!(memory <= OWN_BYTES_MAX && queue.rest.as_ref().is_none_or(|rest| rest.len() < 2));
        }
    }

    #[test]
    fn a_line_sent_in_part_is_sent_to_its_end() {
        let mut queue = filled();
        queue.advance("zero\r\non".len());
        queue.clear_behind_line();
        assert_eq!((rest(&queue), queue.bytes()), (b"e\r\n".to_vec(), 3));
        queue.clear();
        queue.clear_behind_line();
        assert!(queue.is_empty());
        queue.push_own(b"one\r\ntwo\r\n");
        queue.advance("on".len());
        queue.clear_behind_line();
        queue.push(Chunk::alone(Line::new("end\r\n")));
        assert_eq!(rest(&queue), b"e\r\nend\r\n", "what was forgotten does not come back");
    }

    #[test]
    fn every_way_of_sending_gives_the_same_bytes() {
        let all = b"zero\r\none\r\nthree\r\nfour\r\nfive\r\nsix\r\nseven\r\neight\r\nnine\r\n";
        for step in 1..=all.len() {
            let mut queue = filled();
            let mut sent: Vec<u8> = Vec::new();
            while !queue.is_empty() {
                assert_eq!(rest(&queue).len(), queue.bytes());
                let mut slices = [IoSlice::new(&[]); 8];
                let count = queue.slices(&mut slices, step);
                let now: Vec<u8> = slices[..count].iter().flat_map(|slice| slice.to_vec()).collect();
                assert_eq!(now.len(), step.min(queue.bytes()));
                sent.extend(&now);
                queue.advance(now.len());
            }
            assert_eq!(sent, all, "{step} bytes at a time");
            assert!(queue.first.is_none() && queue.rest.is_none(), "an empty queue holds no memory");
        }
    }
}
