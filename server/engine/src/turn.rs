//! What one input produces, in order, and what the one who asked is answered.

use std::iter;
use std::ops::Range;

use wire::capability::{self, Set};
use wire::{Encoder, Tags, Timestamp};

use crate::desk::{Answered, Desk, Voice};
use crate::event::What;
use crate::interface::{ConnId, Effect};
use crate::modes::NoticeKind;
use crate::outgoing::{Outgoing, answer_tags};
use crate::world::UserId;

/// The most items for which a turn keeps memory.
const ITEMS_KEPT_MAX: usize = 32;

/// What a command decided, in order. Nothing of it has happened yet.
#[derive(Debug, Default)]
pub(crate) struct Turn {
    pub items: Vec<Item>,
    /// The lines that are answered.
    pub answered: Answered,
    /// Items behind which lines that are answered become another item.
    pub apart: usize,
    /// The place of the command that was used.
    pub used: Option<usize>,
    /// The error that it was answered with.
    pub refusal: Option<&'static wire::Numeric>,
    /// Bytes that were said in the same turn before.
    pub bytes_before: usize,
    /// To what the answers belong.
    pub answers: Answers,
    /// Whether the one it is for may have a listing.
    pub lists: bool,
}

/// Which line the answers of a turn belong to, and so whose label they carry.
#[derive(Debug, Default)]
pub(crate) enum Answers {
    /// The line of the turn.
    #[default]
    Now,
    /// The line of the turn, but they come later: its label is kept.
    Later,
    /// An earlier line, of this label.
    To(Option<String>),
}

impl Turn {
    /// Forgets everything, of which the answers have been taken. Its memory stays, unless it is much.
    pub fn clear(&mut self) {
        debug_assert_eq!(self.answered.count(), 0);
        let Self { items, answered: _, apart, used, refusal, bytes_before, answers, lists } = self;
        items.clear();
        if items.capacity() > ITEMS_KEPT_MAX {
            *items = Vec::new();
        }
        *apart = 0;
        *used = None;
        *refusal = None;
        *bytes_before = 0;
        *answers = Answers::Now;
        *lists = false;
    }

    /// How many items there are. What comes after is apart from them.
    pub fn mark(&mut self) -> usize {
        self.apart = self.items.len();
        self.apart
    }

    /// The line that was answered last is said behind all that was decided before.
    pub fn answer_last(&mut self) {
        let end = self.answered.count();
        let joins = self.items.len() > self.apart;
        match self.items.last_mut() {
            Some(Item::Answer(lines)) if joins && lines.end == end - 1 => lines.end = end,
            // Written where it stays: pushed, all the bytes of the largest item would be copied.
            _ => self.items.extend(iter::once_with(|| Item::Answer(end - 1..end))),
        }
    }

    /// Takes out what was said since `from`, as lines that can have more than their words. Nothing else was decided
    /// since then.
    pub fn take_said(&mut self, from: usize, at: Timestamp) -> Vec<Outgoing> {
        let mut said = Vec::new();
        for item in self.items.drain(from..) {
            match item {
                Item::Answer(lines) => said.extend(lines.map(|line| self.answered.outgoing(line, at))),
                Item::Say(line) => said.push(line),
                _ => unreachable!("something is only said"),
            }
        }
        said
    }

    /// Takes back what was said since `from`, errors among it; what happens stays.
    pub fn keep_events(&mut self, from: usize) {
        let mut index = 0;
        self.items.retain(|item| {
            index += 1;
            index <= from || !matches!(item, Item::Answer(_) | Item::Say(_))
        });
    }
}

#[derive(Debug)]
pub(crate) enum Item {
    /// Lines for the one who asked, of those that are answered.
    Answer(Range<usize>),
    /// A line for him that has more than its words: an id, or a place in a batch.
    Say(Outgoing),
    /// Something that is to happen.
    Event(What),
    /// Something that is to happen to somebody: what is answered besides, he is told, and not the one who asked.
    EventTo(UserId, What),
    /// Something that operators are told who want to hear of such things.
    Notice(NoticeKind, String),
    /// Something for the loop, behind all that was said before.
    Effect(Effect),
}

