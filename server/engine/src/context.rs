//! What a command has before it: the world to read, its own session, and the turn to put its decisions in.

use std::cell::Cell;

use wire::capability;
use wire::{Casemapping, Encoder, LINE_BYTES_MAX, Numeric, Reply, Standing, Tags, glob, numeric, write_line};

use crate::commands::Table;
use crate::desk::Desk;
use crate::engine::{Counts, Engine};
use crate::event::What;
use crate::history::History;
use crate::interface::{ConnId, Effect, Now};
use crate::modes::{NoticeKind, Prefixes, Rank, UserFlag};
use crate::privileges::Privilege;
use crate::session::{Session, Stage};
use crate::settings::Settings;
use crate::turn::{Item, Turn};
use crate::watches::Watches;
use crate::welcome::Welcome;
use crate::world::{Channel, User, UserId, World};

/// The context of a command.
pub(crate) struct Cx<'a> {
    pub now: Now,
    pub world: &'a World,
    pub settings: &'a Settings,
    pub welcome: &'a Welcome,
    pub history: &'a History,
    pub counts: &'a Counts,
    pub watches: &'a mut Watches,
    pub table: &'a Table,
    pub desk: &'a Desk,
    pub session: &'a mut Session,
    /// The one who asks, once he was looked up.
    known: Cell<Option<&'a User>>,
    /// The tags of the message.
    pub tags: Tags<'a>,
    pub turn: &'a mut Turn,
}

impl Engine {
    /// The context of one who asks or is told something in his own way, as long as his connection is there. What he is
    /// told and what is to happen is put into the turn.
    pub(crate) fn context<'a>(
        &'a mut self,
        now: Now,
        conn: ConnId,
        tags: Tags<'a>,
        turn: &'a mut Turn,
    ) -> Option<Cx<'a>> {
        let session = self.sessions.get_mut(conn)?;
        turn.lists |= session.answering.is_some();
        Some(Cx {
            now,
            world: &self.world,
            settings: &self.settings,
            welcome: &self.welcome,
            history: &self.history,
            counts: &self.counts,
            watches: &mut self.watches,
            table: &self.table,
            desk: &self.desk,
            session,
            known: Cell::new(None),
            tags,
            turn,
        })
    }
}

