//! Very many who do nothing, or who all do the same wrong thing at once: what each costs is counted, and what they do to
//! each other grows no faster than they do.

use std::io::{Read, Write};
use std::net::TcpStream;

use engine::{ConnId, Effect, Engine, Input, Now, Peer, Settings};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use parlor_tests::guest::Guest;
use parlor_tests::house::{Ground, House};
use wire::Timestamp;

const PROGRAM: &str = env!("CARGO_BIN_EXE_under_test");

/// Bytes of the server's memory for somebody who has registered and is silent, the allocator's own included.
const IDLE_BYTES_MAX: usize = 1536;

fn house(toml: &str) -> House {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard).unwrap();
    Ground::new(PROGRAM, toml).open()
}

/// People who register and then say nothing.
fn silent(house: &House, numbers: std::ops::Range<usize>) -> Vec<TcpStream> {
    let enter = |number| {
        let mut stream = TcpStream::connect(house.address()).unwrap();
        stream.set_nodelay(true).unwrap();
        write!(stream, "NICK silent{number}\r\nUSER silent 0 * :Silent Person\r\nPING in\r\n").unwrap();
        let (mut heard, mut buffer) = (Vec::new(), [0; 8192]);
        while !heard.ends_with(b"in\r\n") {
            let bytes = stream.read(&mut buffer).unwrap();
            assert!(bytes > 0, "{}", String::from_utf8_lossy(&heard));
            heard.extend_from_slice(&buffer[..bytes]);
        }
        stream
    };
    numbers.map(enter).collect()
}

#[test]
fn who_is_silent_takes_next_to_no_memory() {
    let house = house("");
    // What the server has of its own, and the pages that the allocator takes first, are there after some.
    let _first = silent(&house, 0..500);
    let before_kib = house.memory_kib();
    let _others = silent(&house, 500..2500);
    let each = (house.memory_kib() - before_kib) * 1024 / 2000;
    assert!(each <= IDLE_BYTES_MAX, "{each} bytes for each who is silent");
}

#[test]
fn who_is_closed_with_many_others_hears_nothing_of_them() {
    let house = house("[connections]\nsendq_bytes_max = 16384\nlinger_ms_max = 60000\n");
    let mut alice = house.guest_in("alice", "#den");
    let enter = |number| Guest::connect_unix(&house.ground().socket()).registered(&format!("deaf{number}"));
    let mut deaf: Vec<Guest> = (0..300).map(enter).collect();
    for guest in &mut deaf {
        guest.say("JOIN #den");
        guest.fence();
    }
    // They have heard the same now, and from now on none of them reads. So what the kernel keeps for each of them is full
    // after the same line.
    deaf.iter_mut().for_each(|guest| drop(guest.fence()));
    alice.fence();
    let shout = format!("PRIVMSG #den :{}\r\n", "x".repeat(400)).repeat(20);
    let mut gone = 0;
    while gone < deaf.len() {
        alice.send(shout.as_bytes());
        let heard = alice.fence();
        let quit = |line: &&String| line.contains(" QUIT ") && line.ends_with(":SendQ exceeded");
        gone += heard.iter().filter(quit).count();
    }
    for guest in &mut deaf {
        let heard = guest.rest();
        let quits = heard.iter().filter(|line| line.contains(" QUIT ")).count();
        assert_eq!(quits, 0, "{} hears of others who are closed in the same moment", guest.nick);
        assert!(heard.last().is_some_and(|line| line.starts_with("ERROR ")), "{:?}", heard.last());
    }
    alice.say("NAMES #den");
    assert!(alice.hear(" 353 ").ends_with("#den :@alice"), "nobody else is left");
}

#[test]
fn ten_thousand_who_never_register_are_gone_in_one_step_and_cost_two_lines_each() {
    const CROWD: u64 = 10_000;
    let at = |monotonic_ms| Now { monotonic_ms, wall: Timestamp(1_000_000 + monotonic_ms) };
    let settings = Settings::default();
    let limit_ms = settings.limits.registration_ms_max;
    let mut engine = Engine::new(settings, at(0), 7);
    let mut effects = Vec::new();
    for number in 1..=CROWD {
        let peer = Peer { host: "host".to_owned(), address: None, secure: false };
        engine.handle(at(0), Input::Opened { conn: ConnId(number), peer }, &mut effects);
        let line: &[u8] =
            [&b"NICK same"[..], b"USER x 0 * :x", b"CAP LS 302", b"PASS x"][number as usize % 4];
        engine.handle(at(1), Input::Line { conn: ConnId(number), line }, &mut effects);
    }
    effects.clear();
    engine.handle(at(limit_ms - 1), Input::Tick, &mut effects);
    assert!(effects.is_empty(), "not a millisecond earlier");
    engine.handle(at(limit_ms), Input::Tick, &mut effects);
    assert_eq!(effects.len() as u64, 2 * CROWD, "a farewell and an end for each");
    for pair in effects.chunks(2) {
        let [Effect::Send { to, line }, Effect::Close { conn, .. }] = pair else { panic!("{pair:?}") };
        assert!(to == conn && line.bytes().starts_with(b"ERROR :Closing Link: "), "{pair:?}");
    }
    assert_eq!((engine.counts().connections, engine.next_deadline()), (0, None), "nothing is left of them");
    engine.check();
}
