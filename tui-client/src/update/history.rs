//! What was said before (IRCv3 chathistory): asked for when a buffer has none, when one scrolls to its top, and after
//! a reconnect for the time between.

#[cfg(test)]
mod tests;

use wire::{Encoder, Timestamp};

use crate::buffer::{BufferId, Kind, Line, Marker, Seen, Tone, Wanting};
use crate::model::Model;
use crate::session::{Found, Origin};
use crate::store::Record;
use crate::update::happen::Came;

/// Lines of a page, if the server does not allow fewer.
const PAGE_LINES_MAX: usize = 100;
/// Pages with which the gap of a reconnect is filled; of a longer one the rest is left out, and that is said.
const GAP_PAGES_MAX: usize = 50;
/// A question that was not answered for so long may be asked again.
const PATIENCE_MS: u64 = 30_000;
/// Conversations that are opened because somebody spoke to us while we were away.
const TARGETS_MAX: usize = 50;

impl Model {
    /// Whether the server can be asked what was said before.
    pub fn has_history(&self) -> bool {
        let cap = |name| self.session.has_cap(name);
        (cap("draft/chathistory") || cap("chathistory"))
            && cap("batch")
            && cap("server-time")
            && self.online()
    }

    /// We have come in, or a talk is open: what was said last, or since we were there last, is asked for.
    pub(crate) fn catch_up(&mut self, index: usize, entered: Option<Timestamp>) {
        if let Some(buffer) = self.buffers.get_mut(index) {
            buffer.past.entered = entered;
            buffer.past.asked = None;
            buffer.past.pages = 0;
            (buffer.past.since, buffer.past.reached) = (buffer.past.until, None);
            let wanting = if buffer.past.since.is_some() { Wanting::Missed } else { Wanting::Latest };
            self.ask_past(index, wanting);
        }
    }

    /// The view is near the top: what is older is asked for.
    pub(crate) fn want_older(&mut self, index: usize) {
        if self.recall(index) {
            return;
        }
        self.ask_past(index, Wanting::Older);
    }

    fn ask_past(&mut self, index: usize, wanting: Wanting) {
        let Some(buffer) = self.buffers.get(index) else { return };
        let waiting =
            buffer.past.asked.as_ref().is_some_and(|(_, at)| self.now.0.saturating_sub(at.0) < PATIENCE_MS);
        let talk = matches!(buffer.kind, Kind::Room | Kind::Query);
        let nothing_left = wanting == Wanting::Older && (buffer.past.complete || buffer.is_full());
        if !talk || waiting || nothing_left || !self.has_history() {
            return;
        }
        let stamp = |at: Timestamp| format!("timestamp={at}");
        let first = buffer.lines().next().map(|line| (line.at, line.id.clone()));
        let (word, from) = match wanting {
            Wanting::Latest => ("LATEST", "*".to_owned()),
            // A moment is asked for again, because more than what is known may have been said in it.
            Wanting::Missed => match (&buffer.past.reached, &buffer.past.since) {
                (Some((_, id)), _) if !id.is_empty() => ("AFTER", format!("msgid={id}")),
                (Some((at, _)), _) | (None, Some(at)) => ("AFTER", stamp(Timestamp(at.0.saturating_sub(1)))),
                (None, None) => ("LATEST", "*".to_owned()),
            },
            Wanting::Older => match buffer.past.oldest.clone().or(first) {
                Some((_, id)) if !id.is_empty() => ("BEFORE", format!("msgid={id}")),
                Some((at, _)) => ("BEFORE", stamp(Timestamp(at.0 + 1))),
                None => ("LATEST", "*".to_owned()),
            },
        };
        let limit = self.page_lines().to_string();
        let line = Encoder::new().verb("CHATHISTORY").param(word).param(&buffer.name).param(&from);
        let line = line.param(&limit).end();
        let now = self.now;
        let start = self.buffers[index].start();
        let past = &mut self.buffers[index].past;
        (past.asked, past.brought, past.fresh) = (Some((wanting, now)), 0, true);
        past.before = (wanting == Wanting::Older).then_some(start);
        // What is asked for by the id of a message does not come twice.
        past.floor = match &past.reached {
            Some((_, id)) if !id.is_empty() => None,
            Some((at, _)) => Some(*at),
            None => past.since,
        };
        self.send(line);
    }

    fn page_lines(&self) -> usize {
        let allowed = self.session.isupport().number("CHATHISTORY").filter(|allowed| *allowed > 0);
        allowed.unwrap_or(PAGE_LINES_MAX).min(PAGE_LINES_MAX)
    }

    /// Notes how far a page reaches.
    pub(super) fn note_past(&mut self, index: usize, came: &Came) {
        let Some(buffer) = self.buffers.get_mut(index).filter(|_| came.timed) else { return };
        let past = &mut buffer.past;
        let fresh = std::mem::take(&mut past.fresh);
        if matches!(past.asked, Some((Wanting::Missed, _))) {
            past.reached = Some((came.at, came.id.clone()));
        } else if fresh || past.oldest.is_none() {
            past.oldest = Some((came.at, came.id.clone()));
        }
    }

