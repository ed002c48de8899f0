//! What has been seen so far. A paused screen shows a copy of it.

use std::collections::{BTreeMap, VecDeque};

use segment::{Cursor, Entry, Histogram, History, Now, ReadError, Value};

use super::model::Look;
use crate::rates::Rates;
use crate::sample::{Sample, State};

/// Looks of which the messages per second are kept: the widest picture.
const PULSE_MAX: usize = 600;
/// How far back the server's figures reach.
pub(crate) const RECENT_S: u64 = 60;
/// Looks that reach back so far at the shortest interval.
const RECENT_MAX: usize = 601;
/// Records of a room that are kept for scrolling back.
const RECORDS_MAX: usize = 2000;

/// What has been seen so far.
#[derive(Debug, Clone, Default)]
pub struct Gathered {
    /// When the last look was.
    pub now: Now,
    /// The last sample there is; it may be old.
    pub sample: Option<Sample>,
    /// Why the last look saw nothing, and since when that is so.
    pub trouble: Option<(ReadError, Now)>,
    /// What has changed with the last look, if that means something.
    pub rates: Option<Rates>,
    /// Messages per 1000 seconds, a value for each look, the newest last.
    pub pulse: VecDeque<u64>,
    /// The room that is watched.
    pub talk: Option<Talk>,
    /// The histograms of the last minute, by name.
    recent: VecDeque<(u64, BTreeMap<String, Histogram>)>,
}

/// What is said in the room that is watched.
#[derive(Debug, Clone)]
pub struct Talk {
    /// The room.
    pub room: String,
    /// What was said, the oldest first.
    pub records: VecDeque<Entry>,
    /// Records that were overwritten before they were read, and the sequence of the next one that was not.
    pub lost: BTreeMap<u64, u64>,
    /// Why nothing new comes.
    pub trouble: Option<ReadError>,
    /// Where to go on.
    pub cursor: Option<Cursor>,
}

impl Gathered {
    /// Takes in what was seen.
    pub(crate) fn take(&mut self, look: Look) {
        self.now = look.now;
        match look.sample {
            Ok(sample) => self.succeed(sample),
            Err(error) => {
                let since =
                    self.trouble.as_ref().filter(|(known, _)| *known == error).map(|(_, since)| *since);
                self.trouble = Some((error, since.unwrap_or(look.now)));
                self.rates = None;
            }
        }
    }

    fn succeed(&mut self, sample: Sample) {
        let continues = self.sample.as_ref().is_some_and(|before| sample.continues(before));
        if sample.state == State::Restarted || !continues {
            // Differences to another server's values mean nothing.
            self.pulse.clear();
            self.recent.clear();
        }
        self.trouble = None;
        self.rates = self.sample.as_ref().and_then(|before| Rates::between(before, &sample));
        if let Some(rates) = &self.rates {
            self.pulse.push_back((rates.messages() * 1000.0) as u64);
            if self.pulse.len() > PULSE_MAX {
                self.pulse.pop_front();
            }
        }
        self.remember(&sample);
        self.sample = Some(sample);
    }

    fn remember(&mut self, sample: &Sample) {
        let histograms = sample.snapshot.counters.iter().filter_map(|counter| match &counter.value {
            Value::Histogram(histogram) => Some((counter.name().to_owned(), histogram.clone())),
            Value::Number(_) => None,
        });
        let now_us = sample.taken.boot_us;
        self.recent.push_back((now_us, histograms.collect()));
        let is_old = |at: u64| now_us.saturating_sub(at) > RECENT_S * 1_000_000;
        while self.recent.len() > RECENT_MAX || self.recent.front().is_some_and(|(at, _)| is_old(*at)) {
            self.recent.pop_front();
        }
    }

    /// What the histogram has counted within the last minute, or since this program watches.
    pub fn recent(&self, name: &str) -> Option<Histogram> {
        let newest = self.recent.back()?.1.get(name)?;
        let oldest = self.recent.front()?.1.get(name)?;
        let buckets = newest.buckets.iter().zip(&oldest.buckets);
        Some(Histogram {
            count: newest.count.saturating_sub(oldest.count),
            sum: newest.sum.saturating_sub(oldest.sum),
            buckets: buckets.map(|(new, old)| new.saturating_sub(*old)).collect(),
        })
    }
}

impl Talk {
    /// Nothing was heard of the room yet.
    pub(crate) fn new(room: &str) -> Talk {
        Talk {
            room: room.to_owned(),
            records: VecDeque::new(),
            lost: BTreeMap::new(),
            trouble: None,
            cursor: None,
        }
    }

    /// Takes in what was said.
    pub(crate) fn take(&mut self, heard: Result<History, ReadError>) {
        let history = match heard {
            Ok(history) => history,
            Err(error) => return self.trouble = Some(error),
        };
        self.trouble = None;
        if history.renewed {
            // Another room of the same name, and another count of records.
            self.records.clear();
            self.lost.clear();
        }
        if let Some(first) = history.records.first().filter(|_| history.lost > 0) {
            self.lost.insert(first.sequence, history.lost);
        }
        self.records.extend(history.records);
        while self.records.len() > RECORDS_MAX {
            self.records.pop_front();
        }
        if let Some(oldest) = self.records.front() {
            self.lost = self.lost.split_off(&oldest.sequence);
        }
        self.cursor = Some(history.cursor);
    }
}
