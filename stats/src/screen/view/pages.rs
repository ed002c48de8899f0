//! The views that are lists: people, connections, latencies, all counters; and the keys.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;
use segment::{Counter, CounterKind, Histogram, Slow, Value};

use super::super::filter::Row;
use super::super::gathered::RECENT_S;
use super::super::keys::{BINDINGS, Binding};
use super::super::model::{Figures, Model, View};
use super::super::people;
use super::ink::{Ink, Tone};
use super::panels::{figures_of, is_near};
use crate::once::{quantiles, slow_name};
use crate::text::{bytes, clean, fit, left, length, measured, rate, right, short, spark, width};

/// Columns of a counter's name.
const NAME_COLUMNS: usize = 20;
/// Columns of a length's figure, and of a picture of which something can be seen.
const FIGURE_COLUMNS: usize = 8;
const PICTURE_COLUMNS_MIN: usize = 14;
/// The figures of lengths that a narrow screen leaves out, by their places: p90, the mean, p50, p99; how many stays.
const GIVES_WAY: [usize; 4] = [2, 0, 1, 3];
/// What is not about connections or the process.
const ELSEWHERE: [&str; 3] = ["segment.", "command.", "adopted."];

/// A list: its title, the line above it, its lines.
struct List {
    title: String,
    head: Option<String>,
    lines: Vec<Line<'static>>,
}

/// Draws one of the views.
pub(super) fn view(model: &Model, view: View, ink: Ink, frame: &mut Frame<'_>, body: Rect) {
    draw(model, list(model, view, ink, inner_columns(body)), ink, frame, body);
}

/// How far a view can be scrolled.
pub(super) fn view_lines(model: &Model, view: View, body: Rect) -> usize {
    overflow(&list(model, view, Ink::new(false), inner_columns(body)), body)
}

/// The keys.
pub(super) fn help(model: &Model, ink: Ink, frame: &mut Frame<'_>, body: Rect) {
    draw(model, keys(model, inner_columns(body)), ink, frame, body);
}

/// How far the keys can be scrolled.
pub(super) fn help_lines(model: &Model, body: Rect) -> usize {
    overflow(&keys(model, inner_columns(body)), body)
}

fn list(model: &Model, view: View, ink: Ink, columns: usize) -> List {
    match view {
        View::Users => users(model, columns),
        View::Connections => connections(model, ink, columns),
        View::Latency => latencies(model, ink, columns),
        View::Rooms | View::Counters => counters(model, columns),
    }
}

fn users(model: &Model, columns: usize) -> List {
    let people = people::shown(model);
    let row = |name: &str, cells: [&str; 5]| {
        let cells: String =
            cells.iter().zip([6, 7, 10, 8, 10]).map(|(cell, columns)| right(cell, columns)).collect();
        fit(&(left(name, columns.saturating_sub(41).clamp(10, 40)) + &cells), columns)
    };
    let now = model.shown().now.wall_ms;
    let line = |person: &people::Person| {
        let ago = std::time::Duration::from_millis(now.saturating_sub(person.said_ms));
        let said = if person.said_ms == 0 { String::new() } else { length(ago) };
        let rates = model.shown().rates.as_ref();
        let new = rates.and_then(|rates| Some(rate(rates.per_second(*rates.people.get(&person.name)?))));
        let new = new.unwrap_or_default();
        let cells = [person.rooms.to_string(), new, short(person.messages), bytes(person.bytes), said];
        Line::raw(row(&clean(&person.name), cells.each_ref().map(String::as_str)))
    };
    List {
        title: format!("people in public rooms {}", people.len()),
        head: Some(row("name", ["rooms", "msg/s", "messages", "bytes", "last said"])),
        lines: people.iter().map(line).collect(),
    }
}

