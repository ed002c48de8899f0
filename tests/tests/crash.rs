//! A server that is killed under load, again and again, loses nothing that it had published. `KILLS=50` for a long run,
//! `SEED=…` to kill at the same counts again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::sync::mpsc::{self, Receiver};
use std::thread::{self, JoinHandle};

use parlor_tests::guest::Guest;
use parlor_tests::house::{Ground, House};
use parlor_tests::random::Random;
use parlor_tests::surroundings;
use segment::{CounterKind, Cursor, Entry, Liveness, Now, ReadError, Reader, Snapshot};

const PROGRAM: &str = env!("CARGO_BIN_EXE_under_test");
const ROOMS: [&str; 4] = ["#lobby", "#den", "#attic", "#cellar"];
const TALKERS_PER_ROOM: usize = 3;
/// The rings hold all that is said in a round, and more than those who enter are shown.
const CONFIG: &str = "[segment]\nring_bytes = 1048576\n[history]\nlines_max = 1000\non_join = 1000\n";

/// The history of each room, by the rooms' own numbers.
type Histories = BTreeMap<&'static str, BTreeMap<u64, Entry>>;

/// How hard the server is pressed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Load {
    /// Everybody waits for an answer now and then, so that the segment holds all that is said.
    Chat,
    /// Nobody waits for anything, and much is overwritten before it is seen.
    Flood,
}

/// Somebody who talks as long as the server lives.
struct Talker {
    speaks: JoinHandle<()>,
    hears: JoinHandle<BTreeSet<String>>,
}

impl Talker {
    fn start(mut guest: Guest, room: &'static str, round: usize, seed: u64) -> Self {
        let (stream, nick) = (guest.sender(), guest.nick.clone());
        let (answered, answers) = mpsc::channel();
        let load = if round.is_multiple_of(2) { Load::Chat } else { Load::Flood };
        let speaks =
            thread::spawn(move || talk(&stream, room, &nick, round, Random::new(seed), load, &answers));
        let hears = thread::spawn(move || {
            let mut heard = BTreeSet::new();
            while let Some(line) = guest.line() {
                if line.contains(" PONG ") {
                    // It fails only when nobody talks any more.
                    let _ = answered.send(());
                } else if let Some((_, said)) = line.split_once(" PRIVMSG ") {
                    heard.extend(said.split_once(" :").map(|(_, text)| text.to_owned()));
                }
            }
            heard
        });
        Self { speaks, hears }
    }

    /// What was heard until the server was gone.
    fn end(self) -> BTreeSet<String> {
        self.speaks.join().expect("who talks does not panic");
        self.hears.join().expect("who hears does not panic")
    }
}

/// Says one line after the other, some alone and some together, and of all lengths, until nobody takes them any more.
fn talk(
    mut stream: &TcpStream,
    room: &str,
    nick: &str,
    round: usize,
    mut chance: Random,
    load: Load,
    answers: &Receiver<()>,
) {
    let mut number = 0;
    loop {
        let mut lines = String::new();
        for _ in 0..=chance.below(8) {
            let padding = "x".repeat(chance.below(200));
            lines += &format!("PRIVMSG {room} :{round} {nick} {number} {padding}\r\n");
            number += 1;
        }
        lines += "PING on\r\n";
        let ended = stream.write_all(lines.as_bytes()).is_err();
        if ended || load == Load::Chat && answers.recv().is_err() {
            return;
        }
    }
}

/// Reads along without the guard until so many records were seen: from then on the server may not lose them.
fn witness(reader: &Reader, count: u64, known: &mut Histories) {
    let mut cursors: BTreeMap<&str, Cursor> = BTreeMap::new();
    let mut seen = 0;
    while seen < count {
        for room in ROOMS {
            let history = match cursors.get(room) {
                Some(cursor) => reader.follow(room, cursor),
                None => reader.history(room),
            };
            // A room that has just been opened comes with the next publication.
            if matches!(history, Err(ReadError::NoRoom)) && !known.contains_key(room) {
                continue;
            }
            let history = history.expect("the rooms are open");
            assert!(!history.renewed, "{room} stays the same room");
            if cursors.insert(room, history.cursor).is_some() {
                seen += history.records.len() as u64 + history.lost;
            }
            note(room, &history.records, known);
        }
    }
}

