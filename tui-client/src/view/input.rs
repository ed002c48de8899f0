//! What is typed, below everything else.

use ratatui::buffer::Buffer as Cells;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Pen;
use super::bars::tail;
use crate::model::Model;
use crate::text::columns;
use crate::typed;

/// The narrowest screen on which it is told how much is left.
const LEFT_COLUMNS_MIN: u16 = 50;

/// Draws what is typed and returns where the cursor is.
pub(super) fn draw(model: &Model, area: Rect, cells: &mut Cells) -> (u16, u16) {
    let before = model.before_input(area.width);
    Pen::at(cells, area, 0).put(&before, model.palette.dim());
    let indent = u16::try_from(columns(&before)).unwrap_or(area.width).min(area.width);
    let inner = Rect { x: area.x + indent, width: area.width - indent, ..area };
    let at = if area.height > 1 { rows(model, inner, cells) } else { row(model, inner, cells) };
    corner(model, area, cells);
    at
}

/// A text of several rows; those around the cursor where there is no room for all.
fn rows(model: &Model, area: Rect, cells: &mut Cells) -> (u16, u16) {
    let input = &model.buffer().input;
    let rows = typed::rows(input.text(), input.cursor(), usize::from(area.width));
    let height = usize::from(area.height);
    let (row, column) = rows.cursor;
    let first = (row + 1).saturating_sub(height);
    for (offset, range) in (0..area.height).zip(rows.ranges.into_iter().skip(first)) {
        Pen::at(cells, area, offset).put(&input.text()[range], Style::new());
    }
    let place = |base: u16, offset: usize, end: u16| {
        base.saturating_add(u16::try_from(offset).unwrap_or(u16::MAX)).min(end.saturating_sub(1))
    };
    (place(area.x, column, area.right()), place(area.y, row - first, area.bottom()))
}

/// A text in one row; it is pushed to the left as far as the cursor needs.
fn row(model: &Model, area: Rect, cells: &mut Cells) -> (u16, u16) {
    let input = &model.buffer().input;
    let (before, after) = input.text().split_at(input.cursor());
    let mut pen = Pen::at(cells, area, 0);
    // One column is kept for the cursor behind the text.
    pen.put(&shown(tail(before, usize::from(area.width).saturating_sub(1))), Style::new());
    let cursor = pen.x.min(area.right().saturating_sub(1));
    pen.put(&shown(after), Style::new());
    (cursor, area.y)
}

/// Who else is typing and how much is left to type, at the end of the last row, as much of it as finds that free.
fn corner(model: &Model, area: Rect, cells: &mut Cells) {
    let typing = model.typists.in_words(model.buffer().id);
    let left = if area.width >= LEFT_COLUMNS_MIN { model.left_to_type() } else { String::new() };
    let both = format!("{typing}  {left}");
    for text in [both.trim(), left.as_str(), typing.as_str()] {
        let width = u16::try_from(columns(text)).unwrap_or(u16::MAX);
        if text.is_empty() || width > area.width {
            continue;
        }
        let corner = Rect::new(area.right() - width, area.bottom() - 1, width, 1);
        let around = corner.x.saturating_sub(2).max(area.x)..corner.right();
        if around.into_iter().all(|x| cells[(x, corner.y)].symbol() == " ") {
            let mut pen = Pen::at(cells, corner, 0);
            let left = text.strip_prefix(typing.as_str());
            pen.put(left.map_or("", |_| &typing), model.palette.accent());
            pen.put(left.unwrap_or(text), model.palette.dim());
            return;
        }
    }
}

fn shown(text: &str) -> String {
    text.replace('\n', "⏎")
}
