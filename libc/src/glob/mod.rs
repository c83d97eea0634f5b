//! `<glob.h>`: file names that match shell patterns.
//!
//! A pattern goes through braces and a tilde to one or more plain patterns; `walk` follows each of these through the
//! directories, component by component.

mod access;
mod braces;
mod tilde;
mod walk;

use core::ffi::{c_char, c_int, c_void};
use core::ptr::null_mut;

use tidal_rt::Errno;

use crate::cstr::bytes;
use crate::heap;
use crate::list::List;

/// `GLOB_…` of `<glob.h>`.
mod flag {
    use core::ffi::c_int;

    pub const ERR: c_int = 1;
    pub const MARK: c_int = 1 << 1;
    pub const NOSORT: c_int = 1 << 2;
    pub const DOOFFS: c_int = 1 << 3;
    pub const NOCHECK: c_int = 1 << 4;
    pub const APPEND: c_int = 1 << 5;
    pub const NOESCAPE: c_int = 1 << 6;
    pub const PERIOD: c_int = 1 << 7;
    pub const MAGCHAR: c_int = 1 << 8;
    pub const ALTDIRFUNC: c_int = 1 << 9;
    pub const BRACE: c_int = 1 << 10;
    pub const NOMAGIC: c_int = 1 << 11;
    pub const TILDE: c_int = 1 << 12;
    pub const ONLYDIR: c_int = 1 << 13;
    pub const TILDE_CHECK: c_int = 1 << 14;
    /// All of them.
    pub const KNOWN: c_int = (1 << 15) - 1;
}

/// Why nothing, or not everything, was found.
#[derive(Clone, Copy, PartialEq, Debug)]
#[repr(i32)]
enum Failure {
    NoSpace = 1,
    Aborted,
    NoMatch,
}

impl From<Errno> for Failure {
    fn from(_: Errno) -> Self {
        Failure::NoSpace
    }
}

/// `glob_t` of `<glob.h>`.
#[repr(C)]
pub struct Glob {
    count: usize,
    paths: *mut *mut c_char,
    /// Slots left empty at the start of `paths`.
    offset: usize,
    flags: c_int,
    functions: access::Functions,
}

const _: () = assert!(size_of::<Glob>() == 72);

type OnError = Option<unsafe extern "C" fn(*const c_char, c_int) -> c_int>;

/// One call.
struct Call {
    flags: c_int,
    on_error: OnError,
    access: access::Access,
    /// Paths found, each a string on the heap.
    found: List<*mut c_char>,
    /// Whether the last component of a pattern had wildcards.
    magic: bool,
}

impl Call {
    fn has(&self, flag: c_int) -> bool {
        self.flags & flag != 0
    }

    /// Takes a path up.
    fn add(&mut self, path: &[u8]) -> Result<(), Failure> {
        let copy: *mut u8 = heap::allocate(path.len() + 1).ok_or(Failure::NoSpace)?.as_ptr().cast();
        // SAFETY: that much was allocated.
        unsafe {
            copy.copy_from_nonoverlapping(path.as_ptr(), path.len());
            copy.add(path.len()).write(0);
        }
        let kept = self.found.push(copy.cast());
        if kept.is_err() {
            // SAFETY: allocated above, and nobody has it.
            unsafe { heap::release(copy) };
        }
        Ok(kept?)
    }

    /// Finds what a pattern without braces matches.
    fn expand(&mut self, pattern: &[u8]) -> Result<(), Failure> {
        let before = self.found.len();
        let mut home = List::new();
        let plain = tilde::expanded(pattern, self.flags, &mut home)?;
        walk::walk(self, plain)?;
        if self.found.len() == before {
            // An escaped character counts as magic: the pattern is not the name meant.
            let escapes = !self.has(flag::NOESCAPE);
            let magic = has_magic(pattern, escapes) || escapes && pattern.contains(&b'\\');
            if self.has(flag::NOCHECK) || self.has(flag::NOMAGIC) && !magic {
                return self.add(pattern);
            }
        } else if !self.has(flag::NOSORT) {
            sort(&mut self.found[before..]);
        }
        Ok(())
    }

    fn release(&mut self) {
        for path in self.found.iter() {
            // SAFETY: allocated by `add`, and not handed out.
            unsafe { heap::release(*path) };
        }
        self.found.clear();
    }
}

