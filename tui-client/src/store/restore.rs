//! Between the store and the model: what is handed over to be kept, and what comes back.

use std::path::{Path, PathBuf};

use wire::Timestamp;

use super::state::{self, Saved};
use super::{Page, Record, Store, files, log_of, state_of};
use crate::buffer::{Buffer, BufferId, Kind, Line, Marker, Seen, State, Tone};
use crate::model::{Kept, Model, Wish};
use crate::network::NetworkId;
use crate::say;
use crate::session::Said;

/// How long a change may wait before it is written.
const SAVE_AFTER_MS: u64 = 900;
/// How much of each log is read at the start, and of all logs together.
const TAIL_BYTES_MAX: u64 = 24 * 1024;
const TAILS_BYTES_MAX: u64 = 1024 * 1024;

impl Model {
    /// Something that is to survive has changed.
    pub fn touch(&mut self) {
        if self.keeps && self.save_due.is_none() {
            self.save_due = Some(Timestamp(self.now.0 + SAVE_AFTER_MS));
        }
    }

    /// Writes what has changed, if it is time.
    pub fn save_if_due(&mut self) {
        if self.save_due.take_if(|due| *due <= self.now).is_some() {
            self.save();
        }
    }

    /// Writes what is to survive, now.
    pub fn save(&mut self) {
        if self.keeps {
            self.at_each(|model| {
                // What is kept of a network is not written over before it was taken up.
                if model.taken_up {
                    let (network, text) = (model.store_key(), state::written(model));
                    model.wishes.push(Wish::Save { network, text });
                }
            });
        }
    }

    /// The program ends: what is on its way is in doubt, and everything is written.
    pub fn ends(&mut self) -> Vec<Wish> {
        self.at_each(say::doubt_pending);
        self.save();
        std::mem::take(&mut self.wishes)
    }

    /// Opens the store and takes up what was kept. If it cannot be opened, nothing is kept, and that is said.
    pub fn remember(&mut self, directory: &Path, logs: Option<PathBuf>) -> Option<Store> {
        self.logs_fixed = logs.is_some();
        let configured = Some(&self.settings.logs).filter(|place| !place.is_empty());
        let logs = logs.or_else(|| configured.map(|place| crate::config::path(place)));
        self.logs = logs.is_some();
        match Store::open(directory, logs) {
            Ok(store) => {
                self.keeps = true;
                Some(store)
            }
            Err(error) => {
                let text = format!("What is said is not kept in {}: {error}.", directory.display());
                self.note(self.server(), Tone::Error, &text);
                None
            }
        }
    }

    /// Takes up what was kept of all networks.
    pub fn take_up_all(&mut self, directory: &Path) {
        self.at_each(|model| model.restore(directory));
    }

    /// Takes up what was kept of a network that came later.
    pub fn take_up(&mut self, network: NetworkId, directory: &Path) {
        let stood = self.here;
        if let Some(place) = self.networks.iter().position(|known| known.id == network) {
            self.here = place;
            self.restore(directory);
            self.here = stood;
        }
    }

    /// Wishes that what was kept of the network at which the model stands is taken up, before anything is kept of it.
    pub fn wants_to_take_up(&mut self) {
        if self.keeps {
            self.wishes.push(Wish::TakeUp(self.id));
        }
    }

    /// Hands a line of a buffer over to be kept.
    pub fn keep(&mut self, index: usize, line: &Line) {
        self.keep_record(index, &Record::Line(line.clone()));
    }

    /// Hands a record over to be kept.
    pub fn keep_record(&mut self, index: usize, record: &Record) {
        self.touch();
        let Some(buffer) = self.buffers.get(index).filter(|buffer| self.keeps && is_kept(buffer)) else {
            return;
        };
        let Some(written) = record.written() else { return };
        let plain = if self.logs { in_plain(self, record) } else { String::new() };
        let network = self.network_of(buffer).store_key();
        let buffer = self.network_of(buffer).session.fold(&buffer.name).as_str().to_owned();
        self.wishes.push(Wish::Keep { network, buffer, record: written, plain });
    }

