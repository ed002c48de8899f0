//! Everything the screen is drawn from, and what may happen to it.

use crossterm::event::KeyEvent;
use wire::{Mask, Timestamp};

use crate::buffer::{Buffer, BufferId, Line, State, Tone};
use crate::complete::Completion;
use crate::cuts::Cuts;
use crate::network::{Network, NetworkId};
use crate::prompt::Prompt;
use crate::session::{Said, Wanted};
use crate::typing::Typists;
use crate::zone::Zone;

/// What was said so long ago draws nobody's attention: it is played back.
const NEWS_MS: u64 = 60_000;

/// What happens to the client.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// A key was pressed.
    Key(KeyEvent),
    /// Text was pasted.
    Paste(String),
    /// The wheel was turned, up if negative.
    Wheel(isize),
    /// The mouse was pressed on a cell: column, row.
    Click(u16, u16),
    /// The terminal has another size now: columns, rows.
    Resize(u16, u16),
    /// The terminal is looked at, or not any more.
    Focus(bool),
    /// A deadline may have passed.
    Tick,
    /// Something has happened on the connection to a network.
    Net(NetworkId, News),
    /// A page of what was kept of a buffer.
    Recalled(BufferId, crate::store::Page),
    /// Something cannot be kept.
    NotKept(String),
    /// The system asks us to end.
    Terminate,
}

/// What happens on a connection.
#[derive(Clone, Debug)]
pub(crate) enum News {
    /// It stands.
    Connected,
    /// It broke, or could not be made.
    Lost(String),
    /// A line from the server.
    Line(String),
}

/// What the client wants the world to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// Send a line.
    Send(NetworkId, String),
    /// Take the mouse, or leave it to the terminal.
    Mouse(bool),
    /// Draw the person's attention, with a text for terminals that show one.
    Notify(String),
    /// Connect; an earlier attempt or connection is given up.
    Connect(NetworkId, Address),
    /// Close the connection.
    Disconnect(NetworkId),
    /// Keep a record of a buffer for the next time.
    Keep { network: String, buffer: String, record: String, plain: String },
    /// Keep the state of a network for the next time.
    Save { network: String, text: String },
    /// Look up what was kept of a buffer before a place.
    Recall { network: String, buffer: String, to: BufferId, before: Option<u64> },
    /// Draw everything anew.
    Redraw,
    /// Go to the background as Ctrl+Z does.
    Suspend,
    /// End the program.
    Quit,
}

/// Where a server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    /// A name or an address.
    pub host: String,
    /// The port.
    pub port: u16,
}

/// How far the connection is.
///
/// ```text
///   Off ──/connect──► Connecting ──► Up
///    ▲                 │    ▲        │
///    │ /disconnect     ▼    │        │
///    └────────────── Waiting ◄───────┘ lost
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    /// None, and none is wanted.
    Off,
    /// Another attempt is made at a time.
    Waiting { until: Timestamp },
    /// An attempt is under way.
    Connecting,
    /// It stands; the server may not have welcomed us yet.
    Up,
}

/// What the person is asked; keys answer it before they do anything else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    /// Whether to leave.
    Quit,
    /// Whether to say so many lines.
    Many { count: usize },
    /// Whether a pasted line that looks like a command is one.
    PastedCommand,
    /// Whether what was typed without a connection shall be sent now.
    Kept { buffer: BufferId, count: usize },
}

/// A line that waits for its echo.
#[derive(Clone, Debug)]
pub(crate) struct Pending {
    pub label: u32,
    pub buffer: BufferId,
    pub seq: u64,
    pub text: String,
}

/// A line that was typed without a connection.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub buffer: BufferId,
    pub seq: u64,
    pub said: Said,
    pub text: String,
    /// The id of the message that it answers, empty if it answers none.
    pub answers: Box<str>,
    pub at: Timestamp,
}

/// Which colours the terminal has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Palette {
    /// None are wanted.
    Plain,
    /// The sixteen of the terminal.
    Sixteen,
    /// 256.
    Many,
}

/// A PING on its way.
#[derive(Clone, Debug)]
pub(crate) struct Ping {
    pub token: String,
    pub at: Timestamp,
}

/// The whole state of the client.
#[derive(Debug)]
pub(crate) struct Model {
    /// The time of the event that is being worked on.
    pub now: Timestamp,
    /// Local time.
    pub zone: Zone,
    /// The colours.
    pub palette: Palette,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// Whether the terminal is looked at.
    pub focused: bool,
    /// Whether the list of buffers and the list of members are wanted.
    pub panels: (bool, bool),
    /// Whether the messages are shown alone.
    pub bare: bool,
    /// Whether the mouse is ours.
    pub mouse: bool,
    /// Whether links are told to the terminal as such.
    pub links: bool,
    /// The networks, in the order of their buffers. There is at least one.
    pub networks: Vec<Network>,
    /// The one at which the model stands: that of the event that is being worked on, and else that of the buffer that
    /// is shown.
    pub here: usize,
    /// The buffers, network by network; the first of each is its server's.
    pub buffers: Vec<Buffer>,
    /// Which one is shown.
    pub current: usize,
    /// Which one was shown before.
    pub previous: BufferId,
    /// Whose words are not shown.
    pub ignored: Vec<Mask>,
    /// What was cut.
    pub cuts: Cuts,
    /// A completion that may be continued.
    pub completion: Option<Completion>,
    /// What is being asked.
    pub question: Option<Question>,
    /// What is being looked for.
    pub prompt: Option<Prompt>,
    /// The help, and how far it is scrolled.
    pub help: Option<usize>,
    /// What the world shall do when the event is worked off.
    pub wishes: Vec<Wish>,
    /// Who is typing, and when we last said that we are.
    pub typists: Typists,
    /// The id of the message that what is said next answers.
    pub answering: Option<Box<str>>,
    /// Whether what is said is kept for the next time, and whether also as a log for people.
    pub keeps: bool,
    pub logs: bool,
    /// Whether that is being taken up now.
    pub restoring: bool,
    /// When what has changed is to be written.
    pub save_due: Option<Timestamp>,
    /// Identities that were given to buffers.
    pub ids: u32,
}

