//! Screens as pictures, and screens of every size.

use ratatui::style::Color;

use crate::model::{Event, News, Palette};
use crate::testing::{HOME, Person};

/// A morning in the den, read from the evening.
fn morning() -> Person {
    let mut person = Person::in_den();
    person.hears(
        "@time=2026-11-21T23:58:00Z :alice!a@h PRIVMSG #den :good night
         @time=2026-11-22T09:09:00Z :bob!b@h PRIVMSG #den :good morning everyone, this line is long enough to need more than one row on any of these screens 日本語 👩‍👩‍👧
         @time=2026-11-22T09:10:00Z :carol!c@h JOIN #den
         :dave!d@h JOIN #den
         :carol!c@h QUIT :gone
         :alice!a@h TOPIC #den :Tea at five
         :me!me@home MODE me +i
         :alice!a@h MODE #den +v dave",
    );
    person.presses("Alt+1");
    person.hears(
        "@time=2026-11-22T12:10:00Z :dave!d@h PRIVMSG #den :me: ping, are you there?
         @time=2026-11-22T12:11:00Z :alexandrina-the-long!d@h PRIVMSG #den :\u{1}ACTION waves\u{1}
         :zoe!z@h PRIVMSG me :psst
         :srv NOTICE me :welcome back",
    );
    person.presses("Alt+2");
    person.enters("hello");
    person.event(Event::Net(HOME, News::Lost("Connection lost: gone".to_owned())));
    person.enters("typed offline");
    person.waits(1000);
    person.event(Event::Net(HOME, News::Connected));
    person.types("hello al_");
    person
}

fn compare(shown: &str, expected: &str) {
    let expected = expected.trim_start_matches('\n');
    assert!(shown == expected, "the screen is\n{shown}\nand should be\n{expected}");
}

#[test]
fn a_wide_screen_has_all_its_parts() {
    let mut person = morning();
    person.welcome();
    person.enter_den();
    compare(&person.screen(120, 36), WIDE);
}

#[test]
fn an_ordinary_screen_has_no_panels() {
    compare(&morning().screen(80, 24), ORDINARY);
}

#[test]
fn a_small_screen_keeps_its_columns_for_text() {
    compare(&morning().screen(60, 20), SMALL);
}

#[test]
fn a_tiny_screen_still_says_who_speaks() {
    compare(&morning().screen(20, 8), TINY);
}

#[test]
fn the_help_is_made_from_the_tables() {
    let mut person = Person::in_den();
    person.presses("F1");
    compare(&person.screen(60, 6), HELP);
    let mut pages = Vec::new();
    for _ in 0..30 {
        pages.push(person.screen(80, 24));
        person.presses("PgDn");
    }
    let all = pages.concat();
    for row in crate::commands::TABLE {
        assert!(all.contains(row.help), "/{}", row.name);
    }
    for (names, help) in crate::keys::help(&[]) {
        assert!(all.contains(&names) && all.contains(help), "{names}");
    }
    person.presses("Esc");
    assert!(person.model.help.is_none());
    assert_eq!(person.model.buffer().input.text(), "", "the key that closes the help types nothing");
}

#[test]
fn the_help_is_searched_and_a_question_mark_can_still_be_said() {
    let mut person = Person::in_den();
    person.presses("?");
    person.types("MENTION");
    let screen = person.screen(80, 24);
    assert!(!screen.contains("Alt+Enter"), "{screen}");
    person.presses("Backspace Backspace Backspace Backspace Backspace Backspace Backspace");
    person.types("unread");
    let screen = person.screen(80, 24);
    assert!(screen.starts_with(" Keys and commands with “unread” — Esc closes\n Alt+u "), "{screen}");
    person.presses("Esc ? ?");
    assert!(person.model.help.is_none());
    assert_eq!(person.model.buffer().input.text(), "?");
    person.presses("?");
    assert_eq!(person.model.buffer().input.text(), "??", "within a text it types itself");
    person.presses("Ctrl+u Ctrl+k");
    person.types("?");
    assert!(person.model.help.is_none());
    person.presses("Esc Ctrl+q");
    assert!(person.screen(80, 24).contains("Quit? y/n"));
}

