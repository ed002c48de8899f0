//! What holds whatever comes in: the bodies of the fuzz targets in `fuzz/`, and what they begin with, made of the chat
//! scripts; for the segment, of what a server publishes.

pub mod client;
mod screen;
mod segment;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use engine::{ConnId, Effect, Engine, Input, Now, Peer, Settings};
use wire::{Encoder, Frame, Framer, LINE_BYTES_MAX, Message, PARAMS_MAX, TAGS_BYTES_MAX, Timestamp};

use crate::script::{self, Act, Script};
use crate::setup;

/// Bytes that a framer may hold when all complete lines were taken: a line with its tags, and its end.
const HELD_BYTES_MAX: usize = TAGS_BYTES_MAX + LINE_BYTES_MAX + "\r\n".len();

/// Clients of an engine under test: `a` to `h`.
const CLIENTS: u8 = 8;

/// However a stream is split, its lines are the same; and what is not a line yet is bounded. The first byte says how it
/// is split.
///
/// # Panics
/// If that does not hold.
pub fn framer(data: &[u8]) {
    let Some((step, stream)) = data.split_first() else { return };
    let frames = |chunks: &mut dyn Iterator<Item = &[u8]>| {
        let (mut framer, mut frames) = (Framer::new(), Vec::new());
        for chunk in chunks {
            framer.push(chunk);
            while let Some(frame) = framer.next_frame() {
                frames.push(match frame {
                    Frame::Line(line) => Some(line.to_vec()),
                    Frame::Overlong => None,
                });
            }
            assert!(framer.buffered_bytes() <= HELD_BYTES_MAX, "{} bytes are held", framer.buffered_bytes());
        }
        frames
    };
    let whole = frames(&mut std::iter::once(stream));
    let split = frames(&mut stream.chunks(usize::from(*step) + 1));
    assert_eq!(whole, split, "in steps of {}", usize::from(*step) + 1);
}

/// A message that is read and written is the same message.
///
/// # Panics
/// If that does not hold.
pub fn message(data: &[u8]) {
    let Some(message) = std::str::from_utf8(data).ok().and_then(|line| Message::parse(line).ok()) else {
        return;
    };
    assert!(message.params.len() <= PARAMS_MAX && !message.verb.is_empty());
    message.tags.iter().for_each(drop);
    // A verb that begins like tags or a source is one only behind them.
    if message.verb.starts_with(['@', ':']) {
        return;
    }
    let mut line = Encoder::new().raw_tags(message.tags.raw());
    if let Some(source) = message.source {
        let part =
            |mark: &str, part: Option<&str>| part.map_or(String::new(), |part| format!("{mark}{part}"));
        line = line.source(&format!("{}{}{}", source.nick, part("!", source.user), part("@", source.host)));
    }
    line = line.verb(message.verb);
    if let Some((last, params)) = message.params.split_last() {
        line = params.iter().fold(line, |line, param| line.param(param)).trailing(last);
    }
    let line = line.end();
    let again = Message::parse(line.trim_end_matches(['\r', '\n'])).expect("what was written can be read");
    assert_eq!(again, message, "{line:?}");
}

/// Whatever several clients do, an engine keeps its order and says only what can be said. Each line of the data is
/// something that happens:
///
/// | begins with  | what happens                                                    |
/// |--------------|-----------------------------------------------------------------|
/// | `a` to `h`   | this client sends the rest of the line                          |
/// | `A` to `H`   | this client comes or, if it is there, breaks off                |
/// | `0` to `9`   | time passes, ten times more with each digit, from a millisecond |
/// | `!`          | the configuration is read again: the rest are numbers for limits |
/// | `?`, `>`, `%` | the client that follows was checked, has read, said too much   |
/// | anything else | nothing                                                        |
///
/// # Panics
/// If that does not hold.
pub fn engine(data: &[u8]) {
    let mut house = House::new();
    for line in data.split(|byte| *byte == b'\n') {
        if let Some((first, rest)) = line.split_first()
            && !house.ended
        {
            house.act(*first, rest);
        }
    }
    house.give(Input::Stop { reason: "The end" });
    assert_eq!((house.engine.counts().connections, house.open.len()), (0, 0), "nobody is left");
}

/// An engine and its clients.
struct House {
    engine: Engine,
    now: Now,
    opened: u64,
    /// The connections of those who are there.
    clients: BTreeMap<u8, ConnId>,
    open: BTreeSet<ConnId>,
    /// Those whose secret is being checked.
    checked: BTreeSet<ConnId>,
    /// Those who have to read first.
    reading: BTreeSet<ConnId>,
    /// Whether an operator has ended it.
    ended: bool,
}

impl House {
    fn new() -> Self {
        let now = Now { monotonic_ms: 1_000_000, wall: Timestamp(1_795_349_340_123) };
        Self {
            engine: Engine::new(settings().clone(), now, 1),
            now,
            opened: 0,
            clients: BTreeMap::new(),
            open: BTreeSet::new(),
            checked: BTreeSet::new(),
            reading: BTreeSet::new(),
            ended: false,
        }
    }

