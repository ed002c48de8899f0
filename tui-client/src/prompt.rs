//! What is typed to find something: a buffer, an earlier input, a line.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::buffer::{Anchor, Buffer, BufferId};
use crate::input::Input;
use crate::model::Model;

/// What is looked for.
#[derive(Clone, Debug)]
pub(crate) enum Sought {
    /// A buffer to show.
    Buffer,
    /// Something that was typed here before.
    Typed,
    /// A line in this buffer; the view goes there, and back if it is given up.
    Line { before: Option<Anchor>, at: Option<u64> },
}

/// A prompt in place of the input.
#[derive(Clone, Debug)]
pub(crate) struct Prompt {
    pub sought: Sought,
    /// What is typed.
    pub input: Input,
    /// Which of those found is chosen, the best or the latest being 0.
    pub chosen: usize,
}

impl Prompt {
    /// A prompt in which nothing is typed yet.
    pub fn new(sought: Sought) -> Self {
        Self { sought, input: Input::default(), chosen: 0 }
    }

    /// What is found among earlier inputs: the chosen one of those that contain what is typed, latest first.
    pub fn typed_before<'a>(&self, buffer: &'a Buffer) -> Option<&'a str> {
        let wanted = self.input.text().to_lowercase();
        let mut seen: Vec<&str> = Vec::new();
        for earlier in buffer.input.history().rev().filter(|text| text.to_lowercase().contains(&wanted)) {
            if !seen.contains(&earlier) {
                seen.push(earlier);
            }
            if seen.len() > self.chosen {
                return Some(earlier);
            }
        }
        seen.last().copied()
    }

    /// The text that is looked for in the lines that are shown.
    pub fn wanted(&self) -> Option<String> {
        let text = self.input.text().to_lowercase();
        (matches!(self.sought, Sought::Line { .. }) && !text.is_empty()).then_some(text)
    }
}

/// The buffers that a few letters of their names mean, the likeliest first; without any, those in which something
/// waits, and then all in their order.
pub(crate) fn buffers(model: &Model, typed: &str) -> Vec<BufferId> {
    let others = || model.buffers.iter().filter(|buffer| buffer.id != model.buffer().id);
    if typed.trim().is_empty() {
        let mut all: Vec<&Buffer> = others().collect();
        all.sort_by_key(|buffer| (buffer.mentions == 0, buffer.unread == 0));
        return all.into_iter().map(|buffer| buffer.id).collect();
    }
    let mut matcher = Matcher::new(Config::DEFAULT);
    let pattern = Pattern::parse(typed, CaseMatching::Ignore, Normalization::Smart);
    let mut scratch = Vec::new();
    let mut found: Vec<(u32, BufferId)> = others()
        .filter_map(|buffer| {
            Some((pattern.score(Utf32Str::new(&buffer.name, &mut scratch), &mut matcher)?, buffer.id))
        })
        .collect();
    found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    found.into_iter().map(|(_, id)| id).collect()
}

/// The next line that contains a text, from a line on; upwards, or downwards.
pub(crate) fn line(model: &Model, wanted: &str, from: Option<u64>, up: bool) -> Option<u64> {
    let buffer = model.buffer();
    let has = |seq: &u64| {
        let line = buffer.line(*seq).filter(|line| line.is_seen(model.hidden_too));
        line.is_some_and(|line| {
            crate::format::plain(&line.text).to_lowercase().contains(wanted)
                || line.nick.to_lowercase().contains(wanted)
        })
    };
    match up {
        true => (buffer.start()..from.unwrap_or(buffer.end())).rev().find(has),
        false => (from.map_or(buffer.start(), |from| from + 1)..buffer.end()).find(has),
    }
}
