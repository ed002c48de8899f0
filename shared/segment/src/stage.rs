//! What the server reports between two publications. Nothing here waits, calls the system or reads a clock.

mod erase;
mod rows;
mod settle;
mod slots;
mod slow;

use std::collections::BTreeMap;

use crate::Now;
use crate::builtin::{self, ROOM_ROWS, SERVER_ROWS};
use crate::directory::{Block, Collected, CounterId, CounterRow};
use crate::geometry::Geometry;
use crate::image::Image;
use crate::layout::{
    MEMBER_WORDS, PERSON_BYTES, PREFIX_BYTES, ROOM_NAME_BYTES, TOPIC_BYTES, copy, header, member, room,
};
use crate::record::Record;
use crate::ring::{Ring, Scratch};
use crate::tally::Tally;
use crate::text::pack;

/// Values stay below 2^63, because the integers of some readers are signed.
const VALUE_MAX: u64 = i64::MAX as u64;

/// A room in the segment. Of a room that was erased, or replaced after it was closed, nothing is heard any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoomId {
    slot: u16,
    tenure: u64,
}

/// Empty → Open ⇄ Closed → Empty; Open → Empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Empty,
    Open,
    /// Closed as the nth: the longest closed room gives way first.
    Closed(u64),
}

#[derive(Debug)]
pub(crate) struct Slot {
    pub tenure: u64,
    pub state: State,
    pub name: String,
    pub ring: Ring,
    pub tally: Tally,
    /// What was said since this was last brought into the image.
    news: News,
    /// It has just become warm: what its tally says must not wait for the next second.
    tallied: bool,
    /// It is on the list of warm ones.
    warm: bool,
    /// The ring has records, or the row has a name, that the segment has not.
    pub ringing: bool,
    /// What lies in the segment's ring must go first, and the room with it.
    pub wipe: bool,
    /// What lies in the segment's ring must go first; the room stays.
    pub blank: bool,
    /// The row must be written anew.
    pub rename: bool,
    /// The segment's ring has damage, which must not stay between its head and tail.
    pub repair: bool,
}

/// What was said in a room between two publications, so that a message costs some additions.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct News {
    messages: u64,
    bytes: u64,
    /// When the last one was said; 0 if none was.
    active_ms: u64,
    /// Records that overtook each other.
    dropped: u64,
    /// It is on the list of rooms with news.
    listed: bool,
}

/// The server's memory of everything that is published.
#[derive(Debug)]
pub struct Stage {
    pub(crate) geometry: Geometry,
    pub(crate) server: Block,
    pub(crate) in_room: Block,
    pub(crate) image: Image,
    pub(crate) slots: Vec<Slot>,
    /// Slots with [`Slot::ringing`].
    pub(crate) ringing: Vec<usize>,
    /// Slots with [`News::listed`].
    heard: Vec<usize>,
    names: BTreeMap<String, usize>,
    server_rows: usize,
    room_rows: usize,
    /// A number that nothing of the segment has had: for a room, or a list of members.
    pub(crate) tenure: u64,
    closings: u64,
    /// Slots with a rate that may be other than 0.
    warm: Vec<usize>,
    second: u64,
    scratch: Scratch,
    /// Something was erased: neither copy may keep it.
    pub(crate) erased: bool,
}

impl Stage {
    pub(crate) fn new(
        geometry: Geometry,
        server: Block,
        in_room: Block,
        server_rows: usize,
        room_rows: usize,
    ) -> Stage {
        let slots = geometry.count(header::ROOM_SLOTS);
        let ring_bytes = geometry.count(header::RING_BYTES);
        let empty = |_| Slot {
            tenure: 0,
            state: State::Empty,
            name: String::new(),
            ring: Ring::new(ring_bytes, 0),
            tally: Tally::default(),
            news: News::default(),
            tallied: false,
            warm: false,
            ringing: false,
            wipe: false,
            blank: false,
            rename: false,
            repair: false,
        };
        let mut image = Image::new(geometry.words(header::COPY_BYTES));
        image.set(copy::USED, 1);
        // It goes with whatever is published first.
        image.set_fresh(false);
        Stage {
            image,
            slots: (0..slots).map(empty).collect(),
            geometry,
            server,
            in_room,
            ringing: Vec::new(),
            heard: Vec::new(),
            names: BTreeMap::new(),
            server_rows,
            room_rows,
            tenure: 1,
            closings: 0,
            warm: Vec::new(),
            second: 0,
            scratch: Scratch::default(),
            erased: false,
        }
    }

