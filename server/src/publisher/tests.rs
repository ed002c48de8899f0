//! Publications at any time, without a loop.

use engine::{ConnId, Effect, Input, Peer, Settings};
use segment::Reader;
use segment::testing::Keys;

use super::*;

/// A server's engine and its publisher, without sockets and at any time.
struct Scene {
    engine: Engine,
    publisher: Publisher,
    figures: Figures,
    reader: Reader,
    at_us: u64,
}

impl Scene {
    fn new(keys: &Keys) -> Self {
        let mut segment = config::Config::default().segment;
        segment.segment_key = keys.segment.0.cast_unsigned();
        segment.semaphore_key = keys.semaphores.0.cast_unsigned();
        let start = Now::read();
        let (publisher, _) = Publisher::open(&segment, start).unwrap();
        let now = engine::Now { monotonic_ms: 0, wall: Timestamp(start.wall_ms) };
        let engine = Engine::new(Settings::default(), now, 1);
        let reader = Reader::open(keys.segment, None).unwrap();
        let mut scene = Self { engine, publisher, figures: Figures::default(), reader, at_us: start.boot_us };
        let peer = Peer { host: "host".to_owned(), address: None, secure: false };
        scene.give(Input::Opened { conn: ConnId(1), peer });
        for line in ["NICK alice", "USER alice 0 * :alice", "JOIN #a"] {
            scene.says(line);
        }
        scene
    }

    fn now(&self) -> Now {
        Now { boot_us: self.at_us, wall_ms: self.at_us / 1000 }
    }

    fn says(&mut self, line: &str) {
        self.give(Input::Line { conn: ConnId(1), line: line.as_bytes() });
        self.figures.turned(Duration::from_micros(10));
    }

    fn give(&mut self, input: Input<'_>) {
        let (now, mut effects) = (self.now(), Vec::new());
        let of_engine = engine::Now { monotonic_ms: self.at_us / 1000, wall: Timestamp(now.wall_ms) };
        self.engine.handle(of_engine, input, &mut effects);
        for effect in effects {
            if let Effect::Happened { event, channels } = effect {
                let world = self.engine.world();
                self.publisher.happened(now, &event, &channels, world);
            }
        }
    }

    /// Microseconds between two publications.
    fn tick(&self) -> u64 {
        self.publisher.tick.as_micros() as u64
    }

    fn generation(&self) -> u64 {
        self.reader.snapshot().unwrap().generation
    }

    /// Time passes, and what there is is published; what is read then is of one moment.
    fn passes(&mut self, us: u64) {
        self.at_us += us;
        self.publisher.publish(self.now(), &self.engine, &mut self.figures);
        let snapshot = self.reader.snapshot().unwrap();
        let said: u64 = snapshot.rooms.iter().map(|room| room.number("messages")).sum();
        assert_eq!(said, snapshot.number("messages"), "at {} us", self.at_us);
    }
}

#[test]
fn rooms_and_counters_are_of_one_moment_in_every_publication() {
    let keys = Keys::new();
    let mut scene = Scene::new(&keys);
    let tick = scene.tick();
    for _ in 0..10 {
        scene.says("PRIVMSG #a :one");
        scene.passes(tick);
        // Nobody speaks: the rates of the room fall, and that is published by itself.
        let before = scene.generation();
        while scene.generation() == before {
            scene.passes(tick);
        }
        // Words that come right after it are not in step with it.
        for _ in 0..6 {
            scene.passes(tick / 3);
            scene.says("PRIVMSG #a :more");
        }
    }
    scene.passes(tick);
    assert_eq!(scene.reader.snapshot().unwrap().room("#a").unwrap().number("messages"), 70);
}

/// Of a ring as it is if nobody says otherwise.
const RING_BYTES: usize = 64 * 1024;

