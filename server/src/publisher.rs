//! Publish: what happens in public rooms goes into the segment, once per turn at most once per tick.
//!
//! **Invariant:** what is secret, private, behind a key or by invitation only is never in the segment, and direct
//! messages are not either. A room that becomes so is erased with the next publication, and so are a message that is
//! taken back and a room that is called otherwise: under its new name it begins anew.

mod said;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use engine::{Channel, ChannelFlag, Engine, Event, EventId, Past, Rank, Said, SaidKind, Thing, What, World};
use segment::{Adoption, Entry, Kind, Now, OpenError, RoomId, Writer};
use wire::{ChannelName, Folded, Timestamp};

use crate::config;
use crate::counters::{self, Figures, JOINS, LEAVES, Ledger};
use said::{ACTION, Saying};

/// A room in the segment.
#[derive(Debug)]
struct Shown {
    id: RoomId,
    /// Its name there: a room that comes back keeps the name under which its history lies.
    name: String,
    /// The number of its newest record.
    sequence: u64,
    is_open: bool,
}

/// How many came into a room and left it.
#[derive(Clone, Copy, Debug, Default)]
struct Moves {
    joins: u64,
    leaves: u64,
}

/// Tells other processes.
#[derive(Debug)]
pub struct Publisher {
    writer: Writer,
    ledger: Ledger,
    tick: Duration,
    slots: usize,
    members_max: usize,
    rooms: BTreeMap<Folded, Shown>,
    /// What was said and is not in the segment's stage yet.
    saying: Saying,
    /// Rooms about which something else than messages has changed, and who came and went.
    changed: BTreeMap<Folded, Moves>,
    /// Whether counters have changed.
    is_counted: bool,
    /// When everything was last brought into the segment's stage, in microseconds.
    settled_us: u64,
    /// The trouble that was told last, so that it is told once.
    trouble: Option<OpenError>,
}

/// What an earlier run left, to be given back to the engine.
pub type Restored = Vec<(ChannelName, Vec<Past>)>;

impl Publisher {
    /// Opens the segment, and brings what an earlier run left in it.
    pub fn open(segment: &config::Segment, now: Now) -> Result<(Self, Restored), OpenError> {
        let settings = settings(segment)?;
        let tick = settings.tick;
        let slots = settings.room_slots as usize;
        let (writer, adoption) = Writer::open(settings, counters::table(), counters::ROOM_ROWS, now)?;
        let mut publisher = Self {
            writer,
            ledger: Ledger::default(),
            tick,
            slots,
            members_max: segment.members as usize,
            rooms: BTreeMap::new(),
            saying: Saying::default(),
            changed: BTreeMap::new(),
            is_counted: true,
            settled_us: 0,
            trouble: None,
        };
        let restored = publisher.adopt(adoption);
        Ok((publisher, restored))
    }

    fn adopt(&mut self, adoption: Adoption) -> Restored {
        let rooms = match adoption {
            Adoption::Created => return Restored::new(),
            Adoption::Replaced { why } => {
                tracing::warn!(why, "the segment of an earlier run was of no use and was replaced");
                return Restored::new();
            }
            Adoption::Adopted { epoch, rooms, moved } => {
                tracing::info!(epoch, rooms = rooms.len(), moved, "the segment of an earlier run goes on");
                rooms
            }
        };
        let mut restored = Restored::new();
        self.ledger.found = counters::Found::of(&rooms);
        for room in rooms {
            if let Some(damage) = &room.damage {
                tracing::warn!(room = room.name, damage, "a history is not complete");
            }
            let Ok(channel) = ChannelName::parse(&room.name, segment::ROOM_NAME_BYTES) else {
                // No channel of ours could come back to it.
                self.writer.stage().erase(room.id);
                continue;
            };
            let sequence = room.records.last().map_or(0, |record| record.sequence);
            let shown = Shown { id: room.id, name: room.name, sequence, is_open: false };
            self.rooms.insert(channel.key().clone(), shown);
            let pasts: Vec<Past> = room.records.into_iter().filter_map(past_of).collect();
            if !pasts.is_empty() {
                restored.push((channel, pasts));
            }
        }
        restored
    }

