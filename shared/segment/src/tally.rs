//! Who talks how much and when: rates, minutes and top talkers of a room, from nothing but reported facts.

use crate::layout::{MINUTES, TALKERS_MAX};
use crate::text::cut;

/// People counted per room. Who comes after that takes the place of the least talkative one, with its count.
const COUNTED_MAX: usize = 32;
/// Seconds that are remembered: the widest window and the one being filled.
const SECONDS: usize = 61;

/// The greatest number that is believed when it is restored, far from where sums overflow.
const RESTORED_MAX: u64 = 1 << 60;

/// What was said within a second.
#[derive(Debug, Clone, Copy, Default)]
struct Second {
    messages: u32,
    bytes: u64,
}

/// Somebody who talks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Talker {
    /// Who.
    pub name: String,
    /// Messages since the room was opened.
    pub messages: u64,
    /// Bytes of text.
    pub bytes: u64,
    /// By how much `messages` may be too high: 0 unless more than 32 people spoke.
    pub over: u64,
}

/// Rates per second, times 1000, over the last complete seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rates {
    /// Messages over 1, 10 and 60 seconds.
    pub messages_milli: [u64; 3],
    /// Bytes over 1, 10 and 60 seconds.
    pub bytes_milli: [u64; 3],
}

/// The windows of [`Rates`] in seconds.
pub const RATE_WINDOWS_S: [usize; 3] = [1, 10, 60];

/// The account of one room. All times are given.
#[derive(Debug)]
pub struct Tally {
    /// Boxed, because most rooms are silent most of the time and only touch it when somebody speaks.
    seconds: Box<[Second; SECONDS]>,
    /// The second being filled; those before it are complete.
    second: u64,
    /// The last second in which anything was said.
    heard: Option<u64>,
    minutes: [u64; MINUTES],
    minute: u64,
    talkers: Vec<Talker>,
    /// The place of the last one among them.
    last: Option<usize>,
}

impl Default for Tally {
    fn default() -> Tally {
        Tally {
            seconds: Box::new([Second::default(); SECONDS]),
            second: 0,
            heard: None,
            minutes: [0; MINUTES],
            minute: 0,
            talkers: Vec::new(),
            last: None,
        }
    }
}

impl Tally {
    /// Somebody said something. `second` counts from any begin, `minute` from 1970.
    pub fn spoke(&mut self, from: &str, bytes: u64, second: u64, minute: u64) {
        self.spoke_often(from, (1, bytes), second, minute);
    }

    /// The same of several messages, of so many bytes together.
    pub fn spoke_often(&mut self, from: &str, said: (u64, u64), second: u64, minute: u64) {
        self.pass(second);
        let (messages, bytes) = said;
        let current = &mut self.seconds[(self.second % SECONDS as u64) as usize];
        current.messages = current.messages.saturating_add(u32::try_from(messages).unwrap_or(u32::MAX));
        current.bytes = current.bytes.saturating_add(bytes);
        self.heard = Some(self.second);
        self.turn(minute);
        self.minutes[(self.minute % MINUTES as u64) as usize] += messages;
        self.credit(from, said);
    }

    /// Forgets the seconds that are too old. A clock that goes back changes nothing.
    fn pass(&mut self, second: u64) {
        let passed = second.saturating_sub(self.second).min(SECONDS as u64);
        for ahead in 1..=passed {
            self.seconds[((second - passed + ahead) % SECONDS as u64) as usize] = Second::default();
        }
        self.second = self.second.max(second);
    }

    /// Begins a minute, and empties those that nobody spoke in.
    fn turn(&mut self, minute: u64) {
        let passed = minute.saturating_sub(self.minute).min(MINUTES as u64);
        for ahead in 1..=passed {
            self.minutes[((minute - passed + ahead) % MINUTES as u64) as usize] = 0;
        }
        self.minute = self.minute.max(minute);
    }

    fn credit(&mut self, from: &str, (messages, bytes): (u64, u64)) {
        let from = cut(from, crate::layout::PERSON_BYTES);
        if let Some(at) = self.talkers.iter().position(|talker| talker.name == from) {
            self.talkers[at].messages = self.talkers[at].messages.saturating_add(messages);
            self.talkers[at].bytes = self.talkers[at].bytes.saturating_add(bytes);
            // Keeps frequent talkers in front, so that they are found at once.
            let moves = at > 0 && self.talkers[at - 1].messages < self.talkers[at].messages;
            if moves {
                self.talkers.swap(at - 1, at);
            }
            self.last = Some(if moves { at - 1 } else { at });
            return;
        }
        let mut over = 0;
        if self.talkers.len() == COUNTED_MAX {
            let least = self.talkers.iter().enumerate().min_by_key(|(_, talker)| talker.messages);
            let (at, _) = least.expect("the list is full");
            over = self.talkers.remove(at).messages;
        }
        self.last = Some(self.talkers.len());
        self.talkers.push(Talker { name: from.to_owned(), messages: over + messages, bytes, over });
    }

    /// The rates at this second; 0 a minute after the last word.
    pub fn rates(&mut self, second: u64) -> Rates {
        self.pass(second);
        let mut rates = Rates::default();
        for (index, seconds) in RATE_WINDOWS_S.into_iter().enumerate() {
            let complete = seconds as u64;
            let (mut messages, mut bytes) = (0_u64, 0_u64);
            for back in 1..=complete.min(self.second) {
                let past = self.seconds[((self.second - back) % SECONDS as u64) as usize];
                messages += u64::from(past.messages);
                bytes = bytes.saturating_add(past.bytes);
            }
            rates.messages_milli[index] = messages * 1000 / complete;
            rates.bytes_milli[index] = bytes.saturating_mul(1000) / complete;
        }
        rates
    }

    /// Whether some rate may still be other than 0.
    pub fn is_warm(&self, second: u64) -> bool {
        self.heard.is_some_and(|heard| second.saturating_sub(heard) <= SECONDS as u64 + 1)
    }

    /// The talkers with most messages, at most [`TALKERS_MAX`].
    pub fn top(&self) -> Vec<&Talker> {
        let mut top: Vec<&Talker> = self.talkers.iter().collect();
        top.sort_by(|a, b| b.messages.cmp(&a.messages).then_with(|| a.name.cmp(&b.name)));
        top.truncate(TALKERS_MAX);
        top
    }

    /// Who spoke last, if somebody has since an earlier server.
    pub fn last(&self) -> Option<&str> {
        self.last.map(|at| self.talkers[at].name.as_str())
    }

    /// The messages per minute, minute m at m mod 60, and the newest minute.
    pub fn minutes(&self) -> (&[u64; MINUTES], u64) {
        (&self.minutes, self.minute)
    }

    /// Goes on from what an earlier server published. Rates begin anew.
    pub(crate) fn restore(&mut self, minutes: [u64; MINUTES], minute: u64, talkers: Vec<Talker>) {
        self.minutes = minutes;
        self.minute = minute;
        self.talkers = talkers;
        self.talkers.truncate(COUNTED_MAX);
        self.last = None;
        for talker in &mut self.talkers {
            // What nobody can have said comes from damage.
            for number in [&mut talker.messages, &mut talker.bytes, &mut talker.over] {
                *number = (*number).min(RESTORED_MAX);
            }
        }
    }
}