    fn act(&mut self, first: u8, rest: &[u8]) {
        let client = |byte: u8| byte.to_ascii_lowercase().wrapping_sub(b'a') % CLIENTS;
        let conn = match first {
            b'a'..=b'h' | b'A'..=b'H' => self.clients.get(&client(first)).copied(),
            _ => rest.first().and_then(|byte| self.clients.get(&client(*byte)).copied()),
        };
        match (first, conn.filter(|conn| self.open.contains(conn))) {
            (b'a'..=b'h', Some(conn)) => self.line(conn, rest),
            (b'A'..=b'H', Some(conn)) => self.give(Input::Closed { conn, reason: "Connection closed" }),
            (b'A'..=b'H', None) => self.enter(client(first)),
            (b'0'..=b'9', _) => self.pass(10u64.pow(u32::from(first - b'0'))),
            (b'!', _) => self.reload(rest),
            (b'?', Some(conn)) => self.check(conn, rest.len().is_multiple_of(2)),
            (b'>', Some(conn)) => self.read(conn),
            (b'%', Some(conn)) if !self.checked.contains(&conn) => self.give(Input::Overlong { conn }),
            _ => {}
        }
    }

    fn enter(&mut self, client: u8) {
        self.opened += 1;
        let conn = ConnId(self.opened);
        self.clients.insert(client, conn);
        self.open.insert(conn);
        let peer = Peer { host: format!("host{}", client % 3), address: None, secure: client == 0 };
        self.give(Input::Opened { conn, peer });
    }

    /// A client sends bytes; what stands before the engine cuts them into lines. Who waits for something gets it first.
    fn line(&mut self, conn: ConnId, bytes: &[u8]) {
        let mut framer = Framer::new();
        framer.push(bytes);
        framer.push(b"\r\n");
        while let Some(frame) = framer.next_frame() {
            while self.reading.contains(&conn) {
                self.read(conn);
            }
            self.check(conn, true);
            if !self.open.contains(&conn) {
                return;
            }
            match frame {
                Frame::Line(line) => self.give(Input::Line { conn, line }),
                Frame::Overlong => self.give(Input::Overlong { conn }),
            }
        }
    }

    fn read(&mut self, conn: ConnId) {
        if self.reading.remove(&conn) {
            self.give(Input::More { conn });
        }
    }

    fn check(&mut self, conn: ConnId, matches: bool) {
        if self.checked.remove(&conn) {
            self.give(Input::Checked { conn, matches });
        }
    }

    fn pass(&mut self, ms: u64) {
        let until_ms = self.now.monotonic_ms + ms;
        while let Some(at_ms) = self.engine.next_deadline().filter(|at_ms| *at_ms <= until_ms) {
            assert!(at_ms >= self.now.monotonic_ms, "a deadline lies in the past");
            self.move_clock(at_ms);
            self.give(Input::Tick);
            assert!(self.engine.next_deadline().is_none_or(|next_ms| next_ms > at_ms), "a deadline stays");
        }
        self.move_clock(until_ms);
    }

    fn move_clock(&mut self, to_ms: u64) {
        let passed_ms = to_ms - self.now.monotonic_ms;
        self.now = Now { monotonic_ms: to_ms, wall: Timestamp(self.now.wall.0 + passed_ms) };
    }

    fn reload(&mut self, numbers: &[u8]) {
        let mut settings = settings().clone();
        let number = |index: usize| usize::from(numbers.get(index).copied().unwrap_or(9)) % 16;
        settings.limits.channels_per_user_max = 1 + number(0);
        settings.limits.masks_per_list_max = 1 + number(1);
        settings.limits.targets_max = 1 + number(2);
        settings.limits.modes_max = 1 + number(3);
        settings.limits.topic_bytes_max = 1 + number(4);
        settings.limits.whowas_max = number(5);
        settings.limits.part_bytes_max = 1 + 16 * number(6);
        settings.history_lines_max = number(7);
        settings.history_channels_max = number(8);
        let outcome = if number(9) == 0 { Err("unreadable".to_owned()) } else { Ok(Box::new(settings)) };
        self.give(Input::Reload { outcome });
    }

    fn give(&mut self, input: Input<'_>) {
        let mut effects = Vec::new();
        self.engine.handle(self.now, input, &mut effects);
        self.engine.check();
        let (mut reload, mut stop) = (false, None);
        for effect in effects {
            match effect {
                Effect::Send { to, line } => self.hear(to, line.bytes()),
                Effect::Answer { to, lines } => {
                    lines.each().for_each(|line| self.hear(to, line.as_bytes()));
                    self.engine.keep(lines);
                }
                Effect::Fan { to, except, line } => {
                    to.iter().filter(|to| Some(**to) != except).for_each(|to| self.hear(*to, line.bytes()));
                }
                Effect::Close { conn, .. } => {
                    assert!(self.open.remove(&conn), "{conn:?} is closed twice");
                    self.checked.remove(&conn);
                    self.reading.remove(&conn);
                }
                Effect::Check { conn, .. } => drop(self.checked.insert(conn)),
                Effect::More { conn } => drop(self.reading.insert(conn)),
                Effect::Reload => reload = true,
                Effect::Stop { reason } | Effect::Restart { reason } => stop = Some(reason),
                Effect::Happened { .. } => {}
            }
        }
        if let Some(reason) = stop {
            self.ended = true;
            self.give(Input::Stop { reason: &reason });
        }
        if reload {
            self.give(Input::Reload { outcome: Ok(Box::new(settings().clone())) });
        }
    }

