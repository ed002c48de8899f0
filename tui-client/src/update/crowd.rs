//! What people do besides talking: they come and go, change their names, set topics and modes.

use crate::buffer::{Kind, Line, Tone};
use crate::model::Model;
use crate::session::{Origin, Sender, What};
use crate::update::happen::Came;

/// Nicks of a split that are named; of more the number is told.
const SPLIT_NAMED_MAX: usize = 12;

impl Model {
    /// Shows what somebody did, now or in what is played back.
    pub(super) fn somebody_did(&mut self, came: &Came, what: What) {
        match what {
            What::Joined { who, room } => self.joined(came, &who, &room),
            What::Parted { who, room, reason } => self.parted(came, &who.nick, &room, &reason),
            What::Kicked { by, who, room, reason } => self.kicked(came, &by.nick, &who, &room, &reason),
            What::Quit { who, rooms, reason } => self.has_quit(came, &who.nick, &rooms, &reason),
            What::Renamed { who, to, rooms } => self.renamed(came, &who.nick, &to, &rooms),
            What::Topic { by, room, text } if text.is_empty() => {
                self.event(came, &room, &format!("{} has cleared the topic", by.nick));
            }
            What::Topic { by, room, text } => {
                self.event(came, &room, &format!("{} has set the topic: {text}", by.nick));
            }
            What::Mode { by, target, changes } => {
                let by = if by.nick.is_empty() { "The server" } else { &by.nick };
                self.event(came, &target, &format!("{by} sets mode {changes}"));
            }
            What::Split { servers, rooms } => self.split(came, "Lost with", &servers, &rooms),
            What::Rejoined { servers, rooms } => self.split(came, "Back with", &servers, &rooms),
            // The rest is news only while it is new.
            _ if came.origin == Origin::History => {}
            What::RoomRenamed { by, from, to, reason } => self.room_renamed(&by.nick, &from, &to, &reason),
            What::Away { who, reason } => {
                if let (Some(index), Some(reason)) = (self.find(&who.nick), reason) {
                    self.note(index, Tone::Event, &format!("{} is away: {reason}", who.nick));
                }
            }
            What::Invited { by, .. } if self.ignores(&by) => {}
            What::Invited { by, who, room } if self.session.is_me(&who) => {
                self.tell(Tone::Event, &format!("{} invites you to {room}; /join {room}", by.nick));
            }
            What::Invited { by, who, room } => {
                self.event(came, &room, &format!("{} has invited {who}", by.nick));
            }
            // Everything else was shown before it came here.
            _ => {}
        }
    }

    // A line about what somebody did. What is played back and happened since we came, or was heard before, stands here
    // already.
    fn event(&mut self, came: &Came, place: &str, text: &str) {
        match self.find(place) {
            Some(index) => self.event_in(came, index, text),
            None if came.origin == Origin::History => {}
            None => self.note(self.server(), Tone::Event, text),
        }
    }

    fn event_in(&mut self, came: &Came, index: usize, text: &str) {
        if self.buffers[index].past.is_new(came.at, came.origin) {
            self.put(index, came, Line::new(came.at, Tone::Event, "", text));
        }
    }

    fn joined(&mut self, came: &Came, who: &Sender, room: &str) {
        if self.session.is_me(&who.nick) {
            if came.origin == Origin::History {
                return;
            }
            let index = self.open(room);
            self.note(index, Tone::Event, &format!("You have entered {room}"));
            self.want_room(room);
            let entered = came.timed.then_some(came.at);
            self.catch_up(index, entered);
            let past = &mut self.buffers[index].past;
            past.until = past.until.max(entered);
            if self.current == self.server() && self.buffer().input.text().is_empty() {
                self.show(index);
            }
            return;
        }
        let host = match (&who.user, &who.host) {
            (Some(user), Some(host)) => format!(" ({user}@{host})"),
            _ => String::new(),
        };
        self.came_or_went(came, room, &who.nick, '+', &format!("{}{host} has entered", who.nick));
    }

