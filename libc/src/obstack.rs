//! `<obstack.h>`: stacks of objects. The header's macros do most of the work on the structure itself; what is here gets and
//! gives back the chunks that objects lie in.

use core::ffi::{c_char, c_int, c_long, c_uint, c_void};
use core::mem::{offset_of, size_of};
use core::ptr;

use crate::stdio::printf::engine;
use crate::stdio::printf::sink::Sink;
use crate::variadic;
use crate::variadic::VaList;

/// How a chunk begins.
#[repr(C)]
pub struct Chunk {
    limit: *mut u8,
    previous: *mut Chunk,
    contents: [u8; 4],
}

/// `struct obstack`.
#[repr(C)]
pub struct Obstack {
    chunk_size: c_long,
    chunk: *mut Chunk,
    object_base: *mut u8,
    next_free: *mut u8,
    chunk_limit: *mut u8,
    temporary: *mut c_void,
    alignment_mask: c_int,
    allocate: *const c_void,
    release: *const c_void,
    argument: *mut c_void,
    flags: c_uint,
}

const _: () = assert!(size_of::<Obstack>() == 88 && offset_of!(Obstack, allocate) == 56);

/// Whether the functions take `argument` in front.
const WITH_ARGUMENT: c_uint = 1;
/// Whether an empty object may lie at a chunk's start, which must then stay.
const MAYBE_EMPTY: c_uint = 2;

type Allocate = unsafe extern "C" fn(c_long) -> *mut Chunk;
type AllocateWith = unsafe extern "C" fn(*mut c_void, c_long) -> *mut Chunk;
type Release = unsafe extern "C" fn(*mut Chunk);
type ReleaseWith = unsafe extern "C" fn(*mut c_void, *mut Chunk);

/// What is called when there is no memory; it does not return.
#[unsafe(no_mangle)]
pub static mut obstack_alloc_failed_handler: unsafe extern "C" fn() = give_up;
/// The status that the handler exits with.
#[unsafe(no_mangle)]
pub static mut obstack_exit_failure: c_int = 1;

unsafe extern "C" fn give_up() {
    tidal_rt::message::line(&[b"memory exhausted"]);
    // SAFETY: a word that the program may set.
    unsafe { crate::stdlib::exit::exit(obstack_exit_failure) }
}

impl Obstack {
    fn has(&self, flag: c_uint) -> bool {
        self.flags & flag != 0
    }

    /// A chunk from the program's function, which is told of the size; nothing where there is no memory.
    unsafe fn get(&self, size: c_long) -> *mut Chunk {
        // SAFETY: the function is of the type that the flag says.
        unsafe {
            if self.has(WITH_ARGUMENT) {
                core::mem::transmute::<*const c_void, AllocateWith>(self.allocate)(self.argument, size)
            } else {
                core::mem::transmute::<*const c_void, Allocate>(self.allocate)(size)
            }
        }
    }

    unsafe fn give_back(&self, chunk: *mut Chunk) {
        // SAFETY: as above.
        unsafe {
            if self.has(WITH_ARGUMENT) {
                core::mem::transmute::<*const c_void, ReleaseWith>(self.release)(self.argument, chunk);
            } else {
                core::mem::transmute::<*const c_void, Release>(self.release)(chunk);
            }
        }
    }

    /// Where the first object of a chunk lies.
    fn first(&self, chunk: *mut Chunk) -> *mut u8 {
        let start = chunk.cast::<u8>().wrapping_add(offset_of!(Chunk, contents));
        start.map_addr(|a| (a + self.alignment_mask as usize) & !(self.alignment_mask as usize))
    }

    /// # Safety
    /// The fields that the program chooses are set.
    unsafe fn begin(&mut self, size: c_int, alignment: c_int) -> c_int {
        /// What malloc keeps beside a page is its own affair; a whole page must not become two.
        const USUAL: c_long = 4064;
        self.alignment_mask = if alignment == 0 { 15 } else { alignment - 1 };
        self.chunk_size = if size == 0 { USUAL } else { size.into() };
        // SAFETY: by the caller's contract.
        let chunk = unsafe { self.get(self.chunk_size) };
        if chunk.is_null() {
            // SAFETY: the program's function.
            unsafe { obstack_alloc_failed_handler() };
            return 0;
        }
        self.chunk = chunk;
        self.chunk_limit = chunk.cast::<u8>().wrapping_add(self.chunk_size as usize);
        // SAFETY: a new chunk of that size.
        unsafe {
            chunk.write(Chunk { limit: self.chunk_limit, previous: ptr::null_mut(), contents: [0; 4] })
        };
        self.object_base = self.first(chunk);
        self.next_free = self.object_base;
        1
    }
}

/// Starts an obstack whose chunks come from `allocate` and go to `release`; 1, or what the handler for lack of memory leaves.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn _obstack_begin(
    stack: *mut Obstack,
    size: c_int,
    alignment: c_int,
    allocate: *const c_void,
    release: *const c_void,
) -> c_int {
    // SAFETY: the caller's structure and functions.
    unsafe {
        (*stack).allocate = allocate;
        (*stack).release = release;
        (*stack).flags = 0;
        (*stack).begin(size, alignment)
    }
}

