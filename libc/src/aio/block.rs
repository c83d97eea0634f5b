//! `struct aiocb`, and what the runtime keeps in it.

use core::ffi::{c_int, c_void};
use core::mem::{offset_of, size_of};
use core::sync::atomic::{
    AtomicI32,
    Ordering::{Acquire, Release},
};

use tidal_rt::Errno;

use super::list::Group;
use crate::time::timer::SigEvent;

/// What a request does.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub enum Operation {
    /// Reads.
    Read,
    /// Writes.
    Write,
    /// As `fsync`.
    Sync,
    /// As `fdatasync`.
    DataSync,
}

/// A request: the program's part, then the runtime's.
#[repr(C)]
pub struct Block {
    pub(super) descriptor: c_int,
    pub(super) list_operation: c_int,
    priority: c_int,
    pub(super) buffer: *mut c_void,
    pub(super) length: usize,
    pub(super) event: SigEvent,
    /// The next one in the queue.
    pub(super) next: *mut Block,
    pub(super) operation: Operation,
    unused: c_int,
    error: AtomicI32,
    result: isize,
    pub(super) offset: i64,
    /// The list it belongs to, or null.
    pub(super) group: *mut Group,
    reserved: [u64; 3],
}

const _: () = assert!(
    size_of::<Block>() == 168
        && offset_of!(Block, event) == 32
        && offset_of!(Block, error) == 112
        && offset_of!(Block, offset) == 128
);

impl Block {
    /// `EINPROGRESS`, or how it ended.
    pub(super) fn error(&self) -> c_int {
        self.error.load(Acquire)
    }

    /// Whether it is still to be done, or being done.
    pub(super) fn goes_on(&self) -> bool {
        self.error() == Errno::EINPROGRESS.0
    }

    pub(super) fn result(&self) -> isize {
        self.result
    }

    /// From here on it goes on.
    pub(super) fn begin(&mut self) {
        self.result = -1;
        self.error.store(Errno::EINPROGRESS.0, Release);
    }

    /// Tells how it ended. From then on the block is the program's again, and may be gone.
    pub(super) fn end(&mut self, result: Result<usize, Errno>) {
        self.result = result.map_or(-1, |count| count as isize);
        self.error.store(result.err().map_or(0, |e| e.0), Release);
    }
}