#[test]
fn every_size_is_drawn() {
    let mut person = morning();
    person.hears("CAP * ACK :batch");
    let mut scrolled = morning();
    scrolled.presses("PgUp");
    let mut asked = morning();
    asked.event(Event::Paste("1\n2\n3\n4\n5\n👩‍👩‍👧".to_owned()));
    asked.presses("Enter");
    let mut typing = Person::in_den();
    typing.types(&"日本語👩‍👩‍👧e\u{301} ".repeat(40));
    typing.presses("Alt+b Alt+b");
    let mut help = morning();
    help.presses("F1");
    let server = Person::started();
    for (name, mut person) in [
        ("", person),
        ("scrolled", scrolled),
        ("asked", asked),
        ("typing", typing),
        ("help", help),
        ("new", server),
    ] {
        for columns in (1..=40).chain([89, 90, 130]) {
            for rows in 1..=14 {
                let (_, (x, y)) = person.cells(columns, rows);
                assert!(x < columns && y < rows, "{name} {columns}×{rows}: the cursor is at {x},{y}");
                for key in ["PgUp", "PgDn", "Alt+PgUp"] {
                    person.presses(key);
                }
                if name != "help" {
                    person.presses("Alt+Home Alt+End");
                }
            }
        }
    }
}

#[test]
fn nothing_that_a_server_says_reaches_the_terminal_as_a_command() {
    let evil = "\u{1b}[2J\u{1b}]0;x\u{7}\u{9b}31m\u{8}\u{c}\u{202e}";
    let mut person = Person::in_den();
    person.hears(&format!(
        ":e{evil}!u@h JOIN #den
         :e{evil}!u@h PRIVMSG #den :a{evil}b
         :e{evil}!u@h PRIVMSG me :a{evil}b
         :alice!a@h TOPIC #den :{evil}
         :alice!a@h MODE #den +k {evil}
         :srv 353 me = #den :{evil}x
         :srv 372 me :{evil}
         :srv 005 me NETWORK={evil} :x
         ERROR :{evil}
         :me!m@h NICK me{evil}
         FAIL X Y {evil} :{evil}"
    ));
    let all_is_harmless = |person: &mut Person| {
        for buffer in 0..person.model.buffers.len() {
            person.model.show(buffer);
            for (columns, rows) in [(120, 36), (60, 20), (12, 9)] {
                let (cells, _) = person.cells(columns, rows);
                for cell in &cells.content {
                    let harmless = |c: char| !c.is_control() && c != '\u{202e}';
                    assert!(cell.symbol().chars().all(harmless), "{:?}", cell.symbol());
                }
            }
        }
    };
    all_is_harmless(&mut person);
    // Who we are is the server's word, too. Codes of formatting stand in names as in any text.
    person.hears(&format!(":srv 001 m\u{2}\u{3}4\u{4}\u{f}\u{11}\u{16}\u{1d}\u{1e}\u{1f}{evil}e :Welcome"));
    all_is_harmless(&mut person);
    // So is what is completed, and what is looked for.
    person.types("hi m");
    person.presses("Tab");
    person.types("\u{7}\u{1b}x");
    all_is_harmless(&mut person);
    person.presses("Ctrl+s");
    person.types("a\u{4}b");
    all_is_harmless(&mut person);
}

