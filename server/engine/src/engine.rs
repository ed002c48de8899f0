//! The machine: an input goes in, the world changes, effects come out.

use std::collections::BTreeSet;
use std::sync::Arc;

use wire::Encoder;
use wire::capability;

use crate::audiences::Audiences;
use crate::commands::{Table, Uses};
use crate::desk::{Desk, Voice};
use crate::history::History;
use crate::ids::Ids;
use crate::interface::{ConnId, Effect, Input, Lines, Now};
use crate::isupport;
use crate::modes::UserFlag;
use crate::outgoing::{Outgoing, Told, conn_of};
use crate::session::Session;
use crate::settings::Settings;
use crate::slots::Slots;
use crate::turn::{Asker, Turn};
use crate::watches::Watches;
use crate::welcome::Welcome;
use crate::world::World;

/// The chat engine.
#[derive(Debug)]
pub struct Engine {
    pub(crate) settings: Arc<Settings>,
    /// What is made of the settings for everybody who comes.
    pub(crate) welcome: Welcome,
    pub(crate) world: World,
    pub(crate) history: History,
    pub(crate) sessions: Slots<ConnId, Session>,
    pub(crate) audiences: Audiences,
    pub(crate) watches: Watches,
    /// When which connection has to be looked at; one entry each.
    pub(crate) deadlines: BTreeSet<(u64, ConnId)>,
    /// When the next ban of the server ends.
    pub(crate) bans_at_ms: Option<u64>,
    pub(crate) table: Table,
    pub(crate) counts: Counts,
    pub(crate) ids: Ids,
    pub(crate) desk: Desk,
    /// Memory for what turns decide, and for what is told of an event.
    #[expect(
        clippy::vec_box,
        reason = "they go in and out with each line, and a word is moved and not all of one"
    )]
    turns: Vec<Box<Turn>>,
    pub(crate) told: Vec<Told>,
}

/// The most lines told of an event for which memory is kept.
const TOLD_KEPT_MAX: usize = 32;

/// Turns for which memory is kept: that of a line, the answers to what happened by it, and what one of those who hear of it in
/// their own way is told.
const TURNS_MAX: usize = 3;

/// What has been counted since the start, and what is now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Connections now, registered or not.
    pub connections: usize,
    /// The most users there were at once.
    pub users_most: usize,
    /// Registrations.
    pub registrations: u64,
    /// Messages and notices that were accepted, to channels and users.
    pub messages: u64,
    /// Lines that were no message, or not UTF-8, or too long.
    pub malformed: u64,
    /// Passwords that were wrong.
    pub failed_authentications: u64,
    /// Nicks that were refused because somebody had them.
    pub collisions: u64,
    /// Commands that were refused as a whole, unknown ones among them.
    pub refused: u64,
    /// How often each command was used.
    pub commands: Uses,
}

impl Engine {
    /// An empty world. `seed` makes its ids differ from those of other servers and earlier runs.
    pub fn new(settings: Settings, now: Now, seed: u64) -> Self {
        Self {
            welcome: Welcome::new(&settings),
            settings: Arc::new(settings),
            world: World::default(),
            history: History::default(),
            sessions: Slots::default(),
            audiences: Audiences::default(),
            watches: Watches::default(),
            deadlines: BTreeSet::new(),
            bans_at_ms: None,
            table: Table::new(),
            counts: Counts::default(),
            ids: Ids::new(now, seed),
            desk: Desk::default(),
            turns: Vec::new(),
            told: Vec::new(),
        }
    }

