//! Connections that mean no good, or know no better: they harm nobody but themselves, and leave nothing behind.

use std::io::Write;
use std::net::TcpStream;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::Signal;
use nix::sys::socket::{setsockopt, sockopt};
use parlor_tests::guest::Guest;
use parlor_tests::house::{Ground, House};

const PROGRAM: &str = env!("CARGO_BIN_EXE_under_test");

fn house(toml: &str) -> House {
    Ground::new(PROGRAM, toml).open()
}

/// What is heard when a line of bytes was sent and everything is answered.
fn answers(guest: &mut Guest, bytes: &[u8]) -> Vec<String> {
    guest.send(bytes);
    guest.send(b"\r\n");
    guest.fence()
}

/// Connections that have not registered, by LUSERS; 0 if the line is left out or says so.
fn unknown(guest: &mut Guest) -> usize {
    guest.say("LUSERS");
    let heard = guest.fence();
    let line = heard.iter().find(|line| line.contains(" 253 ")).expect("LUSERS answers with a 253");
    line.split(' ').nth(3).and_then(|count| count.parse().ok()).unwrap_or_else(|| panic!("{line}"))
}

/// Asks until nobody but those who are known is counted. That they are gone is for the kernel to tell the server first.
fn assert_counts_return(guest: &mut Guest, house: &House) {
    while unknown(guest) > 0 {}
    let reader = house.ground().reader();
    // The segment is a tick behind at most; the PING makes a turn. Who is alone and has not registered yet was seen in
    // an earlier tick.
    let figures = |name: &str| reader.snapshot().unwrap().number(name);
    while [figures("connections"), figures("users")] != [1, 1] {
        guest.fence();
    }
}

/// The rest of a message to the room, from whoever said it.
fn texts<'a>(heard: &'a [String], channel: &str) -> Vec<&'a str> {
    let mark = format!(" PRIVMSG {channel} :");
    heard.iter().filter_map(|line| line.split_once(&mark).map(|(_, text)| text)).collect()
}

#[test]
fn bytes_that_come_one_at_a_time_are_the_same_lines() {
    let house = house("");
    let mut alice = house.guest_in("alice", "#den");
    let mut bob = Guest::connect(house.address());
    for byte in b"NICK bob\r\nUSER bob 0 * :Bob\r\nJOIN #den\nPRIVMSG #den :gr\xc3\xbc\xc3\x9fe \xe2\x9c\x93\r\n\r\n\nPING fence\r\n" {
        bob.send(&[*byte]);
    }
    bob.hear(" 001 bob ");
    bob.hear(" PONG ");
    let heard = alice.fence();
    assert_eq!(texts(&heard, "#den"), ["grüße ✓"], "{heard:#?}");
}

#[test]
fn who_never_reads_is_closed_and_the_others_hear_everything() {
    let house = house("[connections]\nsendq_bytes_max = 65536\n");
    let stream = TcpStream::connect(house.address()).unwrap();
    // Otherwise the kernel would keep megabytes for him.
    setsockopt(&stream, sockopt::RcvBuf, &4096).unwrap();
    let sleeper = Guest::over(stream).registered("sleeper");
    sleeper.say("JOIN #den");
    let mut talkers: Vec<Guest> = (0..20).map(|index| house.guest_in(&format!("t{index}"), "#den")).collect();
    let mut witness = house.guest_in("witness", "#den");
    talkers.iter_mut().for_each(|talker| drop(talker.fence()));
    let padding = "x".repeat(400);
    let mut quit = None;
    for round in 0.. {
        for talker in &talkers {
            talker.say(&format!("PRIVMSG #den :{round} {} {padding}", talker.nick));
        }
        let expected: Vec<String> =
            talkers.iter().map(|talker| format!("{round} {} {padding}", talker.nick)).collect();
        for guest in talkers.iter_mut().chain([&mut witness]) {
            let own = format!("{round} {} {padding}", guest.nick);
            let others = expected.iter().filter(|text| **text != own).count();
            let mut heard = Vec::new();
            while texts(&heard, "#den").len() < others {
                heard.push(guest.line().expect("who reads is not closed"));
            }
            let mut said = texts(&heard, "#den");
            said.sort_unstable();
            said.dedup();
            assert_eq!(said.len(), others, "{} hears everything once", guest.nick);
            assert!(said.iter().all(|text| expected.iter().any(|expected| expected == text) && *text != own));
            if guest.nick == "witness" {
                quit = heard.into_iter().find(|line| line.contains(" QUIT "));
            }
        }
        if quit.is_some() {
            break;
        }
    }
    let quit = quit.expect("the loop ends with it");
    assert!(quit.starts_with(":sleeper!") && quit.ends_with(":SendQ exceeded"), "{quit}");
    let reader = house.ground().reader();
    while reader.snapshot().unwrap().number("connections.sendq") == 0 {
        witness.fence();
    }
    assert_eq!(reader.snapshot().unwrap().number("connections.sendq"), 1, "and nobody else");
}

