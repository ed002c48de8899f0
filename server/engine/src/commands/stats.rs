//! STATS: what the server has counted.

use wire::{Reply, numeric};

use super::{Command, When};
use crate::context::Cx;
use crate::privileges::Privilege;

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "STATS", when: When::After, min: 1, syntax: "u | m | o [<server>]", help: "Tells since when the server runs (u), how often commands were used (m), and to operators who may become one (o).", run: stats },
];

fn stats(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    cx.this_server(params.get(1).copied())?;
    let query = params[0];
    let told = match query {
        "u" | "U" => tell_uptime(cx),
        "m" | "M" => tell_commands(cx),
        "o" | "O" => tell_operators(cx),
        // What is not known is ended like what is.
        _ => Ok(()),
    };
    if let Err(refusal) = told {
        cx.reply(&refusal);
    }
    cx.reply(&numeric::RPL_ENDOFSTATS.with(&[query]));
    Ok(())
}

fn tell_uptime(cx: &mut Cx<'_>) -> Result<(), Reply> {
    let seconds = cx.now.wall.seconds().saturating_sub(cx.settings.started.seconds());
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    let clock = format!("{hours}:{minutes:02}:{:02}", seconds % 60);
    cx.reply(&numeric::RPL_STATSUPTIME.with(&[&days.to_string(), &clock]));
    Ok(())
}

fn tell_commands(cx: &mut Cx<'_>) -> Result<(), Reply> {
    let counts = cx.counts;
    for (verb, count) in &counts.commands {
        cx.reply(&numeric::RPL_STATSCOMMANDS.with(&[verb, &count.to_string()]));
    }
    Ok(())
}

fn tell_operators(cx: &mut Cx<'_>) -> Result<(), Reply> {
    cx.needs(Privilege::Stats)?;
    let settings = cx.settings;
    for operator in &settings.operators {
        let mask = format!("*@{}", operator.host_mask);
        cx.reply(&numeric::RPL_STATSOLINE.with(&[&mask, &operator.name]));
    }
    Ok(())
}
