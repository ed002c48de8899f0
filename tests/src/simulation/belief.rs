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
    for (nick, believed) in &person.watched {
        same!(format_args!("the presence of {nick:?}"), *believed, world.user_named(nick.as_str()).is_some());
    }
    for (nick, believed) in &person.watched_away {
        let is = world.user_named(nick.as_str()).is_some_and(|user| user.away.is_some());
        // He is told nothing of himself.
        if *nick != *user.nick.key() {
            same!(format_args!("the absence of {nick:?}"), *believed, is);
        }
    }
    let Person { session, hidden, listed, away_known, .. } = person;
    for (key, room) in session.rooms() {
        let channel = world.channel(&room.name).expect("the channel was compared");
        compare_room(room, channel)?;
        let (listed, away_known) = (listed.contains(key), away_known.contains(key));
        let hidden = hidden.entry(key.clone()).or_default();
        compare_members(&Seen { room, channel, world, own: user.id, listed, away_known }, hidden)?;
    }
    listed.clear();
    Ok(())
}

fn compare_room(room: &Room, channel: &Channel) -> Result<(), String> {
    let name = channel.name.as_str();
    // Who does not know of renaming is not told that a name is written in another case.
    same!("the name of a channel", room.name.to_ascii_lowercase(), name.to_ascii_lowercase());
    let believed = room.topic.as_ref().map(|topic| (topic.text.as_str(), topic.by.as_deref()));
    let who = |source: &'_ str| source.split('!').next().map(str::to_owned);
    let is = channel.topic.as_ref().map(|topic| (topic.text.to_string(), who(&topic.who)));
    same!(
        format!("the topic of {name}"),
        believed,
        is.as_ref().map(|(text, who)| (text.as_str(), who.as_deref()))
    );
    if let (Some(believed), Some(is)) = (room.topic.as_ref().and_then(|topic| topic.at), &channel.topic) {
        same!(format_args!("the time of the topic of {name}"), believed.seconds(), is.at.seconds());
    }
    let flags = ChannelFlag::ALL.iter().filter(|row| channel.flags.has(row.0)).map(|row| (row.1, None));
    let mut modes: BTreeMap<char, Option<String>> = flags.collect();
    modes.extend(channel.settings().iter().map(|(letter, setting)| (*letter, Some(setting.to_string()))));
    same!(format_args!("the modes of {name}"), room.modes, modes);
    same!(
        format_args!("the age of {name}"),
        room.created.map(|at| at.seconds()),
        Some(channel.created.seconds())
    );
    same!(format_args!("all members of {name} to be known"), room.synced, true);
    Ok(())
}

/// A room and the channel that it is, for one person.
struct Seen<'a> {
    room: &'a Room,
    channel: &'a Channel,
    world: &'a World,
    /// Whose belief it is.
    own: UserId,
    /// Whether the members were listed just now, with their highest ranks.
    listed: bool,
    /// Whether it is known who is away.
    away_known: bool,
}

fn compare_members(seen: &Seen<'_>, hidden: &mut BTreeMap<UserId, BTreeSet<char>>) -> Result<(), String> {
    let Seen { room, channel, world, own, .. } = seen;
    let own = *own;
    let users = channel.members().keys().filter_map(|id| world.user(*id));
    let is: BTreeMap<&str, &User> = users.map(|user| (user.nick.as_str(), user)).collect();
    let mut believed: Vec<&str> = room.members.values().map(|member| member.nick.as_str()).collect();
    believed.sort_unstable();
    // In an auditorium one may not see everybody, and go on knowing those whom one saw before.
    let shown: Vec<&str> =
        is.iter().filter(|(_, user)| channel.shows(user.id, own)).map(|(nick, _)| *nick).collect();
    let known = |nick: &&&str| is.get(**nick).is_some_and(|user| channel.acquainted(user.id, own));
    let missing = shown.iter().filter(|nick| !believed.contains(nick));
    let wrong = believed.iter().filter(|nick| !known(nick));
    same!(
        format_args!("those who are missing or wrong in {}", room.name),
        missing.chain(wrong).collect::<Vec<_>>(),
        Vec::<&&str>::new()
    );
    for member in room.members.values() {
        let user = is[member.nick.as_str()];
        let what = |what: &str| format!("{what} of {} in {}", user.nick, room.name);
        // Who does not understand CHGHOST is not told of his own user name.
        if let Some(believed) = member.user.as_ref().filter(|_| user.id != seen.own) {
            same!(what("the user name"), **believed, *user.user);
        }
        if let Some(believed) = &member.host {
            same!(what("the host"), **believed, *user.host);
        }
        // Of himself everybody knows it; an answer of WHO tells it for the channels he enters while away.
        if seen.away_known || (user.id == own && member.away) {
            same!(what("the absence"), member.away, user.away.is_some());
        }
        let ranks = channel.member(user.id).expect("members were compared").ranks;
        let hidden = hidden.entry(user.id).or_default();
        compare_ranks(member, ranks, seen.listed, hidden)
            .map_err(|wrong| format!("{wrong}: {}", what("the ranks")))?;
    }
    hidden.retain(|user, hidden| !hidden.is_empty() && channel.has(*user));
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
