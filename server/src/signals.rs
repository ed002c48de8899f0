//! Signals as something to read: they wait in a file until the loop comes to them.

use std::io;
use std::os::fd::{AsRawFd, RawFd};

use nix::sys::signal::{SigSet, Signal as Number};
use nix::sys::signalfd::{SfdFlags, SignalFd};

/// What the process is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGHUP: read the configuration again.
    Reload,
    /// SIGTERM or SIGINT: end.
    Stop,
}

/// The signals of the process. There can be only one of these.
#[derive(Debug)]
pub struct Signals(SignalFd);

impl Signals {
    /// Takes the signals over. To be called before there is a second thread, since each has its own mask.
    pub fn take() -> io::Result<Self> {
        let set: SigSet = [Number::SIGHUP, Number::SIGTERM, Number::SIGINT].into_iter().collect();
        set.thread_block()?;
        Ok(Self(SignalFd::with_flags(&set, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)?))
    }

    /// The next signal, if there is one.
    pub fn next(&self) -> Option<Signal> {
        // It fails only if the arguments are wrong, and then there is no signal either.
        let info = self.0.read_signal().ok().flatten()?;
        match Number::try_from(info.ssi_signo.cast_signed()) {
            Ok(Number::SIGHUP) => Some(Signal::Reload),
            _ => Some(Signal::Stop),
        }
    }

    /// The file that becomes readable with a signal.
    pub fn fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}
