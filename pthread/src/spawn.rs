//! Threads for Rust programs: [`Builder`], [`spawn`], [`JoinHandle`].
//!
//! No allocator is needed: the closure, and later its result, lie in the new thread's mapping until it is joined. A
//! panic does not unwind here; it ends the process.

use core::ffi::{CStr, c_void};
use core::marker::PhantomData;
use core::mem::{self, MaybeUninit};
use core::ptr;

use tidal_rt::Errno;
use tidal_rt::sys::memory::{self, PAGE, Prot};

use crate::attributes::Attributes;
use crate::thread::{self, Entry};
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
        let packet = Packet::<F, T>::new(f)?;
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
        Ok(JoinHandle { handle, result: PhantomData })
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
    result: PhantomData<T>,
}

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
        let result = join::join(self.handle, None)?.cast::<Outcome<T>>();
        mem::forget(self);
        if result.is_null() || result.cast() == crate::cancel::CANCELED {
            return Ok(None);
        }
        // SAFETY: `run` left a result there, in pages that are ours now.
        unsafe {
            let outcome = result.read();
            let _ = memory::unmap(result.cast(), outcome.pages);
            Ok(Some(outcome.value))
        }
    }
}

impl<T> Drop for JoinHandle<T> {
    fn drop(&mut self) {
        // A thread that has ended just before keeps its result's pages for ever.
        let _ = join::detach(self.handle);
    }
}

/// What a thread leaves.
struct Outcome<T> {
    pages: usize,
    value: T,
}

/// What a thread begins with and, in the same pages, what it leaves.
union Packet<F, T> {
    closure: mem::ManuallyDrop<(usize, F)>,
    _outcome: mem::ManuallyDrop<MaybeUninit<Outcome<T>>>,
}

impl<F, T> Packet<F, T> {
    const PAGES: usize = size_of::<Self>().next_multiple_of(PAGE);

    fn new(f: F) -> Result<*mut Self, Errno> {
        const { assert!(align_of::<Self>() <= PAGE) };
        let packet = memory::map_anonymous(Self::PAGES, Prot::READ | Prot::WRITE)?.cast::<Self>();
        // SAFETY: fresh pages of that size.
        unsafe { packet.write(Packet { closure: mem::ManuallyDrop::new((Self::PAGES, f)) }) };
        Ok(packet)
    }

    /// # Safety
    /// The closure is still there, and nobody else knows the packet.
    unsafe fn discard(packet: *mut Self) {
        // SAFETY: by the caller's contract.
        unsafe {
            mem::ManuallyDrop::drop(&mut (*packet).closure);
            let _ = memory::unmap(packet.cast(), Self::PAGES);
        }
    }
}

extern "C" fn run<F, T>(packet: *mut c_void) -> *mut c_void
where
    F: FnOnce() -> T,
{
    let packet = packet.cast::<Packet<F, T>>();
    // SAFETY: `Builder::spawn` wrote the closure, which is taken out once.
    let (pages, f) = mem::ManuallyDrop::into_inner(unsafe { ptr::read(&raw const (*packet).closure) });
    let value = f();
    if thread::current().join.is_detached() {
        drop(value);
        // SAFETY: nobody will look at it any more.
        let _ = unsafe { memory::unmap(packet.cast(), pages) };
        return ptr::null_mut();
    }
    // SAFETY: the closure is gone; the pages are large enough for the outcome.
    unsafe { packet.cast::<Outcome<T>>().write(Outcome { pages, value }) };
    packet.cast()
}
