//! Counters that describe themselves: a row of a table becomes a value and its description in the segment.

use std::sync::Arc;

use crate::layout::{DIRECTORY_ROW_WORDS, HISTOGRAM_BUCKETS, HISTOGRAM_WORDS, directory};
use crate::text::{pack, unpack};

/// How a value behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CounterKind {
    /// Only grows, and survives a restart.
    Counter,
    /// Goes up and down, and begins at 0 in each incarnation of the server.
    Gauge,
    /// Counts values by their magnitude; survives a restart.
    Histogram,
}

/// A row of the table of counters.
#[derive(Debug, Clone, Copy)]
pub struct CounterRow {
    /// At most 64 bytes, unique in its table.
    pub name: &'static str,
    /// How the value behaves.
    pub kind: CounterKind,
    /// At most 16 bytes: `messages`, `bytes`, `us`.
    pub unit: &'static str,
    /// A sentence, at most 144 bytes.
    pub help: &'static str,
}

/// A row by its place in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CounterId(pub u16);

/// What a reader is told about a counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// Unique among the server's, or among the room's values.
    pub name: String,
    /// How the value behaves.
    pub kind: CounterKind,
    /// What is counted.
    pub unit: String,
    /// A sentence.
    pub help: String,
}

/// The number or numbers behind a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A counter or a gauge.
    Number(u64),
    /// A histogram.
    Histogram(Histogram),
}

/// Values counted by magnitude.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Histogram {
    /// How many values.
    pub count: u64,
    /// Their sum.
    pub sum: u64,
    /// `buckets[0]` counts zeroes, `buckets[i]` what is less than 2^i and not in a lower one; the last all else.
    pub buckets: Vec<u64>,
}

impl Histogram {
    /// The bucket that counts `value`.
    pub fn bucket(value: u64) -> usize {
        (u64::BITS - value.leading_zeros()).min(HISTOGRAM_BUCKETS as u32 - 1) as usize
    }

    /// The greatest value that bucket `index` counts; `None` for the last bucket, which is open.
    pub fn bound(&self, index: usize) -> Option<u64> {
        (index + 1 < self.buckets.len() && index < 63).then(|| (1 << index) - 1)
    }

    /// The bound of the bucket in which the given share (0 to 1) of all values ends: a percentile from above.
    pub fn quantile(&self, share: f64) -> Option<u64> {
        let total: u64 = self.buckets.iter().fold(0, |sum, &bucket| sum.saturating_add(bucket));
        let wanted = (total as f64 * share.clamp(0.0, 1.0)).ceil().max(1.0);
        let mut seen = 0_u64;
        for (index, &bucket) in self.buckets.iter().enumerate() {
            seen = seen.saturating_add(bucket);
            if seen as f64 >= wanted {
                return Some(self.bound(index).unwrap_or(u64::MAX));
            }
        }
        None
    }
}

/// Values that are collected between two publications, to be entered into a histogram together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Collected {
    count: u64,
    sum: u64,
    buckets: [u64; HISTOGRAM_BUCKETS],
    /// A bit for each bucket that is not 0: most are, and need not be looked at.
    used: u32,
}

const _: () = assert!(HISTOGRAM_BUCKETS == u32::BITS as usize);

impl Collected {
    /// Collects a value.
    pub fn observe(&mut self, value: u64) {
        self.count += 1;
        self.sum = self.sum.saturating_add(value);
        let bucket = Histogram::bucket(value);
        self.buckets[bucket] += 1;
        self.used |= 1 << bucket;
    }

    /// Forgets all values.
    pub fn clear(&mut self) {
        while let Some(bucket) = self.next() {
            self.buckets[bucket] = 0;
        }
        (self.count, self.sum) = (0, 0);
    }

    /// Whether nothing was collected.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Hands out what was collected and forgets it: by place among the words of a histogram.
    pub(crate) fn drain(&mut self, mut put: impl FnMut(usize, u64)) {
        put(0, self.count);
        put(1, self.sum);
        while let Some(bucket) = self.next() {
            put(2 + bucket, std::mem::take(&mut self.buckets[bucket]));
        }
        (self.count, self.sum) = (0, 0);
    }

    /// Takes a bucket that is used.
    fn next(&mut self) -> Option<usize> {
        let bucket = self.used.trailing_zeros();
        self.used &= self.used.wrapping_sub(1);
        (bucket < u32::BITS).then_some(bucket as usize)
    }
}

/// A counter as a reader sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counter {
    /// Its description, shared among snapshots.
    pub about: Arc<About>,
    /// Its value.
    pub value: Value,
}

impl Counter {
    /// The counter's name.
    pub fn name(&self) -> &str {
        &self.about.name
    }

