//! What was said and done before, told to one who asks or was not there.

use wire::Encoder;
use wire::capability::{self, Set};

use crate::context::Cx;
use crate::event::{Past, Thing};
use crate::history::{Log, Page};
use crate::multiline::Spoken;
use crate::outgoing::Outgoing;
use crate::turn::Item;
use crate::world::{Channel, UserId};

/// The tag of a batch behind which there is nothing more in the direction that was asked for.
const END: &str = "draft/chathistory-end";

/// A place whose history somebody may read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place<'a> {
    /// A channel that he is in.
    Channel(&'a Channel),
    /// What he and another user said to each other, and the nick under which it was asked for.
    Direct(UserId, &'a str),
}

impl<'a> Place<'a> {
    /// The place of a name, for the one who asks: a channel he is in; the one who has a nick now, or had it when they
    /// last spoke.
    pub fn named(cx: &Cx<'a>, name: &str) -> Option<Self> {
        let user = cx.user();
        if wire::is_channel_like(name) {
            return cx.world.channel(name).filter(|channel| channel.has(user.id)).map(Self::Channel);
        }
        let present = cx.world.user_named(name).map(|other| Self::Direct(other.id, other.nick.as_str()));
        present.or_else(|| cx.history.former(user.id, name).map(|(id, nick)| Self::Direct(id, nick)))
    }

    /// All places that he may read now: his channels, and those with whom he has spoken and whom their nick still leads
    /// to.
    pub fn all(cx: &Cx<'a>) -> Vec<Self> {
        let user = cx.user();
        let channels = user.channels().iter().filter_map(|name| cx.world.channel(name.as_str()));
        let people = cx.history.partners(user.id).filter_map(|(partner, nick, _)| {
            let nick = cx.world.user(partner).map_or(nick, |present| present.nick.as_str());
            // Where his nick leads to somebody else now, the conversation cannot be asked for.
            let leads_here =
                matches!(Self::named(cx, nick), Some(Self::Direct(other, _)) if other == partner);
            leads_here.then_some(Self::Direct(partner, nick))
        });
        channels.map(Self::Channel).chain(people).collect()
    }

    /// Its name, as it is written there.
    pub fn name(self) -> &'a str {
        match self {
            Self::Channel(channel) => channel.name.as_str(),
            Self::Direct(_, nick) => nick,
        }
    }

    /// What was said and done there.
    pub fn log(self, cx: &Cx<'a>) -> Option<&'a Log> {
        match self {
            Self::Channel(channel) => cx.history.channel(&channel.name),
            Self::Direct(other, _) => cx.history.between(cx.user().id, other),
        }
    }
}

/// Whether a client can be shown something that is past. What is not said in words would be taken for new without a
/// batch around it.
pub(crate) fn understands(capabilities: Set, past: &Past) -> bool {
    let events = capabilities.has(&capability::EVENT_PLAYBACK) && capabilities.has(&capability::BATCH);
    match past.what {
        Thing::Said(_) => true,
        Thing::Tagged => events && capabilities.has(&capability::MESSAGE_TAGS),
        Thing::Redacted { .. } => events && capabilities.has(&capability::MESSAGE_REDACTION),
        _ => events,
    }
}

/// Tells what was said and done in a place: in a batch with its times where the client understands both, with the time
/// in the text where not. A client that knows times but no batches takes the lines for new ones, and shows when they
/// came.
pub(crate) fn tell(cx: &mut Cx<'_>, place: &str, page: &Page<'_>) {
    let lines = page.pasts.iter().flat_map(|past| lines(cx, place, past, true)).collect();
    batch(cx, &["chathistory", place], page.is_end, lines);
}

/// The lines of one message, as the one who asks would have heard them then, without a batch of their own.
pub(crate) fn words(cx: &Cx<'_>, place: &str, past: &Past) -> Vec<Outgoing> {
    lines(cx, place, past, false)
}

/// Tells lines that belong together, as a batch of a type if the client understands batches.
pub(crate) fn batch(cx: &mut Cx<'_>, kind: &[&str], is_end: bool, lines: Vec<Outgoing>) {
    if !cx.session.capabilities.has(&capability::BATCH) {
        cx.turn.items.extend(lines.into_iter().map(Item::Say));
        return;
    }
    // A reference has to differ from those of other open batches only; one like this is never open beside itself.
    let reference = "history";
    let edge = |cx: &Cx<'_>, sign: char, kind: &[&str]| {
        let head = Encoder::new().source(&cx.settings.server_name).verb("BATCH");
        let head = head.param(&format!("{sign}{reference}"));
        Outgoing::new(cx.now.wall, kind.iter().fold(head, |line, word| line.param(word)))
    };
    let (mut open, close) = (edge(cx, '+', kind), edge(cx, '-', &[]));
    if is_end {
        open = open.client_tags(Some(END.into()));
    }
    cx.turn.items.push(Item::Say(open));
    // The lines of a message of several lines stand in the batch of that message, which stands in this one.
    let inside = |line: Outgoing| if line.is_part() { line } else { line.batch(reference) };
    cx.turn.items.extend(lines.into_iter().map(|line| Item::Say(inside(line))));
    cx.turn.items.push(Item::Say(close));
}

