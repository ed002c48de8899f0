//! MARKREAD: up to where somebody has read (IRCv3 read-marker). Told to himself alone.

use wire::capability;
use wire::{ChannelName, Nick, Reply, Timestamp};

use super::{Cause, Command, Happening, Heard, When};
use crate::context::Cx;
use crate::outgoing::Told;
use crate::settings::Settings;
use crate::world::{Stale, UserId, World};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "MARKREAD", when: When::After, min: 0, syntax: "<channel or nick> [timestamp=<time>]", help: "Marks up to where one has read, or asks for the mark.", run: markread },
];

/// Somebody has read up to a time.
#[derive(Clone, Debug)]
pub struct ReadMark {
    /// Who.
    pub user: UserId,
    /// The channel or nick, as he wrote it.
    pub target: String,
    /// The time of the last message he has read.
    pub read: Timestamp,
}

fn markread(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    let Some(target) = params.first().copied().filter(|target| !target.is_empty()) else {
        cx.fail("MARKREAD", "NEED_MORE_PARAMS", &[], "Missing parameters");
        return Ok(());
    };
    let limits = &cx.settings.limits;
    let is_channel = ChannelName::parse(target, limits.channel_bytes_max).is_ok();
    if !is_channel && Nick::parse(target, limits.nick_bytes_max).is_err() {
        cx.fail("MARKREAD", "INVALID_PARAMS", &[target], "Invalid parameters");
        return Ok(());
    }
    let Some(given) = params.get(1) else {
        tell(cx, target);
        return Ok(());
    };
    let Some(read) = given.strip_prefix("timestamp=").and_then(Timestamp::parse) else {
        cx.fail("MARKREAD", "INVALID_PARAMS", &[target, given], "Invalid parameters");
        return Ok(());
    };
    // What is yet to come cannot have been read.
    let read = read.min(cx.now.wall);
    // "If the provided timestamp is older than the server's stored value, the server MUST reply to the client with a
    // MARKREAD command carrying the server's stored value."
    if cx.user().read_marks.get(target).is_some_and(|known| known >= read) {
        tell(cx, target);
        return Ok(());
    }
    cx.happen(ReadMark { user: cx.user().id, target: target.to_owned(), read });
    Ok(())
}

/// Tells up to where the one who asks has read.
fn tell(cx: &mut Cx<'_>, target: &str) {
    let mark = match cx.user().read_marks.get(target) {
        Some(read) => format!("timestamp={read}"),
        None => "*".to_owned(),
    };
    let line = wire::Encoder::new().source(&cx.settings.server_name).verb("MARKREAD").param(target).param(&mark);
    cx.turn.items.push(crate::turn::Item::Say(crate::outgoing::Outgoing::new(cx.now.wall, line)));
}

/// "after the server sends a server JOIN command to the client for a corresponding channel, the server MUST send a MARKREAD
/// command for that channel".
pub(super) fn tell_newcomer(cx: &mut Cx<'_>, channel: &ChannelName) {
    if cx.session.capabilities.has(&capability::READ_MARKER) {
        tell(cx, channel.as_str());
    }
}

impl Happening for ReadMark {
    fn apply(&self, _at: Timestamp, world: &mut World, settings: &Settings) -> Result<Heard, Stale> {
        world.mark_read(self.user, &self.target, self.read, settings.limits.read_marks_max)?;
        Ok(Heard::default())
    }

    /// Nobody else hears of it: "The read markers sent by a user MUST NOT be disclosed to other users by the server".
    fn tell(&self, _cause: &Cause<'_>, _heard: &Heard, _told: &mut Vec<Told>) {}

    fn answer(&self, cx: &mut Cx<'_>) {
        tell(cx, &self.target);
    }
}
