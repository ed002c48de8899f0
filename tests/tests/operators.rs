//! What operators do to the process: ending it, and starting it anew.

use parlor_tests::guest::Guest;
use parlor_tests::house::Ground;
use parlor_tests::setup;

const PROGRAM: &str = env!("CARGO_BIN_EXE_under_test");

/// A place whose servers know an operator: `OPER root secret`.
fn ground() -> Ground {
    let hash = setup::hash("secret");
    Ground::new(PROGRAM, &format!("[[operators]]\nname = 'root'\npassword_hash = '{hash}'\n"))
}

fn become_operator(guest: &mut Guest) {
    guest.say("OPER root secret");
    guest.hear(" 381 ");
}

#[test]
fn die_ends_the_program_well() {
    let ground = ground();
    let mut house = ground.open();
    let (mut alice, mut bob) = (house.guest("alice"), house.guest("bob"));
    become_operator(&mut alice);
    alice.say("DIE");
    for guest in [&mut alice, &mut bob] {
        assert!(guest.hear("ERROR ").ends_with("(The server is ended by alice)"));
        assert_eq!(guest.line(), None);
    }
    assert_eq!(house.running().wait().code(), Some(0));
}

#[test]
fn restart_is_the_same_process_with_the_same_history() {
    let ground = ground();
    let mut house = ground.open();
    let mut alice = house.guest_in("alice", "#den");
    alice.say("PRIVMSG #den :before");
    become_operator(&mut alice);
    alice.say("RESTART");
    assert!(alice.hear("ERROR ").ends_with("(The server is restarted by alice)"));
    let line = house.running().line().expect("the server is ready once more");
    let address = line.strip_prefix("tcp ").and_then(|address| address.parse().ok());
    let mut bob = Guest::enter(address.unwrap_or_else(|| panic!("an address, not {line:?}")), "bob");
    bob.say("JOIN #den");
    assert!(bob.hear("PRIVMSG #den").ends_with("before"), "the segment was adopted");
    assert_eq!(ground.reader().epoch(), 2);
    bob.say("QUIT");
    assert_eq!(house.stop(), Some(0), "it still ends when it is told to");
}
