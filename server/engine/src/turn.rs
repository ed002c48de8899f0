//! What one input produces, in order, and what the one who asked is answered.

use wire::capability::{self, Set};
use wire::{Encoder, Timestamp};

use crate::event::What;
use crate::interface::{ConnId, Effect};
use crate::modes::NoticeKind;
use crate::outgoing::Outgoing;
use crate::world::UserId;

/// What a command decided, in order. Nothing of it has happened yet.
#[derive(Debug, Default)]
pub(crate) struct Turn {
    pub items: Vec<Item>,
    /// The command that was used.
    pub verb: Option<&'static str>,
    /// The error that it was answered with.
    pub refusal: Option<&'static wire::Numeric>,
    /// Bytes that were said in the same turn before.
    pub bytes_before: usize,
}

impl Turn {
    /// Takes back what was said since `from`, errors among it; what happens stays.
    pub fn keep_events(&mut self, from: usize) {
        let mut index = 0;
        self.items.retain(|item| {
            index += 1;
            index <= from || !matches!(item, Item::Say(_))
        });
    }
}

#[derive(Debug)]
pub(crate) enum Item {
    /// A line for the one who asked.
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

/// The one who asked, and what he is answered.
///
/// Without a label each line goes out as it comes. With one the lines are held back until the turn ends and then
/// carry the label, alone or as a batch (IRCv3 labeled-response).
#[derive(Debug)]
pub(crate) struct Asker {
    pub conn: ConnId,
    pub capabilities: Set,
    label: Option<String>,
    held: Vec<Outgoing>,
    /// The batch in which an answer stands that began in an earlier turn.
    batch: Option<String>,
    /// Bytes that he was told in this turn.
    pub bytes: usize,
}

impl Asker {
    pub fn new(conn: ConnId, capabilities: Set, label: Option<String>) -> Self {
        Self { conn, capabilities, label, held: Vec::new(), batch: None, bytes: 0 }
    }

    /// Nobody asked: something happened by itself.
    pub fn nobody() -> Self {
        Self::new(ConnId(u64::MAX), Set::NONE, None)
    }

    /// Whether lines for this connection have to go through [`Asker::hear`].
    pub fn is_labeled(&self) -> bool {
        self.label.is_some()
    }

    /// A line for the one who asked.
    pub fn hear(&mut self, line: Outgoing, effects: &mut Vec<Effect>) {
        self.bytes += line.bytes();
        if self.is_labeled() {
            self.held.push(line);
        } else {
            let tag = self.batch.as_deref().map(|batch| ("batch", batch));
            effects.push(Effect::Send { to: self.conn, line: line.line(self.capabilities, tag) });
        }
    }

    /// The answer comes later, under the label that is returned, if nothing of it was said yet.
    pub fn put_off(&mut self) -> Option<String> {
        if self.held.is_empty() { self.label.take() } else { None }
    }

    /// What he is told goes on in a batch that is open.
    pub fn answer_in(&mut self, batch: Option<String>) {
        self.batch = batch;
    }

    /// The turn ends and the answer does not: a batch is opened for all of it, with what was held back.
    pub fn open(&mut self, server: &str, at: Timestamp, reference: &str, effects: &mut Vec<Effect>) {
        let Some(label) = self.label.take() else { return };
        let open = Encoder::new().source(server).verb("BATCH").param(&format!("+{reference}"));
        let open = Outgoing::new(at, open.param("labeled-response"));
        let line = open.line(self.capabilities, Some(("label", &label)));
        effects.push(Effect::Send { to: self.conn, line });
        self.batch = Some(reference.to_owned());
        for line in std::mem::take(&mut self.held) {
            self.hear(line, effects);
        }
    }

    /// The answer ends whose batch was opened in an earlier turn.
    pub fn close(&mut self, server: &str, at: Timestamp, effects: &mut Vec<Effect>) {
        let Some(reference) = self.batch.take() else { return };
        let close = Encoder::new().source(server).verb("BATCH").param(&format!("-{reference}"));
        let line = Outgoing::new(at, close).line(self.capabilities, None);
        effects.push(Effect::Send { to: self.conn, line });
    }

    /// The turn ends: what was held back goes out.
    pub fn finish(&mut self, server: &str, at: Timestamp, reference: &str, effects: &mut Vec<Effect>) {
        let Some(label) = self.label.take() else { return };
        let label = Some(("label", label.as_str()));
        let (to, capabilities) = (self.conn, self.capabilities);
        let mut send = |line: &Outgoing, tag| {
            effects.push(Effect::Send { to, line: line.line(capabilities, tag) });
        };
        let say = |encoder: Encoder| Outgoing::new(at, encoder);
        match self.held.as_slice() {
            [] => send(&say(Encoder::new().source(server).verb("ACK")), label),
            [line] if !line.in_batch() => send(line, label),
            lines => {
                let open = Encoder::new().source(server).verb("BATCH").param(&format!("+{reference}"));
                send(&say(open.param("labeled-response")), label);
                for line in lines {
                    send(line, Some(("batch", reference)));
                }
                let close = Encoder::new().source(server).verb("BATCH").param(&format!("-{reference}"));
                send(&say(close), None);
            }
        }
        self.held.clear();
    }
}

/// Whether a client can be given a labelled answer: one of several lines needs a batch.
pub(crate) fn understands_labels(capabilities: Set) -> bool {
    capabilities.has(&capability::LABELED_RESPONSE) && capabilities.has(&capability::BATCH)
}
