//! Who maintains the block: chosen once, at start, in [`choose`]. Nothing else in the code asks which kernel it runs on.
//!
//! | | mainline kernel | kernel with the KTLS RFC |
//! |---|---|---|
//! | `tid` | into our word, at clone | the kernel's word behind the rseq area |
//! | rseq | `rseq(2)` in each thread | offset registered once, threads are born registered |
//! | gate in a vfork child | shut | open, if the kernel keeps a TID |

mod ktls;
pub mod layout;
mod mainline;

use core::ffi::{CStr, c_char, c_void};
use core::ptr;
use core::sync::atomic::{AtomicPtr, Ordering::Relaxed};

use crate::block::{self, Block};
use crate::errno::Errno;
use crate::{identity, rseq, syscall};

/// A kernel's way to maintain blocks.
pub struct Provider {
    /// For people: `tidal doctor` and `<ktls.h>` show it.
    pub name: &'static CStr,
    /// Flags that `clone3(2)` of a new thread takes beside the usual ones.
    pub clone_flags: u64,
    /// Before the first thread is [started](Self::thread_started): what is told the kernel once for the process.
    pub process_started: fn(&Block) -> Result<(), Errno>,
    /// First code of a new thread, signals blocked: makes its area known to the kernel and opens the gate.
    pub thread_started: fn(&Block),
    /// First code of a fork child that is a copy of a vfork child, signals blocked: an ordinary thread from here on.
    pub vfork_child_copied: fn(&Block),
    /// Last code of a thread that uses the gate, signals blocked. The block stays mapped until the kernel has cleared
    /// the thread's `CLONE_CHILD_CLEARTID` word.
    pub thread_ending: fn(&Block),
    /// Nonzero if the kernel protects a vfork child: it then keeps its parent's gate. 0: the child's gate is shut.
    pub gate_in_vfork_child: u32,
}

static CURRENT: AtomicPtr<Provider> = AtomicPtr::new((&raw const mainline::PROVIDER).cast_mut());
static DECLINED: AtomicPtr<c_char> = AtomicPtr::new(ptr::null_mut());

/// The provider that [`start`] settled on.
#[inline]
pub fn current() -> &'static Provider {
    // SAFETY: only statics are ever stored.
    unsafe { &*CURRENT.load(Relaxed) }
}

/// Whether that is the one for kernels without KTLS.
pub fn is_mainline() -> bool {
    ptr::eq(current(), &raw const mainline::PROVIDER)
}

/// Why a KTLS kernel's offer was declined, if there was one.
pub fn declined() -> Option<&'static CStr> {
    let reason = DECLINED.load(Relaxed);
    // SAFETY: only addresses of static C strings are ever stored.
    (!reason.is_null()).then(|| unsafe { CStr::from_ptr(reason) })
}

fn decline(reason: &'static CStr) {
    DECLINED.store(reason.as_ptr().cast_mut(), Relaxed);
}

/// Finds out what kernel this is and what area it wants reserved. Called once, at start, before [`crate::tls::init`].
pub fn choose() {
    rseq::init();
    let Some(offer) = ktls::offer() else { return };
    match offer.area() {
        Ok(area) => {
            rseq::reserve(area.size, area.align);
            rseq::set_filled(area.size);
            CURRENT.store(ptr::from_ref(ktls::for_area(&area)).cast_mut(), Relaxed);
            if let Some(tid) = area.tid {
                identity::set_tid_offset(block::RSEQ + tid);
            }
        }
        Err(reason) => decline(reason),
    }
}

/// Makes the first thread's block live: TID, `lock_id`, rseq, gate. Called once by `crt`, the thread pointer being set.
pub fn start(block: &Block) {
    // SAFETY: the word is in a block that outlives the process's last thread; 0 there when the first thread ends is
    // what nobody reads, because `pthread` registers a word of its own before there are other threads.
    let tid = unsafe { syscall!(__NR_set_tid_address, block.ktls.tid.as_ptr().cast::<c_void>()) }.unwrap_or(1)
        as u32;
    if (current().process_started)(block).is_err() {
        decline(crate::start_text!("the kernel did not take the offset"));
        identity::set_tid_offset(block::TID);
        CURRENT.store((&raw const mainline::PROVIDER).cast_mut(), Relaxed);
    }
    identity::record(block, tid);
    block.ktls.set_lock_id(tid);
    (current().thread_started)(block);
}
