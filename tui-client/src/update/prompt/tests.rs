//! Looking for buffers, lines and earlier inputs; mentions, the bare view, the mouse and what draws attention.

use crate::model::{Event, Wish};
use crate::testing::Person;

fn in_many_rooms() -> Person {
    let mut person = Person::in_den();
    for room in ["#rust", "#rustlings", "#garden"] {
        person.hears(&format!(":me!me@home JOIN {room}"));
    }
    person.presses("Alt+2");
    person
}

fn shown(person: &Person) -> &str {
    &person.model.buffer().name
}

fn last_row(person: &mut Person) -> String {
    person.screen(80, 24).lines().last().unwrap_or_default().to_owned()
}

#[test]
fn a_few_letters_find_a_buffer() {
    let mut person = in_many_rooms();
    person.presses("Alt+k");
    person.types("gdn");
    assert_eq!(last_row(&mut person), "go to: gdn   #garden");
    person.presses("Enter");
    assert_eq!(shown(&person), "#garden");
    // The likeliest first; Tab goes on to the next, and round.
    person.presses("Alt+k");
    person.types("rust");
    assert_eq!(last_row(&mut person), "go to: rust   #rust  #rustlings");
    person.presses("Tab Enter");
    assert_eq!(shown(&person), "#rustlings");
    // Without a letter those in which something waits.
    person.hears(":zoe!z@h PRIVMSG #den :me: psst");
    person.presses("Alt+k Enter");
    assert_eq!(shown(&person), "#den");
    person.presses("Alt+k");
    person.types("nothing like it");
    assert_eq!(last_row(&mut person), "go to: nothing like it  none");
    person.presses("Enter");
    assert_eq!(person.reads_last(), "No buffer is like nothing like it.");
    // Given up, nothing changes, and what was being typed is still there.
    person.types("draft");
    person.presses("Alt+k Esc");
    assert_eq!((shown(&person), person.model.buffer().input.text()), ("#den", "draft"));
}

#[test]
fn ctrl_k_cuts_or_finds_a_buffer() {
    let mut person = in_many_rooms();
    person.types("one two");
    person.presses("Ctrl+a Ctrl+k");
    assert_eq!(person.model.buffer().input.text(), "");
    assert!(person.model.prompt.is_none(), "there was something to cut");
    person.presses("Ctrl+k");
    person.types("gar");
    person.presses("Enter");
    assert_eq!(shown(&person), "#garden");
}

#[test]
fn earlier_inputs_are_found_and_can_be_changed_before_they_are_sent() {
    let mut person = Person::in_den();
    for line in ["hello there", "good morning", "hello again", "hello again"] {
        person.enters(line);
    }
    person.sent();
    person.types("draft");
    person.presses("Ctrl+r");
    person.types("HELLO");
    assert_eq!(last_row(&mut person), "typed before: HELLO  hello again");
    person.presses("Ctrl+r");
    assert_eq!(last_row(&mut person), "typed before: HELLO  hello there");
    person.presses("Ctrl+r Enter");
    assert_eq!(person.model.buffer().input.text(), "hello there");
    assert!(person.sent().is_empty(), "nothing was sent");
    person.presses("Ctrl+r");
    person.types("xyzzy");
    assert_eq!(last_row(&mut person), "typed before: xyzzy  none");
    person.presses("Enter");
    assert_eq!(person.model.buffer().input.text(), "hello there");
}

