//! The System V calls, and the few other questions put to the kernel, each wrapped once.
//!
//! Together with [`crate::map`] the only place of the workspace that says `unsafe`.
#![allow(unsafe_code, reason = "the kernel is spoken to here, and nowhere else")]

use std::mem::MaybeUninit;
use std::time::Duration;

use nix::errno::Errno;
use nix::libc::{self, c_int, c_void};

// glibc and musl have it, the libc crate does not declare it for linux-gnu.
unsafe extern "C" {
    fn semtimedop(
        id: c_int,
        operations: *mut libc::sembuf,
        count: usize,
        timeout: *const libc::timespec,
    ) -> c_int;
}

/// The segment was removed and lives only until the last process detaches; missing in the libc crate.
const SHM_DEST: u32 = 0o1000;

/// What the kernel knows about a segment or a set of semaphores.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Status {
    pub uid: u32,
    pub creator_uid: u32,
    /// Bytes of a segment, number of semaphores of a set.
    pub size: usize,
    /// Removed, but still attached somewhere.
    pub doomed: bool,
}

/// One operation on a semaphore of a set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Op {
    pub semaphore: u16,
    pub by: i16,
    pub undo: bool,
}

fn check(result: c_int) -> Result<c_int, Errno> {
    if result == -1 { Err(Errno::last()) } else { Ok(result) }
}

/// The id of the segment under `key`.
pub(crate) fn segment_id(key: i32) -> Result<c_int, Errno> {
    // SAFETY: no pointers are passed.
    check(unsafe { libc::shmget(key, 0, 0) })
}

/// Creates a segment of zeroes under `key`, which must be free.
pub(crate) fn segment_create(key: i32, bytes: usize, mode: u32) -> Result<c_int, Errno> {
    let flags = libc::IPC_CREAT | libc::IPC_EXCL | (mode & 0o777) as c_int;
    // SAFETY: no pointers are passed.
    check(unsafe { libc::shmget(key, bytes, flags) })
}

fn segment_record(id: c_int) -> Result<libc::shmid_ds, Errno> {
    let mut record = MaybeUninit::<libc::shmid_ds>::zeroed();
    // SAFETY: `record` is a writable shmid_ds, which is what IPC_STAT fills.
    check(unsafe { libc::shmctl(id, libc::IPC_STAT, record.as_mut_ptr()) })?;
    // SAFETY: all bytes were zeroed, and a shmid_ds of zeroes is valid; IPC_STAT has filled it since.
    Ok(unsafe { record.assume_init() })
}

/// What the kernel says about the segment `id`; needs read permission.
#[allow(clippy::unnecessary_cast, reason = "the width of `mode` differs between platforms")]
pub(crate) fn segment_status(id: c_int) -> Result<Status, Errno> {
    let record = segment_record(id)?;
    let mode = record.shm_perm.mode as u32;
    Ok(Status {
        uid: record.shm_perm.uid,
        creator_uid: record.shm_perm.cuid,
        size: record.shm_segsz,
        doomed: mode & SHM_DEST != 0,
    })
}

/// Gives the segment its mode and, if wanted, its group.
pub(crate) fn segment_grant(id: c_int, mode: u32, group: Option<u32>) -> Result<(), Errno> {
    let mut record = segment_record(id)?;
    record.shm_perm.mode = (mode & 0o777) as _;
    record.shm_perm.gid = group.unwrap_or(record.shm_perm.gid);
    // SAFETY: `record` is an initialised shmid_ds that outlives the call.
    check(unsafe { libc::shmctl(id, libc::IPC_SET, &raw mut record) }).map(drop)
}

/// Removes the segment; who is attached keeps the memory until detaching.
pub(crate) fn segment_remove(id: c_int) -> Result<(), Errno> {
    // SAFETY: IPC_RMID ignores the pointer.
    check(unsafe { libc::shmctl(id, libc::IPC_RMID, std::ptr::null_mut()) }).map(drop)
}

/// Attaches the segment wherever the kernel likes. The address is page aligned and never null.
pub(crate) fn attach(id: c_int, flags: c_int) -> Result<*mut c_void, Errno> {
    // SAFETY: with a null address the kernel chooses an unused range, so no live memory is replaced.
    let address = unsafe { libc::shmat(id, std::ptr::null(), flags) };
    if address as isize == -1 { Err(Errno::last()) } else { Ok(address) }
}