/// Words that are overwritten go before the next publication, and so does who said them when others take turns with him. What is
/// read then are the last words of each room.
#[test]
fn what_waits_for_a_publication_is_bounded_whoever_speaks_and_wherever() {
    for (speakers, rooms, bytes) in [(1, 1, 100), (2, 1, 100), (1, 2, 100), (2, 2, 400)] {
        let keys = Keys::new();
        let mut scene = Scene::new(&keys);
        let peer = Peer { host: "host".to_owned(), address: None, secure: false };
        scene.give(Input::Opened { conn: ConnId(2), peer });
        for line in ["JOIN #b", "NICK bob", "USER bob 0 * :bob", "JOIN #a,#b"] {
            let conn = ConnId(if line == "JOIN #b" { 1 } else { 2 });
            scene.give(Input::Line { conn, line: line.as_bytes() });
        }
        let tick = scene.tick();
        scene.passes(tick);
        let spoken = 5 * said::SAYING_MAX as u64;
        let what = |number| format!("{number} {}", "x".repeat(bytes));
        for number in 0..spoken {
            let conn = ConnId(1 + number / rooms % speakers);
            let line = format!("PRIVMSG {} :{}", ["#a", "#b"][(number % rooms) as usize], what(number));
            scene.give(Input::Line { conn, line: line.as_bytes() });
            let (lengths, texts) = scene.publisher.saying.lengths();
            assert!(lengths.iter().all(|length| *length < said::SAYING_MAX), "{speakers} speak: {lengths:?}");
            assert!(texts < said::SAYING_BYTES_MAX, "{speakers} speak: {texts} bytes wait");
            // One room's ring and an eighth more, in which a line has 48 bytes more than its words.
            let lines_max = RING_BYTES * 8 / 7 / (48 + bytes);
            assert!(rooms > 1 || lengths[0] <= lines_max + 1, "{} lines wait", lengths[0]);
        }
        scene.passes(tick);
        let snapshot = scene.reader.snapshot().unwrap();
        for (room, name) in (0..rooms).zip(["#a", "#b"]) {
            assert_eq!(snapshot.room(name).unwrap().number("messages"), spoken / rooms);
            let history = scene.reader.history(name).unwrap().records;
            let dropped = snapshot.room(name).unwrap().number("dropped");
            assert_eq!(dropped, spoken / rooms - history.len() as u64, "what was not read counts as dropped");
            let line = 48 + "0-1234567890".len() + "alice".len() + what(spoken).len() + 7;
            assert!((history.len() + 1) * line > RING_BYTES, "{} lines do not fill a ring", history.len());
            for (record, back) in history.iter().rev().zip(0..) {
                let number = spoken - rooms + room - back * rooms;
                let from = ["alice", "bob"][(number / rooms % speakers) as usize];
                assert_eq!((&*record.from, record.text.clone()), (from, what(number)), "in {name}");
                assert_eq!(record.sequence, spoken / rooms - back);
            }
        }
    }
}

/// What is said waits for the next publication; whether the room was public is decided by when it was said.
#[test]
fn what_is_said_behind_closed_doors_stays_there_whatever_else_comes_in_the_same_tick() {
    let lines = [
        "PRIVMSG #a :first words",
        "MODE #a +s",
        "PRIVMSG #a :hidden words",
        "PRIVMSG #a :more hidden words",
        "MODE #a -s",
        "PRIVMSG #a :shown words",
        "PRIVMSG #a :\u{1}ACTION waves\u{1}",
        "PRIVMSG #a :\u{1}RIDDLE\u{1}",
    ];
    for ticks in [lines.len(), 3, 2, 1] {
        let keys = Keys::new();
        let mut scene = Scene::new(&keys);
        for lines in lines.chunks(lines.len().div_ceil(ticks)) {
            lines.iter().for_each(|line| scene.says(line));
            scene.at_us += scene.tick();
            scene.publisher.publish(scene.now(), &scene.engine, &mut scene.figures);
        }
        let history = scene.reader.history("#a").unwrap().records;
        let seen: Vec<_> = history.iter().map(|entry| (entry.kind, entry.text.as_str())).collect();
        assert_eq!(seen, [(Kind::MESSAGE, "shown words"), (Kind::ACTION, "waves")], "in {ticks} ticks");
        let bytes = segment::testing::bytes(keys.segment);
        let has = |text: &str| bytes.windows(text.len()).any(|bytes| bytes == text.as_bytes());
        assert!(has("shown words") && !has("first words"), "in {ticks} ticks");
        assert!(!has("hidden words") && !has("RIDDLE"), "in {ticks} ticks");
    }
}

