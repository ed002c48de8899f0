//! Messages of several lines (IRCv3 multiline): told when they are complete, line by line, with the time of the whole.

use wire::{Message, Timestamp};

use super::heard::{Happening, Heard, What};
use super::time_and_id;

/// Lines of one message that are put together; further ones are told at once.
const LINES_MAX: usize = 1000;
/// Bytes of one message that are put together; what goes beyond is told at once.
const BYTES_MAX: usize = 256 * 1024;

/// A message of several lines, as far as it has come.
#[derive(Clone, Debug)]
pub(super) struct Whole {
    time: Option<Timestamp>,
    id: Option<Box<str>>,
    lines: Vec<Happening>,
    /// The lines that came since something of it was told.
    held: usize,
    held_bytes: usize,
}

impl Whole {
    /// Its batch was opened; the opening has the tags of the whole.
    pub(super) fn begin(opening: &Message<'_>) -> Self {
        let (time, id) = time_and_id(opening);
        Self { time, id, lines: Vec::new(), held: 0, held_bytes: 0 }
    }

    /// A line of it came.
    pub(super) fn add(&mut self, message: &Message<'_>, mut line: Happening, heard: &mut Vec<Heard>) {
        if self.held >= LINES_MAX || self.held_bytes >= BYTES_MAX {
            (self.held, self.held_bytes) = (0, 0);
            heard.extend(self.lines.drain(..).map(Heard::Happened));
        }
        self.held += 1;
        self.held_bytes += message.params.iter().map(|param| param.len()).sum::<usize>();
        let joins = message.tags.get("draft/multiline-concat").is_some();
        if let (true, Some(What::Message { text, .. }), What::Message { text: more, .. }) =
            (joins, self.lines.last_mut().map(|last| &mut last.what), &line.what)
        {
            text.push_str(more);
            return;
        }
        line.time = line.time.or(self.time);
        line.id = line.id.or(self.id.take());
        self.lines.push(line);
    }

    /// It is complete.
    pub(super) fn end(self) -> impl Iterator<Item = Heard> {
        self.lines.into_iter().map(Heard::Happened)
    }
}
