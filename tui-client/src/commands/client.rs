//! Commands about the client itself.

use wire::Mask;

use super::{TABLE, find, usage};
use crate::buffer::Tone;
use crate::config::Value;
use crate::model::Model;

/// Lines that `/lastlog` shows, the latest.
const LASTLOG_MAX: usize = 200;

pub(super) fn buffer(model: &mut Model, wanted: &str) -> Result<(), String> {
    let by_number = wanted.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    let folded = model.session.fold(wanted);
    let by_name = || {
        let name = |index: usize| model.session.fold(&model.buffers[index].name);
        let places = 0..model.buffers.len();
        let exact = places.clone().find(|index| name(*index) == folded);
        exact.or_else(|| places.clone().find(|index| name(*index).as_str().contains(folded.as_str())))
    };
    let index = by_number.filter(|index| *index < model.buffers.len()).or_else(by_name);
    match index {
        Some(index) if !wanted.is_empty() => {
            model.show(index);
            Ok(())
        }
        _ => Err(format!("No such buffer. {}", usage("buffer"))),
    }
}

pub(super) fn clear(model: &mut Model, _: &str) -> Result<(), String> {
    model.buffer_mut().clear();
    Ok(())
}

pub(super) fn help(model: &mut Model, name: &str) -> Result<(), String> {
    let explain = |row: &super::Command| {
        let aliases = row.aliases.iter().map(|alias| format!(", /{alias}")).collect::<String>();
        format!("/{}{aliases} {} — {}", row.name, row.usage, row.help)
    };
    if !name.is_empty() {
        let row = find(name.trim_start_matches('/'))?;
        model.tell(Tone::Info, &explain(row));
        return Ok(());
    }
    for row in TABLE {
        model.tell(Tone::Info, &explain(row));
    }
    model.tell(Tone::Info, "The beginning of a name is enough. //text says /text. F1 explains the keys.");
    Ok(())
}

pub(super) fn ignore(model: &mut Model, mask: &str) -> Result<(), String> {
    if mask.is_empty() {
        let masks: Vec<&str> = model.ignored.iter().map(Mask::as_str).collect();
        let text = if masks.is_empty() {
            "Nobody is ignored.".to_owned()
        } else {
            format!("Ignored: {}", masks.join(" "))
        };
        model.tell(Tone::Info, &text);
        return Ok(());
    }
    let mask = Mask::complete(super::first_word(mask).0);
    if !model.ignored.contains(&mask) {
        let mut masks: Vec<String> = model.settings.ignore.clone();
        masks.push(mask.as_str().to_owned());
        model
            .choose("ignore", Value::Texts(masks))
            .map_err(|_| "There are too many masks; /unignore some.")?;
    }
    model.tell(
        Tone::Info,
        &format!("What {mask} says is hidden from now on; Alt+= shows it, /save keeps this."),
    );
    Ok(())
}

pub(super) fn unignore(model: &mut Model, mask: &str) -> Result<(), String> {
    if mask.is_empty() {
        return Err(usage("unignore"));
    }
    let mask = Mask::complete(super::first_word(mask).0);
    if !model.ignored.contains(&mask) {
        return Err(format!("{mask} is not ignored."));
    }
    let left = model.settings.ignore.iter().filter(|ignored| Mask::complete(ignored) != mask);
    let left = Value::Texts(left.cloned().collect());
    model.choose("ignore", left)?;
    model.tell(Tone::Info, &format!("What {mask} says is shown again."));
    Ok(())
}

pub(super) fn lastlog(model: &mut Model, text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Err(usage("lastlog"));
    }
    let (wanted, hidden_too) = (text.to_lowercase(), model.hidden_too);
    let mut found: Vec<String> = Vec::new();
    for line in model.buffer().lines().rev().filter(|line| line.is_speech() && line.is_seen(hidden_too)) {
        if found.len() < LASTLOG_MAX && crate::format::plain(&line.text).to_lowercase().contains(&wanted) {
            found.push(format!("{} <{}> {}", model.zone.date_and_clock(line.at), line.nick, line.text));
        }
    }
    model.tell(Tone::Info, &format!("{} lines with “{text}”:", found.len()));
    for line in found.iter().rev() {
        model.tell(Tone::Info, line);
    }
    Ok(())
}
