//! Lines on their way out: who hears them, and how each kind of client sees them.

use std::sync::Arc;

use wire::capability::{self, Capability, Set};
use wire::{ChannelName, Encoder, LINE_BYTES_MAX, Timestamp};

use crate::desk::{Desk, Voice};
use crate::ids::EventId;
use crate::interface::{ConnId, Line};
use crate::world::UserId;

/// A line without tags, and what its tags can be made of.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    body: Arc<str>,
    at: Timestamp,
    id: Option<EventId>,
    client_tags: Option<Arc<str>>,
    from_bot: bool,
    batch: Option<String>,
    place: Place,
}

/// What a line is to a message of several lines (IRCv3 multiline).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Nothing.
    Alone,
    /// It opens the message's batch, and has the tags of the whole.
    Opening,
    /// It is one of the message's lines.
    Part,
    /// It is one that goes on where the line before it ended.
    Joined,
    /// It ends the batch.
    Closing,
}

/// A line and those who hear it.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub to: Audience,
    /// One of them who is left out.
    pub except: Option<UserId>,
    /// Only those who have these capabilities hear it.
    pub needs: Set,
    /// Those who have one of these capabilities do not hear it: they hear another line instead.
    pub lacks: Set,
    /// Those who watch this user's nick hear it besides, if they asked for more than that he comes and goes.
    pub watched: Option<UserId>,
    /// Whether it is no answer, even to the one who caused it: it never carries his label.
    pub delivery: bool,
    /// The one who said it, who hears it besides if his client wants that.
    pub echo: Option<UserId>,
    pub line: Outgoing,
}

impl Told {
    /// A line that all of an audience hear.
    pub fn new(to: Audience, line: Outgoing) -> Self {
        let (except, watched, echo) = (None, None, None);
        Self { to, except, needs: Set::NONE, lacks: Set::NONE, watched, delivery: false, echo, line }
    }

    /// One of them is left out.
    #[must_use]
    pub fn except(mut self, user: UserId) -> Self {
        self.except = Some(user);
        self
    }

    /// Only those who have a capability hear it.
    #[must_use]
    pub fn needs(mut self, capability: &'static Capability) -> Self {
        self.needs = self.needs.with(capability);
        self
    }

    /// Only those who do not have a capability hear it.
    #[must_use]
    pub fn lacks(mut self, capability: &'static Capability) -> Self {
        self.lacks = self.lacks.with(capability);
        self
    }

    /// Those who watch a user hear it besides (IRCv3 extended-monitor).
    #[must_use]
    pub fn and_watchers(mut self, user: UserId) -> Self {
        self.watched = Some(user);
        self
    }

    /// It is no answer, even to the one who caused it.
    #[must_use]
    pub fn delivery(mut self) -> Self {
        self.delivery = true;
        self
    }

    /// The one who said it hears it besides, behind all that others hear, if his client wants that (IRCv3 echo-message).
    #[must_use]
    pub fn and_echo(mut self, user: UserId) -> Self {
        self.echo = Some(user);
        self
    }

    /// Whom of the audience it is for, by what their clients understand.
    pub fn wanted(&self) -> Wanted {
        Wanted { needs: self.needs, lacks: self.lacks }
    }
}

/// What a client has to understand, and not to understand, to hear a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    needs: Set,
    lacks: Set,
}

impl Wanted {
    /// Whether a client that understands this much is meant.
    pub fn is_met(self, capabilities: Set) -> bool {
        capabilities.and(self.needs) == self.needs && capabilities.and(self.lacks).is_empty()
    }
}

/// Who hears a line.
#[derive(Clone, Debug)]
pub(crate) enum Audience {
    Channel(ChannelName),
    /// All who are in any of some channels, each once.
    Channels(Vec<ChannelName>),
    User(UserId),
    Users(Vec<UserId>),
}

/// The capabilities by which the bytes of a line differ.
pub(crate) const VARIANTS: Set = Set::NONE.with(&capability::SERVER_TIME).with(&capability::MESSAGE_TAGS);

impl Outgoing {
    /// A line said at a time. `encoder` holds it from the source on.
    pub fn new(at: Timestamp, encoder: Encoder) -> Self {
        Self::complete(at, encoder.end())
    }

