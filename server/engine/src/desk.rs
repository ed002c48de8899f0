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
    ends: Vec<usize>,
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
        let begin = lines.text.len();
        write(&mut lines.text);
        bound(&mut lines.text, begin);
        lines.ends.push(lines.text.len());
    }

    /// Keeps the memory of lines that were sent for others.
    pub fn clear(&self, answered: Answered) {
        let Some(mut lines) = answered.0 else { return };
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

    /// Bytes of some of them.
    pub fn bytes_of(&self, lines: Range<usize>) -> usize {
        self.lines().extent(lines).len()
    }

    /// One of them, said at a time.
    pub fn outgoing(&self, index: usize, at: Timestamp) -> Outgoing {
        Outgoing::bounded(at, self.lines().line(index))
    }

    /// Some of them as they are sent, in memory that all of these share. Before each stand the tags, if there are any,
    /// which were written in the memory of the desk.
    pub fn sent(&self, lines: Range<usize>, tags: Option<String>, desk: &Desk) -> impl Iterator<Item = Line> {
        let all = self.lines();
        let tags_bytes = tags.as_ref().map_or(0, String::len);
        let extent = all.extent(lines.clone());
        let first = extent.start;
        let text: Arc<str> = match tags {
            None => all.text[extent].into(),
            Some(tags) => {
                let tagged = all.tagged(lines.clone(), tags);
                let shared = tagged.as_str().into();
                if tagged.capacity() <= KEPT_BYTES_MAX {
                    desk.keep(tagged);
                }
                shared
            }
        };
        let mut begin = 0;
        all.ends[lines].iter().zip(1..).map(move |(end, count)| {
            let end = end - first + count * tags_bytes;
            Line::part(text.clone(), std::mem::replace(&mut begin, end)..end)
        })
    }

    fn lines(&self) -> &Lines {
        self.0.as_ref().expect("lines are answered")
    }
}

impl Lines {
    /// Where some of them stand.
    fn extent(&self, lines: Range<usize>) -> Range<usize> {
        let end_of = |count: usize| count.checked_sub(1).map_or(0, |last| self.ends[last]);
        end_of(lines.start)..end_of(lines.end)
    }

    fn line(&self, index: usize) -> &str {
        &self.text[self.extent(index..index + 1)]
    }

    /// Some of them with tags before each. The tags become the first of all this.
    fn tagged(&self, lines: Range<usize>, tags: String) -> String {
        let tags_bytes = tags.len();
        let mut tagged = tags;
        for index in lines.clone() {
            if index > lines.start {
                tagged.extend_from_within(..tags_bytes);
            }
            tagged.push_str(self.line(index));
        }
        tagged
    }
}
