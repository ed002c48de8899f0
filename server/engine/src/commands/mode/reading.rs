//! From what a person wrote behind a channel's name to the changes that he may make.

use std::collections::BTreeMap;

use wire::{ModeKind, Reply, numeric};

use super::above;
use super::masks::Masks;
use super::change::{Change, Sign};
use crate::bans::{BanMask, Deed};
use crate::context::Cx;
use crate::modes::{ChannelFlag, MaskList, Rank};
use crate::parameters::{KEY, ParameterMode, Setting};
use crate::world::Channel;

/// What has been read of a MODE so far.
pub(super) struct Reading<'a> {
    channel: &'a Channel,
    parameters: std::slice::Iter<'a, &'a str>,
    /// Parameters that were taken.
    taken: usize,
    changes: Vec<Change>,
    /// The lists as they will be, where masks are set or taken away.
    masks: BTreeMap<MaskList, Vec<BanMask>>,
    /// Lists that were shown: each is shown once, however often its letter stands there.
    shown: Vec<MaskList>,
    /// By what they are allowed so far.
    power: Power,
    /// What was refused: the same is told once.
    refusals: Vec<Reply>,
}

/// What changes are allowed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Power {
    /// The rank in the channel.
    Rank,
    /// The rank, and where it does not reach the operator's privilege `override`.
    Override,
    /// That an operator forces them (SAMODE).
    Force,
}

/// A parameter.
enum Taken<'a> {
    Given(&'a str),
    Missing,
    /// There is one, but it is past MODES: the change is passed over.
    TooMany,
}

