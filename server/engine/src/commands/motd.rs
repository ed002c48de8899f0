//! MOTD: the message of the day.

use wire::Reply;

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
    cx.answer_alike(&cx.welcome.motd);
}
