//! One room: what is said there, and who is in it.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;
use segment::Room;

use super::super::model::Model;
use super::ink::{Ink, Tone};
use super::{split_columns, split_rows};
use crate::records;
use crate::sample::room_number;
use crate::text::{bytes, clean, fit, rate, short, spark, width};

/// Columns from which the members stand beside the words, and how many they take.
const MEMBERS_FROM: u16 = 60;
const MEMBERS_COLUMNS: u16 = 22;

/// Where the parts of the page are.
struct Places {
    facts: Rect,
    words: Rect,
    members: Rect,
}

impl Places {
    fn of(body: Rect) -> Places {
        let (facts, below) = split_rows(body, if body.height >= 10 { 3 } else { 1 });
        let members = if body.width >= MEMBERS_FROM { MEMBERS_COLUMNS } else { 0 };
        let (words, members) = split_columns(below, members);
        Places { facts, words, members }
    }

    /// Rows for words, within their frame.
    fn rows(&self) -> usize {
        usize::from(self.words.height.saturating_sub(2))
    }
}

pub(super) fn draw(model: &Model, name: &str, ink: Ink, frame: &mut Frame<'_>, body: Rect) {
    let places = Places::of(body);
    let sample = model.shown().sample.as_ref();
    let room = sample.and_then(|sample| sample.snapshot.room(name));
    frame.render_widget(Paragraph::new(facts(model, name, room, ink, body.width)), places.facts);
    let columns = usize::from(places.words.width.saturating_sub(2));
    let all = words(model, ink, columns);
    let (rows, back) = (places.rows(), model.scroll.min(lines(model, body)));
    let first = all.len().saturating_sub(rows + back);
    let shown: Vec<Line<'_>> = all.into_iter().skip(first).take(rows).collect();
    let title = match back {
        0 => fit(&clean(name), columns),
        back => format!("{}  {back} lines back", fit(&clean(name), columns / 2)),
    };
    frame.render_widget(Paragraph::new(shown).block(ink.panel(&title)), places.words);
    if let Some(room) = room {
        frame.render_widget(members(room, ink, places.members), places.members);
    }
}

/// How far one can go back.
pub(super) fn lines(model: &Model, body: Rect) -> usize {
    let places = Places::of(body);
    let all = words(model, Ink::new(false), usize::from(places.words.width.saturating_sub(2)));
    all.len().saturating_sub(places.rows())
}

fn facts(model: &Model, name: &str, room: Option<&Room>, ink: Ink, columns: u16) -> Vec<Line<'static>> {
    let Some(room) = room else {
        let gone = format!("{} is gone", clean(name));
        return vec![ink.joined(vec![vec![ink.span(gone, Tone::Bad)]], columns)];
    };
    let number = |name: &str| room_number(room, name);
    let mut pieces = vec![vec![ink.span(clean(&room.name), Tone::Strong)]];
    let mut add = |label: &str, value: Option<String>| {
        if let Some(value) = value {
            pieces.push(vec![ink.span(format!("{label} "), Tone::Dim), ink.span(value, Tone::Plain)]);
        }
    };
    add("users", number("members").map(short));
    add("most", number("members_peak").map(short));
    add("msg/s", model.rate(room).map(rate));
    add("messages", number("messages").map(short));
    add("bytes", number("bytes").map(bytes));
    add("records lost", number("dropped").filter(|lost| *lost > 0).map(short));
    add("", (!room.open).then(|| "ended".to_owned()));
    let topic = vec![ink.span("topic ", Tone::Dim), ink.span(clean(&room.topic), Tone::Plain)];
    let minutes = spark(&room.minutes, usize::from(columns.saturating_sub(20)).min(room.minutes.len()));
    let minutes = vec![ink.span("last hour ", Tone::Dim), ink.span(minutes, Tone::Picture)];
    vec![
        ink.joined(pieces, columns),
        ink.joined(if room.topic.is_empty() { vec![] } else { vec![topic] }, columns),
        ink.joined(vec![minutes], columns),
    ]
}

/// What was said, in lines of so many columns, and what was lost in between.
fn words(model: &Model, ink: Ink, columns: usize) -> Vec<Line<'static>> {
    let Some(talk) = &model.shown().talk else { return Vec::new() };
    let mut lines = Vec::new();
    for record in &talk.records {
        if let Some(lost) = talk.lost.get(&record.sequence) {
            lines.push(Line::styled(format!("== {lost} records were lost"), ink.style(Tone::Warn)));
        }
        let told = records::line(record);
        // The day is known to whoever watches.
        let told = told.split_once(' ').map_or(told.as_str(), |(_, told)| told);
        let tone = if record.kind.is_speech() { Tone::Plain } else { Tone::Dim };
        lines.extend(wrapped(told, columns).into_iter().map(|line| Line::styled(line, ink.style(tone))));
    }
    if let Some(error) = &talk.trouble {
        lines.push(Line::styled(format!("== {}", clean(&error.to_string())), ink.style(Tone::Bad)));
    }
    lines
}

/// The text in lines that fit, broken at spaces where there are some.
fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let (mut lines, mut line) = (Vec::new(), String::new());
    for word in text.split_inclusive(' ') {
        if !line.is_empty() && width(&line) + width(word.trim_end()) > columns {
            lines.push(std::mem::take(&mut line));
        }
        for character in word.chars() {
            let mut bytes = [0; 4];
            if !line.is_empty() && width(&line) + width(character.encode_utf8(&mut bytes)) > columns.max(1) {
                lines.push(std::mem::take(&mut line));
            }
            line.push(character);
        }
    }
    lines.push(line);
    lines
}

fn members(room: &Room, ink: Ink, area: Rect) -> Paragraph<'static> {
    let rows = usize::from(area.height.saturating_sub(2));
    let count = room_number(room, "members").unwrap_or(room.members.len() as u64);
    let mut lines: Vec<Line<'_>> =
        room.members.iter().map(|member| Line::raw(clean(&member.prefix) + &clean(&member.name))).collect();
    if lines.len() > rows && rows > 0 {
        lines.truncate(rows - 1);
    }
    let hidden = count.saturating_sub(lines.len() as u64);
    if hidden > 0 {
        lines.push(Line::styled(format!("and {hidden} more"), ink.style(Tone::Dim)));
    }
    Paragraph::new(lines).block(ink.panel(&format!("{count} here")))
}
