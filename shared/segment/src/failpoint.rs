//! In tests: the process kills itself at the nth store into a segment.

use std::cell::Cell;

thread_local! {
    static LEFT: Cell<Option<u64>> = const { Cell::new(None) };
}

/// The process dies before the `nth` store (from 0) of this thread.
pub(crate) fn arm(nth: u64) {
    LEFT.set(Some(nth));
}

/// Stops counting; says how many stores were left.
pub(crate) fn disarm() -> Option<u64> {
    LEFT.take()
}

/// A store is about to be made.
pub(crate) fn step() {
    match LEFT.get() {
        None => {}
        Some(0) => {
            crate::sys::signal(std::process::id(), nix::libc::SIGKILL);
        }
        Some(left) => LEFT.set(Some(left - 1)),
    }
}
