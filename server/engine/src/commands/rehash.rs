//! REHASH: the configuration is read again.

use wire::{Reply, numeric};

use super::{Command, When};
use crate::context::Cx;
use crate::interface::Effect;
use crate::privileges::Privilege;

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "REHASH", when: When::With(Privilege::Rehash), min: 0, syntax: "", help: "Reads the configuration again.", run: rehash },
];

fn rehash(cx: &mut Cx<'_>, _params: &[&str]) -> Result<(), Reply> {
    cx.reply(&numeric::RPL_REHASHING.with(&["configuration"]));
    cx.effect(Effect::Reload);
    Ok(())
}