/// Detaches what [`attach`] returned.
///
/// # Safety
/// Nothing may refer to the attached memory any more.
pub(crate) unsafe fn detach(address: *const c_void) {
    // SAFETY: the caller promises that the memory is not used any more. A failure leaves it attached.
    let _ = unsafe { libc::shmdt(address) };
}

/// The id of the set under `key`.
pub(crate) fn set_id(key: i32) -> Result<c_int, Errno> {
    // SAFETY: no pointers are passed.
    check(unsafe { libc::semget(key, 0, 0) })
}

/// Creates a set of `count` zeroed semaphores under `key`, which must be free.
pub(crate) fn set_create(key: i32, count: c_int, mode: u32) -> Result<c_int, Errno> {
    let flags = libc::IPC_CREAT | libc::IPC_EXCL | (mode & 0o777) as c_int;
    // SAFETY: no pointers are passed.
    check(unsafe { libc::semget(key, count, flags) })
}

fn set_record(id: c_int) -> Result<libc::semid_ds, Errno> {
    let mut record = MaybeUninit::<libc::semid_ds>::zeroed();
    // SAFETY: `record` is a writable semid_ds, which is what IPC_STAT fills; passed in the place of
    // `union semun`, which is a pointer wide.
    check(unsafe { libc::semctl(id, 0, libc::IPC_STAT, record.as_mut_ptr()) })?;
    // SAFETY: all bytes were zeroed, and a semid_ds of zeroes is valid; IPC_STAT has filled it since.
    Ok(unsafe { record.assume_init() })
}

/// What the kernel says about the set `id`; needs read permission.
#[allow(clippy::unnecessary_cast, reason = "the widths of these fields differ between platforms")]
pub(crate) fn set_status(id: c_int) -> Result<Status, Errno> {
    let record = set_record(id)?;
    Ok(Status {
        uid: record.sem_perm.uid,
        creator_uid: record.sem_perm.cuid,
        size: record.sem_nsems as usize,
        doomed: false,
    })
}

/// Gives the set its mode and, if wanted, its group.
pub(crate) fn set_grant(id: c_int, mode: u32, group: Option<u32>) -> Result<(), Errno> {
    let mut record = set_record(id)?;
    record.sem_perm.mode = (mode & 0o777) as _;
    record.sem_perm.gid = group.unwrap_or(record.sem_perm.gid);
    // SAFETY: `record` is an initialised semid_ds that outlives the call.
    check(unsafe { libc::semctl(id, 0, libc::IPC_SET, &raw mut record) }).map(drop)
}

/// Removes the set; whoever waits on it wakes with EIDRM.
pub(crate) fn set_remove(id: c_int) -> Result<(), Errno> {
    // SAFETY: IPC_RMID takes no fourth argument.
    check(unsafe { libc::semctl(id, 0, libc::IPC_RMID) }).map(drop)
}

/// The value of one semaphore.
pub(crate) fn set_value(id: c_int, semaphore: u16) -> Result<c_int, Errno> {
    // SAFETY: GETVAL takes no fourth argument.
    check(unsafe { libc::semctl(id, c_int::from(semaphore), libc::GETVAL) })
}

/// The process that operated on the semaphore last; 0 if none, or one of another PID namespace.
pub(crate) fn set_pid(id: c_int, semaphore: u16) -> Result<c_int, Errno> {
    // SAFETY: GETPID takes no fourth argument.
    check(unsafe { libc::semctl(id, c_int::from(semaphore), libc::GETPID) })
}

/// Sets the value of one semaphore. The kernel then forgets everybody's undo for it.
pub(crate) fn set_assign(id: c_int, semaphore: u16, value: c_int) -> Result<(), Errno> {
    // SAFETY: SETVAL takes an int in the place of `union semun`.
    check(unsafe { libc::semctl(id, c_int::from(semaphore), libc::SETVAL, value) }).map(drop)
}

