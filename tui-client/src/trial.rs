//! The client without a terminal and without a network: what measurements and fuzzing drive.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use wire::Timestamp;

use crate::model::{Address, Event, Model, News, Wish};
use crate::session::Wanted;
use crate::update::update;
use crate::view::view;

/// When it begins: Sunday, 22 November 2026, 12:09.
const BEGINNING: Timestamp = Timestamp(1_795_349_340_000);

/// The model of a client that was just started and wants to be in `#den`.
pub(crate) fn beginner() -> Model {
    let address = Address { host: "chat.example".to_owned(), port: 6667, tls: false };
    let wanted = Wanted {
        nick: "me".to_owned(),
        user: "me".to_owned(),
        realname: "me".to_owned(),
        rooms: vec!["#den".to_owned()],
        ..Wanted::default()
    };
    Model::new(BEGINNING, address, wanted)
}

/// A client that is tried out.
#[derive(Debug)]
pub struct Trial {
    model: Model,
    terminal: Terminal<TestBackend>,
    sent: Vec<String>,
}

impl Trial {
    /// A client on a screen of some columns and rows that wants to be in `#den`. Its terminal knows links.
    ///
    /// # Panics
    /// Never: there is no terminal that could fail.
    pub fn new(columns: u16, rows: u16) -> Self {
        let mut model = beginner();
        model.links = true;
        model.connect();
        let terminal = Terminal::new(TestBackend::new(columns, rows)).expect("nothing can fail");
        let mut trial = Self { model, terminal, sent: Vec::new() };
        trial.resizes(columns, rows);
        trial
    }

    /// The connection stands.
    pub fn connected(&mut self) {
        self.net(News::Connected);
    }

    /// The connection is lost.
    pub fn lost(&mut self) {
        self.net(News::Lost("gone".to_owned()));
    }

    /// The server says a line.
    pub fn hears(&mut self, line: &str) {
        self.net(News::Line(line.to_owned()));
    }

    /// Keys are pressed, as a terminal tells of them: control characters are letters with Ctrl, behind an escape
    /// comes a key with Alt.
    pub fn types(&mut self, keys: &str) {
        let mut modifiers = KeyModifiers::NONE;
        for key in keys.chars() {
            let (code, held) = match key {
                '\u{1b}' => {
                    modifiers = KeyModifiers::ALT;
                    continue;
                }
                '\r' => (KeyCode::Enter, modifiers),
                '\t' => (KeyCode::Tab, modifiers),
                '\u{7f}' => (KeyCode::Backspace, modifiers),
                '\u{1}'..='\u{1a}' => {
                    (KeyCode::Char(char::from(key as u8 + b'a' - 1)), modifiers | KeyModifiers::CONTROL)
                }
                key => (KeyCode::Char(key), modifiers),
            };
            modifiers = KeyModifiers::NONE;
            self.event(Event::Key(KeyEvent::new(code, held)));
        }
    }

    /// Text is pasted.
    pub fn pastes(&mut self, text: &str) {
        self.event(Event::Paste(text.to_owned()));
    }

    /// The wheel is turned, up if negative.
    pub fn wheel(&mut self, rows: isize) {
        self.event(Event::Wheel(rows));
    }

    /// The terminal has another size.
    pub fn resizes(&mut self, columns: u16, rows: u16) {
        self.terminal.backend_mut().resize(columns, rows);
        self.event(Event::Resize(columns, rows));
    }

    /// Time passes.
    pub fn waits(&mut self, ms: u64) {
        self.model.now = Timestamp(self.model.now.0.saturating_add(ms));
        self.event(Event::Tick);
    }

    /// Draws a frame.
    ///
    /// # Panics
    /// If the view does.
    pub fn draws(&mut self) {
        let model = &self.model;
        self.terminal.draw(|frame| view(model, frame)).expect("nothing can fail");
    }

    /// What stands in the cells of the last frame.
    pub fn cells(&self) -> impl Iterator<Item = &str> {
        self.terminal.backend().buffer().content.iter().map(ratatui::buffer::Cell::symbol)
    }

    /// Takes the lines that were sent.
    pub fn sent(&mut self) -> Vec<String> {
        std::mem::take(&mut self.sent)
    }

    fn net(&mut self, news: News) {
        let network = self.model.networks[0].id;
        self.event(Event::Net(network, news));
    }

    fn event(&mut self, event: Event) {
        let now = self.model.now;
        let sent = update(&mut self.model, now, event).into_iter().filter_map(|wish| match wish {
            Wish::Send(_, line) => Some(line),
            _ => None,
        });
        self.sent.extend(sent);
    }
}
