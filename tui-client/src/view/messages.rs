//! The messages: the visible window of a buffer.

use std::ops::Range;

use ratatui::buffer::Buffer as Cells;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::Pen;
use super::readable::readable;
use crate::buffer::{Line, Seen, State, Tone};
use crate::format::{Styled, styled};
use crate::layout::Layout;
use crate::model::Model;
use crate::rows::{Row, Shape};
use crate::text::{columns, fitted};

/// Draws the buffer that is shown.
pub(super) fn draw(model: &Model, layout: &Layout, cells: &mut Cells) {
    let area = layout.messages;
    let buffer = model.buffer();
    let shape = Shape {
        zone: &model.zone,
        gutter: layout.gutter(),
        columns: area.width,
        hidden_too: model.hidden_too,
    };
    let window = shape.window(buffer, usize::from(area.height));
    // The newest line stands at the bottom, next to where one types.
    let free = area.height - u16::try_from(window.len()).unwrap_or(area.height).min(area.height);
    for (offset, (seq, row)) in window.iter().enumerate() {
        let Some(line) = buffer.line(*seq) else { continue };
        let y = free + u16::try_from(offset).unwrap_or(u16::MAX);
        match row {
            Row::Day => rule(model, area, y, &model.zone.date(line.at), model.palette.dim(), cells),
            Row::Unread => {
                let text =
                    buffer.marker.filter(|marker| marker.count > 0).map_or("unread".to_owned(), |marker| {
                        format!("{} unread · since {}", marker.count, model.zone.clock(marker.since))
                    });
                rule(model, area, y, &text, model.palette.accent(), cells);
            }
            Row::Text { first, range } => {
                let mut pen = Pen::at(cells, area, y);
                if *first {
                    head(model, &shape, line, &mut pen);
                }
                pen.skip_to(area.x + shape.gutter.columns());
                let body = shape.body(line);
                text(model, line, &styled(&body), range, &mut pen);
            }
        }
    }
}

/// A text in the middle of a rule.
fn rule(_: &Model, area: Rect, y: u16, text: &str, style: Style, cells: &mut Cells) {
    let text = format!(" {} ", fitted(text, usize::from(area.width).saturating_sub(4)));
    let around = usize::from(area.width).saturating_sub(columns(&text));
    let line = format!("{}{text}{}", "─".repeat(around / 2), "─".repeat(around - around / 2));
    Pen::at(cells, area, y).put(&line, style);
}

/// The time and the nick.
fn head(model: &Model, shape: &Shape<'_>, line: &Line, pen: &mut Pen<'_>) {
    let start = pen.x;
    if shape.gutter.clock {
        pen.put(&model.zone.clock(line.at), model.palette.dim());
        pen.skip_to(start + 6);
    }
    if shape.gutter.nick == 0 {
        return;
    }
    let label = shape.label(line);
    let style = match line.tone {
        _ if line.mention => model.palette.mention(),
        Tone::Message | Tone::Notice | Tone::Action if line.own => Style::new().add_modifier(Modifier::BOLD),
        Tone::Message | Tone::Notice | Tone::Action => model.palette.nick(&model.session.fold(&line.nick)),
        Tone::Event | Tone::Crowd | Tone::Info => model.palette.event(),
        Tone::Error => model.palette.error(),
    };
    let indent = usize::from(shape.gutter.nick).saturating_sub(columns(&label));
    pen.skip_to(pen.x + u16::try_from(indent).unwrap_or(0));
    pen.put(&label, style);
}

/// One row of the text, in its styles.
fn text(model: &Model, line: &Line, body: &Styled<'_>, range: &Range<usize>, pen: &mut Pen<'_>) {
    let base = match (line.tone, line.state) {
        _ if line.seen == Seen::Hidden => model.palette.dim(),
        (Tone::Error, _) => model.palette.error(),
        (_, State::Offline | State::Entering | State::Lost | State::Refused) => model.palette.error(),
        (_, State::Pending | State::Redacted) => model.palette.dim(),
        (Tone::Event | Tone::Crowd, _) => model.palette.event(),
        (Tone::Message | Tone::Action | Tone::Notice | Tone::Info, State::Plain) if line.mention => {
            model.palette.mention()
        }
        (Tone::Message | Tone::Action | Tone::Notice | Tone::Info, State::Plain) => Style::new(),
    };
    let found = model.prompt.as_ref().and_then(|prompt| matches(&body.plain, &prompt.wanted()?));
    let found = found.unwrap_or_default();
    let links = if model.links { links(&body.plain) } else { Vec::new() };
    let quote = quoted(line, &body.plain);
    let mut style = Style::new();
    let mut changes = body.changes.iter().peekable();
    // Where anything begins or ends the style changes.
    let edges = found.iter().chain(&links).chain(&quote).flat_map(|found| [found.start, found.end]);
    let edges = edges.chain(body.changes.iter().map(|(at, _)| *at)).chain([range.start, range.end]);
    let mut edges: Vec<usize> = edges.filter(|at| (range.start..=range.end).contains(at)).collect();
    edges.sort_unstable();
    edges.dedup();
    for pair in edges.windows(2) {
        while let Some((_, changed)) = changes.next_if(|(at, _)| *at <= pair[0]) {
            style = *changed;
        }
        let covers = |spans: &[Range<usize>]| spans.iter().find(|span| span.contains(&pair[0])).cloned();
        let mut shown = base.patch(readable(model.palette, style));
        if covers(quote.as_slice()).is_some() {
            shown = shown.patch(model.palette.dim()).remove_modifier(Modifier::BOLD);
        }
        if covers(&found).is_some() {
            shown = shown.add_modifier(Modifier::REVERSED);
        }
        match covers(&links) {
            Some(link) => pen.put_link(&body.plain[pair[0]..pair[1]], &body.plain[link], shown),
            None => pen.put(&body.plain[pair[0]..pair[1]], shown),
        }
    }
}

/// Where the beginning of what a line answers stands in its text.
fn quoted(line: &Line, text: &str) -> Option<Range<usize>> {
    let answers = line.answers();
    let answers = crate::format::plain(&answers);
    if answers.is_empty() {
        return None;
    }
    text.find(&*answers).map(|at| at..at + answers.len())
}

/// Where a text stands in another one, however its letters are written.
fn matches(text: &str, wanted: &str) -> Option<Vec<Range<usize>>> {
    let lower = text.to_lowercase();
    // Some letters are longer in small: then the places would be others.
    (lower.len() == text.len())
        .then(|| lower.match_indices(wanted).map(|(at, found)| at..at + found.len()).collect())
}

/// Where links stand in a text.
fn links(text: &str) -> Vec<Range<usize>> {
    if !text.contains("://") {
        return Vec::new();
    }
    let mut finder = linkify::LinkFinder::new();
    finder.kinds(&[linkify::LinkKind::Url]);
    // What is not plain cannot be part of a sequence that the terminal reads.
    let plain = |link: &linkify::Link<'_>| link.as_str().bytes().all(|byte| byte.is_ascii_graphic());
    finder.links(text).filter(plain).map(|link| link.start()..link.end()).collect()
}