/// Enters records among those known. What was known already must be the same.
fn note(room: &'static str, records: &[Entry], known: &mut Histories) {
    let known = known.entry(room).or_default();
    for record in records {
        let before = known.insert(record.sequence, record.clone());
        assert!(before.is_none_or(|before| before == *record), "{room}: {record:?} was another one");
    }
}

/// The records of a room as they lie in the segment, after a look at whether they are whole.
fn whole_history(reader: &Reader, room: &'static str, round: usize, known: &Histories) -> Vec<Entry> {
    let records = reader.history(room).unwrap_or_else(|error| panic!("{room}: {error}")).records;
    let mut last: BTreeMap<(usize, &str), u64> = BTreeMap::new();
    for pair in records.windows(2) {
        assert_eq!(
            pair[0].sequence + 1,
            pair[1].sequence,
            "{room}: no number is missing, none is there twice"
        );
    }
    for record in &records {
        let mut words = record.text.splitn(4, ' ');
        let mut word = || words.next().unwrap_or_else(|| panic!("{room}: damaged: {record:?}"));
        let (of, nick, number) = (word().parse().unwrap(), word(), word().parse::<u64>().unwrap());
        assert!(word().bytes().all(|byte| byte == b'x'), "{room}: damaged: {record:?}");
        assert_eq!(nick, record.from, "{room}");
        match last.insert((of, nick), number) {
            Some(before) => assert_eq!(number, before + 1, "{room}: {nick} in round {of}"),
            None if of == round && round.is_multiple_of(2) => {
                assert_eq!(number, 0, "{room}: {nick} begins with 0 in the latest round");
            }
            None => {}
        }
    }
    let oldest = records.first().map_or(0, |record| record.sequence);
    let there: BTreeMap<u64, &Entry> = records.iter().map(|record| (record.sequence, record)).collect();
    for (sequence, record) in known.get(room).into_iter().flat_map(|known| known.range(oldest..)) {
        assert_eq!(there.get(sequence), Some(&record), "{room}: a reader has seen this");
    }
    records
}

/// No counter has gone back.
fn assert_monotone(before: &Snapshot, after: &Snapshot) {
    let grown = |what: &str, before: &[segment::Counter], after: &[segment::Counter]| {
        for counter in before.iter().filter(|counter| counter.about.kind != CounterKind::Gauge) {
            let found = after.iter().find(|found| found.name() == counter.name()).expect("counters stay");
            assert!(
                found.number() >= counter.number(),
                "{what} {}: {counter:?}, then {found:?}",
                counter.name()
            );
        }
    };
    grown("server", &before.counters, &after.counters);
    for room in &before.rooms {
        let found = after.room(&room.name).expect("rooms stay");
        assert_eq!(room.tenure, found.tenure, "{} stays the same room", room.name);
        grown(&room.name, &room.counters, &found.counters);
    }
}

/// Somebody new enters, and is shown what was said last.
fn assert_shown(house: &House, nick: &str, room: &'static str, expected: &[Entry]) {
    let mut guest = house.guest(nick);
    guest.say("CAP REQ :batch server-time");
    guest.say(&format!("JOIN {room}"));
    let heard = guest.fence();
    let shown: Vec<&str> = heard
        .iter()
        .filter_map(|line| line.split_once(&format!(" PRIVMSG {room} :")).map(|(_, text)| text))
        .collect();
    let expected = &expected[expected.len().saturating_sub(1000)..];
    let expected: Vec<&str> = expected.iter().map(|record| record.text.as_str()).collect();
    assert!(shown == expected, "{room}: {} lines shown, {} expected", shown.len(), expected.len());
    guest.say("QUIT");
    guest.rest();
}

/// What a killed server left.
struct Remains {
    snapshot: Snapshot,
    histories: BTreeMap<&'static str, Vec<Entry>>,
    /// Messages that somebody heard and no reader will see: they were said in the last tick.
    unpublished: usize,
}

