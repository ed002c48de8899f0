//! What was said waits here for the next publication: what is overwritten before anybody could read it need not be written, and
//! who says much in a row is counted once.

use std::sync::Arc;

use engine::{Past, SaidKind};
use segment::{Kind, Now, Record};
use wire::ChannelName;

use super::{Publisher, Shown};

/// Messages that wait, so that their memory stays bounded: one more, and they are brought into the stage.
pub(super) const SAYING_MAX: usize = 4096;

/// How CTCP marks that somebody does something.
pub(super) const ACTION: (&str, char) = ("\u{1}ACTION ", '\u{1}');

/// Something that was said in one channel.
#[derive(Debug)]
pub(super) struct Utterance {
    pub channels: Vec<ChannelName>,
    pub past: Arc<Past>,
}

impl Utterance {
    fn channel(&self) -> &ChannelName {
        &self.channels[0]
    }

    /// Bytes that it has in a ring, at least; 0 if that is not certain.
    fn bytes_least(&self) -> usize {
        let said = self.past.said().filter(|said| !said.text.starts_with(ACTION.1));
        said.map_or(0, |said| Record::bytes_least(&said.text))
    }
}

impl Publisher {
    /// Brings what was said into the stage, channel by channel as it came.
    pub(super) fn settle_said(&mut self, now: Now) {
        let mut saying = std::mem::take(&mut self.saying);
        for run in saying.chunk_by(|one, next| one.channel().key() == next.channel().key()) {
            if let Some(shown) = self.rooms.get_mut(run[0].channel().key()).filter(|shown| shown.is_open) {
                say(self.writer.stage(), shown, run, now);
            }
        }
        saying.clear();
        self.saying = saying;
    }
}

/// What was said in one room.
fn say(stage: &mut segment::Stage, shown: &mut Shown, run: &[Utterance], now: Now) {
    let mut behind: usize = run.iter().map(Utterance::bytes_least).sum();
    // Who spoke last, and how much in a row.
    let mut speaker = Speaker::default();
    for utterance in run {
        behind -= utterance.bytes_least();
        let past = &*utterance.past;
        let Some(said) = past.said() else { continue };
        let whole = said.whole();
        let Some((kind, text)) = shown_text(said.kind, &whole) else { continue };
        let from = past.nick();
        if speaker.name != from {
            speaker.tell(stage, shown, now);
            speaker = Speaker { name: from, ..Speaker::default() };
        }
        speaker.messages += 1;
        speaker.bytes += text.len() as u64;
        shown.sequence += 1;
        if stage.is_overwritten_by(behind) {
            stage.pass_over(shown.id);
            continue;
        }
        let sequence = shown.sequence;
        stage.append(shown.id, &Record { sequence, wall_ms: past.at.0, kind, id: &past.id, from, text });
    }
    speaker.tell(stage, shown, now);
}

/// Somebody who speaks, and how much in a row.
#[derive(Debug, Default)]
struct Speaker<'a> {
    name: &'a str,
    messages: u64,
    bytes: u64,
}

impl Speaker<'_> {
    fn tell(&self, stage: &mut segment::Stage, shown: &Shown, now: Now) {
        if self.messages > 0 {
            stage.spoke_often(shown.id, self.name, (self.messages, self.bytes), now);
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
