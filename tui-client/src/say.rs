//! What a person says: cut into lines, shown, sent or kept, and confirmed.

mod multiline;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::fmt;

use wire::{Encoder, Timestamp};

use crate::buffer::{BufferId, Kind, Line, State, Tone};
use crate::model::{Kept, Model, Pending, Question};
use crate::session::Said;

/// So many lines are said without asking.
pub(crate) const UNASKED_LINES_MAX: usize = 5;
/// Lines kept while there is no connection; more are refused and stay in the input.
const KEPT_MAX: usize = 200;
/// Lines that wait for their echo; of more the oldest is taken as confirmed, so that a silent server costs no memory.
const PENDING_MAX: usize = 1000;
/// What was kept for longer than this is not sent without asking.
const KEPT_UNASKED_MS: u64 = 10 * 60_000;

/// Why nothing was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The server's buffer is nobody to talk to.
    Nobody,
    /// We are not in the room.
    Outside(String),
    /// Nothing but blanks.
    Empty,
    /// It would be so many lines.
    Long(usize),
    /// Too much is kept already.
    Full,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nobody => {
                f.write_str("Nobody hears you here: /join a #room or /query a nick. Nothing was sent.")
            }
            Self::Outside(room) => write!(f, "You are not in {room}; /join it first. Nothing was sent."),
            Self::Empty => f.write_str("There is nothing to say."),
            Self::Long(lines) => write!(f, "That would be {lines} lines; nothing was sent."),
            Self::Full => f.write_str("Too much is waiting for a connection already; nothing was kept."),
        }
    }
}

/// Whether a long text may be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Long {
    /// The person has agreed.
    Sent,
    /// It is refused.
    Refused,
}

/// Says something in a buffer.
///
/// # Errors
/// Why nothing was said; then nothing has changed.
pub(crate) fn say(
    model: &mut Model,
    index: usize,
    said: Said,
    text: &str,
    long: Long,
) -> Result<(), Refused> {
    let buffer = &model.buffers[index];
    let (id, name) = (buffer.id, buffer.name.clone());
    match buffer.kind {
        Kind::Server | Kind::List => return Err(Refused::Nobody),
        Kind::Room | Kind::Query => {}
    }
    let outside = buffer.kind == Kind::Room && model.online() && model.session.room(&name).is_none();
    if outside && !model.wants_room(&name) {
        return Err(Refused::Outside(name));
    }
    let heard_now = model.online() && !outside;
    let answers = model.answering.take().unwrap_or_default();
    let whole = if heard_now && said == Said::Message { multiline::of(model, text) } else { None };
    let pieces = match &whole {
        Some(whole) => whole.lines.clone(),
        None => cut(model, &name, said, text),
    };
    if pieces.is_empty() {
        return Err(Refused::Empty);
    }
    if pieces.len() > UNASKED_LINES_MAX && long == Long::Refused {
        return Err(Refused::Long(pieces.len()));
    }
    if !heard_now && model.kept.len() + pieces.len() > KEPT_MAX {
        return Err(Refused::Full);
    }
    let mut seqs = Vec::new();
    for piece in &pieces {
        let seq = show(model, index, said, piece, &answers);
        seqs.push(seq);
        let answers = answers.clone();
        if !heard_now {
            model.mark(id, seq, if outside { State::Entering } else { State::Offline });
            let at = model.now;
            model.kept.push(Kept { buffer: id, seq, said, text: piece.clone(), answers, at });
        } else if whole.is_none() {
            hand_over(model, id, seq, &Words { said, text: piece, answers: &answers });
        }
    }
    if let Some(whole) = whole {
        multiline::hand_over(model, id, &seqs, &whole, &answers);
    }
    model.typists.has_spoken();
    let buffer = &mut model.buffers[index];
    (buffer.anchor, buffer.below) = (None, 0);
    if index == model.current {
        model.seen();
    }
    Ok(())
}

/// The lines that a text becomes, as long as the server passes them on uncut.
fn cut(model: &Model, target: &str, said: Said, text: &str) -> Vec<String> {
    let bytes_max = model.piece_bytes_max(target, said);
    crate::text::pieces(&text.replace('\0', ""), bytes_max).into_iter().map(str::to_owned).collect()
}

/// What is handed over as one line.
struct Words<'a> {
    said: Said,
    text: &'a str,
    /// The id of the message that it answers, empty if it answers none.
    answers: &'a str,
}

