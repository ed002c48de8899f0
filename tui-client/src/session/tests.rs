//! Lines in, picture out.

mod login;
mod multiline;

use proptest::prelude::*;

use super::{Heard, Origin, Said, Session, Wanted, What};

fn session() -> Session {
    Session::new(Wanted {
        nick: "me".to_owned(),
        user: "me".to_owned(),
        realname: "Me".to_owned(),
        rooms: vec!["#den".to_owned(), "#vault secret".to_owned(), "#lobby".to_owned()],
        ..Wanted::default()
    })
}

fn hear(session: &mut Session, lines: &str) -> Vec<Heard> {
    let mut heard = Vec::new();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        session.hear(line, &mut heard);
    }
    heard
}

fn sent(heard: &[Heard]) -> Vec<&str> {
    heard
        .iter()
        .filter_map(|heard| if let Heard::Send(line) = heard { Some(line.trim_end()) } else { None })
        .collect()
}

fn happened(heard: Vec<Heard>) -> Vec<What> {
    heard
        .into_iter()
        .filter_map(|heard| if let Heard::Happened(it) = heard { Some(it.what) } else { None })
        .collect()
}

/// The rooms as text: `#den +nt [topic] @alice(u@h) +bob me`; `…` where the members are not complete.
fn picture(session: &Session) -> String {
    let mut rows = Vec::new();
    for room in session.rooms().values() {
        let mut row = room.name.clone();
        for part in
            [room.modes_in_short(), room.topic.as_ref().map(|t| format!("[{}]", t.text)).unwrap_or_default()]
        {
            row += &if part.is_empty() { part } else { format!(" {part}") };
        }
        for member in room.members.values() {
            let host = member.host.as_ref().map(|host| format!("({host})")).unwrap_or_default();
            let away = if member.away { "~" } else { "" };
            let ranks = if member.ranks.is_empty() { String::new() } else { format!("{}:", member.ranks) };
            row += &format!(" {away}{ranks}{}{host}", member.nick);
        }
        rows.push(row + if room.synced { "" } else { " …" });
    }
    rows.join("\n")
}

const WELCOME: &str = ":srv 001 me :Welcome
    :srv 005 me CHANTYPES=#& CASEMAPPING=ascii PREFIX=(qov)~@+ CHANMODES=beI,k,l,imnst STATUSMSG=@+ :are supported";

fn welcomed() -> Session {
    let mut session = session();
    hear(&mut session, WELCOME);
    session
}

fn in_den() -> Session {
    let mut session = welcomed();
    let joined = hear(
        &mut session,
        ":me!me@home JOIN #Den
         :srv 353 me = #Den :@alice +bob me
         :srv 366 me #Den :End",
    );
    assert_eq!(sent(&joined), ["MODE #Den"]);
    session
}

#[test]
fn a_greeting_asks_for_capabilities_first() {
    assert_eq!(session().greeting(), ["CAP LS 302\r\n", "NICK me\r\n", "USER me 0 * :Me\r\n"]);
}

#[test]
fn capabilities_are_agreed_on_over_several_lines() {
    let mut session = session();
    assert_eq!(sent(&hear(&mut session, "CAP * LS * :sasl=PLAIN server-time batch")), [""; 0]);
    let request = hear(&mut session, "CAP * LS :multi-prefix what-ever");
    assert_eq!(sent(&request), ["CAP REQ :batch multi-prefix server-time"]);
    let end = hear(&mut session, ":srv CAP me ACK :batch multi-prefix server-time");
    assert_eq!(sent(&end), ["CAP END"]);
    assert!(session.has_cap("batch") && session.has_cap("multi-prefix") && !session.has_cap("sasl"));

    let fresh = hear(&mut session, ":srv CAP me NEW :echo-message batch");
    assert_eq!(sent(&fresh), ["CAP REQ :echo-message"]);
    hear(&mut session, ":srv CAP me DEL :batch");
    assert!(!session.has_cap("batch"));
}

