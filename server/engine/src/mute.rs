//! Who is muted by a SHUN may be here and read, and do nothing that others hear of except to come and go.

use wire::numeric;

use crate::context::Cx;
use crate::modes::UserFlag;
use crate::world::{BanKind, Visitor};

/// What he may still say, and how many parameters of it are taken: the reason of a PART would be heard by others.
#[rustfmt::skip]
const ALLOWED: &[(&str, usize)] = &[
    ("ADMIN", 15), ("CAP", 15), ("CHATHISTORY", 15), ("ERROR", 15), ("HELP", 15), ("HELPOP", 15), ("INFO", 15),
    ("ISON", 15), ("JOIN", 15), ("LINKS", 15), ("LIST", 15), ("LUSERS", 15), ("MAP", 15), ("MARKREAD", 15), ("MODE", 1),
    ("MONITOR", 15), ("MOTD", 15), ("NAMES", 15), ("OPER", 15), ("PART", 1), ("PING", 15), ("PONG", 15), ("QUIT", 0),
    ("STATS", 15), ("TIME", 15), ("TRACE", 15), ("USERHOST", 15), ("USERS", 15), ("VERSION", 15), ("WHO", 15),
    ("WHOIS", 15), ("WHOWAS", 15),
];

/// What is taken of a command's parameters; nothing if one who is muted has been refused.
pub(crate) fn taken<'p>(cx: &mut Cx<'_>, verb: &str, params: &'p [&'p str]) -> Option<&'p [&'p str]> {
    if !is_muted(cx) {
        return Some(params);
    }
    if let Some((_, count)) = ALLOWED.iter().find(|row| row.0 == verb) {
        return Some(&params[..params.len().min(*count)]);
    }
    match verb {
        "PRIVMSG" | "TAGMSG" => cx.each_target(params.first().unwrap_or(&""), |_, target| {
            Err(numeric::ERR_CANNOTSENDTOCHAN.with(&[target, "you are muted on this server"]))
        }),
        // "automatic replies MUST NEVER be sent in response to a NOTICE message."
        "NOTICE" => {}
        _ => {
            let nick = cx.nick().to_owned();
            cx.say("NOTICE", &[&nick], &format!("You are muted on this server and cannot use {verb}"));
        }
    }
    None
}

fn is_muted(cx: &Cx<'_>) -> bool {
    let user = cx.session.user().and_then(|id| cx.world.user(id));
    user.is_some_and(|user| {
        let covered = || cx.world.bans().covering(BanKind::Mute, Visitor::from(user)).is_some();
        !user.flags.has(UserFlag::Operator) && covered()
    })
}
