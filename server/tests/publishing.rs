//! What other processes see of the rooms.

mod common;

use common::{Client, config};
use parlord::{Config, Server};
use segment::testing::Keys;
use segment::{Kind, Reader, Snapshot};
use wire::Message;

fn published(keys: &Keys, toml: &str) -> Config {
    let mut config = config(toml);
    config.segment.enabled = true;
    config.segment.segment_key = keys.segment.0.cast_unsigned();
    config.segment.semaphore_key = keys.semaphores.0.cast_unsigned();
    config
}

/// Reads until it is so. Publications come by themselves, and a reader cannot make one.
fn until(reader: &mut Reader, so: impl Fn(&Snapshot) -> bool) -> Snapshot {
    loop {
        let snapshot = reader.snapshot().unwrap();
        if so(&snapshot) {
            return snapshot;
        }
        std::thread::yield_now();
    }
}

/// Says something in a room of its own, and waits until that is published: then everything said before is too.
fn fence(person: &mut Client, reader: &mut Reader, number: u64) -> Snapshot {
    person.say(&format!("JOIN #fence\r\nPRIVMSG #fence :{number}"));
    person.fence();
    until(reader, |snapshot| snapshot.room("#fence").is_some_and(|room| room.number("messages") == number))
}

/// Whether a text stands anywhere in the segment.
fn contains(keys: &Keys, text: &str) -> bool {
    segment::testing::bytes(keys.segment).windows(text.len()).any(|window| window == text.as_bytes())
}

fn texts(reader: &mut Reader, room: &str) -> Vec<(Kind, String, String)> {
    let records = reader.history(room).map(|history| history.records).unwrap_or_default();
    records.into_iter().map(|record| (record.kind, record.from, record.text)).collect()
}

#[test]
fn a_public_room_is_shown_with_its_people_and_words() {
    let keys = Keys::new();
    let server = Server::start(published(&keys, "")).unwrap();
    let mut reader = Reader::open(keys.segment, None).unwrap();
    let mut alice = Client::enter(server.address(), "alice");
    let mut bob = Client::enter(server.address(), "bob");
    alice.say("JOIN #Den\r\nTOPIC #Den :What we drink");
    alice.fence();
    bob.say(
        "JOIN #den\r\nPRIVMSG #den :hello\r\nNOTICE #den :listen\r\nPRIVMSG #den :\u{1}ACTION waves\u{1}",
    );
    bob.say("PRIVMSG #den :\u{1}VERSION\u{1}\r\nPRIVMSG alice :between us");
    bob.fence();
    let snapshot = fence(&mut bob, &mut reader, 1);
    let room = snapshot.room("#Den").unwrap();
    assert_eq!((room.topic.as_str(), room.number("members"), room.open), ("What we drink", 2, true));
    let members: Vec<(&str, &str)> =
        room.members.iter().map(|member| (member.prefix.as_str(), member.name.as_str())).collect();
    assert_eq!(members, [("@", "alice"), ("", "bob")]);
    let (n, t) = (u64::from(b'n' - b'a'), u64::from(b't' - b'a'));
    assert_eq!(room.flags, 1 << n | 1 << t, "+nt");
    let said = |kind, text: &str| (kind, "bob".to_owned(), text.to_owned());
    let expected = [said(Kind::MESSAGE, "hello"), said(Kind::NOTICE, "listen"), said(Kind::ACTION, "waves")];
    assert_eq!(texts(&mut reader, "#Den"), expected);
    assert_eq!(
        (snapshot.number("users"), snapshot.number("connections"), snapshot.number("channels")),
        (2, 2, 2)
    );
    assert!(snapshot.number("lines.in") > 10 && snapshot.number("turn") > 0);
    assert!(snapshot.rooms.iter().all(|room| room.name == "#Den" || room.name == "#fence"));
    bob.say("PART #den");
    alice.say("PART #den");
    bob.fence();
    alice.fence();
    let snapshot = until(&mut reader, |snapshot| snapshot.room("#Den").is_some_and(|room| !room.open));
    assert_eq!(snapshot.room("#Den").unwrap().number("members"), 0);
    assert_eq!(texts(&mut reader, "#Den").len(), 3, "its history stays");
}