    fn parted(&mut self, came: &Came, nick: &str, room: &str, reason: &str) {
        let why = if reason.is_empty() { String::new() } else { format!(" ({reason})") };
        if self.session.is_me(nick) {
            if came.origin == Origin::History {
                return;
            }
            self.leave_room(room);
            // The buffer may have been closed already.
            if let Some(index) = self.find(room) {
                self.note(index, Tone::Event, &format!("You have left {room}{why}"));
            }
            return;
        }
        self.came_or_went(came, room, nick, '-', &format!("{nick} has left{why}"));
    }

    /// Somebody one has heard of here gets a line with all that is known; others share one.
    fn came_or_went(&mut self, came: &Came, room: &str, nick: &str, sign: char, text: &str) {
        let Some(index) = self.find(room) else { return };
        if self.buffers[index].talkers.iter().any(|name| self.session.same(name, nick)) {
            self.event_in(came, index, text);
        } else if self.buffers[index].past.is_new(came.at, came.origin) {
            let change = format!("{sign}{nick}");
            self.put_crowd(index, came, &change, text);
        }
        self.stops_typing(index, nick);
    }

    fn kicked(&mut self, came: &Came, by: &str, who: &str, room: &str, reason: &str) {
        if self.session.is_me(who) && came.origin != Origin::History {
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
        self.event(came, room, &format!("{by} has shown {who} the door ({reason})"));
    }

    fn has_quit(&mut self, came: &Came, nick: &str, rooms: &[String], reason: &str) {
        let text = format!("{nick} has quit ({reason})");
        for room in rooms {
            self.came_or_went(came, room, nick, '-', &text);
        }
        if let Some(index) = self.find(nick).filter(|_| came.origin != Origin::History) {
            self.note(index, Tone::Event, &text);
        }
    }

    fn renamed(&mut self, came: &Came, from: &str, to: &str, rooms: &[String]) {
        if came.origin == Origin::History {
            return rooms.iter().for_each(|room| self.event(came, room, &format!("{from} is now {to}")));
        }
        // The session has learnt the new name already.
        let me = self.session.is_me(to);
        if me {
            to.clone_into(&mut self.wanted.nick);
            self.note(self.server(), Tone::Event, &format!("You are now {to}"));
        }
        for room in rooms {
            let Some(index) = self.find(room) else { continue };
            self.buffers[index].renamed(from, to);
            self.stops_typing(index, from);
            let text = if me { format!("You are now {to}") } else { format!("{from} is now {to}") };
            self.event_in(came, index, &text);
        }
        if let Some(index) = self.find(from).filter(|index| !me && self.buffers[*index].kind == Kind::Query) {
            self.note(index, Tone::Event, &format!("{from} is now {to}"));
            if self.find(to).is_none_or(|other| other == index) {
                self.buffers[index].name = crate::text::clean(to);
            }
        }
    }

    fn room_renamed(&mut self, by: &str, from: &str, to: &str, reason: &str) {
        let why = if reason.is_empty() { String::new() } else { format!(" ({reason})") };
        self.rename_wanted(from, to);
        let Some(index) = self.find(from) else { return };
        if self.find(to).is_none_or(|other| other == index) {
            self.buffers[index].name = crate::text::clean(to);
        }
        self.note(index, Tone::Event, &format!("{by} has renamed {from} to {to}{why}"));
    }

    fn split(
        &mut self,
        came: &Came,
        verb: &str,
        servers: &str,
        rooms: &std::collections::BTreeMap<String, Vec<String>>,
    ) {
        for (room, nicks) in rooms {
            let who = match nicks.len() {
                1..=SPLIT_NAMED_MAX => nicks.join(", "),
                count => {
                    format!("{}, and {} more", nicks[..SPLIT_NAMED_MAX].join(", "), count - SPLIT_NAMED_MAX)
                }
            };
            self.event(came, room, &format!("{verb} {servers}: {who}"));
        }
    }
}
