//! What is heard from the server, as lines in buffers.

use std::hash::{Hash, Hasher};

use crate::buffer::{Kind, Line, Tone};
use crate::model::Model;
use crate::say;
use crate::session::{Happening, Level, Origin, Said, Sender, What};
use crate::update::replies;

/// Numerics by which the server says that a room cannot be entered.
const NOT_ENTERED: &[u16] = &[403, 405, 437, 471, 473, 474, 475, 476, 477, 480, 489];

impl Model {
    /// Shows what has happened.
    pub(super) fn happened(&mut self, happening: Happening) {
        let at = happening.time.unwrap_or(self.now);
        let label = happening.label.as_deref();
        match happening.what {
            What::Message { said, from, target, text, mine } => {
                let id = happening.id.as_deref().map_or(0, hash);
                let came = Came { at, origin: happening.origin, label: label.map(str::to_owned), id };
                self.message(&came, said, &from, &target, &text, mine);
            }
            What::Registered { nick } => {
                self.tries = 0;
                self.note(self.server(), Tone::Info, &format!("Welcome. You are {nick}."));
                self.ping();
                say::offer_kept(self);
            }
            What::Numeric { code, params } => self.numeric(happening.origin, label, code, &params),
            What::Standard { level, about, code, context, text } => {
                if level == Level::Fail {
                    say::refused(self, label, context.first().map_or("", String::as_str));
                }
                let tone = if level == Level::Note { Tone::Info } else { Tone::Error };
                let named = context.iter().find_map(|name| self.find(name));
                let place = self.asked_in(label).or(named).unwrap_or(self.current);
                self.note(place, tone, &format!("{about} {code} {} {text}", context.join(" ")));
            }
            What::Acknowledged => {
                say::confirmed(self, label, "", "", 0);
            }
            What::Pong { token } => self.pong(&token),
            What::Closing { reason } => self.note(self.server(), Tone::Error, &reason),
            What::Raw { line } => self.note(self.server(), Tone::Info, &line),
            What::NickRefused { nick } => {
                self.note(
                    self.server(),
                    Tone::Error,
                    &format!("No nick like {nick} is free; choose another with /quote NICK …"),
                );
            }
            What::Capabilities | What::RealName { .. } | What::Moved { .. } => {}
            // What others do is told of the present; a played-back coming or going would be taken for one.
            _ if happening.origin == Origin::History => {}
            What::Joined { who, room } => self.joined(&who, &room),
            What::Parted { who, room, reason } => self.parted(&who.nick, &room, &reason),
            What::Kicked { by, who, room, reason } => self.kicked(&by.nick, &who, &room, &reason),
            What::Quit { who, rooms, reason } => self.has_quit(&who.nick, &rooms, &reason),
            What::Renamed { who, to, rooms } => self.renamed(&who.nick, &to, &rooms),
            What::Topic { by, room, text } if text.is_empty() => {
                self.event(&room, &format!("{} has cleared the topic", by.nick));
            }
            What::Topic { by, room, text } => {
                self.event(&room, &format!("{} has set the topic: {text}", by.nick));
            }
            What::Mode { by, target, changes } => {
                let by = if by.nick.is_empty() { "The server" } else { &by.nick };
                self.event(&target, &format!("{by} sets mode {changes}"));
            }
            What::Away { who, reason } => {
                if let (Some(index), Some(reason)) = (self.find(&who.nick), reason) {
                    self.note(index, Tone::Event, &format!("{} is away: {reason}", who.nick));
                }
            }
            What::Invited { by, who, room } if self.session.is_me(&who) => {
                self.tell(Tone::Event, &format!("{} invites you to {room}; /join {room}", by.nick));
            }
            What::Invited { by, who, room } => self.event(&room, &format!("{} has invited {who}", by.nick)),
        }
    }

    fn event(&mut self, place: &str, text: &str) {
        let index = self.find(place).unwrap_or_else(|| self.server());
        self.note(index, Tone::Event, text);
    }

    fn message(&mut self, came: &Came, said: Said, from: &Sender, target: &str, text: &str, mine: bool) {
        if mine
            && came.origin == Origin::Live
            && say::confirmed(self, came.label.as_deref(), target, text, came.id)
        {
            return;
        }
        let ignored = |mask: &wire::Mask| mask.covers(self.session.isupport().casemapping(), &from.mask());
        if !mine && self.ignored.iter().any(ignored) {
            return;
        }
        let to_room = self.session.isupport().is_channel(target);
        let index = match (to_room, mine) {
            (true, _) => self.find(target).unwrap_or_else(|| self.server()),
            (false, true) => self.open(target),
            (false, false) if from.is_server() || said == Said::Notice => {
                self.find(&from.nick).unwrap_or_else(|| self.server())
            }
            (false, false) => self.open(&from.nick),
        };
        let tone = match said {
            Said::Message => Tone::Message,
            Said::Action => Tone::Action,
            Said::Notice => Tone::Notice,
            Said::Ctcp => {
                let text = format!("{} asks (CTCP): {text}", from.nick);
                return self.note(index, Tone::Event, &text);
            }
        };
        if came.origin == Origin::History && say::known(self, index, came.id, mine.then_some(text)) {
            return;
        }
        let casemapping = self.session.isupport().casemapping();
        let named =
            !mine && crate::text::mentions(&crate::format::plain(text), self.session.nick(), casemapping);
        let personal = !mine && !to_room && !from.is_server() && self.buffers[index].kind == Kind::Query;
        let line = Line {
            id: came.id,
            mention: named || personal,
            own: mine,
            ..Line::new(came.at, tone, &from.nick, text)
        };
        if !mine && !from.is_server() {
            self.buffers[index].spoke(&from.nick, named);
        }
        match came.origin {
            Origin::Live => drop(self.push(index, line)),
            Origin::History | Origin::Asked => drop(self.buffers[index].push(line)),
        }
    }

