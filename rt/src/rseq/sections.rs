//! Restartable sequences, each named by its pseudo-code. The caller has seen the gate open.
//!
//! Every sequence has one shape:
//!
//! ```text
//! 60: descriptor { start 61, length 62 - 61, abort 64 }
//! 61: (begins when rseq_cs = &60 was stored just before)
//!     loads and compares; leaving early jumps to 65      no store that anybody sees
//!     the committing store                               the last instruction of the sequence
//! 62: ended; rseq_cs may stay, the kernel clears what it finds outside its range
//! 64: abort handler, signature in front: begins anew      the kernel jumps here when it preempts, migrates,
//!                                                         signals or membarriers the thread inside 61..62
//! ```
//!
//! With the feature `rseq-inject` each step asks `inject::STEP` whether to jump to the abort handler, as if the kernel
//! had restarted the sequence there. It is compiled out otherwise.

use core::arch::asm;
use core::sync::atomic::AtomicU32;

use super::SIGNATURE;
use crate::block;

/// How a sequence ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// The committing store was made.
    Committed,
    /// A comparison said no; nothing was stored.
    Different,
}

/// Forced restarts, for tests.
#[cfg(feature = "rseq-inject")]
pub mod inject {
    use core::sync::atomic::AtomicU32;

    /// The step (from 1) at which the next sequence restarts once; 0 for none. The restart clears it.
    #[unsafe(export_name = "__tidal_rseq_inject_step")]
    pub static STEP: AtomicU32 = AtomicU32::new(0);
    /// How many restarts were forced.
    #[unsafe(export_name = "__tidal_rseq_inject_restarts")]
    pub static RESTARTS: AtomicU32 = AtomicU32::new(0);
}

/// The descriptor (`struct rseq_cs`: version, flags, start, length, abort) of the sequence 61..62, for use in `asm!`
/// and `naked_asm!`. Local labels, so one sequence to an assembly block.
#[macro_export]
macro_rules! rseq_descriptor {
    () => {
        ".pushsection __rseq_cs, \"aw\"\n.balign 32\n60:\n.long 0, 0\n.quad 61f, 62f - 61f, 64f\n.popsection"
    };
}

/// The signature that the kernel wants in the four bytes before an abort handler, made an instruction for
/// disassemblers. `{sig}` is an operand of the surrounding assembly.
#[macro_export]
macro_rules! rseq_signature {
    () => {
        ".byte 0x0f, 0xb9, 0x3d\n.long {sig}"
    };
}

/// An injection point: `rseq_inject!(N)` is one line of assembly that jumps to the abort handler at step N. Changes the
/// flags, so it stands where they are dead.
#[cfg(not(feature = "rseq-inject"))]
#[macro_export]
macro_rules! rseq_inject {
    ($step:literal) => {
        ""
    };
}

/// An injection point: jumps to the abort handler, once, when the step asked for is N.
#[cfg(feature = "rseq-inject")]
#[macro_export]
macro_rules! rseq_inject {
    ($step:literal) => {
        concat!(
            "cmp dword ptr [rip + __tidal_rseq_inject_step], ",
            $step,
            "\njne 8f\n",
            "mov dword ptr [rip + __tidal_rseq_inject_step], 0\n",
            "lock inc dword ptr [rip + __tidal_rseq_inject_restarts]\n",
            "jmp 64f\n8:"
        )
    };
}

/// `if *compared == expected { *target = new }`, on one CPU's view: no other thread of this CPU, no signal handler and no
/// membarrier comes between compare and store.
///
/// # Safety
/// The gate is open, and both words are live. Whoever changes `*compared` from another CPU calls
/// [`crate::membarrier::restart_sequences`] before relying on the change.
#[inline]
pub unsafe fn cmp_then_store(compared: &AtomicU32, expected: u32, target: &AtomicU32, new: u32) -> Outcome {
    let different: u32;
    // SAFETY: the sequence stores to `target` alone, by its last instruction; the abort handler begins it anew.
    unsafe {
        asm!(
            rseq_descriptor!(),
            "63: lea {scratch}, [rip + 60b]",
            "mov fs:[{rseq_cs}], {scratch}",
            "61: mov {different:e}, 1",
            rseq_inject!(1),
            "cmp dword ptr [{compared}], {expected:e}",
            "jne 65f",
            rseq_inject!(2),
            "mov {different:e}, 0",
            "mov dword ptr [{target}], {new:e}",
            "62: jmp 65f",
            rseq_signature!(),
            "64: jmp 63b",
            "65:",
            scratch = out(reg) _,
            different = out(reg) different,
            compared = in(reg) compared.as_ptr(),
            expected = in(reg) expected,
            target = in(reg) target.as_ptr(),
            new = in(reg) new,
            rseq_cs = const block::RSEQ_CS,
            sig = const SIGNATURE,
            options(nostack),
        );
    }
    if different == 0 { Outcome::Committed } else { Outcome::Different }
}