#[test]
fn capabilities_that_were_refused_together_are_asked_for_one_by_one() {
    let mut session = session();
    hear(&mut session, "CAP * LS :batch server-time");
    let again = hear(&mut session, "CAP * NAK :batch server-time");
    assert_eq!(sent(&again), ["CAP REQ :batch", "CAP REQ :server-time"]);
    assert_eq!(sent(&hear(&mut session, "CAP * NAK :batch")), [""; 0]);
    assert_eq!(sent(&hear(&mut session, "CAP * ACK :server-time")), ["CAP END"]);
    assert!(session.has_cap("server-time") && !session.has_cap("batch"));
}

#[test]
fn a_server_that_offers_nothing_is_not_kept_waiting() {
    assert_eq!(sent(&hear(&mut session(), "CAP * LS :")), ["CAP END"]);
}

#[test]
fn the_welcome_sends_us_to_our_rooms() {
    let mut session = session();
    let heard = hear(&mut session, ":srv 001 me2 :Welcome");
    assert_eq!(sent(&heard), ["JOIN #vault secret", "JOIN #den,#lobby"]);
    assert!(session.registered());
    assert_eq!(session.nick(), "me2");
}

#[test]
fn a_taken_nick_is_varied_until_it_is_given_up() {
    let mut session = session();
    assert_eq!(sent(&hear(&mut session, ":srv 433 * me :in use")), ["NICK me_"]);
    assert_eq!(sent(&hear(&mut session, ":srv 432 * me_ :bad")), ["NICK me__"]);
    let heard: Vec<Heard> = (0..50).flat_map(|_| hear(&mut session, ":srv 433 * x :in use")).collect();
    assert_eq!(sent(&heard).len(), 38);
    assert!(happened(heard).contains(&What::NickRefused { nick: "me".to_owned() }));
}

#[test]
fn after_the_welcome_a_taken_nick_changes_nothing() {
    let mut session = welcomed();
    assert_eq!(sent(&hear(&mut session, ":srv 433 me alice :in use")), [""; 0]);
    assert_eq!(session.nick(), "me");
}

/// Each row: what is heard in `#Den` with `@alice +bob me`, and the picture after it.
#[rustfmt::skip]
const LESSONS: &[(&str, &str)] = &[
    ("",                                              "#Den o:alice v:bob me(home)"),
    (":carol!c@x JOIN #DEN",                          "#Den o:alice v:bob carol(x) me(home)"),
    (":carol!c@x JOIN #DEN acc :Carol R.",            "#Den o:alice v:bob carol(x) me(home)"),
    (":bob!b@y PART #den :bye",                       "#Den o:alice me(home)"),
    (":alice!a@z KICK #den BOB :out",                 "#Den o:alice me(home)"),
    (":bob!b@y QUIT :gone",                           "#Den o:alice me(home)"),
    (":bob NICK Robert",                              "#Den o:alice me(home) v:Robert"),
    (":bob NICK BOB",                                 "#Den o:alice v:BOB me(home)"),
    (":me!me@home NICK you",                          "#Den o:alice v:bob you(home)"),
    (":me!me@home PART #den",                         ""),
    (":alice KICK #den ME :out",                      ""),
    (":alice MODE #den +ov-o bob bob alice",          "#Den alice ov:bob me(home)"),
    (":alice MODE #den +klb-b+i key 10 a!*@* b!*@*",  "#Den +ikl key 10 o:alice v:bob me(home)"),
    (":alice MODE #den +kl key 10\n:alice MODE #den -lk+n *", "#Den +n o:alice v:bob me(home)"),
    (":alice MODE #den +l 5\n:alice MODE #den -l+k 7", "#Den +k 7 o:alice v:bob me(home)"),
    (":srv 324 me #den +ntl 5",                       "#Den +lnt 5 o:alice v:bob me(home)"),
    (":alice TOPIC #den :Hello there",                "#Den [Hello there] o:alice v:bob me(home)"),
    (":alice TOPIC #den :Hello\n:alice TOPIC #den :", "#Den o:alice v:bob me(home)"),
    (":srv 332 me #den :Old\n:srv 331 me #den :No",   "#Den o:alice v:bob me(home)"),
    (":bob!b@y AWAY :lunch",                          "#Den o:alice ~v:bob me(home)"),
    (":bob!b@y AWAY :lunch\n:bob!b@y AWAY",           "#Den o:alice v:bob me(home)"),
    (":srv 306 me :away",                             "#Den o:alice v:bob ~me(home)"),
    (":bob!b@y CHGHOST bo new.host",                  "#Den o:alice v:bob(new.host) me(home)"),
    (":srv 352 me #den b y.org srv bob G+ :0 Bob",    "#Den o:alice ~v:bob(y.org) me(home)"),
    (":srv 353 me = #den :@+bob!b@y dora",            "#Den o:alice ov:bob(y) dora me(home)"),
    (":dave MODE #nowhere +o bob\n:x TOPIC #no :t",   "#Den o:alice v:bob me(home)"),
];

