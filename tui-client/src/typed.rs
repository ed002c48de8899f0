//! What is typed, as rows of the screen and as bytes of lines to the server.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;
use wire::LINE_BYTES_MAX;

use crate::buffer::Kind;
use crate::model::Model;
use crate::session::Said;
use crate::text::{columns, fitted};

/// Rows that the input may take; what is longer is scrolled.
const ROWS_MAX: u16 = 8;
/// The part of the screen that the input may take.
const SHARE: u16 = 4;
/// The narrowest screen on which one's nick stands before what is typed.
const NICK_COLUMNS_MIN: u16 = 30;
/// Columns for that nick.
const NICK_COLUMNS: usize = 12;
/// The shortest piece a text is cut into, however long names and hosts are.
const PIECE_BYTES_MIN: usize = 64;

/// A text as rows, cut wherever a row is full, and where the cursor is: row and column.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rows {
    pub ranges: Vec<Range<usize>>,
    pub cursor: (usize, usize),
}

/// The rows of a text with a cursor. Behind the last character there is room for the cursor; on the
/// end of a line that fills its row it stands one column too far.
pub(crate) fn rows(text: &str, cursor: usize, width: usize) -> Rows {
    let width = width.max(2);
    let (mut ranges, mut at_cursor) = (Vec::new(), (0, 0));
    let (mut start, mut used) = (0, 0);
    for (at, grapheme) in text.grapheme_indices(true) {
        let columns = grapheme.width();
        if grapheme != "\n" && used + columns > width {
            ranges.push(start..at);
            (start, used) = (at, 0);
        }
        if at == cursor {
            at_cursor = (ranges.len(), used);
        }
        if grapheme == "\n" {
            ranges.push(start..at);
            (start, used) = (at + 1, 0);
        } else {
            used += columns;
        }
    }
    if used >= width {
        ranges.push(start..text.len());
        (start, used) = (text.len(), 0);
    }
    if cursor >= text.len() {
        at_cursor = (ranges.len(), used);
    }
    ranges.push(start..text.len());
    Rows { ranges, cursor: at_cursor }
}

impl Model {
    /// What stands before what is typed.
    pub fn before_input(&self, columns: u16) -> String {
        match columns {
            NICK_COLUMNS_MIN.. => {
                format!("[{}] ", fitted(&crate::text::clean(self.session.nick()), NICK_COLUMNS))
            }
            _ => String::new(),
        }
    }

    /// Whether something is being typed: a question that came by itself would be answered by the next letter.
    pub fn has_begun_typing(&self) -> bool {
        !self.buffer().input.text().is_empty() || self.prompt.is_some()
    }

    /// Rows that the input needs on a screen, as far as it may take them.
    pub fn input_rows(&self, size: (u16, u16)) -> u16 {
        let most = (size.1 / SHARE).min(ROWS_MAX);
        let input = &self.buffer().input;
        if most < 2 || self.question.is_some() || self.prompt.is_some() || input.text().is_empty() {
            return 1;
        }
        let before = columns(&self.before_input(size.0));
        let width = usize::from(size.0).saturating_sub(before);
        let count = rows(input.text(), input.cursor(), width).ranges.len();
        u16::try_from(count).unwrap_or(u16::MAX).min(most)
    }

    /// Bytes of text that fit into one line to a room or a person, so that the server passes it on uncut.
    pub fn piece_bytes_max(&self, target: &str, said: Said) -> usize {
        let line_bytes_max =
            self.session.isupport().number("LINELEN").unwrap_or(LINE_BYTES_MAX).min(LINE_BYTES_MAX);
        let around = "PRIVMSG  :\r\n".len() + target.len() + self.session.prefix_bytes();
        let marks = if said == Said::Action { "\u{1}ACTION \u{1}".len() } else { 0 };
        line_bytes_max.saturating_sub(around + marks).max(PIECE_BYTES_MIN)
    }

