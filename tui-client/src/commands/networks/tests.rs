use crate::model::{Event, Link, News, Wish};
use crate::network::NetworkId;
use crate::testing::{HOME, Person};

const AWAY: NetworkId = NetworkId(1);

/// Somebody who is in a room `#den` of each of two networks, and looks at the second.
fn at_two() -> Person {
    let mut person = Person::in_den();
    person.enters("/connect irc://moi@other.example:7000/#den");
    hears(&mut person, AWAY, News::Connected);
    for line in [
        ":b 001 moi :Welcome",
        ":b 005 moi CASEMAPPING=ascii NETWORK=Other :are supported",
        ":moi!m@h JOIN #den",
        ":b 353 moi = #den :moi @zed",
        ":b 366 moi #den :End",
    ] {
        hears(&mut person, AWAY, News::Line(line.to_owned()));
    }
    person
}

fn hears(person: &mut Person, network: NetworkId, news: News) {
    person.event(Event::Net(network, news));
}

fn lines_to(person: &mut Person, network: NetworkId) -> Vec<String> {
    let wishes = std::mem::take(&mut person.wishes);
    let lines = wishes.into_iter().filter_map(|wish| match wish {
        Wish::Send(to, line) if to == network && !line.contains("+typing=") => {
            Some(line.trim_end().to_owned())
        }
        _ => None,
    });
    lines.collect()
}

fn names(person: &Person) -> Vec<&str> {
    person.model.buffers.iter().map(|buffer| buffer.name.as_str()).collect()
}

#[test]
fn two_networks_have_each_their_own_rooms_and_nicks() {
    let mut person = at_two();
    assert_eq!(names(&person), ["Local", "#den", "Other", "#den"]);
    assert_eq!(person.model.current, 3, "one looks at the room that was just entered");
    assert_eq!(person.model.session.nick(), "moi");
    person.wishes.clear();
    person.enters("hello");
    assert_eq!(lines_to(&mut person, AWAY), ["PRIVMSG #den :hello"]);
    person.presses("Alt+2");
    assert_eq!(person.model.session.nick(), "me");
    person.enters("good day");
    assert_eq!(lines_to(&mut person, HOME), ["@label=1 PRIVMSG #den :good day"]);

    hears(&mut person, AWAY, News::Line(":zed!z@h PRIVMSG #den :moi: over here".to_owned()));
    assert_eq!((person.model.buffers[3].unread, person.model.buffers[3].mentions), (1, 1));
    hears(&mut person, HOME, News::Line(":alice!a@h PRIVMSG me :psst".to_owned()));
    assert_eq!(names(&person), ["Local", "#den", "alice", "Other", "#den"], "a talk stands with its network");
    assert_eq!(person.model.current, 1);
}

#[test]
fn one_network_that_is_lost_leaves_the_other_alone() {
    let mut person = at_two();
    hears(&mut person, AWAY, News::Lost("gone".to_owned()));
    assert!(matches!(person.model.networks[1].link, Link::Waiting { .. }));
    assert_eq!(person.model.networks[0].link, Link::Up);
    assert!(person.reads_last().starts_with("gone; trying again"));
    person.presses("Alt+2");
    assert!(!person.reads_last().contains("gone"));
    person.wishes.clear();
    person.waits(1000);
    assert!(matches!(&person.wishes[..], [Wish::Connect(AWAY, way)] if way.address.port == 7000));
}

#[test]
fn networks_are_named_left_and_returned_to() {
    let mut person = at_two();
    person.presses("Alt+2");
    person.wishes.clear();
    person.enters("/disconnect other gone fishing");
    assert_eq!(
        person.wishes,
        [Wish::Send(AWAY, "QUIT :gone fishing\r\n".to_owned()), Wish::Disconnect(AWAY)]
    );
    person.enters("/networks");
    let reads = person.reads();
    assert_eq!(
        reads[reads.len() - 2..],
        ["chat.example: chat.example:6667 (connected as me)", "other.example: other.example:7000 (offline)"]
    );
    person.wishes.clear();
    person.enters("/reconnect other.example");
    assert!(matches!(&person.wishes[..], [Wish::Connect(AWAY, _)]));
    person.enters("/server other.example 7000");
    assert_eq!(person.model.networks.len(), 2, "a server that is known makes no network");
    person.enters("/reconnect nowhere");
    assert!(person.reads_last().starts_with("No network is called nowhere; there is chat.example"));
}

#[test]
fn quitting_says_farewell_everywhere() {
    let mut person = at_two();
    person.wishes.clear();
    person.enters("/quit so long");
    let farewell = "QUIT :so long\r\n".to_owned();
    assert_eq!(person.wishes, [Wish::Send(HOME, farewell.clone()), Wish::Send(AWAY, farewell), Wish::Quit]);
}

#[test]
fn the_panel_groups_rooms_under_their_networks() {
    let mut person = at_two();
    hears(&mut person, HOME, News::Line(":alice!a@h PRIVMSG #den :me!".to_owned()));
    let screen = person.screen(100, 8);
    let panel: Vec<&str> =
        screen.lines().take(4).map(|row| row.split('│').next().unwrap().trim_end()).collect();
    assert_eq!(panel, [" 1 Local", " 2  #den       1@", " 3 Other", " 4  #den"]);
}