#[test]
fn lines_change_the_picture() {
    for (lines, expected) in LESSONS {
        let mut session = in_den();
        hear(&mut session, lines);
        assert_eq!(picture(&session), *expected, "after {lines}");
    }
}

#[test]
fn a_room_is_complete_with_the_end_of_its_names() {
    let mut session = welcomed();
    hear(&mut session, ":me!me@home JOIN #den\n:srv 353 me = #den :alice");
    assert_eq!(picture(&session), "#den alice me(home) …");
    let end = hear(&mut session, ":srv 366 me #den :End");
    assert_eq!(picture(&session), "#den alice me(home)");
    let Some(Heard::Happened(it)) = end.first() else { panic!("the end of the names is told") };
    assert_eq!(it.origin, Origin::Asked);
}

#[test]
fn with_multi_prefix_a_list_of_names_is_the_whole_truth() {
    let mut session = welcomed();
    hear(&mut session, "CAP me LS :multi-prefix\nCAP me ACK :multi-prefix");
    hear(
        &mut session,
        ":me!me@home JOIN #den\n:srv 353 me = #den :@+alice me\n:srv 353 me = #den :+alice @me",
    );
    assert_eq!(picture(&session), "#den v:alice o:me(home) …");
}

#[test]
fn who_is_away_is_asked_once_and_silently() {
    let mut session = welcomed();
    hear(&mut session, "CAP me LS :away-notify\nCAP me ACK :away-notify\n:me!me@home JOIN #den");
    assert_eq!(sent(&hear(&mut session, ":srv 366 me #den :End")), ["WHO #den"]);
    let origin = |heard: &[Heard]| match heard.first() {
        Some(Heard::Happened(it)) => it.origin,
        other => panic!("expected a happening, not {other:?}"),
    };
    let silent = hear(&mut session, ":srv 352 me #den m home srv me H :0 Me");
    assert_eq!(origin(&silent), Origin::Asked);
    hear(&mut session, ":srv 315 me #den :End");
    let typed = hear(&mut session, ":srv 352 me #den m home srv me H :0 Me");
    assert_eq!(origin(&typed), Origin::Live);
    assert_eq!(sent(&hear(&mut session, ":srv 366 me #den :End")), [""; 0], "only after joining");
}

#[test]
fn who_may_have_come_into_sight_is_asked_for() {
    let mut session = in_den();
    let asked = |session: &mut Session, line: &str| sent(&hear(session, line)).join(" ");
    hear(&mut session, ":srv 324 me #Den +ntu");
    assert_eq!(asked(&mut session, ":alice MODE #den +v bob"), "");
    assert_eq!(asked(&mut session, ":alice MODE #den -v stranger"), "");
    assert_eq!(asked(&mut session, ":alice MODE #den +v stranger"), "NAMES #den");
    assert_eq!(asked(&mut session, ":alice MODE #den +o me"), "NAMES #den");
    assert_eq!(asked(&mut session, ":alice MODE #den +v me"), "");
    assert_eq!(asked(&mut session, ":alice MODE #den -u"), "NAMES #den");
    assert_eq!(asked(&mut session, ":alice MODE #den -ov+o me me me"), "");
}

