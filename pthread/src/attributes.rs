//! `pthread_attr_t`: what a thread is to be.
//!
//! The structure is the C object itself, 56 bytes. Only a set of CPUs does not fit: it lies in a page of its own, which
//! [`Attributes::destroy`] gives back.

use core::cell::UnsafeCell;
use core::ffi::c_int;
use core::ptr;
use core::slice;

use linux_raw_sys::general as linux;
use tidal_rt::lock::RawLock;
use tidal_rt::signal::Mask;
use tidal_rt::sys::memory::{self, PAGE, Prot};
use tidal_rt::{Errno, syscall};

use crate::scheduling;
use crate::stack::Wanted;
use crate::thread::StartScheduling;

/// `PTHREAD_STACK_MIN`.
pub const STACK_MIN: usize = 16384;
/// The stack of a thread where the resource limit says "unlimited", as glibc has it.
const STACK_WHEN_UNLIMITED: usize = 2 << 20;

const DETACHED: u32 = 1;
const EXPLICIT_SCHEDULING: u32 = 2;
const PROCESS_SCOPE: u32 = 4;
const HAS_STACK: u32 = 8;
const HAS_MASK: u32 = 16;
const ALL_FLAGS: u32 = DETACHED | EXPLICIT_SCHEDULING | PROCESS_SCOPE | HAS_STACK | HAS_MASK;

/// The object.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Attributes {
    flags: u32,
    priority: c_int,
    policy: c_int,
    cpus_size: u32,
    guard: usize,
    /// 0: the default at the time of creation.
    stack_size: usize,
    /// Just past the highest address, as `pthread_attr_setstackaddr` has it.
    stack_end: usize,
    mask: Mask,
    cpus: *mut u8,
}

const _: () = assert!(size_of::<Attributes>() == 56);

struct Defaults {
    lock: RawLock,
    set: UnsafeCell<Option<Attributes>>,
}

// SAFETY: the cell is used with the lock held. The page of CPUs that it names is changed with it.
unsafe impl Sync for Defaults {}

static DEFAULTS: Defaults = Defaults { lock: RawLock::new(), set: UnsafeCell::new(None) };

fn with_defaults<R>(f: impl FnOnce(&mut Option<Attributes>) -> R) -> R {
    DEFAULTS.lock.lock();
    // SAFETY: the lock is held.
    let result = f(unsafe { &mut *DEFAULTS.set.get() });
    // SAFETY: held since above.
    unsafe { DEFAULTS.lock.unlock() };
    result
}

/// In a fork child, whose other threads may have held the lock.
///
/// # Safety
/// There is one thread, and it does not hold the lock.
pub(crate) unsafe fn reset_lock() {
    // SAFETY: by the caller's contract.
    unsafe { DEFAULTS.lock.reset() }
}

/// The soft limit of the main thread's stack, in bytes.
pub(crate) fn stack_limit() -> Option<usize> {
    let mut limit = [0u64; 2];
    // SAFETY: the structure is live: two 64-bit words.
    let result = unsafe {
        syscall!(__NR_prlimit64, 0u32, linux::RLIMIT_STACK, ptr::null::<u64>(), limit.as_mut_ptr())
    };
    (result.is_ok() && limit[0] != u64::MAX).then_some(limit[0] as usize)
}

fn default_stack_size() -> usize {
    stack_limit().unwrap_or(STACK_WHEN_UNLIMITED).max(STACK_MIN).next_multiple_of(PAGE)
}

impl Attributes {
    /// What `pthread_attr_init` makes.
    pub const fn new() -> Self {
        Attributes {
            flags: 0,
            priority: 0,
            policy: linux::SCHED_NORMAL as c_int,
            cpus_size: 0,
            guard: PAGE,
            stack_size: 0,
            stack_end: 0,
            mask: Mask::EMPTY,
            cpus: ptr::null_mut(),
        }
    }

    /// What a thread is without an object of its own; `pthread_setattr_default_np` changes it.
    pub(crate) fn default_for_new_threads() -> Self {
        with_defaults(|set| {
            let mut attributes = set.unwrap_or(Attributes::new());
            if attributes.stack_size == 0 {
                attributes.stack_size = default_stack_size();
                // The limit is looked up once: a program that changes it later sees no effect, as with glibc.
                *set = Some(attributes);
            }
            attributes
        })
    }

