//! Who hears what is said in a channel: lists of connections, made once and kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use wire::ChannelName;
use wire::capability::Set;

use crate::interface::ConnId;
use crate::named::{Leads, Named};
use crate::outgoing::{VARIANTS, Wanted, conn_of};
use crate::session::Session;
use crate::slots::Slots;
use crate::world::{Channel, UserId};

/// Those in one list see a line alike.
type Lists = Vec<(Set, Arc<[ConnId]>)>;

/// The lists of connections behind the channels, made once and kept until somebody comes, goes or learns to
/// understand more: a message costs no walk over its channel's members.
#[derive(Debug, Default)]
pub(crate) struct Audiences {
    channels: Named<Cached>,
    leads: Leads,
    /// Changes when somebody's capabilities change.
    understanding: u64,
}

#[derive(Debug)]
struct Cached {
    version: u64,
    understanding: u64,
    lists: Vec<(Wanted, Lists)>,
}

impl Audiences {
    /// Somebody's capabilities changed.
    pub fn understanding_changed(&mut self) {
        self.understanding += 1;
    }

    /// A channel ceased to be.
    pub fn forget(&mut self, channel: &ChannelName) {
        self.channels.remove(channel.key());
    }

    /// The connections in a channel that are wanted, in lists that see a line alike.
    pub fn of(&mut self, channel: &Channel, wanted: Wanted, sessions: &Slots<ConnId, Session>) -> &Lists {
        let (version, understanding) = (channel.version(), self.understanding);
        let fresh = || Cached { version, understanding, lists: Vec::new() };
        let cached = self.leads.follow(channel.place(), channel.name.key(), &mut self.channels, fresh);
        if (cached.version, cached.understanding) != (version, understanding) {
            let moved = channel.moved_since(cached.version).filter(|_| cached.understanding == understanding);
            match moved {
                Some(user) => cached.follow(version, conn_of(user), channel.has(user), sessions),
                None => *cached = fresh(),
            }
        }
        let known = cached.lists.iter().position(|(known, _)| *known == wanted);
        let index = known.unwrap_or_else(|| {
            cached.lists.push((wanted, alike(channel.members().keys().copied(), wanted, sessions)));
            cached.lists.len() - 1
        });
        &cached.lists[index].1
    }

    /// The connections in any of some channels that are wanted, each once, in lists that see a line alike. Those in one
    /// channel are the list that is kept, however many they are.
    pub fn of_all<'a>(
        &mut self,
        channels: impl Iterator<Item = &'a Channel>,
        wanted: Wanted,
        sessions: &Slots<ConnId, Session>,
    ) -> Lists {
        let mut each: Vec<Lists> =
            channels.map(|channel| self.of(channel, wanted, sessions).clone()).collect();
        if each.len() <= 1 {
            return each.pop().unwrap_or_default();
        }
        let mut together: BTreeMap<Set, Vec<ConnId>> = BTreeMap::new();
        for (variant, conns) in each.iter().flatten() {
            together.entry(*variant).or_default().extend_from_slice(conns);
        }
        // The lists are in order: sorting them is putting them together.
        let once = together.into_iter().map(|(variant, mut conns)| {
            conns.sort();
            conns.dedup();
            (variant, conns.into())
        });
        once.collect()
    }
}

impl Cached {
    /// Somebody came or went: he alone is put into the lists or taken out of them.
    fn follow(&mut self, version: u64, conn: ConnId, is_member: bool, sessions: &Slots<ConnId, Session>) {
        self.version = version;
        let understood = sessions.get(conn).filter(|_| is_member).map(|session| session.understood());
        for (wanted, lists) in &mut self.lists {
            let variant =
                understood.filter(|understood| wanted.is_met(*understood)).map(|set| set.and(VARIANTS));
            for (known, conns) in lists.iter_mut() {
                match conns.binary_search(&conn) {
                    Ok(place) if variant != Some(*known) => {
                        *conns = [&conns[..place], &conns[place + 1..]].concat().into();
                    }
                    Err(place) if variant == Some(*known) => {
                        *conns = [&conns[..place], &[conn], &conns[place..]].concat().into();
                    }
                    Ok(_) | Err(_) => {}
                }
            }
            lists.retain(|(_, conns)| !conns.is_empty());
            if let Some(variant) = variant
                && let Err(place) = lists.binary_search_by_key(&variant, |(known, _)| *known)
            {
                lists.insert(place, (variant, [conn].into()));
            }
        }
    }
}

/// Puts users who see a line alike into lists.
pub(crate) fn alike(
    users: impl Iterator<Item = UserId>,
    wanted: Wanted,
    sessions: &Slots<ConnId, Session>,
) -> Lists {
    // No more than a few variants, and mostly the same as that of the one before.
    let mut lists: Vec<(Set, Vec<ConnId>)> = Vec::new();
    for session in users.filter_map(|user| sessions.get(conn_of(user))) {
        let understood = session.understood();
        if wanted.is_met(understood) {
            let variant = understood.and(VARIANTS);
            match lists.iter_mut().find(|(known, _)| *known == variant) {
                Some((_, list)) => list.push(session.conn),
                None => lists.push((variant, vec![session.conn])),
            }
        }
    }
    lists.sort_unstable_by_key(|(variant, _)| *variant);
    lists.into_iter().map(|(variant, conns)| (variant, conns.into())).collect()
}

#[cfg(test)]
mod tests {
    use wire::Timestamp;

    use crate::engine::Engine;
    use crate::interface::{ConnId, Effect, Input, Now, Peer};
    use crate::settings::Settings;

    /// Who enters, of so many who are here, and who then hear what the first of them says.
    fn heard(people: u64, enters: impl Fn(u64) -> bool) -> (Vec<u64>, Vec<u64>) {
        let now = Now { monotonic_ms: 0, wall: Timestamp(1_000) };
        let mut engine = Engine::new(Settings::default(), now, 7);
        let mut effects = Vec::new();
        let mut says = |number: u64, line: &str| {
            effects.clear();
            let input = Input::Line { conn: ConnId(number), line: line.as_bytes() };
            if line.is_empty() {
                let peer = Peer { host: "host".to_owned(), address: None, secure: false };
                engine.handle(now, Input::Opened { conn: ConnId(number), peer }, &mut effects);
            } else {
                engine.handle(now, input, &mut effects);
            }
            effects.clone()
        };
        for number in 1..=people {
            for line in ["", &format!("NICK n{number}"), "USER u 0 * :U"] {
                says(number, line);
            }
        }
        let inside: Vec<u64> = (1..=people).filter(|number| enters(*number)).collect();
        for number in &inside {
            says(*number, "JOIN #den");
        }
        let effects = says(inside[0], "PRIVMSG #den :hello");
        let Effect::Fan { to, .. } = &effects[0] else { panic!("{effects:?}") };
        (inside, to.iter().map(|conn| conn.0).collect())
    }

    #[test]
    fn few_and_many_of_those_who_are_here_hear_a_channel() {
        for (people, every) in [(40, 1), (40, 3), (40, 8), (40, 9), (40, 19)] {
            let (inside, to) = heard(people, |number| number % every == 0);
            assert_eq!(to, inside, "every {every} of {people}");
        }
    }
}