#[test]
fn who_comes_and_goes_is_counted_and_so_is_what_they_do() {
    let keys = Keys::new();
    let server = Server::start(published(&keys, "")).unwrap();
    let mut reader = Reader::open(keys.segment, None).unwrap();
    let mut alice = Client::enter(server.address(), "alice");
    alice.say("JOIN #den\r\nNICK bob");
    alice.fence();
    for (nick, way) in [("carol", "PART #den"), ("dave", "QUIT"), ("erin", "PING stays")] {
        let mut guest = Client::enter(server.address(), nick);
        guest.say(&format!("JOIN #den\r\nNICK bob\r\nXYZZY\r\nPRIVMSG nobody :hello\r\n{way}"));
        if way == "QUIT" { drop(guest.rest()) } else { drop(guest.fence()) }
    }
    alice.say("JOIN #hidden\r\nMODE #hidden +s\r\nPART #hidden");
    alice.fence();
    let snapshot = fence(&mut alice, &mut reader, 1);
    let room = snapshot.room("#den").unwrap();
    assert_eq!((room.number("joins"), room.number("leaves")), (4, 3), "erin's connection ended as well");
    assert!(snapshot.room("#hidden").is_none());
    let numbers = ["command.join", "command.nick", "command.part", "command.quit", "command.away"];
    assert_eq!(numbers.map(|name| snapshot.number(name)), [6, 8, 2, 1, 0]);
    let numbers = ["users.collisions", "commands.refused", "users.peak", "fanout", "slow"];
    let [collisions, refused, peak, fanout, slow] = numbers.map(|name| snapshot.number(name));
    assert_eq!((collisions, refused, slow), (3, 6, 0), "three nicks, three commands that there are not");
    assert!(peak >= 2 && fanout >= 3, "{peak} {fanout}");
    assert_eq!(snapshot.number("connections.tcp"), snapshot.number("connections"));
    assert!(snapshot.number("connections.ended") >= 1 && snapshot.number("turns.longest") > 0);
    assert!(snapshot.number("process.memory") > 100_000 && snapshot.number("process.files_max") > 2);
}

#[test]
fn a_new_server_says_what_it_has_taken_over() {
    let keys = Keys::new();
    for (round, expected) in [(0, [0, 0, 0]), (1, [2, 3, 0])] {
        let server = Server::start(published(&keys, "")).unwrap();
        let mut reader = Reader::open(keys.segment, None).unwrap();
        let mut alice = Client::enter(server.address(), "alice");
        alice.say("JOIN #den\r\nPRIVMSG #den :one\r\nPRIVMSG #den :two");
        let snapshot = fence(&mut alice, &mut reader, round + 1);
        let numbers = ["adopted.rooms", "adopted.records", "adopted.damaged"];
        assert_eq!(numbers.map(|name| snapshot.number(name)), expected, "round {round}");
        server.stop().unwrap();
    }
}

#[test]
fn what_is_not_for_everybody_is_not_in_the_segment() {
    for (number, modes) in ["+s", "+p", "+i", "+k sesame"].into_iter().enumerate() {
        let keys = Keys::new();
        let server = Server::start(published(&keys, "")).unwrap();
        let mut reader = Reader::open(keys.segment, None).unwrap();
        let mut alice = Client::enter(server.address(), "alice");
        alice.say("JOIN #den\r\nPRIVMSG #den :open");
        alice.fence();
        let snapshot = fence(&mut alice, &mut reader, 1);
        assert!(snapshot.room("#den").is_some(), "{number}: at first");
        alice.say(&format!("MODE #den {modes}\r\nPRIVMSG #den :hidden\r\nTOPIC #den :hidden"));
        alice.fence();
        let snapshot = fence(&mut alice, &mut reader, 2);
        assert!(snapshot.room("#den").is_none(), "{modes}");
        assert_eq!(texts(&mut reader, "#den"), [], "{modes}");
        let off = modes.replace('+', "-");
        alice.say(&format!("PRIVMSG #den :still hidden\r\nMODE #den {off}\r\nPRIVMSG #den :open again"));
        alice.fence();
        fence(&mut alice, &mut reader, 3);
        let said = vec![(Kind::MESSAGE, "alice".to_owned(), "open again".to_owned())];
        assert_eq!(texts(&mut reader, "#den"), said, "{modes}");
    }
}

