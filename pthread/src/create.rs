//! A new thread: memory, `clone3(2)` (or `clone(2)` where that is refused), and its first code.
//!
//! The kernel writes the TID into the block before the thread exists (`CLONE_PARENT_SETTID`), and clears the `alive` word
//! at its end (`CLONE_CHILD_CLEARTID`). The copy for others is written by both sides: by the thread before it runs any
//! code of the program's, and by its creator before anybody finds it in the registry.

use core::arch::naked_asm;
use core::ffi::c_void;
use core::mem::size_of;
use core::ptr;
use core::sync::atomic::{
    AtomicBool,
    Ordering::{Acquire, Relaxed, Release},
};

use linux_raw_sys::general as linux;
use tidal_rt::futex::{self, Scope};
use tidal_rt::signal::{self, Mask};
use tidal_rt::{Errno, block, membarrier, provider, startup, sys};

use crate::attributes::Attributes;
use crate::thread::{self, Entry, Start, StartScheduling, Thread};
use crate::{cancel, credentials, exit, fork, registry, scheduling, stack};

/// Makes a thread run `entry(argument)`. Gives its handle.
///
/// # Errors
/// `EAGAIN` (memory, number of threads), `EINVAL` (attributes), `EPERM` (scheduling).
pub fn create(attributes: Option<&Attributes>, entry: Entry, argument: *mut c_void) -> Result<usize, Errno> {
    let mut handle = 0;
    create_into(attributes, entry, argument, |made| handle = made)?;
    Ok(handle)
}

/// As [`create`]; gives the handle to `made` before the thread exists, so that it may look at where that puts it.
///
/// # Errors
/// As [`create`]; `made` may have been called.
pub fn create_into(
    attributes: Option<&Attributes>,
    entry: Entry,
    argument: *mut c_void,
    made: impl FnOnce(usize),
) -> Result<(), Errno> {
    let defaults;
    let attributes = match attributes {
        Some(given) => given,
        None => {
            defaults = Attributes::default_for_new_threads();
            &defaults
        }
    };
    let wanted = attributes.wanted_stack()?;
    let scheduling = attributes.start_scheduling();
    // Creator and joiners may look at it before it has run.
    thread::current();
    if startup::is_single_threaded() {
        become_multi_threaded();
    }
    let old_mask = registry::hold_signals();
    let start = |mask| Start { entry, argument, mask, must_wait: scheduling.is_some() };
    let created = create_held(attributes, wanted, start, made, old_mask);
    signal::set_mask(old_mask);
    let thread = created?;
    scheduling.map_or(Ok(()), |wish| schedule(thread, wish))
}

#[cold]
fn become_multi_threaded() {
    membarrier::register_rseq();
    startup::set_multi_threaded();
}

fn create_held(
    attributes: &Attributes,
    wanted: stack::Wanted,
    start: impl FnOnce(Mask) -> Start,
    made: impl FnOnce(usize),
    old_mask: Mask,
) -> Result<&'static Thread, Errno> {
    let cached = {
        let locked = registry::lock();
        locked.reap_joined();
        stack::take_cached(&locked, wanted)
    };
    let thread = match cached {
        Some(thread) => {
            // SAFETY: just taken out of the cache.
            unsafe { stack::renew(thread, wanted) };
            thread
        }
        None => stack::map(wanted)?,
    };
    // The runtime's own signals may be blocked in the creator for a moment.
    let internal = Mask::of(cancel::SIGNAL).0 | Mask::of(credentials::SIGNAL).0;
    let start = start(Mask(attributes.signal_mask().unwrap_or(old_mask).0 & !internal));
    // SAFETY: the thread does not exist yet, so nobody else looks.
    unsafe { (*thread.start.get()).write(start) };
    thread.alive.store(1, Relaxed);
    if attributes.is_detached() {
        thread.join.start_detached();
    }
    made(thread.handle());
    let locked = registry::lock();
    registry::count_one_more();
    // With the lock, so that whoever sees the threads sees this one or runs before it exists.
    match clone_thread(thread) {
        Ok(tid) => {
            thread.tid.store(tid, Relaxed);
            locked.insert(thread);
            Ok(thread)
        }
        Err(e) => {
            registry::count_one_less();
            thread.alive.store(0, Relaxed);
            let surplus = stack::put_cached(&locked, thread);
            drop(locked);
            drop(surplus);
            Err(if e == Errno::ENOMEM { Errno::EAGAIN } else { e })
        }
    }
}

const FLAGS: u32 = linux::CLONE_VM
    | linux::CLONE_FS
    | linux::CLONE_FILES
    | linux::CLONE_SIGHAND
    | linux::CLONE_THREAD
    | linux::CLONE_SYSVSEM
    | linux::CLONE_SETTLS
    | linux::CLONE_PARENT_SETTID
    | linux::CLONE_CHILD_CLEARTID;

