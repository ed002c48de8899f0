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

/// A part of shared bytes.
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
        let (bytes, range) = line.place();
        Self { bytes: Bytes::Shared(bytes), range }
    }

    /// One line that nobody else hears.
    pub fn alone(line: Line) -> Self {
        let (bytes, range) = line.place();
        Self { bytes: Bytes::Alone(bytes), range }
    }

    /// Some of several lines.
    pub fn lines(lines: &Arc<[u8]>, range: Range<usize>) -> Self {
        let bound = |at: usize| u32::try_from(at).expect("what is gathered has a limit far below");
        Self { bytes: Bytes::Shared(Arc::clone(lines)), range: bound(range.start)..bound(range.end) }
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        let all: &[u8] = match &self.bytes {
            Bytes::Shared(bytes) | Bytes::Alone(bytes) => bytes,
            Bytes::Own(bytes) => bytes,
        };
        &all[self.range.start as usize..self.range.end as usize]
    }

    fn len(&self) -> usize {
        self.range.len()
    }

    /// Lets lines follow, if those of both chunks are nobody else's and there is room.
    fn append(&mut self, chunk: &Self) -> bool {
        let Bytes::Alone(more) = &chunk.bytes else { return false };
        if let Bytes::Alone(bytes) = &self.bytes {
            // What was written together, as a long answer is, need not be put together.
            if Arc::ptr_eq(bytes, more) && self.range.end == chunk.range.start {
                self.range.end = chunk.range.end;
                return true;
            }
            if self.len() + chunk.len() > OWN_BYTES_MAX {
                return false;
            }
            let mut own = Vec::with_capacity(OWN_BYTES.max(self.len() + chunk.len()));
            own.extend_from_slice(self.bytes());
            *self = Self { range: 0..own.len() as u32, bytes: Bytes::Own(own) };
        }
        match &mut self.bytes {
            Bytes::Own(own) if own.len() + chunk.len() <= OWN_BYTES_MAX => {
                own.extend_from_slice(chunk.bytes());
                self.range.end += chunk.len() as u32;
                true
            }
            _ => false,
        }
    }
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
        let last = match &mut self.rest {
            Some(rest) => rest.back_mut(),
            None => self.first.as_mut(),
        };
        let Some(last) = last else {
            self.first = Some(chunk);
            return;
        };
        if !last.append(&chunk) {
            self.rest.get_or_insert_default().push_back(chunk);
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

    use engine::{ConnId, Effect, Engine, Input, Now, Peer, Settings};
    use wire::Timestamp;

    fn rest(queue: &Queue) -> Vec<u8> {
        let mut slices = [IoSlice::new(&[]); 8];
        let count = queue.slices(&mut slices, usize::MAX);
        slices[..count].iter().flat_map(|slice| slice.to_vec()).collect()
    }

    fn filled() -> Queue {
        let lines: Arc<[u8]> = b"one\r\ntwo\r\nthree\r\n".as_slice().into();
        let mut queue = Queue::default();
        queue.push(Chunk::line(Line::new("zero\r\n")));
        queue.push(Chunk::lines(&lines, 0..5));
        queue.push(Chunk::lines(&lines, 10..17));
        for line in ["four\r\n", "five\r\n", "six\r\n"] {
            queue.push(Chunk::alone(Line::new(line)));
        }
        queue.push(Chunk::line(Line::new("seven\r\n")));
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
    fn what_was_written_together_is_not_put_together_again() {
        let now = Now { monotonic_ms: 0, wall: Timestamp(1_000) };
        let (mut engine, mut effects, conn) =
            (Engine::new(Settings::default(), now, 7), Vec::new(), ConnId(1));
        let peer = Peer { host: "host".to_owned(), address: None, secure: false };
        engine.handle(now, Input::Opened { conn, peer }, &mut effects);
        for line in ["NICK alice", "USER u 0 * :U", "PING x"] {
            engine.handle(now, Input::Line { conn, line: line.as_bytes() }, &mut effects);
        }
        let sent: Vec<Line> = effects.into_iter().filter_map(sent).collect();
        let [welcome @ .., pong] = sent.as_slice() else { panic!("{sent:?}") };
        let mut queue = Queue::default();
        welcome.iter().for_each(|line| queue.push(Chunk::alone(line.clone())));
        assert!(matches!(&queue.first, Some(Chunk { bytes: Bytes::Alone(_), .. }) if queue.rest.is_none()));
        queue.push(Chunk::alone(pong.clone()));
        assert!(matches!(&queue.first, Some(Chunk { bytes: Bytes::Own(_), .. }) if queue.rest.is_none()));
        let expected: Vec<u8> = sent.iter().flat_map(|line| line.bytes().to_vec()).collect();
        assert_eq!(rest(&queue), expected);
    }

    fn sent(effect: Effect) -> Option<Line> {
        match effect {
            Effect::Send { line, .. } => Some(line),
            _ => None,
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
    }

    #[test]
    fn every_way_of_sending_gives_the_same_bytes() {
        let all = b"zero\r\none\r\nthree\r\nfour\r\nfive\r\nsix\r\nseven\r\n";
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
