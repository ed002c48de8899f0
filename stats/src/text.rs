//! Texts and numbers for people. What comes from the segment is untrusted: nothing of it moves a cursor.

use std::time::Duration;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// What a character becomes that could command a terminal or disturb the order of a line.
const HARMLESS: char = '\u{fffd}';

/// Text without formatting codes of IRC, and without anything that a terminal would obey.
pub(crate) fn clean(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            // Bold, reset, monospace, reverse, italic, strike, underline.
            '\x02' | '\x0f' | '\x11' | '\x16' | '\x1d' | '\x1e' | '\x1f' => {}
            '\x03' => skip_colour(&mut rest),
            '\t' => clean.push(' '),
            other if is_harmful(other) => clean.push(HARMLESS),
            other => clean.push(other),
        }
    }
    clean
}

/// One or two digits, and the same after a comma.
fn skip_colour(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    let mut digits = 0;
    while digits < 2 && rest.next_if(char::is_ascii_digit).is_some() {
        digits += 1;
    }
    let mut ahead = rest.clone();
    if digits > 0 && ahead.next() == Some(',') && ahead.next().is_some_and(|next| next.is_ascii_digit()) {
        rest.next();
        rest.next();
        rest.next_if(char::is_ascii_digit);
    }
}

/// Controls, line and paragraph separators, and what turns the direction of a line.
pub(crate) fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Columns of a terminal that the text takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// The begin of the text that fits, with a mark if it is not all.
pub(crate) fn fit(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut fitting: String = fitting(text.chars(), columns).collect();
    if columns > 0 {
        fitting.push('…');
    }
    fitting
}

/// The end of the text that fits, with a mark if it is not all.
pub(crate) fn fit_end(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mark = (columns > 0).then_some('…');
    let backwards: Vec<char> = fitting(text.chars().rev(), columns).collect();
    mark.into_iter().chain(backwards.into_iter().rev()).collect()
}

/// The first of the characters, as many as leave a column for a mark.
fn fitting(characters: impl Iterator<Item = char>, columns: usize) -> impl Iterator<Item = char> {
    let used = characters.scan(0, |used, character| {
        *used += character.width().unwrap_or(0);
        Some((*used, character))
    });
    used.take_while(move |(used, _)| *used < columns).map(|(_, character)| character)
}

/// The text in exactly so many columns, at the left.
pub(crate) fn left(text: &str, columns: usize) -> String {
    let text = fit(text, columns);
    let gap = columns.saturating_sub(text.width());
    text + &" ".repeat(gap)
}

/// The text in exactly so many columns, at the right.
pub(crate) fn right(text: &str, columns: usize) -> String {
    let text = fit(text, columns);
    " ".repeat(columns.saturating_sub(text.width())) + &text
}

/// A number in at most five columns: `99999`, `123K`, `1.2M`.
pub(crate) fn short(number: u64) -> String {
    if number < 100_000 { number.to_string() } else { scaled(number as f64, 1000.0) }
}

/// Bytes in at most five columns: `999`, `9.1K`, `31M`.
pub(crate) fn bytes(number: u64) -> String {
    if number < 1000 { number.to_string() } else { scaled(number as f64, 1024.0) }
}

/// A rate in at most five columns: `0`, `0.25`, `48.2`, `1.9K`.
pub(crate) fn rate(rate: f64) -> String {
    match rate {
        _ if !rate.is_finite() || rate <= 0.0 => "0".to_owned(),
        _ if rate < 0.01 => "<0.01".to_owned(),
        _ if rate < 9.995 => format!("{rate:.2}"),
        _ if rate < 999.95 => format!("{rate:.1}"),
        _ => scaled(rate, 1000.0),
    }
}

fn scaled(number: f64, base: f64) -> String {
    let mut number = number;
    for unit in ["", "K", "M", "G", "T", "P", "E"] {
        // Rounded first, so that 999.9 does not become a thousand of the smaller unit.
        if number < base && number.round() < 1000.0 {
            let fraction = usize::from(number < 9.95 && !unit.is_empty());
            return format!("{number:.fraction$}{unit}");
        }
        number /= base;
    }
    format!("{number:.0}Z")
}

