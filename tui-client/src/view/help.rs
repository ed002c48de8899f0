//! The help, made from the tables of keys and commands.

use ratatui::buffer::Buffer as Cells;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::Pen;
use crate::commands;
use crate::keys;
use crate::model::Model;

const KEY_COLUMNS: u16 = 24;

/// Draws the help over everything.
pub(super) fn draw(model: &Model, scrolled: usize, area: Rect, cells: &mut Cells) {
    let keys = keys::help(&model.bindings).into_iter().map(|(names, help)| (names, help.to_owned()));
    let commands =
        commands::TABLE.iter().map(|row| (format!("/{} {}", row.name, row.usage), row.help.to_owned()));
    let rows = keys.chain([(String::new(), String::new())]).chain(commands);
    let heading = Style::new().add_modifier(Modifier::BOLD);
    Pen::at(cells, area, 0).put(" Keys and commands — PgUp and PgDn scroll, any other key closes", heading);
    let columns = KEY_COLUMNS.min(area.width / 2);
    for (row, (names, help)) in (1..area.height).zip(rows.skip(scrolled)) {
        let mut pen = Pen::at(cells, area, row);
        pen.put(" ", Style::new());
        pen.put(&names, model.palette.accent());
        // A long usage pushes its explanation on rather than lose its end.
        let x = pen.x + 1;
        pen.skip_to(x.max(area.x + columns));
        pen.put(&help, Style::new());
    }
}
