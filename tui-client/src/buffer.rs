//! A buffer: what was said in one place, how far it was read, and what is being typed there.

use std::collections::VecDeque;

use wire::Timestamp;

use crate::input::Input;
use crate::network::NetworkId;

/// Lines that a buffer keeps; the oldest make room.
pub(crate) const LINES_MAX: usize = 100_000;
/// Those who spoke last, for completion; further ones are forgotten.
const TALKERS_MAX: usize = 200;
/// The longest run of comings and goings in one line, in bytes; then another line begins.
const CROWD_BYTES_MAX: usize = 400;

/// Lines among which a message that is played back is looked for.
const OVERLAP_MAX: usize = 5000;

/// Names a buffer as long as the program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct BufferId(pub u32);

/// What a buffer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The server's own words.
    Server,
    /// A room.
    Room,
    /// A talk with one person.
    Query,
}

/// What sort of line it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Somebody says something.
    Message,
    /// Somebody does something: `/me`.
    Action,
    /// A notice.
    Notice,
    /// Something happened: a topic, a mode, a nick.
    Event,
    /// A run of comings and goings: `+alice -bob`.
    Crowd,
    /// The client or the server explains.
    Info,
    /// Something did not work.
    Error,
}

/// Whether a line of one's own has reached the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It has, or it is nobody's own.
    Plain,
    /// It was handed to the connection and has not come back yet.
    Pending(u32),
    /// It was typed without a connection and is kept.
    Offline,
    /// It was typed before the server let us into the room and is kept.
    Entering,
    /// The connection broke before it came back.
    Lost,
    /// The server did not take it.
    Refused,
}

impl State {
    /// What is added to the text of the line.
    pub fn remark(self) -> &'static str {
        match self {
            Self::Plain | Self::Pending(_) => "",
            Self::Offline => " (not sent: offline)",
            Self::Entering => " (not sent: not in the room yet)",
            Self::Lost => " (not confirmed: connection lost)",
            Self::Refused => " (not sent: refused)",
        }
    }
}

/// One logical line. Small, because there are many.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// When it was said.
    pub at: Timestamp,
    /// What sort it is.
    pub tone: Tone,
    /// Whether it has arrived.
    pub state: State,
    /// A hash of the message's id, 0 if it has none: to know it again when it is played back.
    pub id: u64,
    /// Whether it names us.
    pub mention: bool,
    /// Whether it is our own.
    pub own: bool,
    /// Who.
    pub nick: Box<str>,
    /// What, cleaned, with the codes of IRC formatting.
    pub text: Box<str>,
}

/// From where on a buffer was not read, as it was when it was looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Marker {
    /// The first unread line.
    pub seq: u64,
    /// How many messages.
    pub count: usize,
    /// When the first of them was said.
    pub since: Timestamp,
}

/// A scrolled view: which row of which line is the lowest that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Anchor {
    /// The line.
    pub seq: u64,
    /// The row of it, from the top.
    pub row: usize,
}

/// One place to read and write.
#[derive(Debug)]
pub(crate) struct Buffer {
    /// Its identity.
    pub id: BufferId,
    /// Where it belongs to; the first network unless it is set.
    pub network: NetworkId,
    /// What it is for.
    pub kind: Kind,
    /// The room, the nick, or the name of the network.
    pub name: String,
    /// Messages since it was last looked at.
    pub unread: usize,
    /// Those of them that are for us.
    pub mentions: usize,
    /// Where the unread part begins.
    pub marker: Option<Marker>,
    /// Where it is scrolled to; `None` follows what comes.
    pub anchor: Option<Anchor>,
    /// Lines that came since it was scrolled.
    pub below: usize,
    /// What is being typed.
    pub input: Input,
    /// Who spoke, the latest last.
    pub talkers: Vec<String>,
    /// Who addressed us or was addressed by us, the latest last.
    pub partners: Vec<String>,
    lines: VecDeque<Line>,
    first: u64,
    /// The line to which one went last because one is named in it.
    pub named_at: Option<u64>,
}

impl Buffer {
    /// An empty buffer.
    pub fn new(id: BufferId, kind: Kind, name: &str) -> Self {
        Self {
            id,
            network: NetworkId(0),
            kind,
            name: name.to_owned(),
            unread: 0,
            mentions: 0,
            marker: None,
            anchor: None,
            below: 0,
            input: Input::default(),
            talkers: Vec::new(),
            partners: Vec::new(),
            lines: VecDeque::new(),
            first: 0,
            named_at: None,
        }
    }

    /// Adds a line and returns its number.
    pub fn push(&mut self, line: Line) -> u64 {
        if self.lines.len() == LINES_MAX {
            self.lines.pop_front();
            self.first += 1;
        }
        if self.anchor.is_some() {
            self.below += 1;
        }
        self.lines.push_back(line);
        self.end() - 1
    }

