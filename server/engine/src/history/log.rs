//! What was said and done in one place, in order, and the parts of it that can be asked for.

use std::collections::VecDeque;
use std::collections::vec_deque::Iter;

use wire::Timestamp;

use crate::event::Past;

/// What was said and done in one place. Words are bounded for themselves, so that people who come and go do not push
/// out what was said.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// PRIVMSG and NOTICE.
    said: VecDeque<Entry>,
    /// Everything else.
    done: VecDeque<Entry>,
    next: u64,
}

#[derive(Clone, Debug)]
struct Entry {
    /// Greater than that of the entry before: the order of the log, whatever the clock did.
    number: u64,
    /// Whether anybody could have come in and seen it.
    public: bool,
    /// Moving it would cost more than a piece of memory of its own.
    past: Box<Past>,
}

/// A place in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Point {
    /// A moment: what happened then is neither before nor after it.
    Time(Timestamp),
    /// The entry with an id.
    Id(String),
}

/// Which part of a log is asked for. The points are not part of it themselves, but that of `Around`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// The last ones.
    Latest,
    /// The last ones, as far as they are after a point.
    LatestSince(Point),
    /// The last ones before a point.
    Before(Point),
    /// The first ones after a point.
    After(Point),
    /// Those on both sides of a point and the one at it.
    Around(Point),
    /// Those between two points, counted from the first, which may be the later one.
    Between(Point, Point),
}

/// A part of a log.
#[derive(Clone, Debug, Default)]
pub struct Page<'a> {
    /// The entries, oldest first.
    pub pasts: Vec<&'a Past>,
    /// Whether there are no more of them in the direction in which they were counted.
    pub is_end: bool,
}

/// A cut between the entries of a log: so many are before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cut {
    said: usize,
    done: usize,
}

impl Cut {
    const BEGIN: Self = Self { said: 0, done: 0 };

    fn count(self) -> usize {
        self.said + self.done
    }
}

impl Log {
    /// Adds an entry; the oldest of too many of its sort goes. Of a sort of which none is kept nothing is added.
    pub(super) fn add(&mut self, past: Past, public: bool, said_max: usize, done_max: usize) {
        let (entries, entries_max) =
            if past.said().is_some() { (&mut self.said, said_max) } else { (&mut self.done, done_max) };
        let mut oldest = None;
        while entries.len() > entries_max.saturating_sub(1) {
            oldest = entries.pop_front();
        }
        if entries_max > 0 {
            self.next += 1;
            // Its memory is in the caches just now, other memory would not be.
            let past = match oldest {
                Some(Entry { past: mut memory, .. }) => {
                    *memory = past;
                    memory
                }
                None => Box::new(past),
            };
            entries.push_back(Entry { number: self.next, public, past });
        }
    }

    /// Forgets an entry.
    pub(super) fn remove(&mut self, id: &str) {
        for entries in [&mut self.said, &mut self.done] {
            if let Some(index) = entries.iter().position(|entry| *entry.past.id == *id) {
                entries.remove(index);
            }
        }
    }

    /// Forgets what not anybody could have seen.
    pub(super) fn keep_public(&mut self) {
        self.said.retain(|entry| entry.public);
        self.done.retain(|entry| entry.public);
    }

    /// The entry with an id.
    pub fn find(&self, id: &str) -> Option<&Past> {
        let mut entries = self.said.iter().chain(&self.done);
        entries.find(|entry| *entry.past.id == *id).map(|entry| &*entry.past)
    }

    /// All words, oldest first.
    pub fn said(&self) -> impl DoubleEndedIterator<Item = &Past> {
        self.said.iter().map(|entry| &*entry.past)
    }

    /// When something was said last.
    pub fn spoken(&self) -> Option<Timestamp> {
        self.said.back().map(|entry| entry.past.at)
    }

    /// The last words, oldest first.
    pub fn last_said(&self, count: usize) -> Vec<&Past> {
        let skip = self.said.len().saturating_sub(count);
        self.said.iter().skip(skip).map(|entry| &*entry.past).collect()
    }