    fn joined(&mut self, who: &Sender, room: &str) {
        if self.session.is_me(&who.nick) {
            let index = self.open(room);
            self.note(index, Tone::Event, &format!("You have entered {room}"));
            self.want_room(room);
            if self.current == self.server() && self.buffer().input.text().is_empty() {
                self.show(index);
            }
            return;
        }
        let host = match (&who.user, &who.host) {
            (Some(user), Some(host)) => format!(" ({user}@{host})"),
            _ => String::new(),
        };
        self.came_or_went(room, &who.nick, '+', &format!("{}{host} has entered", who.nick));
    }

    fn parted(&mut self, nick: &str, room: &str, reason: &str) {
        let why = if reason.is_empty() { String::new() } else { format!(" ({reason})") };
        if self.session.is_me(nick) {
            self.leave_room(room);
            // The buffer may have been closed already.
            if let Some(index) = self.find(room) {
                self.note(index, Tone::Event, &format!("You have left {room}{why}"));
            }
            return;
        }
        self.came_or_went(room, nick, '-', &format!("{nick} has left{why}"));
    }

    /// Somebody one has heard of here gets a line with all that is known; others share one.
    fn came_or_went(&mut self, room: &str, nick: &str, sign: char, text: &str) {
        let Some(index) = self.find(room) else { return };
        if self.buffers[index].talkers.iter().any(|name| self.session.same(name, nick)) {
            self.note(index, Tone::Event, text);
        } else {
            let now = self.now;
            let change = format!("{sign}{nick}");
            self.buffers[index].push_crowd(now, &change);
        }
    }

    fn kicked(&mut self, by: &str, who: &str, room: &str, reason: &str) {
        if self.session.is_me(who) {
            self.leave_room(room);
            if let Some(index) = self.find(room) {
                self.note(
                    index,
                    Tone::Error,
                    &format!("{by} has shown you the door ({reason}); /join returns"),
                );
            }
            return;
        }
        self.event(room, &format!("{by} has shown {who} the door ({reason})"));
    }

    fn has_quit(&mut self, nick: &str, rooms: &[String], reason: &str) {
        let text = format!("{nick} has quit ({reason})");
        for room in rooms {
            self.came_or_went(room, nick, '-', &text);
        }
        if let Some(index) = self.find(nick) {
            self.note(index, Tone::Event, &text);
        }
    }

    fn renamed(&mut self, from: &str, to: &str, rooms: &[String]) {
        // The session has learnt the new name already.
        let me = self.session.is_me(to);
        if me {
            to.clone_into(&mut self.wanted.nick);
            self.note(self.server(), Tone::Event, &format!("You are now {to}"));
        }
        for room in rooms {
            let Some(index) = self.find(room) else { continue };
            self.buffers[index].renamed(from, to);
            let text = if me { format!("You are now {to}") } else { format!("{from} is now {to}") };
            self.note(index, Tone::Event, &text);
        }
        if let Some(index) = self.find(from).filter(|index| !me && self.buffers[*index].kind == Kind::Query) {
            self.note(index, Tone::Event, &format!("{from} is now {to}"));
            if self.find(to).is_none_or(|other| other == index) {
                self.buffers[index].name = crate::text::clean(to);
            }
        }
    }

    fn numeric(&mut self, origin: Origin, label: Option<&str>, code: u16, params: &[String]) {
        let first = params.first().map_or("", String::as_str);
        match code {
            5 => {
                if let Some(network) = self.session.isupport().get("NETWORK").map(crate::text::clean) {
                    let server = self.server();
                    self.buffers[server].name = network;
                }
            }
            366 => say::offer_kept(self),
            _ => {}
        }
        if NOT_ENTERED.contains(&code) {
            self.leave_room(first);
        }
        if code >= 400 {
            say::refused(self, label, first);
        }
        let asked_silently = origin == Origin::Asked && !matches!(code, 332 | 333);
        if asked_silently {
            return;
        }
        let Some((tone, text)) = replies::in_words(code, params, &self.zone) else { return };
        let named = if code == 353 { params.get(1) } else { params.first() };
        let place = match self.asked_in(label) {
            Some(place) => place,
            None if replies::belongs_to_server(code) || !self.session.registered() => self.server(),
            None => named.and_then(|name| self.find(name)).unwrap_or(self.current),
        };
        self.note(place, tone, &text);
    }
}

/// How a message came.
struct Came {
    at: wire::Timestamp,
    origin: Origin,
    label: Option<String>,
    id: u64,
}

/// A message's id in eight bytes. That two of a buffer's lines share one is as good as impossible.
fn hash(id: &str) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}