    /// Asks for what was kept of a buffer before what stands there. Whether there may be something.
    pub fn recall(&mut self, index: usize) -> bool {
        let Some(buffer) = self.buffers.get(index).filter(|buffer| self.keeps && is_kept(buffer)) else {
            return false;
        };
        if buffer.past.stored == Some(0) || buffer.is_full() {
            return false;
        }
        let (to, before) = (buffer.id, buffer.past.stored);
        let network = self.network_of(buffer).store_key();
        let name = self.network_of(buffer).session.fold(&buffer.name).as_str().to_owned();
        self.wishes.push(Wish::Recall { network, buffer: name, to, before });
        true
    }

    /// A page of a log has come.
    pub fn recalled(&mut self, to: BufferId, page: Page) {
        let Some(index) = self.position(to) else { return };
        self.at_buffer(index, |model| model.place_page(index, page));
    }

    fn place_page(&mut self, index: usize, page: Page) {
        self.buffers[index].past.stored = Some(page.from);
        if page.damaged {
            let text = "A part of what was kept here is damaged and was left out.";
            self.note(index, Tone::Error, text);
        }
        let (lines, changes) = sorted(page.records);
        // From the last to the first, each before what is not older: so lines of the same moment keep their order.
        for line in lines.into_iter().rev() {
            let buffer = &mut self.buffers[index];
            if !line.id.is_empty() {
                buffer.past.until = buffer.past.until.max(Some(line.at));
            }
            if line.is_speech() && (self.stands_already(index, &line) || say::known(self, index, &line)) {
                continue;
            }
            if line.is_to_read() && !line.own {
                self.buffers[index].spoke_before(&line.nick);
            }
            if line.seen != Seen::Hidden || self.buffers[index].hides_more() {
                self.insert_before(index, line);
            }
        }
        for change in changes {
            match change {
                Record::Redacted(id, text) => {
                    let buffer = &mut self.buffers[index];
                    if let Some(line) = buffer.with_id(&id).and_then(|seq| buffer.line_mut(seq)) {
                        (line.text, line.state, line.more) = (text.into(), State::Redacted, None);
                    }
                }
                Record::Marked { id, nick, mark, added } => self.put_mark(index, &nick, &id, &mark, added),
                Record::Line(_) | Record::Crowd(..) => unreachable!("they were sorted out"),
            }
        }
    }

    /// A line that was in doubt when it was kept may be kept once more when it was not any longer.
    fn stands_already(&mut self, index: usize, line: &Line) -> bool {
        let same = |other: &Line| other.own && other.at == line.at && other.text == line.text;
        let buffer = &mut self.buffers[index];
        let Some(seq) = buffer.around(line.at, same).filter(|_| line.own) else { return false };
        if let Some(other) = buffer.line_mut(seq) {
            (other.state, other.id) = (line.state, line.id.clone());
        }
        true
    }

    /// Takes up what was kept of the network at which the model stands. Says what could not be used.
    pub fn restore(&mut self, directory: &Path) {
        (self.restoring, self.taken_up) = (true, true);
        let network = self.store_key();
        let path = state_of(directory, &network);
        let text = files::read_state(&path).unwrap_or_else(|error| {
            self.set_aside(&path, &error.to_string());
            None
        });
        if let Some(folder) = path.parent().filter(|folder| folder.is_dir()) {
            // What cannot be removed takes room, and nothing else.
            let _ = files::forget_oldest(folder);
        }
        let (watched, saved) = state::read(&text.unwrap_or_default());
        self.watched.extend(watched.into_iter().map(|nick| (nick, None)));
        let wanted: Vec<String> = self.wanted.rooms.clone();
        let mut open: Vec<Saved> = saved;
        for room in wanted {
            let name = room.split(' ').next().unwrap_or(&room).to_owned();
            if !open.iter().any(|saved| self.session.same(&saved.name, &name)) {
                open.push(Saved { room: true, name, ..Saved::default() });
            }
        }
        let tail_bytes_max = (TAILS_BYTES_MAX / (open.len() as u64).max(1)).min(TAIL_BYTES_MAX);
        for saved in open {
            self.restore_buffer(directory, &network, &saved, tail_bytes_max);
        }
        self.restoring = false;
    }

