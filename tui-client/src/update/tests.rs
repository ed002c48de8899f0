//! Keys pressed and lines heard, and what came of it.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::model::{Event, Question, Wish};
use crate::testing::Person;

#[test]
fn with_echo_a_line_counts_as_sent_when_it_comes_back() {
    let mut person = Person::in_den();
    person.enters("hi");
    assert_eq!(person.sent(), ["@label=1 PRIVMSG #den :hi"]);
    assert!(person.screen(80, 24).contains("me  hi"), "it is shown at once");
    assert_eq!(person.model.pending.len(), 1);
    person.hears("@label=1 :me!me@home PRIVMSG #den :hi");
    assert_eq!(person.model.pending.len(), 0);
    assert_eq!(person.reads_last(), "me: hi");
    let same_words_elsewhere = ":me!me@home PRIVMSG #den :hi";
    person.hears(same_words_elsewhere);
    assert_eq!(person.reads().iter().filter(|line| *line == "me: hi").count(), 2, "said with another client");
}

#[test]
fn without_labels_an_echo_is_known_by_its_words() {
    let mut person = Person::in_den();
    person.hears("CAP me DEL :labeled-response");
    person.enters("one");
    person.enters("two");
    assert_eq!(person.sent(), ["PRIVMSG #den :one", "PRIVMSG #den :two"]);
    person.hears(":me!me@home PRIVMSG #den :two");
    assert_eq!(person.model.pending.len(), 1);
    assert_eq!(person.model.pending[0].text, "one");
}

#[test]
fn what_the_server_refuses_is_marked() {
    let mut person = Person::in_den();
    person.enters("hi");
    person.hears("@label=1 :srv 404 me #den :Cannot send to channel (+m)");
    let reads = person.reads();
    assert_eq!(reads[reads.len() - 2..], ["me: hi (not sent: refused)", "#den Cannot send to channel (+m)"]);
}

#[test]
fn a_paste_is_never_a_command_by_itself() {
    let mut person = Person::in_den();
    person.event(Event::Paste("/quit".to_owned()));
    person.presses("Enter");
    assert_eq!(person.model.question, Some(Question::PastedCommand));
    person.presses("n");
    assert_eq!(person.model.buffer().input.text(), "/quit");
    person.presses("Enter t");
    assert_eq!(person.sent(), ["@label=1 PRIVMSG #den :/quit"]);
    person.event(Event::Paste("/nick you".to_owned()));
    person.presses("Enter c");
    assert_eq!(person.sent(), ["@label=2 NICK you"]);
    person.event(Event::Paste("one\n/quit\n".to_owned()));
    person.presses("Enter");
    assert_eq!(person.sent(), ["@label=3 PRIVMSG #den :one", "@label=4 PRIVMSG #den :/quit"]);
}

#[test]
fn more_than_five_lines_are_asked_about() {
    let mut person = Person::in_den();
    person.event(Event::Paste("1\n2\n3\n4\n5".to_owned()));
    person.presses("Enter");
    assert_eq!(person.sent().len(), 5);
    person.event(Event::Paste("1\n2\n3\n4\n5\n6".to_owned()));
    person.presses("Enter");
    assert_eq!(person.sent().len(), 0);
    assert!(person.screen(80, 24).ends_with("Send 6 lines to #den? y/n"));
    person.presses("Esc");
    assert_eq!(person.model.buffer().input.text(), "1\n2\n3\n4\n5\n6", "nothing is lost");
    person.presses("Enter y");
    assert_eq!(person.sent().len(), 6);
    assert_eq!(person.model.buffer().input.text(), "");
}

#[test]
fn a_long_message_fits_into_lines_as_others_get_them() {
    let mut person = Person::in_den();
    let words = "wörter ".repeat(100);
    person.enters(&words);
    let sent = person.sent();
    assert_eq!(sent.len(), 2);
    for line in &sent {
        let (_, untagged) = line.split_once(' ').unwrap();
        let as_heard = format!(":me!me@home {untagged}\r\n");
        assert!(as_heard.len() <= wire::LINE_BYTES_MAX, "{}", as_heard.len());
        assert!(untagged.ends_with("wörter"), "cut between words");
    }
    assert!(sent[0].len() > 480, "a line is used as far as it goes");
}

#[test]
fn nothing_is_said_where_nobody_hears_it() {
    let mut person = Person::in_den();
    person.presses("Alt+1");
    person.enters("hello?");
    assert_eq!(person.sent(), [""; 0]);
    assert_eq!(person.model.buffer().input.text(), "hello?");
    person.presses("Alt+2");
    person.hears(":me!me@home PART #den");
    person.enters("hello?");
    assert_eq!(person.sent(), [""; 0]);
    assert_eq!(person.reads_last(), "You are not in #den; /join it first. Nothing was sent.");
}

