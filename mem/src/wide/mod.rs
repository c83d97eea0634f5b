//! Blocks of 64 bytes in one AVX-512 register, and the functions written in them: they serve where `cpu` says
//! [`crate::cpu::AVX512`].
//!
//! A comparison gives the mask at once, and a masked load or store touches no byte that it is not to touch, so that
//! neither the end of a page nor that of an operand needs single bytes.

pub mod compare;
pub mod copy;
pub mod find;
pub mod find_last;

use crate::cpu::{AVX512, LEVEL};
use core::arch::x86_64::*;
use core::sync::atomic::Ordering::Relaxed;

/// Blocks that are looked at together in long operands. A group aligned to its size lies in one page.
pub const GROUP: usize = 4 * crate::lanes::BLOCK;

/// Whether the processor is known to have AVX-512.
#[inline(always)]
pub fn has_avx512() -> bool {
    LEVEL.load(Relaxed) >= AVX512
}

/// The block at `p`.
///
/// # Safety
/// 64 bytes at `p` can be read and the processor has AVX-512.
#[inline(always)]
pub unsafe fn load(p: *const u8) -> __m512i {
    // SAFETY: the caller's promise.
    unsafe { _mm512_loadu_si512(p.cast()) }
}

/// A mask of the first `count` bytes, 1 to 64.
#[inline(always)]
pub fn first(count: usize) -> u64 {
    u64::MAX >> (64 - count)
}
