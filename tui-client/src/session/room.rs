//! A room as the client believes it to be.

use std::collections::BTreeMap;

use wire::{ChannelModeKinds, Folded, Timestamp};

/// A room one is in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// The name as the server writes it.
    pub name: String,
    /// The topic, if there is one.
    pub topic: Option<Topic>,
    /// The modes that are set: letter and parameter. Lists (bans …) are not kept.
    pub modes: BTreeMap<char, Option<String>>,
    /// When it was made, if the server has told.
    pub created: Option<Timestamp>,
    /// Who is in it, by folded nick.
    pub members: BTreeMap<Folded, Member>,
    /// Whether the list of members has been told completely.
    pub synced: bool,
}

/// The topic of a room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Topic {
    /// What it says.
    pub text: String,
    /// Who set it, if that is known.
    pub by: Option<String>,
    /// When it was set, if that is known.
    pub at: Option<Timestamp>,
}

/// Somebody in a room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Member {
    /// The nick as its bearer writes it.
    pub nick: String,
    /// The letters of the ranks, highest first.
    pub ranks: String,
    /// The user name, if it was seen.
    pub user: Option<String>,
    /// The host, if it was seen.
    pub host: Option<String>,
    /// Whether one is away, as far as it was told.
    pub away: bool,
}

impl Member {
    /// Sets a rank.
    pub(super) fn raise(&mut self, letter: char, kinds: &ChannelModeKinds) {
        if !self.ranks.contains(letter) {
            let ranks = kinds.ranks().iter().map(|(rank, _)| *rank);
            self.ranks = ranks.filter(|rank| *rank == letter || self.ranks.contains(*rank)).collect();
        }
    }

    /// Takes a rank away.
    pub(super) fn lower(&mut self, letter: char) {
        self.ranks.retain(|rank| rank != letter);
    }

    /// The prefix of the highest rank.
    pub fn prefix(&self, kinds: &ChannelModeKinds) -> Option<char> {
        self.ranks.chars().next().and_then(|letter| kinds.prefix_of(letter))
    }
}

impl Room {
    /// The modes as they are written: `+klnt key 10`.
    pub fn modes_in_short(&self) -> String {
        if self.modes.is_empty() {
            return String::new();
        }
        let letters: String = self.modes.keys().collect();
        let parameters = self.modes.values().flatten().map(|parameter| format!(" {parameter}"));
        format!("+{letters}{}", parameters.collect::<String>())
    }
}

/// One step of a MODE line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step<'a> {
    Set(char, Option<&'a str>),
    Unset(char, Option<&'a str>),
}

/// Cuts the parameters of MODE into steps, as the kind of each letter says which of them takes one.
pub(super) fn steps<'a>(kinds: &ChannelModeKinds, params: &[&'a str]) -> Vec<Step<'a>> {
    use wire::ModeKind::{Always, List, Member, Never, WhenSet};
    let Some((letters, parameters)) = params.split_first() else { return Vec::new() };
    let mut parameters = parameters.iter().copied();
    let mut adding = true;
    let mut steps = Vec::new();
    for letter in letters.chars() {
        match letter {
            '+' => adding = true,
            '-' => adding = false,
            _ => {
                let parameter = match kinds.kind(letter) {
                    Some(Always | List | Member) => parameters.next(),
                    Some(WhenSet) if adding => parameters.next(),
                    Some(WhenSet | Never) | None => None,
                };
                steps.push(if adding {
                    Step::Set(letter, parameter)
                } else {
                    Step::Unset(letter, parameter)
                });
            }
        }
    }
    steps
}
