//! An attached segment, seen as what it is: words that others may change at any time.
#![allow(unsafe_code, reason = "shared memory is read and written here, and nowhere else")]

use std::sync::atomic::{AtomicU64, Ordering};

use nix::errno::Errno;
use nix::libc;

use crate::sys;

/// Whether the memory may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
}

/// The memory of one segment, detached on drop.
#[derive(Debug)]
pub(crate) struct Mapping {
    id: i32,
    words: &'static [AtomicU64],
    access: Access,
}

impl Mapping {
    /// Attaches segment `id`, whatever it holds.
    pub fn attach(id: i32, access: Access) -> Result<Mapping, Errno> {
        let bytes = sys::segment_status(id)?.size;
        let flags = if access == Access::Read { libc::SHM_RDONLY } else { 0 };
        let address = sys::attach(id, flags)?.cast::<AtomicU64>();
        // SAFETY: the kernel mapped at least `bytes` bytes at this page aligned address, and the size of a
        // System V segment never changes. The memory stays until `drop` detaches it, and `words` does not
        // leave this struct but borrowed from it. Others may write it at any time, which atomics allow; through
        // a read-only mapping only `load` is called (`write` asserts it).
        let words = unsafe { std::slice::from_raw_parts(address, bytes / 8) };
        Ok(Mapping { id, words, access })
    }

    /// The kernel's number of the segment.
    pub fn id(&self) -> i32 {
        self.id
    }

    /// How many words there are.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// The word at an index, which the caller has checked.
    pub fn load(&self, at: usize) -> u64 {
        u64::from_le(self.words[at].load(Ordering::Relaxed))
    }

    /// Stores one word.
    pub fn store(&self, at: usize, word: u64) {
        self.write(at, &[word]);
    }

    /// Stores words one after the other.
    pub fn write(&self, at: usize, words: &[u64]) {
        assert_eq!(self.access, Access::Write, "a reader never writes");
        for (index, (target, &word)) in self.words[at..at + words.len()].iter().zip(words).enumerate() {
            failpoint(index, words.len());
            target.store(word.to_le(), Ordering::Relaxed);
        }
    }

    /// Stores bytes, which are whole words, one after the other.
    pub fn write_bytes(&self, at: usize, bytes: &[u8]) {
        assert_eq!(self.access, Access::Write, "a reader never writes");
        let (words, rest) = bytes.as_chunks();
        assert!(rest.is_empty(), "whole words");
        for (index, (target, &word)) in self.words[at..at + words.len()].iter().zip(words).enumerate() {
            failpoint(index, words.len());
            target.store(u64::from_ne_bytes(word), Ordering::Relaxed);
        }
    }

    /// Zeroes words.
    pub fn erase(&self, at: usize, count: usize) {
        assert_eq!(self.access, Access::Write, "a reader never writes");
        for (index, target) in self.words[at..at + count].iter().enumerate() {
            failpoint(index, count);
            target.store(0, Ordering::Relaxed);
        }
    }

    /// Appends words to private memory.
    pub fn copy(&self, at: usize, count: usize, to: &mut Vec<u64>) {
        to.extend(self.words[at..at + count].iter().map(|word| u64::from_le(word.load(Ordering::Relaxed))));
    }
}

/// In tests, a place to be killed at: before the first store of a run, and in its middle.
fn failpoint(index: usize, count: usize) {
    #[cfg(test)]
    if index == 0 || index == count / 2 {
        crate::failpoint::step();
    }
    #[cfg(not(test))]
    let _ = (index, count);
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: `words` was only ever lent with the lifetime of `self`, which ends here.
        unsafe { sys::detach(self.words.as_ptr().cast()) };
    }
}
