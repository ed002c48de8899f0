//! Waiting: for a child to end, for a signal, for time to pass, whichever comes first.

use std::process::Child;
use std::time::{Duration, Instant};

use anyhow::Result;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal, kill};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::unistd::Pid;
use std::os::fd::AsFd;

/// The signals that end the demo, and the one that tells of a child.
#[derive(Debug)]
pub struct Watch(SignalFd);

impl Watch {
    /// From here on the signals are waited for. To be called before there are threads and children.
    ///
    /// # Errors
    /// If there are no descriptors.
    pub fn new() -> Result<Self> {
        let mut signals = SigSet::empty();
        for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGCHLD] {
            signals.add(signal);
        }
        signals.thread_block()?;
        Ok(Self(SignalFd::with_flags(&signals, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)?))
    }

    /// Waits until a child ends. A signal that ends the demo is handed on to it.
    ///
    /// # Errors
    /// If the system does not tell of the child.
    pub fn child(&self, child: &mut Child) -> Result<()> {
        while child.try_wait()?.is_none() {
            if self.signalled(None)? {
                kill(Pid::from_raw(child.id() as i32), Signal::SIGTERM)?;
                child.wait()?;
            }
        }
        Ok(())
    }

    /// Waits for a while; says whether a signal asked to end before.
    ///
    /// # Errors
    /// If the system cannot wait.
    pub fn pause(&self, span: Duration) -> Result<bool> {
        let until = Instant::now() + span;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if self.signalled(Some(left))? {
                return Ok(true);
            }
            if left.is_zero() {
                return Ok(false);
            }
        }
    }

    /// Waits for any signal; says whether it asks to end.
    fn signalled(&self, limit: Option<Duration>) -> Result<bool> {
        let timeout = match limit {
            Some(limit) => PollTimeout::try_from(limit).unwrap_or(PollTimeout::MAX),
            None => PollTimeout::NONE,
        };
        match poll(&mut [PollFd::new(self.0.as_fd(), PollFlags::POLLIN)], timeout) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
        let mut ends = false;
        while let Some(signal) = self.0.read_signal()? {
            ends |= signal.ssi_signo != Signal::SIGCHLD as u32;
        }
        Ok(ends)
    }
}