    /// Adds to a counter or gauge of the server.
    pub fn add(&mut self, counter: CounterId, by: u64) {
        let at = self.server_word(self.own(counter));
        self.image.set(at, self.image.word(at).saturating_add(by).min(VALUE_MAX));
    }

    /// Sets a counter or gauge of the server.
    pub fn set(&mut self, counter: CounterId, value: u64) {
        let at = self.server_word(self.own(counter));
        self.image.set(at, value.min(VALUE_MAX));
    }

    /// Enters a value into a histogram of the server.
    pub fn observe(&mut self, counter: CounterId, value: u64) {
        self.observe_row(self.own(counter), value);
    }

    /// Enters all values that were collected, which then are none any more.
    pub fn merge(&mut self, counter: CounterId, values: &mut Collected) {
        if values.is_empty() {
            return;
        }
        let at = self.server_word(self.own(counter));
        values.drain(|offset, by| {
            self.image.set(at + offset, self.image.word(at + offset).saturating_add(by).min(VALUE_MAX));
        });
    }

    /// The room of this name: the one that is open, the closed one reopened, or a new one. `None` if the name is
    /// longer than 128 bytes, or if all slots are taken by open rooms; both are counted as refused.
    pub fn room(&mut self, name: &str, now: Now) -> Option<RoomId> {
        if let Some(&slot) = self.names.get(name) {
            if self.slots[slot].state != State::Open {
                self.slots[slot].state = State::Open;
                self.set_fact(slot, room::STATE, 1);
                self.set_fact(slot, room::OPENED_MS, now.wall_ms);
            }
            return Some(self.id(slot));
        }
        let fits = !name.is_empty() && name.len() <= ROOM_NAME_BYTES && !name.contains('\0');
        let Some(slot) = fits.then(|| self.vacancy()).flatten() else {
            self.add_row(self.server_rows + builtin::REFUSED, 1);
            return None;
        };
        self.erase_slot(slot);
        self.enter(slot, name, self.tenure);
        self.set_fact(slot, room::OPENED_MS, now.wall_ms);
        Some(self.id(slot))
    }

    /// The room has ended. Its history and counters stay until another room needs the slot.
    pub fn close(&mut self, room: RoomId) {
        let Some(slot) = self.slot(room) else { return };
        self.members(room, 0, std::iter::empty());
        self.closings += 1;
        self.slots[slot].state = State::Closed(self.closings);
        self.set_fact(slot, room::STATE, 2);
    }

