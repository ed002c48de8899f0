//! The capabilities that are offered under some settings, and that they come and go with them (IRCv3 capability negotiation,
//! cap-notify).

use wire::Encoder;
use wire::capability::{self, Capability, Set};

use crate::commands::{self, VERSION_WITH_NOTIFY};
use crate::engine::Engine;
use crate::interface::{Effect, Now};
use crate::outgoing::{Outgoing, user_of};
use crate::session::Stage;
use crate::settings::Settings;

/// What is offered.
pub(crate) fn offered(settings: &Settings) -> Set {
    let all = capability::ALL.iter().fold(Set::NONE, |set, row| set.with(row));
    if settings.history_lines_max > 0 || settings.history_direct_lines_max > 0 {
        return all;
    }
    all.without(&capability::CHATHISTORY).without(&capability::EVENT_PLAYBACK).without(&capability::SEARCH)
}

/// A capability with its value, if it has one, as `CAP LS 302` shows it.
pub(crate) fn offer(row: &Capability, settings: &Settings) -> String {
    let value = match row {
        row if *row == capability::METADATA_2 || *row == capability::METADATA_3 => {
            Some(commands::metadata_value(settings))
        }
        row if *row == capability::MULTILINE => Some(commands::multiline_value(settings)),
        _ => None,
    };
    value.map_or_else(|| row.name.to_owned(), |value| format!("{}={value}", row.name))
}

impl Engine {
    /// The settings were others before: those who have cap-notify are told what is offered no more, what is offered anew and
    /// what has another value. What is offered no more, nobody has any more.
    pub(crate) fn tell_offers(&mut self, now: Now, before: &Settings, effects: &mut Vec<Effect>) {
        let (old, new) = (offered(before), offered(&self.settings));
        let gone: Vec<&Capability> = old.iter().filter(|row| !new.has(row)).collect();
        let is_new = |row: &&Capability| !old.has(row) || offer(row, before) != offer(row, &self.settings);
        let come: Vec<&Capability> = new.iter().filter(is_new).collect();
        if gone.is_empty() && come.is_empty() {
            return;
        }
        for session in self.sessions.values_mut() {
            let valued = session.capability_version >= VERSION_WITH_NOTIFY;
            let shown = |row: &&Capability| match valued {
                true => offer(row, &self.settings),
                false => row.name.to_owned(),
            };
            let names = gone.iter().map(|row| row.name.to_owned()).collect::<Vec<_>>();
            let told = [("DEL", names), ("NEW", come.iter().map(shown).collect())];
            let nick = match &session.stage {
                Stage::Registered => self.world.user(user_of(session.conn)).map(|user| user.nick.to_string()),
                Stage::Greeting(greeting) => greeting.nick.as_ref().map(ToString::to_string),
            };
            let nick = nick.unwrap_or_else(|| "*".to_owned());
            let told = told.iter().filter(|(_, words)| !words.is_empty());
            for (what, words) in told.filter(|_| session.capabilities.has(&capability::CAP_NOTIFY)) {
                let line =
                    Encoder::new().source(&self.settings.server_name).verb("CAP").param(&nick).param(what);
                let line = Outgoing::new(now.wall, line.trailing(&words.join(" ")));
                effects.push(Effect::Send {
                    to: session.conn,
                    line: line.line(&self.desk, session.capabilities, None),
                });
            }
            session.capabilities = gone.iter().fold(session.capabilities, |set, row| set.without(row));
        }
        self.audiences.understanding_changed();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interface::{ConnId, Input, Peer};

    #[test]
    fn what_is_offered_no_more_is_told_and_taken_back() {
        let now = Now::default();
        let mut engine = Engine::new(Settings::default(), now, 7);
        let mut effects = Vec::new();
        for (conn, lines) in [
            (ConnId(1), &["CAP LS 302", "CAP REQ draft/chathistory", "NICK al"][..]),
            (ConnId(2), &["CAP REQ :cap-notify draft/chathistory"]),
            (ConnId(3), &["CAP REQ draft/chathistory"]),
        ] {
            let peer = Peer { host: "host".to_owned(), address: None, secure: false };
            engine.handle(now, Input::Opened { conn, peer }, &mut effects);
            for line in lines {
                engine.handle(now, Input::Line { conn, line: line.as_bytes() }, &mut effects);
            }
        }
        let mut reload = |settings: &Settings| {
            let mut effects = Vec::new();
            engine.handle(now, Input::Reload { outcome: Ok(Box::new(settings.clone())) }, &mut effects);
            let told = effects.iter().map(|effect| match effect {
                Effect::Send { to, line } => format!("{} {}", to.0, String::from_utf8_lossy(line.bytes())),
                effect => panic!("{effect:?}"),
            });
            let has =
                engine.sessions.values().map(|session| session.capabilities.has(&capability::CHATHISTORY));
            (told.collect::<Vec<_>>(), has.collect::<Vec<_>>())
        };
        let mut off = Settings { history_lines_max: 0, history_direct_lines_max: 0, ..Settings::default() };
        let gone = ":draft/chathistory draft/event-playback soju.im/search\r\n";
        let told = |what: &str, words: &str| {
            ["1", "2"].map(|conn| {
                let nick = if conn == "1" { "al" } else { "*" };
                format!("{conn} :parlor.local CAP {nick} {what} {words}")
            })
        };
        assert_eq!(reload(&off), (told("DEL", gone).to_vec(), vec![false; 3]));
        assert_eq!(reload(&off), (vec![], vec![false; 3]), "nothing has changed");
        assert_eq!(reload(&Settings::default()), (told("NEW", gone).to_vec(), vec![false; 3]));
        off = Settings::default();
        off.limits.multiline_lines_max = 7;
        let told = [
            "1 :parlor.local CAP al NEW :draft/multiline=max-bytes=8192,max-lines=7\r\n",
            "2 :parlor.local CAP * NEW :draft/multiline\r\n",
        ];
        assert_eq!(reload(&off).0, told);
    }
}
