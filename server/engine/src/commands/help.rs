//! HELP: what can be said to this server.

use wire::{Reply, numeric};

use super::{Command, When, nearest, rows};
use crate::context::Cx;

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "HELP",   when: When::After, min: 0, syntax: "[<command>]", help: "Explains a command, or lists them all.", run: help },
    Command { verb: "HELPOP", when: When::After, min: 0, syntax: "[<command>]", help: "The same as HELP.", run: help },
];

fn help(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    let subject = params.first().map_or("*".to_owned(), |subject| subject.to_ascii_uppercase());
    let rows = rows();
    let end = |cx: &mut Cx<'_>| cx.reply(&numeric::RPL_ENDOFHELP.with(&[&subject, "End of HELP"]));
    if subject == "*" {
        cx.reply(&numeric::RPL_HELPSTART.with(&[&subject, "The commands of this server; HELP <command> explains one:"]));
        cx.reply_in_lines(rows.iter().map(|row| row.verb.to_owned()), |verbs| {
            numeric::RPL_HELPTXT.with(&["*", verbs])
        });
        end(cx);
        return Ok(());
    }
    let Some(row) = rows.iter().find(|row| row.verb == subject) else {
        let hint = nearest(&subject).map_or(String::new(), |nearest| format!("; did you mean {nearest}?"));
        return Err(numeric::ERR_HELPNOTFOUND.with(&[&subject, &hint]));
    };
    cx.reply(&numeric::RPL_HELPSTART.with(&[&subject, &format!("{} {}", row.verb, row.syntax)]));
    cx.reply(&numeric::RPL_HELPTXT.with(&[&subject, row.help]));
    end(cx);
    Ok(())
}
