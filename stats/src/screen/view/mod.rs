//! What the model looks like. Pure: the same model and size give the same picture.

mod ascii;
mod head;
mod ink;
mod pages;
mod panels;
mod room;
mod rooms;

use ratatui::Frame;
use ratatui::layout::{Alignment, Rect};
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use self::ink::{Ink, Tone};
use super::model::{Model, Page, View};
use crate::text::{clean, length};

/// Columns from which the server's figures stand beside the picture of messages.
const WIDE: u16 = 76;
/// Columns from which the talkers stand beside the rooms.
const BROAD: u16 = 100;
/// Rows from which there are panels above the rooms, and from which they are higher.
const TALL: u16 = 18;
const TOWERING: u16 = 30;

/// Draws the screen.
pub fn view(model: &Model, frame: &mut Frame<'_>) {
    let ink = Ink::new(model.colour);
    let parts = Parts::of(frame.area());
    frame.render_widget(Paragraph::new(head::lines(model, ink, parts.head.width)), parts.head);
    frame.render_widget(Paragraph::new(head::hints(model, ink, parts.foot.width)), parts.foot);
    let has_sample = model.shown().sample.is_some();
    match &model.page {
        Page::Help(_) => pages::help(model, ink, frame, parts.body),
        Page::Room(name) if has_sample => room::draw(model, name, ink, frame, parts.body),
        Page::View(View::Rooms) if has_sample => overview(model, ink, frame, parts.body),
        Page::View(view) if has_sample => pages::view(model, *view, ink, frame, parts.body),
        Page::View(_) | Page::Room(_) => nothing(model, ink, frame, parts.body),
    }
    if model.ascii {
        ascii::translate(frame.buffer_mut());
    }
}

/// How far the page can be scrolled.
pub(crate) fn lines(model: &Model) -> usize {
    let (columns, rows) = model.size;
    let body = Parts::of(Rect::new(0, 0, columns, rows)).body;
    match &model.page {
        Page::View(View::Rooms) => 0,
        Page::Help(_) => pages::help_lines(model, body),
        Page::View(view) => pages::view_lines(model, *view, body),
        Page::Room(_) => room::lines(model, body),
    }
}

/// The three parts of every page.
struct Parts {
    head: Rect,
    body: Rect,
    foot: Rect,
}

impl Parts {
    fn of(area: Rect) -> Parts {
        let head_rows = match area.height {
            0..8 => 1,
            8..14 => 2,
            _ => 3,
        };
        let foot_rows = u16::from(area.height >= 6);
        let head = Rect { height: head_rows.min(area.height), ..area };
        let body_rows = area.height.saturating_sub(head_rows + foot_rows);
        let body = Rect { y: area.y + head.height, height: body_rows, ..area };
        let foot = Rect { y: area.y + area.height - foot_rows, height: foot_rows, ..area };
        Parts { head, body, foot }
    }
}

fn overview(model: &Model, ink: Ink, frame: &mut Frame<'_>, body: Rect) {
    if model.expanded {
        return rooms::draw(model, ink, frame, body);
    }
    let top_rows = match frame.area().height {
        TOWERING.. => 9,
        TALL.. => 6,
        _ => 0,
    };
    let (top, below) = split_rows(body, top_rows);
    if top_rows > 0 {
        let server_columns = match body.width {
            BROAD.. => 46,
            WIDE.. => 38,
            _ => 0,
        };
        let (left, right) = split_columns(top, server_columns);
        panels::pulse(model, ink, frame, left);
        panels::server(model, ink, frame, right);
    }
    let talkers_columns = if body.width >= BROAD { 30 } else { 0 };
    let (left, right) = split_columns(below, talkers_columns);
    rooms::draw(model, ink, frame, left);
    let slow = model.shown().sample.as_ref().map_or(0, |sample| sample.snapshot.slow.len() as u16);
    // The panel is there only when there is somebody to name, and never takes more than half.
    let slow_rows = if slow == 0 { 0 } else { (slow + 2).min(right.height / 2) };
    let (talkers, slow) = split_rows(right, right.height - slow_rows);
    panels::talkers(model, ink, frame, talkers);
    if slow_rows > 0 {
        panels::slow(model, ink, frame, slow);
    }
}

/// Says why there is nothing, and since when.
fn nothing(model: &Model, ink: Ink, frame: &mut Frame<'_>, body: Rect) {
    let mut said = vec![];
    if let Some((error, since)) = &model.shown().trouble {
        let waited =
            std::time::Duration::from_micros(model.shown().now.boot_us.saturating_sub(since.boot_us));
        said.push(Line::styled(clean(&error.to_string()), ink.style(Tone::Bad)));
        said.push(Line::from(format!("waiting for a server, {}", length(waited))));
    }
    let (_, middle) = split_rows(body, body.height.saturating_sub(said.len() as u16) / 2);
    frame.render_widget(Paragraph::new(said).alignment(Alignment::Center), middle);
}

/// The first rows, and the others.
fn split_rows(area: Rect, first: u16) -> (Rect, Rect) {
    let first = first.min(area.height);
    let above = Rect { height: first, ..area };
    (above, Rect { y: area.y + first, height: area.height - first, ..area })
}

/// The columns at the left, and so many at the right.
fn split_columns(area: Rect, right: u16) -> (Rect, Rect) {
    let right = right.min(area.width);
    let left = Rect { width: area.width - right, ..area };
    (left, Rect { x: area.x + left.width, width: right, ..area })
}
