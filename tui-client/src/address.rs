//! What people write for a server: `host`, `host:port`, `[::1]:6667`, `irc://nick@host:port/#room`.

use std::fmt;

/// The port of IRC without TLS.
pub(crate) const PORT: u16 = 6667;
/// The port of IRC with TLS (RFC 7194).
pub(crate) const TLS_PORT: u16 = 6697;

/// Where a server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    /// A name or an address.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Whether TLS is spoken there.
    pub tls: bool,
}

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
    /// It is an address of something else.
    Scheme,
    /// The port is no number from 1 to 65535.
    BadPort,
}

impl fmt::Display for BadTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoHost => "no host is named",
            Self::Scheme => "only irc:// and ircs:// are spoken",
            Self::BadPort => "the port is no number from 1 to 65535",
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

impl Address {
    /// As it is written where TLS has to be told, too.
    pub fn url(&self) -> String {
        let scheme = if self.tls { "ircs" } else { "irc" };
        format!("{scheme}://{self}")
    }
}

impl Target {
    /// Reads what a person has written.
    pub fn parse(text: &str) -> Result<Self, BadTarget> {
        let (tls, text) = match text.split_once("://") {
            Some(("ircs", rest)) => (Some(true), rest),
            Some(("irc", rest)) => (Some(false), rest),
            Some(_) => return Err(BadTarget::Scheme),
            None => (None, text),
        };
        let is_url = tls.is_some();
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
        Ok(Self { address: host_and_port(place, tls)?, nick, rooms: rooms.collect() })
    }
}

/// Without a scheme a plus sign before the port asks for TLS, as in other clients.
fn host_and_port(place: &str, tls: Option<bool>) -> Result<Address, BadTarget> {
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
    let plus = tls.is_none() && port.is_some_and(|port| port.starts_with('+'));
    let tls = tls.unwrap_or(plus);
    let port = match port.map(|port| if plus { &port[1..] } else { port }) {
        None if tls => TLS_PORT,
        None => PORT,
        Some(port) => port.parse().ok().filter(|port| *port != 0).ok_or(BadTarget::BadPort)?,
    };
    Ok(Address { host: host.to_owned(), port, tls })
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
            ("chat.example:-1",                   "the port is no number from 1 to 65535"),
            ("ircs://chat.example",               "chat.example 6697 by TLS"),
            ("ircs://al@[::1]:7000/#a",           "::1 7000 by TLS as al #a"),
            ("chat.example:+7000",                "chat.example 7000 by TLS"),
            ("irc://chat.example:+7000",          "chat.example 7000"),
            ("https://chat.example",              "only irc:// and ircs:// are spoken"),
        ];
        for (text, expected) in table {
            let found = match Target::parse(text) {
                Err(why) => why.to_string(),
                Ok(Target { address, nick, rooms }) => {
                    let nick = nick.map(|nick| format!(" as {nick}")).unwrap_or_default();
                    let rooms = rooms.iter().map(|room| format!(" {room}")).collect::<String>();
                    let tls = if address.tls { " by TLS" } else { "" };
                    format!("{} {}{tls}{nick}{rooms}", address.host, address.port)
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
