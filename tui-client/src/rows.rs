//! Logical lines as rows of the screen. Only lines that are looked at are ever wrapped, so that a buffer of a hundred
//! thousand lines costs no more to draw than one of ten, and nothing has to be kept per width.

use std::ops::Range;

use crate::buffer::{Anchor, Buffer, Line, Tone};
use crate::layout::Gutter;
use crate::text::{fitted, wrap};
use crate::zone::Zone;

/// The narrowest column of nicks in which those who name us are marked.
const MARKED_COLUMNS_MIN: usize = 9;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Row {
    /// The day of the line below is another than that of the line above.
    Day,
    /// What follows was not read.
    Unread,
    /// A part of the text of the line; the first has the time and the nick.
    Text { first: bool, range: Range<usize> },
}

/// How lines become rows in a buffer.
#[derive(Clone, Copy)]
pub(crate) struct Shape<'a> {
    pub zone: &'a Zone,
    pub gutter: Gutter,
    /// Columns of the whole area.
    pub columns: u16,
    /// Whether hidden lines are shown.
    pub hidden_too: bool,
}

impl Shape<'_> {
    /// Columns for text.
    pub fn text_columns(&self) -> usize {
        usize::from(self.columns.saturating_sub(self.gutter.columns()).max(1))
    }

    /// The rows of a line, with what stands above it; none if it is not seen.
    pub fn rows(&self, buffer: &Buffer, seq: u64) -> Vec<Row> {
        let Some(line) = buffer.line(seq).filter(|line| line.is_seen(self.hidden_too)) else {
            return Vec::new();
        };
        let mut rows = Vec::new();
        let before = self.seen_before(buffer, seq).and_then(|before| buffer.line(before));
        if before.is_none_or(|before| self.zone.day(before.at) != self.zone.day(line.at)) {
            rows.push(Row::Day);
        }
        if buffer.marker.is_some_and(|marker| marker.seq == seq) {
            rows.push(Row::Unread);
        }
        let body = self.body(line);
        let ranges = wrap(&crate::format::plain(&body), self.text_columns()).into_iter();
        rows.extend(ranges.enumerate().map(|(index, range)| Row::Text { first: index == 0, range }));
        rows
    }

    /// What stands in the column of nicks.
    pub fn label(&self, line: &Line) -> String {
        let columns = usize::from(self.gutter.nick);
        // Who has no colours sees it too.
        if line.mention && columns >= MARKED_COLUMNS_MIN {
            let unmarked = Line { mention: false, ..line.clone() };
            let gutter = Gutter { nick: self.gutter.nick - 2, ..self.gutter };
            return format!("{} @", Shape { gutter, ..*self }.label(&unmarked));
        }
        match line.tone {
            Tone::Message => fitted(&line.nick, columns),
            Tone::Notice if line.nick.is_empty() => "-".to_owned(),
            Tone::Notice => format!("-{}-", fitted(&line.nick, columns.saturating_sub(2))),
            Tone::Action => "*".to_owned(),
            Tone::Event | Tone::Crowd | Tone::Info => "·".to_owned(),
            Tone::Error => "!".to_owned(),
        }
    }

    /// The text of a line with what is said about it; with the nick where there is no column for it.
    pub fn body(&self, line: &Line) -> String {
        let (nick, remark) = (&line.nick, line.remark());
        let text = format!("{}{}", line.answers(), line.shown());
        let inline = self.gutter.nick == 0;
        match line.tone {
            Tone::Action if inline => format!("* {nick} {text}{remark}"),
            Tone::Action => format!("{nick} {text}{remark}"),
            Tone::Message if inline => format!("<{nick}> {text}{remark}"),
            Tone::Notice if inline => format!("-{nick}- {text}{remark}"),
            Tone::Error if inline => format!("! {text}"),
            Tone::Event | Tone::Crowd | Tone::Info if inline => format!("· {text}"),
            _ => format!("{text}{remark}"),
        }
    }

    /// The rows to show: line and row, from the top, at most `height`, ending with the anchor or the last line.
    pub fn window(&self, buffer: &Buffer, height: usize) -> Vec<(u64, Row)> {
        let mut window = Vec::with_capacity(height);
        let last = buffer.end().checked_sub(1).filter(|last| *last >= buffer.start());
        let (mut seq, shown) = match (buffer.anchor, last) {
            (Some(anchor), Some(last)) if anchor.seq <= last => {
                (anchor.seq.max(buffer.start()), anchor.row + 1)
            }
            (_, Some(last)) => (last, usize::MAX),
            (_, None) => return window,
        };
        let mut take = shown;
        while window.len() < height {
            let rows = self.rows(buffer, seq);
            let count = rows.len().min(take);
            window.extend(rows.into_iter().take(count).rev().map(|row| (seq, row)));
            take = usize::MAX;
            if seq == buffer.start() {
                break;
            }
            seq -= 1;
        }
        window.truncate(height);
        window.reverse();
        window
    }

    /// Where a view is after it was moved by some rows, up if negative; `None` at the end.
    pub fn moved(&self, buffer: &Buffer, height: usize, by: isize) -> Option<Anchor> {
        let end = self.end(buffer)?;
        let mut at = self.seen_near(buffer, buffer.anchor.unwrap_or(end), end);
        let mut count = self.rows(buffer, at.seq).len();
        for _ in 0..by.unsigned_abs() {
            let next = match by < 0 {
                true if at.row > 0 => Some(Anchor { row: at.row - 1, ..at }),
                true => self.seen_before(buffer, at.seq).map(|seq| self.last_row(buffer, seq)),
                false if at.row + 1 < count => Some(Anchor { row: at.row + 1, ..at }),
                false => self.seen_from(buffer, at.seq + 1).map(|seq| Anchor { seq, row: 0 }),
            };
            let Some(next) = next else { break };
            if next.seq != at.seq {
                count = self.rows(buffer, next.seq).len();
            }
            at = next;
        }
        // Only near the top the screen might not be full.
        let first = buffer.start();
        let above = (first..at.seq).filter(|seq| self.is_seen(buffer, *seq)).take(height);
        let near = above.count() < height;
        let at = if near { at.max_of(self.below(buffer, height, first)) } else { at };
        (at.key() < end.key()).then_some(at)
    }

    /// Where a view is whose first line is a given one; `None` at the end.
    pub fn with_first(&self, buffer: &Buffer, height: usize, seq: u64) -> Option<Anchor> {
        let end = self.end(buffer)?;
        let at = self.below(buffer, height, seq.clamp(buffer.start(), end.seq));
        (at.key() < end.key()).then_some(at)
    }

    /// The last row of a full screen that begins with a line.
    fn below(&self, buffer: &Buffer, height: usize, first: u64) -> Anchor {
        let mut left = height.max(1);
        let mut at = Anchor { seq: first, row: 0 };
        for seq in first..buffer.end() {
            let count = self.rows(buffer, seq).len();
            if count == 0 {
                continue;
            }
            at = Anchor { seq, row: count.min(left) - 1 };
            left = left.saturating_sub(count);
            if left == 0 {
                break;
            }
        }
        at
    }

    /// The last row of the last line that is seen.
    fn end(&self, buffer: &Buffer) -> Option<Anchor> {
        Some(self.last_row(buffer, self.seen_before(buffer, buffer.end())?))
    }

    fn last_row(&self, buffer: &Buffer, seq: u64) -> Anchor {
        Anchor { seq, row: self.rows(buffer, seq).len().saturating_sub(1) }
    }

    /// The same place, or the next one before it that is seen, or else the one behind it.
    fn seen_near(&self, buffer: &Buffer, at: Anchor, end: Anchor) -> Anchor {
        let seq = at.seq.clamp(buffer.start(), end.seq);
        let near = self.seen_before(buffer, seq + 1).or_else(|| self.seen_from(buffer, seq)).unwrap_or(seq);
        let last = self.last_row(buffer, near);
        if near == at.seq { Anchor { seq: near, row: at.row.min(last.row) } } else { last }
    }

    fn seen_before(&self, buffer: &Buffer, seq: u64) -> Option<u64> {
        (buffer.start()..seq).rev().find(|seq| self.is_seen(buffer, *seq))
    }

    fn seen_from(&self, buffer: &Buffer, seq: u64) -> Option<u64> {
        (seq..buffer.end()).find(|seq| self.is_seen(buffer, *seq))
    }

    fn is_seen(&self, buffer: &Buffer, seq: u64) -> bool {
        buffer.line(seq).is_some_and(|line| line.is_seen(self.hidden_too))
    }
}

