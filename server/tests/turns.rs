//! The loop, through real sockets.

mod common;

use common::{Client, config};
use parlord::{Config, Server};

fn start(toml: &str) -> Server {
    Server::start(config(toml)).unwrap()
}

/// A server that also has a Unix socket, whose buffers are small. The directory lives as long as it.
fn start_with_unix(toml: &str) -> (Server, tempfile::TempDir, Config) {
    let directory = tempfile::tempdir().unwrap();
    let mut config = config(toml);
    config.listen.unix = Some(directory.path().join("socket"));
    (Server::start(config.clone()).unwrap(), directory, config)
}

#[test]
fn bytes_that_trickle_in_are_lines_all_the_same() {
    let server = start("");
    let mut alice = Client::connect(server.address());
    for byte in b"NICK alice\r\nUSER alice 0 * :Alice\r\nPING end\r\n" {
        alice.send(&[*byte]);
    }
    alice.hear(" 001 alice ");
    alice.hear("PONG");
}

#[test]
fn many_lines_at_once_are_answered_in_order() {
    let server = start("[connections]\nturn_lines_max = 7\nturn_bytes_max = 512\ngather_bytes_max = 512");
    let mut alice = Client::enter(server.address(), "alice");
    let lines: String = (0..2000).map(|number| format!("PING {number}\r\n")).collect();
    alice.send(lines.as_bytes());
    for number in 0..2000 {
        let line = alice.hear("PONG");
        assert!(line.ends_with(&number.to_string()), "{line} is not the answer to {number}");
    }
}

#[test]
fn a_flood_reaches_everybody_once_and_in_order() {
    let server = start("");
    let mut people: Vec<Client> =
        (0..20).map(|number| Client::enter(server.address(), &format!("person{number}"))).collect();
    for person in &mut people {
        person.say("JOIN #den");
        person.fence();
    }
    let said = |of: usize| (0..500).map(move |number| format!("PRIVMSG #den :{of}/{number}\r\n"));
    for (of, person) in people.iter_mut().enumerate().take(3) {
        person.send(said(of).collect::<String>().as_bytes());
    }
    // Their own fences: who has spoken knows then that everybody was told.
    people.iter_mut().take(3).for_each(|person| person.say("PRIVMSG #den :done"));
    for (at, person) in people.iter_mut().enumerate() {
        let speakers: Vec<usize> = (0..3).filter(|of| *of != at).collect();
        let mut next = [0; 3];
        let mut done = 0;
        while done < speakers.len() {
            let line = person.hear("PRIVMSG #den :");
            let text = line.rsplit(':').next().unwrap();
            let Some((of, number)) = text.split_once('/') else {
                done += 1;
                continue;
            };
            let (of, number): (usize, usize) = (of.parse().unwrap(), number.parse().unwrap());
            assert_eq!(number, next[of], "from {of} at {at}");
            next[of] += 1;
        }
        for of in speakers {
            assert_eq!(next[of], 500, "from {of} at {at}");
        }
    }
}

#[test]
fn an_overlong_line_is_refused_and_the_next_one_taken() {
    let server = start("");
    let mut alice = Client::enter(server.address(), "alice");
    alice.say(&"x".repeat(511));
    alice.hear(" 417 alice ");
    alice.send(&[b'y'; 100_000]);
    alice.say("");
    alice.hear(" 417 alice ");
    assert!(alice.fence().is_empty(), "told once");
}

#[test]
fn who_ends_his_half_still_hears_the_answers() {
    let server = start("");
    let mut alice = Client::connect(server.address());
    alice.say("NICK alice\r\nUSER alice 0 * :Alice\r\nPING last");
    alice.finish();
    let heard = alice.rest();
    assert!(heard.iter().any(|line| line.contains("PONG") && line.ends_with("last")), "{heard:#?}");
    assert!(heard.last().unwrap().starts_with("ERROR"), "{heard:#?}");
}

#[test]
fn who_quits_is_told_so_and_leaves_nothing_behind() {
    let server = start("");
    let mut bob = Client::enter(server.address(), "bob");
    bob.say("JOIN #den");
    let mut alice = Client::enter(server.address(), "alice");
    alice.say("JOIN #den\r\nQUIT :gone home");
    let heard = alice.rest();
    assert!(heard.last().unwrap().starts_with("ERROR"), "{heard:#?}");
    assert!(bob.hear("QUIT").contains("gone home"));
    Client::enter(server.address(), "alice");
}

#[test]
fn who_vanishes_is_told_to_the_others() {
    let server = start("");
    let mut bob = Client::enter(server.address(), "bob");
    bob.say("JOIN #den");
    bob.fence();
    let mut alice = Client::enter(server.address(), "alice");
    alice.say("JOIN #den");
    alice.fence();
    drop(alice);
    bob.hear("QUIT");
}

