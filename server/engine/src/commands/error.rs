//! ERROR: servers say it to each other; from a client it means nothing.

use wire::Reply;

use super::{Command, When};
use crate::context::Cx;

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "ERROR", when: When::Any, min: 0, syntax: ":<text>", help: "Is said by the server before it closes a connection; from a client it is ignored.", run: error },
];

fn error(_cx: &mut Cx<'_>, _params: &[&str]) -> Result<(), Reply> {
    Ok(())
}
