//! What operators do to the process: ending it, and starting it anew.

use parlor_tests::guest::Guest;
use parlor_tests::house::Ground;
use parlor_tests::running::Running;
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
fn bans_hold_again_after_a_restart() {
    let ground = ground();
    let file = ground.path("bans");
    let toml = std::fs::read_to_string(ground.config()).unwrap();
    ground.configure(&format!("[server]\nbans_file = {file:?}\n{toml}"));
    let house = ground.open();
    let mut alice = house.guest("alice");
    become_operator(&mut alice);
    alice.say("KLINE mallory@127.* :out");
    alice.say("RESV 1s #soon");
    alice.say("RESV #staff");
    alice.say("UNRESV #staff");
    alice.fence();
    assert_eq!(house.stop(), Some(0));
    let text = std::fs::read_to_string(&file).unwrap();
    let kinds: Vec<&str> = text.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(kinds, ["#", "KLINE", "RESV"], "{text}");
    let house = ground.open();
    let mut mallory = Guest::connect(house.address());
    mallory.say("NICK m\r\nUSER mallory 0 * :M");
    assert!(mallory.hear(" 465 ").ends_with("(out)"));
    assert_eq!(mallory.rest().len(), 1, "an ERROR, and the end");
    house.stop();
    std::fs::write(&file, "KLINE everybody").unwrap();
    let mut command = ground.command("parlord");
    command.args(ground.usual());
    let (code, _, errors) = Running::start(command).finish();
    assert!(code == Some(2) && errors.contains("bans:1: the first line has to be"), "{errors}");
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
