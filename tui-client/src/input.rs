//! The line that is typed: editing as readline does it, and what was typed before.

use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation};

/// Lines that are remembered per buffer; the oldest is forgotten.
const HISTORY_MAX: usize = 500;
/// Changes that can be taken back, and the bytes that are kept for that.
const CHANGES_MAX: usize = 100;
const CHANGES_BYTES_MAX: usize = 256 * 1024;
/// The longest text that is taken, in bytes; what is typed or pasted beyond it is left out.
pub(crate) const INPUT_BYTES_MAX: usize = 64 * 1024;

/// A line being typed. The cursor is always between two graphemes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Input {
    text: String,
    cursor: usize,
    // Whether the beginning of the text was pasted, so that it must not be taken for a command.
    pasted: bool,
    // What was typed, and whether its beginning was pasted: it is no more of a command when it is recalled.
    history: Vec<(String, bool)>,
    recalled: Option<usize>,
    draft: (String, bool),
    // What was there before changes, where the cursor was and whether the beginning was pasted, the latest last.
    before: Vec<(String, usize, bool)>,
    // Where the typing of a word would go on; then it is one change.
    going_on: Option<usize>,
}

/// Where a movement or a deletion goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// One grapheme back.
    Left,
    /// One grapheme on.
    Right,
    /// To the beginning of the word, or of the one before.
    WordLeft,
    /// To the end of the word, or of the next.
    WordRight,
    /// Back over everything up to a blank.
    BlankLeft,
    /// To the beginning of the text.
    Start,
    /// To its end.
    End,
}

impl Input {
    /// Adds typed text at the cursor.
    pub fn insert(&mut self, text: &str) {
        let kept: String = text.chars().filter(|c| *c == '\n' || !c.is_control()).collect();
        let room = INPUT_BYTES_MAX.saturating_sub(self.text.len());
        let kept = crate::text::head(&kept, room);
        if kept.is_empty() {
            return;
        }
        let of_a_word = kept.len() < 2 && kept != " ";
        if self.going_on != Some(self.cursor) || !of_a_word {
            self.remember();
        }
        self.text.insert_str(self.cursor, kept);
        self.cursor += kept.len();
        self.settle();
        self.going_on = Some(self.cursor);
    }

    /// Adds pasted text at the cursor: line ends stay, one at the very end does not.
    pub fn paste(&mut self, text: &str) {
        let at_start = self.cursor == 0;
        let lines = text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', " ");
        self.going_on = None;
        self.insert(lines.trim_end_matches('\n'));
        self.pasted |= at_start && !self.text.is_empty();
    }

    /// Moves the cursor.
    pub fn go(&mut self, reach: Reach) {
        self.cursor = self.reached(reach);
    }

    /// Deletes up to where a movement would go, and returns what was there.
    pub fn delete(&mut self, reach: Reach) -> String {
        let to = self.reached(reach);
        let range = self.cursor.min(to)..self.cursor.max(to);
        if range.is_empty() {
            return String::new();
        }
        self.remember();
        self.cursor = range.start;
        let gone = self.text.drain(range).collect();
        self.settle();
        gone
    }

    /// Swaps the two graphemes around the cursor, as Ctrl+T does.
    pub fn transpose(&mut self) {
        if self.cursor == self.text.len() {
            self.go(Reach::Left);
        }
        let (left, right) = (self.reached(Reach::Left), self.reached(Reach::Right));
        if left == self.cursor || right == self.cursor {
            self.go(Reach::End);
            return;
        }
        self.remember();
        let swapped = format!("{}{}", &self.text[self.cursor..right], &self.text[left..self.cursor]);
        self.text.replace_range(left..right, &swapped);
        self.cursor = right;
        self.settle();
    }

    /// Replaces a part by a completion.
    pub fn replace(&mut self, range: std::ops::Range<usize>, with: &str) {
        self.remember();
        self.cursor = range.start + with.len();
        self.text.replace_range(range, with);
        self.settle();
    }

    /// Takes back the last change.
    pub fn undo(&mut self) {
        if let Some((text, cursor, pasted)) = self.before.pop() {
            (self.text, self.cursor, self.pasted, self.going_on) = (text, cursor, pasted, None);
        }
    }

    /// Takes the text out and remembers it.
    pub fn take(&mut self) -> String {
        let text = std::mem::take(&mut self.text);
        if !text.trim().is_empty() && self.history.last().is_none_or(|(last, _)| *last != text) {
            if self.history.len() == HISTORY_MAX {
                self.history.remove(0);
            }
            self.history.push((text.clone(), self.pasted));
        }
        (self.cursor, self.pasted, self.recalled) = (0, false, None);
        self.draft = Default::default();
        self.before.clear();
        text
    }

