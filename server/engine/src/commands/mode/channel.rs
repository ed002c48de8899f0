//! MODE of a channel.

use wire::{ChannelName, Encoder, LINE_BYTES_MAX, Mask, Numeric, Reply, Timestamp, numeric};

use super::change::{Change, Sign};
use super::{Cause, Happening, Heard, above};
use crate::context::Cx;
use crate::event::{Past, Thing};
use crate::listing::{Listing, Next};
use crate::modes::{ChannelFlag, KEY, LIMIT, MaskList, Rank};
use crate::outgoing::{Audience, Outgoing, Told};
use crate::settings::Settings;
use crate::world::{Channel, Listed, Stale, UserId, World};

/// Bytes of a mask in a list. Longer ones are refused with 696.
const MASK_BYTES_MAX: usize = 160;

/// A channel's modes were changed.
#[derive(Clone, Debug)]
pub struct ChannelModeChange {
    /// By whom.
    pub by: UserId,
    /// The channel.
    pub channel: ChannelName,
    /// What was to change, in order; what changes nothing is not heard of.
    pub changes: Vec<Change>,
}

pub(super) fn mode(cx: &mut Cx<'_>, name: &str, params: &[&str]) -> Result<(), Reply> {
    let channel = cx.channel(name)?;
    let member = channel.has(cx.user().id);
    if !cx.sees_channel(channel) {
        return Err(numeric::ERR_NOTONCHANNEL.with(&[channel.name.as_str()]));
    }
    let Some(letters) = params.first() else {
        let name = channel.name.as_str();
        cx.reply(&numeric::RPL_CHANNELMODEIS.with(&[name, &channel.modes_for(member)]));
        cx.reply(&numeric::RPL_CREATIONTIME.with(&[name, &channel.created.seconds().to_string()]));
        return Ok(());
    };
    let mut reading = Reading { channel, parameters: params[1..].iter(), taken: 0, changes: Vec::new(), shown: Vec::new() };
    let mut sign = Sign::Set;
    for letter in letters.chars() {
        match letter {
            '+' => sign = Sign::Set,
            '-' => sign = Sign::Clear,
            letter => {
                if let Err(reply) = reading.letter(cx, sign, letter) {
                    cx.reply(&reply);
                }
            }
        }
    }
    let changes = reading.changes;
    if !changes.is_empty() {
        cx.happen(ChannelModeChange { by: cx.user().id, channel: channel.name.clone(), changes });
    }
    Ok(())
}

/// What has been read of a MODE so far.
struct Reading<'a> {
    channel: &'a Channel,
    parameters: std::slice::Iter<'a, &'a str>,
    taken: usize,
    changes: Vec<Change>,
    /// The lists that were asked for.
    shown: Vec<MaskList>,
}

impl<'a> Reading<'a> {
    fn letter(&mut self, cx: &mut Cx<'_>, sign: Sign, letter: char) -> Result<(), Reply> {
        if let Some(list) = MaskList::of_letter(letter) {
            return self.mask(cx, sign, list);
        }
        if let Some(rank) = Rank::of_letter(letter) {
            return self.rank(cx, sign, rank);
        }
        if let Some(flag) = ChannelFlag::of_letter(letter) {
            self.needs(cx, Rank::HalfOp)?;
            self.changes.push(Change::Flag(flag, sign));
            return Ok(());
        }
        match letter {
            KEY => self.key(cx, sign),
            LIMIT => self.limit(cx, sign),
            _ => Err(numeric::ERR_UNKNOWNMODE.with(&[&letter.to_string()])),
        }
    }

    fn mask(&mut self, cx: &mut Cx<'_>, sign: Sign, list: MaskList) -> Result<(), Reply> {
        let Some(written) = self.parameter(cx) else {
            return self.show(cx, list);
        };
        self.needs(cx, Rank::HalfOp)?;
        let mask = Mask::complete(written);
        let words = written.split(' ').count();
        if mask.as_str().len() > MASK_BYTES_MAX || written.is_empty() || words > 1 {
            return Err(self.bad(list.letter(), written, "The mask is empty, too long or several words"));
        }
        let full = self.channel.lists.of(list).len() >= cx.settings.limits.masks_per_list_max;
        if sign == Sign::Set && full {
            let letter = list.letter().to_string();
            return Err(numeric::ERR_BANLISTFULL.with(&[self.channel.name.as_str(), &letter]));
        }
        self.changes.push(Change::Mask(list, mask, sign));
        Ok(())
    }

