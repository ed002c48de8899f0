//! What is sent without end, each kind in its own way: the others talk on, memory stays where it is, and nothing is left.

use std::net::{Shutdown, TcpStream};
use std::thread;

use nix::sys::signal::Signal;
use parlor_tests::guest::Guest;
use parlor_tests::house::Ground;

const PROGRAM: &str = env!("CARGO_BIN_EXE_under_test");

/// The kinds of floods, and the bytes that come again and again.
fn kinds() -> Vec<(&'static str, Vec<u8>)> {
    let largest = format!("@+{} PRIVMSG #flood :{}\r\n", "t".repeat(4092), "x".repeat(490));
    let answered =
        "WHO *\r\nLIST\r\nHELP\r\nLUSERS\r\nVERSION\r\nNAMES #den\r\nWHOIS alice\r\nCAP LS 302\r\n";
    vec![
        ("bytes", b"x".to_vec()),
        ("endless", vec![b'x'; 65_536]),
        ("empty", vec![b'\n'; 65_536]),
        ("largest", largest.into_bytes()),
        ("answered", answered.repeat(100).into_bytes()),
        ("errors", b"NONSENSE\r\nJOIN\r\nMODE #nowhere\r\nNICK 1\r\n".repeat(100)),
        ("binary", (0..=255).cycle().take(65_536).collect()),
        ("labels", b"@label=x PING x\r\n@label=x NONSENSE\r\n".repeat(100)),
    ]
}

/// How many users there are.
fn users(alice: &mut Guest) -> usize {
    alice.say("LUSERS");
    let heard = alice.fence();
    let line = heard.iter().find(|line| line.contains(" 255 ")).expect("LUSERS answers with a 255");
    line.split(' ').nth(5).and_then(|count| count.parse().ok()).unwrap_or_else(|| panic!("{line}"))
}

/// Sends the same again and again, until the connection is closed.
fn flood(stream: TcpStream, bytes: Vec<u8>) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        use std::io::Write;
        while (&stream).write_all(&bytes).is_ok() {}
    })
}

#[test]
fn who_sends_without_end_and_never_reads_keeps_nobody_waiting() {
    // Nobody here is subject to flood control: they come from the machine itself.
    let house = Ground::new(PROGRAM, "").open();
    let mut alice = house.guest_in("alice", "#den");
    let bob = house.guest_in("bob", "#den");
    alice.fence();
    let mut floods = Vec::new();
    for (name, bytes) in kinds() {
        let mut guest = house.guest(name);
        guest.say("CAP REQ :labeled-response batch message-tags\r\nJOIN #flood");
        guest.fence();
        floods.push((flood(guest.sender(), bytes), guest.sender()));
    }
    for number in 0..300 {
        bob.say(&format!("PRIVMSG #den :{number}"));
        assert!(alice.hear(" PRIVMSG #den :").ends_with(&format!(":{number}")));
    }
    // Eight of them, each with what may wait for him and what is read at once.
    assert!(house.peak_kib() < 96 * 1024, "{} KiB", house.peak_kib());
    for (thread, stream) in floods {
        // It may have been closed by the server already, for what others sent to the same channel.
        let _ = stream.shutdown(Shutdown::Both);
        thread.join().unwrap();
    }
    while users(&mut alice) != 2 {}
}

#[test]
fn that_there_is_no_place_is_said_once() {
    let ground = Ground::new(PROGRAM, "");
    let mut house = ground.open_with(ground.command_with_files(40));
    let place = |house: &parlor_tests::house::House| {
        let mut guest = Guest::connect(house.address());
        // The refusal may come before this is sent.
        let _ = guest.try_send(b"PING early\r\n");
        let heard = guest.line().expect("an answer or a refusal");
        (heard != "ERROR :The server is full").then_some(guest)
    };
    let mut inside: Vec<Guest> = std::iter::from_fn(|| place(&house)).collect();
    assert!(house.running().has_said("no place for further connections"));
    // Who leaves makes place for another one, and then there is none again.
    for _ in 0..20 {
        drop(inside.pop());
        loop {
            if let Some(guest) = place(&house) {
                inside.push(guest);
                break;
            }
        }
        assert!(place(&house).is_none());
    }
    house.running().signal(Signal::SIGTERM);
    house.running().wait();
    let log = house.running().errors();
    assert_eq!(log.matches("no place for further connections").count(), 1, "{log}");
}