    /// Who is in the room: how many, and the first of them by name and prefix.
    pub fn members<'a>(
        &mut self,
        room: RoomId,
        count: u64,
        listed: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) {
        let Some(slot) = self.slot(room) else { return };
        let mut at = self.geometry.room(slot) + self.geometry.words(header::MEMBERS_AT);
        let before = self.image.word(self.geometry.room(slot) + room::LISTED);
        let (mut shown, mut has_changed) = (0, false);
        for (name, prefix) in listed.into_iter().take(self.geometry.count(header::MEMBERS_MAX)) {
            let mut words = [0; MEMBER_WORDS];
            pack(prefix, PREFIX_BYTES, &mut words[member::PREFIX..member::NAME]);
            pack(name, PERSON_BYTES, &mut words[member::NAME..]);
            has_changed |= self.image.write(at, &words);
            at += MEMBER_WORDS;
            shown += 1;
        }
        for _ in shown..before {
            self.image.write(at, &[0; MEMBER_WORDS]);
            at += MEMBER_WORDS;
        }
        if has_changed || shown != before {
            self.tenure += 1;
            self.set_fact(slot, room::LIST, self.tenure);
        }
        self.set_fact(slot, room::LISTED, shown);
        self.set_built_in(slot, builtin::MEMBERS, count);
        let peak = self.built_in(slot, builtin::MEMBERS_PEAK).max(count);
        self.set_built_in(slot, builtin::MEMBERS_PEAK, peak);
    }

    /// The room's topic; empty if it has none.
    pub fn topic(&mut self, room: RoomId, topic: &str) {
        let Some(slot) = self.slot(room) else { return };
        self.set_text(slot, header::TOPIC_AT, TOPIC_BYTES, topic);
    }

    /// The server's own marks of the room.
    pub fn flags(&mut self, room: RoomId, flags: u64) {
        let Some(slot) = self.slot(room) else { return };
        self.set_fact(slot, room::FLAGS, flags.min(VALUE_MAX));
    }

    /// Adds to a counter or gauge of the room.
    pub fn room_add(&mut self, room: RoomId, counter: CounterId, by: u64) {
        assert!(usize::from(counter.0) < self.room_rows, "a row of the table given at open");
        let Some(slot) = self.slot(room) else { return };
        let value = self.image.word(self.room_word(slot, counter.0.into())).saturating_add(by);
        self.set_room_row(slot, counter.0.into(), value);
    }

    /// Sets a counter or gauge of the room.
    pub fn room_set(&mut self, room: RoomId, counter: CounterId, value: u64) {
        assert!(usize::from(counter.0) < self.room_rows, "a row of the table given at open");
        let Some(slot) = self.slot(room) else { return };
        self.set_room_row(slot, counter.0.into(), value);
    }

    /// Appends to the room's history. Records that overtake each other within one tick are counted as dropped.
    pub fn append(&mut self, room: RoomId, record: &Record<'_>) {
        let Some(slot) = self.slot(room) else { return };
        let ring = &mut self.slots[slot].ring;
        let before = ring.dropped;
        ring.append(record, &mut self.scratch);
        let dropped = ring.dropped - before;
        self.ring(slot);
        self.news(slot).dropped += dropped;
    }

    /// Somebody said something of so many bytes in the room: one message more, and the rates, minutes and talkers.
    pub fn spoke(&mut self, room: RoomId, from: &str, bytes: u64, now: Now) {
        self.spoke_often(room, from, (1, bytes), now);
    }

    /// The same of several messages in a row, of so many bytes together.
    pub fn spoke_often(&mut self, room: RoomId, from: &str, (messages, bytes): (u64, u64), now: Now) {
        let Some(slot) = self.slot(room) else { return };
        self.slots[slot].tally.spoke_often(from, (messages, bytes), now.second(), now.minute());
        self.warm_up(slot);
        let news = self.news(slot);
        news.messages += messages;
        news.bytes = news.bytes.saturating_add(bytes);
        news.active_ms = now.wall_ms;
    }

    /// Whether a record would be overwritten before it is published: records of so many bytes come behind it.
    pub fn is_overwritten_by(&self, bytes: usize) -> bool {
        bytes >= self.geometry.count(header::RING_BYTES)
    }

    /// Instead of [`Stage::append`], for so many records that are overwritten before they are published: they are counted as
    /// dropped.
    pub fn pass_over(&mut self, room: RoomId, records: u64) {
        let Some(slot) = self.slot(room) else { return };
        self.slots[slot].ring.dropped += records;
        self.news(slot).dropped += records;
    }

    /// Whether something waits for publication.
    pub fn is_dirty(&self) -> bool {
        self.image.is_fresh() || !self.ringing.is_empty() || !self.heard.is_empty()
    }

    /// The segment is a new one and has nothing of all this.
    pub(crate) fn publish_anew(&mut self) {
        self.image.touch_all();
        for slot in 0..self.slots.len() {
            let room = &mut self.slots[slot];
            (room.wipe, room.blank) = (false, false);
            if room.tenure != 0 {
                room.ring.published = room.ring.head;
                room.rename = true;
                self.ring(slot);
            }
        }
    }

    /// The rooms there are, open and closed, by name.
    pub fn rooms(&self) -> impl Iterator<Item = (&str, RoomId)> {
        self.names.iter().map(|(name, &slot)| (name.as_str(), self.id(slot)))
    }

    /// Notes that the ring or its row must be published.
    pub(crate) fn ring(&mut self, slot: usize) {
        if !std::mem::replace(&mut self.slots[slot].ringing, true) {
            self.ringing.push(slot);
        }
    }

    pub(crate) fn warm_up(&mut self, slot: usize) {
        if !std::mem::replace(&mut self.slots[slot].warm, true) {
            self.slots[slot].tallied = true;
            self.warm.push(slot);
        }
    }

    /// The news of a room, to which something is to be added.
    fn news(&mut self, slot: usize) -> &mut News {
        let news = &mut self.slots[slot].news;
        if !std::mem::replace(&mut news.listed, true) {
            self.heard.push(slot);
        }
        news
    }

    pub(crate) fn id(&self, slot: usize) -> RoomId {
        RoomId { slot: slot as u16, tenure: self.slots[slot].tenure }
    }

    fn slot(&self, room: RoomId) -> Option<usize> {
        let slot = usize::from(room.slot);
        (self.slots.get(slot)?.tenure == room.tenure && room.tenure != 0).then_some(slot)
    }

    fn own(&self, counter: CounterId) -> usize {
        assert!(usize::from(counter.0) < self.server_rows, "a row of the table given at open");
        counter.0.into()
    }
}

/// The tables of a server and of the segment itself, laid out.
pub(crate) fn blocks(server: &'static [CounterRow], in_room: &'static [CounterRow]) -> (Block, Block) {
    (Block::plan([server, SERVER_ROWS]), Block::plan([in_room, ROOM_ROWS]))
}