    fn hear(&self, to: ConnId, line: &[u8]) {
        assert!(self.open.contains(&to), "{to:?} is not there and hears something");
        let line = std::str::from_utf8(line).expect("every line is UTF-8");
        let body = line.strip_suffix("\r\n").expect("a line has its end");
        let message = Message::parse(body).unwrap_or_else(|bad| panic!("{line:?}: {bad}"));
        let tags_bytes = if body.starts_with('@') { message.tags.raw().len() + "@ ".len() } else { 0 };
        assert!(tags_bytes <= TAGS_BYTES_MAX, "{tags_bytes} bytes of tags: {line:?}");
        assert!(line.len() - tags_bytes <= LINE_BYTES_MAX, "{} bytes: {line:?}", line.len() - tags_bytes);
    }
}

/// Settings under which an operator can be had and history is kept.
fn settings() -> &'static Settings {
    static SETTINGS: OnceLock<Settings> = OnceLock::new();
    SETTINGS.get_or_init(|| {
        let config = setup::config([("operator", "root secret"), ("limits.whowas_max", "5")]);
        setup::settings(&config.expect("the keys are known"), Timestamp(0))
    })
}

/// A fuzz target.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// How it is called.
    pub name: &'static str,
    /// What has to hold.
    pub body: fn(&[u8]),
    /// What it begins with, by name.
    pub seeds: fn() -> BTreeMap<String, Vec<u8>>,
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target { name: "framer", body: framer, seeds: framer_seeds },
    Target { name: "message", body: message, seeds: message_seeds },
    Target { name: "engine", body: engine, seeds: engine_seeds },
    Target { name: "session", body: client::session, seeds: client::seeds },
    Target { name: "screen", body: screen::body, seeds: screen::seeds },
    Target { name: "segment", body: segment::body, seeds: segment::seeds },
];

fn framer_seeds() -> BTreeMap<String, Vec<u8>> {
    let seed = |script: &Script| {
        let lines = script.steps.iter().filter_map(|step| script::said(&step.act));
        [b"\x05".to_vec(), lines.collect::<Vec<_>>().join(&b"\r\n"[..]), b"\r\n".to_vec()].concat()
    };
    scripts().into_iter().map(|(name, script)| (name, seed(&script))).collect()
}

fn message_seeds() -> BTreeMap<String, Vec<u8>> {
    let mut seeds = BTreeMap::new();
    for (name, script) in scripts() {
        let lines = script.steps.iter().filter_map(|step| Some((step.number, script::said(&step.act)?)));
        seeds.extend(lines.map(|(number, line)| (format!("{name}-{number}"), line)));
    }
    seeds
}

fn engine_seeds() -> BTreeMap<String, Vec<u8>> {
    scripts().into_iter().map(|(name, script)| (name, engine_seed(&script))).collect()
}

fn engine_seed(script: &Script) -> Vec<u8> {
    let mut letters: BTreeMap<String, char> = BTreeMap::new();
    let mut lines: Vec<Vec<u8>> = Vec::new();
    let mut letter = |name: &String| {
        let next = char::from(b'a' + letters.len() as u8 % CLIENTS);
        *letters.entry(name.clone()).or_insert(next)
    };
    for step in &script.steps {
        match &step.act {
            Act::Open(names) => {
                let comes = |name| letter(name).to_ascii_uppercase().to_string().into_bytes();
                lines.extend(names.iter().map(comes));
            }
            Act::Connect(names, capabilities) => {
                for name in names {
                    let l = letter(name);
                    lines.push(l.to_ascii_uppercase().to_string().into_bytes());
                    let caps = capabilities.join(" ");
                    let greeting = [
                        format!("CAP REQ :{caps}"),
                        format!("NICK {name}"),
                        format!("USER {name} 0 * :{name}"),
                        "CAP END".to_owned(),
                    ];
                    lines.extend(greeting.iter().map(|line| format!("{l}{line}").into_bytes()));
                }
            }
            Act::HangUp(name) => lines.push(letter(name).to_ascii_uppercase().to_string().into_bytes()),
            Act::Advance(ms) => lines.push(ms.ilog10().to_string().into_bytes()),
            Act::Say(name, _) => {
                let line = script::said(&step.act).unwrap_or_default();
                lines.push([vec![letter(name) as u8], line].concat());
            }
            _ => {}
        }
    }
    lines.join(&b'\n')
}

fn scripts() -> BTreeMap<String, Script> {
    let read = |(name, text): (String, String)| {
        let script = Script::parse(&name, &text).unwrap_or_else(|bad| panic!("{bad}"));
        (name.trim_end_matches(".chat").replace('/', "-"), script)
    };
    script::all().into_iter().map(read).collect()
}
