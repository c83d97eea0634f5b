//! The block at the thread pointer (`fs:0`), one per thread, in three labelled parts.
//!
//! ```text
//! fs:0x000  ABI part    fixed by the x86-64 psABI and by compiled code
//! fs:0x080  KTLS part   one cache line: errno, tid, lock_id, gate, flags, robust list
//! fs:0x0c0  runtime     one cache line: what rt's upper neighbours keep per thread
//! fs:0x100  vfork part  who is suspended above the running task, and what it must not leave behind
//! fs:0x400  rseq area   last, 32 bytes or what the kernel asks for; the allocation is sized at start
//! ```
//!
//! Every field is read and written by its own thread, by the kernel, or by a vfork child that runs on the same block
//! while its owner sleeps. Other threads look at `pthread`'s structure instead, and of the block change the
//! cancellation word alone, by a read-modify-write. Fields are atomics used with relaxed order, which makes them plain
//! loads and stores that a signal handler may interrupt.

use core::cell::{Cell, UnsafeCell};
use core::ffi::{c_int, c_long, c_void};
use core::mem::{align_of, offset_of, size_of};
use core::ptr;
use core::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering::Relaxed};

/// Version of the block's layout, as `<ktls.h>` reports it. Fields are only ever added.
pub const VERSION: u32 = 1;

/// The part whose offsets compiled code knows.
#[repr(C)]
pub struct Abi {
    /// The thread pointer itself: variant II TLS reads it as `fs:0`.
    pub self_pointer: *mut Block,
    /// Dynamic thread vector; null, because a static program has one module.
    pub dtv: *mut c_void,
    /// A second self pointer, which glibc's `pthread_self` reads.
    pub self_again: *mut Block,
    reserved: [usize; 2],
    /// The stack protector's canary, `fs:0x28`.
    pub canary: Cell<usize>,
    /// What `setjmp` mangles its pointers with, `fs:0x30`.
    pub pointer_guard: Cell<usize>,
    /// Used by compilers: transactional memory, split stacks (`fs:0x70`), shadow stacks.
    reserved_by_compilers: [usize; 9],
}

/// The C library's robust-list head, `struct robust_list_head` of `<linux/futex.h>`.
#[repr(C)]
pub struct RobustList {
    /// First entry; points to itself when the list is empty. Bit 0 of an entry marks a PI futex.
    pub list: AtomicPtr<c_void>,
    /// From an entry to its futex word, in bytes.
    pub futex_offset: Cell<c_long>,
    /// The entry being taken or released right now.
    pub pending: AtomicPtr<c_void>,
}

impl RobustList {
    /// Makes the list empty.
    pub fn clear(&self) {
        self.list.store(self.list.as_ptr().cast(), Relaxed);
        self.pending.store(ptr::null_mut(), Relaxed);
    }
}

/// What kernel and runtime share about the thread.
#[repr(C, align(64))]
pub struct Ktls {
    /// C's `errno`.
    pub errno: Cell<c_int>,
    /// The kernel's name for the running task, written by the kernel. Read it through [`crate::identity::tid`].
    pub tid: AtomicU32,
    /// What private locks call this thread of control; see [`crate::identity`].
    pub lock_id: AtomicU32,
    /// Nonzero while the kernel protects the running task's restartable sequences, and then the `lock_id`; see
    /// [`crate::rseq`].
    pub gate: AtomicU32,
    /// [`Flags`] of the running task.
    pub flags: AtomicU32,
    /// Left free for a signal-block word.
    pub reserved: AtomicU32,
    /// Head of the thread's own robust list; [`crate::robust::list`] tells which head the running task uses.
    pub robust: RobustList,
    /// How many vfork children deep the running task is.
    pub vfork_depth: AtomicU32,
    /// The `lock_id`, or [`NOBODY`] in a vfork child: by it an unlock tells in one comparison that it is the owner's and need
    /// not be noted; see [`crate::lock::held`].
    pub unlock_id: AtomicU32,
    reserved_tail: [u32; 2],
}

/// No `lock_id`.
pub const NOBODY: u32 = u32::MAX;

impl Ktls {
    /// Names the thread of control.
    pub fn set_lock_id(&self, id: u32) {
        self.lock_id.store(id, Relaxed);
        self.unlock_id.store(id, Relaxed);
    }
}

