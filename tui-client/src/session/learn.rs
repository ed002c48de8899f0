//! What a message changes in the picture.

use wire::{Encoder, Folded, Message, ModeKind, Source, Timestamp};

use super::heard::Heard;
use super::room::{Member, Room, Step, Topic, steps};
use super::{ROOMS_MAX, Session, TOKEN_BYTES_MAX};
use crate::text::head;

/// Up to how many members a room is asked who is away; a larger one would answer with too many lines.
const WHO_MEMBERS_MAX: usize = 200;

/// The longest name of a room, in bytes: with a longer one what is said there would find no place in a line. A server
/// that lets us into one all the same is not believed.
const ROOM_NAME_BYTES_MAX: usize = 400;

/// The mode of a room in which members without a rank do not see each other. Who gets a rank or loses his last one, or
/// when it ends, tells nobody of those who can be seen since: they have to be asked for.
const AUDITORIUM: char = 'u';

impl Session {
    /// Changes the picture as a live message says.
    pub(super) fn learn(&mut self, message: &Message<'_>, heard: &mut Vec<Heard>) {
        if let Some(Source { nick, user: Some(user), host: Some(host) }) = message.source
            && self.is_me(nick)
        {
            self.user_host = Some(format!("{user}@{host}"));
        }
        let nick = message.source.map_or("", |source| source.nick);
        let params = message.params.all();
        match (message.verb.to_ascii_uppercase().as_str(), params) {
            ("PING", [.., token]) => {
                let token = head(token, TOKEN_BYTES_MAX);
                heard.push(Heard::Send(Encoder::new().verb("PONG").trailing(token).end()));
            }
            ("CAP", _) => self.cap(message, heard),
            ("001", _) => self.welcomed(message, heard),
            ("005", [_, tokens @ .., _]) => self.learn_isupport(tokens),
            ("221", [_, modes, ..]) => {
                self.user_modes.clear();
                self.own_modes(modes);
            }
            ("305" | "306", _) => {
                self.away = message.verb == "306";
                let (nick, away) = (self.nick.clone(), self.away);
                self.each_member(&nick, |member| member.away = away);
            }
            ("396", [_, host, ..]) => self.own_host(host),
            ("432" | "433" | "436" | "437", _) => self.nick_refused(heard),
            ("JOIN", [room, ..]) => self.joined(message.source, room, heard),
            ("PART", [room, ..]) => self.left(nick, room),
            ("KICK", [room, who, ..]) => self.left(who, room),
            ("QUIT", _) => {
                self.nick_set_free(nick, heard);
                let key = self.fold(nick);
                self.rooms.values_mut().for_each(|room| drop(room.members.remove(&key)));
            }
            ("AUTHENTICATE", [chunk, ..]) => self.challenged(chunk, heard),
            ("902" | "903" | "904" | "905" | "906" | "907", _) => self.login_ended(message.verb, heard),
            ("376" | "422", _) => self.seek_nick(heard),
            ("303" | "731", [_, names @ ..]) => self.nick_sought(message.verb, names, heard),
            ("NICK", [to, ..]) => {
                self.nick_set_free(nick, heard);
                self.renamed(nick, to);
            }
            ("MODE", [target, changes @ ..]) if self.is_me(target) => {
                self.own_modes(changes.first().unwrap_or(&""));
            }
            ("MODE", [room, changes @ ..]) => self.room_modes_changed(room, changes, heard),
            ("AWAY", _) => {
                let away = message.param(0).is_some_and(|reason| !reason.is_empty());
                self.each_member(nick, |member| member.away = away);
            }
            ("CHGHOST", [user, host, ..]) => {
                if self.is_me(nick) {
                    self.user_host = Some(format!("{user}@{host}"));
                }
                self.each_member(nick, |member| {
                    (member.user, member.host) = (Some((*user).to_owned()), Some((*host).to_owned()));
                });
            }
            ("RENAME", [from, to, ..]) => self.room_renamed(from, to),
            ("TOPIC", [room, text @ ..]) => {
                let text = text.first().copied().unwrap_or("");
                let at = message.tags.get("time").and_then(|time| Timestamp::parse(&time));
                self.set_topic(room, text, Some(nick.to_owned()), at);
            }
            (digits, [_, rest @ ..]) if digits.starts_with('3') => self.answer(digits, rest, heard),
            _ => {}
        }
    }

