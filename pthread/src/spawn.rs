//! Threads for Rust programs: [`Builder`], [`spawn`], [`JoinHandle`].
//!
//! No allocator is needed: the closure, and later its result, lie in pages of their own until thread and handle have both
//! left them. A panic does not unwind here; it ends the process. What a cancelled thread without a handle had stays.

use core::ffi::{CStr, c_void};
use core::mem::{self, MaybeUninit};
use core::ptr;
use core::sync::atomic::{
    AtomicU32,
    Ordering::{AcqRel, Acquire},
};

use tidal_rt::Errno;
use tidal_rt::sys::memory::{self, PAGE, Prot};

use crate::attributes::Attributes;
use crate::thread::Entry;
use crate::{create, join, name};

/// How a thread is to be made.
#[derive(Clone, Copy, Default)]
pub struct Builder<'a> {
    stack_size: Option<usize>,
    guard: Option<usize>,
    name: Option<&'a CStr>,
}

impl<'a> Builder<'a> {
    /// A thread as any other.
    pub const fn new() -> Self {
        Builder { stack_size: None, guard: None, name: None }
    }

    /// Size of the stack in bytes.
    pub const fn stack_size(mut self, bytes: usize) -> Self {
        self.stack_size = Some(bytes);
        self
    }

    /// Size of the guard below the stack in bytes.
    pub const fn guard_size(mut self, bytes: usize) -> Self {
        self.guard = Some(bytes);
        self
    }

    /// The thread's name, up to 15 bytes.
    pub const fn name(mut self, name: &'a CStr) -> Self {
        self.name = Some(name);
        self
    }

    /// Runs `f` in a new thread.
    ///
    /// # Errors
    /// `EAGAIN` (memory, number of threads), `EINVAL` (stack size), `ERANGE` (name).
    pub fn spawn<F, T>(self, f: F) -> Result<JoinHandle<T>, Errno>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        if self.name.is_some_and(|n| n.count_bytes() >= name::SIZE) {
            return Err(Errno::ERANGE);
        }
        let mut attributes = Attributes::new();
        if let Some(bytes) = self.stack_size {
            attributes.set_stack_size(bytes)?;
        }
        if let Some(bytes) = self.guard {
            attributes.set_guard(bytes);
        }
        let packet = Packet::<F>::new::<T>(f)?;
        let handle =
            match create::create(Some(&attributes), Entry::Pointer(run::<F, T>), packet.cast::<c_void>()) {
                Ok(handle) => handle,
                Err(e) => {
                    // SAFETY: no thread was made, so the closure is still there and the packet ours.
                    unsafe { Packet::discard(packet) };
                    return Err(e);
                }
            };
        if let Some(name) = self.name {
            // A name is for people: a thread without is better than none.
            let _ = name::set(handle, name);
        }
        Ok(JoinHandle { handle, outcome: packet.cast() })
    }
}

/// Runs `f` in a new thread.
///
/// # Errors
/// As [`Builder::spawn`].
pub fn spawn<F, T>(f: F) -> Result<JoinHandle<T>, Errno>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    Builder::new().spawn(f)
}

/// A thread that can be joined; dropping the handle detaches it.
pub struct JoinHandle<T> {
    handle: usize,
    outcome: *mut Outcome<T>,
}

// SAFETY: the handle may join from any thread, and gets a `T` that was sent to it.
unsafe impl<T: Send> Send for JoinHandle<T> {}
// SAFETY: a shared handle gives its number alone.
unsafe impl<T: Send> Sync for JoinHandle<T> {}

impl<T> JoinHandle<T> {
    /// The thread's C handle, `pthread_t`.
    pub fn handle(&self) -> usize {
        self.handle
    }

    /// Waits for the thread's end; `None` if it ended without a result, by `pthread_exit` or cancelled.
    ///
    /// # Errors
    /// `EDEADLK` if it is the caller itself, or waits for it.
    pub fn join(self) -> Result<Option<T>, Errno> {
        join::join(self.handle, None)?;
        let outcome = self.outcome;
        mem::forget(self);
        // SAFETY: the thread is gone, and the pages are ours alone.
        unsafe {
            let value = ((*outcome).header.state.load(Acquire) == FINISHED)
                .then(|| (*outcome).value.assume_init_read());
            Header::unmap(outcome.cast());
            Ok(value)
        }
    }
}

impl<T> Drop for JoinHandle<T> {
    fn drop(&mut self) {
        let _ = join::detach(self.handle);
        // SAFETY: the packet is there: its thread leaves it to us unless it finds that we have left it to the thread.
        unsafe { Outcome::leave(self.outcome, DROPPED, FINISHED) };
    }
}

/// The thread runs, and its handle exists.
const BOTH: u32 = 0;
/// The thread has left its result.
const FINISHED: u32 = 1;
/// The handle is gone.
const DROPPED: u32 = 2;

/// What all packets begin with. Thread and handle each leave it once; who comes second gives the pages back.
#[repr(C)]
struct Header {
    state: AtomicU32,
    pages: usize,
}

impl Header {
    /// # Safety
    /// The packet is the caller's alone.
    unsafe fn unmap(packet: *mut Header) {
        // SAFETY: by the caller's contract.
        let _ = unsafe { memory::unmap(packet.cast(), (*packet).pages) };
    }
}

/// What a thread begins with.
#[repr(C)]
struct Packet<F> {
    header: Header,
    closure: F,
}

/// What it leaves, in the same pages.
#[repr(C)]
struct Outcome<T> {
    header: Header,
    value: MaybeUninit<T>,
}

impl<F> Packet<F> {
    fn new<T>(closure: F) -> Result<*mut Self, Errno> {
        const { assert!(align_of::<Packet<F>>() <= PAGE && align_of::<Outcome<T>>() <= PAGE) };
        let pages = size_of::<Packet<F>>().max(size_of::<Outcome<T>>()).next_multiple_of(PAGE);
        let packet = memory::map_anonymous(pages, Prot::READ | Prot::WRITE)?.cast::<Self>();
        let header = Header { state: AtomicU32::new(BOTH), pages };
        // SAFETY: fresh pages of that size.
        unsafe { packet.write(Packet { header, closure }) };
        Ok(packet)
    }

    /// # Safety
    /// The closure is still there, and nobody else knows the packet.
    unsafe fn discard(packet: *mut Self) {
        // SAFETY: by the caller's contract.
        unsafe {
            ptr::drop_in_place(&raw mut (*packet).closure);
            Header::unmap(packet.cast());
        }
    }
}

impl<T> Outcome<T> {
    /// Thread or handle is done with the packet, which a thread has filled in before it is `FINISHED`.
    ///
    /// # Safety
    /// The packet exists, and the caller has not left it before.
    unsafe fn leave(outcome: *mut Self, mine: u32, others: u32) {
        // SAFETY: by the caller's contract; if the other has left it too, it is ours alone, and the value is there.
        unsafe {
            if (*outcome).header.state.swap(mine, AcqRel) == others {
                (*outcome).value.assume_init_drop();
                Header::unmap(outcome.cast());
            }
        }
    }
}

extern "C" fn run<F, T>(packet: *mut c_void) -> *mut c_void
where
    F: FnOnce() -> T,
{
    let (packet, outcome) = (packet.cast::<Packet<F>>(), packet.cast::<Outcome<T>>());
    // SAFETY: `Builder::spawn` wrote the closure, which is taken out once; then its place is free for the value.
    unsafe {
        let closure = ptr::read(&raw const (*packet).closure);
        let value = closure();
        (*outcome).value.write(value);
        Outcome::leave(outcome, FINISHED, DROPPED);
    }
    ptr::null_mut()
}
