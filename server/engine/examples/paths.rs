//! The paths that are taken most, each as often as is wanted: `paths NAME TIMES`, or `paths` for their names. What they
//! cost is counted from outside, in instructions (`tests/instructions`), since times are noise on a busy machine.

use std::process::ExitCode;

use engine::{ConnId, Effect, Engine, Input, Now, Peer, Settings};
use wire::{Encoder, Message, Timestamp};

/// The allocator that the server has. What the system's costs depends on what it tidies up, and when: a path that
/// allocates came out at half or at twice as much, and at something else after the system's next update.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A name, what has to be there before, and what is done once.
type Path = (&'static str, fn() -> House, fn(&mut House, u64));

const PATHS: &[Path] = &[
    (
        "parse-and-write",
        || House::new(0),
        |house, _| {
            let line = "@+draft/reply=abc;label=x :alice!al@host PRIVMSG #den :as many words as people write in a line";
            let message = Message::parse(line).expect("it is a message");
            let written = Encoder::new().verb(message.verb).param(message.params.all()[0]);
            house.kept += written.trailing(message.params.all()[1]).end().len();
        },
    ),
    ("ping", || House::new(1), |house, _| house.says(1, "PING token")),
    (
        "privmsg-to-one",
        || House::new(2),
        |house, _| house.says(1, "PRIVMSG n2 :as many words as people write in a line"),
    ),
    (
        "privmsg-to-100",
        || House::new(100),
        |house, _| house.says(1, "PRIVMSG #den :as many words as people write in a line"),
    ),
    (
        "privmsg-to-1000",
        || House::new(1000),
        |house, _| house.says(1, "PRIVMSG #den :as many words as people write in a line"),
    ),
    (
        "privmsg-to-each-of-100",
        || House::of_rooms(100),
        |house, turn| {
            let number = turn * 37 % 1000;
            house.says(
                number + 1,
                &format!("PRIVMSG #room{} :as many words as people write in a line", number % 100),
            );
        },
    ),
    (
        "privmsg-with-tags-to-100",
        || House::new(100).understanding("server-time message-tags echo-message batch labeled-response"),
        |house, _| {
            house.says(1, "@label=x;+typing=done PRIVMSG #den :as many words as people write in a line");
        },
    ),
    (
        "join-and-part-100",
        || House::new(100),
        |house, _| {
            house.says(1, "PART #den");
            house.says(1, "JOIN #den");
        },
    ),
    ("nick-in-100", || House::new(100), |house, turn| house.says(1, &format!("NICK m{turn}"))),
    (
        "connect-and-quit",
        || House::new(0),
        |house, turn| {
            house.enters(turn + 1);
            house.says(turn + 1, "QUIT");
        },
    ),
    ("end-of-one-of-1000", || House::new(1000), |house, turn| house.ends(turn + 1)),
    ("who-of-100", || House::new(100), |house, _| house.says(1, "WHO #den")),
    ("names-of-100", || House::new(100), |house, _| house.says(1, "NAMES #den")),
    ("whois", || House::new(2), |house, _| house.says(1, "WHOIS n2")),
    ("list-of-100", || House::with_rooms(100), |house, _| house.says(1, "LIST")),
];

/// An engine with people in one room.
struct House {
    engine: Engine,
    effects: Vec<Effect>,
    /// What came of it, so that nothing is left out as useless.
    kept: usize,
}

impl House {
    fn new(people: u64) -> Self {
        let mut settings = Settings::default();
        settings.limits.channels_per_user_max = 200;
        let engine = Engine::new(settings, now(), 1);
        let mut house = Self { engine, effects: Vec::new(), kept: 0 };
        for number in 1..=people {
            house.enters(number);
            house.says(number, "JOIN #den");
        }
        house
    }

    /// With somebody who is in so many rooms besides.
    fn with_rooms(rooms: u64) -> Self {
        let mut house = Self::new(1);
        for number in 1..rooms {
            house.says(1, &format!("JOIN #room{number}"));
        }
        house
    }

    /// With so many rooms of ten.
    fn of_rooms(rooms: u64) -> Self {
        let mut house = Self::new(0);
        for number in 0..10 * rooms {
            house.enters(number + 1);
            house.says(number + 1, &format!("JOIN #room{}", number % rooms));
        }
        house
    }

    /// In which everybody understands some capabilities.
    fn understanding(mut self, capabilities: &str) -> Self {
        for number in 1..=100 {
            self.says(number, &format!("CAP REQ :{capabilities}"));
        }
        self
    }

    fn enters(&mut self, number: u64) {
        let peer = Peer { host: "host".to_owned(), address: None, secure: false };
        self.give(Input::Opened { conn: ConnId(number), peer });
        self.says(number, &format!("NICK n{number}"));
        self.says(number, "USER user 0 * :Somebody");
    }

    fn says(&mut self, number: u64, line: &str) {
        self.give(Input::Line { conn: ConnId(number), line: line.as_bytes() });
    }

    fn ends(&mut self, number: u64) {
        self.give(Input::Closed { conn: ConnId(number), reason: "Connection closed" });
    }

    fn give(&mut self, input: Input<'_>) {
        self.engine.handle(now(), input, &mut self.effects);
        self.kept += self.effects.len();
        // Long answers go on as their reader takes them.
        let more = self.effects.iter().find_map(|effect| match effect {
            Effect::More { conn } => Some(*conn),
            _ => None,
        });
        for effect in self.effects.drain(..) {
            if let Effect::Answer { lines, .. } = effect {
                self.engine.keep(lines);
            }
        }
        if let Some(conn) = more {
            self.give(Input::More { conn });
        }
    }
}

fn now() -> Now {
    Now { monotonic_ms: 1000, wall: Timestamp(1_700_000_000_000) }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let wanted = arguments.first().and_then(|name| PATHS.iter().find(|path| path.0 == name));
    let times = arguments.get(1).and_then(|times| times.parse::<u64>().ok());
    let (Some((_, setup, once)), Some(times)) = (wanted, times) else {
        PATHS.iter().for_each(|path| println!("{}", path.0));
        return if arguments.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(2) };
    };
    let mut house = setup();
    for turn in 0..times {
        once(&mut house, turn);
    }
    // More than nothing came of it.
    ExitCode::from(u8::from(house.kept == 0))
}