    // The numerics that describe rooms, without the nick they are addressed to.
    fn answer(&mut self, digits: &str, params: &[&str], heard: &mut Vec<Heard>) {
        match (digits, params) {
            ("324", [room, modes @ ..]) => {
                self.modes_asked.remove(&self.fold(room));
                if let Some(room) = self.room_mut(room) {
                    room.modes.clear();
                }
                let _ = self.room_modes(room, modes);
            }
            ("329", [room, at, ..]) => {
                let at = seconds(at);
                if let Some(room) = self.room_mut(room) {
                    room.created = at;
                }
            }
            ("331", [room, ..]) => self.set_topic(room, "", None, None),
            ("332", [room, text, ..]) => self.set_topic(room, text, None, None),
            ("333", [room, by, at, ..]) => {
                let (by, at) = (by.split('!').next().unwrap_or("").to_owned(), seconds(at));
                if let Some(topic) = self.room_mut(room).and_then(|room| room.topic.as_mut()) {
                    (topic.by, topic.at) = (Some(by), at);
                }
            }
            ("352", [room, user, host, _, nick, flags, ..]) => {
                let (key, away) = (self.fold(nick), flags.starts_with('G'));
                if let Some(member) = self.room_mut(room).and_then(|room| room.members.get_mut(&key)) {
                    (member.user, member.host) = (Some((*user).to_owned()), Some((*host).to_owned()));
                    member.away = away;
                }
            }
            ("315", [room, ..]) => drop(self.who_asked.remove(&self.fold(room))),
            ("353", [_, room, names, ..]) => self.names(room, names),
            ("366", [room, ..]) => self.named_all(room, heard),
            _ => {}
        }
    }

    fn room_mut(&mut self, name: &str) -> Option<&mut Room> {
        self.rooms.get_mut(&self.isupport.casemapping().fold(name))
    }

    fn each_member(&mut self, nick: &str, mut change: impl FnMut(&mut Member)) {
        let key = self.fold(nick);
        self.rooms.values_mut().filter_map(|room| room.members.get_mut(&key)).for_each(&mut change);
    }

    fn learn_isupport(&mut self, tokens: &[&str]) {
        let before = self.isupport.casemapping();
        self.isupport.learn(tokens.iter().copied());
        let casemapping = self.isupport.casemapping();
        if casemapping != before {
            for room in self.rooms.values_mut() {
                let members = std::mem::take(&mut room.members).into_values();
                room.members = members.map(|member| (casemapping.fold(&member.nick), member)).collect();
            }
            let rooms = std::mem::take(&mut self.rooms).into_values();
            self.rooms = rooms.map(|room| (casemapping.fold(&room.name), room)).collect();
        }
    }

    fn joined(&mut self, source: Option<Source<'_>>, name: &str, heard: &mut Vec<Heard>) {
        let Some(source) = source else { return };
        let key = self.fold(name);
        if self.is_me(source.nick) {
            let too_many = self.rooms.len() >= ROOMS_MAX && !self.rooms.contains_key(&key);
            if too_many || name.len() > ROOM_NAME_BYTES_MAX {
                return;
            }
            let room = Room { name: name.to_owned(), ..Room::default() };
            self.rooms.insert(key.clone(), room);
            self.modes_asked.insert(key.clone());
            heard.push(Heard::Send(Encoder::new().verb("MODE").param(name).end()));
            if self.has_cap("no-implicit-names") || self.has_cap("draft/no-implicit-names") {
                heard.push(Heard::Send(Encoder::new().verb("NAMES").param(name).end()));
            }
        }
        let member = Member {
            nick: source.nick.to_owned(),
            user: source.user.map(str::to_owned),
            host: source.host.map(str::to_owned),
            ..Member::default()
        };
        let nick = self.fold(source.nick);
        let fits = self.rooms.get(&key).is_some_and(|room| self.has_room_for_a_member(room));
        if let Some(room) = self.rooms.get_mut(&key).filter(|_| fits) {
            room.members.insert(nick, member);
        }
    }

    fn left(&mut self, nick: &str, room: &str) {
        let key = self.fold(room);
        if self.is_me(nick) {
            self.rooms.remove(&key);
            self.modes_asked.remove(&key);
            self.who_asked.remove(&key);
            return;
        }
        let nick = self.fold(nick);
        if let Some(room) = self.rooms.get_mut(&key) {
            room.members.remove(&nick);
        }
    }

    fn renamed(&mut self, from: &str, to: &str) {
        let (old, new) = (self.fold(from), self.fold(to));
        if self.is_me(from) {
            self.nick = to.to_owned();
        }
        for room in self.rooms.values_mut() {
            if let Some(member) = room.members.remove(&old) {
                room.members.insert(new.clone(), Member { nick: to.to_owned(), ..member });
            }
        }
    }

    // 396: how others see one's own host, which may have the user name before it.
    fn own_host(&mut self, shown: &str) {
        let host = shown.rsplit('@').next().unwrap_or(shown).to_owned();
        if let Some((user, _)) = self.user_host.as_ref().and_then(|own| own.split_once('@')) {
            self.user_host = Some(format!("{user}@{host}"));
        }
        let nick = self.nick.clone();
        self.each_member(&nick, |member| member.host = Some(host.clone()));
    }

    fn room_renamed(&mut self, from: &str, to: &str) {
        if to.len() > ROOM_NAME_BYTES_MAX {
            return;
        }
        let (old, new) = (self.fold(from), self.fold(to));
        if let Some(room) = self.rooms.remove(&old) {
            self.rooms.insert(new.clone(), Room { name: to.to_owned(), ..room });
        }
        for asked in [&mut self.modes_asked, &mut self.who_asked] {
            if asked.remove(&old) {
                asked.insert(new.clone());
            }
        }
    }