impl<'a> Reading<'a> {
    /// Reads letters, each with its parameter if it takes one, from left to right. Says by what the changes are allowed
    /// as well.
    pub fn of(
        cx: &mut Cx<'_>,
        channel: &'a Channel,
        power: Power,
        letters: &str,
        parameters: &'a [&'a str],
    ) -> (Vec<Change>, Power) {
        let mut reading = Self {
            channel,
            parameters: parameters.iter(),
            taken: 0,
            changes: Vec::new(),
            masks: BTreeMap::new(),
            shown: Vec::new(),
            power,
            refusals: Vec::new(),
        };
        let mut sign = Sign::Set;
        for letter in letters.chars() {
            match letter {
                '+' => sign = Sign::Set,
                '-' => sign = Sign::Clear,
                letter => {
                    let refusal = reading.letter(cx, sign, letter).err();
                    if let Some(reply) = refusal.filter(|reply| !reading.refusals.contains(reply)) {
                        cx.reply(&reply);
                        reading.refusals.push(reply);
                    }
                }
            }
        }
        (reading.changes, reading.power)
    }

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
        match ParameterMode::of_letter(letter) {
            Some(row) => self.setting(cx, sign, row),
            None => Err(numeric::ERR_UNKNOWNMODE.with(&[&letter.to_string()])),
        }
    }

    fn mask(&mut self, cx: &mut Cx<'_>, sign: Sign, list: MaskList) -> Result<(), Reply> {
        let written = match self.parameter(cx) {
            Taken::Given(written) => written,
            Taken::Missing => return self.show(cx, list),
            Taken::TooMany => return Ok(()),
        };
        self.needs(cx, Rank::HalfOp)?;
        let mask = BanMask::parse(written).map_err(|why| self.bad(list.letter(), written, why))?;
        if list == MaskList::InviteException && mask.about().is_some_and(|about| about != Deed::Join) {
            return Err(self.bad(list.letter(), written, "This list is about entering alone"));
        }
        let (channel, limit) = (self.channel, cx.settings.limits.masks_per_list_max);
        let listed = || channel.lists.of(list).iter().map(|listed| listed.mask.clone()).collect();
        let masks = self.masks.entry(list).or_insert_with(listed);
        let known = masks.iter().position(|other| other.same(&mask));
        match (sign, known) {
            (Sign::Set, None) if masks.len() >= limit => {
                let letter = list.letter().to_string();
                return Err(numeric::ERR_BANLISTFULL.with(&[channel.name.as_str(), &letter]));
            }
            (Sign::Set, None) => masks.push(mask.clone()),
            (Sign::Clear, Some(at)) => drop(masks.remove(at)),
            // What is there is not set again, nor what is not there taken away.
            (Sign::Set, Some(_)) | (Sign::Clear, None) => return Ok(()),
        }
        self.changes.push(Change::Mask(list, mask, sign));
        Ok(())
    }

    /// A list's letter without a mask asks for the list. Exceptions are shown to those who can change them.
    fn show(&mut self, cx: &mut Cx<'_>, list: MaskList) -> Result<(), Reply> {
        if list != MaskList::Ban {
            self.needs(cx, Rank::HalfOp)?;
        }
        if self.shown.contains(&list) {
            return Ok(());
        }
        self.shown.push(list);
        let (row, end) = match list {
            MaskList::Ban => (&numeric::RPL_BANLIST, &numeric::RPL_ENDOFBANLIST),
            MaskList::Exception => (&numeric::RPL_EXCEPTLIST, &numeric::RPL_ENDOFEXCEPTLIST),
            MaskList::InviteException => (&numeric::RPL_INVEXLIST, &numeric::RPL_ENDOFINVEXLIST),
        };
        let name = self.channel.name.as_str();
        cx.list(Masks::of(self.channel.name.clone(), list, row));
        cx.list(end.with(&[name]));
        Ok(())
    }

    fn rank(&mut self, cx: &Cx<'_>, sign: Sign, rank: Rank) -> Result<(), Reply> {
        let nick = match self.parameter(cx) {
            Taken::Given(nick) => nick,
            Taken::Missing => return Err(self.bad(rank.letter(), "*", "A nick is needed")),
            Taken::TooMany => return Ok(()),
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
        let takes = !own && sign == Sign::Clear;
        if takes && self.power == Power::Rank && !self.channel.ranks(cx.user().id).govern(member.ranks) {
            self.insist(cx, above(self.channel, target, member.ranks))?;
        }
        self.changes.push(Change::Rank(rank, target.id, sign));
        Ok(())
    }

    fn setting(&mut self, cx: &Cx<'_>, sign: Sign, row: &ParameterMode) -> Result<(), Reply> {
        if sign == Sign::Clear {
            // "MUST always have a parameter", but any will do, and people leave it out.
            if row.kind == ModeKind::Always && matches!(self.parameter(cx), Taken::TooMany) {
                return Ok(());
            }
            self.needs(cx, Rank::HalfOp)?;
            self.changes.push(Change::Setting(row.letter, None));
            return Ok(());
        }
        let written = match self.parameter(cx) {
            Taken::Given(written) => Some(written),
            Taken::Missing => None,
            Taken::TooMany => return Ok(()),
        };
        self.needs(cx, Rank::HalfOp)?;
        let setting = written.and_then(|written| row.read(written, &cx.settings.limits));
        let setting = setting.ok_or_else(|| match written {
            Some(_) if row.letter == KEY => numeric::ERR_INVALIDKEY.with(&[self.channel.name.as_str()]),
            written => self.bad(row.letter, written.unwrap_or("*"), row.expects),
        })?;
        let setting = self.permitted(cx, row, setting)?;
        self.changes.push(Change::Setting(row.letter, Some(setting)));
        Ok(())
    }

    /// What a parameter needs besides being well-formed: who sends people to another channel has to be its operator.
    fn permitted(&mut self, cx: &Cx<'_>, row: &ParameterMode, setting: Setting) -> Result<Setting, Reply> {
        let Setting::Forward(name) = &setting else { return Ok(setting) };
        let other = cx.world.channel(name.as_str()).filter(|other| cx.sees_channel(other));
        let other = other.filter(|other| other.name != self.channel.name);
        let other = other.ok_or_else(|| self.bad(row.letter, name.as_str(), row.expects))?;
        if !other.reaches(cx.user().id, Rank::Op) {
            self.insist(cx, numeric::ERR_CHANOPRIVSNEEDED.with(&[other.name.as_str()]))?;
        }
        Ok(Setting::Forward(other.name.clone()))
    }

    fn parameter(&mut self, cx: &Cx<'_>) -> Taken<'a> {
        match self.parameters.next() {
            None => Taken::Missing,
            Some(_) if self.taken >= cx.settings.limits.modes_max => Taken::TooMany,
            Some(written) => {
                self.taken += 1;
                Taken::Given(written)
            }
        }
    }

    fn needs(&mut self, cx: &Cx<'_>, rank: Rank) -> Result<(), Reply> {
        let (own, name) = (self.channel.ranks(cx.user().id), [self.channel.name.as_str()]);
        if own.reach(rank) {
            return Ok(());
        }
        // Who has some power is told how much more it takes.
        if own.reach(Rank::HalfOp) {
            let why = format!("You need to be {} for that", rank.and_above());
            return self.insist(cx, numeric::ERR_CHANOPRIVSNEEDED.with_text(&name, &why));
        }
        self.insist(cx, numeric::ERR_CHANOPRIVSNEEDED.with(&name))
    }

    /// A refusal, unless the one who asks has the power to do it all the same.
    fn insist(&mut self, cx: &Cx<'_>, refusal: Reply) -> Result<(), Reply> {
        if self.power == Power::Rank && cx.overrules(Err(refusal))? {
            self.power = Power::Override;
        }
        Ok(())
    }

    fn bad(&self, letter: char, written: &str, why: &str) -> Reply {
        numeric::ERR_INVALIDMODEPARAM.with(&[self.channel.name.as_str(), &letter.to_string(), written, why])
    }
}