    /// A copy of the default object, with its own set of CPUs.
    ///
    /// # Errors
    /// `ENOMEM`.
    pub fn get_default() -> Result<Self, Errno> {
        let defaults = Attributes::default_for_new_threads();
        let mut copy = Attributes { cpus: ptr::null_mut(), cpus_size: 0, ..defaults };
        copy.set_cpus(defaults.cpus())?;
        Ok(copy)
    }

    /// Makes a copy the default object.
    ///
    /// # Errors
    /// `EINVAL` (a stack address, a bad priority or stack size), `ENOMEM`.
    pub fn set_default(&self) -> Result<(), Errno> {
        if self.flags & HAS_STACK != 0 || (self.stack_size != 0 && self.stack_size < STACK_MIN) {
            return Err(Errno::EINVAL);
        }
        let (lowest, highest) = scheduling::priority_range(self.policy)?;
        if !(lowest..=highest).contains(&self.priority) {
            return Err(Errno::EINVAL);
        }
        let current = Attributes::default_for_new_threads();
        let mut fresh = Attributes { cpus: ptr::null_mut(), cpus_size: 0, ..*self };
        fresh.set_cpus(self.cpus())?;
        if fresh.stack_size == 0 {
            fresh.stack_size = current.stack_size;
        }
        // The old set of CPUs stays: a thread that is being created may read it.
        with_defaults(|set| *set = Some(fresh));
        Ok(())
    }

    /// Gives back what the object holds.
    pub fn destroy(&mut self) {
        if !self.cpus.is_null() {
            // SAFETY: mapped by `set_cpus`, of that size.
            let _ = unsafe { memory::unmap(self.cpus.cast(), PAGE) };
            (self.cpus, self.cpus_size) = (ptr::null_mut(), 0);
        }
    }

    fn set_flag(&mut self, flag: u32, on: bool) {
        if on {
            self.flags |= flag;
        } else {
            self.flags &= !flag;
        }
    }

    /// Whether the thread is detached from the start.
    pub fn is_detached(&self) -> bool {
        self.flags & DETACHED != 0
    }

    /// Sets whether the thread is detached from the start.
    pub fn set_detached(&mut self, on: bool) {
        self.set_flag(DETACHED, on);
    }

    /// Whether policy and priority are the object's and not the creator's.
    pub fn is_scheduling_explicit(&self) -> bool {
        self.flags & EXPLICIT_SCHEDULING != 0
    }

    /// Sets whether policy and priority are the object's.
    pub fn set_scheduling_explicit(&mut self, on: bool) {
        self.set_flag(EXPLICIT_SCHEDULING, on);
    }

    /// Whether the contention scope is the process, which no thread can have here.
    pub fn is_process_scope(&self) -> bool {
        self.flags & PROCESS_SCOPE != 0
    }

    /// Policy.
    pub fn policy(&self) -> c_int {
        self.policy
    }

    /// Sets the policy.
    ///
    /// # Errors
    /// `EINVAL` for anything but `SCHED_OTHER`, `SCHED_FIFO` and `SCHED_RR`.
    pub fn set_policy(&mut self, policy: c_int) -> Result<(), Errno> {
        match policy as u32 {
            linux::SCHED_NORMAL | linux::SCHED_FIFO | linux::SCHED_RR => self.policy = policy,
            _ => return Err(Errno::EINVAL),
        }
        Ok(())
    }

    /// Priority.
    pub fn priority(&self) -> c_int {
        self.priority
    }

    /// Sets the priority.
    ///
    /// # Errors
    /// `EINVAL` outside the policy's range.
    pub fn set_priority(&mut self, priority: c_int) -> Result<(), Errno> {
        let (lowest, highest) = scheduling::priority_range(self.policy)?;
        if !(lowest..=highest).contains(&priority) {
            return Err(Errno::EINVAL);
        }
        self.priority = priority;
        Ok(())
    }

    /// Size of the guard in bytes, as it was set.
    pub fn guard(&self) -> usize {
        self.guard
    }

    /// Sets the size of the guard.
    pub fn set_guard(&mut self, size: usize) {
        self.guard = size;
    }

    /// Size of the stack in bytes.
    pub fn stack_size(&self) -> usize {
        if self.stack_size != 0 { self.stack_size } else { Attributes::default_for_new_threads().stack_size }
    }