    fn own_modes(&mut self, changes: &str) {
        let mut adding = true;
        for letter in changes.chars() {
            match letter {
                '+' => adding = true,
                '-' => adding = false,
                _ if adding && letter.is_ascii_alphabetic() => drop(self.user_modes.insert(letter)),
                _ => drop(self.user_modes.remove(&letter)),
            }
        }
    }

    // Says whether there may be members who could not be seen before.
    fn room_modes(&mut self, name: &str, changes: &[&str]) -> bool {
        let (kinds, casemapping) = (self.isupport.channel_modes(), self.isupport.casemapping());
        let (key, own) = (casemapping.fold(name), casemapping.fold(&self.nick));
        let modes_unknown = self.modes_asked.contains(&key);
        let Some(room) = self.rooms.get_mut(&key) else { return false };
        let ranked = |room: &Room| room.members.get(&own).is_some_and(|member| !member.ranks.is_empty());
        let (ranked_before, mut appear) = (ranked(room), false);
        for step in steps(kinds, changes) {
            let (Step::Set(letter, parameter) | Step::Unset(letter, parameter)) = step;
            match (kinds.kind(letter), step) {
                (Some(ModeKind::List), _) => {}
                (Some(ModeKind::Member), _) => {
                    let key: Folded = casemapping.fold(parameter.unwrap_or(""));
                    let Some(member) = room.members.get_mut(&key) else {
                        appear |= matches!(step, Step::Set(..));
                        continue;
                    };
                    match step {
                        Step::Set(..) => member.raise(letter, kinds),
                        Step::Unset(..) => member.lower(letter),
                    }
                }
                (_, Step::Set(..)) if !letter.is_ascii_alphabetic() => {}
                (_, Step::Set(..)) => drop(room.modes.insert(letter, parameter.map(str::to_owned))),
                (_, Step::Unset(..)) => {
                    appear |= letter == AUDITORIUM;
                    room.modes.remove(&letter);
                }
            }
        }
        let hidden_before = modes_unknown || room.modes.contains_key(&AUDITORIUM);
        appear || (hidden_before && !ranked_before && ranked(room))
    }

    fn room_modes_changed(&mut self, name: &str, changes: &[&str], heard: &mut Vec<Heard>) {
        let appear = self.room_modes(name, changes);
        if let Some(room) = self.room_mut(name).filter(|_| appear) {
            room.synced = false;
            heard.push(Heard::Send(Encoder::new().verb("NAMES").param(name).end()));
        }
    }

    fn set_topic(&mut self, room: &str, text: &str, by: Option<String>, at: Option<Timestamp>) {
        if let Some(room) = self.room_mut(room) {
            room.topic = (!text.is_empty()).then(|| Topic { text: text.to_owned(), by, at });
        }
    }

    // 353: who is there. Without multi-prefix only the highest rank is told, so that lower ones that were seen in MODE
    // are kept.
    fn names(&mut self, name: &str, names: &str) {
        let all_ranks_told = self.has_cap("multi-prefix");
        let (kinds, casemapping) = (self.isupport.channel_modes(), self.isupport.casemapping());
        let key = casemapping.fold(name);
        let fits = self.rooms.get(&key).is_some_and(|room| self.has_room_for_a_member(room));
        let Some(room) = self.rooms.get_mut(&key) else { return };
        for word in names.split_ascii_whitespace() {
            let who = word.trim_start_matches(|c| kinds.letter_of(c).is_some());
            let ranks = word[..word.len() - who.len()].chars().filter_map(|prefix| kinds.letter_of(prefix));
            let source = Source::parse(who);
            let key = casemapping.fold(source.nick);
            if source.nick.is_empty() || (!fits && !room.members.contains_key(&key)) {
                continue;
            }
            let member = room.members.entry(key).or_default();
            member.nick = source.nick.to_owned();
            if let (Some(user), Some(host)) = (source.user, source.host) {
                (member.user, member.host) = (Some(user.to_owned()), Some(host.to_owned()));
            }
            if all_ranks_told {
                member.ranks.clear();
            }
            ranks.for_each(|letter| member.raise(letter, kinds));
        }
    }

    fn named_all(&mut self, name: &str, heard: &mut Vec<Heard>) {
        let tells_away = self.has_cap("away-notify");
        let Some(room) = self.room_mut(name) else { return };
        let first = !std::mem::replace(&mut room.synced, true);
        if first && tells_away && room.members.len() <= WHO_MEMBERS_MAX {
            heard.push(Heard::Send(Encoder::new().verb("WHO").param(name).end()));
            let key = self.fold(name);
            self.who_asked.insert(key);
        }
    }
}

fn seconds(text: &str) -> Option<Timestamp> {
    text.parse::<u64>().ok().and_then(|seconds| seconds.checked_mul(1000)).map(Timestamp)
}
