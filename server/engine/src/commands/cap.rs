//! CAP: what client and server both understand (IRCv3 capability negotiation).

use wire::capability::{self, Capability, Set};
use wire::{Encoder, LINE_BYTES_MAX, Reply, numeric};

use super::{Command, When};
use crate::context::Cx;
use crate::offers::{offer, offered};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "CAP", when: When::Any, min: 1, syntax: "LS [302] | LIST | REQ :<capabilities> | END", help: "Negotiates capabilities.", run: cap },
];

/// From this version of `CAP LS` on, capabilities that come and go are announced unasked.
pub(crate) const VERSION_WITH_NOTIFY: u32 = 302;

fn cap(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    match params[0].to_ascii_uppercase().as_str() {
        "LS" => {
            let version = params.get(1).and_then(|version| version.parse().ok()).unwrap_or(0);
            // A lower version than one said before does not take anything back.
            let highest = cx.session.capability_version.max(version);
            cx.session.capability_version = highest;
            if highest >= VERSION_WITH_NOTIFY {
                cx.session.capabilities = cx.session.capabilities.with(&capability::CAP_NOTIFY);
            }
            suspend(cx);
            // "… servers SHOULD return a CAP LS reply consistent with the request's version, but keep storing the original
            // (higher) version."
            list(cx, "LS", offered(cx.settings), version);
        }
        "LIST" => list(cx, "LIST", cx.session.capabilities, cx.session.capability_version),
        "REQ" => {
            suspend(cx);
            request(cx, params.get(1).copied().unwrap_or(""));
        }
        "END" => {
            if let Some(greeting) = cx.session.greeting() {
                greeting.negotiating = false;
            }
        }
        _ => return Err(numeric::ERR_INVALIDCAPCMD.with(&[params[0]])),
    }
    Ok(())
}

/// Registration waits until the client says `CAP END`.
fn suspend(cx: &mut Cx<'_>) {
    if let Some(greeting) = cx.session.greeting() {
        greeting.negotiating = true;
    }
}

/// Lists capabilities as a version of the negotiation has them: from 302 on with values, and in lines of which all but
/// the last have an asterisk.
fn list(cx: &mut Cx<'_>, subcommand: &str, set: Set, version: u32) {
    let valued = subcommand == "LS" && version >= VERSION_WITH_NOTIFY;
    let nick = cx.nick().to_owned();
    let head = Encoder::new().source(&cx.settings.server_name).verb("CAP").param(&nick).param(subcommand);
    let room = LINE_BYTES_MAX - head.param("*").trailing("").end().len();
    let mut lines = vec![String::new()];
    let mut rows: Vec<&Capability> = set.iter().collect();
    let in_one_line = subcommand == "LS" && version < VERSION_WITH_NOTIFY;
    if in_one_line {
        rows.sort_by_key(|row| row.name.starts_with("draft/"));
    }
    for row in rows {
        let word = if valued { offer(row, cx.settings) } else { row.name.to_owned() };
        let line = lines.last_mut().expect("there is always one");
        if line.len() + 1 + word.len() > room {
            lines.push(word);
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&word);
    }
    // Who does not know of several lines takes the first for all: what does not fit, drafts first, can be asked for unseen.
    if in_one_line {
        lines.truncate(1);
    }
    let last = lines.len() - 1;
    for (index, line) in lines.iter().enumerate() {
        if index < last && version >= VERSION_WITH_NOTIFY {
            cx.say("CAP", &[&nick, subcommand, "*"], line);
        } else {
            cx.say("CAP", &[&nick, subcommand], line);
        }
    }
}

/// All that is asked for or nothing.
fn request(cx: &mut Cx<'_>, wanted: &str) {
    let offered = offered(cx.settings);
    let changed = wanted.split_ascii_whitespace().try_fold(cx.session.capabilities, |set, word| {
        let (name, off) = word.strip_prefix('-').map_or((word, false), |name| (name, true));
        let row = capability::named(name).filter(|row| off || offered.has(row))?;
        // Who negotiates with version 302 cannot be without cap-notify.
        let fixed = *row == capability::CAP_NOTIFY && cx.session.capability_version >= VERSION_WITH_NOTIFY;
        match off {
            true if fixed => None,
            true => Some(set.without(row)),
            false => Some(set.with(row)),
        }
    });
    let nick = cx.nick().to_owned();
    match changed {
        Some(set) => {
            cx.session.capabilities = set;
            cx.say("CAP", &[&nick, "ACK"], wanted);
        }
        None => cx.say("CAP", &[&nick, "NAK"], wanted),
    }
}
