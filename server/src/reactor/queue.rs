//! What waits to be sent on a connection: references to shared bytes, never copies.

use std::collections::VecDeque;
use std::io::IoSlice;
use std::ops::Range;
use std::sync::Arc;

use engine::Line;

/// References that an emptied queue keeps room for: none, so that an idle connection costs nothing.
const KEPT_CHUNKS: usize = 0;

/// A part of shared bytes.
#[derive(Clone, Debug)]
pub struct Chunk {
    bytes: Shared,
    range: Range<u32>,
}

#[derive(Clone, Debug)]
enum Shared {
    Line(Line),
    Lines(Arc<[u8]>),
}

impl Chunk {
    /// One line.
    pub fn line(line: Line) -> Self {
        let range = 0..u32::try_from(line.bytes().len()).expect("a line is short");
        Self { bytes: Shared::Line(line), range }
    }

    /// Some of several lines.
    pub fn lines(lines: &Arc<[u8]>, range: Range<usize>) -> Self {
        let bound = |at: usize| u32::try_from(at).expect("what is gathered has a limit far below");
        Self { bytes: Shared::Lines(Arc::clone(lines)), range: bound(range.start)..bound(range.end) }
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        let all = match &self.bytes {
            Shared::Line(line) => line.bytes(),
            Shared::Lines(lines) => lines,
        };
        &all[self.range.start as usize..self.range.end as usize]
    }

    fn len(&self) -> usize {
        self.range.len()
    }
}

/// The chunks that wait, oldest first.
#[derive(Debug, Default)]
pub struct Queue {
    chunks: VecDeque<Chunk>,
    bytes: usize,
}

impl Queue {
    /// Adds a chunk at the end.
    pub fn push(&mut self, chunk: Chunk) {
        self.bytes += chunk.len();
        self.chunks.push_back(chunk);
    }

    /// Takes bytes that have been sent off the front.
    ///
    /// # Panics
    /// If so many do not wait.
    pub fn advance(&mut self, mut sent: usize) {
        self.bytes = self.bytes.checked_sub(sent).expect("no more is sent than waits");
        while sent > 0 {
            let first = self.chunks.front_mut().expect("the bytes are the chunks'");
            if sent < first.len() {
                first.range.start += sent as u32;
                return;
            }
            sent -= first.len();
            self.chunks.pop_front();
        }
        if self.chunks.is_empty() {
            self.chunks.shrink_to(KEPT_CHUNKS);
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Forgets everything behind the line that may have been sent in part. A line is never in two chunks.
    pub fn clear_behind_line(&mut self) {
        let first = self.chunks.front().cloned();
        self.clear();
        if let Some(mut chunk) = first {
            let line = chunk.bytes().iter().position(|byte| *byte == b'\n').map_or(chunk.len(), |at| at + 1);
            chunk.range.end = chunk.range.start + line as u32;
            self.push(chunk);
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
        match self.chunks.len() {
            1 => self.chunks.front().map(Chunk::bytes),
            _ => None,
        }
    }

    /// Puts the first chunks into `slices`, and says how many.
    pub fn slices<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        let mut count = 0;
        for (slice, chunk) in slices.iter_mut().zip(&self.chunks) {
            *slice = IoSlice::new(chunk.bytes());
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
        let count = queue.slices(&mut slices);
        slices[..count].iter().flat_map(|slice| slice.to_vec()).collect()
    }

    fn filled() -> Queue {
        let lines: Arc<[u8]> = b"one\r\ntwo\r\nthree\r\n".as_slice().into();
        let mut queue = Queue::default();
        queue.push(Chunk::line(Line::new("zero\r\n")));
        queue.push(Chunk::lines(&lines, 0..5));
        queue.push(Chunk::lines(&lines, 10..17));
        queue
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
    }

    #[test]
    fn every_way_of_sending_gives_the_same_bytes() {
        let all = b"zero\r\none\r\nthree\r\n";
        for step in 1..=all.len() {
            let mut queue = filled();
            let mut sent: Vec<u8> = Vec::new();
            while !queue.is_empty() {
                let waiting = rest(&queue);
                assert_eq!(waiting.len(), queue.bytes());
                let now = step.min(waiting.len());
                sent.extend(&waiting[..now]);
                queue.advance(now);
            }
            assert_eq!(sent, all, "{step} bytes at a time");
            assert_eq!(queue.chunks.capacity(), 0, "an empty queue holds no memory");
        }
    }
}
