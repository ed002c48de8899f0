//! The few lines that people say and hear: of IRC, and of the floor.

use std::io::Write;

use crate::load::PAYLOAD_MARK;

/// What the server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// The chat protocol.
    Irc,
    /// The floor's.
    Floor,
}

/// What a line means that is not a measured message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard<'a> {
    /// Registration is done.
    Welcome,
    /// One's own entering of a room is done.
    Entered,
    /// Somebody entered a room.
    Join,
    /// A PING came back.
    Pong,
    /// Somebody left the server.
    Quit,
    /// The server wants this back.
    Ping(&'a [u8]),
    /// The server does not want what the load needs.
    Refused,
    /// Nothing that matters here.
    Other,
}

impl Dialect {
    /// The first lines of a connection; none if it needs none.
    pub fn hello(self, nick: &str, out: &mut Vec<u8>) {
        match self {
            Self::Irc => line(out, &format!("NICK {nick}\r\nUSER {nick} 0 * :{nick}")),
            Self::Floor => {}
        }
    }

    /// Whether one is somebody as soon as one is connected.
    pub fn greets(self) -> bool {
        self == Self::Irc
    }

    /// Enters a room.
    pub fn join(self, room: u32, out: &mut Vec<u8>) {
        match self {
            Self::Irc => line(out, &format!("JOIN #r{room:04}")),
            Self::Floor => line(out, &format!("R{room:04}")),
        }
    }

    /// Wants an answer.
    pub fn ping(self, out: &mut Vec<u8>) {
        match self {
            Self::Irc => out.extend_from_slice(b"PING x\r\n"),
            // What comes back is as long as what a server answers.
            Self::Floor => out.extend_from_slice(b"P:irc.localhost PONG irc.localhost :x\r\n"),
        }
    }

    /// Says a measured message of so many bytes in a room.
    pub fn message(self, room: u32, number: u32, bytes: usize, out: &mut Vec<u8>) {
        let written = match self {
            Self::Irc => write!(out, "PRIVMSG #r{room:04} :"),
            // As long as what a server makes of the other: who says it stands before it.
            Self::Floor => write!(out, "M{room:04} n00000!n00000@127.0.0.1 PRIVMSG # :"),
        };
        let begin = out.len();
        written.and_then(|()| write!(out, "{PAYLOAD_MARK}{number:08x} ")).expect("memory can be written to");
        out.resize(begin + bytes, b'.');
        out.extend_from_slice(b"\r\n");
    }

    /// What a line means, its end taken off.
    pub fn understand(self, line: &[u8]) -> Heard<'_> {
        match self {
            Self::Irc => understand_irc(line),
            Self::Floor if line == b"+" => Heard::Entered,
            Self::Floor if line.starts_with(b"P") => Heard::Pong,
            Self::Floor => Heard::Other,
        }
    }
}

fn understand_irc(line: &[u8]) -> Heard<'_> {
    let mut words = line.split(|byte| *byte == b' ').filter(|word| !word.starts_with(b"@"));
    let first = words.next().unwrap_or_default();
    let verb = if first.starts_with(b":") { words.next().unwrap_or_default() } else { first };
    match verb {
        b"JOIN" => Heard::Join,
        b"PONG" => Heard::Pong,
        b"QUIT" => Heard::Quit,
        b"PING" => Heard::Ping(&line[(b"PING".len()).min(line.len())..]),
        b"366" => Heard::Entered,
        // The end of the message of the day, or that there is none.
        b"376" | b"422" => Heard::Welcome,
        b"ERROR" => Heard::Refused,
        [b'4' | b'5', _, _] => Heard::Refused,
        _ => Heard::Other,
    }
}

fn line(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
    out.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_mean_what_they_do() {
        #[rustfmt::skip]
        let table: [(Dialect, &[u8], Heard<'_>); 10] = [
            (Dialect::Irc,   b":srv 376 n :End",          Heard::Welcome),
            (Dialect::Irc,   b":srv 422 n :No MOTD",      Heard::Welcome),
            (Dialect::Irc,   b":srv 433 * n :In use",     Heard::Refused),
            (Dialect::Irc,   b":n!u@h JOIN #r0001",       Heard::Join),
            (Dialect::Irc,   b":srv 366 n #r0001 :End",   Heard::Entered),
            (Dialect::Irc,   b"PING :a cookie",           Heard::Ping(b" :a cookie")),
            (Dialect::Irc,   b"@time=1 :srv PONG srv x",  Heard::Pong),
            (Dialect::Irc,   b"",                         Heard::Other),
            (Dialect::Floor, b"+",                        Heard::Entered),
            (Dialect::Floor, b"P:srv PONG srv :x",        Heard::Pong),
        ];
        for (dialect, line, meaning) in table {
            assert_eq!(dialect.understand(line), meaning, "{}", String::from_utf8_lossy(line));
        }
    }
}
