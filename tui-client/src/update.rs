//! What happens to the model: `update` takes one event and returns what the world shall do. Pure, like everything that
//! it calls; the time comes with the event.

mod configured;
mod connection;
mod crowd;
mod form;
mod happen;
mod help;
mod history;
#[cfg(test)]
mod hostile;
mod keyboard;
mod marks;
pub(crate) mod prompt;
mod replies;
mod security;
#[cfg(test)]
mod tests;
mod watch;

use wire::Timestamp;

use crate::buffer::Tone;
use crate::model::{Event, Model, Wish};

/// Works off one event.
pub(crate) fn update(model: &mut Model, now: Timestamp, event: Event) -> Vec<Wish> {
    model.now = now;
    match event {
        Event::Net(network, news) => model.news(network, news),
        Event::Key(key) => {
            keyboard::pressed(model, &key);
            model.touch();
        }
        Event::Paste(text) => keyboard::pasted(model, &text),
        Event::Wheel(rows) => keyboard::scroll(model, rows),
        Event::Click(column, row) => model.clicked(column, row),
        Event::Resize(columns, rows) => model.size = (columns, rows),
        Event::Focus(focused) => {
            model.focused = focused;
            if focused {
                model.seen();
            }
        }
        Event::Tick => {
            model.save_if_due();
            model.at_each(Model::tick);
        }
        Event::Recalled(buffer, page) => model.recalled(buffer, page),
        Event::NotKept(why) => model.note(model.server(), Tone::Error, &why),
        Event::Trouble(text) => model.tell(Tone::Error, &text),
        Event::Checked(number, report) => model.checked(number, report),
        Event::Trusted(trust) => model.trust = trust,
        Event::Reloaded(read) => model.reloaded(*read),
        Event::Saved(settings, path) => {
            model.configured = *settings;
            model.tell(Tone::Info, &format!("Saved to {path}."));
        }
        Event::Terminate => crate::commands::run(model, "quit"),
    }
    model.stand_at(model.current);
    std::mem::take(&mut model.wishes)
}
