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
use crate::sample::{room_number, told_rate};
use crate::text::{bytes, clean, fit, left, rate, right, short, spark, width};

/// Columns from which the members stand beside the words, and how many they take.
const MEMBERS_FROM: u16 = 60;
const MEMBERS_COLUMNS: u16 = 22;

/// Rows from which those who talk most stand below the members.
const TALKERS_FROM: u16 = 15;

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
    let rows = places.rows();
    let mut shown = words(model, ink, columns, rows + model.scroll);
    // Where one has scrolled to on a smaller screen there may be nothing.
    let back = model.scroll.min(shown.len().saturating_sub(rows));
    shown.truncate(shown.len() - back);
    shown.drain(..shown.len().saturating_sub(rows));
    let title = match back {
        0 => fit(&clean(name), columns),
        back => format!("{}  {back} lines back", fit(&clean(name), columns / 2)),
    };
    frame.render_widget(Paragraph::new(shown).block(ink.panel(&title)), places.words);
    if let Some(room) = room {
        let talkers_rows = if places.members.height >= TALKERS_FROM { places.members.height / 3 } else { 0 };
        let (above, below) = split_rows(places.members, places.members.height - talkers_rows);
        frame.render_widget(members(room, ink, above), above);
        frame.render_widget(talkers(room, ink, below), below);
    }
}

/// How far one can go back.
pub(super) fn lines(model: &Model, body: Rect) -> usize {
    let places = Places::of(body);
    let columns = usize::from(places.words.width.saturating_sub(2));
    words(model, Ink::new(false), columns, usize::MAX).len().saturating_sub(places.rows())
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
    let told = |name: &str| told_rate(room, name).filter(|_| model.rate(room).is_some()).map(rate);
    add("peak", told("message_rate_peak"));
    add("in 10 s", told("message_rate_10"));
    add("in 60 s", told("message_rate_60"));
    add("messages", number("messages").map(short));
    add("bytes", number("bytes").map(bytes));
    add("came", number("joins").map(short));
    add("left", number("leaves").map(short));
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

/// What was said, in lines of so many columns, and what was lost in between: at least so many of the newest lines, if
/// there are as many.
fn words(model: &Model, ink: Ink, columns: usize, wanted: usize) -> Vec<Line<'static>> {
    let Some(talk) = &model.shown().talk else { return Vec::new() };
    // From the newest back, and turned around at the end.
    let mut lines = Vec::new();
    if let Some(error) = &talk.trouble {
        lines.push(Line::styled(format!("== {}", clean(&error.to_string())), ink.style(Tone::Bad)));
    }
    for record in talk.records.iter().rev() {
        if lines.len() >= wanted {
            break;
        }
        let told = records::line(record);
        // The day is known to whoever watches.
        let told = told.split_once(' ').map_or(told.as_str(), |(_, told)| told);
        let tone = if record.kind.is_speech() { Tone::Plain } else { Tone::Dim };
        lines
            .extend(wrapped(told, columns).into_iter().rev().map(|line| Line::styled(line, ink.style(tone))));
        if let Some(lost) = talk.lost.get(&record.sequence) {
            lines.push(Line::styled(format!("== {lost} records were lost"), ink.style(Tone::Warn)));
        }
    }
    lines.reverse();
    lines
}

/// The text in lines that fit, broken at spaces where there are some.
fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let (mut lines, mut line, mut used) = (Vec::new(), String::new(), 0);
    for word in text.split_inclusive(' ') {
        if used > 0 && used + width(word.trim_end()) > columns {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        for character in word.chars() {
            let more = width(character.encode_utf8(&mut [0; 4]));
            if used > 0 && used + more > columns {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push(character);
            used += more;
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

fn talkers(room: &Room, ink: Ink, area: Rect) -> Paragraph<'static> {
    let columns = usize::from(area.width.saturating_sub(2 + 6));
    let rows = usize::from(area.height.saturating_sub(2));
    let line = |talker: &segment::Talker| {
        Line::raw(left(&clean(&talker.name), columns) + &right(&short(talker.messages), 6))
    };
    let lines: Vec<Line<'_>> = room.talkers.iter().take(rows).map(line).collect();
    Paragraph::new(lines).block(ink.panel("talk most"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_at_spaces_if_they_can_be() {
        for (text, columns, lines) in [
            ("", 5, &[""][..]),
            ("one two", 7, &["one two"]),
            ("one two", 6, &["one ", "two"]),
            ("one two three", 4, &["one ", "two ", "thre", "e"]),
            ("日本語", 4, &["日本", "語"]),
            ("ab", 0, &["a", "b"]),
        ] {
            assert_eq!(wrapped(text, columns), lines, "{text:?} in {columns}");
        }
    }
}
