//! The configuration is read again, and nobody is dropped for it.

use engine::{ConnId, Input};

use super::Reactor;
use super::lane::Lane;
use super::listener::{Address, Listener};
use crate::clock::Moment;
use crate::config::Config;

impl Reactor {
    /// Reads the configuration again. If anything is wrong with the new one, the old one stays, all of it.
    pub(super) fn reload(&mut self, now: Moment) {
        let outcome = (self.reread)().and_then(|config| self.adopt(config));
        match &outcome {
            Ok(_) => tracing::info!("the configuration was read again"),
            Err(error) => tracing::error!(%error, "the old configuration stays"),
        }
        self.think(now, Input::Reload { outcome });
    }

    fn adopt(&mut self, config: Config) -> Result<Box<engine::Settings>, String> {
        let motd = config.motd_lines().map_err(|error| format!("server.motd_file: {error}"))?;
        let there: Vec<&Listener> = self.doors.listeners.iter().map(|(_, listener)| listener).collect();
        let opened = Listener::open_new(&config.listen, &there).map_err(|error| error.to_string())?;
        for listener in opened {
            self.attend(listener).map_err(|error| format!("a listener cannot be watched: {error}"))?;
        }
        self.doors.listeners.retain(|(_, listener)| {
            let is_wanted = listener.is_wanted(&config.listen);
            if !is_wanted {
                tracing::info!(address = %listener.bound(), "not listening any more");
            }
            is_wanted
        });
        if config.segment != self.config.segment {
            tracing::warn!("the settings of the segment take effect at the next start");
        }
        crate::logging::refilter(&config.log.filter);
        self.config = config;
        // Who waits for flood control must not wait for what does not hold any more.
        for id in self.connections.ids() {
            self.release(id);
        }
        Ok(Box::new(self.config.engine_settings(motd, self.started)))
    }

    fn release(&mut self, id: ConnId) {
        use super::connection::Hold;
        let Some(connection) = self.connections.get_mut(id) else { return };
        if matches!(connection.hold, Hold::Until(_)) {
            connection.hold = Hold::Nothing;
            self.connections.rouse(Lane::Prompt, id);
        }
    }

    /// Where it listens.
    pub fn addresses(&self) -> impl Iterator<Item = &Address> {
        self.doors.listeners.iter().map(|(_, listener)| listener.bound())
    }
}
