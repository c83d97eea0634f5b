//! `struct sigevent`, and threads for the functions of `SIGEV_THREAD`: timers and asynchronous input and output have both.

use core::ffi::{c_int, c_void};
use core::ptr;

use linux_raw_sys::general::SIGEV_THREAD_ID;
use tidal_rt::signal::{self, Mask};

use crate::heap;

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

    /// The attributes for the thread of its function: the program's, or the usual ones; detached.
    fn thread_attributes(&self) -> Attributes {
        let mut attributes = [0; 7];
        // SAFETY: the attributes are the program's, or ours to initialise.
        unsafe {
            match self.attributes.as_ref() {
                Some(given) => attributes = *given,
                None => drop(pthread_attr_init(&mut attributes)),
            }
            pthread_attr_setdetachstate(&mut attributes, PTHREAD_CREATE_DETACHED);
        }
        attributes
    }

    /// What its function's thread takes.
    pub(super) fn job(&self) -> Option<ThreadJob> {
        let function = self.function?;
        Some(ThreadJob { function, value: self.value, attributes: self.thread_attributes() })
    }

    /// One that sends a signal with this value to a thread.
    pub(super) fn to_thread(tid: u32, signal: c_int, value: *mut c_void) -> Self {
        SigEvent {
            value,
            signal,
            notify: SIGEV_THREAD_ID as c_int,
            // SAFETY: the kernel reads a TID in the low half of these eight bytes, null is no function.
            function: unsafe { core::mem::transmute::<usize, Option<Function>>(tid as usize) },
            attributes: ptr::null(),
            unused: [0; 4],
        }
    }
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
    if let Some(job) = event.job() {
        job.start();
    }
}

/// A function to be run by a new thread with these attributes.
#[derive(Clone, Copy)]
pub(super) struct ThreadJob {
    function: Function,
    value: *mut c_void,
    attributes: Attributes,
}

impl ThreadJob {
    /// Starts the thread; without memory for one, nothing happens.
    pub(super) fn start(self) {
        let Some(job) = heap::allocate(size_of::<ThreadJob>()) else { return };
        let job = job.cast::<ThreadJob>().as_ptr();
        let mut thread = 0;
        // SAFETY: fresh memory of that size, which the new thread gives back.
        unsafe {
            job.write(self);
            if pthread_create(&mut thread, &self.attributes, start, job.cast()) != 0 {
                heap::release(job);
            }
        }
    }
}

extern "C" fn start(job: *mut c_void) -> *mut c_void {
    // SAFETY: made for this thread alone.
    let ThreadJob { function, value, .. } = unsafe { job.cast::<ThreadJob>().read() };
    // SAFETY: as above.
    unsafe { heap::release(job) };
    // The mask of whoever started it was inherited.
    signal::set_mask(Mask::EMPTY);
    // SAFETY: the program's function.
    unsafe { function(value) };
    ptr::null_mut()
}
