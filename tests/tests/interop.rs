//! The clients that people use, in one room with somebody whose every line is seen.

use std::net::SocketAddr;

use parlor_tests::house::Ground;
use parlor_tests::needs;
use parlor_tests::screen::Screen;

const PROGRAM: &str = env!("CARGO_BIN_EXE_under_test");

/// A client talks with somebody behind a socket: in both directions, with everything that happens in a room.
fn converse(
    nick: &str,
    command: impl FnOnce(SocketAddr, &str) -> Vec<String>,
    enter: impl FnOnce(&mut Screen),
) {
    let ground = Ground::new(PROGRAM, "");
    let house = ground.open();
    let mut peer = house.guest_in("peer", "#den");
    peer.say("TOPIC #den :first topic");
    peer.fence();
    let directory = tempfile::tempdir().unwrap();
    let command = command(house.address(), directory.path().to_str().unwrap());
    let command: Vec<&str> = command.iter().map(String::as_str).collect();
    let mut client = Screen::open(directory.path(), &command);
    enter(&mut client);
    let joined = peer.hear(" JOIN ");
    assert!(joined.starts_with(&format!(":{nick}!")), "{joined}");

    peer.say("PRIVMSG #den :welcome here, größe ✓");
    let shown = client.wait_for("welcome here, größe ✓");
    assert!(shown.contains("first topic"), "{shown}");
    client.type_line("hello from me, größe ✓");
    let source = format!(":{nick}!");
    let heard = peer.hear(" PRIVMSG #den :");
    assert!(
        heard.starts_with(&source) && heard.ends_with(" PRIVMSG #den :hello from me, größe ✓"),
        "{heard}"
    );
    client.type_line("/me waves");
    assert!(peer.hear(" PRIVMSG #den :").ends_with(":\u{1}ACTION waves\u{1}"));
    peer.say("PRIVMSG #den :\u{1}ACTION bows deeply\u{1}");
    client.wait_for("peer bows deeply");

    // A new room's topic is for its operators.
    peer.say(&format!("MODE #den +o {nick}"));
    client.wait_for(&format!("+o {nick}"));
    client.type_line("/topic second topic");
    assert!(peer.hear(" TOPIC ").ends_with(" TOPIC #den :second topic"));
    peer.say("TOPIC #den :third topic");
    client.wait_for("third topic");

    client.type_line(&format!("/nick {nick}2"));
    let heard = peer.hear(" NICK ");
    assert!(
        heard.starts_with(&source) && heard.trim_end_matches(&format!("{nick}2")).ends_with([' ', ':']),
        "{heard}"
    );
    peer.say("NICK newpeer");
    client.wait_for("newpeer");
    client.type_line("/msg newpeer psst");
    let heard = peer.hear(" PRIVMSG newpeer :");
    assert!(heard.starts_with(&format!(":{nick}2!")) && heard.ends_with(":psst"), "{heard}");

    let passing = house.guest_in("passing", "#den");
    client.wait_for("passing");
    passing.say("QUIT :going elsewhere");
    client.wait_for("going elsewhere");
    client.type_line("/quit see you");
    let heard = peer.hear_past(&format!(":{nick}2!"));
    let quit = heard.last().unwrap();
    assert!(quit.contains(" QUIT :") && quit.ends_with("see you"), "{heard:#?}");
    client.wait_for_end();
    peer.say("NAMES #den");
    let names = peer.hear(" 353 ");
    assert!(names.ends_with(" #den :@newpeer"), "{names}");
}

#[test]
fn irssi_talks_with_us() {
    needs!("irssi", "tmux");
    let command = |address: SocketAddr, home: &str| {
        // It would wait 2.2 seconds between its lines.
        let config = "settings = { \"irc/core\" = { cmd_queue_speed = \"10msec\"; }; };\n";
        std::fs::write(format!("{home}/config"), config).unwrap();
        let port = address.port().to_string();
        let words = ["irssi", "--home", home, "--connect", "127.0.0.1", "--port", &port, "--nick", "irssi"];
        words.map(str::to_owned).to_vec()
    };
    let enter = |client: &mut Screen| {
        client.wait_for("no message of the day");
        client.type_line("/join #den");
    };
    converse("irssi", command, enter);
}

#[test]
fn weechat_talks_with_us() {
    needs!("weechat", "tmux");
    let command = |address: SocketAddr, home: &str| {
        // It would wait 2 seconds between its lines.
        let set = |which: &str| format!("--run-command=/set irc.server_default.anti_flood_prio_{which} 0");
        let place = format!("irc://weechat@{address}/#den");
        vec!["weechat".to_owned(), format!("--dir={home}"), set("high"), set("low"), place]
    };
    // It enters by itself.
    converse("weechat", command, |_| {});
}