impl Default for Item {
    /// What is left of an item that was taken out: an answer of no lines.
    fn default() -> Self {
        Self::Answer(0..0)
    }
}

/// The one who asked, and what he is answered.
#[derive(Debug)]
pub(crate) struct Asker {
    pub conn: ConnId,
    pub capabilities: Set,
    manner: Manner,
    /// Bytes that he was told in this turn.
    pub bytes: usize,
    /// Whether his connection is there: who has ended it himself, with a KILL of several, hears no more of the others.
    pub is_here: bool,
    /// Whether he is a bot, once that is known.
    pub is_bot: Option<bool>,
    /// Whether he may have a listing, which goes on or has come to its end.
    pub lists: bool,
}

/// How he is answered.
#[derive(Debug, Default)]
enum Manner {
    /// Each line goes out as it comes.
    #[default]
    Plain,
    /// The lines are held back until the turn ends and then carry the label, alone or as a batch (IRCv3
    /// labeled-response).
    Labeled(Labeled),
    /// In a batch that was opened in an earlier turn.
    InBatch(String),
}

#[derive(Debug)]
struct Labeled {
    label: String,
    held: Vec<Outgoing>,
    /// The label of a line whose answer belongs to an earlier one.
    passed_over: Option<String>,
}

impl Asker {
    pub fn new(conn: ConnId, capabilities: Set) -> Self {
        let manner = Manner::Plain;
        Self { conn, capabilities, manner, bytes: 0, is_here: true, is_bot: None, lists: false }
    }

    /// What he is answered carries a label.
    pub fn label_answers(&mut self, label: String) {
        self.manner = Manner::Labeled(Labeled { label, held: Vec::new(), passed_over: None });
    }

    /// Nobody asked: something happened by itself.
    pub fn nobody() -> Self {
        Self { is_here: false, ..Self::new(ConnId(u64::MAX), Set::NONE) }
    }

    /// The answers belong to another line than the one that was just said. Nothing has been answered yet.
    pub fn answer_to(&mut self, answers: Answers) {
        match answers {
            Answers::Now | Answers::To(None) => {}
            Answers::Later => self.manner = Manner::Plain,
            Answers::To(Some(label)) => {
                let passed_over = self.take_labeled().map(|labeled| labeled.label);
                self.manner = Manner::Labeled(Labeled { label, held: Vec::new(), passed_over });
            }
        }
    }

    /// Whether lines for this connection have to go through [`Asker::hear`].
    pub fn is_labeled(&self) -> bool {
        matches!(self.manner, Manner::Labeled(_))
    }

    /// Lines for the one who asked, of those that are answered. All have the same tags, mostly none.
    pub fn answer(
        &mut self,
        answered: &mut Answered,
        lines: Range<usize>,
        voice: &Voice<'_>,
        effects: &mut Vec<Effect>,
    ) {
        let batch = match &self.manner {
            Manner::Plain => None,
            Manner::Labeled(_) => {
                return lines
                    .for_each(|index| self.hear(answered.outgoing(index, voice.at), voice.desk, effects));
            }
            Manner::InBatch(batch) => Some(batch.as_str()),
        };
        let tags = answer_tags(voice, self.capabilities, batch);
        let lines = answered.take(lines, tags.as_deref(), voice.desk);
        self.bytes += lines.text().len();
        if let Some(tags) = tags {
            self.bytes -= lines.count() * tags.len();
            voice.desk.keep(tags);
        }
        effects.extend(iter::once_with(|| Effect::Answer { to: self.conn, lines }));
    }

    /// A line for the one who asked.
    pub fn hear(&mut self, line: Outgoing, desk: &Desk, effects: &mut Vec<Effect>) {
        self.bytes += line.bytes();
        let tag = match &mut self.manner {
            Manner::Plain => None,
            Manner::Labeled(labeled) => return labeled.held.push(line),
            Manner::InBatch(batch) => Some(("batch", batch.as_str())),
        };
        effects.push(Effect::Send { to: self.conn, line: line.line(desk, self.capabilities, tag) });
    }

