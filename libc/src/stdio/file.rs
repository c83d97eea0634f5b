//! `FILE`: glibc's 216 bytes, whose pointers and flags compiled code reads, and what Tidal keeps behind them.
//!
//! ```text
//! reading:  read_base ≤ read_ptr ≤ read_end        write_ptr = write_end: putc goes to __overflow
//! writing:  write_base ≤ write_ptr ≤ buf_end       read_ptr = read_end: getc goes to __uflow
//!           write_end = buf_end if fully buffered, else write_base: every putc goes to __overflow
//! pushed back (flag IN_BACKUP): the read pointers lie in the pushback area, the buffer's are in save_base,
//!           backup_base (its read_ptr) and save_end
//! ```

use core::ffi::{c_char, c_int, c_ushort, c_void};
use core::mem::{offset_of, size_of};
use core::ptr;
use core::sync::atomic::AtomicBool;

use tidal_rt::Errno;

use super::lock::StreamLock;

/// `struct _IO_FILE` of `<bits/types/struct_FILE.h>`.
#[repr(C)]
pub struct File {
    /// [`flag`] bits.
    pub flags: c_int,
    /// Next byte to read.
    pub read_ptr: *mut u8,
    /// End of the bytes that can be read.
    pub read_end: *mut u8,
    /// Start of the bytes that were read.
    pub read_base: *mut u8,
    /// Start of the bytes not yet written.
    pub write_base: *mut u8,
    /// Where the next byte to write goes.
    pub write_ptr: *mut u8,
    /// How far `putc` may store without a call.
    pub write_end: *mut u8,
    /// The buffer.
    pub buf_base: *mut u8,
    /// Its end.
    pub buf_end: *mut u8,
    /// While bytes are pushed back: the buffer's `read_base`.
    pub save_base: *mut u8,
    /// While bytes are pushed back: the buffer's `read_ptr`.
    pub backup_base: *mut u8,
    /// While bytes are pushed back: the buffer's `read_end`.
    pub save_end: *mut u8,
    /// Unused.
    pub markers: *mut c_void,
    /// Next in the list of streams.
    pub chain: *mut Stream,
    /// The descriptor, or -1.
    pub fileno: c_int,
    /// Unused.
    pub flags2: c_int,
    /// Unused.
    pub old_offset: i64,
    /// Unused.
    pub cur_column: c_ushort,
    /// Unused.
    pub vtable_offset: i8,
    /// The buffer of an unbuffered stream.
    pub shortbuf: [u8; 1],
    /// Unused: the lock lies behind.
    pub lock: *mut c_void,
    /// The descriptor's offset as far as this stream knows, or -1.
    pub offset: i64,
    /// Unused.
    pub codecvt: *mut c_void,
    /// Unused.
    pub wide_data: *mut c_void,
    /// Unused.
    pub freeres_list: *mut c_void,
    /// Unused.
    pub freeres_buf: *mut c_void,
    /// Unused.
    pub pad5: usize,
    /// Orientation: negative bytes, positive wide, 0 not yet decided.
    pub mode: c_int,
    /// Unused.
    pub unused2: [c_char; 20],
}

const _: () = {
    assert!(size_of::<File>() == 216);
    assert!(offset_of!(File, read_ptr) == 8 && offset_of!(File, read_end) == 16);
    assert!(offset_of!(File, write_ptr) == 40 && offset_of!(File, write_end) == 48);
    assert!(offset_of!(File, chain) == 104 && offset_of!(File, fileno) == 112);
    assert!(offset_of!(File, shortbuf) == 131 && offset_of!(File, lock) == 136);
    assert!(offset_of!(File, offset) == 144 && offset_of!(File, mode) == 192);
};

/// Bits of [`File::flags`]; those that the headers know have their values there.
pub mod flag {
    /// In the upper half, as in glibc.
    pub const MAGIC: i32 = 0xfbad_0000_u32 as i32;
    /// `setvbuf` has decided the mode: no look for a terminal.
    pub const BUFFERING_SET: i32 = 0x1;
    /// `_IONBF`.
    pub const UNBUFFERED: i32 = 0x2;
    /// Not open for reading.
    pub const NO_READS: i32 = 0x4;
    /// Not open for writing.
    pub const NO_WRITES: i32 = 0x8;
    /// `_IO_EOF_SEEN`.
    pub const EOF: i32 = 0x10;
    /// `_IO_ERR_SEEN`.
    pub const ERR: i32 = 0x20;
    /// In the list of streams and has a buffer.
    pub const LINKED: i32 = 0x80;
    /// The read pointers lie in the pushback area.
    pub const IN_BACKUP: i32 = 0x100;
    /// `_IOLBF`.
    pub const LINE_BUFFERED: i32 = 0x200;
    /// In writing mode.
    pub const PUTTING: i32 = 0x800;
    /// Every write goes to the end of the file.
    pub const APPENDING: i32 = 0x1000;
    /// The stream's memory came from `malloc`.
    pub const ALLOCATED: i32 = 0x2000;
    /// A cancellation request stopped a read or a write; acted on when the lock is released.
    pub const CANCELED: i32 = 0x4000;
    /// `_IO_USER_LOCK`: `__fsetlocking(FSETLOCKING_BYCALLER)`.
    pub const USER_LOCK: i32 = 0x8000;
}

