//! Time as the server-time tag writes it.

use std::fmt;

/// A moment: milliseconds since 1970-01-01T00:00:00Z. Shown as `2026-11-22T12:09:00.123Z`
/// (IRCv3 server-time).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(pub u64);

const DAY_MS: u64 = 86_400_000;

impl Timestamp {
    /// Reads the form of the server-time tag; with or without fractions of a second.
    pub fn parse(text: &str) -> Option<Self> {
        let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
        let (clock, fraction) = time.split_once('.').unwrap_or((time, ""));
        let [year, month, day] = numbers(date, '-')?;
        let [hour, minute, second] = numbers(clock, ':')?;
        let in_range = (1970..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
        if !in_range
            || hour > 23
            || minute > 59
            || second > 60
            || !fraction.bytes().all(|b| b.is_ascii_digit())
        {
            return None;
        }
        let ms: u64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
        let seconds = hour * 3600 + minute * 60 + second;
        Some(Self(days_from_civil(year, month, day) * DAY_MS + seconds * 1000 + ms))
    }

    /// Whole seconds since 1970, as numerics tell times.
    pub fn seconds(self) -> u64 {
        self.0 / 1000
    }

    /// Year, month (1 to 12) and day (1 to 31), UTC.
    pub fn date(self) -> (u64, u64, u64) {
        civil_from_days(self.0 / DAY_MS)
    }

    /// Hour, minute and second of the day, UTC.
    pub fn clock(self) -> (u64, u64, u64) {
        let seconds = self.0 % DAY_MS / 1000;
        (seconds / 3600, seconds / 60 % 60, seconds % 60)
    }

    /// The same moment as people read it: `Sun Nov 22 2026 at 12:09:00 UTC`.
    pub fn in_words(self) -> String {
        const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
        const MONTHS: [&str; 12] =
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let (year, month, day) = self.date();
        let (hour, minute, second) = self.clock();
        let weekday = DAYS[(self.0 / DAY_MS % 7) as usize];
        let month = MONTHS[month as usize - 1];
        format!("{weekday} {month} {day:02} {year} at {hour:02}:{minute:02}:{second:02} UTC")
    }
}

impl Timestamp {
    /// The form of the server-time tag.
    fn text(self) -> [u8; 24] {
        let (year, month, day) = self.date();
        let (hour, minute, second) = self.clock();
        // Digit by digit: it stands on every line for most clients.
        let mut text = *b"0000-00-00T00:00:00.000Z";
        // The form ends with this year.
        if year > 9999 {
            return *b"9999-12-31T23:59:59.999Z";
        }
        let places = [(year, 0..4), (month, 5..7), (day, 8..10), (hour, 11..13), (minute, 14..16)];
        for (number, place) in places.into_iter().chain([(second, 17..19), (self.0 % 1000, 20..23)]) {
            let mut rest = number;
            for digit in text[place].iter_mut().rev() {
                *digit += (rest % 10) as u8;
                rest /= 10;
            }
        }
        text
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.text()).expect("digits are ASCII"))
    }
}

fn numbers(text: &str, separator: char) -> Option<[u64; 3]> {
    let mut parts = text.split(separator).map(|part| {
        let digits = !part.is_empty() && part.len() <= 4 && part.bytes().all(|b| b.is_ascii_digit());
        if digits { part.parse().ok() } else { None }
    });
    let three = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(three)
}

// The next two follow the proleptic Gregorian calendar with years that begin in March, so that the leap day is the
// last of its year.
fn days_from_civil(year: u64, month: u64, day: u64) -> u64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - 719_468
}

fn civil_from_days(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_and_read() {
        #[rustfmt::skip]
        let table = [
            (0,                 "1970-01-01T00:00:00.000Z"),
            (951_782_399_999,   "2000-02-28T23:59:59.999Z"),
            (951_782_400_000,   "2000-02-29T00:00:00.000Z"),
            (1_795_349_340_123, "2026-11-22T12:09:00.123Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        ];
        for (ms, text) in table {
            assert_eq!(Timestamp(ms).to_string(), text);
            assert_eq!(Timestamp::parse(text), Some(Timestamp(ms)), "{text}");
        }
        assert_eq!(Timestamp(1_795_349_340_000).in_words(), "Sun Nov 22 2026 at 12:09:00 UTC");
        assert_eq!(Timestamp::parse("1970-01-01T00:00:01Z"), Some(Timestamp(1000)));
    }

    #[test]
    fn every_day_of_four_centuries_comes_back() {
        for day in 0..146_097 {
            let moment = Timestamp(day * DAY_MS);
            assert_eq!(Timestamp::parse(&moment.to_string()), Some(moment), "day {day}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "Z",
            "T",
            "2026-11-22T12:09:00.123",
            "2026-13-22T12:09:00Z",
            "x-1-1T1:1:1Z",
            "99999-1-1T1:1:1Z",
            "2026-11-22T24:00:00Z",
            "2026-11-22T12:09:00.-1Z",
            "2026-11-22T12:09Z",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }
}
