//! The state of a network as text: its buffers with what is unread, the drafts, what was typed, what waits.
//!
//! ```text
//!   buffer  room  #den  2  1  1795349340000  1795349300000  -  muted      kind, name, unread, mentions, since when,
//!   draft   what is being typed                                           heard until, read until
//!   typed   what was typed before
//!   kept    message  1795349340000  answered  text
//!   watched alice
//! ```

use wire::Timestamp;

use crate::buffer::{Buffer, Kind};
use crate::model::Model;
use crate::session::Said;

/// Inputs of a buffer that are kept, the latest.
const TYPED_MAX: usize = 100;

/// What a network's state says of a buffer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Saved {
    pub room: bool,
    pub name: String,
    pub unread: usize,
    pub mentions: usize,
    pub since: Option<Timestamp>,
    pub until: Option<Timestamp>,
    pub read_at: Option<Timestamp>,
    pub muted: bool,
    pub draft: String,
    pub typed: Vec<String>,
    pub kept: Vec<(Said, Timestamp, String, String)>,
}

/// The state of the network at which the model stands.
pub(super) fn written(model: &Model) -> String {
    let mut text = String::new();
    for nick in model.watched.keys() {
        row(&mut text, &["watched", nick]);
    }
    for buffer in model.buffers.iter().filter(|buffer| buffer.network == model.id) {
        let kind = match buffer.kind {
            Kind::Room => "room",
            Kind::Query => "talk",
            Kind::Server | Kind::List => continue,
        };
        let time = |at: Option<Timestamp>| at.map_or("-".to_owned(), |at| at.0.to_string());
        let since = buffer.marker.filter(|_| buffer.unread > 0).map(|marker| marker.since);
        let (unread, mentions) = (buffer.unread.to_string(), buffer.mentions.to_string());
        let past = &buffer.past;
        let times = [time(since), time(past.until), time(past.read_at)];
        let muted = if buffer.muted { "muted" } else { "" };
        row(
            &mut text,
            &["buffer", kind, &buffer.name, &unread, &mentions, &times[0], &times[1], &times[2], muted],
        );
        contents(&mut text, model, buffer);
    }
    text
}

fn contents(text: &mut String, model: &Model, buffer: &Buffer) {
    if !buffer.input.text().is_empty() {
        row(text, &["draft", buffer.input.text()]);
    }
    for typed in buffer.input.latest(TYPED_MAX).filter(|typed| !is_secret(typed)) {
        row(text, &["typed", typed]);
    }
    for kept in model.kept.iter().filter(|kept| kept.buffer == buffer.id) {
        let said = match kept.said {
            Said::Message | Said::Ctcp => "message",
            Said::Action => "action",
            Said::Notice => "notice",
        };
        row(text, &["kept", said, &kept.at.0.to_string(), &kept.answers, &kept.text]);
    }
}

/// Reads a state: the watched nicks and the buffers. Rows that say nothing known are passed over.
pub(super) fn read(text: &str) -> (Vec<String>, Vec<Saved>) {
    let (mut watched, mut buffers) = (Vec::new(), Vec::<Saved>::new());
    let time = |text: &str| text.parse().ok().map(Timestamp);
    for line in text.lines() {
        let fields: Vec<String> = line.split('\t').map(unescaped).collect();
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        match (&fields[..], buffers.last_mut()) {
            (["watched", nick], _) => watched.push((*nick).to_owned()),
            (["buffer", kind, name, unread, mentions, since, until, read_at, muted], _) => {
                buffers.push(Saved {
                    room: *kind == "room",
                    name: (*name).to_owned(),
                    unread: unread.parse().unwrap_or(0),
                    mentions: mentions.parse().unwrap_or(0),
                    since: time(since),
                    until: time(until),
                    read_at: time(read_at),
                    muted: *muted == "muted",
                    ..Saved::default()
                });
            }
            (["draft", text], Some(buffer)) => (*text).clone_into(&mut buffer.draft),
            (["typed", text], Some(buffer)) => buffer.typed.push((*text).to_owned()),
            (["kept", said, at, answers, text], Some(buffer)) => {
                let said = match *said {
                    "action" => Said::Action,
                    "notice" => Said::Notice,
                    _ => Said::Message,
                };
                let at = time(at).unwrap_or_default();
                buffer.kept.push((said, at, (*answers).to_owned(), (*text).to_owned()));
            }
            _ => {}
        }
    }
    (watched, buffers)
}

/// What is better not written to a disk.
fn is_secret(typed: &str) -> bool {
    let words: Vec<String> = typed.split_whitespace().take(2).map(str::to_lowercase).collect();
    match &words[..] {
        [command, what] if "/quote".starts_with(command.as_str()) || command == "/raw" => {
            matches!(
                what.as_str(),
                "pass" | "oper" | "authenticate" | "register" | "identify" | "nickserv" | "ns"
            )
        }
        [command, who] if command.starts_with("/m") || command.starts_with("/q") => who == "nickserv",
        _ => false,
    }
}

fn row(text: &mut String, fields: &[&str]) {
    for (index, field) in fields.iter().enumerate() {
        if index > 0 {
            text.push('\t');
        }
        for character in field.chars() {
            match character {
                '\\' => text.push_str("\\\\"),
                '\t' => text.push_str("\\t"),
                '\n' => text.push_str("\\n"),
                '\r' => text.push_str("\\r"),
                other => text.push(other),
            }
        }
    }
    text.push('\n');
}

fn unescaped(field: &str) -> String {
    let mut text = String::with_capacity(field.len());
    let mut characters = field.chars();
    while let Some(character) = characters.next() {
        text.push(match character {
            '\\' => match characters.next() {
                Some('t') => '\t',
                Some('n') => '\n',
                Some('r') => '\r',
                Some(other) => other,
                None => '\\',
            },
            other => other,
        });
    }
    text
}
