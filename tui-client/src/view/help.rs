//! The help over everything.

use ratatui::buffer::Buffer as Cells;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::Pen;
use crate::help::Help;
use crate::model::Model;

const KEY_COLUMNS: u16 = 24;

/// Draws the help over everything.
pub(super) fn draw(model: &Model, help: &Help, area: Rect, cells: &mut Cells) {
    let heading = Style::new().add_modifier(Modifier::BOLD);
    let mut pen = Pen::at(cells, area, 0);
    if help.wanted.is_empty() {
        pen.put(" Keys and commands — type to search, PgUp and PgDn scroll, Esc closes", heading);
    } else {
        pen.put(&format!(" Keys and commands with “{}” — Esc closes", help.wanted), heading);
    }
    let columns = KEY_COLUMNS.min(area.width / 2);
    for (row, (names, help)) in
        (1..area.height).zip(help.rows(&model.bindings).into_iter().skip(help.scrolled))
    {
        let mut pen = Pen::at(cells, area, row);
        pen.put(" ", Style::new());
        pen.put(&names, model.palette.accent());
        // A long usage pushes its explanation on rather than lose its end.
        let x = pen.x + 1;
        pen.skip_to(x.max(area.x + columns));
        pen.put(&help, Style::new());
    }
}
