//! PRIVMSG, NOTICE and TAGMSG: what this is all for.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use wire::capability;
use wire::{ChannelName, Reply, Timestamp, numeric};

use super::{Cause, Command, Happening, Heard, When};
use crate::context::{Cx, comma, is_empty_list};
use crate::event::{Past, Receiver, Said, SaidKind, Thing};
use crate::modes::{ChannelFlag, Rank, UserFlag};
use crate::multiline::Spoken;
use crate::outgoing::{Audience, Outgoing, Told, ending};
use crate::rules::obstacle;
use crate::settings::Settings;
use crate::world::{Stale, User, UserId, World};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "PRIVMSG", when: When::After, min: 0, syntax: "<target>[,<target>…] :<text>", help: "Says something to channels, to those in a channel with a rank (@#channel), or to users.", run: privmsg },
    Command { verb: "NOTICE",  when: When::Any, min: 0, syntax: "<target>[,<target>…] :<text>", help: "Says something that nothing answers automatically.", run: notice },
    Command { verb: "TAGMSG",  when: When::After, min: 0, syntax: "<target>[,<target>…]", help: "Sends only the message's tags, e.g. that one is typing.", run: tagmsg },
];

/// Something was said.
#[derive(Clone, Debug)]
pub struct Message {
    /// Who said it.
    pub user: UserId,
    /// How he was called then: `nick!user@host`.
    pub source: Arc<str>,
    /// To whom.
    pub target: Target,
    /// What; nothing if only the tags matter.
    pub words: Option<Said>,
    /// The client's own tags, as they stand on the line; mostly there are none.
    pub client_tags: Option<Arc<str>>,
}

/// To whom something is said.
#[derive(Clone, Debug)]
pub enum Target {
    /// Everybody in a channel.
    Channel(ChannelName),
    /// Those in a channel who have a rank or a higher one.
    Ranked(Rank, ChannelName),
    /// A channel, in which only the operators and half-operators hear it.
    Operators(ChannelName),
    /// One user.
    User(UserId),
}

/// What is to be said, whoever it is for.
#[derive(Debug)]
pub(crate) struct Speech {
    /// What; nothing if only the tags matter.
    pub words: Option<Said>,
    /// The client's own tags, as they stand on the line; mostly there are none.
    pub client_tags: Option<Arc<str>>,
}

/// What was asked for.
#[derive(Clone, Copy)]
enum Kind {
    Said(SaidKind),
    Tags,
}

fn privmsg(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    send(cx, params, Kind::Said(SaidKind::Message), "PRIVMSG")
}

fn notice(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    if cx.session.user().is_some() {
        // A NOTICE is never answered automatically, not even with an error (RFC 2812, section 3.3.2).
        let before = cx.turn.mark();
        let _ = send(cx, params, Kind::Said(SaidKind::Notice), "NOTICE");
        cx.turn.keep_events(before);
    }
    Ok(())
}

fn tagmsg(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    if !cx.session.capabilities.has(&capability::MESSAGE_TAGS) {
        return Err(numeric::ERR_UNKNOWNCOMMAND.with(&["TAGMSG", ": it needs the capability message-tags"]));
    }
    send(cx, params, Kind::Tags, "TAGMSG")
}

fn send(cx: &mut Cx<'_>, params: &[&str], kind: Kind, verb: &str) -> Result<(), Reply> {
    let targets = params.first().copied().filter(|targets| !is_empty_list(targets));
    let targets = targets.ok_or_else(|| numeric::ERR_NORECIPIENT.with(&[verb]))?;
    let words = match kind {
        Kind::Said(kind) => {
            let text = params.get(1).copied().filter(|text| !text.is_empty());
            let text = text.ok_or_else(|| numeric::ERR_NOTEXTTOSEND.with(&[]))?.into();
            Some(Said { kind, text, more: Box::default() })
        }
        Kind::Tags => None,
    };
    let speech = Speech { words, client_tags: client_tags(cx) };
    // Denied tags are "silently ignored", and so is what consists of nothing else.
    let said_nothing = speech.words.is_none() && speech.client_tags.is_none();
    if said_nothing && cx.tags.raw_iter().any(|(key, _)| key.starts_with('+')) {
        return Ok(());
    }
    cx.each_target(&distinct(targets), |cx, target| say(cx, target, &speech));
    Ok(())
}

/// The targets, each once: who stands in the list twice hears it once. Most messages have one, and that costs nothing.
fn distinct(targets: &str) -> Cow<'_, str> {
    if comma(targets).is_none() {
        return Cow::Borrowed(targets);
    }
    let mut seen = BTreeSet::new();
    let once: Vec<&str> =
        targets.split(',').filter(|target| seen.insert(target.to_ascii_lowercase())).collect();
    Cow::Owned(once.join(","))
}