/// The kernel, or a seccomp filter, refuses clone3.
static NO_CLONE3: AtomicBool = AtomicBool::new(false);

/// Gives the new thread's TID.
fn clone_thread(thread: &'static Thread) -> Result<u32, Errno> {
    // SAFETY: the description does not change any more.
    let stack = unsafe { *thread.stack.get() };
    let block = thread.block();
    // The psABI wants the stack pointer aligned; a provided stack need not be.
    let top = (stack.low + stack.size) & !15;
    if !NO_CLONE3.load(Relaxed) {
        let arguments = linux::clone_args {
            flags: u64::from(FLAGS) | provider::current().clone_flags,
            pidfd: 0,
            child_tid: thread.alive.as_ptr() as u64,
            parent_tid: block.ktls.tid.as_ptr() as u64,
            exit_signal: 0,
            stack: stack.low as u64,
            stack_size: (top - stack.low) as u64,
            tls: ptr::from_ref(block) as u64,
            set_tid: 0,
            set_tid_size: 0,
            cgroup: 0,
        };
        // SAFETY: stack, block and words are the new thread's; it begins in `enter`.
        match sys::check(unsafe { clone3(&arguments, size_of::<linux::clone_args>()) }) {
            Err(Errno::ENOSYS | Errno::EPERM) => NO_CLONE3.store(true, Relaxed),
            result => return result.map(|tid| tid as u32),
        }
    }
    // SAFETY: as above.
    let result = unsafe {
        clone(
            FLAGS as usize,
            top,
            block.ktls.tid.as_ptr(),
            thread.alive.as_ptr(),
            ptr::from_ref(block).cast(),
        )
    };
    sys::check(result).map(|tid| tid as u32)
}

macro_rules! clone_like {
    ($(#[$meta:meta])* fn $name:ident($($arg:ident: $type:ty),*) = $nr:ident $(, $prepare:literal)*) => {
        $(#[$meta])*
        ///
        /// # Safety
        /// The stack is empty and the block at the new thread pointer knows its `Thread`.
        #[unsafe(naked)]
        unsafe extern "C" fn $name($($arg: $type),*) -> usize {
            naked_asm!(
                ".cfi_startproc",
                $($prepare,)*
                "mov eax, {nr}",
                "syscall",
                "test eax, eax",
                "jz 2f",
                "ret",
                // The new thread. Nothing is above this frame, which stops unwinders.
                "2: .cfi_undefined rip",
                "xor ebp, ebp",
                "mov rdi, fs:[{thread}]",
                "call {enter}",
                "ud2",
                ".cfi_endproc",
                nr = const linux::$nr,
                thread = const block::THREAD,
                enter = sym enter,
            )
        }
    };
}

clone_like! {
    /// `clone3(2)` of a thread.
    fn clone3(arguments: &linux::clone_args, size: usize) = __NR_clone3
}

clone_like! {
    /// `clone(2)` of a thread.
    fn clone(flags: usize, stack: usize, parent_tid: *mut u32, child_tid: *mut u32, tls: *const c_void) = __NR_clone,
    "mov r10, rcx"
}

/// A thread's first code; signals are blocked.
extern "C" fn enter(thread: &'static Thread) -> ! {
    let block = block::current();
    thread.tid.store(block.ktls.tid.load(Relaxed), Relaxed);
    block.ktls.set_lock_id(fork::lock_id_for(thread.tid()));
    (provider::current().thread_started)(block);
    // SAFETY: written by the creator before the thread existed.
    let start = unsafe { (*thread.start.get()).assume_init_ref() };
    if start.must_wait {
        wait_for_permission(thread);
    }
    signal::set_mask(start.mask);
    let value = match start.entry {
        Entry::Pointer(f) => f(start.argument),
        Entry::Int(f) => f(start.argument) as isize as *mut c_void,
    };
    thread.result.store(value, Relaxed);
    exit::finish(thread)
}

/// Values of [`Thread::permission`].
const GO: u32 = 1;
const REFUSED: u32 = 2;

/// Gives a new thread, which waits, its scheduling, and lets it go on or end. The creator does it from outside: a thread
/// that lowered its own priority might never come to tell. After the word is set the thread may be gone.
fn schedule(thread: &'static Thread, wish: StartScheduling) -> Result<(), Errno> {
    let result = scheduling::apply(thread.tid(), wish);
    let word = &raw const thread.permission;
    thread.permission.store(if result.is_ok() { GO } else { REFUSED }, Release);
    futex::wake(word, 1, Scope::Private);
    result
}

fn wait_for_permission(thread: &'static Thread) {
    loop {
        match thread.permission.load(Acquire) {
            0 => drop(futex::wait(&thread.permission, 0, Scope::Private)),
            GO => return,
            _ => exit::abandon(thread),
        }
    }
}