/// Everything but histograms that is not about commands or the segment: now, by the second, and what it means.
fn connections(model: &Model, ink: Ink, columns: usize) -> List {
    let about = |counter: &&Counter| {
        counter.about.kind != CounterKind::Histogram
            && !ELSEWHERE.iter().any(|begin| counter.name().starts_with(begin))
    };
    let row = |name: &str, now: &str, new: &str, help: &str| {
        fit(&format!("{} {} {}  {help}", left(name, NAME_COLUMNS), right(now, 8), right(new, 8)), columns)
    };
    let line = |counter: &Counter| {
        let gained = model.shown().rates.as_ref().and_then(|rates| rates.gained.get(counter.name()));
        let new = match counter.about.kind {
            CounterKind::Gauge => gained.filter(|by| **by != 0).map_or(String::new(), |by| format!("{by:+}")),
            CounterKind::Counter | CounterKind::Histogram => {
                per_second(model, counter).map_or("-".to_owned(), |new| format!("{new}/s"))
            }
        };
        let value = measured(counter.number(), &counter.about.unit);
        let text = row(&clean(counter.name()), &value, &new, &clean(&counter.about.help));
        // What grows is of interest.
        let tone = if gained.is_some_and(|by| *by != 0) { Tone::Strong } else { Tone::Plain };
        Line::styled(text, ink.style(tone))
    };
    let all: Vec<&Counter> = shown_counters(model).into_iter().filter(about).collect();
    List {
        title: "connections and the process".to_owned(),
        head: Some(row("", "now", "new", "")),
        lines: slow(model, ink, columns).into_iter().chain(all.into_iter().map(line)).collect(),
    }
}

/// Above the figures, who does not read as fast as he is sent to. A filter is about the figures.
fn slow(model: &Model, ink: Ink, columns: usize) -> Vec<Line<'static>> {
    let Some(sample) = model.shown().sample.as_ref().filter(|_| model.sieve.text.is_empty()) else {
        return Vec::new();
    };
    let line = |slow: &Slow| {
        let share = slow.queued.saturating_mul(100).checked_div(slow.limit);
        let share = share.map_or(String::new(), |share| format!("{share}%"));
        let waits = format!("of {} queued for {}", bytes(slow.limit), length(sample.waited(slow)));
        let (name, queued) = (left(&slow_name(slow), NAME_COLUMNS), right(&bytes(slow.queued), 8));
        let tone = if is_near(slow) { Tone::Bad } else { Tone::Warn };
        Line::styled(fit(&format!("{name} {queued} {}  {waits}", right(&share, 8)), columns), ink.style(tone))
    };
    let mut lines: Vec<_> = sample.snapshot.slow.iter().map(line).collect();
    if !lines.is_empty() {
        lines.push(Line::default());
    }
    lines
}

/// Every histogram: its figures, and a picture of its buckets.
fn latencies(model: &Model, ink: Ink, columns: usize) -> List {
    let row =
        |name: &str, figures: [String; 5], picture: &str| latency_line(name, &figures, picture, columns);
    let titles = ["mean", "p50", "p90", "p99", "n"].map(str::to_owned);
    let mut lines = Vec::new();
    for counter in shown_counters(model) {
        let Value::Histogram(ever) = &counter.value else { continue };
        let recent = model.shown().recent(counter.name()).filter(|recent| recent.count > 0);
        let (values, tone) = match &recent {
            Some(recent) => (recent, Tone::Plain),
            None => (ever, Tone::Dim),
        };
        let text = row(&clean(counter.name()), figures_of(counter, values), &buckets(values));
        lines.push(Line::styled(text, ink.style(tone)));
        let help = format!("{}{}", " ".repeat(2), clean(&counter.about.help));
        lines.push(Line::styled(fit(&help, columns), ink.style(Tone::Dim)));
    }
    List {
        title: format!("lengths, last {RECENT_S} s; dim: ever"),
        head: Some(row("", titles, "short … long")),
        lines,
    }
}

/// As many of the figures as there is space for, each of them whole; and the picture, if something of it can be seen.
fn latency_line(name: &str, figures: &[String], picture: &str, columns: usize) -> String {
    let shown = columns.saturating_sub(NAME_COLUMNS) / FIGURE_COLUMNS;
    let left_out = &GIVES_WAY[..GIVES_WAY.len().min(figures.len().saturating_sub(shown))];
    let kept = figures.iter().enumerate().filter(|(at, _)| !left_out.contains(at));
    let figures: String = kept.map(|(_, figure)| right(figure, FIGURE_COLUMNS)).collect();
    let name = left(name, columns.saturating_sub(width(&figures)).min(NAME_COLUMNS));
    let line = name + &figures;
    let has_space = columns >= width(&line) + PICTURE_COLUMNS_MIN;
    fit(&if has_space { format!("{line}  {picture}") } else { line }, columns)
}

/// A picture of the buckets that are used.
fn buckets(values: &Histogram) -> String {
    let used = |bucket: &u64| *bucket > 0;
    let Some(first) = values.buckets.iter().position(used) else { return String::new() };
    let last = values.buckets.iter().rposition(used).unwrap_or(first);
    let bound = |index| {
        let bound = values.bound(index);
        bound.map_or("all above".to_owned(), |bound: u64| format!("≤{}", short(bound)))
    };
    let shown = &values.buckets[first..=last];
    format!("{} {} {}", bound(first), spark(shown, shown.len()), bound(last))
}

