//! The ledger of messages: who said which, when, who has heard it, and whether each heard each once and in order.

use anyhow::{Result, bail, ensure};

use crate::load::PAYLOAD_MARK;

/// Messages of one run at most.
const MESSAGES_MAX: usize = 4_000_000;

/// Bytes of a payload at least: the mark, eight digits and a space.
pub const PAYLOAD_BYTES_MIN: usize = PAYLOAD_MARK.len() + 9;

/// All messages of a run.
#[derive(Debug, Default)]
pub struct Ledger {
    messages: Vec<Message>,
    /// Who may say something.
    pub speakers: Vec<Speaker>,
    /// How many hear what is said in each room.
    pub hearers: Vec<u32>,
    /// Deliveries that there have to be in the end.
    pub expected: u64,
    /// Deliveries that there were.
    pub delivered: u64,
    /// Nanoseconds until the last hearer of each message had it.
    pub to_last_ns: Vec<u64>,
    /// Speakers who have heard that all heard one of theirs, since this was emptied.
    pub answered: Vec<usize>,
}

#[derive(Clone, Copy, Debug)]
struct Message {
    said_ns: u64,
    speaker: u32,
    left: u32,
}

/// Somebody who says something.
#[derive(Clone, Debug)]
pub struct Speaker {
    /// Who it is.
    pub person: usize,
    /// Where, in turn.
    pub rooms: Vec<u32>,
    /// How many messages there are still to say.
    pub quota: u32,
    /// Messages that not all have heard.
    pub flying: u32,
    said: usize,
}

impl Speaker {
    /// Somebody with nothing to say yet.
    pub fn new(person: usize, rooms: Vec<u32>) -> Self {
        Self { person, rooms, quota: 0, flying: 0, said: 0 }
    }
}

/// Which message a hearer had last of each speaker whom he hears.
#[derive(Debug, Default)]
pub struct Memory(Vec<(u32, u32)>);

impl Memory {
    /// Remembers a message, if it is a later one than all of that speaker before.
    fn take(&mut self, speaker: u32, number: u32) -> bool {
        match self.0.binary_search_by_key(&speaker, |row| row.0) {
            Ok(at) => std::mem::replace(&mut self.0[at].1, number) < number,
            Err(at) => {
                self.0.insert(at, (speaker, number));
                true
            }
        }
    }
}

impl Ledger {
    /// Notes the next message of a speaker: its room and number.
    ///
    /// # Errors
    /// If there have been too many.
    pub fn say(&mut self, speaker: usize, now_ns: u64) -> Result<(u32, u32)> {
        ensure!(self.messages.len() < MESSAGES_MAX, "more than {MESSAGES_MAX} messages in one run");
        let who = &mut self.speakers[speaker];
        let room = who.rooms[who.said % who.rooms.len()];
        who.said += 1;
        who.flying += 1;
        let left = self.hearers[room as usize];
        ensure!(left > 0, "nobody hears what is said in room {room}");
        self.expected += u64::from(left);
        let number = u32::try_from(self.messages.len()).expect("their number has a limit below");
        self.messages.push(Message { said_ns: now_ns, speaker: speaker as u32, left });
        Ok((room, number))
    }

    /// Notes that somebody heard a payload.
    ///
    /// # Errors
    /// If it was never said, or comes twice, in the wrong order or to its speaker.
    pub fn hear(&mut self, person: usize, memory: &mut Memory, payload: &[u8], now_ns: u64) -> Result<()> {
        let number = number_of(payload).filter(|number| (*number as usize) < self.messages.len());
        let Some(number) = number else { bail!("a message came that nobody said") };
        let message = &mut self.messages[number as usize];
        let speaker = message.speaker as usize;
        ensure!(self.speakers[speaker].person != person, "message {number} came back to its speaker");
        ensure!(memory.take(message.speaker, number), "message {number} came twice or too late");
        ensure!(message.left > 0, "message {number} came to somebody whom it does not concern");
        message.left -= 1;
        self.delivered += 1;
        if message.left == 0 {
            self.to_last_ns.push(now_ns.saturating_sub(message.said_ns));
            self.speakers[speaker].flying -= 1;
            self.answered.push(speaker);
        }
        Ok(())
    }

    /// Whether everything was said and heard.
    pub fn is_done(&self) -> bool {
        self.delivered == self.expected && self.speakers.iter().all(|speaker| speaker.quota == 0)
    }
}

/// The number in a payload.
fn number_of(payload: &[u8]) -> Option<u32> {
    let digits = payload.get(PAYLOAD_MARK.len()..PAYLOAD_BYTES_MIN - 1)?;
    let value = |digit: &u8| match digit {
        b'0'..=b'9' => Some(u32::from(digit - b'0')),
        b'a'..=b'f' => Some(u32::from(digit - b'a') + 10),
        _ => None,
    };
    digits.iter().try_fold(0, |number, digit| Some(number << 4 | value(digit)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::dialect::Dialect;

    fn ledger() -> Ledger {
        let speakers = vec![Speaker::new(0, vec![0]), Speaker::new(1, vec![0])];
        Ledger { speakers, hearers: vec![2], ..Ledger::default() }
    }

    fn payload(number: u32) -> Vec<u8> {
        let mut line = Vec::new();
        Dialect::Floor.message(0, number, 20, &mut line);
        let end = line.len() - b"\r\n".len();
        line[end - 20..end].to_vec()
    }

    #[test]
    fn each_hears_each_once_and_in_order() {
        let mut ledger = ledger();
        let (mut first, mut second) = (Memory::default(), Memory::default());
        for number in 0..2 {
            assert_eq!(ledger.say(0, 10).unwrap(), (0, number));
        }
        assert!(ledger.hear(0, &mut Memory::default(), &payload(0), 20).is_err(), "its speaker");
        ledger.hear(1, &mut first, &payload(1), 20).unwrap();
        assert!(ledger.hear(1, &mut first, &payload(1), 20).is_err(), "twice");
        assert!(ledger.hear(1, &mut first, &payload(0), 20).is_err(), "too late");
        assert!(ledger.hear(1, &mut first, &payload(2), 20).is_err(), "never said");
        assert!(!ledger.is_done());
        ledger.hear(2, &mut second, &payload(0), 20).unwrap();
        ledger.hear(2, &mut second, &payload(1), 30).unwrap();
        assert_eq!(
            (ledger.to_last_ns.as_slice(), ledger.answered.as_slice()),
            ([20].as_slice(), [0].as_slice())
        );
        assert!(!ledger.is_done(), "the first one is missing at somebody");
        assert_eq!((ledger.delivered, ledger.expected), (3, 4));
    }
}
