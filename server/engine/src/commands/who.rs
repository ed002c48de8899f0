//! WHO: who is in a channel, who has a nick, who is covered by a mask. With fields (WHOX) just those are told.

use std::net::IpAddr;

use wire::{Casemapping, Reply, glob, numeric};

use super::{Command, When};
use crate::context::Cx;
use crate::listing::{Listing, Next, RUN};
use crate::modes::{Ranks, UserFlag};
use crate::world::{User, UserId};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "WHO", when: When::After, min: 0, syntax: "[<channel>|<nick>|<mask>] [o][%<fields>[,<token>]]", help: "Shows who is in a channel, has a nick or is covered by a mask; o shows only operators, %fields chooses what is told.", run: who },
];

/// The fields of WHOX in the order in which they are told: those of the specification, and after `f` and `a` the hops
/// and the operator level that older clients ask for.
const FIELDS: &str = "tcuihsnfdlaor";

/// What is told of an address that the one who asks may not know.
const HIDDEN_ADDRESS: &str = "255.255.255.255";

/// What is asked for besides the mask: `[<flags>][%<fields>[,<token>]]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Options<'a> {
    operators_only: bool,
    /// The fields and the token; nothing for the plain answer.
    fields: Option<(&'a str, &'a str)>,
}

impl<'a> Options<'a> {
    fn parse(text: &'a str) -> Self {
        let (flags, fields) = match text.split_once('%') {
            Some((flags, fields)) => (flags, Some(fields.split_once(',').unwrap_or((fields, "")))),
            None => (text, None),
        };
        // "The token MUST contain only digit characters and MUST contain at most 3 characters."
        let well_formed = |token: &str| matches!(token.len(), 1..=3) && token.bytes().all(|b| b.is_ascii_digit());
        let fields = fields.map(|(fields, token)| (fields, if well_formed(token) { token } else { "0" }));
        Self { operators_only: flags.contains('o'), fields }
    }

    fn admit(&self, user: &User) -> bool {
        !self.operators_only || user.flags.has(UserFlag::Operator)
    }
}

fn who(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    let mask = params.first().copied().filter(|mask| !mask.is_empty()).unwrap_or("*");
    let written = params.get(1).copied().unwrap_or("");
    let options = Options::parse(written);
    let listed = |those| Users { those, options: written.to_owned(), last: None, flags: String::new() };
    if wire::is_channel_like(mask) {
        cx.list(listed(Those::In(mask.to_owned())));
    } else if let Some(user) = cx.world.user_named(mask).filter(|user| options.admit(user)) {
        tell(cx, user, Place::shared(cx, user), options, &mut String::new());
    } else {
        let pattern = if mask == "0" { "*" } else { mask };
        cx.list(listed(Those::Covered(pattern.to_owned())));
    }
    cx.list(numeric::RPL_ENDOFWHO.with(&[mask]));
    Ok(())
}

/// Users in the order in which they connected.
#[derive(Debug)]
struct Users {
    those: Those,
    /// What is wanted of them, as it was written.
    options: String,
    last: Option<UserId>,
    /// Where the flags of each are written.
    flags: String,
}

#[derive(Debug)]
enum Those {
    /// In a channel, if that may be known.
    In(String),
    /// Covered by a pattern.
    Covered(String),
}

impl Listing for Users {
    fn next(&mut self, cx: &mut Cx<'_>) -> Next {
        let (options, world, before) = (Options::parse(&self.options), cx.world, self.last);
        match &self.those {
            Those::In(name) => {
                if let Some(channel) = world.channel(name).filter(|channel| cx.sees_channel(channel)) {
                    for (user, member) in world.members_after(channel, before).take(RUN) {
                        self.last = Some(user.id);
                        if cx.sees_member(channel, user) && options.admit(user) && cx.sees_user(user) {
                            let place = Place { name: channel.name.as_str(), ranks: member.ranks };
                            tell(cx, user, place, options, &mut self.flags);
                        }
                    }
                }
            }
            Those::Covered(pattern) => {
                for user in world.users_after(before).take(RUN) {
                    self.last = Some(user.id);
                    if covers(cx, pattern, user) && options.admit(user) && cx.sees_user(user) {
                        tell(cx, user, Place::shared(cx, user), options, &mut self.flags);
                    }
                }
            }
        }
        if self.last == before { Next::End } else { Next::More }
    }
}