    /// The answer comes later, under the label that is returned, if nothing of it was said yet.
    pub fn put_off(&mut self) -> Option<String> {
        match &self.manner {
            Manner::Labeled(labeled) if labeled.held.is_empty() => {
                self.take_labeled().map(|labeled| labeled.label)
            }
            _ => None,
        }
    }

    /// What he is told goes on in a batch that is open.
    pub fn answer_in(&mut self, batch: String) {
        self.manner = Manner::InBatch(batch);
    }

    /// The turn ends and the answer does not: a batch is opened for all of it, with what was held back.
    pub fn open(&mut self, voice: &Voice<'_>, reference: &str, effects: &mut Vec<Effect>) {
        let Some(labeled) = self.take_labeled() else { return };
        let open = Encoder::new().source(voice.server).verb("BATCH").param(&format!("+{reference}"));
        let open = Outgoing::new(voice.at, open.param("labeled-response"));
        let line = open.line(voice.desk, self.capabilities, Some(("label", &labeled.label)));
        effects.push(Effect::Send { to: self.conn, line });
        self.manner = Manner::InBatch(reference.to_owned());
        for line in labeled.held {
            self.hear(line, voice.desk, effects);
        }
    }

    /// The answer ends whose batch was opened in an earlier turn.
    pub fn close(&mut self, voice: &Voice<'_>, effects: &mut Vec<Effect>) {
        let Manner::InBatch(reference) = &self.manner else { return };
        let close = Encoder::new().source(voice.server).verb("BATCH").param(&format!("-{reference}"));
        let line = Outgoing::new(voice.at, close).line(voice.desk, self.capabilities, None);
        effects.push(Effect::Send { to: self.conn, line });
        self.manner = Manner::Plain;
    }

    /// The turn ends: what was held back goes out.
    pub fn finish(&mut self, voice: &Voice<'_>, reference: &str, effects: &mut Vec<Effect>) {
        let Some(labeled) = self.take_labeled() else { return };
        let label = Some(("label", labeled.label.as_str()));
        let (to, capabilities) = (self.conn, self.capabilities);
        let mut send = |line: &Outgoing, tag| {
            effects.push(Effect::Send { to, line: line.line(voice.desk, capabilities, tag) });
        };
        let say = |encoder: Encoder| Outgoing::new(voice.at, encoder);
        let nothing = || say(Encoder::new().source(voice.server).verb("ACK"));
        match labeled.held.as_slice() {
            [] => send(&nothing(), label),
            [line] if !line.in_batch() => send(line, label),
            // "Servers MUST only include the label tag on the opening BATCH command when replying to a client using
            // echo-message." And "The batch type MUST be one of: An existing type applicable to the entire response".
            lines if Outgoing::are_one_message(lines) || Outgoing::are_one_batch(lines) => {
                send(&lines[0], label);
                lines[1..].iter().for_each(|line| send(line, None));
            }
            lines => {
                let open = Encoder::new().source(voice.server).verb("BATCH").param(&format!("+{reference}"));
                send(&say(open.param("labeled-response")), label);
                for line in lines {
                    send(line, Some(("batch", reference)));
                }
                let close = Encoder::new().source(voice.server).verb("BATCH").param(&format!("-{reference}"));
                send(&say(close), None);
            }
        }
        if let Some(label) = &labeled.passed_over {
            send(&nothing(), Some(("label", label)));
        }
    }

    /// What was held back, and its label. What follows goes out as it comes.
    fn take_labeled(&mut self) -> Option<Labeled> {
        match std::mem::take(&mut self.manner) {
            Manner::Labeled(labeled) => Some(labeled),
            other => {
                self.manner = other;
                None
            }
        }
    }
}

/// Bytes of a label (IRCv3 labeled-response allows 64). Longer ones are passed over.
const LABEL_BYTES_MAX: usize = 64;

/// The label of a line, if its sender can be given a labelled answer: one of several lines needs a batch.
pub(crate) fn label(capabilities: Set, tags: Tags<'_>) -> Option<String> {
    let understood = capabilities.has(&capability::LABELED_RESPONSE) && capabilities.has(&capability::BATCH);
    let label = if understood && !tags.raw().is_empty() { tags.get("label") } else { None };
    label.filter(|label| (1..=LABEL_BYTES_MAX).contains(&label.len())).map(Into::into)
}
