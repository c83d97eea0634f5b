//! The memory of a thread: one mapping, kept for the next thread when this one is gone.
//!
//! ```text
//!   map                low                             low + size                              map + map_size
//!    │ guard, no access │ stack, grows down ◀────────── │ TLS image │ Block … rseq │ Thread │ (pad) │
//! ```
//!
//! A stack that the program provides is not touched beyond the thread's own frames: the mapping then begins with the
//! TLS image. A thread that ends detached puts its own mapping into the cache while it still runs on it; nobody takes it
//! out before the kernel has cleared [`Thread::alive`].

use core::mem::size_of;
use core::ptr;
use core::sync::atomic::Ordering::Relaxed;
use core::sync::atomic::{AtomicPtr, AtomicUsize};

use tidal_rt::block::{self, Block};
use tidal_rt::sys::memory::{self, PAGE, Prot};
use tidal_rt::{Errno, tls};

use crate::keys;
use crate::registry::Locked;
use crate::thread::{CLEARED, Thread};

/// Where a thread's stack and mapping lie. All addresses and sizes in bytes.
#[derive(Clone, Copy, Default)]
pub struct Stack {
    /// Start of the mapping; 0 for the first thread.
    pub map: usize,
    /// Its length.
    pub map_size: usize,
    /// Bytes without access at its start.
    pub guard: usize,
    /// Lowest address of the stack.
    pub low: usize,
    /// Size of the stack.
    pub size: usize,
    /// The program owns the stack; the mapping has none.
    pub provided: bool,
}

/// What kind of stack to get.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// A stack of ours: its size, and that of its guard.
    Ours {
        /// Bytes, rounded up to whole pages.
        size: usize,
        /// Bytes, rounded up to whole pages.
        guard: usize,
    },
    /// The program's: lowest address and size.
    Provided {
        /// Lowest address.
        low: usize,
        /// Bytes.
        size: usize,
    },
}

impl Wanted {
    /// Bytes of guard and of stack in the mapping.
    fn in_mapping(self) -> Option<(usize, usize)> {
        match self {
            Wanted::Ours { size, guard } => {
                Some((guard.checked_next_multiple_of(PAGE)?, size.checked_next_multiple_of(PAGE)?))
            }
            Wanted::Provided { .. } => Some((0, 0)),
        }
    }
}

/// Mappings of ended threads, newest first, chained by `next`. Guarded by the registry's lock.
static CACHE: AtomicPtr<Thread> = AtomicPtr::new(ptr::null_mut());
static CACHED: AtomicUsize = AtomicUsize::new(0);
static CACHED_BYTES: AtomicUsize = AtomicUsize::new(0);

/// What the cache keeps at most, but for mappings whose thread is not quite dead.
const CACHED_MOST: usize = 32;
const CACHED_BYTES_MOST: usize = 128 << 20;

/// Bytes behind the stack: TLS, block, structure.
fn area_size() -> usize {
    (tls::area_size() + size_of::<Thread>()).next_multiple_of(PAGE)
}

/// Takes a fitting mapping out of the cache.
pub(crate) fn take_cached(_: &Locked, wanted: Wanted) -> Option<&'static Thread> {
    let (guard, size) = wanted.in_mapping()?;
    let mut link = &CACHE;
    // SAFETY: what is in the cache is mapped, and the lock is held.
    while let Some(thread) = unsafe { link.load(Relaxed).as_ref() } {
        // SAFETY: nobody changes the stack's description while it is cached.
        let stack = unsafe { *thread.stack.get() };
        let has = if stack.provided { 0 } else { stack.size };
        if stack.guard == guard && has == size && thread.is_dead() {
            unlink(link, thread, &stack);
            return Some(thread);
        }
        link = &thread.next;
    }
    None
}

fn unlink(link: &AtomicPtr<Thread>, thread: &Thread, stack: &Stack) {
    link.store(thread.next.load(Relaxed), Relaxed);
    CACHED.fetch_sub(1, Relaxed);
    CACHED_BYTES.fetch_sub(stack.map_size, Relaxed);
}

/// Puts a mapping into the cache; gives one to unmap when the cache is full.
#[must_use]
pub(crate) fn put_cached(_: &Locked, thread: &'static Thread) -> Option<Surplus> {
    // SAFETY: its thread is ending or dead; the description does not change.
    let stack = unsafe { *thread.stack.get() };
    if stack.map == 0 {
        return None;
    }
    thread.next.store(CACHE.load(Relaxed), Relaxed);
    CACHE.store(ptr::from_ref(thread).cast_mut(), Relaxed);
    let count = CACHED.fetch_add(1, Relaxed) + 1;
    let bytes = CACHED_BYTES.fetch_add(stack.map_size, Relaxed) + stack.map_size;
    if count <= CACHED_MOST && bytes <= CACHED_BYTES_MOST { None } else { surplus() }
}