#[test]
fn who_never_reads_is_closed_while_the_others_go_on() {
    let (server, _directory, _) = start_with_unix("[connections]\nsendq_bytes_max = 16384");
    let mut alice = Client::enter(server.address(), "alice");
    alice.say("JOIN #den");
    let mut deaf: Vec<Client> = (0..10)
        .map(|number| Client::connect_unix(server.unix().unwrap()).registered(&format!("deaf{number}")))
        .collect();
    for person in &mut deaf {
        person.say("JOIN #den");
        person.fence();
    }
    let shout = format!("PRIVMSG #den :{}\r\n", "x".repeat(400)).repeat(50);
    let mut closed = 0;
    while closed < deaf.len() {
        alice.send(shout.as_bytes());
        let heard = alice.fence();
        closed +=
            heard.iter().filter(|line| line.contains("QUIT") && line.contains("SendQ exceeded")).count();
    }
    alice.say("NAMES #den");
    assert!(alice.hear(" 353 ").ends_with("#den :@alice"), "nobody else is left");
}

#[test]
fn who_does_not_read_his_own_answers_is_not_read() {
    let (server, _directory, _) =
        start_with_unix("[connections]\nsendq_bytes_max = 16384\n[limits]\nping_after_ms = 600000");
    let mut alice = Client::connect_unix(server.unix().unwrap()).registered("alice");
    // More than the buffers of both directions and the queue hold together, and nothing of it is lost.
    let lines: String = (0..30_000).map(|number| format!("PING {number:0>64}\r\n")).collect();
    let sender = alice.sender();
    let (full, is_full) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(move || sender.send_telling(lines.as_bytes(), || full.send(()).unwrap()));
        is_full.recv().unwrap();
        for number in 0..30_000 {
            let line = alice.hear("PONG");
            assert!(line.ends_with(&format!("{number:0>64}")), "{line} instead of {number}");
        }
    });
}

#[test]
fn what_was_held_back_is_answered_when_there_is_room_again() {
    let (server, _directory, _) = start_with_unix("[connections]\nsendq_bytes_max = 16384");
    let mut alice = Client::connect_unix(server.unix().unwrap()).registered("alice");
    // Around as many as fill the buffers, so that what is held back is now in the kernel, now only in the server.
    for count in (1000..3000).step_by(50) {
        let lines: String = (0..count).map(|number| format!("PING {number:0>64}\r\n")).collect();
        alice.send(lines.as_bytes());
        for number in 0..count {
            assert!(alice.hear("PONG").ends_with(&format!("{number:0>64}")), "{number} of {count}");
        }
    }
}

#[test]
fn flood_control_delays_but_loses_nothing() {
    let server = start("[connections]\ntrusted = []\nlines_per_second = 1000\nlines_burst = 2");
    let mut alice = Client::enter(server.address(), "alice");
    let lines: String = (0..50).map(|number| format!("PING {number}\r\n")).collect();
    alice.send(lines.as_bytes());
    for number in 0..50 {
        assert!(alice.hear("PONG").ends_with(&number.to_string()));
    }
}

#[test]
fn who_sends_more_than_may_wait_is_closed() {
    let server =
        start("[connections]\ntrusted = []\nlines_per_second = 1\nlines_burst = 5\nrecvq_bytes_max = 9216");
    let mut bob = Client::enter(server.address(), "bob");
    let mut alice = Client::enter(server.address(), "alice");
    // It may be closed while it still sends.
    let _ = alice.try_send(&b"PING flood\r\n".repeat(2000));
    let heard = alice.rest();
    assert!(heard.last().unwrap().contains("Excess Flood"), "{heard:#?}");
    drop(alice);
    bob.fence();
}

#[test]
fn one_address_has_only_so_many_connections() {
    let server = start("[connections]\ntrusted = []\nper_address_max = 1");
    let mut alice = Client::enter(server.address(), "alice");
    let mut bob = Client::connect(server.address());
    assert_eq!(bob.rest(), ["ERROR :Too many connections from your address"]);
    alice.say("QUIT");
    alice.rest();
    drop(alice);
    // The place is free as soon as the server has seen the end.
    loop {
        let mut carol = Client::connect(server.address());
        let _ = carol.try_send(b"NICK carol\r\nUSER carol 0 * :Carol\r\n");
        let line = carol.line().expect("refused or welcomed");
        if line.contains(" 001 carol ") {
            break;
        }
        assert!(line.contains("Too many connections") || line.contains("NOTICE"), "{line}");
    }
}

