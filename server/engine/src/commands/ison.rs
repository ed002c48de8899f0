//! ISON: who of some is here.

use wire::{Reply, numeric};

use super::{Command, When};
use crate::context::Cx;

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "ISON", when: When::After, min: 1, syntax: "<nick> [<nick> …]", help: "Tells which of these nicks are in use.", run: ison },
];

fn ison(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    let nicks = params.iter().flat_map(|param| param.split_ascii_whitespace());
    let users = nicks.filter_map(|nick| cx.world.user_named(nick));
    let words: Vec<String> = users.map(|user| user.nick.to_string()).collect();
    if words.is_empty() {
        cx.answer(&numeric::RPL_ISON, &[""]);
    }
    cx.reply_in_lines(words, |nicks| numeric::RPL_ISON.with(&[nicks]));
    Ok(())
}
