//! The wanted nick that was taken: it is asked after, and taken when it is free.

use wire::{Encoder, Message};

use super::Session;
use super::heard::Heard;

impl Session {
    /// Asks once more whether the wanted nick is free, where the server does not tell by itself.
    pub fn ask_for_nick(&self) -> Option<String> {
        let nick = self.regaining.as_ref().filter(|_| self.isupport.get("MONITOR").is_none())?;
        Some(Encoder::new().verb("ISON").param(nick).end())
    }

    /// The server has said all that it says at the beginning.
    pub(super) fn seek_nick(&mut self, heard: &mut Vec<Heard>) {
        if self.regaining.is_some() || self.is_me(&self.wanted.nick) {
            return;
        }
        let nick = self.wanted.nick.clone();
        if self.isupport.get("MONITOR").is_some() {
            heard.push(Heard::Send(Encoder::new().verb("MONITOR").param("+").param(&nick).end()));
        }
        self.regaining = Some(nick);
    }

    /// ISON's answer names who is there; MONITOR's 731 who is gone.
    pub(super) fn nick_sought(&mut self, code: &str, names: &[&str], heard: &mut Vec<Heard>) {
        let Some(nick) = &self.regaining else { return };
        let mut names = names.iter().flat_map(|names| names.split([' ', ',']));
        let named = names.any(|name| self.same(name.split('!').next().unwrap_or(name), nick));
        if named == (code == "731") {
            heard.push(Heard::Send(Encoder::new().verb("NICK").param(nick).end()));
        }
    }

    /// Somebody goes by a nick no more.
    pub(super) fn nick_set_free(&mut self, nick: &str, heard: &mut Vec<Heard>) {
        let Some(wanted) = self.regaining.clone() else { return };
        if self.is_me(nick) {
            // It is ours now, or we have chosen another one.
            self.regaining = None;
            if self.isupport.get("MONITOR").is_some() {
                heard.push(Heard::Send(Encoder::new().verb("MONITOR").param("-").param(&wanted).end()));
            }
        } else if self.same(nick, &wanted) {
            heard.push(Heard::Send(Encoder::new().verb("NICK").param(&wanted).end()));
        }
    }

    /// Whether a line answers the question after the wanted nick.
    pub(super) fn is_sought(&self, message: &Message<'_>) -> bool {
        let names = message.param(1).unwrap_or("");
        let is_wanted = |name: &str, nick: &str| self.same(name.split('!').next().unwrap_or(name), nick);
        self.regaining.as_ref().is_some_and(|nick| names.trim().is_empty() || is_wanted(names, nick))
    }
}
