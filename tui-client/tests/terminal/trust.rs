//! Whom the program trusts: certificates that a person agrees to, those of the system, and promises of TLS.

use std::fs;
use std::path::{Path, PathBuf};

use crate::pty::Terminal;
use crate::server::{House, Identity, Server};

const SIZE: (u16, u16) = (120, 30);

/// What is remembered of servers.
fn remembered(home: &Path) -> String {
    fs::read_to_string(home.join("parlor/trust.toml")).unwrap_or_default()
}

/// A file with the certificate of an authority.
fn roots(home: &Path, authority: &str) -> PathBuf {
    let path = home.join("roots.pem");
    fs::write(&path, authority).unwrap();
    path
}

fn quits(mut terminal: Terminal) {
    terminal.types("/quit\r");
    terminal.ends_well();
}

#[test]
fn a_certificate_is_agreed_to_once_and_another_one_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let (first, second) = (Identity::own(), Identity::own());
    let server = Server::start_with(House::default(), &first);
    let url = format!("ircs://me@localhost:{}/den", server.port);
    let start = || Terminal::start(SIZE, home.path(), &[&url]);

    let mut terminal = start();
    terminal.shows_text("Trust this certificate of localhost from now on? y/n");
    terminal.shows_text("Nothing was sent.");
    terminal.shows_in_rows(&first.fingerprint());
    assert!(server.heard().is_empty());
    terminal.types("y");
    terminal.shows_text("hello me");
    assert!(remembered(home.path()).contains(&first.fingerprint()));
    quits(terminal);
    server.hears("QUIT :Parlor");

    let mut terminal = start();
    terminal.shows_text("hello me");
    quits(terminal);
    server.hears("QUIT :Parlor");

    server.shows(&second);
    let mut terminal = start();
    terminal.shows_in_rows(&format!("THE CERTIFICATE OF localhost:{} HAS CHANGED.", server.port));
    terminal.shows_in_rows(&format!("It was {}", first.fingerprint()));
    terminal.shows_in_rows(&format!("It is {}", second.fingerprint()));
    terminal.shows_in_rows("If you know why, /trust localhost takes the new one.");
    assert!(!terminal.contents().contains("y/n"), "one does not get used to saying yes");
    terminal.types("hello?");
    terminal.shows_text("[me] hello?");
    assert!(server.heard().is_empty());
    terminal.types("\u{15}/trust\r");
    terminal.shows_text("hello me");
    quits(terminal);
    assert!(remembered(home.path()).contains(&second.fingerprint()));
    assert!(!remembered(home.path()).contains(&first.fingerprint()));
}

#[test]
fn whom_the_system_trusts_is_believed_unless_another_certificate_was_agreed_to() {
    let home = tempfile::tempdir().unwrap();
    let (identity, authority) = Identity::vouched();
    let roots = roots(home.path(), &authority);
    let server = Server::start_with(House::default(), &identity);
    let url = format!("ircs://me@localhost:{}/den", server.port);
    let start = || Terminal::start_trusting(SIZE, home.path(), &roots, &[&url]);

    let mut terminal = start();
    terminal.shows_text("hello me");
    quits(terminal);
    server.hears("QUIT :Parlor");
    assert_eq!(remembered(home.path()), "");

    let pinned = format!("[certificates]\n\"localhost:{}\" = \"AB:CD\"\n", server.port);
    fs::write(home.path().join("parlor/trust.toml"), pinned).unwrap();
    let mut terminal = start();
    terminal.shows_text("HAS CHANGED");
    terminal.shows_text("It was AB:CD");
    terminal.shows_in_rows("Those whom your system trusts vouch for it.");
    assert!(server.heard().is_empty());
    terminal.types("/trust localhost\r");
    terminal.shows_text("hello me");
    quits(terminal);
    server.hears("QUIT :Parlor");
    assert!(!remembered(home.path()).contains("AB:CD"));

    let mut terminal = start();
    terminal.shows_text("hello me");
    quits(terminal);
}

#[test]
fn a_server_that_promises_tls_hears_nothing_in_the_open_any_more() {
    let home = tempfile::tempdir().unwrap();
    let (identity, authority) = Identity::vouched();
    let roots = roots(home.path(), &authority);
    let promise = House { offers: "sts=duration=3600".to_owned(), ..House::default() };
    let secure = Server::start_with(promise, &identity);
    let offers = format!("sts=port={},duration=3600", secure.port);
    let open = Server::start(House { offers, ..House::default() });
    let url = format!("irc://me@localhost:{}/den", open.port);
    let start = || Terminal::start_trusting(SIZE, home.path(), &roots, &[&url]);

    let mut terminal = start();
    terminal.shows_text("hello me");
    quits(terminal);
    secure.hears("QUIT :Parlor");
    // With these the open connection begins; whatever follows is said under TLS.
    let heard = open.heard();
    assert!(
        heard.iter().all(|line| ["CAP LS", "NICK", "USER"].iter().any(|word| line.starts_with(word))),
        "{heard:?}"
    );
    assert!(remembered(home.path()).contains("[sts.localhost]"), "{}", remembered(home.path()));

    let mut terminal = start();
    terminal.shows_text("hello me");
    quits(terminal);
    secure.hears("QUIT :Parlor");
    assert!(open.heard().is_empty());

    // The server cannot be verified any more, and there is no way around that.
    secure.shows(&Identity::own());
    let mut terminal = start();
    terminal.shows_in_rows("has promised a certificate that can be verified");
    assert!(open.heard().is_empty() && secure.heard().is_empty());
    terminal.types("/trust\r");
    terminal.shows_text("No certificate of localhost was refused.");
    quits(terminal);
}
