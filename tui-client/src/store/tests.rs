//! What is there again after a restart.

use std::path::PathBuf;

use wire::Timestamp;

use super::files::{file_name, read_page, write_state};
use super::{Store, Task, log_of, state_of};
use crate::buffer::State;
use crate::model::{Event, News, Question, Wish};
use crate::testing::Person;

/// A directory of its own, gone with the test.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("parlor-store-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn log(&self, buffer: &str) -> PathBuf {
        log_of(&self.0, "chat.example-6667", buffer)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

/// Does with the wishes what the loop does.
fn perform(person: &mut Person, store: &Store) {
    for wish in std::mem::take(&mut person.wishes) {
        match wish {
            Wish::Keep { network, buffer, record, plain } => {
                store.give(Task::Add { network, buffer, record, plain });
            }
            Wish::Save { network, text } => store.give(Task::Save { network, text }),
            _ => {}
        }
    }
}

/// Starts anew with what was kept.
fn restarted(place: &Place) -> (Person, Store) {
    let mut person = Person::started();
    let store = person.model.remember(&place.0, None).expect("the store opens");
    person.model.take_up_all(&place.0);
    (person, store)
}

fn in_den(place: &Place) -> (Person, Store) {
    let (mut person, store) = restarted(place);
    person.welcome();
    person.enter_den();
    person.presses("Alt+2");
    person.sent();
    (person, store)
}

/// Ends as a kill does, a second after the last key: nothing is written any more but what was handed over.
fn killed(mut person: Person, store: Store) {
    person.waits(1000);
    perform(&mut person, &store);
    drop(store);
}

fn texts(person: &Person) -> Vec<String> {
    let den = person.model.find("#den").unwrap();
    person.model.buffers[den].lines().map(|line| format!("{}{}", line.shown(), line.remark())).collect()
}

#[test]
fn lines_marks_drafts_and_inputs_survive_a_kill() {
    let place = Place::new("kill");
    let (mut person, store) = in_den(&place);
    person.enters("hello");
    person.hears("@label=1;msgid=m0 :me!me@home PRIVMSG #den :hello");
    person.hears("@time=2026-11-22T12:09:30.000Z;msgid=m1 :alice!a@h PRIVMSG #den :hi \u{2}me\n@msgid=m2 :bob!b@h PRIVMSG #den :oops");
    person.hears(":carol!c@h JOIN #den\n:dave!c@h JOIN #den");
    person.hears("@+draft/reply=m1;+draft/react=:) :bob!b@h TAGMSG #den\n:bob!b@h REDACT #den m2 :sorry");
    person.presses("Alt+1");
    person.hears("@time=2026-11-22T12:09:40.000Z;msgid=m3 :alice!a@h PRIVMSG #den :me: still there?");
    person.presses("Alt+2 Alt+1");
    person.hears("@time=2026-11-22T12:09:50.000Z;msgid=m4 :alice!a@h PRIVMSG #den :me: hello?");
    person.presses("Alt+2");
    person.types("not yet sa");
    person.presses("Alt+1");
    person.hears("@time=2026-11-22T12:09:55.000Z;msgid=m5 :alice!a@h PRIVMSG #den :me: last");
    perform(&mut person, &store);
    killed(person, store);

    let (mut person, _store) = restarted(&place);
    assert_eq!(
        texts(&person),
        [
            "hello",
            "(taken back: sorry)",
            "+carol +dave",
            "hi \u{2}me [:) bob]",
            "me: still there?",
            "me: hello?",
            "me: last"
        ]
    );
    let den = person.model.find("#den").unwrap();
    let buffer = &person.model.buffers[den];
    assert_eq!((buffer.unread, buffer.mentions, buffer.input.text()), (1, 1, "not yet sa"));
    assert_eq!(buffer.line(buffer.marker.unwrap().seq).unwrap().text.as_ref(), "me: last");
    assert_eq!(buffer.past.until, Timestamp::parse("2026-11-22T12:09:55Z"));
    person.presses("Alt+2");
    person.presses("Up");
    assert_eq!(person.model.buffer().input.text(), "hello");
}

#[test]
fn what_was_typed_offline_waits_over_a_restart_and_is_asked_about_when_it_is_old() {
    let place = Place::new("offline");
    let (mut person, store) = in_den(&place);
    person.event(Event::Net(person.model.id, News::Lost("gone".to_owned())));
    person.enters("typed offline");
    perform(&mut person, &store);
    killed(person, store);

    let (mut person, _store) = restarted(&place);
    assert_eq!(texts(&person), ["typed offline (not sent: offline)"]);
    person.waits(11 * 60_000);
    person.welcome();
    person.enter_den();
    assert!(matches!(person.model.question, Some(Question::Kept { count: 1, .. })));
    person.sent();
    person.types("y");
    assert_eq!(person.sent(), ["@label=1 PRIVMSG #den :typed offline"]);
}