/// What stands behind a stream: a descriptor, memory, the program's functions.
pub struct Ops {
    /// Reads up to that many bytes; 0 is the end.
    pub read: unsafe fn(&mut Stream, *mut u8, usize) -> Result<usize, Errno>,
    /// Writes up to that many bytes; 0 is a failure.
    pub write: unsafe fn(&mut Stream, *const u8, usize) -> Result<usize, Errno>,
    /// Moves the offset and gives the new one.
    pub seek: fn(&mut Stream, i64, c_int) -> Result<i64, Errno>,
    /// Releases what stands behind, not the stream itself.
    pub close: fn(&mut Stream) -> Result<(), Errno>,
}

/// How many bytes can always be pushed back.
pub const PUSHBACK: usize = 16;

/// A stream: what a `FILE *` points to.
#[repr(C)]
pub struct Stream {
    /// The part whose layout compiled code knows.
    pub file: File,
    /// What stands behind it.
    pub ops: &'static Ops,
    /// State of `ops`.
    pub cookie: *mut c_void,
    /// `flockfile`'s lock.
    pub lock: StreamLock,
    /// Memory for the buffer until `setvbuf` gives other.
    pub storage: *mut u8,
    /// Its length in bytes.
    pub storage_length: usize,
    /// Previous in the list of streams.
    pub previous: *mut Stream,
    /// Grown pushback area from `malloc`, or null.
    pub grown_pushback: *mut u8,
    /// The child of `popen`, or 0.
    pub child: c_int,
    /// Where pushed-back bytes lie, last first.
    pub pushback: [u8; PUSHBACK],
    /// Whether the stream is in the list, or was and is being closed; set with the list's lock held.
    pub listed: AtomicBool,
}

/// `BUFSIZ` is 8192; a page is what glibc takes for most files.
pub const BUFFER: usize = 4096;
/// Bytes that standard output starts with; what prints more gets more.
pub const FIRST_BUFFER: usize = 1024;

impl Stream {
    /// A closed-over nothing: no buffer, no orientation, not in the list.
    pub const fn new(fileno: c_int, flags: i32, ops: &'static Ops, storage: *mut u8, length: usize) -> Self {
        let null = ptr::null_mut();
        Stream {
            file: File {
                flags: flag::MAGIC | flags,
                read_ptr: null,
                read_end: null,
                read_base: null,
                write_base: null,
                write_ptr: null,
                write_end: null,
                buf_base: null,
                buf_end: null,
                save_base: null,
                backup_base: null,
                save_end: null,
                markers: ptr::null_mut(),
                chain: ptr::null_mut(),
                fileno,
                flags2: 0,
                old_offset: 0,
                cur_column: 0,
                vtable_offset: 0,
                shortbuf: [0],
                lock: ptr::null_mut(),
                offset: -1,
                codecvt: ptr::null_mut(),
                wide_data: ptr::null_mut(),
                freeres_list: ptr::null_mut(),
                freeres_buf: ptr::null_mut(),
                pad5: 0,
                mode: 0,
                unused2: [0; 20],
            },
            ops,
            cookie: ptr::null_mut(),
            lock: StreamLock::new(),
            storage,
            storage_length: length,
            previous: ptr::null_mut(),
            grown_pushback: ptr::null_mut(),
            child: 0,
            pushback: [0; PUSHBACK],
            listed: AtomicBool::new(false),
        }
    }

    /// Whether any of the [`flag`] bits is set.
    #[inline]
    pub fn has(&self, bits: i32) -> bool {
        self.file.flags & bits != 0
    }

    /// Notes a failure in the stream's error flag and passes it on.
    #[cold]
    pub fn failed(&mut self, error: Errno) -> Errno {
        self.file.flags |= flag::ERR;
        error
    }
}