    /// Something happened, and the world is as it is after it.
    pub fn happened(&mut self, now: Now, event: &Event, channels: &[ChannelName], world: &World) {
        let said = match &event.what {
            What::Message(message) => match message.said_to_all() {
                Some(words) => Some(words),
                // Tags alone, and what not all in a channel hear, change nothing that is shown.
                None => return,
            },
            _ => None,
        };
        // Whatever else happens, the rooms are as they are for what was said before it.
        if said.is_none() || !self.changed.is_empty() {
            self.settle_said(now);
        }
        if let What::Redaction(redaction) = &event.what {
            for shown in channels.iter().filter_map(|channel| self.rooms.get(channel.key())) {
                self.writer.stage().remove(shown.id, &redaction.id);
            }
            return;
        }
        if let What::ChannelRename(rename) = &event.what {
            self.erase(&rename.from);
            // What another channel of that name left is forgotten by the engine as well.
            self.erase(&rename.to);
            self.changed.entry(rename.to.key().clone()).or_default();
            return;
        }
        if let (Some(words), [channel]) = (said, channels) {
            // The room may have become secret or public by what came just before.
            if !self.changed.is_empty()
                && let Some(moves) = self.changed.remove(channel.key())
            {
                self.refresh(channel.key(), moves, world, now);
            }
            self.hear(channel, event, words, now);
            return;
        }
        for channel in channels {
            let moves = self.changed.entry(channel.key().clone()).or_default();
            match &event.what {
                What::Join(_) => moves.joins += 1,
                What::Part(_) | What::Kick(_) | What::Quit(_) | What::Kill(_) => moves.leaves += 1,
                _ => {}
            }
        }
    }

    /// A room goes out of the stage, with all that was said in it.
    fn erase(&mut self, channel: &ChannelName) {
        self.changed.remove(channel.key());
        if let Some(shown) = self.rooms.remove(channel.key()) {
            self.writer.stage().erase(shown.id);
        }
    }

    /// Publishes what there is, if it is time.
    pub fn publish(&mut self, now: Now, engine: &Engine, figures: &mut Figures) {
        self.is_counted |= figures.has_changed() || !figures.slowest_are_told;
        // Whenever anything is published, counters and rooms are of the same moment: also if it is something else that is
        // published, such as a rate that has fallen, and after it the ticks are not those of the counters any more.
        let has_counted = self.settle_in(now).is_zero() && self.is_unsettled();
        if has_counted || self.writer.next_publish(now).is_zero() {
            self.settled_us = now.boot_us;
            self.settle(now, engine, figures);
        }
        let begin = Instant::now();
        let outcome = self.writer.publish(now);
        if !matches!(outcome, segment::Published::Idle | segment::Published::Early) {
            figures.published(begin.elapsed());
        }
        if self.trouble.as_ref() != self.writer.trouble() {
            self.trouble = self.writer.trouble().cloned();
            match &self.trouble {
                Some(trouble) => {
                    tracing::error!(%trouble, "the segment is not as it should be; the chat goes on");
                }
                None => tracing::info!("the segment is as it should be again"),
            }
        }
    }

    /// How long the loop may sleep before the next publication.
    pub fn next_publish(&self, now: Now) -> Duration {
        let writer = self.writer.next_publish(now);
        if self.is_unsettled() { writer.min(self.settle_in(now)) } else { writer }
    }

    /// The last publication.
    pub fn stop(mut self, now: Now, engine: &Engine, figures: &mut Figures) {
        self.settle(now, engine, figures);
        self.writer.stop(now);
    }

    fn is_unsettled(&self) -> bool {
        self.is_counted || !self.saying.is_empty() || !self.changed.is_empty()
    }

    /// How long until counters and rooms are to be brought into the stage again.
    fn settle_in(&self, now: Now) -> Duration {
        let passed = Duration::from_micros(now.boot_us.saturating_sub(self.settled_us));
        self.tick.saturating_sub(passed)
    }

    /// Brings counters and changed rooms into the stage.
    fn settle(&mut self, now: Now, engine: &Engine, figures: &mut Figures) {
        self.is_counted = false;
        self.settle_said(now);
        self.ledger.enter(figures, engine, self.writer.stage());
        counters::enter_slowest(now, figures, engine, self.writer.stage());
        for (key, moves) in std::mem::take(&mut self.changed) {
            self.refresh(&key, moves, engine.world(), now);
        }
        if self.rooms.len() > 2 * self.slots {
            self.forget();
        }
    }

