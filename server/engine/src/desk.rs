//! Where lines are written: the same memory for all of them. What several hear is copied from here into as much memory as it
//! needs; what one is answered goes out as it is, and its memory comes back.

use std::cell::RefCell;
use std::ops::Range;

use wire::{Encoder, Timestamp};

use crate::interface::Lines;
use crate::outgoing::{Outgoing, bound};

/// The most bytes of lines for which memory is kept: a part of a long answer, and some more. Where they end takes less than
/// they do.
const KEPT_BYTES_MAX: usize = 16 * 1024;

/// Answers for which memory is kept: as many as one line seldom has before the loop gives them back.
const ANSWERS_KEPT_MAX: usize = 4;

/// Memory for lines that is used again and again.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    /// For one line.
    line: RefCell<String>,
    /// The latest time that was told, as its tag is written: many lines tell the same one.
    time: RefCell<Option<(Timestamp, String)>>,
    /// For what is answered.
    #[expect(
        clippy::vec_box,
        reason = "they go in and out with each line, and a word is moved and not all of them"
    )]
    lines: RefCell<Vec<Box<Lines>>>,
}

/// The server says something.
#[derive(Debug)]
pub(crate) struct Voice<'a> {
    /// The server's name.
    pub server: &'a str,
    pub at: Timestamp,
    pub desk: &'a Desk,
}

/// Lines that are complete but for their tags, one behind the other. No memory is taken for none.
#[derive(Debug, Default)]
pub(crate) struct Answered(Option<Box<Lines>>);

impl Desk {
    /// An empty line.
    pub fn line(&self) -> Encoder {
        Encoder::over(self.line.take())
    }

    /// A line that was begun with [`Desk::line`] and is complete but for its tags, said at a time.
    pub fn done(&self, at: Timestamp, mut body: String) -> Outgoing {
        let line = Outgoing::of(at, &mut body);
        self.keep(body);
        line
    }

    /// Puts the tag that tells a time behind the others (IRCv3 server-time).
    pub fn timed(&self, head: Encoder, at: Timestamp) -> Encoder {
        let mut time = self.time.borrow_mut();
        match &*time {
            Some((latest, tag)) if *latest == at => head.raw_tags(tag),
            _ => head.raw_tags(&time.insert((at, format!("time={at}"))).1),
        }
    }

    /// Keeps the memory of a line that was begun with [`Desk::line`].
    pub fn keep(&self, memory: String) {
        self.line.replace(memory);
    }

    /// No lines.
    fn lines(&self) -> Box<Lines> {
        self.lines.borrow_mut().pop().unwrap_or_default()
    }

    /// Keeps the memory of lines for others, unless it is much.
    pub fn keep_lines(&self, mut lines: Box<Lines>) {
        let mut kept = self.lines.borrow_mut();
        if kept.len() < ANSWERS_KEPT_MAX && lines.memory_bytes() <= KEPT_BYTES_MAX {
            lines.clear();
            kept.push(lines);
        }
    }
}

impl Answered {
    /// Adds a line: what `write` puts behind the text of the others.
    pub fn add(&mut self, desk: &Desk, write: impl FnOnce(&mut String)) {
        self.0.get_or_insert_with(|| desk.lines()).add(|text| {
            let begin = text.len();
            write(text);
            bound(text, begin);
        });
    }

    /// How many they are.
    pub fn count(&self) -> usize {
        self.0.as_ref().map_or(0, |lines| lines.count())
    }

    /// Bytes of all of them.
    pub fn bytes(&self) -> usize {
        self.0.as_ref().map_or(0, |lines| lines.text().len())
    }

    /// One of them, said at a time.
    pub fn outgoing(&self, index: usize, at: Timestamp) -> Outgoing {
        Outgoing::bounded(at, self.lines().line(index))
    }

    /// Takes some of them, as they are sent: before each stand the tags, if there are any. None of them is asked for again.
    pub fn take(&mut self, lines: Range<usize>, tags: Option<&str>, desk: &Desk) -> Box<Lines> {
        match tags {
            None if lines == (0..self.count()) => self.0.take().expect("lines are answered"),
            tags => {
                let mut taken = desk.lines();
                for index in lines {
                    taken.add(|text| {
                        text.push_str(tags.unwrap_or_default());
                        text.push_str(self.lines().line(index));
                    });
                }
                taken
            }
        }
    }

    /// What is left of them.
    pub fn rest(&mut self) -> Option<Box<Lines>> {
        self.0.take()
    }

    fn lines(&self) -> &Lines {
        self.0.as_ref().expect("lines are answered")
    }
}
