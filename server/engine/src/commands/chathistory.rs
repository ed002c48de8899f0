//! CHATHISTORY: what was said before (IRCv3 chathistory). Channels only: without accounts nobody could tell whose direct
//! messages a nick may read.

use wire::capability;
use wire::{Encoder, Reply, Timestamp, numeric};

use super::{Command, When};
use crate::context::Cx;
use crate::event::Said;
use crate::outgoing::Outgoing;
use crate::playback;
use crate::world::Channel;

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "CHATHISTORY", when: When::After, min: 0, syntax: "LATEST <channel> <* or point> <limit> | BEFORE|AFTER|AROUND <channel> <point> <limit> | BETWEEN <channel> <point> <point> <limit> | TARGETS <point> <point> <limit>", help: "Shows what was said before. A point is timestamp=<time> or msgid=<id>.", run: chathistory },
];

/// A place in a history.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Point {
    Time(Timestamp),
    Id(String),
}

/// Why a request cannot be answered: the code of the standard reply, what it is about, and words.
#[derive(Debug, PartialEq, Eq)]
struct Failure(&'static str, Vec<String>, &'static str);

fn chathistory(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    if !cx.session.capabilities.has(&capability::CHATHISTORY) {
        return Err(numeric::ERR_UNKNOWNCOMMAND.with(&["CHATHISTORY", ": it needs the capability draft/chathistory"]));
    }
    if let Err(Failure(code, about, words)) = answer(cx, params) {
        let about: Vec<&str> = ["CHATHISTORY", code].into_iter().chain(about.iter().map(String::as_str)).collect();
        cx.say("FAIL", &about, words);
    }
    Ok(())
}

fn answer(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Failure> {
    let subcommand = params.first().map_or("*".to_owned(), |name| name.to_ascii_uppercase());
    let invalid = |words| Failure("INVALID_PARAMS", vec![subcommand.clone()], words);
    let expected = match subcommand.as_str() {
        "LATEST" | "BEFORE" | "AFTER" | "AROUND" | "TARGETS" => 4,
        "BETWEEN" => 5,
        _ => return Err(invalid("Unknown subcommand")),
    };
    if params.len() < expected {
        return Err(invalid("Insufficient parameters"));
    }
    let limit = params[expected - 1].parse().map_err(|_| invalid("The limit is a number"))?;
    let limit: usize = usize::min(limit, cx.settings.limits.chathistory_max);
    let point = |text: &str| point(text).ok_or_else(|| invalid("A point is timestamp=… or msgid=…"));
    if subcommand == "TARGETS" {
        let (Point::Time(from), Point::Time(to)) = (point(params[1])?, point(params[2])?) else {
            return Err(invalid("TARGETS takes two times"));
        };
        targets(cx, from.min(to), from.max(to), limit);
        return Ok(());
    }
    let channel = member_of(cx, params[1])
        .ok_or_else(|| Failure("INVALID_TARGET", vec![subcommand.clone(), params[1].to_owned()], "Messages could not be retrieved"))?;
    let all: Vec<&Said> = cx.history.all(&channel.name).collect();
    let chosen = match subcommand.as_str() {
        "LATEST" if params[2] == "*" => last(&all, limit),
        "LATEST" => last(&all[behind(&all, &point(params[2])?)..], limit),
        "BEFORE" => last(&all[..until(&all, &point(params[2])?)], limit),
        "AFTER" => first(&all[behind(&all, &point(params[2])?)..], limit),
        "AROUND" => around(&all, &point(params[2])?, limit),
        _ => between(&all, &point(params[2])?, &point(params[3])?, limit),
    };
    let chosen: Vec<Said> = chosen.iter().map(|said| (*said).clone()).collect();
    playback::tell(cx, channel.name.as_str(), &chosen);
    Ok(())
}

fn point(text: &str) -> Option<Point> {
    match text.split_once('=')? {
        ("timestamp", time) => Timestamp::parse(time).map(Point::Time),
        ("msgid", id) if !id.is_empty() => Some(Point::Id(id.to_owned())),
        _ => None,
    }
}

/// A channel whose history the one who asks may read: one he is in.
fn member_of<'a>(cx: &Cx<'a>, name: &str) -> Option<&'a Channel> {
    cx.world.channel(name).filter(|channel| channel.has(cx.user().id))
}

/// How many messages come before a point: those before it are `..until`. An id that is not known (any more) is before
/// all that is kept.
fn until(all: &[&Said], point: &Point) -> usize {
    match point {
        Point::Time(time) => all.partition_point(|said| said.at < *time),
        Point::Id(id) => all.iter().position(|said| *said.id == **id).unwrap_or(0),
    }
}

/// Where the messages after a point begin: those after it are `behind..`.
fn behind(all: &[&Said], point: &Point) -> usize {
    match point {
        Point::Time(time) => all.partition_point(|said| said.at <= *time),
        Point::Id(id) => all.iter().position(|said| *said.id == **id).map_or(0, |at| at + 1),
    }
}

fn first<'a, 'b>(some: &'b [&'a Said], limit: usize) -> &'b [&'a Said] {
    &some[..some.len().min(limit)]
}

