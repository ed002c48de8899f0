//! Who comes and goes (MONITOR): those one talks with, and those one wants to know about.

use wire::Encoder;

use crate::buffer::{Buffer, Kind, Tone};
use crate::model::Model;

/// Nicks in one line, in bytes; further ones get a line of their own.
const NICKS_BYTES_MAX: usize = 400;

impl Model {
    /// Asks to be told when those one watches or talks with come and go, as far as the server offers that.
    pub(super) fn watch(&mut self) {
        let talk = |buffer: &&Buffer| buffer.network == self.id && buffer.kind == Kind::Query;
        let talks = self.buffers.iter().filter(talk).map(|buffer| &buffer.name);
        let nicks: Vec<String> = self.watched.keys().chain(talks).cloned().collect();
        self.monitor('+', &nicks);
    }

    /// Begins (`+`) or ends (`-`) to watch nicks.
    pub(crate) fn monitor(&mut self, sign: char, nicks: &[String]) {
        let Some(limit) = self.session.isupport().get("MONITOR").filter(|_| self.online()) else { return };
        let limit = limit.parse().unwrap_or(usize::MAX);
        let mut list = String::new();
        let mut lines = Vec::new();
        let line = |list: &str| Encoder::new().verb("MONITOR").param(&sign.to_string()).param(list).end();
        for nick in nicks.iter().take(limit) {
            if !list.is_empty() && list.len() + nick.len() > NICKS_BYTES_MAX {
                lines.push(line(&std::mem::take(&mut list)));
            }
            if !list.is_empty() {
                list.push(',');
            }
            list.push_str(nick);
        }
        if !list.is_empty() {
            lines.push(line(&list));
        }
        lines.into_iter().for_each(|line| self.send(line));
    }

    /// 730 and 731: some of the watched are there, or not.
    pub(super) fn came_online(&mut self, here: bool, sources: &str) {
        for source in sources.split(',') {
            let nick = source.split('!').next().unwrap_or(source).to_owned();
            let watched = self.watched.keys().find(|known| self.session.same(known, &nick)).cloned();
            let before = watched.clone().and_then(|key| self.watched.insert(key, Some(here)).flatten());
            let text = if here { format!("{nick} is here") } else { format!("{nick} is not here") };
            if watched.is_some() && before != Some(here) && (here || before.is_some()) {
                self.tell(Tone::Event, &text);
            }
            if let Some(index) = self.find(&nick) {
                // That somebody is there as before needs no words.
                let before = self.buffers[index].present.replace(here).unwrap_or(true);
                if before != here && !(watched.is_some() && index == self.current) {
                    self.note(index, Tone::Event, &text);
                }
            }
        }
    }

    /// A talk was opened by hand: what was said before is shown, and whether the other is there.
    pub(crate) fn talk_opened(&mut self, index: usize) {
        let buffer = &self.buffers[index];
        if buffer.kind == Kind::Query && buffer.len() == 0 {
            let name = buffer.name.clone();
            self.catch_up(index, None);
            self.monitor('+', &[name]);
        }
    }
}