#[test]
fn what_is_taken_back_is_not_in_the_segment_and_does_not_come_back() {
    let keys = Keys::new();
    let server = Server::start(published(&keys, "")).unwrap();
    let mut reader = Reader::open(keys.segment, None).unwrap();
    let mut alice = Client::enter(server.address(), "alice");
    alice.say(
        "CAP REQ :message-tags echo-message draft/message-redaction\r\nJOIN #den\r\nPRIVMSG #den :Ysecret",
    );
    alice.say("PRIVMSG #den :harmless\r\nPRIVMSG alice :Ysecret between us");
    let heard = alice.fence();
    let line = heard.iter().find(|line| line.ends_with("PRIVMSG #den :Ysecret")).expect("the echo comes");
    let id = Message::parse(line).unwrap().tags.get("msgid").expect("it has an id").into_owned();
    fence(&mut alice, &mut reader, 1);
    assert!(contains(&keys, "Ysecret"), "it is there before");
    alice.say(&format!("REDACT #den {id}"));
    alice.fence();
    fence(&mut alice, &mut reader, 2);
    assert!(!contains(&keys, "Ysecret"), "no byte of it stays");
    let said = |text: &str| (Kind::MESSAGE, "alice".to_owned(), text.to_owned());
    assert_eq!(texts(&mut reader, "#den"), [said("harmless")]);
    server.stop().unwrap();
    let server = Server::start(published(&keys, "")).unwrap();
    let mut bob = Client::enter(server.address(), "bob");
    bob.say("JOIN #den");
    let heard = bob.fence();
    let told: Vec<&String> = heard.iter().filter(|line| line.contains("PRIVMSG")).collect();
    assert!(told.len() == 1 && told[0].ends_with("harmless"), "{told:?}");
}

#[test]
fn when_a_server_has_stopped_nobody_is_connected() {
    let keys = Keys::new();
    let server = Server::start(published(&keys, "")).unwrap();
    let reader = Reader::open(keys.segment, None).unwrap();
    let mut crowd = ["alice", "bob"].map(|nick| Client::enter(server.address(), nick));
    crowd.iter_mut().for_each(|client| client.say("JOIN #den"));
    crowd.iter_mut().for_each(|client| drop(client.fence()));
    server.stop().unwrap();
    let snapshot = reader.snapshot().unwrap();
    let figures = ["users", "channels", "connections", "connections.tcp", "connections.ended"];
    assert_eq!(figures.map(|name| snapshot.number(name)), [0, 0, 0, 0, 2]);
}