fn last<'a, 'b>(some: &'b [&'a Said], limit: usize) -> &'b [&'a Said] {
    &some[some.len().saturating_sub(limit)..]
}

/// As many before a point as from it on; what one side lacks the other gives.
fn around<'a, 'b>(all: &'b [&'a Said], point: &Point, limit: usize) -> &'b [&'a Said] {
    let at = until(all, point);
    let begin = at.saturating_sub(limit / 2).min(all.len().saturating_sub(limit));
    first(&all[begin..], limit)
}

/// Those between two points, which are not shown themselves. The nearest to the first point come first into the limit.
fn between<'a, 'b>(all: &'b [&'a Said], from: &Point, to: &Point, limit: usize) -> &'b [&'a Said] {
    if until(all, from) <= until(all, to) {
        let (begin, end) = (behind(all, from), until(all, to));
        first(&all[begin.min(end)..end], limit)
    } else {
        let (begin, end) = (behind(all, to), until(all, from));
        last(&all[begin.min(end)..end], limit)
    }
}

/// Tells in which of his channels something was said last in a span of time.
fn targets(cx: &mut Cx<'_>, from: Timestamp, to: Timestamp, limit: usize) {
    let latest = |channel: &&Channel| cx.history.last(&channel.name, 1).next().map(|said| said.at);
    let own = cx.user().channels().iter().filter_map(|name| cx.world.channel(name.as_str()));
    let mut spoken: Vec<(Timestamp, &str)> =
        own.filter_map(|channel| Some((latest(&channel)?, channel.name.as_str()))).collect();
    spoken.retain(|(at, _)| from < *at && *at < to);
    spoken.sort_unstable();
    spoken.truncate(limit);
    let line = |(at, name): (Timestamp, &str)| {
        let head = Encoder::new().source(&cx.settings.server_name).verb("CHATHISTORY").param("TARGETS");
        Outgoing::new(cx.now.wall, head.param(name).param(&at.to_string()))
    };
    let lines = spoken.into_iter().map(line).collect();
    playback::batch(cx, &["draft/chathistory-targets"], lines);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::SaidKind;

    #[test]
    fn the_parts_of_a_history_are_the_ones_asked_for() {
        // One message each at 10, 20, … 60 ms, called a, b, … f.
        let kept: Vec<Said> = "abcdef".chars().zip(1..).map(|(id, n)| Said {
            at: Timestamp(n * 10),
            id: id.to_string().into(),
            kind: SaidKind::Message,
            source: "al!a@h".into(),
            text: "x".into(),
        }).collect();
        let all: Vec<&Said> = kept.iter().collect();
        let ids = |some: &[&Said]| some.iter().map(|said| &*said.id).collect::<String>();
        let id = |id: &str| Point::Id(id.to_owned());
        let time = |ms| Point::Time(Timestamp(ms));
        #[rustfmt::skip]
        let table = [
            ("before c",          last(&all[..until(&all, &id("c"))], 9),    "ab"),
            ("before c, 1",       last(&all[..until(&all, &id("c"))], 1),    "b"),
            ("before 30",         last(&all[..until(&all, &time(30))], 9),   "ab"),
            ("before 31",         last(&all[..until(&all, &time(31))], 9),   "abc"),
            ("after c, 2",        first(&all[behind(&all, &id("c"))..], 2),  "de"),
            ("after 30",          first(&all[behind(&all, &time(30))..], 9), "def"),
            ("after 29",          first(&all[behind(&all, &time(29))..], 9), "cdef"),
            ("latest 2",          last(&all, 2),                             "ef"),
            ("none",              last(&all, 0),                             ""),
            ("around c, 3",       around(&all, &id("c"), 3),                 "bcd"),
            ("around a, 3",       around(&all, &id("a"), 3),                 "abc"),
            ("around f, 3",       around(&all, &id("f"), 3),                 "def"),
            ("between b and e",   between(&all, &id("b"), &id("e"), 9),      "cd"),
            ("between b and e, 1", between(&all, &id("b"), &id("e"), 1),     "c"),
            ("between e and b, 1", between(&all, &id("e"), &id("b"), 1),     "d"),
            ("between b and b",   between(&all, &id("b"), &id("b"), 9),      ""),
            ("between 15 and 45", between(&all, &time(15), &time(45), 9),    "bcd"),
            ("before the unknown", last(&all[..until(&all, &id("?"))], 9),   ""),
        ];
        for (what, chosen, expected) in table {
            assert_eq!(ids(chosen), expected, "{what}");
        }
    }

    #[test]
    fn points_are_times_or_ids() {
        #[rustfmt::skip]
        let table = [
            ("timestamp=1970-01-01T00:00:01.000Z", Some(Point::Time(Timestamp(1000)))),
            ("msgid=abc",                          Some(Point::Id("abc".to_owned()))),
            ("msgid=",                             None),
            ("timestamp=soon",                     None),
            ("*",                                  None),
            ("abc",                                None),
        ];
        for (text, expected) in table {
            assert_eq!(point(text), expected, "{text}");
        }
    }
}