#[test]
fn topics_know_who_and_when() {
    let mut session = in_den();
    hear(
        &mut session,
        ":srv 332 me #den :Hi\n:srv 333 me #den alice!a@h 1700000000\n:srv 329 me #den 1600000000",
    );
    let room = session.room("#DEN").unwrap();
    let topic = room.topic.as_ref().unwrap();
    assert_eq!((topic.by.as_deref(), topic.at.unwrap().seconds()), (Some("alice"), 1_700_000_000));
    assert_eq!(room.created.unwrap().seconds(), 1_600_000_000);
}

#[test]
fn own_modes_and_absence_are_known() {
    let mut session = welcomed();
    hear(&mut session, ":me MODE me +iw-w\n:srv 306 me :away");
    assert_eq!(session.user_modes().iter().collect::<String>(), "i");
    assert!(session.away());
    hear(&mut session, ":srv 221 me +Bx\n:srv 305 me :back");
    assert_eq!(session.user_modes().iter().collect::<String>(), "Bx");
    assert!(!session.away());
}

#[test]
fn history_is_told_but_not_believed() {
    let mut session = in_den();
    let before = picture(&session);
    let heard = hear(
        &mut session,
        ":srv BATCH +out some-wrapper
         @batch=out :srv BATCH +1 chathistory #den
         @batch=1;time=2026-11-22T12:09:00.000Z;msgid=x1 :alice!a@h PRIVMSG #den :then
         @batch=1 :alice!a@h PART #den
         @batch=1 :me!me@home NICK other
         :srv BATCH -1
         @batch=1 :bob!b@h PRIVMSG #den :now",
    );
    assert_eq!(picture(&session), before);
    assert_eq!(session.nick(), "me");
    let told: Vec<(Origin, Option<&str>)> = heard
        .iter()
        .filter_map(
            |heard| if let Heard::Happened(it) = heard { Some((it.origin, it.id.as_deref())) } else { None },
        )
        .collect();
    let history = Origin::History;
    let played = (history, None);
    assert_eq!(told, [(history, Some("x1")), (history, None), (history, None), played, (Origin::Live, None)]);
}

#[test]
fn an_echo_carries_its_label_directly_or_by_its_batch() {
    let mut session = in_den();
    let labels: Vec<Option<String>> = hear(
        &mut session,
        "@label=7 :me!me@home PRIVMSG #den :hi
         @label=8 BATCH +b labeled-response
         @batch=b :me!me@home PRIVMSG #den :ho
         BATCH -b
         @label=9 :srv ACK",
    )
    .into_iter()
    .filter_map(|heard| if let Heard::Happened(it) = heard { Some(it.label) } else { None })
    .collect();
    assert_eq!(labels, [Some("7"), Some("8"), Some("9")].map(|label| label.map(str::to_owned)));
}

#[test]
fn messages_are_told_apart() {
    let mut session = in_den();
    let mut tell = |line: &str| match happened(hear(&mut session, line)).pop() {
        Some(What::Message { said, target, text, mine, .. }) => (said, target, text, mine),
        other => panic!("{line} was told as {other:?}"),
    };
    let den = || "#den".to_owned();
    assert_eq!(tell(":a!b@c PRIVMSG #den :hi"), (Said::Message, den(), "hi".to_owned(), false));
    assert_eq!(tell(":a!b@c NOTICE #den :hi"), (Said::Notice, den(), "hi".to_owned(), false));
    assert_eq!(tell(":ME!b@c PRIVMSG #den :hi"), (Said::Message, den(), "hi".to_owned(), true));
    assert_eq!(tell(":a!b@c PRIVMSG @#den :hi"), (Said::Message, den(), "hi".to_owned(), false));
    assert_eq!(
        tell(":a PRIVMSG #den :\u{1}ACTION waves\u{1}"),
        (Said::Action, den(), "waves".to_owned(), false)
    );
    assert_eq!(tell(":a PRIVMSG #den :\u{1}VERSION\u{1}"), (Said::Ctcp, den(), "VERSION".to_owned(), false));
    assert_eq!(tell(":a PRIVMSG #den"), (Said::Message, den(), String::new(), false));
}

