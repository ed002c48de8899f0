//! What the system says of this process.

use std::fs;

use nix::sys::resource::{Resource, UsageWho, getrlimit, getrusage};
use nix::sys::time::{TimeVal, TimeValLike};
use nix::unistd::{SysconfVar, sysconf};

/// What the system says of this process. What it does not say is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Process {
    /// Bytes of memory that are really there.
    pub memory_bytes: u64,
    /// Open files, sockets among them.
    pub files: u64,
    /// How many it may have.
    pub files_max: u64,
    /// Microseconds of a processor, for its own work.
    pub user_us: u64,
    /// The same, for the kernel's work on its behalf.
    pub system_us: u64,
}

impl Process {
    /// Asks. Takes some microseconds, however many files are open.
    pub fn look() -> Self {
        let usage = getrusage(UsageWho::RUSAGE_SELF).ok();
        let micros = |time: TimeVal| time.num_microseconds().unsigned_abs();
        Self {
            memory_bytes: memory_bytes().unwrap_or(0),
            // Since Linux 6.2 the size of this directory is the number of open files; before that it is 0.
            files: fs::metadata("/proc/self/fd").map_or(0, |about| about.len()),
            files_max: getrlimit(Resource::RLIMIT_NOFILE).map_or(0, |(soft, _)| soft),
            user_us: usage.map_or(0, |usage| micros(usage.user_time())),
            system_us: usage.map_or(0, |usage| micros(usage.system_time())),
        }
    }
}

fn memory_bytes() -> Option<u64> {
    let sizes = fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = sizes.split_ascii_whitespace().nth(1)?.parse().ok()?;
    let page_bytes = sysconf(SysconfVar::PAGE_SIZE).ok()??;
    pages.checked_mul(page_bytes.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_has_memory_and_files_and_takes_time() {
        let before = Process::look();
        let files: Vec<_> = (0..20).map(|_| fs::File::open("/dev/null").unwrap()).collect();
        let after = Process::look();
        assert!(before.memory_bytes > 100_000 && before.files_max > 20);
        // Other tests open and close files meanwhile, but not so many.
        assert!(after.files == 0 || after.files > files.len() as u64, "{after:?}");
        assert!(after.user_us + after.system_us >= before.user_us + before.system_us);
    }
}
