//! USERS, SUMMON, SERVICE, SERVLIST and SQUERY: commands of the RFCs for what no server has any more. They are answered
//! as the RFCs demand of a server without it.

use wire::{Reply, numeric};

use super::{Command, When};
use crate::context::Cx;

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "SERVICE",  when: When::Before, min: 6, syntax: "<name> <reserved> <distribution> <type> <reserved> :<info>", help: "Would register a service. There are none here.", run: service },
    Command { verb: "SERVLIST", when: When::After,  min: 0, syntax: "[<mask> [<type>]]", help: "Lists the services. There are none here.", run: servlist },
    Command { verb: "SQUERY",   when: When::After,  min: 0, syntax: "<service> :<text>", help: "Says something to a service. There are none here; PRIVMSG speaks to everybody else.", run: squery },
    Command { verb: "SUMMON",   when: When::After,  min: 0, syntax: "<user> [<server> [<channel>]]", help: "Would ask somebody at the server's machine to come. It is disabled.", run: summon },
    Command { verb: "USERS",    when: When::After,  min: 0, syntax: "[<server>]", help: "Would list who is logged in at the server's machine. It is disabled; WHO and LUSERS tell who is here.", run: users },
];

fn service(_cx: &mut Cx<'_>, _params: &[&str]) -> Result<(), Reply> {
    Err(numeric::ERR_UNKNOWNERROR.with(&["SERVICE", "This server takes no services; say NICK and USER"]))
}

fn servlist(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    let asked = |index: usize| params.get(index).copied().unwrap_or("*");
    cx.answer(&numeric::RPL_SERVLISTEND, &[asked(0), asked(1)]);
    Ok(())
}

fn squery(_cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    let given = |index: usize| params.get(index).copied().filter(|param| !param.is_empty());
    let service = given(0).ok_or_else(|| numeric::ERR_NORECIPIENT.with(&["SQUERY"]))?;
    given(1).ok_or_else(|| numeric::ERR_NOTEXTTOSEND.with(&[]))?;
    Err(numeric::ERR_NOSUCHSERVICE.with(&[service]))
}

fn summon(_cx: &mut Cx<'_>, _params: &[&str]) -> Result<(), Reply> {
    Err(numeric::ERR_SUMMONDISABLED.with(&[]))
}

fn users(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    cx.this_server(params.first().copied())?;
    Err(numeric::ERR_USERSDISABLED.with(&[]))
}
