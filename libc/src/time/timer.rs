//! `<time.h>`: timers of a process.
//!
//! The kernel numbers timers from 0, and a `timer_t` is that number. A timer with `SIGEV_THREAD` has a record beside it,
//! and its `timer_t` is the record's address with the top bit set, which no number and no user address has.
//!
//! ```text
//!   kernel ──SIGTIMER to the helper, record's address──▶ helper thread ──▶ a new thread runs the function
//! ```
//!
//! The helper takes the signal by `rt_sigtimedwait` and never handles it. A signal of a timer that has been deleted
//! meanwhile names a record that is not in the list any more, and is dropped.

use core::ffi::{c_int, c_void};
use core::ptr;
use core::sync::atomic::{
    AtomicU32, AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};

use linux_raw_sys::general::{SI_TIMER, SIGEV_THREAD, SIGEV_THREAD_ID, itimerspec, siginfo_t};
use tidal_rt::futex::{self, Scope};
use tidal_rt::lock::RawLock;
use tidal_rt::signal::{self, Mask};
use tidal_rt::{Errno, identity};

use crate::errno::zero_or_errno;
use crate::heap;
use crate::macros::returned;

/// `pthread_attr_t`, which is 56 bytes.
type Attributes = [u64; 7];
type Function = unsafe extern "C" fn(*mut c_void);

unsafe extern "C" {
    fn pthread_create(
        thread: *mut usize,
        attributes: *const Attributes,
        start: extern "C" fn(*mut c_void) -> *mut c_void,
        argument: *mut c_void,
    ) -> c_int;
    fn pthread_attr_init(attributes: *mut Attributes) -> c_int;
    fn pthread_attr_setdetachstate(attributes: *mut Attributes, state: c_int) -> c_int;
}

const PTHREAD_CREATE_DETACHED: c_int = 1;

/// The signal of the runtime that timers send to the helper; it is cancellation's as well, which the helper never gets.
const SIGTIMER: c_int = 32;

/// `struct sigevent`.
#[repr(C)]
pub struct SigEvent {
    value: *mut c_void,
    signal: c_int,
    notify: c_int,
    /// The function of `SIGEV_THREAD`, or the TID of `SIGEV_THREAD_ID`.
    function: Option<Function>,
    attributes: *const Attributes,
    unused: [u64; 4],
}

const _: () = assert!(size_of::<SigEvent>() == 64);

impl SigEvent {
    /// `sigev_notify`.
    pub(crate) fn notify(&self) -> c_int {
        self.notify
    }

    /// `sigev_signo`.
    pub(crate) fn signal(&self) -> c_int {
        self.signal
    }

    /// `sigev_value`.
    pub(crate) fn value(&self) -> *mut c_void {
        self.value
    }
}

/// A timer with `SIGEV_THREAD`.
struct Record {
    next: *mut Record,
    number: c_int,
    function: Option<Function>,
    value: *mut c_void,
    attributes: Attributes,
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

const TAG: usize = 1 << 63;

fn tagged(record: *mut Record) -> usize {
    record as usize | TAG
}

fn record_of(timer: usize) -> Option<*mut Record> {
    (timer & TAG != 0).then(|| ptr::with_exposed_provenance_mut(timer & !TAG))
}

/// The kernel's number of a timer.
fn number(timer: usize) -> c_int {
    match record_of(timer) {
        // SAFETY: the record of a timer that has not been deleted, by contract.
        Some(record) => unsafe { (*record).number },
        None => timer as c_int,
    }
}

/// Makes a timer; with a null event it sends SIGALRM.
///
/// # Errors
/// `EAGAIN`, `EINVAL`, `ENOMEM`, `ENOTSUP`.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn timer_create(clock: c_int, event: *mut SigEvent, timer: *mut usize) -> c_int {
    // SAFETY: the caller's structure, or null.
    let event = unsafe { event.as_ref() };
    let made = match event {
        Some(event) if event.notify == SIGEV_THREAD as c_int => create_with_thread(clock, event),
        _ => create_in_kernel(clock, event.map_or(ptr::null(), ptr::from_ref)).map(|number| number as usize),
    };
    zero_or_errno(made.map(|made| {
        // SAFETY: the caller's word.
        unsafe { timer.write(made) };
    }))
}

fn create_in_kernel(clock: c_int, event: *const SigEvent) -> Result<c_int, Errno> {
    let mut number: c_int = 0;
    // SAFETY: event and number are live; the event is as the kernel has it.
    unsafe { tidal_rt::syscall!(__NR_timer_create, clock, event, &raw mut number) }?;
    Ok(number)
}

