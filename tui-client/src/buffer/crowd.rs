//! Runs of comings and goings: one line for all, behind which stands, hidden, what is known of each.

use wire::Timestamp;

use super::{Buffer, Line, Seen, Tone};

/// Hidden lines behind a run of comings and goings behind which it is still found; behind more another one begins.
const HIDDEN_IN_RUN_MAX: usize = 200;

impl Buffer {
    /// Adds somebody's coming or going to the run at the end, or begins one. What is known of it stands behind it, hidden.
    pub fn push_crowd(&mut self, change: &str, told: Line) {
        let change = &crate::text::clean(change);
        let (end, seen) = (self.lines.len(), self.seen_of_runs());
        match self.run_before(end, seen, change) {
            Some(run) => run.text = format!("{} {change}", run.text).into(),
            None => drop(self.push(Line { seen, ..Line::new(told.at, Tone::Crowd, "", change) })),
        }
        if seen == Seen::Folded {
            self.push(Line { seen: Seen::Hidden, ..told });
        }
    }

    /// Adds somebody's coming or going that is played back to the run before it. The line with which a run begins, if
    /// there is none.
    pub fn insert_crowd(&mut self, at: Timestamp, change: &str) -> Option<Line> {
        let change = &crate::text::clean(change);
        let (place, seen) = (self.place_of(at), self.seen_of_runs());
        match self.run_before(place, seen, change) {
            Some(run) => {
                run.text = format!("{} {change}", run.text).into();
                None
            }
            None => Some(Line { seen, ..Line::new(at, Tone::Crowd, "", change) }),
        }
    }

    // A run stands for hidden lines as long as those are kept.
    fn seen_of_runs(&self) -> Seen {
        if self.hides_more() { Seen::Folded } else { Seen::Always }
    }

    // The run of comings and goings that ends before a place, if another one fits to it.
    fn run_before(&mut self, place: usize, seen: Seen, change: &str) -> Option<&mut Line> {
        let before = self.lines.range_mut(..place).rev().take(HIDDEN_IN_RUN_MAX);
        let mut shown = before.skip_while(|line| line.seen == Seen::Hidden);
        shown.next().filter(|last| last.seen == seen && last.takes_crowd(change))
    }
}

#[cfg(test)]
mod tests {
    use super::super::line::CROWD_BYTES_MAX;
    use super::super::{BufferId, HIDDEN_MAX, Kind};
    use super::*;

    fn buffer() -> Buffer {
        Buffer::new(BufferId(0), Kind::Room, "#den")
    }

    #[test]
    fn comings_and_goings_share_a_line() {
        let mut buffer = buffer();
        let told = |at: u64, text: &str| Line::new(Timestamp(at), Tone::Event, "", text);
        buffer.push_crowd("+alice", told(1, "alice has entered"));
        buffer.push_crowd("-bob", told(2, "bob has left"));
        buffer.push(Line::new(Timestamp(3), Tone::Message, "carol", "hi"));
        buffer.push_crowd("-alice", told(4, "alice has left"));
        let texts = |buffer: &Buffer, hidden_too: bool| {
            let seen = buffer.lines().filter(|line| line.is_seen(hidden_too));
            seen.map(|line| line.text.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(texts(&buffer, false), ["+alice -bob", "hi", "-alice"]);
        assert_eq!(texts(&buffer, true), ["alice has entered", "bob has left", "hi", "alice has left"]);
        for _ in 0..200 {
            buffer.push_crowd("+somebody", told(5, "somebody has entered"));
        }
        assert!(buffer.lines().all(|line| line.text.len() <= CROWD_BYTES_MAX));
        assert_eq!(texts(&buffer, true).len(), 204);
    }

    #[test]
    fn hidden_lines_take_a_part_of_the_room_only() {
        let mut buffer = buffer();
        for number in 0..HIDDEN_MAX as u64 + 10 {
            buffer.push_crowd("+x", Line::new(Timestamp(number), Tone::Event, "", "x has entered"));
        }
        assert!(!buffer.hides_more());
        assert_eq!(buffer.lines().filter(|line| line.seen == Seen::Hidden).count(), HIDDEN_MAX);
        while buffer.len() > 0 {
            buffer.forget_oldest();
        }
        assert!(buffer.hides_more() && buffer.hidden == 0);
    }
}
