//! The demo without a terminal: what is said in the rooms, then the statistics as another process reads them.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread;

use anyhow::{Context, Result};
use wire::{Encoder, Message, Timestamp};

use crate::talk::ROOMS;

/// An ear in every room that anybody may enter: prints what it hears.
#[derive(Debug)]
pub struct Ear {
    stream: TcpStream,
    thread: Option<thread::JoinHandle<()>>,
}

impl Ear {
    /// Begins to listen.
    ///
    /// # Errors
    /// If the server does not take the connection.
    pub fn open(server: SocketAddr) -> Result<Self> {
        let mut stream = TcpStream::connect(server).context("nobody can connect")?;
        let rooms: Vec<&str> =
            ROOMS.iter().filter(|room| room.modes.is_empty()).map(|room| room.name).collect();
        let greeting = [
            Encoder::new().verb("CAP").param("REQ").trailing("batch server-time").end(),
            Encoder::new().verb("NICK").param("listener").end(),
            Encoder::new().verb("USER").param("ear").param("0").param("*").trailing("Writes along").end(),
            Encoder::new().verb("CAP").param("END").end(),
            Encoder::new().verb("JOIN").param(&rooms.join(",")).end(),
        ];
        stream.write_all(greeting.concat().as_bytes())?;
        let lines = BufReader::new(stream.try_clone()?).lines();
        let thread = thread::spawn(move || {
            let mut out = io::stdout();
            for line in lines.map_while(Result::ok) {
                // Who closes our output does not want to hear more.
                if let Some(text) = shown(&line)
                    && writeln!(out, "{text}").is_err()
                {
                    return;
                }
            }
        });
        Ok(Self { stream, thread: Some(thread) })
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        // The server may have closed before; the thread ends either way.
        let _ = self.stream.shutdown(Shutdown::Both);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A line as people read it.
fn shown(line: &str) -> Option<String> {
    let message = Message::parse(line).ok()?;
    let nick = message.source?.nick;
    let time = message.tags.get("time").and_then(|time| Timestamp::parse(&time)).unwrap_or_default();
    let (hour, minute, second) = time.clock();
    let (room, rest) = (message.param(0)?, message.param(1).unwrap_or_default());
    let what = match message.verb {
        "PRIVMSG" => match rest.strip_prefix("\u{1}ACTION ") {
            Some(action) => format!("* {nick} {}", action.trim_end_matches('\u{1}')),
            None => format!("<{nick}> {rest}"),
        },
        "JOIN" => format!("--> {nick} enters"),
        "PART" => format!("<-- {nick} leaves ({rest})"),
        "TOPIC" => format!("--- {nick} sets the topic: {rest}"),
        _ => return None,
    };
    Some(format!("{hour:02}:{minute:02}:{second:02} {room:<9} {what}"))
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn lines_become_a_transcript() {
        #[rustfmt::skip]
        let table = [
            ("@time=2026-11-22T12:09:01.000Z :al!a@h PRIVMSG #den :hi there", Some("12:09:01 #den      <al> hi there")),
            ("@time=2026-11-22T12:09:01.000Z :al!a@h PRIVMSG #den :\u{1}ACTION waves\u{1}", Some("12:09:01 #den      * al waves")),
            ("@time=2026-11-22T12:09:01.000Z :al!a@h JOIN #den", Some("12:09:01 #den      --> al enters")),
            (":srv 366 al #den :End of NAMES", None),
            ("PING :x", None),
        ];
        for (line, expected) in table {
            assert_eq!(shown(line).as_deref(), expected, "{line}");
        }
    }
}