    /// How much may still be typed, in words: `412 bytes left`, or how many lines it will be. Nothing for a command
    /// that says nothing.
    pub fn left_to_type(&self) -> String {
        let buffer = self.buffer();
        let text = buffer.input.text();
        let said = match text.strip_prefix("/me ") {
            Some(text) => Some((Said::Action, text)),
            None if text.starts_with('/') && !text.starts_with("//") && !buffer.input.pasted() => None,
            None => Some((Said::Message, text)),
        };
        let talk = matches!(buffer.kind, Kind::Room | Kind::Query);
        let Some((said, text)) = said.filter(|(_, text)| talk && !text.is_empty()) else {
            return String::new();
        };
        let bytes_max = self.piece_bytes_max(&buffer.name, said);
        let one_line = !text.contains('\n');
        match bytes_max.checked_sub(text.len()).filter(|_| one_line) {
            Some(left) => format!("{left} bytes left"),
            None => format!("{} lines", crate::text::pieces(text, bytes_max).len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::Person;

    #[test]
    fn a_text_is_cut_into_rows_with_room_for_the_cursor() {
        #[rustfmt::skip]
        let table = [
            ("",        0, 4, vec![""],               (0, 0)),
            ("abc",     3, 4, vec!["abc"],            (0, 3)),
            ("abcd",    4, 4, vec!["abcd", ""],       (1, 0)),
            ("abcdef",  2, 4, vec!["abcd", "ef"],     (0, 2)),
            ("abcdef",  4, 4, vec!["abcd", "ef"],     (1, 0)),
            ("a\nb",    2, 4, vec!["a", "b"],         (1, 0)),
            ("a\n",     2, 4, vec!["a", ""],          (1, 0)),
            ("日本語",  6, 4, vec!["日本", "語"],      (1, 0)),
        ];
        for (text, cursor, width, expected, at) in table {
            let rows = rows(text, cursor, width);
            let shown: Vec<&str> = rows.ranges.iter().map(|range| &text[range.clone()]).collect();
            assert_eq!((shown, rows.cursor), (expected, at), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_is_typed_is_left_out(text in "[a-z\n 日é👩\u{200d}]{0,60}", width in 2..20_usize) {
            for (cursor, _) in text.grapheme_indices(true).chain([(text.len(), "")]) {
                let rows = rows(&text, cursor, width);
                let shown: String = rows.ranges.iter().map(|range| &text[range.clone()]).collect();
                prop_assert_eq!(shown, text.replace('\n', ""));
                prop_assert!(rows.ranges.iter().all(|range| columns(&text[range.clone()]) <= width));
                prop_assert!(rows.cursor.0 < rows.ranges.len() && rows.cursor.1 <= width);
            }
        }
    }

    #[test]
    fn what_is_left_to_type_is_told_in_bytes_and_then_in_lines() {
        let mut person = Person::in_den();
        let max = person.model.piece_bytes_max("#den", Said::Message);
        person.types("héllo");
        assert_eq!(person.model.left_to_type(), format!("{} bytes left", max - 6));
        person.types(&"x".repeat(max - 5));
        assert_eq!(person.model.left_to_type(), "2 lines");
        person.presses("Ctrl+u");
        person.types("/topic x");
        assert_eq!(person.model.left_to_type(), "");
        person.presses("Ctrl+u");
        person.types("/me x");
        assert_eq!(person.model.left_to_type(), format!("{} bytes left", max - 10));
    }

    #[test]
    fn the_input_grows_with_what_is_typed_and_shrinks_again() {
        let mut person = Person::in_den();
        person.types("one");
        person.presses("Alt+Enter");
        person.types("two");
        let screen = person.screen(60, 20);
        assert!(screen.ends_with(&format!("\n[me] one\n     two{:45}2 lines", "")), "{screen}");
        person.types(&" and on".repeat(10));
        let screen = person.screen(60, 20);
        let end = "[me] one\n     two and on and on and on and on and on and on and on an\n     d on and on and on  ";
        assert!(screen.contains(end), "{screen}");
        // A long text scrolls within its part of the screen, and the cursor stays in view.
        person.types(&" and on".repeat(100));
        let (_, (_, y)) = person.cells(60, 20);
        assert_eq!(y, 19);
        person.presses("Ctrl+a");
        let (_, cursor) = person.cells(60, 20);
        assert_eq!(cursor, (5, 15), "five rows, and the first is in view");
        person.presses("Ctrl+e Ctrl+u");
        assert!(person.screen(60, 20).ends_with("\n[me]"));
    }
}
