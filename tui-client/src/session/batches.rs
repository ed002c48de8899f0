//! Batches (IRCv3 batch): lines that belong together, and what they are told as.
//!
//! ```text
//!   chathistory          each line, as played back; at the end how many there were
//!   chathistory-targets  who was talked with meanwhile
//!   draft/multiline      one message, when it is complete
//!   netsplit, netjoin    all who went or came, in one
//!   labeled-response     each line, with the label
//!   soju.im/search       what was found, in one
//! ```

use std::collections::BTreeMap;

use wire::Message;

use super::heard::{Found, Happening, Heard, Origin, What};
use super::multiline::Whole;
use super::{Session, time_and_id};

/// Batches that may be open at once; the lines of further ones count as live.
const BATCHES_MAX: usize = 64;
/// Messages that one search finds; further ones are passed over.
const FOUND_MAX: usize = 1000;
/// Those who leave or come in one batch and are told together; further ones are told one by one.
const CROWD_MAX: usize = 5000;

/// A batch that is open.
#[derive(Clone, Debug)]
pub(super) struct Batch {
    /// Of which place its lines, and those of the batches in it, are history, if they are.
    pub history: Option<String>,
    /// Whose question it answers.
    pub label: Option<String>,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    /// Its lines are told as they come.
    Plain,
    /// What was said before in a place, and how many lines of it have come.
    History { count: usize },
    /// A message of several lines.
    Whole(Whole),
    /// Two servers lost each other, or found each other again.
    Crowd(Crowd),
    /// A search, and what it has found.
    Search(Vec<Found>),
}

/// Those who went or came together, by the shown names of the rooms.
#[derive(Clone, Debug)]
struct Crowd {
    split: bool,
    servers: String,
    rooms: BTreeMap<String, Vec<String>>,
    count: usize,
}

impl Session {
    /// BATCH +reference type … and BATCH -reference. A batch inside another inherits what the outer one is.
    pub(super) fn batch(
        &mut self,
        message: &Message<'_>,
        outer_history: Option<String>,
        label: Option<String>,
        heard: &mut Vec<Heard>,
    ) {
        let Some(reference) = message.param(0) else { return };
        if let Some(reference) = reference.strip_prefix('-') {
            if let Some(batch) = self.batches.remove(reference) {
                batch.end(message, heard);
            }
        } else if let Some(reference) = reference.strip_prefix('+')
            && self.batches.len() < BATCHES_MAX
        {
            self.count_in_history(message);
            let param = |index: usize| message.param(index).unwrap_or("").to_owned();
            let kind = match message.param(1).unwrap_or("") {
                "chathistory" | "draft/chathistory" => Kind::History { count: 0 },
                "draft/multiline" => Kind::Whole(Whole::begin(message)),
                name @ ("netsplit" | "netjoin") => Kind::Crowd(Crowd {
                    split: name == "netsplit",
                    servers: message.params.get(2..).unwrap_or_default().join(" "),
                    rooms: BTreeMap::new(),
                    count: 0,
                }),
                "soju.im/search" => Kind::Search(Vec::new()),
                _ => Kind::Plain,
            };
            let history = match kind {
                Kind::History { .. } => Some(param(2)),
                // Of many places, and nothing of it has just happened either.
                Kind::Search(_) => Some(String::new()),
                _ => outer_history,
            };
            self.batches.insert(reference.to_owned(), Batch { history, label, kind });
        }
    }

    /// A line belongs to a batch of history itself, not only to one inside it.
    pub(super) fn count_in_history(&mut self, message: &Message<'_>) {
        if let Some(Batch { kind: Kind::History { count }, .. }) = self.batch_of(message) {
            *count += 1;
        }
    }

    /// Tells what a line means, at once or with the rest of its batch.
    pub(super) fn tell_in_batch(
        &mut self,
        message: &Message<'_>,
        happening: Happening,
        heard: &mut Vec<Heard>,
    ) {
        match self.batch_of(message).map(|batch| &mut batch.kind) {
            Some(Kind::Whole(whole)) => whole.add(message, happening, heard),
            Some(Kind::Search(found)) => {
                if found.len() < FOUND_MAX {
                    found.extend(happening.found());
                }
            }
            Some(Kind::Crowd(crowd)) => heard.extend(crowd.take(happening).map(Heard::Happened)),
            _ => heard.push(Heard::Happened(happening)),
        }
    }

    fn batch_of(&mut self, message: &Message<'_>) -> Option<&mut Batch> {
        let reference = message.tags.get("batch")?;
        self.batches.get_mut(&*reference)
    }
}

impl Batch {
    fn end(self, message: &Message<'_>, heard: &mut Vec<Heard>) {
        let what = match self.kind {
            Kind::Plain => return,
            Kind::Whole(whole) => return heard.extend(whole.end()),
            Kind::History { count } => {
                What::Played { target: self.history.clone().unwrap_or_default(), count }
            }
            Kind::Search(lines) => What::Found { lines },
            Kind::Crowd(Crowd { count: 0, .. }) => return,
            Kind::Crowd(Crowd { split: true, servers, rooms, .. }) => What::Split { servers, rooms },
            Kind::Crowd(Crowd { split: false, servers, rooms, .. }) => What::Rejoined { servers, rooms },
        };
        let origin = if self.history.is_some() { Origin::History } else { Origin::Live };
        let (time, id) = time_and_id(message);
        heard.push(Heard::Happened(Happening {
            time,
            id,
            label: self.label,
            origin,
            place: self.history,
            ..Happening::plain(what)
        }));
    }
}

impl Crowd {
    /// Takes somebody's going or coming to tell it with the others'; gives back what is told by itself.
    fn take(&mut self, happening: Happening) -> Option<Happening> {
        let (nick, rooms) = match &happening.what {
            What::Quit { who, rooms, .. } if self.split => (&who.nick, &rooms[..]),
            What::Joined { who, room } if !self.split => (&who.nick, std::slice::from_ref(room)),
            _ => return Some(happening),
        };
        if self.count >= CROWD_MAX {
            return Some(happening);
        }
        self.count += 1;
        for room in rooms {
            self.rooms.entry(room.clone()).or_default().push(nick.clone());
        }
        None
    }
}
