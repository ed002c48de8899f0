//! Messages of several lines (IRCv3 multiline): how people say them, and what of them is heard.

use std::collections::BTreeMap;

use engine::commands::Target;
use engine::{ConnId, Effect, Said, What, World};
use wire::Message;

use super::person::Person;
use super::words::{channel, tags, target, text};
use super::{Given, Simulation, ear};

impl Simulation {
    /// Somebody says something of several lines, or begins to.
    pub(super) fn several_lines(&mut self, conn: ConnId) {
        if self.random.percent(80) && !self.people[&conn].speaks_in_wholes() {
            return self.give(Given::Line(conn, b"CAP REQ :batch draft/multiline".to_vec()));
        }
        let mut scene = self.scene(conn);
        let reference = (*scene.random.pick(&["1", "2", "a-b"])).to_owned();
        let to = if scene.random.percent(30) { target(&mut scene) } else { channel(&mut scene) };
        let verb = *scene.random.pick(&["PRIVMSG", "PRIVMSG", "NOTICE"]);
        let mut lines = vec![format!("BATCH +{reference} draft/multiline {to}")];
        for _ in 0..scene.random.below(6) {
            let tag = if scene.random.percent(3) { "other" } else { &reference };
            let joins = if scene.random.percent(25) { ";draft/multiline-concat" } else { "" };
            let text = if scene.random.percent(50) { text(&mut scene) } else { "a line".to_owned() };
            lines.push(format!("@batch={tag}{joins} {verb} {to} :{text}"));
        }
        if scene.random.percent(10) {
            lines.push(format!("TOPIC #den :{}", text(&mut scene)));
        }
        if scene.random.percent(90) {
            lines.push(format!("BATCH -{reference}"));
        }
        for mut line in lines {
            if !line.starts_with('@') && self.random.percent(50) {
                line = tags(&mut self.random) + &line;
            }
            let body = line.find(" PRIVMSG").or(line.find(" NOTICE")).map_or(0, |space| space + 1);
            line.truncate(line.floor_char_boundary(body + 510));
            if self.people.get(&conn).is_some_and(|person| !person.waits) {
                self.give(Given::Line(conn, line.into_bytes()));
                self.answer_all();
            }
            if self.random.percent(5) {
                let some_ms = self.random.below(3000) as u64;
                self.pass(some_ms);
            }
        }
    }
}

/// What somebody hears, without the messages of several lines that he said to himself: those are no answers.
pub(super) fn without_deliveries<'a>(messages: &[Message<'a>]) -> Vec<Message<'a>> {
    let opens = |message: &&Message<'_>| {
        message.verb == "BATCH"
            && message.param(1) == Some("draft/multiline")
            && message.tags.get("label").is_none()
            && message.tags.get("batch").is_none()
    };
    let Some(open) = messages.iter().position(|message| opens(&message)) else { return messages.to_vec() };
    let closes = |message: &Message<'_>| {
        message.verb == "BATCH" && message.param(0).is_some_and(|reference| reference.starts_with('-'))
    };
    let length =
        messages[open..].iter().position(closes).expect("a batch ends in the turn in which it began");
    let rest = messages[open + length + 1..].iter().cloned();
    messages[..open].iter().cloned().chain(without_deliveries(&rest.collect::<Vec<_>>())).collect()
}

/// Whether lines are one message of several lines from its opening to its end, and nothing else.
pub(super) fn is_whole(messages: &[Message<'_>]) -> bool {
    let [first, parts @ .., last] = messages else { return false };
    let Some(reference) = first.param(0).and_then(|reference| reference.strip_prefix('+')) else {
        return false;
    };
    let inside = |part: &Message<'_>| part.tags.get("batch").is_some_and(|batch| batch == reference);
    last.param(0) == Some(&format!("-{reference}")) && parts.iter().all(inside)
}

/// A message of several lines is heard whole by those for whom it is: as a batch, or its lines one by one.
pub(super) fn check(
    effects: &[Effect],
    heard: &[(ConnId, String)],
    people: &BTreeMap<ConnId, Person>,
    world: &World,
) {
    for effect in effects {
        let Effect::Happened { event, .. } = effect else { continue };
        let What::Message(message) = &event.what else { continue };
        let Some(words) = message.words.as_ref().filter(|words| !words.more.is_empty()) else { continue };
        let sender = &people[&ConnId(message.user.0)];
        assert!(sender.owed.is_none(), "{} has said all of it and is answered", sender.shown());
        let (audience, himself) = match &message.target {
            Target::Channel(name) | Target::Operators(name) => {
                (ear::audience(name.as_str(), world, message.user), false)
            }
            Target::Ranked(rank, name) => {
                (ear::audience(&format!("{}{name}", rank.prefix()), world, message.user), false)
            }
            Target::User(user) => (vec![*user], *user == message.user),
        };
        for (conn, person) in people {
            let id = engine::UserId(conn.0);
            let times = match id == message.user {
                true => usize::from(himself) + usize::from(person.has("echo-message")),
                false => usize::from(audience.contains(&id)),
            };
            let expected = expected(words, person.speaks_in_wholes(), times);
            let said = heard.iter().filter(|(to, _)| to == conn).filter_map(|(_, line)| {
                let line = Message::parse(line.trim_end()).ok()?;
                let from = line
                    .source
                    .is_some_and(|source| message.source.starts_with(&format!("{}!", source.nick)));
                let batch = line.verb == "BATCH" && from;
                (batch || (line.verb == words.kind.verb() && from))
                    .then(|| if batch { line.params[0][..1].to_owned() } else { line.params[1].to_owned() })
            });
            let said: Vec<String> = said.collect();
            let alike = said.len() == expected.len()
                && said.iter().zip(&expected).all(|(said, expected)| expected.starts_with(said.as_str()));
            assert!(alike, "{} hears {said:?} of {expected:?}", person.shown());
        }
    }
}

fn expected(words: &Said, whole: bool, times: usize) -> Vec<&str> {
    let mut once: Vec<&str> = words.each_line().collect();
    if whole {
        once.insert(0, "+");
        once.push("-");
    } else {
        once.retain(|text| !text.is_empty());
    }
    once.repeat(times)
}
