//! ADMIN: whom to turn to.

use wire::{Reply, numeric};

use super::{Command, When};
use crate::context::Cx;
use crate::settings::Admin;

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "ADMIN", when: When::After, min: 0, syntax: "[<server>]", help: "Tells whom to turn to about this server.", run: admin },
];

fn admin(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    cx.this_server(params.first().copied())?;
    let settings = cx.settings;
    let Admin { location, organisation, email } = &settings.admin;
    // Somebody who asks counts on three lines: what was not set is said so.
    let lines = [
        (&numeric::RPL_ADMINLOC1, location, "No location is given"),
        (&numeric::RPL_ADMINLOC2, organisation, "No organisation is given"),
        (&numeric::RPL_ADMINEMAIL, email, "No address is given"),
    ];
    if lines.iter().all(|(_, text, _)| text.is_empty()) {
        return Err(numeric::ERR_NOADMININFO.with(&[&settings.server_name]));
    }
    cx.answer(&numeric::RPL_ADMINME, &[&settings.server_name]);
    for (numeric, text, nothing) in lines {
        cx.answer(numeric, &[if text.is_empty() { nothing } else { text }]);
    }
    Ok(())
}
