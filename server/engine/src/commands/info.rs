//! INFO: what this server is.

use wire::{Reply, numeric};

use super::{Command, When};
use crate::context::Cx;

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "INFO", when: When::After, min: 0, syntax: "[<server>]", help: "Tells what this server is and since when it runs.", run: info },
];

fn info(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    cx.this_server(params.first().copied())?;
    let settings = cx.settings;
    let lines = [
        &settings.version,
        &settings.description,
        &format!("{} of the network {}", settings.server_name, settings.network_name),
        &format!("Running since {}", settings.started.in_words()),
    ];
    for line in lines {
        cx.answer(&numeric::RPL_INFO, &[line]);
    }
    cx.answer(&numeric::RPL_ENDOFINFO, &[]);
    Ok(())
}
