//! BATCH: a message of several lines, sent line by line (IRCv3 client-batch and multiline).

use std::sync::Arc;

use wire::capability::{self, Set};
use wire::{Casemapping, Message, Reply};

use super::message::{self, Speech};
use super::{Command, When};
use crate::context::Cx;
use crate::event::{Further, Said, SaidKind};
use crate::settings::Settings;
use crate::turn::{Answers, label};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "BATCH", when: When::After, min: 1, syntax: "+<reference> draft/multiline <target> | -<reference>", help: "Begins and ends a message of several lines; each line is a PRIVMSG or NOTICE with the tag batch=<reference>.", run: batch },
];

/// The one type of batch that clients may send.
const MULTILINE: &str = "draft/multiline";

/// The tag of a line that goes on where the one before it ended.
const CONCAT: &str = "draft/multiline-concat";

/// What a client is sending as a batch.
#[derive(Debug)]
pub(crate) enum Sending {
    /// A batch is open.
    Open(Box<Draft>),
    /// The batch of this reference was refused: what still comes of it is passed over.
    Refused(String),
}

/// A message of several lines that is not complete yet. Its limits bound what it holds.
#[derive(Debug)]
pub(crate) struct Draft {
    reference: String,
    target: String,
    /// Of the first line; all have to be alike.
    kind: Option<SaidKind>,
    lines: Vec<Further>,
    /// Bytes of the lines and of the line feeds between them.
    bytes: usize,
    client_tags: Option<Arc<str>>,
    /// The label of the line that opened it: the answer to the whole carries it.
    label: Option<String>,
    /// When it will have been open for too long.
    until_ms: u64,
}

/// Why a batch is refused: the code of the standard reply, what it is about, and words.
struct Failure(&'static str, Vec<String>, &'static str);

impl Sending {
    /// When it is to be given up.
    pub fn until_ms(&self) -> Option<u64> {
        match self {
            Self::Open(draft) => Some(draft.until_ms),
            Self::Refused(_) => None,
        }
    }
}

/// What a capability is shown to be worth: the limits of a message.
pub(crate) fn value(settings: &Settings) -> String {
    let limits = &settings.limits;
    format!("max-bytes={},max-lines={}", limits.multiline_bytes_max, limits.multiline_lines_max)
}

fn batch(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    let (sign, reference) = params[0].split_at(params[0].ceil_char_boundary(1));
    let outcome = match sign {
        "+" => open(cx, reference, &params[1..]),
        "-" => close(cx, reference),
        _ => Err(unknown(params[0])),
    };
    if let Err(failure) = outcome {
        fail(cx, failure);
    }
    Ok(())
}

fn open(cx: &mut Cx<'_>, reference: &str, params: &[&str]) -> Result<(), Failure> {
    // "Reference tag MUST contain only ASCII letters, numbers, and/or hyphen".
    if reference.is_empty() || !reference.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return Err(unknown(reference));
    }
    if let Some(Sending::Open(_)) = cx.session.sending {
        refuse(cx, invalid("Another batch is open"));
        cx.session.sending = Some(Sending::Refused(reference.to_owned()));
        return Ok(());
    }
    let refused = Some(Sending::Refused(reference.to_owned()));
    let target = match params {
        [MULTILINE, ..] if !understands_multiline(cx.session.capabilities) => {
            return Err(invalid("It needs the capabilities batch and draft/multiline"));
        }
        [MULTILINE, target] if !target.is_empty() && !target.contains(',') => (*target).to_owned(),
        [] | [MULTILINE, ..] => {
            cx.session.sending = refused;
            return Err(invalid("A batch has a type and one target"));
        }
        [kind, ..] => {
            cx.session.sending = refused;
            let about = vec![reference.to_owned(), (*kind).to_owned()];
            return Err(Failure("UNKNOWN_TYPE", about, "There is no such type of batch"));
        }
    };
    let kept = label(cx.session.capabilities, cx.tags);
    cx.turn.answers = Answers::Later;
    cx.session.sending = Some(Sending::Open(Box::new(Draft {
        reference: reference.to_owned(),
        target,
        kind: None,
        lines: Vec::new(),
        bytes: 0,
        client_tags: message::client_tags(cx),
        label: kept,
        until_ms: cx.now.monotonic_ms + cx.settings.limits.batch_ms_max,
    })));
    Ok(())
}

fn close(cx: &mut Cx<'_>, reference: &str) -> Result<(), Failure> {
    match cx.session.sending.take() {
        Some(Sending::Refused(refused)) if refused == reference => Ok(()),
        Some(Sending::Open(draft)) if draft.reference == reference => complete(cx, *draft),
        other => {
            cx.session.sending = other;
            Err(unknown(reference))
        }
    }
}

/// All lines are there: the message is said as a whole, or not at all.
fn complete(cx: &mut Cx<'_>, draft: Draft) -> Result<(), Failure> {
    cx.turn.answers = Answers::To(draft.label);
    let Some(kind) = draft.kind else { return Err(invalid("A batch has at least one line")) };
    if draft.lines.iter().all(|line| line.text.is_empty()) {
        return Err(invalid("All lines are blank"));
    }
    let mut lines = draft.lines.into_iter();
    let first = lines.next().expect("a batch whose kind is known has a line");
    let said = Said { kind, text: first.text, more: lines.collect() };
    let speech = Speech { words: Some(said), client_tags: draft.client_tags };
    message::say_whole(cx, &draft.target, kind, &speech);
    Ok(())
}

