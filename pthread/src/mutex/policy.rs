//! Who gets a bias, and when: a bound on what revocations may cost.
//!
//! A revocation costs a barrier on all CPUs: 0.3 µs where the others sleep, 2 to 3 µs where they run this process, 15 µs at
//! worst. An ordinary pair takes about 18 ns, a biased one 2 ns. Nobody knows whether a mutex will ever be handed on. So a
//! bias is never given in advance, it is **earned**: a mutex gets one when one thread has locked it [`STREAK`] times in a row
//! without finding it taken. Until then it is an ordinary one, and costs what it would without biases.
//!
//! - **A mutex that is handed on** has cost its first owner [`STREAK`] ordinary pairs, 74 µs, before its bias can be in
//!   anybody's way. Ending that adds a fifth at worst, 4 % where it takes 3 µs, and the first 60 to 200 biased uses pay it.
//! - **A process** cannot spend a larger part of its time in revocations either, whatever it does with how many mutexes.
//! - **A mutex that stays** loses [`STREAK`] times 16 ns once, 65 µs.
//!
//! Each time a bias is lost again, twice as many uses are needed ([`LEVEL_MOST`] times over): a mutex that goes to and fro
//! between threads in long runs stops asking.

use tidal_rt::{membarrier, rseq};

use super::word::OWNER;

/// Uses in a row by one thread that earn a bias: a fifth of their time is what a revocation costs at worst.
pub const STREAK: u32 = 4096;
/// How often losing a bias doubles the price of the next.
pub const LEVEL_MOST: u32 = 15;

/// The count in a mutex's streak word.
pub const STREAK_COUNT: u32 = (1 << LEVEL_SHIFT) - 1;
/// Where in the streak word the level begins.
pub const LEVEL_SHIFT: u32 = 28;

const _: () = assert!((STREAK as u64) << LEVEL_MOST <= STREAK_COUNT as u64);

/// Whether the running task may be given biases at all.
#[inline]
pub fn may_be_biased(me: u32) -> bool {
    rseq::gate_open() && me <= OWNER && membarrier::register_rseq()
}
