//! Keys: what they do to the model.

#[cfg(test)]
mod tests;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::{form, help, prompt};
use crate::bindings;
use crate::buffer::{BufferId, Tone};
use crate::commands;
use crate::complete::complete;
use crate::help::Help;
use crate::input::{Input, Reach};
use crate::keys::Action;
use crate::model::{Model, Question, Wish};
use crate::prompt::Sought;
use crate::rows::Shape;
use crate::say::{Long, Refused, offer_kept, retry, say, send_kept};
use crate::session::Said;

/// Rows of the page before that stay visible when scrolling by pages.
pub(super) const PAGE_OVERLAP: usize = 2;

/// A key was pressed.
pub(super) fn pressed(model: &mut Model, key: &KeyEvent) {
    if key.kind == KeyEventKind::Release {
        return;
    }
    let action = bindings::action(&model.bindings, key);
    // Within a text it types itself.
    let typing = model.prompt.is_some() || !model.buffer().input.text().is_empty();
    let action = action.filter(|action| *action != Action::HelpWhenEmpty || !typing);
    if model.help.is_some() {
        return help::pressed(model, key, action);
    }
    if model.question.is_some() {
        return answered(model, key);
    }
    if model.form.is_some() {
        return form::pressed(model, key, action);
    }
    if model.prompt.is_some() {
        return prompt::pressed(model, key, action);
    }
    if !matches!(action, Some(Action::Complete(_))) {
        model.completion = None;
    }
    if !matches!(action, Some(Action::Kill(_) | Action::Yank | Action::YankBefore)) {
        model.cuts.pause();
    }
    let before = (model.current, model.buffer().input.text().len());
    match (action, key.code) {
        (Some(action), _) => act(model, action),
        (None, KeyCode::Char(letter))
            if !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) =>
        {
            model.input().insert(letter.encode_utf8(&mut [0; 4]));
        }
        (None, _) => {}
    }
    let after = model.buffer().input.text().len();
    if before.0 == model.current && before.1 != after {
        model.typed();
    }
    if after == 0 {
        // What could not be asked while something was being typed.
        model.at_each(offer_kept);
    }
}

/// Text was pasted. It answers no question and is no key.
pub(super) fn pasted(model: &mut Model, text: &str) {
    if let Some(input) = model.form.as_mut().and_then(|form| form.input()) {
        input.insert(text.lines().next().unwrap_or_default());
    } else if model.prompt.is_some() {
        prompt::pasted(model, text);
    } else if model.question.is_none() && model.help.is_none() {
        model.completion = None;
        model.input().paste(text);
        model.typed();
    }
}

fn act(model: &mut Model, action: Action) {
    match action {
        Action::Submit => submit(model),
        Action::Newline => model.input().insert("\n"),
        Action::Go(Reach::End) => {
            let input = model.input();
            if input.cursor() == input.text().len() {
                bottom(model);
            } else {
                input.go(Reach::End);
            }
        }
        Action::Go(_) | Action::Delete(_) | Action::Transpose => drop(edit(model.input(), action)),
        Action::Kill(Reach::End) if model.buffer().input.cursor() == model.buffer().input.text().len() => {
            prompt::open(model, Sought::Buffer);
        }
        Action::Kill(reach) => {
            let input = &mut model.buffers[model.current].input;
            model.cuts.cut(input, reach);
        }
        Action::Yank => model.cuts.insert(&mut model.buffers[model.current].input),
        Action::YankBefore => model.cuts.turn(&mut model.buffers[model.current].input),
        Action::Undo => model.input().undo(),
        Action::Older => model.input().older(),
        Action::Newer => model.input().newer(),
        Action::Complete(direction) => complete(model, direction),
        Action::Buffer(index) => model.show(index),
        Action::NextBuffer => model.show((model.current + 1) % model.buffers.len()),
        Action::PreviousBuffer => model.show((model.current + model.buffers.len() - 1) % model.buffers.len()),
        Action::LastBuffer => {
            if let Some(index) = model.position(model.previous) {
                model.show(index);
            }
        }
        Action::ActiveBuffer => show_active(model),
        Action::Pages(pages) => {
            let page = usize::from(model.layout().messages.height).saturating_sub(PAGE_OVERLAP).max(1);
            scroll(model, pages * page.cast_signed());
        }
        Action::Rows(rows) => scroll(model, rows),
        Action::Top => scroll_to(model, 0),
        Action::Bottom => bottom(model),
        Action::FirstUnread => {
            if let Some(marker) = model.buffer().marker {
                scroll_to(model, marker.seq);
            }
        }
        Action::Mention { .. } | Action::Switch | Action::HistorySearch | Action::Search => {
            find(model, action);
        }
        Action::Bare | Action::Hidden | Action::Mouse | Action::BufferPanel | Action::MemberPanel => {
            look(model, action);
        }
        Action::Help | Action::HelpWhenEmpty => model.help = Some(Help::default()),
        Action::Quit => model.question = Some(Question::Quit),
        Action::Retry => say_again(model),
        Action::Redraw => model.wishes.push(Wish::Redraw),
        Action::Suspend => model.wishes.push(Wish::Suspend),
        Action::Interrupt | Action::DeleteOrQuit if model.buffer().input.text().is_empty() => {
            model.question = Some(Question::Quit);
        }
        Action::Interrupt => {
            let text = model.input().take();
            model.cuts.keep(text);
        }
        Action::DeleteOrQuit => drop(model.input().delete(Reach::Right)),
    }
}