#[test]
fn a_full_server_says_so() {
    let server = start("[connections]\nmax = 2");
    let _alice = Client::enter(server.address(), "alice");
    let _bob = Client::enter(server.address(), "bob");
    assert_eq!(Client::connect(server.address()).rest(), ["ERROR :The server is full"]);
}

#[test]
fn the_end_is_told_to_everybody() {
    let (server, _directory, config) = start_with_unix("");
    let mut alice = Client::enter(server.address(), "alice");
    let mut bob = Client::connect_unix(server.unix().unwrap()).registered("bob");
    let mut unregistered = Client::connect(server.address());
    unregistered.say("CAP LS 302");
    unregistered.hear(" LS ");
    server.stop().unwrap();
    for person in [&mut alice, &mut bob, &mut unregistered] {
        let heard = person.rest();
        assert!(heard.last().is_some_and(|line| line.starts_with("ERROR")), "{heard:#?}");
    }
    assert!(!config.listen.unix.unwrap().exists(), "the socket's file is removed");
}

#[test]
fn another_configuration_drops_nobody() {
    let (server, _directory, mut config) = start_with_unix("");
    let path = config.listen.unix.take().unwrap();
    let mut bob = Client::connect_unix(&path).registered("bob");
    config.server.motd = "something new".to_owned();
    server.reload(config);
    loop {
        bob.say("MOTD");
        if bob.fence().iter().any(|line| line.contains("something new")) {
            break;
        }
    }
    assert!(!path.exists(), "nobody listens there any more");
    Client::enter(server.address(), "alice");
    bob.fence();
}

#[test]
fn a_configuration_that_cannot_be_opened_changes_nothing() {
    let server = start("[server]\nmotd = 'the old one'");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut alice = Client::enter(server.address(), "alice");
    let mut worse = config("[server]\nmotd = 'the new one'");
    worse.listen.tcp.push(taken.local_addr().unwrap());
    server.reload(worse);
    // A second one, which is good, is the fence behind the first.
    server.reload(config("[server]\nmotd = 'the third one'"));
    loop {
        alice.say("MOTD");
        let heard = alice.fence();
        assert!(!heard.iter().any(|line| line.contains("the new one")), "{heard:#?}");
        if heard.iter().any(|line| line.contains("the third one")) {
            break;
        }
    }
}

#[test]
fn a_password_is_checked_while_others_talk() {
    let hash = quick_hash("open sesame");
    let server = start(&format!("[server]\npassword_hash = '{hash}'"));
    let mut alice = Client::connect(server.address());
    alice.say("PASS :open sesame\r\nNICK alice\r\nUSER alice 0 * :Alice");
    alice.hear(" 001 alice ");
    let mut bob = Client::connect(server.address());
    bob.say("PASS :open barley\r\nNICK bob\r\nUSER bob 0 * :Bob");
    let heard = bob.rest();
    assert!(heard.iter().any(|line| line.contains(" 464 ")), "{heard:#?}");
    alice.fence();
}

#[test]
fn an_operator_has_the_configuration_read_again() {
    let hash = quick_hash("open sesame");
    let operators = format!("[[operators]]\nname = 'boss'\npassword_hash = '{hash}'\n");
    let server = start(&operators);
    let mut alice = Client::enter(server.address(), "alice");
    alice.say("OPER boss :open barley");
    alice.hear(" 464 ");
    alice.say("OPER boss :open sesame");
    alice.hear(" 381 ");
    let worse = {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let mut config = config(&operators);
        config.listen.tcp.push(taken.local_addr().unwrap());
        server.prepare(config);
        alice.say("REHASH");
        alice.hear("cannot listen on")
    };
    assert!(worse.contains("NOTICE"), "{worse}");
    server.prepare(config(&format!("{operators}[server]\nmotd = 'something new'\n")));
    alice.say("REHASH\r\nMOTD");
    alice.hear("something new");
}

#[test]
fn who_quits_but_does_not_close_is_cut() {
    let server = start("[connections]\nmax = 1\nlinger_ms_max = 20");
    let mut alice = Client::enter(server.address(), "alice");
    alice.say("QUIT");
    alice.rest();
    // What still comes is thrown away, until the connection is cut and nothing more is taken.
    while alice.try_send(b"still here\r\n").is_ok() {
        std::thread::yield_now();
    }
    Client::enter(server.address(), "bob");
}

/// A hash that costs next to nothing.
fn quick_hash(secret: &str) -> String {
    use argon2::password_hash::{PasswordHasher, SaltString};
    use argon2::{Algorithm, Argon2, Params, Version};
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8, 1, 1, None).unwrap());
    let salt = SaltString::from_b64("c29tZXNhbHQ").unwrap();
    argon2.hash_password(secret.as_bytes(), &salt).unwrap().to_string()
}