    /// A line that is complete but for its tags. One that repeats so much of what a person sent that it is longer
    /// than the protocol allows is cut at its end.
    pub fn complete(at: Timestamp, mut body: String) -> Self {
        Self::of(at, &mut body)
    }

    /// The same, whose memory stays where it is.
    pub fn of(at: Timestamp, body: &mut String) -> Self {
        bound(body, 0);
        Self::bounded(at, body)
    }

    /// A line that is complete but for its tags, and no longer than the protocol allows.
    pub fn bounded(at: Timestamp, body: &str) -> Self {
        Self {
            body: body.into(),
            at,
            id: None,
            client_tags: None,
            from_bot: false,
            batch: None,
            place: Place::Alone,
        }
    }

    /// A line that ends with what a person wrote, which is cut where the protocol's limit demands it.
    pub fn with_text(at: Timestamp, encoder: Encoder, text: &str) -> Self {
        Self::new(at, ending(encoder, text))
    }

    #[must_use]
    pub fn id(mut self, id: &EventId) -> Self {
        self.id = Some(*id);
        self
    }

    #[must_use]
    pub fn client_tags(mut self, tags: Option<Arc<str>>) -> Self {
        self.client_tags = tags;
        self
    }

    /// Whether the user of a nick is its source.
    pub fn is_from(&self, nick: &str) -> bool {
        let source = self.body.strip_prefix(':').and_then(|rest| rest.split([' ', '!']).next());
        source == Some(nick)
    }

    /// Marks what a bot did with the tag `bot` (IRCv3 bot mode).
    pub fn mark_bot(&mut self) {
        self.from_bot = true;
    }

    #[must_use]
    pub fn batch(mut self, reference: &str) -> Self {
        self.batch = Some(reference.to_owned());
        self
    }

    /// Its bytes without tags.
    pub fn bytes(&self) -> usize {
        self.body.len()
    }

    /// It opens a message of several lines.
    #[must_use]
    pub fn opens(mut self) -> Self {
        self.place = Place::Opening;
        self
    }

    /// It is a line of a message of several lines, whose opening has the tags.
    #[must_use]
    pub fn part(mut self, message: &str, joins: bool) -> Self {
        self.place = if joins { Place::Joined } else { Place::Part };
        self.batch(message)
    }

    /// It ends a message of several lines.
    #[must_use]
    pub fn closes(mut self) -> Self {
        self.place = Place::Closing;
        self
    }

    /// Whether it is a line of a message of several lines.
    pub fn is_part(&self) -> bool {
        matches!(self.place, Place::Part | Place::Joined)
    }

    /// Whether lines are one message of several lines, and nothing else.
    pub fn are_one_message(lines: &[Self]) -> bool {
        let [first, parts @ .., last] = lines else { return false };
        let edges = (first.place, last.place) == (Place::Opening, Place::Closing);
        edges && !first.in_batch() && parts.iter().all(Self::is_part)
    }

    /// Whether lines are one batch of the server's, such as history, and nothing else.
    pub fn are_one_batch(lines: &[Self]) -> bool {
        let [first, inner @ .., last] = lines else { return false };
        let opened = first.edge('+');
        opened.is_some() && opened == last.edge('-') && inner.iter().all(Self::in_batch)
    }

    /// The reference of the batch that it opens or closes, unless that stands in another one.
    fn edge(&self, sign: char) -> Option<&str> {
        let mut words = self.body.split([' ', '\r']).skip(1);
        let is_edge = !self.in_batch() && words.next() == Some("BATCH");
        words.next().filter(|_| is_edge)?.strip_prefix(sign)
    }

    /// Whether it stands in a batch of its own, such as history.
    pub fn in_batch(&self) -> bool {
        self.batch.is_some()
    }

