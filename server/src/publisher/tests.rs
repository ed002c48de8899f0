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
            if let Effect::Happened { event, channels, past } = effect {
                let world = self.engine.world();
                self.publisher.happened(now, &event, &channels, past.as_deref(), world);
            }
        }
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
    let tick = u64::try_from(scene.publisher.tick.as_micros()).unwrap();
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
