//! The lines at the top, and the keys at the bottom.

use std::time::Duration;

use ratatui::text::{Line, Span};

use super::super::gathered::Gathered;
use super::super::keys::BINDINGS;
use super::super::model::{Figures, Model, Page, View};
use super::super::sieve::Sieve;
use super::ink::{Ink, Tone};
use crate::sample::{Sample, State, room_number};
use crate::text::{bytes, clean, fit, fit_end, length, rate, short, time, width};

/// How a value of the totals is written.
#[derive(Clone, Copy)]
enum Shape {
    /// The value, and by how much it has changed.
    Level,
    /// The value, and how much comes per second.
    Flow,
    /// Only how much comes per second, in bytes.
    Bytes,
}

/// The server's counters in the line of totals, if it has them. What rooms tell nearly as well comes late.
#[rustfmt::skip]
const TOTALS: &[(&str, &str, Shape)] = &[
    ("users",       "users",       Shape::Level),
    ("in",          "bytes.in",    Shape::Bytes),
    ("out",         "bytes.out",   Shape::Bytes),
    ("channels",    "channels",    Shape::Level),
    ("messages",    "messages",    Shape::Flow),
    ("connections", "connections", Shape::Level),
    ("lines in",    "lines.in",    Shape::Flow),
];

/// What should not happen often.
#[rustfmt::skip]
const TROUBLES: &[(&str, &str)] = &[
    ("slow closed",   "connections.sendq"),
    ("flood",         "connections.flood"),
    ("full",          "connections.full"),
    ("crowded",       "connections.crowded"),
    ("bad passwords", "users.rejected"),
    ("malformed",     "lines.malformed"),
    ("records lost",  "segment.dropped"),
    ("guard busy",    "segment.deferred"),
];

/// Columns around what is typed and what is wrong with it: a slash, a bar for the cursor, blanks.
const TYPED_AROUND: usize = 6;

/// Up to three lines: who serves, totals, troubles.
pub(super) fn lines(model: &Model, ink: Ink, columns: u16) -> Vec<Line<'static>> {
    let gathered = model.shown();
    let mut lines = vec![ink.joined(server(model, ink), columns)];
    if let Some(sample) = &gathered.sample {
        lines.push(ink.joined(totals(gathered, sample, ink), columns));
        lines.push(ink.joined(troubles(gathered, sample, ink), columns));
    }
    lines
}

fn server(model: &Model, ink: Ink) -> Vec<Vec<Span<'static>>> {
    let gathered = model.shown();
    let plain = |text: String| vec![Span::raw(text)];
    let recorded = gathered.sample.as_ref().filter(|_| model.replays).map(|sample| sample.server.key);
    let key = recorded.unwrap_or(model.key);
    let mut pieces = vec![vec![ink.span("parlorstat ", Tone::Strong), Span::raw(key.to_string())]];
    let Some(sample) = &gathered.sample else {
        pieces.push(vec![ink.span("WAITING ○", Tone::Warn)]);
        return pieces;
    };
    if model.replays {
        pieces.push(vec![ink.span(format!("REPLAY {}", time(sample.taken.wall_ms)), Tone::Warn)]);
    }
    pieces.push(vec![state(gathered, sample, ink)]);
    if model.frozen.is_some() {
        let held = model.gathered.now.boot_us.saturating_sub(gathered.now.boot_us);
        pieces.push(vec![ink.span(format!("PAUSED {}", length(Duration::from_micros(held))), Tone::Warn)]);
    }
    let server = &sample.server;
    let silent = length(server.silent);
    let since = time(server.heartbeat_ms);
    if let Some((error, _)) = &gathered.trouble {
        pieces.push(vec![ink.span(clean(&error.to_string()), Tone::Bad)]);
        pieces.push(plain(format!("last sample of {}", time(sample.taken.wall_ms))));
    } else {
        match sample.state {
            State::Live | State::Restarted => {
                pieces.push(plain(format!("pid {}", server.pid)));
                pieces.push(plain(format!("up {}", length(sample.uptime()))));
            }
            State::Stale { .. } => {
                pieces.push(plain(format!("pid {} silent since {since} ({silent})", server.pid)));
            }
            State::Dead { .. } => {
                pieces.push(plain(format!("pid {} gone since {since} ({silent})", server.pid)));
                pieces.push(plain("last sample below".to_owned()));
            }
            State::Stopped { .. } => {
                pieces.push(plain(format!("since {since} ({silent})")));
                pieces.push(plain("last sample below".to_owned()));
            }
            State::Retired(successor) => {
                pieces.push(plain(format!("{}, last sample below", successor.told())));
            }
        }
    }
    if sample.state.is_live() {
        pieces.push(plain(format!("age {silent}")));
    }
    let (major, minor) = server.layout;
    pieces.push(plain(format!("epoch {}", server.epoch)));
    pieces.push(plain(format!("every {}", length(model.interval))));
    pieces.push(plain(format!("layout {major}.{minor}")));
    if let crate::Copied::Guarded(took) = sample.copied {
        pieces.push(plain(format!("guard {}us", took.as_micros())));
    }
    pieces
}