#[test]
fn quitting_is_asked_once() {
    let mut person = Person::in_den();
    person.types("text");
    person.presses("Ctrl+c");
    assert_eq!((person.model.buffer().input.text(), &person.model.question), ("", &None));
    person.presses("Ctrl+d");
    assert_eq!(person.model.question, Some(Question::Quit));
    person.presses("x");
    assert!(person.model.question.is_some());
    person.presses("n Ctrl+c y");
    assert!(person.wishes.contains(&Wish::Quit));
    assert_eq!(person.sent(), ["QUIT :Parlor"]);
}

#[test]
fn tab_completes_whom_one_talks_with_first() {
    let mut person = Person::in_den();
    person.hears(":anna!a@h JOIN #den\n:anton!a@h JOIN #den\n:alf!a@h JOIN #den\n:Anja!a@h JOIN #den");
    person.hears(":alf!a@h PRIVMSG #den :x\n:anton!a@h PRIVMSG #den :me: y\n:anna!a@h PRIVMSG #den :z");
    let mut seen = Vec::new();
    person.types("a");
    for _ in 0..6 {
        person.presses("Tab");
        seen.push(person.model.buffer().input.text().to_owned());
    }
    assert_eq!(seen, ["anton: ", "anna: ", "alf: ", "alice: ", "Anja: ", "anton: "]);
    person.presses("Shift+Tab");
    assert_eq!(person.model.buffer().input.text(), "Anja: ");
    person.types("see b");
    person.presses("Tab");
    person.types("!");
    assert_eq!(person.model.buffer().input.text(), "Anja: see bob !");
}

#[test]
fn tab_completes_commands_and_rooms() {
    let mut person = Person::in_den();
    person.hears(":me!me@home JOIN #deep");
    for (typed, expected) in
        [("/jo", "/join "), ("/join #d", "/join #den "), ("//jo", "//jo"), ("nobody", "nobody")]
    {
        person.types(typed);
        person.presses("Tab");
        assert_eq!(person.model.buffer().input.text(), expected);
        person.presses("Ctrl+u");
    }
    person.types("/di");
    person.presses("Shift+Tab");
    assert_eq!(person.model.buffer().input.text(), "/disconnect ");
}

#[test]
fn what_is_not_looked_at_is_counted() {
    let mut person = Person::in_den();
    person.presses("Alt+1");
    person.hears(":bob!b@h PRIVMSG #den :one\n:bob!b@h PRIVMSG #den :hey ME!\n:alice!a@h PRIVMSG me :psst\n:x!y@z JOIN #den");
    let counts =
        |person: &Person| person.model.buffers.iter().map(|b| (b.unread, b.mentions)).collect::<Vec<_>>();
    assert_eq!(counts(&person), [(0, 0), (2, 1), (1, 1)]);
    person.presses("Alt+a");
    assert_eq!(person.model.buffer().name, "alice", "who speaks to us alone comes first");
    person.presses("Alt+a");
    assert_eq!(person.model.buffer().name, "#den");
    assert!(person.screen(80, 24).contains(" 2 unread · since 12:09 "));
    person.presses("Alt+a");
    assert_eq!(counts(&person), [(0, 0); 3]);
    person.presses("Alt+/ Alt+/");
    assert_eq!(person.model.buffer().name, "#den");
    assert!(!person.screen(80, 24).contains("unread"), "it was read and left");
}

#[test]
fn a_terminal_that_nobody_looks_at_reads_nothing() {
    let mut person = Person::in_den();
    person.event(Event::Focus(false));
    person.hears(":bob!b@h PRIVMSG #den :one\n:bob!b@h PRIVMSG #den :two");
    assert_eq!(person.model.buffer().unread, 2);
    person.event(Event::Focus(true));
    assert_eq!(person.model.buffer().unread, 0);
    assert!(person.screen(80, 24).contains(" 2 unread "));
}

