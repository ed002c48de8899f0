use crate::model::{Event, Link, News, Wish};
use crate::network::{NetworkId, Prepared};
use crate::testing::{HOME, Person};

fn news(person: &mut Person, news: News) {
    person.event(Event::Net(HOME, news));
}

fn unknown(person: &mut Person, fingerprint: &str) {
    refused(person, fingerprint, false);
}

fn refused(person: &mut Person, fingerprint: &str, vouched: bool) {
    let address = person.model.way().address;
    let (fingerprint, why) = (fingerprint.to_owned(), "unknown issuer".to_owned());
    news(person, News::Unknown { address, fingerprint, why, vouched });
}

/// The ways that were wished since the last look, as `host:port`, `tls` and the pin.
fn ways(person: &mut Person) -> Vec<String> {
    let wishes = std::mem::take(&mut person.wishes);
    let ways = wishes.into_iter().filter_map(|wish| match wish {
        Wish::Connect(HOME, way) => Some(format!(
            "{}{}{}{}",
            way.address,
            if way.address.tls { " tls" } else { "" },
            if way.trusted.strict { " strict" } else { "" },
            way.trusted.pin.map(|pin| format!(" {pin}")).unwrap_or_default()
        )),
        _ => None,
    });
    ways.collect()
}

fn remembered(person: &Person) -> usize {
    person.wishes.iter().filter(|wish| matches!(wish, Wish::Remember(_))).count()
}

#[test]
fn a_certificate_nobody_vouches_for_is_shown_asked_about_once_and_remembered() {
    let mut person = Person::started();
    unknown(&mut person, "AB:CD");
    assert_eq!(person.model.link, Link::Off, "nothing goes on by itself");
    assert!(person.reads().contains(&"Its SHA-256 fingerprint is AB:CD".to_owned()));
    assert!(person.screen(80, 24).contains("Trust this certificate of chat.example from now on? y/n"));
    person.types("n");
    person.waits(600_000);
    assert_eq!(person.model.link, Link::Off);
    ways(&mut person);
    person.enters("/trust");
    assert_eq!(remembered(&person), 1);
    assert_eq!(ways(&mut person), ["chat.example:6667 AB:CD"]);
    person.enters("/trust");
    assert_eq!(person.reads_last(), "No certificate of chat.example was refused.");
}

#[test]
fn yes_connects_at_once() {
    let mut person = Person::started();
    unknown(&mut person, "AB:CD");
    ways(&mut person);
    person.types("y");
    assert_eq!(ways(&mut person), ["chat.example:6667 AB:CD"]);
}

#[test]
fn a_changed_certificate_is_refused_loudly_and_not_asked_about() {
    let mut person = Person::started();
    unknown(&mut person, "AB:CD");
    person.types("y");
    unknown(&mut person, "EF:01");
    assert_eq!(person.model.question, None);
    let reads = person.reads().join("\n");
    assert!(reads.contains("THE CERTIFICATE OF chat.example:6667 HAS CHANGED"), "{reads}");
    assert!(reads.contains("It was AB:CD\nIt is EF:01"), "{reads}");
    ways(&mut person);
    person.types("y");
    person.waits(600_000);
    assert!(ways(&mut person).is_empty());
    person.presses("Ctrl+u");
    person.enters("/trust chat.example");
    assert_eq!(ways(&mut person), ["chat.example:6667 EF:01"]);
}

#[test]
fn who_begins_to_be_vouched_for_is_believed_only_when_that_was_agreed_to() {
    let mut person = Person::started();
    unknown(&mut person, "AB:CD");
    person.types("y");
    ways(&mut person);
    refused(&mut person, "EF:01", true);
    assert_eq!((person.model.question.clone(), person.model.link), (None, Link::Off));
    let last = person.reads_last();
    assert!(last.starts_with("Those whom your system trusts vouch for it."), "{last}");
    person.enters("/trust");
    assert_eq!(remembered(&person), 1);
    assert_eq!(ways(&mut person), ["chat.example:6667"], "no certificate is asked for any more");
}

fn arrives(person: &mut Person, tls: bool, lines: &str) {
    news(person, News::Prepared(Box::new(Prepared { tls, ..Prepared::default() })));
    news(person, News::Connected);
    person.hears(lines);
}

