//! Timers with `SIGEV_THREAD`: their records, and the helper thread that the kernel tells of each expiry.

use core::ffi::{c_int, c_void};
use core::ptr;
use core::sync::atomic::{
    AtomicU32, AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};

use linux_raw_sys::general::{SI_TIMER, siginfo_t};
use tidal_rt::futex::{self, Scope};
use tidal_rt::lock::RawLock;
use tidal_rt::signal::{self, Mask};
use tidal_rt::{Errno, identity};

use super::create_in_kernel;
use super::event::{SigEvent, ThreadJob, start_detached};
use crate::heap;

/// The signal of the runtime that timers send to the helper; it is cancellation's as well, which the helper never gets.
const SIGTIMER: c_int = 32;

/// A timer with `SIGEV_THREAD`.
pub(super) struct Record {
    next: *mut Record,
    /// The kernel's number of it.
    pub(super) number: c_int,
    job: Option<ThreadJob>,
}

/// The records of all such timers.
struct List(core::cell::UnsafeCell<*mut Record>);

// SAFETY: only touched with `LOCK` held.
unsafe impl Sync for List {}

static RECORDS: List = List(core::cell::UnsafeCell::new(ptr::null_mut()));
static LOCK: RawLock = RawLock::new();
/// The helper's TID in the low half, in the high half the process it runs in: a fork child has no helper.
static HELPER: AtomicU64 = AtomicU64::new(0);
static HELPER_STARTED: AtomicU32 = AtomicU32::new(0);

fn locked<R>(f: impl FnOnce(&mut *mut Record) -> R) -> R {
    LOCK.lock();
    // SAFETY: the lock is held.
    let result = f(unsafe { &mut *RECORDS.0.get() });
    // SAFETY: taken above.
    unsafe { LOCK.unlock() };
    result
}

/// Makes a timer whose function a new thread runs each time.
pub(super) fn create(clock: c_int, event: &SigEvent) -> Result<*mut Record, Errno> {
    let helper = helper()?;
    let record = heap::allocate(size_of::<Record>()).ok_or(Errno::ENOMEM)?.cast::<Record>().as_ptr();
    let fresh = Record { next: ptr::null_mut(), number: -1, job: event.job() };
    // SAFETY: fresh memory of that size.
    unsafe { record.write(fresh) };
    let to_helper = SigEvent::to_thread(helper, SIGTIMER, record.cast());
    match create_in_kernel(clock, &to_helper) {
        Ok(number) => {
            locked(|first| {
                // SAFETY: ours until it is in the list.
                unsafe {
                    (*record).number = number;
                    (*record).next = *first;
                }
                *first = record;
            });
            Ok(record)
        }
        Err(e) => {
            // SAFETY: allocated above; nobody else has it.
            unsafe { heap::release(record) };
            Err(e)
        }
    }
}

/// Ends a record, whose timer has been deleted.
pub(super) fn remove(record: *mut Record) {
    locked(|first| {
        let mut link = ptr::from_mut(first);
        // SAFETY: links lead through live records.
        unsafe {
            while !(*link).is_null() && *link != record {
                link = &raw mut (**link).next;
            }
            if !(*link).is_null() {
                *link = (*record).next;
            }
        }
    });
    // SAFETY: out of the list, so nobody else has it.
    unsafe { heap::release(record) };
}

/// The helper's TID; starts it where there is none.
fn helper() -> Result<u32, Errno> {
    let pid = tidal_rt::sys::process::getpid();
    let known = HELPER.load(Acquire);
    if (known >> 32) as u32 == pid {
        return Ok(known as u32);
    }
    locked(|_| {
        let known = HELPER.load(Acquire);
        if (known >> 32) as u32 == pid {
            return Ok(known as u32);
        }
        HELPER_STARTED.store(0, Relaxed);
        // The helper must not run any of the program's handlers.
        let mask = signal::block_all();
        let started = start_detached(help, ptr::null_mut());
        signal::set_mask(mask);
        if !started {
            return Err(Errno::EAGAIN);
        }
        while HELPER_STARTED.load(Acquire) == 0 {
            let _ = futex::wait(&HELPER_STARTED, 0, Scope::Private);
        }
        let tid = HELPER_STARTED.load(Acquire);
        HELPER.store(u64::from(pid) << 32 | u64::from(tid), Release);
        Ok(tid)
    })
}

extern "C" fn help(_argument: *mut c_void) -> *mut c_void {
    // A new thread lets the runtime's own signals through.
    signal::set_mask(Mask::ALL);
    HELPER_STARTED.store(identity::tid(), Release);
    futex::wake(&raw const HELPER_STARTED, 1, Scope::Private);
    let set = Mask::of(SIGTIMER);
    loop {
        // SAFETY: all zeros is a valid value.
        let mut info: siginfo_t = unsafe { core::mem::zeroed() };
        // SAFETY: set and information are live.
        let got = unsafe {
            tidal_rt::syscall!(__NR_rt_sigtimedwait, &raw const set, &raw mut info, 0usize, Mask::SIZE)
        };
        // SAFETY: the kernel filled the information of a timer's signal.
        let (code, number, record) = unsafe {
            let fields = &info.__bindgen_anon_1.__bindgen_anon_1;
            let timer = fields._sifields._timer;
            (fields.si_code, timer._tid, timer._sigval.sival_ptr.cast::<Record>())
        };
        if got.is_ok() && code == SI_TIMER {
            run(record, number);
        }
    }
}

/// Starts a thread for a record, if that is still there and the timer's.
fn run(record: *mut Record, number: c_int) {
    let found = locked(|first| {
        let mut at = *first;
        while !at.is_null() && at != record {
            // SAFETY: records in the list are live.
            at = unsafe { (*at).next };
        }
        // SAFETY: as above.
        unsafe { at.as_ref() }.filter(|r| r.number == number).and_then(|r| r.job)
    });
    if let Some(job) = found {
        job.start();
    }
}