fn state(gathered: &Gathered, sample: &Sample, ink: Ink) -> Span<'static> {
    if gathered.trouble.is_some() {
        return ink.span("UNREADABLE ✖", Tone::Bad);
    }
    let (sign, tone) = match sample.state {
        State::Live => ("●", Tone::Good),
        State::Restarted => ("↻", Tone::Warn),
        State::Stale { .. } => ("◐", Tone::Warn),
        State::Dead { .. } => ("✖", Tone::Bad),
        State::Stopped { .. } => ("■", Tone::Warn),
        State::Retired(_) => ("◌", Tone::Warn),
    };
    ink.span(format!("{} {sign}", sample.state.word().to_uppercase()), tone)
}

fn totals(gathered: &Gathered, sample: &Sample, ink: Ink) -> Vec<Vec<Span<'static>>> {
    let mut pieces = Vec::new();
    for (label, name, shape) in TOTALS {
        let Some(counter) = sample.snapshot.counter(name) else { continue };
        let rates = gathered.rates.as_ref();
        let gained = rates.and_then(|rates| rates.gained.get(*name)).copied();
        let flow = rates.zip(gained).map(|(rates, gained)| rates.per_second(gained.unsigned_abs()));
        let value = match shape {
            Shape::Level | Shape::Flow => short(counter.number()),
            Shape::Bytes => flow.map_or("-".to_owned(), |flow| format!("{}B/s", bytes(flow as u64))),
        };
        let mut piece = vec![ink.span(format!("{label} "), Tone::Dim), ink.span(value, Tone::Strong)];
        match shape {
            Shape::Level => {
                piece.extend(gained.filter(|gained| *gained != 0).map(|by| Span::raw(format!(" ({by:+})"))));
            }
            Shape::Flow => piece.extend(flow.map(|flow| Span::raw(format!(" {}/s", rate(flow))))),
            Shape::Bytes => {}
        }
        pieces.push(piece);
    }
    let open = sample.snapshot.rooms.iter().filter(|room| room.open).count();
    let said: u64 = sample.snapshot.rooms.iter().filter_map(|room| room_number(room, "messages")).sum();
    let flow =
        gathered.rates.as_ref().map_or(String::new(), |rates| format!(" {}/s", rate(rates.messages())));
    let place = pieces.len().min(1);
    let rooms = vec![ink.span("rooms ", Tone::Dim), ink.span(open.to_string(), Tone::Strong)];
    let said = vec![ink.span("said ", Tone::Dim), ink.span(short(said), Tone::Strong), Span::raw(flow)];
    pieces.splice(place..place, [rooms, said]);
    pieces
}

