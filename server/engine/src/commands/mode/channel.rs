//! MODE of a channel.

use wire::{ChannelName, Encoder, LINE_BYTES_MAX, ModeKind, Reply, Timestamp, numeric};

use super::change::{Change, Sign};
use super::reading::{Power, Reading};
use super::{Cause, Happening, Heard};
use crate::context::Cx;
use crate::event::{Past, Thing};
use crate::outgoing::{Audience, Outgoing, Told};
use crate::privileges::Privilege;
use crate::parameters::ParameterMode;
use crate::settings::Settings;
use crate::world::{Stale, UserId, World};

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

pub(super) fn mode(cx: &mut Cx<'_>, name: &str, params: &[&str], power: Power) -> Result<(), Reply> {
    let channel = cx.channel(name)?;
    let member = channel.has(cx.user().id);
    if !cx.sees_channel(channel) && !cx.may(Privilege::Override) && power == Power::Rank {
        return Err(numeric::ERR_NOTONCHANNEL.with(&[channel.name.as_str()]));
    }
    let Some(letters) = params.first() else {
        let name = channel.name.as_str();
        cx.answer(&numeric::RPL_CHANNELMODEIS, &[name, &channel.modes_for(member)]);
        cx.answer(&numeric::RPL_CREATIONTIME, &[name, &channel.created.seconds().to_string()]);
        return Ok(());
    };
    let (changes, used) = Reading::of(cx, channel, power, letters, &params[1..]);
    if !changes.is_empty() {
        let what = format!("{} {}", channel.name, params.join(" "));
        match used {
            Power::Rank => {}
            Power::Override => cx.announce_use(&format!("override: MODE {what}")),
            Power::Force => cx.announce_use(&format!("SAMODE {what}")),
        }
        cx.happen(ChannelModeChange { by: cx.user().id, channel: channel.name.clone(), changes });
    }
    Ok(())
}

impl Happening for ChannelModeChange {
    fn apply(&self, at: Timestamp, world: &mut World, settings: &Settings) -> Result<Heard, Stale> {
        let user = world.user(self.by).ok_or(Stale)?;
        let who = user.source().clone();
        let mut effective = Vec::new();
        for change in &self.changes {
            let changed = match change {
                Change::Rank(rank, id, sign) => {
                    world.rank(*id, &self.channel, *rank, *sign == Sign::Set).is_ok()
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
            source: who,
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
        Change::Flag(..) => None,
        Change::Rank(_, id, _) => world.user(*id).map(|user| user.nick.to_string()),
        Change::Mask(_, mask, _) => Some(mask.to_string()),
        Change::Setting(_, Some(setting)) => Some(setting.to_string()),
        Change::Setting(letter, None) => {
            let row = ParameterMode::of_letter(*letter).expect("a change is of a mode that there is");
            (row.kind == ModeKind::Always).then(|| "*".to_owned())
        }
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
