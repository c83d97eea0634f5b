//! `<execinfo.h>`: the calls that led here, by the compiler's unwinder.
//!
//! A static program has no table of symbols in memory: functions are named by their address alone, which `addr2line`
//! takes.

use core::ffi::{c_char, c_int, c_void};
use core::ptr;
use core::sync::atomic::Ordering::Relaxed;

use tidal_rt::startup::PROGRAM;

use crate::heap;

/// `_URC_NO_REASON` and `_URC_END_OF_STACK` of the Itanium C++ ABI.
const GO_ON: c_int = 0;
const STOP: c_int = 5;

unsafe extern "C" {
    fn _Unwind_Backtrace(
        step: extern "C" fn(*mut c_void, *mut c_void) -> c_int,
        argument: *mut c_void,
    ) -> c_int;
    fn _Unwind_GetIP(context: *mut c_void) -> usize;
}

struct Frames {
    array: *mut *mut c_void,
    room: usize,
    /// Frames found; -1 while the caller of the unwinder is still to come.
    count: isize,
}

extern "C" fn step(context: *mut c_void, argument: *mut c_void) -> c_int {
    // SAFETY: `backtrace` passes its frames.
    let frames = unsafe { &mut *argument.cast::<Frames>() };
    if frames.count >= frames.room as isize {
        return STOP;
    }
    if frames.count >= 0 {
        // SAFETY: the context is the unwinder's; the array has room.
        unsafe {
            let address = _Unwind_GetIP(context);
            if address == 0 {
                return STOP;
            }
            frames.array.offset(frames.count).write(ptr::without_provenance_mut(address));
        }
    }
    frames.count += 1;
    GO_ON
}

/// The return addresses of the calls that led here, innermost first; how many.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backtrace(array: *mut *mut c_void, size: c_int) -> c_int {
    let mut frames = Frames { array, room: size.max(0) as usize, count: -1 };
    if frames.room == 0 {
        return 0;
    }
    // SAFETY: the frames are live.
    unsafe { _Unwind_Backtrace(step, (&raw mut frames).cast()) };
    frames.count.max(0) as c_int
}

/// `program [0x…]` and a NUL.
fn describe(address: usize, line: &mut [u8; 320]) -> &[u8] {
    // SAFETY: a C string that stays.
    let program = unsafe { core::ffi::CStr::from_ptr(PROGRAM.load(Relaxed)) }.to_bytes();
    let program = &program[..program.len().min(256)];
    let mut digits = [0; 18];
    let digits = tidal_rt::message::hex(address as u64, &mut digits);
    crate::text::concatenate(line, &[program, b" [", digits, b"]"])
}

/// Descriptions of return addresses: an array from `malloc` with the strings behind it.
///
/// # Errors
/// Null, without memory.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backtrace_symbols(array: *const *mut c_void, size: c_int) -> *mut *mut c_char {
    let count = size.max(0) as usize;
    let mut line = [0; 320];
    // SAFETY: the caller's array.
    let addresses = unsafe { core::slice::from_raw_parts(array, count) };
    let texts: usize = addresses.iter().map(|&a| describe(a as usize, &mut line).len()).sum();
    let table = size_of_val(addresses);
    let Some(memory) = heap::allocate(table + texts) else { return ptr::null_mut() };
    let names = memory.cast::<*mut c_char>().as_ptr();
    let mut text = memory.cast::<c_char>().as_ptr().wrapping_add(table);
    for (i, &address) in addresses.iter().enumerate() {
        let description = describe(address as usize, &mut line);
        // SAFETY: the memory has room for all pointers and texts.
        unsafe {
            names.add(i).write(text);
            ptr::copy_nonoverlapping(description.as_ptr().cast(), text, description.len());
            text = text.add(description.len());
        }
    }
    names
}

/// Writes descriptions of return addresses, a line each.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backtrace_symbols_fd(array: *const *mut c_void, size: c_int, fd: c_int) {
    // SAFETY: the caller's array.
    let addresses = unsafe { core::slice::from_raw_parts(array, size.max(0) as usize) };
    for &address in addresses {
        let mut line = [0; 320];
        let length = describe(address as usize, &mut line).len();
        line[length - 1] = b'\n';
        // SAFETY: the line is live.
        let _ = unsafe { tidal_rt::syscall!(__NR_write, fd, line.as_ptr(), length) };
    }
}
