//! What was said waits here for the next publication: what is overwritten before anybody could read it need not be written, and
//! who says much in a row is counted once.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;

use engine::{Event, EventId, Said, SaidKind};
use segment::{Kind, Now, Record, Stage};
use wire::ChannelName;

use super::{Publisher, Shown};

/// Messages that wait, and changes of who speaks, so that their memory stays bounded, and in the caches. When there are so many,
/// all are brought into the stage.
pub(super) const SAYING_MAX: usize = 1024;

/// Bytes of words that wait, likewise.
pub(super) const SAYING_BYTES_MAX: usize = 256 * 1024;

/// How CTCP marks that somebody does something.
pub(super) const ACTION: (&str, char) = ("\u{1}ACTION ", '\u{1}');

/// What was said, as far as readers are shown it, and is not in the segment's stage yet.
#[derive(Debug, Default)]
pub(super) struct Saying {
    /// In the order in which it came.
    lines: VecDeque<Line>,
    /// The words of each. They are copied while they are in the caches: what was kept until it is published would
    /// have left them, and with it the memory in which the next words are put.
    texts: VecDeque<u8>,
    /// Who said how much in a row.
    spoken: Vec<Spoken>,
    /// Where it was said.
    runs: Vec<Run>,
}

/// What was said at once.
#[derive(Debug)]
struct Line {
    wall_ms: u64,
    kind: Kind,
    id: EventId,
    /// By whom: his place in [`Saying::spoken`].
    spoken: usize,
    text_bytes: usize,
}

impl Line {
    fn record<'a>(&'a self, sequence: u64, from: &'a str, text: &'a str) -> Record<'a> {
        Record { sequence, wall_ms: self.wall_ms, kind: self.kind, id: &self.id, from, text }
    }
}

/// What was said in one channel in a row.
#[derive(Debug)]
struct Run {
    channel: ChannelName,
    lines: usize,
    /// Bytes of their words.
    bytes: usize,
    /// Bytes that they have in a ring, at least.
    ring_bytes: usize,
    /// Up to which of [`Saying::spoken`] it goes.
    spoken_end: usize,
    /// How many messages came before those and are overwritten.
    passed_over: u64,
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
        self.runs.is_empty()
    }

    /// The lengths of all that is kept, and the bytes of words.
    #[cfg(test)]
    pub fn lengths(&self) -> ([usize; 3], usize) {
        ([self.lines.len(), self.spoken.len(), self.runs.len()], self.texts.len())
    }

    /// Whether as much waits as may. Changes of who speaks stay when their messages go.
    fn is_full(&self) -> bool {
        self.lines.len().max(self.spoken.len()) >= SAYING_MAX || self.texts.len() >= SAYING_BYTES_MAX
    }

    /// Something was said in one channel: `event`, with its source.
    fn push(
        &mut self,
        channel: &ChannelName,
        event: &Event,
        (source, said): (&Arc<str>, &Said),
        stage: &Stage,
    ) {
        let Some((kind, text)) = shown(said) else { return };
        let goes_on = self.runs.last().is_some_and(|run| run.channel.key() == channel.key());
        if !goes_on {
            let channel = channel.clone();
            self.runs.push(Run { channel, lines: 0, bytes: 0, ring_bytes: 0, spoken_end: 0, passed_over: 0 });
        }
        let run = self.runs.last_mut().expect("there is one");
        let text_bytes = text.len();
        let bytes = text_bytes as u64;
        match self.spoken.last_mut().filter(|spoken| goes_on && spoken.is_by(source)) {
            Some(spoken) => {
                spoken.messages += 1;
                spoken.bytes += bytes;
            }
            None => self.spoken.push(Spoken { source: source.clone(), messages: 1, bytes }),
        }
        run.lines += 1;
        run.bytes += text_bytes;
        run.ring_bytes += Record::bytes_least(text_bytes);
        run.spoken_end = self.spoken.len();
        let spoken = self.spoken.len() - 1;
        self.lines.push_back(Line { wall_ms: event.at.0, kind, id: event.id, spoken, text_bytes });
        self.texts.extend(text.as_bytes());
        // Not one by one, which costs more.
        if stage.is_overwritten_by(run.ring_bytes - run.ring_bytes / 8) {
            self.pass_over(stage);
        }
    }

    /// If one channel alone waits, forgets what is overwritten before anybody could read it.
    fn pass_over(&mut self, stage: &Stage) {
        let [run] = self.runs.as_mut_slice() else { return };
        let mut gone = 0;
        while let Some(oldest) = self.lines.front()
            && let behind = run.ring_bytes - Record::bytes_least(oldest.text_bytes)
            && stage.is_overwritten_by(behind)
        {
            run.ring_bytes = behind;
            gone += oldest.text_bytes;
            self.lines.pop_front();
            run.lines -= 1;
            run.passed_over += 1;
        }
        self.texts.drain(..gone);
        run.bytes -= gone;
    }
}

impl Publisher {
    /// Something was said in one channel: `event`, with its source.
    pub(super) fn hear(&mut self, channel: &ChannelName, event: &Event, words: (&Arc<str>, &Said), now: Now) {
        self.saying.push(channel, event, words, self.writer.stage());
        if self.saying.is_full() {
            self.settle_said(now);
        }
    }

    /// Brings what was said into the stage, channel by channel as it came.
    pub(super) fn settle_said(&mut self, now: Now) {
        let Saying { lines, texts, spoken, runs } = &mut self.saying;
        let mut all_texts = str::from_utf8(texts.make_contiguous()).expect("whole texts were put in");
        let mut spoken_begin = 0;
        for run in runs.drain(..) {
            // Also of a room that is not shown: its words go here.
            let lines = lines.drain(..run.lines);
            let (texts, behind) = all_texts.split_at(run.bytes);
            all_texts = behind;
            if let Some(room) = self.rooms.get_mut(run.channel.key()).filter(|room| room.is_open) {
                let stage = self.writer.stage();
                for speaker in &spoken[spoken_begin..run.spoken_end] {
                    stage.spoke_often(room.id, speaker.nick(), (speaker.messages, speaker.bytes), now);
                }
                say(stage, room, &run, lines, texts, spoken);
            }
            spoken_begin = run.spoken_end;
        }
        spoken.clear();
        texts.clear();
    }
}

/// What was said in one room, but for what is overwritten by what follows.
fn say(
    stage: &mut Stage,
    room: &mut Shown,
    run: &Run,
    lines: impl Iterator<Item = Line>,
    mut texts: &str,
    spoken: &[Spoken],
) {
    let (mut passed_over, mut ring_bytes) = (run.passed_over, run.ring_bytes);
    room.sequence += passed_over;
    for line in lines {
        let (text, behind) = texts.split_at(line.text_bytes);
        texts = behind;
        room.sequence += 1;
        ring_bytes -= Record::bytes_least(line.text_bytes);
        if stage.is_overwritten_by(ring_bytes) {
            passed_over += 1;
        } else {
            stage.append(room.id, &line.record(room.sequence, spoken[line.spoken].nick(), text));
        }
    }
    if passed_over > 0 {
        stage.pass_over(room.id, passed_over);
    }
}

/// What was said, as readers are shown it; nothing if it is not for them.
fn shown(said: &Said) -> Option<(Kind, Cow<'_, str>)> {
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
