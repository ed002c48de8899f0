//! What is heard from the server, as lines in buffers.

use wire::Timestamp;

use crate::buffer::{Buffer, Kind, Line, Seen, Tone, Wanting};
use crate::model::Model;
use crate::say;
use crate::session::{Happening, Level, Origin, Said, Sender, What};
use crate::update::replies;

/// Numerics by which the server says that a room cannot be entered.
const NOT_ENTERED: &[u16] = &[403, 405, 437, 471, 473, 474, 475, 476, 477, 480, 489];

/// How something came.
pub(super) struct Came {
    /// When it happened.
    pub at: Timestamp,
    /// Whether that is the server's word.
    pub timed: bool,
    pub origin: Origin,
    pub label: Option<String>,
    /// The id of the message, empty if it has none.
    pub id: Box<str>,
    /// The id of the message that it answers.
    pub reply: Option<Box<str>>,
}

impl Model {
    /// Shows what has happened.
    pub(super) fn happened(&mut self, happening: Happening) {
        let Happening { time, id, label, origin, reply, place, what } = happening;
        let came = Came {
            at: time.unwrap_or(self.now),
            timed: time.is_some(),
            origin,
            label,
            id: id.unwrap_or_default(),
            reply,
        };
        let past = place.filter(|_| !matches!(what, What::Played { .. })).and_then(|place| self.find(&place));
        self.show_what(&came, what);
        if let Some(index) = past {
            self.note_past(index, &came);
        }
    }

    fn show_what(&mut self, came: &Came, what: What) {
        let (origin, label) = (came.origin, came.label.as_deref());
        match what {
            What::Message { said, from, target, text, mine } => {
                self.message(came, said, &from, &target, &text, mine);
            }
            What::Registered { nick } => self.registered(&nick),
            What::Numeric { code, params } => self.numeric(origin, label, code, &params),
            What::Standard { about, .. } if about == "CHATHISTORY" => self.past_refused(),
            What::Standard { level, about, code, context, text } => {
                if level == Level::Fail {
                    say::refused(self, label, context.first().map_or("", String::as_str));
                }
                let tone = if level == Level::Note { Tone::Info } else { Tone::Error };
                let named = context.iter().find_map(|name| self.find(name));
                let place = self.asked_in(label).or(named).unwrap_or(self.current);
                self.note(place, tone, &format!("{about} {code} {} {text}", context.join(" ")));
            }
            What::Acknowledged => {
                say::confirmed(self, label, "", "", &came.id, None);
            }
            What::Pong { token } => self.pong(&token),
            What::Closing { reason } => self.note(self.server(), Tone::Error, &reason),
            What::Raw { line } => self.note(self.server(), Tone::Info, &line),
            What::LoginFailed { why } => self.login_failed(&why),
            What::Strict(sts) => self.promised(sts),
            What::NickRefused { nick } => {
                self.note(
                    self.server(),
                    Tone::Error,
                    &format!("No nick like {nick} is free; choose another with /quote NICK …"),
                );
            }
            What::Played { target, count } => self.played(&target, count),
            What::Found { lines } => self.found(label, &lines),
            What::TalkedWith { target, at } => self.talked_with(&target, at),
            What::ReadUpTo { target, at } => self.read_up_to(&target, at),
            What::Typing { who, .. } | What::Reacted { who, .. } if self.ignores(&who) => {}
            What::Typing { who, target, typing } => self.is_typing(&who.nick, &target, typing),
            What::Reacted { who, target, to, mark, added } => {
                self.reacted(&who.nick, &target, &to, &mark, added);
            }
            What::Redacted { by, target, id, reason } => self.redacted(&by.nick, &target, &id, &reason),
            What::Capabilities | What::RealName { .. } | What::Moved { .. } | What::Account { .. } => {}
            what => self.somebody_did(came, what),
        }
    }

    fn registered(&mut self, nick: &str) {
        // That the login has failed is told next.
        if self.session.barred() {
            return;
        }
        self.tries = 0;
        self.was_logged_in |= self.session.logged_in();
        self.note(self.server(), Tone::Info, &format!("Welcome. You are {nick}."));
        self.ping();
        self.do_what_is_to_be_done();
        self.set_oneself_again();
        say::offer_kept(self);
    }

    /// The server has told of itself, and with that what it can.
    fn introduced(&mut self) {
        self.catch_up_with_talks();
        self.watch();
    }

    /// What the server calls its network is what is shown, unless the person has another name for it or another network
    /// is shown by this one.
    fn called(&mut self) {
        let Some(name) = self.session.isupport().get("NETWORK").map(crate::text::clean) else { return };
        let server = self.server();
        let taken = |(index, buffer): (usize, &Buffer)| {
            index != server && buffer.kind == Kind::Server && buffer.name == name
        };
        let configured = self.profiles.iter().any(|profile| profile.name == self.name);
        if !configured && !self.buffers.iter().enumerate().any(taken) {
            self.buffers[server].name = name;
        }
    }

