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
use crate::privileges::Privilege;
use reading::Power;

pub use channel::ChannelModeChange;
pub use user::UserModeChange;

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "MODE", when: When::After, min: 1, syntax: "<channel or own nick> [<+/-letters> [<parameter>…]]", help: "Shows or changes modes; a list's letter alone shows the list.", run: mode },
    Command { verb: "SAMODE", when: When::With(Privilege::Force), min: 2, syntax: "<channel> <+/-letters> [<parameter>…]", help: "Changes modes of a channel, whoever may change them there.", run: samode },
];

fn mode(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    if wire::is_channel_like(params[0]) {
        channel::mode(cx, params[0], &params[1..], Power::Rank)
    } else {
        user::mode(cx, params[0], &params[1..])
    }
}

fn samode(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    channel::mode(cx, params[0], &params[1..], Power::Force)
}
