//! What is typed, and what is sent or said in answer.

use super::{TABLE, find};
use crate::model::News;
use crate::testing::{HOME, Person};

/// Typed in `#den`, and the lines that are sent, `|` between them.
#[rustfmt::skip]
const SENT: &[(&str, &str)] = &[
    ("/join #rust",                "JOIN #rust"),
    ("/j rust key",                "JOIN #rust key"),
    ("/join #a,#b",                "JOIN #a|JOIN #b"),
    ("/join #DEN",                 ""),
    ("/part",                      "PART #den"),
    ("/part see you",              "PART #den :see you"),
    ("/leave #den see you",        "PART #den :see you"),
    ("/close bye",                 "PART #den :bye"),
    ("/msg bob hi  there",         "PRIVMSG bob :hi  there"),
    ("/m #den hi",                 "PRIVMSG #den :hi"),
    ("/query bob hi",              "PRIVMSG bob :hi"),
    ("/query bob",                 ""),
    ("/me waves",                  "PRIVMSG #den :\u{1}ACTION waves\u{1}"),
    ("/notice bob hi",             "NOTICE bob :hi"),
    ("/nick you",                  "NICK you"),
    ("/topic",                     "TOPIC #den"),
    ("/t New topic",               "TOPIC #den :New topic"),
    ("/topic #x New topic",        "TOPIC #x :New topic"),
    ("/topic -",                   "TOPIC #den :"),
    ("/names",                     "NAMES #den"),
    ("/list",                      "LIST"),
    ("/list *rust*",               "LIST *rust*"),
    ("/whois alice",               "WHOIS alice"),
    ("/wi",                        "WHOIS me"),
    ("/whowas alice",              "WHOWAS alice"),
    ("/who",                       "WHO #den"),
    ("/who alice",                 "WHO alice"),
    ("/away at lunch",             "AWAY :at lunch"),
    ("/away",                      "AWAY :away"),
    ("/back",                      "AWAY"),
    ("/invite carol",              "INVITE carol #den"),
    ("/invite carol #x",           "INVITE carol #x"),
    ("/kick bob",                  "KICK #den bob"),
    ("/k bob too loud",            "KICK #den bob :too loud"),
    ("/kick #x bob too loud",      "KICK #x bob :too loud"),
    ("/ban bob",                   "MODE #den +b bob!*@*"),
    ("/ban",                       "MODE #den b"),
    ("/unban *.example",           "MODE #den -b *!*@*.example"),
    ("/mode",                      "MODE #den"),
    ("/mode +k key",               "MODE #den +k key"),
    ("/mode #x -o bob",            "MODE #x -o bob"),
    ("/mode me +i",                "MODE me +i"),
    ("/op bob",                    "MODE #den +o bob"),
    ("/deop a b c d",              "MODE #den -ooo a b c|MODE #den -o d"),
    ("/voice #x bob",              "MODE #x +v bob"),
    ("/devoice bob",               "MODE #den -v bob"),
    ("/quote PING  :x y",          "PING  :x y"),
    ("/quit see you",              "QUIT :see you"),
    ("/exit",                      "QUIT :Parlor"),
    ("/disconnect later",          "QUIT :later"),
    ("/QUIT",                      "QUIT :Parlor"),
    ("/whoi bob",                  "WHOIS bob"),
    ("//shrug",                    "PRIVMSG #den :/shrug"),
    ("hi / there",                 "PRIVMSG #den :hi / there"),
];

#[test]
fn commands_send_what_they_mean() {
    for (typed, expected) in SENT {
        let mut person = Person::in_den();
        person.enters(typed);
        let untagged = |line: &String| match line.strip_prefix('@') {
            Some(rest) => rest.split_once(' ').map_or(String::new(), |(_, line)| line.to_owned()),
            None => line.clone(),
        };
        let sent: Vec<String> = person.sent().iter().map(untagged).collect();
        assert_eq!(sent.join("|"), *expected, "{typed}");
    }
}