    /// A list's letter without a mask asks for the list, once. Exceptions are shown to those who can change them.
    fn show(&mut self, cx: &mut Cx<'_>, list: MaskList) -> Result<(), Reply> {
        if self.shown.contains(&list) {
            return Ok(());
        }
        self.shown.push(list);
        if list != MaskList::Ban {
            self.needs(cx, Rank::HalfOp)?;
        }
        let (row, end) = match list {
            MaskList::Ban => (&numeric::RPL_BANLIST, &numeric::RPL_ENDOFBANLIST),
            MaskList::Exception => (&numeric::RPL_EXCEPTLIST, &numeric::RPL_ENDOFEXCEPTLIST),
            MaskList::InviteException => (&numeric::RPL_INVEXLIST, &numeric::RPL_ENDOFINVEXLIST),
        };
        let name = self.channel.name.as_str();
        cx.list(Masks { channel: self.channel.name.clone(), list, row, told: 0, last: None });
        cx.list(end.with(&[name]));
        Ok(())
    }

    fn rank(&mut self, cx: &mut Cx<'_>, sign: Sign, rank: Rank) -> Result<(), Reply> {
        let Some(nick) = self.parameter(cx) else {
            return Err(self.bad(rank.letter(), "*", "A nick is needed"));
        };
        let target = cx.user_named(nick)?;
        // Everybody may lay down his own rank.
        let own = target.id == cx.user().id && sign == Sign::Clear;
        if !own {
            self.needs(cx, rank.given_by())?;
        }
        let Some(member) = self.channel.member(target.id) else {
            return Err(
                numeric::ERR_USERNOTINCHANNEL.with(&[target.nick.as_str(), self.channel.name.as_str()])
            );
        };
        if !own && sign == Sign::Clear && !self.channel.ranks(cx.user().id).govern(member.ranks) {
            return Err(above(self.channel, target, member.ranks));
        }
        self.changes.push(Change::Rank(rank, target.id, sign));
        Ok(())
    }

    fn key(&mut self, cx: &mut Cx<'_>, sign: Sign) -> Result<(), Reply> {
        let key = self.parameter(cx);
        self.needs(cx, Rank::HalfOp)?;
        if sign == Sign::Clear {
            self.changes.push(Change::Key(None));
            return Ok(());
        }
        let key = key.ok_or_else(|| self.bad(KEY, "*", "A key is needed"))?;
        let fits = |c: char| !c.is_control() && !matches!(c, ' ' | ',' | ':');
        let sound = !key.is_empty() && key.len() <= cx.settings.limits.key_bytes_max && key.chars().all(fits);
        if !sound {
            return Err(numeric::ERR_INVALIDKEY.with(&[self.channel.name.as_str()]));
        }
        self.changes.push(Change::Key(Some(key.to_owned())));
        Ok(())
    }

    fn limit(&mut self, cx: &mut Cx<'_>, sign: Sign) -> Result<(), Reply> {
        if sign == Sign::Clear {
            self.needs(cx, Rank::HalfOp)?;
            self.changes.push(Change::Limit(None));
            return Ok(());
        }
        let written = self.parameter(cx);
        self.needs(cx, Rank::HalfOp)?;
        let written = written.ok_or_else(|| self.bad(LIMIT, "*", "A number is needed"))?;
        let limit = written.parse().ok().filter(|limit| *limit > 0);
        let limit = limit.ok_or_else(|| self.bad(LIMIT, written, "The limit is a number of one or more"))?;
        self.changes.push(Change::Limit(Some(limit)));
        Ok(())
    }

