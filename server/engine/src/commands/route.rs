//! CONNECT and SQUIT: servers of a network come together and part. This one has no others.

use wire::{Reply, numeric};

use super::{Command, When};
use crate::context::Cx;
use crate::privileges::Privilege;

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "CONNECT", when: When::With(Privilege::Route), min: 1, syntax: "<server> [<port> [<from server>]]", help: "Connects a server to the network. There is no other than this one.", run: connect },
    Command { verb: "SQUIT",   when: When::With(Privilege::Route), min: 1, syntax: "<server> [:<reason>]", help: "Disconnects a server from the network. There is no other than this one.", run: squit },
];

fn connect(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    cx.this_server(params.get(2).copied())?;
    another(cx, "CONNECT", params[0])
}

fn squit(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    another(cx, "SQUIT", params[0])
}

/// There is no server but this one, and this one cannot be meant.
fn another(cx: &Cx<'_>, verb: &str, server: &str) -> Result<(), Reply> {
    if server.eq_ignore_ascii_case(&cx.settings.server_name) {
        return Err(numeric::ERR_UNKNOWNERROR.with(&[verb, "This is the server that you speak with"]));
    }
    Err(numeric::ERR_NOSUCHSERVER.with(&[server]))
}
