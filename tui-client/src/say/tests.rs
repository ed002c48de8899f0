//! Messages of several lines, and what is sent again.

use crate::model::{Event, News};
use crate::testing::Person;

fn in_den() -> Person {
    let mut person = Person::in_den();
    person.hears("CAP me NEW :draft/multiline=max-bytes=1000,max-lines=8\nCAP me ACK :draft/multiline");
    person.sent();
    person
}

#[test]
fn several_lines_are_one_message_where_the_server_takes_them() {
    let mut person = in_den();
    person.event(Event::Paste("one\n\n/quit".to_owned()));
    person.presses("Enter");
    let sent = person.sent();
    assert_eq!(
        sent,
        [
            "@label=1 BATCH +m1 draft/multiline #den",
            "@batch=m1 PRIVMSG #den :one",
            "@batch=m1 PRIVMSG #den :",
            "@batch=m1 PRIVMSG #den :/quit",
            "BATCH -m1"
        ]
    );
    assert_eq!(person.model.pending.len(), 3);
    person.hears(
        "@label=1;msgid=x :me!me@home BATCH +e draft/multiline #den
         @batch=e :me!me@home PRIVMSG #den :one
         @batch=e :me!me@home PRIVMSG #den :
         @batch=e :me!me@home PRIVMSG #den :/quit
         :me!me@home BATCH -e",
    );
    assert_eq!(person.model.pending.len(), 0);
    assert_eq!(person.reads()[2..], ["me: one", "me: ", "me: /quit"]);
}

#[test]
fn a_long_line_is_one_message_too() {
    let mut person = in_den();
    person.enters(&"wörter ".repeat(100));
    let sent = person.sent();
    assert!(sent[0].starts_with("@label=1 BATCH +m1") && sent.len() == 5, "{sent:?}");
    assert!(sent[2].starts_with("@batch=m1;draft/multiline-concat PRIVMSG #den :wörter"));
    assert_eq!(person.reads()[2..].len(), 1);
}

#[test]
fn more_than_five_lines_are_asked_about_and_more_than_the_server_takes_are_sent_singly() {
    let mut person = in_den();
    person.event(Event::Paste("1\n2\n3\n4\n5\n6".to_owned()));
    person.presses("Enter");
    assert_eq!(person.sent(), [""; 0]);
    person.presses("y");
    assert_eq!(person.sent().len(), 8);
    person.event(Event::Paste("1\n2\n3\n4\n5\n6\n7\n8\n9".to_owned()));
    person.presses("Enter y");
    let sent = person.sent();
    assert_eq!(sent.len(), 9);
    assert!(sent.iter().all(|line| line.contains(" PRIVMSG ")));
}

#[test]
fn a_refused_message_of_several_lines_is_refused_as_a_whole() {
    let mut person = in_den();
    person.event(Event::Paste("one\ntwo".to_owned()));
    person.presses("Enter");
    person.hears("@label=1 FAIL BATCH MULTILINE_MAX_BYTES 1 :Too long");
    assert_eq!(person.reads()[2..4], ["me: one (not sent: refused)", "me: two (not sent: refused)"]);
    person.sent();
    person.presses("F5");
    assert_eq!(person.sent(), ["@label=2 PRIVMSG #den :one", "@label=3 PRIVMSG #den :two"]);
}

#[test]
fn what_did_not_arrive_is_sent_again_with_a_key() {
    let mut person = Person::in_den();
    person.enters("doubtful");
    person.event(Event::Net(person.model.id, News::Lost("gone".to_owned())));
    person.sent();
    person.presses("F5");
    assert_eq!(person.sent(), [""; 0]);
    assert_eq!(person.reads_last(), "There is nothing here that could be sent again now.");
    person.waits(1300);
    person.welcome();
    person.enter_den();
    person.sent();
    person.presses("F5");
    assert_eq!(person.sent(), ["@label=2 PRIVMSG #den :doubtful"]);
    person.hears("@label=2 :me!me@home PRIVMSG #den :doubtful");
    assert!(person.reads().contains(&"me: doubtful".to_owned()));
}
