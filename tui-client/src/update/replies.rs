//! Numerics in words. What is not in the table is shown as the server writes it.

use wire::Timestamp;

use crate::buffer::Tone;
use crate::zone::Zone;

/// Code and text; `{0}` is the first parameter behind one's own nick, `{0t}` one that is a time in seconds, `{0n}` the
/// nick of one that may be `nick!user@host`. An empty text is not shown.
#[rustfmt::skip]
const TABLE: &[(u16, &str)] = &[
    (4,   ""),
    (5,   ""),
    (221, "Your modes: {0}"),
    (265, "{2}"),
    (266, "{2}"),
    (301, "{0} is away: {1}"),
    (305, "You are back"),
    (306, "You are away"),
    (311, "{0} is {1}@{2} ({4})"),
    (312, "{0} is on {1} ({2})"),
    (313, "{0} {1}"),
    (314, "{0} was {1}@{2} ({4})"),
    (315, ""),
    (317, "{0} has been idle for {1} s, connected since {2t}"),
    (318, ""),
    (319, "{0} is in {1}"),
    (321, ""),
    (322, "{0} ({1}) {2}"),
    (323, "That is the list."),
    (324, "{0} has modes {1} {2} {3}"),
    (329, "{0} exists since {1t}"),
    (331, "{0} has no topic"),
    (332, "Topic of {0}: {1}"),
    (333, "Set by {1n}, {2t}"),
    (335, "{0} {1}"),
    (338, "{0} is at {1}"),
    (341, "{0} is invited to {1}"),
    (346, "{0} lets in {1} (by {2n}, {3t})"),
    (347, ""),
    (348, "{0} excepts {1} (by {2n}, {3t})"),
    (349, ""),
    (352, "{4} is {1}@{2} in {0}: {5} {6}"),
    (353, "In {1}: {2}"),
    (366, ""),
    (367, "{0} bans {1} (by {2n}, {3t})"),
    (368, "That are the bans of {0}."),
    (369, ""),
    (376, ""),
    (378, "{0} {1}"),
    (379, "{0} {1}"),
    (401, "{0}: {1}. Nothing was sent."),
    (433, "{0} is taken: {1}"),
];

/// Those which tell about the server itself, whatever is being looked at.
pub(super) fn belongs_to_server(code: u16) -> bool {
    matches!(code, 1..=5 | 250..=255 | 265 | 266 | 321..=323 | 371 | 372 | 374..=376 | 422)
}

/// A numeric in words; nothing if there is nothing to show.
pub(super) fn in_words(code: u16, params: &[String], zone: &Zone) -> Option<(Tone, String)> {
    let tone = if (400..700).contains(&code) && code != 422 { Tone::Error } else { Tone::Info };
    let text = match TABLE.iter().find(|(row, _)| *row == code) {
        Some((_, form)) => filled(form, params, zone),
        None => params.join(" "),
    };
    let text = text.trim();
    (!text.is_empty()).then(|| (tone, text.to_owned()))
}

fn filled(form: &str, params: &[String], zone: &Zone) -> String {
    let mut text = String::new();
    let mut rest = form;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let (place, after) = after.split_once('}').unwrap_or((after, ""));
        let (is_time, is_person) = (place.ends_with('t'), place.ends_with('n'));
        let param =
            place.trim_end_matches(['t', 'n']).parse().ok().and_then(|index: usize| params.get(index));
        let param = param.map_or("", String::as_str);
        let moment =
            param.parse::<u64>().ok().and_then(|seconds| seconds.checked_mul(1000)).filter(|_| is_time);
        match moment {
            Some(ms) => text.push_str(&zone.date_and_clock(Timestamp(ms))),
            None if is_person => text.push_str(param.split('!').next().unwrap_or_default()),
            None => text.push_str(param),
        }
        rest = after;
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numerics_are_told_in_words() {
        #[rustfmt::skip]
        let table: &[(u16, &str, &str)] = &[
            (311, "al|a|host|*|Al Smith",        "al is a@host (Al Smith)"),
            (317, "al|12|1795349340|seconds",    "al has been idle for 12 s, connected since Sun 22 Nov 2026 12:09"),
            (333, "#den|al!a@h|soon",               "Set by al, soon"),
            (333, "#den|al|99999999999999999999", "Set by al, 99999999999999999999"),
            (324, "#den|+nt",                    "#den has modes +nt"),
            (482, "#den|You're not channel operator", "#den You're not channel operator"),
            (366, "#den|End",                    ""),
            (311, "",                            "is @ ()"),
        ];
        for (code, params, expected) in table {
            let params: Vec<String> = params.split('|').map(str::to_owned).collect();
            let words = in_words(*code, &params, &Zone::utc()).map(|(_, text)| text).unwrap_or_default();
            assert_eq!(words, *expected, "{code}");
        }
        assert!(TABLE.is_sorted_by_key(|(code, _)| code));
    }
}
