//! What a person says: cut into lines, shown, sent or kept, and confirmed.

use std::fmt;

use wire::{Encoder, LINE_BYTES_MAX};

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
/// The shortest piece a text is cut into, however long names and hosts are.
const PIECE_BYTES_MIN: usize = 64;

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
        Kind::Server => return Err(Refused::Nobody),
        Kind::Room | Kind::Query => {}
    }
    let outside = buffer.kind == Kind::Room && model.online() && model.session.room(&name).is_none();
    if outside && !model.wants_room(&name) {
        return Err(Refused::Outside(name));
    }
    let heard_now = model.online() && !outside;
    let pieces = cut(model, &name, said, text);
    if pieces.is_empty() {
        return Err(Refused::Empty);
    }
    if pieces.len() > UNASKED_LINES_MAX && long == Long::Refused {
        return Err(Refused::Long(pieces.len()));
    }
    if !heard_now && model.kept.len() + pieces.len() > KEPT_MAX {
        return Err(Refused::Full);
    }
    for piece in pieces {
        let seq = show(model, index, said, &piece);
        if heard_now {
            hand_over(model, id, seq, said, &piece);
        } else {
            model.mark(id, seq, if outside { State::Entering } else { State::Offline });
            let at = model.now;
            model.kept.push(Kept { buffer: id, seq, said, text: piece, at });
        }
    }
    let buffer = &mut model.buffers[index];
    (buffer.anchor, buffer.below) = (None, 0);
    Ok(())
}

/// The lines that a text becomes, as long as the server passes them on uncut.
fn cut(model: &Model, target: &str, said: Said, text: &str) -> Vec<String> {
    let line_bytes_max =
        model.session.isupport().number("LINELEN").unwrap_or(LINE_BYTES_MAX).min(LINE_BYTES_MAX);
    let around = "PRIVMSG  :\r\n".len() + target.len() + model.session.prefix_bytes();
    let marks = if said == Said::Action { "\u{1}ACTION \u{1}".len() } else { 0 };
    let bytes_max = line_bytes_max.saturating_sub(around + marks).max(PIECE_BYTES_MIN);
    crate::text::pieces(&text.replace('\0', ""), bytes_max).into_iter().map(str::to_owned).collect()
}

fn show(model: &mut Model, index: usize, said: Said, text: &str) -> u64 {
    let tone = match said {
        Said::Action => Tone::Action,
        Said::Notice => Tone::Notice,
        Said::Message | Said::Ctcp => Tone::Message,
    };
    let nick = model.session.nick().to_owned();
    let addressed = text.split([':', ',', ' ']).next().unwrap_or("").to_owned();
    let buffer = &mut model.buffers[index];
    if buffer.talkers.contains(&addressed) {
        buffer.spoke(&addressed, true);
    }
    model.push(index, Line { own: true, ..Line::new(model.now, tone, &nick, text) })
}

/// Gives a line to the connection. Where the server echoes, it counts as sent when it comes back.
fn hand_over(model: &mut Model, buffer: BufferId, seq: u64, said: Said, text: &str) {
    let Some(index) = model.position(buffer) else { return };
    let target = model.buffers[index].name.clone();
    let mut line = Encoder::new();
    let mut state = State::Plain;
    if model.session.has_cap("echo-message") {
        let label = model.next_label();
        if model.session.has_cap("labeled-response") {
            line = line.tag("label", &label.to_string());
        }
        state = State::Pending(label);
        model.pending.push_back(Pending { label, buffer, seq, text: text.to_owned() });
        if model.pending.len() > PENDING_MAX
            && let Some(oldest) = model.pending.pop_front()
        {
            model.mark(oldest.buffer, oldest.seq, State::Plain);
        }
    }
    model.mark(buffer, seq, state);
    let (verb, text) = match said {
        Said::Action => ("PRIVMSG", format!("\u{1}ACTION {text}\u{1}")),
        Said::Notice => ("NOTICE", text.to_owned()),
        Said::Message | Said::Ctcp => ("PRIVMSG", text.to_owned()),
    };
    model.send(line.verb(verb).param(&target).trailing(&text).end());
}

/// Our own words have come back: finds the line that was waiting for them.
pub(crate) fn confirmed(model: &mut Model, label: Option<&str>, target: &str, text: &str, id: u64) -> bool {
    let place = match label.and_then(|label| label.parse::<u32>().ok()) {
        Some(label) => model.pending.iter().position(|pending| pending.label == label),
        None => {
            let there = model.find(target).map(|index| model.buffers[index].id);
            model.pending.iter().position(|pending| Some(pending.buffer) == there && pending.text == text)
        }
    };
    let Some(pending) = place.and_then(|place| model.pending.remove(place)) else { return false };
    model.mark(pending.buffer, pending.seq, State::Plain);
    if let Some(index) = model.position(pending.buffer)
        && let Some(line) = model.buffers[index].line_mut(pending.seq)
    {
        line.id = id;
    }
    true
}

/// Whether a message that is played back stands here already. One of ours that was in doubt is so no more.
pub(crate) fn known(model: &mut Model, index: usize, id: u64, own_text: Option<&str>) -> bool {
    let buffer = &mut model.buffers[index];
    if id != 0 && buffer.recent_mut(|line| line.id == id).is_some() {
        return true;
    }
    let Some(text) = own_text.map(crate::text::clean) else { return false };
    let Some(line) = buffer.recent_mut(|line| line.state == State::Lost && *line.text == *text) else {
        return false;
    };
    (line.state, line.id) = (State::Plain, id);
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
    if let Some(pending) = place.and_then(|place| model.pending.remove(place)) {
        model.mark(pending.buffer, pending.seq, State::Refused);
    }
}

/// The connection is gone: what was on its way may or may not have arrived.
pub(crate) fn doubt_pending(model: &mut Model) {
    for pending in std::mem::take(&mut model.pending) {
        model.mark(pending.buffer, pending.seq, State::Lost);
    }
}

/// Sends what was kept for places where we can talk again, or asks if it is much or old.
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
            model.question = Some(Question::Kept { buffer: id, count });
            return;
        }
        send_kept(model, id);
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
        hand_over(model, id, kept.seq, kept.said, &kept.text);
    }
}

fn reachable(model: &Model, index: usize) -> bool {
    let buffer = &model.buffers[index];
    match buffer.kind {
        Kind::Room => model.session.room(&buffer.name).is_some_and(|room| room.synced),
        Kind::Query => true,
        Kind::Server => false,
    }
}
