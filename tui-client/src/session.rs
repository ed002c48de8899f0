//! What the client believes: turns the lines of a server into a picture of rooms, members, topics and modes.
//!
//! Pure: no socket, no clock, no screen. Whatever a server sends, nothing here panics and nothing grows without limit.
//! [`Session::hear`] takes one line, first *tells* what it means (`tell`, which changes nothing) and then *learns* from
//! it (`learn`, `register`). Played-back history is told and never learnt from.

mod batches;
mod heard;
mod learn;
mod login;
mod multiline;
mod regain;
mod register;
mod room;
mod scram;
mod sts;
mod tell;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use crate::secret::Secret;
use wire::{Casemapping, Encoder, Folded, Isupport, Message, Timestamp};

pub use heard::{Found, Happening, Heard, Level, Origin, Said, Sender, Typing, What};
pub use login::{Login, Mechanism};
pub use room::{Member, Room, Topic};
pub use sts::Sts;

use batches::Batch;
use login::{Progress, Standing};
use register::Negotiation;

/// Rooms that are believed in; a server that claims more is not followed into them.
pub const ROOMS_MAX: usize = 1024;
/// Members of a room that are believed in; further ones are not listed.
pub const MEMBERS_MAX: usize = 100_000;
/// Members of all rooms together.
pub const MEMBERS_OF_ALL_MAX: usize = 200_000;
/// The longest answer to a PING, so that a reply fits into a line whatever was asked.
const TOKEN_BYTES_MAX: usize = 400;
/// The longest `user@host` of RFC 2812 servers: what is assumed of one's own until it was seen.
const USER_HOST_BYTES_MAX: usize = 10 + 1 + 63;

/// Who one wants to be and where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The nick to ask for.
    pub nick: String,
    /// The user name.
    pub user: String,
    /// The real name, free text.
    pub realname: String,
    /// The rooms to join when registered: `#room` or `#room key`.
    pub rooms: Vec<String>,
    /// Nicks to take if the first is not free.
    pub nicks: Vec<String>,
    /// The server's password.
    pub password: Option<Secret>,
    /// The account to log in to.
    pub login: Option<Login>,
    /// Whether the connection is under TLS.
    pub tls: bool,
    /// Whether the connection stays on this machine.
    pub local: bool,
}

/// One connection as this client understands it. A new connection starts with a new session.
#[derive(Clone, Debug)]
pub struct Session {
    wanted: Wanted,
    nick: String,
    registered: bool,
    negotiation: Negotiation,
    nicks_tried: usize,
    mechanisms: Vec<String>,
    login: Progress,
    standing: Standing,
    // The nick that was wanted and taken, which is asked after.
    regaining: Option<String>,
    isupport: Isupport,
    user_modes: BTreeSet<char>,
    away: bool,
    user_host: Option<String>,
    rooms: BTreeMap<Folded, Room>,
    batches: BTreeMap<String, Batch>,
    // Rooms whose modes and members were asked for by the session itself: the answers are not shown to anybody.
    modes_asked: BTreeSet<Folded>,
    who_asked: BTreeSet<Folded>,
}

impl Session {
    /// A session before its first line.
    pub fn new(wanted: Wanted) -> Self {
        Self {
            nick: wanted.nick.clone(),
            wanted,
            registered: false,
            negotiation: Negotiation::default(),
            nicks_tried: 0,
            mechanisms: Vec::new(),
            login: Progress::default(),
            standing: Standing::Open,
            regaining: None,
            isupport: Isupport::default(),
            user_modes: BTreeSet::new(),
            away: false,
            user_host: None,
            rooms: BTreeMap::new(),
            batches: BTreeMap::new(),
            modes_asked: BTreeSet::new(),
            who_asked: BTreeSet::new(),
        }
    }

    /// The lines with which a connection begins.
    pub fn greeting(&self) -> Vec<String> {
        let user = Encoder::new().verb("USER").param(&self.wanted.user).param("0").param("*");
        let password = self.wanted.password.as_ref();
        let pass = password.map(|password| Encoder::new().verb("PASS").trailing(password.reveal()).end());
        let lines = [
            Encoder::new().verb("CAP").param("LS").param("302").end(),
            Encoder::new().verb("NICK").param(&self.wanted.nick).end(),
            user.trailing(wire::sendable_text(&self.wanted.realname)).end(),
        ];
        pass.into_iter().chain(lines).collect()
    }

    /// Changes which rooms are joined when the server welcomes us.
    pub fn want_rooms(&mut self, rooms: &[String]) {
        rooms.clone_into(&mut self.wanted.rooms);
    }

