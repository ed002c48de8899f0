//! The table of keys. The hints at the bottom, the help and the documentation are made from it.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::model::View;

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the table says what each one does")]
pub enum Action {
    Turn(View),
    NextView,
    Pause,
    Filter,
    Down,
    Up,
    PageDown,
    PageUp,
    First,
    Last,
    Enter,
    Back,
    Sort,
    Reverse,
    Expand,
    Zeros,
    Figures,
    Write,
    Faster,
    Slower,
    Help,
    Quit,
}

/// A row of the table.
#[derive(Debug)]
pub struct Binding {
    /// The keys that do it.
    pub keys: &'static [KeyCode],
    /// What they are called.
    pub shown: &'static str,
    /// What it does.
    pub action: Action,
    /// One word for the bottom line; empty if it is not named there.
    pub hint: &'static str,
    /// A sentence.
    pub help: &'static str,
}

const fn row(
    keys: &'static [KeyCode],
    shown: &'static str,
    action: Action,
    hint: &'static str,
    help: &'static str,
) -> Binding {
    Binding { keys, shown, action, hint, help }
}

use KeyCode::Char;

/// Every key, in the order of the help.
#[rustfmt::skip]
pub const BINDINGS: &[Binding] = &[
    row(&[Char('?'), Char('h')],         "?",      Action::Help,     "help",     "Show this table, and back. It can be filtered, too."),
    row(&[Char('q')],                    "q",      Action::Quit,     "quit",     "End the program; so does Ctrl-C."),
    row(&[Char('1')],                    "1",      Action::Turn(View::Rooms),       "rooms",    "The rooms."),
    row(&[Char('2')],                    "2",      Action::Turn(View::Users),       "users",    "The people in public rooms, and how much they say."),
    row(&[Char('3')],                    "3",      Action::Turn(View::Connections), "conns",    "Connections, who reads too slowly, what was refused, the process."),
    row(&[Char('4')],                    "4",      Action::Turn(View::Latency),     "latency",  "How long turns, publications and the guard take."),
    row(&[Char('5'), Char('c')],         "5",      Action::Turn(View::Counters),    "counters", "All counters of the server."),
    row(&[KeyCode::Tab],                 "Tab",    Action::NextView, "",         "The next one of these."),
    row(&[Char(' ')],                    "Space",  Action::Pause,    "pause",    "Hold the picture still. Everything is still gathered."),
    row(&[Char('/')],                    "/",      Action::Filter,   "filter",   "Show only some rows, such as: msgs>1 and room~rust"),
    row(&[Char('s')],                    "s",      Action::Sort,     "sort",     "Sort the rooms by the next column."),
    row(&[KeyCode::Enter],               "Enter",  Action::Enter,    "room",     "Go into the room: what is said there, and who is in it."),
    row(&[KeyCode::Esc, KeyCode::Backspace], "Esc", Action::Back,    "",         "Take the filter away; then back to the rooms."),
    row(&[Char('r')],                    "r",      Action::Reverse,  "",         "Turn the order around."),
    row(&[Char('e')],                    "e",      Action::Expand,   "",         "Give the rooms the whole page, and back."),
    row(&[Char('t')],                    "t",      Action::Figures,  "",         "Totals, or how much per second."),
    row(&[Char('d')],                    "d",      Action::Zeros,    "",         "Hide rooms without a word in the last hour, and counters at 0."),
    row(&[Char('w')],                    "w",      Action::Write,    "",         "Write what is known now into a file, as --json prints it."),
    row(&[Char('+'), Char('=')],         "+",      Action::Slower,   "",         "Look less often."),
    row(&[Char('-')],                    "-",      Action::Faster,   "",         "Look more often."),
    row(&[Char('j'), KeyCode::Down],     "j",      Action::Down,     "",         "Down."),
    row(&[Char('k'), KeyCode::Up],       "k",      Action::Up,       "",         "Up."),
    row(&[KeyCode::PageDown],            "PgDn",   Action::PageDown, "",         "Down by half a screen."),
    row(&[KeyCode::PageUp],              "PgUp",   Action::PageUp,   "",         "Up by half a screen."),
    row(&[Char('g'), KeyCode::Home],     "g",      Action::First,    "",         "To the begin."),
    row(&[Char('G'), KeyCode::End],      "G",      Action::Last,     "",         "To the end."),
];

/// What the key does, if anything.
pub(crate) fn action(key: KeyEvent) -> Option<Action> {
    if key.kind == KeyEventKind::Release {
        return None;
    }
    if key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) {
        return (key.code == Char('c') && key.modifiers == KeyModifiers::CONTROL).then_some(Action::Quit);
    }
    BINDINGS.iter().find(|binding| binding.keys.contains(&key.code)).map(|binding| binding.action)
}
