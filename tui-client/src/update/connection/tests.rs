//! Connections that break, and what becomes of what was typed meanwhile.

use crate::model::{Event, Link, News, Wish};
use crate::testing::{HOME, Person};

fn lost(person: &mut Person) {
    person.event(Event::Net(HOME, News::Lost("Connection lost: gone".to_owned())));
}

#[test]
fn what_was_on_its_way_when_the_connection_broke_is_in_doubt() {
    let mut person = Person::in_den();
    person.enters("hi");
    person.sent();
    lost(&mut person);
    assert!(person.reads().contains(&"me: hi (not confirmed: connection lost)".to_owned()));
    person.waits(1000);
    person.welcome();
    person.enter_den();
    assert!(!person.sent().iter().any(|line| line.contains("PRIVMSG")), "it may have arrived");
}

#[test]
fn what_is_typed_offline_is_kept_marked_and_sent_on_return() {
    let mut person = Person::in_den();
    lost(&mut person);
    person.enters("one");
    person.enters("/me two");
    let reads = person.reads();
    assert_eq!(reads[reads.len() - 2..], ["me: one (not sent: offline)", "me: two (not sent: offline)"]);
    assert!(!person.sent().iter().any(|line| line.contains("PRIVMSG")));
    person.waits(1000);
    person.welcome();
    assert!(!person.sent().iter().any(|line| line.contains("PRIVMSG")), "we are not in the room yet");
    person.enter_den();
    let sent = person.sent();
    let said: Vec<&String> = sent.iter().filter(|line| line.contains("PRIVMSG")).collect();
    assert_eq!(said, ["@label=1 PRIVMSG #den :one", "@label=2 PRIVMSG #den :\u{1}ACTION two\u{1}"]);
    assert!(person.reads().contains(&"me: one".to_owned()), "the mark is gone");
}

#[test]
fn much_or_old_that_was_typed_offline_is_asked_about() {
    for (lines, minutes, answer, sent) in [(6, 0, "y", 6), (6, 0, "n", 0), (1, 11, "y", 1), (5, 9, "", 5)] {
        let mut person = Person::in_den();
        lost(&mut person);
        for number in 0..lines {
            person.enters(&format!("line {number}"));
        }
        person.waits(minutes * 60_000 + 1000);
        person.welcome();
        person.enter_den();
        let asked = person.model.question.is_some();
        assert_eq!(asked, !answer.is_empty(), "{lines} lines, {minutes} minutes");
        if asked {
            assert!(
                person.screen(80, 24).contains(&format!("Send {lines} lines typed offline to #den? y/n"))
            );
            person.types(answer);
        }
        let said = person.sent().iter().filter(|line| line.contains("PRIVMSG")).count();
        assert_eq!(said, sent, "{lines} lines, {minutes} minutes, answer {answer:?}");
        assert!(person.model.kept.is_empty());
        // Who said no can still say yes, later.
        person.presses("F5");
        let said = person.sent().iter().filter(|line| line.contains("PRIVMSG")).count();
        assert_eq!(
            said,
            if answer == "n" { lines } else { 0 },
            "{lines} lines, {minutes} minutes, answer {answer:?}"
        );
    }
}

#[test]
fn too_much_offline_is_refused_and_stays_in_the_input() {
    let mut person = Person::in_den();
    lost(&mut person);
    for number in 0..200 {
        person.enters(&format!("line {number}"));
    }
    person.enters("one more");
    assert_eq!(person.model.buffer().input.text(), "one more");
    assert_eq!(person.model.kept.len(), 200);
}

#[test]
fn the_connection_is_sought_again_with_growing_patience() {
    let mut person = Person::in_den();
    for seconds in [1, 2, 4, 8, 16, 32, 60, 60] {
        lost(&mut person);
        person.wishes.clear();
        person.waits(seconds * 1000 - 1);
        assert!(!person.wishes.iter().any(|wish| matches!(wish, Wish::Connect(..))), "before {seconds} s");
        person.waits(1);
        assert!(person.wishes.iter().any(|wish| matches!(wish, Wish::Connect(..))), "after {seconds} s");
    }
    person.welcome();
    lost(&mut person);
    assert_eq!(person.model.link, Link::Waiting { until: wire::Timestamp(person.model.now.0 + 1000) });
}

#[test]
fn rooms_are_entered_again_but_not_those_we_left() {
    let mut person = Person::in_den();
    person.hears(
        ":me!me@home JOIN #two\n:me!me@home JOIN #three\n:alice KICK #three me :out\n:me!me@home PART #two",
    );
    lost(&mut person);
    person.waits(1000);
    person.event(Event::Net(HOME, News::Connected));
    person.sent();
    person.hears(":srv 001 me :Welcome");
    assert!(person.sent().contains(&"JOIN #den".to_owned()));
}

#[test]
fn one_is_away_and_has_ones_modes_again_after_a_reconnect() {
    let mut person = Person::in_den();
    let again = |person: &mut Person| {
        lost(person);
        person.waits(1000);
        person.sent();
        person.welcome();
        let mut sent = person.sent();
        sent.retain(|line| line.starts_with("AWAY") || line.starts_with("MODE"));
        sent
    };
    assert!(again(&mut person).is_empty(), "nothing was set by hand");
    person.enters("/away for tea");
    person.enters("/mode me +iw-x");
    person.enters("/mode me +o");
    person.presses("Alt+1");
    person.enters("/mode -w");
    assert_eq!(again(&mut person), ["AWAY :for tea", "MODE me +i-wx"]);
    assert_eq!(again(&mut person), ["AWAY :for tea", "MODE me +i-wx"], "each time");
    person.enters("/back");
    assert_eq!(again(&mut person), ["MODE me +i-wx"]);
    person.enters("/away");
    person.hears(":srv 305 me :You are back");
    assert_eq!(again(&mut person), ["MODE me +i-wx"], "the server says that one is not away");
}

