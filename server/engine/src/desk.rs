//! Where lines are written before as much memory is taken for them as they need: the same memory for all of them.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;

use wire::{Encoder, Timestamp};

use crate::interface::Line;
use crate::outgoing::{Outgoing, bound};

/// The most bytes of lines for which memory is kept: a part of a long answer, and some more.
const KEPT_BYTES_MAX: usize = 16 * 1024;

/// Memory for lines that is used again and again.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    /// For one line.
    line: RefCell<String>,
    /// The latest time that was told, as its tag is written: many lines tell the same one.
    time: RefCell<Option<(Timestamp, String)>>,
    /// For what a turn answers.
    lines: RefCell<Option<Box<Lines>>>,
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

#[derive(Debug, Default)]
struct Lines {
    text: String,
    /// Where each ends.
    ends: Vec<u32>,
}

/// Lines that are complete but for their tags, in memory that all of them share.
#[derive(Debug)]
pub(crate) struct Shared {
    text: Arc<str>,
    lines: Box<Lines>,
}

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

    /// Adds a line to others: what `write` puts behind their text.
    pub fn add(&self, answered: &mut Answered, write: impl FnOnce(&mut String)) {
        let lines = answered.0.get_or_insert_with(|| self.lines.take().unwrap_or_default());
        lines.add(|text| {
            let begin = text.len();
            write(text);
            bound(text, begin);
        });
    }

    /// Keeps the memory of lines that were sent for others.
    pub fn clear(&self, shared: Option<Shared>) {
        let Some(Shared { mut lines, .. }) = shared else { return };
        if lines.text.capacity() <= KEPT_BYTES_MAX {
            lines.text.clear();
            lines.ends.clear();
            self.lines.replace(Some(lines));
        }
    }
}

impl Answered {
    /// How many they are.
    pub fn count(&self) -> usize {
        self.0.as_ref().map_or(0, |lines| lines.ends.len())
    }

    /// Bytes of all of them.
    pub fn bytes(&self) -> usize {
        self.0.as_ref().map_or(0, |lines| lines.text.len())
    }

    /// One of them, said at a time.
    pub fn outgoing(&self, index: usize, at: Timestamp) -> Outgoing {
        self.0.as_ref().expect("there is one").outgoing(index, at)
    }

    /// The lines to be sent, if there are any.
    pub fn share(self) -> Option<Shared> {
        self.0.map(Shared::new)
    }
}

impl Shared {
    fn new(lines: Box<Lines>) -> Self {
        Self { text: lines.text.as_str().into(), lines }
    }

    /// One of them, said at a time.
    pub fn outgoing(&self, index: usize, at: Timestamp) -> Outgoing {
        self.lines.outgoing(index, at)
    }

    /// Bytes of some of them.
    pub fn bytes(&self, lines: Range<usize>) -> usize {
        let end_of = |count: usize| count.checked_sub(1).map_or(0, |last| self.lines.place(last).end);
        (end_of(lines.end) - end_of(lines.start)) as usize
    }

    /// Some of them with tags before each.
    pub fn tagged(&self, tags: &str, lines: Range<usize>) -> Self {
        let bytes = self.bytes(lines.clone()) + lines.len() * tags.len();
        let mut tagged = Lines { text: String::with_capacity(bytes), ends: Vec::with_capacity(lines.len()) };
        for index in lines {
            let Range { start, end } = self.lines.place(index);
            tagged.add(|text| {
                text.push_str(tags);
                text.push_str(&self.text[start as usize..end as usize]);
            });
        }
        Self::new(Box::new(tagged))
    }

    /// One of them, as it is.
    pub fn line(&self, index: usize) -> Line {
        Line::part(self.text.clone(), self.lines.place(index))
    }
}

impl Lines {
    fn add(&mut self, write: impl FnOnce(&mut String)) {
        write(&mut self.text);
        let end = u32::try_from(self.text.len()).expect("what is answered at once has a limit far below");
        self.ends.push(end);
    }

    fn outgoing(&self, index: usize, at: Timestamp) -> Outgoing {
        let Range { start, end } = self.place(index);
        Outgoing::bounded(at, &self.text[start as usize..end as usize])
    }

    fn place(&self, index: usize) -> Range<u32> {
        let begin = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        begin..self.ends[index]
    }
}
