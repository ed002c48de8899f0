//! What was cut out of inputs, to be inserted again: a ring as in readline.

use std::collections::VecDeque;
use std::ops::Range;

use crate::input::{Input, Reach};

/// So many cut texts are kept; the oldest is forgotten.
const CUTS_MAX: usize = 20;

/// The cut texts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cuts {
    // The latest last.
    texts: VecDeque<String>,
    last: Last,
}

/// What was done last: some actions go on with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Last {
    #[default]
    Nothing,
    /// Cutting: what is cut next belongs to it.
    Cut,
    /// Inserting a text at a place, so many before the latest.
    Inserted { range: Range<usize>, back: usize },
}

impl Cuts {
    /// Cuts; what is cut in one go is one text.
    pub fn cut(&mut self, input: &mut Input, reach: Reach) {
        let gone = input.delete(reach);
        if gone.is_empty() {
            return;
        }
        let backwards = matches!(reach, Reach::Left | Reach::WordLeft | Reach::BlankLeft | Reach::Start);
        match self.texts.back_mut().filter(|_| self.last == Last::Cut) {
            Some(text) if backwards => text.insert_str(0, &gone),
            Some(text) => text.push_str(&gone),
            None => self.keep(gone),
        }
        self.last = Last::Cut;
    }

    /// Keeps a text as if it had been cut alone.
    pub fn keep(&mut self, text: String) {
        if self.texts.len() == CUTS_MAX {
            self.texts.pop_front();
        }
        self.texts.push_back(text);
        self.last = Last::Nothing;
    }

    /// Inserts what was cut last.
    pub fn insert(&mut self, input: &mut Input) {
        let Some(text) = self.texts.back() else { return };
        let start = input.cursor();
        input.insert(text);
        self.last = Last::Inserted { range: start..input.cursor(), back: 0 };
    }

    /// Puts what was cut before in the place of what has just been inserted.
    pub fn turn(&mut self, input: &mut Input) {
        let Last::Inserted { range, back } = self.last.clone() else { return };
        let back = (back + 1) % self.texts.len().max(1);
        let Some(text) = self.texts.iter().rev().nth(back) else { return };
        input.replace(range.clone(), text);
        self.last = Last::Inserted { range: range.start..input.cursor(), back };
    }

    /// Something else was done.
    pub fn pause(&mut self) {
        self.last = Last::Nothing;
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::Person;

    fn typed(person: &Person) -> &str {
        person.model.buffer().input.text()
    }

    #[test]
    fn what_is_cut_in_one_go_comes_back_in_one_piece() {
        let mut person = Person::in_den();
        person.types("one two three");
        person.presses("Ctrl+w Ctrl+w Ctrl+y");
        assert_eq!(typed(&person), "one two three");
        person.presses("Ctrl+a Alt+d Alt+d Ctrl+e Ctrl+y");
        assert_eq!(typed(&person), " threeone two");
        // Something between makes it two.
        person.presses("Ctrl+u");
        person.types("left right");
        person.presses("Ctrl+w Left Ctrl+u");
        person.presses("Ctrl+y");
        assert_eq!(typed(&person), "left ");
    }

    #[test]
    fn earlier_cuts_are_turned_to_right_after_inserting() {
        let mut person = Person::in_den();
        for word in ["one", "two", "three"] {
            person.types(word);
            person.presses("Ctrl+u Left");
        }
        person.types("> ");
        person.presses("Ctrl+y");
        assert_eq!(typed(&person), "> three");
        person.presses("Alt+y");
        assert_eq!(typed(&person), "> two");
        person.presses("Alt+y Alt+y");
        assert_eq!(typed(&person), "> three");
        person.presses("Left Alt+y");
        assert_eq!(typed(&person), "> three", "only right after inserting");
        person.presses("Ctrl+c Ctrl+y");
        assert_eq!(typed(&person), "> three", "what Ctrl+c cleared can be had again");
    }

    #[test]
    fn changes_are_taken_back_one_by_one() {
        let mut person = Person::in_den();
        person.types("one two");
        person.presses("Ctrl+w");
        person.types("x");
        person.presses("Ctrl+_");
        assert_eq!(typed(&person), "one ");
        person.presses("Ctrl+7");
        assert_eq!(typed(&person), "one two", "what terminals make of it");
        person.presses("Ctrl+_ Ctrl+_");
        assert_eq!(typed(&person), "", "word by word");
        person.presses("Ctrl+_");
        assert_eq!(typed(&person), "");
        // A paste stays a paste.
        person.event(crate::model::Event::Paste("/quit".to_owned()));
        person.presses("Ctrl+u Ctrl+_");
        assert_eq!(typed(&person), "/quit");
        assert!(person.model.buffer().input.pasted());
        person.presses("Ctrl+u");
        person.enters("said");
        person.presses("Ctrl+_");
        assert_eq!(typed(&person), "", "what was said is said");
    }
}
