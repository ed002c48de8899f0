//! TRACE: which way a message takes to somebody, and who is connected. On a single server it is short.

use wire::{Reply, numeric};

use super::{Command, When};
use crate::context::Cx;
use crate::listing::{Listing, Next};
use crate::modes::UserFlag;
use crate::privileges::Privilege;
use crate::world::{User, UserId};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "TRACE", when: When::After, min: 0, syntax: "[<nick or server>]", help: "Shows a connection; without a nick one's own and those of operators, to operators with the privilege stats all.", run: trace },
];

fn trace(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    let target = params.first().copied().filter(|target| !target.is_empty());
    let world = cx.world;
    match target.and_then(|nick| world.user_named(nick)) {
        Some(user) => tell(cx, user),
        None => {
            cx.this_server(target)?;
            cx.list(Connections { last: None });
        }
    }
    let settings = cx.settings;
    cx.list(numeric::RPL_TRACEEND.with(&[&settings.server_name, &settings.version]));
    Ok(())
}

/// Users in the order in which they connected.
#[derive(Debug)]
struct Connections {
    last: Option<UserId>,
}

impl Listing for Connections {
    fn next(&mut self, cx: &mut Cx<'_>) -> Next {
        let Some(user) = cx.world.users_after(self.last).next() else { return Next::End };
        self.last = Some(user.id);
        let is_shown = user.id == cx.user().id || user.flags.has(UserFlag::Operator);
        if is_shown || cx.may(Privilege::Stats) {
            tell(cx, user);
        }
        Next::More
    }
}

fn tell(cx: &mut Cx<'_>, user: &User) {
    let row = match user.flags.has(UserFlag::Operator) {
        true => &numeric::RPL_TRACEOPERATOR,
        false => &numeric::RPL_TRACEUSER,
    };
    cx.reply(&row.with(&[user.nick.as_str()]));
}