/// The lines of one entry, as the one who asks would have heard them then; those of a message of several lines in a batch
/// where he understands that and it is wanted.
fn lines(cx: &Cx<'_>, place: &str, past: &Past, in_batches: bool) -> Vec<Outgoing> {
    let capabilities = cx.session.capabilities;
    let timed = capabilities.has(&capability::SERVER_TIME) && capabilities.has(&capability::BATCH);
    let target = past.to.as_ref().map_or(place, |to| &to.nick);
    let head = |verb: &str| Encoder::new().source(&past.source).verb(verb);
    let with_text = |line: Encoder, text: &str| Outgoing::with_text(past.at, line, text);
    let with_reason = |line: Encoder, reason: &str| match reason {
        "" => Outgoing::new(past.at, line),
        reason => Outgoing::with_text(past.at, line, reason),
    };
    let dress = |line: Outgoing| {
        let mut line = line.client_tags(past.client_tags.clone());
        if past.from_bot {
            line.mark_bot();
        }
        line
    };
    let complete = |line: Outgoing| dress(line).id(&past.id);
    let line = match &past.what {
        Thing::Said(said) if !said.more.is_empty() => {
            let (at, id, source, verb) = (past.at, &past.id, &*past.source, said.kind.verb());
            let mut whole = Spoken { at, id, source, verb, target, text: &said.text, more: &said.more };
            if in_batches && timed && cx.session.understood().has(&capability::MULTILINE) {
                return whole.batch(dress);
            }
            // The time stands before the first line that is shown.
            let shown = said.from_first_words();
            let stamped = shown.text_with_time(at, cx.now.wall);
            if !timed {
                (whole.text, whole.more) = (&stamped, &shown.more);
            }
            return whole.apart(dress);
        }
        Thing::Said(said) if timed => with_text(head(said.kind.verb()).param(target), &said.text),
        Thing::Said(said) => {
            with_text(head(said.kind.verb()).param(target), &said.text_with_time(past.at, cx.now.wall))
        }
        Thing::Tagged => Outgoing::new(past.at, head("TAGMSG").param(target)),
        Thing::Joined(realname) if capabilities.has(&capability::EXTENDED_JOIN) => {
            // Who was logged in to no account had `*` for one.
            with_text(head("JOIN").param(target).param("*"), realname)
        }
        Thing::Joined(_) => Outgoing::new(past.at, head("JOIN").param(target)),
        Thing::Parted(reason) => with_reason(head("PART").param(target), reason),
        Thing::Kicked { nick, reason } => with_text(head("KICK").param(target).param(nick), reason),
        Thing::Quit(reason) => with_text(head("QUIT"), reason),
        Thing::Renamed(nick) => with_text(head("NICK"), nick),
        Thing::Topic(text) => with_text(head("TOPIC").param(target), text),
        Thing::Modes(changes) => {
            let line = |words: &String| words.split(' ').fold(head("MODE").param(target), Encoder::param);
            return changes.iter().map(|words| complete(Outgoing::new(past.at, line(words)))).collect();
        }
        Thing::Redacted { id, reason } => with_reason(head("REDACT").param(target).param(id), reason),
    };
    vec![complete(line)]
}
