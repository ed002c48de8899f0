use crate::config::{Config, Settings};
use crate::model::{Event, Link, News, Palette, Wish};
use crate::testing::{HOME, Person};

#[test]
fn settings_are_listed_shown_and_changed_live() {
    let mut person = Person::in_den();
    person.enters("/set");
    assert_eq!(person.reads().iter().filter(|line| line.contains(" = ")).count(), crate::config::TABLE.len());
    person.enters("/set theme light");
    assert_eq!(person.model.palette, Palette::Light);
    assert!(person.reads_last().starts_with("theme = light — "), "{}", person.reads_last());
    person.enters("/set buffer_panel off");
    assert!(!person.screen(100, 24).contains("1 Local"));
    person.enters("/set quit");
    assert!(person.reads_last().starts_with("quit_message = Parlor"));
    person.enters("/set quit_message \"\"");
    assert!(person.model.settings.quit_message.is_empty());
    person.enters("/set quit_message so long");
    person.sent();
    person.enters("/quit");
    assert_eq!(person.sent(), ["QUIT :so long"]);
}

#[test]
fn a_setting_that_does_not_fit_changes_nothing() {
    let mut person = Person::in_den();
    for (typed, expected) in [
        ("/set theme pink", "theme may be auto, dark, light, 16, none; nothing was changed."),
        ("/set retry_seconds_max 0", "retry_seconds_max may be 1 to 3600; nothing was changed."),
        ("/set mouse maybe", "mouse may be on or off; nothing was changed."),
        ("/set tehme dark", "There is no setting tehme; did you mean theme? /set lists them."),
    ] {
        person.enters(typed);
        assert_eq!(person.reads_last(), expected);
    }
    assert_eq!(person.model.settings, Settings::default());
}

#[test]
fn tab_completes_settings_their_values_and_networks() {
    let mut person = Person::in_den();
    for (typed, expected) in [
        ("/set th", "/set theme "),
        ("/set theme li", "/set theme light "),
        ("/set mouse ", "/set mouse on "),
        ("/reconnect ch", "/reconnect chat.example "),
    ] {
        person.types(typed);
        person.presses("Tab");
        assert_eq!(person.model.buffer().input.text(), expected, "{typed}");
        person.presses("Ctrl+u");
    }
}

#[test]
fn who_wants_no_reconnect_stays_offline_and_waits_have_an_end_of_their_own() {
    let mut person = Person::in_den();
    person.enters("/set reconnect off");
    person.event(Event::Net(HOME, News::Lost("gone".to_owned())));
    assert_eq!(person.model.link, Link::Off);
    person.enters("/set reconnect on");
    person.enters("/set retry_seconds_max 3");
    person.enters("/reconnect");
    for _ in 0..5 {
        person.event(Event::Net(HOME, News::Lost("gone".to_owned())));
        person.waits(3000);
    }
    assert_eq!(person.model.link, Link::Connecting);
}

#[test]
fn the_file_is_read_again_and_written_when_it_is_asked_for() {
    let mut person = Person::in_den();
    person.wishes.clear();
    person.enters("/reload");
    assert_eq!(person.wishes, [Wish::Reload]);
    let text = "[settings]\ntheme = 'none'\n[keys]\nF5 = 'help'\n[networks.far]\naddresses = 'far.example'\nrooms = '#x'";
    person.event(Event::Reloaded(Box::new(Ok(Config::parse(text).unwrap()))));
    assert_eq!(person.model.palette, Palette::Plain);
    person.presses("F5");
    assert!(person.model.help.is_some());
    person.presses("Esc");
    person.enters("/connect FAR");
    assert_eq!((person.model.networks.len(), person.model.wanted.rooms.clone()), (2, vec!["#x".to_owned()]));

    person.event(Event::Reloaded(Box::new(Err("config.toml:2: settings.x: wrong".to_owned()))));
    assert_eq!(person.reads_last(), "config.toml:2: settings.x: wrong. Nothing was changed.");
    assert_eq!(person.model.palette, Palette::Plain);

    person.enters("/set theme dark");
    person.wishes.clear();
    person.enters("/save chat.example");
    let [Wish::SaveConfig { read, settings, networks }] = &person.wishes[..] else {
        panic!("{:?}", person.wishes)
    };
    assert_eq!((read.theme.as_str(), settings.theme.as_str()), ("none", "dark"));
    assert_eq!(
        (networks[0].name.as_str(), &networks[0].rooms[..]),
        ("chat.example", &["#den".to_owned()][..])
    );
    let now = settings.clone();
    person.event(Event::Saved(now, "config.toml".to_owned()));
    assert_eq!(person.model.configured.theme, "dark");
    person.enters("/save nowhere");
    assert!(person.reads_last().starts_with("No network is called nowhere."));
}

#[test]
fn words_of_ones_own_choice_count_as_being_named() {
    let mut person = Person::in_den();
    person.enters("/set highlight Deploy c++ café");
    assert!(person.reads_last().starts_with("highlight = Deploy c++ café — "), "{}", person.reads_last());
    person.enters("/query zoe");
    #[rustfmt::skip]
    let table = [("we deploy now", true), ("C++, again", true), ("the CAFÉ!", true), ("redeployed", false), ("c+", false), ("\u{2}deploy\u{2}!", true)];
    for (text, named) in table {
        let before = person.model.buffers[1].mentions;
        person.hears(&format!(":bob!b@h PRIVMSG #den :{text}"));
        assert_eq!(person.model.buffers[1].mentions - before, usize::from(named), "{text}");
    }
    person.enters("/set highlight none");
    person.hears(":bob!b@h PRIVMSG #den :deploy");
    assert_eq!(person.model.buffers[1].mentions, 4);
}