    /// What was typed here, the latest of it, in order. What was pasted is not among it: it would be taken for typed.
    pub fn latest(&self, count: usize) -> impl Iterator<Item = &str> {
        let start = self.history.len().saturating_sub(count);
        self.history[start..].iter().filter(|(_, pasted)| !pasted).map(|(text, _)| text.as_str())
    }

    /// Takes up what was typed, and what was being typed, when the program ended. A draft counts as pasted: nobody
    /// knows any more how it came.
    pub fn restore(&mut self, typed: &[String], draft: &str) {
        let start = typed.len().saturating_sub(HISTORY_MAX);
        self.history = typed[start..].iter().map(|text| (text.clone(), false)).collect();
        if !draft.is_empty() {
            self.paste(draft);
        }
    }

    /// Shows what was typed before what is shown.
    pub fn older(&mut self) {
        let index = match self.recalled {
            None if !self.history.is_empty() => self.history.len() - 1,
            Some(index) if index > 0 => index - 1,
            _ => return,
        };
        if self.recalled.is_none() {
            self.draft = (std::mem::take(&mut self.text), self.pasted);
        }
        self.recalled = Some(index);
        let (text, pasted) = self.history[index].clone();
        self.recall(text, pasted);
    }

    /// Shows what was typed after what is shown, in the end what was not sent yet.
    pub fn newer(&mut self) {
        let Some(index) = self.recalled else { return };
        let next = self.history.get(index + 1).cloned();
        self.recalled = next.is_some().then_some(index + 1);
        let (text, pasted) = next.unwrap_or_else(|| std::mem::take(&mut self.draft));
        self.recall(text, pasted);
    }

    /// What was typed and taken before, oldest first.
    pub fn history(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.history.iter().map(|(text, _)| text.as_str())
    }

    /// The text so far.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The byte before which the cursor stands.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// Whether the beginning was pasted.
    pub fn pasted(&self) -> bool {
        self.pasted
    }

    fn recall(&mut self, text: String, pasted: bool) {
        (self.cursor, self.pasted) = (text.len(), pasted);
        self.text = text;
        self.before.clear();
    }

    // Keeps what there is before it changes.
    fn remember(&mut self) {
        self.before.push((self.text.clone(), self.cursor, self.pasted));
        self.going_on = None;
        let mut bytes: usize = self.before.iter().map(|(text, ..)| text.len()).sum();
        while self.before.len() > CHANGES_MAX || bytes > CHANGES_BYTES_MAX {
            bytes -= self.before.remove(0).0.len();
        }
    }

    // What is inserted may join its neighbours to one grapheme; then the cursor goes behind it.
    fn settle(&mut self) {
        let mut here = GraphemeCursor::new(self.cursor, self.text.len(), true);
        // All of the text is at hand, so that neither can fail; and only what stands around the cursor is looked at.
        if !here.is_boundary(&self.text, 0).unwrap_or(true) {
            self.cursor = here.next_boundary(&self.text, 0).ok().flatten().unwrap_or(self.text.len());
        }
        self.pasted &= !self.text.is_empty();
    }

