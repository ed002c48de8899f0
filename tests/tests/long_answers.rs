//! Answers that are longer than what a connection may have waiting: they come in parts, and harm nobody.

use parlor_tests::guest::Guest;
use parlor_tests::house::{Ground, House};

const PROGRAM: &str = env!("CARGO_BIN_EXE_under_test");

/// Channels in the house.
const CHANNELS: usize = 1500;

/// A house with many channels, whose topics make the list of them longer than what may wait for anybody. Whoever made
/// them stays.
fn crowded() -> (House, Guest) {
    let config = "[connections]\nsendq_bytes_max = 65536\n[limits]\nchannels_per_user_max = 10000\n";
    let house = Ground::new(PROGRAM, config).open();
    let mut maker = house.guest("maker");
    let topic = "t".repeat(300);
    for number in 0..CHANNELS {
        maker.say(&format!("JOIN #c{number:04}\r\nTOPIC #c{number:04} :{topic}"));
        if number % 50 == 0 {
            maker.fence();
        }
    }
    maker.fence();
    (house, maker)
}

/// The channels that a LIST has told.
fn channels(heard: &[String]) -> Vec<&str> {
    heard.iter().filter(|line| line.contains(" 322 ")).filter_map(|line| line.split(' ').nth(3)).collect()
}

#[test]
fn who_does_not_read_a_long_answer_costs_little_and_keeps_nobody_waiting() {
    let (house, _maker) = crowded();
    let mut alice = house.guest_in("alice", "#den");
    let bob = house.guest_in("bob", "#den");
    alice.fence();
    let before_kib = house.peak_kib();
    let mut sleepers: Vec<Guest> = (0..20)
        .map(|number| Guest::connect_unix(&house.ground().socket()).registered(&format!("sleeper{number}")))
        .collect();
    for sleeper in &mut sleepers {
        sleeper.say("LIST");
        sleeper.hear(" 321 ");
    }
    for number in 0..200 {
        bob.say(&format!("PRIVMSG #den :{number}"));
        assert!(alice.hear(" PRIVMSG #den :").ends_with(&format!(":{number}")));
    }
    // All of it for all of them would be ten mebibytes.
    let grown_kib = house.peak_kib() - before_kib;
    assert!(grown_kib < 3 * 1024, "{grown_kib} KiB for {} sleepers", sleepers.len());
    // Whoever wakes up reads everything; whoever leaves in the midst of it is gone.
    let heard = sleepers[0].hear_past(" 323 ");
    assert_eq!(channels(&heard).len(), CHANNELS + 1);
    sleepers.drain(1..);
    while users(&mut alice) != 4 {}
}

/// How many users there are.
fn users(alice: &mut Guest) -> usize {
    alice.say("LUSERS");
    let heard = alice.fence();
    let line = heard.iter().find(|line| line.contains(" 255 ")).expect("LUSERS answers with a 255");
    line.split(' ').nth(5).and_then(|count| count.parse().ok()).unwrap_or_else(|| panic!("{line}"))
}

#[test]
fn what_is_said_behind_a_long_question_is_answered_behind_its_answer() {
    let (house, maker) = crowded();
    let mut alice = house.guest("alice");
    // Meanwhile channels go and come, before and behind the one that was told last.
    maker.say("PART #c0000\r\nJOIN #c0000\r\nPART #c1499\r\nJOIN #d");
    alice.say("LIST\r\nNAMES #c0001\r\nLIST >0\r\nPING behind");
    let heard = alice.hear_past(" PONG ");
    let ends: Vec<usize> =
        heard.iter().enumerate().filter(|(_, line)| line.contains(" 323 ")).map(|(at, _)| at).collect();
    let names = heard.iter().position(|line| line.contains(" 366 alice #c0001 ")).expect("NAMES is answered");
    assert!(
        ends.len() == 2 && ends[0] < names && names < ends[1] && ends[1] == heard.len() - 2,
        "{ends:?} {names}"
    );
    for half in [&heard[..names], &heard[names..]] {
        let told = channels(half);
        assert!(told.is_sorted(), "each once, and in order");
        let stayed = told.iter().filter(|name| !["#c0000", "#c1499", "#d"].contains(name)).count();
        assert_eq!(stayed, CHANNELS - 2, "all that stayed");
    }
}
