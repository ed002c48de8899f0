//! MODE: what is switched on for a channel, its members and a user.

mod change;
mod channel;
mod masks;
mod reading;
mod user;

use wire::Reply;

use super::kick::above;
use super::{Cause, Command, Happening, Heard, When};
use crate::context::Cx;

pub use channel::ChannelModeChange;
pub use user::UserModeChange;

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "MODE", when: When::After, min: 1, syntax: "<channel or own nick> [<+/-letters> [<parameter>…]]", help: "Shows or changes modes; a list's letter alone shows the list.", run: mode },
];

fn mode(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    if wire::is_channel_like(params[0]) {
        channel::mode(cx, params[0], &params[1..])
    } else {
        user::mode(cx, params[0], &params[1..])
    }
}
