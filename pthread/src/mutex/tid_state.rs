//! What a futex word with the owner's TID says, and every decision that is taken by looking at it.
//!
//! ```text
//!   0 free ──CAS──▶ tid ──CAS, who waits──▶ tid | WAITERS        (kernel, owner dead: OWNER_DIED [| WAITERS])
//!      ▲             │                        │      ▲ CAS
//!      ├──── CAS ────┘                        │      │
//!      │                exchange, wake one ───┼──▶ WAITERS free, somebody may sleep
//!      └── 0, and wake all, in the kernel ────┘
//! ```
//!
//! **`WAITERS` outlives the release that wakes a waiter.** The waiter may be dead: killed in its sleep it stays in the kernel's
//! queue until it runs for the last time, and takes the wake-up with it. The kernel passes that wake-up on only if the word
//! then has no owner. If a third one took the word in between, its own release must wake the next, so whoever takes a
//! free word keeps `WAITERS`. (With the bit cleared the third never looks again, and the sleepers sleep on.)
//!
//! The bit goes by *patience*: who goes to sleep sets it, each release that wakes counts it down, and the one that finds it
//! used up clears the word and wakes everybody. The two are one system call (`FUTEX_WAKE_OP`): a task killed between them
//! would leave sleepers on a word that the next owner has without the bit. So `WAITERS` is in the word whenever somebody
//! sleeps, whatever the patience says: it is a hint, written without synchronisation, and no death can make it wrong.
//!
//! The kernel has to look for a word without an *owner* (Linux 6.2 and the stable kernels since; older ones looked for a
//! word that is 0, and leave the next sleeper to whoever releases next).
//!
//! The functions here are pure; the model in `pthread/tests/models` applies the very same ones.

use linux_raw_sys::general as linux;

/// Somebody may sleep on the word.
pub const WAITERS: u32 = linux::FUTEX_WAITERS;
/// The owner died; the kernel says so.
pub const OWNER_DIED: u32 = linux::FUTEX_OWNER_DIED;
/// The bits that name the owner.
pub const TID: u32 = linux::FUTEX_TID_MASK;

/// The patience that a sleeper leaves: as many releases make a needless system call once nobody sleeps any more, and that
/// many sleepers can be woken one by one, without a new one, before all are.
pub const PATIENCE: u32 = 32;

/// Who sleeps and is to be woken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wake {
    /// The longest sleeper.
    One,
    /// All of them, by the system call that also writes the word.
    All,
}

/// What a release does to a word with `WAITERS`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Release {
    /// What it leaves in the word.
    pub word: u32,
    /// Whom it wakes then.
    pub wake: Wake,
    /// The patience that is left.
    pub patience: u32,
}

/// The word once `me` has taken it, if it is free.
#[inline]
pub const fn taken(word: u32, me: u32) -> Option<u32> {
    if word & TID == 0 { Some(me | word & WAITERS) } else { None }
}

/// How a word that says `WAITERS` is released.
#[inline]
pub const fn release(patience: u32) -> Release {
    match patience {
        0 => Release { word: 0, wake: Wake::All, patience: 0 },
        left => Release { word: WAITERS, wake: Wake::One, patience: left - 1 },
    }
}
