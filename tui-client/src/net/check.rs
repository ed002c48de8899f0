//! Looking at a server before one sets out: is it reached, does it speak TLS, is the nick free? A helper thread asks.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::time::{Duration, Instant};

use rustls::StreamOwned;
use wire::Message;

use super::open::{Opened, Way, open};
use super::tls::{Failed, Trusted};
use crate::address::{PORT, TLS_PORT};
use crate::form::{Report, Tls};
use crate::model::Address;

/// How long the server is listened to.
const LISTEN_TIMEOUT: Duration = Duration::from_secs(5);
/// Lines that are listened to before the answer.
const LINES_MAX: usize = 200;
/// The longest of them.
const LINE_BYTES_MAX: u64 = 16 * 1024;

/// What can be found out.
pub(super) fn check(way: &Way, nick: &str) -> Report {
    let mut report = Report::default();
    match open(way) {
        Ok(opened) => {
            report.reached = Some(Ok(()));
            report.tls = if opened.tls.is_some() { Tls::Spoken } else { Tls::None };
            // Whatever is not said stays unknown.
            let _ = converse(opened, nick, &mut report);
        }
        Err(Failed::Unknown(unknown)) => {
            (report.reached, report.tls) = (Some(Ok(())), Tls::Unvouched);
            // For the question whether a nick is free nobody's word is needed.
            let trusted = Trusted { pin: Some(unknown.fingerprint), strict: false };
            if let Ok(opened) = open(&Way { trusted, ..way.clone() }) {
                let _ = converse(opened, nick, &mut report);
            }
        }
        Err(Failed::Io(error)) => report.reached = Some(Err(error.to_string())),
    }
    if report.tls == Tls::None && way.address.port == PORT && speaks_tls(way) {
        report.tls = Tls::Elsewhere(TLS_PORT);
    }
    report
}

/// Whether TLS is spoken where it usually is.
fn speaks_tls(way: &Way) -> bool {
    let address = Address { port: TLS_PORT, tls: true, ..way.address.clone() };
    matches!(open(&Way { address, ..way.clone() }), Ok(_) | Err(Failed::Unknown(_)))
}

/// Asks without registering: who is told that a nick is taken before that is not there yet.
fn converse(opened: Opened, nick: &str, report: &mut Report) -> io::Result<()> {
    opened.stream.set_read_timeout(Some(LISTEN_TIMEOUT))?;
    match opened.tls {
        None => listen(opened.stream, nick, report),
        Some(tls) => listen(StreamOwned::new(tls, opened.stream), nick, report),
    }
}

fn listen(mut stream: impl Read + Write, nick: &str, report: &mut Report) -> io::Result<()> {
    // The answer to the last question comes after that to the nick, if there is one to that.
    stream.write_all(format!("CAP LS 302\r\nNICK {nick}\r\nCAP LIST\r\n").as_bytes())?;
    stream.flush()?;
    let until = Instant::now() + LISTEN_TIMEOUT;
    let mut reader = BufReader::new(stream);
    for _ in 0..LINES_MAX {
        let mut line = Vec::new();
        reader.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line)?;
        if line.is_empty() || Instant::now() > until {
            break;
        }
        let line = String::from_utf8_lossy(&line);
        let Ok(message) = Message::parse(line.trim_end()) else { continue };
        match (message.verb, message.param(1)) {
            ("CAP", Some("LS")) => {
                let port =
                    crate::session::Sts::among(message.params.last().unwrap_or(&"")).and_then(|sts| sts.port);
                if let Some(port) = port.filter(|_| report.tls == Tls::None) {
                    report.tls = Tls::Elsewhere(port);
                }
            }
            ("432" | "433" | "436" | "437", _) => {
                report.nick_free = Some(false);
                break;
            }
            ("CAP", Some("LIST")) => {
                report.nick_free = Some(true);
                break;
            }
            ("PING", _) => {
                // A server that wants an answer first asks again for it.
                let token = message.param(0).unwrap_or("");
                let pong = wire::Encoder::new().verb("PONG").trailing(token).end();
                reader.get_mut().write_all(pong.as_bytes())?;
            }
            _ => {}
        }
    }
    reader.get_mut().write_all(b"QUIT\r\n")?;
    reader.get_mut().flush()
}
