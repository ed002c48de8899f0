//! The table of channel modes that are set to something (CHANMODES, types B and C): a key, a limit. One is added with its
//! row, its variant, how it is read, and the line where it bites.
//!
//! Sources: modern.ircdocs.horse "Channel Modes"; Solanum for `f` and `j`.

use std::fmt;
use std::sync::Arc;

use wire::{ChannelName, ModeKind};

use crate::limits::Limits;

/// Seconds that a mode can be set to: a day.
const SECONDS_MAX: u32 = 86_400;

/// What a channel mode is set to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    /// The seconds between two messages of a member.
    Slow(u32),
    /// Where those are sent who may not enter.
    Forward(ChannelName),
    /// How many may enter in which time.
    Throttle(Pace),
    /// What has to be known to enter.
    Key(Arc<str>),
    /// How many may be in it.
    Limit(u32),
}

/// So many within so many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// How many.
    pub count: u32,
    /// In which time.
    pub seconds: u32,
}

/// The row of a mode.
#[derive(Debug)]
pub struct ParameterMode {
    /// Its letter.
    pub letter: char,
    /// Whether it has a parameter when it is cleared, too.
    pub kind: ModeKind,
    /// What it does.
    pub help: &'static str,
    /// What its parameter has to be, for those who give another.
    pub(crate) expects: &'static str,
    read: fn(&str, &Limits) -> Option<Setting>,
}

/// The letter of the slow mode.
pub const SLOW: char = 'W';
/// The letter of the channel to which one is sent.
pub const FORWARD: char = 'f';
/// The letter of the throttle of those who enter.
pub const THROTTLE: char = 'j';
/// The letter of the key.
pub const KEY: char = 'k';
/// The letter of the limit of members.
pub const LIMIT: char = 'l';

/// Every mode, in the order of the letters.
#[rustfmt::skip]
pub static PARAMETER_MODES: &[ParameterMode] = &[
    row(SLOW,     ModeKind::WhenSet, slow,     "A number of seconds is needed",         "Those without a rank wait so many seconds between messages"),
    row(FORWARD,  ModeKind::WhenSet, forward,  "Another channel that exists is needed", "Those who may not enter (`b`, `i`, `j`, `l`) enter this channel instead"),
    row(THROTTLE, ModeKind::WhenSet, throttle, "Two numbers are needed: joins:seconds", "Not more than so many enter within so many seconds"),
    row(KEY,      ModeKind::Always,  key,      "A key is needed",                       "Only those who know the key can join"),
    row(LIMIT,    ModeKind::WhenSet, limit,    "A number of one or more is needed",     "No more members than this number"),
];

const fn row(
    letter: char,
    kind: ModeKind,
    read: fn(&str, &Limits) -> Option<Setting>,
    expects: &'static str,
    help: &'static str,
) -> ParameterMode {
    ParameterMode { letter, kind, help, expects, read }
}

impl ParameterMode {
    /// The row of a letter.
    pub fn of_letter(letter: char) -> Option<&'static Self> {
        PARAMETER_MODES.iter().find(|row| row.letter == letter)
    }

    /// What a person wrote, if it can be the parameter.
    pub(crate) fn read(&self, written: &str, limits: &Limits) -> Option<Setting> {
        (self.read)(written, limits)
    }
}

impl fmt::Display for Setting {
    /// The parameter as members see it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Slow(number) | Self::Limit(number) => write!(f, "{number}"),
            Self::Forward(channel) => write!(f, "{channel}"),
            Self::Throttle(Pace { count, seconds }) => write!(f, "{count}:{seconds}"),
            Self::Key(key) => f.write_str(key),
        }
    }
}

fn slow(written: &str, _limits: &Limits) -> Option<Setting> {
    number(written, SECONDS_MAX).map(Setting::Slow)
}

fn forward(written: &str, limits: &Limits) -> Option<Setting> {
    ChannelName::parse(written, limits.channel_bytes_max).ok().map(Setting::Forward)
}

fn throttle(written: &str, _limits: &Limits) -> Option<Setting> {
    let (count, seconds) = written.split_once(':')?;
    let pace = Pace { count: number(count, u32::MAX)?, seconds: number(seconds, SECONDS_MAX)? };
    Some(Setting::Throttle(pace))
}

fn key(written: &str, limits: &Limits) -> Option<Setting> {
    let fits = |c: char| !c.is_control() && !matches!(c, ' ' | ',');
    let sound = !written.is_empty() && !written.starts_with(':') && written.chars().all(fits);
    (sound && written.len() <= limits.key_bytes_max).then(|| Setting::Key(written.into()))
}

fn limit(written: &str, _limits: &Limits) -> Option<Setting> {
    number(written, u32::MAX).map(Setting::Limit)
}

/// A number from one to some greatest, in digits alone.
fn number(written: &str, greatest: u32) -> Option<u32> {
    let digits = written.bytes().all(|byte| byte.is_ascii_digit());
    written.parse().ok().filter(|number| digits && (1..=greatest).contains(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_as_they_are_shown() {
        let long = "k".repeat(Limits::default().key_bytes_max);
        let longer = format!("{long}k");
        #[rustfmt::skip]
        let table = [
            ('W', "1",          Some("1")),
            ('W', "86400",      Some("86400")),
            ('W', "86401",      None),
            ('W', "0",          None),
            ('W', "",           None),
            ('f', "#Other",     Some("#Other")),
            ('f', "other",      None),
            ('f', "&#other",    None),
            ('j', "3:10",       Some("3:10")),
            ('j', "03:010",     Some("3:10")),
            ('j', "3",          None),
            ('j', "3:0",        None),
            ('j', "0:10",       None),
            ('j', "3:86401",    None),
            ('j', "3:1:1",      None),
            ('k', "key",        Some("key")),
            ('k', "k:e",        Some("k:e")),
            ('k', ":key",       None),
            ('k', "a b",        None),
            ('k', "a,b",        None),
            ('k', "a\u{7}",     None),
            ('k', "",           None),
            ('k', &long,        Some(&*long)),
            ('k', &longer,      None),
            ('l', "1",          Some("1")),
            ('l', "4294967295", Some("4294967295")),
            ('l', "4294967296", None),
            ('l', "0",          None),
            ('l', "-1",         None),
            ('l', "+1",         None),
            ('l', "many",       None),
        ];
        for (letter, written, shown) in table {
            let row = ParameterMode::of_letter(letter).expect("there is such a mode");
            let read = row.read(written, &Limits::default()).map(|setting| setting.to_string());
            assert_eq!(read.as_deref(), shown, "{letter} {written}");
        }
    }

    #[test]
    fn the_rows_stand_in_the_order_of_their_letters() {
        assert!(PARAMETER_MODES.windows(2).all(|pair| pair[0].letter < pair[1].letter));
    }
}
