//! ISUPPORT: what the server says of itself, asked for (IRCv3 extended-isupport).

use wire::{Reply, capability, numeric};

use super::{Command, When};
use crate::context::Cx;
use crate::isupport;

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "ISUPPORT", when: When::Any, min: 0, syntax: "", help: "Tells what the server supports; before registration to clients with draft/extended-isupport.", run: tell },
];

fn tell(cx: &mut Cx<'_>, _params: &[&str]) -> Result<(), Reply> {
    let early = cx.session.capabilities.has(&capability::EXTENDED_ISUPPORT);
    if cx.session.user().is_none() && !early {
        return Err(numeric::ERR_NOTREGISTERED.with(&[]));
    }
    isupport::tell(cx);
    Ok(())
}
