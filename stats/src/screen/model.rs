//! Everything the screen depends on.

use std::cmp::Ordering;
use std::time::Duration;

use segment::{Cursor, Key, Now, ReadError, Room};

use super::gathered::Gathered;
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
    /// All rooms.
    Rooms,
    /// One room.
    Room(String),
    /// All counters of the server.
    Counters,
    /// The keys; and the page behind.
    Help(Box<Page>),
}

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
            size: (80, 24),
            page: Page::Rooms,
            sort: Sort::Rate,
            reverse: false,
            hide_zeros: false,
            figures: Figures::Totals,
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
        let mut rooms: Vec<&Room> = rooms.filter(|room| !self.hide_zeros || speaks(room)).collect();
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
