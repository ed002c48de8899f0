//! Reactions, replies, retractions, typing; and who comes and goes.

use crate::model::{Event, News};
use crate::testing::Person;

fn in_den() -> Person {
    let mut person = Person::in_den();
    person.hears("CAP me ACK :draft/message-redaction\n:srv 005 me MONITOR=100 :are");
    person.hears("@msgid=m1 :bob!b@h PRIVMSG #den :good morning\n@msgid=m2 :alice!a@h PRIVMSG #den :tea?");
    person.sent_all();
    person
}

#[test]
fn marks_stand_behind_the_message() {
    let mut person = in_den();
    person.enters("/react 👍 bob");
    assert_eq!(person.sent(), ["@+draft/reply=m1;+draft/react=👍 TAGMSG #den"]);
    person.hears("@+draft/reply=m1;+draft/react=👍 :me!me@home TAGMSG #den");
    person.hears("@+draft/reply=m1;+draft/react=👍 :zoe!z@h TAGMSG #den");
    person.hears("@+draft/reply=m1;+draft/react=:) :alice!z@h TAGMSG #den");
    assert!(person.screen(80, 24).contains("good morning [👍 me, zoe] [:) alice]"));
    person.enters("/react 👍 morning");
    assert_eq!(person.sent(), ["@+draft/reply=m1;+draft/unreact=👍 TAGMSG #den"]);
    person.hears("@+draft/reply=m1;+draft/unreact=👍 :me!me@home TAGMSG #den");
    assert!(person.screen(80, 24).contains("good morning [👍 zoe] [:) alice]"));
    person.hears("@+draft/reply=nothing;+draft/react=x :zoe!z@h TAGMSG #den");
    person.hears("CAP me DEL :message-tags");
    person.enters("/react x");
    assert_eq!(person.reads_last(), "This server knows no reactions. Nothing was sent.");
}

#[test]
fn a_reply_shows_what_it_answers() {
    let mut person = in_den();
    person.hears("@+draft/reply=m1;msgid=m3 :zoe!z@h PRIVMSG #den :and to you");
    assert_eq!(person.reads_last(), "zoe: ↩ “bob: good morning” and to you");
    person.enters("/reply alice: yes please");
    assert_eq!(person.sent(), ["@label=1;+draft/reply=m2 PRIVMSG #den :alice: yes please"]);
    assert_eq!(person.reads_last(), "me: ↩ “alice: tea?” alice: yes please");
    person.enters("/re later");
    assert_eq!(person.sent(), ["@label=2;+draft/reply=m3 PRIVMSG #den :zoe: later"]);
    person.enters("and so on");
    assert_eq!(person.sent(), ["@label=3 PRIVMSG #den :and so on"]);
}

#[test]
fn what_is_taken_back_is_gone() {
    let mut person = in_den();
    person.enters("secret");
    person.hears("@label=1;msgid=mine :me!me@home PRIVMSG #den :secret");
    person.sent();
    person.enters("/redact");
    assert_eq!(person.sent(), ["@label=2 REDACT #den mine"]);
    person.hears("@label=2 :me!me@home REDACT #den mine");
    assert_eq!(person.reads_last(), "me: (taken back)");
    person.hears(":op!o@h REDACT #den m2 :not here");
    assert!(person.screen(80, 24).contains("alice  (taken back: by op: not here)"));
    assert!(!person.screen(80, 24).contains("tea?"));
    person.enters("/redact morning -- off topic");
    assert_eq!(person.sent(), ["@label=3 REDACT #den m1 :off topic"]);
    person.hears("@label=3 :srv FAIL REDACT REDACT_FORBIDDEN #den m1 :You may not");
    assert_eq!(person.reads_last(), "REDACT REDACT_FORBIDDEN #den m1 You may not");
}

#[test]
fn that_one_types_is_said_at_most_every_three_seconds() {
    let mut person = in_den();
    person.types("hel");
    assert_eq!(person.sent_all(), ["@+typing=active TAGMSG #den"]);
    person.waits(2999);
    person.types("l");
    assert_eq!(person.sent_all(), [""; 0]);
    person.waits(1);
    person.types("o");
    assert_eq!(person.sent_all(), ["@+typing=active TAGMSG #den"]);
    person.presses("Ctrl+u");
    assert_eq!(person.sent_all(), ["@+typing=done TAGMSG #den"]);
    person.types("/topic secret");
    assert_eq!(person.sent_all(), [""; 0], "what is no message is nobody's business");
    person.presses("Ctrl+u");
    person.enters("/set tell_typing off");
    person.waits(10_000);
    person.types("x");
    assert_eq!(person.sent_all(), [""; 0], "who does not want to tell does not");
    person.presses("Ctrl+u");
    person.enters("/set tell_typing on");
    person.hears(":srv 005 me CLIENTTAGDENY=*,-draft/reply :are");
    person.types("x");
    assert_eq!(person.sent_all(), [""; 0]);
}

