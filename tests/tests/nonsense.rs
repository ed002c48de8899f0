//! Whatever several clients send, the engine neither panics nor loses count of anything.

use engine::{ConnId, Effect, Engine, Input, Now, Peer, Settings};
use proptest::prelude::*;
use wire::Timestamp;

/// Clients that send.
const CLIENTS: u64 = 4;

/// Something that one of them sends: any bytes, or something that looks like a message.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let verb = prop::sample::select(VERBS);
    let param = prop_oneof![
        prop::sample::select(WORDS).prop_map(str::to_owned),
        "[#&@%+!*?:,a-c0-3~ é\u{1}-]{0,12}",
        prop::collection::vec(prop::sample::select(WORDS), 1..5).prop_map(|words| words.join(",")),
    ];
    let params = prop::collection::vec(param, 0..5);
    let tags =
        prop_oneof![3 => Just(String::new()), 1 => "@(label=[a-z]{0,3}|\\+x=[^ \r\n\0]{0,5}|;|=){1,3} "];
    let message = (tags, verb, params).prop_map(|(tags, verb, params)| {
        let mut line = tags + verb;
        for param in params {
            line = line + " " + &param;
        }
        line.into_bytes()
    });
    prop_oneof![4 => message, 1 => prop::collection::vec(any::<u8>(), 0..600)]
}

const VERBS: &[&str] = &[
    "NICK", "USER", "CAP", "JOIN", "PART", "MODE", "KICK", "INVITE", "TOPIC", "NAMES", "PRIVMSG", "NOTICE",
    "TAGMSG", "WHO", "WHOIS", "WHOWAS", "LIST", "AWAY", "OPER", "KILL", "QUIT", "PING", "STATS", "HELP",
    "MONITOR", "SETNAME", "WALLOPS", "USERHOST", "ISON", "REHASH", "PASS", "MOTD", "BATCH", "KNOCK", "X",
    "LINKS", "SERVICE", "SERVLIST", "SQUERY", "USERS", "/join", "P1NG",
];

const WORDS: &[&str] = &[
    "c0",
    "c1",
    "c2",
    "c3",
    "#den",
    "#a",
    "&b",
    "#",
    "*",
    "0",
    "+o",
    "-o+v",
    "+beI",
    "+k-l",
    "+fjW",
    "3:1",
    "~m:c0",
    "key",
    "LS",
    "302",
    "REQ",
    "END",
    ":batch labeled-response echo-message message-tags",
    ":server-time",
    "%tcuihsnfdlaor,1",
    "+",
    "C",
    "root",
    ":",
    ":two words",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_sent_the_engine_keeps_its_order(
        sent in prop::collection::vec((1..=CLIENTS, line(), 0..40_000u64), 1..60),
    ) {
        let mut now = Now { monotonic_ms: 0, wall: Timestamp(1_795_349_340_123) };
        let mut engine = Engine::new(Settings::default(), now, 1);
        let mut give = |now: Now, input: Input<'_>| {
            let mut effects = Vec::new();
            engine.handle(now, input, &mut effects);
            engine.check();
            effects
        };
        for number in 1..=CLIENTS {
            let conn = ConnId(number);
            let peer = Peer { host: "host".to_owned(), address: None, secure: false };
            give(now, Input::Opened { conn, peer });
            // Half of them are registered already, to get further.
            if number % 2 == 0 {
                give(now, Input::Line { conn, line: format!("NICK c{number}").as_bytes() });
                give(now, Input::Line { conn, line: b"USER u 0 * :U" });
                give(now, Input::Line { conn, line: b"JOIN #den" });
            }
        }
        for (number, line, ms) in sent {
            // A few of the times are long; most lines come close after each other.
            let passed_ms = if ms % 7 == 0 { ms } else { 0 };
            now = Now { monotonic_ms: now.monotonic_ms + passed_ms, wall: Timestamp(now.wall.0 + passed_ms) };
            give(now, Input::Tick);
            for effect in give(now, Input::Line { conn: ConnId(number), line: &line }) {
                if let Effect::Check { conn, .. } = effect {
                    give(now, Input::Checked { conn, matches: ms % 2 == 0 });
                }
            }
        }
        give(now, Input::Stop { reason: "The end" });
        prop_assert_eq!(engine.counts().connections, 0);
        prop_assert_eq!(engine.world().users().len(), 0);
    }
}
