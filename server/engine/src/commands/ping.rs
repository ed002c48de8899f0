//! PING and PONG: is anybody there?

use wire::{Reply, numeric};

use super::{Command, When};
use crate::context::Cx;

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "PING", when: When::Any, min: 0, syntax: "<token>", help: "Is answered with PONG and the same token.", run: ping },
    Command { verb: "PONG", when: When::Any, min: 0, syntax: "<token>", help: "Answers the server's PING.", run: pong },
];

fn ping(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    let token = params.first().filter(|token| !token.is_empty());
    let token = token.ok_or_else(|| numeric::ERR_NOORIGIN.with(&[]))?;
    cx.answer_with(&cx.welcome.pong, token);
    Ok(())
}

/// Any line shows that the client is there; this one has no other meaning.
fn pong(_cx: &mut Cx<'_>, _params: &[&str]) -> Result<(), Reply> {
    Ok(())
}
