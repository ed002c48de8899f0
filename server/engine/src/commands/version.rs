//! VERSION: what runs here, and what it supports.

use wire::{Reply, numeric};

use super::{Command, When};
use crate::context::Cx;
use crate::isupport;

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "VERSION", when: When::After, min: 0, syntax: "[<server>]", help: "Tells the version of the server and what it supports.", run: version },
];

fn version(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    cx.this_server(params.first().copied())?;
    let settings = cx.settings;
    let told = [&settings.version, &settings.server_name, &settings.description];
    cx.answer(&numeric::RPL_VERSION, &told.map(String::as_str));
    isupport::tell(cx);
    Ok(())
}
