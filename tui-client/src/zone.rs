//! The time of day where the person sits.

use jiff::tz::TimeZone;
use wire::Timestamp;

/// A time zone: turns moments into local ones.
#[derive(Clone, Debug)]
pub(crate) struct Zone(TimeZone);

impl Zone {
    /// The zone of this machine, UTC if it has none.
    pub fn system() -> Self {
        Self(TimeZone::try_system().unwrap_or(TimeZone::UTC))
    }

    /// UTC.
    #[cfg(test)]
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// The moment at which a clock in UTC shows what clocks here show.
    fn local(&self, at: Timestamp) -> Timestamp {
        // Moments that no calendar reaches are not shifted; a server can claim any.
        let seconds = i64::try_from(at.seconds()).ok();
        let moment = seconds.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
        let offset = moment.map_or(0, |moment| self.0.to_offset(moment).seconds());
        Timestamp(at.0.saturating_add_signed(i64::from(offset) * 1000))
    }

    /// `12:09`.
    pub fn clock(&self, at: Timestamp) -> String {
        let (hour, minute, _) = self.local(at).clock();
        format!("{hour:02}:{minute:02}")
    }

    /// Days since 1970, to see whether two moments are of the same day.
    pub fn day(&self, at: Timestamp) -> u64 {
        self.local(at).seconds() / 86_400
    }

    /// `Sun 22 Nov 2026`.
    pub fn date(&self, at: Timestamp) -> String {
        // "Sun Nov 22 2026 at …"
        let words = self.local(at).in_words();
        let mut words = words.split(' ');
        let mut word = || words.next().unwrap_or_default();
        let (weekday, month, day, year) = (word(), word(), word(), word());
        format!("{weekday} {day} {month} {year}")
    }

    /// `Sun 22 Nov 2026 12:09`.
    pub fn date_and_clock(&self, at: Timestamp) -> String {
        format!("{} {}", self.date(at), self.clock(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_shown_as_local_clocks_do() {
        let at = Timestamp::parse("2026-11-22T23:09:00Z").unwrap();
        assert_eq!(Zone::utc().date_and_clock(at), "Sun 22 Nov 2026 23:09");
        let east = Zone(TimeZone::fixed(jiff::tz::offset(1)));
        assert_eq!(east.date_and_clock(at), "Mon 23 Nov 2026 00:09");
        assert_eq!(east.day(at), Zone::utc().day(at) + 1);
        assert_eq!(Zone::utc().clock(Timestamp(u64::MAX)).len(), 5);
    }
}
