//! The screen in ASCII, for terminals and fonts that have nothing else.

use ratatui::buffer::Buffer;

/// What stands for what. The pictures keep eight heights.
#[rustfmt::skip]
const LETTERS: &[(&str, &str)] = &[
    ("┌", "+"), ("┐", "+"), ("└", "+"), ("┘", "+"), ("─", "-"), ("│", "|"),
    ("▁", "."), ("▂", ":"), ("▃", "-"), ("▄", "="), ("▅", "+"), ("▆", "*"), ("▇", "%"), ("█", "#"),
    ("●", "*"), ("○", "o"), ("◐", "!"), ("✖", "x"), ("■", "#"), ("↻", "@"), ("◌", "o"),
    ("▼", "v"), ("▲", "^"), ("†", "+"), ("…", "~"), ("≤", "<"), ("▏", "_"), ("×", "x"),
];

/// Translates what is drawn. What people wrote in other letters becomes question marks.
pub(super) fn translate(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if cell.symbol().is_ascii() {
            continue;
        }
        let found = LETTERS.iter().find(|(letter, _)| *letter == cell.symbol());
        cell.set_symbol(found.map_or("?", |(_, ascii)| ascii));
    }
}