/// A mask is "matched against users' host, server, real name and nickname" (RFC 2812, section 3.6.1), and here against
/// the user name and all of `nick!user@host` too.
fn covers(cx: &Cx<'_>, pattern: &str, user: &User) -> bool {
    let names = [user.nick.as_str(), &user.user, &user.host, &user.realname, user.source(), &cx.settings.server_name];
    names.into_iter().any(|name| glob(Casemapping::Ascii, pattern, name))
}

/// The channel that is named with a user, and his ranks there.
#[derive(Clone, Copy)]
struct Place<'a> {
    name: &'a str,
    ranks: Ranks,
}

impl<'a> Place<'a> {
    /// A channel that is shared with him, or else another that may be known.
    fn shared(cx: &Cx<'a>, user: &User) -> Self {
        let asker = cx.user().id;
        let channels = user.channels().iter().filter_map(|name| cx.world.channel_of(name));
        let known = channels.filter(|channel| cx.sees_channel(channel) && cx.sees_member(channel, user));
        let shared = known.min_by_key(|channel| !channel.has(asker));
        shared.map_or(Self { name: "*", ranks: Ranks::default() }, |channel| Self {
            name: channel.name.as_str(),
            ranks: channel.ranks(user.id),
        })
    }
}

fn tell(cx: &mut Cx<'_>, user: &User, place: Place<'_>, options: Options<'_>, flags: &mut String) {
    let (server, name) = (cx.settings.server_name.as_str(), place.name);
    let nick = user.nick.as_str();
    write_flags(cx, user, place.ranks, flags);
    let Some((fields, token)) = options.fields else {
        let told = [name, &user.user, &user.host, server, nick, flags, "0", &user.realname];
        return cx.answer(&numeric::RPL_WHOREPLY, &told);
    };
    let (address, idle) = (address(cx, user), cx.idle_seconds(user).to_string());
    let value = |field: char| match field {
        't' => token,
        'c' => name,
        'u' => &user.user,
        'i' => &address,
        'h' => &user.host,
        's' => server,
        'n' => nick,
        'f' => flags,
        'd' => "0",
        'l' => &idle,
        // "0 is used for [account] when the user is logged out."
        'a' => "0",
        'o' => "n/a",
        'r' => &user.realname,
        _ => unreachable!("{FIELDS} has no other fields"),
    };
    let mut told: Vec<&str> = FIELDS.chars().filter(|field| fields.contains(*field)).map(value).collect();
    match told.pop() {
        Some(last) => cx.say_numeric("354", &told, last),
        // "Exactly the fields requested by the client MUST be returned by the server": here none.
        None => cx.answer(&numeric::RPL_WHOSPCRPL, &[]),
    }
}

/// Here or gone, operator, the ranks in the channel, and what else a client may know: modern.ircdocs.horse,
/// RPL_WHOREPLY, has them "in this order".
fn write_flags(cx: &Cx<'_>, user: &User, ranks: Ranks, flags: &mut String) {
    flags.clear();
    flags.push(if user.away.is_some() { 'G' } else { 'H' });
    if user.flags.has(UserFlag::Operator) {
        flags.push('*');
    }
    ranks.push_prefixes(cx.prefixes(), flags);
    if user.flags.has(UserFlag::Bot) {
        flags.push(UserFlag::Bot.letter());
    }
}

/// The address of a user as a parameter: his own if it may be known, that in his host if there is one.
fn address(cx: &Cx<'_>, user: &User) -> String {
    let shown = user.host.parse().ok();
    let address: Option<IpAddr> = if cx.sees_origin(user) { user.address.or(shown) } else { shown };
    let text = address.map_or(HIDDEN_ADDRESS.to_owned(), |address| address.to_string());
    if text.starts_with(':') { format!("0{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_as_written() {
        #[rustfmt::skip]
        let table = [
            // text         operators  fields
            ("",            false, None),
            ("o",           true,  None),
            ("x",           false, None),
            ("%",           false, Some(("",     "0"))),
            ("%cuhnar",     false, Some(("cuhnar", "0"))),
            ("%afnt,42",    false, Some(("afnt", "42"))),
            ("o%nt,7",      true,  Some(("nt",   "7"))),
            ("%not,1",      false, Some(("not",  "1"))),
            ("%nt,1234",    false, Some(("nt",   "0"))),
            ("%nt,a",       false, Some(("nt",   "0"))),
            ("%nt,",        false, Some(("nt",   "0"))),
        ];
        for (text, operators_only, fields) in table {
            assert_eq!(Options::parse(text), Options { operators_only, fields }, "{text}");
        }
    }
}
