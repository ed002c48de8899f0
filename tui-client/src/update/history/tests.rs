//! What is asked of a server that remembers, and where the answers stand.

use crate::model::{Event, News};
use crate::testing::Person;

const CAPS: &str = "CAP me ACK :draft/chathistory draft/event-playback draft/read-marker
    :srv 005 me CHATHISTORY=3 MONITOR=10 :are supported";

/// Somebody whose server remembers, and who has just come into the den.
fn in_den() -> Person {
    let mut person = Person::started();
    person.welcome();
    person.hears(CAPS);
    person.hears(":srv 376 me :End");
    person.sent();
    person.hears("@time=2026-11-22T12:09:00.000Z :me!me@home JOIN #den\n:srv 353 me = #den :@alice bob me\n:srv 366 me #den :End");
    person
}

/// A page of the den's history.
fn page(person: &mut Person, lines: &[&str]) {
    person.hears(":srv BATCH +h chathistory #den");
    for line in lines {
        let (tags, line) = line.split_once(' ').unwrap();
        person.hears(&format!("@batch=h;{tags} {line}"));
    }
    person.hears(":srv BATCH -h");
}

fn asked(person: &mut Person) -> Vec<String> {
    let mut sent = person.sent();
    sent.retain(|line| line.starts_with("CHATHISTORY"));
    sent
}

const ONE: &str = "time=2026-11-22T12:00:01.000Z;msgid=m1 :alice!a@h PRIVMSG #den :one";
const TWO: &str = "time=2026-11-22T12:00:02.000Z;msgid=m2 :bob!b@h PRIVMSG #den :two";
const CAME: &str = "time=2026-11-22T12:00:03.000Z;msgid=m3 :carol!c@h JOIN #den";

#[test]
fn who_comes_in_reads_what_was_said_last() {
    let mut person = in_den();
    assert_eq!(asked(&mut person), ["CHATHISTORY LATEST #den * 3"]);
    page(&mut person, &[ONE, TWO, CAME]);
    assert_eq!(person.reads()[..4], ["alice: one", "bob: two", "+carol", "You have entered #den"]);
    assert_eq!(person.model.buffer().unread, 0);
}

#[test]
fn scrolling_up_asks_for_page_after_page_until_there_is_none() {
    let mut person = in_den();
    page(&mut person, &[TWO, CAME, "time=2026-11-22T12:00:04.000Z;msgid=m4 :bob!b@h PRIVMSG #den :four"]);
    asked(&mut person);
    person.presses("PgUp");
    assert_eq!(asked(&mut person), ["CHATHISTORY BEFORE #den msgid=m2 3"]);
    person.presses("PgUp");
    assert_eq!(asked(&mut person), [""; 0], "one question at a time");
    page(&mut person, &[ONE]);
    assert_eq!(person.reads()[0], "alice: one");
    person.presses("PgUp");
    assert_eq!(asked(&mut person), ["CHATHISTORY BEFORE #den msgid=m1 3"]);
    page(&mut person, &[]);
    person.presses("PgUp Alt+Home");
    assert_eq!(asked(&mut person), [""; 0], "there is nothing older");
}

#[test]
fn a_page_that_comes_does_not_move_what_one_reads() {
    let mut person = in_den();
    for number in 0..40 {
        person.hears(&format!(
            "@time=2026-11-22T12:10:{number:02}.000Z;msgid=x{number} :bob!b@h PRIVMSG #den :line {number}"
        ));
    }
    person.hears(":srv BATCH +h chathistory #den\n:srv BATCH -h");
    person.presses("Alt+Home");
    let before = person.screen(80, 24);
    page(&mut person, &[ONE, TWO]);
    let after = person.screen(80, 24);
    let rows = |screen: &str| screen.lines().skip(3).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(rows(&before), rows(&after), "but for the day above the first line");
}

#[test]
fn after_a_reconnect_what_was_missed_is_filled_in_and_nothing_stands_twice() {
    let mut person = in_den();
    page(&mut person, &[ONE]);
    person.hears("@time=2026-11-22T12:10:00.000Z;msgid=a :bob!b@h PRIVMSG #den :before");
    person.hears("@time=2026-11-22T12:10:01.000Z :dora!d@h JOIN #den");
    person.event(Event::Net(person.model.id, News::Lost("gone".to_owned())));
    person.waits(1300);
    person.welcome();
    person.hears(CAPS);
    person.sent();
    person.hears("@time=2026-11-22T12:20:00.000Z :me!me@home JOIN #den\n:srv 366 me #den :End");
    assert_eq!(asked(&mut person), ["CHATHISTORY AFTER #den timestamp=2026-11-22T12:10:00.999Z 3"]);
    person.hears("@time=2026-11-22T12:20:01.000Z;msgid=d :bob!b@h PRIVMSG #den :after");
    let missed = "time=2026-11-22T12:15:00.000Z;msgid=b :bob!b@h PRIVMSG #den :missed";
    let left = "time=2026-11-22T12:16:00.000Z;msgid=c :dora!d@h QUIT :bye";
    page(&mut person, &["time=2026-11-22T12:10:01.000Z;msgid=j :dora!d@h JOIN #den", missed, left]);
    assert_eq!(asked(&mut person), ["CHATHISTORY AFTER #den msgid=c 3"]);
    page(
        &mut person,
        &[
            "time=2026-11-22T12:20:00.000Z;msgid=k :me!me@home JOIN #den",
            "time=2026-11-22T12:20:01.000Z;msgid=d :bob!b@h PRIVMSG #den :after",
        ],
    );
    let speech: Vec<String> = person.reads().into_iter().filter(|line| line.starts_with("bob")).collect();
    assert_eq!(speech, ["bob: before", "bob: missed", "bob: after"]);
    let reads = person.reads();
    assert_eq!(reads.iter().filter(|line| line.contains("dora")).collect::<Vec<_>>(), ["+dora", "-dora"]);
    assert!(person.screen(80, 24).contains("1 unread"), "what was missed is something to read");
}

