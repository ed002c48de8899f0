//! One change of a channel's modes: read from what a person wrote, applied, and written for those who hear of it.

use std::sync::Arc;

use wire::Timestamp;

use crate::bans::BanMask;
use crate::modes::{ChannelFlag, MaskList, Rank};
use crate::parameters::Setting;
use crate::world::{Channel, Listed, UserId};

/// Whether a mode is set or cleared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// `+`
    Set,
    /// `-`
    Clear,
}

/// One change.
#[derive(Clone, Debug)]
pub enum Change {
    /// A flag.
    Flag(ChannelFlag, Sign),
    /// A member's rank.
    Rank(Rank, UserId, Sign),
    /// A mask in a list.
    Mask(MaskList, BanMask, Sign),
    /// What a mode with a parameter is set to, or that it is cleared.
    Setting(char, Option<Setting>),
}

impl Sign {
    /// The character.
    pub fn character(self) -> char {
        match self {
            Self::Set => '+',
            Self::Clear => '-',
        }
    }

    fn is_set(self) -> bool {
        self == Self::Set
    }
}

impl Change {
    /// The sign and the letter.
    pub fn letter(&self) -> (Sign, char) {
        let sign_of = |is_set| if is_set { Sign::Set } else { Sign::Clear };
        match self {
            Self::Flag(flag, sign) => (*sign, flag.letter()),
            Self::Rank(rank, _, sign) => (*sign, rank.letter()),
            Self::Mask(list, _, sign) => (*sign, list.letter()),
            Self::Setting(letter, setting) => (sign_of(setting.is_some()), *letter),
        }
    }

    /// Changes a channel; says whether that changed anything. Ranks are the members' and not treated here.
    pub fn apply(&self, channel: &mut Channel, who: &Arc<str>, at: Timestamp, masks_max: usize) -> bool {
        match self {
            Self::Flag(flag, sign) => channel.switch(*flag, sign.is_set()),
            Self::Rank(..) => unreachable!("ranks are changed by the world, which knows the members"),
            Self::Mask(list, mask, Sign::Set) => {
                let masks = channel.lists.of_mut(*list);
                let fits = masks.len() < masks_max && !masks.iter().any(|listed| listed.mask.same(mask));
                if fits {
                    masks.push(Listed { mask: mask.clone(), who: who.clone(), at });
                }
                fits
            }
            Self::Mask(list, mask, Sign::Clear) => {
                let masks = channel.lists.of_mut(*list);
                let before = masks.len();
                masks.retain(|listed| !listed.mask.same(mask));
                masks.len() < before
            }
            Self::Setting(letter, setting) => channel.set(*letter, setting.clone()),
        }
    }
}