/// A length of time in at most five or six columns: `0.2s`, `41s`, `4m07s`, `2h05m`, `3d04h`.
pub(crate) fn length(length: Duration) -> String {
    let seconds = length.as_secs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match seconds {
        0..10 => format!("{}.{}s", seconds, length.subsec_millis() / 100),
        10..60 => format!("{seconds}s"),
        60..3600 => format!("{minutes}m{:02}s", seconds % 60),
        3600..86_400 => format!("{hours}h{:02}m", minutes % 60),
        _ => format!("{days}d{:02}h", hours % 24),
    }
}

/// A value and its unit; lengths of time are scaled.
pub(crate) fn measured(value: u64, unit: &str) -> String {
    if value == 0 {
        return "0".to_owned();
    }
    let nanos = match unit {
        "ns" => 1.0,
        "us" | "µs" => 1e3,
        "ms" => 1e6,
        "bytes" => return format!("{}B", bytes(value)),
        _ => return short(value),
    };
    let nanos = value as f64 * nanos;
    let (scaled, unit) = match nanos {
        _ if nanos < 1e3 => return format!("{nanos:.0}ns"),
        _ if nanos < 1e6 => (nanos / 1e3, "us"),
        _ if nanos < 1e9 => (nanos / 1e6, "ms"),
        _ => (nanos / 1e9, "s"),
    };
    if scaled < 9.95 { format!("{scaled:.1}{unit}") } else { format!("{scaled:.0}{unit}") }
}

/// Day and time of day, UTC.
pub(crate) fn moment(wall_ms: u64) -> String {
    let (year, month, day) = date(wall_ms / 86_400_000);
    format!("{year:04}-{month:02}-{day:02} {}", time(wall_ms))
}