fn show(model: &mut Model, index: usize, said: Said, text: &str, answers: &str) -> u64 {
    let tone = match said {
        Said::Action => Tone::Action,
        Said::Notice => Tone::Notice,
        Said::Message | Said::Ctcp => Tone::Message,
    };
    let nick = model.session.nick().to_owned();
    let addressed = text.split([':', ',', ' ']).next().unwrap_or("").to_owned();
    let more = model.quoted(index, Some(answers));
    let buffer = &mut model.buffers[index];
    if buffer.talkers.contains(&addressed) {
        buffer.spoke(&addressed, true);
    }
    model.push(index, Line { own: true, more, ..Line::new(model.now, tone, &nick, text) })
}

/// Gives a line to the connection. Where the server echoes, it counts as sent when it comes back.
fn hand_over(model: &mut Model, buffer: BufferId, seq: u64, words: &Words<'_>) {
    let Some(index) = model.position(buffer) else { return };
    let target = model.buffers[index].name.clone();
    let label = awaited(model, buffer, &[(seq, words.text)]);
    let mut line = Encoder::new();
    if let Some(label) = label.filter(|_| model.session.has_cap("labeled-response")) {
        line = line.tag("label", &label.to_string());
    }
    if !words.answers.is_empty() && model.session.has_cap("message-tags") {
        line = line.tag("+draft/reply", words.answers);
    }
    let (verb, text) = match words.said {
        Said::Action => ("PRIVMSG", format!("\u{1}ACTION {}\u{1}", words.text)),
        Said::Notice => ("NOTICE", words.text.to_owned()),
        Said::Message | Said::Ctcp => ("PRIVMSG", words.text.to_owned()),
    };
    model.send(line.verb(verb).param(&target).trailing(&text).end());
}

/// Lines that are sent together are shown as sent at once, or wait for their echo, which comes with the label.
fn awaited(model: &mut Model, buffer: BufferId, lines: &[(u64, &str)]) -> Option<u32> {
    if !model.session.has_cap("echo-message") {
        lines.iter().for_each(|(seq, _)| model.mark(buffer, *seq, State::Plain));
        return None;
    }
    let label = model.next_label();
    for (seq, text) in lines {
        model.pending.push_back(Pending { label, buffer, seq: *seq, text: (*text).to_owned() });
        if model.pending.len() > PENDING_MAX
            && let Some(oldest) = model.pending.pop_front()
        {
            model.mark(oldest.buffer, oldest.seq, State::Plain);
        }
        model.mark(buffer, *seq, State::Pending);
    }
    Some(label)
}

/// Our own words have come back: finds the line that was waiting for them.
pub(crate) fn confirmed(
    model: &mut Model,
    label: Option<&str>,
    target: &str,
    text: &str,
    id: &str,
    at: Option<Timestamp>,
) -> bool {
    let place = match label.and_then(|label| label.parse::<u32>().ok()) {
        Some(label) => model.pending.iter().position(|pending| pending.label == label),
        None => {
            let there = model.find(target).map(|index| model.buffers[index].id);
            model.pending.iter().position(|pending| Some(pending.buffer) == there && pending.text == text)
        }
    };
    let Some(pending) = place.and_then(|place| model.pending.remove(place)) else { return false };
    if let Some(index) = model.position(pending.buffer) {
        let buffer = &mut model.buffers[index];
        buffer.past.until = buffer.past.until.max(at);
        if let Some(line) = buffer.line_mut(pending.seq) {
            line.id = id.into();
        }
    }
    model.mark(pending.buffer, pending.seq, State::Plain);
    true
}

/// Whether a message that is played back stands here already: by its id, or by when, who and what where there is
/// none. Our own words may stand here without the id that they got; they were said about then.
pub(crate) fn known(model: &mut Model, index: usize, played: &Line) -> bool {
    let buffer = &mut model.buffers[index];
    let same_words = |line: &Line| line.tone == played.tone && *line.text == *played.text;
    if !played.id.is_empty() {
        let same = |line: &Line| line.id == played.id;
        if buffer.around(played.at, same).is_some() || buffer.recent(same).is_some() {
            return true;
        }
    } else {
        let same = |line: &Line| line.at == played.at && line.nick == played.nick && same_words(line);
        if buffer.around(played.at, same).is_some() {
            return true;
        }
    }
    if !played.own {
        return false;
    }
    let unnamed = |line: &Line| line.own && line.id.is_empty() && same_words(line);
    let in_doubt = |line: &Line| line.state == State::Lost && same_words(line);
    let seq = buffer.around(played.at, unnamed).or_else(|| buffer.recent(in_doubt).map(|(seq, _)| seq));
    let Some(line) = seq.and_then(|seq| buffer.line_mut(seq)) else { return false };
    (line.state, line.id) = (State::Plain, played.id.clone());
    let line = line.clone();
    let id = buffer.id;
    model.keep(index, &line);
    model.pending.retain(|pending| pending.buffer != id || Some(pending.seq) != seq);
    true
}

