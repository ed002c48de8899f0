//! Everything the screen depends on.

use std::cmp::Ordering;
use std::time::Duration;

use segment::{Cursor, Key, Now, ReadError, Room};

use super::filter::Row;
use super::gathered::Gathered;
use super::sieve::Sieve;
use crate::sample::{Sample, room_number, told_rate};

/// One look at the segment.
#[derive(Debug, Clone)]
pub struct Look {
    /// When it was.
    pub now: Now,
    /// What was seen.
    pub sample: Result<Sample, ReadError>,
}

/// What is on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// One of the views of everything.
    View(View),
    /// One room.
    Room(String),
    /// The keys; and the page behind.
    Help(Box<Page>),
}

/// The views of everything, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// All rooms, and a bit of everything else.
    Rooms,
    /// People.
    Users,
    /// Connections and the process.
    Connections,
    /// How long things take.
    Latency,
    /// All counters of the server.
    Counters,
}

/// All views.
pub const VIEWS: [View; 5] = [View::Rooms, View::Users, View::Connections, View::Latency, View::Counters];

/// By what the rooms are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the table names them")]
pub enum Sort {
    Rate,
    Messages,
    Users,
    Bytes,
    Active,
    Name,
}

/// The orders one after the other, and their names.
pub const SORTS: &[(Sort, &str)] = &[
    (Sort::Rate, "msg/s"),
    (Sort::Messages, "messages"),
    (Sort::Users, "users"),
    (Sort::Bytes, "bytes"),
    (Sort::Active, "last said"),
    (Sort::Name, "name"),
];

/// What the numbers mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figures {
    /// Since the begin.
    Totals,
    /// New, per second.
    Rates,
}

/// Everything the screen depends on.
#[derive(Debug)]
pub struct Model {
    /// The key that is read.
    pub key: Key,
    /// The names of rooms that are wanted; all, if empty.
    pub patterns: Vec<String>,
    /// From one look to the next.
    pub interval: Duration,
    /// Whether colours may be used.
    pub colour: bool,
    /// Whether a recording is shown.
    pub replays: bool,
    /// Whether only ASCII may be used.
    pub ascii: bool,
    /// Columns and rows.
    pub size: (u16, u16),
    /// What is shown.
    pub page: Page,
    /// By what the rooms are sorted.
    pub sort: Sort,
    /// Whether the other way round.
    pub reverse: bool,
    /// Whether silent rooms and counters at 0 are left out.
    pub hide_zeros: bool,
    /// What the numbers mean.
    pub figures: Figures,
    /// What rows must be like to be shown.
    pub sieve: Sieve,
    /// Whether the rooms have the whole page.
    pub expanded: bool,
    /// What is said about the last key, until the next one.
    pub notice: Option<String>,
    /// The room the bar is on, by tenure; the first one if it is gone.
    pub selected: Option<u64>,
    /// Lines by which the other pages are scrolled.
    pub scroll: usize,
    /// What has been seen.
    pub gathered: Gathered,
    /// What is shown instead, while paused.
    pub frozen: Option<Box<Gathered>>,
}

impl Model {
    /// A screen on which nothing has been seen yet.
    pub fn new(key: Key, patterns: Vec<String>, interval: Duration) -> Model {
        Model {
            key,
            patterns,
            interval,
            colour: true,
            replays: false,
            ascii: false,
            size: (80, 24),
            page: Page::View(View::Rooms),
            sort: Sort::Rate,
            reverse: false,
            hide_zeros: false,
            figures: Figures::Totals,
            sieve: Sieve::default(),
            expanded: false,
            notice: None,
            selected: None,
            scroll: 0,
            gathered: Gathered::default(),
            frozen: None,
        }
    }

    /// What is to be shown.
    pub fn shown(&self) -> &Gathered {
        self.frozen.as_deref().unwrap_or(&self.gathered)
    }

    /// The room whose history the next look should read, and from where.
    pub fn watched(&self) -> Option<(&str, Option<&Cursor>)> {
        self.gathered.talk.as_ref().map(|talk| (talk.room.as_str(), talk.cursor.as_ref()))
    }

    /// The rooms in the order in which they are shown.
    pub fn rooms(&self) -> Vec<&Room> {
        let Some(sample) = &self.shown().sample else { return Vec::new() };
        let speaks = |room: &&Room| room.minutes.iter().any(|messages| *messages > 0);
        let rooms = sample.snapshot.rooms.iter();
        let admitted = |room: &&Room| self.sieve.admits(&RoomRow { model: self, room });
        let mut rooms: Vec<&Room> =
            rooms.filter(|room| !self.hide_zeros || speaks(room)).filter(admitted).collect();
        rooms.sort_by(|a, b| {
            let order = self.compare(a, b);
            // Among equals the names decide, whichever way round.
            (if self.reverse { order.reverse() } else { order }).then_with(|| a.name.cmp(&b.name))
        });
        rooms
    }

    fn compare(&self, a: &Room, b: &Room) -> Ordering {
        let most = |name: &str| room_number(b, name).cmp(&room_number(a, name));
        match self.sort {
            Sort::Rate => self.rate(b).unwrap_or(0.0).total_cmp(&self.rate(a).unwrap_or(0.0)),
            Sort::Messages => most("messages"),
            Sort::Users => most("members"),
            Sort::Bytes => most("bytes"),
            Sort::Active => most("active_ms"),
            Sort::Name => a.name.cmp(&b.name),
        }
    }

    /// Messages per second in the room: since the last look, or as the server says it before there are two.
    pub fn rate(&self, room: &Room) -> Option<f64> {
        let gathered = self.shown();
        if !gathered.sample.as_ref()?.state.is_live() || gathered.trouble.is_some() {
            return None;
        }
        match &gathered.rates {
            Some(rates) => rates.rooms.get(&room.tenure).map(|new| rates.per_second(new.messages)),
            None => told_rate(room, "message_rate_1"),
        }
    }

    /// The place of the bar among these rooms.
    pub fn selected_at(&self, rooms: &[&Room]) -> usize {
        rooms.iter().position(|room| Some(room.tenure) == self.selected).unwrap_or(0)
    }
}

/// A room as filters see it.
struct RoomRow<'a> {
    model: &'a Model,
    room: &'a Room,
}

impl Row for RoomRow<'_> {
    fn name(&self) -> &str {
        &self.room.name
    }

    fn number(&self, field: &str) -> Option<f64> {
        match field {
            "rate" => self.model.rate(self.room),
            "msgs" => room_number(self.room, "messages").map(|number| number as f64),
            "users" => room_number(self.room, "members").map(|number| number as f64),
            field => room_number(self.room, field).map(|number| number as f64),
        }
    }
}
