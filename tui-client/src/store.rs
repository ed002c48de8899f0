//! What survives a restart: a log for each buffer, and for each network a state with what is unread, the drafts, what
//! was typed, and what waits for a connection.
//!
//! A thread writes, so that no disk holds up the screen. A line is handed over when it is said and stands in its file
//! a moment later; a state is written at most once a second. `docs/store.md` has the forms and why there is no
//! database.

mod files;
mod record;
mod restore;
mod state;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use mio::Waker;

pub(crate) use files::Page;
pub(crate) use record::Record;

use crate::buffer::BufferId;

/// Files that are open at once; of more all are closed first.
const OPEN_MAX: usize = 64;
/// What may wait to be written, in bytes; if a disk is slower than people for so long, the rest is not kept, and that is
/// said.
const WAITING_BYTES_MAX: usize = 4 * 1024 * 1024;
/// How much of a log is read at one go when one scrolls up.
const PAGE_BYTES_MAX: u64 = 32 * 1024;

/// What the thread is to do.
#[derive(Debug)]
pub(crate) enum Task {
    /// Add a line to a log, and to the log for people, if one is wanted.
    Add { network: String, buffer: String, record: String, plain: String },
    /// Wake somebody from now on when something was done.
    Wake(Arc<Waker>),
    /// Write logs for people in a directory from now on, or none.
    Logs(Option<PathBuf>),
    /// Write the state of a network.
    Save { network: String, text: String },
    /// Read what stands before a place of a log.
    Recall { network: String, buffer: String, to: BufferId, before: Option<u64> },
}

impl Task {
    fn bytes(&self) -> usize {
        match self {
            Self::Add { network, buffer, record, plain } => {
                network.len() + buffer.len() + record.len() + plain.len()
            }
            Self::Save { text, .. } => text.len(),
            Self::Wake(_) | Self::Logs(_) | Self::Recall { .. } => 0,
        }
    }
}

/// What the thread has done, where that is of interest.
#[derive(Debug)]
pub(crate) enum Done {
    /// A page was read.
    Recalled(BufferId, Page),
    /// Something did not work.
    Failed(String),
}

/// The store. Dropping it waits until everything is written.
#[derive(Debug)]
pub(crate) struct Store {
    tasks: Option<Sender<Task>>,
    waiting: Arc<Waiting>,
    pub done: Receiver<Done>,
    /// Where it keeps its files.
    pub directory: PathBuf,
    thread: Option<JoinHandle<()>>,
    /// Held as long as the program runs, so that two of them do not write the same files.
    _lock: File,
}

impl Store {
    /// Where the platform keeps such things.
    pub fn place() -> Option<PathBuf> {
        let variable =
            |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let state = variable("XDG_STATE_HOME").or_else(|| Some(variable("HOME")?.join(".local/state")))?;
        Some(state.join("parlor"))
    }

    /// Opens the store in a directory.
    ///
    /// # Errors
    /// If the directory cannot be used, or another program uses it.
    pub fn open(directory: &Path, logs: Option<PathBuf>) -> io::Result<Self> {
        files::make_directory(directory)?;
        let mut options = std::fs::OpenOptions::new();
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let lock = options.write(true).create(true).truncate(false).open(directory.join("lock"))?;
        if lock.try_lock().is_err() {
            return Err(io::Error::other("another parlor is keeping it already"));
        }
        let (tasks, for_thread) = channel();
        let (report, done) = channel();
        let waiting = Arc::new(Waiting::default());
        let mut writer = Writer {
            waiting: Arc::clone(&waiting),
            directory: directory.to_owned(),
            logs,
            open: BTreeMap::new(),
            failed: false,
            report,
            waker: None,
        };
        let thread =
            std::thread::Builder::new().name("store".to_owned()).spawn(move || writer.run(&for_thread))?;
        let (tasks, thread) = (Some(tasks), Some(thread));
        Ok(Self { tasks, waiting, done, directory: directory.to_owned(), thread, _lock: lock })
    }

    /// Who is to be woken when the thread has done something.
    pub fn wakes(&self, waker: Arc<Waker>) {
        self.give(Task::Wake(waker));
    }