/// Time of day, UTC.
pub(crate) fn time(wall_ms: u64) -> String {
    let seconds = wall_ms / 1000 % 86_400;
    format!("{:02}:{:02}:{:02}Z", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// Year, month and day of so many days after 1970-01-01: the Gregorian calendar, counted from a March.
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let march_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (era * 400 + year + u64::from(month <= 2), month, day)
}

/// A picture of the last values, one column each, the newest at the right.
pub(crate) fn spark(values: &[u64], columns: usize) -> String {
    let shown = &values[values.len().saturating_sub(columns)..];
    let most = shown.iter().copied().max().unwrap_or(0).max(1);
    let column = |value: &u64| match value {
        0 => ' ',
        value => ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']
            [(u128::from(*value) * 8).div_ceil(u128::from(most)) as usize - 1],
    };
    let picture: String = shown.iter().map(column).collect();
    right(&picture, columns)
}

/// Whether a name is meant by a pattern in which `*` stands for anything and `?` for one character.
pub(crate) fn matches(pattern: &str, name: &str) -> bool {
    let lower = |text: &str| text.chars().flat_map(char::to_lowercase).collect::<Vec<_>>();
    let (pattern, name) = (lower(pattern), lower(name));
    let (mut at, mut name_at, mut star) = (0, 0, None);
    while name_at < name.len() {
        if pattern.get(at) == Some(&'*') {
            star = Some((at, name_at));
            at += 1;
        } else if pattern.get(at).is_some_and(|wanted| *wanted == '?' || *wanted == name[name_at]) {
            (at, name_at) = (at + 1, name_at + 1);
        } else if let Some((star_at, from)) = star {
            // The star takes one character more.
            (at, name_at, star) = (star_at + 1, from + 1, Some((star_at, from + 1)));
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(|rest| *rest == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_stays() {
        for (text, harmless) in [
            ("plain äß✓", "plain äß✓"),
            ("\x1b[31mred", "\u{fffd}[31mred"),
            ("\u{9b}31m\x7f\r\n", "\u{fffd}31m\u{fffd}\u{fffd}\u{fffd}"),
            ("\x02bold\x02\x1ditalic\x0f", "bolditalic"),
            ("\x0304,07red\x03 \x0399x\x031234", "red x34"),
            ("\x03,5x \x035,x", ",5x ,x"),
            ("abc\u{202e}cba\u{2066}\u{feff}", "abc\u{fffd}cba\u{fffd}\u{fffd}"),
            ("a\tb", "a b"),
        ] {
            assert_eq!(clean(text), harmless, "{text:?}");
        }
    }

    #[test]
    fn texts_are_cut_by_columns() {
        for (text, columns, whole) in [
            ("lobby", 5, "lobby"),
            ("lobby", 4, "lob…"),
            ("日本語", 6, "日本語"),
            ("日本語", 5, "日本…"),
            ("日本語", 4, "日…"),
            ("abc", 1, "…"),
            ("abc", 0, ""),
        ] {
            assert_eq!(fit(text, columns), whole, "{text} in {columns}");
            let backwards = |text: &str| text.chars().rev().collect::<String>();
            assert_eq!(backwards(&fit_end(&backwards(text), columns)), whole, "{text} in {columns}");
            assert_eq!(left(text, columns).width(), columns, "{text} in {columns}");
            assert_eq!(right(text, columns).width(), columns, "{text} in {columns}");
        }
    }

    #[test]
    fn numbers_are_short() {
        #[rustfmt::skip]
        let table = [
            (short(0), "0"), (short(99_999), "99999"), (short(123_456), "123K"), (short(999_999), "1.0M"),
            (bytes(999), "999"), (bytes(1000), "1.0K"), (bytes(9300), "9.1K"), (bytes(1 << 20), "1.0M"),
            (bytes(u64::MAX), "16E"),
            (rate(0.0), "0"), (rate(-1.0), "0"), (rate(f64::NAN), "0"), (rate(0.001), "<0.01"), (rate(0.25), "0.25"),
            (rate(9.999), "10.0"), (rate(48.2), "48.2"), (rate(999.96), "1.0K"), (rate(1900.0), "1.9K"),
            (length(Duration::from_millis(240)), "0.2s"), (length(Duration::from_secs(41)), "41s"),
            (length(Duration::from_secs(247)), "4m07s"), (length(Duration::from_secs(7500)), "2h05m"),
            (length(Duration::from_secs(273_600)), "3d04h"),
            (measured(0, "ns"), "0"), (measured(41, "us"), "41us"), (measured(1300, "us"), "1.3ms"), (measured(5, "ns"), "5ns"),
            (measured(38_000, "ns"), "38us"), (measured(2_000_000, "us"), "2.0s"), (measured(7, "lines"), "7"),
            (measured(2048, "bytes"), "2.0KB"),
        ];
        for (shown, expected) in table {
            assert_eq!(shown, expected);
        }
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        for (wall_ms, shown) in [
            (0, "1970-01-01 00:00:00Z"),
            (951_782_400_000, "2000-02-29 00:00:00Z"),
            (1_700_000_000_000, "2023-11-14 22:13:20Z"),
            (4_107_542_399_999, "2100-02-28 23:59:59Z"),
            (4_107_542_400_000, "2100-03-01 00:00:00Z"),
        ] {
            assert_eq!(moment(wall_ms), shown);
        }
        // Whatever a damaged segment says.
        assert!(moment(u64::MAX).ends_with('Z'));
    }

    #[test]
    fn minutes_become_a_picture() {
        for (values, columns, picture) in [
            (&[0, 1, 4, 8][..], 4, " ▁▄█"),
            (&[9, 1, 4, 8], 3, "▁▄█"),
            (&[1], 3, "  █"),
            (&[], 2, "  "),
            (&[1, u64::MAX], 2, "▁█"),
        ] {
            assert_eq!(spark(values, columns), picture, "{values:?}");
        }
    }

    #[test]
    fn patterns_mean_names() {
        for (pattern, name, meant) in [
            ("#lobby", "#lobby", true),
            ("#LOB*", "#lobby", true),
            ("*", "", true),
            ("*o*y", "#lobby", true),
            ("*o*x", "#lobby", false),
            ("#?obby", "#lobby", true),
            ("#?", "#", false),
            ("", "#", false),
            ("#[a]", "#[a]", true),
            ("#é*", "#É", true),
        ] {
            assert_eq!(matches(pattern, name), meant, "{pattern} {name}");
        }
    }
}
