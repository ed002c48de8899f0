//! Answers that are too long for one turn. They are told item by item: as much as the limit says at once, and the rest in
//! parts, each when the client has read the one before. So a long answer keeps nobody else waiting, and who does not read
//! it costs no more memory than who does not ask.
//!
//! A listing remembers which item it told last, by its key, and looks for the next one then: what comes and goes
//! meanwhile is harmless.

use std::collections::VecDeque;
use std::fmt::Debug;

use wire::{Reply, Tags};

use crate::context::Cx;
use crate::desk::Voice;
use crate::engine::Engine;
use crate::interface::{ConnId, Effect, Now};
use crate::turn::{Asker, Item};

/// Items that are looked at in one part, told or not: so many that nobody sees take no longer than a part that is told.
const ITEMS_MAX: usize = 4096;

/// Items that a long list can tell at once, so that it need not look for its place before each of them.
pub(crate) const RUN: usize = 8;

/// Bytes that are counted for the tags of each line.
const TAGS_BYTES: usize = 64;

/// An answer that can be too long for one turn.
pub(crate) trait Listing: Debug + Send {
    /// Looks at the next item, or at no more than [`RUN`] of them, and tells them if they are to be told.
    fn next(&mut self, cx: &mut Cx<'_>) -> Next;
}

/// Whether a listing is at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// There may be another item.
    More,
    /// That was all.
    End,
}

/// A line behind what is listed.
impl Listing for Reply {
    fn next(&mut self, cx: &mut Cx<'_>) -> Next {
        cx.reply(self);
        Next::End
    }
}

/// What a session still has to be told.
#[derive(Debug, Default)]
pub(crate) struct Answering {
    /// In their order. None is at its end.
    listings: VecDeque<Box<dyn Listing>>,
    /// The batch in which all of it stands, if it was asked for with a label.
    batch: Option<String>,
}

impl Answering {
    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.listings.is_empty()
    }

    /// Puts the lines to come into a batch that is open.
    pub fn stand_in(&mut self, batch: String) {
        self.batch = Some(batch);
    }
}

impl Cx<'_> {
    /// Answers with a listing: at once as much of it as one turn may tell, the rest later. What is listed before it comes
    /// first; what is answered otherwise is not kept waiting.
    pub fn list(&mut self, listing: impl Listing + 'static) {
        self.turn.lists = true;
        let answering = self.session.answering.get_or_insert_default();
        answering.listings.push_back(Box::new(listing));
        if answering.listings.len() == 1 {
            self.tell_part();
        }
    }

    /// Tells what there is to be told, until that is enough for one turn.
    fn tell_part(&mut self) {
        let Some(answering) = &mut self.session.answering else { return };
        let mut listings = std::mem::take(&mut answering.listings);
        let (mut looked_at, mut counted, mut bytes) = (0, 0, self.turn.bytes_before);
        while let Some(listing) = listings.front_mut() {
            for item in &self.turn.items[counted..] {
                if let Item::Say(line) = item {
                    bytes += line.bytes() + TAGS_BYTES;
                }
            }
            counted = self.turn.items.len();
            let answered = self.turn.answered.bytes() + self.turn.answered.count() * TAGS_BYTES;
            if bytes + answered >= self.settings.limits.part_bytes_max || looked_at == ITEMS_MAX {
                break;
            }
            looked_at += 1;
            if listing.next(self) == Next::End {
                listings.pop_front();
            }
        }
        self.session.answering.get_or_insert_default().listings = listings;
    }
}

impl Engine {
    /// A client has read what it was told, and can be told more.
    pub(crate) fn go_on(&mut self, now: Now, conn: ConnId, effects: &mut Vec<Effect>) {
        let Some(session) = self.sessions.get_mut(conn) else { return };
        let Some(answering) = session.answering.as_ref().filter(|answering| !answering.is_empty()) else {
            return;
        };
        let batch = answering.batch.clone();
        // Who reads is there. What he says meanwhile is not taken, not even that.
        session.heard(now);
        let mut asker = Asker::new(conn, session.capabilities);
        if let Some(batch) = batch {
            asker.answer_in(batch);
        }
        let mut turn = self.turn();
        let Some(mut cx) = self.context(now, conn, Tags::default(), &mut turn) else { return };
        cx.tell_part();
        self.settle(now, &mut asker, turn, effects);
        self.conclude(now, &mut asker, effects);
    }

    /// Tells a client all that is left, at once.
    pub(crate) fn hurry(&mut self, now: Now, conn: ConnId, effects: &mut Vec<Effect>) {
        while self.sessions.get(conn).is_some_and(|session| session.is_answering()) {
            self.go_on(now, conn, effects);
        }
    }

    /// A turn ends: an answer that goes on stays open, another one is closed.
    pub(crate) fn conclude(&mut self, now: Now, asker: &mut Asker, effects: &mut Vec<Effect>) {
        if !asker.lists && !asker.is_labeled() {
            return;
        }
        let voice = Voice { server: &self.settings.server_name, at: now.wall, desk: &self.desk };
        let conn = asker.conn;
        let mut place = self.sessions.get_mut(conn).map(|session| &mut session.answering);
        match place.as_deref_mut().and_then(Option::as_mut).filter(|answering| !answering.is_empty()) {
            Some(answering) => {
                if asker.is_labeled() {
                    let reference = self.ids.next();
                    asker.open(&voice, &reference, effects);
                    answering.stand_in(reference.to_string());
                }
                effects.push(Effect::More { conn });
            }
            None if asker.is_labeled() => {
                let reference = self.ids.next();
                asker.finish(&voice, &reference, effects);
            }
            None => {
                asker.close(&voice, effects);
                if let Some(place) = place {
                    *place = None;
                }
            }
        }
    }
}