    /// Hands a task to the thread.
    pub fn give(&self, task: Task) {
        let bytes = task.bytes();
        if self.waiting.bytes.load(Ordering::Relaxed) + bytes > WAITING_BYTES_MAX {
            self.waiting.left_out.store(true, Ordering::Relaxed);
            return;
        }
        self.waiting.bytes.fetch_add(bytes, Ordering::Relaxed);
        if let Some(tasks) = &self.tasks {
            // The thread ends only when this store does.
            let _ = tasks.send(task);
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.tasks = None;
        if let Some(thread) = self.thread.take() {
            // A thread that has panicked has nothing more to write.
            let _ = thread.join();
        }
    }
}

/// What the thread has not written yet.
#[derive(Debug, Default)]
struct Waiting {
    bytes: AtomicUsize,
    /// Whether something was left out.
    left_out: AtomicBool,
}

struct Writer {
    waiting: Arc<Waiting>,
    directory: PathBuf,
    /// Where people want to read what was said, if they do.
    logs: Option<PathBuf>,
    open: BTreeMap<PathBuf, (File, u64)>,
    /// Whether it was said already that something cannot be written.
    failed: bool,
    report: Sender<Done>,
    waker: Option<Arc<Waker>>,
}

impl Writer {
    fn run(&mut self, tasks: &Receiver<Task>) {
        while let Ok(task) = tasks.recv() {
            self.waiting.bytes.fetch_sub(task.bytes(), Ordering::Relaxed);
            if self.waiting.left_out.swap(false, Ordering::Relaxed) {
                let text = "The disk is too slow: a part of what was said was not kept for the next time.";
                self.tell(Done::Failed(text.to_owned()));
            }
            if let Err(error) = self.perform(task)
                && !std::mem::replace(&mut self.failed, true)
            {
                self.tell(Done::Failed(format!("What is said cannot be kept for the next time: {error}")));
            }
        }
    }

    fn perform(&mut self, task: Task) -> io::Result<()> {
        match task {
            Task::Add { network, buffer, record, plain } => {
                let path = log_of(&self.directory, &network, &buffer);
                let too_long = self.add(&path, &record, true)?;
                if too_long {
                    self.open.remove(&path);
                    files::shorten(&path)?;
                }
                if let Some(logs) = self.logs.clone().filter(|_| !plain.is_empty()) {
                    self.add(&log_of(&logs, &network, &buffer), &plain, false)?;
                }
            }
            Task::Wake(waker) => self.waker = Some(waker),
            Task::Logs(place) => self.logs = place,
            Task::Save { network, text } => {
                let path = state_of(&self.directory, &network);
                files::make_directory(path.parent().unwrap_or(&self.directory))?;
                files::write_state(&path, &text)?;
            }
            Task::Recall { network, buffer, to, before } => {
                let page =
                    files::read_page(&log_of(&self.directory, &network, &buffer), before, PAGE_BYTES_MAX)?;
                self.tell(Done::Recalled(to, page));
            }
        }
        Ok(())
    }

    /// Adds a line to a file. Whether the file is too long now.
    fn add(&mut self, path: &Path, line: &str, ours: bool) -> io::Result<bool> {
        if !self.open.contains_key(path) {
            if self.open.len() >= OPEN_MAX {
                self.open.clear();
            }
            files::make_directory(path.parent().unwrap_or(&self.directory))?;
            let file = if ours { files::open_log(path)? } else { files::open_plain(path)? };
            let length = file.metadata()?.len();
            self.open.insert(path.to_owned(), (file, length));
        }
        let Some((file, length)) = self.open.get_mut(path) else { return Ok(false) };
        file.write_all(line.as_bytes())?;
        *length += line.len() as u64;
        Ok(ours && *length > files::LOG_BYTES_MAX)
    }

    fn tell(&self, done: Done) {
        // Whoever does not listen any more has ended.
        if self.report.send(done).is_ok()
            && let Some(waker) = &self.waker
        {
            let _ = waker.wake();
        }
    }
}

fn log_of(directory: &Path, network: &str, buffer: &str) -> PathBuf {
    directory.join(files::file_name(network)).join(files::file_name(buffer) + ".log")
}

fn state_of(directory: &Path, network: &str) -> PathBuf {
    directory.join(files::file_name(network)).join("state")
}