    fn restore_buffer(&mut self, directory: &Path, network: &str, saved: &Saved, tail_bytes_max: u64) {
        let index = self.open(&saved.name);
        if index == self.server() {
            return;
        }
        let name = self.session.fold(&saved.name).as_str().to_owned();
        let path = log_of(directory, network, &name);
        match files::read_page(&path, None, tail_bytes_max) {
            Ok(page) => {
                if page.damaged {
                    self.set_aside(&path, "it is damaged");
                }
                let from = if page.damaged { 0 } else { page.from };
                self.place_page(index, Page { damaged: false, ..page });
                self.buffers[index].past.stored = Some(from);
            }
            Err(error) => self.set_aside(&path, &error.to_string()),
        }
        for (said, at, answers, text) in &saved.kept {
            self.restore_kept(index, *said, *at, answers, text);
        }
        let buffer = &mut self.buffers[index];
        buffer.input.restore(&saved.typed, &saved.draft);
        buffer.muted = saved.muted;
        buffer.past.until = buffer.past.until.max(saved.until);
        buffer.past.read_at = saved.read_at;
        (buffer.unread, buffer.mentions, buffer.below) = (saved.unread, saved.mentions, 0);
        let first = saved.since.and_then(|since| {
            buffer.numbered().find(|(_, line)| line.at >= since && line.is_to_read() && !line.own)
        });
        buffer.marker = first.map(|(seq, line)| Marker { seq, count: 0, since: line.at });
    }

    fn restore_kept(&mut self, index: usize, said: Said, at: Timestamp, answers: &str, text: &str) {
        let tone = match said {
            Said::Action => Tone::Action,
            Said::Notice => Tone::Notice,
            Said::Message | Said::Ctcp => Tone::Message,
        };
        let nick = self.session.nick().to_owned();
        let line = Line { own: true, state: State::Offline, ..Line::new(at, tone, &nick, text) };
        let buffer = self.buffers[index].id;
        let seq = self.buffers[index].push(line);
        let (text, answers) = (text.to_owned(), answers.into());
        self.kept.push(Kept { buffer, seq, said, text, answers, at });
    }

    fn set_aside(&mut self, path: &Path, why: &str) {
        let text = match files::move_aside(path) {
            Ok(to) => format!("{} cannot be read: {why}. It is {} now.", path.display(), to.display()),
            Err(error) => format!("{} cannot be read: {why}; nor moved: {error}.", path.display()),
        };
        self.note(self.server(), Tone::Error, &text);
    }
}

/// The lines of a page by their time, comings and goings put together; and what happened to lines afterwards.
fn sorted(records: Vec<Record>) -> (Vec<Line>, Vec<Record>) {
    let (mut lines, mut changes) = (Vec::<Line>::new(), Vec::new());
    for record in records {
        match record {
            Record::Line(line) => lines.push(line),
            Record::Crowd(at, change) => match lines.last_mut().filter(|last| last.takes_crowd(&change)) {
                Some(last) => last.text = format!("{} {change}", last.text).into(),
                None => lines.push(Line::new(at, Tone::Crowd, "", &change)),
            },
            change => changes.push(change),
        }
    }
    lines.sort_by_key(|line| line.at);
    (lines, changes)
}

fn is_kept(buffer: &Buffer) -> bool {
    matches!(buffer.kind, Kind::Room | Kind::Query)
}

/// A record as people read it in a log.
fn in_plain(model: &Model, record: &Record) -> String {
    let (at, text) = match record {
        Record::Line(line) => (
            line.at,
            match line.tone {
                Tone::Message => format!("<{}> {}", line.nick, line.text),
                Tone::Action => format!("* {} {}", line.nick, line.text),
                Tone::Notice => format!("-{}- {}", line.nick, line.text),
                _ => format!("· {}", line.text),
            },
        ),
        Record::Crowd(at, change) => (*at, format!("· {change}")),
        Record::Redacted(..) | Record::Marked { .. } => return String::new(),
    };
    format!("{} {}\n", model.zone.date_and_clock(at), crate::format::plain(&text))
}
