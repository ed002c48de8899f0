//! What everybody is told alike, but for his nick or a word of his own: written once for the settings in force, however many
//! come.

use wire::{Standing, numeric};

use crate::isupport::{self, mode_letters};
use crate::settings::Settings;

/// The lines that do not depend on who is told them, and not on who else is here: those of the welcome, above all.
#[derive(Debug)]
pub(crate) struct Welcome {
    /// What the server is: 002, 003 and 004.
    pub server: Vec<Standing>,
    /// What it can do: 005.
    pub isupport: Vec<Standing>,
    /// The message of the day, or that there is none.
    pub motd: Vec<Standing>,
    /// The answer to a PING, but for its token.
    pub pong: Standing,
}

impl Welcome {
    /// The lines under some settings.
    pub fn new(settings: &Settings) -> Self {
        let (name, version) = (settings.server_name.as_str(), settings.version.as_str());
        let [user_modes, channel_modes, with_parameter] = mode_letters();
        let server = vec![
            numeric::RPL_YOURHOST.standing(&[name, version], name),
            numeric::RPL_CREATED.standing(&[&settings.started.in_words()], name),
            numeric::RPL_MYINFO
                .standing(&[name, version, &user_modes, &channel_modes, &with_parameter], name),
        ];
        let pong = Standing::before_text(name, "PONG", &[name]);
        Self { server, isupport: isupport::all(settings), motd: motd(settings), pong }
    }
}

fn motd(settings: &Settings) -> Vec<Standing> {
    let name = settings.server_name.as_str();
    if settings.motd.is_empty() {
        return vec![numeric::ERR_NOMOTD.standing(&[], name)];
    }
    let lines = settings.motd.iter().map(|line| numeric::RPL_MOTD.standing(&[line], name));
    let start = numeric::RPL_MOTDSTART.standing(&[name], name);
    [start].into_iter().chain(lines).chain([numeric::RPL_ENDOFMOTD.standing(&[], name)]).collect()
}
