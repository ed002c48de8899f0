//! What is on the screen: the model drawn into a frame. Nothing is changed and nothing is remembered here.

mod bars;
mod form;
mod help;
mod input;
mod messages;
mod panels;
mod prompt;
mod readable;
mod style;
#[cfg(test)]
mod tests;

pub(crate) use panels::first_listed;
use ratatui::Frame;
use std::num::NonZeroU16;

use ratatui::buffer::{Buffer as Cells, CellDiffOption};
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::model::Model;
use crate::text::graphemes;

/// Draws everything.
pub(crate) fn view(model: &Model, frame: &mut Frame<'_>) {
    let area = frame.area();
    let layout = model.layout_for((area.width, area.height));
    let cells = frame.buffer_mut();
    if let Some(help) = &model.help {
        help::draw(model, help, area, cells);
        return;
    }
    if let Some(form) = &model.form {
        let above = Rect { height: area.height - layout.input.height, ..area };
        let cursor = form::draw(model, form, above, cells);
        let asked = model.question.is_some().then(|| bars::input(model, layout.input, cells)).flatten();
        frame.set_cursor_position(asked.unwrap_or(cursor));
        return;
    }
    panels::buffers(model, layout.buffers, cells);
    panels::members(model, layout.members, cells);
    bars::topic(model, layout.topic, cells);
    messages::draw(model, &layout, cells);
    bars::status(model, layout.status, cells);
    if let Some((x, y)) = bars::input(model, layout.input, cells) {
        frame.set_cursor_position((x, y));
    }
}

/// A place in a row at which text is put after text.
struct Pen<'a> {
    cells: &'a mut Cells,
    x: u16,
    y: u16,
    end: u16,
}

impl<'a> Pen<'a> {
    /// A pen at the beginning of a row of an area. A row outside of it takes no text.
    fn at(cells: &'a mut Cells, area: Rect, row: u16) -> Self {
        let end = if row < area.height { area.right() } else { area.x };
        Self { cells, x: area.x, y: area.y + row, end }
    }

    /// Puts text as far as it fits, grapheme by grapheme; one that would be cut in half is left out.
    fn put(&mut self, text: &str, style: Style) {
        for (_, grapheme, columns) in graphemes(text) {
            let width = u16::try_from(columns).unwrap_or(u16::MAX);
            if width > self.left() {
                return;
            }
            // Control characters are none of what is drawn: `set_stringn` passes over them, a cell would not.
            let narrow = matches!(grapheme.as_bytes(), [b' '..=b'~']);
            if let Some(cell) = self.cells.cell_mut((self.x, self.y)).filter(|_| narrow) {
                cell.set_symbol(grapheme).set_style(style);
                self.x += 1;
            } else if width > 0 {
                self.cells.set_stringn(self.x, self.y, grapheme, usize::from(width), style);
                self.x += width;
            }
        }
    }

    /// Puts text that is a part of a link: the terminal is told (OSC 8), so that it stays one however its rows are broken.
    fn put_link(&mut self, text: &str, link: &str, style: Style) {
        let first = self.x;
        self.put(text, style.add_modifier(Modifier::UNDERLINED));
        for x in first..self.x {
            let cell = &mut self.cells[(x, self.y)];
            // Links are ASCII: each grapheme is one column.
            let symbol = format!("\x1b]8;;{link}\x1b\\{}\x1b]8;;\x1b\\", cell.symbol());
            cell.set_symbol(&symbol);
            cell.set_diff_option(CellDiffOption::ForcedWidth(NonZeroU16::MIN));
        }
    }

    /// Goes to a column, not back.
    fn skip_to(&mut self, x: u16) {
        self.x = self.x.max(x).min(self.end);
    }

    /// Columns left.
    fn left(&self) -> u16 {
        self.end.saturating_sub(self.x)
    }
}