/// Changes how everything looks.
fn look(model: &mut Model, action: Action) {
    match action {
        Action::Bare => model.bare = !model.bare,
        Action::Hidden => model.hidden_too = !model.hidden_too,
        Action::BufferPanel => model.panels.0 = !model.panels.0,
        Action::MemberPanel => model.panels.1 = !model.panels.1,
        _ => model.turn_mouse(),
    }
}

/// The most urgent of the other buffers.
fn show_active(model: &mut Model) {
    if let Some(index) = model.active().into_iter().find(|index| *index != model.current) {
        model.show(index);
    }
}

fn say_again(model: &mut Model) {
    let text = match retry(model) {
        0 => "There is nothing here that could be sent again now.".to_owned(),
        1 => "Sent again.".to_owned(),
        count => format!("{count} lines are sent again."),
    };
    model.tell(Tone::Info, &text);
}

/// Looks for something.
fn find(model: &mut Model, action: Action) {
    match action {
        Action::Mention { up } => mention(model, up),
        Action::Switch => prompt::open(model, Sought::Buffer),
        Action::HistorySearch => prompt::open(model, Sought::Typed),
        _ => {
            let before = model.buffer().anchor;
            prompt::open(model, Sought::Line { before, at: None });
        }
    }
}

/// Edits a line that is typed. Whether the action is one that edits or moves in it.
pub(super) fn edit(input: &mut Input, action: Action) -> bool {
    match action {
        Action::Go(reach) => input.go(reach),
        Action::Delete(reach) | Action::Kill(reach) => drop(input.delete(reach)),
        Action::DeleteOrQuit => drop(input.delete(Reach::Right)),
        Action::Transpose => input.transpose(),
        _ => return false,
    }
    true
}

/// To the next line in which we are named, counted from the lowest that is shown.
fn mention(model: &mut Model, up: bool) {
    let buffer = model.buffer();
    let from = buffer.named_at.or(buffer.anchor.map(|anchor| anchor.seq));
    let named = |seq: &u64| buffer.line(*seq).is_some_and(|line| line.mention);
    let found = match up {
        true => (buffer.start()..from.unwrap_or(buffer.end())).rev().find(named),
        false => (from.map_or(buffer.end(), |from| from + 1)..buffer.end()).find(named),
    };
    if let Some(seq) = found {
        model.buffer_mut().named_at = Some(seq);
        scroll_to(model, seq);
    }
}

fn submit(model: &mut Model) {
    let input = &model.buffer().input;
    let text = input.text().to_owned();
    let looks_like_command = text.starts_with('/') && !text.starts_with("//") && !text.contains('\n');
    if text.trim().is_empty() {
        return;
    }
    if looks_like_command && input.pasted() {
        model.question = Some(Question::PastedCommand);
    } else if looks_like_command {
        let text = model.input().take();
        commands::run(model, &text[1..]);
    } else {
        say_input(model, Long::Refused);
    }
}

/// Says what is in the input. What cannot be said stays there.
fn say_input(model: &mut Model, long: Long) {
    let text = model.buffer().input.text().to_owned();
    let escaped = text.starts_with("//") && !text.contains('\n') && !model.buffer().input.pasted();
    let said = say(model, model.current, Said::Message, if escaped { &text[1..] } else { &text }, long);
    match said {
        Ok(()) => drop(model.input().take()),
        Err(Refused::Long(count)) => model.question = Some(Question::Many { count }),
        Err(refused) => model.tell(Tone::Error, &refused.to_string()),
    }
}

