//! The pages that are lists: all counters, and the keys.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;
use segment::{Counter, CounterKind};

use super::super::keys::BINDINGS;
use super::super::model::{Figures, Model};
use super::ink::Ink;
use crate::once::quantiles;
use crate::text::{clean, fit, left, rate, right, short};

/// Every counter the server has, in the order of its directory.
pub(super) fn counters(model: &Model, ink: Ink, frame: &mut Frame<'_>, body: Rect) {
    let all = shown_counters(model);
    let title = match model.figures {
        Figures::Totals => format!("counters {}", all.len()),
        Figures::Rates => format!("counters {}  per second", all.len()),
    };
    let columns = usize::from(body.width.saturating_sub(2));
    let lines = all.into_iter().map(|counter| Line::raw(counter_line(model, counter, columns)));
    list(model, ink.panel(&title), lines.collect(), frame, body);
}

pub(super) fn counter_lines(model: &Model, body: Rect) -> usize {
    shown_counters(model).len().saturating_sub(rows(body))
}

fn shown_counters(model: &Model) -> Vec<&Counter> {
    let Some(sample) = &model.shown().sample else { return Vec::new() };
    sample.snapshot.counters.iter().filter(|counter| !model.hide_zeros || counter.number() > 0).collect()
}

fn counter_line(model: &Model, counter: &Counter, columns: usize) -> String {
    let gained = model.shown().rates.as_ref().and_then(|rates| {
        let gained = *rates.gained.get(counter.name())?;
        Some(rates.per_second(gained.max(0).unsigned_abs()))
    });
    let value = match (model.figures, counter.about.kind) {
        (Figures::Totals, _) | (Figures::Rates, CounterKind::Gauge) => short(counter.number()),
        (Figures::Rates, CounterKind::Counter | CounterKind::Histogram) => {
            gained.map_or("-".to_owned(), |gained| format!("{}/s", rate(gained)))
        }
    };
    let name = left(&clean(counter.name()), 20);
    let unit = if counter.about.kind == CounterKind::Histogram { "values" } else { &counter.about.unit };
    let explained = quantiles(counter).unwrap_or_else(|| clean(&counter.about.help));
    fit(&format!("{name} {} {} {explained}", right(&value, 9), left(&clean(unit), 12)), columns)
}

/// The keys.
pub(super) fn help(model: &Model, ink: Ink, frame: &mut Frame<'_>, body: Rect) {
    let columns = usize::from(body.width.saturating_sub(2));
    let line = |shown: &str, help: &str| Line::raw(fit(&format!("{}  {help}", left(shown, 6)), columns));
    let lines = BINDINGS.iter().map(|binding| line(binding.shown, binding.help)).collect();
    list(model, ink.panel("keys"), lines, frame, body);
}

pub(super) fn help_lines(body: Rect) -> usize {
    BINDINGS.len().saturating_sub(rows(body))
}

fn rows(body: Rect) -> usize {
    usize::from(body.height.saturating_sub(2))
}

fn list(
    model: &Model,
    panel: ratatui::widgets::Block<'_>,
    lines: Vec<Line<'_>>,
    frame: &mut Frame<'_>,
    body: Rect,
) {
    let rows = rows(body);
    let first = model.scroll.min(lines.len().saturating_sub(rows));
    let shown: Vec<Line<'_>> = lines.into_iter().skip(first).take(rows).collect();
    frame.render_widget(Paragraph::new(shown).block(panel), body);
}
