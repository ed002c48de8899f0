//! Bytes to lines.

use memchr::memchr;

/// The longest message without its tags, in bytes, the line's end (`\r\n`) included (RFC 1459, section 2.3).
pub const LINE_BYTES_MAX: usize = 512;

/// The longest tag section, in bytes, the leading `@` and the closing space included
/// (IRCv3 message-tags, "Size limit").
pub const TAGS_BYTES_MAX: usize = 8191;

/// Room that a buffer keeps when it has been emptied; what grew past it is given back. Who has many framers lends them one
/// buffer in turns, so that those who are idle cost nothing.
const KEPT_BYTES: usize = 64 * 1024;

/// What a stream of bytes holds next.
#[derive(Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// A line without its end. Never empty.
    Line(&'a [u8]),
    /// A line was longer than the protocol allows; it was dropped, up to its end.
    Overlong,
}

/// Cuts a stream of bytes into lines. A line ends with `\n`, `\r\n` or, as some clients do, `\r\r\n`; empty lines are
/// passed over (RFC 1459, section 2.3.1). Never holds more than one unfinished line and what was pushed last.
///
/// ```text
///   buffer:  consumed | searched, no newline | not searched yet
///            0        start                  searched           len
/// ```
#[derive(Debug)]
pub struct Framer {
    buffer: Vec<u8>,
    start: usize,
    // Bytes up to here are known to hold no newline, so that a line that trickles in one byte at a time costs O(n)
    // and not O(n²).
    searched: usize,
    skipping: bool,
    body_bytes_max: u32,
}

impl Default for Framer {
    fn default() -> Self {
        Self::new()
    }
}

impl Framer {
    /// A framer with the protocol's own limits.
    pub fn new() -> Self {
        Self::with_line_bytes_max(LINE_BYTES_MAX)
    }

    /// A framer for lines of up to `line_bytes_max` bytes, end included and tags not counted.
    ///
    /// # Panics
    /// If there is no room for anything but the line's end, or for more than any line has.
    pub fn with_line_bytes_max(line_bytes_max: usize) -> Self {
        assert!(line_bytes_max > 2, "a line needs room beside its end");
        Self {
            buffer: Vec::new(),
            start: 0,
            searched: 0,
            skipping: false,
            body_bytes_max: u32::try_from(line_bytes_max - 2).expect("a line is short"),
        }
    }

    /// Adds bytes as they came from the stream.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.start > 0 {
            self.buffer.drain(..self.start);
            self.searched -= self.start;
            self.start = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// Takes a buffer to work in, for as long as it is served. What it holds goes into it.
    pub fn borrow(&mut self, buffer: &mut Vec<u8>) {
        buffer.clear();
        buffer.extend_from_slice(&self.buffer[self.start..]);
        self.searched -= self.start;
        self.start = 0;
        self.buffer = std::mem::take(buffer);
    }

    /// Gives the buffer back that it worked in, and keeps memory only for what it still holds.
    pub fn give_back(&mut self, buffer: &mut Vec<u8>) {
        let rest = self.buffer[self.start..].to_vec();
        *buffer = std::mem::replace(&mut self.buffer, rest);
        self.searched -= self.start;
        self.start = 0;
    }

    /// The next line, if it is complete.
    pub fn next_frame(&mut self) -> Option<Frame<'_>> {
        loop {
            let Some(offset) = memchr(b'\n', &self.buffer[self.searched..]) else {
                self.searched = self.buffer.len();
                return self.unfinished();
            };
            let (from, newline) = (self.start, self.searched + offset);
            self.start = newline + 1;
            self.searched = self.start;
            if std::mem::take(&mut self.skipping) {
                continue;
            }
            let to = newline - carriage_returns(&self.buffer[from..newline]);
            if to == from {
                continue;
            }
            if self.is_overlong(from, to) {
                return Some(Frame::Overlong);
            }
            return Some(Frame::Line(&self.buffer[from..to]));
        }
    }

    /// What is held: lines not taken yet and one that is not finished.
    pub fn waiting(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    /// Bytes held: of lines not taken yet and of one that is not finished.
    pub fn buffered_bytes(&self) -> usize {
        self.buffer.len() - self.start
    }

    /// Bytes of memory held, used or not.
    pub fn capacity_bytes(&self) -> usize {
        self.buffer.capacity()
    }

    /// No complete line is left: decides early about one that is too long already, and gives memory back.
    fn unfinished(&mut self) -> Option<Frame<'_>> {
        let overlong = !self.skipping && {
            // A carriage return at the very end may belong to the line's end.
            let ends = carriage_returns(&self.buffer[self.start..]);
            self.is_overlong(self.start, self.buffer.len() - ends)
        };
        if overlong || self.skipping || self.buffered_bytes() == 0 {
            self.buffer.clear();
            self.start = 0;
            self.searched = 0;
            self.buffer.shrink_to(KEPT_BYTES);
        }
        if overlong {
            self.skipping = true;
            return Some(Frame::Overlong);
        }
        None
    }

    fn is_overlong(&self, from: usize, to: usize) -> bool {
        let line = &self.buffer[from..to];
        if line.first() != Some(&b'@') {
            return line.len() > self.body_bytes_max as usize;
        }
        let head = &line[..line.len().min(TAGS_BYTES_MAX)];
        match head.iter().position(|b| *b == b' ') {
            Some(space) => line.len() - (space + 1) > self.body_bytes_max as usize,
            None => line.len() >= TAGS_BYTES_MAX,
        }
    }
}

