//! LUSERS: how many are here.

use wire::{Reply, numeric};

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
    let users = cx.world.users().len();
    let number = |n: usize| n.to_string();
    let (all, most) = (number(users), number(cx.counts.users_most));
    let visible = number(users - cx.world.invisible());
    cx.reply(&numeric::RPL_LUSERCLIENT.with(&[&visible, &number(cx.world.invisible())]));
    cx.reply(&numeric::RPL_LUSEROP.with(&[&number(cx.world.operators())]));
    cx.reply(&numeric::RPL_LUSERUNKNOWN.with(&[&number(cx.counts.connections.saturating_sub(users))]));
    cx.reply(&numeric::RPL_LUSERCHANNELS.with(&[&number(cx.world.channels().len())]));
    cx.reply(&numeric::RPL_LUSERME.with(&[&all]));
    cx.reply(&numeric::RPL_LOCALUSERS.with(&[&all, &most, &all, &most]));
    cx.reply(&numeric::RPL_GLOBALUSERS.with(&[&all, &most, &all, &most]));
}
