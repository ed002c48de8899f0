//! The form of the first start: where to, as whom, into which rooms; and what was found out about that.

use crate::address::Target;
use crate::input::Input;
use crate::model::Address;

/// The lines of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Server,
    Tls,
    Nick,
    Rooms,
    Save,
}

impl Field {
    /// All, from above.
    pub const ALL: [Self; 5] = [Self::Server, Self::Tls, Self::Nick, Self::Rooms, Self::Save];

    /// What stands before it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Server => "Server",
            Self::Tls => "TLS",
            Self::Nick => "Nick",
            Self::Rooms => "Rooms",
            Self::Save => "Save",
        }
    }
}

/// What was found out about a server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Report {
    /// Whether it is reached, or why not.
    pub reached: Option<Result<(), String>>,
    /// How it is with TLS.
    pub tls: Tls,
    /// Whether the nick is free, if the server says so.
    pub nick_free: Option<bool>,
}

/// How it is with TLS on a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tls {
    /// Nobody knows.
    #[default]
    Unknown,
    /// It is spoken, and the certificate is vouched for.
    Spoken,
    /// It is spoken, and nobody vouches for the certificate.
    Unvouched,
    /// It is not spoken here, but on another port.
    Elsewhere(u16),
    /// It is not spoken, as far as can be seen.
    None,
}

/// The form.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    pub focus: Field,
    server: Input,
    nick: Input,
    rooms: Input,
    pub tls: bool,
    pub save: bool,
    /// The number of the latest check. Reports of earlier ones are about something else.
    pub check: u32,
    /// What the latest check was about.
    checked: Option<(Address, String)>,
    /// What it has found.
    pub report: Option<Report>,
    /// What is wrong with what is filled in.
    pub wrong: Option<String>,
    /// Whether to connect as soon as the report is there.
    pub connect: bool,
}

impl Form {
    /// A form that is filled in as far as it can be.
    pub fn new(server: &str, nick: &str) -> Self {
        let filled = |text: &str| {
            let mut input = Input::default();
            input.insert(text);
            input
        };
        Self {
            focus: Field::Server,
            server: filled(server),
            nick: filled(nick),
            rooms: Input::default(),
            tls: false,
            save: false,
            check: 0,
            checked: None,
            report: None,
            wrong: None,
            connect: false,
        }
    }

    /// What is typed in a line; nothing for those that are yes or no.
    pub fn input(&mut self) -> Option<&mut Input> {
        match self.focus {
            Field::Server => Some(&mut self.server),
            Field::Nick => Some(&mut self.nick),
            Field::Rooms => Some(&mut self.rooms),
            Field::Tls | Field::Save => None,
        }
    }

    /// A line as it is shown, and where the cursor is in it.
    pub fn shown(&self, field: Field) -> (String, usize) {
        let yes = |on: bool| if on { "yes" } else { "no" }.to_owned();
        let typed = |input: &Input| (input.text().to_owned(), input.cursor());
        match field {
            Field::Server => typed(&self.server),
            Field::Nick => typed(&self.nick),
            Field::Rooms => typed(&self.rooms),
            Field::Tls => (yes(self.tls), 0),
            Field::Save => (yes(self.save), 0),
        }
    }

    /// Goes to the next line, or to the one before.
    pub fn go(&mut self, back: bool) {
        let count = Field::ALL.len();
        let place = Field::ALL.iter().position(|field| *field == self.focus).expect("all are listed");
        self.focus = Field::ALL[(place + if back { count - 1 } else { 1 }) % count];
    }

    /// Changes a line that is yes or no.
    pub fn toggle(&mut self) {
        match self.focus {
            Field::Tls => self.tls = !self.tls,
            Field::Save => self.save = !self.save,
            Field::Server | Field::Nick | Field::Rooms => {}
        }
    }

    /// Where to go, as whom and where to.
    ///
    /// # Errors
    /// What is wrong with what is filled in.
    pub fn filled(&self) -> Result<(Address, String, Vec<String>), String> {
        let place = self.server.text().trim();
        let mut target = Target::parse(place).map_err(|why| format!("{place}: {why}"))?;
        if self.tls && !target.address.tls {
            let with_port = place.ends_with(&format!(":{}", target.address.port));
            target.address.tls = true;
            target.address.port = if with_port { target.address.port } else { crate::address::TLS_PORT };
        }
        let nick = self.nick.text().trim().to_owned();
        if nick.is_empty() || nick.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err("A nick is one word.".to_owned());
        }
        let rooms = self.rooms.text().split([',', ' ']).filter(|room| !room.is_empty());
        let rooms =
            rooms.map(|room| if room.starts_with(['#', '&']) { room.to_owned() } else { format!("#{room}") });
        Ok((target.address, nick, target.rooms.into_iter().chain(rooms).collect()))
    }

    /// What is to be checked now, if that is anything new.
    pub fn next_check(&mut self) -> Option<(u32, Address, String)> {
        let filled = self.filled();
        self.wrong = filled.as_ref().err().cloned();
        let (address, nick, _) = filled.ok()?;
        let about = Some((address.clone(), nick.clone()));
        if self.checked == about {
            return None;
        }
        (self.checked, self.report) = (about, None);
        self.check += 1;
        Some((self.check, address, nick))
    }
}