fn answered(model: &mut Model, key: &KeyEvent) {
    let ends =
        key.code == KeyCode::Esc || matches!(bindings::action(&model.bindings, key), Some(Action::Interrupt));
    let letter = match key.code {
        KeyCode::Char(letter) if key.modifiers - KeyModifiers::SHIFT == KeyModifiers::NONE => {
            letter.to_ascii_lowercase()
        }
        _ if ends => 'n',
        _ => return,
    };
    let Some(question) = model.question.take() else { return };
    match (&question, letter) {
        (Question::Quit, 'y') => commands::run(model, "quit"),
        (Question::Many { .. }, 'y') => say_input(model, Long::Sent),
        (Question::PastedCommand, 't') => say_input(model, Long::Refused),
        (Question::PastedCommand, 'c') => {
            let text = model.input().take();
            commands::run(model, text.trim_start_matches('/'));
        }
        (Question::Kept { buffer, .. }, 'y') => at(model, *buffer, |model| send_kept(model, *buffer)),
        (Question::Kept { buffer, .. }, 'n') => {
            at(model, *buffer, |model| model.kept.retain(|kept| kept.buffer != *buffer));
        }
        (Question::Trust { network, .. }, 'y') => model.answered_trust(*network),
        (Question::Trust { .. }, 'n') => {}
        (Question::Quit | Question::Many { .. } | Question::PastedCommand, 'n') => {}
        _ => model.question = Some(question),
    }
    if model.question.is_none() {
        model.at_each(offer_kept);
    }
}

/// Does something at the network of a buffer, if that is still there.
fn at(model: &mut Model, buffer: BufferId, act: impl FnOnce(&mut Model)) {
    if let Some(index) = model.position(buffer) {
        model.stand_at(index);
        act(model);
    }
}

impl Model {
    fn turn_mouse(&mut self) {
        self.mouse = !self.mouse;
        self.wishes.push(Wish::Mouse(self.mouse));
        // Nothing else on the screen tells whose it is.
        let text = match self.mouse {
            true => "The mouse scrolls and chooses buffers; the same key gives it back to the terminal.",
            false => "The mouse is the terminal's again, to select text with.",
        };
        self.tell(Tone::Info, text);
    }

    /// The mouse was pressed on a cell: in the list of buffers that shows one.
    pub fn clicked(&mut self, column: u16, row: u16) {
        let panel = self.layout().buffers;
        if panel.contains(ratatui::layout::Position::new(column, row)) {
            let first = crate::view::first_listed(self, panel.height);
            self.show(first + usize::from(row - panel.y));
        }
    }
}

fn shape_and_height(model: &Model) -> (Shape<'_>, usize) {
    let layout = model.layout();
    let shape = Shape {
        zone: &model.zone,
        gutter: layout.gutter(),
        columns: layout.messages.width,
        hidden_too: model.hidden_too,
    };
    (shape, usize::from(layout.messages.height))
}

pub(super) fn scroll(model: &mut Model, by: isize) {
    let (shape, height) = shape_and_height(model);
    let anchor = shape.moved(model.buffer(), height, by);
    let buffer = model.buffer_mut();
    buffer.anchor = anchor;
    if anchor.is_none() {
        buffer.below = 0;
        model.seen();
    }
    if by < 0 {
        reach_back(model);
    }
}

/// Asks for what is older when the view is near the top.
fn reach_back(model: &mut Model) {
    let (shape, height) = shape_and_height(model);
    let buffer = model.buffer();
    let first = shape.window(buffer, height).first().map_or(buffer.start(), |(seq, _)| *seq);
    if first <= buffer.start() + height as u64 {
        model.want_older(model.current);
    }
}

/// Scrolls so that a line is the first that is shown.
pub(super) fn scroll_to(model: &mut Model, seq: u64) {
    let (shape, height) = shape_and_height(model);
    let anchor = shape.with_first(model.buffer(), height, seq);
    model.buffer_mut().anchor = anchor;
    model.seen();
    reach_back(model);
}

fn bottom(model: &mut Model) {
    let buffer = model.buffer_mut();
    (buffer.anchor, buffer.below, buffer.named_at) = (None, 0, None);
    model.seen();
}