    /// Takes one input. All its effects are in the vector when this returns, in order.
    pub fn handle(&mut self, now: Now, input: Input<'_>, effects: &mut Vec<Effect>) {
        match input {
            Input::Opened { conn, peer } => {
                let deadline_ms = now.monotonic_ms + self.settings.limits.registration_ms_max;
                let session = Session::new(conn, peer.bounded(), now, deadline_ms);
                self.sessions.insert(conn, session);
                self.deadlines.insert((deadline_ms, conn));
                self.opened(now, conn, effects);
            }
            Input::Line { conn, line } => self.line(now, conn, line, effects),
            Input::Overlong { conn } => self.overlong(now, conn, effects),
            Input::Closed { conn, reason } => self.dismiss(now, conn, reason, effects),
            Input::Checked { conn, matches } => self.checked(now, conn, matches, effects),
            Input::More { conn } => self.go_on(now, conn, effects),
            Input::Tick => self.tick(now, effects),
            Input::Reload { outcome } => self.reload(now, outcome, effects),
            Input::Restore { channel, pasts } => self.history.restore(&channel, pasts, &self.settings),
            Input::RestoreBans { bans } => self.restore_bans(now, bans, effects),
            Input::Stop { reason } => self.stop(now, reason, effects),
        }
        self.counts.connections = self.sessions.len();
        let next = self.world.bans().next_end_at();
        self.bans_at_ms = next.map(|until| now.monotonic_ms + until.0.saturating_sub(now.wall.0).max(1));
    }

    /// When [`Input::Tick`] is wanted next, on the clock that never goes back.
    pub fn next_deadline(&self) -> Option<u64> {
        let looks = self.deadlines.first().map(|(at, _)| *at);
        looks.into_iter().chain(self.bans_at_ms).min()
    }

    /// The shared facts.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// What was said.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// What was counted.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// The settings in force.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Takes the memory of an answer back, for another one.
    pub fn keep(&self, lines: Box<Lines>) {
        self.desk.keep_lines(lines);
    }

    /// Asserts what holds after every input.
    ///
    /// # Panics
    /// If it does not hold: a bug of ours.
    pub fn check(&self) {
        self.world.check();
        let users = self.sessions.values().filter_map(|session| session.user());
        let known =
            users.inspect(|id| assert!(self.world.user(*id).is_some(), "a session has a user")).count();
        assert_eq!(known, self.world.users().len(), "every user has a session");
        assert_eq!(self.deadlines.len(), self.sessions.len(), "every session has one deadline");
        assert_eq!(self.counts.connections, self.sessions.len());
        self.watches.check(|conn| self.sessions.has(conn));
        let has_members = |name: &str| self.world.channel(name).is_some();
        self.history.check(has_members, |user| self.world.user(user).is_some());
    }

