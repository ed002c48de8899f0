//! A prompt in place of the input: what is typed to find something, and what is found.

use ratatui::buffer::Buffer as Cells;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::Pen;
use super::bars::tail;
use crate::model::Model;
use crate::prompt::{Prompt, Sought, buffers};

/// Draws it and returns where the cursor is.
pub(super) fn draw(model: &Model, prompt: &Prompt, area: Rect, cells: &mut Cells) -> (u16, u16) {
    let name = match prompt.sought {
        Sought::Buffer => "go to: ",
        Sought::Typed => "typed before: ",
        Sought::Line { .. } => "search: ",
    };
    let mut pen = Pen::at(cells, area, 0);
    pen.put(name, model.palette.accent());
    let (before, after) = prompt.input.text().split_at(prompt.input.cursor());
    // What is typed leaves room for what is found.
    pen.put(tail(before, usize::from(pen.left() / 2)), Style::new());
    let cursor = pen.x.min(area.right().saturating_sub(1));
    pen.put(after, Style::new());
    pen.put("  ", Style::new());
    let chosen = Style::new().add_modifier(Modifier::REVERSED);
    match prompt.sought {
        Sought::Buffer => {
            let found = buffers(model, prompt.input.text());
            let names =
                found.iter().filter_map(|id| model.position(*id)).map(|index| &model.buffers[index].name);
            // Those before the chosen one are passed over where there are many.
            let first = prompt.chosen.saturating_sub(2);
            for (index, name) in names.enumerate().skip(first) {
                pen.put(&format!(" {name} "), if index == prompt.chosen { chosen } else { Style::new() });
            }
            if found.is_empty() {
                pen.put("none", model.palette.dim());
            }
        }
        Sought::Typed => match prompt.typed_before(model.buffer()) {
            Some(text) => pen.put(&text.replace('\n', "⏎"), chosen),
            None => pen.put("none", model.palette.dim()),
        },
        Sought::Line { at: None, .. } if prompt.wanted().is_some() => pen.put("no line", model.palette.dim()),
        Sought::Line { .. } => pen.put("Ctrl+s up, Down, Enter, Esc", model.palette.dim()),
    }
    (cursor, area.y)
}
