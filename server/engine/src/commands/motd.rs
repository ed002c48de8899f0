//! MOTD: the message of the day.

use wire::{Reply, numeric};

use super::{Command, When};
use crate::context::Cx;

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "MOTD", when: When::After, min: 0, syntax: "[<server>]", help: "Shows the message of the day.", run: motd },
];

fn motd(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    cx.this_server(params.first().copied())?;
    tell(cx);
    Ok(())
}

/// Tells the message of the day.
pub(super) fn tell(cx: &mut Cx<'_>) {
    let settings = cx.settings;
    if settings.motd.is_empty() {
        return cx.reply(&numeric::ERR_NOMOTD.with(&[]));
    }
    cx.reply(&numeric::RPL_MOTDSTART.with(&[&settings.server_name]));
    for line in &settings.motd {
        cx.reply(&numeric::RPL_MOTD.with(&[line]));
    }
    cx.reply(&numeric::RPL_ENDOFMOTD.with(&[]));
}
