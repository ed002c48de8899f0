//! What no client should send, systematically: every command with too few parameters, with empty ones and with too many;
//! lines of every length at the limits, with tags of every length.

use parlor_tests::carrier::{Carrier, Direct, Heard};
use parlor_tests::fuzzing;
use parlor_tests::reference::{self, Kind};
use parlor_tests::setup;
use wire::{Message, PARAMS_MAX};

/// Commands that say in another way that a parameter is missing, or say something else first; nothing for those that
/// are not answered.
#[rustfmt::skip]
const OTHERWISE: &[(&str, &[&str])] = &[
    ("CHATHISTORY", &["421"]),
    ("ERROR",       &[]),
    ("MARKREAD",    &["NEED_MORE_PARAMS"]),
    ("NICK",        &["431"]),
    ("NOTICE",      &[]),
    ("PASS",        &["462"]),
    ("PING",        &["409"]),
    ("PONG",        &[]),
    ("PRIVMSG",     &["411", "412"]),
    ("SERVICE",     &["462"]),
    ("SQUERY",      &["411", "412"]),
    ("SEARCH",      &["421"]),
    ("SUMMON",      &["445"]),
    ("TAGMSG",      &["421"]),
    ("USER",        &["462"]),
    ("WHOIS",       &["431"]),
    ("WHOWAS",      &["431"]),
];

fn server() -> Direct {
    let config = setup::config([]).expect("the default configuration is one");
    let mut server = Direct::start(&config);
    server.open("alice").expect("the engine takes everybody");
    for line in ["NICK alice", "USER alice 0 * :Alice"] {
        server.send("alice", line.as_bytes()).expect("she is there");
    }
    server.hear("alice").expect("the engine answers at once");
    server
}

/// What a line is answered.
fn answers(server: &mut Direct, line: &[u8]) -> Vec<String> {
    server.send("alice", line).expect("she is there");
    let heard = server.hear("alice").expect("the engine answers at once");
    let lines = heard.into_iter().filter_map(|heard| match heard {
        Heard::Line(line) => Some(String::from_utf8(line).expect("every line is UTF-8")),
        Heard::End => None,
    });
    lines.collect()
}

fn verbs() -> Vec<String> {
    let rows = reference::tables().into_iter().flat_map(|table| table.rows);
    rows.filter(|row| row.kind == Kind::Command).map(|row| row.name).collect()
}

/// How many parameters a command needs, by how HELP shows it: what stands in brackets can be left out.
fn needed(syntax: &str) -> usize {
    let least = |alternative: &str| {
        let (mut count, mut brackets, mut inside, mut word) = (0, 0, false, false);
        for character in alternative.chars() {
            match character {
                '[' => brackets += 1,
                ']' => brackets -= 1,
                '<' => inside = true,
                '>' => inside = false,
                _ => {}
            }
            // What stands between `<` and `>` is one parameter, however many words describe it.
            let in_word = character != ' ' || inside;
            count += usize::from(in_word && !word && brackets == 0 && character != ']');
            word = in_word;
        }
        count
    };
    syntax.split(" | ").map(least).min().unwrap_or(0)
}

#[test]
fn every_command_says_that_a_parameter_is_missing() {
    let mut server = server();
    let (mut wrong, mut checked) = (Vec::new(), 0);
    for verb in verbs() {
        let help = answers(&mut server, format!("HELP {verb}").as_bytes());
        let (_, shown) = help[0].rsplit_once(" :").expect("HELP shows how the command is written");
        let syntax = help[0].split_once(&format!(" :{verb} ")).map_or("", |(_, syntax)| syntax);
        assert!(!shown.is_empty(), "{verb}: {help:?}");
        for given in 0..needed(syntax) {
            let line = format!("{verb}{}", " x".repeat(given));
            let heard = answers(&mut server, line.as_bytes());
            let otherwise = OTHERWISE.iter().find(|row| row.0 == verb).map(|row| row.1);
            // Who may not use a command is told that first.
            let refused = help.iter().any(|line| line.contains("operator"))
                && heard.iter().any(|answer| answer.starts_with(":srv 481 alice "));
            let fits = match (otherwise, heard.as_slice()) {
                _ if refused => heard.len() == 1,
                (None, [answer]) => *answer == format!(":srv 461 alice {verb} :Not enough parameters"),
                (Some([]), []) => true,
                (Some(codes), [answer]) => codes.iter().any(|code| {
                    let forms = [format!(":srv {code} alice "), format!(":srv FAIL {verb} {code} ")];
                    forms.iter().any(|form| answer.starts_with(form))
                }),
                _ => false,
            };
            checked += 1;
            if !fits {
                wrong.push(format!("{line:?} of {syntax:?}: {heard:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(checked > 40, "most commands need something: {checked}");
}

#[test]
fn whatever_stands_behind_a_command_is_answered_in_order() {
    let words = [
        "x",
        "#den",
        "alice",
        "bob",
        "*",
        "0",
        "-1",
        "+o",
        "99999999999999999999",
        "a!b@c",
        "=",
        ",",
        ",,x,",
        "é",
    ];
    for verb in verbs() {
        for registered in [true, false] {
            let mut data = String::from("A\nB\nbNICK bob\nbUSER b 0 * :b\nbJOIN #den\n");
            if registered {
                data += "aCAP REQ :batch labeled-response message-tags draft/chathistory\naNICK alice\naUSER a 0 * :a\naCAP END\n";
                data += "aOPER root secret\n?a\naJOIN #den\n";
            }
            for count in [0, 1, 2, 3, PARAMS_MAX + 1] {
                for (index, word) in words.iter().enumerate() {
                    let other = words[(index + count) % words.len()];
                    let params = [*word, other].repeat(count)[..count].join(" ");
                    data += &format!(
                        "a{verb} {params}\na@label=l {verb} {params} :\na{verb} {params} :two words\n"
                    );
                    if ["QUIT", "KILL"].contains(&&*verb) {
                        data += "A\nA\naNICK alice\naUSER a 0 * :a\naJOIN #den\n";
                    }
                }
            }
            // It asserts that all answers can be said, and that the engine keeps its order.
            fuzzing::engine(data.as_bytes());
        }
    }
}

#[test]
fn lines_and_tags_are_taken_up_to_their_limits_whatever_the_other_has() {
    // "This limit is separate from the message content limit": each of them is counted for itself.
    let mut server = server();
    for tag_data in [0, 1, 4093, 4094, 4095, 8188, 8189, 8190, 9000] {
        for body in [8, 509, 510, 511, 512, 513, 600, 1024] {
            let tags = match tag_data {
                0 => String::new(),
                length => format!("@{} ", "t".repeat(length)),
            };
            // The end of the line counts as two bytes, whatever it is.
            let text = "x".repeat(body - "PING ".len() - "\r\n".len());
            let heard = answers(&mut server, format!("{tags}PING {text}").as_bytes());
            let message = match heard.as_slice() {
                [line] => Message::parse(line).expect("it was said by the server"),
                _ => panic!("one answer to {tag_data} bytes of tags and {body} of the message: {heard:?}"),
            };
            let expected = if tag_data <= 4094 && body <= 512 { "PONG" } else { "417" };
            assert_eq!(message.verb, expected, "{tag_data} bytes of tags, {body} of the message");
        }
    }
}
