//! Commands about what was said already, and about who and what one is told of.

use wire::{Encoder, sendable_text};

use super::{first_word, usage};
use crate::buffer::{Kind, Line, State, Tone};
use crate::model::Model;
use crate::say::{Long, say};
use crate::session::Said;

/// Nicks that can be watched; more are refused.
const WATCHED_MAX: usize = 100;

/// The latest message here that somebody said, or that contains some words, with the id that the server gave it.
fn meant(model: &Model, words: &str, is_so: impl Fn(&Line) -> bool) -> Option<u64> {
    let wanted = words.to_lowercase();
    let nick = model.session.fold(words.trim_end_matches([':', ',']));
    let fits = |line: &Line| {
        wanted.is_empty()
            || model.session.fold(&line.nick) == nick
            || crate::format::plain(&line.text).to_lowercase().contains(&wanted)
    };
    let able = |line: &&Line| !line.id.is_empty() && line.state == State::Plain && line.is_to_read();
    let mut lines = model.buffer().numbered().rev();
    lines.find(|(_, line)| able(line) && is_so(line) && fits(line)).map(|(seq, _)| seq)
}

fn needs(model: &Model, capability: &str, what: &str) -> Result<(), String> {
    let talk = matches!(model.buffer().kind, Kind::Room | Kind::Query);
    match model.session.has_cap(capability) {
        _ if !talk => Err("There are no messages here. Nothing was sent.".to_owned()),
        true => Ok(()),
        false => Err(format!("This server knows no {what}. Nothing was sent.")),
    }
}

const NOT_FOUND: &str = "There is no such message here. Nothing was sent.";

pub(super) fn react(model: &mut Model, args: &str) -> Result<(), String> {
    let (mark, words) = first_word(args);
    if mark.is_empty() {
        return Err(usage("react"));
    }
    needs(model, "message-tags", "reactions")?;
    if !model.may_send_tag("draft/react") || !model.may_send_tag("draft/reply") {
        return Err("This server passes no reactions on. Nothing was sent.".to_owned());
    }
    let seq = meant(model, words, |line| !words.is_empty() || !line.own).ok_or(NOT_FOUND)?;
    let Some(line) = model.buffer().line(seq) else { return Err(NOT_FOUND.to_owned()) };
    let (id, nick, name) = (line.id.clone(), model.session.nick(), model.buffer().name.clone());
    let marks = line.more.iter().flat_map(|more| &more.marks);
    let set =
        marks.into_iter().any(|(known, nicks)| **known == *mark && nicks.iter().any(|by| **by == *nick));
    let tag = if set { "+draft/unreact" } else { "+draft/react" };
    let nick = nick.to_owned();
    model.send(Encoder::new().tag("+draft/reply", &id).tag(tag, mark).verb("TAGMSG").param(&name).end());
    if !model.session.has_cap("echo-message") {
        model.reacted(&nick, &name, &id, mark, !set);
    }
    Ok(())
}

pub(super) fn reply(model: &mut Model, args: &str) -> Result<(), String> {
    let (first, rest) = first_word(args);
    let nick = first.strip_suffix([':', ',']).filter(|_| !rest.is_empty());
    let named = nick.and_then(|nick| meant(model, nick, |line| !line.own));
    if args.is_empty() {
        return Err(usage("reply"));
    }
    let seq = named.or_else(|| meant(model, "", |line| !line.own)).ok_or(NOT_FOUND)?;
    let line = model.buffer().line(seq).ok_or(NOT_FOUND)?;
    // Those whose clients show no replies see by the nick who is meant.
    let addressed = format!("{}: ", line.nick);
    let (id, room) = (line.id.clone(), model.buffer().kind == Kind::Room);
    let text = match named {
        _ if !room => args.to_owned(),
        Some(_) => args.to_owned(),
        None => addressed + args,
    };
    model.answering = Some(id).filter(|_| model.may_send_tag("draft/reply"));
    let said = say(model, model.current, Said::Message, &text, Long::Refused);
    model.answering = None;
    said.map_err(|refused| refused.to_string())
}

pub(super) fn redact(model: &mut Model, args: &str) -> Result<(), String> {
    needs(model, "draft/message-redaction", "taking back")?;
    let (words, reason) = match args.split_once("--") {
        Some((words, reason)) => (words.trim(), reason.trim()),
        None => (args, ""),
    };
    let seq = meant(model, words, |line| !words.is_empty() || line.own).ok_or(NOT_FOUND)?;
    let line = model.buffer().line(seq).ok_or(NOT_FOUND)?;
    let redact = Encoder::new().verb("REDACT").param(&model.buffer().name).param(&line.id);
    model.ask(match reason {
        "" => redact.end(),
        reason => redact.trailing(sendable_text(reason)).end(),
    });
    Ok(())
}

pub(super) fn mute(model: &mut Model, _: &str) -> Result<(), String> {
    let buffer = model.buffer_mut();
    buffer.muted = !buffer.muted;
    let text = match buffer.muted {
        true => "You are told of nothing in this buffer any more; /mute again ends that.",
        false => "You are told again of what happens in this buffer.",
    };
    model.tell(Tone::Info, text);
    Ok(())
}

pub(super) fn notify(model: &mut Model, nick: &str) -> Result<(), String> {
    let (nick, rest) = first_word(nick);
    if !rest.is_empty() {
        return Err(usage("notify"));
    }
    if nick.is_empty() {
        let state = |(nick, here): (&String, &Option<bool>)| match here {
            Some(true) => format!("{nick} (here)"),
            Some(false) => format!("{nick} (not here)"),
            None => nick.clone(),
        };
        let list: Vec<String> = model.watched.iter().map(state).collect();
        let text = match list[..] {
            [] => "You watch nobody; /notify nick begins to.".to_owned(),
            _ => format!("You watch {}.", list.join(", ")),
        };
        model.tell(Tone::Info, &text);
        return Ok(());
    }
    let known = model.watched.keys().find(|known| model.session.same(known, nick)).cloned();
    if let Some(known) = known {
        model.watched.remove(&known);
        model.monitor('-', &[known]);
        model.tell(Tone::Info, &format!("You are not told any more when {nick} comes and goes."));
        return Ok(());
    }
    if model.watched.len() >= WATCHED_MAX {
        return Err("You watch too many already.".to_owned());
    }
    model.watched.insert(nick.to_owned(), None);
    model.monitor('+', &[nick.to_owned()]);
    let offered = !model.online() || model.session.isupport().get("MONITOR").is_some();
    model.tell(
        Tone::Info,
        &match offered {
            true => format!("You are told when {nick} comes and goes."),
            false => format!(
                "You are told when {nick} comes and goes, where a server tells that; this one does not."
            ),
        },
    );
    Ok(())
}

pub(super) fn stats(model: &mut Model, letter: &str) -> Result<(), String> {
    let line = Encoder::new().verb("STATS");
    model.ask(if letter.is_empty() { line.end() } else { line.param(first_word(letter).0).end() });
    Ok(())
}