/// The server has refused what a label, or else the oldest waiting line of a room, stands for.
pub(crate) fn refused(model: &mut Model, label: Option<&str>, target: &str) {
    let place = match label.and_then(|label| label.parse::<u32>().ok()) {
        Some(label) => model.pending.iter().position(|pending| pending.label == label),
        None => {
            let there = model.find(target).map(|index| model.buffers[index].id);
            model.pending.iter().position(|pending| Some(pending.buffer) == there)
        }
    };
    let Some(pending) = place.and_then(|place| model.pending.remove(place)) else { return };
    model.mark(pending.buffer, pending.seq, State::Refused);
    // The other lines of a message of several lines went with it.
    if label.is_some() {
        let (gone, rest) =
            std::mem::take(&mut model.pending).into_iter().partition(|other| other.label == pending.label);
        model.pending = rest;
        let gone: VecDeque<Pending> = gone;
        gone.iter().for_each(|pending| model.mark(pending.buffer, pending.seq, State::Refused));
    }
}

/// Sends once more what did not arrive in the buffer that is shown. How many lines that were.
pub(crate) fn retry(model: &mut Model) -> usize {
    let id = model.buffer().id;
    let kept = model.kept.iter().filter(|kept| kept.buffer == id).count();
    if !model.online() || !reachable(model, model.current) {
        return 0;
    }
    send_kept(model, id);
    // What still counts as typed offline is what one did not want to have sent when one was asked.
    let unsent = |state| matches!(state, State::Lost | State::Refused | State::Offline | State::Entering);
    let failed: Vec<(u64, Tone, String)> = model
        .buffer()
        .numbered()
        .filter(|(_, line)| line.own && unsent(line.state))
        .map(|(seq, line)| (seq, line.tone, line.text.to_string()))
        .collect();
    for (seq, tone, text) in &failed {
        let said = match tone {
            Tone::Action => Said::Action,
            Tone::Notice => Said::Notice,
            _ => Said::Message,
        };
        hand_over(model, id, *seq, &Words { said, text, answers: "" });
    }
    kept + failed.len()
}

/// The connection is gone: what was on its way may or may not have arrived.
pub(crate) fn doubt_pending(model: &mut Model) {
    for pending in std::mem::take(&mut model.pending) {
        model.mark(pending.buffer, pending.seq, State::Lost);
    }
}

/// Sends what was kept for places where we can talk again, or asks if it is much or old; not while something is being
/// typed.
pub(crate) fn offer_kept(model: &mut Model) {
    if !model.online() || model.question.is_some() {
        return;
    }
    let mut asked: Vec<BufferId> = Vec::new();
    while let Some(id) =
        model.kept.iter().map(|kept| kept.buffer).find(|id| {
            !asked.contains(id) && model.position(*id).is_some_and(|index| reachable(model, index))
        })
    {
        let kept = model.kept.iter().filter(|kept| kept.buffer == id);
        let (count, oldest) =
            kept.fold((0, model.now), |(count, oldest), kept| (count + 1, oldest.min(kept.at)));
        if count > UNASKED_LINES_MAX || model.now.0 - oldest.0 > KEPT_UNASKED_MS {
            if !model.has_begun_typing() {
                model.question = Some(Question::Kept { buffer: id, count });
                return;
            }
        } else {
            send_kept(model, id);
        }
        asked.push(id);
    }
}

/// A room will not be entered: what was kept for it is not sent any more.
pub(crate) fn refuse_kept(model: &mut Model, room: &str) {
    let Some(id) = model.find(room).map(|index| model.buffers[index].id) else { return };
    for kept in std::mem::take(&mut model.kept) {
        if kept.buffer == id {
            model.mark(id, kept.seq, State::Refused);
        } else {
            model.kept.push(kept);
        }
    }
}

/// Sends what was kept for a buffer.
pub(crate) fn send_kept(model: &mut Model, id: BufferId) {
    let (now, rest) = std::mem::take(&mut model.kept).into_iter().partition(|kept| kept.buffer == id);
    model.kept = rest;
    let now: Vec<Kept> = now;
    for kept in now {
        let words = Words { said: kept.said, text: &kept.text, answers: &kept.answers };
        hand_over(model, id, kept.seq, &words);
    }
}

fn reachable(model: &Model, index: usize) -> bool {
    let buffer = &model.buffers[index];
    match buffer.kind {
        Kind::Room => model.session.room(&buffer.name).is_some_and(|room| room.synced),
        Kind::Query => true,
        Kind::Server | Kind::List => false,
    }
}
