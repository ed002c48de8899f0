//! Registration: agreeing on capabilities, finding a nick, and what to do when welcomed.
//!
//! ```text
//!   LS … LS ──► REQ ──► ACK or NAK ──► END ──► 001
//!               └── refused together: one by one
//! ```

use std::collections::{BTreeMap, BTreeSet};

use wire::{Encoder, Message};

use super::Session;
use super::heard::{Happening, Heard, What};
use super::login::{SASL, Standing};
use super::sts::Sts;

/// What is asked for where a server offers it.
pub const CAPS: &[&str] = &[
    "account-notify",
    "account-tag",
    "away-notify",
    "batch",
    "cap-notify",
    "chathistory",
    "chghost",
    "draft/channel-rename",
    "draft/chathistory",
    "draft/event-playback",
    "draft/extended-isupport",
    "draft/message-redaction",
    "draft/multiline",
    "draft/read-marker",
    "echo-message",
    "event-playback",
    "extended-join",
    "extended-monitor",
    "invite-notify",
    "labeled-response",
    "message-tags",
    "multi-prefix",
    "read-marker",
    "server-time",
    "setname",
    "soju.im/search",
    "standard-replies",
    "userhost-in-names",
];

/// What is not asked for, and taken into account where a person has asked for it himself.
const CAPS_UNDERSTOOD: &[&str] = &["draft/no-implicit-names", "no-implicit-names"];

/// Capabilities that are asked for with one line, so that it stays below 512 bytes.
const CAPS_PER_REQUEST: usize = 20;
/// Nicks that are tried before giving up.
const NICKS_TRIED_MAX: usize = 40;
/// Room names that are joined with one line, in bytes; further ones get a line of their own.
const JOIN_BYTES_MAX: usize = 400;
/// The nick length that every server takes (RFC 1459, section 1.2).
const NICK_BYTES_SAFE: usize = 9;

/// How far the agreement on capabilities has come.
#[derive(Clone, Debug, Default)]
pub(super) struct Negotiation {
    pub(super) enabled: BTreeSet<&'static str>,
    /// What the server has said of a capability that has more to it than its name.
    values: BTreeMap<&'static str, String>,
    offered: BTreeSet<&'static str>,
    requests_open: usize,
    ended: bool,
}

impl Session {
    /// CAP in all its forms.
    pub(super) fn cap(&mut self, message: &Message<'_>, heard: &mut Vec<Heard>) {
        let subcommand = message.param(1).unwrap_or("").to_ascii_uppercase();
        let names = message.params.get(2..).and_then(<[_]>::last).copied().unwrap_or("");
        match subcommand.as_str() {
            "LS" => {
                self.negotiation.offered.extend(known(names));
                self.negotiation.note_values(names);
                if self.offers_login(names) {
                    self.negotiation.offered.insert(SASL);
                }
                if self.promised(names, heard) {
                    return;
                }
                let more_follows = message.param(2) == Some("*") && message.params.len() > 3;
                if !more_follows {
                    let offered = std::mem::take(&mut self.negotiation.offered);
                    if self.wanted.login.is_some() && !offered.contains(SASL) {
                        self.login_failed("the server has no accounts", heard);
                    }
                    self.request(&offered, heard);
                }
            }
            "NEW" => {
                self.negotiation.note_values(names);
                let login = self.offers_login(names).then_some(SASL);
                if !self.promised(names, heard) {
                    self.request(&known(names).chain(login).collect(), heard);
                }
            }
            "ACK" => {
                for name in names.split_ascii_whitespace() {
                    match name.strip_prefix('-') {
                        Some(gone) => drop(self.negotiation.enabled.remove(gone)),
                        None => {
                            let understood = CAPS_UNDERSTOOD.iter().copied().filter(|known| *known == name);
                            self.negotiation.enabled.extend(known(name).chain(understood));
                        }
                    }
                }
                if names.split_ascii_whitespace().any(|name| name == SASL) {
                    self.negotiation.enabled.insert(SASL);
                    self.log_in(heard);
                }
                self.answered(heard);
                heard.push(Heard::Happened(Happening::plain(What::Capabilities)));
            }
            "NAK" => {
                // One that cannot be had spoils a request for several, which "is an all-or-nothing".
                let login = names.split_ascii_whitespace().any(|name| name == SASL).then_some(SASL);
                let single: Vec<&'static str> = known(names).chain(login).collect();
                match single[..] {
                    [SASL] => self.login_failed("the server lets nobody log in now", heard),
                    [] | [_] => {}
                    _ => single.into_iter().for_each(|name| self.request(&BTreeSet::from([name]), heard)),
                }
                self.answered(heard);
            }
            "DEL" => {
                for name in names.split_ascii_whitespace() {
                    self.negotiation.enabled.remove(name);
                }
                heard.push(Heard::Happened(Happening::plain(What::Capabilities)));
            }
            _ => {}
        }
    }

