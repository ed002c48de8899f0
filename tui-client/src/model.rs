//! Everything the screen is drawn from.

use wire::{Mask, Timestamp};

pub(crate) use crate::address::Address;
use crate::bindings::Binding;
use crate::buffer::{Buffer, BufferId, Line, State, Tone};
use crate::complete::Completion;
use crate::config::{Profile, Settings};
use crate::cuts::Cuts;
pub(crate) use crate::event::{Event, News, Question, Wish};
use crate::form::Form;
use crate::help::Help;
use crate::network::Network;
pub(crate) use crate::network::{Kept, Link, Pending, Ping};
use crate::prompt::Prompt;
use crate::session::Wanted;
use crate::trust::Trust;
use crate::typing::Typists;
use crate::zone::Zone;

/// What was said so long ago draws nobody's attention: it is played back.
const NEWS_MS: u64 = 60_000;

/// Which colours the terminal has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Palette {
    /// None are wanted.
    Plain,
    /// The sixteen of the terminal.
    Sixteen,
    /// 256, on a dark ground or one that nobody knows.
    Many,
    /// 256, on a light ground.
    Light,
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
    /// Those of which the terminal speaks.
    pub terminal_palette: Palette,
    /// What is chosen.
    pub settings: Settings,
    /// What was chosen in the file.
    pub configured: Settings,
    /// Keys that do something else than the table says.
    pub bindings: Vec<Binding>,
    /// Networks as they are configured, also those to which nobody has connected.
    pub profiles: Vec<Profile>,
    /// What the system calls the person.
    pub login: String,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// Whether the terminal is looked at.
    pub focused: bool,
    /// Whether the list of buffers and the list of members are wanted.
    pub panels: (bool, bool),
    /// Whether the messages are shown alone.
    pub bare: bool,
    /// Whether hidden lines are shown.
    pub hidden_too: bool,
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
    /// What is remembered of servers.
    pub trust: Trust,
    /// The form of the first start, if it is shown.
    pub form: Option<Form>,
    /// What is being asked.
    pub question: Option<Question>,
    /// What is being looked for.
    pub prompt: Option<Prompt>,
    /// The help, while it is open.
    pub help: Option<Help>,
    /// What the world shall do when the event is worked off.
    pub wishes: Vec<Wish>,
    /// Who is typing, and when we last said that we are.
    pub typists: Typists,
    /// The id of the message that what is said next answers.
    pub answering: Option<Box<str>>,
    /// Whether what is said is kept for the next time, and whether also as a log for people.
    pub keeps: bool,
    pub logs: bool,
    /// Whether the command line has said where logs are written, whatever is configured.
    pub logs_fixed: bool,
    /// Whether that is being taken up now.
    pub restoring: bool,
    /// When what has changed is to be written.
    pub save_due: Option<Timestamp>,
    /// Identities that were given to buffers, and to networks.
    pub ids: u32,
    pub network_ids: u32,
}

impl Model {
    /// A client with one network.
    pub fn new(now: Timestamp, address: Address, wanted: Wanted) -> Self {
        let mut model = Self::without_networks(now, &wanted.user);
        let name = address.host.clone();
        model.add_network(&name, address, wanted);
        model
    }

    /// A client that still needs a network.
    pub fn without_networks(now: Timestamp, login: &str) -> Self {
        Self {
            now,
            zone: Zone::system(),
            palette: Palette::Many,
            terminal_palette: Palette::Many,
            settings: Settings::default(),
            configured: Settings::default(),
            bindings: Vec::new(),
            profiles: Vec::new(),
            login: login.to_owned(),
            size: (80, 24),
            focused: true,
            panels: (true, true),
            bare: false,
            hidden_too: false,
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
            trust: Trust::default(),
            form: None,
            question: None,
            prompt: None,
            help: None,
            wishes: Vec::new(),
            typists: Typists::default(),
            answering: None,
            keeps: false,
            logs: false,
            logs_fixed: false,
            restoring: false,
            save_due: None,
            ids: 0,
            network_ids: 0,
        }
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
        if self.buffer().unread == 0 {
            self.buffer_mut().marker = None;
        }
        self.current = index;
        self.completion = None;
        self.seen();
    }

    /// Whether what comes into a buffer is seen at once: it is shown, looked at, and not scrolled away from.
    pub fn watches(&self, index: usize) -> bool {
        let covered = self.help.is_some() || self.buffer().anchor.is_some();
        index == self.current && self.focused && !covered
    }

    /// What is shown has been read. Of a view that is scrolled the newest lines are not shown.
    pub fn seen(&mut self) {
        let buffer = self.buffer_mut();
        if buffer.anchor.is_some() {
            return;
        }
        if let Some(marker) = &mut buffer.marker {
            marker.count = marker.count.max(buffer.unread);
        }
        (buffer.unread, buffer.mentions) = (0, 0);
    }

    /// Adds a line to a buffer.
    pub fn push(&mut self, index: usize, line: Line) -> u64 {
        let watched = self.watches(index);
        let Some(buffer) = self.buffers.get_mut(index) else { return 0 };
        let (speech, mention, at) = (line.is_to_read() && !line.own, line.mention, line.at);
        let news =
            speech && mention && !buffer.muted && !self.focused && self.now.0.saturating_sub(at.0) < NEWS_MS;
        if news {
            let (who, text) = (line.nick.to_string(), crate::format::plain(&line.text).into_owned());
            self.wishes.push(Wish::Notify { who, text });
        }
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
