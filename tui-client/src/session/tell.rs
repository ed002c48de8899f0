//! From a message to what it means. Nothing is changed here.

use wire::{Message, Timestamp};

use super::Session;
use super::heard::{Level, Said, Sender, Typing, What};

impl Session {
    /// What a message means to a person; nothing if it is only for the session.
    pub(super) fn tell(&self, message: &Message<'_>) -> Option<What> {
        let who = Sender::from(message.source);
        let param = |index: usize| message.param(index).unwrap_or("").to_owned();
        let what = match message.verb.to_ascii_uppercase().as_str() {
            "001" => What::Registered { nick: param(0) },
            "PRIVMSG" => self.message(who, Said::Message, param(0), &param(1)),
            "NOTICE" => self.message(who, Said::Notice, param(0), &param(1)),
            "JOIN" => What::Joined { who, room: param(0) },
            "PART" => What::Parted { who, room: param(0), reason: param(1) },
            "KICK" => What::Kicked { by: who, room: param(0), who: param(1), reason: param(2) },
            "QUIT" => What::Quit { rooms: self.rooms_of(&who.nick), who, reason: param(0) },
            "NICK" => What::Renamed { rooms: self.rooms_of(&who.nick), who, to: param(0) },
            "TOPIC" => What::Topic { by: who, room: param(0), text: param(1) },
            "MODE" => {
                let changes = message.params.get(1..).unwrap_or_default().join(" ");
                What::Mode { by: who, target: param(0), changes }
            }
            "AWAY" => {
                What::Away { who, reason: message.param(0).filter(|r| !r.is_empty()).map(str::to_owned) }
            }
            "INVITE" => What::Invited { by: who, who: param(0), room: param(1) },
            "CHGHOST" => What::Moved { who, user: param(0), host: param(1) },
            "SETNAME" => What::RealName { who, text: param(0) },
            "FAIL" => standard(Level::Fail, message),
            "WARN" => standard(Level::Warn, message),
            "NOTE" => standard(Level::Note, message),
            "PONG" => {
                What::Pong { token: message.params.last().map(|t| (*t).to_owned()).unwrap_or_default() }
            }
            "ACK" => What::Acknowledged,
            "ERROR" => What::Closing { reason: param(0) },
            "TAGMSG" => return tag_message(who, message),
            "ACCOUNT" => {
                let account = message.param(0).filter(|name| !matches!(*name, "" | "*"));
                What::Account { who, account: account.map(str::to_owned) }
            }
            "RENAME" => What::RoomRenamed { by: who, from: param(0), to: param(1), reason: param(2) },
            "REDACT" => What::Redacted { by: who, target: param(0), id: param(1), reason: param(2) },
            "MARKREAD" => {
                let at = message.param(1).and_then(|at| Timestamp::parse(at.strip_prefix("timestamp=")?));
                What::ReadUpTo { target: param(0), at }
            }
            "CHATHISTORY" if param(0).eq_ignore_ascii_case("TARGETS") => {
                What::TalkedWith { target: param(1), at: Timestamp::parse(message.param(2)?)? }
            }
            // These are between the server and the session.
            "PING" | "CAP" | "AUTHENTICATE" => return None,
            verb => match verb.parse() {
                Ok(code) => {
                    let params = message.params.get(1..).unwrap_or_default();
                    What::Numeric { code, params: params.iter().map(|p| (*p).to_owned()).collect() }
                }
                Err(_) => What::Raw { line: untagged(message) },
            },
        };
        Some(what)
    }

    /// The shown names of the rooms in which somebody is seen.
    pub(super) fn rooms_of(&self, nick: &str) -> Vec<String> {
        let key = self.fold(nick);
        self.rooms
            .values()
            .filter(|room| room.members.contains_key(&key))
            .map(|room| room.name.clone())
            .collect()
    }

    fn message(&self, from: Sender, said: Said, target: String, text: &str) -> What {
        let ctcp = text.strip_prefix('\u{1}').map(|inner| inner.strip_suffix('\u{1}').unwrap_or(inner));
        let (said, text) = match ctcp {
            Some(inner) => match inner.strip_prefix("ACTION") {
                Some(action) if said == Said::Message => (Said::Action, action.trim_start_matches(' ')),
                _ => (Said::Ctcp, inner),
            },
            None => (said, text),
        };
        // "@#room" reaches the operators of a room (STATUSMSG); it is read where the room is read.
        let statuses = self.isupport.get("STATUSMSG").unwrap_or("");
        let room =
            target.strip_prefix(|c| statuses.contains(c)).filter(|rest| self.isupport.is_channel(rest));
        let target = room.map(str::to_owned).unwrap_or(target);
        let mine = self.registered && self.is_me(&from.nick);
        What::Message { said, from, target, text: text.to_owned(), mine }
    }
}

// A message that is nothing but its tags.
fn tag_message(who: Sender, message: &Message<'_>) -> Option<What> {
    let target = message.param(0)?.to_owned();
    let tag = |keys: &[&str]| keys.iter().find_map(|key| message.tags.get(key)).filter(|tag| !tag.is_empty());
    if let Some(typing) = tag(&["+typing", "+draft/typing"]) {
        let typing = match &*typing {
            "active" => Typing::Active,
            "paused" => Typing::Paused,
            "done" => Typing::Done,
            _ => return None,
        };
        return Some(What::Typing { who, target, typing });
    }
    let to = tag(&["+draft/reply", "+reply"])?.into_owned();
    let (mark, added) = match (tag(&["+draft/react", "+react"]), tag(&["+draft/unreact", "+unreact"])) {
        (Some(mark), _) => (mark, true),
        (None, Some(mark)) => (mark, false),
        (None, None) => return None,
    };
    Some(What::Reacted { who, target, to, mark: mark.into_owned(), added })
}

fn standard(level: Level, message: &Message<'_>) -> What {
    let (text, rest) = message.params.split_last().map_or(("", &[][..]), |(text, rest)| (*text, rest));
    let mut rest = rest.iter().map(|param| (*param).to_owned());
    What::Standard {
        level,
        about: rest.next().unwrap_or_default(),
        code: rest.next().unwrap_or_default(),
        context: rest.collect(),
        text: text.to_owned(),
    }
}

fn untagged(message: &Message<'_>) -> String {
    let mut line = message.source.map_or_else(String::new, |source| format!("{}: ", source.nick));
    line.push_str(message.verb);
    for param in message.params.all() {
        line.push(' ');
        line.push_str(param);
    }
    line
}