    /// The value of a counter or gauge, the count of a histogram.
    pub fn number(&self) -> u64 {
        match &self.value {
            Value::Number(number) => *number,
            Value::Histogram(histogram) => histogram.count,
        }
    }
}

/// Whose the values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    Server,
    Room,
}

/// Some rows and where their values lie: offsets into a block of words.
#[derive(Debug)]
pub(crate) struct Block {
    rows: Vec<(CounterRow, usize)>,
    pub words: usize,
}

impl Block {
    /// Lays out two tables, one behind the other. The rows of the first keep their places as ids.
    pub fn plan(tables: [&'static [CounterRow]; 2]) -> Block {
        let mut block = Block { rows: Vec::new(), words: 0 };
        for row in tables.into_iter().flatten() {
            block.rows.push((*row, block.words));
            block.words += if row.kind == CounterKind::Histogram { HISTOGRAM_WORDS } else { 1 };
        }
        block
    }

    /// A name that two rows have.
    pub fn repeated_name(&self) -> Option<&'static str> {
        let mut names: Vec<_> = self.rows.iter().map(|(row, _)| row.name).collect();
        names.sort_unstable();
        names.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
    }

    /// The row and the first word of its value.
    pub fn at(&self, index: usize) -> (&CounterRow, usize) {
        let (row, word) = &self.rows[index];
        (row, *word)
    }

    pub fn rows(&self) -> impl Iterator<Item = (&CounterRow, usize)> {
        self.rows.iter().map(|(row, word)| (row, *word))
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Appends the rows as they lie in the segment.
    pub fn encode(&self, scope: Scope, words: &mut Vec<u64>) {
        for (row, word) in self.rows() {
            let mut encoded = [0; DIRECTORY_ROW_WORDS];
            encoded[directory::KIND] = match row.kind {
                CounterKind::Counter => 1,
                CounterKind::Gauge => 2,
                CounterKind::Histogram => 3,
            };
            encoded[directory::SCOPE] = u64::from(scope == Scope::Room);
            encoded[directory::VALUE_WORD] = word as u64;
            encoded[directory::VALUE_WORDS] =
                if row.kind == CounterKind::Histogram { HISTOGRAM_WORDS as u64 } else { 1 };
            pack(row.name, 64, &mut encoded[directory::NAME..directory::UNIT]);
            pack(row.unit, 16, &mut encoded[directory::UNIT..directory::HELP]);
            pack(row.help, 144, &mut encoded[directory::HELP..]);
            words.extend(encoded);
        }
    }
}

/// A description and where the value lies, read from a segment.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub about: Arc<About>,
    word: usize,
    words: usize,
}

impl Entry {
    /// Reads a row; the values of its scope have `words_max` words. Kinds of a later minor version are skipped.
    pub fn decode(row: &[u64], words_max: usize) -> Result<Option<Entry>, String> {
        let kind = match row[directory::KIND] {
            1 => CounterKind::Counter,
            2 => CounterKind::Gauge,
            3 => CounterKind::Histogram,
            _ => return Ok(None),
        };
        let name = unpack(&row[directory::NAME..directory::UNIT]);
        let (word, words) = (row[directory::VALUE_WORD], row[directory::VALUE_WORDS]);
        let least = if kind == CounterKind::Histogram { 3 } else { 1 };
        if words < least || word.checked_add(words).is_none_or(|end| end > words_max as u64) {
            return Err(format!("the counter {name:?} lies outside of the values"));
        }
        let unit = unpack(&row[directory::UNIT..directory::HELP]);
        let help = unpack(&row[directory::HELP..DIRECTORY_ROW_WORDS]);
        let about = Arc::new(About { name, kind, unit, help });
        Ok(Some(Entry { about, word: word as usize, words: words as usize }))
    }

    /// The counter's value among the values of its scope.
    pub fn counter(&self, values: &[u64]) -> Counter {
        let words = &values[self.word..self.word + self.words];
        let value = match self.about.kind {
            CounterKind::Histogram => {
                Value::Histogram(Histogram { count: words[0], sum: words[1], buckets: words[2..].to_vec() })
            }
            CounterKind::Counter | CounterKind::Gauge => Value::Number(words[0]),
        };
        Counter { about: Arc::clone(&self.about), value }
    }

    /// Whether the value is another one than `before`. A histogram that has counted nothing more is the same.
    pub fn differs(&self, values: &[u64], before: &[u64]) -> bool {
        values[self.word] != before[self.word]
    }

    /// Brings up to date what [`Entry::counter`] has made.
    pub fn refresh(&self, value: &mut Value, values: &[u64]) {
        let words = &values[self.word..self.word + self.words];
        match value {
            Value::Number(number) => *number = words[0],
            Value::Histogram(histogram) => {
                (histogram.count, histogram.sum) = (words[0], words[1]);
                histogram.buckets.copy_from_slice(&words[2..]);
            }
        }
    }
}