/// Carriage returns that belong to a line's end: no more than two, so that a line is the same however it arrives.
fn carriage_returns(line: &[u8]) -> usize {
    match line {
        [.., b'\r', b'\r'] => 2,
        [.., b'\r'] => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(framer: &mut Framer) -> Vec<String> {
        let mut seen = Vec::new();
        while let Some(frame) = framer.next_frame() {
            seen.push(match frame {
                Frame::Line(line) => String::from_utf8_lossy(line).into_owned(),
                Frame::Overlong => "<overlong>".to_owned(),
            });
        }
        seen
    }

    fn all(stream: &[u8]) -> Vec<String> {
        let mut framer = Framer::new();
        framer.push(stream);
        frames(&mut framer)
    }

    #[test]
    fn lines_end_with_any_usual_end() {
        assert_eq!(all(b"A\r\nB\nC\r\r\n\r\n\n\nD\r\nrest"), ["A", "B", "C", "D"]);
    }

    #[test]
    fn the_limits_are_exact() {
        let body = |n: usize| [vec![b'x'; n], b"\r\nnext\r\n".to_vec()].concat();
        let tagged = |tags: usize, n: usize| [b"@", &vec![b't'; tags - 2][..], b" ", &body(n)].concat();
        #[rustfmt::skip]
        let table = [
            (body(509),          509,  "below"),
            (body(510),          510,  "at"),
            (body(511),          0,    "above"),
            (tagged(8190, 510),  8700, "tags below"),
            (tagged(8191, 510),  8701, "tags at"),
            (tagged(8192, 1),    0,    "tags above"),
            (tagged(3, 511),     0,    "body above behind tags"),
        ];
        for (stream, length, what) in table {
            let seen = all(&stream);
            assert_eq!(seen.len(), 2, "{what}");
            if length == 0 {
                assert_eq!(seen[0], "<overlong>", "{what}");
            } else {
                assert_eq!(seen[0].len(), length, "{what}");
            }
            assert_eq!(seen[1], "next", "{what}");
        }
    }

    #[test]
    fn every_split_of_a_stream_gives_the_same_lines() {
        let long = "y".repeat(600);
        let stream = format!("NICK a\r\n\r\nUSER b\n@t=1 PING\r\n{long}\r\nafter {long}\nEND\r\n");
        let whole = all(stream.as_bytes());
        assert_eq!(whole.len(), 6);
        for size in 1..=stream.len() {
            let mut framer = Framer::new();
            let mut seen = Vec::new();
            for chunk in stream.as_bytes().chunks(size) {
                framer.push(chunk);
                seen.extend(frames(&mut framer));
            }
            assert_eq!(seen, whole, "chunks of {size}");
        }
        for cut in 0..=stream.len() {
            let mut framer = Framer::new();
            framer.push(&stream.as_bytes()[..cut]);
            let mut seen = frames(&mut framer);
            framer.push(&stream.as_bytes()[cut..]);
            seen.extend(frames(&mut framer));
            assert_eq!(seen, whole, "cut at {cut}");
        }
    }

    #[test]
    fn a_line_without_end_is_not_kept() {
        let mut framer = Framer::new();
        let mut told = 0;
        for _ in 0..10_000 {
            framer.push(&[b'z'; 1000]);
            told += frames(&mut framer).len();
            assert!(framer.buffered_bytes() <= LINE_BYTES_MAX, "{} bytes kept", framer.buffered_bytes());
        }
        assert_eq!(told, 1, "told once, not per read");
        framer.push(b"\r\nPING\r\n");
        assert_eq!(frames(&mut framer), ["PING"]);
    }

    #[test]
    fn an_emptied_framer_gives_its_memory_back() {
        let mut framer = Framer::new();
        framer.push(&b"PING\r\n".repeat(20_000));
        assert_eq!(frames(&mut framer).len(), 20_000);
        assert!(framer.capacity_bytes() <= KEPT_BYTES);
    }

    #[test]
    fn framers_that_share_a_buffer_hold_no_more_than_what_is_unfinished() {
        let long = "y".repeat(600);
        let stream = format!("NICK a\r\nUSER b\n{long}\r\nafter {long}\nEND\r\nhalf");
        let whole = all(stream.as_bytes());
        for size in 1..=stream.len() {
            let mut buffer = Vec::new();
            let mut framers = [Framer::new(), Framer::new()];
            let mut seen = [const { Vec::new() }; 2];
            for chunk in stream.as_bytes().chunks(size) {
                for (framer, seen) in framers.iter_mut().zip(&mut seen) {
                    framer.borrow(&mut buffer);
                    framer.push(chunk);
                    seen.extend(frames(framer));
                    framer.give_back(&mut buffer);
                    assert_eq!(framer.capacity_bytes(), framer.buffered_bytes());
                }
            }
            assert_eq!(seen, [whole.clone(), whole.clone()], "chunks of {size}");
        }
    }

    #[test]
    fn what_there_was_no_time_for_stays() {
        let mut buffer = Vec::new();
        let mut framer = Framer::new();
        framer.borrow(&mut buffer);
        framer.push(b"one\r\ntwo\r\nthr");
        assert_eq!(framer.next_frame(), Some(Frame::Line(b"one")));
        framer.give_back(&mut buffer);
        assert_eq!((framer.buffered_bytes(), framer.capacity_bytes()), (8, 8));
        assert_eq!(framer.next_frame(), Some(Frame::Line(b"two")));
        framer.borrow(&mut buffer);
        framer.push(b"ee\r\n");
        assert_eq!(frames(&mut framer), ["three"]);
    }
}
