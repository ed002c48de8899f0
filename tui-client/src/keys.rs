//! The table of keys: what is pressed, what it does, and what the help says. The help (F1) is made from this table.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::bindings::Binding;
use crate::complete::Direction;
use crate::input::Reach;

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Send what is typed, or do what it commands.
    Submit,
    /// Begin another line in the same input.
    Newline,
    /// Move the cursor.
    Go(Reach),
    /// Delete without keeping.
    Delete(Reach),
    /// Delete and keep for Yank.
    Kill(Reach),
    /// Insert what was cut last.
    Yank,
    /// Insert what was cut before that in its place.
    YankBefore,
    /// Take back the last change.
    Undo,
    /// Swap two characters.
    Transpose,
    /// Earlier and later input.
    Older,
    /// Towards what is being typed.
    Newer,
    /// Complete the word.
    Complete(Direction),
    /// Show the buffer of a number.
    Buffer(usize),
    /// Show the next buffer.
    NextBuffer,
    /// Show the one before.
    PreviousBuffer,
    /// Show the one that was shown before.
    LastBuffer,
    /// Show one where something has happened.
    ActiveBuffer,
    /// Scroll by pages.
    Pages(isize),
    /// Scroll by rows.
    Rows(isize),
    /// To the oldest line.
    Top,
    /// To the newest line.
    Bottom,
    /// To the first unread line.
    FirstUnread,
    /// To the line above or below in which we are named.
    Mention { up: bool },
    /// Look for a buffer by a few letters.
    Switch,
    /// Look for something that was typed before.
    HistorySearch,
    /// Look for a line.
    Search,
    /// The messages alone, without anything beside them, to copy from.
    Bare,
    /// Show hidden lines, or hide them again.
    Hidden,
    /// The mouse is for us, or for the terminal's own selection.
    Mouse,
    /// Show or hide the list of buffers.
    BufferPanel,
    /// Show or hide the list of members.
    MemberPanel,
    /// Show or hide the help.
    Help,
    /// Show the help if nothing is typed.
    HelpWhenEmpty,
    /// Ask whether to quit.
    Quit,
    /// Send once more what did not arrive.
    Retry,
    /// Draw everything anew.
    Redraw,
    /// Go to the background.
    Suspend,
    /// Clear the input; if it is empty, ask whether to quit.
    Interrupt,
    /// Delete the next character; if the input is empty, ask whether to quit.
    DeleteOrQuit,
}

/// One row of the table.
#[derive(Debug)]
pub(crate) struct Key {
    pub code: KeyCode,
    pub modifiers: KeyModifiers,
    pub action: Action,
    /// What the help says; empty for another key of the row above.
    pub help: &'static str,
}

const NONE: KeyModifiers = KeyModifiers::NONE;
const CTRL: KeyModifiers = KeyModifiers::CONTROL;
const ALT: KeyModifiers = KeyModifiers::ALT;
const SHIFT: KeyModifiers = KeyModifiers::SHIFT;

const fn key(modifiers: KeyModifiers, code: KeyCode, action: Action, help: &'static str) -> Key {
    Key { code, modifiers, action, help }
}

use Action as A;
use KeyCode::{
    BackTab, Backspace, Char, Delete, Down, End, Enter, F, Home, Left, PageDown, PageUp, Right, Tab, Up,
};

