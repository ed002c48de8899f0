//! What is added to what was said: marks, retractions, how far it was read; and who is typing.

#[cfg(test)]
mod tests;

use wire::{Encoder, Timestamp};

use crate::buffer::{BufferId, Kind, More, State};
use crate::model::Model;
use crate::session::Typing;
use crate::store::Record;
use crate::text::{clean, head};

/// Different marks on one line; further ones are not shown.
const MARKS_MAX: usize = 20;
/// Those who put the same mark to a line; further ones are not counted.
const MARKERS_MAX: usize = 200;
/// The longest mark, in bytes; the rest is cut off.
const MARK_BYTES_MAX: usize = 64;
/// So much of what is answered is shown with the answer, in bytes.
const QUOTE_BYTES_MAX: usize = 40;

impl Model {
    /// The place where a message to a target from somebody is read.
    fn read_in(&self, nick: &str, target: &str) -> Option<usize> {
        let mine = self.session.is_me(target);
        self.find(if mine { nick } else { target })
    }

    /// Somebody has put a mark to a line, or taken it away.
    pub(crate) fn reacted(&mut self, nick: &str, target: &str, to: &str, mark: &str, added: bool) {
        let Some(index) = self.read_in(nick, target) else { return };
        let (id, by) = (to.to_owned(), clean(nick));
        self.keep_record(index, &Record::Marked { id, nick: by, mark: clean(mark), added });
        self.put_mark(index, nick, to, mark, added);
    }

    /// Puts a mark to a line, or takes it away.
    pub(crate) fn put_mark(&mut self, index: usize, nick: &str, to: &str, mark: &str, added: bool) {
        let buffer = &mut self.buffers[index];
        let Some(line) = buffer.with_id(to).and_then(|seq| buffer.line_mut(seq)) else { return };
        let (mark, nick) = (clean(mark), clean(nick));
        let mark = head(&mark, MARK_BYTES_MAX);
        let marks = &mut line.more.get_or_insert_default().marks;
        let place = marks.iter().position(|(known, _)| **known == *mark);
        match (place, added) {
            (Some(place), _) => {
                let nicks = &mut marks[place].1;
                nicks.retain(|known| **known != *nick);
                if added && nicks.len() < MARKERS_MAX {
                    nicks.push(nick.into());
                }
                if nicks.is_empty() {
                    marks.remove(place);
                }
            }
            (None, true) if marks.len() < MARKS_MAX => marks.push((mark.into(), vec![nick.into()])),
            (None, _) => {}
        }
        if line.more.as_deref() == Some(&More::default()) {
            line.more = None;
        }
    }

    /// Somebody has taken a message back.
    pub(super) fn redacted(&mut self, by: &str, target: &str, id: &str, reason: &str) {
        let Some(index) = self.read_in(by, target) else { return };
        let buffer = &mut self.buffers[index];
        let Some(line) = buffer.with_id(id).and_then(|seq| buffer.line_mut(seq)) else { return };
        let who = if *line.nick == *by { String::new() } else { format!("by {by}: ") };
        line.text = clean(&format!("{who}{reason}")).trim_end_matches([' ', ':']).into();
        (line.state, line.more, line.mention) = (State::Redacted, None, false);
        let record = Record::Redacted(id.to_owned(), line.text.to_string());
        self.keep_record(index, &record);
    }

    /// The beginning of the message with an id, for the line that answers it.
    pub(crate) fn quoted(&self, index: usize, id: Option<&str>) -> Option<Box<More>> {
        let buffer = self.buffers.get(index)?;
        let answered = buffer.line(buffer.with_id(id?)?)?;
        let plain = crate::format::plain(&answered.text);
        let beginning = head(&plain, QUOTE_BYTES_MAX);
        let rest = if beginning.len() < plain.len() { "…" } else { "" };
        let answers = format!("{}: {beginning}{rest}", answered.nick).into();
        Some(Box::new(More { answers, marks: Vec::new() }))
    }