    /// A part of those entries that are visible to somebody, at most so many.
    pub fn part(&self, part: &Part, limit: usize, visible: impl Fn(&Past) -> bool) -> Page<'_> {
        let seen = |from: Cut, to: Cut| self.between(from, to).filter(|entry| visible(&entry.past));
        match part {
            Part::Latest => last(seen(Cut::BEGIN, self.end()), limit),
            Part::LatestSince(point) => last(seen(self.behind(point), self.end()), limit),
            Part::Before(point) => last(seen(Cut::BEGIN, self.until(point)), limit),
            Part::After(point) => first(seen(self.behind(point), self.end()), limit),
            Part::Around(Point::Id(id)) if self.find(id).is_none() => Page::default(),
            Part::Around(point) => {
                let at = self.until(point);
                around(seen(Cut::BEGIN, at), seen(at, self.end()), limit)
            }
            Part::Between(from, to) if self.until(from).count() <= self.until(to).count() => {
                first(seen(self.behind(from), self.until(to)), limit)
            }
            Part::Between(from, to) => last(seen(self.behind(to), self.until(from)), limit),
        }
    }

    fn end(&self) -> Cut {
        Cut { said: self.said.len(), done: self.done.len() }
    }

    /// The cut before a point. An id that is not known (any more) is before all that is kept.
    fn until(&self, point: &Point) -> Cut {
        match point {
            Point::Time(time) => self.cut(|entry| entry.past.at < *time),
            Point::Id(id) => self.number(id).map_or(Cut::BEGIN, |at| self.cut(|entry| entry.number < at)),
        }
    }

    /// The cut after a point.
    fn behind(&self, point: &Point) -> Cut {
        match point {
            Point::Time(time) => self.cut(|entry| entry.past.at <= *time),
            Point::Id(id) => self.number(id).map_or(Cut::BEGIN, |at| self.cut(|entry| entry.number <= at)),
        }
    }

    fn number(&self, id: &str) -> Option<u64> {
        let mut entries = self.said.iter().chain(&self.done);
        entries.find(|entry| *entry.past.id == *id).map(|entry| entry.number)
    }

    fn cut(&self, is_before: impl Fn(&Entry) -> bool) -> Cut {
        Cut { said: self.said.partition_point(&is_before), done: self.done.partition_point(&is_before) }
    }

    /// The entries between two cuts in their order; none if the second is not behind the first.
    fn between(&self, from: Cut, to: Cut) -> Merged<'_> {
        Merged {
            said: self.said.range(from.said.min(to.said)..to.said),
            done: self.done.range(from.done.min(to.done)..to.done),
        }
    }
}

/// Words and deeds in their common order.
struct Merged<'a> {
    said: Iter<'a, Entry>,
    done: Iter<'a, Entry>,
}

impl<'a> Iterator for Merged<'a> {
    type Item = &'a Entry;

    fn next(&mut self) -> Option<&'a Entry> {
        match (self.said.clone().next(), self.done.clone().next()) {
            (Some(said), Some(done)) if done.number < said.number => self.done.next(),
            (Some(_), _) => self.said.next(),
            (None, _) => self.done.next(),
        }
    }
}

impl<'a> DoubleEndedIterator for Merged<'a> {
    fn next_back(&mut self) -> Option<&'a Entry> {
        match (self.said.clone().next_back(), self.done.clone().next_back()) {
            (Some(said), Some(done)) if done.number > said.number => self.done.next_back(),
            (Some(_), _) => self.said.next_back(),
            (None, _) => self.done.next_back(),
        }
    }
}

fn first<'a>(mut entries: impl Iterator<Item = &'a Entry>, limit: usize) -> Page<'a> {
    let pasts = entries.by_ref().take(limit).map(|entry| &*entry.past).collect();
    Page { pasts, is_end: entries.next().is_none() }
}

fn last<'a>(entries: impl DoubleEndedIterator<Item = &'a Entry>, limit: usize) -> Page<'a> {
    let mut page = first(entries.rev(), limit);
    page.pasts.reverse();
    page
}