    /// The server speaks.
    pub(crate) fn voice(&self, now: Now) -> Voice<'_> {
        Voice { server: &self.settings.server_name, at: now.wall, desk: &self.desk }
    }

    /// A turn that has decided nothing yet.
    pub(crate) fn turn(&mut self) -> Box<Turn> {
        self.turns.pop().unwrap_or_default()
    }

    /// Keeps the memory of a turn that is over for another one.
    pub(crate) fn keep_turn(&mut self, mut turn: Box<Turn>) {
        if let Some(lines) = turn.answered.rest() {
            self.keep(lines);
        }
        if self.turns.len() < TURNS_MAX {
            turn.clear();
            self.turns.push(turn);
        }
    }

    /// Keeps the memory of what was told of an event for the next one.
    pub(crate) fn keep_told(&mut self, mut told: Vec<Told>) {
        told.clear();
        if told.capacity() <= TOLD_KEPT_MAX {
            self.told = told;
        }
    }

    /// Forgets a connection.
    pub(crate) fn close_session(&mut self, conn: ConnId) -> Option<Box<Session>> {
        let session = self.sessions.remove(conn)?;
        self.deadlines.remove(&(session.deadline_ms, conn));
        self.watches.clear(conn);
        Some(session)
    }

    /// A connection has to be looked at at a time, and not before.
    pub(crate) fn look_at(&mut self, conn: ConnId, at_ms: u64) {
        if let Some(session) = self.sessions.get_mut(conn) {
            self.deadlines.remove(&(session.deadline_ms, conn));
            session.deadline_ms = at_ms;
            self.deadlines.insert((at_ms, conn));
        }
    }

    fn stop(&mut self, now: Now, reason: &str, effects: &mut Vec<Effect>) {
        for conn in self.sessions.ids().collect::<Vec<_>>() {
            let mut asker = Asker::nobody();
            self.farewell(now, &mut asker, conn, reason, effects);
        }
        self.world.clear();
        self.audiences = Audiences::default();
        self.history = History::default();
    }

    /// "If the value of a parameter changes, the server SHOULD re-advertise the parameter with the new value in an
    /// RPL_ISUPPORT reply." Who may have asked for them before he
    /// registered is told as well.
    fn tell_changes(&self, now: Now, before: &Settings, effects: &mut Vec<Effect>) {
        let changes = isupport::changes(before, &self.settings);
        for session in self.sessions.values() {
            let user = session.user().and_then(|id| self.world.user(id));
            let nick = user.map_or("*", |user| user.nick.as_str());
            if user.is_some() || session.capabilities.has(&capability::EXTENDED_ISUPPORT) {
                let capabilities = session.capabilities;
                for line in isupport::lines(&changes, &self.settings, now.wall, (nick, capabilities)) {
                    effects.push(Effect::Send {
                        to: session.conn,
                        line: line.line(&self.desk, capabilities, None),
                    });
                }
            }
        }
    }

    fn reload(&mut self, now: Now, outcome: Result<Box<Settings>, String>, effects: &mut Vec<Effect>) {
        let text = match outcome {
            Ok(settings) => {
                self.welcome = Welcome::new(&settings);
                let before = std::mem::replace(&mut self.settings, Arc::new(*settings));
                self.tell_changes(now, &before, effects);
                self.tell_offers(now, &before, effects);
                "The configuration has been read again.".to_owned()
            }
            Err(error) => format!("The configuration stays as it was: {error}"),
        };
        let operators = self.world.users().filter(|user| user.flags.has(UserFlag::Operator));
        for user in operators {
            let Some(session) = self.sessions.get(conn_of(user.id)) else { continue };
            let line =
                Encoder::new().source(&self.settings.server_name).verb("NOTICE").param(user.nick.as_str());
            let line =
                Outgoing::with_text(now.wall, line, &text).line(&self.desk, session.capabilities, None);
            effects.push(Effect::Send { to: session.conn, line });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interface::{HOST_BYTES_MAX, Peer};
    use wire::Timestamp;

    #[test]
    fn two_people_meet() {
        let now = Now { monotonic_ms: 0, wall: Timestamp(1_000) };
        let mut engine = Engine::new(Settings::default(), now, 7);
        let mut effects = Vec::new();
        for (conn, nick) in [(ConnId(1), "alice"), (ConnId(2), "bob")] {
            let peer = Peer { host: "host".to_owned(), address: None, secure: false };
            engine.handle(now, Input::Opened { conn, peer }, &mut effects);
            for line in [format!("NICK {nick}"), "USER u 0 * :U".to_owned(), "JOIN #den".to_owned()] {
                engine.handle(now, Input::Line { conn, line: line.as_bytes() }, &mut effects);
                engine.check();
            }
        }
        assert_eq!((engine.counts().registrations, engine.counts().users_most), (2, 2));
        effects.clear();
        engine.handle(now, Input::Line { conn: ConnId(1), line: b"PRIVMSG #den :hi" }, &mut effects);
        let [Effect::Fan { to, except, line }, Effect::Happened { channels, .. }] = effects.as_slice() else {
            panic!("{effects:?}");
        };
        assert_eq!((&**to, *except), (&[ConnId(1), ConnId(2)][..], Some(ConnId(1))));
        assert_eq!(line.bytes(), b":alice!u@host PRIVMSG #den :hi\r\n");
        assert_eq!(channels[0].as_str(), "#den");
        effects.clear();
        engine.handle(now, Input::Closed { conn: ConnId(1), reason: "gone" }, &mut effects);
        engine.check();
        assert!(
            matches!(&effects[0], Effect::Send { to: ConnId(2), line } if line.bytes().ends_with(b"QUIT :gone\r\n"))
        );
        assert!(matches!(effects.last(), Some(Effect::Close { conn: ConnId(1), .. })));
    }

    #[test]
    fn who_is_here_is_told_of_settings_that_are_others_now() {
        let now = Now { monotonic_ms: 0, wall: Timestamp(1_000) };
        let mut engine = Engine::new(Settings::default(), now, 7);
        let mut effects = Vec::new();
        let peer = Peer { host: "h".repeat(HOST_BYTES_MAX + 1), address: None, secure: false };
        engine.handle(now, Input::Opened { conn: ConnId(1), peer }, &mut effects);
        for line in ["NICK alice", "USER u 0 * :U"] {
            engine.handle(now, Input::Line { conn: ConnId(1), line: line.as_bytes() }, &mut effects);
        }
        let host = &engine.world().user_named("alice").expect("she registered").host;
        assert_eq!(host.len(), HOST_BYTES_MAX, "a host is as long as is announced");
        let mut reload = |change: fn(&mut Settings)| {
            let mut settings = Settings::default();
            change(&mut settings);
            effects.clear();
            engine.handle(now, Input::Reload { outcome: Ok(Box::new(settings)) }, &mut effects);
            let sent = effects.iter().filter_map(|effect| match effect {
                Effect::Send { line, .. } => Some(String::from_utf8_lossy(line.bytes()).into_owned()),
                _ => None,
            });
            sent.collect::<Vec<_>>()
        };
        assert_eq!(reload(|_| {}), [""; 0]);
        let told = reload(|settings| settings.limits.topic_bytes_max = 99);
        assert_eq!(told, [":parlor.local 005 alice TOPICLEN=99 :are supported by this server\r\n"]);
        let told = reload(|_| {});
        assert_eq!(told, [":parlor.local 005 alice TOPICLEN=390 :are supported by this server\r\n"]);
    }

    #[test]
    fn other_settings_are_told_in_tokens() {
        let now = Now { monotonic_ms: 0, wall: Timestamp(1_000) };
        let icon = Some("https://example.org/icon.svg".to_owned());
        let before = Settings { server_name: "srv".to_owned(), icon, ..Settings::default() };
        let mut engine = Engine::new(before.clone(), now, 7);
        let mut effects = Vec::new();
        for (conn, first) in
            [(1, "NICK alice"), (2, "CAP REQ :batch draft/extended-isupport"), (3, "NICK carol")]
        {
            let peer = Peer { host: "host".to_owned(), address: None, secure: false };
            let conn = ConnId(conn);
            engine.handle(now, Input::Opened { conn, peer }, &mut effects);
            engine.handle(now, Input::Line { conn, line: first.as_bytes() }, &mut effects);
        }
        engine.handle(now, Input::Line { conn: ConnId(1), line: b"USER u 0 * :U" }, &mut effects);
        let mut told = |settings: Settings| {
            effects.clear();
            engine.handle(now, Input::Reload { outcome: Ok(Box::new(settings)) }, &mut effects);
            let line = |effect: &Effect| match effect {
                Effect::Send { to, line } => {
                    format!("{} {}", to.0, String::from_utf8_lossy(line.bytes()).trim_end())
                }
                other => panic!("{other:?}"),
            };
            effects.iter().map(line).collect::<Vec<_>>()
        };
        assert_eq!(told(before.clone()), [""; 0], "nothing is different");
        let mut other = Settings { icon: None, ..before };
        other.limits.nick_bytes_max = 42;
        let words = "NICKLEN=42 -draft/ICON :are supported by this server";
        let expected = [
            format!("1 :srv 005 alice {words}"),
            "2 :srv BATCH +isupport draft/isupport".to_owned(),
            format!("2 @batch=isupport :srv 005 * {words}"),
            "2 :srv BATCH -isupport".to_owned(),
        ];
        assert_eq!(told(other), expected);
    }
}