    /// A page is complete.
    pub(super) fn played(&mut self, target: &str, count: usize) {
        let (limit, now) = (self.page_lines(), self.now);
        let Some(index) = self.find(target) else { return };
        let past = &mut self.buffers[index].past;
        let Some((wanting, _)) = past.asked.take() else { return };
        past.before = None;
        match wanting {
            Wanting::Latest | Wanting::Older => {
                past.complete = count == 0 || (count < limit && past.brought == 0);
            }
            Wanting::Missed if count < limit => {}
            Wanting::Missed if past.pages >= GAP_PAGES_MAX => {
                let text = "More was said meanwhile than is shown here.";
                let at = past.reached.as_ref().map_or(now, |(at, _)| *at);
                self.insert(index, Line::new(at, Tone::Info, "", text));
            }
            Wanting::Missed => {
                past.pages += 1;
                self.ask_past(index, Wanting::Missed);
            }
        }
    }

    /// The server has searched: what it found stands where the question was asked.
    pub(super) fn found(&mut self, label: Option<&str>, lines: &[Found]) {
        let place = self.asked_in(label).unwrap_or(self.current);
        self.note(place, Tone::Info, &format!("The server has found {} lines:", lines.len()));
        for line in lines {
            let at = line.at.map_or_else(String::new, |at| self.zone.date_and_clock(at) + " ");
            self.note(place, Tone::Info, &format!("{at}{} <{}> {}", line.target, line.nick, line.text));
        }
    }

    /// The server does not tell: nobody waits for it any longer.
    pub(super) fn past_refused(&mut self) {
        let id = self.id;
        for buffer in self.buffers.iter_mut().filter(|buffer| buffer.network == id) {
            if buffer.past.asked.take().is_some() {
                buffer.past.complete = true;
            }
        }
    }

    /// Asks who spoke to us while we were away, and catches up with the talks that are open.
    pub(super) fn catch_up_with_talks(&mut self) {
        if !self.has_history() {
            return;
        }
        let own = |buffer: &&crate::buffer::Buffer| buffer.network == self.id;
        let since = self.buffers.iter().filter(own).filter_map(|buffer| buffer.past.until).max();
        for index in 0..self.buffers.len() {
            if self.buffers[index].kind == Kind::Query && self.buffers[index].network == self.id {
                self.catch_up(index, None);
            }
        }
        if let Some(since) = since {
            let line = Encoder::new().verb("CHATHISTORY").param("TARGETS");
            let line =
                line.param(&format!("timestamp={since}")).param(&format!("timestamp={}", self.far_future()));
            self.send(line.param(&TARGETS_MAX.to_string()).end());
            self.away_since = Some(since);
        }
    }

    // The clocks of the server and of this machine may differ by a day.
    fn far_future(&self) -> Timestamp {
        Timestamp(self.now.0 + 86_400_000)
    }

    /// Somebody was talked with while we were away.
    pub(super) fn talked_with(&mut self, target: &str, at: Timestamp) {
        let Some(since) = self.away_since.filter(|since| at > *since) else { return };
        if self.session.isupport().is_channel(target) || self.find(target).is_some() {
            return;
        }
        let index = self.open(target);
        if index != self.server() {
            self.buffers[index].past.until = Some(since);
            self.catch_up(index, None);
        }
    }

    /// Adds a line that was kept where its time says, before others of the same moment.
    pub fn insert_before(&mut self, index: usize, line: Line) {
        let (start, id) = (self.buffers[index].start(), self.buffers[index].id);
        if let Some(seq) = self.buffers[index].insert_before(line) {
            self.made_room(id, seq, start);
        }
    }

    /// Adds a line that was said earlier where its time says. What was said while we were away is something to read.
    pub fn insert(&mut self, index: usize, line: Line) {
        let watched = self.watches(index);
        let Some(buffer) = self.buffers.get_mut(index) else { return };
        let unread = line.is_to_read() && !line.own && buffer.past.is_missed(line.at);
        let (mention, at, start, id) = (line.mention, line.at, buffer.start(), buffer.id);
        let Some(seq) = buffer.insert(line) else { return };
        buffer.past.brought += 1;
        if unread {
            match &mut buffer.marker {
                Some(marker) if marker.seq <= seq => marker.count += usize::from(watched),
                _ => {
                    let count = usize::from(watched);
                    buffer.marker = Some(Marker { seq, count, since: at });
                }
            }
            if !watched {
                buffer.unread += 1;
                buffer.mentions += usize::from(mention);
            }
        }
        self.made_room(id, seq, start);
    }

    // Lines that wait are known by their numbers, which have grown behind a line that was put between others.
    fn made_room(&mut self, buffer: BufferId, seq: u64, start: u64) {
        if seq < start {
            return;
        }
        let here = &mut **self;
        let pending = here.pending.iter_mut().map(|pending| (pending.buffer, &mut pending.seq));
        let kept = here.kept.iter_mut().map(|kept| (kept.buffer, &mut kept.seq));
        for (_, later) in pending.chain(kept).filter(|(place, later)| *place == buffer && **later >= seq) {
            *later += 1;
        }
    }

    /// Adds somebody's coming or going to a run, behind which stands what is known of it.
    pub(super) fn put_crowd(&mut self, index: usize, came: &Came, change: &str, text: &str) {
        let told = Line::new(came.at, Tone::Event, "", text);
        if came.origin == Origin::History {
            if let Some(line) = self.buffers[index].insert_crowd(came.at, change) {
                self.insert(index, line);
            }
            if self.buffers[index].hides_more() {
                self.insert(index, Line { seen: Seen::Hidden, ..told });
            }
        } else {
            self.keep_record(index, &Record::Crowd(came.at, change.to_owned()));
            self.buffers[index].push_crowd(change, told);
            let past = &mut self.buffers[index].past;
            past.until = past.until.max(came.timed.then_some(came.at));
        }
    }
}