#[test]
fn who_reads_too_slowly_is_named_until_he_has_read() {
    let keys = Keys::new();
    let mut scene = Scene::new(&keys);
    let slow = |scene: &mut Scene| {
        scene.passes(scene.tick());
        scene.reader.snapshot().unwrap().slow
    };
    assert_eq!(slow(&mut scene), []);
    scene.figures.blocked(ConnId(1), 700, 1);
    scene.figures.blocked(ConnId(9), 800, 1500);
    let waiting = |conn| (if conn == ConnId(1) { 700 } else { 800 }, 1000);
    scene.figures.sample(3001, waiting);
    let told = |scene: &Scene, name: &str, queued, waited_ms| segment::Slow {
        name: name.to_owned(),
        queued,
        limit: 1000,
        since_ms: scene.now().wall_ms - waited_ms,
    };
    let listed = slow(&mut scene);
    assert_eq!(listed, [told(&scene, "", 800, 1501), told(&scene, "alice", 700, 3000)], "most bytes first");
    scene.figures.relieved(ConnId(9));
    scene.figures.relieved(ConnId(1));
    assert_eq!(slow(&mut scene), listed, "they are looked at once a second");
    scene.figures.sample(4001, waiting);
    assert_eq!(slow(&mut scene), []);
    let generation = scene.generation();
    scene.figures.sample(5001, waiting);
    assert_eq!((slow(&mut scene), scene.generation()), (vec![], generation), "nothing new is not published");
}

/// Rooms that are shown and one that is not, in turns and in one tick: each has its own words.
#[test]
fn what_is_said_in_turns_here_and_behind_closed_doors_is_not_mixed_up() {
    let keys = Keys::new();
    let mut scene = Scene::new(&keys);
    for line in ["JOIN #s", "MODE #s +s", "JOIN #b"] {
        scene.says(line);
    }
    let tick = scene.tick();
    scene.passes(tick);
    let rounds = 50;
    for number in 0..rounds {
        scene.says(&format!("PRIVMSG #s :hidden é {number}"));
        scene.says(&format!("PRIVMSG #a :shown ü {number}"));
        scene.says(&format!("PRIVMSG alice :hidden to one {number}"));
        scene.says(&format!("PRIVMSG #a :\u{1}ACTION shows {number}\u{1}"));
        scene.says(&format!("PRIVMSG @#a :hidden for operators {number}"));
        scene.says(&format!("NOTICE #b :noted {number}"));
    }
    assert_eq!(scene.publisher.saying.lengths().0[0], 4 * rounds, "all wait for one publication");
    scene.at_us += tick;
    scene.publisher.publish(scene.now(), &scene.engine, &mut scene.figures);
    let words = |room| {
        let records = scene.reader.history(room).unwrap().records;
        records.into_iter().map(|record| record.text).collect::<Vec<_>>()
    };
    let shown = |number| [format!("shown ü {number}"), format!("shows {number}")];
    assert_eq!(words("#a"), (0..rounds).flat_map(shown).collect::<Vec<_>>());
    assert_eq!(words("#b"), (0..rounds).map(|number| format!("noted {number}")).collect::<Vec<_>>());
    let snapshot = scene.reader.snapshot().unwrap();
    assert!(snapshot.rooms.iter().all(|room| room.name != "#s"), "it is not shown at all");
}

#[test]
fn what_another_server_left_under_ids_that_are_too_long_is_not_taken() {
    let entry = |id: &str| Entry {
        sequence: 1,
        wall_ms: 1,
        kind: Kind::MESSAGE,
        id: id.to_owned(),
        from: "alice".to_owned(),
        text: "\n".repeat(2000),
    };
    let longest = "x".repeat(engine::EventId::BYTES_MAX);
    let past = past_of(entry(&longest)).unwrap();
    assert_eq!(*past.id, longest);
    assert_eq!(past.said().unwrap().each_line().count(), 1000, "no more lines than a message can have");
    assert!(past_of(entry(&format!("{longest}x"))).is_none());
}
