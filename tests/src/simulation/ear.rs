//! What holds for every line that anybody hears, and for the answers of an input as a whole.

use std::collections::{BTreeMap, BTreeSet};

use engine::{ChannelFlag, ConnId, Effect, Now, Rank, UserFlag, UserId, What, World};
use wire::{CLIENT_TAGS_BYTES_MAX, LINE_BYTES_MAX, Message, TAGS_BYTES_MAX, Timestamp};

use super::person::Person;
use super::{Given, lines as wholes};

/// Bytes of a label that is answered.
const LABEL_BYTES_MAX: usize = 64;

/// The lines of some effects with those who hear them, in order.
pub(super) fn lines(effects: &[Effect], people: &BTreeMap<ConnId, Person>) -> Vec<(ConnId, String)> {
    let mut lines = Vec::new();
    let mut closed = BTreeSet::new();
    let mut hear = |conn: ConnId, bytes: &[u8], closed: &BTreeSet<ConnId>| {
        let line = std::str::from_utf8(bytes).expect("every line is UTF-8").to_owned();
        assert!(
            people.contains_key(&conn) && !closed.contains(&conn),
            "{conn:?} is closed and hears {line:?}"
        );
        lines.push((conn, line));
    };
    for effect in effects {
        match effect {
            Effect::Send { to, line } => hear(*to, line.bytes(), &closed),
            Effect::Answer { to, lines } => lines.each().for_each(|line| hear(*to, line.as_bytes(), &closed)),
            Effect::Fan { to, except, line } => {
                let distinct: BTreeSet<&ConnId> = to.iter().collect();
                assert_eq!(distinct.len(), to.len(), "somebody stands twice in a list");
                assert!(
                    except.is_none_or(|except| to.contains(&except)),
                    "who is left out stands in the list"
                );
                to.iter()
                    .filter(|conn| Some(**conn) != *except)
                    .for_each(|conn| hear(*conn, line.bytes(), &closed));
            }
            Effect::Close { conn, .. } => {
                assert!(closed.insert(*conn), "{conn:?} is closed twice");
            }
            Effect::Check { .. }
            | Effect::More { .. }
            | Effect::Reload
            | Effect::Stop { .. }
            | Effect::Restart { .. }
            | Effect::Happened { .. } => {}
        }
    }
    lines
}

/// Those who are closed were there.
pub(super) fn check_closed(effects: &[Effect], people: &mut BTreeMap<ConnId, Person>) {
    for effect in effects {
        if let Effect::Close { conn, .. } = effect {
            assert!(people.contains_key(conn), "{conn:?} is closed and was not open");
        }
    }
}

/// A line is well-formed, no longer than allowed, and has the tags that its receiver asked for and no others.
pub(super) fn check_line(person: &Person, line: &str, now: Now) {
    let body = line.strip_suffix("\r\n").expect("a line has its end");
    let message = Message::parse(body).unwrap_or_else(|error| panic!("{line:?}: {error}"));
    let tags_bytes = if body.starts_with('@') { message.tags.raw().len() + 2 } else { 0 };
    assert!(tags_bytes <= TAGS_BYTES_MAX, "the tags are too long: {line}");
    assert!(
        line.len() - tags_bytes <= LINE_BYTES_MAX,
        "{} bytes are too many: {line}",
        line.len() - tags_bytes
    );
    let part = person.hears_part(&message);
    let (mut timed, mut keys) = (false, BTreeSet::new());
    for (key, value) in message.tags.iter() {
        let wanted = match key {
            "time" => {
                timed = true;
                let at = Timestamp::parse(&value).unwrap_or_else(|| panic!("no time: {line}"));
                // Who does not understand batches is told on joining what was said before.
                let told_late =
                    matches!(message.verb, "PRIVMSG" | "NOTICE") || person.hears_history(&message);
                assert!(at == now.wall || (told_late && at < now.wall), "another time: {line}");
                person.has("server-time")
            }
            "msgid" => person.has("message-tags") && !value.is_empty(),
            "batch" => person.has("batch") && person.batches.contains_key(&*value),
            "draft/chathistory-end" => message.verb == "BATCH" && person.has("message-tags"),
            "label" => person.is_labelled(),
            "draft/multiline-concat" => part && value.is_empty(),
            "bot" => person.has("message-tags") && value.is_empty(),
            own => own.starts_with('+') && person.has("message-tags"),
        };
        assert!(wanted, "{} hears a tag {key} that is none of his: {line}", person.shown());
        assert!(keys.insert(key) || key.starts_with('+'), "the tag {key} stands twice: {line}");
    }
    // The lines of a message have no tags of their own: those of its opening hold for them.
    let wanted = person.has("server-time") && !part;
    assert_eq!(timed, wanted, "{} hears the time or not: {line}", person.shown());
    assert!(!part || keys.iter().all(|key| matches!(*key, "batch" | "draft/multiline-concat")), "{line}");
}