impl Anchor {
    fn key(self) -> (u64, usize) {
        (self.seq, self.row)
    }

    fn max_of(self, other: Self) -> Self {
        if self.key() < other.key() { other } else { self }
    }
}

#[cfg(test)]
mod tests {
    use wire::Timestamp;

    use super::*;
    use crate::buffer::{BufferId, Kind, Seen};

    fn buffer(lines: usize) -> Buffer {
        let mut buffer = Buffer::new(BufferId(0), Kind::Room, "#den");
        for number in 0..lines {
            let text = if number % 3 == 0 { "one two three" } else { "x" };
            buffer.push(Line::new(Timestamp(number as u64), Tone::Message, "alice", text));
        }
        buffer
    }

    fn shape(zone: &Zone) -> Shape<'_> {
        Shape { zone, gutter: Gutter { clock: false, nick: 5, gap: 1 }, columns: 14, hidden_too: false }
    }

    #[test]
    fn a_view_moves_row_by_row_and_stops_at_both_ends() {
        let zone = Zone::utc();
        let (shape, mut buffer) = (shape(&zone), buffer(20));
        let all = shape.window(&buffer, 1000);
        let mut seen = vec![shape.window(&buffer, 5)];
        while let Some(anchor) = shape.moved(&buffer, 5, -1).filter(|anchor| Some(*anchor) != buffer.anchor) {
            buffer.anchor = Some(anchor);
            seen.push(shape.window(&buffer, 5));
        }
        let expected: Vec<_> = all.windows(5).rev().map(<[_]>::to_vec).collect();
        assert_eq!(seen, expected, "every window once, up to the top");
        buffer.anchor = shape.moved(&buffer, 5, 7);
        assert_eq!(shape.window(&buffer, 5), expected[expected.len() - 8]);
        buffer.anchor = shape.moved(&buffer, 5, 1000);
        assert_eq!(buffer.anchor, None);
    }

    #[test]
    fn an_empty_or_short_buffer_does_not_scroll() {
        let zone = Zone::utc();
        assert_eq!(shape(&zone).moved(&buffer(0), 5, -1), None);
        assert_eq!(shape(&zone).moved(&buffer(2), 50, -1), None);
        assert!(shape(&zone).window(&buffer(0), 5).is_empty());
    }

    #[test]
    fn a_view_passes_over_what_is_hidden() {
        let zone = Zone::utc();
        let mut buffer = buffer(9);
        for number in 0..9 {
            let line = Line::new(Timestamp(number), Tone::Message, "eve", "hidden");
            buffer.insert(Line { seen: Seen::Hidden, ..line }).unwrap();
            buffer.push(Line {
                seen: Seen::Hidden,
                ..Line::new(Timestamp(20 + number), Tone::Event, "", "hidden")
            });
        }
        for hidden_too in [false, true] {
            let shape = Shape { hidden_too, ..shape(&zone) };
            buffer.anchor = None;
            let all = shape.window(&buffer, 1000);
            assert_eq!(all.len(), if hidden_too { 31 } else { 13 });
            let mut windows = vec![shape.window(&buffer, 5)];
            while let Some(anchor) =
                shape.moved(&buffer, 5, -1).filter(|anchor| Some(*anchor) != buffer.anchor)
            {
                buffer.anchor = Some(anchor);
                windows.push(shape.window(&buffer, 5));
            }
            let expected: Vec<_> = all.windows(5).rev().map(<[_]>::to_vec).collect();
            assert_eq!(windows, expected, "every window once, up to the top");
            buffer.anchor = shape.moved(&buffer, 5, 1000);
            assert_eq!(buffer.anchor, None);
        }
        // A view that stands at a hidden line stands at one before it when hidden lines are not shown any more.
        buffer.anchor = Some(Anchor { seq: buffer.end() - 2, row: 0 });
        let moved = shape(&zone).moved(&buffer, 3, -1);
        buffer.anchor = moved;
        assert_eq!(shape(&zone).window(&buffer, 1000).len(), 12);
    }

    #[test]
    fn days_and_the_unread_line_have_rows_of_their_own() {
        let zone = Zone::utc();
        let mut buffer = buffer(1);
        let seq = buffer.push(Line::new(Timestamp(86_400_000), Tone::Message, "bob", "y"));
        buffer.marker = Some(crate::buffer::Marker { seq, count: 1, since: Timestamp(0) });
        let rows: Vec<Row> = shape(&zone).window(&buffer, 9).into_iter().map(|(_, row)| row).collect();
        let text = |first, range| Row::Text { first, range };
        let expected =
            [Row::Day, text(true, 0..7), text(false, 8..13), Row::Day, Row::Unread, text(true, 0..1)];
        assert_eq!(rows, expected);
    }
}