    fn reached(&self, reach: Reach) -> usize {
        let (before, after) = self.text.split_at(self.cursor);
        let solid = |c: char| c.is_alphanumeric() || c == '_';
        match reach {
            Reach::Left => before.grapheme_indices(true).next_back().map_or(0, |(at, _)| at),
            Reach::Right => after.graphemes(true).next().map_or(self.cursor, |next| self.cursor + next.len()),
            Reach::WordLeft => before.trim_end_matches(|c| !solid(c)).trim_end_matches(solid).len(),
            Reach::WordRight => {
                self.text.len() - after.trim_start_matches(|c| !solid(c)).trim_start_matches(solid).len()
            }
            Reach::BlankLeft => before.trim_end().trim_end_matches(|c: char| !c.is_whitespace()).len(),
            Reach::Start => 0,
            Reach::End => self.text.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text with a bar where the cursor is.
    fn shown(input: &Input) -> String {
        let (before, after) = input.text.split_at(input.cursor);
        format!("{before}|{after}")
    }

    fn typed(marked: &str) -> Input {
        let (before, after) = marked.split_once('|').unwrap();
        let mut input = Input::default();
        input.insert(&format!("{before}{after}"));
        input.cursor = before.len();
        input
    }

    #[test]
    fn the_cursor_moves_as_in_readline() {
        #[rustfmt::skip]
        let table = [
            ("one two|",      Reach::Left,      "one tw|o"),
            ("|one",          Reach::Left,      "|one"),
            ("|e\u{301}x",    Reach::Right,     "e\u{301}|x"),
            ("one| two",      Reach::WordRight, "one two|"),
            ("one-two, |",    Reach::WordLeft,  "one-|two, "),
            ("/msg a-b |c",   Reach::BlankLeft, "/msg |a-b c"),
            ("one |two",      Reach::Start,     "|one two"),
            ("one |two",      Reach::End,       "one two|"),
        ];
        for (before, reach, after) in table {
            let mut input = typed(before);
            input.go(reach);
            assert_eq!(shown(&input), after, "{before} {reach:?}");
            let mut input = typed(before);
            let gone = input.delete(reach);
            assert_eq!(input.text.len() + gone.len(), before.len() - 1, "{before} {reach:?}");
        }
    }

    #[test]
    fn deleting_returns_what_was_there() {
        let mut input = typed("one two| three");
        assert_eq!(input.delete(Reach::BlankLeft), "two");
        assert_eq!(shown(&input), "one | three");
        assert_eq!(input.delete(Reach::End), " three");
        assert_eq!(shown(&input), "one |");
    }

    #[test]
    fn two_graphemes_are_swapped() {
        #[rustfmt::skip]
        let table = [("ab|", "ba|"), ("a|b", "ba|"), ("|ab", "ab|"), ("a|", "a|"), ("|", "|"), ("日本|語", "日語本|")];
        for (before, after) in table {
            let mut input = typed(before);
            input.transpose();
            assert_eq!(shown(&input), after, "{before}");
        }
    }

    #[test]
    fn earlier_lines_come_back_and_the_draft_is_kept() {
        let mut input = Input::default();
        for line in ["one", "two", "two"] {
            input.insert(line);
            input.take();
        }
        input.insert("draft");
        let mut seen = Vec::new();
        for _ in 0..3 {
            input.older();
            seen.push(shown(&input));
        }
        for _ in 0..3 {
            input.newer();
            seen.push(shown(&input));
        }
        assert_eq!(seen, ["two|", "one|", "one|", "two|", "draft|", "draft|"]);
    }

    #[test]
    fn a_paste_keeps_its_lines_and_is_remembered_as_one() {
        let mut input = Input::default();
        input.paste("/quit\r\nnow\r\n");
        assert_eq!(input.text(), "/quit\nnow");
        assert!(input.pasted());
        input.delete(Reach::Start);
        assert!(!input.pasted());
        input.insert("/msg a ");
        input.paste("x");
        assert!(!input.pasted(), "typed in front");
        input.take();
        input.paste("/part");
        input.take();
        input.older();
        assert!(input.pasted(), "recalled as it was");
        input.older();
        assert!(!input.pasted());
    }

    #[test]
    fn control_characters_are_not_taken_and_there_is_an_end() {
        let mut input = Input::default();
        input.insert("a\u{1b}[0mb\u{7}");
        assert_eq!(input.text(), "a[0mb");
        input.insert(&"é".repeat(INPUT_BYTES_MAX));
        assert!(input.text().len() <= INPUT_BYTES_MAX);
    }

    #[test]
    fn the_cursor_never_stands_inside_a_grapheme() {
        let mut input = typed("e|x");
        input.insert("\u{301}");
        assert_eq!(shown(&input), "e\u{301}|x");
        input.go(Reach::Left);
        input.insert("👩\u{200d}");
        assert!(input.text.is_char_boundary(input.cursor));
        // Flags are pairs of letters counted from the left, and marks join what stood apart.
        let text = "ae\u{301}👩\u{200d}👧🇩🇪🇫🇷한x\u{301}";
        let places = || (0..=text.len()).filter(|at| text.is_char_boundary(*at));
        for (at, inserted) in
            places().flat_map(|at| ["b", "\u{301}", "🇮", "👩\u{200d}", "\u{200d}"].map(|i| (at, i)))
        {
            let mut input = Input { text: text.to_owned(), cursor: at, ..Input::default() };
            input.insert(inserted);
            let borders =
                input.text.grapheme_indices(true).map(|(border, _)| border).chain([input.text.len()]);
            assert_eq!(Some(input.cursor), borders.into_iter().find(|border| *border >= at + inserted.len()));
        }
    }
}