fn troubles(gathered: &Gathered, sample: &Sample, ink: Ink) -> Vec<Vec<Span<'static>>> {
    let mut pieces: Vec<_> = churn(gathered, ink).into_iter().chain(slow(sample, ink)).collect();
    for (label, name) in TROUBLES {
        let Some(counter) = sample.snapshot.counter(name) else { continue };
        let gained = gathered.rates.as_ref().and_then(|rates| rates.gained.get(*name)).copied().unwrap_or(0);
        let tone = if gained > 0 { Tone::Bad } else { Tone::Plain };
        let new = if gained > 0 { format!(" (+{gained})") } else { String::new() };
        let value = ink.span(format!("{}{new}", short(counter.number())), tone);
        pieces.push(vec![ink.span(format!("{label} "), Tone::Dim), value]);
    }
    pieces
}

/// How many connections came and went since the look before.
fn churn(gathered: &Gathered, ink: Ink) -> Option<Vec<Span<'static>>> {
    let gained = |name: &str| gathered.rates.as_ref()?.gained.get(name).copied();
    let (came, went) = (gained("connections.accepted")?, gained("connections.ended")?);
    Some(vec![ink.span("churn ", Tone::Dim), Span::raw(format!("+{came} -{went}"))])
}

/// Those who do not read as fast as they are sent to; how much waits for the one with most, and for how long.
fn slow(sample: &Sample, ink: Ink) -> Option<Vec<Span<'static>>> {
    let [count, deepest, oldest_ms] = ["slow", "slow.deepest", "slow.oldest"]
        .map(|name| sample.snapshot.counter(name).map(segment::Counter::number));
    let (label, count) = (ink.span("slow ", Tone::Dim), count?);
    if count == 0 {
        return Some(vec![label, Span::raw("0")]);
    }
    let waits = length(Duration::from_millis(oldest_ms.unwrap_or(0)));
    let told = format!("{} {}B {waits}", short(count), bytes(deepest.unwrap_or(0)));
    Some(vec![label, ink.span(told, Tone::Bad)])
}

/// The keys that have a word in the table, and how the page is set.
pub(super) fn hints(model: &Model, ink: Ink, columns: u16) -> Line<'static> {
    let sieve = &model.sieve;
    if sieve.typing {
        return typed(sieve, ink, columns);
    }
    let mut pieces = Vec::new();
    if let Some(notice) = &model.notice {
        pieces.push(vec![ink.span(clean(notice), Tone::Warn)]);
    }
    if !sieve.text.is_empty() {
        pieces.push(vec![ink.span(format!("filter: {}", clean(&sieve.text)), Tone::Warn)]);
    }
    match model.page {
        Page::View(View::Rooms) if model.hide_zeros => {
            pieces.push(vec![ink.span("silent rooms hidden", Tone::Warn)]);
        }
        Page::View(_) if model.hide_zeros => pieces.push(vec![ink.span("zeros hidden", Tone::Warn)]),
        _ => {}
    }
    if model.figures == Figures::Rates {
        pieces.push(vec![ink.span("per second", Tone::Warn)]);
    }
    for binding in BINDINGS.iter().filter(|binding| !binding.hint.is_empty()) {
        let key = ink.span(binding.shown, Tone::Strong);
        pieces.push(vec![key, ink.span(format!(" {}", binding.hint), Tone::Dim)]);
    }
    ink.joined(pieces, columns)
}

/// The filter that is typed, and what is wrong with it: that is always there, if need be beside the text's end only.
fn typed(sieve: &Sieve, ink: Ink, columns: u16) -> Line<'static> {
    let space = usize::from(columns).saturating_sub(TYPED_AROUND);
    let wrong = sieve.wrong.as_deref().map(clean);
    let kept = wrong.as_deref().map_or(0, |wrong| width(wrong).min(space / 2));
    let text = fit_end(&clean(&sieve.text), space - kept);
    let told = match wrong {
        Some(wrong) => ink.span(fit(&wrong, space - width(&text)), Tone::Bad),
        None => ink.span("Enter keeps it, Esc takes it back", Tone::Dim),
    };
    ink.joined(vec![vec![ink.span("/", Tone::Strong), Span::raw(format!("{text}▏"))], vec![told]], columns)
}
