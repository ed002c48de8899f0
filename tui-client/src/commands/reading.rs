//! Commands to find what was said.

use crate::buffer::Tone;
use crate::model::Model;

/// Lines that `/mentions` shows, the latest.
const MENTIONS_MAX: usize = 100;

pub(super) fn search(model: &mut Model, text: &str) -> Result<(), String> {
    crate::update::prompt::search(model, text);
    Ok(())
}

/// The lines of all buffers in which we are named, in the order of time.
pub(super) fn mentions(model: &mut Model, _: &str) -> Result<(), String> {
    let mut found = Vec::new();
    for buffer in &model.buffers {
        let named = buffer.lines().rev().filter(|line| line.mention && line.is_speech()).take(MENTIONS_MAX);
        found.extend(named.map(|line| {
            let at = model.zone.date_and_clock(line.at);
            (line.at, format!("{at} {} <{}> {}", buffer.name, line.nick, line.text))
        }));
    }
    found.sort_by_key(|(at, _)| *at);
    if found.is_empty() {
        model.tell(Tone::Info, "Nobody has named you in what is kept here.");
    }
    let first = found.len().saturating_sub(MENTIONS_MAX);
    for (_, text) in &found[first..] {
        model.tell(Tone::Info, text);
    }
    Ok(())
}
