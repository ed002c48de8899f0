//! What people write for a server: `host`, `host:port`, `[::1]:6667`, `irc://nick@host:port/#room`.

use std::fmt;

use crate::model::Address;

/// The port of IRC without TLS.
pub(crate) const PORT: u16 = 6667;

/// Where to go, and perhaps as whom and to which rooms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub address: Address,
    pub nick: Option<String>,
    pub rooms: Vec<String>,
}

/// Why something does not name a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadTarget {
    /// No host.
    NoHost,
    /// The port is no number from 1 to 65535.
    BadPort,
    /// The address asks for TLS, which this client does not speak yet.
    Tls,
}

impl fmt::Display for BadTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoHost => "no host is named",
            Self::BadPort => "the port is no number from 1 to 65535",
            Self::Tls => "TLS is not spoken yet; use irc:// or host:port without TLS",
        })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bracketed = self.host.contains(':');
        match bracketed {
            true => write!(f, "[{}]:{}", self.host, self.port),
            false => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

impl Target {
    /// Reads what a person has written.
    pub fn parse(text: &str) -> Result<Self, BadTarget> {
        if text.starts_with("ircs://") {
            return Err(BadTarget::Tls);
        }
        let is_url = text.starts_with("irc://");
        let text = text.strip_prefix("irc://").unwrap_or(text);
        let (place, rooms) = match text.split_once('/') {
            Some((place, rooms)) if is_url => (place, rooms),
            _ => (text, ""),
        };
        let (nick, place) = match place.rsplit_once('@') {
            Some((nick, place)) => (Some(nick.to_owned()).filter(|nick| !nick.is_empty()), place),
            None => (None, place),
        };
        let rooms = rooms.split('?').next().unwrap_or("").replace("%23", "#");
        let rooms = rooms.split(',').filter(|room| !room.is_empty());
        let rooms =
            rooms.map(|room| if room.starts_with(['#', '&']) { room.to_owned() } else { format!("#{room}") });
        Ok(Self { address: host_and_port(place)?, nick, rooms: rooms.collect() })
    }
}

fn host_and_port(place: &str) -> Result<Address, BadTarget> {
    let (host, port) = match place.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, "")) => (host, None),
        Some((host, rest)) => (host, Some(rest.strip_prefix(':').ok_or(BadTarget::BadPort)?)),
        // Several colons without brackets are an IPv6 address, not a port.
        None if place.matches(':').count() > 1 => (place, None),
        None => place.split_once(':').map_or((place, None), |(host, port)| (host, Some(port))),
    };
    if host.is_empty() || host.contains(char::is_whitespace) {
        return Err(BadTarget::NoHost);
    }
    let port = match port {
        None => PORT,
        Some(port) => port.parse().ok().filter(|port| *port != 0).ok_or(BadTarget::BadPort)?,
    };
    Ok(Address { host: host.to_owned(), port })
}

/// A nick made of what somebody is called, for servers that are strict about nicks.
pub(crate) fn nick_from(name: &str) -> String {
    let fits = |c: &char| c.is_ascii_alphanumeric() || "[]\\`_^{|}-".contains(*c);
    let nick: String =
        name.chars().filter(fits).skip_while(|c| c.is_ascii_digit() || *c == '-').take(16).collect();
    if nick.is_empty() { "guest".to_owned() } else { nick }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_named_in_many_ways() {
        // Host, port, nick and rooms, or what is wrong.
        #[rustfmt::skip]
        let table = [
            ("chat.example",                      "chat.example 6667"),
            ("chat.example:7000",                 "chat.example 7000"),
            ("127.0.0.1",                         "127.0.0.1 6667"),
            ("::1",                               "::1 6667"),
            ("[::1]",                             "::1 6667"),
            ("[::1]:7000",                        "::1 7000"),
            ("al@chat.example",                   "chat.example 6667 as al"),
            ("irc://chat.example",                "chat.example 6667"),
            ("irc://al@chat.example:7000/#a,b",   "chat.example 7000 as al #a #b"),
            ("irc://chat.example/%23den?key=x",   "chat.example 6667 #den"),
            ("irc:///#den",                       "no host is named"),
            ("",                                  "no host is named"),
            ("chat.example:",                     "the port is no number from 1 to 65535"),
            ("chat.example:0",                    "the port is no number from 1 to 65535"),
            ("chat.example:99999",                "the port is no number from 1 to 65535"),
            ("[::1]7000",                         "the port is no number from 1 to 65535"),
            ("ircs://chat.example",               "TLS is not spoken yet; use irc:// or host:port without TLS"),
        ];
        for (text, expected) in table {
            let found = match Target::parse(text) {
                Err(why) => why.to_string(),
                Ok(Target { address, nick, rooms }) => {
                    let nick = nick.map(|nick| format!(" as {nick}")).unwrap_or_default();
                    let rooms = rooms.iter().map(|room| format!(" {room}")).collect::<String>();
                    format!("{} {}{nick}{rooms}", address.host, address.port)
                }
            };
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn a_name_becomes_a_nick() {
        assert_eq!(nick_from("alice"), "alice");
        assert_eq!(nick_from("Zoë Smith"), "ZoSmith");
        assert_eq!(nick_from("42-al"), "al");
        assert_eq!(nick_from("日本"), "guest");
    }
}