#[test]
fn those_who_leave_are_missed_where_they_were_seen() {
    let mut session = in_den();
    hear(&mut session, ":me!me@home JOIN #two\n:bob!b@y JOIN #two");
    let quit = happened(hear(&mut session, ":BOB!b@y QUIT :bye")).pop();
    let Some(What::Quit { rooms, reason, .. }) = quit else { panic!("a quit is told") };
    assert_eq!((rooms, reason), (vec!["#Den".to_owned(), "#two".to_owned()], "bye".to_owned()));
}

#[test]
fn standard_replies_keep_their_parts() {
    let told = happened(hear(&mut welcomed(), "FAIL NICK BAD_NAME ctx :That is no name")).pop();
    let Some(What::Standard { about, code, context, text, .. }) = told else { panic!("a standard reply") };
    assert_eq!((about.as_str(), code.as_str(), text.as_str()), ("NICK", "BAD_NAME", "That is no name"));
    assert_eq!(context, ["ctx"]);
}

#[test]
fn names_are_compared_as_the_server_says() {
    let mut session = session();
    hear(&mut session, ":srv 001 me :W\n:me!m@h JOIN #a[\n:x!y@z JOIN #a{\n:srv 353 me = #a[ :n[ n{");
    assert_eq!(picture(&session), "#a[ me(h) n{ x(z) …", "rfc1459 until told otherwise");
    hear(&mut session, ":srv 005 me CASEMAPPING=ascii :are\n:q!r@s JOIN #a{");
    assert!(session.room("#a{").is_none() && session.room("#A[").is_some());
}

#[test]
fn a_ping_is_answered() {
    assert_eq!(sent(&hear(&mut session(), "PING :a b")), ["PONG :a b"]);
    let long = hear(&mut session(), &format!("PING :{}", "é".repeat(400)));
    assert_eq!(sent(&long)[0].len(), "PONG :".len() + 400);
}

#[test]
fn the_prefix_is_measured_once_it_was_seen() {
    assert_eq!(welcomed().prefix_bytes(), ":me! ".len() + 74);
    assert_eq!(in_den().prefix_bytes(), ":me!me@home ".len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn nothing_that_is_heard_panics(lines in prop::collection::vec(line(), 0..40)) {
        let mut session = welcomed();
        let mut heard = Vec::new();
        for line in &lines {
            session.hear(line, &mut heard);
            session.hear(&line.replace(['\r', '\n', '\0'], ""), &mut heard);
        }
        for (key, room) in session.rooms() {
            prop_assert_eq!(key, &session.fold(&room.name));
            for (key, member) in &room.members {
                prop_assert_eq!(key, &session.fold(&member.nick));
            }
        }
        for heard in heard {
            if let Heard::Send(line) = heard {
                prop_assert!(line.len() <= wire::LINE_BYTES_MAX && line.find(['\r', '\n']) == Some(line.len() - 2));
            }
        }
    }
}

/// Anything at all, and lines of real verbs with plausible and implausible parameters.
fn line() -> impl Strategy<Value = String> {
    let verb = "JOIN|PART|KICK|QUIT|NICK|MODE|TOPIC|CAP|BATCH|AWAY|CHGHOST|353|366|005|001|324|329|332|333|352|433|PING";
    let word = "#den|#DEN|me|Me|alice|LS|ACK|NAK|NEW|[+][a-zA-Z]{1,6}|-[kov]{1,4}|PREFIX=[(][a-z]{0,3}[)][@+é]{0,3}|\\PC{0,8}|batch|99999999999999999999";
    let structured = (verb, prop::collection::vec(word, 0..6), "[a-zé]{0,3}|me!m@h|alice!a@h", "|\\PC{0,20}")
        .prop_map(|(verb, words, source, text)| format!(":{source} {verb} {} :{text}", words.join(" ")));
    prop_oneof![any::<String>(), structured]
}