/// As many before as from the point on; what one side lacks the other gives.
fn around<'a>(
    before: impl DoubleEndedIterator<Item = &'a Entry>,
    from: impl Iterator<Item = &'a Entry>,
    limit: usize,
) -> Page<'a> {
    let (mut before, from) = (last(before, limit).pasts, first(from, limit).pasts);
    let later = from.len().min(limit - (limit / 2).min(before.len()));
    let earlier = before.len().min(limit - later);
    before.drain(..before.len() - earlier);
    before.extend_from_slice(&from[..later]);
    // More may lie in both directions; which of them was meant nobody knows.
    Page { pasts: before, is_end: false }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Said, SaidKind, Thing};
    use crate::ids::EventId;

    fn past(id: &str, at: u64, what: Thing) -> Past {
        let source = "al!a@h".into();
        let (at, id) = (Timestamp(at), EventId::try_from(id).unwrap());
        Past { at, id, by: None, source, from_bot: false, client_tags: None, to: None, what }
    }

    /// One entry each at 10, 20, … 60 ms, called a, b, … f. Those with a capital letter are no words.
    fn log(ids: &str) -> Log {
        let mut log = Log::default();
        for (id, n) in ids.chars().zip(1..) {
            let said = Said { kind: SaidKind::Message, text: "x".into(), more: Box::default() };
            let what = if id.is_uppercase() { Thing::Tagged } else { Thing::Said(said) };
            log.add(past(&id.to_string(), n * 10, what), id != 'x', 9, 9);
        }
        log
    }

    fn ids(page: &Page<'_>) -> String {
        page.pasts.iter().map(|past| &*past.id).collect()
    }

    fn id(id: &str) -> Point {
        Point::Id(id.to_owned())
    }

    fn time(ms: u64) -> Point {
        Point::Time(Timestamp(ms))
    }

    #[test]
    fn the_parts_of_a_log_are_the_ones_asked_for() {
        #[rustfmt::skip]
        let table = [
            ("before c",             Part::Before(id("c")),               9, "ab",  true),
            ("before c, 2",          Part::Before(id("c")),               2, "ab",  true),
            ("before c, 1",          Part::Before(id("c")),               1, "b",   false),
            ("before 30",            Part::Before(time(30)),              9, "ab",  true),
            ("before 31",            Part::Before(time(31)),              9, "abc", true),
            ("before the unknown",   Part::Before(id("?")),               9, "",    true),
            ("after c, 2",           Part::After(id("c")),                2, "de",  false),
            ("after c, 3",           Part::After(id("c")),                3, "def", true),
            ("after 30",             Part::After(time(30)),               9, "def", true),
            ("after 29",             Part::After(time(29)),               9, "cdef", true),
            ("after the unknown",    Part::After(id("?")),                2, "ab",  false),
            ("latest 2",             Part::Latest,                        2, "ef",  false),
            ("latest 6",             Part::Latest,                        6, "abcdef", true),
            ("latest 0",             Part::Latest,                        0, "",    false),
            ("latest since d",       Part::LatestSince(id("d")),          9, "ef",  true),
            ("latest since d, 1",    Part::LatestSince(id("d")),          1, "f",   false),
            ("around c, 1",          Part::Around(id("c")),               1, "c",   false),
            ("around c, 2",          Part::Around(id("c")),               2, "bc",  false),
            ("around c, 3",          Part::Around(id("c")),               3, "bcd", false),
            ("around a, 3",          Part::Around(id("a")),               3, "abc", false),
            ("around f, 3",          Part::Around(id("f")),               3, "def", false),
            ("around 35, 2",         Part::Around(time(35)),              2, "cd",  false),
            ("around c, 0",          Part::Around(id("c")),               0, "",    false),
            ("around the unknown",   Part::Around(id("?")),               3, "",    false),
            ("between b and e",      Part::Between(id("b"), id("e")),     9, "cd",  true),
            ("between b and e, 1",   Part::Between(id("b"), id("e")),     1, "c",   false),
            ("between e and b, 1",   Part::Between(id("e"), id("b")),     1, "d",   false),
            ("between b and b",      Part::Between(id("b"), id("b")),     9, "",    true),
            ("between 15 and 45",    Part::Between(time(15), time(45)),   9, "bcd", true),
            ("between 20 and 40",    Part::Between(time(20), time(40)),   9, "c",   true),
            ("between 40 and b, 1",  Part::Between(time(40), id("b")),    1, "c",   true),
        ];
        let log = log("abcdef");
        for (what, part, limit, expected, is_end) in table {
            let page = log.part(&part, limit, |_| true);
            assert_eq!((ids(&page).as_str(), page.is_end), (expected, is_end), "{what}");
        }
    }

    #[test]
    fn what_is_not_visible_does_not_count() {
        let log = log("aBcDe");
        let words = |part, limit| ids(&log.part(&part, limit, |past| past.said().is_some()));
        assert_eq!(ids(&log.part(&Part::Latest, 9, |_| true)), "aBcDe", "in their common order");
        assert_eq!(ids(&log.part(&Part::Latest, 2, |_| true)), "De");
        assert_eq!(words(Part::Latest, 2), "ce");
        assert_eq!(words(Part::Before(id("D")), 9), "ac", "a point need not be visible");
        assert_eq!(words(Part::After(id("B")), 1), "c");
        assert_eq!(words(Part::Around(id("B")), 2), "ac");
        assert_eq!(words(Part::Between(id("D"), id("B")), 9), "c");
    }

    #[test]
    fn words_and_deeds_are_bounded_each_for_itself() {
        let mut log = Log::default();
        let said = || Thing::Said(Said { kind: SaidKind::Message, text: "x".into(), more: Box::default() });
        for (id, what) in
            [("a", said()), ("B", Thing::Tagged), ("C", Thing::Tagged), ("d", said()), ("e", said())]
        {
            log.add(past(id, 1, what), true, 2, 1);
        }
        assert_eq!(ids(&log.part(&Part::Latest, 9, |_| true)), "Cde");
        log.add(past("f", 1, said()), true, 0, 1);
        assert_eq!(ids(&log.part(&Part::Latest, 9, |_| true)), "C", "a limit that became less bites at once");
    }

    #[test]
    fn an_entry_can_be_taken_out() {
        let mut log = log("aBcxe");
        log.remove("c");
        log.remove("B");
        log.remove("?");
        assert_eq!(ids(&log.part(&Part::Latest, 9, |_| true)), "axe");
        assert!(log.find("c").is_none() && log.find("x").is_some());
        log.keep_public();
        assert_eq!(ids(&log.part(&Part::Latest, 9, |_| true)), "ae");
    }
}