#[test]
fn whom_one_ignores_is_a_setting_and_can_be_saved() {
    let mut person = Person::in_den();
    person.enters("/ignore bob");
    person.enters("/ignore *!*@spam.example");
    assert_eq!(person.model.settings.ignore, ["bob!*@*", "*!*@spam.example"]);
    person.enters("/save");
    let saved = person.wishes.iter().any(
        |wish| matches!(wish, Wish::SaveConfig { settings, .. } if settings.ignore == person.model.settings.ignore),
    );
    assert!(saved, "{:?}", person.wishes);
    person.enters("/unignore bob");
    person.hears(":bob!b@h PRIVMSG #den :one\n:eve!e@spam.example PRIVMSG #den :two");
    assert_eq!(person.reads_last(), "bob: one");
    person.enters("/set ignore none");
    person.hears(":eve!e@spam.example PRIVMSG #den :three");
    assert_eq!(person.reads_last(), "eve: three");
    let config = Config::parse("[settings]\nignore = 'eve'\nhighlight = ['a', 'b']").unwrap();
    person.event(Event::Reloaded(Box::new(Ok(config))));
    person.hears(":eve!e@elsewhere PRIVMSG #den :four\n:bob!b@h PRIVMSG #den :five");
    assert_eq!(
        person.reads()[person.reads().len() - 2..],
        ["The configuration was read again.", "bob: five"]
    );
}

/// The configuration was read again.
fn reloaded(person: &mut Person, text: &str) {
    person.event(Event::Reloaded(Box::new(Ok(Config::parse(text).unwrap()))));
}

fn names(person: &Person) -> Vec<&str> {
    person.model.networks.iter().map(|network| network.name.as_str()).collect()
}

const FAR: &str = "[networks.far]\naddresses = 'far.example'\nrooms = '#x'\n";
const QUIET: &str = "[networks.quiet]\naddresses = 'quiet.example'\nconnect = false\n";

#[test]
fn networks_that_are_new_in_the_file_are_connected_to_and_those_that_have_vanished_are_left() {
    let mut person = Person::in_den();
    person.wishes.clear();
    reloaded(&mut person, &format!("{FAR}{QUIET}"));
    assert_eq!(names(&person), ["chat.example", "far"]);
    let connects = |wish: &&Wish| matches!(wish, Wish::Connect(..));
    assert_eq!(person.wishes.iter().filter(connects).count(), 1);
    assert_eq!(person.reads_last(), "far is new and connected to.");
    person.wishes.clear();
    reloaded(&mut person, &format!("{FAR}{QUIET}"));
    assert!(person.wishes.is_empty(), "nothing is new any more");

    let far = person.model.networks[1].id;
    person.event(Event::Net(far, News::Connected));
    person.event(Event::Net(far, News::Line(":far 001 me :hi".to_owned())));
    person.event(Event::Net(far, News::Line(":me!m@h JOIN #x".to_owned())));
    person.presses("Alt+2");
    person.wishes.clear();
    reloaded(&mut person, QUIET);
    assert_eq!(names(&person), ["chat.example"]);
    assert_eq!(
        person.reads_last(),
        "far is not configured any more: it is left, and its buffers are closed."
    );
    assert!(person.wishes.contains(&Wish::Send(far, "QUIT :Parlor\r\n".to_owned())));
    assert!(person.wishes.contains(&Wish::Disconnect(far)));
    assert_eq!(person.model.buffers.len(), 2);
    reloaded(&mut person, "");
    assert_eq!(names(&person), ["chat.example"], "that one was never in the file");

    reloaded(&mut person, FAR);
    assert_ne!(
        person.model.networks[1].id, far,
        "what comes late from the old one is no news of the new one"
    );
}

#[test]
fn a_network_that_has_vanished_keeps_what_was_not_sent() {
    let mut person = Person::in_den();
    reloaded(&mut person, FAR);
    person.presses("Alt+3");
    person.types("not yet said");
    reloaded(&mut person, "");
    let told = "far is not configured any more: it is left, and its buffers stay as they are.".to_owned();
    assert!(person.reads().contains(&told));
    assert_eq!((names(&person).len(), person.model.buffer().input.text()), (2, "not yet said"));
    assert_eq!(person.model.link, Link::Off);

    person.model.keeps = true;
    reloaded(&mut person, FAR);
    person.wishes.clear();
    reloaded(&mut person, "");
    assert_eq!(names(&person), ["chat.example"], "it is kept on the disk");
    assert!(person.model.buffer().name.contains("Local"), "one looks at what is left");
}

#[test]
fn logs_begin_and_end_when_it_is_set_unless_the_command_line_says_where() {
    let mut person = Person::in_den();
    person.enters("/set logs /tmp/x");
    assert!(person.wishes.iter().all(|wish| !matches!(wish, Wish::Logs(_))), "nothing is kept at all");
    person.enters("/set logs \"\"");
    person.model.keeps = true;
    person.enters("/set logs /logs");
    person.hears(":alice!a@h PRIVMSG #den :hello");
    person.enters("/set logs \"\"");
    person.hears(":alice!a@h PRIVMSG #den :goodbye");
    let logs: Vec<String> = std::mem::take(&mut person.wishes)
        .into_iter()
        .filter_map(|wish| match wish {
            Wish::Logs(place) => Some(place.map_or("none".to_owned(), |place| place.display().to_string())),
            Wish::Keep { plain, .. } => Some(plain),
            _ => None,
        })
        .collect();
    assert_eq!(logs, ["/logs", "Sun 22 Nov 2026 12:09 <alice> hello\n", "none", ""]);
    person.model.logs_fixed = true;
    person.enters("/set logs /elsewhere");
    assert!(person.wishes.iter().all(|wish| !matches!(wish, Wish::Logs(_))));
}
