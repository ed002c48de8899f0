//! LINKS and MAP: which servers there are. There is one.

use wire::{Casemapping, Reply, glob, numeric};

use super::{Command, When};
use crate::context::Cx;

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "LINKS", when: When::After, min: 0, syntax: "[[<server>] <mask>]", help: "Lists the servers of the network.", run: links },
    Command { verb: "MAP",   when: When::After, min: 0, syntax: "", help: "Shows the servers of the network and how many users each has.", run: map },
];

fn links(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    let (server, mask) = match params {
        [] => (None, "*"),
        [mask] => (None, *mask),
        [server, mask, ..] => (Some(*server), *mask),
    };
    cx.this_server(server)?;
    let settings = cx.settings;
    let name = settings.server_name.as_str();
    if glob(Casemapping::Ascii, mask, name) {
        // The server itself, and the one by which it is reached: that is how all servers fill what RFC 1459 calls the mask.
        cx.answer(&numeric::RPL_LINKS, &[name, name, &settings.description]);
    }
    cx.answer(&numeric::RPL_ENDOFLINKS, &[mask]);
    Ok(())
}

fn map(cx: &mut Cx<'_>, _params: &[&str]) -> Result<(), Reply> {
    let users = cx.world.users().len().to_string();
    cx.answer(&numeric::RPL_MAP, &[&cx.settings.server_name, &users]);
    cx.answer(&numeric::RPL_MAPEND, &[]);
    Ok(())
}
