//! Destructors of thread-local objects, `__cxa_thread_atexit_impl`: last registered, first run, before those of keys.
//!
//! The first few lie in the thread's structure, more in pages of their own, so that registering needs no allocator.

use core::ffi::c_void;
use core::ptr;
use core::sync::atomic::Ordering::Relaxed;

use tidal_rt::Errno;
use tidal_rt::block;
use tidal_rt::sys::memory::{self, PAGE, Prot};

use crate::thread::{self, Thread};

/// A destructor's function.
pub type Function = extern "C" fn(*mut c_void);

#[derive(Clone, Copy)]
struct Entry {
    function: Function,
    object: *mut c_void,
}

const INLINE: usize = 8;
const PER_PAGE: usize = (PAGE - 2 * size_of::<usize>()) / size_of::<Entry>();

/// The entries within the thread's structure.
#[repr(C)]
pub struct Inline {
    used: usize,
    entries: [core::mem::MaybeUninit<Entry>; INLINE],
}

/// A page of further entries; the block's `thread_dtors` names the newest.
#[repr(C)]
struct Page {
    older: *mut Page,
    used: usize,
    entries: [core::mem::MaybeUninit<Entry>; PER_PAGE],
}

const _: () = assert!(size_of::<Page>() <= PAGE);

/// Registers a destructor for the end of the running thread.
///
/// # Errors
/// `ENOMEM`.
pub fn register(function: Function, object: *mut c_void) -> Result<(), Errno> {
    let entry = Entry { function, object };
    let me = thread::current();
    let newest = &me.block().runtime.thread_dtors;
    let page = newest.load(Relaxed).cast::<Page>();
    // SAFETY: entries and pages are the running thread's own.
    unsafe {
        let inline = &mut *me.destructors.get();
        if page.is_null() && inline.used < INLINE {
            inline.entries[inline.used].write(entry);
            inline.used += 1;
            return Ok(());
        }
        let page = if page.is_null() || (*page).used == PER_PAGE {
            let fresh = memory::map_anonymous(PAGE, Prot::READ | Prot::WRITE)?.cast::<Page>();
            (*fresh).older = page;
            newest.store(fresh.cast(), Relaxed);
            fresh
        } else {
            page
        };
        (*page).entries[(*page).used].write(entry);
        (*page).used += 1;
    }
    Ok(())
}

fn pop(me: &Thread) -> Option<Entry> {
    let newest = &me.block().runtime.thread_dtors;
    // SAFETY: as in `register`; entries below `used` were written.
    unsafe {
        let page = newest.load(Relaxed).cast::<Page>();
        if let Some(newest_page) = page.as_mut() {
            newest_page.used -= 1;
            let entry = newest_page.entries[newest_page.used].assume_init();
            if newest_page.used == 0 {
                newest.store(newest_page.older.cast(), Relaxed);
                let _ = memory::unmap(page.cast(), PAGE);
            }
            return Some(entry);
        }
        let inline = &mut *me.destructors.get();
        inline.used = inline.used.checked_sub(1)?;
        Some(inline.entries[inline.used].assume_init())
    }
}

/// Runs the running thread's destructors, and those that they register. At the program's end for the thread that ends
/// it, and at each thread's end.
pub fn run() {
    let thread = block::current().runtime.thread.load(Relaxed).cast_const().cast::<Thread>();
    if ptr::eq(thread, ptr::null()) {
        // A thread without a structure has registered nothing.
        return;
    }
    let me = thread::current();
    while let Some(entry) = pop(me) {
        (entry.function)(entry.object);
    }
}
