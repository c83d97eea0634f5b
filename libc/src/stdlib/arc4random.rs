//! `<stdlib.h>`: random numbers that nobody can guess, from the kernel each time.

use core::ffi::c_void;

use tidal_rt::Errno;

/// Fills a buffer with random bytes. Ends the program where the kernel gives none, as OpenBSD and glibc have it: callers
/// cannot check.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn arc4random_buf(buffer: *mut c_void, size: usize) {
    let mut done = 0;
    while done < size {
        // SAFETY: the rest of the caller's buffer.
        match unsafe { tidal_rt::syscall!(__NR_getrandom, buffer.cast::<u8>().add(done), size - done, 0u32) }
        {
            Ok(count) => done += count,
            Err(Errno::EINTR) => {}
            Err(_) => tidal_rt::message::fatal("arc4random: the kernel gives no random bytes"),
        }
    }
}

/// A random number of 32 bits.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn arc4random() -> u32 {
    let mut value = 0u32;
    // SAFETY: the word is live.
    unsafe { arc4random_buf((&raw mut value).cast(), size_of::<u32>()) };
    value
}

/// A random number below a bound, all alike probable; 0 for bounds 0 and 1.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn arc4random_uniform(bound: u32) -> u32 {
    if bound < 2 {
        return 0;
    }
    // The numbers below 2^32 mod bound would make the small results likelier.
    let skip = bound.wrapping_neg() % bound;
    loop {
        let value = arc4random();
        if value >= skip {
            return value % bound;
        }
    }
}
