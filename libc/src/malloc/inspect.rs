//! Looking at the heap and trimming it: what `<malloc.h>` has beside allocation.

use core::ffi::{CStr, c_char, c_int};

use tidal_malloc::{Stats, stats};
use tidal_rt::Errno;
use tidal_rt::message::decimal;

use crate::stdio::file::Stream;
use crate::stdio::output::fputs;

/// `struct mallinfo2` of `<malloc.h>`, in bytes and counts.
#[repr(C)]
#[derive(Clone, Copy)]
#[allow(non_camel_case_types)]
pub struct mallinfo2 {
    /// Bytes of small objects' memory, live and free.
    pub arena: usize,
    /// Free objects.
    pub ordblks: usize,
    /// 0: there are no fast bins.
    pub smblks: usize,
    /// Large blocks.
    pub hblks: usize,
    /// Their bytes.
    pub hblkhd: usize,
    /// 0, as in glibc.
    pub usmblks: usize,
    /// Bytes in CPUs' lists.
    pub fsmblks: usize,
    /// Bytes in live objects.
    pub uordblks: usize,
    /// Bytes in free objects.
    pub fordblks: usize,
    /// Bytes of kept pages, which `malloc_trim` returns.
    pub keepcost: usize,
}

/// `struct mallinfo` of `<malloc.h>`: the same as [`mallinfo2`], in numbers too small for large heaps.
#[repr(C)]
#[derive(Clone, Copy)]
#[allow(missing_docs)]
pub struct mallinfo {
    pub arena: c_int,
    pub ordblks: c_int,
    pub smblks: c_int,
    pub hblks: c_int,
    pub hblkhd: c_int,
    pub usmblks: c_int,
    pub fsmblks: c_int,
    pub uordblks: c_int,
    pub fordblks: c_int,
    pub keepcost: c_int,
}

const _: () = assert!(size_of::<mallinfo2>() == 80 && size_of::<mallinfo>() == 40);

/// How much memory is allocated and free.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn mallinfo2() -> mallinfo2 {
    let s: Stats = stats();
    mallinfo2 {
        arena: s.carved,
        ordblks: s.free_objects,
        smblks: 0,
        hblks: s.large_blocks,
        hblkhd: s.large,
        usmblks: 0,
        fsmblks: s.cached,
        uordblks: s.live,
        fordblks: s.free,
        keepcost: s.kept,
    }
}

/// As [`mallinfo2`], with figures cut to 32 bits.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn mallinfo() -> mallinfo {
    let m = mallinfo2();
    mallinfo {
        arena: m.arena as c_int,
        ordblks: m.ordblks as c_int,
        smblks: 0,
        hblks: m.hblks as c_int,
        hblkhd: m.hblkhd as c_int,
        usmblks: 0,
        fsmblks: m.fsmblks as c_int,
        uordblks: m.uordblks as c_int,
        fordblks: m.fordblks as c_int,
        keepcost: m.keepcost as c_int,
    }
}

/// Writes how much memory is allocated and free to standard error.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn malloc_stats() {
    tidal_malloc::print_stats();
}

/// Writes the same as XML to a stream; `options` must be 0.
///
/// # Errors
/// -1 and `EINVAL`.
///
/// # Safety
/// The stream is open.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn malloc_info(options: c_int, stream: *mut Stream) -> c_int {
    if options != 0 {
        Errno::EINVAL.set();
        return -1;
    }
    let s = stats();
    let fields: [(&CStr, usize); 6] = [
        (c"<malloc version=\"tidal-1\">\n<reserved size=\"", s.reserved),
        (c"<live size=\"", s.live),
        (c"<free size=\"", s.free),
        (c"<cached size=\"", s.cached),
        (c"<large size=\"", s.large),
        (c"<kept size=\"", s.kept),
    ];
    for (text, value) in fields {
        let mut digits = [0; 20];
        let length = decimal(value as u64, &mut digits).len();
        // The digits end the buffer; C wants a zero behind them.
        let mut line = [0u8; 21];
        line[..length].copy_from_slice(&digits[20 - length..]);
        // SAFETY: zero-terminated texts, and the caller's stream.
        unsafe {
            fputs(text.as_ptr(), stream);
            fputs(line.as_ptr().cast::<c_char>(), stream);
            fputs(c"\"/>\n".as_ptr(), stream);
        }
    }
    // SAFETY: as above.
    unsafe { fputs(c"</malloc>\n".as_ptr(), stream) };
    0
}

/// Gives idle memory back to the kernel. 1 if there was any, else 0. `pad` is of no account.
///
/// Signal-safe: yes. Vfork-safe: yes (does nothing in the child).
#[unsafe(no_mangle)]
pub extern "C" fn malloc_trim(_pad: usize) -> c_int {
    c_int::from(tidal_malloc::trim())
}

/// Tidal's own: walks the whole heap and proves its invariants; a violation ends the program with one line. 1 if it
/// was walked, 0 if somebody else is at it.
///
/// Signal-safe: yes. Vfork-safe: yes (does nothing in the child).
#[unsafe(no_mangle)]
pub extern "C" fn malloc_check() -> c_int {
    c_int::from(tidal_malloc::check())
}
