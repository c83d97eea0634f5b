//! What the program was started with, and whether it has had more than one thread.
//!
//! Words that every start writes are in `.data`, here and in the other modules that have such, though they begin as zeros:
//! its page is written to in any case, and large tables of other crates lie between the rest of the zeros.

use crate::start_text;
use core::ffi::{c_char, c_int};
use core::sync::atomic::{AtomicI32, AtomicPtr, AtomicU8, Ordering::Relaxed};

#[unsafe(link_section = ".data.tidal_start")]
static ARGC: AtomicI32 = AtomicI32::new(0);
#[unsafe(link_section = ".data.tidal_start")]
static ARGV: AtomicPtr<*mut c_char> = AtomicPtr::new(core::ptr::null_mut());

/// C's `environ`: the symbol of that name is this very word.
#[unsafe(link_section = ".data.tidal_start")]
pub static ENVIRON: AtomicPtr<*mut c_char> = AtomicPtr::new(core::ptr::null_mut());

/// The program's name as it was called; glibc's `program_invocation_name` is this very word.
pub static PROGRAM: AtomicPtr<c_char> = AtomicPtr::new(start_text!("").as_ptr().cast_mut());

/// The last component of [`PROGRAM`]; glibc's `program_invocation_short_name` is this very word.
pub static PROGRAM_SHORT: AtomicPtr<c_char> = AtomicPtr::new(start_text!("").as_ptr().cast_mut());

/// 1 while the process has never had a second thread; glibc's `__libc_single_threaded` is this very byte.
pub static SINGLE_THREADED: AtomicU8 = AtomicU8::new(1);

/// Remembers the arguments and the environment. Called once, at start.
///
/// # Safety
/// Both arrays end with a null pointer and stay for the life of the process.
pub unsafe fn init(argc: c_int, argv: *mut *mut c_char, envp: *mut *mut c_char) {
    ARGC.store(argc, Relaxed);
    ARGV.store(argv, Relaxed);
    ENVIRON.store(envp, Relaxed);
    // SAFETY: by the caller's contract the array has at least its final null pointer, and its strings end with NUL.
    unsafe { init_program(*argv) };
}

/// # Safety
/// `name` is null or a C string that stays.
unsafe fn init_program(name: *mut c_char) {
    if name.is_null() {
        return;
    }
    PROGRAM.store(name, Relaxed);
    let (mut at, mut short) = (name, name);
    // SAFETY: stops at the NUL.
    while unsafe { *at } != 0 {
        // SAFETY: the NUL at the latest.
        let next = unsafe { at.add(1) };
        // SAFETY: inside the string.
        if unsafe { *at } as u8 == b'/' {
            short = next;
        }
        at = next;
    }
    PROGRAM_SHORT.store(short, Relaxed);
}

/// The number of arguments.
pub fn argc() -> c_int {
    ARGC.load(Relaxed)
}

/// The arguments as the kernel laid them out.
pub fn argv() -> *mut *mut c_char {
    ARGV.load(Relaxed)
}

/// Whether the process has never had a second thread, so that plain stores do for its locks.
#[inline(always)]
pub fn is_single_threaded() -> bool {
    SINGLE_THREADED.load(Relaxed) != 0
}

/// The process is about to have a second thread. Called before it exists.
pub fn set_multi_threaded() {
    SINGLE_THREADED.store(0, Relaxed);
}
