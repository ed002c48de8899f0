//! HELP: what can be said to this server.

use wire::{Reply, numeric};


use super::{Command, When, nearest_of, rows};
use crate::context::Cx;
use crate::topics::TOPICS;

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "HELP",   when: When::Any, min: 0, syntax: "[<command or topic>]", help: "Explains a command or a topic, or lists them all.", run: help },
    Command { verb: "HELPOP", when: When::Any, min: 0, syntax: "[<command or topic>]", help: "The same as HELP.", run: help },
];

fn help(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    let asked = params.first().copied().unwrap_or("*").to_ascii_uppercase();
    // "The <subject> MUST be the one requested by the client, but may be casefolded; unless it would be an invalid
    // parameter, in which case it MUST be *."
    let invalid = asked.is_empty() || asked.starts_with(':') || asked.contains(' ');
    let subject = if invalid { "*" } else { &asked };
    let rows = rows();
    if asked == "*" {
        let verbs = |cx: &mut Cx<'_>| {
            let verbs = rows.iter().map(marked);
            cx.reply_in_lines(verbs, |verbs| numeric::RPL_HELPTXT.with(&["*", verbs]));
            let topics = TOPICS.iter().map(|topic| topic.name.to_owned());
            cx.reply_in_lines(topics, |topics| numeric::RPL_HELPTXT.with(&["*", &format!("Topics: {topics}")]));
        };
        page(cx, subject, "The commands of this server, those of operators with a *; HELP <command> explains one:", verbs);
        return Ok(());
    }
    if let Some(topic) = TOPICS.iter().find(|topic| topic.name == asked) {
        page(cx, subject, topic.title, |cx| {
            (topic.lines)().iter().for_each(|line| cx.answer(&numeric::RPL_HELPTXT, &[subject, line]));
        });
        return Ok(());
    }
    let Some(row) = rows.iter().find(|row| row.verb == asked) else {
        let subjects = rows.iter().map(|row| row.verb).chain(TOPICS.iter().map(|topic| topic.name));
        let hint = nearest_of(&asked, subjects).map_or(String::new(), |nearest| format!("; did you mean {nearest}?"));
        return Err(numeric::ERR_HELPNOTFOUND.with(&[subject, &hint]));
    };
    page(cx, subject, format!("{} {}", row.verb, row.syntax).trim_end(), |cx| {
        cx.answer(&numeric::RPL_HELPTXT, &[subject, row.help]);
        if let When::With(privilege) = row.when {
            let whose = format!("For operators with the privilege {}.", privilege.name());
            cx.answer(&numeric::RPL_HELPTXT, &[subject, &whose]);
        }
    });
    Ok(())
}

/// A title, an empty line, what there is to say, and an end.
fn page(cx: &mut Cx<'_>, subject: &str, title: &str, tell: impl FnOnce(&mut Cx<'_>)) {
    cx.answer(&numeric::RPL_HELPSTART, &[subject, title]);
    // "the first RPL_HELPTXT message SHOULD be empty."
    cx.answer(&numeric::RPL_HELPTXT, &[subject, ""]);
    tell(cx);
    cx.answer(&numeric::RPL_ENDOFHELP, &[subject, "End of HELP"]);
}

/// A verb as it is listed.
fn marked(row: &&Command) -> String {
    match row.when {
        When::With(_) => format!("{}*", row.verb),
        When::Any | When::Before | When::After => row.verb.to_owned(),
    }
}