fn create_with_thread(clock: c_int, event: &SigEvent) -> Result<usize, Errno> {
    let helper = helper()?;
    let mut attributes = [0; 7];
    // SAFETY: the attributes are the caller's, or ours to initialise; a copy of them is detached.
    unsafe {
        match event.attributes.as_ref() {
            Some(given) => attributes = *given,
            None => drop(pthread_attr_init(&mut attributes)),
        }
        pthread_attr_setdetachstate(&mut attributes, PTHREAD_CREATE_DETACHED);
    }
    let record = heap::allocate(size_of::<Record>()).ok_or(Errno::ENOMEM)?.cast::<Record>().as_ptr();
    let fresh = Record {
        next: ptr::null_mut(),
        number: -1,
        function: event.function,
        value: event.value,
        attributes,
    };
    // SAFETY: fresh memory of that size.
    unsafe { record.write(fresh) };
    let to_helper = SigEvent {
        value: record.cast(),
        signal: SIGTIMER,
        notify: SIGEV_THREAD_ID as c_int,
        // SAFETY: the kernel reads a TID in the low half of these eight bytes, null is no function.
        function: unsafe { core::mem::transmute::<usize, Option<Function>>(helper as usize) },
        attributes: ptr::null(),
        unused: [0; 4],
    };
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
            Ok(tagged(record))
        }
        Err(e) => {
            // SAFETY: allocated above; nobody else has it.
            unsafe { heap::release(record) };
            Err(e)
        }
    }
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

/// Starts a thread of the usual attributes that nobody joins; whether there is one.
pub(crate) fn start_detached(
    start: extern "C" fn(*mut c_void) -> *mut c_void,
    argument: *mut c_void,
) -> bool {
    let mut attributes = [0; 7];
    let mut thread = 0;
    // SAFETY: attributes and thread are live.
    unsafe {
        pthread_attr_init(&mut attributes);
        pthread_attr_setdetachstate(&mut attributes, PTHREAD_CREATE_DETACHED);
        pthread_create(&mut thread, &attributes, start, argument) == 0
    }
}

/// Runs the function of a `SIGEV_THREAD` event in a new thread.
pub(crate) fn start_function(event: &SigEvent) {
    let mut attributes = [0; 7];
    // SAFETY: the program's attributes, or ours to initialise; a copy of them is detached.
    unsafe {
        match event.attributes.as_ref() {
            Some(given) => attributes = *given,
            None => drop(pthread_attr_init(&mut attributes)),
        }
        pthread_attr_setdetachstate(&mut attributes, PTHREAD_CREATE_DETACHED);
    }
    if let Some(function) = event.function {
        start_job(function, event.value, &attributes);
    }
}

/// What a new thread is to do.
struct Job {
    function: Function,
    value: *mut c_void,
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
        let (code, record) = unsafe {
            let fields = &info.__bindgen_anon_1.__bindgen_anon_1;
            (fields.si_code, fields._sifields._timer._sigval.sival_ptr.cast::<Record>())
        };
        if got.is_ok() && code == SI_TIMER {
            run(record);
        }
    }
}

/// Starts a thread for a record, if that is still there.
fn run(record: *mut Record) {
    let found = locked(|first| {
        let mut at = *first;
        while !at.is_null() && at != record {
            // SAFETY: records in the list are live.
            at = unsafe { (*at).next };
        }
        // SAFETY: as above.
        unsafe { at.as_ref() }.map(|r| (r.function, r.value, r.attributes))
    });
    if let Some((Some(function), value, attributes)) = found {
        start_job(function, value, &attributes);
    }
}

fn start_job(function: Function, value: *mut c_void, attributes: &Attributes) {
    let Some(job) = heap::allocate(size_of::<Job>()) else { return };
    let job = job.cast::<Job>().as_ptr();
    let mut thread = 0;
    // SAFETY: fresh memory of that size, which the new thread gives back.
    unsafe {
        job.write(Job { function, value });
        if pthread_create(&mut thread, attributes, start, job.cast()) != 0 {
            heap::release(job);
        }
    }
}

extern "C" fn start(job: *mut c_void) -> *mut c_void {
    // SAFETY: `run` made it for this thread alone.
    let Job { function, value } = unsafe { job.cast::<Job>().read() };
    // SAFETY: as above.
    unsafe { heap::release(job) };
    // The helper's mask was inherited.
    signal::set_mask(Mask::EMPTY);
    // SAFETY: the program's function.
    unsafe { function(value) };
    ptr::null_mut()
}

/// Deletes a timer.
///
/// # Errors
/// `EINVAL`.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn timer_delete(timer: usize) -> c_int {
    // SAFETY: no pointers.
    let result = unsafe { tidal_rt::syscall!(__NR_timer_delete, number(timer)) };
    if result.is_ok()
        && let Some(record) = record_of(timer)
    {
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
    returned(result)
}

/// Arms or disarms a timer.
///
/// # Errors
/// `EINVAL`, `EFAULT`.
///
/// Signal-safe: yes. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn timer_settime(
    timer: usize,
    flags: c_int,
    new: *const itimerspec,
    old: *mut itimerspec,
) -> c_int {
    // SAFETY: the caller's structures.
    returned(unsafe { tidal_rt::syscall!(__NR_timer_settime, number(timer), flags, new, old) })
}

/// What is left of a timer's time.
///
/// # Errors
/// `EINVAL`, `EFAULT`.
///
/// Signal-safe: yes. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn timer_gettime(timer: usize, now: *mut itimerspec) -> c_int {
    // SAFETY: the caller's structure.
    returned(unsafe { tidal_rt::syscall!(__NR_timer_gettime, number(timer), now) })
}

/// How often a timer has expired since its last signal was made.
///
/// # Errors
/// `EINVAL`.
///
/// Signal-safe: yes. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn timer_getoverrun(timer: usize) -> c_int {
    // SAFETY: no pointers.
    returned(unsafe { tidal_rt::syscall!(__NR_timer_getoverrun, number(timer)) })
}
