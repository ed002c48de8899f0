//! One sample as aligned text.

use std::fmt::Write;

use segment::{Counter, Room, Slow, Value};

use crate::sample::{Copied, Sample, State, last_said, room_number, told_rate};
use crate::text::{self, clean, left, length, right, spark, width};

/// Columns of the picture of a room's last minutes.
const MINUTES_SHOWN: usize = 20;
/// Columns a name or a talker may take.
const NAME_COLUMNS_MAX: usize = 40;

/// A sample as aligned text, for people and pipes: the same at any width of any terminal.
pub fn render(sample: &Sample) -> String {
    let mut page = headline(sample);
    page.push('\n');
    if let Copied::Unguarded(why) = &sample.copied {
        // Writing to a String cannot fail.
        let _ = writeln!(page, "read without the guard: {}", clean(why));
    }
    page.push('\n');
    table(&mut page, &counters(sample));
    page.push('\n');
    table(&mut page, &rooms(sample));
    talkers(&mut page, sample);
    slow(&mut page, sample);
    page
}

/// One line that says who serves, and how that is known.
pub(crate) fn headline(sample: &Sample) -> String {
    let server = &sample.server;
    let silent = length(server.silent);
    let since = text::time(server.heartbeat_ms);
    let state = sample.state.word().to_uppercase();
    let told = match sample.state {
        State::Live | State::Restarted => {
            format!("{state}  pid {}  up {}", server.pid, length(sample.uptime()))
        }
        State::Stale { .. } => format!("{state}  pid {}  silent since {since} ({silent})", server.pid),
        State::Dead { .. } => {
            format!("{state}  pid {}  gone since {since} ({silent}), last sample", server.pid)
        }
        State::Stopped { .. } => format!("{state}  since {since} ({silent}), last sample"),
        State::Retired(successor) => format!("{state}  {}, last sample", successor.told()),
    };
    let (major, minor) = server.layout;
    format!(
        "parlorstat  {}  {told}  epoch {}  layout {major}.{minor}  heartbeat {silent} ago",
        server.key, server.epoch
    )
}

fn counters(sample: &Sample) -> Vec<Vec<Cell>> {
    let mut rows = vec![vec![
        Cell::Left("server".into()),
        Cell::Right("value".into()),
        Cell::Left("unit".into()),
        Cell::Last(String::new()),
    ]];
    for counter in &sample.snapshot.counters {
        rows.push(vec![
            Cell::Left(clean(counter.name())),
            Cell::Right(counter.number().to_string()),
            Cell::Left(unit(counter)),
            Cell::Last(quantiles(counter).unwrap_or_default()),
        ]);
    }
    rows
}

/// What the number counts: values, for a histogram, whose unit is that of each value.
fn unit(counter: &Counter) -> String {
    match &counter.value {
        Value::Number(_) => clean(&counter.about.unit),
        Value::Histogram(_) => "values".to_owned(),
    }
}

/// Half of the values are at most p50, 99 of 100 at most p99.
pub(crate) fn quantiles(counter: &Counter) -> Option<String> {
    let Value::Histogram(histogram) = &counter.value else { return None };
    if histogram.count == 0 {
        return None;
    }
    let shown = |share: f64| match histogram.quantile(share) {
        Some(u64::MAX) => "over all".to_owned(),
        Some(bound) => format!("≤{}", text::measured(bound, &counter.about.unit)),
        None => "-".to_owned(),
    };
    let mean = text::measured(histogram.sum / histogram.count, &counter.about.unit);
    Some(format!("mean {mean}  p50 {}  p99 {}", shown(0.5), shown(0.99)))
}