/// Every key.
#[rustfmt::skip]
pub(crate) const TABLE: &[Key] = &[
    key(NONE,  F(1),      A::Help,                          "this help, in which one types to search"),
    key(NONE,  Char('?'), A::HelpWhenEmpty,                 "the same where nothing is typed; twice to say it"),
    key(NONE,  Enter,     A::Submit,                        "send, or run a /command"),
    key(ALT,   Enter,     A::Newline,                       "begin another line"),
    key(NONE,  Tab,       A::Complete(Direction::Forward),  "complete a nick, a /command or a #room"),
    key(NONE,  BackTab,   A::Complete(Direction::Back),     "the candidate before"),
    key(NONE,  F(5),      A::Retry,                         "send again what did not arrive"),
    key(CTRL,  Char('c'), A::Interrupt,                     "clear the input; if it is empty, quit"),
    key(CTRL,  Char('q'), A::Quit,                          "quit; it is asked once"),
    key(CTRL,  Char('z'), A::Suspend,                       "go to the background"),
    key(CTRL,  Char('l'), A::Redraw,                        "draw the screen anew"),

    key(ALT,   Char('1'), A::Buffer(0),                     "show the buffer of a number: Alt+1 to Alt+9, Alt+0"),
    key(ALT,   Char('2'), A::Buffer(1),                     ""),
    key(ALT,   Char('3'), A::Buffer(2),                     ""),
    key(ALT,   Char('4'), A::Buffer(3),                     ""),
    key(ALT,   Char('5'), A::Buffer(4),                     ""),
    key(ALT,   Char('6'), A::Buffer(5),                     ""),
    key(ALT,   Char('7'), A::Buffer(6),                     ""),
    key(ALT,   Char('8'), A::Buffer(7),                     ""),
    key(ALT,   Char('9'), A::Buffer(8),                     ""),
    key(ALT,   Char('0'), A::Buffer(9),                     ""),
    key(CTRL,  Char('n'), A::NextBuffer,                    "the next buffer"),
    key(ALT,   Right,     A::NextBuffer,                    ""),
    key(CTRL,  Char('p'), A::PreviousBuffer,                "the buffer before"),
    key(ALT,   Left,      A::PreviousBuffer,                ""),
    key(ALT,   Char('a'), A::ActiveBuffer,                  "a buffer with something to read, the most urgent first"),
    key(ALT,   Char('/'), A::LastBuffer,                    "the buffer shown before this one"),
    key(ALT,   Char('k'), A::Switch,                        "look for a buffer by a few letters of its name"),

    key(NONE,  PageUp,    A::Pages(-1),                     "scroll up a page"),
    key(NONE,  PageDown,  A::Pages(1),                      "scroll down a page"),
    key(ALT,   PageUp,    A::Rows(-3),                      "scroll up a few rows"),
    key(ALT,   PageDown,  A::Rows(3),                       "scroll down a few rows"),
    key(ALT,   Home,      A::Top,                           "to the oldest line"),
    key(ALT,   End,       A::Bottom,                        "to the newest line"),
    key(ALT,   Char('u'), A::FirstUnread,                   "to the first unread line"),
    key(ALT,   Char('p'), A::Mention { up: true },          "to the line above in which you are named"),
    key(ALT,   Char('n'), A::Mention { up: false },         "to the line below in which you are named"),
    key(CTRL,  Char('s'), A::Search,                        "look for a line here; again for the one above"),

    key(NONE,  Left,      A::Go(Reach::Left),               "a character back"),
    key(CTRL,  Char('b'), A::Go(Reach::Left),               ""),
    key(NONE,  Right,     A::Go(Reach::Right),              "a character on"),
    key(CTRL,  Char('f'), A::Go(Reach::Right),              ""),
    key(ALT,   Char('b'), A::Go(Reach::WordLeft),           "a word back"),
    key(CTRL,  Left,      A::Go(Reach::WordLeft),           ""),
    key(ALT,   Char('f'), A::Go(Reach::WordRight),          "a word on"),
    key(CTRL,  Right,     A::Go(Reach::WordRight),          ""),
    key(CTRL,  Char('a'), A::Go(Reach::Start),              "to the beginning"),
    key(NONE,  Home,      A::Go(Reach::Start),              ""),
    key(CTRL,  Char('e'), A::Go(Reach::End),                "to the end; at the end, to the newest line"),
    key(NONE,  End,       A::Go(Reach::End),                ""),
    key(NONE,  Backspace, A::Delete(Reach::Left),           "delete the character before"),
    key(CTRL,  Char('h'), A::Delete(Reach::Left),           ""),
    key(NONE,  Delete,    A::Delete(Reach::Right),          "delete the character under the cursor"),
    key(CTRL,  Char('d'), A::DeleteOrQuit,                  "the same; if the input is empty, quit"),
    key(CTRL,  Char('w'), A::Kill(Reach::BlankLeft),        "cut back to the blank before"),
    key(ALT,   Backspace, A::Kill(Reach::WordLeft),         "cut the word before"),
    key(CTRL,  Backspace, A::Kill(Reach::WordLeft),         ""),
    key(ALT,   Char('d'), A::Kill(Reach::WordRight),        "cut the word behind"),
    key(CTRL,  Char('u'), A::Kill(Reach::Start),            "cut everything before"),
    key(CTRL,  Char('k'), A::Kill(Reach::End),              "cut everything behind; at the end, look for a buffer"),
    key(CTRL,  Char('y'), A::Yank,                          "insert what was cut last"),
    key(ALT,   Char('y'), A::YankBefore,                    "right after that: what was cut before it instead"),
    key(CTRL,  Char('_'), A::Undo,                          "take back the last change"),
    key(CTRL,  Char('/'), A::Undo,                          ""),
    key(CTRL,  Char('7'), A::Undo,                          ""),
    key(CTRL,  Char('t'), A::Transpose,                     "swap two characters"),
    key(NONE,  Up,        A::Older,                         "what was typed here before"),
    key(NONE,  Down,      A::Newer,                         "what was typed after that"),
    key(CTRL,  Char('r'), A::HistorySearch,                 "look for something that was typed here before"),

    key(NONE,  F(7),      A::BufferPanel,                   "show or hide the list of buffers"),
    key(NONE,  F(8),      A::MemberPanel,                   "show or hide the list of members"),
    key(ALT,   Char('l'), A::Bare,                          "the messages alone, to copy from; and back"),
    key(ALT,   Char('='), A::Hidden,                        "show hidden lines too: ignored people, comings, goings"),
    key(ALT,   Char('m'), A::Mouse,                         "the mouse scrolls and chooses; and back"),
];

