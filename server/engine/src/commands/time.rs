//! TIME: how late it is on the server.

use wire::{Reply, numeric};

use super::{Command, When};
use crate::context::Cx;

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "TIME", when: When::After, min: 0, syntax: "[<server>]", help: "Tells the time on the server.", run: time },
];

fn time(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    cx.this_server(params.first().copied())?;
    cx.answer(&numeric::RPL_TIME, &[&cx.settings.server_name, &cx.now.wall.in_words()]);
    Ok(())
}
