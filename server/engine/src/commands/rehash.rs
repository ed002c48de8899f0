//! REHASH: the configuration is read again.

use wire::{Reply, numeric};

use super::{Command, When};
use crate::context::Cx;
use crate::interface::Effect;
use crate::modes::NoticeKind;
use crate::privileges::Privilege;

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "REHASH", when: When::With(Privilege::Rehash), min: 0, syntax: "[<what or server>]", help: "Reads the configuration again.", run: rehash },
];

fn rehash(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    // What others read again part by part (MOTD, BANS, …) is read with all the rest here. A word with a dot is a server.
    cx.this_server(params.first().copied().filter(|word| word.contains('.')))?;
    let nick = cx.user().nick.to_string();
    cx.notify(NoticeKind::Announcements, format!("{nick} has the configuration read again"));
    cx.answer(&numeric::RPL_REHASHING, &["configuration"]);
    cx.effect(Effect::Reload);
    Ok(())
}
