//! The files of the store: a log for each buffer and a state for each network, readable by their owner only.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::record::{Record, check};

/// The first line of a log. Another number would be another form.
const LOG_HEAD: &str = "parlor log 1\n";
/// The first line of a state.
const STATE_HEAD: &str = "parlor state 1\n";
/// A log that is longer loses its older half.
pub(super) const LOG_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// All logs of a network; what was written to longest ago goes first.
const LOGS_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// The largest state that is read.
const STATE_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// The longest name of a file, without what makes it unique.
const NAME_BYTES_MAX: usize = 100;

/// A page of a log.
#[derive(Clone, Debug, Default)]
pub(crate) struct Page {
    pub records: Vec<Record>,
    /// Where the page begins in the log; there is more before it unless this is zero.
    pub from: u64,
    /// Whether something in it could not be read.
    pub damaged: bool,
}

/// The name of a file for a name of people: nothing in it leads elsewhere, and two names never share one.
pub(crate) fn file_name(name: &str) -> String {
    let mut safe = String::new();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'#' | b'&' | b'-' | b'_' | b'+' => safe.push(char::from(byte)),
            b'.' if !safe.is_empty() => safe.push('.'),
            _ => safe += &format!("%{byte:02x}"),
        }
    }
    if safe.len() > NAME_BYTES_MAX {
        safe = format!("{}~{:08x}", &safe[..NAME_BYTES_MAX], check(name));
    }
    safe
}

/// Makes a directory that is its owner's alone.
pub(super) fn make_directory(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Opens a log for adding to it. What a crash left half written at its end is cut off.
pub(super) fn open_log(path: &Path) -> io::Result<File> {
    let mut file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?;
    let length = file.metadata()?.len();
    if length == 0 {
        file.write_all(LOG_HEAD.as_bytes())?;
        return Ok(file);
    }
    let from = length.saturating_sub(64 * 1024);
    file.seek(SeekFrom::Start(from))?;
    let mut end = Vec::new();
    file.read_to_end(&mut end)?;
    let whole = end.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at as u64 + 1);
    if from + whole < length {
        file.set_len(from + whole)?;
    }
    Ok(file)
}

/// Opens a log that people read.
pub(super) fn open_plain(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).mode(0o600).open(path)
}

/// Reads a page of a log that ends before a place, or at its end.
pub(super) fn read_page(path: &Path, before: Option<u64>, bytes_max: u64) -> io::Result<Page> {
    let mut file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Page::default()),
        file => file?,
    };
    let length = file.metadata()?.len();
    let end = before.unwrap_or(length).min(length);
    let start = end.saturating_sub(bytes_max);
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(end - start).read_to_end(&mut bytes)?;
    let (mut page, mut at) = (Page::default(), 0);
    if start > 0 {
        // The page begins with the first line that is whole.
        at = bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |line_end| line_end + 1);
        page.from = start + at as u64;
    } else if let Some(rest) = bytes.strip_prefix(LOG_HEAD.as_bytes()) {
        at = bytes.len() - rest.len();
    } else if end > 0 {
        page.damaged = true;
    }
    // Behind the last line end stands what a crash left half written.
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |line_end| line_end + 1).max(at);
    for line in bytes[at..whole].split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        match std::str::from_utf8(line).ok().and_then(Record::read) {
            Some(record) => page.records.push(record),
            None => page.damaged = true,
        }
    }
    Ok(page)
}

/// Moves a damaged file out of the way, where a person can look at it.
pub(super) fn move_aside(path: &Path) -> io::Result<PathBuf> {
    let free = (1..1000).map(|number| path.with_extension(format!("damaged-{number}")));
    let to = free.into_iter().find(|path| !path.exists()).unwrap_or_else(|| path.with_extension("damaged"));
    std::fs::rename(path, &to)?;
    Ok(to)
}

/// A log that has become too long keeps its later half.
pub(super) fn shorten(path: &Path) -> io::Result<()> {
    let mut old = BufReader::new(File::open(path)?);
    let middle = old.get_ref().metadata()?.len() / 2;
    old.seek(SeekFrom::Start(middle))?;
    // The first line there is not whole.
    old.skip_until(b'\n')?;
    let new = path.with_extension("new");
    let mut file = writable(&new)?;
    file.write_all(LOG_HEAD.as_bytes())?;
    io::copy(&mut old, &mut file)?;
    std::fs::rename(new, path)
}

/// Forgets the logs that were written to longest ago, until the rest is not too much.
pub(super) fn forget_oldest(directory: &Path) -> io::Result<()> {
    let mut logs = Vec::new();
    for entry in std::fs::read_dir(directory)?.flatten() {
        let metadata = entry.metadata()?;
        logs.push((metadata.modified()?, metadata.len(), entry.path()));
    }
    let mut total: u64 = logs.iter().map(|(_, length, _)| length).sum();
    logs.sort();
    for (_, length, path) in logs {
        if total <= LOGS_BYTES_MAX {
            break;
        }
        if path.extension().is_some_and(|extension| extension == "log") {
            std::fs::remove_file(&path)?;
            total -= length;
        }
    }
    Ok(())
}

/// Writes a state: the whole new one, or the old one stays.
pub(super) fn write_state(path: &Path, text: &str) -> io::Result<()> {
    replace(path, format!("{STATE_HEAD}{text}{:08x}\n", check(text)).as_bytes())
}

/// Reads a state. `Ok(None)` if there is none, `Err` if it cannot be used.
pub(super) fn read_state(path: &Path) -> io::Result<Option<String>> {
    let damaged = || io::Error::other("it is damaged");
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    let mut text = String::new();
    file.take(STATE_BYTES_MAX).read_to_string(&mut text).map_err(|_| damaged())?;
    let rest = text.strip_prefix(STATE_HEAD).and_then(|rest| rest.strip_suffix('\n')).ok_or_else(damaged)?;
    let at = rest.rfind('\n').map_or(0, |at| at + 1);
    let (text, sum) = rest.split_at(at);
    let good = u32::from_str_radix(sum, 16).is_ok_and(|sum| sum == check(text));
    if good { Ok(Some(text.to_owned())) } else { Err(damaged()) }
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = path.with_extension("new");
    writable(&new)?.write_all(bytes)?;
    std::fs::rename(new, path)
}

fn writable(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}