fn rooms(sample: &Sample) -> Vec<Vec<Cell>> {
    let titles = ["users", "msg/s", "messages", "bytes"].map(|title| Cell::Right(title.into()));
    let mut first = vec![Cell::Left(format!("rooms ({})", sample.snapshot.rooms.len()))];
    first.extend(titles);
    first.extend([Cell::Left(format!("last {MINUTES_SHOWN} minutes")), Cell::Last("last said".into())]);
    let mut rows = vec![first];
    rows.extend(in_order(sample).into_iter().map(|room| {
        let number = |name: &str| {
            Cell::Right(room_number(room, name).map_or("-".to_owned(), |number| number.to_string()))
        };
        let said = last_said(room);
        let said = said.map_or(String::new(), |(name, at)| format!("{} {}", text::moment(at), clean(name)));
        let live = sample.state.is_live();
        let rate = told_rate(room, "message_rate_1").filter(|_| live).map_or("-".to_owned(), text::rate);
        vec![
            Cell::Left(title(room)),
            number("members"),
            Cell::Right(rate),
            number("messages"),
            number("bytes"),
            Cell::Left(spark(&room.minutes, MINUTES_SHOWN)),
            Cell::Last(said),
        ]
    }));
    rows
}

fn talkers(page: &mut String, sample: &Sample) {
    let mut rows = Vec::new();
    for room in in_order(sample) {
        let names = room.talkers.iter().map(|talker| format!("{} {}", clean(&talker.name), talker.messages));
        let names: Vec<_> = names.collect();
        if !names.is_empty() {
            rows.push(vec![Cell::Left(title(room)), Cell::Last(names.join(", "))]);
        }
    }
    if !rows.is_empty() {
        page.push('\n');
        rows.insert(0, vec![Cell::Left("talkers".into()), Cell::Last("messages".into())]);
        table(page, &rows);
    }
}

/// Who does not read as fast as he is sent to.
fn slow(page: &mut String, sample: &Sample) {
    if sample.snapshot.slow.is_empty() {
        return;
    }
    let mut rows = vec![vec![
        Cell::Left("slow".into()),
        Cell::Right("queued".into()),
        Cell::Right("limit".into()),
        Cell::Last("for".into()),
    ]];
    rows.extend(sample.snapshot.slow.iter().map(|slow| {
        vec![
            Cell::Left(slow_name(slow)),
            Cell::Right(slow.queued.to_string()),
            Cell::Right(slow.limit.to_string()),
            Cell::Last(length(sample.waited(slow))),
        ]
    }));
    page.push('\n');
    table(page, &rows);
}

/// Who it is, if he has said so.
pub(crate) fn slow_name(slow: &Slow) -> String {
    let name = if slow.name.is_empty() { "(no nick)" } else { &slow.name };
    text::fit(&clean(name), NAME_COLUMNS_MAX)
}

/// The rooms with most messages first.
fn in_order(sample: &Sample) -> Vec<&Room> {
    let mut rooms: Vec<&Room> = sample.snapshot.rooms.iter().collect();
    rooms.sort_by_key(|room| (std::cmp::Reverse(room_number(room, "messages")), room.name.clone()));
    rooms
}

/// The room's name, marked if it has ended.
fn title(room: &Room) -> String {
    let ended = if room.open { "" } else { " (ended)" };
    text::fit(&clean(&room.name), NAME_COLUMNS_MAX) + ended
}

/// A piece of a line: where it stands in its column. The last one of a line is not padded.
pub(crate) enum Cell {
    Left(String),
    Right(String),
    Last(String),
}

impl Cell {
    fn text(&self) -> &str {
        match self {
            Cell::Left(text) | Cell::Right(text) | Cell::Last(text) => text,
        }
    }
}

/// Appends the rows, each column as wide as its widest text.
pub(crate) fn table(page: &mut String, rows: &[Vec<Cell>]) {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widest =
        |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| width(cell.text())).max();
    let widths: Vec<usize> = (0..columns).map(|column| widest(column).unwrap_or(0)).collect();
    for row in rows {
        let mut line = String::new();
        for (cell, &columns) in row.iter().zip(&widths) {
            match cell {
                Cell::Left(text) => line += &left(text, columns),
                Cell::Right(text) => line += &right(text, columns),
                Cell::Last(text) => line += text,
            }
            line += "  ";
        }
        page.push_str(line.trim_end());
        page.push('\n');
    }
}
