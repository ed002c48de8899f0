//! The masks of a channel's lists, shown to those who ask for them.

use wire::{ChannelName, Numeric};

use crate::bans::BanMask;
use crate::context::Cx;
use crate::listing::{Listing, Next};
use crate::modes::MaskList;
use crate::world::Listed;

/// The masks in a list, in the order in which they were set.
#[derive(Debug)]
pub(super) struct Masks {
    channel: ChannelName,
    list: MaskList,
    row: &'static Numeric,
    told: usize,
    last: Option<BanMask>,
}

impl Masks {
    /// Each mask of a list with a numeric.
    pub fn of(channel: ChannelName, list: MaskList, row: &'static Numeric) -> Self {
        Self { channel, list, row, told: 0, last: None }
    }
}

impl Listing for Masks {
    fn next(&mut self, cx: &mut Cx<'_>) -> Next {
        let channel = cx.world.channel(self.channel.as_str()).filter(|channel| cx.sees_channel(channel));
        let listed = channel.map_or(&[][..], |channel| channel.lists.of(self.list));
        // What was told last may stand elsewhere by now.
        let is_last = |listed: &Listed| self.last.as_ref().is_some_and(|last| listed.mask == *last);
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
