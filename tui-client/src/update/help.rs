//! Keys while the help is open.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::keyboard::PAGE_OVERLAP;
use crate::bindings::Binding;
use crate::help::Help;
use crate::keys::Action;
use crate::model::Model;

/// The longest text that is looked for, in bytes.
const WANTED_BYTES_MAX: usize = 100;

/// A key was pressed while the help is open.
pub(super) fn pressed(model: &mut Model, key: &KeyEvent, action: Option<Action>) {
    let page = usize::from(model.size.1).saturating_sub(PAGE_OVERLAP).max(1);
    let Some(help) = &mut model.help else { return };
    let typed = !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
    match (action, key.code) {
        // Who wanted to say it presses it twice.
        (_, KeyCode::Char('?')) if help.wanted.is_empty() => {
            close(model);
            model.input().insert("?");
        }
        (_, KeyCode::Char(letter)) if typed && help.wanted.len() < WANTED_BYTES_MAX => {
            help.wanted.push(letter);
            help.scrolled = 0;
        }
        (_, KeyCode::Backspace) => drop(help.wanted.pop()),
        (Some(Action::Pages(1)), _) => scroll(help, &model.bindings, page.cast_signed()),
        (Some(Action::Pages(-1)), _) => scroll(help, &model.bindings, -page.cast_signed()),
        (Some(Action::Newer), _) => scroll(help, &model.bindings, 1),
        (Some(Action::Older), _) => scroll(help, &model.bindings, -1),
        (Some(Action::Rows(rows)), _) => scroll(help, &model.bindings, rows),
        (Some(Action::Help | Action::Interrupt | Action::Submit), _) | (_, KeyCode::Esc) => close(model),
        _ => {}
    }
}

fn scroll(help: &mut Help, bindings: &[Binding], by: isize) {
    let most = help.rows(bindings).len().saturating_sub(1);
    help.scrolled = help.scrolled.saturating_add_signed(by).min(most);
}

fn close(model: &mut Model) {
    model.help = None;
    model.seen();
}
