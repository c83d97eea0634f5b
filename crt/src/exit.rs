//! The end of the process: handlers that were registered, `.fini_array`, what stdio holds back, `exit_group`.
//!
//! Handlers lie in blocks of a page, the first of them static, so that registering needs no allocator. Each list is a
//! stack: the last registered runs first, with the lock free, so that a handler may register more or call `exit` again.

use core::cell::UnsafeCell;
use core::ffi::{c_int, c_void};
use core::mem::MaybeUninit;
use core::ptr;
use core::sync::atomic::{AtomicU32, AtomicUsize, Ordering::Relaxed};

use tidal_rt::lock::RawLock;
use tidal_rt::sys::memory::{self, Prot};
use tidal_rt::sys::process;
use tidal_rt::{Errno, identity};

use crate::arrays;

/// A function to call at the end.
#[derive(Clone, Copy)]
pub enum Handler {
    /// `atexit`, `at_quick_exit`.
    Plain(extern "C" fn()),
    /// `__cxa_atexit`: a destructor with its object.
    Object(extern "C" fn(*mut c_void), *mut c_void),
    /// `on_exit`: gets the exit status.
    Status(extern "C" fn(c_int, *mut c_void), *mut c_void),
}

impl Handler {
    /// Apart from the loop, where it would become a table in a page of constants that nobody else needs at the end.
    #[inline(never)]
    fn call(self, status: c_int) {
        match self {
            Handler::Plain(f) => f(),
            Handler::Object(f, object) => f(object),
            Handler::Status(f, object) => f(status, object),
        }
    }
}

/// POSIX asks for 32 (`ATEXIT_MAX`); the first block has room for these without a system call.
const FIRST: usize = 32;
/// Few programs have any of these.
const FIRST_QUICK: usize = 2;
const PER_PAGE: usize = (memory::PAGE - 2 * size_of::<usize>()) / size_of::<Handler>();

#[repr(C)]
struct Block<const N: usize> {
    older: *mut Block<PER_PAGE>,
    used: usize,
    handlers: [MaybeUninit<Handler>; N],
}

struct List<const N: usize> {
    lock: RawLock,
    first: UnsafeCell<Block<N>>,
    /// The newest further block, or null.
    newest: UnsafeCell<*mut Block<PER_PAGE>>,
}

// SAFETY: the cells are used with the lock held.
unsafe impl<const N: usize> Sync for List<N> {}

impl<const N: usize> List<N> {
    const fn new() -> Self {
        let first = Block { older: ptr::null_mut(), used: 0, handlers: [const { MaybeUninit::uninit() }; N] };
        List { lock: RawLock::new(), first: UnsafeCell::new(first), newest: UnsafeCell::new(ptr::null_mut()) }
    }

    fn locked<R>(&self, f: impl FnOnce(&mut Block<N>, &mut *mut Block<PER_PAGE>) -> R) -> R {
        self.lock.lock();
        // SAFETY: the lock is held, so these are the only references.
        let result = unsafe { f(&mut *self.first.get(), &mut *self.newest.get()) };
        // SAFETY: held since above.
        unsafe { self.lock.unlock() };
        result
    }

    fn push(&self, handler: Handler) -> Result<(), Errno> {
        self.locked(|first, newest| {
            if newest.is_null()
                && let Some(place) = first.handlers.get_mut(first.used)
            {
                place.write(handler);
                first.used += 1;
                return Ok(());
            }
            // SAFETY: blocks in the chain are live pages.
            if newest.is_null() || unsafe { (**newest).used } == PER_PAGE {
                let page =
                    memory::map_anonymous(memory::PAGE, Prot::READ | Prot::WRITE)?.cast::<Block<PER_PAGE>>();
                // SAFETY: a fresh zeroed page, as large as the block. Handlers beyond `used` are never read.
                unsafe { (*page).older = *newest };
                *newest = page;
            }
            // SAFETY: a live page with room.
            unsafe {
                let block = *newest;
                (&raw mut (*block).handlers).cast::<Handler>().add((*block).used).write(handler);
                (*block).used += 1;
            }
            Ok(())
        })
    }

    fn pop(&self) -> Option<Handler> {
        self.locked(|first, newest| {
            while !newest.is_null() {
                // SAFETY: a live page; entries below `used` were written. Emptied pages stay for the process's end.
                unsafe {
                    let block = *newest;
                    if (*block).used > 0 {
                        (*block).used -= 1;
                        return Some((*block).handlers.get((*block).used)?.assume_init());
                    }
                    *newest = (*block).older;
                }
            }
            first.used = first.used.checked_sub(1)?;
            // SAFETY: handlers below the old `used` were written.
            Some(unsafe { first.handlers.get(first.used)?.assume_init() })
        })
    }

    fn run(&self, status: c_int) {
        while let Some(handler) = self.pop() {
            handler.call(status);
        }
    }
}

const _: () = assert!(size_of::<Block<PER_PAGE>>() <= memory::PAGE);

static AT_EXIT: List<FIRST> = List::new();
static AT_QUICK_EXIT: List<FIRST_QUICK> = List::new();

/// Registers a function for [`exit`].
///
/// # Errors
/// `ENOMEM`.
pub fn at_exit(handler: Handler) -> Result<(), Errno> {
    AT_EXIT.push(handler)
}

/// Registers a function for [`quick_exit`].
///
/// # Errors
/// `ENOMEM`.
pub fn at_quick_exit(handler: Handler) -> Result<(), Errno> {
    AT_QUICK_EXIT.push(handler)
}

/// Functions of the crates above, 0 or an `extern "C" fn()`: set by whoever first has something to do at the end, so
/// that a program which never does links none of it.
static BEFORE_HANDLERS: AtomicUsize = AtomicUsize::new(0);
static AFTER_FINI: AtomicUsize = AtomicUsize::new(0);

/// Sets what runs before all handlers: the destructors of the calling thread's thread-local objects.
pub fn set_before_handlers(f: extern "C" fn()) {
    BEFORE_HANDLERS.store(f as usize, Relaxed);
}

/// Sets what runs last: stdio's flush.
pub fn set_after_fini(f: extern "C" fn()) {
    AFTER_FINI.store(f as usize, Relaxed);
}

fn run_hook(hook: &AtomicUsize) {
    let f = hook.load(Relaxed);
    if f != 0 {
        // SAFETY: the setters store nothing but functions of this type.
        let f: extern "C" fn() = unsafe { core::mem::transmute(f) };
        f();
    }
}

/// `lock_id` of the thread that is ending the process; 0 while none is.
static EXITING: AtomicU32 = AtomicU32::new(0);

/// Ends the process normally. A handler may call it again: the rest of the handlers then runs with the new status.
/// Another thread that calls it meanwhile waits for the end.
pub fn exit(status: c_int) -> ! {
    let me = identity::lock_id();
    if let Err(other) = EXITING.compare_exchange(0, me, Relaxed, Relaxed)
        && other != me
    {
        wait_for_the_end();
    }
    run_hook(&BEFORE_HANDLERS);
    AT_EXIT.run(status);
    arrays::run_fini();
    run_hook(&AFTER_FINI);
    process::exit_group(status)
}

fn wait_for_the_end() -> ! {
    loop {
        // SAFETY: no pointers.
        let _ = unsafe { tidal_rt::syscall!(__NR_pause) };
    }
}

/// Runs the [`at_quick_exit`] handlers and ends the process.
pub fn quick_exit(status: c_int) -> ! {
    AT_QUICK_EXIT.run(status);
    process::exit_group(status)
}
