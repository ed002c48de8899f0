//! The bans of the server in a file, a line each, so that they hold again after a restart.
//!
//! ```text
//! # Parlor bans 1
//! KLINE 1795349340123 - *@spam.example root!root@host :the reason
//! ```
//!
//! After the command that sets such a ban: when it was set and when it ends, in milliseconds since 1970, `-` for never.

use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use engine::{Ban, BanKind};
use wire::Timestamp;

/// The first line; the number changes with the form of the others.
const HEAD: &str = "# Parlor bans 1";

/// Bytes of a file that is read. A larger one is none of ours.
const FILE_BYTES_MAX: u64 = 1 << 30;

/// What is in a file; nothing if there is none yet. What is wrong with it is told with its line.
pub fn read(path: &Path) -> Result<Vec<Ban>, String> {
    let text = match fs::metadata(path).and_then(|metadata| match metadata.len() {
        0..=FILE_BYTES_MAX => fs::read_to_string(path),
        _ => Err(io::Error::from(io::ErrorKind::FileTooLarge)),
    }) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound && directory_is_there(path) => {
            return Ok(Vec::new());
        }
        Err(error) => return Err(format!("{} cannot be read: {error}", path.display())),
    };
    parse(&text).map_err(|(line, what)| format!("{}:{line}: {what}", path.display()))
}

fn directory_is_there(path: &Path) -> bool {
    let directory = path.parent().filter(|directory| !directory.as_os_str().is_empty());
    directory.is_none_or(Path::is_dir)
}

fn parse(text: &str) -> Result<Vec<Ban>, (usize, String)> {
    let mut lines = text.lines().zip(1..);
    match lines.next() {
        Some((HEAD, _)) => {}
        _ => return Err((1, format!("the first line has to be {HEAD:?}"))),
    }
    let bans = lines.filter(|(line, _)| !line.is_empty() && !line.starts_with('#'));
    bans.map(|(line, number)| ban(line).ok_or_else(|| (number, format!("this is no ban: {line:?}"))))
        .collect()
}

fn ban(line: &str) -> Option<Ban> {
    let (head, reason) = line.split_once(" :")?;
    let mut words = head.split(' ');
    let kind = BanKind::of_verb(words.next()?)?;
    let at = Timestamp(words.next()?.parse().ok()?);
    let until = match words.next()? {
        "-" => None,
        until => Some(Timestamp(until.parse().ok()?)),
    };
    let mask = words.next()?;
    let is_complete = kind.mask(mask).as_deref() == Some(mask);
    let by = words.next()?.into();
    let fits = is_complete && words.next().is_none() && !reason.contains(['\r', '\0']);
    fits.then(|| Ban { kind, mask: mask.into(), reason: reason.into(), by, at, until })
}

/// The text of a file.
pub fn text<'a>(bans: impl Iterator<Item = &'a Ban>) -> String {
    let mut text = format!("{HEAD}\n");
    for Ban { kind, mask, reason, by, at, until } in bans {
        let until = until.map_or("-".to_owned(), |until| until.0.to_string());
        // Writing to a text cannot fail.
        let _ = writeln!(text, "{} {} {until} {mask} {by} :{reason}", kind.verb(), at.0);
    }
    text
}

/// Writes a file anew: at every moment there is the old one or the new one under its name. Nobody else may read it.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let ban = |kind: BanKind, mask: &str, until| Ban {
            kind,
            mask: mask.into(),
            reason: "two  words :and more".into(),
            by: "root!root@host".into(),
            at: Timestamp(5),
            until,
        };
        let bans = [
            ban(BanKind::User, "*@spam.example", Some(Timestamp(7))),
            ban(BanKind::Address, "192.0.2.0/24", None),
            ban(BanKind::Person, "*a\\sb*", None),
            ban(BanKind::Name, "#staff*", None),
            ban(BanKind::Mute, "bob!*@*", None),
        ];
        let text = text(bans.iter());
        assert_eq!(parse(&text).as_deref(), Ok(&bans[..]), "{text}");
    }

    #[test]
    fn what_is_damaged_is_told_with_its_line() {
        #[rustfmt::skip]
        let table = [
            ("",                                                 1),
            ("# Parlor bans 2\n",                                1),
            ("# Parlor bans 1\n\nKLINE 1 - *@spam.example root", 3),
            ("# Parlor bans 1\nJOIN 1 - #den root :x",           2),
            ("# Parlor bans 1\nKLINE one - *@spam.example root :x", 2),
            ("# Parlor bans 1\nKLINE 1 - *@* root :x",           2),
            ("# Parlor bans 1\nDLINE 1 - spam.example root :x",  2),
            ("# Parlor bans 1\nKLINE 1 - *@spam.example root two :x", 2),
        ];
        for (text, line) in table {
            assert_eq!(parse(text).map_err(|(line, _)| line), Err(line), "{text:?}");
        }
    }
}
