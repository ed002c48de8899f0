//! Messages of several lines on their way out (IRCv3 multiline): a batch for those who understand it, the lines one by
//! one for the others.

use wire::{Encoder, Timestamp};

use crate::event::Further;
use crate::ids::EventId;
use crate::outgoing::Outgoing;

/// A message, and to whom it is shown to be.
#[derive(Debug)]
pub(crate) struct Spoken<'a> {
    pub at: Timestamp,
    pub id: &'a EventId,
    pub source: &'a str,
    pub verb: &'static str,
    pub target: &'a str,
    pub text: &'a str,
    pub more: &'a [Further],
}

impl Spoken<'_> {
    /// The message as a batch, named after its id. `dress` puts on what its opening has besides time and id.
    pub fn batch(&self, dress: impl Fn(Outgoing) -> Outgoing) -> Vec<Outgoing> {
        let edge = |sign: char| self.head("BATCH").param(&format!("{sign}{}", self.id));
        let open = Outgoing::new(self.at, edge('+').param("draft/multiline").param(self.target)).id(self.id);
        let mut lines = vec![dress(open).opens()];
        lines.extend(self.lines().map(|(text, joins)| self.line(text).part(self.id, joins)));
        lines.push(Outgoing::new(self.at, edge('-')).closes());
        lines
    }

    /// The message as single lines, without the empty ones: "Servers MUST NOT send blank lines to clients that have not
    /// negotiated the multiline capability."
    pub fn apart(&self, dress: impl Fn(Outgoing) -> Outgoing) -> Vec<Outgoing> {
        let shown = self.lines().filter(|(text, _)| !text.is_empty());
        let mut lines: Vec<Outgoing> = shown.map(|(text, _)| dress(self.line(text))).collect();
        // "Servers MUST only include a message ID on the first message of a batch when sending a fallback".
        if let Some(first) = lines.first_mut() {
            *first = first.clone().id(self.id);
        }
        lines
    }

    fn lines(&self) -> impl Iterator<Item = (&str, bool)> {
        let further = self.more.iter().map(|further| (&*further.text, further.joins));
        std::iter::once((self.text, false)).chain(further)
    }

    fn line(&self, text: &str) -> Outgoing {
        Outgoing::with_text(self.at, self.head(self.verb).param(self.target), text)
    }

    fn head(&self, verb: &str) -> Encoder {
        Encoder::new().source(self.source).verb(verb)
    }
}
