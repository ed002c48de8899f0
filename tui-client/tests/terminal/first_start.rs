//! The first start, at which a form asks where to; and what is there at the second.

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use crate::pty::Terminal;
use crate::server::{House, Server};

const SIZE: (u16, u16) = (100, 30);
const CLEAR: &str = "\u{15}";
const BACK: &str = "\u{1b}[Z";

/// Somebody who fills in the form until everything is good, with the cursor at the line for the nick.
fn filled_in(home: &Path, server: &Server) -> Terminal {
    // Nobody listens there any more.
    let nowhere = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut terminal = Terminal::start(SIZE, home, &[]);
    terminal.shows_text("Welcome to Parlor. Where to?");
    terminal.types(&format!("{CLEAR}{nowhere}\t"));
    terminal.shows_text("not reached: Connection refused");
    terminal.types(&format!("{BACK}{CLEAR}127.0.0.1:{}\t", server.port));
    terminal.shows(" reached", |screen| {
        let screen = screen.contents();
        screen.contains("reached") && !screen.contains("not reached")
    });
    terminal.shows_text("not offered: others on the way can listen in");
    terminal.types(&format!("\t{CLEAR}taken\t"));
    terminal.shows_text("taken; a similar one will be tried");
    terminal.types(&format!("{BACK}{CLEAR}newbie\t"));
    terminal.shows_text("free");
    terminal
}

#[test]
fn the_form_looks_before_one_sets_out_and_nothing_is_saved_unasked() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(House::default());
    let mut terminal = filled_in(home.path(), &server);
    let heard = server.heard();
    assert!(!heard.iter().any(|line| line.starts_with("USER")), "nobody has registered yet: {heard:?}");
    terminal.types("den\r");
    terminal.shows_text("hello newbie");
    server.hears("JOIN #den");
    terminal.types("/quit\r");
    terminal.ends_well();
    assert!(!home.path().join("parlor/config.toml").exists());
}

#[test]
fn what_the_form_was_asked_to_save_is_where_one_goes_the_next_time() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(House::default());
    let mut terminal = filled_in(home.path(), &server);
    terminal.types("den\t \r");
    terminal.shows_text("hello newbie");
    terminal.types("\u{1b}1");
    terminal.shows_text("Saved to ");
    terminal.types("\u{1b}2a draft");
    terminal.shows_text("] a draft");
    // A key is kept a moment later; leaving keeps everything at once.
    terminal.types("\u{11}y");
    terminal.ends_well();
    server.hears("QUIT :Parlor");
    let config = fs::read_to_string(home.path().join("parlor/config.toml")).unwrap();
    let expected = format!("[networks.\"127.0.0.1\"]\naddresses = [\"irc://127.0.0.1:{}\"]\n", server.port);
    assert!(config.starts_with(&expected), "{config}");

    let mut terminal = Terminal::start(SIZE, home.path(), &[]);
    server.hears("JOIN #den");
    terminal.types("\u{1b}2");
    // What was kept under the name that the form gave is there again.
    terminal.shows_text("] a draft");
    terminal.types("\u{15}/quit\r");
    terminal.ends_well();
}

#[test]
fn what_is_said_is_kept_and_logged_unless_one_wants_to_forget() {
    let home = tempfile::tempdir().unwrap();
    let logs = home.path().join("logs");
    let server = Server::start(House::default());
    let place = format!("127.0.0.1:{}", server.port);
    let says = |text: &str, more: &[&str]| {
        let args = [&[place.as_str(), "#den", "-n", "me"], more].concat();
        let mut terminal = Terminal::start(SIZE, home.path(), &args);
        terminal.shows_text("hello me");
        terminal.types(&format!("{text}\r"));
        server.hears(&format!("PRIVMSG #den :{text}"));
        let screen = terminal.contents();
        terminal.types("/quit\r");
        terminal.ends_well();
        server.hears("QUIT :Parlor");
        screen
    };
    says("forget this", &["--forget"]);
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0, "nothing is kept at all");

    says("keep this", &["--logs", logs.to_str().unwrap()]);
    let folder = format!("127.0.0.1-{}", server.port);
    let log = fs::read_to_string(logs.join(&folder).join("#den.log")).unwrap();
    assert!(log.contains("<alice> hello me") && log.contains("<me> keep this"), "{log}");
    let kept = home.path().join("parlor").join(&folder).join("#den.log");
    assert!(fs::read_to_string(&kept).unwrap().contains("keep this"));

    let screen = says("and this", &[]);
    assert!(screen.contains("keep this"), "{screen}");
    assert!(!fs::read_to_string(logs.join(&folder).join("#den.log")).unwrap().contains("and this"));
    let before = fs::read_to_string(&kept).unwrap();
    let screen = says("but not this", &["--forget"]);
    assert!(!screen.contains("keep this"), "{screen}");
    assert_eq!(fs::read_to_string(&kept).unwrap(), before);
}