#[test]
fn a_line_may_have_512_bytes_and_not_one_more() {
    let house = house("");
    let mut alice = house.guest_in("alice", "#den");
    let mut bob = house.guest_in("bob", "#den");
    alice.fence();
    let line = |bytes: usize| {
        let begin = "PRIVMSG #den :";
        format!("{begin}{}", "x".repeat(bytes - begin.len() - 2))
    };
    // "IRC messages … MUST NOT exceed 512 bytes in length, counting all characters including the trailing CR-LF."
    assert_eq!(answers(&mut bob, line(512).as_bytes()), [""; 0]);
    let heard = alice.fence();
    assert_eq!(heard.len(), 1, "{heard:#?}");
    assert!(heard[0].len() <= 510 && heard[0].contains(" PRIVMSG #den :xxx"), "cut to fit with its source");
    let refused = answers(&mut bob, line(513).as_bytes());
    assert!(refused.len() == 1 && refused[0].contains(" 417 bob "), "{refused:#?}");
    assert_eq!(alice.fence(), [""; 0], "nothing of it is heard");
    // Without a CR there is one byte less.
    bob.send(line(512).as_bytes());
    bob.send(b"x\n");
    let refused = bob.fence();
    assert!(refused.is_empty() || refused.len() == 1 && refused[0].contains(" 417 bob "), "{refused:#?}");
}

#[test]
fn a_line_without_end_is_refused_once_and_costs_no_memory() {
    let house = house("");
    let mut bob = house.guest("bob");
    let mut alice = house.guest("alice");
    let chunk = [b'x'; 65_536];
    for _ in 0..256 {
        bob.send(&chunk);
    }
    alice.fence();
    let refused = answers(&mut bob, b"");
    assert!(refused.len() == 1 && refused[0].contains(" 417 bob "), "{refused:#?}");
    assert!(house.peak_kib() < 64 * 1024, "{} KiB after a line of 16 MiB", house.peak_kib());
}

#[test]
fn what_is_not_utf8_or_has_a_nul_reaches_nobody() {
    let house = house("");
    let mut alice = house.guest_in("alice", "#den");
    let mut bob = house.guest_in("bob", "#den");
    alice.fence();
    for bytes in [
        &b"PRIVMSG #den :caf\xe9"[..],
        b"PRIVMSG #den :\xc3",
        b"PRIVMSG #den :\xed\xa0\x80",
        b"PRIVMSG #den :\xf5\x80\x80\x80",
        b"PRIVMSG #den :\xc0\xaf",
    ] {
        let refused = answers(&mut bob, bytes);
        assert!(
            refused.len() == 1 && refused[0].contains(" FAIL PRIVMSG INVALID_UTF8 :"),
            "{bytes:?}: {refused:#?}"
        );
    }
    for bytes in
        [&b"PRIVMSG #den :a\0b"[..], b"\0\0\0", b"PRIVMSG\0#den :x", b"  ", b":", b"@", b"@a", b":a b"]
    {
        answers(&mut bob, bytes);
    }
    assert_eq!(alice.fence(), [""; 0]);
    bob.say("PRIVMSG #den :still here");
    bob.fence();
    assert_eq!(texts(&alice.fence(), "#den"), ["still here"]);
}

#[test]
fn who_comes_and_leaves_at_once_is_not_counted_any_more() {
    let house = house("");
    let mut alice = house.guest("alice");
    for index in 0..500 {
        let mut stream = TcpStream::connect(house.address()).unwrap();
        let said: &[u8] =
            [&b""[..], b"NICK", b"NICK x\r\n", b"NICK x\r\nUSER x 0 * :x\r\nJOIN #x\r\n"][index % 4];
        stream.write_all(said).unwrap();
        if index % 8 < 4 {
            // Leaves with a reset.
            let linger = nix::libc::linger { l_onoff: 1, l_linger: 0 };
            setsockopt(&stream, sockopt::Linger, &linger).unwrap();
        }
    }
    assert_counts_return(&mut alice, &house);
    alice.say("LIST");
    assert!(!alice.fence().iter().any(|line| line.contains(" 322 ")), "no channel is left");
}