    /// Sets the size of the stack.
    ///
    /// # Errors
    /// `EINVAL` below [`STACK_MIN`].
    pub fn set_stack_size(&mut self, size: usize) -> Result<(), Errno> {
        if size < STACK_MIN {
            return Err(Errno::EINVAL);
        }
        self.stack_size = size;
        Ok(())
    }

    /// Just past the stack's highest address; 0 if the program provides none.
    pub fn stack_end(&self) -> usize {
        self.stack_end
    }

    /// Makes the program provide the stack, by its end.
    pub fn set_stack_end(&mut self, end: usize) {
        self.stack_end = end;
        self.set_flag(HAS_STACK, true);
    }

    /// Makes the program provide the stack: lowest address and size.
    ///
    /// # Errors
    /// `EINVAL` below [`STACK_MIN`], or beyond the address space.
    pub fn set_stack(&mut self, low: usize, size: usize) -> Result<(), Errno> {
        let end = low.checked_add(size).ok_or(Errno::EINVAL)?;
        self.set_stack_size(size)?;
        self.set_stack_end(end);
        Ok(())
    }

    /// The signal mask that the thread starts with, if not its creator's.
    pub fn signal_mask(&self) -> Option<Mask> {
        (self.flags & HAS_MASK != 0).then_some(self.mask)
    }

    /// Sets the signal mask that the thread starts with; `None` is its creator's.
    pub fn set_signal_mask(&mut self, mask: Option<Mask>) {
        self.mask = mask.unwrap_or_default();
        self.set_flag(HAS_MASK, mask.is_some());
    }

    /// The CPUs that the thread may run on; empty if they are its creator's.
    pub fn cpus(&self) -> &[u8] {
        if self.cpus.is_null() {
            return &[];
        }
        // SAFETY: mapped by `set_cpus`, which wrote that many bytes.
        unsafe { slice::from_raw_parts(self.cpus, self.cpus_size as usize) }
    }

    /// Sets the CPUs that the thread may run on; an empty set is its creator's.
    ///
    /// # Errors
    /// `EINVAL` (a set of more than 32768 CPUs), `ENOMEM`.
    pub fn set_cpus(&mut self, cpus: &[u8]) -> Result<(), Errno> {
        if cpus.is_empty() {
            self.destroy();
            return Ok(());
        }
        if cpus.len() > PAGE {
            return Err(Errno::EINVAL);
        }
        if self.cpus.is_null() {
            self.cpus = memory::map_anonymous(PAGE, Prot::READ | Prot::WRITE)?.cast();
        }
        // SAFETY: a page of the object's own.
        unsafe { ptr::copy(cpus.as_ptr(), self.cpus, cpus.len()) };
        self.cpus_size = cpus.len() as u32;
        Ok(())
    }

    /// The memory that a thread with these attributes needs.
    ///
    /// # Errors
    /// `EINVAL` for a stack that cannot be, and for what is no attribute object.
    pub(crate) fn wanted_stack(&self) -> Result<Wanted, Errno> {
        if self.flags & !ALL_FLAGS != 0 || self.cpus_size as usize > PAGE {
            return Err(Errno::EINVAL);
        }
        if self.flags & HAS_STACK == 0 {
            return Ok(Wanted::Ours { size: self.stack_size(), guard: self.guard });
        }
        let size = self.stack_size;
        // Set by its address alone, the size of the stack is not known.
        let low = self.stack_end.checked_sub(size.max(STACK_MIN)).ok_or(Errno::EINVAL)?;
        Ok(Wanted::Provided { low, size: self.stack_end - low })
    }

    pub(crate) fn start_scheduling(&self) -> Option<StartScheduling> {
        let policy = self.is_scheduling_explicit().then_some((self.policy, self.priority));
        let cpus = (!self.cpus.is_null()).then_some((self.cpus as usize, self.cpus_size as usize));
        (policy.is_some() || cpus.is_some()).then_some(StartScheduling { policy, cpus })
    }

    /// For `pthread_getattr_np`: fills in what a running thread's stack is.
    pub(crate) fn describe_stack(&mut self, low: usize, size: usize, guard: usize) {
        self.stack_size = size;
        self.set_stack_end(low + size);
        self.guard = guard;
    }
}

impl Default for Attributes {
    fn default() -> Self {
        Attributes::new()
    }
}