/// What a pressed key does, if it does anything but type itself.
pub(crate) fn action(event: &KeyEvent) -> Option<Action> {
    let (code, modifiers) = meant(event);
    TABLE.iter().find(|key| key.code == code && key.modifiers == modifiers).map(|key| key.action)
}

/// The key that is meant, however the terminal tells of it.
pub(crate) fn meant(event: &KeyEvent) -> (KeyCode, KeyModifiers) {
    let relevant = event.modifiers & (CTRL | ALT | SHIFT);
    match event.code {
        // The shift of a letter is in the letter. A letter with Ctrl or Alt means the same with and without it.
        Char(letter) if relevant.intersects(CTRL | ALT) => {
            (Char(letter.to_ascii_lowercase()), relevant - SHIFT)
        }
        Char(letter) => (Char(letter), relevant - SHIFT),
        BackTab => (BackTab, relevant - SHIFT),
        code => (code, relevant),
    }
}

/// The keys that do something, as the help names them: `Alt+a`, and what they do.
pub(crate) fn help(bindings: &[Binding]) -> Vec<(String, &'static str)> {
    let mut rows: Vec<(Vec<String>, &'static str, Action)> = Vec::new();
    for key in TABLE {
        let bound = bindings.iter().any(|bound| (bound.code, bound.modifiers) == (key.code, key.modifiers));
        if !key.help.is_empty() {
            rows.push((Vec::new(), key.help, key.action));
        }
        let more_of_a_run = matches!(key.action, Action::Buffer(_)) && key.help.is_empty();
        if let Some((names, ..)) = rows.last_mut().filter(|_| !bound && !more_of_a_run) {
            names.push(name(key.code, key.modifiers));
        }
    }
    for bound in bindings {
        if let Some((names, ..)) = rows.iter_mut().find(|(.., action)| Some(*action) == bound.action) {
            names.push(name(bound.code, bound.modifiers));
        }
    }
    let bound = rows.into_iter().filter(|(names, ..)| !names.is_empty());
    bound.map(|(names, help, _)| (names.join(", "), help)).collect()
}

fn name(code: KeyCode, modifiers: KeyModifiers) -> String {
    let name = match code {
        Char(letter) => letter.to_string(),
        F(number) => format!("F{number}"),
        BackTab => return "Shift+Tab".to_owned(),
        PageUp => "PgUp".to_owned(),
        PageDown => "PgDn".to_owned(),
        other => format!("{other:?}"),
    };
    let held = [(CTRL, "Ctrl+"), (ALT, "Alt+"), (SHIFT, "Shift+")].into_iter();
    held.filter(|(modifier, _)| modifiers.contains(*modifier)).map(|(_, name)| name).collect::<String>()
        + &name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_stands_twice_in_the_table() {
        for (index, key) in TABLE.iter().enumerate() {
            let twice =
                TABLE[..index].iter().any(|other| (other.code, other.modifiers) == (key.code, key.modifiers));
            assert!(!twice, "{}", name(key.code, key.modifiers));
            let continues = index > 0 && TABLE[index - 1].action == key.action;
            assert!(
                !key.help.is_empty() || continues || matches!(key.action, Action::Buffer(_)),
                "{}",
                name(key.code, key.modifiers)
            );
        }
    }

    #[test]
    fn keys_are_found_however_the_terminal_tells_of_shift() {
        let pressed = |code, modifiers| action(&KeyEvent::new(code, modifiers));
        assert_eq!(pressed(Char('A'), ALT | SHIFT), Some(Action::ActiveBuffer));
        assert_eq!(pressed(Char('a'), ALT), Some(Action::ActiveBuffer));
        assert_eq!(pressed(Char('A'), SHIFT), None);
        assert_eq!(pressed(BackTab, SHIFT), Some(Action::Complete(Direction::Back)));
        assert_eq!(pressed(Char('q'), NONE), None);
    }

    #[test]
    fn the_help_names_every_key_once() {
        let help = help(&[]);
        let row = |text: &str| help.iter().find(|(_, help)| *help == text).map(|(names, _)| names.as_str());
        assert_eq!(row("a word back"), Some("Alt+b, Ctrl+Left"));
        assert_eq!(row("the candidate before"), Some("Shift+Tab"));
        assert!(help.iter().all(|(names, text)| !names.is_empty() && !text.is_empty()));
    }
}
