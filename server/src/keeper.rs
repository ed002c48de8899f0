//! Files are written on a thread of its own, since a disk may be slow.

use std::path::PathBuf;
use std::sync::mpsc::{self, Sender};
use std::thread::{self, JoinHandle};

use crate::bans_file;

/// The thread that writes. It is started with the first file.
#[derive(Debug, Default)]
pub struct Keeper {
    thread: Option<(Sender<File>, JoinHandle<()>)>,
}

/// What is to lie at a path.
#[derive(Debug)]
struct File {
    path: PathBuf,
    text: String,
}

impl Keeper {
    /// Has a file written anew, after those before.
    pub fn keep(&mut self, path: PathBuf, text: String) {
        if self.thread.is_none() {
            let (sender, receiver) = mpsc::channel::<File>();
            let work = move || {
                while let Ok(mut file) = receiver.recv() {
                    // What was meant to lie there in between does not matter any more.
                    while let Ok(newer) = receiver.try_recv() {
                        file = newer;
                    }
                    let File { path, text } = file;
                    if let Err(error) = bans_file::write(&path, &text) {
                        tracing::error!(path = %path.display(), %error, "the bans cannot be written");
                    }
                }
            };
            match thread::Builder::new().name("parlord-keeper".to_owned()).spawn(work) {
                Ok(thread) => self.thread = Some((sender, thread)),
                Err(error) => return tracing::error!(%error, "no thread to write the bans"),
            }
        }
        if let Some((files, _)) = &self.thread {
            // It fails only if the thread has panicked, which was told then.
            let _ = files.send(File { path, text });
        }
    }

    /// Waits until everything is written.
    pub fn finish(&mut self) {
        if let Some((files, thread)) = self.thread.take() {
            drop(files);
            // If it has panicked, that was told then.
            let _ = thread.join();
        }
    }
}
