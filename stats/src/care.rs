//! The objects themselves: what `ipcs` and `ipcrm` do, but only for Parlor's objects and not under a living server.

use segment::{Force, Found, Key, Liveness, ReadError, Reader};
use serde_json::{Value as Json, json};

use crate::args::{Arguments, Care, List, Remove};
use crate::exit::{Exit, Failure};
use crate::once::{Cell, table};
use crate::text::{bytes, clean, length};
use crate::{Ended, Stage};

/// `list`, `remove` and `reset-guard`.
pub(crate) fn care(care: &Care, arguments: &Arguments, stage: &mut Stage<'_>) -> Result<Exit, Ended> {
    match care {
        Care::List(options) => list(options, stage),
        Care::Remove(options) => {
            let key = arguments.segment_key;
            segment::remove(key, force(options)).map_err(Failure::from)?;
            writeln!(stage.out, "removed the segment {key} and its semaphores")?;
            Ok(Exit::Live)
        }
        Care::ResetGuard(options) => {
            let key = guard_key(arguments);
            segment::reset_guard(key, force(options)).map_err(Failure::from)?;
            writeln!(stage.out, "the guard of the semaphores {key} is free")?;
            Ok(Exit::Live)
        }
    }
}

fn force(options: &Remove) -> Force {
    if options.force { Force::Yes } else { Force::No }
}

/// The semaphores that are meant: those that are named, those of the segment, or the usual ones.
fn guard_key(arguments: &Arguments) -> Key {
    let named = || Reader::open(arguments.segment_key, None).ok().map(|reader| reader.semaphore_key());
    arguments.semaphore_key.or_else(named).unwrap_or(Key::SEMAPHORES)
}

fn list(options: &List, stage: &mut Stage<'_>) -> Result<Exit, Ended> {
    let failed = |error| Failure { exit: Exit::Failed, text: format!("cannot list the segments: {error}") };
    let found = segment::list(stage.clock.now()).map_err(failed)?;
    if options.json {
        let document: Vec<Json> = found.iter().map(described).collect();
        writeln!(stage.out, "{}", crate::json::pretty(&document.into()))?;
    } else if found.is_empty() {
        writeln!(stage.err, "parlorstat: there are no Parlor segments")?;
    } else {
        let titles = ["key", "id", "uid", "mode", "size", "attached", "pid"];
        let mut titles: Vec<Cell> = titles.map(|title| Cell::Right(title.to_owned())).into();
        titles.push(Cell::Last("state".to_owned()));
        let mut rows = vec![titles];
        rows.extend(found.iter().map(row));
        let mut page = String::new();
        table(&mut page, &rows);
        write!(stage.out, "{page}")?;
    }
    Ok(if found.is_empty() { Exit::Nothing } else { Exit::Live })
}

fn row(found: &Found) -> Vec<Cell> {
    let numbers = [
        found.key.to_string(),
        found.id.to_string(),
        found.uid.to_string(),
        format!("{:04o}", found.mode),
        bytes(found.bytes),
        found.attached.to_string(),
        found.pid.to_string(),
    ];
    let mut row: Vec<Cell> = numbers.map(Cell::Right).into();
    row.push(Cell::Last(clean(&state(&found.state))));
    row
}

fn described(found: &Found) -> Json {
    json!({
        "key": found.key.to_string(),
        "id": found.id,
        "uid": found.uid,
        "mode": format!("{:04o}", found.mode),
        "bytes": found.bytes,
        "attached": found.attached,
        "pid": found.pid,
        "state": state(&found.state),
    })
}

fn state(state: &Result<Liveness, ReadError>) -> String {
    match state {
        Ok(Liveness::Live | Liveness::Restarted { .. }) => "live".to_owned(),
        Ok(Liveness::Stale { silent }) => format!("stale, silent for {}", length(*silent)),
        Ok(Liveness::Dead { silent }) => format!("dead, gone for {}", length(*silent)),
        Ok(Liveness::Stopped) => "stopped".to_owned(),
        Ok(Liveness::Retired) => "retired, still attached by somebody".to_owned(),
        Err(error) => error.to_string(),
    }
}
