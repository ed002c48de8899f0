//! What was said waits here for the next publication: what is overwritten before anybody could read it need not be written, and
//! who says much in a row is counted once.

use std::sync::Arc;

use engine::{Past, SaidKind};
use segment::{Kind, Now, Record};
use wire::ChannelName;

use super::{Publisher, Shown};

/// Messages that wait, so that their memory stays bounded: one more, and they are brought into the stage.
const SAYING_MAX: usize = 4096;

/// How CTCP marks that somebody does something.
pub(super) const ACTION: (&str, char) = ("\u{1}ACTION ", '\u{1}');

/// What was said and is not in the segment's stage yet.
#[derive(Debug, Default)]
pub(super) struct Saying {
    /// In the order in which it came.
    pasts: Vec<Arc<Past>>,
    /// Where it was said, and up to which of them.
    runs: Vec<(ChannelName, usize)>,
}

impl Saying {
    pub fn is_empty(&self) -> bool {
        self.pasts.is_empty()
    }

    /// Something was said in one channel.
    fn push(&mut self, channel: ChannelName, past: Arc<Past>) {
        self.pasts.push(past);
        let end = self.pasts.len();
        match self.runs.last_mut() {
            Some((last, until)) if last.key() == channel.key() => *until = end,
            _ => self.runs.push((channel, end)),
        }
    }
}

impl Publisher {
    /// Something was said in one channel.
    pub(super) fn hear(&mut self, channel: ChannelName, past: Arc<Past>, now: Now) {
        self.saying.push(channel, past);
        if self.saying.pasts.len() == SAYING_MAX {
            self.settle_said(now);
        }
    }

    /// Brings what was said into the stage, channel by channel as it came.
    pub(super) fn settle_said(&mut self, now: Now) {
        let mut from = 0;
        for (channel, until) in self.saying.runs.drain(..) {
            if let Some(shown) = self.rooms.get_mut(channel.key()).filter(|shown| shown.is_open) {
                say(self.writer.stage(), shown, &self.saying.pasts[from..until], now);
            }
            from = until;
        }
        self.saying.pasts.clear();
    }
}

/// What was said in one room.
fn say(stage: &mut segment::Stage, shown: &mut Shown, run: &[Arc<Past>], now: Now) {
    let overwritten = overwritten(stage, run);
    let mut passed_over = 0;
    // Who spoke last, and how much in a row.
    let mut speaker = Speaker::default();
    for (at, past) in run.iter().enumerate() {
        let Some(said) = past.said() else { continue };
        let whole;
        let text = if said.more.is_empty() {
            &*said.text
        } else {
            whole = said.whole();
            &*whole
        };
        let Some((kind, text)) = shown_text(said.kind, text) else { continue };
        if !speaker.is(&past.source) {
            speaker.tell(stage, shown, now);
            speaker = Speaker { source: Some(&past.source), nick: past.nick(), ..Speaker::default() };
        }
        speaker.messages += 1;
        speaker.bytes += text.len() as u64;
        shown.sequence += 1;
        if at < overwritten {
            passed_over += 1;
            continue;
        }
        let (sequence, from) = (shown.sequence, speaker.nick);
        stage.append(shown.id, &Record { sequence, wall_ms: past.at.0, kind, id: &past.id, from, text });
    }
    speaker.tell(stage, shown, now);
    if passed_over > 0 {
        stage.pass_over(shown.id, passed_over);
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

/// Somebody who speaks, and how much in a row.
#[derive(Debug, Default)]
struct Speaker<'a> {
    /// `nick!user@host`: as long as it is the same, so is the nick.
    source: Option<&'a Arc<str>>,
    nick: &'a str,
    messages: u64,
    bytes: u64,
}

impl Speaker<'_> {
    fn is(&self, source: &Arc<str>) -> bool {
        // Mostly it is the same piece of memory.
        self.source.is_some_and(|own| Arc::ptr_eq(own, source) || own == source)
    }

    fn tell(&self, stage: &mut segment::Stage, shown: &Shown, now: Now) {
        if self.messages > 0 {
            stage.spoke_often(shown.id, self.nick, (self.messages, self.bytes), now);
        }
    }
}

/// What was said, as readers are shown it. CTCP requests other than ACTION are for programs.
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
