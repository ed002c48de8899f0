//! What the kernel tells of processes and cores, and what is asked of it for a measurement.

use std::fs;

use anyhow::{Context, Result};
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::time::TimeValLike;
use nix::time::clock_getcpuclockid;
use nix::unistd::{Pid, SysconfVar, sysconf};

/// The number of a core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Core(pub usize);

/// Two cores on which this process may run, for the server and for the load; none if there is only one.
pub fn two_cores() -> Option<(Core, Core)> {
    let allowed = sched_getaffinity(Pid::from_raw(0)).ok()?;
    let mut cores = (0..CpuSet::count()).filter(|core| allowed.is_set(*core).unwrap_or(false)).map(Core);
    Some((cores.next()?, cores.next()?))
}

/// From here on this process runs on one core.
///
/// # Errors
/// If the system does not allow it.
pub fn pin(core: Core) -> Result<()> {
    let mut only = CpuSet::new();
    only.set(core.0)?;
    sched_setaffinity(Pid::from_raw(0), &only).context("the core cannot be chosen")
}

/// Takes as many open files as the system allows, and says how many.
///
/// # Errors
/// If the system does not tell.
pub fn raise_open_files() -> Result<usize> {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;
    Ok(usize::try_from(hard).unwrap_or(usize::MAX))
}

/// Nanoseconds of processor time that a process has used, all its threads together.
///
/// # Errors
/// If it is gone.
pub fn cpu_ns(process: Pid) -> Result<u64> {
    let time = clock_getcpuclockid(process)?.now().context("the process is gone")?;
    Ok(time.num_nanoseconds().cast_unsigned())
}

/// Bytes of memory that a process has, those that it shares included.
///
/// # Errors
/// If it is gone.
pub fn resident_bytes(process: Pid) -> Result<u64> {
    let text = fs::read_to_string(format!("/proc/{process}/statm")).context("the process is gone")?;
    let pages: u64 = text.split(' ').nth(1).context("the kernel tells a second number")?.parse()?;
    let page = sysconf(SysconfVar::PAGE_SIZE)?.context("pages have a size")?;
    Ok(pages * page.cast_unsigned())
}

/// Nanoseconds of processor time that all processes of the machine have used.
///
/// # Errors
/// If the kernel does not tell.
pub fn busy_ns() -> Result<u64> {
    let text = fs::read_to_string("/proc/stat")?;
    let fields = text.lines().next().unwrap_or_default().split_whitespace().skip(1);
    let ticks: Vec<u64> = fields.map_while(|field| field.parse().ok()).collect();
    // user nice system idle iowait irq softirq steal
    let busy: u64 = [0, 1, 2, 5, 6].iter().filter_map(|at| ticks.get(*at)).sum();
    let second = sysconf(SysconfVar::CLK_TCK)?.context("ticks have a length")?;
    Ok(busy * (1_000_000_000 / second.cast_unsigned()))
}