#[test]
fn lines_are_found_upwards_and_downwards_and_the_view_returns() {
    let mut person = Person::in_den();
    for number in 0..200 {
        let word = if number % 50 == 7 { "Needle" } else { "hay" };
        person.hears(&format!(":bob!b@h PRIVMSG #den :{word} {number}"));
    }
    person.screen(80, 24);
    let visible = |person: &mut Person| {
        let screen = person.screen(80, 24);
        screen
            .lines()
            .filter(|row| row.contains("Needle"))
            .map(|row| row.split(' ').next_back().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    person.presses("Ctrl+s");
    person.types("needle");
    assert_eq!(visible(&mut person), ["157"]);
    person.presses("Ctrl+s");
    assert_eq!(visible(&mut person), ["107"]);
    person.presses("Up");
    assert_eq!(visible(&mut person), ["57"]);
    person.presses("Down");
    assert_eq!(visible(&mut person), ["107"]);
    // What is found stands out, whichever way it is written.
    let (cells, _) = person.cells(80, 24);
    let reversed = ratatui::style::Modifier::REVERSED;
    let marked: String = cells
        .content
        .iter()
        .filter(|cell| cell.modifier.contains(reversed) && cell.symbol().chars().all(char::is_alphabetic))
        .map(|cell| cell.symbol())
        .collect();
    assert!(marked.contains("Needle"), "{marked}");
    person.presses("Esc");
    assert_eq!(person.model.buffer().anchor, None, "the view is where it was");
    person.presses("Ctrl+s");
    person.types("needle");
    person.presses("Enter");
    assert_eq!(visible(&mut person), ["157"], "it stays there");
    person.hears(":bob!b@h PRIVMSG #den :and on");
    assert_eq!(visible(&mut person), ["157"], "and does not move by itself");
    person.presses("Ctrl+s");
    person.types("nowhere");
    assert_eq!(last_row(&mut person), "search: nowhere  no line");
}

#[test]
fn mentions_are_gone_through_one_by_one() {
    let mut person = Person::in_den();
    for number in 0..200 {
        let text = if number % 60 == 10 { format!("me: call {number}") } else { format!("talk {number}") };
        person.hears(&format!(":bob!b@h PRIVMSG #den :{text}"));
    }
    person.screen(80, 24);
    let top = |person: &mut Person| {
        person.screen(80, 24).lines().nth(1).unwrap().trim().split(' ').next_back().unwrap().to_owned()
    };
    person.presses("Alt+p");
    assert!(person.screen(80, 24).contains("call 190"));
    person.presses("Alt+p");
    assert_eq!(top(&mut person), "130");
    person.presses("Alt+p");
    assert_eq!(top(&mut person), "70");
    person.presses("Alt+n");
    assert_eq!(top(&mut person), "130");
    person.presses("Alt+End Alt+p");
    assert!(person.screen(80, 24).contains("call 190"), "from the end again");
}

#[test]
fn the_bare_view_is_text_and_nothing_else() {
    let mut person = in_many_rooms();
    person.hears(":bob!b@h PRIVMSG #den :copy this");
    person.presses("Alt+l");
    let screen = person.screen(100, 20);
    assert!(screen.lines().any(|row| row == "<bob> copy this"), "{screen}");
    assert!(!screen.contains('│'), "{screen}");
    person.presses("Alt+l");
    assert!(person.screen(100, 20).contains('│'));
}

#[test]
fn the_mouse_is_the_terminals_unless_it_is_wanted() {
    let mut person = in_many_rooms();
    person.presses("Alt+m");
    assert_eq!(person.wishes.last(), Some(&Wish::Mouse(true)));
    assert!(person.reads_last().starts_with("The mouse scrolls and chooses buffers"));
    person.screen(120, 36);
    person.event(Event::Click(5, 3));
    assert_eq!(shown(&person), "#rustlings");
    person.event(Event::Click(60, 3));
    assert_eq!(shown(&person), "#rustlings", "only the list is to be pressed on");
    person.event(Event::Click(5, 30));
    assert_eq!(shown(&person), "#rustlings");
    for number in 0..100 {
        person.hears(&format!(":bob!b@h PRIVMSG #rustlings :{number}"));
    }
    person.event(Event::Wheel(-3));
    assert!(person.model.buffer().anchor.is_some());
    person.event(Event::Wheel(3));
    assert!(person.model.buffer().anchor.is_none());
    person.presses("Alt+m");
    assert_eq!(person.wishes.last(), Some(&Wish::Mouse(false)));
}

#[test]
fn who_looks_elsewhere_is_called() {
    let mut person = Person::in_den();
    let calls = |person: &mut Person| {
        let calls = person.wishes.iter().filter_map(|wish| match wish {
            Wish::Notify { who, text } => Some(format!("{who}: {text}")),
            _ => None,
        });
        let calls: Vec<String> = calls.collect();
        person.wishes.clear();
        calls
    };
    person.hears(":bob!b@h PRIVMSG #den :me: are you there?");
    assert!(calls(&mut person).is_empty(), "whoever looks is not called");
    person.event(Event::Focus(false));
    person.hears(
        ":bob!b@h PRIVMSG #den :me: \u{2}are\u{2} you there?
         :bob!b@h PRIVMSG #den :to nobody
         :zoe!z@h PRIVMSG me :psst
         @time=2026-11-20T12:09:00Z :bob!b@h PRIVMSG #den :me: long ago",
    );
    assert_eq!(calls(&mut person), ["bob: me: are you there?", "zoe: psst"]);
}

#[test]
fn links_are_told_to_terminals_that_know_them() {
    let mut person = Person::in_den();
    person.hears(":bob!b@h PRIVMSG #den :see https://example.com/a/rather/long/path/that/needs/two/rows/of/the/screen?x=1, and go");
    assert!(!person.screen(60, 20).contains('\u{1b}'), "not unless they do");
    person.model.links = true;
    let url = "https://example.com/a/rather/long/path/that/needs/two/rows/of/the/screen?x=1";
    let start = format!("\u{1b}]8;;{url}\u{1b}\\");
    let letters = |person: &mut Person| {
        let (cells, _) = person.cells(60, 20);
        let letter = |cell: &ratatui::buffer::Cell| cell.symbol().strip_prefix(&start)?.chars().next();
        cells.content.iter().filter_map(letter).collect::<String>()
    };
    assert_eq!(letters(&mut person), url, "each letter is a part of it, whatever row it stands in");
    // What could end the sequence is no link.
    person.hears(":bob!b@h PRIVMSG #den :https://example.com/\u{9c}x https://exämple.com");
    let (cells, _) = person.cells(60, 20);
    let foreign =
        |cell: &&ratatui::buffer::Cell| cell.symbol().contains("exämple") || cell.symbol().contains('\u{9c}');
    assert_eq!(cells.content.iter().filter(foreign).count(), 0);
}
