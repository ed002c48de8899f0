//! CHATHISTORY: what was said before (IRCv3 chathistory). Of channels those who are in them may read; of what two people
//! said to each other, those two.

use wire::capability;
use wire::{Encoder, Reply, Timestamp, numeric};

use super::{Command, When};
use crate::context::Cx;
use crate::history::{Log, Part, Point};
use crate::outgoing::Outgoing;
use crate::playback::{self, Place};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "CHATHISTORY", when: When::After, min: 0, syntax: "LATEST <channel or nick> <* or point> <limit> | BEFORE|AFTER|AROUND <channel or nick> <point> <limit> | BETWEEN <channel or nick> <point> <point> <limit> | TARGETS <point> <point> <limit>", help: "Shows what was said before. A point is timestamp=<time> or msgid=<id>.", run: chathistory },
];

/// Why a request cannot be answered: the code of the standard reply, what it is about, and words.
struct Failure(&'static str, Vec<String>, &'static str);

fn chathistory(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    if !cx.session.capabilities.has(&capability::CHATHISTORY) {
        return Err(
            numeric::ERR_UNKNOWNCOMMAND.with(&["CHATHISTORY", ": it needs the capability draft/chathistory"])
        );
    }
    // "the_given_command": as it was written.
    let given = params.first().filter(|given| !given.is_empty()).unwrap_or(&"*");
    if let Err(Failure(code, about, words)) = answer(cx, params) {
        let about = about.iter().map(String::as_str);
        let about: Vec<&str> = ["CHATHISTORY", code, given].into_iter().chain(about).collect();
        cx.say("FAIL", &about, words);
    }
    Ok(())
}

fn answer(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Failure> {
    let invalid = |words| Failure("INVALID_PARAMS", Vec::new(), words);
    let subcommand = params.first().map_or(String::new(), |name| name.to_ascii_uppercase());
    let expected = match subcommand.as_str() {
        "LATEST" | "BEFORE" | "AFTER" | "AROUND" | "TARGETS" => 4,
        "BETWEEN" => 5,
        _ => return Err(invalid("Unknown command")),
    };
    match params.len() {
        count if count < expected => return Err(invalid("Insufficient parameters")),
        count if count > expected => return Err(invalid("Too many parameters")),
        _ => {}
    }
    let given = params[expected - 1];
    let number = given.bytes().all(|b| b.is_ascii_digit()) && !given.is_empty();
    if !number {
        return Err(Failure("INVALID_PARAMS", vec![given.to_owned()], "Invalid limit"));
    }
    // A number that is too large for us is larger than what we give as well.
    let limit = given.parse().unwrap_or(usize::MAX).min(cx.settings.limits.chathistory_max);
    if subcommand == "TARGETS" {
        let moment = |text| match point(text, None)? {
            Point::Time(time) => Ok(time),
            Point::Id(_) => Err(Failure("INVALID_PARAMS", vec![text.to_owned()], "Invalid timestamp")),
        };
        targets(cx, moment(params[1])?, moment(params[2])?, limit);
        return Ok(());
    }
    let target = params[1];
    let point = |index: usize| point(params[index], Some(target));
    let part = match subcommand.as_str() {
        "LATEST" if params[2] == "*" => Part::Latest,
        "LATEST" => Part::LatestSince(point(2)?),
        "BEFORE" => Part::Before(point(2)?),
        "AFTER" => Part::After(point(2)?),
        "AROUND" => Part::Around(point(2)?),
        _ => Part::Between(point(2)?, point(3)?),
    };
    let place = Place::named(cx, target).ok_or_else(|| {
        Failure("INVALID_TARGET", vec![target.to_owned()], "Messages could not be retrieved")
    })?;
    let capabilities = cx.session.capabilities;
    let nothing = Log::default();
    let log = place.log(cx).unwrap_or(&nothing);
    let page = log.part(&part, limit, |past| playback::understands(capabilities, past));
    playback::tell(cx, place.name(), &page);
    Ok(())
}

/// A point as it was written. Of a sort that is none the target is told as well, if there is one.
fn point(text: &str, target: Option<&str>) -> Result<Point, Failure> {
    match text.split_once('=') {
        Some(("timestamp", time)) => Timestamp::parse(time)
            .map(Point::Time)
            .ok_or_else(|| Failure("INVALID_PARAMS", vec![text.to_owned()], "Invalid timestamp")),
        Some(("msgid", id)) if !id.is_empty() => Ok(Point::Id(id.to_owned())),
        Some((sort, _)) if sort != "msgid" && !sort.is_empty() => {
            let about = target.into_iter().chain([text]).map(str::to_owned).collect();
            Err(Failure("INVALID_MSGREFTYPE", about, "Messages are referred to by timestamp or msgid"))
        }
        _ => Err(Failure("INVALID_PARAMS", vec![text.to_owned()], "Invalid message reference")),
    }
}

/// Tells in which of his channels, and with whom, something was said last in a span of time; counted from its first
/// end, which may be the later one.
fn targets(cx: &mut Cx<'_>, from: Timestamp, to: Timestamp, limit: usize) {
    let places = Place::all(cx);
    let spoken = places.iter().filter_map(|place| Some((place.log(cx)?.spoken()?, place.name())));
    let mut spoken: Vec<(Timestamp, &str)> = spoken.collect();
    spoken.retain(|(at, _)| from.min(to) < *at && *at < from.max(to));
    spoken.sort_unstable();
    let is_end = spoken.len() <= limit;
    if from <= to {
        spoken.truncate(limit);
    } else {
        spoken.drain(..spoken.len().saturating_sub(limit));
    }
    let line = |(at, name): (Timestamp, &str)| {
        let head = Encoder::new().source(&cx.settings.server_name).verb("CHATHISTORY").param("TARGETS");
        Outgoing::new(cx.now.wall, head.param(name).param(&at.to_string()))
    };
    let lines = spoken.into_iter().map(line).collect();
    playback::batch(cx, &["draft/chathistory-targets"], is_end, lines);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_times_or_ids() {
        #[rustfmt::skip]
        let table = [
            ("timestamp=1970-01-01T00:00:01.000Z", Ok(Point::Time(Timestamp(1000)))),
            ("msgid=abc",                          Ok(Point::Id("abc".to_owned()))),
            ("msgid=a=c",                          Ok(Point::Id("a=c".to_owned()))),
            ("msgid=",                             Err("INVALID_PARAMS")),
            ("timestamp=soon",                     Err("INVALID_PARAMS")),
            ("*",                                  Err("INVALID_PARAMS")),
            ("abc",                                Err("INVALID_PARAMS")),
            ("=abc",                               Err("INVALID_PARAMS")),
            ("number=1",                           Err("INVALID_MSGREFTYPE")),
        ];
        for (text, expected) in table {
            assert_eq!(point(text, None).map_err(|failure| failure.0), expected, "{text}");
        }
    }
}