/// The answer that one line has to get.
pub(super) struct Answer {
    asker: Option<ConnId>,
    label: Option<String>,
    /// The batch in which it goes on that began before.
    batch: Option<String>,
    /// Whether it ends in this turn.
    ends: bool,
    /// Whether a batch is begun, so that the answer may come later.
    begins: bool,
}

impl Answer {
    /// What has to come for an input.
    pub fn expected(given: &Given, effects: &[Effect], people: &mut BTreeMap<ConnId, Person>) -> Self {
        let ends = !effects.iter().any(|effect| matches!(effect, Effect::More { .. }));
        let answer = Self { ends, ..Self::asked_for(given, people) };
        let is_checked = |effect: &Effect| matches!(effect, Effect::Check { .. });
        match answer.asker.and_then(|conn| people.get_mut(&conn)) {
            // What has to be checked is answered after that.
            Some(person) if effects.iter().any(is_checked) => {
                person.label = answer.label;
                Self { label: None, ..answer }
            }
            _ => answer,
        }
    }

    fn asked_for(given: &Given, people: &mut BTreeMap<ConnId, Person>) -> Self {
        let nothing = Self { asker: None, label: None, begins: false, batch: None, ends: true };
        let (conn, line) = match given {
            Given::Line(conn, line) => (conn, line),
            Given::Checked(conn, _) => {
                let label = people.get_mut(conn).and_then(|person| person.label.take());
                return Self { asker: Some(*conn), label, ..nothing };
            }
            Given::More(conn) => {
                let batch = people.get(conn).and_then(|person| person.answer.clone());
                return Self { asker: Some(*conn), batch, ..nothing };
            }
            _ => return nothing,
        };
        // What can be read of a line that is not UTF-8 has a label too.
        let text = String::from_utf8_lossy(line);
        let silent = |message: &Message<'_>| {
            message.tags.raw().contains('\u{fffd}')
                || (std::str::from_utf8(line).is_err() && message.verb.eq_ignore_ascii_case("NOTICE"))
        };
        let message = Message::parse(&text).ok().filter(|message| !silent(message));
        let label = message.as_ref().and_then(|message| {
            let labelled = people[conn].is_labelled() && message.tags.raw().len() <= CLIENT_TAGS_BYTES_MAX;
            let label =
                message.tags.get("label").filter(|label| (1..=LABEL_BYTES_MAX).contains(&label.len()));
            label.filter(|_| labelled).map(std::borrow::Cow::into_owned)
        });
        let begins = message.is_some_and(|message| message.verb.eq_ignore_ascii_case("BATCH"));
        Self { asker: Some(*conn), label, begins, ..nothing }
    }

    /// A label is answered once: with one line, or with a batch in which all lines stand, be it over several turns.
    pub fn check(&self, heard: &[(ConnId, String)], people: &mut BTreeMap<ConnId, Person>) {
        let of_asker =
            heard.iter().filter(|(conn, _)| Some(*conn) == self.asker).map(|(_, line)| line.trim_end());
        let messages: Vec<Message<'_>> = of_asker.filter_map(|line| Message::parse(line).ok()).collect();
        // What he said to himself reaches him like anybody's words, besides the answer.
        let delivered = |message: &Message<'_>| {
            matches!(message.verb, "PRIVMSG" | "NOTICE" | "TAGMSG" | "REDACT")
                && message.tags.get("label").is_none()
                && message.tags.get("batch").is_none()
        };
        let of_asker =
            wholes::without_deliveries(&messages).into_iter().filter(|message| !delivered(message));
        let of_asker: Vec<Message<'_>> = of_asker.collect();
        let mut labels: Vec<(ConnId, String)> = heard
            .iter()
            .filter_map(|(conn, line)| {
                let message = Message::parse(line.trim_end()).ok()?;
                message.tags.get("label").map(|label| (*conn, label.into_owned()))
            })
            .collect();
        let before = labels.len();
        labels.retain(|(conn, label)| {
            let owed = &mut people.get_mut(conn).expect("who hears is there").owed;
            owed.take_if(|owed| owed == label).is_none()
        });
        let late = labels.len() < before;
        let person = self.asker.and_then(|conn| people.get_mut(&conn));
        let Some(label) = &self.label else {
            assert!(labels.is_empty(), "nobody labelled anything: {labels:?}");
            if let (Some(reference), Some(person)) = (&self.batch, person) {
                person.answer = self.rest(reference, &of_asker);
            }
            return;
        };
        let asker = self.asker.expect("who labels asks");
        if self.begins && labels.is_empty() && !late {
            person.expect("who asks is there").owed = Some(label.clone());
            return;
        }
        assert_eq!(labels, [(asker, label.clone())], "a label is answered once");
        if late {
            return;
        }
        let first = &of_asker[0];
        assert!(first.tags.get("label").is_some(), "the label comes first");
        match (first.verb, first.params.all()) {
            ("BATCH", [reference, "labeled-response"]) => {
                let reference = reference.strip_prefix('+').expect("a batch opens");
                person.expect("who asks is there").answer = self.rest(reference, &of_asker[1..]);
                let inside = &of_asker[1..];
                assert!(inside.len() > 2 || inside.iter().any(|line| line.tags.get("batch").is_some()));
            }
            ("BATCH", [_, "draft/multiline", _]) => assert!(wholes::is_whole(&of_asker)),
            // History and the like: the label is on their own batch, which is the whole answer.
            ("BATCH", [reference, _, ..]) => {
                let reference = reference.strip_prefix('+').expect("a batch opens");
                assert_eq!(self.rest(reference, &of_asker[1..]), None, "it ends with the answer");
            }
            _ => assert_eq!(of_asker.len(), 1, "an answer without a batch is one line"),
        }
    }

    /// The lines that stand in a batch, up to its end or to where it goes on: then it stays open.
    fn rest(&self, reference: &str, lines: &[Message<'_>]) -> Option<String> {
        let inside = match lines.split_last() {
            Some((last, inside)) if self.ends => {
                let end = format!("-{reference}");
                assert_eq!((last.verb, last.param(0)), ("BATCH", Some(&*end)), "a batch is closed");
                inside
            }
            _ => lines,
        };
        let stands = |line: &Message<'_>| line.tags.get("batch").is_some();
        assert!(inside.iter().all(stands), "all lines stand in the batch");
        (!self.ends).then(|| reference.to_owned())
    }
}

