//! What two people said to each other. It belongs to the two who were here then, not to their nicks: whoever takes the
//! nick of one of them later can read nothing of it. It ends when both are gone.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use wire::Casemapping;

use super::log::Log;
use crate::event::Past;
use crate::settings::Settings;
use crate::world::UserId;

/// The conversations of pairs of users, at least one of whom is here.
#[derive(Clone, Debug, Default)]
pub(super) struct Conversations {
    pairs: BTreeMap<Pair, Conversation>,
    /// With whom each user who is here spoke.
    partners: BTreeMap<UserId, BTreeSet<UserId>>,
}

/// Two users, or one who talks to himself; the lesser id first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Pair(UserId, UserId);

#[derive(Clone, Debug, Default)]
struct Conversation {
    log: Log,
    /// How each was called when something was said last, in the order of the pair.
    nicks: [Arc<str>; 2],
}

impl Pair {
    fn of(one: UserId, other: UserId) -> Self {
        Self(one.min(other), one.max(other))
    }

    /// Which of the two somebody is.
    fn place(self, user: UserId) -> usize {
        usize::from(user != self.0)
    }
}

impl Conversations {
    /// Somebody said something to one user. Of too many conversations of either the one silent longest goes.
    pub fn add(&mut self, past: Past, settings: &Settings) {
        let (Some(by), Some(to)) = (past.by, &past.to) else { return };
        let (said_max, done_max) = (settings.history_direct_lines_max, settings.history_events_max);
        let kept_max = if past.said().is_some() { said_max } else { done_max };
        if kept_max == 0 || settings.history_direct_pairs_max == 0 {
            return;
        }
        let other = to.user;
        let pair = Pair::of(by, other);
        let conversation = match self.pairs.entry(pair) {
            // Who is gone does not come back into a conversation that goes on with what is taken back in it.
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                self.partners.entry(by).or_default().insert(other);
                self.partners.entry(other).or_default().insert(by);
                new.insert(Conversation::default())
            }
        };
        for (user, nick) in [(by, past.nick()), (other, &*to.nick)] {
            let known = &mut conversation.nicks[pair.place(user)];
            if **known != *nick {
                *known = nick.into();
            }
        }
        conversation.log.add(past, false, said_max, done_max);
        for user in [by, other] {
            self.bound(user, pair, settings.history_direct_pairs_max);
        }
    }

    /// Forgets a message between two users.
    pub fn remove(&mut self, one: UserId, other: UserId, id: &str) {
        if let Some(conversation) = self.pairs.get_mut(&Pair::of(one, other)) {
            conversation.log.remove(id);
        }
    }

    /// A user is gone, and with him the conversations with those who had gone before.
    pub fn depart(&mut self, user: UserId) {
        for partner in self.partners.remove(&user).unwrap_or_default() {
            if !self.partners.contains_key(&partner) {
                self.pairs.remove(&Pair::of(user, partner));
            }
        }
    }

    /// What two users said to each other.
    pub fn between(&self, one: UserId, other: UserId) -> Option<&Log> {
        self.pairs.get(&Pair::of(one, other)).map(|conversation| &conversation.log)
    }

    /// With whom a user spoke, and how they were called then.
    pub fn of(&self, user: UserId) -> impl Iterator<Item = (UserId, &str, &Log)> {
        let partners = self.partners.get(&user).into_iter().flatten();
        partners.filter_map(move |partner| {
            let pair = Pair::of(user, *partner);
            let conversation = self.pairs.get(&pair)?;
            Some((*partner, &*conversation.nicks[pair.place(*partner)], &conversation.log))
        })
    }

    /// Who of those who are gone had a nick when a user last spoke with him: of several the one spoken with last.
    pub fn former(&self, user: UserId, nick: &str) -> Option<(UserId, &str)> {
        let gone = self.of(user).filter(|(partner, ..)| !self.partners.contains_key(partner));
        let named = gone.filter(|(_, former, _)| Casemapping::Ascii.same(former, nick));
        named.max_by_key(|(_, _, log)| log.spoken()).map(|(partner, former, _)| (partner, former))
    }

    /// Asserts that both directions say the same, and that everything belongs to somebody who is here.
    pub fn check(&self, is_here: impl Fn(UserId) -> bool) {
        for Pair(one, other) in self.pairs.keys() {
            let ends = [(one, other), (other, one)];
            let known = |(user, partner)| {
                self.partners.get(user).is_some_and(|list: &BTreeSet<UserId>| list.contains(partner))
            };
            assert!(ends.into_iter().any(known), "somebody who is here had the conversation");
        }
        for (user, partners) in &self.partners {
            assert!(is_here(*user), "who can ask for conversations is here");
            for partner in partners {
                assert!(self.pairs.contains_key(&Pair::of(*user, *partner)), "each had something said in it");
                let back = self.partners.get(partner);
                assert_eq!(
                    is_here(*partner),
                    back.is_some(),
                    "who had a conversation and is here has it still"
                );
                assert!(back.is_none_or(|list| list.contains(user)), "a conversation has two ends");
            }
        }
    }

    /// Forgets the conversations of a user that have been silent longest, but not the one that goes on just now.
    fn bound(&mut self, user: UserId, now: Pair, pairs_max: usize) {
        while self.partners.get(&user).is_some_and(|partners| partners.len() > pairs_max) {
            let others = self.of(user).filter(|(partner, ..)| Pair::of(user, *partner) != now);
            let Some((silent, ..)) = others.min_by_key(|(_, _, log)| log.spoken()) else { return };
            self.pairs.remove(&Pair::of(user, silent));
            for (user, partner) in [(user, silent), (silent, user)] {
                if let Some(partners) = self.partners.get_mut(&user) {
                    partners.remove(&partner);
                }
            }
        }
    }
}
