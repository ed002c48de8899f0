//! Readers in PHP: they read the rooms under the guard, and one that is stopped while it holds the guard makes nobody
//! wait.

use std::collections::BTreeMap;
use std::process::Command;

use nix::sys::signal::Signal;
use parlor_tests::guest::Guest;
use parlor_tests::house::{Ground, House};
use parlor_tests::needs;
use parlor_tests::running::Running;
use segment::{Histogram, ReadError, Reader, Snapshot, Value};

const PROGRAM: &str = env!("CARGO_BIN_EXE_under_test");
/// How many people talk.
const TALKERS: usize = 100;
/// Lines that each says in a round.
const LINES: usize = 5;

/// A PHP process that holds the guard.
fn hold(ground: &Ground, room: &str) -> Running {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/php/guard.php");
    let mut command = Command::new("php");
    command.args([script, room, &ground.keys().segment.to_string()]);
    Running::start(command)
}

/// What it has read under the guard, which it holds from then on.
fn read_under_guard(php: &mut Running) -> (Vec<String>, Vec<String>) {
    let (mut members, mut said) = (Vec::new(), Vec::new());
    loop {
        let line = php.line().expect("it holds the guard in the end");
        match line.split_once(' ') {
            Some(("member", name)) => members.push(name.to_owned()),
            Some(("said", text)) => said.push(text.to_owned()),
            _ => {
                assert_eq!(line, "holds");
                return (members, said);
            }
        }
    }
}

/// A hundred people in one room, and one who only listens: he hears in which order things were said.
struct Crowd {
    talkers: Vec<Guest>,
    witness: Guest,
    rounds: usize,
}

impl Crowd {
    fn enter(house: &House) -> Self {
        let talkers: Vec<Guest> =
            (0..TALKERS).map(|index| house.guest_in(&format!("t{index}"), "#den")).collect();
        let witness = house.guest_in("witness", "#den");
        let mut crowd = Self { talkers, witness, rounds: 0 };
        crowd.talkers.iter_mut().for_each(|talker| drop(talker.fence()));
        crowd
    }

    /// Everybody says something, and everybody hears all of it: once, undamaged, in the same order.
    fn talk(&mut self) {
        let round = self.rounds;
        self.rounds += 1;
        for talker in &self.talkers {
            let lines = (0..LINES).map(|line| format!("PRIVMSG #den :{round} {line}\r\n"));
            talker.send(lines.collect::<String>().as_bytes());
        }
        let total = TALKERS * LINES;
        let order = hear(&mut self.witness, total);
        let mut next: BTreeMap<&str, usize> = BTreeMap::new();
        for (from, text) in &order {
            let line = next.entry(from).or_default();
            assert_eq!(*text, format!("{round} {line}"), "{from} is heard in order");
            *line += 1;
        }
        assert!(next.len() == TALKERS && next.values().all(|lines| *lines == LINES), "everything, once");
        // One after the other: what a round says fits into the kernel's buffers, and the server has the machine.
        for talker in &mut self.talkers {
            let heard = hear(talker, total - LINES);
            let expected = order.iter().filter(|(from, _)| *from != talker.nick);
            assert!(heard.iter().eq(expected), "{} hears the same as all others", talker.nick);
        }
    }
}

/// Hears so many messages, each with who said it, and nothing else.
fn hear(guest: &mut Guest, count: usize) -> Vec<(String, String)> {
    let heard = (0..count).map(|_| {
        let line = guest.line().expect("the server lives");
        let (source, text) = line.split_once(" PRIVMSG #den :").unwrap_or_else(|| panic!("{line}"));
        let nick = source.trim_start_matches(':').split('!').next().unwrap_or_default();
        (nick.to_owned(), text.to_owned())
    });
    heard.collect()
}

/// What was counted in a histogram between two snapshots.
fn between(name: &str, before: &Snapshot, after: &Snapshot) -> Histogram {
    let of = |snapshot: &Snapshot| match &snapshot.counter(name).expect("a counter of the server").value {
        Value::Histogram(histogram) => histogram.clone(),
        Value::Number(_) => panic!("{name} is a histogram"),
    };
    let (before, after) = (of(before), of(after));
    let buckets = after.buckets.iter().zip(&before.buckets).map(|(after, before)| after - before);
    Histogram { count: after.count - before.count, sum: after.sum - before.sum, buckets: buckets.collect() }
}

/// The figures of a while.
fn report(what: &str, before: &Snapshot, after: &Snapshot) {
    for (name, unit) in [("turn", "us"), ("publish", "us"), ("segment.wait", "ns"), ("segment.hold", "ns")] {
        let histogram = between(name, before, after);
        let [half, worst] = [0.5, 1.0].map(|share| histogram.quantile(share).unwrap_or(0));
        println!("{what}: {name}: {} times, half ≤ {half} {unit}, worst ≤ {worst} {unit}", histogram.count);
    }
    let grown = |name: &str| after.number(name) - before.number(name);
    let [deferred, overrun, published] =
        ["segment.deferred", "segment.overrun", "segment.published"].map(grown);
    println!("{what}: {deferred} ticks deferred, {overrun} publications overrun, {published} in all");
}

