//! Somebody in the simulation: a client with its belief, and how he behaves.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use engine::{ConnId, UserId};
use parlor::session::{Heard, Session, Wanted};
use wire::{Casemapping, Folded, Message};

/// A person and his client.
#[derive(Debug)]
pub(super) struct Person {
    pub conn: ConnId,
    /// What his client believes.
    pub session: Session,
    /// What his client is about to say by itself.
    pub pending: VecDeque<Vec<u8>>,
    /// How he still wants to register, line by line.
    pub greeting: VecDeque<Vec<u8>>,
    /// Whether his client does not answer when it is asked whether it is there.
    pub deaf: bool,
    /// Whether a secret of his is being checked, or he has to read first: until then no line of his may be given.
    pub waits: bool,
    /// The label under which that is going to be answered.
    pub label: Option<String>,
    /// The batch in which a labelled answer goes on that has begun.
    pub answer: Option<String>,
    /// The capabilities that he was granted, also those that his client does not know.
    pub granted: BTreeSet<String>,
    /// Batches that are open on his connection, and their types.
    pub batches: BTreeMap<String, String>,
    /// The label of a batch that he has begun: what becomes of it will be labelled so.
    pub owed: Option<String>,
    /// Rooms whose members were listed to him just now with only the highest of their ranks.
    pub listed: BTreeSet<Folded>,
    /// Ranks that the list did not show him, for want of multi-prefix.
    pub hidden: BTreeMap<Folded, BTreeMap<UserId, BTreeSet<char>>>,
    /// Rooms in which he knows who is away: he asked, and has been told of each change since.
    pub away_known: BTreeSet<Folded>,
    /// Who is here and who is not, of those nicks that he watches (MONITOR).
    pub watched: BTreeMap<Folded, bool>,
    /// Whether those whose nicks he watches are away, where he has been told and is told of each change.
    pub watched_away: BTreeMap<Folded, bool>,
}

impl Person {
    pub fn new(conn: ConnId, nick: &str, rooms: Vec<String>) -> Self {
        let (nick, user) = (nick.to_owned(), format!("u{}", conn.0));
        Self {
            conn,
            session: Session::new(Wanted {
                nick,
                user,
                realname: "Somebody at all".to_owned(),
                rooms,
                ..Wanted::default()
            }),
            pending: VecDeque::new(),
            greeting: VecDeque::new(),
            deaf: false,
            waits: false,
            label: None,
            answer: None,
            granted: BTreeSet::new(),
            batches: BTreeMap::new(),
            owed: None,
            listed: BTreeSet::new(),
            hidden: BTreeMap::new(),
            away_known: BTreeSet::new(),
            watched: BTreeMap::new(),
            watched_away: BTreeMap::new(),
        }
    }

    /// Whether he has a capability: one that his client knows, or another that he asked for by hand.
    pub fn has(&self, capability: &str) -> bool {
        self.session.has_cap(capability) || self.granted.contains(capability)
    }

    pub fn shown(&self) -> String {
        format!("{:?} ({}, {:?})", self.conn, self.session.nick(), self.session.caps())
    }

    /// Whether his client gets labelled answers.
    pub fn is_labelled(&self) -> bool {
        self.has("labeled-response") && self.has("batch")
    }

    /// Whether a line is told from history, as it was heard then.
    pub fn hears_history(&self, message: &Message<'_>) -> bool {
        let batch = message.tags.get("batch").and_then(|batch| self.batches.get(&*batch));
        batch.is_some_and(|kind| kind == "chathistory")
    }

    /// Whether a line is one of a message of several lines.
    pub fn hears_part(&self, message: &Message<'_>) -> bool {
        let batch = message.tags.get("batch").and_then(|batch| self.batches.get(&*batch));
        batch.is_some_and(|kind| kind == "draft/multiline")
    }

    /// Whether his client says and hears messages of several lines as what they are.
    pub fn speaks_in_wholes(&self) -> bool {
        self.has("draft/multiline") && self.has("batch")
    }

    /// Hears a line, and notes what the comparison has to know of it.
    pub fn hear(&mut self, line: &str) {
        let line = line.trim_end_matches(['\r', '\n']);
        let mut heard = Vec::new();
        self.session.hear(line, &mut heard);
        for heard in heard {
            if let Heard::Send(line) = heard {
                let answers_ping = line.starts_with("PONG");
                if !(self.deaf && answers_ping) {
                    self.pending.push_back(line.trim_end().as_bytes().to_vec());
                }
            }
        }
        let message = Message::parse(line).expect("the line was checked");
        match (message.verb, message.params.all()) {
            ("CAP", [_, "ACK", names]) => {
                for name in names.split_ascii_whitespace() {
                    match name.strip_prefix('-') {
                        Some(name) => drop(self.granted.remove(name)),
                        None => drop(self.granted.insert(name.to_owned())),
                    }
                }
            }
            ("366", [_, room, ..]) if !self.has("multi-prefix") => {
                let key = self.session.fold(room);
                self.listed.insert(key);
            }
            ("315", [_, room, ..]) if self.has("away-notify") => {
                let key = self.session.fold(room);
                self.away_known.insert(key);
            }
            ("730" | "731", [_, nicks]) => {
                let nicks = nicks.split(',').map(|source| source.split('!').next().unwrap_or(source));
                for nick in nicks.map(|nick| Casemapping::Ascii.fold(nick)) {
                    self.watched_away.remove(&nick);
                    self.watched.insert(nick, message.verb == "730");
                }
            }
            ("RENAME", [from, to, ..]) => self.room_renamed(from, to),
            ("AWAY", reason) => {
                let nick = Casemapping::Ascii.fold(message.source.map_or("", |source| source.nick));
                if self.watched.contains_key(&nick) {
                    self.watched_away.insert(nick, !reason.is_empty());
                }
            }
            ("BATCH", [reference, rest @ ..]) => match reference.split_at(1) {
                ("+", reference) => {
                    let kind = rest.first().copied().unwrap_or_default();
                    self.batches.insert(reference.to_owned(), kind.to_owned());
                }
                (_, reference) => drop(self.batches.remove(reference)),
            },
            _ => {}
        }
        if !self.has("away-notify") {
            self.away_known.clear();
        }
        if !self.has("away-notify") || !self.has("extended-monitor") {
            self.watched_away.clear();
        }
        let rooms = self.session.rooms();
        self.away_known.retain(|room| rooms.contains_key(room));
        self.hidden.retain(|room, _| rooms.contains_key(room));
    }

    fn room_renamed(&mut self, from: &str, to: &str) {
        let (old, new) = (self.session.fold(from), self.session.fold(to));
        for known in [&mut self.listed, &mut self.away_known] {
            if known.remove(&old) {
                known.insert(new.clone());
            }
        }
        if let Some(hidden) = self.hidden.remove(&old) {
            self.hidden.insert(new, hidden);
        }
    }

    /// Watches some nicks no longer, if that is what he says.
    pub fn say(&mut self, line: &[u8]) {
        let message = std::str::from_utf8(line).ok().and_then(|line| Message::parse(line).ok());
        let Some(message) = message.filter(|message| message.verb.eq_ignore_ascii_case("MONITOR")) else {
            return;
        };
        match message.params.all() {
            ["-", nicks, ..] => {
                let gone: Vec<Folded> = nicks.split(',').map(|nick| Casemapping::Ascii.fold(nick)).collect();
                self.watched.retain(|nick, _| !gone.contains(nick));
            }
            ["C" | "c", ..] => self.watched.clear(),
            _ => {}
        }
        self.watched_away.retain(|nick, _| self.watched.contains_key(nick));
    }
}