/// Says a message of several lines to its target.
pub(super) fn say_whole(cx: &mut Cx<'_>, target: &str, kind: SaidKind, speech: &Speech) {
    match (say(cx, target, speech), kind) {
        (Err(reply), SaidKind::Message) => cx.reply(&reply),
        // A NOTICE is never answered, not even with an error.
        (Err(_), SaidKind::Notice) | (Ok(()), _) => {}
    }
}

/// Says something to one target, if nothing stands in the way.
fn say(cx: &mut Cx<'_>, target: &str, speech: &Speech) -> Result<(), Reply> {
    let (target, receiver) = addressed(cx, target, speech)?;
    if let (Some(user), Some(words)) = (receiver, &speech.words)
        && words.kind == SaidKind::Message
        && let Some(away) = &user.away
    {
        cx.answer(&numeric::RPL_AWAY, &[user.nick.as_str(), away]);
    }
    let sender = cx.user();
    let (user, source) = (sender.id, sender.source().clone());
    let (words, client_tags) = (speech.words.clone(), speech.client_tags.clone());
    cx.happen(Message { user, source, target, words, client_tags });
    Ok(())
}

impl Speech {
    /// Whether it is said so that nothing answers it automatically.
    pub fn is_notice(&self) -> bool {
        self.words.as_ref().is_some_and(|words| words.kind == SaidKind::Notice)
    }

    /// Its lines; none if only the tags matter.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.words.iter().flat_map(Said::each_line)
    }

    /// Whether a program is asked something. ACTION is for people.
    pub fn is_ctcp(&self) -> bool {
        self.lines().any(|text| text.starts_with('\u{1}') && !text.starts_with("\u{1}ACTION"))
    }
}

/// The tags that a client may give to others: those that begin with `+` and that the administrator has not denied. Of one
/// that stands there more than once the last one counts.
pub(super) fn client_tags(cx: &Cx<'_>) -> Option<Arc<str>> {
    if cx.tags.raw().is_empty() {
        return None;
    }
    let denied = cx.settings.client_tags_denied.as_deref().unwrap_or("");
    let shown = |tag: &&str| tag.len() > 1 && tag.starts_with('+') && !is_denied(denied, &key(tag)[1..]);
    let mut own: Vec<&str> = cx.tags.each().filter(shown).collect();
    match own.as_slice() {
        [] => return None,
        [one] => return Some((*one).into()),
        _ => {}
    }
    let mut seen = BTreeSet::new();
    own.reverse();
    own.retain(|tag| seen.insert(key(tag)));
    own.reverse();
    Some(own.join(";").into())
}

fn key(tag: &str) -> &str {
    let end = tag.bytes().position(|byte| byte == b'=');
    &tag[..end.unwrap_or(tag.len())]
}

/// Whether a client-only tag, without its `+`, is not passed on (IRCv3 message-tags, CLIENTTAGDENY).
fn is_denied(denied: &str, name: &str) -> bool {
    let mut items = denied.split(',');
    match denied.strip_prefix('*') {
        Some(_) => !items.any(|item| item.strip_prefix('-') == Some(name)),
        None => items.any(|item| item == name),
    }
}

/// To whom something may be said; the receiver, if that is one user.
fn addressed<'a>(cx: &Cx<'a>, target: &str, speech: &Speech) -> Result<(Target, Option<&'a User>), Reply> {
    let (rank, name) = Rank::of_target(target);
    if !wire::is_channel_like(name) {
        let user = cx.user_named(target)?;
        if user.flags.has(UserFlag::NoCtcp) && speech.is_ctcp() {
            return Err(numeric::ERR_CANTSENDTOUSER.with(&[user.nick.as_str(), "+T: no CTCP wanted"]));
        }
        return Ok((Target::User(user.id), Some(user)));
    }
    let channel = cx.channel(name)?;
    if let Some(why) = obstacle(cx, channel, speech) {
        return Err(numeric::ERR_CANNOTSENDTOCHAN.with(&[channel.name.as_str(), &why]));
    }
    let name = channel.name.clone();
    let unheard = || !channel.reaches(cx.user().id, Rank::Voice);
    let target = match rank {
        Some(rank) => Target::Ranked(rank, name),
        None if channel.flags.has(ChannelFlag::OpModerated) && unheard() => Target::Operators(name),
        None => Target::Channel(name),
    };
    Ok((target, None))
}

impl Target {
    /// The channel in which it is said.
    fn channel(&self) -> Option<&ChannelName> {
        match self {
            Self::Channel(channel) | Self::Ranked(_, channel) | Self::Operators(channel) => Some(channel),
            Self::User(_) => None,
        }
    }
}

/// Those in a channel who have a rank or a higher one.
fn reaching(world: &World, channel: &ChannelName, rank: Rank) -> Result<Vec<UserId>, Stale> {
    let channel = world.channel_of(channel).ok_or(Stale)?;
    let reaching = channel.members().iter().filter(|(_, member)| member.ranks.reach(rank));
    Ok(reaching.map(|(id, _)| *id).collect())
}