/// Lets everybody talk, reads along, and kills the server.
fn storm(
    house: House,
    reader: &mut Reader,
    round: usize,
    chance: &mut Random,
    known: &mut Histories,
) -> Remains {
    let rooms = ROOMS.into_iter().cycle().take(ROOMS.len() * TALKERS_PER_ROOM).enumerate();
    let guests: Vec<_> =
        rooms.map(|(index, room)| (house.guest_in(&format!("t{index}"), room), room)).collect();
    let talkers: Vec<Talker> =
        guests.into_iter().map(|(guest, room)| Talker::start(guest, room, round, chance.any())).collect();
    witness(reader, 1 + chance.below(3000) as u64, known);
    let ground = house.ground().clone();
    house.kill();
    let heard: BTreeSet<String> = talkers.into_iter().flat_map(Talker::end).collect();

    let liveness = reader.liveness(Now::read());
    assert!(matches!(liveness, Liveness::Dead { .. }), "{liveness:?}");
    assert_told(&ground, 2, "dead");
    let snapshot = reader.snapshot().expect("the last values stay readable");
    let mut histories = BTreeMap::new();
    for room in ROOMS {
        let records = whole_history(reader, room, round, known);
        note(room, &records, known);
        histories.insert(room, records);
    }
    let published: BTreeSet<&str> = histories.values().flatten().map(|record| record.text.as_str()).collect();
    let unpublished = heard.iter().filter(|text| !published.contains(text.as_str())).count();
    Remains { snapshot, histories, unpublished }
}

/// What the statistics say of the server, for people and for programs.
fn assert_told(ground: &Ground, code: i32, state: &str) {
    let (exit, line, errors) = ground.statistics(&["--check"]).finish();
    assert_eq!(exit, Some(code), "{line}{errors}");
    assert!(line.contains(&state.to_uppercase()) && line.lines().count() == 1, "{line}");
    let (exit, document, errors) = ground.statistics(&["--json", "--compact"]).finish();
    assert_eq!(exit, Some(code), "{errors}");
    assert!(document.contains(&format!("\"state\": \"{state}\"")), "{document}");
}

/// A new server goes on where the killed one was.
fn assert_adopted(house: &House, reader: &mut Reader, round: usize, remains: &Remains) {
    assert_eq!(reader.liveness(Now::read()), Liveness::Restarted { epoch: round as u64 + 2 });
    assert_eq!(reader.liveness(Now::read()), Liveness::Live);
    for room in ROOMS {
        assert!(reader.history(room).unwrap().records == remains.histories[room], "{room} is as it was");
        assert_shown(house, &format!("new{round}"), room, &remains.histories[room]);
    }
    assert_told(house.ground(), 0, "live");
    let after = reader.snapshot().expect("the new server publishes");
    assert_monotone(&remains.snapshot, &after);
    for name in ROOMS {
        let (room, last) = (after.room(name).unwrap(), remains.histories[name].last());
        let last = last.map_or(0, |record| record.sequence);
        assert_eq!((room.number("messages"), room.number("sequence")), (last, last), "{name}");
    }
}

#[test]
fn a_server_killed_under_load_is_adopted_and_loses_nothing_it_had_published() {
    let kills = surroundings::times("KILLS", 5);
    let mut chance = surroundings::chance();
    let ground = Ground::new(PROGRAM, CONFIG);
    let mut known = Histories::new();
    let mut house = ground.open();
    let mut pids = vec![house.running().pid()];
    let mut unpublished_most = 0;
    for round in 0..kills {
        let mut reader = ground.reader();
        assert_eq!(reader.liveness(Now::read()), Liveness::Live);
        assert_eq!(reader.epoch(), round as u64 + 1);
        let remains = storm(house, &mut reader, round, &mut chance, &mut known);
        if round.is_multiple_of(2) {
            unpublished_most = unpublished_most.max(remains.unpublished);
        }
        house = ground.open();
        pids.push(house.running().pid());
        assert_adopted(&house, &mut reader, round, &remains);
    }
    let total: usize = known.values().map(BTreeMap::len).sum();
    println!("{kills} kills, {total} records, at most {unpublished_most} messages heard but not published");
    assert_eq!(house.stop(), Some(0));
    assert_eq!(ground.liveness(), Liveness::Stopped);
    assert_nothing_left(ground, &pids);
}

