//! `clone(2)`, the C function: a child that starts in a function, on a stack of its own.
//!
//! A child that shares memory must not share the block with a parent that runs on: two tasks would write one `errno`,
//! one `tid`, and the child's restartable sequences would go unprotected behind the parent's open gate. So:
//!
//! | flags | block |
//! |---|---|
//! | no `CLONE_VM` | the copy of the parent's, settled as fork does |
//! | `CLONE_VM`, `CLONE_VFORK` | the parent's, switched as vfork does |
//! | `CLONE_VM` without `CLONE_SETTLS` | one of its own at the top of the child's stack, with fresh thread-local variables |
//! | `CLONE_VM`, `CLONE_SETTLS` | what the caller made; its gate must be shut (a zeroed one is) |

use core::arch::naked_asm;
use core::ffi::{c_int, c_void};
use core::ptr;

use linux_raw_sys::general as linux;

use super::{fork, vfork_protocol};
use crate::block::{self, Block};
use crate::errno::Errno;
use crate::signal::{self, Mask};
use crate::sys::check;
use crate::{identity, startup, tls};

/// Where a child starts; what it returns is its exit status.
pub type Entry = unsafe extern "C" fn(*mut c_void) -> c_int;

/// What the child finds at the top of its stack.
#[repr(C)]
pub(super) struct Start {
    pub(super) run: unsafe extern "C" fn(*mut c_void) -> c_int,
    pub(super) argument: *mut c_void,
}

#[repr(C)]
struct Child {
    entry: Entry,
    argument: *mut c_void,
    block: Kind,
    /// What the child's signal mask is to be, where it was changed for the switch.
    mask: Option<Mask>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Copied,
    Borrowed,
    Own,
    Callers,
}

/// The system call `nr` with five arguments, in which the child pops a [`Start`] from its stack, runs it and exits.
///
/// # Safety
/// The call is clone or clone3, and makes the child start on a stack whose top is a `Start`.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn call(nr: usize, a: usize, b: usize, c: usize, d: usize, e: usize) -> usize {
    naked_asm!(
        ".cfi_startproc",
        "mov eax, edi",
        "mov rdi, rsi",
        "mov rsi, rdx",
        "mov rdx, rcx",
        "mov r10, r8",
        "mov r8, r9",
        "syscall",
        "test rax, rax",
        "jz 2f",
        "ret",
        // The outermost frame: unwinders stop here.
        "2: .cfi_undefined rip",
        "xor ebp, ebp",
        "pop rax",
        "pop rdi",
        "call rax",
        "mov edi, eax",
        "mov eax, {exit}",
        "syscall",
        "hlt",
        ".cfi_endproc",
        exit = const linux::__NR_exit,
    )
}

/// First code of the child.
unsafe extern "C" fn run(child: *mut c_void) -> c_int {
    // SAFETY: the structure lies on the child's own stack.
    let Child { entry, argument, block: kind, mask } = unsafe { ptr::read(child.cast::<Child>()) };
    if kind != Kind::Callers {
        let block = block::current();
        // The caller may have asked for CLONE_CHILD_SETTID elsewhere, so the kernel has not written our word.
        let tid = identity::ask_kernel();
        identity::record(block, tid);
        match kind {
            Kind::Copied => fork::settle(block),
            Kind::Own => block.ktls.set_lock_id(tid),
            Kind::Borrowed | Kind::Callers => {}
        }
    }
    if let Some(mask) = mask {
        signal::set_mask(mask);
    }
    // SAFETY: the caller of `clone` vouches for its function.
    unsafe { entry(argument) }
}

/// Starts `entry(argument)` in a new task, as the C function `clone` does.
///
/// # Errors
/// As `clone(2)`; `EINVAL` without a function or a stack; `EAGAIN` with `CLONE_VFORK` nested too deep.
///
/// # Safety
/// `stack` is the upper end of memory that nobody else uses; the other pointers are what their flags demand.
pub unsafe fn clone(
    entry: Entry,
    stack: *mut c_void,
    flags: c_int,
    argument: *mut c_void,
    parent_tid: *mut c_int,
    thread_pointer: *mut c_void,
    child_tid: *mut c_int,
) -> Result<u32, Errno> {
    let given = flags as u32;
    let has = |flag| given & flag != 0;
    let kind = match () {
        () if has(linux::CLONE_SETTLS) => Kind::Callers,
        () if !has(linux::CLONE_VM) => Kind::Copied,
        () if has(linux::CLONE_VFORK) => Kind::Borrowed,
        () => Kind::Own,
    };
    if stack.is_null() {
        return Err(Errno::EINVAL);
    }
    if has(linux::CLONE_VM) && !has(linux::CLONE_VFORK) {
        startup::set_multi_threaded();
    }
    let mut top = stack.cast::<u8>();
    let mut flags = given;
    let mut tp = thread_pointer;
    if kind == Kind::Own {
        // SAFETY: the stack is the caller's gift to the child.
        let block = unsafe { carve_block(top) };
        // SAFETY: `carve_block` left TLS below the block, and the stack goes on below that.
        top = unsafe { block.cast::<u8>().sub(tls::size_below()) };
        flags |= linux::CLONE_SETTLS;
        tp = block.cast();
    }
    let start = |mask| {
        // SAFETY: room for the two structures at the top of the child's stack, aligned as the ABI wants it before a call.
        let start = unsafe {
            let child = ((top as usize - size_of::<Child>()) & !15) as *mut Child;
            child.write(Child { entry, argument, block: kind, mask });
            let start = child.cast::<Start>().sub(1);
            start.write(Start { run, argument: child.cast() });
            start as usize
        };
        let (flags, tp) = (flags as usize, tp as usize);
        // SAFETY: the child's stack has a `Start` at its top; the rest is the caller's word.
        check(unsafe {
            call(linux::__NR_clone as usize, flags, start, parent_tid as usize, child_tid as usize, tp)
        })
    };
    let made = if kind == Kind::Borrowed {
        let saved = vfork_protocol::suspend()?;
        let made = start(Some(saved.mask()));
        vfork_protocol::resume(&saved);
        made
    } else {
        start(None)
    };
    made.map(|tid| tid as u32)
}

/// Lays out thread-local variables and a block below `top`, with the gate shut.
///
/// # Safety
/// [`tls::area_size`] bytes below `top` are memory of the caller's.
unsafe fn carve_block(top: *mut u8) -> *mut Block {
    let size = tls::area_size();
    // SAFETY: by the caller's contract.
    unsafe {
        let area = top.sub(size);
        area.write_bytes(0, size);
        let block = tls::lay_out(area);
        let mine = block::current();
        Block::init(block, mine.abi.canary.get(), mine.abi.pointer_guard.get());
        block
    }
}