/// Typed in `#den`, and what is told instead of anything being sent.
#[rustfmt::skip]
const TOLD: &[(&str, &str)] = &[
    ("/jion #rust",     "There is no command /jion; did you mean /join? Nothing was sent."),
    ("/",               "A command needs a name; /help lists them. Nothing was sent."),
    ("/un",             "/un could be /unban, /unignore. Nothing was sent."),
    ("/kick",           "Usage: /kick [#room] nick [reason]"),
    ("/msg bob",        "Usage: /msg target text"),
    ("/op",             "Usage: /op [#room] nick …"),
    ("/nick a b",       "Usage: /nick nick"),
    ("/quote",          "Usage: /quote line"),
    ("/buffer nothing", "No such buffer. Usage: /buffer number or name"),
    ("/connect x:y",    "x:y: the port is no number from 1 to 65535"),
    ("/unignore bob",   "bob!*@* is not ignored."),
    ("/ignore",         "Nobody is ignored."),
    ("/help kick",      "/kick, /k [#room] nick [reason] — show somebody the door"),
    ("/msg #far hi",    "You are not in #far; /join it first. Nothing was sent."),
];

#[test]
fn mistakes_are_explained_and_nothing_is_sent() {
    for (typed, expected) in TOLD {
        let mut person = Person::in_den();
        person.enters(typed);
        assert_eq!(person.sent(), [""; 0], "{typed}");
        assert_eq!(person.reads_last(), *expected, "{typed}");
    }
}

#[test]
fn the_table_is_in_order_and_every_name_and_alias_is_found() {
    assert!(TABLE.is_sorted_by_key(|row| row.name));
    for row in TABLE {
        for name in row.aliases.iter().chain([&row.name]) {
            assert_eq!(find(name).map(|found| found.name), Ok(row.name), "/{name} is taken twice");
        }
        assert!(!row.help.is_empty());
    }
}

#[test]
fn without_a_connection_commands_for_the_server_say_so() {
    for row in TABLE.iter().filter(|row| row.needs == super::Needs::Server) {
        let mut person = Person::in_den();
        person.event(crate::model::Event::Net(HOME, News::Lost("gone".to_owned())));
        person.sent();
        person.enters(&format!("/{} x y", row.name));
        assert_eq!(person.sent(), [""; 0], "/{}", row.name);
        assert_eq!(person.reads_last(), format!("/{} needs a connection; nothing was sent.", row.name));
    }
}

#[test]
fn rooms_that_are_joined_offline_are_entered_when_the_connection_stands() {
    let mut person = Person::started();
    person.enters("/join #rust key");
    person.event(crate::model::Event::Net(HOME, News::Connected));
    person.enters("/join #late");
    assert!(!person.sent().iter().any(|line| line.starts_with("JOIN")), "nobody has welcomed us yet");
    person.welcome();
    let sent = person.sent();
    assert!(
        sent.contains(&"JOIN #rust key".to_owned()) && sent.contains(&"JOIN #den,#late".to_owned()),
        "{sent:?}"
    );
}

#[test]
fn whom_one_ignores_is_not_heard() {
    let mut person = Person::in_den();
    person.enters("/ignore alice");
    person.hears(":ALICE!a@h PRIVMSG #den :one\n:alice!a@h PRIVMSG me :two\n:bob!b@h PRIVMSG #den :three");
    assert_eq!(person.reads_last(), "bob: three");
    assert_eq!(person.model.buffers.len(), 2, "no talk is opened");
    person.enters("/unignore alice");
    person.hears(":alice!a@h PRIVMSG #den :four");
    assert_eq!(person.reads_last(), "alice: four");
}

#[test]
fn lines_that_contain_a_text_are_found() {
    let mut person = Person::in_den();
    person.hears(
        ":bob!b@h PRIVMSG #den :one Two\n:bob!b@h PRIVMSG #den :three\n:al!b@h PRIVMSG #den :t\u{2}wo\u{2}s",
    );
    person.enters("/lastlog TWO");
    let reads = person.reads();
    let expected = [
        "2 lines with “TWO”:",
        "Sun 22 Nov 2026 12:09 <bob> one Two",
        "Sun 22 Nov 2026 12:09 <al> t\u{2}wo\u{2}s",
    ];
    assert_eq!(reads[reads.len() - 3..], expected);
}

