//! REHASH: the configuration is read again.

use wire::{Reply, numeric};

use super::{Command, When};
use crate::context::Cx;
use crate::interface::Effect;

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "REHASH", when: When::After, min: 0, syntax: "", help: "Reads the configuration again. For operators.", run: rehash },
];

fn rehash(cx: &mut Cx<'_>, _params: &[&str]) -> Result<(), Reply> {
    if !cx.is_operator() {
        return Err(numeric::ERR_NOPRIVILEGES.with(&[]));
    }
    cx.reply(&numeric::RPL_REHASHING.with(&["configuration"]));
    cx.effect(Effect::Reload);
    Ok(())
}
