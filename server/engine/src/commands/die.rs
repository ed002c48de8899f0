//! DIE and RESTART: the server ends, or begins anew.

use wire::{Reply, numeric};

use super::{Command, When};
use crate::context::Cx;
use crate::interface::Effect;
use crate::privileges::Privilege;

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "DIE",     when: When::With(Privilege::Die), min: 0, syntax: "[<server>]", help: "Ends the server. If a server is named, it has to be this one.", run: die },
    Command { verb: "RESTART", when: When::With(Privilege::Restart), min: 0, syntax: "[<server>]", help: "Ends the server and starts it anew. If a server is named, it has to be this one.", run: restart },
];

fn die(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    confirm(cx, params)?;
    let reason = format!("The server is ended by {}", cx.user().nick);
    cx.effect(Effect::Stop { reason });
    Ok(())
}

fn restart(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    confirm(cx, params)?;
    let reason = format!("The server is restarted by {}", cx.user().nick);
    cx.effect(Effect::Restart { reason });
    Ok(())
}

/// Who names a server means it by its whole name: no mask, and not the nick of somebody here.
fn confirm(cx: &Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    match params.first() {
        Some(name) if !name.eq_ignore_ascii_case(&cx.settings.server_name) => {
            Err(numeric::ERR_NOSUCHSERVER.with(&[name]))
        }
        _ => Ok(()),
    }
}