#[test]
fn what_is_kept_of_a_network_that_comes_later_is_taken_up_before_it_is_written_over() {
    let place = Place::new("later");
    let (mut person, store) = in_den(&place);
    person.types("a draft");
    killed(person, store);

    // The form goes to the same server only now.
    let mut person = Person::started();
    person.model.name = "elsewhere".to_owned();
    let _store = person.model.remember(&place.0, None).unwrap();
    person.event(Event::Resize(80, 24));
    person.presses("a Backspace");
    person.waits(2000);
    let saves = |wish: &Wish| matches!(wish, Wish::Save { .. });
    assert!(!person.wishes.iter().any(saves), "nothing is kept of where one never was");
    person.wishes.clear();
    person.model.ask_where_to();
    person.event(Event::Checked(1, crate::form::Report { reached: Some(Ok(())), ..Default::default() }));
    person.presses("Enter");
    let home = person.model.id;
    let first = person.wishes.iter().position(|wish| *wish == Wish::TakeUp(home)).unwrap();
    let then = person.wishes.iter().position(|wish| matches!(wish, Wish::Connect(..))).unwrap();
    assert!(first < then);
    person.model.take_up(home, &place.0);
    let den = person.model.find("#den").unwrap();
    assert_eq!(person.model.buffers[den].input.text(), "a draft");

    // Another network by hand.
    person.wishes.clear();
    person.enters("/connect other.example");
    let other = person.model.networks[1].id;
    assert!(person.wishes.contains(&Wish::TakeUp(other)));
}

#[test]
fn nothing_stands_twice_after_a_restart_and_a_playback() {
    let place = Place::new("twice");
    let (mut person, store) = in_den(&place);
    person.hears("@time=2026-11-22T12:09:30.000Z;msgid=m1 :alice!a@h PRIVMSG #den :one\n@time=2026-11-22T12:09:31.000Z :alice!a@h PRIVMSG #den :two");
    killed(person, store);
    let (mut person, _store) = restarted(&place);
    person.welcome();
    person.hears("CAP me ACK :draft/chathistory");
    person.sent();
    person.hears("@time=2026-11-22T12:20:00.000Z :me!me@home JOIN #den");
    let asked = person.sent().into_iter().find(|line| line.starts_with("CHATHISTORY"));
    assert_eq!(asked.unwrap(), "CHATHISTORY AFTER #den timestamp=2026-11-22T12:09:30.999Z 100");
    person.hears(
        ":srv BATCH +h chathistory #den
         @batch=h;time=2026-11-22T12:09:30.000Z;msgid=m1 :alice!a@h PRIVMSG #den :one
         @batch=h;time=2026-11-22T12:09:31.000Z :alice!a@h PRIVMSG #den :two
         @batch=h;time=2026-11-22T12:09:32.000Z;msgid=m3 :alice!a@h PRIVMSG #den :three
         :srv BATCH -h",
    );
    let speech: Vec<String> = texts(&person).into_iter().filter(|text| !text.contains(' ')).collect();
    assert_eq!(speech, ["one", "two", "three"]);
}

#[test]
fn a_torn_end_is_cut_off_and_a_damaged_log_is_moved_aside() {
    let place = Place::new("damaged");
    let (mut person, store) = in_den(&place);
    person.hears(":alice!a@h PRIVMSG #den :one\n:alice!a@h PRIVMSG #den :two");
    killed(person, store);
    let log = place.log("#den");
    let good = std::fs::read(&log).unwrap();

    std::fs::write(&log, [&good[..], b"0123"].concat()).unwrap();
    let (mut person, store) = restarted(&place);
    assert_eq!(texts(&person), ["one", "two"]);
    person.welcome();
    person.enter_den();
    person.hears(":alice!a@h PRIVMSG #den :three");
    killed(person, store);
    assert!(!read_page(&log, None, 4096).unwrap().damaged, "what was torn is gone");

    let mut bad = std::fs::read(&log).unwrap();
    let middle = bad.len() / 2;
    bad[middle] ^= 1;
    std::fs::write(&log, bad).unwrap();
    write_state(&state_of(&place.0, "chat.example-6667"), "x").unwrap();
    std::fs::write(state_of(&place.0, "chat.example-6667"), "nonsense").unwrap();
    let (person, _store) = restarted(&place);
    assert_eq!(texts(&person).len(), 2, "what is good of it is shown");
    let told: Vec<String> = person.model.buffers[0].lines().map(|line| line.text.to_string()).collect();
    assert!(
        told.iter().any(|text| text.contains("#den.log cannot be read: it is damaged. It is")),
        "{told:?}"
    );
    assert!(told.iter().any(|text| text.contains("state cannot be read: it is damaged")));
    assert!(!log.exists() && log.with_extension("damaged-1").exists());
}