#[test]
fn who_ends_his_half_is_answered_before_he_is_gone() {
    let house = house("");
    let mut alice = house.guest_in("alice", "#den");
    let mut bob = house.guest_in("bob", "#den");
    alice.fence();
    bob.send(b"PRIVMSG #den :last words\r\nPING one\r\nTOPIC #den :never ended");
    bob.finish();
    let heard = bob.rest();
    assert!(heard.iter().any(|line| line.contains(" PONG ") && line.ends_with("one")), "{heard:#?}");
    let heard = alice.hear_past(":bob!bob@127.0.0.1 QUIT ");
    assert_eq!(texts(&heard, "#den"), ["last words"]);
    assert!(heard.last().unwrap().ends_with(" QUIT :Connection closed"), "{heard:#?}");
    assert!(!heard.iter().any(|line| line.contains(" TOPIC ")), "half a line is none");
    assert_counts_return(&mut alice, &house);
}

#[test]
fn a_thousand_come_at_once() {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard).unwrap();
    assert!(hard > 3100, "the system allows {soft}, at most {hard} open files");
    let house = house("");
    let mut alice = house.guest_in("alice", "#hall");
    let mut guests: Vec<Guest> = (0..1000).map(|_| Guest::connect(house.address())).collect();
    for (index, guest) in guests.iter().enumerate() {
        guest.say(&format!("NICK g{index}\r\nUSER g 0 * :g\r\nJOIN #hall\r\nPING in"));
    }
    for guest in &mut guests {
        guest.hear(" PONG ");
    }
    alice.say("PRIVMSG #hall :welcome");
    for guest in &mut guests {
        let heard = guest.hear_past(" PRIVMSG #hall :");
        assert!(heard.last().unwrap().ends_with(":welcome"));
    }
    let joins = alice.fence().iter().filter(|line| line.ends_with(" JOIN #hall")).count();
    assert_eq!(joins, 1000);
    let room = house.ground().reader();
    while room.snapshot().unwrap().room("#hall").unwrap().number("messages") == 0 {
        alice.fence();
    }
    assert_eq!(room.snapshot().unwrap().room("#hall").unwrap().number("members"), 1001);
    drop(guests);
    alice.fence();
    assert_counts_return(&mut alice, &house);
}

#[test]
fn without_open_files_those_inside_go_on_and_others_come_when_there_are() {
    let ground = Ground::new(PROGRAM, "[server]\nmotd = 'first'\n");
    let mut house = ground.open_with(ground.command_with_files(40));
    let mut inside = Vec::new();
    loop {
        let mut guest = Guest::connect(house.address());
        // The refusal may come before this is sent.
        let _ = guest.try_send(b"PING early\r\n");
        let heard = guest.line().expect("an answer or a refusal");
        if heard == "ERROR :The server is full" {
            break;
        }
        inside.push(guest);
        assert!(inside.len() < 40, "there are only so many files");
    }
    let mut bob = inside.pop().unwrap().registered("bob");
    let mut alice = inside.pop().unwrap().registered("alice");
    for guest in [&mut alice, &mut bob] {
        guest.say("JOIN #den");
        guest.fence();
    }
    for number in 0..200 {
        assert_eq!(Guest::connect(house.address()).rest(), ["ERROR :The server is full"]);
        bob.say(&format!("PRIVMSG #den :{number}"));
        assert!(alice.hear(" PRIVMSG #den :").ends_with(&format!(":{number}")));
    }
    assert_not_spinning(&house, &mut alice);
    // The configuration is a file as well. Whether it can be read now or not: nobody is dropped, and later it can.
    ground.configure("[server]\nmotd = 'second'\n");
    house.running().signal(Signal::SIGHUP);
    alice.fence();
    bob.say("PRIVMSG #den :on");
    alice.hear(" PRIVMSG #den :on");
    drop(inside);
    let mut carol = loop {
        let mut guest = Guest::connect(house.address());
        let _ = guest.try_send(b"PING early\r\n");
        if guest.line().is_some_and(|line| line.contains(" PONG ")) {
            break guest.registered("carol");
        }
    };
    carol.say("JOIN #den");
    alice.hear(":carol!carol@127.0.0.1 JOIN #den");
    house.running().signal(Signal::SIGHUP);
    loop {
        carol.say("MOTD");
        if carol.fence().iter().any(|line| line.ends_with("- second")) {
            break;
        }
    }
}

/// The loop turns no more often than there is something to do.
fn assert_not_spinning(house: &House, guest: &mut Guest) {
    let reader = house.ground().reader();
    let turns = |guest: &mut Guest| {
        guest.fence();
        reader.snapshot().unwrap().number("turns")
    };
    let before = turns(guest);
    for _ in 0..500 {
        guest.fence();
    }
    let took = turns(guest) - before;
    assert!(took <= 2 * 502 + 100, "{took} turns for 502 lines");
}