/// Takes a dead mapping out of the cache.
fn surplus() -> Option<Surplus> {
    let mut link = &CACHE;
    // SAFETY: as in `take_cached`.
    while let Some(thread) = unsafe { link.load(Relaxed).as_ref() } {
        if thread.is_dead() {
            // SAFETY: as in `take_cached`.
            let stack = unsafe { *thread.stack.get() };
            unlink(link, thread, &stack);
            return Some(Surplus(stack));
        }
        link = &thread.next;
    }
    None
}

/// A mapping that nobody needs; unmapped when dropped, best without the lock.
pub(crate) struct Surplus(Stack);

impl Drop for Surplus {
    fn drop(&mut self) {
        // SAFETY: its thread is dead and nothing names it. Where the kernel refuses, the memory is lost.
        let _ = unsafe { memory::unmap(ptr::with_exposed_provenance_mut(self.0.map), self.0.map_size) };
    }
}

/// Maps memory for a thread.
///
/// # Errors
/// `EAGAIN` when memory runs out, as POSIX calls it.
pub(crate) fn map(wanted: Wanted) -> Result<&'static Thread, Errno> {
    let (guard, size) = wanted.in_mapping().ok_or(Errno::EAGAIN)?;
    let all = guard.checked_add(size).and_then(|s| s.checked_add(area_size())).ok_or(Errno::EAGAIN)?;
    let access = Prot::READ | Prot::WRITE;
    let map = memory::map_stack(all, if guard == 0 { access } else { Prot::empty() })
        .map_err(|_| Errno::EAGAIN)?
        .cast::<u8>();
    if guard != 0 {
        // SAFETY: within the new mapping.
        let opened = unsafe { memory::protect(map.add(guard).cast(), all - guard, access) };
        if opened.is_err() {
            // SAFETY: nobody uses it yet.
            let _ = unsafe { memory::unmap(map.cast(), all) };
            return Err(Errno::EAGAIN);
        }
    }
    let top = guard + size;
    // SAFETY: a zeroed area of `area_size`.
    let block = unsafe { tls::lay_out(map.add(top)) };
    // SAFETY: `area_size` has room for the structure behind the block, whose size is a multiple of its alignment.
    let thread = unsafe { &*block.cast::<u8>().add(tls::block_size()).cast::<Thread>() };
    thread.block.store(block, Relaxed);
    let low = map as usize + guard;
    // SAFETY: nobody else knows the thread.
    unsafe {
        *thread.stack.get() = Stack { map: map as usize, map_size: all, guard, low, size, provided: false }
    };
    prepare(thread, wanted);
    Ok(thread)
}

/// Makes the memory of a dead thread as good as new.
///
/// # Safety
/// The caller took it out of the cache.
pub(crate) unsafe fn renew(thread: &'static Thread, wanted: Wanted) {
    let block = thread.block.load(Relaxed);
    keys::clear(thread);
    // SAFETY: no thread runs there and nobody else has it: TLS, block and structure may be written. The structure's
    // zeros are its state before use; its stack description is put back at once.
    unsafe {
        let mut stack = *thread.stack.get();
        let below = tls::size_below();
        ptr::write_bytes(block.cast::<u8>().sub(below), 0, below + tls::block_size());
        ptr::write_bytes(ptr::from_ref(thread).cast_mut().cast::<u8>(), 0, CLEARED);
        tls::copy_image(block.cast());
        thread.block.store(block, Relaxed);
        if stack.provided {
            (stack.low, stack.size, stack.provided) = (stack.map, 0, false);
        }
        *thread.stack.get() = stack;
    }
    prepare(thread, wanted);
}

fn prepare(thread: &'static Thread, wanted: Wanted) {
    let (canary, guard) = {
        let abi = &block::current().abi;
        (abi.canary.get(), abi.pointer_guard.get())
    };
    let block: *mut Block = thread.block.load(Relaxed);
    // SAFETY: zeroed, and nobody else knows it.
    unsafe {
        Block::init(block, canary, guard);
        (*block).runtime.thread.store(ptr::from_ref(thread).cast_mut().cast(), Relaxed);
        if let Wanted::Provided { low, size } = wanted {
            let stack = &mut *thread.stack.get();
            (stack.low, stack.size, stack.provided) = (low, size, true);
        }
    }
}