/// The newest publication has everything that was said, and can be had under the guard again.
fn assert_current(reader: &Reader, crowd: &mut Crowd) -> Snapshot {
    let said = (crowd.rounds * TALKERS * LINES) as u64;
    loop {
        // At most a tick is missing; the PING makes a turn.
        crowd.witness.fence();
        match reader.snapshot_guarded(std::time::Duration::from_secs(60)) {
            Ok(snapshot) if snapshot.room("#den").is_some_and(|room| room.number("messages") == said) => {
                return snapshot;
            }
            Ok(_) | Err(ReadError::Overrun) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn php_reads_members_and_messages_under_the_guard() {
    needs!("php");
    let ground = Ground::new(PROGRAM, "");
    let house = ground.open();
    let mut alice = house.guest_in("alice", "#den");
    let _bob = house.guest_in("bob", "#den");
    let said = ["first", "second: größer ✓", "third"];
    for text in said {
        alice.say(&format!("PRIVMSG #den :{text}"));
    }
    alice.fence();
    let reader = ground.reader();
    while reader.snapshot().unwrap().room("#den").is_none_or(|room| room.number("messages") < 3) {
        alice.fence();
    }
    let mut php = hold(&ground, "#den");
    let (members, heard) = read_under_guard(&mut php);
    assert_eq!(members, ["@alice", "bob"]);
    assert_eq!(heard, said);
    php.tell("release");
    assert!(php.line().is_some_and(|line| line == "undisturbed" || line == "overrun"));
    assert!(php.wait().success());
    // The reader that is shown to others reads the same, under the guard and without it.
    let read = |room: &str| {
        let mut command = Command::new("php");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../demo/readers/read.php");
        command.args([script, room, &ground.keys().segment.to_string()]);
        Running::start(command).finish()
    };
    assert_eq!(read("#nowhere"), (Some(1), String::new(), "no such room\n".to_owned()));
    let (code, output, errors) = read("#den");
    assert_eq!((code, errors.as_str()), (Some(0), ""), "{output}");
    for name in ["guarded", "guard-free"] {
        assert!(output.contains(&format!("{name}: #den, members: @alice bob\n")), "{output}");
    }
    for text in said {
        assert_eq!(output.matches(&format!("<alice> {text}\n")).count(), 2, "{output}");
    }
}

#[test]
fn a_php_that_is_stopped_while_it_holds_the_guard_makes_nobody_wait() {
    needs!("php");
    let ground = Ground::new(PROGRAM, "");
    let house = ground.open();
    let mut crowd = Crowd::enter(&house);
    let reader = ground.reader();
    crowd.talk();
    let begin = assert_current(&reader, &mut crowd);
    (0..10).for_each(|_| crowd.talk());
    let undisturbed = assert_current(&reader, &mut crowd);
    report("undisturbed", &begin, &undisturbed);

    let mut php = hold(&ground, "#den");
    read_under_guard(&mut php);
    php.suspend();
    let before = reader.snapshot().unwrap();
    // Until the server has often lost its patience with the one who holds the guard.
    while reader.snapshot().unwrap().number("segment.overrun") < before.number("segment.overrun") + 5 {
        crowd.talk();
    }
    let stopped = reader.snapshot().unwrap();
    report("php stopped", &before, &stopped);
    assert!(stopped.number("segment.deferred") > before.number("segment.deferred"), "ticks were deferred");
    let waits = between("segment.wait", &before, &stopped);
    assert!(waits.count > 0 && waits.quantile(0.5) < Some(1 << 21), "{waits:?}: 0.2 ms, as far as it goes");
    let refused = reader.snapshot_guarded(std::time::Duration::ZERO);
    assert_eq!(refused, Err(ReadError::Busy { holder: Some(php.pid().as_raw()) }));

    php.signal(Signal::SIGCONT);
    php.tell("release");
    assert_eq!(php.line().as_deref(), Some("overrun"), "it is told that the server went on");
    assert!(php.wait().success());
    crowd.talk();
    let recovered = assert_current(&reader, &mut crowd);
    crowd.talk();
    let after = assert_current(&reader, &mut crowd);
    assert_eq!(
        after.number("segment.overrun"),
        recovered.number("segment.overrun"),
        "the guard is used again"
    );
}

#[test]
fn a_php_that_is_killed_while_it_holds_the_guard_gives_it_back() {
    needs!("php");
    let ground = Ground::new(PROGRAM, "");
    let house = ground.open();
    let mut crowd = Crowd::enter(&house);
    let reader = ground.reader();
    crowd.talk();
    let before = assert_current(&reader, &mut crowd);
    let mut php = hold(&ground, "#den");
    read_under_guard(&mut php);
    php.suspend();
    crowd.talk();
    php.kill();
    crowd.talk();
    let after = assert_current(&reader, &mut crowd);
    assert_eq!(
        after.number("segment.recovered"),
        before.number("segment.recovered"),
        "nothing was made anew"
    );
    drop(house);
}