#[test]
fn lines_in_which_one_is_named_are_listed_from_everywhere() {
    let mut person = Person::in_den();
    person.enters("/mentions");
    assert_eq!(person.reads_last(), "Nobody has named you in what is kept here.");
    person.hears(
        "@time=2026-11-22T12:11:00Z :bob!b@h PRIVMSG #den :me: later
         :bob!b@h PRIVMSG #den :to nobody
         @time=2026-11-22T12:10:00Z :zoe!z@h PRIVMSG me :psst",
    );
    person.enters("/mentions");
    let reads = person.reads();
    let expected = ["Sun 22 Nov 2026 12:10 zoe <zoe> psst", "Sun 22 Nov 2026 12:11 #den <bob> me: later"];
    assert_eq!(reads[reads.len() - 2..], expected);
    person.enters("/search LATER");
    assert!(person.screen(80, 24).contains("search: LATER"));
    assert!(person.model.prompt.as_ref().unwrap().wanted().is_some());
    person.presses("Esc");
}

#[test]
fn buffers_are_shown_by_number_and_by_a_part_of_their_name() {
    let mut person = Person::in_den();
    person.enters("/query bob");
    person.enters("/buffer 1");
    assert_eq!(person.model.current, 0);
    person.enters("/buffer DE");
    assert_eq!(person.model.buffer().name, "#den");
    person.enters("/close");
    assert_eq!(person.model.buffers.len(), 2);
    person.enters("/buffer bob");
    person.enters("/close");
    assert_eq!(person.model.current, 0);
    person.enters("/close");
    assert_eq!(person.reads_last(), "The server's buffer stays; /quit ends the client.");
}

#[test]
fn an_answer_is_shown_where_the_question_was_asked() {
    let mut person = Person::in_den();
    person.enters("/whois bob");
    assert_eq!(person.sent(), ["@label=1 WHOIS bob"]);
    person.enters("/query zoe");
    person.hears(
        "@label=1 :srv BATCH +x labeled-response
         @batch=x :srv 311 me bob b host * :Bob
         :srv BATCH -x",
    );
    assert!(person.reads().is_empty());
    person.presses("Alt+2");
    assert_eq!(person.reads_last(), "bob is b@host (Bob)");
    person.hears("CAP me DEL :labeled-response");
    person.enters("/whois bob");
    assert_eq!(person.sent(), ["WHOIS bob"]);
}

#[test]
fn the_server_searches_where_it_can() {
    let mut person = Person::in_den();
    person.sent();
    person.enters("/find needle");
    assert!(person.reads_last().starts_with("This server cannot search"), "{}", person.reads_last());
    person.hears("CAP me NEW :soju.im/search\nCAP me ACK :soju.im/search");
    person.sent();
    #[rustfmt::skip]
    let table = [
        ("/find two words; more",            "SEARCH in=#den;text=two\\swords\\:\\smore"),
        ("/find in:* needle",                "SEARCH text=needle"),
        ("/find in:#ops from:bob in: sight", "SEARCH in=#ops;from=bob;text=in:\\ssight"),
        ("/find from:bob",                   "SEARCH in=#den;from=bob"),
    ];
    for (typed, expected) in table {
        person.enters(typed);
        let sent = person.sent().join("|");
        assert_eq!(sent.split_once(' ').unwrap().1, expected, "{typed}");
    }
    person.enters("/find in:*");
    assert!(
        person.reads_last().starts_with("Usage: /find") || person.reads_last().contains("/find"),
        "{}",
        person.reads_last()
    );
    person.enters("/query zoe");
    let lines = person.model.buffers[1].lines().count();
    person.hears(
        "@label=1 :srv BATCH +s soju.im/search
         @batch=s;time=2026-11-20T08:00:00.000Z;msgid=a :bob!b@h PRIVMSG #den :me: a needle
         @batch=s;time=2026-11-20T08:01:00.000Z :zoe!z@h PRIVMSG me :\u{1}ACTION needles\u{1}
         @batch=s :me!me@home NICK other
         :srv BATCH -s",
    );
    assert!(person.reads().is_empty(), "it was asked elsewhere");
    person.presses("Alt+2");
    let reads = person.reads();
    assert_eq!(
        reads[reads.len() - 3..],
        [
            "The server has found 2 lines:",
            "Fri 20 Nov 2026 08:00 #den <bob> me: a needle",
            "Fri 20 Nov 2026 08:01 me <zoe> * needles"
        ]
    );
    assert_eq!(person.model.session.nick(), "me", "nothing of it has just happened");
    assert_eq!((person.model.buffers[1].lines().count(), person.model.buffers[1].mentions), (lines + 3, 0));
}