/// Every counter the server has, in the order of its directory.
fn counters(model: &Model, columns: usize) -> List {
    let all = shown_counters(model);
    let title = match model.figures {
        Figures::Totals => format!("counters {}", all.len()),
        Figures::Rates => format!("counters {}  per second", all.len()),
    };
    let lines = all.into_iter().map(|counter| Line::raw(counter_line(model, counter, columns))).collect();
    List { title, head: None, lines }
}

fn counter_line(model: &Model, counter: &Counter, columns: usize) -> String {
    let is_time = matches!(counter.about.unit.as_str(), "ns" | "us" | "ms");
    let value = match (model.figures, counter.about.kind) {
        (Figures::Totals | Figures::Rates, CounterKind::Gauge) | (Figures::Totals, CounterKind::Counter)
            if is_time =>
        {
            measured(counter.number(), &counter.about.unit)
        }
        (Figures::Totals, _) | (Figures::Rates, CounterKind::Gauge) => short(counter.number()),
        (Figures::Rates, CounterKind::Counter | CounterKind::Histogram) => {
            per_second(model, counter).map_or("-".to_owned(), |gained| format!("{gained}/s"))
        }
    };
    let name = left(&clean(counter.name()), NAME_COLUMNS);
    let unit = match counter.about.kind {
        CounterKind::Histogram => "values",
        // How long is said with its unit; how much longer per second is not.
        CounterKind::Gauge if is_time => "",
        CounterKind::Counter if is_time && model.figures == Figures::Totals => "",
        CounterKind::Gauge | CounterKind::Counter => &counter.about.unit,
    };
    let explained = quantiles(counter).unwrap_or_else(|| clean(&counter.about.help));
    fit(&format!("{name} {} {} {explained}", right(&value, 9), left(&clean(unit), 12)), columns)
}

fn per_second(model: &Model, counter: &Counter) -> Option<String> {
    let rates = model.shown().rates.as_ref()?;
    let gained = *rates.gained.get(counter.name())?;
    Some(rate(rates.per_second(gained.max(0).unsigned_abs())))
}

struct CounterRow<'a>(&'a Counter);

impl Row for CounterRow<'_> {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn number(&self, field: &str) -> Option<f64> {
        (field == "value").then(|| self.0.number() as f64)
    }
}

fn shown_counters(model: &Model) -> Vec<&Counter> {
    let Some(sample) = &model.shown().sample else { return Vec::new() };
    let counters =
        sample.snapshot.counters.iter().filter(|counter| !model.hide_zeros || counter.number() > 0);
    counters.filter(|counter| model.sieve.admits(&CounterRow(counter))).collect()
}

/// A row of the help; what it says is searched.
struct KeyRow {
    text: String,
}

impl Row for KeyRow {
    fn name(&self) -> &str {
        &self.text
    }

    fn number(&self, _: &str) -> Option<f64> {
        None
    }
}

fn keys(model: &Model, columns: usize) -> List {
    let row = |binding: &Binding| KeyRow { text: format!("{}  {}", left(binding.shown, 6), binding.help) };
    let rows = BINDINGS.iter().map(row).filter(|row| model.sieve.admits(row));
    let lines = rows.map(|row| Line::raw(fit(&row.text, columns))).collect();
    List { title: "keys".to_owned(), head: None, lines }
}

fn inner_columns(body: Rect) -> usize {
    usize::from(body.width.saturating_sub(2))
}

fn overflow(list: &List, body: Rect) -> usize {
    list.lines.len().saturating_sub(rows(list, body))
}

/// Rows within the frame, below the head.
fn rows(list: &List, body: Rect) -> usize {
    usize::from(body.height.saturating_sub(2)).saturating_sub(usize::from(list.head.is_some()))
}

fn draw(model: &Model, list: List, ink: Ink, frame: &mut Frame<'_>, body: Rect) {
    let rows = rows(&list, body);
    let first = model.scroll.min(list.lines.len().saturating_sub(rows));
    let head = list.head.map(|head| Line::styled(head, ink.style(Tone::Dim)));
    let shown: Vec<Line<'_>> =
        head.into_iter().chain(list.lines.into_iter().skip(first).take(rows)).collect();
    frame.render_widget(Paragraph::new(shown).block(ink.panel(&list.title)), body);
}
