//! What follows from what is configured.

use wire::Mask;

use crate::buffer::{Buffer, Tone};
use crate::commands;
use crate::config::{self, Config, Profile, Setting, Settings, Value};
use crate::model::{Link, Model, Palette, Question, Wish};
use crate::network::NETWORKS_MAX;
use crate::session::Wanted;

impl Model {
    /// Takes settings, and lets what depends on them follow.
    pub fn configure(&mut self, settings: Settings) {
        let before = std::mem::replace(&mut self.settings, settings);
        let settings = &self.settings;
        self.ignored = settings.ignore.iter().map(|mask| Mask::complete(mask)).collect();
        self.palette = Palette::of(&settings.theme, self.terminal_palette);
        if (settings.buffer_panel, settings.member_panel) != (before.buffer_panel, before.member_panel) {
            self.panels = (settings.buffer_panel, settings.member_panel);
        }
        if settings.logs != before.logs && self.keeps && !self.logs_fixed {
            let place = Some(&settings.logs).filter(|place| !place.is_empty());
            let place = place.map(|place| config::path(place));
            self.logs = place.is_some();
            self.wishes.push(Wish::Logs(place));
        }
        let settings = &self.settings;
        if settings.mouse != before.mouse && settings.mouse != self.mouse {
            self.mouse = settings.mouse;
            self.wishes.push(Wish::Mouse(self.mouse));
        }
    }

    /// Sets one setting.
    ///
    /// # Errors
    /// What is wrong with the value; then nothing has changed.
    pub fn choose(&mut self, name: &str, value: Value) -> Result<(), String> {
        let mut settings = self.settings.clone();
        let row = Setting::find(name).ok_or_else(|| format!("there is no setting {name}"))?;
        row.put(&mut settings, value)?;
        self.configure(settings);
        Ok(())
    }

    /// The file was read at the start, or again. What is connected stays so; what has changed counts for the next
    /// connection.
    pub fn configured(&mut self, config: Config) {
        self.configured = config.settings.clone();
        self.configure(config.settings);
        self.bindings = config.bindings;
        self.profiles = config.networks;
        for network in &mut self.networks {
            let profile =
                self.profiles.iter().find(|profile| profile.name.eq_ignore_ascii_case(&network.name));
            let Some(profile) = profile else { continue };
            network.access = profile.access.clone();
            network.addresses.clone_from(&profile.addresses);
            network.wanted.nicks = profile.nicks.iter().skip(1).cloned().collect();
            if network.link == Link::Off || !profile.addresses.contains(&network.address) {
                network.address = profile.addresses[0].clone();
            }
        }
    }

    /// The file was read again, because the person has asked for it. Networks that are new in it are connected to, those
    /// that have vanished from it are left.
    pub(super) fn reloaded(&mut self, read: Result<Config, String>) {
        let config = match read {
            Ok(config) => config,
            Err(why) => return self.tell(Tone::Error, &format!("{why}. Nothing was changed.")),
        };
        let before: Vec<String> = self.profiles.iter().map(|profile| profile.name.clone()).collect();
        self.configured(config);
        self.tell(Tone::Info, "The configuration was read again.");
        let known = |names: &[String], name: &str| names.iter().any(|known| known.eq_ignore_ascii_case(name));
        let here: Vec<String> = self.networks.iter().map(|network| network.name.clone()).collect();
        let profiles = self.profiles.clone();
        for profile in profiles.iter().filter(|profile| profile.connect && !known(&before, &profile.name)) {
            if known(&here, &profile.name) || self.networks.len() >= NETWORKS_MAX {
                continue;
            }
            self.tell(Tone::Info, &format!("{} is new and connected to.", profile.name));
            self.add_profile(profile);
            self.wants_to_take_up();
            self.connect();
        }
        let configured: Vec<String> = profiles.into_iter().map(|profile| profile.name).collect();
        for name in before.iter().filter(|name| !known(&configured, name)) {
            if let Some(place) =
                self.networks.iter().position(|network| network.name.eq_ignore_ascii_case(name))
            {
                self.leave_network(place);
            }
        }
    }

    /// A network is not configured any more. What was not sent yet is not thrown away with it.
    fn leave_network(&mut self, place: usize) {
        self.here = place;
        let (id, name) = (self.id, self.name.clone());
        let own = |buffer: &&Buffer| buffer.network == id;
        let unsent = !self.kept.is_empty()
            || self.buffers.iter().filter(own).any(|buffer| !buffer.input.text().is_empty());
        let stays = self.networks.len() == 1 || (unsent && !self.keeps);
        let what = match stays {
            true => "it is left, and its buffers stay as they are",
            false => "it is left, and its buffers are closed",
        };
        self.tell(Tone::Info, &format!("{name} is not configured any more: {what}."));
        if self.link != Link::Off {
            commands::run(self, "disconnect");
        }
        if !stays {
            self.remove_network();
        }
    }

    fn remove_network(&mut self) {
        self.save();
        let (id, shown, place) = (self.id, self.buffer().id, self.here);
        self.buffers.retain(|buffer| buffer.network != id);
        self.networks.remove(place);
        self.here = 0;
        (self.prompt, self.completion) = (None, None);
        let gone = match &self.question {
            Some(Question::Trust { network, .. }) => *network == id,
            Some(Question::Kept { buffer, .. }) => self.position(*buffer).is_none(),
            _ => false,
        };
        if gone {
            self.question = None;
        }
        self.current = self.position(shown).unwrap_or(0);
        self.seen();
    }

    /// Adds a network as it is configured, at which the model then stands.
    pub fn add_profile(&mut self, profile: &Profile) {
        let login = self.login.clone();
        let wanted = Wanted {
            nick: profile.nicks.first().unwrap_or(&login).clone(),
            nicks: profile.nicks.iter().skip(1).cloned().collect(),
            user: profile.user.clone().unwrap_or_else(|| login.clone()),
            realname: profile.realname.clone().unwrap_or(login),
            rooms: profile.rooms.clone(),
            ..Wanted::default()
        };
        self.add_network(&profile.name, profile.addresses[0].clone(), wanted);
        self.addresses.clone_from(&profile.addresses);
        self.access = profile.access.clone();
    }
}