    /// 001: the nick is ours; now go where we want to be.
    pub(super) fn welcomed(&mut self, message: &Message<'_>, heard: &mut Vec<Heard>) {
        if self.wanted.login.is_some() && self.standing == Standing::Open {
            self.login_failed("the server knows no way to log in", heard);
        }
        if self.barred() {
            return;
        }
        self.registered = true;
        if let Some(nick) = message.param(0).filter(|nick| !nick.is_empty()) {
            self.nick = nick.to_owned();
        }
        let (keyed, open): (Vec<_>, Vec<_>) = self.wanted.rooms.iter().partition(|room| room.contains(' '));
        for room in keyed {
            let (name, key) = room.split_once(' ').expect("parted by having a space");
            heard.push(Heard::Send(Encoder::new().verb("JOIN").param(name).param(key).end()));
        }
        let mut names = String::new();
        for room in open {
            if !names.is_empty() && names.len() + room.len() > JOIN_BYTES_MAX {
                heard.push(Heard::Send(Encoder::new().verb("JOIN").param(&std::mem::take(&mut names)).end()));
            }
            if !names.is_empty() {
                names.push(',');
            }
            names.push_str(room);
        }
        if !names.is_empty() {
            heard.push(Heard::Send(Encoder::new().verb("JOIN").param(&names).end()));
        }
    }

    /// How many bytes and lines a message of several lines may have; nothing if the server takes none.
    pub fn multiline_limits(&self) -> Option<(usize, usize)> {
        if !self.has_cap("draft/multiline") || !self.has_cap("batch") {
            return None;
        }
        let value = self.negotiation.values.get("draft/multiline")?;
        let number = |key: &str| {
            value
                .split(',')
                .find_map(|pair| pair.split_once('=').filter(|(name, _)| *name == key)?.1.parse().ok())
        };
        Some((number("max-bytes")?, number("max-lines").unwrap_or(usize::MAX)))
    }

    /// The nick was refused. While registering another one is proposed; later that is the person's affair.
    pub(super) fn nick_refused(&mut self, heard: &mut Vec<Heard>) {
        if self.registered {
            return;
        }
        self.nicks_tried += 1;
        if self.nicks_tried > NICKS_TRIED_MAX {
            let what = What::NickRefused { nick: self.wanted.nick.clone() };
            heard.push(Heard::Happened(Happening::plain(what)));
            return;
        }
        let further = self.wanted.nicks.get(self.nicks_tried - 1).cloned();
        let varied = || another_nick(&self.wanted.nick, self.nicks_tried - self.wanted.nicks.len());
        self.nick = further.unwrap_or_else(varied);
        heard.push(Heard::Send(Encoder::new().verb("NICK").param(&self.nick).end()));
    }

    fn request(&mut self, offered: &BTreeSet<&'static str>, heard: &mut Vec<Heard>) {
        let missing: Vec<_> = offered.difference(&self.negotiation.enabled).copied().collect();
        if missing.is_empty() {
            return self.end_if_done(heard);
        }
        for names in missing.chunks(CAPS_PER_REQUEST) {
            self.negotiation.requests_open += 1;
            heard.push(Heard::Send(Encoder::new().verb("CAP").param("REQ").trailing(&names.join(" ")).end()));
        }
    }

    fn answered(&mut self, heard: &mut Vec<Heard>) {
        self.negotiation.requests_open = self.negotiation.requests_open.saturating_sub(1);
        self.end_if_done(heard);
    }

    /// What a server promises of TLS. Whether it has to be gone over to, so that nothing more is said here.
    fn promised(&self, names: &str, heard: &mut Vec<Heard>) -> bool {
        let Some(sts) = Sts::among(names) else { return false };
        heard.push(Heard::Happened(Happening::plain(What::Strict(sts))));
        !self.wanted.tls && sts.port.is_some()
    }

    pub(super) fn end_if_done(&mut self, heard: &mut Vec<Heard>) {
        let open = self.negotiation.requests_open > 0 || self.logging_in();
        let done = !open && !self.negotiation.ended && !self.registered && !self.barred();
        if done {
            self.negotiation.ended = true;
            heard.push(Heard::Send(Encoder::new().verb("CAP").param("END").end()));
        }
    }
}

impl Negotiation {
    fn note_values(&mut self, names: &str) {
        for (name, value) in names.split_ascii_whitespace().filter_map(|word| word.split_once('=')) {
            if let Some(name) = known(name).next() {
                self.values.insert(name, value.to_owned());
            }
        }
    }
}

/// The names of a list that are asked for here; values (`sasl=PLAIN`) are left aside.
fn known(names: &str) -> impl Iterator<Item = &'static str> {
    names.split_ascii_whitespace().filter_map(|word| {
        let name = word.split_once('=').map_or(word, |(name, _)| name);
        CAPS.iter().copied().find(|known| *known == name)
    })
}

/// The n-th nick to try after the wanted one: with underscores first, then shortened and numbered.
fn another_nick(wanted: &str, tried: usize) -> String {
    if tried <= 2 {
        return format!("{wanted}{}", "_".repeat(tried));
    }
    let number = (tried - 2).to_string();
    let plain = wanted.chars().filter(char::is_ascii_alphanumeric).skip_while(char::is_ascii_digit);
    let mut nick: String = plain.take(NICK_BYTES_SAFE - number.len()).collect();
    if nick.is_empty() {
        nick.push_str("guest");
    }
    nick + &number
}

#[cfg(test)]
mod tests {
    use super::another_nick;

    #[test]
    fn refused_nicks_are_varied_and_end_up_safe() {
        let tries = |wanted: &str, count: usize| another_nick(wanted, count);
        assert_eq!(tries("alice", 1), "alice_");
        assert_eq!(tries("alice", 2), "alice__");
        assert_eq!(tries("alice", 3), "alice1");
        assert_eq!(tries("alexandrina", 12), "alexand10");
        assert_eq!(tries("42", 3), "guest1");
        assert_eq!(tries("é", 4), "guest2");
    }
}