#[test]
fn who_wants_no_colours_gets_none() {
    let mut person = morning();
    person.hears(":alice!a@h PRIVMSG #den :\u{3}4,7red");
    person.model.palette = Palette::Plain;
    let (cells, _) = person.cells(120, 36);
    assert!(cells.content.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
    person.model.palette = Palette::Sixteen;
    let (cells, _) = person.cells(120, 36);
    assert!(cells.content.iter().all(|cell| !matches!(cell.fg, Color::Indexed(_) | Color::Rgb(..))));
}

#[test]
fn a_nick_has_one_colour_however_it_is_written() {
    let person = Person::in_den();
    let colour = |nick: &str| Palette::Many.nick(&person.model.session.fold(nick));
    assert_eq!(colour("Alice"), colour("aLICE"));
    let several: std::collections::BTreeSet<_> = ["alice", "bob", "carol", "dave", "erin", "frank"]
        .iter()
        .map(|nick| format!("{:?}", colour(nick)))
        .collect();
    assert!(several.len() >= 4, "{several:?}");
}

#[test]
fn formatting_is_drawn_and_its_codes_are_not() {
    let mut person = Person::in_den();
    person.hears(":bob!b@h PRIVMSG #den :plain \u{2}bold\u{2} \u{3}4red");
    assert!(person.screen(80, 24).contains("bob  plain bold red"));
    let (cells, _) = person.cells(80, 24);
    let bold = cells.content.iter().filter(|cell| cell.modifier.contains(ratatui::style::Modifier::BOLD));
    assert!(bold.map(ratatui::buffer::Cell::symbol).collect::<String>().contains("bold"));
    let red = cells.content.iter().filter(|cell| cell.fg == Color::LightRed);
    assert_eq!(red.map(ratatui::buffer::Cell::symbol).collect::<String>(), "red");
}

#[test]
fn those_who_are_away_are_listed_below_the_others() {
    let mut person = Person::in_den();
    person.hears("CAP * ACK :away-notify\n:alice!a@h AWAY :asleep");
    let screen = person.screen(120, 10);
    let listed: Vec<&str> =
        screen.lines().filter_map(|row| row.rsplit_once('│')).map(|(_, end)| end).collect();
    assert_eq!(listed[..6], [" 4 users", " +bob", "  me", "  zoe", " away:", " @alice"]);
    assert!(person.screen(120, 7).contains("│ … 1 more"), "{}", person.screen(120, 7));
}

#[test]
fn the_most_urgent_is_told_first_and_what_finds_no_room_is_counted() {
    let mut person = Person::in_den();
    person.hears(
        ":me!m@h JOIN #aa
         :bob!b@h PRIVMSG #aa :early
         :me!m@h JOIN #bb
         :bob!b@h PRIVMSG #bb :me: look
         :zoe!z@h PRIVMSG me :psst
         @+typing=active :bob!b@h TAGMSG #den",
    );
    person.types("x");
    let screen = person.screen(80, 24);
    assert!(screen.contains("│ Act: 5:zoe(1@) 4:#bb(1@) 3:#aa(1)"), "{screen}");
    assert!(screen.contains("bob is typing…  "), "{screen}");
    let screen = person.screen(46, 24);
    assert!(screen.contains("│ 5:zoe(1@) +2 "), "{screen}");
    assert!(screen.lines().last().unwrap().ends_with("bob is typing…"), "{screen}");
    person.presses("Alt+a");
    assert_eq!(person.model.buffer().name, "zoe");
}

#[test]
fn a_large_room_is_listed_as_far_as_it_goes() {
    let mut person = Person::in_den();
    for number in 0..50 {
        person.hears(&format!(":srv 353 me = #den :guest{number:02}"));
    }
    let screen = person.screen(120, 10);
    assert!(screen.contains("│ 54 users") && screen.contains("│ … 48 more"), "{screen}");
    assert!(screen.contains("│ @alice") && screen.contains("│ +bob"), "the highest first\n{screen}");
}

const WIDE: &str = "
 1 Local         │ #den  Welcome to the den -- https://example.com/rules                               │ 4 users
 2 #den          │                                                                                     │ @alice
 3 zoe         1@│                                                                                     │ +bob
                 │                                                                                     │  me
                 │                                                                                     │  zoe
                 │                                                                                     │
                 │                                                                                     │
                 │                                                                                     │
                 │                                                                                     │
                 │                                                                                     │
                 │                                                                                     │
                 │                                                                                     │
                 │                                                                                     │
                 │                                                                                     │
                 │                                                                                     │
                 │ ───────────────────────────────── Sun 22 Nov 2026 ───────────────────────────────── │
                 │ 12:09            ·  You have entered #den                                           │
                 │ 12:09            ·  Topic of #den: Welcome to the den -- https://example.com/rules  │
                 │ ───────────────────────────────── Sat 21 Nov 2026 ───────────────────────────────── │
                 │ 23:58        alice  good night                                                      │
                 │ ───────────────────────────────── Sun 22 Nov 2026 ───────────────────────────────── │
                 │ 09:09          bob  good morning everyone, this line is long enough to need more    │
                 │                     than one row on any of these screens 日本語 👩‍👩‍👧                  │
                 │ 09:10            ·  +carol +dave -carol                                             │
                 │ 12:09            ·  alice has set the topic: Tea at five                            │
                 │ 12:09            ·  alice sets mode +v dave                                         │
                 │ ───────────────────────────── 2 unread · since 12:10 ────────────────────────────── │
                 │ 12:10       dave @  me: ping, are you there?                                        │
                 │ 12:11            *  alexandrina-the-long waves                                      │
                 │ 12:09           me  hello (not confirmed: connection lost)                          │
                 │ 12:09            !  Connection lost: gone; trying again in 1 s                      │
                 │ 12:09           me  typed offline                                                   │
                 │ 12:09            ·  You have entered #den                                           │
                 │ 12:09            ·  Topic of #den: Welcome to the den -- https://example.com/rules  │
[12:09] me ● 0 ms │ #den +nt │ Act: 3:zoe(1@)                                                                   F1:help
[me] hello al_                                                                                            475 bytes left";
const ORDINARY: &str = "
 #den  (not connected)



─────────────────────────────── Sun 22 Nov 2026 ────────────────────────────────
12:09            ·  You have entered #den
12:09            ·  Topic of #den: Welcome to the den --
                    https://example.com/rules
─────────────────────────────── Sat 21 Nov 2026 ────────────────────────────────
23:58        alice  good night
─────────────────────────────── Sun 22 Nov 2026 ────────────────────────────────
09:09          bob  good morning everyone, this line is long enough to need more
                    than one row on any of these screens 日本語 👩‍👩‍👧
09:10            ·  +carol +dave -carol
12:09            ·  alice has set the topic: Tea at five
12:09            ·  alice sets mode +v dave
──────────────────────────── 2 unread · since 12:10 ────────────────────────────
12:10       dave @  me: ping, are you there?
12:11            *  alexandrina-the-long waves
12:09           me  hello (not confirmed: connection lost)
12:09            !  Connection lost: gone; trying again in 1 s
12:09           me  typed offline (not sent: offline)
[12:09] me ◌ registering │ Act: 3:zoe(1@)                               F1:help
[me] hello al_                                                    408 bytes left";
const SMALL: &str = "
 #den  (not connected)
12:09         · Topic of #den: Welcome to the den --
                https://example.com/rules
───────────────────── Sat 21 Nov 2026 ──────────────────────
23:58     alice good night
───────────────────── Sun 22 Nov 2026 ──────────────────────
09:09       bob good morning everyone, this line is long
                enough to need more than one row on any of
                these screens 日本語 👩‍👩‍👧
09:10         · +carol +dave -carol
12:09         · alice has set the topic: Tea at five
12:09         · alice sets mode +v dave
────────────────── 2 unread · since 12:10 ──────────────────
12:10    dave @ me: ping, are you there?
12:11         * alexandrina-the-long waves
12:09        me hello (not confirmed: connection lost)
12:09         ! Connection lost: gone; trying again in 1 s
12:09        me typed offline (not sent: offline)
[12:09] me ◌ registering │ 3:zoe(1@)                F1:help
[me] hello al_                                408 bytes left";
const TINY: &str = "
 #den  (not connecte
! Connection lost:
gone; trying again
in 1 s
<me> typed offline
(not sent: offline)
[12:09] me ◌ registe
hello al_";
const HELP: &str = "
 Keys and commands — type to search, PgUp and PgDn scroll, E
 F1                     this help, in which one types to sea
 ?                      the same where nothing is typed; twi
 Enter                  send, or run a /command
 Alt+Enter              begin another line
 Tab                    complete a nick, a /command or a #ro";