    /// Takes one line, without its end, and adds what follows from it: lines to send and what has happened.
    pub fn hear(&mut self, line: &str, heard: &mut Vec<Heard>) {
        let Ok(message) = Message::parse(line) else {
            heard.push(Heard::Happened(Happening::plain(What::Raw { line: line.to_owned() })));
            return;
        };
        let batch = message.tags.get("batch").and_then(|reference| self.batches.get(&*reference));
        let place = batch.and_then(|batch| batch.history.clone());
        let history = place.is_some();
        let label = batch.and_then(|batch| batch.label.clone());
        let label = message.tags.get("label").map(std::borrow::Cow::into_owned).or(label);
        if message.verb.eq_ignore_ascii_case("BATCH") {
            return self.batch(&message, place, label, heard);
        }
        self.count_in_history(&message);
        if let Some(mut what) = self.tell(&message) {
            if let (Some(place), What::Quit { rooms, .. } | What::Renamed { rooms, .. }) = (&place, &mut what)
            {
                *rooms = vec![place.clone()];
            }
            let origin = match history {
                true => Origin::History,
                false if self.asked_itself(&message) => Origin::Asked,
                false => Origin::Live,
            };
            let (time, id) = time_and_id(&message);
            let reply = ["+draft/reply", "+reply"].iter().find_map(|key| message.tags.get(key));
            let reply = reply.filter(|id| !id.is_empty()).map(Into::into);
            self.tell_in_batch(&message, Happening { time, id, label, origin, reply, place, what }, heard);
        }
        if !history {
            self.learn(&message, heard);
        }
    }

    /// One's own nick; the one asked for until the server has said which it is.
    pub fn nick(&self) -> &str {
        &self.nick
    }

    /// Whether the server has welcomed us.
    pub fn registered(&self) -> bool {
        self.registered
    }

    /// The letters of one's own modes.
    pub fn user_modes(&self) -> &BTreeSet<char> {
        &self.user_modes
    }

    /// Whether one is marked as being away.
    pub fn away(&self) -> bool {
        self.away
    }

    /// The capabilities that were agreed on.
    pub fn caps(&self) -> &BTreeSet<&'static str> {
        &self.negotiation.enabled
    }

    /// Whether a capability was agreed on.
    pub fn has_cap(&self, name: &str) -> bool {
        self.negotiation.enabled.contains(name)
    }

    /// What the server has said of itself.
    pub fn isupport(&self) -> &Isupport {
        &self.isupport
    }

    /// The rooms one is in, by their folded names.
    pub fn rooms(&self) -> &BTreeMap<Folded, Room> {
        &self.rooms
    }

    /// A room one is in.
    pub fn room(&self, name: &str) -> Option<&Room> {
        self.rooms.get(&self.fold(name))
    }

    /// A name in the form under which it is found.
    pub fn fold(&self, name: &str) -> Folded {
        self.casemapping().fold(name)
    }

    /// Whether two names are the same for this server.
    pub fn same(&self, left: &str, right: &str) -> bool {
        self.casemapping().same(left, right)
    }

    /// Whether a nick is one's own.
    pub fn is_me(&self, nick: &str) -> bool {
        self.same(&self.nick, nick)
    }

    /// Bytes of `:nick!user@host ` that the server puts before what one says; the most it can be as long as one's own
    /// host was not seen.
    pub fn prefix_bytes(&self) -> usize {
        let user_host = self.user_host.as_ref().map_or(USER_HOST_BYTES_MAX, String::len);
        ":".len() + self.nick.len() + "!".len() + user_host + " ".len()
    }

    fn casemapping(&self) -> Casemapping {
        self.isupport.casemapping()
    }

    // Whether one more can be believed in.
    fn has_room_for_a_member(&self, room: &Room) -> bool {
        let of_all = || self.rooms.values().map(|room| room.members.len()).sum::<usize>();
        room.members.len() < MEMBERS_MAX && of_all() < MEMBERS_OF_ALL_MAX
    }

    // Whether a line answers a question that nobody typed: what comes with joining a room, and what the session asks
    // then to complete its picture.
    fn asked_itself(&self, message: &Message<'_>) -> bool {
        let room = |index: usize| message.param(index).map(|name| self.fold(name));
        let unsynced =
            |index| room(index).and_then(|key| self.rooms.get(&key)).is_some_and(|room| !room.synced);
        match message.verb {
            "331" | "332" | "333" | "366" => unsynced(1),
            "353" => unsynced(2),
            "324" => room(1).is_some_and(|key| self.modes_asked.contains(&key)),
            "329" => room(1).and_then(|key| self.rooms.get(&key)).is_some_and(|room| room.created.is_none()),
            "303" | "730" | "731" => self.is_sought(message),
            "352" | "315" => room(1).is_some_and(|key| self.who_asked.contains(&key)),
            _ => false,
        }
    }
}

// What the tags say of a message: when it was said, and which it is.
fn time_and_id(message: &Message<'_>) -> (Option<Timestamp>, Option<Box<str>>) {
    let time = message.tags.get("time").and_then(|time| Timestamp::parse(&time));
    (time, message.tags.get("msgid").filter(|id| !id.is_empty()).map(Into::into))
}
