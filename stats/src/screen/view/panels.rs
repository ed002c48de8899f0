//! The panels beside the rooms: messages per second, the server's figures, who talks most.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Paragraph, Sparkline};
use segment::{Counter, Histogram, Slow, Value};

use super::super::gathered::RECENT_S;
use super::super::model::Model;
use super::super::people;
use super::ink::{Ink, Tone};
use crate::once::slow_name;
use crate::text::{bytes, clean, left, length, measured, rate, right, short, width};

/// Columns of a figure, and of the names that counters usually have.
const FIGURE_COLUMNS: usize = 7;
const NAME_COLUMNS: usize = 14;

/// Messages per second, a column for each look.
pub(super) fn pulse(model: &Model, ink: Ink, frame: &mut Frame<'_>, area: Rect) {
    let gathered = model.shown();
    let columns = usize::from(area.width.saturating_sub(2));
    let shown: Vec<u64> =
        gathered.pulse.iter().copied().skip(gathered.pulse.len().saturating_sub(columns)).collect();
    let most = shown.iter().copied().max().unwrap_or(0) as f64 / 1000.0;
    let now = gathered.rates.as_ref().map_or("-".to_owned(), |rates| rate(rates.messages()));
    let span = length(model.interval * columns as u32);
    let title = format!("messages/s  now {now}  max {}  in {span}", rate(most));
    // The newest is at the right, also while there are few.
    let mut padded = vec![0; columns - shown.len()];
    padded.extend(shown);
    let picture = Sparkline::default().block(ink.panel(&title)).data(&padded).style(ink.style(Tone::Picture));
    frame.render_widget(picture, area);
}

/// Every histogram of the server, over the last minute.
pub(super) fn server(model: &Model, ink: Ink, frame: &mut Frame<'_>, area: Rect) {
    let gathered = model.shown();
    let Some(sample) = &gathered.sample else { return };
    let histograms = sample.snapshot.counters.iter().filter_map(|counter| match &counter.value {
        Value::Histogram(histogram) => Some((counter, histogram)),
        Value::Number(_) => None,
    });
    let columns = usize::from(area.width.saturating_sub(2));
    // Names of usual length are worth more than the mean.
    let first = if columns >= NAME_COLUMNS + 4 * FIGURE_COLUMNS { 0 } else { 1 };
    let line = |name: &str, figures: [String; 4]| {
        let figures = figures[first..].iter().map(|figure| right(figure, FIGURE_COLUMNS)).collect::<String>();
        left(name, columns.saturating_sub(width(&figures))) + &figures
    };
    let titles = ["mean", "p50", "p99", "n"].map(str::to_owned);
    let mut lines = vec![Line::styled(line("", titles), ink.style(Tone::Dim))];
    for (counter, total) in histograms {
        let recent = gathered.recent(counter.name()).filter(|recent| recent.count > 0);
        // What was long ago is better than nothing, and marked.
        let (figures, tone) = match &recent {
            Some(recent) => (recent, Tone::Plain),
            None => (total, Tone::Dim),
        };
        lines.push(Line::styled(
            line(&clean(counter.name()), panel_figures(counter, figures)),
            ink.style(tone),
        ));
    }
    let title = format!("server, last {RECENT_S} s; dim: ever");
    frame.render_widget(Paragraph::new(lines).block(ink.panel(&title)), area);
}

/// The panel has no place for p90.
fn panel_figures(counter: &Counter, histogram: &Histogram) -> [String; 4] {
    let [mean, p50, _, p99, count] = figures_of(counter, histogram);
    [mean, p50, p99, count]
}

/// Mean, p50, p90, p99, and how many.
pub(super) fn figures_of(counter: &Counter, histogram: &Histogram) -> [String; 5] {
    if histogram.count == 0 {
        return ["-", "-", "-", "-", "0"].map(str::to_owned);
    }
    let unit = &counter.about.unit;
    let quantile = |share| match histogram.quantile(share) {
        Some(u64::MAX) | None => "-".to_owned(),
        Some(bound) => measured(bound, unit),
    };
    let mean = measured(histogram.sum / histogram.count, unit);
    [mean, quantile(0.5), quantile(0.9), quantile(0.99), short(histogram.count)]
}

/// Who does not read as fast as he is sent to: what waits, of how much may wait, and for how long.
pub(super) fn slow(model: &Model, ink: Ink, frame: &mut Frame<'_>, area: Rect) {
    let Some(sample) = &model.shown().sample else { return };
    let name_columns = usize::from(area.width.saturating_sub(2 + 16));
    let lines = sample.snapshot.slow.iter().map(|slow| {
        let waits = format!("{}/{}", bytes(slow.queued), bytes(slow.limit));
        let name = left(&slow_name(slow), name_columns);
        let line = name + &right(&waits, 10) + &right(&length(sample.waited(slow)), 6);
        Line::styled(line, ink.style(if is_near(slow) { Tone::Bad } else { Tone::Plain }))
    });
    let lines: Vec<_> = lines.collect();
    frame.render_widget(Paragraph::new(lines).block(ink.panel("slow readers")), area);
}

/// Whether he is about to lose his connection.
pub(super) fn is_near(slow: &Slow) -> bool {
    slow.queued > slow.limit / 2
}

/// Who talks most in all rooms together: messages per second, where that is known, and all of them.
pub(super) fn talkers(model: &Model, ink: Ink, frame: &mut Frame<'_>, area: Rect) {
    let Some(sample) = &model.shown().sample else { return };
    let people = people::people(sample).into_iter().filter(|person| person.messages > 0);
    let name_columns = usize::from(area.width.saturating_sub(2 + 13));
    let lines = people.take(area.height.into()).map(|person| {
        let name = left(&clean(&person.name), name_columns);
        let rates = model.shown().rates.as_ref();
        let new = rates.and_then(|rates| Some(rate(rates.per_second(*rates.people.get(&person.name)?))));
        Line::raw(name + &right(&new.unwrap_or_default(), 7) + &right(&short(person.messages), 6))
    });
    let lines: Vec<_> = lines.collect();
    frame.render_widget(Paragraph::new(lines).block(ink.panel("top talkers  msg/s   all")), area);
}