    /// Brings one room into the stage as it is, or out of it.
    fn refresh(&mut self, key: &Folded, moves: Moves, world: &World, now: Now) {
        let stage = self.writer.stage();
        let Some(channel) = world.channel(key.as_str()) else {
            if let Some(shown) = self.rooms.get_mut(key) {
                stage.room_add(shown.id, JOINS, moves.joins);
                stage.room_add(shown.id, LEAVES, moves.leaves);
                stage.close(shown.id);
                shown.is_open = false;
            }
            return;
        };
        if !channel.is_public() {
            if let Some(shown) = self.rooms.remove(key) {
                stage.erase(shown.id);
            }
            return;
        }
        let before = self.rooms.get(key);
        let name = before.map_or(channel.name.as_str(), |shown| &shown.name).to_owned();
        let Some(id) = stage.room(&name, now) else { return };
        // Whether or not it is the same slot, numbers must not go back.
        let sequence = before.map_or(0, |shown| shown.sequence);
        stage.topic(id, channel.topic.as_ref().map_or("", |topic| &topic.text));
        stage.flags(id, flags(channel));
        let members = channel.members();
        // An auditorium shows only those whom all of its members see.
        let auditorium = channel.flags.has(ChannelFlag::Auditorium);
        let prefixed = members.iter().filter_map(|(user, member)| {
            if auditorium && member.ranks.is_empty() {
                return None;
            }
            let nick = world.user(*user)?.nick.as_str();
            let prefix: String =
                Rank::ALL.iter().filter(|row| member.ranks.has(row.0)).map(|row| row.2).collect();
            Some((nick, prefix))
        });
        let listed: Vec<(&str, String)> = prefixed.take(self.members_max).collect();
        let listed = listed.iter().map(|(nick, prefix)| (*nick, prefix.as_str()));
        stage.members(id, members.len() as u64, listed);
        stage.room_add(id, JOINS, moves.joins);
        stage.room_add(id, LEAVES, moves.leaves);
        self.rooms.insert(key.clone(), Shown { id, name, sequence, is_open: true });
    }

    /// Forgets closed rooms that are not in the segment any more.
    fn forget(&mut self) {
        let there: BTreeSet<RoomId> = self.writer.stage().rooms().map(|(_, id)| id).collect();
        self.rooms.retain(|_, shown| shown.is_open || there.contains(&shown.id));
    }
}

/// The marks of a room: its modes, one bit per letter. Bit 0 is `a`, bit 26 is `A`.
fn flags(channel: &Channel) -> u64 {
    let letters = ChannelFlag::ALL.iter().filter(|row| channel.flags.has(row.0)).map(|row| row.1);
    let settings = channel.settings().keys().copied();
    letters.chain(settings).filter_map(bit_of).fold(0, |flags, bit| flags | 1 << bit)
}

/// The bit of a letter; a mode that is none has no bit.
fn bit_of(letter: char) -> Option<u32> {
    match letter {
        'a'..='z' => Some(letter as u32 - 'a' as u32),
        'A'..='Z' => Some(letter as u32 - 'A' as u32 + 26),
        _ => None,
    }
}

/// The other way round. The source is the nick alone: hosts are not for readers of the segment.
fn past_of(entry: Entry) -> Option<Past> {
    let (kind, text) = match entry.kind {
        Kind::MESSAGE => (SaidKind::Message, entry.text),
        Kind::NOTICE => (SaidKind::Notice, entry.text),
        Kind::ACTION => (SaidKind::Message, format!("{}{}{}", ACTION.0, entry.text, ACTION.1)),
        _ => return None,
    };
    Some(Past {
        at: Timestamp(entry.wall_ms),
        // A longer one was not given by a server like this.
        id: EventId::try_from(&*entry.id).ok()?,
        by: None,
        source: entry.from.into(),
        from_bot: false,
        client_tags: None,
        to: None,
        what: Thing::Said(Said::of_whole(kind, &text)),
    })
}

fn settings(segment: &config::Segment) -> Result<segment::Settings, OpenError> {
    Ok(segment::Settings {
        segment_key: segment::Key(segment.segment_key.cast_signed()),
        semaphore_key: segment::Key(segment.semaphore_key.cast_signed()),
        segment_mode: segment.segment_mode,
        semaphore_mode: segment.semaphore_mode,
        group: segment.group_id().map_err(OpenError::Settings)?,
        room_slots: segment.rooms,
        ring_bytes: segment.ring_bytes,
        members_max: segment.members,
        remove_at_stop: segment.remove_at_stop,
        ..segment::Settings::default()
    })
}