#[test]
fn a_scrolled_view_does_not_move_and_says_what_came() {
    let mut person = Person::in_den();
    for number in 0..50 {
        person.hears(&format!(":bob!b@h PRIVMSG #den :line {number}"));
    }
    person.presses("PgUp");
    let before = person.screen(80, 24);
    assert!(before.contains("▼ more below") && !before.contains("line 49"));
    person.hears(":bob!b@h PRIVMSG #den :new\n:bob!b@h PRIVMSG #den :newer");
    let after = person.screen(80, 24);
    assert!(after.contains("▼ 2 new below (End)"));
    // All but the status, which says so, and the input; nothing of the messages is covered.
    let upper = |screen: &str| screen.lines().take(22).collect::<Vec<_>>().join("\n");
    assert_eq!(upper(&before), upper(&after));
    assert!(!upper(&after).contains('▼'));
    for (columns, told) in [(60, "▼ 2 new below (End)"), (59, "▼ 2 new"), (39, "▼")] {
        let screen = person.screen(columns, 24);
        assert!(screen.lines().nth(22).unwrap().trim_end().ends_with(told), "{screen}");
    }
    person.presses("End");
    assert!(person.screen(80, 24).contains("newer"));
    person.presses("Alt+Home");
    assert!(person.screen(80, 24).contains("You have entered #den"));
    person.presses("PgDn PgDn PgDn PgDn PgDn");
    assert_eq!(person.model.buffer().anchor, None);
}

#[test]
fn what_comes_below_a_scrolled_view_is_not_read_yet() {
    let mut person = Person::in_den();
    person.hears("CAP me ACK :draft/read-marker");
    for number in 0..50 {
        person
            .hears(&format!("@time=2026-11-22T12:08:{number:02}.000Z :bob!b@h PRIVMSG #den :line {number}"));
    }
    person.presses("PgUp");
    person.waits(60_000);
    person.sent();
    person.hears("@time=2026-11-22T12:10:00.000Z :bob!b@h PRIVMSG #den :me: new");
    person.waits(60_000);
    assert_eq!((person.model.buffer().unread, person.model.buffer().mentions), (1, 1));
    person.presses("Alt+a");
    assert_eq!(person.model.buffer().name, "#den");
    person.presses("Alt+1 Alt+2");
    assert!(!person.sent().iter().any(|line| line.starts_with("MARKREAD")), "not even when it is left");
    assert_eq!(person.model.buffer().unread, 1);
    person.presses("Alt+End");
    assert_eq!(person.model.buffer().unread, 0);
    assert!(person.screen(80, 24).contains(" 1 unread · since 12:10 "));
    person.waits(60_000);
    assert!(person.sent().contains(&"MARKREAD #den timestamp=2026-11-22T12:10:00.000Z".to_owned()));
}

#[test]
fn comings_and_goings_are_short_but_not_of_those_who_talk() {
    let mut person = Person::in_den();
    person.hears(":x!u@h JOIN #den\n:y!u@h JOIN #den\n:x!u@h QUIT :bye");
    assert_eq!(person.reads_last(), "+x +y -x");
    person.hears(":bob!u@h PRIVMSG #den :hi\n:bob!u@h PART #den :see you");
    assert_eq!(person.reads_last(), "bob has left (see you)");
}

#[test]
fn hidden_lines_are_shown_when_one_asks_for_them() {
    let mut person = Person::in_den();
    person.enters("/ignore eve");
    let before = person.reads().len();
    person.hears(
        ":x!u@h JOIN #den\n:eve!e@h PRIVMSG #den :me: buy this\n:y!u@h JOIN #den\n:x!u@h QUIT :bye
         :eve!e@h PRIVMSG me :psst\n:eve!e@h PRIVMSG #den :\u{1}VERSION\u{1}\n:eve!e@h INVITE me :#trap
         :bob!b@h PRIVMSG #den :hi",
    );
    let folded = ["+x +y -x", "bob: hi"];
    assert_eq!(person.reads()[before..], folded);
    assert_eq!((person.model.buffers.len(), person.model.buffer().mentions), (2, 0));
    person.presses("Alt+=");
    let all =
        ["x (u@h) has entered", "eve: me: buy this", "y (u@h) has entered", "x has quit (bye)", "bob: hi"];
    assert_eq!(person.reads()[before..], all);
    let screen = person.screen(100, 24);
    assert!(screen.contains("me: buy this") && screen.contains("hidden lines too"), "{screen}");
    person.presses("Alt+=");
    assert_eq!(person.reads()[before..], folded);
    let screen = person.screen(100, 24);
    assert!(screen.contains("+x +y -x") && !screen.contains("buy this"), "{screen}");
}