/// One segment and one set were used by all servers, and they go with their keys.
fn assert_nothing_left(ground: Ground, pids: &[nix::unistd::Pid]) {
    let (segments, sets) = ground.objects();
    assert_eq!((segments.len(), sets.len()), (1, 1), "{segments:#?} {sets:#?}");
    let directory = ground.config();
    drop(ground);
    assert!(!directory.exists());
    for table in ["shm", "sem"] {
        let table = fs::read_to_string(format!("/proc/sysvipc/{table}")).unwrap();
        for line in table.lines().skip(1) {
            let is_ours = line
                .split_whitespace()
                .skip(4)
                .take(2)
                .any(|word| pids.iter().any(|pid| word == pid.to_string()));
            assert!(!is_ours || !table.contains("nattch"), "left behind: {line}");
        }
    }
}

#[test]
fn what_was_said_once_is_shown_to_those_who_enter_after_a_kill() {
    let ground = Ground::new(PROGRAM, "");
    let house = ground.open();
    let mut alice = house.guest_in("alice", "#den");
    alice.say("PRIVMSG #den :before the kill\r\nPRIVMSG #den :\u{1}ACTION waves\u{1}\r\nNOTICE #den :noted");
    alice.fence();
    let reader = ground.reader();
    while reader.history("#den").map_or(0, |history| history.records.len()) < 3 {
        // A tick at most; making turns does no harm.
        alice.fence();
    }
    house.kill();
    let house = ground.open();
    let mut bob = Guest::enter(house.address(), "bob");
    bob.say("JOIN #den");
    let heard = bob.fence();
    let said: Vec<&String> = heard.iter().filter(|line| line.starts_with(":alice")).collect();
    let ends = [" before the kill", " waves\u{1}", " noted"];
    assert_eq!(said.len(), ends.len(), "{heard:#?}");
    for (line, end) in said.iter().zip(ends) {
        assert!(line.ends_with(end), "{line}");
    }
}

#[test]
fn a_server_with_other_sizes_takes_along_what_a_killed_one_left() {
    let ground = Ground::new(PROGRAM, "");
    let mut house = ground.open();
    let mut alice = house.guest_in("alice", "#den");
    for number in 0..60 {
        alice.say(&format!("PRIVMSG #den :{number} {}", "x".repeat(100)));
    }
    let mut reader = ground.reader();
    while reader.history("#den").map_or(0, |history| history.records.len()) < 60 {
        // A tick at most; making turns does no harm.
        alice.fence();
    }
    let mut expected = reader.history("#den").unwrap().records;
    // Larger, with fewer rooms, and so small that only the newest have place.
    for (epoch, sizes) in [
        (2, "ring_bytes = 131072"),
        (3, "ring_bytes = 131072\nrooms = 2\nmembers = 3"),
        (4, "ring_bytes = 4096"),
    ] {
        house.kill();
        let before = reader.snapshot().unwrap();
        ground.configure(&format!("[segment]\n{sizes}\n"));
        house = ground.open();
        assert!(house.running().has_said("moved=true"));
        assert_eq!(reader.liveness(Now::read()), Liveness::Retired, "who reads the old one is told");
        reader = ground.reader();
        assert_eq!((reader.epoch(), reader.liveness(Now::read())), (epoch, Liveness::Live));
        let records = reader.history("#den").unwrap().records;
        let whole = sizes != "ring_bytes = 4096";
        assert_eq!(records.len() == expected.len(), whole, "{} of {} records", records.len(), expected.len());
        assert!(records.len() > 10 && expected.ends_with(&records), "the newest, as they were");
        assert_shown(&house, "bob", "#den", &records[records.len() - 10..]);
        assert_monotone(&before, &reader.snapshot().unwrap());
        assert_eq!(reader.snapshot().unwrap().room("#den").unwrap().number("messages"), 60);
        expected = records;
    }
    drop(house);
    let (segments, sets) = ground.objects();
    assert_eq!((segments.len(), sets.len()), (1, 1), "the old segments are gone");
}