impl Model {
    /// The client before anything has happened.
    pub fn new(now: Timestamp, address: Address, wanted: Wanted) -> Self {
        let mut model = Self {
            now,
            zone: Zone::system(),
            palette: Palette::Many,
            size: (80, 24),
            focused: true,
            panels: (true, true),
            bare: false,
            mouse: false,
            links: false,
            networks: Vec::new(),
            here: 0,
            buffers: Vec::new(),
            current: 0,
            previous: BufferId(0),
            ignored: Vec::new(),
            cuts: Cuts::default(),
            completion: None,
            question: None,
            prompt: None,
            help: None,
            wishes: Vec::new(),
            typists: Typists::default(),
            answering: None,
            keeps: false,
            logs: false,
            restoring: false,
            save_due: None,
            ids: 0,
        };
        let name = address.host.clone();
        model.add_network(&name, address, wanted);
        model
    }

    /// The buffer that is shown.
    pub fn buffer(&self) -> &Buffer {
        &self.buffers[self.current]
    }

    /// The buffer that is shown.
    pub fn buffer_mut(&mut self) -> &mut Buffer {
        &mut self.buffers[self.current]
    }

    /// The input of the buffer that is shown.
    pub fn input(&mut self) -> &mut crate::input::Input {
        &mut self.buffer_mut().input
    }

    /// Shows another buffer.
    pub fn show(&mut self, index: usize) {
        if index >= self.buffers.len() || index == self.current {
            return;
        }
        self.previous = self.buffer().id;
        self.tell_read(self.current);
        self.stop_typing();
        self.buffer_mut().marker = None;
        self.current = index;
        self.completion = None;
        self.seen();
    }

    /// What is shown has been read.
    pub fn seen(&mut self) {
        let buffer = self.buffer_mut();
        if let Some(marker) = &mut buffer.marker {
            marker.count = marker.count.max(buffer.unread);
        }
        (buffer.unread, buffer.mentions) = (0, 0);
    }

    /// Adds a line to a buffer.
    pub fn push(&mut self, index: usize, line: Line) -> u64 {
        let watched = index == self.current && self.focused && self.help.is_none();
        let Some(buffer) = self.buffers.get_mut(index) else { return 0 };
        let (speech, mention, at) = (line.is_speech() && !line.own, line.mention, line.at);
        let news =
            speech && mention && !buffer.muted && !self.focused && self.now.0.saturating_sub(at.0) < NEWS_MS;
        let notice = news.then(|| format!("{}: {}", line.nick, crate::format::plain(&line.text)));
        self.wishes.extend(notice.map(Wish::Notify));
        let seq = buffer.push(line);
        if speech && !watched {
            if buffer.unread == 0 {
                buffer.marker = Some(crate::buffer::Marker { seq, count: 0, since: at });
            }
            buffer.unread += 1;
            buffer.mentions += usize::from(mention);
        }
        seq
    }

    /// Adds a line without a speaker to a buffer, now.
    pub fn note(&mut self, index: usize, tone: Tone, text: &str) {
        self.push(index, Line::new(self.now, tone, "", text));
    }

    /// Tells something where the person looks.
    pub fn tell(&mut self, tone: Tone, text: &str) {
        self.note(self.current, tone, text);
    }

    /// Marks a line of one's own.
    pub fn mark(&mut self, buffer: BufferId, seq: u64, state: State) {
        if let Some(index) = self.position(buffer)
            && let Some(line) = self.buffers[index].line_mut(seq)
        {
            line.state = state;
            if matches!(state, State::Plain | State::Lost | State::Refused) {
                let line = line.clone();
                self.keep(index, &line);
            }
        }
        self.touch();
    }

    /// When the model wants to be told the time again: at the next full minute, for the clock, or when another attempt
    /// to connect is due.
    pub fn deadline(&self) -> Timestamp {
        let minute = Timestamp((self.now.0 / 60_000 + 1) * 60_000);
        let minute = self.typists.deadline().map_or(minute, |ends| ends.min(minute));
        let minute = self.save_due.map_or(minute, |due| due.min(minute));
        let due = self.networks.iter().filter_map(|network| match network.link {
            Link::Waiting { until } => Some(until),
            Link::Off | Link::Connecting | Link::Up => None,
        });
        due.fold(minute, Timestamp::min)
    }
}
