//! The topic above the messages; the status and the input below them.

use ratatui::buffer::Buffer as Cells;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::Pen;
use crate::buffer::Kind;
use crate::model::{Link, Model, Question};
use crate::text::{clean, columns};

/// The narrowest screen on which the modes of the room are shown.
const MODES_COLUMNS_MIN: u16 = 60;

/// The name and the topic.
pub(super) fn topic(model: &Model, area: Rect, cells: &mut Cells) {
    if area.is_empty() {
        return;
    }
    cells.set_style(area, model.palette.bar());
    let buffer = model.buffer();
    let mut pen = Pen::at(cells, area, 0);
    pen.put(&format!(" {}", buffer.name), model.palette.bar().add_modifier(Modifier::BOLD));
    let text = match buffer.kind {
        Kind::Server if model.address.tls => format!("{}, by TLS", model.address),
        Kind::Server => model.address.to_string(),
        Kind::Query | Kind::List => String::new(),
        Kind::Room => match model.session.room(&buffer.name) {
            Some(room) => room.topic.as_ref().map(|topic| topic.text.clone()).unwrap_or_default(),
            None if model.online() => "(you are not in this room)".to_owned(),
            None => "(not connected)".to_owned(),
        },
    };
    let text = crate::format::plain(&clean(&text)).into_owned();
    pen.put(&format!("  {text}"), model.palette.bar());
}

/// Who we are, how the connection is, where we are, and where something has happened.
pub(super) fn status(model: &Model, area: Rect, cells: &mut Cells) {
    if area.is_empty() {
        return;
    }
    let bar = model.palette.bar();
    cells.set_style(area, bar);
    let (corner, corner_style) = corner(model, area.width);
    let taken = u16::try_from(columns(&corner)).unwrap_or(u16::MAX).min(area.width);
    let left = Rect { width: area.width.saturating_sub(taken + taken.min(1)), ..area };
    let mut pen = Pen::at(cells, left, 0);
    let modes: String = model.session.user_modes().iter().collect();
    let modes = if modes.is_empty() { modes } else { format!("(+{modes})") };
    let away = if model.session.away() { " away" } else { "" };
    pen.put(&format!("[{}] {}{modes}{away} ", model.zone.clock(model.now), clean(model.session.nick())), bar);
    let (state, style) = connection(model);
    pen.put(&state, style);
    let room = model.session.room(&model.buffer().name).filter(|_| model.buffer().kind == Kind::Room);
    // Where columns are rare they are for what has happened elsewhere, and the name is not said twice.
    if let Some(room) = room.filter(|_| area.width >= MODES_COLUMNS_MIN) {
        let name = if area.width >= 80 { format!("{} ", clean(&room.name)) } else { String::new() };
        pen.put(&format!(" │ {name}{}", clean(&room.modes_in_short())), bar);
    }
    if model.hidden_too {
        pen.put(" │ hidden lines too", bar);
    }
    activity(model, &mut pen, if area.width >= 80 { " │ Act: " } else { " │ " });
    let right = Rect { x: area.right() - taken, width: taken, ..area };
    Pen::at(cells, right, 0).put(&corner, corner_style);
}

/// What stands at the right: how much has come below a view that was scrolled, or else where to find help.
fn corner(model: &Model, columns: u16) -> (String, Style) {
    let buffer = model.buffer();
    let bar = model.palette.bar_mention();
    match (buffer.anchor, buffer.below) {
        (None, _) if columns < 40 => (String::new(), bar),
        (None, _) => ("F1:help ".to_owned(), model.palette.bar_dim()),
        (Some(_), _) if columns < 40 => ("▼ ".to_owned(), bar),
        (Some(_), 0) if columns < MODES_COLUMNS_MIN => ("▼ more ".to_owned(), bar),
        (Some(_), new) if columns < MODES_COLUMNS_MIN => (format!("▼ {new} new "), bar),
        (Some(_), 0) => ("▼ more below (End) ".to_owned(), bar),
        (Some(_), new) => (format!("▼ {new} new below (End) "), bar),
    }
}

/// Where something is to be read, the most urgent first; of those for which there is no room the number.
fn activity(model: &Model, pen: &mut Pen<'_>, mut separator: &str) {
    let bar = model.palette.bar();
    let active = model.active();
    for (place, index) in active.iter().enumerate() {
        let buffer = &model.buffers[*index];
        let (count, style) = match buffer.mentions {
            0 => (buffer.unread.to_string(), bar),
            mentions => (format!("{mentions}@"), model.palette.bar_mention()),
        };
        let text = format!("{}:{}({count})", index + 1, buffer.name);
        let left_out = active.len() - place;
        let behind = if left_out > 1 { format!(" +{}", left_out - 1) } else { String::new() };
        if columns(separator) + columns(&text) + columns(&behind) > usize::from(pen.left()) {
            pen.put(&format!(" +{left_out}"), bar);
            return;
        }
        pen.put(separator, bar);
        pen.put(&text, style);
        separator = " ";
    }
}

fn connection(model: &Model) -> (String, Style) {
    let (bar, troubled) = (model.palette.bar(), model.palette.bar_error());
    match model.link {
        Link::Up if model.session.registered() => match (&model.ping, model.lag) {
            // A question that is open for longer than a second says more than the last answer.
            (Some(ping), _) if model.now.0.saturating_sub(ping.at.0) >= 1000 => {
                (format!("● >{} s", (model.now.0 - ping.at.0) / 1000), troubled)
            }
            (_, Some(lag)) => (format!("● {lag} ms"), bar),
            (_, None) => ("●".to_owned(), bar),
        },
        Link::Up => ("◌ registering".to_owned(), bar),
        Link::Connecting => ("◌ connecting".to_owned(), bar),
        Link::Waiting { .. } => ("○ offline, trying again".to_owned(), troubled),
        Link::Off => ("○ offline".to_owned(), troubled),
    }
}

/// What is typed, or what is asked. Returns where the cursor is.
pub(super) fn input(model: &Model, area: Rect, cells: &mut Cells) -> Option<(u16, u16)> {
    if area.is_empty() {
        return None;
    }
    if let Some(question) = &model.question {
        let mut pen = Pen::at(cells, area, 0);
        pen.put(&asked(model, question), model.palette.mention());
        return Some((pen.x.min(area.right() - 1), area.y));
    }
    if let Some(prompt) = &model.prompt {
        return Some(super::prompt::draw(model, prompt, area, cells));
    }
    Some(super::input::draw(model, area, cells))
}

fn asked(model: &Model, question: &Question) -> String {
    let here = &model.buffer().name;
    match question {
        Question::Quit => "Quit? y/n ".to_owned(),
        Question::Many { count } => format!("Send {count} lines to {here}? y/n "),
        Question::PastedCommand => {
            "That was pasted: send it as (t)ext, run it as a (c)ommand, or go on editing (n)? ".to_owned()
        }
        Question::Trust { host, .. } => format!("Trust this certificate of {host} from now on? y/n "),
        Question::Kept { buffer, count } => {
            let name = model.position(*buffer).map_or("", |index| &model.buffers[index].name);
            format!("Send {count} lines typed offline to {name}? y/n ")
        }
    }
}

/// The end of a text, as much as fits.
pub(super) fn tail(text: &str, columns_max: usize) -> &str {
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true).rev() {
        used += if grapheme == "\n" { 1 } else { grapheme.width() };
        if used > columns_max {
            return &text[at + grapheme.len()..];
        }
    }
    text
}