#[test]
fn a_renamed_room_begins_anew_and_leaves_no_byte_under_the_old_name() {
    let keys = Keys::new();
    let server = Server::start(published(&keys, "")).unwrap();
    let mut reader = Reader::open(keys.segment, None).unwrap();
    let mut alice = Client::enter(server.address(), "alice");
    alice.say("JOIN #Yden\r\nPRIVMSG #Yden :Yone\r\nJOIN #grave\r\nPRIVMSG #grave :Yburied\r\nPART #grave");
    alice.fence();
    fence(&mut alice, &mut reader, 1);
    assert!(contains(&keys, "#Yden") && contains(&keys, "Yburied"), "they are there before");
    alice.say("RENAME #yden #Grave\r\nPRIVMSG #grave :three");
    alice.fence();
    let snapshot = fence(&mut alice, &mut reader, 2);
    for trace in ["#Yden", "#grave", "Yburied", "Yone"] {
        assert!(!contains(&keys, trace), "{trace} is still there");
    }
    let room = snapshot.room("#Grave").unwrap();
    assert_eq!((room.open, room.number("messages"), room.number("members")), (true, 1, 1));
    let three = [(Kind::MESSAGE, "alice".to_owned(), "three".to_owned())];
    assert_eq!(texts(&mut reader, "#Grave"), three);
    // The case alone as well.
    alice.say("RENAME #grave #GRAVE");
    alice.fence();
    fence(&mut alice, &mut reader, 3);
    assert!(!contains(&keys, "#Grave"));
    assert!(reader.snapshot().unwrap().room("#GRAVE").unwrap().open);
    server.stop().unwrap();
}

#[test]
fn a_room_that_is_hidden_after_or_before_it_is_renamed_leaves_no_byte() {
    for (before, after) in [("TOPIC #Yden :Y", "MODE #Yother +s"), ("MODE #Yden +s", "TOPIC #Yother :Y")] {
        let keys = Keys::new();
        let server = Server::start(published(&keys, "")).unwrap();
        let mut reader = Reader::open(keys.segment, None).unwrap();
        let mut alice = Client::enter(server.address(), "alice");
        alice.say("JOIN #Yden\r\nPRIVMSG #Yden :Yopen");
        alice.fence();
        fence(&mut alice, &mut reader, 1);
        assert!(contains(&keys, "#Yden") && contains(&keys, "Yopen"), "they are there before");
        alice.say(&format!("{before}\r\nRENAME #Yden #Yother\r\nPRIVMSG #Yother :Ywords\r\n{after}"));
        alice.say("PRIVMSG #Yother :Yhidden");
        alice.fence();
        fence(&mut alice, &mut reader, 2);
        for trace in ["#Yden", "Yopen", "#Yother", "Ywords", "Yhidden"] {
            assert!(!contains(&keys, trace), "{trace} is still there: {before}, {after}");
        }
        server.stop().unwrap();
    }
}

#[test]
fn a_stopped_reader_does_not_stop_the_chat() {
    let keys = Keys::new();
    let server = Server::start(published(&keys, "")).unwrap();
    let mut reader = Reader::open(keys.segment, None).unwrap();
    let mut alice = Client::enter(server.address(), "alice");
    segment::testing::hold_guard(keys.segment, || {
        for number in 0..10 {
            alice.say(&format!("JOIN #room{number}\r\nPRIVMSG #room{number} :hello"));
            alice.fence();
        }
    });
    fence(&mut alice, &mut reader, 1);
}

#[test]
fn a_segment_that_was_removed_does_not_stop_the_chat() {
    let keys = Keys::new();
    let server = Server::start(published(&keys, "")).unwrap();
    let mut alice = Client::enter(server.address(), "alice");
    alice.say("JOIN #den\r\nPRIVMSG #den :before");
    alice.fence();
    segment::remove(keys.segment, segment::Force::Yes).unwrap();
    alice.say("PRIVMSG #den :after");
    alice.fence();
    let mut reader = loop {
        match Reader::open(keys.segment, None) {
            Ok(reader) => break reader,
            Err(_) => std::thread::yield_now(),
        }
    };
    while texts(&mut reader, "#den").len() < 2 {
        std::thread::yield_now();
    }
}

#[test]
fn a_clean_stop_removes_the_segment_if_that_is_wanted() {
    for remove in [true, false] {
        let keys = Keys::new();
        let config = published(&keys, &format!("[segment]\nremove_at_stop = {remove}"));
        Server::start(config).unwrap().stop().unwrap();
        assert_eq!(Reader::open(keys.segment, None).is_err(), remove);
    }
}
