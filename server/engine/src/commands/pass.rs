//! PASS: the password of the server.

use wire::{Reply, numeric};

use super::{Command, When};
use crate::context::Cx;
use crate::interface::Secret;

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "PASS", when: When::Before, min: 1, syntax: "<password>", help: "Tells the server's password. Has to come before NICK and USER.", run: pass },
];

fn pass(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    let greeting = cx.session.greeting().ok_or_else(|| numeric::ERR_ALREADYREGISTERED.with(&[]))?;
    greeting.secret = Some(Secret(params[0].to_owned()));
    Ok(())
}
