//! The form of the first start: keys in it, what is found out, and setting out.

#[cfg(test)]
mod tests;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::complete::Direction;
use crate::config::Profile;
use crate::form::{Field, Form, Report};
use crate::keys::Action;
use crate::model::{Address, Model, Question, Wish};
use crate::net::{Trusted, Way};
use crate::secret::Source;

impl Model {
    /// Shows the form.
    pub fn ask_where_to(&mut self) {
        let (address, nick) = (self.address.to_string(), self.wanted.nick.clone());
        self.form = Some(Form::new(&address, &nick));
        self.check_form();
    }

    /// Lets what is filled in be checked, if it is new.
    fn check_form(&mut self) {
        let Some((number, address, nick)) = self.form.as_mut().and_then(Form::next_check) else { return };
        let pin = self.trust.pin(&address).map(str::to_owned);
        let way = Way {
            address,
            trusted: Trusted { pin, strict: false },
            password: Source::Nowhere,
            login_password: Source::Nowhere,
            certificate: None,
        };
        self.wishes.push(Wish::Check(number, Box::new(way), nick));
    }

    /// Something was found out.
    pub(super) fn checked(&mut self, number: u32, report: Report) {
        let Some(form) = self.form.as_mut().filter(|form| form.check == number) else { return };
        let reached = report.reached == Some(Ok(()));
        form.report = Some(report);
        if std::mem::take(&mut form.connect) && reached {
            self.set_out();
        }
    }

    /// Goes where the form says.
    fn set_out(&mut self) {
        let Some(form) = &self.form else { return };
        // What is wrong was told when it was checked.
        let Ok((address, nick, rooms)) = form.filled() else { return };
        let save = form.save;
        self.form = None;
        self.go_to(address, nick, rooms);
        if save {
            let (read, settings) = (Box::new(self.configured.clone()), Box::new(self.settings.clone()));
            let networks = vec![Profile::of(&self.networks[self.here], &self.login)];
            self.wishes.push(Wish::SaveConfig { read, settings, networks });
        }
    }

    fn go_to(&mut self, address: Address, nick: String, rooms: Vec<String>) {
        self.here = 0;
        let server = self.server();
        // What is kept is kept under this name.
        self.wants_to_take_up();
        address.host.clone_into(&mut self.buffers[server].name);
        address.host.clone_into(&mut self.name);
        self.addresses = vec![address.clone()];
        self.address = address;
        (self.wanted.nick, self.wanted.rooms) = (nick, rooms);
        self.connect();
    }
}

/// A key was pressed in the form.
pub(super) fn pressed(model: &mut Model, key: &KeyEvent, action: Option<Action>) {
    let Some(form) = &mut model.form else { return };
    let plain = !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
    match (action, key.code) {
        (_, KeyCode::Esc) => {
            model.form = None;
            model.wants_to_take_up();
            return;
        }
        (Some(Action::Interrupt), _) => {
            model.question = Some(Question::Quit);
            return;
        }
        (Some(Action::Submit), _) => return submit(model),
        (Some(Action::Complete(Direction::Forward) | Action::Newer), _) => form.go(false),
        (Some(Action::Complete(Direction::Back) | Action::Older), _) => form.go(true),
        (Some(action), _) => {
            edit(form, action);
            return;
        }
        (None, KeyCode::Char(letter)) if plain => {
            form.connect = false;
            match form.input() {
                Some(input) => input.insert(letter.encode_utf8(&mut [0; 4])),
                None => form.toggle(),
            }
            // What is typed is checked when it is left; a yes or no at once.
            if form.focus != Field::Tls {
                return;
            }
        }
        (None, _) => return,
    }
    model.check_form();
}

fn submit(model: &mut Model) {
    model.check_form();
    let Some(form) = &mut model.form else { return };
    match &form.report {
        _ if form.wrong.is_some() => {}
        // Who presses Enter once more although it is not reached wants to try all the same.
        Some(_) => model.set_out(),
        None => form.connect = true,
    }
}

fn edit(form: &mut Form, action: Action) {
    form.connect = false;
    let Some(input) = form.input() else { return };
    match action {
        Action::Go(reach) => input.go(reach),
        Action::Delete(reach) | Action::Kill(reach) => drop(input.delete(reach)),
        _ => {}
    }
}
