//! What is said to a thousand takes no more memory from the allocator than what is said to ten: lines and lists of
//! those who hear them are shared.

use engine::{ConnId, Effect, Engine, Input, Now, Peer, Settings};
use wire::Timestamp;

const NOW: Now = Now { monotonic_ms: 1000, wall: Timestamp(1_700_000_000_000) };

/// So many people in one channel, of whom each second one understands these capabilities.
fn crowd(people: u64, capabilities: &str) -> Engine {
    let mut engine = Engine::new(Settings::default(), NOW, 1);
    for number in 1..=people {
        let conn = ConnId(number);
        let peer = Peer { host: "host".to_owned(), address: None, secure: false };
        let mut effects = Vec::new();
        engine.handle(NOW, Input::Opened { conn, peer }, &mut effects);
        let nick = format!("NICK n{number}");
        let understands = format!("CAP REQ :{}", if number % 2 == 0 { capabilities } else { "" });
        for line in [&*nick, "USER user 0 * :Somebody", &understands, "JOIN #den"] {
            engine.handle(NOW, Input::Line { conn, line: line.as_bytes() }, &mut effects);
        }
    }
    engine
}

/// How often memory is asked for to handle a line of the first or the second one of them, when it has been handled often
/// before: the most of a hundred times, since lists grow now and then.
fn allocations(engine: &mut Engine, number: u64, line: &str) -> Vec<u64> {
    let mut effects: Vec<Effect> = Vec::with_capacity(64);
    let mut once = || {
        for effect in effects.drain(..) {
            if let Effect::Answer { lines, .. } = effect {
                engine.keep(lines);
            }
        }
        let input = Input::Line { conn: ConnId(number), line: line.as_bytes() };
        let info = allocation_counter::measure(|| engine.handle(NOW, input, &mut effects));
        info.count_total
    };
    for _ in 0..300 {
        once();
    }
    (0..100).map(|_| once()).collect()
}

#[test]
fn nobody_who_hears_a_message_costs_memory_of_his_own() {
    let capabilities = "server-time message-tags echo-message";
    let (mut few, mut many) = (crowd(10, capabilities), crowd(1000, capabilities));
    #[rustfmt::skip]
    let table = [
        // who  line                                    allocations at most
        (1,     "PRIVMSG #den :words",                   5),
        (2,     "@+typing=done PRIVMSG #den :words",    11),
        (1,     "NOTICE #den :words",                    5),
        (1,     "PRIVMSG n2 :words",                     5),
        (1,     "PING token",                            0),
    ];
    for (number, line, at_most) in table {
        let counts = [&mut few, &mut many].map(|engine| allocations(engine, number, line));
        assert_eq!(counts[0], counts[1], "{line}: to ten and to a thousand");
        assert!(counts[0].iter().all(|count| *count <= at_most), "{line}: {:?}", counts[0]);
    }
}
