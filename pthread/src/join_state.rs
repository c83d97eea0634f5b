//! Who frees a thread: its joiner, its detacher or itself. Three bits decide; each is set at most once but JOINING.
//!
//! ```text
//!                 join                        thread exits
//!   joinable ───────────▶ JOINING ─────────────────────────▶ JOINING|EXITED ── joiner frees: FORGOTTEN
//!     │  │ ◀─────────────  gave up: timeout, cancelled
//!     │  │ thread exits
//!     │  └──────────▶ EXITED ──join──▶ JOINING|EXITED ── joiner frees
//!     │                  └────detach──▶ DETACHED|EXITED ── detacher frees
//!     │ detach
//!     └──────────▶ DETACHED ──thread exits──▶ DETACHED|EXITED ── the thread frees itself
//! ```
//!
//! Whoever finds the other bit already set in the word that it changed is the last, and frees. The orders make what the
//! other did before visible to it.

use crate::sync::{AtomicU32, Ordering};

const DETACHED: u32 = 1;
const JOINING: u32 = 2;
const EXITED: u32 = 4;
/// Joined: no handle names it any more.
const FORGOTTEN: u32 = 8;

/// The word. All zeros is a joinable thread that runs.
#[repr(transparent)]
pub struct JoinState(AtomicU32);

/// What a successful detach or exit leaves to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Duty {
    /// Nothing: somebody else frees.
    None,
    /// The caller frees the thread.
    Free,
}

/// The thread is detached, or being joined.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotJoinable;

impl JoinState {
    /// A joinable thread that runs, or a detached one.
    pub fn new(detached: bool) -> Self {
        JoinState(AtomicU32::new(if detached { DETACHED } else { 0 }))
    }

    /// Before the thread exists: makes it detached from the start.
    pub fn start_detached(&self) {
        self.0.store(DETACHED, Ordering::Relaxed);
    }

    /// The caller becomes the joiner: it waits for the end and then frees, or takes it back with [`Self::give_up`].
    pub fn begin_join(&self) -> Result<(), NotJoinable> {
        self.add(JOINING).map(drop)
    }

    /// The joiner does not wait any longer.
    pub fn give_up(&self) {
        self.0.fetch_and(!JOINING, Ordering::Release);
    }

    /// Nobody will join.
    pub fn detach(&self) -> Result<Duty, NotJoinable> {
        let old = self.add(DETACHED)?;
        Ok(if old & EXITED != 0 { Duty::Free } else { Duty::None })
    }

    /// The thread has done everything but die.
    pub fn exit(&self) -> Duty {
        let old = self.0.fetch_or(EXITED, Ordering::AcqRel);
        if old & DETACHED != 0 { Duty::Free } else { Duty::None }
    }

    /// Whether nobody may join.
    pub fn is_detached(&self) -> bool {
        self.0.load(Ordering::Relaxed) & DETACHED != 0
    }

    /// Whether a join would be refused right now.
    pub fn refuses_join(&self) -> bool {
        self.0.load(Ordering::Relaxed) & (DETACHED | JOINING) != 0
    }

    /// The joiner has what it wanted.
    pub fn forget(&self) {
        self.0.fetch_or(FORGOTTEN, Ordering::Release);
    }

    /// Whether the thread was joined.
    pub fn is_forgotten(&self) -> bool {
        self.0.load(Ordering::Acquire) & FORGOTTEN != 0
    }

    fn add(&self, bit: u32) -> Result<u32, NotJoinable> {
        let mut old = self.0.load(Ordering::Relaxed);
        loop {
            if old & (DETACHED | JOINING) != 0 {
                return Err(NotJoinable);
            }
            match self.0.compare_exchange_weak(old, old | bit, Ordering::AcqRel, Ordering::Relaxed) {
                Ok(_) => return Ok(old),
                Err(now) => old = now,
            }
        }
    }
}