#[test]
fn a_server_that_promises_tls_is_reached_by_it_from_then_on() {
    let mut person = Person::started();
    person.wishes.clear();
    arrives(&mut person, false, "CAP * LS :sts=port=7000,duration=60");
    assert!(person.wishes.contains(&Wish::Disconnect(HOME)));
    assert_eq!(remembered(&person), 0, "what is said in the open is not believed for longer");
    assert_eq!(ways(&mut person), ["chat.example:7000 tls"]);

    arrives(&mut person, true, "CAP * LS :sts=port=7000,duration=60\n:s 001 me :hi");
    assert_eq!(remembered(&person), 1);
    person.waits(50_000);
    news(&mut person, News::Lost("gone".to_owned()));
    ways(&mut person);
    person.waits(1000);
    assert_eq!(ways(&mut person), ["chat.example:7000 tls strict"]);
    person.model.upgrade = None;
    person.enters("/reconnect");
    assert_eq!(
        ways(&mut person),
        ["chat.example:7000 tls strict"],
        "it counts from the end of the connection"
    );

    unknown(&mut person, "AB:CD");
    assert_eq!(person.model.question, None, "there is no way around it");
    assert!(matches!(person.model.link, Link::Waiting { .. }));
    assert!(person.reads_last().contains("has promised a certificate that can be verified"));
    person.enters("/trust");
    assert!(person.reads_last().contains("was refused"));

    person.waits(1000);
    arrives(&mut person, true, "CAP * LS :sts=duration=0\n:s 001 me :hi");
    ways(&mut person);
    person.enters("/reconnect");
    assert_eq!(ways(&mut person), ["chat.example:6667"], "it has taken its promise back");
}

#[test]
fn an_address_that_is_no_name_promises_nothing() {
    let mut person = Person::started();
    person.model.address.host = "127.0.0.1".to_owned();
    person.wishes.clear();
    arrives(&mut person, false, "CAP * LS :sts=port=7000,duration=60");
    assert!(ways(&mut person).is_empty());
}

/// Somebody with an account, at a server that has refused his password or not.
fn logs_in(person: &mut Person, answer: &str) {
    let password = Some(crate::secret::Secret::new("wrong"));
    news(
        person,
        News::Prepared(Box::new(Prepared { tls: true, login_password: password, ..Prepared::default() })),
    );
    news(person, News::Connected);
    person.hears("CAP * LS :sasl=PLAIN\nCAP * ACK :sasl\nAUTHENTICATE +");
    person.hears(answer);
}

#[test]
fn who_is_not_logged_in_does_not_go_in_as_nobody() {
    let mut person = Person::started();
    person.model.access.account = Some("al".to_owned());
    logs_in(&mut person, ":srv 904 me :no\n:srv 001 me :hi");
    assert_eq!(person.model.link, Link::Off);
    let sent = person.sent();
    assert_eq!(sent.last().map(String::as_str), Some("QUIT"));
    assert!(!sent.iter().any(|line| line.starts_with("CAP END") || line.starts_with("JOIN")), "{sent:?}");
    let reads = person.reads();
    assert!(reads.contains(&"You are not logged in to your account: the server has refused it.".to_owned()));
    assert!(person.reads_last().ends_with("; /connect chat.example tries again."), "{reads:?}");
    person.waits(600_000);
    assert!(ways(&mut person).is_empty(), "a wrong password is not said again and again");

    person.enters("/connect chat.example");
    logs_in(&mut person, ":srv 903 me :yes\n:srv 001 me :hi");
    assert!(person.sent().contains(&"JOIN #den".to_owned()));
    news(&mut person, News::Lost("gone".to_owned()));
    person.waits(1000);
    logs_in(&mut person, ":srv 904 me :no");
    assert!(matches!(person.model.link, Link::Waiting { .. }), "it has worked before");
}

#[test]
fn who_agrees_to_be_a_guest_goes_in_all_the_same() {
    let mut person = Person::started();
    (person.model.access.account, person.model.access.guest) = (Some("al".to_owned()), true);
    logs_in(&mut person, ":srv 904 me :no\n:srv 001 me :hi");
    assert_eq!(person.model.link, Link::Up);
    assert!(person.sent().contains(&"JOIN #den".to_owned()));
    assert!(person.reads().iter().any(|line| line.starts_with("You are not logged in")));
}

#[test]
fn what_is_configured_is_done_after_the_welcome() {
    let mut person = Person::started();
    person.model.access.commands = vec!["/mode me +i".to_owned(), "PRIVMSG N :x\r\nQUIT".to_owned()];
    person.welcome();
    let sent = person.sent();
    assert!(
        sent.contains(&"@label=1 MODE me +i".to_owned()) && sent.contains(&"PRIVMSG N :x  QUIT".to_owned()),
        "{sent:?}"
    );
}

#[test]
fn what_belongs_to_no_network_is_no_news() {
    let mut person = Person::started();
    let before = person.reads();
    person.event(Event::Net(NetworkId(7), News::Lost("gone".to_owned())));
    assert_eq!(person.reads(), before);
}
