//! Keys while a prompt is open.

#[cfg(test)]
mod tests;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::keyboard::{edit, scroll_to};
use crate::buffer::Tone;
use crate::keys::Action;
use crate::model::Model;
use crate::prompt::{self, Prompt, Sought};

/// Lines that are shown above one that was found.
const CONTEXT_LINES: u64 = 3;

/// Opens a prompt; the same key again looks for the next.
pub(super) fn open(model: &mut Model, sought: Sought) {
    model.prompt = Some(Prompt::new(sought));
}

/// Looks for a line, as if that had been typed into the prompt.
pub(crate) fn search(model: &mut Model, text: &str) {
    let before = model.buffer().anchor;
    open(model, Sought::Line { before, at: None });
    pasted(model, text);
}

/// A key was pressed while a prompt is open.
pub(super) fn pressed(model: &mut Model, key: &KeyEvent, action: Option<Action>) {
    let Some(prompt) = &mut model.prompt else { return };
    match (action, key.code) {
        (_, KeyCode::Esc) | (Some(Action::Interrupt), _) => close(model, false),
        (Some(Action::Submit), _) => close(model, true),
        (Some(Action::Older | Action::HistorySearch | Action::Search | Action::Complete(_)), _) => {
            step(model, true);
        }
        (Some(Action::Switch), _) => step(model, true),
        (Some(Action::Newer), _) => step(model, false),
        (None, KeyCode::Char(letter))
            if !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) =>
        {
            prompt.input.insert(letter.encode_utf8(&mut [0; 4]));
            renew(model);
        }
        (Some(action), _) => {
            if edit(&mut prompt.input, action) {
                renew(model);
            }
        }
        (None, _) => {}
    }
}

/// Text was pasted into the prompt.
pub(super) fn pasted(model: &mut Model, text: &str) {
    if let Some(prompt) = &mut model.prompt {
        prompt.input.insert(&text.replace(['\r', '\n', '\t'], " "));
        renew(model);
    }
}

/// What is typed has changed: the search begins anew, from where the view was.
fn renew(model: &mut Model) {
    let Some(prompt) = &mut model.prompt else { return };
    prompt.chosen = 0;
    if let Sought::Line { before, at } = &mut prompt.sought {
        *at = None;
        let before = *before;
        model.buffer_mut().anchor = before;
        step(model, true);
    }
}

/// To the next of those found: the less likely one, the older one, the one above; or back.
fn step(model: &mut Model, on: bool) {
    let Some(prompt) = &model.prompt else { return };
    match prompt.sought {
        Sought::Buffer => {
            let count = prompt::buffers(model, prompt.input.text()).len().max(1);
            let Some(prompt) = &mut model.prompt else { return };
            let by = if on { 1 } else { count - 1 };
            prompt.chosen = (prompt.chosen + by) % count;
        }
        Sought::Typed => {
            let Some(prompt) = &mut model.prompt else { return };
            prompt.chosen = if on { prompt.chosen + 1 } else { prompt.chosen.saturating_sub(1) };
        }
        Sought::Line { at, .. } => {
            let Some(wanted) = prompt.wanted() else { return };
            let Some(found) = prompt::line(model, &wanted, at, on) else { return };
            if let Some(Prompt { sought: Sought::Line { at, .. }, .. }) = &mut model.prompt {
                *at = Some(found);
            }
            scroll_to(model, found.saturating_sub(CONTEXT_LINES));
        }
    }
}

fn close(model: &mut Model, take: bool) {
    let Some(prompt) = model.prompt.take() else { return };
    match prompt.sought {
        Sought::Buffer if take => {
            let found = prompt::buffers(model, prompt.input.text()).into_iter().nth(prompt.chosen);
            match found.and_then(|id| model.position(id)) {
                Some(index) => model.show(index),
                None => model.tell(Tone::Error, &format!("No buffer is like {}.", prompt.input.text())),
            }
        }
        Sought::Typed if take => {
            if let Some(text) = prompt.typed_before(model.buffer()).map(str::to_owned) {
                let input = model.input();
                input.delete(crate::input::Reach::End);
                input.delete(crate::input::Reach::Start);
                input.insert(&text);
            }
        }
        // What was found stays in view.
        Sought::Line { .. } if take => {}
        Sought::Line { before, .. } => model.buffer_mut().anchor = before,
        Sought::Buffer | Sought::Typed => {}
    }
}
