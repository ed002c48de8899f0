//! Servers that mean ill: whatever they say, the client goes on, and what it keeps is bounded.

use proptest::prelude::*;

use crate::model::{Event, News};
use crate::testing::Person;

/// Lines of verbs that change something, with plausible and implausible parts.
fn line() -> impl Strategy<Value = String> {
    let tags = "|@(batch=[bh];)?(time=(2026-11-2[12]T12:0[0-9]:00.000Z|soon|9999-12-31T23:59:59.999Z);)?(msgid=m[0-9];)?([+]draft/reply=m[0-9];)?([+]draft/(un)?react=(x|👍|\\PC{0,9});)?([+]typing=(active|paused|done|x);)?(label=[0-9]) ";
    let source = ":(me!me@home|alice!a@h|srv|\\PC{0,5}) ";
    let verb = "PRIVMSG|NOTICE|TAGMSG|JOIN|PART|QUIT|NICK|KICK|MODE|TOPIC|BATCH|REDACT|MARKREAD|RENAME|CHATHISTORY|FAIL|ACK|CAP|730|731|353|366|001|005|322|404|433";
    let word = "#den|#DEN|me|alice|[+][bh] (chathistory|draft/multiline|netsplit|netjoin|x) #den|-[bh]|m[0-9]|TARGETS|timestamp=2026-11-22T12:00:00.000Z|CHATHISTORY=0|MONITOR=|LINELEN=3|ACK|DEL|echo-message|[*]|\\PC{0,8}";
    (tags, source, verb, prop::collection::vec(word, 0..5), "|:\\PC{0,30}").prop_map(
        |(tags, source, verb, words, text)| format!("{tags}{source}{verb} {} {text}", words.join(" ")),
    )
}

fn keys() -> impl Strategy<Value = String> {
    "(PgUp|Alt[+]Home|End|F5|Alt[+][123]|Enter|Alt[+]u|Ctrl[+]u|x|y|n)"
}

/// A step: a line heard, a key pressed, time that passes, or the connection lost and found again.
#[derive(Clone, Debug)]
enum Step {
    Line(String),
    Key(String),
    Wait(u64),
    Typed(String),
    Reconnect,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        20 => line().prop_map(Step::Line),
        4 => keys().prop_map(Step::Key),
        1 => (0_u64..100_000).prop_map(Step::Wait),
        3 => "/(react|reply|redact|notify|mute|list|stats|close|query) (x|alice|m)?|hello|\\PC{0,40}".prop_map(Step::Typed),
        1 => Just(Step::Reconnect),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn nothing_that_a_server_says_stops_the_client(steps in prop::collection::vec(step(), 0..60)) {
        let mut person = Person::in_den();
        person.hears("CAP me NEW :draft/chathistory draft/multiline=max-bytes=400,max-lines=4\nCAP me ACK :draft/chathistory draft/multiline draft/message-redaction draft/read-marker");
        for step in steps {
            match step {
                Step::Line(line) => person.event(Event::Net(person.model.id, News::Line(line))),
                Step::Key(key) => person.presses(&key),
                Step::Wait(ms) => person.waits(ms),
                Step::Typed(text) => person.enters(&text),
                Step::Reconnect => {
                    person.event(Event::Net(person.model.id, News::Lost("gone".to_owned())));
                    person.waits(120_000);
                    person.welcome();
                    person.enter_den();
                }
            }
            let sent = person.sent_all();
            let all_fit = sent.iter().all(|line| !line.contains(['\r', '\n', '\0']) && line.len() < 8192);
            prop_assert!(all_fit, "{sent:?}");
        }
        person.screen(80, 24);
        for buffer in &person.model.buffers {
            if let Some(seq) = buffer.anchor.map(|anchor| anchor.seq) {
                prop_assert!(seq <= buffer.end());
            }
        }
        for pending in &person.model.pending {
            let index = person.model.position(pending.buffer).unwrap();
            let line = person.model.buffers[index].line(pending.seq);
            prop_assert!(line.is_none_or(|line| line.own), "what waits is ours");
        }
    }
}