#[test]
fn who_types_is_shown_until_he_falls_silent() {
    let mut person = in_den();
    let shown = |person: &mut Person| person.screen(120, 24).contains("bob is typing…");
    person.hears("@+typing=active :bob!b@h TAGMSG #den");
    assert!(shown(&mut person));
    person.waits(5999);
    assert!(shown(&mut person));
    person.waits(1);
    person.event(Event::Tick);
    assert!(!shown(&mut person));
    person.hears("@+typing=paused :bob!b@h TAGMSG #den");
    person.waits(20_000);
    assert!(shown(&mut person));
    person.hears(":bob!b@h PRIVMSG #den :there");
    assert!(!shown(&mut person));
    person.hears("@+typing=active :bob!b@h TAGMSG #den\n@+typing=active :me!me@h TAGMSG #den\n@+typing=done :bob!b@h TAGMSG #den");
    assert!(!person.screen(120, 24).contains("typing…"));
}

#[test]
fn a_split_is_told_in_one_line() {
    let mut person = in_den();
    person.hears(
        ":srv BATCH +n netsplit a.example b.example
         @batch=n :bob!b@h QUIT :a.example b.example
         @batch=n :zoe!z@h QUIT :a.example b.example
         :srv BATCH -n",
    );
    assert_eq!(person.reads_last(), "Lost with a.example b.example: bob, zoe");
    assert_eq!(person.model.session.room("#den").unwrap().members.len(), 2);
    person.hears(
        ":srv BATCH +n netjoin a.example b.example
         @batch=n :bob!b@h JOIN #den
         :srv BATCH -n",
    );
    assert_eq!(person.reads_last(), "Back with a.example b.example: bob");
}

#[test]
fn whom_one_watches_is_told_of() {
    let mut person = in_den();
    person.enters("/notify carol");
    assert_eq!(person.sent(), ["MONITOR + carol"]);
    person.hears(":srv 731 me :carol");
    assert_eq!(person.reads_last(), "You are told when carol comes and goes.");
    person.hears(":srv 730 me :Carol!c@h");
    assert_eq!(person.reads_last(), "Carol is here");
    person.enters("/notify");
    assert_eq!(person.reads_last(), "You watch carol (here).");
    person.event(Event::Net(person.model.id, News::Lost("gone".to_owned())));
    person.waits(1300);
    person.welcome();
    person.hears(":srv 005 me MONITOR=100 :are\n:srv 376 me :End");
    assert!(person.sent().contains(&"MONITOR + carol".to_owned()));
    person.enters("/notify carol");
    assert_eq!(person.sent(), ["MONITOR - carol"]);
}

#[test]
fn a_room_that_is_renamed_keeps_its_buffer() {
    let mut person = in_den();
    person.hears(":op!o@h RENAME #den #lair :better");
    assert_eq!(person.model.buffer().name, "#lair");
    assert_eq!(person.reads_last(), "op has renamed #den to #lair (better)");
    assert_eq!(person.model.wanted.rooms, ["#lair"]);
}

#[test]
fn the_list_of_rooms_has_a_buffer_of_its_own() {
    let mut person = in_den();
    person.enters("/list");
    assert_eq!(person.sent(), ["@label=1 LIST"]);
    person.hears(
        ":srv BATCH +l labeled-response
         @batch=l :srv 322 me #rust 12 :Rust talk
         @batch=l :srv 323 me :End
         :srv BATCH -l",
    );
    assert_eq!(person.reads(), ["#rust (12) Rust talk", "That is the list."]);
    person.enters("hello");
    assert_eq!(person.sent(), [""; 0]);
    person.presses("Ctrl+u");
    person.enters("/list");
    assert_eq!(person.reads(), [""; 0], "it begins anew");
    person.enters("/close");
    assert_eq!(person.model.find_list(), None);
}
