//! The form of the first start.

use ratatui::buffer::Buffer as Cells;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::Pen;
use crate::form::{Field, Form, Report, Tls};
use crate::model::Model;
use crate::text::{clean, columns};

/// Where what is filled in begins, and where what was found out.
const TYPED_AT: u16 = 11;
const FOUND_AT: u16 = 36;

/// Draws the form over everything. Returns where the cursor is.
pub(super) fn draw(model: &Model, form: &Form, area: Rect, cells: &mut Cells) -> (u16, u16) {
    let mut cursor = (area.x, area.y);
    let heading = Style::new().add_modifier(Modifier::BOLD);
    Pen::at(cells, area, 0).put(" Welcome to Parlor. Where to?", heading);
    // Where rows are rare there are no empty ones.
    let first = u16::from(area.height > 8) + 1;
    for (row, field) in (first..).zip(Field::ALL).take_while(|(row, _)| *row < area.height) {
        let mut pen = Pen::at(cells, area, row);
        let focused = field == form.focus;
        pen.put(if focused { " > " } else { "   " }, model.palette.accent());
        pen.put(field.name(), Style::new());
        pen.skip_to(area.x + TYPED_AT.min(area.width / 3));
        let (text, at) = form.shown(field);
        if focused {
            let before = u16::try_from(columns(&text[..at])).unwrap_or(u16::MAX);
            cursor = (pen.x.saturating_add(before).min(area.right().saturating_sub(1)), area.y + row);
        }
        pen.put(&text, if focused { heading } else { Style::new() });
        let x = pen.x + 2;
        pen.skip_to(x.max(area.x + FOUND_AT.min(area.width)));
        let (found, style) = found(model, form, field);
        pen.put(&found, style);
    }
    let below = first + 6;
    if let Some(wrong) = &form.wrong {
        Pen::at(cells, area, below.min(area.height))
            .put(&format!(" {}", clean(wrong)), model.palette.error());
    } else if form.connect {
        Pen::at(cells, area, below.min(area.height)).put(" Waiting for the server …", model.palette.dim());
    }
    let help = " Enter connects, Tab goes on, Space says yes or no, Esc leaves this.";
    Pen::at(cells, area, (below + 2).min(area.height)).put(help, model.palette.dim());
    cursor
}

/// What was found out about a line.
fn found(model: &Model, form: &Form, field: Field) -> (String, Style) {
    let (good, bad, dim) = (Style::new(), model.palette.error(), model.palette.dim());
    if field == Field::Save {
        return ("in the configuration, for the next time".to_owned(), dim);
    }
    let Some(Report { reached, tls, nick_free }) = &form.report else {
        let text = if field == Field::Server && form.wrong.is_none() { "looking …" } else { "" };
        return (text.to_owned(), dim);
    };
    let (text, style) = match field {
        Field::Server => match reached {
            Some(Ok(())) => ("reached", good),
            Some(Err(why)) => return (format!("not reached: {}", clean(why)), bad),
            None => ("", dim),
        },
        Field::Tls => match tls {
            Tls::Spoken => ("spoken, with a certificate that is vouched for", good),
            Tls::Unvouched => ("spoken; you will be asked about the certificate", good),
            Tls::Elsewhere(port) => return (format!("not here, but offered on port {port}"), good),
            Tls::None => ("not offered: others on the way can listen in", dim),
            Tls::Unknown => ("", dim),
        },
        Field::Nick => match nick_free {
            Some(true) => ("free", good),
            Some(false) => ("taken; a similar one will be tried", bad),
            None => ("", dim),
        },
        Field::Rooms => ("separated by blanks", dim),
        Field::Save => ("", dim),
    };
    (text.to_owned(), style)
}