#[test]
fn older_pages_are_read_as_one_scrolls_up() {
    let place = Place::new("pages");
    let (mut person, store) = in_den(&place);
    for number in 0..2000 {
        person.hears(&format!(":alice!a@h PRIVMSG #den :line number {number} with some more words to it"));
    }
    killed(person, store);
    let (mut person, store) = restarted(&place);
    let den = person.model.find("#den").unwrap();
    person.model.show(den);
    let first = person.model.buffer().len();
    assert!((100..1000).contains(&first), "{first}");
    for _ in 0..100 {
        person.presses("Alt+Home");
        for wish in std::mem::take(&mut person.wishes) {
            if let Wish::Recall { network, buffer, to, before } = wish {
                store.give(Task::Recall { network, buffer, to, before });
                match store.done.recv().unwrap() {
                    super::Done::Recalled(buffer, page) => person.event(Event::Recalled(buffer, page)),
                    super::Done::Failed(why) => panic!("{why}"),
                }
            }
        }
    }
    let numbers: Vec<usize> =
        texts(&person).iter().map(|text| text.split(' ').nth(2).unwrap().parse().unwrap()).collect();
    assert_eq!(numbers, (0..2000).collect::<Vec<_>>());
}

#[test]
fn nobody_else_reads_it_and_two_do_not_write_it() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new("mode");
    let (mut person, store) = in_den(&place);
    person.hears(":alice!a@h PRIVMSG #den :one");
    person.types("x");
    person.waits(1000);
    perform(&mut person, &store);
    let second = Person::started().model.remember(&place.0, None);
    assert!(second.is_none());
    drop(store);
    for path in [place.log("#den"), state_of(&place.0, "chat.example-6667")] {
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600,
            "{}",
            path.display()
        );
    }
}

#[test]
fn names_lead_nowhere_else_and_logs_for_people_are_written_if_wanted() {
    #[rustfmt::skip]
    let table = [("#den", "#den"), ("../x", "%2e.%2fx"), ("..", "%2e."), ("a/b", "a%2fb"), ("é", "%c3%a9"), ("A", "%41")];
    for (name, file) in table {
        assert_eq!(file_name(name), file);
    }
    assert_ne!(file_name(&"x".repeat(300)), file_name(&"x".repeat(301)));
    let place = Place::new("logs");
    let mut person = Person::started();
    let store = person.model.remember(&place.0.join("store"), Some(place.0.join("logs"))).unwrap();
    person.model.take_up_all(&place.0.join("store"));
    person.welcome();
    person.enter_den();
    person.hears(":alice!a@h PRIVMSG #den :\u{2}one");
    killed(person, store);
    let log = std::fs::read_to_string(log_of(&place.0.join("logs"), "chat.example-6667", "#den")).unwrap();
    assert_eq!(log, "Sun 22 Nov 2026 12:09 <alice> one\n");
}

#[test]
fn secrets_are_not_among_the_inputs_that_are_kept() {
    let place = Place::new("secret");
    let (mut person, store) = in_den(&place);
    for typed in ["/quote OPER me hunter2", "/msg NickServ identify hunter2", "/topic fine"] {
        person.enters(typed);
    }
    killed(person, store);
    let state = std::fs::read_to_string(state_of(&place.0, "chat.example-6667")).unwrap();
    assert!(state.contains("/topic fine") && !state.contains("hunter2"), "{state}");
}

#[test]
fn a_line_that_is_in_doubt_is_kept_as_such() {
    let place = Place::new("doubt");
    let (mut person, store) = in_den(&place);
    person.enters("hm");
    person.wishes.extend(person.model.ends());
    perform(&mut person, &store);
    drop(store);
    let (person, _store) = restarted(&place);
    let den = person.model.find("#den").unwrap();
    assert_eq!(person.model.buffers[den].lines().next().unwrap().state, State::Lost);
}

#[test]
fn without_a_store_nothing_is_wished_of_it() {
    let mut person = Person::in_den();
    person.hears(":alice!a@h PRIVMSG #den :one");
    person.waits(120_000);
    let kept = |wish: &Wish| matches!(wish, Wish::Keep { .. } | Wish::Save { .. } | Wish::Recall { .. });
    assert!(!person.wishes.iter().any(kept));
}

#[test]
fn a_log_that_is_too_long_keeps_its_later_half() {
    let place = Place::new("long");
    let (mut person, store) = in_den(&place);
    let words = "many words ".repeat(30);
    for number in 0..16_000 {
        person.hears(&format!(":alice!a@h PRIVMSG #den :{number} {words}"));
        if number % 1000 == 999 {
            perform(&mut person, &store);
            // Whoever asks is answered behind what was handed over before.
            let network = "chat.example-6667".to_owned();
            store.give(Task::Recall {
                network,
                buffer: "x".to_owned(),
                to: crate::buffer::BufferId(0),
                before: None,
            });
            store.done.recv().unwrap();
        }
    }
    killed(person, store);
    let length = std::fs::metadata(place.log("#den")).unwrap().len();
    assert!((2_000_000..4_300_000).contains(&length), "{length}");
    let (person, _store) = restarted(&place);
    let last = texts(&person).pop().unwrap();
    assert!(last.starts_with("15999 "), "{last}");
    let told: Vec<String> = person.model.buffers[0].lines().map(|line| line.text.to_string()).collect();
    assert!(!told.iter().any(|text| text.contains("damaged")), "{told:?}");
}