impl Happening for Message {
    fn apply(&self, at: Timestamp, world: &mut World, _settings: &Settings) -> Result<Heard, Stale> {
        let (mut channels, mut users) = (Vec::new(), Vec::new());
        match &self.target {
            Target::Channel(channel) => {
                if self.words.is_none() {
                    world.channel_of(channel).ok_or(Stale)?;
                }
                channels = vec![channel.clone()];
            }
            Target::Ranked(rank, channel) => users = reaching(world, channel, *rank)?,
            Target::Operators(channel) => users = reaching(world, channel, Rank::HalfOp)?,
            Target::User(user) => {
                world.user(*user).ok_or(Stale)?;
            }
        }
        if self.words.is_some() {
            world.speak(self.user, self.target.channel(), at)?;
        }
        Ok(Heard { channels, users, ..Heard::default() })
    }

    fn tell(&self, cause: &Cause<'_>, heard: &Heard, told: &mut Vec<Told>) {
        let world = cause.world;
        let target = match &self.target {
            Target::Channel(channel) | Target::Operators(channel) => Cow::Borrowed(channel.as_str()),
            Target::Ranked(rank, channel) => Cow::Owned(format!("{}{channel}", rank.prefix())),
            Target::User(id) => {
                Cow::Borrowed(world.user(*id).expect("the target was found by apply").nick.as_str())
            }
        };
        let dress = |line: Outgoing| line.client_tags(self.client_tags.clone());
        let (at, id, source) = (cause.event.at, &cause.event.id, &*self.source);
        let head = |verb| cause.desk.line().source(source).verb(verb).param(&target);
        match &self.words {
            Some(said) if said.more.is_empty() => {
                let line = cause.desk.done(at, ending(head(said.kind.verb()), &said.text).end());
                told.push(self.told(heard, dress(line).id(id)));
            }
            Some(said) => {
                let (verb, target) = (said.kind.verb(), &*target);
                let whole = Spoken { at, id, source, verb, target, text: &said.text, more: &said.more };
                let batch = whole.batch(dress).into_iter().map(|line| self.told(heard, line));
                told.extend(batch.map(|told| told.needs(&capability::MULTILINE)));
                let apart = whole.apart(dress).into_iter().map(|line| self.told(heard, line));
                told.extend(apart.map(|told| told.lacks(&capability::MULTILINE)));
            }
            None => {
                let line = cause.desk.done(at, head("TAGMSG").end());
                told.push(self.told(heard, dress(line).id(id)).needs(&capability::MESSAGE_TAGS));
            }
        }
    }

    fn past(&self, cause: &Cause<'_>, _heard: &Heard) -> Option<Past> {
        let to = match &self.target {
            Target::Channel(_) => None,
            // Who else had the rank then is not known later.
            Target::Ranked(..) | Target::Operators(_) => return None,
            Target::User(user) => {
                let nick = cause.world.user(*user)?.nick.shared().clone();
                Some(Receiver { user: *user, nick })
            }
        };
        let what = match &self.words {
            Some(said) => Thing::Said(said.clone()),
            None if self.client_tags.as_deref().is_some_and(is_lasting) => Thing::Tagged,
            None => return None,
        };
        let (at, id, by) = (cause.event.at, cause.event.id, Some(self.user));
        let (source, client_tags) = (self.source.clone(), self.client_tags.clone());
        Some(Past { at, id, by, source, from_bot: false, client_tags, to, what })
    }
}

impl Message {
    /// What was said, if all in a channel hear it, and by whom: `nick!user@host`.
    pub fn said_to_all(&self) -> Option<(&Arc<str>, &Said)> {
        let said = self.words.as_ref().filter(|_| matches!(self.target, Target::Channel(_)))?;
        Some((&self.source, said))
    }

    /// A line for those to whom it is said.
    fn told(&self, heard: &Heard, line: Outgoing) -> Told {
        let to = match &self.target {
            Target::Channel(channel) => Audience::Channel(channel.clone()),
            Target::Ranked(..) | Target::Operators(_) => Audience::Users(heard.users.clone()),
            Target::User(user) => Audience::User(*user),
        };
        // The sender hears what he says to himself; what he says to others only as an echo.
        let to_himself = matches!(self.target, Target::User(id) if id == self.user);
        let except = (!to_himself).then_some(self.user);
        // "When a client sends a message to itself, the server MUST NOT include the label tag, except for any
        // acknowledgment sent with the echo-message mechanism."
        Told { except, delivery: true, echo: Some(self.user), ..Told::new(to, line) }
    }
}

/// Whether tags say something that matters later: that somebody was typing does not.
fn is_lasting(client_tags: &str) -> bool {
    client_tags.split(';').map(key).any(|key| key != "+typing" && key != "+draft/typing")
}
