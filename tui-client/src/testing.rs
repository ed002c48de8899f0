//! A person at a client without a terminal: presses keys, hears lines, looks at the screen.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer as Cells;
use unicode_width::UnicodeWidthStr;
use wire::Timestamp;

use crate::model::{Event, Model, News, Palette, Wish};
use crate::network::NetworkId;
use crate::trial::beginner;
use crate::update::update;
use crate::view::view;
use crate::zone::Zone;

/// What a server says to `me` who wants to be in `#den`; with echoes and labels.
const WELCOME: &str = "CAP * LS :echo-message labeled-response message-tags server-time batch
    CAP * ACK :echo-message labeled-response message-tags server-time batch
    :srv 001 me :Welcome
    :srv 005 me CASEMAPPING=ascii PREFIX=(ov)@+ CHANMODES=b,k,l,imnpst NETWORK=Local :are supported";
const DEN: &str = ":me!me@home JOIN #den
    :srv 332 me #den :Welcome to the den -- https://example.com/rules
    :srv 353 me = #den :@alice +bob me zoe
    :srv 366 me #den :End
    :srv 324 me #den +nt";

/// The network with which a person begins.
pub(crate) const HOME: NetworkId = NetworkId(0);

pub(crate) struct Person {
    pub model: Model,
    pub wishes: Vec<Wish>,
}

impl Person {
    /// Somebody whose client has just been started; it is Sunday, 12:09.
    pub fn started() -> Self {
        let mut model = beginner();
        (model.zone, model.palette, model.size) = (Zone::utc(), Palette::Many, (80, 24));
        model.connect();
        let wishes = std::mem::take(&mut model.wishes);
        Self { model, wishes }
    }

    /// Somebody who is in `#den` and looks at it; what was sent until then is forgotten.
    pub fn in_den() -> Self {
        let mut person = Self::started();
        person.welcome();
        person.hears(DEN);
        person.sent();
        person
    }

    /// The connection stands and the server greets.
    pub fn welcome(&mut self) {
        self.event(Event::Net(HOME, News::Connected));
        self.hears(WELCOME);
        self.pong();
    }

    /// The server takes us into the den.
    pub fn enter_den(&mut self) {
        self.hears(DEN);
    }

    /// The server answers the last PING.
    pub fn pong(&mut self) {
        if let Some(ping) = &self.model.ping {
            self.hears(&format!(":srv PONG srv {}", ping.token));
        }
    }

    pub fn event(&mut self, event: Event) {
        let now = self.model.now;
        let wishes = update(&mut self.model, now, event);
        self.wishes.extend(wishes);
    }

    pub fn hears(&mut self, lines: &str) {
        for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
            self.event(Event::Net(HOME, News::Line(line.to_owned())));
        }
    }

    /// Time passes, and the model is told whenever it wants to be.
    pub fn waits(&mut self, ms: u64) {
        let until = Timestamp(self.model.now.0 + ms);
        while self.model.deadline() <= until {
            let at = self.model.deadline();
            let wishes = update(&mut self.model, at, Event::Tick);
            self.wishes.extend(wishes);
        }
        self.model.now = until;
    }

    pub fn types(&mut self, text: &str) {
        for letter in text.chars() {
            self.event(Event::Key(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE)));
        }
    }

    /// Presses keys by their names: `Alt+a Enter`.
    pub fn presses(&mut self, keys: &str) {
        for name in keys.split(' ') {
            self.event(Event::Key(key(name)));
        }
    }

    /// Types a line and presses Enter.
    pub fn enters(&mut self, text: &str) {
        self.types(text);
        self.presses("Enter");
    }

    /// The lines that were sent since the last look, without their ends, but for those that tell of typing.
    pub fn sent(&mut self) -> Vec<String> {
        let mut lines = self.sent_all();
        lines.retain(|line| !line.starts_with("@+typing="));
        lines
    }

    /// All lines that were sent since the last look, without their ends.
    pub fn sent_all(&mut self) -> Vec<String> {
        let lines = self.wishes.iter().filter_map(|wish| match wish {
            Wish::Send(_, line) => Some(line.trim_end().to_owned()),
            _ => None,
        });
        let lines = lines.collect();
        self.wishes.clear();
        lines
    }

    /// The texts of the buffer that is shown, `nick: text` where somebody speaks.
    pub fn reads(&self) -> Vec<String> {
        let line = |line: &crate::buffer::Line| {
            let text = format!("{}{}{}", line.answers(), line.shown(), line.remark());
            if line.is_speech() { format!("{}: {text}", line.nick) } else { text }
        };
        self.model.buffer().lines().filter(|line| line.is_seen(self.model.hidden_too)).map(line).collect()
    }

    /// The last of them.
    pub fn reads_last(&self) -> String {
        self.reads().pop().unwrap_or_default()
    }

    /// The cells of a screen of a size, and where the cursor is.
    pub fn cells(&mut self, columns: u16, rows: u16) -> (Cells, (u16, u16)) {
        self.event(Event::Resize(columns, rows));
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
        terminal.draw(|frame| view(&self.model, frame)).unwrap();
        let cursor = terminal.get_cursor_position().unwrap();
        (terminal.backend().buffer().clone(), (cursor.x, cursor.y))
    }

    /// The screen as rows of text, without blanks at their ends.
    pub fn screen(&mut self, columns: u16, rows: u16) -> String {
        let (cells, _) = self.cells(columns, rows);
        let mut picture = Vec::new();
        for y in 0..rows {
            let mut row = String::new();
            let mut x = 0;
            while x < columns {
                let symbol = cells[(x, y)].symbol();
                row.push_str(symbol);
                x += u16::try_from(symbol.width()).unwrap().max(1);
            }
            picture.push(row.trim_end().to_owned());
        }
        picture.join("\n")
    }
}

fn key(name: &str) -> KeyEvent {
    let (modifiers, name) = match name.split_once('+') {
        Some(("Ctrl", name)) => (KeyModifiers::CONTROL, name),
        Some(("Alt", name)) => (KeyModifiers::ALT, name),
        Some(("Shift", name)) => (KeyModifiers::SHIFT, name),
        _ => (KeyModifiers::NONE, name),
    };
    let code = match name {
        "Enter" => KeyCode::Enter,
        "Tab" if modifiers == KeyModifiers::SHIFT => KeyCode::BackTab,
        "Tab" => KeyCode::Tab,
        "Esc" => KeyCode::Esc,
        "Up" => KeyCode::Up,
        "Down" => KeyCode::Down,
        "Left" => KeyCode::Left,
        "Right" => KeyCode::Right,
        "Home" => KeyCode::Home,
        "End" => KeyCode::End,
        "PgUp" => KeyCode::PageUp,
        "PgDn" => KeyCode::PageDown,
        "Backspace" => KeyCode::Backspace,
        "Delete" => KeyCode::Delete,
        name if name.len() == 2 && name.starts_with('F') => KeyCode::F(name[1..].parse().unwrap()),
        letter if letter.chars().count() == 1 => KeyCode::Char(letter.chars().next().unwrap()),
        other => panic!("no key is called {other}"),
    };
    KeyEvent::new(code, modifiers)
}
