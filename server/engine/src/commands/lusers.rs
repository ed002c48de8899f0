//! LUSERS: how many are here.

use wire::{Decimal, Reply, numeric};

use super::{Command, When};
use crate::context::Cx;

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "LUSERS", when: When::After, min: 0, syntax: "[<mask> [<server>]]", help: "Counts users, operators, channels and connections.", run: lusers },
];

fn lusers(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    // RFC 2812 has a mask of servers first, and a server to ask second; the network is this one server.
    cx.this_server(params.get(1).copied())?;
    tell(cx);
    Ok(())
}

/// Tells how many are here.
pub(super) fn tell(cx: &mut Cx<'_>) {
    let (users, invisible) = (cx.world.users().len(), cx.world.invisible());
    let number = |count: usize| Decimal::from(count);
    let (all, most) = (number(users), number(cx.counts.users_most));
    let (all, most): (&str, &str) = (&all, &most);
    cx.answer(&numeric::RPL_LUSERCLIENT, &[&number(users - invisible), &number(invisible)]);
    cx.answer(&numeric::RPL_LUSEROP, &[&number(cx.world.operators())]);
    cx.answer(&numeric::RPL_LUSERUNKNOWN, &[&number(cx.counts.connections.saturating_sub(users))]);
    cx.answer(&numeric::RPL_LUSERCHANNELS, &[&number(cx.world.channels().len())]);
    cx.answer(&numeric::RPL_LUSERME, &[all]);
    cx.answer(&numeric::RPL_LOCALUSERS, &[all, most, all, most]);
    cx.answer(&numeric::RPL_GLOBALUSERS, &[all, most, all, most]);
}
