//! The table of rooms.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;
use segment::Room;

use super::super::model::{Figures, Model, SORTS};
use super::ink::{Ink, Tone};
use crate::sample::{room_number, told_rate};
use crate::text::{bytes, clean, left, length, rate, right, short, spark};

/// Columns of the room's name at least, and at most.
const NAME_COLUMNS: std::ops::RangeInclusive<usize> = 10..=40;

/// A column: its title, how wide it is, when it is given up, and what stands in it.
struct Column {
    title: &'static str,
    /// The title when it is per second.
    rate_title: &'static str,
    columns: usize,
    /// The ones with great numbers go first when it is narrow.
    priority: u8,
    side: Side,
    value: fn(&Model, &Room) -> String,
}

#[derive(Clone, Copy)]
enum Side {
    Left,
    Right,
}

use Side::{Left, Right};

const fn column(
    [title, rate_title]: [&'static str; 2],
    columns: usize,
    priority: u8,
    side: Side,
    value: fn(&Model, &Room) -> String,
) -> Column {
    Column { title, rate_title, columns, priority, side, value }
}

/// What follows the room's name.
#[rustfmt::skip]
const COLUMNS: &[Column] = &[
    column(["users",     "users"],     5, 0, Right, |_, room| room_number(room, "members").map_or("-".to_owned(), short)),
    column(["msg/s",     "msg/s"],     6, 1, Right, |model, room| model.rate(room).map_or("-".to_owned(), rate)),
    column(["minutes",   "minutes"],  12, 4, Left,  |_, room| spark(&room.minutes, 12)),
    column(["messages",  "in 60 s"],   8, 2, Right, messages),
    column(["bytes",     "B/s"],       6, 3, Right, text_bytes),
    column(["last said", "last said"], 10, 5, Left, last),
    column(["ago",       "ago"],       6, 6, Right, ago),
];

pub(super) fn draw(model: &Model, ink: Ink, frame: &mut Frame<'_>, area: Rect) {
    let rooms = model.rooms();
    let (_, sorted) = SORTS.iter().find(|(sort, _)| *sort == model.sort).expect("the table has all");
    let arrow = if model.reverse { "▲" } else { "▼" };
    let panel = ink.panel(&format!("rooms {}  sort: {sorted} {arrow}", rooms.len()));
    let inner = panel.inner(area);
    frame.render_widget(panel, area);
    let (shown, name_columns) = fold(usize::from(inner.width));
    let mut head = left("room", name_columns);
    for column in &shown {
        head += &set(column, if model.figures == Figures::Totals { column.title } else { column.rate_title });
    }
    let mut lines = vec![Line::styled(head, ink.style(Tone::Dim))];
    let rows = usize::from(inner.height.saturating_sub(1));
    let selected = model.selected_at(&rooms);
    // The bar is kept in the middle, as far as there are rooms on both sides.
    let first = selected.saturating_sub(rows / 2).min(rooms.len().saturating_sub(rows));
    for (at, room) in rooms.iter().enumerate().skip(first).take(rows) {
        let ended = if room.open { "" } else { "†" };
        let mut line = left(&(clean(&room.name) + ended), name_columns);
        for column in &shown {
            line += &set(column, &(column.value)(model, room));
        }
        let tone = if at == selected { Tone::Bar } else { Tone::Plain };
        lines.push(Line::styled(line, ink.style(tone)));
    }
    frame.render_widget(Paragraph::new(lines), inner);
}

/// The columns that have room beside the name, and the columns of the name.
fn fold(columns: usize) -> (Vec<&'static Column>, usize) {
    let mut left = columns.saturating_sub(*NAME_COLUMNS.start());
    let mut kept: Vec<&Column> = COLUMNS.iter().collect();
    kept.sort_by_key(|column| column.priority);
    let fits = |column: &&Column| {
        let rest = left.checked_sub(column.columns + 1);
        left = rest.unwrap_or(0);
        rest.is_some()
    };
    let kept: Vec<u8> = kept.into_iter().take_while(fits).map(|column| column.priority).collect();
    let shown: Vec<&Column> = COLUMNS.iter().filter(|column| kept.contains(&column.priority)).collect();
    let used: usize = shown.iter().map(|column| column.columns + 1).sum();
    let name = columns.saturating_sub(used).min(*NAME_COLUMNS.end());
    (shown, name)
}

fn set(column: &Column, text: &str) -> String {
    let text = match column.side {
        Left => left(text, column.columns),
        Right => right(text, column.columns),
    };
    format!(" {text}")
}

/// All messages; or those of the last minute per second, as the server says it.
fn messages(model: &Model, room: &Room) -> String {
    match model.figures {
        Figures::Totals => room_number(room, "messages").map_or("-".to_owned(), short),
        Figures::Rates => {
            let told = told_rate(room, "message_rate_60").filter(|_| model.rate(room).is_some());
            told.map_or("-".to_owned(), rate)
        }
    }
}

fn text_bytes(model: &Model, room: &Room) -> String {
    match (model.figures, &model.shown().rates) {
        (Figures::Totals, _) => room_number(room, "bytes").map_or("-".to_owned(), bytes),
        (Figures::Rates, Some(rates)) => {
            let new = rates.rooms.get(&room.tenure);
            new.map_or("-".to_owned(), |new| bytes(rates.per_second(new.bytes) as u64))
        }
        (Figures::Rates, None) => "-".to_owned(),
    }
}

fn last(_: &Model, room: &Room) -> String {
    clean(&room.last)
}

/// Since the last word in the room, as of the last look.
fn ago(model: &Model, room: &Room) -> String {
    let active = room_number(room, "active_ms").filter(|active| *active > 0);
    active.map_or(String::new(), |active| {
        length(std::time::Duration::from_millis(model.shown().now.wall_ms.saturating_sub(active)))
    })
}