#[test]
fn what_is_hidden_is_neither_new_nor_unread_nor_found() {
    let mut person = Person::in_den();
    person.enters("/ignore eve");
    for number in 0..50 {
        person.hears(&format!(":bob!b@h PRIVMSG #den :line {number}"));
    }
    person.presses("PgUp");
    let screen = person.screen(80, 24);
    person.hears(":eve!e@h PRIVMSG #den :me: buy line\n:eve!e@h PRIVMSG #den :and buy line");
    assert_eq!((person.model.buffer().below, person.screen(80, 24)), (0, screen));
    person.presses("Alt+End");
    person.enters("/lastlog buy");
    assert!(person.reads().iter().any(|line| line.starts_with("0 lines")), "{:?}", person.reads());
    person.presses("Alt+1");
    person.hears(":eve!e@h PRIVMSG #den :me: more\n@+typing=active :eve!e@h TAGMSG #den");
    assert_eq!((person.model.buffers[1].unread, person.model.buffers[1].mentions), (0, 0));
    person.presses("Alt+2");
    assert!(!person.screen(100, 24).contains("typing"));
}

#[test]
fn names_change_everywhere() {
    let mut person = Person::in_den();
    person.hears(":bob!b@h PRIVMSG me :psst\n:bob!b@h NICK robert");
    assert_eq!(person.reads_last(), "bob is now robert");
    assert_eq!(person.model.buffers[2].name, "robert");
    person.hears(":me!me@home NICK you");
    assert_eq!(person.reads_last(), "You are now you");
    assert_eq!(person.model.wanted.nick, "you");
}

#[test]
fn the_topic_is_told_on_entering_and_silent_answers_are_not() {
    let person = Person::in_den();
    let expected =
        ["You have entered #den", "Topic of #den: Welcome to the den -- https://example.com/rules"];
    assert_eq!(person.reads(), expected);
}

#[test]
fn history_is_shown_and_not_counted() {
    let mut person = Person::in_den();
    person.presses("Alt+1");
    person.hears(
        "BATCH +1 chathistory #den
         @batch=1;time=2026-11-21T10:00:00Z :bob!b@h PRIVMSG #den :me: old
         @batch=1;time=2026-11-21T10:00:00Z :bob!b@h JOIN #den
         BATCH -1",
    );
    assert_eq!((person.model.buffers[1].unread, person.model.buffers[1].mentions), (0, 0));
    person.presses("Alt+2");
    assert_eq!(person.reads()[0], "bob: me: old", "it stands where its time says");
    assert!(person.screen(80, 24).contains("10:00"));
}

#[test]
fn another_line_can_be_begun_and_killed_text_comes_back() {
    let mut person = Person::in_den();
    person.types("one two");
    person.presses("Ctrl+w Alt+Enter Ctrl+y");
    assert_eq!(person.model.buffer().input.text(), "one \ntwo");
    assert!(person.screen(80, 24).contains("[me] one\n     two  "));
    assert!(person.screen(80, 5).contains("[me] one ⏎two"), "where there are few rows");
}

#[test]
fn each_buffer_has_its_own_draft_and_past() {
    let mut person = Person::in_den();
    person.enters("said in the den");
    person.types("draft");
    person.presses("Alt+1");
    assert_eq!(person.model.buffer().input.text(), "");
    person.presses("Up");
    assert_eq!(person.model.buffer().input.text(), "");
    person.presses("Alt+2");
    assert_eq!(person.model.buffer().input.text(), "draft");
    person.presses("Up");
    assert_eq!(person.model.buffer().input.text(), "said in the den");
}

#[test]
fn released_keys_and_unknown_ones_do_nothing() {
    let mut person = Person::in_den();
    let mut key = KeyEvent::new(KeyCode::Char('x'), KeyModifiers::NONE);
    key.kind = crossterm::event::KeyEventKind::Release;
    person.event(Event::Key(key));
    person.event(Event::Key(KeyEvent::new(KeyCode::Char('q'), KeyModifiers::CONTROL)));
    person.event(Event::Key(KeyEvent::new(KeyCode::F(12), KeyModifiers::NONE)));
    assert_eq!(person.model.buffer().input.text(), "");
    assert!(person.wishes.is_empty());
}

#[test]
fn what_the_server_says_of_itself_is_not_shown_among_what_people_say() {
    let mut person = Person::in_den();
    let before = person.reads().len();
    person.hears(":srv 372 me :- Be kind\n:srv 251 me :There are 3 users");
    assert_eq!(person.reads().len(), before);
    person.presses("Alt+1");
    assert_eq!(person.reads_last(), "There are 3 users");
}

#[test]
fn a_long_input_is_shown_around_its_cursor() {
    let mut person = Person::in_den();
    person.types(&format!("beginning {} end", "x".repeat(100)));
    let last = |screen: String| screen.lines().last().unwrap_or_default().to_owned();
    assert!(last(person.screen(80, 5)).ends_with("xxx end"));
    let (_, (x, _)) = person.cells(80, 5);
    assert_eq!(x, 79);
    person.presses("Home");
    assert!(last(person.screen(80, 5)).starts_with("[me] beginning xxx"));
}
