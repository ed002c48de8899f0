//! What was said waits here for the next publication: what is overwritten before anybody could read it need not be written, and
//! who says much in a row is counted once.

use std::borrow::Cow;
use std::sync::Arc;

use engine::{Past, SaidKind};
use segment::{Kind, Now, Record};
use wire::ChannelName;

use super::{Publisher, Shown};

/// Messages that wait, and changes of who speaks, so that their memory stays bounded, and in the caches. When there are so many,
/// those go that are overwritten already; if that is not half of them, all are brought into the stage.
pub(super) const SAYING_MAX: usize = 1024;

/// How CTCP marks that somebody does something.
pub(super) const ACTION: (&str, char) = ("\u{1}ACTION ", '\u{1}');

/// What was said, as far as readers are shown it, and is not in the segment's stage yet.
#[derive(Debug, Default)]
pub(super) struct Saying {
    /// In the order in which it came.
    pasts: Vec<Arc<Past>>,
    /// Who said how much in a row.
    spoken: Vec<Spoken>,
    /// Where it was said.
    runs: Vec<Run>,
}

/// What was said in one channel in a row.
#[derive(Debug)]
struct Run {
    channel: ChannelName,
    /// Up to which of those that wait.
    pasts_end: usize,
    spoken_end: usize,
    /// How many came before them and are overwritten.
    passed_over: usize,
}

/// What somebody said in a row. It is counted when it comes, and not looked at again if it is overwritten.
#[derive(Debug)]
struct Spoken {
    /// `nick!user@host`: as long as it is the same, so is the nick.
    source: Arc<str>,
    messages: u64,
    bytes: u64,
}

impl Spoken {
    fn is_by(&self, source: &Arc<str>) -> bool {
        // Mostly it is the same piece of memory.
        Arc::ptr_eq(&self.source, source) || self.source == *source
    }

    fn nick(&self) -> &str {
        self.source.split('!').next().unwrap_or_default()
    }
}

impl Saying {
    pub fn is_empty(&self) -> bool {
        self.pasts.is_empty()
    }

    /// The lengths of all that is kept.
    #[cfg(test)]
    pub fn lengths(&self) -> [usize; 3] {
        [self.pasts.len(), self.spoken.len(), self.runs.len()]
    }

    /// How much waits: messages, or changes of who speaks, which stay when their messages go.
    pub fn waiting(&self) -> usize {
        self.pasts.len().max(self.spoken.len())
    }

    /// Something was said in one channel.
    fn push(&mut self, channel: ChannelName, past: Arc<Past>) {
        let Some((_, text)) = shown(&past) else { return };
        let bytes = text.len() as u64;
        let goes_on = self.runs.last().is_some_and(|run| run.channel.key() == channel.key());
        match self.spoken.last_mut().filter(|spoken| goes_on && spoken.is_by(&past.source)) {
            Some(spoken) => {
                spoken.messages += 1;
                spoken.bytes += bytes;
            }
            None => self.spoken.push(Spoken { source: past.source.clone(), messages: 1, bytes }),
        }
        self.pasts.push(past);
        let (pasts_end, spoken_end) = (self.pasts.len(), self.spoken.len());
        match self.runs.last_mut().filter(|_| goes_on) {
            Some(run) => (run.pasts_end, run.spoken_end) = (pasts_end, spoken_end),
            None => self.runs.push(Run { channel, pasts_end, spoken_end, passed_over: 0 }),
        }
    }

    /// Forgets what was said last in a row and is overwritten already.
    fn pass_over(&mut self, stage: &segment::Stage) {
        let [before @ .., run] = self.runs.as_mut_slice() else { return };
        let from = before.last().map_or(0, |before| before.pasts_end);
        let overwritten = overwritten(stage, &self.pasts[from..]);
        self.pasts.drain(from..from + overwritten);
        run.pasts_end -= overwritten;
        run.passed_over += overwritten;
    }
}

impl Publisher {
    /// Something was said in one channel.
    pub(super) fn hear(&mut self, channel: ChannelName, past: Arc<Past>, now: Now) {
        self.saying.push(channel, past);
        if self.saying.waiting() >= SAYING_MAX {
            self.saying.pass_over(self.writer.stage());
            // If few have gone, the others would be looked at again and again.
            if self.saying.waiting() > SAYING_MAX / 2 {
                self.settle_said(now);
            }
        }
    }

    /// Brings what was said into the stage, channel by channel as it came.
    pub(super) fn settle_said(&mut self, now: Now) {
        let (mut pasts, mut spoken) = (0, 0);
        for run in self.saying.runs.drain(..) {
            if let Some(shown) = self.rooms.get_mut(run.channel.key()).filter(|shown| shown.is_open) {
                let pasts = &self.saying.pasts[pasts..run.pasts_end];
                let spoken = &self.saying.spoken[spoken..run.spoken_end];
                say(self.writer.stage(), shown, (run.passed_over, pasts), spoken, now);
            }
            (pasts, spoken) = (run.pasts_end, run.spoken_end);
        }
        self.saying.pasts.clear();
        self.saying.spoken.clear();
    }
}

/// What was said in one room: so much of it is overwritten already.
fn say(
    stage: &mut segment::Stage,
    room: &mut Shown,
    (passed_over, pasts): (usize, &[Arc<Past>]),
    spoken: &[Spoken],
    now: Now,
) {
    for spoken in spoken {
        stage.spoke_often(room.id, spoken.nick(), (spoken.messages, spoken.bytes), now);
    }
    let overwritten = overwritten(stage, pasts);
    let passed_over = (passed_over + overwritten) as u64;
    room.sequence += passed_over;
    for past in &pasts[overwritten..] {
        let Some((kind, text)) = shown(past) else { continue };
        room.sequence += 1;
        let (sequence, from) = (room.sequence, past.nick());
        stage
            .append(room.id, &Record { sequence, wall_ms: past.at.0, kind, id: &past.id, from, text: &text });
    }
    if passed_over > 0 {
        stage.pass_over(room.id, passed_over);
    }
}

/// How many of these are overwritten by those behind them before anybody can read them.
fn overwritten(stage: &segment::Stage, run: &[Arc<Past>]) -> usize {
    let mut behind = 0;
    let first = run.iter().rposition(|past| {
        let is_overwritten = stage.is_overwritten_by(behind);
        behind += bytes_least(past);
        is_overwritten
    });
    first.map_or(0, |last| last + 1)
}

/// Bytes that it has in a ring, at least; 0 if that is not certain.
fn bytes_least(past: &Past) -> usize {
    let said = past.said().filter(|said| !said.text.starts_with(ACTION.1));
    said.map_or(0, |said| Record::bytes_least(&said.text))
}

/// What was said, as readers are shown it; nothing if it is not for them.
fn shown(past: &Past) -> Option<(Kind, Cow<'_, str>)> {
    let said = past.said()?;
    if said.more.is_empty() {
        return shown_text(said.kind, &said.text).map(|(kind, text)| (kind, Cow::Borrowed(text)));
    }
    shown_text(said.kind, &said.whole()).map(|(kind, text)| (kind, Cow::Owned(text.to_owned())))
}

/// CTCP requests other than ACTION are for programs.
fn shown_text(kind: SaidKind, text: &str) -> Option<(Kind, &str)> {
    if text.starts_with(ACTION.1) {
        let action = text.strip_prefix(ACTION.0)?;
        return Some((Kind::ACTION, action.strip_suffix(ACTION.1).unwrap_or(action)));
    }
    match kind {
        SaidKind::Message => Some((Kind::MESSAGE, text)),
        SaidKind::Notice => Some((Kind::NOTICE, text)),
    }
}