    /// The next parameter. Those past MODES are as if they were not there.
    fn parameter(&mut self, cx: &Cx<'_>) -> Option<&'a str> {
        if self.taken >= cx.settings.limits.modes_max {
            return None;
        }
        self.taken += 1;
        self.parameters.next().copied()
    }

    fn needs(&self, cx: &Cx<'_>, rank: Rank) -> Result<(), Reply> {
        let (own, name) = (self.channel.ranks(cx.user().id), [self.channel.name.as_str()]);
        if own.reach(rank) {
            return Ok(());
        }
        // Who has some power is told how much more it takes.
        if own.reach(Rank::HalfOp) {
            let why = format!("You need to be {} for that", rank.and_above());
            return Err(numeric::ERR_CHANOPRIVSNEEDED.with_text(&name, &why));
        }
        Err(numeric::ERR_CHANOPRIVSNEEDED.with(&name))
    }

    fn bad(&self, letter: char, written: &str, why: &str) -> Reply {
        numeric::ERR_INVALIDMODEPARAM.with(&[self.channel.name.as_str(), &letter.to_string(), written, why])
    }
}

/// The masks in a list, in the order in which they were set.
#[derive(Debug)]
struct Masks {
    channel: ChannelName,
    list: MaskList,
    row: &'static Numeric,
    told: usize,
    last: Option<Mask>,
}

impl Listing for Masks {
    fn next(&mut self, cx: &mut Cx<'_>) -> Next {
        let channel = cx.world.channel(self.channel.as_str()).filter(|channel| cx.sees_channel(channel));
        let listed = channel.map_or(&[][..], |channel| channel.lists.of(self.list));
        // What was told last may stand elsewhere by now.
        let is_last = |listed: &Listed| Some(&listed.mask) == self.last.as_ref();
        let stays = self.told.checked_sub(1).and_then(|at| listed.get(at)).is_none_or(is_last);
        if !stays && let Some(at) = listed.iter().position(is_last) {
            self.told = at + 1;
        }
        let Some(next) = listed.get(self.told) else { return Next::End };
        let at = next.at.seconds().to_string();
        cx.reply(&self.row.with(&[self.channel.as_str(), next.mask.as_str(), &next.who, &at]));
        self.told += 1;
        self.last = Some(next.mask.clone());
        Next::More
    }
}

impl Happening for ChannelModeChange {
    fn apply(&self, at: Timestamp, world: &mut World, settings: &Settings) -> Result<Heard, Stale> {
        let user = world.user(self.by).ok_or(Stale)?;
        let who = user.source().clone();
        let mut effective = Vec::new();
        for change in &self.changes {
            let changed = match change {
                Change::Rank(rank, id, sign) => {
                    let Ok(ranks) = world.ranks_mut(*id, &self.channel) else { continue };
                    let before = *ranks;
                    match sign {
                        Sign::Set => ranks.add(*rank),
                        Sign::Clear => ranks.remove(*rank),
                    }
                    before != *ranks
                }
                change => {
                    let channel = world.channel_mut(&self.channel)?;
                    change.apply(channel, &who, at, settings.limits.masks_per_list_max)
                }
            };
            if changed {
                let (sign, letter) = change.letter();
                effective.push((sign.character(), letter, parameter(change, world)));
            }
        }
        if effective.is_empty() {
            return Err(Stale);
        }
        Ok(Heard {
            channels: vec![self.channel.clone()],
            source: who.to_string(),
            modes: effective,
            ..Heard::default()
        })
    }

    fn tell(&self, cause: &Cause<'_>, heard: &Heard, told: &mut Vec<Told>) {
        for words in self.in_lines(heard) {
            let line = words.split(' ').fold(self.head(heard), |line, word| line.param(word));
            let line = Outgoing::new(cause.event.at, line).id(&cause.event.id);
            told.push(Told::new(Audience::Channel(self.channel.clone()), line));
        }
    }

    fn past(&self, cause: &Cause<'_>, heard: &Heard) -> Option<Past> {
        let modes = Thing::Modes(self.in_lines(heard).into());
        Some(Past::new(cause.event, self.by, &heard.source, modes))
    }
}

impl ChannelModeChange {
    fn head(&self, heard: &Heard) -> Encoder {
        Encoder::new().source(&heard.source).verb("MODE").param(self.channel.as_str())
    }

    fn in_lines(&self, heard: &Heard) -> Vec<String> {
        in_lines(&heard.modes, LINE_BYTES_MAX - self.head(heard).bytes() - "\r\n".len())
    }
}

/// The parameter of a change as everybody hears it.
fn parameter(change: &Change, world: &World) -> Option<String> {
    match change {
        Change::Flag(..) | Change::Limit(None) => None,
        Change::Rank(_, id, _) => world.user(*id).map(|user| user.nick.to_string()),
        Change::Mask(_, mask, _) => Some(mask.to_string()),
        Change::Key(key) => Some(key.clone().unwrap_or_else(|| "*".to_owned())),
        Change::Limit(Some(limit)) => Some(limit.to_string()),
    }
}

/// Changes as `+im-t+o nick`, in as many lines as they need.
fn in_lines(modes: &[(char, char, Option<String>)], room: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let (mut letters, mut parameters, mut last) = (String::new(), String::new(), None);
    for (sign, letter, parameter) in modes {
        let more = 2 + parameter.as_ref().map_or(0, |parameter| 1 + parameter.len());
        if !letters.is_empty() && 1 + letters.len() + parameters.len() + more > room {
            lines.push(std::mem::take(&mut letters) + &std::mem::take(&mut parameters));
            last = None;
        }
        if last != Some(*sign) {
            letters.push(*sign);
            last = Some(*sign);
        }
        letters.push(*letter);
        if let Some(parameter) = parameter {
            parameters.push(' ');
            parameters.push_str(parameter);
        }
    }
    lines.push(letters + &parameters);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_shared_and_long_changes_take_several_lines() {
        let change = |sign, letter, parameter: &str| {
            (sign, letter, Some(parameter.to_owned()).filter(|parameter| !parameter.is_empty()))
        };
        let modes = [change('+', 'i', ""), change('+', 'o', "al"), change('-', 't', ""), change('-', 'v', "bob")];
        assert_eq!(in_lines(&modes, 400), ["+io-tv al bob"]);
        assert_eq!(in_lines(&modes, 10), ["+io-t al", "-v bob"]);
    }
}
