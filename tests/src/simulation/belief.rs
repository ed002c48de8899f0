//! What a person believes, compared with the world. Each function says what is wrong.

use std::collections::{BTreeMap, BTreeSet};

use engine::{Channel, ChannelFlag, ConnId, Prefixes, Rank, Ranks, User, UserId, World};
use parlor::session::{Member, Room};
use wire::Folded;

use super::person::Person;

macro_rules! same {
    ($what:expr, $believed:expr, $is:expr) => {
        let (believed, is) = (&$believed, &$is);
        if believed != is {
            return Err(format!("believes {} to be {believed:?}, and it is {is:?}", $what));
        }
    };
}

/// Whether all that a person believes is so.
pub(super) fn compare(conn: ConnId, person: &mut Person, world: &World) -> Result<(), String> {
    let user = world.user(UserId(conn.0));
    same!("his registration", person.session.registered(), user.is_some());
    let Some(user) = user else { return Ok(()) };
    same!("his nick", person.session.nick(), user.nick.as_str());
    let modes: String = person.session.user_modes().iter().collect();
    same!("his modes", modes, user.flags.to_string());
    same!("his being away", person.session.away(), user.away.is_some());
    let believed: Vec<&Folded> = person.session.rooms().keys().collect();
    let is: Vec<&Folded> = user.channels().iter().map(wire::ChannelName::key).collect();
    same!("his channels", believed, is);
    let rooms = person.session.rooms().clone();
    for (key, room) in &rooms {
        let channel = world.channel(&room.name).expect("the channel was compared");
        compare_room(room, channel)?;
        compare_members(key, room, channel, person, world, user)?;
    }
    person.listed.clear();
    Ok(())
}

fn compare_room(room: &Room, channel: &Channel) -> Result<(), String> {
    let name = channel.name.as_str();
    same!("the name of a channel", room.name, name);
    let believed = room.topic.as_ref().map(|topic| (topic.text.as_str(), topic.by.as_deref()));
    let who = |source: &'_ str| source.split('!').next().map(str::to_owned);
    let is = channel.topic.as_ref().map(|topic| (topic.text.to_string(), who(&topic.who)));
    same!(
        format!("the topic of {name}"),
        believed,
        is.as_ref().map(|(text, who)| (text.as_str(), who.as_deref()))
    );
    if let (Some(believed), Some(is)) = (room.topic.as_ref().and_then(|topic| topic.at), &channel.topic) {
        same!(format!("the time of the topic of {name}"), believed.seconds(), is.at.seconds());
    }
    let flags = ChannelFlag::ALL.iter().filter(|row| channel.flags.has(row.0)).map(|row| (row.1, None));
    let mut modes: BTreeMap<char, Option<String>> = flags.collect();
    modes.extend(channel.key.as_ref().map(|key| ('k', Some(key.to_string()))));
    modes.extend(channel.limit.map(|limit| ('l', Some(limit.to_string()))));
    same!(format!("the modes of {name}"), room.modes, modes);
    same!(format!("the age of {name}"), room.created.map(|at| at.seconds()), Some(channel.created.seconds()));
    same!(format!("all members of {name} to be known"), room.synced, true);
    Ok(())
}

fn compare_members(
    key: &Folded,
    room: &Room,
    channel: &Channel,
    person: &mut Person,
    world: &World,
    own: &User,
) -> Result<(), String> {
    let users = channel.members().keys().filter_map(|id| world.user(*id));
    let is: BTreeMap<&str, &User> = users.map(|user| (user.nick.as_str(), user)).collect();
    let mut believed: Vec<&str> = room.members.values().map(|member| member.nick.as_str()).collect();
    believed.sort_unstable();
    same!(format!("the members of {}", room.name), believed, is.keys().copied().collect::<Vec<_>>());
    let away_known = person.away_known.contains(key);
    for member in room.members.values() {
        let user = is[member.nick.as_str()];
        let what = |what: &str| format!("{what} of {} in {}", user.nick, room.name);
        if let Some(believed) = &member.user {
            same!(what("the user name"), **believed, *user.user);
        }
        if let Some(believed) = &member.host {
            same!(what("the host"), **believed, *user.host);
        }
        // Of himself everybody knows it; an answer of WHO tells it for the channels he enters while away.
        if away_known || (user.id == own.id && member.away) {
            same!(what("the absence"), member.away, user.away.is_some());
        }
        let ranks = channel.member(user.id).expect("members were compared").ranks;
        let listed = person.listed.contains(key);
        let hidden = person.hidden.entry((key.clone(), user.id)).or_default();
        compare_ranks(member, ranks, listed, hidden)
            .map_err(|wrong| format!("{wrong}: {}", what("the ranks")))?;
    }
    person.hidden.retain(|(room, user), hidden| room != key || (!hidden.is_empty() && channel.has(*user)));
    Ok(())
}

/// All ranks are known, but those that stood behind a higher one when the members were listed without multi-prefix and
/// that have not been mentioned since.
fn compare_ranks(
    member: &Member,
    ranks: Ranks,
    listed: bool,
    hidden: &mut BTreeSet<char>,
) -> Result<(), String> {
    let believed: BTreeSet<char> = member.ranks.chars().collect();
    let is: BTreeSet<char> = Rank::ALL.iter().filter(|row| ranks.has(row.0)).map(|row| row.1).collect();
    let missing: BTreeSet<char> = is.difference(&believed).copied().collect();
    let shown = || format!("believes {:?}, and has {}", member.ranks, ranks.prefixes(Prefixes::All));
    if !believed.is_subset(&is) {
        return Err(shown());
    }
    let explained = if listed {
        ranks.highest().is_none_or(|highest| believed.contains(&highest.letter()))
    } else {
        missing.is_subset(hidden)
    };
    if !explained {
        return Err(shown());
    }
    *hidden = missing;
    Ok(())
}
