//! Lines to a server, and where the answers to them are shown.

use crate::model::{Model, Wish};

/// Questions whose places are remembered; the answer to an older one is shown as if nobody had asked.
const ASKED_MAX: usize = 64;

impl Model {
    /// Sends a line.
    pub fn send(&mut self, line: String) {
        self.wishes.push(Wish::Send(self.id, line));
    }

    /// Sends a line whose answer is for whoever looks at this buffer now, even when they look elsewhere by then.
    pub fn ask(&mut self, line: String) {
        if !self.session.has_cap("labeled-response") {
            return self.send(line);
        }
        let buffer = self.buffer().id;
        let label = self.next_label();
        if self.asked.len() == ASKED_MAX {
            self.asked.pop_front();
        }
        self.asked.push_back((label, buffer));
        self.send(format!("@label={label} {line}"));
    }

    /// A label that no line on its way has.
    pub fn next_label(&mut self) -> u32 {
        self.last_label = self.last_label.wrapping_add(1);
        self.last_label
    }

    /// The place of the buffer in which the question with a label was asked.
    pub fn asked_in(&self, label: Option<&str>) -> Option<usize> {
        let label: u32 = label?.parse().ok()?;
        let (_, buffer) = self.asked.iter().find(|(asked, _)| *asked == label)?;
        self.position(*buffer)
    }
}
