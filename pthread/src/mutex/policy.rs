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
//! between threads in long runs stops asking. In a process with one thread a pair takes 3 ns, so that eight times as many are
//! needed for as much time. (A run that began with one thread counts whole where it goes on with two.)

use tidal_rt::{membarrier, rseq, startup};

use super::word::OWNER;

/// Uses in a row by one thread that earn a bias: a fifth of their time is what a revocation costs at worst.
pub const STREAK: u32 = 4096;
/// How often losing a bias doubles the price of the next.
pub const LEVEL_MOST: u32 = 12;
/// How often having one thread doubles it.
const WITH_ONE_THREAD: u32 = 3;

/// The count in a mutex's streak word.
pub const STREAK_COUNT: u32 = (1 << LEVEL_SHIFT) - 1;
/// Where in the streak word the level begins.
pub const LEVEL_SHIFT: u32 = 28;

const _: () = assert!((STREAK as u64) << (LEVEL_MOST + WITH_ONE_THREAD) <= STREAK_COUNT as u64);

/// Uses in a row that earn a bias where so many have been lost; a multiple of [`STREAK`].
#[inline]
pub fn price(lost: u32) -> u32 {
    let with_one_thread = if startup::is_single_threaded() { WITH_ONE_THREAD } else { 0 };
    STREAK << (lost + with_one_thread)
}

/// Whether the running task may be given biases at all.
#[inline]
pub fn may_be_biased(me: u32) -> bool {
    rseq::gate_open() && me <= OWNER && membarrier::register_rseq()
}
