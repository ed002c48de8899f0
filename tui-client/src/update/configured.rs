//! What follows from what is configured.

use wire::Mask;

use crate::buffer::Tone;
use crate::config::{Config, Profile, Setting, Settings, Value};
use crate::model::{Link, Model, Palette, Wish};
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

    /// The file was read again, because the person has asked for it.
    pub(super) fn reloaded(&mut self, read: Result<Config, String>) {
        match read {
            Ok(config) => {
                self.configured(config);
                self.tell(Tone::Info, "The configuration was read again.");
            }
            Err(why) => self.tell(Tone::Error, &format!("{why}. Nothing was changed.")),
        }
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
