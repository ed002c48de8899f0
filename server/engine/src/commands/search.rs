//! SEARCH: what was said before, found by where, who, when and words (soju.im/search). Who searches finds what he could read
//! by CHATHISTORY, and nothing else.

use wire::{Casemapping, Reply, Tags, Timestamp, capability, numeric};

use super::{Command, When};
use crate::context::Cx;
use crate::event::Past;
use crate::history::Log;
use crate::playback::{self, Place};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "SEARCH", when: When::After, min: 0, syntax: "<attributes>", help: "Finds what was said before. Attributes: in=, from=, text=, after=, before= and limit=, with semicolons between them.", run: search },
];

/// What is looked for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Query {
    place: Option<String>,
    from: Option<String>,
    after: Option<Timestamp>,
    before: Option<Timestamp>,
    /// Lower case.
    text: String,
    limit: Option<usize>,
}

fn search(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    if !cx.session.capabilities.has(&capability::SEARCH) {
        return Err(
            numeric::ERR_UNKNOWNCOMMAND.with(&["SEARCH", ": it needs the capability soju.im/search"])
        );
    }
    let query = match Query::parse(params) {
        Ok(query) => query,
        Err(attribute) => {
            cx.say("FAIL", &["SEARCH", "INVALID_PARAMS", &attribute], "Invalid parameters");
            return Ok(());
        }
    };
    let named = query.place.as_deref().map(|name| Place::named(cx, name).ok_or(name));
    let places = match named {
        Some(Ok(place)) => vec![place],
        Some(Err(name)) => {
            let about = format!("in={name}");
            cx.say("FAIL", &["SEARCH", "INVALID_PARAMS", &about], "Messages could not be retrieved");
            return Ok(());
        }
        None => Place::all(cx),
    };
    let limit = query.limit.unwrap_or(usize::MAX).min(cx.settings.limits.chathistory_max);
    let mut found: Vec<(Place<'_>, &Past)> = Vec::new();
    // "Processing logs can be slow": the loop has other people to serve.
    let bytes_max = cx.settings.limits.search_bytes_max / places.len().max(1);
    let mut all = true;
    for place in &places {
        let Some(log) = place.log(cx) else { continue };
        let (pasts, complete) = query.find(log, limit, bytes_max);
        all &= complete;
        found.extend(pasts.into_iter().map(|past| (*place, past)));
    }
    // What was said in one place stays in its order.
    found.sort_by_key(|(_, past)| past.at);
    match query.after {
        Some(_) => found.truncate(limit),
        None => drop(found.drain(..found.len().saturating_sub(limit))),
    }
    if !all {
        let words = "There is more than is searched at once; say where or when";
        cx.say("WARN", &["SEARCH", "INCOMPLETE"], words);
    }
    let lines = found.iter().flat_map(|(place, past)| playback::words(cx, place.name(), past)).collect();
    playback::batch(cx, &[capability::SEARCH.name], false, lines);
    Ok(())
}

impl Query {
    /// Reads the attributes, which are written like tags of messages. What is wrong is returned as it was written.
    fn parse(params: &[&str]) -> Result<Self, String> {
        let [attributes] = params else { return Err("*".to_owned()) };
        let mut query = Self::default();
        for (key, value) in Tags::parse(attributes).iter() {
            let wrong = || key.chars().chain(['=']).chain(value.chars()).filter(|c| !c.is_whitespace()).collect();
            let time = || Timestamp::parse(&value).map(Some).ok_or_else(wrong);
            match key {
                // What stands for a line end there could end the line that repeats it.
                "in" if value.contains(char::is_whitespace) => return Err(wrong()),
                "in" => query.place = Some(value.into_owned()),
                "from" => query.from = Some(value.into_owned()),
                "after" => query.after = time()?,
                "before" => query.before = time()?,
                "text" => query.text = value.to_lowercase(),
                "limit" if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) => {
                    // A number that is too large for us is larger than what we give as well.
                    query.limit = Some(value.parse().unwrap_or(usize::MAX));
                }
                _ => return Err(wrong()),
            }
        }
        if query == Self::default() {
            return Err("*".to_owned());
        }
        Ok(query)
    }

    /// What of a log is meant, in its order, and whether all of it was looked at: "If `after` is specified, messages SHOULD be
    /// searched from that time. Otherwise, messages SHOULD be searched from the `before` time".
    fn find<'a>(&self, log: &'a Log, limit: usize, bytes_max: usize) -> (Vec<&'a Past>, bool) {
        let mut looked_at = 0;
        let mut complete = true;
        let mut meant = |past: &&'a Past| {
            let Some(said) = past.said().filter(|_| complete && self.covers(past)) else { return false };
            if self.text.is_empty() {
                return true;
            }
            looked_at += said.each_line().map(str::len).sum::<usize>();
            complete &= looked_at <= bytes_max;
            complete && said.each_line().any(|line| line.to_lowercase().contains(&self.text))
        };
        let found: Vec<&'a Past> = match self.after {
            Some(_) => log.said().filter(&mut meant).take(limit).collect(),
            None => {
                let mut last: Vec<_> = log.said().rev().filter(&mut meant).take(limit).collect();
                last.reverse();
                last
            }
        };
        (found, complete)
    }

    /// Whether something was said by whom and when it is looked for.
    fn covers(&self, past: &Past) -> bool {
        self.after.is_none_or(|after| past.at >= after)
            && self.before.is_none_or(|before| past.at <= before)
            && self.from.as_ref().is_none_or(|from| Casemapping::Ascii.same(past.nick(), from))
    }
}
