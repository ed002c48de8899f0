//! Where the modes of a channel bite: who may enter it, who may speak in it, and who may be called otherwise while he is
//! in it.

use wire::{Reply, numeric};

use crate::bans::Deed;
use crate::commands::Speech;
use crate::context::Cx;
use crate::modes::{ChannelFlag, Rank};
use crate::world::Channel;

/// Characters by which text is made bold, coloured, monospaced, reversed, italic, struck through or underlined, and the
/// one that ends all that.
const FORMATTING: &[char] =
    &['\u{2}', '\u{3}', '\u{4}', '\u{f}', '\u{11}', '\u{16}', '\u{1d}', '\u{1e}', '\u{1f}'];

/// Whether the one who asks may enter a channel that exists. "An INVITE message can be used by channel members to allow a
/// user to join despite the limit": an invitation opens what is closed to a number of people (`+i`, `+l`, `+j`). That of
/// an operator opens also what is closed to this one (`+b`, `+k`): he means him.
pub(crate) fn admit(cx: &Cx<'_>, channel: &Channel, key: &str) -> Result<(), Reply> {
    let user = cx.user();
    let name = [channel.name.as_str()];
    let invitation = user.invitation(&channel.name);
    let (invited, meant) =
        (invitation.is_some(), invitation.is_some_and(|invitation| invitation.by_operator));
    let excepted = || channel.excepts(user, cx.world);
    if channel.flags.has(ChannelFlag::InviteOnly) && !invited && !excepted() {
        return Err(numeric::ERR_INVITEONLYCHAN.with(&name));
    }
    if !meant && channel.bans(Deed::Join, user, cx.world) {
        return Err(numeric::ERR_BANNEDFROMCHAN.with(&name));
    }
    if !meant && channel.key().is_some_and(|expected| expected != key) {
        return Err(numeric::ERR_BADCHANNELKEY.with(&name));
    }
    if channel.is_full() && !invited {
        return Err(numeric::ERR_CHANNELISFULL.with(&name));
    }
    if channel.is_throttled(cx.now.wall) && !invited {
        let why = "Cannot join channel (+j): too many came just now, try again later";
        return Err(numeric::ERR_UNAVAILRESOURCE.with(&[name[0], why]));
    }
    Ok(())
}

/// Why the one who asks may not say something in a channel.
pub(crate) fn obstacle(cx: &Cx<'_>, channel: &Channel, speech: &Speech) -> Option<String> {
    let user = cx.user();
    let member = channel.member(user.id);
    let has = |flag| channel.flags.has(flag);
    let why = match () {
        () if has(ChannelFlag::NoExternal) && member.is_none() => "+n: you are not in it",
        () if has(ChannelFlag::NoCtcp) && speech.is_ctcp() => "+C: no CTCP here",
        () if has(ChannelFlag::NoNotice) && speech.is_notice() => "+T: no NOTICE here",
        () if has(ChannelFlag::NoFormatting) && speech.lines().any(|text| text.contains(FORMATTING)) => {
            "+c: no colours and formatting here"
        }
        () if member.is_some_and(|member| member.ranks.reach(Rank::Voice)) => return None,
        () if has(ChannelFlag::Moderated) => "+m: it is moderated",
        () if channel.bans(Deed::Speak, user, cx.world) => "+b: you are banned",
        () => {
            speech.words.as_ref()?;
            let seconds = channel.must_wait(user.id, cx.now.wall)?;
            return Some(format!("+W: wait {seconds} more seconds"));
        }
    };
    Some(why.to_owned())
}

/// Whether the one who asks may take another nick: in all his channels he has to have a rank or the right to it.
pub(crate) fn may_rename(cx: &Cx<'_>) -> Result<(), Reply> {
    let user = cx.user();
    let channels = user.channels().iter().filter_map(|name| cx.world.channel(name.as_str()));
    for channel in channels.filter(|channel| !channel.reaches(user.id, Rank::Voice)) {
        if channel.flags.has(ChannelFlag::NoNickChange) {
            return Err(numeric::ERR_NONICKCHANGE.with(&[channel.name.as_str(), "+N is set"]));
        }
        if channel.bans(Deed::Rename, user, cx.world) {
            return Err(
                numeric::ERR_NONICKCHANGE.with(&[channel.name.as_str(), "+b: you are banned from it"])
            );
        }
    }
    Ok(())
}
