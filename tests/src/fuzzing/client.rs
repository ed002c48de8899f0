//! The client's side: what holds whatever a server sends.

use std::collections::BTreeMap;

use parlor::session::{Heard, MEMBERS_OF_ALL_MAX, ROOMS_MAX, Session, Wanted};
use wire::LINE_BYTES_MAX;

use super::scripts;
use crate::script::Act;

/// How much longer than what came all that is told of it may be. A multiline message repeats what all its lines share, and
/// a quit or a change of nick names every room.
const TOLD_PER_LINE_MAX: usize = 4 * ROOMS_MAX;

/// Whatever a server says, a session believes only what fits together, sends only what can be sent, and does not grow
/// without bound. Each line of the data is a line of the server; what is no UTF-8 is replaced.
///
/// # Panics
/// If that does not hold.
pub fn session(data: &[u8]) {
    let name = |name: &str| name.to_owned();
    let wanted = Wanted {
        nick: name("a"),
        user: name("a"),
        realname: name("A"),
        rooms: vec![name("#den")],
        ..Wanted::default()
    };
    let mut session = Session::new(wanted);
    let mut heard = Vec::new();
    for line in data.split(|byte| *byte == b'\n') {
        session.hear(&String::from_utf8_lossy(line), &mut heard);
        assert!(heard.len() <= TOLD_PER_LINE_MAX, "one line is told as {}", heard.len());
        for heard in heard.drain(..) {
            if let Heard::Send(line) = heard {
                assert!(line.len() <= LINE_BYTES_MAX, "{} bytes are sent: {line:?}", line.len());
                assert_eq!(line.find(['\r', '\n', '\0']), Some(line.len() - 2), "{line:?}");
            }
        }
    }
    assert!(session.rooms().len() <= ROOMS_MAX);
    let mut members = 0;
    for (key, room) in session.rooms() {
        assert_eq!(*key, session.fold(&room.name));
        members += room.members.len();
        for (key, member) in &room.members {
            assert_eq!(*key, session.fold(&member.nick));
        }
    }
    assert!(members <= MEMBERS_OF_ALL_MAX);
}

/// What one person of a script hears, as if all had heard it.
pub(super) fn seeds() -> BTreeMap<String, Vec<u8>> {
    let seed = |lines: Vec<String>| lines.join("\n").into_bytes();
    let mut seeds = BTreeMap::new();
    for (name, script) in scripts() {
        let heard = script.steps.iter().filter_map(|step| match &step.act {
            Act::Hear(_, line) | Act::SkipTo(_, line) => Some(line.clone()),
            _ => None,
        });
        let greeting = [
            "CAP * LS :batch labeled-response draft/multiline=max-bytes=9,max-lines=9 message-tags"
                .to_owned(),
            "CAP * ACK :batch labeled-response draft/multiline message-tags".to_owned(),
            ":srv 001 a :Welcome".to_owned(),
            ":a!a@h JOIN #den".to_owned(),
        ];
        seeds.insert(name, seed(greeting.into_iter().chain(heard).collect()));
    }
    seeds
}