/// As `_obstack_begin`, with an argument for both functions.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn _obstack_begin_1(
    stack: *mut Obstack,
    size: c_int,
    alignment: c_int,
    allocate: *const c_void,
    release: *const c_void,
    argument: *mut c_void,
) -> c_int {
    // SAFETY: the caller's structure and functions.
    unsafe {
        (*stack).allocate = allocate;
        (*stack).release = release;
        (*stack).argument = argument;
        (*stack).flags = WITH_ARGUMENT;
        (*stack).begin(size, alignment)
    }
}

/// Moves the growing object to a new chunk with room for `length` bytes more.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn _obstack_newchunk(stack: *mut Obstack, length: c_int) {
    // SAFETY: the caller's obstack, whose chunks are live.
    unsafe {
        let this = &mut *stack;
        let old = this.chunk;
        let grown = this.next_free.addr() - this.object_base.addr();
        // Some room to grow on, so that a long object is copied seldom.
        let wanted = (grown as c_long)
            .checked_add(length.into())
            .and_then(|n| n.checked_add((grown >> 3) as c_long + c_long::from(this.alignment_mask) + 100));
        let size = wanted.map(|n| n.max(this.chunk_size)).filter(|_| length >= 0);
        let chunk = size.map_or(ptr::null_mut(), |size| this.get(size));
        if chunk.is_null() {
            return obstack_alloc_failed_handler();
        }
        let limit = chunk.cast::<u8>().wrapping_add(size.unwrap_or(0) as usize);
        chunk.write(Chunk { limit, previous: old, contents: [0; 4] });
        let base = this.first(chunk);
        ptr::copy_nonoverlapping(this.object_base, base, grown);
        // A chunk that held nothing but this object is of no more use.
        if !this.has(MAYBE_EMPTY) && this.object_base == this.first(old) {
            (*chunk).previous = (*old).previous;
            this.give_back(old);
        }
        this.chunk = chunk;
        this.chunk_limit = limit;
        this.object_base = base;
        this.next_free = base.add(grown);
        this.flags &= !MAYBE_EMPTY;
    }
}

fn holds(chunk: &Chunk, object: *mut c_void) -> bool {
    (ptr::from_ref(chunk).addr() + 1..=chunk.limit.addr()).contains(&object.addr())
}

/// Whether an object lies in one of the chunks.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn _obstack_allocated_p(stack: *mut Obstack, object: *mut c_void) -> c_int {
    // SAFETY: the caller's obstack, whose chunks are live.
    unsafe {
        let mut chunk = (*stack).chunk;
        while let Some(this) = chunk.as_ref() {
            if holds(this, object) {
                return 1;
            }
            chunk = this.previous;
        }
    }
    0
}

/// Frees an object and all that came after it; null: everything. An object of another obstack ends the program.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn obstack_free(stack: *mut Obstack, object: *mut c_void) {
    // SAFETY: the caller's obstack, whose chunks are live.
    unsafe {
        let this = &mut *stack;
        while !this.chunk.is_null() && !holds(&*this.chunk, object) {
            let previous = (*this.chunk).previous;
            this.give_back(this.chunk);
            this.chunk = previous;
            this.flags |= MAYBE_EMPTY;
        }
        if !this.chunk.is_null() {
            this.object_base = object.cast();
            this.next_free = object.cast();
            this.chunk_limit = (*this.chunk).limit;
        } else if !object.is_null() {
            tidal_rt::message::line(&[b"tidal: obstack_free: an object of another obstack"]);
            crate::stdlib::exit::abort();
        }
    }
}

/// Bytes in all chunks.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn _obstack_memory_used(stack: *mut Obstack) -> c_int {
    let mut bytes = 0;
    // SAFETY: the caller's obstack, whose chunks are live.
    unsafe {
        let mut chunk = (*stack).chunk;
        while let Some(this) = chunk.as_ref() {
            bytes += this.limit.addr() - chunk.addr();
            chunk = this.previous;
        }
    }
    bytes as c_int
}

/// Adds bytes to the growing object.
///
/// # Safety
/// `stack` is an obstack.
unsafe fn put(stack: *mut c_void, bytes: &[u8]) -> bool {
    let stack = stack.cast::<Obstack>();
    let Ok(length) = c_int::try_from(bytes.len()) else { return false };
    // SAFETY: by the contract; there is room once there is a chunk with it.
    unsafe {
        if (*stack).chunk_limit.addr() - (*stack).next_free.addr() < bytes.len() {
            _obstack_newchunk(stack, length);
        }
        ptr::copy_nonoverlapping(bytes.as_ptr(), (*stack).next_free, bytes.len());
        (*stack).next_free = (*stack).next_free.add(bytes.len());
    }
    true
}

/// Prints to the growing object; no NUL is added.
///
/// # Errors
/// -1: those of `vsnprintf`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn obstack_vprintf(
    stack: *mut Obstack,
    format: *const c_char,
    list: *mut VaList,
) -> c_int {
    // SAFETY: `put` takes an obstack; the list suits the format.
    unsafe { engine::format(&mut Sink::new(put, stack.cast(), None), format.cast(), list) }
}

variadic! {
    /// [`obstack_vprintf`] of its arguments.
    pub fn obstack_printf(stack: *mut Obstack, format: *const c_char, ...) -> c_int => obstack_vprintf;
}