    /// Adds somebody's coming or going to the run at the end, or begins one.
    pub fn push_crowd(&mut self, at: Timestamp, change: &str) {
        let change = &crate::text::clean(change);
        if let Some(last) = self.lines.back_mut()
            && last.tone == Tone::Crowd
            && last.text.len() + change.len() < CROWD_BYTES_MAX
        {
            last.text = format!("{} {change}", last.text).into();
            return;
        }
        self.push(Line::new(at, Tone::Crowd, "", change));
    }

    /// Forgets all lines.
    pub fn clear(&mut self) {
        self.first = self.end();
        self.lines.clear();
        (self.marker, self.anchor, self.below) = (None, None, 0);
    }

    /// A line by its number.
    pub fn line(&self, seq: u64) -> Option<&Line> {
        self.lines.get(usize::try_from(seq.checked_sub(self.first)?).ok()?)
    }

    /// A line by its number.
    pub fn line_mut(&mut self, seq: u64) -> Option<&mut Line> {
        self.lines.get_mut(usize::try_from(seq.checked_sub(self.first)?).ok()?)
    }

    /// The lines from the oldest on.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = &Line> {
        self.lines.iter()
    }

    /// The latest line of which something is so, looked for among so many as a playback may overlap.
    pub fn recent_mut(&mut self, is_so: impl Fn(&Line) -> bool) -> Option<&mut Line> {
        self.lines.iter_mut().rev().take(OVERLAP_MAX).find(|line| is_so(line))
    }

    /// The number of the oldest line.
    pub fn start(&self) -> u64 {
        self.first
    }

    /// The number that the next line will have.
    pub fn end(&self) -> u64 {
        self.first + self.lines.len() as u64
    }

    /// Somebody spoke here; a partner if one of us addressed the other.
    pub fn spoke(&mut self, nick: &str, with_us: bool) {
        latest(&mut self.talkers, nick);
        if with_us {
            latest(&mut self.partners, nick);
        }
    }

    /// Somebody is called differently now.
    pub fn renamed(&mut self, from: &str, to: &str) {
        for name in self.talkers.iter_mut().chain(&mut self.partners).filter(|name| *name == from) {
            to.clone_into(name);
        }
    }
}

impl Line {
    /// A line that is nobody's own and has nothing special.
    pub fn new(at: Timestamp, tone: Tone, nick: &str, text: &str) -> Self {
        let text = crate::text::clean(text).into();
        let nick = crate::text::clean(nick).into();
        Self { at, tone, state: State::Plain, id: 0, mention: false, own: false, nick, text }
    }

    /// Whether somebody said it, so that it counts as something to read.
    pub fn is_speech(&self) -> bool {
        matches!(self.tone, Tone::Message | Tone::Action | Tone::Notice)
    }
}

fn latest(names: &mut Vec<String>, nick: &str) {
    names.retain(|name| name != nick);
    names.push(nick.to_owned());
    if names.len() > TALKERS_MAX {
        names.remove(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buffer() -> Buffer {
        Buffer::new(BufferId(0), Kind::Room, "#den")
    }

    #[test]
    fn the_oldest_lines_make_room_and_numbers_stay() {
        let mut buffer = buffer();
        for number in 0..LINES_MAX + 2 {
            buffer.push(Line::new(Timestamp(number as u64), Tone::Message, "a", "x"));
        }
        assert_eq!((buffer.start(), buffer.end()), (2, LINES_MAX as u64 + 2));
        assert!(buffer.line(1).is_none());
        assert_eq!(buffer.line(2).unwrap().at, Timestamp(2));
        assert!(buffer.line(buffer.end()).is_none());
        buffer.clear();
        assert_eq!((buffer.start(), buffer.lines().count()), (LINES_MAX as u64 + 2, 0));
    }

    #[test]
    fn comings_and_goings_share_a_line() {
        let mut buffer = buffer();
        buffer.push_crowd(Timestamp(1), "+alice");
        buffer.push_crowd(Timestamp(2), "-bob");
        buffer.push(Line::new(Timestamp(3), Tone::Message, "carol", "hi"));
        buffer.push_crowd(Timestamp(4), "-alice");
        let texts: Vec<&str> = buffer.lines().map(|line| &*line.text).collect();
        assert_eq!(texts, ["+alice -bob", "hi", "-alice"]);
        for _ in 0..200 {
            buffer.push_crowd(Timestamp(5), "+somebody");
        }
        assert!(buffer.lines().all(|line| line.text.len() <= CROWD_BYTES_MAX));
    }

    #[test]
    fn a_line_is_small() {
        assert!(size_of::<Line>() <= 64, "{}", size_of::<Line>());
    }
}
