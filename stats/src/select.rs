//! What of a sample is wanted: which rooms and fields, in which order, how many. Names that mean nothing are said
//! together with the nearest one that does.

use std::cmp::Reverse;

use crate::exit::{Exit, Failure};
use crate::sample::{Sample, room_number};
use crate::text::{clean, matches};

/// What is wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Selection<'a> {
    /// Patterns of rooms; all, if there are none.
    pub rooms: &'a [String],
    /// Patterns of fields; all, if there are none.
    pub fields: &'a [String],
    /// The field by which rooms are sorted.
    pub sort: Option<&'a str>,
    /// How many rooms.
    pub top: Option<usize>,
}

/// The order without a field.
const BY_NAME: &str = "name";

impl Selection<'_> {
    /// Leaves of a sample only what is wanted.
    pub fn apply(&self, sample: &mut Sample) {
        sample.keep_rooms(self.rooms);
        self.order(sample);
        if !self.fields.is_empty() {
            let wanted = |name: &str| self.fields.iter().any(|pattern| matches(pattern, name));
            sample.snapshot.counters.retain(|counter| wanted(counter.name()));
            sample.room_fields.retain(|about| wanted(&about.name));
            for room in &mut sample.snapshot.rooms {
                room.counters.retain(|counter| wanted(counter.name()));
            }
        }
    }

    fn order(&self, sample: &mut Sample) {
        let rooms = &mut sample.snapshot.rooms;
        match self.sort.or(self.top.map(|_| "messages")) {
            None => {}
            Some(BY_NAME) => rooms.sort_by(|a, b| a.name.cmp(&b.name)),
            Some(field) => {
                rooms.sort_by_key(|room| (Reverse(room_number(room, field)), room.name.clone()));
            }
        }
        rooms.truncate(self.top.unwrap_or(usize::MAX));
    }

    /// That every name means something.
    pub fn check(&self, sample: &Sample) -> Result<(), Failure> {
        let rooms: Vec<&str> = sample.snapshot.rooms.iter().map(|room| room.name.as_str()).collect();
        if let Some(pattern) =
            self.rooms.iter().find(|pattern| !rooms.iter().any(|name| matches(pattern, name)))
        {
            return Err(unknown(Exit::Nothing, "room", pattern, rooms));
        }
        let in_rooms: Vec<&str> = sample.room_fields.iter().map(|about| about.name.as_str()).collect();
        let server = sample.snapshot.counters.iter().map(segment::Counter::name);
        let fields: Vec<&str> = server.chain(in_rooms.iter().copied()).collect();
        if let Some(pattern) =
            self.fields.iter().find(|pattern| !fields.iter().any(|name| matches(pattern, name)))
        {
            return Err(unknown(Exit::Usage, "field", pattern, fields));
        }
        match self.sort {
            // Recordings of earlier versions tell them with the first room; before that there is nothing to sort.
            Some(field) if field != BY_NAME && !in_rooms.is_empty() && !in_rooms.contains(&field) => {
                let names = in_rooms.into_iter().chain([BY_NAME]).collect();
                Err(unknown(Exit::Usage, "field of rooms", field, names))
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// Says that nothing has this name, and what has nearly the same.
pub(crate) fn unknown(exit: Exit, what: &str, name: &str, names: Vec<&str>) -> Failure {
    let hint = nearest(name, names).map_or(String::new(), |near| format!("; did you mean {}?", clean(near)));
    Failure { exit, text: format!("there is no {what} {}{hint}", clean(name)) }
}

/// The name that may have been meant.
pub(crate) fn nearest<'a>(name: &str, names: Vec<&'a str>) -> Option<&'a str> {
    let lower = name.to_lowercase();
    let distance = |other: &&str| strsim::osa_distance(&lower, &other.to_lowercase());
    let near = names.into_iter().min_by_key(|other| distance(other))?;
    let part = lower.len() >= 3 && near.to_lowercase().contains(&lower);
    (part || distance(&near) * 3 <= lower.chars().count().max(3)).then_some(near)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_one_that_may_have_been_meant() {
        let names = || vec!["messages", "members", "#lobby", "turn"];
        for (name, near) in [
            ("mesages", Some("messages")),
            ("#LOBY", Some("#lobby")),
            ("trun", Some("turn")),
            ("xyzzy", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, names()), near, "{name}");
        }
        assert_eq!(nearest("anything", Vec::new()), None);
    }
}