#[test]
fn own_words_that_are_played_back_are_known_again_without_an_id() {
    let mut person = in_den();
    person.hears("CAP me DEL :echo-message labeled-response");
    page(&mut person, &[]);
    person.enters("hello");
    person.event(Event::Net(person.model.id, News::Lost("gone".to_owned())));
    person.waits(1300);
    person.welcome();
    person.hears(CAPS);
    person.hears("@time=2026-11-22T12:20:00.000Z :me!me@home JOIN #den\n:srv 366 me #den :End");
    page(&mut person, &["time=2026-11-22T12:09:01.000Z;msgid=o :me!me@home PRIVMSG #den :hello"]);
    assert_eq!(person.reads().iter().filter(|line| *line == "me: hello").count(), 1);
}

#[test]
fn who_spoke_to_us_meanwhile_gets_a_buffer() {
    let mut person = in_den();
    page(&mut person, &[ONE]);
    person.event(Event::Net(person.model.id, News::Lost("gone".to_owned())));
    person.waits(1300);
    person.welcome();
    person.hears(CAPS);
    person.sent();
    person.hears(":srv 376 me :End");
    let asked_now = asked(&mut person);
    assert!(
        asked_now[0].starts_with("CHATHISTORY TARGETS timestamp=2026-11-22T12:09:00.000Z timestamp="),
        "{asked_now:?}"
    );
    person.hears(
        ":srv BATCH +t draft/chathistory-targets
         @batch=t :srv CHATHISTORY TARGETS zoe 2026-11-22T12:30:00.000Z
         @batch=t :srv CHATHISTORY TARGETS old 2026-11-22T11:30:00.000Z
         :srv BATCH -t",
    );
    assert_eq!(asked(&mut person), ["CHATHISTORY AFTER zoe timestamp=2026-11-22T12:08:59.999Z 3"]);
    person.hears(
        ":srv BATCH +h chathistory zoe
         @batch=h;time=2026-11-22T12:30:00.000Z;msgid=z :zoe!z@h PRIVMSG me :are you there?
         :srv BATCH -h",
    );
    let zoe = person.model.find("zoe").unwrap();
    assert_eq!((person.model.buffers[zoe].unread, person.model.buffers[zoe].mentions), (1, 1));
    assert_eq!(person.model.find("old"), None);
}

#[test]
fn a_server_that_refuses_is_not_asked_again() {
    let mut person = in_den();
    person.hears("FAIL CHATHISTORY INVALID_TARGET LATEST #den :No");
    asked(&mut person);
    person.presses("PgUp");
    assert_eq!(asked(&mut person), [""; 0]);
    assert!(!person.reads().iter().any(|line| line.contains("INVALID_TARGET")), "nobody had asked by hand");
}

#[test]
fn how_far_one_has_read_is_told_and_heard() {
    let mut person = in_den();
    person.sent();
    person.hears("@time=2026-11-22T12:10:00.000Z;msgid=a :bob!b@h PRIVMSG #den :one");
    person.presses("Alt+1");
    assert_eq!(person.sent(), ["MARKREAD #den timestamp=2026-11-22T12:10:00.000Z"]);
    person.hears(
        "@time=2026-11-22T12:11:00.000Z;msgid=b :bob!b@h PRIVMSG #den :two
         @time=2026-11-22T12:12:00.000Z;msgid=c :bob!b@h PRIVMSG #den :three",
    );
    assert_eq!(person.model.buffers[1].unread, 2);
    person.hears(":srv MARKREAD #den timestamp=2026-11-22T12:11:00.000Z");
    assert_eq!(person.model.buffers[1].unread, 1, "another client has read it");
    person.hears(":srv MARKREAD #den timestamp=2026-11-22T12:12:00.000Z\n:srv MARKREAD #den *");
    assert_eq!((person.model.buffers[1].unread, person.model.buffers[1].marker.is_some()), (0, false));
}

#[test]
fn within_a_moment_pages_keep_the_order_of_the_server_and_get_on() {
    let mut person = in_den();
    let line = |number: u32| {
        format!("time=2026-11-22T12:00:01.000Z;msgid=x{number} :bob!b@h PRIVMSG #den :{number}")
    };
    let lines = |numbers: std::ops::Range<u32>| numbers.map(line).collect::<Vec<_>>();
    let play = |person: &mut Person, numbers| {
        let lines = lines(numbers);
        page(person, &lines.iter().map(String::as_str).collect::<Vec<_>>());
    };
    play(&mut person, 7..10);
    for (before, numbers) in [("x7", 4..7), ("x4", 1..4)] {
        asked(&mut person);
        person.presses("PgUp");
        assert_eq!(asked(&mut person), [format!("CHATHISTORY BEFORE #den msgid={before} 3")]);
        play(&mut person, numbers);
    }
    let said: Vec<String> = person.reads().into_iter().filter(|line| line.starts_with("bob")).collect();
    assert_eq!(said, (1..10).map(|number| format!("bob: {number}")).collect::<Vec<_>>());
}
