//! LIST: which channels there are.

use wire::{Casemapping, Decimal, Folded, Reply, Timestamp, glob, numeric};

use super::{Command, When};
use crate::context::Cx;
use crate::listing::{Listing, Next, RUN};
use crate::world::Channel;

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "LIST", when: When::After, min: 0, syntax: "[<channel>|<mask>|!<mask>|<condition>[,…]] [<condition>[,…]]", help: "Lists channels with their members and topics: all, or those of some names, of more or less members (>5, <5), minutes of age (C>5, C<5) and minutes since the topic was set (T>5, T<5).", run: list },
];

/// What LIST can select by (ELIST): the age of the channel, masks, negated masks, the age of the topic, members.
pub(crate) const SELECTIONS: &str = "CMNTU";

/// What is asked for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Query {
    /// One of these names the channel; nothing for any name.
    masks: Vec<String>,
    /// None of these names the channel.
    not_masks: Vec<String>,
    /// All of these hold.
    conditions: Vec<Condition>,
}

/// Something about a channel is less or more than a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Condition {
    of: Measure,
    side: Side,
    number: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Measure {
    Members,
    MinutesSinceCreation,
    MinutesSinceTopic,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Less,
    More,
}

fn list(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    let mut query = Query::default();
    // "The second possible parameter to this command is a list of conditions"; RFC 2812 has a server there.
    if let Some(second) = params.get(1) {
        match second.split(',').map(Condition::parse).collect::<Option<Vec<_>>>() {
            Some(conditions) => query.conditions = conditions,
            None => cx.this_server(Some(second))?,
        }
    }
    cx.each_target(params.first().unwrap_or(&""), |_, item| {
        query.add(item);
        Ok(())
    });
    cx.answer(&numeric::RPL_LISTSTART, &[]);
    cx.list(Channels { query, asked: cx.now.wall, last: None });
    cx.list(numeric::RPL_LISTEND.with(&[]));
    Ok(())
}

/// The channels, in the order of their names.
#[derive(Debug)]
struct Channels {
    query: Query,
    /// When it was asked: ages are counted up to then.
    asked: Timestamp,
    last: Option<Folded>,
}

impl Listing for Channels {
    fn next(&mut self, cx: &mut Cx<'_>) -> Next {
        let mut last = None;
        for channel in cx.world.channels_after(self.last.as_ref()).take(RUN) {
            last = Some(channel.name.key());
            if cx.sees_channel(channel) && self.query.selects(channel, self.asked) {
                let members = Decimal::from(channel.members().len());
                let topic = channel.topic.as_ref().map_or("", |topic| &topic.text);
                cx.answer(&numeric::RPL_LIST, &[channel.name.as_str(), &members, topic]);
            }
        }
        match last {
            Some(last) => {
                self.last = Some(last.clone());
                Next::More
            }
            None => Next::End,
        }
    }
}

impl Query {
    fn add(&mut self, item: &str) {
        if let Some(condition) = Condition::parse(item) {
            self.conditions.push(condition);
        } else if let Some(mask) = item.strip_prefix('!') {
            self.not_masks.push(mask.to_owned());
        } else {
            self.masks.push(item.to_owned());
        }
    }

    fn selects(&self, channel: &Channel, now: Timestamp) -> bool {
        let named = |mask: &String| glob(Casemapping::Ascii, mask, channel.name.as_str());
        (self.masks.is_empty() || self.masks.iter().any(named))
            && !self.not_masks.iter().any(named)
            && self.conditions.iter().all(|condition| condition.holds(channel, now))
    }
}

impl Condition {
    fn parse(item: &str) -> Option<Self> {
        let (of, rest) = match item.strip_prefix(['C', 'c']) {
            Some(rest) => (Measure::MinutesSinceCreation, rest),
            None => match item.strip_prefix(['T', 't']) {
                Some(rest) => (Measure::MinutesSinceTopic, rest),
                None => (Measure::Members, item),
            },
        };
        let (side, number) = match rest.strip_prefix('<') {
            Some(number) => (Side::Less, number),
            None => (Side::More, rest.strip_prefix('>')?),
        };
        Some(Self { of, side, number: number.parse().ok()? })
    }

    fn holds(self, channel: &Channel, now: Timestamp) -> bool {
        let since = |then: Timestamp| (now.0.saturating_sub(then.0), self.number.saturating_mul(60_000));
        let (value, bound) = match (self.of, &channel.topic) {
            (Measure::Members, _) => (channel.members().len() as u64, self.number),
            (Measure::MinutesSinceCreation, _) => since(channel.created),
            (Measure::MinutesSinceTopic, Some(topic)) => since(topic.at),
            (Measure::MinutesSinceTopic, None) => return false,
        };
        match self.side {
            Side::Less => value < bound,
            Side::More => value > bound,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modes::Rank;
    use crate::world::{Topic, User, UserId, World};
    use wire::{ChannelName, Nick};

    const MINUTE: u64 = 60_000;

    /// `#den` was created five minutes ago, has two members and a topic that is two minutes old.
    fn den() -> (World, Timestamp) {
        let mut world = World::default();
        let created = Timestamp(1000 * MINUTE);
        let name = ChannelName::parse("#den", 50).expect("a name");
        for (id, nick) in [(UserId(1), "alice"), (UserId(2), "bob")] {
            let nick = Nick::parse(nick, 9).expect("a nick");
            world.enter(User::new(id, nick, "u", "h".into(), "r", created)).expect("nobody has the nick");
            world.join(id, &name, created, Rank::Op).expect("he is not in it");
        }
        let topic = Topic { text: "t".into(), who: "alice".into(), at: Timestamp(created.0 + 3 * MINUTE) };
        world.channel_mut(&name).expect("it was created").topic = Some(topic);
        (world, Timestamp(created.0 + 5 * MINUTE))
    }

    #[test]
    fn a_query_selects_what_it_says() {
        let (world, now) = den();
        let channel = world.channel("#den").expect("it was created");
        #[rustfmt::skip]
        let table = [
            (&[][..],               true ),
            (&["#DEN"],             true ),
            (&["#de"],              false),
            (&["#x", "*n"],         true ),
            (&["!*n"],              false),
            (&["!*m"],              true ),
            (&["#d*", "!*n"],       false),
            (&[">1"],               true ),
            (&[">2"],               false),
            (&["<2"],               false),
            (&["<3"],               true ),
            (&["<3", ">1"],         true ),
            (&["<3", ">1", "#x"],   false),
            (&["C<5"],              false),
            (&["C<6"],              true ),
            (&["C>5"],              false),
            (&["c>4"],              true ),
            (&["T<2"],              false),
            (&["t<3"],              true ),
            (&["T>2"],              false),
            (&["T>1"],              true ),
            (&[">"],                false),
            (&["C<x"],              false),
            (&["<99999999999999999999"], false),
            (&["C<18446744073709551615"], true),
        ];
        for (items, expected) in table {
            let mut query = Query::default();
            items.iter().for_each(|item| query.add(item));
            assert_eq!(query.selects(channel, now), expected, "{items:?}");
        }
    }

    #[test]
    fn a_channel_without_topic_has_no_age_of_it() {
        let (mut world, now) = den();
        world.channel_mut(&ChannelName::parse("#den", 50).expect("a name")).expect("it is there").topic = None;
        let channel = world.channel("#den").expect("it was created");
        for item in ["T<9", "T>0"] {
            let condition = Condition::parse(item).expect("a condition");
            assert!(!condition.holds(channel, now), "{item}");
        }
    }
}
