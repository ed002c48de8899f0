//! Commands to find what was said.

use wire::Encoder;

use super::usage;
use crate::buffer::{Kind, Tone};
use crate::model::Model;

/// The capability of a server that searches.
const SEARCH: &str = "soju.im/search";
/// Lines that `/mentions` shows, the latest.
const MENTIONS_MAX: usize = 100;

pub(super) fn search(model: &mut Model, text: &str) -> Result<(), String> {
    crate::update::prompt::search(model, text);
    Ok(())
}

/// Asks the server for lines that contain a text: of this room or talk, of another one (`in:#room`), of all (`in:*`), by
/// somebody (`from:nick`).
pub(super) fn find(model: &mut Model, args: &str) -> Result<(), String> {
    let here = matches!(model.buffer().kind, Kind::Room | Kind::Query).then(|| model.buffer().name.clone());
    let (mut place, mut from, mut text) = (here, None, args);
    loop {
        let (word, rest) = super::first_word(text);
        if let Some(name) = word.strip_prefix("in:").filter(|name| !name.is_empty()) {
            place = Some(name.to_owned()).filter(|name| name != "*");
        } else if let Some(nick) = word.strip_prefix("from:").filter(|nick| !nick.is_empty()) {
            from = Some(nick.to_owned());
        } else {
            break;
        }
        text = rest;
    }
    if text.is_empty() && from.is_none() {
        return Err(usage("find"));
    }
    if !model.session.has_cap(SEARCH) || !model.session.has_cap("batch") {
        return Err(
            "This server cannot search; /search looks for a line among those that are here.".to_owned()
        );
    }
    let attributes =
        [("in", place), ("from", from), ("text", Some(text.to_owned()).filter(|text| !text.is_empty()))];
    let mut query = String::new();
    for (key, value) in attributes {
        let Some(value) = value else { continue };
        let gap = if query.is_empty() { "" } else { ";" };
        query += &format!("{gap}{key}=");
        wire::escape_tag_value(&value, &mut query);
    }
    model.ask(Encoder::new().verb("SEARCH").param(&query).end());
    Ok(())
}

/// The lines of all buffers in which we are named, in the order of time.
pub(super) fn mentions(model: &mut Model, _: &str) -> Result<(), String> {
    let mut found = Vec::new();
    for buffer in &model.buffers {
        let named = buffer.lines().rev().filter(|line| line.mention && line.is_to_read()).take(MENTIONS_MAX);
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
