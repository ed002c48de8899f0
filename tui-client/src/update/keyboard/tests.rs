use crate::model::{Event, Wish};
use crate::testing::Person;

fn shown(person: &Person) -> &str {
    &person.model.buffer().name
}

#[test]
fn keys_go_from_buffer_to_buffer() {
    let mut person = Person::in_den();
    person.enters("/query bob");
    #[rustfmt::skip]
    let table = [
        ("Alt+1", "Local"), ("Ctrl+n", "#den"), ("Alt+Right", "bob"), ("Ctrl+n", "Local"),
        ("Ctrl+p", "bob"), ("Alt+Left", "#den"), ("Alt+/", "bob"), ("Alt+/", "#den"), ("Alt+9", "#den"),
    ];
    for (key, expected) in table {
        person.presses(key);
        assert_eq!(shown(&person), expected, "{key}");
    }
}

#[test]
fn keys_scroll_and_lead_to_the_first_unread_line() {
    let mut person = Person::in_den();
    for number in 0..100 {
        person.hears(&format!(":bob!b@h PRIVMSG #den :line <{number}>"));
    }
    let sees = |person: &mut Person, number: usize| person.screen(60, 20).contains(&format!("<{number}>"));
    person.presses("Alt+PgUp");
    assert!(!sees(&mut person, 99) && sees(&mut person, 96));
    person.presses("Alt+PgDn");
    assert!(sees(&mut person, 99));
    person.presses("PgUp PgUp");
    assert!(!sees(&mut person, 80));
    person.presses("PgDn PgDn");
    assert!(sees(&mut person, 99) && person.model.buffer().anchor.is_none());
    person.presses("Alt+Home");
    assert!(sees(&mut person, 0));
    person.presses("Alt+End");
    assert!(sees(&mut person, 99));

    person.presses("Alt+1");
    for number in 100..200 {
        person.hears(&format!(":bob!b@h PRIVMSG #den :line <{number}>"));
    }
    person.presses("Alt+2");
    assert!(!sees(&mut person, 100));
    person.presses("Alt+u");
    assert!(sees(&mut person, 100) && person.screen(60, 20).contains("100 unread"));
}

#[test]
fn keys_edit_what_is_typed_as_in_readline() {
    // What is typed, the keys, and what stands there then, with a bar where the cursor is.
    #[rustfmt::skip]
    let table = [
        ("one two",  "Ctrl+a Right",               "o|ne two"),
        ("one two",  "Home Ctrl+f Ctrl+f",         "on|e two"),
        ("one two",  "Ctrl+a Alt+f",               "one| two"),
        ("one two",  "Home Ctrl+Right",            "one| two"),
        ("one two",  "Alt+b Left",                 "one| two"),
        ("one two",  "Ctrl+Left Ctrl+b",           "one| two"),
        ("one two",  "Ctrl+a Delete",              "|ne two"),
        ("one two",  "Ctrl+a Ctrl+d",              "|ne two"),
        ("one two",  "Backspace Ctrl+h",           "one t|"),
        ("one-two",  "Alt+Backspace",              "one-|"),
        ("one-two",  "Ctrl+Backspace",             "one-|"),
        ("one-two",  "Ctrl+w",                     "|"),
        ("one two",  "Ctrl+a Alt+d",               "| two"),
        ("one two",  "Alt+b Ctrl+u",               "|two"),
        ("one two",  "Ctrl+a Ctrl+k Ctrl+e",       "|"),
        ("one two",  "Ctrl+t",                     "one tow|"),
        ("one two",  "Ctrl+w Ctrl+y Ctrl+y",       "one twotwo|"),
        ("one two",  "Ctrl+u Ctrl+_",              "one two|"),
        ("one two",  "Ctrl+c",                     "|"),
    ];
    for (typed, keys, expected) in table {
        let mut person = Person::in_den();
        person.types(typed);
        person.presses(keys);
        let input = &person.model.buffer().input;
        let (before, behind) = input.text().split_at(input.cursor());
        assert_eq!(format!("{before}|{behind}"), expected, "{typed}: {keys}");
    }
}

#[test]
fn panels_come_and_go_with_their_keys() {
    let mut person = Person::in_den();
    let panels = |person: &mut Person| {
        let screen = person.screen(100, 24);
        (screen.contains(" 1 Local"), screen.contains("@alice"))
    };
    for (key, expected) in
        [("F7", (false, true)), ("F8", (false, false)), ("F7", (true, false)), ("F8", (true, true))]
    {
        person.presses(key);
        assert_eq!(panels(&mut person), expected, "{key}");
    }
}

#[test]
fn the_screen_is_drawn_anew_or_left_for_the_background() {
    let mut person = Person::in_den();
    for (key, wish) in [("Ctrl+l", Wish::Redraw), ("Ctrl+z", Wish::Suspend)] {
        person.wishes.clear();
        person.presses(key);
        assert_eq!(person.wishes, [wish], "{key}");
    }
}

#[test]
fn a_buffer_is_emptied_or_calls_nobody() {
    let mut person = Person::in_den();
    person.hears(":bob!b@h PRIVMSG #den :one");
    person.enters("/clear");
    assert!(person.reads().is_empty() && shown(&person) == "#den");

    person.event(Event::Focus(false));
    let mut calls = |typed: &str| {
        person.enters(typed);
        person.wishes.clear();
        person.hears(":bob!b@h PRIVMSG #den :me: hello");
        person.wishes.iter().any(|wish| matches!(wish, Wish::Notify { .. }))
    };
    assert!(!calls("/mute") && calls("/mute"));
}

#[test]
fn the_server_is_asked_how_it_is() {
    let mut person = Person::in_den();
    person.enters("/stats");
    person.enters("/stats u");
    assert_eq!(person.sent(), ["@label=1 STATS", "@label=2 STATS u"]);
}
