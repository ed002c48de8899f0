use crate::form::{Report, Tls};
use crate::model::{Event, Link, Question, Wish};
use crate::testing::Person;

/// Somebody who has just started the client for the first time.
fn newcomer() -> Person {
    let mut person = Person::started();
    person.model.link = Link::Off;
    person.wishes.clear();
    person.model.ask_where_to();
    let wishes = std::mem::take(&mut person.model.wishes);
    person.wishes = wishes;
    person
}

fn good() -> Report {
    Report { reached: Some(Ok(())), tls: Tls::Elsewhere(6697), nick_free: Some(true) }
}

/// What is to be checked since the last look: number, place, nick.
fn checks(person: &mut Person) -> Vec<(u32, String, String)> {
    let wishes = std::mem::take(&mut person.wishes);
    let checks = wishes.into_iter().filter_map(|wish| match wish {
        Wish::Check(number, way, nick) => {
            let tls = if way.address.tls { " tls" } else { "" };
            Some((number, format!("{}{tls}", way.address), nick))
        }
        _ => None,
    });
    checks.collect()
}

#[test]
fn the_form_is_filled_in_and_checked_before_anything_is_typed() {
    let mut person = newcomer();
    assert_eq!(checks(&mut person), [(1, "chat.example:6667".to_owned(), "me".to_owned())]);
    person.event(Event::Checked(1, good()));
    let row = |name: &str, typed: &str, found: &str| format!("{name:<11}{typed:<25}{found}");
    let expected = [
        " Welcome to Parlor. Where to?".to_owned(),
        String::new(),
        row(" > Server", "chat.example:6667", "reached"),
        row("   TLS", "no", "not here, but offered on port 6697"),
        row("   Nick", "me", "free"),
        row("   Rooms", "", "separated by blanks"),
        row("   Save", "no", "in the configuration, for the next time"),
        String::new(),
        String::new(),
        String::new(),
        " Enter connects, Tab goes on, Space says yes or no, Esc leaves this.".to_owned(),
        String::new(),
    ];
    assert_eq!(person.screen(80, 12), expected.join("\n"));
}

#[test]
fn enter_connects_where_the_form_says() {
    let mut person = newcomer();
    person.presses("Ctrl+u");
    person.types("localhost");
    person.presses("Tab");
    person.types(" ");
    person.presses("Tab");
    person.presses("Ctrl+u");
    person.types("newbie");
    person.presses("Tab");
    person.types("den #lobby");
    let latest = checks(&mut person).pop();
    assert_eq!(latest, Some((4, "localhost:6697 tls".to_owned(), "newbie".to_owned())), "as one goes on");
    person.presses("Enter");
    assert!(checks(&mut person).is_empty(), "rooms are not looked at");
    assert!(person.model.form.is_some(), "what was not found out yet is waited for");
    person.event(Event::Checked(3, good()));
    assert!(person.model.form.is_some(), "that was about another nick");
    person.event(Event::Checked(4, good()));
    assert!(
        matches!(&person.wishes[..], [Wish::Connect(_, way)] if way.address.tls && way.address.port == 6697)
    );
    assert_eq!((person.model.form.is_some(), person.model.name.as_str()), (false, "localhost"));
    assert_eq!(
        (person.model.wanted.nick.as_str(), &person.model.wanted.rooms[..]),
        ("newbie", &["#den".to_owned(), "#lobby".to_owned()][..])
    );
}

#[test]
fn it_is_saved_only_if_that_is_asked_for() {
    for (keys, saves) in [("Tab", 0), ("Shift+Tab", 1)] {
        let mut person = newcomer();
        person.event(Event::Checked(1, good()));
        person.presses(keys);
        person.types("y");
        let number = checks(&mut person).last().map_or(1, |check| check.0);
        person.event(Event::Checked(number, good()));
        person.presses("Enter");
        let saved = person.wishes.iter().filter(|wish| matches!(wish, Wish::SaveConfig { .. })).count();
        assert_eq!(saved, saves, "{keys}");
        assert_eq!(person.model.link, Link::Connecting);
    }
}

#[test]
fn what_is_wrong_is_said_and_nothing_is_connected_to() {
    let mut person = newcomer();
    person.presses("Ctrl+u Enter");
    assert!(person.screen(80, 24).contains("no host is named"));
    person.types("chat.example:x");
    person.presses("Enter");
    assert!(person.screen(80, 24).contains("chat.example:x: the port is no number"));
    person.presses("Ctrl+u");
    person.types("chat.example");
    person.presses("Tab Tab Ctrl+u Tab");
    assert!(person.screen(80, 24).contains("A nick is one word."));
    assert!(person.wishes.iter().all(|wish| matches!(wish, Wish::Check(..))));
}

#[test]
fn a_server_that_is_not_reached_is_only_tried_on_a_second_enter() {
    let mut person = newcomer();
    person.presses("Enter");
    assert!(person.screen(80, 24).contains("Waiting for the server"));
    person.event(Event::Checked(1, Report { reached: Some(Err("refused".to_owned())), ..Report::default() }));
    assert!(person.screen(80, 24).contains("not reached: refused"));
    assert_eq!(person.model.link, Link::Off);
    person.presses("Enter");
    assert_eq!(person.model.link, Link::Connecting);
}

#[test]
fn one_can_leave_the_form_and_the_client() {
    let mut person = newcomer();
    person.presses("Ctrl+c");
    assert_eq!(person.model.question, Some(Question::Quit));
    assert!(person.screen(80, 24).contains("Quit? y/n"));
    person.types("n");
    person.presses("Esc");
    assert!(person.model.form.is_none());
    person.enters("/connect chat.example");
    assert_eq!(person.model.link, Link::Connecting);
}

#[test]
fn every_size_of_the_form_is_drawn() {
    let mut person = newcomer();
    person.event(Event::Checked(1, good()));
    person.event(Event::Paste("日本語👩‍👩‍👧.example\nsecond line".to_owned()));
    for columns in (1..=40).chain([80, 130]) {
        for rows in 1..=14 {
            let (_, (x, y)) = person.cells(columns, rows);
            assert!(x < columns && y < rows, "{columns}×{rows}: the cursor is at {x},{y}");
            person.presses("Tab");
        }
    }
}