/// What rt's upper neighbours keep per thread.
#[repr(C, align(64))]
pub struct Runtime {
    /// `pthread`'s structure for this thread; null in the first thread until someone asks for it.
    pub thread: AtomicPtr<c_void>,
    /// Cancellation: see [`crate::cancel`].
    pub cancel: AtomicU32,
    /// Index of `malloc`'s shard for a task without rseq, plus one; 0 while none is chosen.
    pub malloc_shard: AtomicU32,
    /// The current locale object of `uselocale`; null means the global one.
    pub locale: AtomicPtr<c_void>,
    /// Thread-local destructors that `__cxa_thread_atexit_impl` collected.
    pub thread_dtors: AtomicPtr<c_void>,
    /// The first of the priority-protected mutexes that the thread holds.
    pub protected: AtomicPtr<c_void>,
    reserved: [AtomicUsize; 3],
}

/// How deep vfork children may nest: a deeper `vfork` fails with `EAGAIN`, because its child could not tell all of its
/// suspended ancestors.
pub const VFORK_DEPTH_MAX: usize = 16;

/// How many locks a vfork child may hold at once and still have them released should it die.
pub const HELD_LOCKS_MAX: usize = 12;

/// A lock that a vfork child takes, holds or releases right now; see [`crate::lock::held`].
#[repr(C)]
pub struct HeldLock {
    /// Address of the lock; 0 while the slot is free.
    pub lock: AtomicUsize,
    /// A [`crate::lock::held::Recover`].
    pub recover: AtomicUsize,
    /// What the lock's kind wants to know, such as the recursion count before the child came.
    pub data: AtomicU32,
    /// TID of the child that noted it.
    pub tid: AtomicU32,
}

/// For vfork: shared between a child and its suspended ancestors, see [`crate::process`].
#[repr(C, align(64))]
pub struct Vfork {
    /// TIDs of the suspended ancestors, outermost first; as many as [`Ktls::vfork_depth`] says.
    pub ancestors: [AtomicU32; VFORK_DEPTH_MAX],
    /// Robust-list heads of vfork children, by depth: each registers its own.
    pub robust_heads: [RobustList; VFORK_DEPTH_MAX],
    /// The head that the running task has registered, null while none; see [`crate::robust`].
    pub robust: AtomicPtr<RobustList>,
    /// Runtime locks of the running vfork child and of its ancestors that are vfork children too.
    pub held: [HeldLock; HELD_LOCKS_MAX],
}

/// `struct rseq` of `<linux/rseq.h>`: written by the kernel, but for `rseq_cs`.
#[repr(C, align(32))]
pub struct RseqArea {
    /// A CPU number at all times, 0 before registration. Never written by us.
    pub cpu_id_start: AtomicU32,
    /// The CPU, or a negative number while unregistered. Never written by us after start.
    pub cpu_id: AtomicU32,
    /// The descriptor of the restartable sequence that the thread is in.
    pub rseq_cs: AtomicU64,
    /// Deprecated; 0.
    pub flags: AtomicU32,
    /// NUMA node. Never written by us.
    pub node_id: AtomicU32,
    /// Concurrency id within the process: below the number of threads and of CPUs. Never written by us.
    pub mm_cid: AtomicU32,
    reserved: u32,
}

/// The block. Its address is the thread pointer.
#[repr(C)]
pub struct Block {
    /// Offsets known to compiled code.
    pub abi: Abi,
    /// Shared with the kernel.
    pub ktls: Ktls,
    /// Per-thread words of the crates above.
    pub runtime: Runtime,
    /// For vfork children and their suspended ancestors.
    pub vfork: Vfork,
    /// Last, because a newer kernel's area is longer than this type.
    pub rseq: UnsafeCell<RseqArea>,
}

/// Bits of [`Ktls::flags`].
pub struct Flags;

impl Flags {
    /// The running task is a vfork child: it shares the block with a suspended ancestor.
    pub const VFORKED: u32 = 1;
}

