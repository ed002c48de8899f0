//! NAMES: who is in a channel.

use wire::capability::{self, Set};
use wire::{ChannelName, Encoder, LINE_BYTES_MAX, Reply, numeric};

use super::{Command, When};
use crate::context::{Cx, is_empty_list};
use crate::listing::{Listing, Next};
use crate::modes::{ChannelFlag, UserFlag};
use crate::privileges::Privilege;
use crate::world::{Channel, User};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "NAMES", when: When::After, min: 0, syntax: "[<channel>[,<channel>…] [<server>]]", help: "Shows who is in channels.", run: names },
];

fn names(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    let Some(list) = params.first().filter(|list| !is_empty_list(list)) else {
        cx.answer(&numeric::RPL_ENDOFNAMES, &["*"]);
        return Ok(());
    };
    cx.this_server(params.get(1).copied())?;
    let several = list.contains(',');
    cx.each_target(list, |cx, name| {
        match cx.world.channel(name) {
            Some(channel) if cx.sees_channel(channel) => {
                let end = if several { End::Left } else { End::Told };
                cx.list(Members { channel: channel.name.clone(), himself: Himself::Hidden, end });
            }
            _ if several => {}
            // "If the channel name is invalid or the channel does not exist, one RPL_ENDOFNAMES numeric containing the
            // given channel name should be returned."
            _ => cx.list(numeric::RPL_ENDOFNAMES.with(&[name])),
        }
        Ok(())
    });
    if several {
        // "To reply to a NAMES message, a reply pair consisting of RPL_NAMREPLY and RPL_ENDOFNAMES is sent": the list
        // of channels is one question, and has one end.
        cx.list(numeric::RPL_ENDOFNAMES.with(&[list]));
    }
    Ok(())
}

/// Whether a client that enters a channel is shown its members unasked: "When negotiated, servers MUST NOT send an
/// implicit NAMES reply after sending a JOIN message."
pub(super) fn are_implicit(capabilities: Set) -> bool {
    let unwanted = [&capability::NO_IMPLICIT_NAMES, &capability::DRAFT_NO_IMPLICIT_NAMES];
    !unwanted.into_iter().any(|row| capabilities.has(row))
}

/// Who is in a channel. That is one item, however many they are: clients take the list as what holds at its end, and who
/// came or left in the midst of it would be lost to them.
#[derive(Debug)]
pub(super) struct Members {
    channel: ChannelName,
    himself: Himself,
    end: End,
}

/// Whether the end of the list is told with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Told,
    /// It is told after the lists of other channels.
    Left,
}

/// Whether the one who asks stands in the list of an auditorium in which he has no rank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Himself {
    /// He has just entered: "These RPL_NAMREPLY messages sent by the server MUST include the requesting client that has
    /// just joined the channel."
    Listed,
    /// He sees whom the others see.
    Hidden,
}

impl Members {
    /// For one who has just entered.
    pub fn for_newcomer(channel: ChannelName) -> Self {
        Self { channel, himself: Himself::Listed, end: End::Told }
    }
}

impl Listing for Members {
    fn next(&mut self, cx: &mut Cx<'_>) -> Next {
        if let Some(channel) = cx.world.channel(self.channel.as_str()).filter(|channel| cx.sees_channel(channel)) {
            tell(cx, channel, self.himself);
        }
        if self.end == End::Told {
            cx.answer(&numeric::RPL_ENDOFNAMES, &[self.channel.as_str()]);
        }
        Next::End
    }
}

/// Tells who is in a channel to one who seems to have entered it just now.
pub(super) fn tell_newcomer(cx: &mut Cx<'_>, channel: &Channel) {
    tell(cx, channel, Himself::Listed);
    cx.answer(&numeric::RPL_ENDOFNAMES, &[channel.name.as_str()]);
}

fn tell(cx: &mut Cx<'_>, channel: &Channel, himself: Himself) {
    let asker = cx.user();
    let all = channel.has(asker.id) || cx.may(Privilege::SeeHidden);
    let whole = cx.session.capabilities.has(&capability::USERHOST_IN_NAMES);
    let prefixes = cx.prefixes();
    let world = cx.world;
    let auditorium = channel.flags.has(ChannelFlag::Auditorium);
    let shown = |user: &User| match user.id == asker.id {
        true => himself == Himself::Listed || !channel.ranks(user.id).is_empty(),
        false => cx.sees_member(channel, user),
    };
    let seen = |user: &User| {
        all || !user.flags.has(UserFlag::Invisible) || world.share_channel(asker, user)
    };
    // Only in an auditorium does it matter who is shown to whom.
    let listed = world.members(channel).filter(|(user, _)| seen(user) && (!auditorium || shown(user)));
    let before = [channel.symbol(), channel.name.as_str()];
    let empty = [before[0], before[1], ""];
    let empty = numeric::RPL_NAMREPLY.line(Encoder::new(), &empty, &cx.settings.server_name, cx.nick());
    let room = LINE_BYTES_MAX.saturating_sub(empty.len());
    let (mut lines, mut words) = (Vec::new(), String::with_capacity(LINE_BYTES_MAX));
    for (user, member) in listed {
        let name = if whole { user.source() } else { user.nick.as_str() };
        let begin = words.len();
        if begin > 0 {
            words.push(' ');
        }
        member.ranks.push_prefixes(prefixes, &mut words);
        words.push_str(name);
        if words.len() > room && begin > 0 {
            lines.push(words[..begin].to_owned());
            words.drain(..=begin);
        }
    }
    if !words.is_empty() {
        lines.push(words);
    }
    for words in lines {
        cx.answer(&numeric::RPL_NAMREPLY, &[before[0], before[1], &words]);
    }
}