/// Sorts by bytes, as `strcoll` does in all locales there are.
fn sort(paths: &mut [*mut c_char]) {
    // SAFETY: paths are strings.
    paths.sort_unstable_by(|a, b| unsafe { bytes(*a).cmp(bytes(*b)) });
}

/// Whether there are wildcards in a pattern.
fn has_magic(pattern: &[u8], escapes: bool) -> bool {
    let (mut i, mut open) = (0, false);
    while i < pattern.len() {
        match pattern[i] {
            b'?' | b'*' => return true,
            b'\\' if escapes => i += 1,
            b'[' => open = true,
            b']' if open => return true,
            _ => {}
        }
        i += 1;
    }
    false
}

/// Finds the files that a pattern matches, into `result`.
///
/// # Errors
/// `GLOB_NOSPACE`, `GLOB_ABORTED` if a directory could not be read and `on_error` (or `GLOB_ERR`) says so, `GLOB_NOMATCH`;
/// -1 and `EINVAL` for unknown flags.
///
/// Signal-safe: no. Vfork-safe: yes.
/// Source: POSIX, glob(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn glob(
    pattern: *const c_char,
    flags: c_int,
    on_error: OnError,
    result: *mut Glob,
) -> c_int {
    if flags & !flag::KNOWN != 0 || pattern.is_null() || result.is_null() {
        Errno::EINVAL.set();
        return -1;
    }
    // SAFETY: `pattern` is a string; `result` is writable, and filled before with GLOB_APPEND.
    unsafe {
        let result = &mut *result;
        let access = access::Access::new(flags, result);
        let mut call = Call { flags, on_error, access, found: List::new(), magic: false };
        if flags & flag::APPEND == 0 {
            (result.count, result.paths) = (0, null_mut());
            if flags & flag::DOOFFS == 0 {
                result.offset = 0;
            }
        }
        let done = braces::all(&mut call, bytes(pattern))
            .and_then(|()| if call.found.is_empty() { Err(Failure::NoMatch) } else { Ok(()) });
        result.flags = flags | if call.magic && !call.found.is_empty() { flag::MAGCHAR } else { 0 };
        // What was found before an error is handed out as well.
        let kept = hand_out(&mut call, result);
        match done.and(kept) {
            Ok(()) => 0,
            Err(failure) => failure as c_int,
        }
    }
}

/// Appends what was found to the result.
unsafe fn hand_out(call: &mut Call, result: &mut Glob) -> Result<(), Failure> {
    if call.found.is_empty() {
        return Ok(());
    }
    let slots = if result.paths.is_null() { result.offset } else { result.offset + result.count };
    let bytes = (slots + call.found.len() + 1).saturating_mul(size_of::<*mut c_char>());
    // SAFETY: `paths` is null or this function's earlier result.
    let Some(memory) = (unsafe { heap::resize(result.paths.cast::<c_void>(), bytes) }) else {
        call.release();
        return Err(Failure::NoSpace);
    };
    let paths: *mut *mut c_char = memory.as_ptr().cast();
    // SAFETY: that much was allocated.
    unsafe {
        if result.paths.is_null() {
            paths.write_bytes(0, result.offset);
        }
        paths.add(slots).copy_from_nonoverlapping(call.found.as_ptr(), call.found.len());
        paths.add(slots + call.found.len()).write(null_mut());
    }
    result.paths = paths;
    result.count += call.found.len();
    Ok(())
}

/// Gives a result back.
///
/// Signal-safe: no. Vfork-safe: yes.
/// Source: POSIX, globfree(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn globfree(result: *mut Glob) {
    // SAFETY: `result` was filled by `glob`.
    unsafe {
        let result = &mut *result;
        if result.paths.is_null() {
            return;
        }
        for i in 0..result.count {
            heap::release(*result.paths.add(result.offset + i));
        }
        heap::release(result.paths);
        (result.paths, result.count) = (null_mut(), 0);
    }
}

/// Whether there are wildcards in a pattern; with `quote`, not behind a backslash.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: `<glob.h>` of glibc 2.36.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn glob_pattern_p(pattern: *const c_char, quote: c_int) -> c_int {
    // SAFETY: `pattern` is a string.
    has_magic(unsafe { bytes(pattern) }, quote != 0).into()
}

crate::macros::aliases! {
    fn glob64(pattern: *const c_char, flags: c_int, on_error: OnError, result: *mut Glob) -> c_int = glob;
    fn globfree64(result: *mut Glob) = globfree;
}