#[test]
fn what_is_configured_is_not_set_twice_after_a_reconnect() {
    let mut person = Person::started();
    person.model.access.commands = vec!["/mode me +i".to_owned()];
    person.welcome();
    person.sent();
    lost(&mut person);
    person.waits(1000);
    person.sent();
    person.welcome();
    assert_eq!(person.sent().iter().filter(|line| line.contains("MODE me +i")).count(), 1);
}

#[test]
fn those_one_watches_and_talks_with_are_watched_again_after_a_reconnect() {
    let mut person = Person::in_den();
    let introduced = ":srv 005 me MONITOR=10 :are supported\n:srv 422 me :No motd";
    person.hears(introduced);
    person.enters("/notify zoe");
    person.enters("/query alice");
    assert_eq!(person.sent(), ["MONITOR + zoe", "MONITOR + alice"]);
    lost(&mut person);
    person.waits(1000);
    person.welcome();
    person.sent();
    person.hears(introduced);
    assert_eq!(person.sent(), ["MONITOR + zoe,alice"]);
}

#[test]
fn who_has_left_on_purpose_stays_away() {
    let mut person = Person::in_den();
    person.enters("/disconnect");
    person.wishes.clear();
    person.waits(600_000);
    assert!(person.wishes.is_empty(), "{:?}", person.wishes);
    person.enters("/connect");
    assert!(matches!(person.wishes[..], [Wish::Connect(..)]));
}

#[test]
fn a_server_that_has_nothing_to_say_for_two_minutes_is_given_up() {
    let mut person = Person::in_den();
    person.waits(119_999);
    assert_eq!(person.model.link, Link::Up);
    person.wishes.clear();
    person.waits(1);
    assert!(person.wishes.contains(&Wish::Disconnect(HOME)));
    assert!(matches!(person.model.link, Link::Waiting { .. }));
}

#[test]
fn the_lag_is_measured_once_a_minute() {
    let mut person = Person::in_den();
    person.waits(59_999);
    assert_eq!(person.sent(), [""; 0]);
    person.waits(1);
    assert_eq!(person.sent().len(), 1);
    person.model.now.0 += 23;
    person.pong();
    assert_eq!(person.model.lag, Some(23));
    assert!(person.screen(80, 24).contains("● 23 ms"));
    person.waits(60_000);
    person.model.now.0 += 5000;
    assert!(person.screen(80, 24).contains("● >5 s"));
}

#[test]
fn what_is_typed_before_a_room_is_entered_waits_for_it() {
    let mut person = Person::in_den();
    person.enters("/join #rust");
    person.enters("anybody here?");
    assert_eq!(person.sent(), ["JOIN #rust"]);
    assert_eq!(person.reads_last(), "me: anybody here? (not sent: not in the room yet)");
    person.hears(":me!me@home JOIN #rust\n:srv 353 me = #rust :me\n:srv 366 me #rust :End");
    assert!(person.sent().contains(&"@label=1 PRIVMSG #rust :anybody here?".to_owned()));

    person.enters("/join #secret");
    person.enters("and here?");
    person.hears(":srv 473 me #secret :Cannot join channel (+i)");
    assert!(person.reads().contains(&"me: and here? (not sent: refused)".to_owned()), "{:?}", person.reads());
    assert!(person.model.kept.is_empty());
}

#[test]
fn who_is_typing_is_not_asked_what_he_would_answer_by_accident() {
    let mut person = Person::in_den();
    lost(&mut person);
    for line in ["1", "2", "3", "4", "5", "6"] {
        person.enters(line);
    }
    person.types("no, it is");
    person.waits(1000);
    person.welcome();
    person.enter_den();
    assert_eq!(person.model.question, None, "in the middle of a word");
    person.types(" n");
    person.sent();
    person.presses("Enter");
    assert_eq!(person.sent(), ["@label=1 PRIVMSG #den :no, it is n"]);
    assert!(person.screen(80, 24).contains("Send 6 lines typed offline to #den? y/n"));
    person.types("y");
    assert_eq!(person.sent().len(), 6);
}

#[test]
fn what_is_played_back_stands_there_once() {
    let mut person = Person::in_den();
    person.hears("@msgid=a1 :bob!b@h PRIVMSG #den :heard");
    person.enters("confirmed");
    person.hears("@label=1;msgid=m1 :me!me@home PRIVMSG #den :confirmed");
    person.enters("in doubt");
    lost(&mut person);
    person.waits(1000);
    person.welcome();
    person.enter_den();
    person.hears(
        ":srv BATCH +h chathistory #den
         @batch=h;msgid=a1 :bob!b@h PRIVMSG #den :heard
         @batch=h;msgid=m1 :me!me@home PRIVMSG #den :confirmed
         @batch=h;msgid=m2 :me!me@home PRIVMSG #den :in doubt
         @batch=h;msgid=a2 :bob!b@h PRIVMSG #den :missed
         :srv BATCH -h",
    );
    let said: Vec<String> = person.reads().into_iter().filter(|line| line.contains(": ")).collect();
    let said: Vec<&str> =
        said.iter().map(String::as_str).filter(|l| l.starts_with("bob") || l.starts_with("me")).collect();
    assert_eq!(said, ["bob: heard", "me: confirmed", "me: in doubt", "bob: missed"]);
}
