//! The terminal client under fuzzing: a server that says anything, a person who presses anything, screens of any size.

use std::collections::BTreeMap;

use parlor::trial::Trial;

use crate::script::{self, Script};

/// The first screen, and the largest that is tried: wide enough for all panels, and small, because most of the time goes
/// into drawing.
const COLUMNS: u16 = 60;
const ROWS: u16 = 12;
const COLUMNS_MAX: u16 = 130;
const ROWS_MAX: u16 = 24;
/// So many lines of the server in a row are drawn at once.
const LINES_PER_FRAME: usize = 4;
/// What a server says first.
const WELCOME: &str = "@\n>:srv 001 me :Welcome\n>:me!me@h JOIN #den\n>:srv 353 me = #den :@alice bob me\n";

/// Each line is a step; its first byte says which: `>` the server says the rest, `<` it is typed, `+` it is pasted, `#` the
/// size is that of the next two bytes, `~` the wheel is turned, `.` time passes, `@` the connection stands, `!` it is lost.
/// Whatever comes, what is drawn holds nothing that the terminal would take for a command, and what is sent are lines.
///
/// # Panics
/// If that does not hold.
pub(super) fn body(data: &[u8]) {
    let mut client = Trial::new(COLUMNS, ROWS);
    let mut heard = 0;
    for step in data.split(|byte| *byte == b'\n') {
        let Some((kind, rest)) = step.split_first() else { continue };
        let text = String::from_utf8_lossy(rest);
        let number = |place: usize| rest.get(place).copied().map_or(1, u16::from);
        match kind {
            b'>' => client.hears(&text),
            b'<' => client.types(&text),
            b'+' => client.pastes(&text),
            b'#' => client.resizes(1 + number(0) % COLUMNS_MAX, 1 + number(1) % ROWS_MAX),
            b'~' => client.wheel(isize::from(number(0).cast_signed()) - 128),
            b'.' => client.waits(u64::from(number(0)) * 1000),
            b'@' => client.connected(),
            b'!' => client.lost(),
            _ => continue,
        }
        heard = if *kind == b'>' { heard + 1 } else { 0 };
        if heard % LINES_PER_FRAME == 0 {
            look(&mut client);
        }
    }
    look(&mut client);
}

fn look(client: &mut Trial) {
    client.draws();
    client.cells().for_each(is_harmless);
    client.sent().iter().for_each(|line| is_one_line(line));
}

/// A cell holds no control character but those of a link (OSC 8) around one character.
fn is_harmless(cell: &str) {
    let linked = cell.strip_prefix("\u{1b}]8;;").and_then(|rest| rest.strip_suffix("\u{1b}]8;;\u{1b}\\"));
    let shown = match linked.and_then(|rest| rest.split_once("\u{1b}\\")) {
        Some((link, shown)) => {
            assert!(link.bytes().all(|byte| byte.is_ascii_graphic()), "the link {link:?}");
            shown
        }
        None => cell,
    };
    assert!(!shown.chars().any(char::is_control), "the cell {cell:?}");
}

fn is_one_line(line: &str) {
    let body = line.trim_end_matches("\r\n");
    assert!(!body.contains(['\r', '\n', '\0']), "{line:?}");
}

/// What clients say in the chat scripts, as if the server passed it on, with some keys between.
pub(super) fn seeds() -> BTreeMap<String, Vec<u8>> {
    super::scripts().into_iter().map(|(name, script)| (name, seed(&script))).collect()
}

fn seed(script: &Script) -> Vec<u8> {
    let mut data = WELCOME.as_bytes().to_vec();
    for (index, said) in script.steps.iter().filter_map(|step| script::said(&step.act)).enumerate() {
        data.extend(b">:alice!a@h ");
        data.extend(said.iter().filter(|byte| **byte != b'\n'));
        data.extend(match index % 5 {
            0 => b"\n<hi al\t\r\n".to_vec(),
            1 => b"\n~\x20\n".to_vec(),
            2 => vec![b'\n', b'#', index as u8, (index * 7) as u8, b'\n'],
            3 => b"\n<\x1b1\x13a\x1b2\n".to_vec(),
            _ => b"\n".to_vec(),
        });
    }
    data
}