/// What was said is heard by exactly those for whom it was, once each, and by the sender if he wants his echo.
pub(super) fn check_messages(
    given: &Given,
    effects: &[Effect],
    heard: &[(ConnId, String)],
    people: &BTreeMap<ConnId, Person>,
    world: &World,
) {
    let Given::Line(sender, line) = given else { return };
    let Some(user) = world.user(UserId(sender.0)) else { return };
    let Some(asked) = std::str::from_utf8(line).ok().and_then(|line| Message::parse(line).ok()) else {
        return;
    };
    let verb = asked.verb.to_ascii_uppercase();
    if !matches!(verb.as_str(), "PRIVMSG" | "NOTICE" | "TAGMSG") {
        return;
    }
    let mut told: BTreeMap<String, BTreeMap<ConnId, usize>> = BTreeMap::new();
    for (conn, line) in heard {
        let message = Message::parse(line.trim_end()).expect("lines are well-formed");
        if message.verb == verb && message.source.is_some_and(|source| source.nick == user.nick.as_str()) {
            let tagged = people[conn].has("message-tags") && user.flags.has(UserFlag::Bot);
            assert_eq!(message.tags.get("bot").is_some(), tagged, "a bot is shown as one: {line}");
            let target = message.params[0].to_owned();
            *told.entry(target).or_default().entry(*conn).or_default() += 1;
        }
    }
    let mut said: BTreeMap<String, usize> = BTreeMap::new();
    for effect in effects {
        if let Effect::Happened { event, channels } = effect
            && matches!(event.what, What::Message(_))
        {
            channels.iter().for_each(|channel| *said.entry(channel.to_string()).or_default() += 1);
        }
    }
    for channel in said.keys() {
        told.entry(channel.clone()).or_default();
    }
    let echo = usize::from(people[sender].has("echo-message"));
    for (target, receivers) in told {
        let himself = usize::from(world.user_named(&target).is_some_and(|named| named.id == user.id));
        let understands = |conn: &ConnId| verb != "TAGMSG" || people[conn].has("message-tags");
        let audience = audience(&target, world, user.id).into_iter().map(|id| ConnId(id.0));
        let others: Vec<ConnId> = audience.filter(|conn| conn != sender && understands(conn)).collect();
        let heard_by = |conn: &ConnId| receivers.get(conn).copied().unwrap_or(0);
        // How often it was said to a user or a rank is not seen in the event: all have to hear it equally often.
        let times = said.get(&target).copied().unwrap_or_else(|| match others.first() {
            Some(other) => heard_by(other),
            None => heard_by(sender) / (himself + echo).max(1),
        });
        let mut expected: BTreeMap<ConnId, usize> = others.into_iter().map(|conn| (conn, times)).collect();
        expected.insert(*sender, times * (himself + echo));
        expected.retain(|_, times| *times > 0);
        assert_eq!(receivers, expected, "{verb} to {target} is heard by others than those for whom it was");
    }
}

/// For whom a target stands.
pub(super) fn audience(target: &str, world: &World, sender: UserId) -> Vec<UserId> {
    if let Some(user) = world.user_named(target) {
        return vec![user.id];
    }
    let (rank, name) = Rank::of_target(target);
    let channel = world.channel(name).unwrap_or_else(|| panic!("{target} is nobody"));
    // What those without a rank say may be for the operators alone.
    let moderated = channel.flags.has(ChannelFlag::OpModerated) && !channel.reaches(sender, Rank::Voice);
    let rank = rank.or(moderated.then_some(Rank::HalfOp));
    let members =
        channel.members().iter().filter(|(_, member)| rank.is_none_or(|rank| member.ranks.reach(rank)));
    members.map(|(id, _)| *id).collect()
}