impl<'a> Cx<'a> {
    /// The one who asks.
    ///
    /// # Panics
    /// If he is not registered, which the row of the command excludes.
    pub fn user(&self) -> &'a User {
        self.registered().expect("the gate lets only registered users come here")
    }

    /// The one who asks, if he is registered.
    pub fn registered(&self) -> Option<&'a User> {
        if self.known.get().is_none() {
            self.known.set(self.session.user().and_then(|id| self.world.user(id)));
        }
        self.known.get()
    }

    /// The one who asks, if he was looked up.
    pub fn known(&self) -> Option<&'a User> {
        self.known.get()
    }

    /// Whether the one who asks is in any channel.
    pub fn is_in_channels(&self) -> bool {
        self.registered().is_some_and(|user| !user.channels().is_empty())
    }

    /// The name by which the one who asks is addressed: `*` before he has one.
    pub fn nick(&self) -> &str {
        match &self.session.stage {
            Stage::Registered => self.registered().map_or("*", |user| user.nick.as_str()),
            Stage::Greeting(greeting) => greeting.nick.as_ref().map_or("*", |nick| nick.as_str()),
        }
    }

    /// Answers with a numeric and its arguments.
    pub fn answer(&mut self, numeric: &'static Numeric, arguments: &[&str]) {
        self.write(|cx, lines| numeric.write(lines, arguments, &cx.settings.server_name, cx.nick()));
    }

    /// Answers with lines that everybody is told alike.
    pub fn answer_alike(&mut self, lines: &[Standing]) {
        for line in lines {
            self.write(|cx, lines| line.write(lines, cx.nick()));
        }
    }

    /// Answers with a line that everybody is told alike, but for its text.
    pub fn answer_with(&mut self, line: &Standing, text: &str) {
        self.write(|_, lines| line.write(lines, text));
    }

    /// Answers with a numeric that was made elsewhere: what stands in the way of what was asked for.
    pub fn reply(&mut self, reply: &Reply) {
        self.write(|cx, lines| reply.write(lines, &cx.settings.server_name, cx.nick()));
    }

    /// Answers with a line of the server that is no numeric.
    pub fn say(&mut self, verb: &str, params: &[&str], text: &str) {
        self.write(|cx, lines| {
            write_line(lines, &cx.settings.server_name, verb, params, text);
        });
    }

    /// Writes a line behind what was answered before.
    fn write(&mut self, write: impl FnOnce(&Self, &mut String)) {
        let mut answered = std::mem::take(&mut self.turn.answered);
        answered.add(self.desk, |text| write(self, text));
        self.turn.answered = answered;
        self.turn.answer_last();
    }

    /// Answers that a command could not be carried out (IRCv3 standard-replies): a code for programs, what it is about,
    /// and words.
    pub fn fail(&mut self, command: &str, code: &str, about: &[&str], text: &str) {
        let params: Vec<&str> = [command, code].into_iter().chain(about.iter().copied()).collect();
        self.say("FAIL", &params, text);
    }

    /// Answers with a numeric whose parameters are a list of any length.
    pub fn say_numeric(&mut self, code: &str, params: &[&str], text: &str) {
        let nick = self.nick().to_owned();
        let params: Vec<&str> = std::iter::once(nick.as_str()).chain(params.iter().copied()).collect();
        self.say(code, &params, text);
    }

    /// Lets something happen.
    pub fn happen(&mut self, what: impl Into<What>) {
        self.turn.items.push(Item::Event(what.into()));
    }

    /// Lets something happen to somebody, who is then told what he would be if he had asked for it.
    pub fn happen_to(&mut self, user: UserId, what: impl Into<What>) {
        self.turn.items.push(Item::EventTo(user, what.into()));
    }

    /// Tells those operators who want to hear of such things.
    pub fn notify(&mut self, kind: NoticeKind, text: String) {
        self.turn.items.push(Item::Notice(kind, text));
    }

    /// Other operators shall see what one does in somebody else's name or channel.
    pub fn announce_use(&mut self, what: &str) {
        let nick = self.user().nick.to_string();
        self.notify(NoticeKind::Opers, format!("{nick} used {what}"));
    }

    /// Asks the loop for something.
    pub fn effect(&mut self, effect: Effect) {
        self.turn.items.push(Item::Effect(effect));
    }

    /// The connection of the one who asks.
    pub fn conn(&self) -> ConnId {
        self.session.conn
    }

    /// A channel that the one who asks may know of.
    pub fn channel(&self, name: &str) -> Result<&'a Channel, Reply> {
        self.world.channel(name).ok_or_else(|| numeric::ERR_NOSUCHCHANNEL.with(&[name]))
    }

    /// A channel in which the one who asks is.
    pub fn own_channel(&self, name: &str) -> Result<&'a Channel, Reply> {
        let channel = self.channel(name)?;
        if !channel.has(self.user().id) {
            return Err(numeric::ERR_NOTONCHANNEL.with(&[channel.name.as_str()]));
        }
        Ok(channel)
    }

    /// Whether the one who asks is in a channel, and has a rank there if one is needed.
    pub fn stands(&self, channel: &Channel, needed: Option<Rank>) -> Result<(), Reply> {
        let (user, name) = (self.user().id, [channel.name.as_str()]);
        match needed {
            _ if !channel.has(user) => Err(numeric::ERR_NOTONCHANNEL.with(&name)),
            Some(rank) if !channel.reaches(user, rank) => Err(numeric::ERR_CHANOPRIVSNEEDED.with(&name)),
            _ => Ok(()),
        }
    }

    /// Whether a verdict about a channel does not hold for the one who asks, as an operator who may do everything there.
    /// He who makes use of that calls [`Cx::announce_use`].
    pub fn overrules(&self, verdict: Result<(), Reply>) -> Result<bool, Reply> {
        match verdict {
            Ok(()) => Ok(false),
            Err(_) if self.may(Privilege::Override) => Ok(true),
            Err(reply) => Err(reply),
        }
    }

    /// A user by the nick.
    pub fn user_named(&self, nick: &str) -> Result<&'a User, Reply> {
        self.world.user_named(nick).ok_or_else(|| numeric::ERR_NOSUCHNICK.with(&[nick]))
    }

    /// Queries may name a server: it has to be this one, by its name, a mask over it, or the nick of somebody here.
    pub fn this_server(&self, name: Option<&str>) -> Result<(), Reply> {
        let Some(name) = name else { return Ok(()) };
        let named = glob(Casemapping::Ascii, name, &self.settings.server_name);
        if named || self.world.user_named(name).is_some() {
            return Ok(());
        }
        Err(numeric::ERR_NOSUCHSERVER.with(&[name]))
    }

    /// Whether the one who asks may know that a channel exists.
    pub fn sees_channel(&self, channel: &Channel) -> bool {
        channel.is_visible() || channel.has(self.user().id) || self.may(Privilege::SeeHidden)
    }

    /// Whether the one who asks may know that a user is in a channel of which he may know.
    pub fn sees_member(&self, channel: &Channel, user: &User) -> bool {
        let asker = self.user().id;
        // Who is in it himself sees what its other members see, as his client will be told no more of it.
        channel.shows(user.id, asker) || (!channel.has(asker) && self.may(Privilege::SeeHidden))
    }

    /// Whether the one who asks may know that a user is here without having named him: those who are invisible are
    /// shown to themselves, to those who share a channel with them, and to operators.
    pub fn sees_user(&self, user: &User) -> bool {
        let asker = self.user();
        !user.flags.has(UserFlag::Invisible)
            || user.id == asker.id
            || self.may(Privilege::SeeHidden)
            || self.world.share_channel(asker, user)
    }

    /// Whether the one who asks may know where a user comes from: everybody himself, operators everybody.
    pub fn sees_origin(&self, user: &User) -> bool {
        user.id == self.user().id || self.may(Privilege::SeeHidden)
    }

    /// How long a user has said nothing.
    pub fn idle_seconds(&self, user: &User) -> u64 {
        self.now.wall.seconds().saturating_sub(user.spoke.seconds())
    }

    /// Whether a nick or a channel is reserved, and not for the one who asks.
    pub fn is_reserved(&self, name: &str) -> bool {
        let may = self.registered().is_some_and(|user| user.privileges().has(Privilege::Resv));
        !may && self.world.bans().reserved(name).is_some()
    }

    /// Whether the one who asks is an operator with a privilege.
    pub fn may(&self, privilege: Privilege) -> bool {
        self.user().privileges().has(privilege)
    }

    /// What the one who asks is told if he may not do something that only operators may, and not each of them.
    pub fn needs(&self, privilege: Privilege) -> Result<(), Reply> {
        match () {
            () if self.may(privilege) => Ok(()),
            () if self.is_operator() => Err(numeric::ERR_NOPRIVS.with(&[privilege.name()])),
            () => Err(numeric::ERR_NOPRIVILEGES.with(&[])),
        }
    }

    /// Whether the one who asks is an IRC operator.
    pub fn is_operator(&self) -> bool {
        self.user().flags.has(UserFlag::Operator)
    }

    /// How many prefixes the one who asks wants to see.
    pub fn prefixes(&self) -> Prefixes {
        if self.session.capabilities.has(&capability::MULTI_PREFIX) {
            Prefixes::All
        } else {
            Prefixes::Highest
        }
    }

    /// Treats each item of a comma list by itself: what is wrong with one is answered and costs the others nothing.
    /// Empty items are passed over.
    pub fn each(&mut self, list: &str, mut treat: impl FnMut(&mut Self, &str) -> Result<(), Reply>) {
        let mut rest = Some(list);
        while let Some(list) = rest {
            let end = comma(list);
            let item = end.map_or(list, |end| &list[..end]);
            rest = end.map(|end| &list[end + 1..]);
            if !item.is_empty()
                && let Err(reply) = treat(self, item)
            {
                self.reply(&reply);
            }
        }
    }

    /// As [`Cx::each`], for as many items as TARGMAX says; further ones are answered with 407.
    pub fn each_target(&mut self, list: &str, mut treat: impl FnMut(&mut Self, &str) -> Result<(), Reply>) {
        let limit = self.settings.limits.targets_max;
        let mut count = 0;
        self.each(list, |cx, target| {
            count += 1;
            if count > limit {
                return Err(numeric::ERR_TOOMANYTARGETS.with(&[target, &limit.to_string()]));
            }
            treat(cx, target)
        });
    }

    /// Puts words together into as many numerics as they need. `form` makes one of some words; the words stand at
    /// its end.
    pub fn reply_in_lines(
        &mut self,
        words: impl IntoIterator<Item = impl AsRef<str>>,
        form: impl Fn(&str) -> Reply,
    ) {
        let empty = form("").line(Encoder::new(), &self.settings.server_name, self.nick());
        let room = LINE_BYTES_MAX.saturating_sub(empty.len());
        let mut text = String::new();
        for word in words {
            let word = word.as_ref();
            if !text.is_empty() && text.len() + 1 + word.len() > room {
                self.reply(&form(&text));
                text.clear();
            }
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(word);
        }
        if !text.is_empty() {
            self.reply(&form(&text));
        }
    }
}

/// Whether a comma list has no item.
pub(crate) fn is_empty_list(list: &str) -> bool {
    list.bytes().all(|byte| byte == b',')
}

/// Where the first comma of a list stands. Most lists have one item, which is short.
pub(crate) fn comma(list: &str) -> Option<usize> {
    list.as_bytes().iter().position(|byte| *byte == b',')
}

/// A text of at most so many bytes, cut between characters.
pub(crate) fn cut(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}