    /// The server tells up to where one has read, with this client or another one.
    pub(super) fn read_up_to(&mut self, target: &str, at: Option<Timestamp>) {
        let (Some(index), Some(at)) = (self.find(target), at) else { return };
        let buffer = &mut self.buffers[index];
        if buffer.past.read_at.is_some_and(|known| known >= at) {
            return;
        }
        buffer.past.read_at = Some(at);
        let to_read = buffer.lines().rev().filter(|line| line.is_to_read() && !line.own);
        let later = to_read.take(buffer.unread).filter(|line| line.at > at);
        let (unread, mentions) =
            later.fold((0, 0), |(unread, mentions), line| (unread + 1, mentions + usize::from(line.mention)));
        if unread < buffer.unread {
            (buffer.unread, buffer.mentions) = (unread, mentions);
            if unread == 0 {
                buffer.marker = None;
            }
        }
    }

    /// Tells the server that what stands in a buffer was read, if that is news for it.
    pub(crate) fn tell_read(&mut self, index: usize) {
        self.at_buffer(index, |model| model.tell_read_here(index));
    }

    fn tell_read_here(&mut self, index: usize) {
        let knows = self.session.has_cap("draft/read-marker") || self.session.has_cap("read-marker");
        if !knows || !self.online() {
            return;
        }
        let buffer = &mut self.buffers[index];
        if buffer.anchor.is_some() {
            return;
        }
        let last = buffer.past.until.filter(|_| matches!(buffer.kind, Kind::Room | Kind::Query));
        let Some(last) = last.filter(|last| buffer.past.read_at.is_none_or(|read_at| *last > read_at)) else {
            return;
        };
        buffer.past.read_at = Some(last);
        let line = Encoder::new().verb("MARKREAD").param(&buffer.name);
        let line = line.param(&format!("timestamp={last}")).end();
        self.send(line);
    }

    /// Somebody is typing, or has stopped.
    pub(super) fn is_typing(&mut self, nick: &str, target: &str, typing: Typing) {
        let Some(index) = self.read_in(nick, target).filter(|_| !self.session.is_me(nick)) else { return };
        let (id, now) = (self.buffers[index].id, self.now);
        match typing {
            Typing::Active => self.typists.types(id, nick, now, false),
            Typing::Paused => self.typists.types(id, nick, now, true),
            Typing::Done => self.typists.stops(id, nick),
        }
    }

    /// Somebody has said something, or is gone.
    pub(super) fn stops_typing(&mut self, index: usize, nick: &str) {
        let id = self.buffers[index].id;
        self.typists.stops(id, nick);
    }

    /// What is typed has changed: those who read along may know.
    pub(super) fn typed(&mut self) {
        let text = self.buffer().input.text();
        let speech = !text.is_empty() && (!text.starts_with('/') || text.starts_with("//"));
        if !speech {
            return self.stop_typing();
        }
        let (id, now) = (self.buffer().id, self.now);
        if self.settings.tell_typing && self.may_tell_typing(self.current) && self.typists.may_say(id, now) {
            self.say_typing(self.current, "active");
        }
    }

    /// Nothing is typed any more.
    pub(crate) fn stop_typing(&mut self) {
        let now = self.now;
        let place = self.typists.take_said(now).and_then(|id: BufferId| self.position(id));
        let Some(index) = place else { return };
        self.at_buffer(index, |model| {
            if model.may_tell_typing(index) {
                model.say_typing(index, "done");
            }
        });
    }

    fn may_tell_typing(&self, index: usize) -> bool {
        let buffer = &self.buffers[index];
        let hears = match buffer.kind {
            Kind::Room => self.session.room(&buffer.name).is_some(),
            Kind::Query => true,
            Kind::Server | Kind::List => false,
        };
        hears && self.online() && self.session.has_cap("message-tags") && self.may_send_tag("typing")
    }

    /// Whether the server passes a client's tag on (005 CLIENTTAGDENY).
    pub(crate) fn may_send_tag(&self, tag: &str) -> bool {
        let denied: Vec<&str> =
            self.session.isupport().get("CLIENTTAGDENY").unwrap_or_default().split(',').collect();
        let excepted = denied.iter().any(|name| name.strip_prefix('-') == Some(tag));
        excepted || !(denied.contains(&"*") || denied.contains(&tag))
    }

    fn say_typing(&mut self, index: usize, what: &str) {
        let target = self.buffers[index].name.clone();
        self.send(Encoder::new().tag("+typing", what).verb("TAGMSG").param(&target).end());
    }
}
