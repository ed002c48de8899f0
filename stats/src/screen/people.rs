//! The people in public rooms, put together from all rooms.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::filter::Row;
use super::model::Model;
use crate::sample::{Sample, last_said};

/// Somebody, over all rooms.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Person {
    pub name: String,
    /// Rooms he is listed in.
    pub rooms: u64,
    /// Messages, in rooms where he is one of those who talk most.
    pub messages: u64,
    /// Their bytes.
    pub bytes: u64,
    /// When he last was the last one to say something; 0 if nobody knows.
    pub said_ms: u64,
}

impl Row for Person {
    fn name(&self) -> &str {
        &self.name
    }

    fn number(&self, field: &str) -> Option<f64> {
        match field {
            "msgs" => Some(self.messages as f64),
            "bytes" => Some(self.bytes as f64),
            "rooms" => Some(self.rooms as f64),
            _ => None,
        }
    }
}

/// Everybody who is listed or talks, most messages first.
pub(crate) fn people(sample: &Sample) -> Vec<Person> {
    let mut people: BTreeMap<&str, Person> = BTreeMap::new();
    for room in &sample.snapshot.rooms {
        for member in room.members.iter() {
            people.entry(&member.name).or_default().rooms += 1;
        }
        for talker in &room.talkers {
            let person = people.entry(&talker.name).or_default();
            person.messages = person.messages.saturating_add(talker.messages);
            person.bytes = person.bytes.saturating_add(talker.bytes);
        }
        if let Some((name, at)) = last_said(room) {
            let person = people.entry(name).or_default();
            person.said_ms = person.said_ms.max(at);
        }
    }
    let named = |(name, person): (&str, Person)| Person { name: name.to_owned(), ..person };
    let mut people: Vec<Person> = people.into_iter().map(named).collect();
    people.sort_by_key(|person| (Reverse(person.messages), person.name.clone()));
    people
}

/// Those that are to be shown.
pub(crate) fn shown(model: &Model) -> Vec<Person> {
    let Some(sample) = &model.shown().sample else { return Vec::new() };
    let mut people = people(sample);
    people.retain(|person| model.sieve.admits(person) && (!model.hide_zeros || person.messages > 0));
    if model.reverse {
        people.reverse();
    }
    people
}