/// Performs all operations or none, at once or, with `wait`, within that time (EAGAIN afterwards).
pub(crate) fn operate(id: c_int, operations: &[Op], wait: Option<Duration>) -> Result<(), Errno> {
    let nowait = if wait.is_some() { 0 } else { libc::IPC_NOWAIT };
    let mut raw = [libc::sembuf { sem_num: 0, sem_op: 0, sem_flg: 0 }; 12];
    for (raw, op) in raw.iter_mut().zip(operations) {
        let undo = if op.undo { libc::SEM_UNDO } else { 0 };
        *raw = libc::sembuf { sem_num: op.semaphore, sem_op: op.by, sem_flg: (nowait | undo) as i16 };
    }
    assert!(operations.len() <= raw.len(), "no operation needs more than twelve steps");
    let Some(wait) = wait else {
        // SAFETY: `raw` holds at least `operations.len()` initialised sembufs.
        return check(unsafe { libc::semop(id, raw.as_mut_ptr(), operations.len()) }).map(drop);
    };
    let seconds = libc::time_t::try_from(wait.as_secs()).unwrap_or(libc::time_t::MAX);
    let timeout = libc::timespec { tv_sec: seconds, tv_nsec: wait.subsec_nanos().into() };
    // SAFETY: as above, and `timeout` outlives the call.
    check(unsafe { semtimedop(id, raw.as_mut_ptr(), operations.len(), &raw const timeout) }).map(drop)
}

/// This process' effective user, whose are the objects it creates.
pub(crate) fn user() -> u32 {
    // SAFETY: has no preconditions and cannot fail.
    unsafe { libc::geteuid() }
}

/// Whether no process has this id.
pub(crate) fn no_process(pid: i32) -> bool {
    // SAFETY: signal 0 only asks.
    pid > 0 && check(unsafe { libc::kill(pid, 0) }) == Err(Errno::ESRCH)
}

/// Nanoseconds of a kernel clock.
fn clock(which: libc::clockid_t) -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a writable timespec. The two clocks asked for exist on every Linux since 2.6.39.
    unsafe { libc::clock_gettime(which, &raw mut time) };
    time.tv_sec.unsigned_abs() * 1_000_000_000 + time.tv_nsec.unsigned_abs()
}

/// Microseconds since the machine was started, suspended time included.
pub(crate) fn boot_us() -> u64 {
    clock(libc::CLOCK_BOOTTIME) / 1000
}

/// Milliseconds since 1970.
pub(crate) fn wall_ms() -> u64 {
    clock(libc::CLOCK_REALTIME) / 1_000_000
}

/// This process, as other processes can tell it from a later one with the same pid.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Process {
    pub pid: u32,
    /// When it was started, in ticks since boot; 0 if /proc is not there.
    pub start_ticks: u64,
    /// 63 bits of the machine's boot id; 0 if /proc is not there.
    pub boot_id: u64,
}

/// Who this process is.
pub(crate) fn process() -> Process {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name, in parentheses, may hold anything; the start is the 20th field after it.
    let ticks = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().nth(19)?.parse().ok());
    let boot_id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    Process {
        pid: std::process::id(),
        start_ticks: ticks.unwrap_or(0),
        boot_id: hexadecimal(&boot_id).0 >> 1,
    }
}

/// 128 random bits from the kernel; zeroes if /proc is not there.
pub(crate) fn random() -> (u64, u64) {
    hexadecimal(&std::fs::read_to_string("/proc/sys/kernel/random/uuid").unwrap_or_default())
}

fn hexadecimal(uuid: &str) -> (u64, u64) {
    let digits: String = uuid.chars().filter(char::is_ascii_hexdigit).collect();
    let half = |range| digits.get(range).and_then(|digits| u64::from_str_radix(digits, 16).ok()).unwrap_or(0);
    (half(0..16), half(16..32))
}

/// This process' effective group.
#[cfg(test)]
pub(crate) fn group() -> u32 {
    // SAFETY: has no preconditions and cannot fail.
    unsafe { libc::getegid() }
}

/// Sends a signal.
#[cfg(test)]
pub(crate) fn signal(pid: u32, signal: c_int) {
    // SAFETY: has no memory preconditions; the callers name processes that the tests started, or themselves.
    unsafe { libc::kill(pid.cast_signed(), signal) };
}

/// Waits until a child has been stopped by a signal.
#[cfg(test)]
pub(crate) fn wait_stopped(pid: u32) {
    let mut status = 0;
    // SAFETY: `status` is a writable int.
    let waited = unsafe { libc::waitpid(pid.cast_signed(), &raw mut status, libc::WUNTRACED) };
    assert!(waited == pid.cast_signed() && libc::WIFSTOPPED(status), "the child is stopped, not ended");
}