/// What a line is to the batch that its sender has open. Says whether it is dealt with.
pub(crate) fn absorb(cx: &mut Cx<'_>, message: &Message<'_>) -> bool {
    let is = |verb: &str| message.verb.eq_ignore_ascii_case(verb);
    let understood = understands_multiline(cx.session.capabilities);
    let tag = if understood { message.tags.get("batch") } else { None };
    let Some(tag) = tag else {
        // What keeps the connection alive or ends it may come at any time.
        let harmless = || ["PING", "PONG", "QUIT", "BATCH"].into_iter().any(is);
        if matches!(cx.session.sending, Some(Sending::Open(_))) && !harmless() {
            // "Once a client has opened a batch, it MUST NOT send any messages that are not part of the batch".
            refuse(cx, invalid("Another command came before its end"));
        }
        return false;
    };
    let failure = match &mut cx.session.sending {
        Some(Sending::Refused(refused)) if *refused == *tag => None,
        Some(Sending::Open(draft)) if draft.reference == *tag => {
            let kind = [SaidKind::Message, SaidKind::Notice].into_iter().find(|kind| is(kind.verb()));
            cx.turn.used = kind.and_then(|kind| cx.table.place(kind.verb()));
            match kind {
                Some(kind) => draft.add(kind, message, cx.settings).err(),
                None if is("BATCH") => Some(invalid("Batches do not stand in each other")),
                None => Some(invalid("It has lines of PRIVMSG or of NOTICE only")),
            }
        }
        Some(Sending::Open(_)) => Some(invalid("The line belongs to another batch")),
        _ => {
            fail(cx, invalid("No such batch is open"));
            cx.session.sending = Some(Sending::Refused(tag.into_owned()));
            return true;
        }
    };
    if let Some(failure) = failure {
        refuse(cx, failure);
    }
    true
}

/// A batch was open for too long. Says its label, and what its sender is told.
pub(crate) fn give_up(sending: &mut Option<Sending>) -> Option<(Option<String>, String)> {
    match sending.take() {
        Some(Sending::Open(draft)) => {
            *sending = Some(Sending::Refused(draft.reference.clone()));
            Some((draft.label, draft.reference))
        }
        other => {
            *sending = other;
            None
        }
    }
}

/// Refuses the batch that is open.
fn refuse(cx: &mut Cx<'_>, failure: Failure) {
    if let Some((label, _)) = give_up(&mut cx.session.sending) {
        cx.turn.answers = Answers::To(label);
    }
    fail(cx, failure);
}

fn fail(cx: &mut Cx<'_>, Failure(code, about, words): Failure) {
    let about: Vec<&str> = about.iter().map(String::as_str).collect();
    cx.fail("BATCH", code, &about, words);
}

fn invalid(words: &'static str) -> Failure {
    Failure("MULTILINE_INVALID", Vec::new(), words)
}

fn unknown(reference: &str) -> Failure {
    Failure("INVALID_REFTAG", vec![reference.to_owned()], "There is no batch of such a reference")
}

fn understands_multiline(capabilities: Set) -> bool {
    capabilities.has(&capability::MULTILINE) && capabilities.has(&capability::BATCH)
}

impl Draft {
    /// Takes a line in.
    fn add(&mut self, kind: SaidKind, message: &Message<'_>, settings: &Settings) -> Result<(), Failure> {
        let [target, text, ..] = message.params.all() else {
            return Err(invalid("A line has a target and a text"));
        };
        if !Casemapping::Ascii.same(target, &self.target) {
            let about = vec![self.target.clone(), (*target).to_owned()];
            return Err(Failure("MULTILINE_INVALID_TARGET", about, "A line is for another target"));
        }
        let limits = &settings.limits;
        let first = self.lines.is_empty();
        let joins = message.tags.get(CONCAT).is_some();
        if self.kind.is_some_and(|before| before != kind) {
            return Err(invalid("PRIVMSG and NOTICE are mixed"));
        }
        if joins && text.is_empty() {
            return Err(invalid("A blank line cannot be joined to the one before"));
        }
        // "Each line feed used to join line messages contributes one byte towards the max-bytes limit."
        self.bytes += text.len() + usize::from(!first && !joins);
        if self.bytes > limits.multiline_bytes_max {
            let about = vec![limits.multiline_bytes_max.to_string()];
            return Err(Failure("MULTILINE_MAX_BYTES", about, "The message is too long"));
        }
        if self.lines.len() >= limits.multiline_lines_max {
            let about = vec![limits.multiline_lines_max.to_string()];
            return Err(Failure("MULTILINE_MAX_LINES", about, "The message has too many lines"));
        }
        self.kind = Some(kind);
        self.lines.push(Further { text: (*text).into(), joins: joins && !first });
        Ok(())
    }
}
