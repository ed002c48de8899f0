//! USERHOST: where users come from, in short.

use wire::{Reply, numeric};

use super::{Command, When};
use crate::context::Cx;
use crate::modes::UserFlag;
use crate::world::User;

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "USERHOST", when: When::After, min: 1, syntax: "<nick> [<nick> …]", help: "Tells user name and host of up to five users, and whether they are operators or away.", run: userhost },
];

/// Nicks in one USERHOST (RFC 2812, section 4.8: "up to 5 nicknames"). Further ones are passed over.
const NICKS_MAX: usize = 5;

fn userhost(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    let nicks = params.iter().flat_map(|param| param.split_ascii_whitespace()).take(NICKS_MAX);
    let words: Vec<String> = nicks.filter_map(|nick| cx.world.user_named(nick)).map(shown).collect();
    if words.is_empty() {
        cx.answer(&numeric::RPL_USERHOST, &[""]);
    }
    cx.reply_in_lines(words, |replies| numeric::RPL_USERHOST.with(&[replies]));
    Ok(())
}

/// `nick[*]=(+|-)user@host`: `*` for an operator, `-` for one who is away.
fn shown(user: &User) -> String {
    let operator = if user.flags.has(UserFlag::Operator) { "*" } else { "" };
    let here = if user.away.is_some() { '-' } else { '+' };
    format!("{}{operator}={here}{}@{}", user.nick, user.user, user.host)
}
