//! A buffer: what was said in one place, how far it was read, and what is being typed there.

mod crowd;
mod line;
mod past;

use std::collections::VecDeque;
use std::sync::Arc;

use wire::Timestamp;

use crate::input::Input;
use crate::network::NetworkId;

pub(crate) use line::{Line, More, Seen, State, Tone};
pub(crate) use past::{Past, Wanting};

/// Lines that a buffer keeps; the oldest make room.
pub(crate) const LINES_MAX: usize = 100_000;
/// Those who spoke last, for completion; further ones are forgotten.
const TALKERS_MAX: usize = 200;

/// Lines among which a message that is played back is looked for.
const OVERLAP_MAX: usize = 5000;
/// How far the clocks of a server and of this machine may differ for a line of one's own to be known again.
const SKEW_MS_MAX: u64 = 120_000;
/// The number of a buffer's first line. Older ones that come later have lower numbers.
const FIRST_SEQ: u64 = 1 << 40;

/// Hidden lines that a buffer keeps, so that they do not take the room of those that are seen; further ones are not
/// kept.
const HIDDEN_MAX: usize = 20_000;

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
    /// A list that was asked for; nobody talks there.
    List,
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
    /// Whether nobody is told of what happens here.
    pub muted: bool,
    /// Whether the one whom one talks with is there, if that is known.
    pub present: Option<bool>,
    /// What the server has played back and may play back yet.
    pub past: Past,
    lines: VecDeque<Line>,
    // How many of them are hidden.
    hidden: usize,
    first: u64,
    /// The line to which one went last because one is named in it.
    pub named_at: Option<u64>,
    // Those whose lines are here, so that each nick is kept once; the latest last.
    nicks: VecDeque<Arc<str>>,
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
            muted: false,
            present: None,
            past: Past::default(),
            lines: VecDeque::new(),
            hidden: 0,
            first: FIRST_SEQ,
            named_at: None,
            nicks: VecDeque::new(),
        }
    }

    /// Adds a line and returns its number.
    pub fn push(&mut self, line: Line) -> u64 {
        if self.lines.len() == LINES_MAX {
            self.forget_oldest();
        }
        let hidden = usize::from(line.seen == Seen::Hidden);
        self.hidden += hidden;
        if self.anchor.is_some() {
            self.below += 1 - hidden;
        }
        let line = self.shared(line);
        self.lines.push_back(line);
        self.end() - 1
    }

    /// Whether another hidden line is kept.
    pub fn hides_more(&self) -> bool {
        self.hidden < HIDDEN_MAX
    }

    /// Adds a line that was said earlier where its time says, behind others of the same moment, and returns its
    /// number. The numbers of later lines grow by one; of those before the first line the numbers go down instead, so
    /// that a view that is scrolled stays where it is. Nothing if there is no room for what is that old.
    pub fn insert(&mut self, line: Line) -> Option<u64> {
        let place = self.place_of(line.at);
        self.insert_at(place, line)
    }

    // Behind what is not later, but before what a page of older lines is asked for.
    fn place_of(&self, at: Timestamp) -> usize {
        let later = self.lines.iter().rev().take_while(|other| other.at > at).count();
        let place = self.lines.len() - later;
        let before = self.past.before.and_then(|seq| usize::try_from(seq.checked_sub(self.first)?).ok());
        before.map_or(place, |before| place.min(before))
    }

    /// The same, but before others of the same moment.
    pub fn insert_before(&mut self, line: Line) -> Option<u64> {
        let earlier = self.lines.iter().take_while(|other| other.at < line.at).count();
        self.insert_at(earlier, line)
    }

    fn insert_at(&mut self, place: usize, line: Line) -> Option<u64> {
        let later = self.lines.len() - place;
        if self.lines.len() == LINES_MAX {
            if place == 0 {
                return None;
            }
            self.forget_oldest();
            return self.insert_at(place - 1, line);
        }
        let hidden = usize::from(line.seen == Seen::Hidden);
        self.hidden += hidden;
        let line = self.shared(line);
        self.lines.insert(place, line);
        if place == 0 && later > 0 {
            self.first -= 1;
            return Some(self.first);
        }
        let seq = self.first + place as u64;
        if let Some(before) = self.past.before.as_mut().filter(|before| **before >= seq) {
            *before += 1;
        }
        if let Some(marker) = self.marker.as_mut().filter(|marker| marker.seq >= seq) {
            marker.seq += 1;
        }
        match &mut self.anchor {
            Some(anchor) if anchor.seq >= seq => anchor.seq += 1,
            Some(_) => self.below += 1 - hidden,
            None => {}
        }
        Some(seq)
    }

    /// Forgets the oldest line.
    pub fn forget_oldest(&mut self) {
        if let Some(line) = self.lines.pop_front() {
            self.hidden -= usize::from(line.seen == Seen::Hidden);
            self.first += 1;
            // What was forgotten can be asked for again.
            self.past.complete = false;
            self.past.oldest = None;
        }
    }

    /// Whether another line would cost the oldest.
    pub fn is_full(&self) -> bool {
        self.lines.len() >= LINES_MAX
    }

    /// How many lines there are.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    // The line with a nick that others share.
    fn shared(&mut self, mut line: Line) -> Line {
        match self.nicks.iter().rev().find(|nick| **nick == line.nick) {
            Some(known) => line.nick = Arc::clone(known),
            None => {
                if self.nicks.len() == TALKERS_MAX {
                    self.nicks.pop_front();
                }
                self.nicks.push_back(Arc::clone(&line.nick));
            }
        }
        line
    }

    /// Forgets all lines.
    pub fn clear(&mut self) {
        self.first = self.end();
        self.lines.clear();
        self.hidden = 0;
        (self.marker, self.anchor, self.below) = (None, None, 0);
        self.past = Past { until: self.past.until, read_at: self.past.read_at, ..Past::default() };
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

    /// The lines with their numbers, from the oldest on.
    pub fn numbered(&self) -> impl DoubleEndedIterator<Item = (u64, &Line)> {
        self.lines.iter().enumerate().map(|(place, line)| (self.first + place as u64, line))
    }

    /// The latest line of which something is so, with its number, looked for among so many as a playback may overlap.
    pub fn recent(&self, is_so: impl Fn(&Line) -> bool) -> Option<(u64, &Line)> {
        let numbered = self.numbered().rev();
        numbered.take(OVERLAP_MAX).find(|(_, line)| is_so(line))
    }

    /// The number of a line with the id of a message.
    pub fn with_id(&self, id: &str) -> Option<u64> {
        let numbered = self.numbered().rev();
        numbered.filter(|_| !id.is_empty()).find(|(_, line)| *line.id == *id).map(|(seq, _)| seq)
    }

    /// The number of a line that was said about a time and of which something is so.
    pub fn around(&self, at: Timestamp, is_so: impl Fn(&Line) -> bool) -> Option<u64> {
        let (from, to) = (at.0.saturating_sub(SKEW_MS_MAX), at.0.saturating_add(SKEW_MS_MAX));
        let start = self.lines.partition_point(|line| line.at.0 < from);
        let numbered = (self.first + start as u64..).zip(self.lines.range(start..));
        let near = numbered.take_while(|(_, line)| line.at.0 <= to).take(OVERLAP_MAX);
        near.into_iter().find(|(_, line)| is_so(line)).map(|(seq, _)| seq)
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

    /// Somebody spoke here before all who are known.
    pub fn spoke_before(&mut self, nick: &str) {
        if self.talkers.len() < TALKERS_MAX && !self.talkers.iter().any(|name| name == nick) {
            self.talkers.insert(0, nick.to_owned());
        }
    }

    /// Somebody is called differently now.
    pub fn renamed(&mut self, from: &str, to: &str) {
        for name in self.talkers.iter_mut().chain(&mut self.partners).filter(|name| *name == from) {
            to.clone_into(name);
        }
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
        assert_eq!((buffer.start(), buffer.end()), (FIRST_SEQ + 2, FIRST_SEQ + LINES_MAX as u64 + 2));
        assert!(buffer.line(FIRST_SEQ + 1).is_none());
        assert_eq!(buffer.line(FIRST_SEQ + 2).unwrap().at, Timestamp(2));
        assert!(buffer.line(buffer.end()).is_none());
        buffer.clear();
        assert_eq!((buffer.start(), buffer.lines().count()), (FIRST_SEQ + LINES_MAX as u64 + 2, 0));
    }

    #[test]
    fn a_line_is_small() {
        assert!(size_of::<Line>() <= 72, "{}", size_of::<Line>());
    }
}