    /// The line as a client with some capabilities sees it; `tag` is a tag that only this client gets.
    pub fn line(&self, desk: &Desk, capabilities: Set, tag: Option<(&str, &str)>) -> Line {
        if capabilities.and(VARIANTS).is_empty() && self.batch.is_none() && tag.is_none() {
            return Line::shared(self.body.clone());
        }
        let mut head = desk.line();
        if let Some(batch) = &self.batch {
            head = head.tag("batch", batch);
        } else if let Some((key, value)) = tag {
            head = head.tag(key, value);
        }
        if self.place == Place::Joined {
            head = head.tag("draft/multiline-concat", "");
        }
        if !self.is_part() && capabilities.has(&capability::SERVER_TIME) {
            head = desk.timed(head, self.at);
        }
        if !self.is_part() && capabilities.has(&capability::MESSAGE_TAGS) {
            if let Some(id) = &self.id {
                head = head.tag("msgid", id);
            }
            if self.from_bot {
                head = head.tag("bot", "");
            }
            if let Some(tags) = &self.client_tags {
                head = head.raw_tags(tags);
            }
        }
        let is_plain = head.bytes() == 0;
        let memory = head.raw(&self.body);
        let line = if is_plain { Line::shared(self.body.clone()) } else { Line::new(&memory) };
        desk.keep(memory);
        line
    }
}

/// The tags before each line that is answered and has nothing but its words, as [`Outgoing::line`] has them; mostly there
/// are none. They stand in the memory of the desk.
pub(crate) fn answer_tags(voice: &Voice<'_>, capabilities: Set, batch: Option<&str>) -> Option<String> {
    let timed = capabilities.has(&capability::SERVER_TIME);
    if batch.is_none() && !timed {
        return None;
    }
    let mut head = voice.desk.line();
    if let Some(batch) = batch {
        head = head.tag("batch", batch);
    }
    if timed {
        head = voice.desk.timed(head, voice.at);
    }
    Some(head.raw(""))
}

/// A line that ends with what a person wrote, which is cut where the protocol's limit demands it.
pub(crate) fn ending(encoder: Encoder, text: &str) -> Encoder {
    let room = LINE_BYTES_MAX.saturating_sub(encoder.bytes() + " :\r\n".len());
    encoder.trailing(&text[..text.floor_char_boundary(room)])
}

/// Ends the line that begins somewhere in a text where the protocol ends it at the latest. It is complete but for its
/// tags.
#[inline]
pub(crate) fn bound(lines: &mut String, begin: usize) {
    let line = &lines[begin..];
    debug_assert!(
        line.strip_suffix("\r\n").is_some_and(|line| !line.contains(['\r', '\n', '\0'])),
        "{line:?}"
    );
    if line.len() > LINE_BYTES_MAX {
        let end = begin + line.floor_char_boundary(LINE_BYTES_MAX - "\r\n".len());
        lines.truncate(end);
        lines.push_str("\r\n");
    }
}

/// Lines that belong together, in a batch of a type. The reference has to differ from those of other batches that are
/// open at the same time.
pub(crate) fn in_batch(
    server: &str,
    at: Timestamp,
    reference: &str,
    kind: &[&str],
    lines: Vec<Outgoing>,
) -> Vec<Outgoing> {
    let edge = |sign: char, words: &[&str]| {
        let head = Encoder::new().source(server).verb("BATCH").param(&format!("{sign}{reference}"));
        Outgoing::new(at, words.iter().fold(head, |line, word| line.param(word)))
    };
    let inside = lines.into_iter().map(|line| line.batch(reference));
    [edge('+', kind)].into_iter().chain(inside).chain([edge('-', &[])]).collect()
}

/// The connection of a user. The users of one server are numbered as their connections are.
pub(crate) fn conn_of(user: UserId) -> ConnId {
    ConnId(user.0)
}

/// The user that a connection becomes when it registers.
pub fn user_of(conn: ConnId) -> UserId {
    UserId(conn.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_where_the_protocol_ends_it() {
        #[rustfmt::skip]
        let table = [
            ("x".repeat(504),  511),
            ("x".repeat(505),  512),
            ("x".repeat(506),  512),
            ("x".repeat(9000), 512),
            ("é".repeat(252),  511),
            ("é".repeat(253),  511),
        ];
        for (text, bytes) in table {
            let line = Outgoing::new(Timestamp(0), Encoder::new().verb("401").trailing(&text));
            let line = line.line(&Desk::default(), Set::NONE, None);
            assert_eq!(line.bytes().len(), bytes, "{} bytes of text", text.len());
            assert!(line.bytes().ends_with(b"\r\n"));
        }
    }
}