/// Offset of the KTLS part from the thread pointer, in bytes.
pub const KTLS: usize = offset_of!(Block, ktls);
/// Offset of `errno` from the thread pointer, in bytes.
pub const ERRNO: usize = offset_of!(Block, ktls.errno);
/// Offset of the mainline `tid` word from the thread pointer, in bytes.
pub const TID: usize = offset_of!(Block, ktls.tid);
/// Offset of `lock_id` from the thread pointer, in bytes.
pub const LOCK_ID: usize = offset_of!(Block, ktls.lock_id);
/// Offset of `unlock_id` from the thread pointer, in bytes.
pub const UNLOCK_ID: usize = offset_of!(Block, ktls.unlock_id);
/// Offset of the gate word from the thread pointer, in bytes.
pub const GATE: usize = offset_of!(Block, ktls.gate);
/// Offset of the flags from the thread pointer, in bytes.
pub const FLAGS: usize = offset_of!(Block, ktls.flags);
/// Offset of the robust-list head from the thread pointer, in bytes.
pub const ROBUST: usize = offset_of!(Block, ktls.robust);
/// Offset of the vfork depth from the thread pointer, in bytes.
pub const VFORK_DEPTH: usize = offset_of!(Block, ktls.vfork_depth);
/// Offset of the cancellation word from the thread pointer, in bytes.
pub const CANCEL: usize = offset_of!(Block, runtime.cancel);
/// Offset of the pointer to `pthread`'s structure from the thread pointer, in bytes.
pub const THREAD: usize = offset_of!(Block, runtime.thread);
/// Offset of the stack canary from the thread pointer, in bytes.
pub const CANARY: usize = offset_of!(Block, abi.canary);
/// Offset of the pointer guard from the thread pointer, in bytes.
pub const POINTER_GUARD: usize = offset_of!(Block, abi.pointer_guard);
/// Offset of the rseq area from the thread pointer, in bytes; the same in every thread.
pub const RSEQ: usize = offset_of!(Block, rseq);
/// Offset of `rseq_cs` from the thread pointer, in bytes.
pub const RSEQ_CS: usize = RSEQ + offset_of!(RseqArea, rseq_cs);
/// Offset of `cpu_id_start` from the thread pointer, in bytes.
pub const CPU_ID_START: usize = RSEQ + offset_of!(RseqArea, cpu_id_start);
/// Offset of `cpu_id` from the thread pointer, in bytes.
pub const CPU_ID: usize = RSEQ + offset_of!(RseqArea, cpu_id);
/// Offset of `node_id` from the thread pointer, in bytes.
pub const NODE_ID: usize = RSEQ + offset_of!(RseqArea, node_id);
/// Offset of `mm_cid` from the thread pointer, in bytes.
pub const MM_CID: usize = RSEQ + offset_of!(RseqArea, mm_cid);

const _: () = {
    assert!(offset_of!(Block, abi.self_pointer) == 0x00);
    assert!(offset_of!(Block, abi.dtv) == 0x08);
    assert!(offset_of!(Block, abi.self_again) == 0x10);
    assert!(CANARY == 0x28);
    assert!(POINTER_GUARD == 0x30);
    assert!(size_of::<Abi>() == 0x80);
    assert!(KTLS == 0x80 && size_of::<Ktls>() == 64, "the KTLS part is one cache line");
    assert!(size_of::<Runtime>() == 64);
    assert!(RSEQ == 0x400, "aligned for any area up to 256 bytes");
    assert!(
        (RSEQ + size_of::<RseqArea>()).next_multiple_of(64) == size_of::<Block>(),
        "the rseq area is last"
    );
    assert!(size_of::<RseqArea>() == 32 && align_of::<RseqArea>() == 32);
    assert!(offset_of!(RseqArea, mm_cid) == 24);
    assert!(size_of::<RobustList>() == 24);
};

/// The running task's block.
#[inline(always)]
pub fn current() -> &'static Block {
    let block: *const Block;
    // SAFETY: reads the self pointer, which `crt` and `pthread` store before a thread runs any other code.
    unsafe {
        core::arch::asm!("mov {}, fs:[0]", out(reg) block, options(pure, nomem, nostack, preserves_flags));
    }
    // SAFETY: the self pointer names a live block for as long as its thread runs.
    unsafe { &*block }
}

impl Block {
    /// Prepares zeroed memory as a block that a thread may start on; `lock_id` and `tid` are filled in later.
    ///
    /// # Safety
    /// `block` is zeroed, aligned for a block, at least [`crate::tls::block_size`] bytes and not yet in use.
    pub unsafe fn init(block: *mut Block, canary: usize, pointer_guard: usize) {
        // SAFETY: the caller gives the memory; nobody else sees it yet.
        unsafe {
            (*block).abi.self_pointer = block;
            (*block).abi.self_again = block;
            (*block).abi.canary.set(canary);
            (*block).abi.pointer_guard.set(pointer_guard);
            (*block).ktls.robust.clear();
            // Before registration the kernel's field says "uninitialised": RSEQ_CPU_ID_UNINITIALIZED.
            (*(*block).rseq.get()).cpu_id = AtomicU32::new(u32::MAX);
        }
    }

    /// The rseq area.
    #[inline(always)]
    pub fn rseq(&self) -> &RseqArea {
        // SAFETY: all fields are atomics; the cell only tells the compiler that the kernel writes them.
        unsafe { &*self.rseq.get() }
    }
}