    /// Puts a line where it belongs: at the end if it is new, where its time says if it is played back.
    pub(super) fn put(&mut self, index: usize, came: &Came, line: Line) {
        match came.origin {
            Origin::Live | Origin::Asked => {
                self.keep(index, &line);
                self.push(index, line);
            }
            Origin::History => {
                let past = self.buffers.get(index).and_then(|buffer| buffer.past.asked);
                // What is fetched by scrolling up is the server's to keep: here it would stand behind what is later.
                if !matches!(past, Some((Wanting::Older, _))) {
                    self.keep(index, &line);
                }
                self.insert(index, line);
            }
        }
        if let Some(buffer) = self.buffers.get_mut(index).filter(|_| came.timed) {
            buffer.past.until = buffer.past.until.max(Some(came.at));
        }
    }

    fn message(&mut self, came: &Came, said: Said, from: &Sender, target: &str, text: &str, mine: bool) {
        let live = came.origin == Origin::Live;
        if mine
            && live
            && say::confirmed(
                self,
                came.label.as_deref(),
                target,
                text,
                &came.id,
                came.timed.then_some(came.at),
            )
        {
            return;
        }
        let ignored = !mine && self.ignores(from);
        let to_room = self.session.isupport().is_channel(target);
        let index = match (to_room, mine) {
            (true, _) => self.find(target).unwrap_or_else(|| self.server()),
            (false, false) if ignored => self.find(&from.nick).unwrap_or_else(|| self.server()),
            (false, true) => self.open(target),
            (false, false) if from.is_server() || said == Said::Notice => {
                self.find(&from.nick).unwrap_or_else(|| self.server())
            }
            (false, false) => self.open(&from.nick),
        };
        let tone = match said {
            Said::Message => Tone::Message,
            Said::Action => Tone::Action,
            Said::Notice => Tone::Notice,
            Said::Ctcp if live && !ignored => {
                let text = format!("{} asks (CTCP): {text}", from.nick);
                return self.note(index, Tone::Event, &text);
            }
            Said::Ctcp => return,
        };
        let line = Line { own: mine, id: came.id.clone(), ..Line::new(came.at, tone, &from.nick, text) };
        if came.origin == Origin::History && say::known(self, index, &line) {
            return;
        }
        if ignored {
            let hidden = Line { seen: Seen::Hidden, ..line };
            if self.buffers[index].hides_more() {
                self.put(index, came, hidden);
            }
            return;
        }
        let casemapping = self.session.isupport().casemapping();
        let plain = crate::format::plain(text);
        let named = !mine && crate::text::mentions(&plain, self.session.nick(), casemapping);
        let marked = named || !mine && self.highlights(&plain);
        let personal = !mine && !to_room && !from.is_server() && self.buffers[index].kind == Kind::Query;
        let more = self.quoted(index, came.reply.as_deref());
        let line = Line { mention: marked || personal, more, ..line };
        if !mine && !from.is_server() {
            self.buffers[index].spoke(&from.nick, named);
            self.stops_typing(index, &from.nick);
        }
        self.put(index, came, line);
    }

    /// Whether a text has one of the words that count as naming us.
    fn highlights(&self, plain: &str) -> bool {
        let words = &self.settings.highlight;
        // Most people have none, and need no text in lower case.
        !words.is_empty() && {
            let plain = plain.to_lowercase();
            words.iter().any(|word| crate::text::has_word(&plain, &word.to_lowercase()))
        }
    }

    /// Whether somebody is ignored.
    pub(super) fn ignores(&self, who: &Sender) -> bool {
        let covers = |mask: &wire::Mask| mask.covers(self.session.isupport().casemapping(), &who.mask());
        self.ignored.iter().any(covers)
    }

    fn numeric(&mut self, origin: Origin, label: Option<&str>, code: u16, params: &[String]) {
        let first = params.first().map_or("", String::as_str);
        match code {
            5 => {
                self.called();
            }
            305 => self.own.away = None,
            376 | 422 => self.introduced(),
            366 => say::offer_kept(self),
            730 | 731 => return self.came_online(code == 730, params.first().map_or("", String::as_str)),
            _ => {}
        }
        if NOT_ENTERED.contains(&code) {
            self.leave_room(first);
        }
        if code >= 400 {
            say::refused(self, label, first);
        }
        let asked_silently = origin == Origin::Asked && !matches!(code, 332 | 333);
        if asked_silently {
            return;
        }
        let Some((tone, text)) = replies::in_words(code, params, &self.zone) else { return };
        let list = matches!(code, 321..=323).then(|| self.find_list()).flatten();
        let named = if code == 353 { params.get(1) } else { params.first() };
        let place = match list.or_else(|| self.asked_in(label)) {
            Some(place) => place,
            None if replies::belongs_to_server(code) || !self.session.registered() => self.server(),
            None => named.and_then(|name| self.find(name)).unwrap_or(self.current),
        };
        self.note(place, tone, &text);
    }
}
