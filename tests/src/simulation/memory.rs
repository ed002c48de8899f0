//! What may be told of the past: whoever is told of something that was said could have heard it, and it is told as it
//! was. Known here by the events alone, whatever the engine keeps.

use std::collections::{BTreeMap, BTreeSet};

use engine::commands::{Target, Whereabouts};
use engine::{Effect, Event, Settings, UserId, What, World};
use wire::{ChannelName, Folded, Message, Timestamp};

use super::person::Person;

/// All that happened, by its id, and the world as the events made it.
#[derive(Debug, Default)]
pub(super) struct Memory {
    world: World,
    past: BTreeMap<String, Happened>,
    redacted: BTreeSet<String>,
    /// For each channel that has ended: whether anybody could have come in just before, each time.
    ends: BTreeMap<Folded, Vec<bool>>,
}

/// Something that happened, where, and how it was heard.
#[derive(Debug)]
struct Happened {
    at: Timestamp,
    /// The channels, in which of their lives, and whether anybody could have come in then.
    channels: Vec<(Folded, usize, bool)>,
    /// The two between whom it was.
    pair: Option<[UserId; 2]>,
    /// The verb and the text, if it was words.
    words: Option<(&'static str, String)>,
    /// By what name it can be pointed at in a request.
    target: Option<String>,
}

/// Something that can be asked for or taken back: its id and where it was said.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub id: String,
    pub target: String,
}

impl Memory {
    /// Learns what happened.
    pub fn learn(&mut self, effects: &[Effect], settings: &Settings) {
        for effect in effects {
            if let Effect::Happened { event, channels } = effect {
                self.happened(event, channels, settings);
            }
        }
    }

    /// A line of history was told to somebody: he could have heard it then, and it is what was heard.
    ///
    /// # Panics
    /// If that is not so.
    pub fn check(&self, person: &Person, line: &str) {
        let message = Message::parse(line.trim_end()).expect("lines are well-formed");
        let verb = message.verb;
        assert!(
            verb != "REDACT" || person.has("draft/message-redaction"),
            "{} does not know REDACT: {line}",
            person.shown()
        );
        if !person.hears_history(&message) {
            return;
        }
        let events = person.has("draft/event-playback");
        assert!(
            events || matches!(verb, "PRIVMSG" | "NOTICE" | "BATCH"),
            "{} asked for words: {line}",
            person.shown()
        );
        let Some(id) = message.tags.get("msgid") else {
            // Of a message of several lines only the first one told has it.
            let further = matches!(verb, "PRIVMSG" | "NOTICE" | "BATCH");
            assert!((further || !person.has("message-tags")) && verb != "TAGMSG", "it has an id: {line}");
            return;
        };
        let Some(happened) = self.past.get(&*id) else { panic!("it never happened: {line}") };
        assert!(!self.redacted.contains(&*id), "it was taken back: {line}");
        if let Some(time) = message.tags.get("time") {
            assert_eq!(Timestamp::parse(&time), Some(happened.at), "it was at another time: {line}");
        }
        if let Some((said, text)) = happened.words.as_ref().filter(|_| verb != "BATCH") {
            // The line may be cut, and the time stand in the text.
            let told = message.param(1).unwrap_or_default();
            let told = told.strip_prefix("\u{1}ACTION ").unwrap_or(told);
            let told =
                told.strip_prefix('[').and_then(|told| told.split_once("] ")).map_or(told, |told| told.1);
            assert!(*said == verb && text.contains(told), "it was said otherwise: {line}, {text:?}");
        }
        let user = UserId(person.conn.0);
        let readable = match happened.pair {
            Some(pair) => pair.contains(&user),
            None => happened.channels.iter().any(|(key, life, public)| self.reads(user, key, *life, *public)),
        };
        assert!(readable, "{} could not have heard it: {line}", person.shown());
    }

    /// Something that was said in one of some channels, or by or to somebody.
    pub fn known(&self, user: UserId, channels: &BTreeSet<ChannelName>) -> Vec<Known> {
        let near = |happened: &Happened| match happened.pair {
            Some(pair) => pair.contains(&user),
            None => {
                happened.channels.iter().any(|(key, ..)| channels.iter().any(|channel| channel.key() == key))
            }
        };
        let near = self.past.iter().filter(|(_, happened)| near(happened));
        near.filter_map(|(id, happened)| Some(Known { id: id.clone(), target: happened.target.clone()? }))
            .collect()
    }

    fn happened(&mut self, event: &Event, channels: &[ChannelName], settings: &Settings) {
        let was_public =
            |world: &World, name: &ChannelName| world.channel(name.as_str()).map(|c| c.is_public());
        let before: Vec<Option<bool>> = channels.iter().map(|name| was_public(&self.world, name)).collect();
        event.apply(&mut self.world, settings).expect("what happened once happens again");
        let mut pair = None;
        let (mut words, mut target) = (None, channels.first().map(ToString::to_string));
        match &event.what {
            What::Message(message) => {
                if let Target::User(other) = message.target {
                    pair = Some([message.user, other]);
                    target = self.world.user(other).map(|user| user.nick.to_string());
                }
                words = message.words.as_ref().map(|said| {
                    let lines: Vec<&str> = said.each_line().collect();
                    (said.kind.verb(), lines.join("\n"))
                });
            }
            What::Redaction(redaction) => {
                self.redacted.insert(redaction.id.to_string());
                if let Whereabouts::Direct(other) = &redaction.place {
                    pair = Some([redaction.by, other.user]);
                }
            }
            _ => {}
        }
        if let What::ChannelRename(rename) = &event.what {
            self.channel_renamed(rename.from.key(), rename.to.key());
        }
        let lives = channels.iter().zip(before).map(|(name, before)| {
            let ends = self.ends.entry(name.key().clone()).or_default();
            let life = ends.len();
            let after = was_public(&self.world, name);
            if after.is_none() && !matches!(event.what, What::ChannelRename(_)) {
                ends.push(before.expect("what ends was there"));
            }
            (name.key().clone(), life, after.or(before).unwrap_or(false))
        });
        let channels = lives.collect();
        let at = event.at;
        self.past.insert(event.id.to_string(), Happened { at, channels, pair, words, target });
    }

    /// A channel lives on under another name, and what can be read of its past is found there.
    fn channel_renamed(&mut self, from: &Folded, to: &Folded) {
        if from == to {
            return;
        }
        let ends = self.ends.get(from).cloned().unwrap_or_default();
        let life_there = self.ends.get(to).map_or(0, Vec::len);
        for (key, life, public) in self.past.values_mut().flat_map(|happened| &mut happened.channels) {
            let since = &ends[(*life).min(ends.len())..];
            if key == from && (since.is_empty() || (*public && since.iter().all(|public| *public))) {
                (*key, *life) = (to.clone(), life_there);
            }
        }
    }

    /// Whether a user may read what happened in one of a channel's lives: he is in it, and it has not ended since; or
    /// anybody could have come in then and each time when it ended.
    fn reads(&self, user: UserId, key: &Folded, life: usize, public: bool) -> bool {
        let is_member = self.world.channel(key.as_str()).is_some_and(|channel| channel.has(user));
        let ends = self.ends.get(key).map_or(&[][..], |ends| &ends[life.min(ends.len())..]);
        is_member && (ends.is_empty() || (public && ends.iter().all(|public| *public)))
    }
}
