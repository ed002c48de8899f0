//! A room's history as lines, and what comes after it.

use std::io::{self, Write};

use segment::{Cursor, Entry, History, Kind, Liveness, Now, ReadError};
use serde_json::json;

use crate::Stage;
use crate::args::Arguments;
use crate::exit::{Exit, Failure};
use crate::json;
use crate::select::nearest;
use crate::source::Source;
use crate::text::{self, clean};

/// A record as a line of text.
pub(crate) fn line(entry: &Entry) -> String {
    let (when, from, text) = (text::moment(entry.wall_ms), clean(&entry.from), clean(&entry.text));
    let told = match entry.kind {
        Kind::MESSAGE => format!("<{from}> {text}"),
        Kind::NOTICE => format!("-{from}- {text}"),
        Kind::ACTION => format!("* {from} {text}"),
        kind if text.is_empty() => format!("-- {} {from}", kind.name()),
        kind => format!("-- {} {from}: {text}", kind.name()),
    };
    format!("{when} {told}")
}

/// How records are written.
struct Printer<'a> {
    out: &'a mut dyn Write,
    json: bool,
}

impl Printer<'_> {
    fn record(&mut self, entry: &Entry) -> io::Result<()> {
        let line = if self.json { json::line(&json::record(entry)) } else { line(entry) };
        writeln!(self.out, "{line}")
    }

    /// Something about the history itself, where it happened.
    fn note(&mut self, what: &str, value: u64, text: &str) -> io::Result<()> {
        if self.json {
            writeln!(self.out, "{}", json!({ what: value }))
        } else {
            writeln!(self.out, "== {text}")
        }
    }

    /// Says what is missing before these records.
    fn gap(&mut self, history: &History) -> io::Result<()> {
        if history.renewed {
            self.note("renewed", 1, "the room was opened anew")?;
        }
        if history.lost > 0 {
            let text = format!(
                "{} records were lost: they were overwritten before they could be read",
                history.lost
            );
            self.note("lost", history.lost, &text)?;
        }
        Ok(())
    }
}

/// `--history`.
pub(crate) fn history(
    room: &str,
    arguments: &Arguments,
    stage: &mut Stage<'_>,
) -> Result<Exit, crate::Ended> {
    let mut source = Source::new(arguments.place());
    let history =
        source.history(room, None).map_err(|error| missing(&error, room, arguments, stage.clock.now()))?;
    let mut printer = Printer { out: stage.out, json: arguments.json };
    for entry in newest(&history.records, arguments.last) {
        printer.record(entry)?;
    }
    Ok(Exit::Live)
}

fn newest(records: &[Entry], last: Option<usize>) -> &[Entry] {
    &records[records.len().saturating_sub(last.unwrap_or(usize::MAX))..]
}

fn named(error: &ReadError, room: &str) -> Failure {
    let mut failure = Failure::from(error.clone());
    if *error == ReadError::NoRoom {
        failure.text = format!("{}: {error}", clean(room));
    }
    failure
}

/// The same, with the room that may have been meant.
fn missing(error: &ReadError, room: &str, arguments: &Arguments, now: Now) -> Failure {
    let mut failure = named(error, room);
    let rooms = Source::new(arguments.place()).read(now).map_or(Vec::new(), |sample| sample.snapshot.rooms);
    let names = rooms.iter().map(|room| room.name.as_str()).collect();
    if let Some(near) = nearest(room, names).filter(|_| *error == ReadError::NoRoom) {
        failure.text.push_str(&format!("; did you mean {}?", clean(near)));
    }
    failure
}

/// `--follow`: the history, then new records as they come.
pub(crate) fn follow(room: &str, arguments: &Arguments, stage: &mut Stage<'_>) -> Result<Exit, crate::Ended> {
    let mut source = Source::new(arguments.place());
    let history =
        source.history(room, None).map_err(|error| missing(&error, room, arguments, stage.clock.now()))?;
    let mut printer = Printer { out: stage.out, json: arguments.json };
    for entry in newest(&history.records, arguments.last) {
        printer.record(entry)?;
    }
    let mut follower = Follower { cursor: history.cursor, left: arguments.count, state: None };
    loop {
        printer.out.flush()?;
        if follower.left == Some(0) {
            return Ok(Exit::Live);
        }
        stage.clock.pause(arguments.interval);
        follower.step(room, &mut source, stage.clock.now(), &mut printer, stage.err)?;
    }
}

struct Follower {
    cursor: Cursor,
    /// Records that are still to come.
    left: Option<u64>,
    /// What was last said about the server.
    state: Option<String>,
}

impl Follower {
    fn step(
        &mut self,
        room: &str,
        source: &mut Source,
        now: Now,
        printer: &mut Printer<'_>,
        err: &mut dyn Write,
    ) -> Result<(), crate::Ended> {
        let look = source.look(now);
        let read = source.history(room, Some(&self.cursor));
        let problem = match (&look, &read) {
            // The room may come back, with a later server or the next one who joins.
            (Ok(_), Err(ReadError::NoRoom)) => Some("the room is gone".to_owned()),
            (_, Err(error @ ReadError::Newer { .. } | error @ ReadError::Damaged(_))) => {
                return Err(named(error, room).into());
            }
            (_, Err(error)) => Some(error.to_string()),
            (Ok(Liveness::Dead { .. }), _) => Some("the server is dead; waiting for the next one".to_owned()),
            (Ok(Liveness::Stopped), _) => Some("the server was stopped; waiting for the next one".to_owned()),
            (Ok(Liveness::Stale { .. }), _) => Some("the server is stale".to_owned()),
            (Ok(_), Ok(_)) => None,
            (Err(error), _) => Some(error.to_string()),
        };
        if let Ok(history) = read {
            printer.gap(&history)?;
            for entry in &history.records {
                if self.left == Some(0) {
                    break;
                }
                printer.record(entry)?;
                self.left = self.left.map(|left| left - 1);
            }
            self.cursor = history.cursor;
        }
        self.tell(problem, err)
    }

    /// Says once how the server is, if that has changed.
    fn tell(&mut self, problem: Option<String>, err: &mut dyn Write) -> Result<(), crate::Ended> {
        if problem == self.state {
            return Ok(());
        }
        let text = problem.as_deref().unwrap_or("the room and its server are back");
        writeln!(err, "parlorstat: {}", clean(text))?;
        self.state = problem;
        Ok(())
    }
}
