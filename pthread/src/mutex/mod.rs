//! `pthread_mutex_t`: every kind behind one structure with glibc's size, alignment and initialisers.
//!
//! | class | files | owner in the word |
//! |---|---|---|
//! | private | [`biased`], [`word`], [`sequences`], [`policy`], [`earning`], [`contended`], [`spin`] | `lock_id` |
//! | process-shared | [`tid_word`], [`tid_state`] | `tid` |
//! | robust | [`robust`] | `tid` |
//! | priority inheritance (and robust) | [`inherit`] | `tid` |
//! | priority protection | [`protect`] | `tid` |
//!
//! ```text
//!   0  word (8)     16 kind (4)     24 robust list: previous
//!   8  last (4)     20 count (4)    32 robust list: next
//!  12  streak (4)
//! ```
//!
//! A kernel-visible mutex that a suspended vfork ancestor of the running task holds belongs to its own thread of control:
//! it gives the recursive count, or `EDEADLK` whatever its type, because waiting for it could never end.

pub mod attributes;
pub mod biased;
pub(crate) mod contended;
mod earning;
mod inherit;
mod inherit_vfork;
pub mod kind;
pub mod policy;
mod protect;
mod robust;
pub mod sequences;
mod spin;
pub mod tid_state;
pub(crate) mod tid_word;
pub mod word;

use core::ffi::c_void;
use core::mem::{align_of, offset_of, size_of};
use core::sync::atomic::{AtomicPtr, AtomicU32, Ordering::Relaxed};

use tidal_rt::{Errno, identity};

use attributes::Attributes;
use biased::{BiasedLock, Deadline, Taken};
use kind::{Class, Kind, Type};
pub(crate) use spin::nobody_sleeps;

/// A mutex of any kind. All zero is an unlocked normal one.
#[repr(C)]
pub struct Mutex {
    lock: BiasedLock,
    kind: AtomicU32,
    /// How often beyond the first a recursive mutex is held; written by the holder alone.
    count: AtomicU32,
    previous: AtomicPtr<c_void>,
    next: AtomicPtr<c_void>,
}

const _: () = {
    assert!(size_of::<Mutex>() == 40 && align_of::<Mutex>() == 8, "glibc's pthread_mutex_t");
    assert!(offset_of!(Mutex, kind) == 16, "where static initialisers put it");
};

/// What a thread that sets its own priority runs at: the highest of that and the ceilings of the mutexes it holds.
pub(crate) fn priority_with_ceilings(policy: i32, level: i32) -> i32 {
    protect::rebased(policy, level)
}

impl Mutex {
    /// Offset of the kind; 0 there is a normal private mutex.
    pub const KIND: usize = offset_of!(Mutex, kind);

    /// An unlocked mutex.
    pub const fn new(kind: Kind) -> Mutex {
        Mutex {
            lock: BiasedLock::new(),
            kind: AtomicU32::new(kind.0),
            count: AtomicU32::new(0),
            previous: AtomicPtr::new(core::ptr::null_mut()),
            next: AtomicPtr::new(core::ptr::null_mut()),
        }
    }

    /// An unlocked mutex as the attributes say.
    ///
    /// # Errors
    /// `ENOTSUP` for robust with priority protection, as in glibc; `EINVAL` for what are no attributes.
    pub fn with_attributes(attributes: &Attributes) -> Result<Mutex, Errno> {
        let mutex = Mutex::new(attributes.kind()?);
        if mutex.kind().class() == Class::Protect {
            protect::init(&mutex, attributes.ceiling());
        }
        Ok(mutex)
    }

    /// Just taken, and a count of uses without a bias has come to a point where the holder may earn one.
    #[cold]
    pub fn earn_if_due(&self) {
        self.lock.earn_if_due();
    }

    /// The same for a caller who may wait.
    #[cold]
    pub fn earn_or_give_way(&self) {
        self.lock.earn_or_give_way();
    }

    #[inline(always)]
    fn kind(&self) -> Kind {
        Kind(self.kind.load(Relaxed))
    }

    /// Takes the mutex where the biased sequence said no.
    ///
    /// # Errors
    /// `EDEADLK`, `EAGAIN` (recursion count), `EINVAL` (not a mutex, bad deadline, ceiling), `ETIMEDOUT`; `EOWNERDEAD`
    /// with the mutex held, `ENOTRECOVERABLE`.
    #[inline(always)]
    pub fn lock_slow(&self, deadline: Deadline) -> Result<(), Errno> {
        let kind = self.kind();
        if kind.class() != Class::Private {
            return self.lock_visible(kind, deadline);
        }
        if kind.kind() == Type::Recursive && self.lock.owner() == identity::lock_id() {
            return self.relock(kind, deadline);
        }
        match self.lock.lock_slow(deadline)? {
            Taken::Fresh => Ok(()),
            Taken::Already => self.relock(kind, deadline),
        }
    }

    #[cold]
    #[inline(never)]
    fn lock_visible(&self, kind: Kind, deadline: Deadline) -> Result<(), Errno> {
        match kind.class() {
            Class::Robust => robust::lock(self, kind, deadline),
            Class::Inherit => inherit::lock(self, kind, deadline),
            Class::Protect => protect::lock(self, kind, deadline),
            Class::Shared => tid_word::lock(self, kind, deadline),
            Class::Private | Class::Invalid => Err(Errno::EINVAL),
        }
    }

    #[inline(never)]
    fn relock(&self, kind: Kind, deadline: Deadline) -> Result<(), Errno> {
        if let Some(count) = kind.relock(self.count.load(Relaxed))? {
            self.count.store(count, Relaxed);
            if count == 1 {
                self.lock.recurse();
            }
            return Ok(());
        }
        if identity::is_vfork_child() {
            // The holder is this thread of control: a parent that sleeps until we are gone, or we ourselves.
            return Err(Errno::EDEADLK);
        }
        self.lock.lock_again(deadline).map(drop)
    }

    /// Takes the mutex if it is free, where the biased sequence said no.
    ///
    /// # Errors
    /// `EBUSY`, and as [`Self::lock_slow`].
    #[inline(always)]
    pub fn try_lock_slow(&self) -> Result<(), Errno> {
        let kind = self.kind();
        match kind.class() {
            Class::Private => match self.lock.try_lock_slow()? {
                Taken::Fresh => Ok(()),
                Taken::Already if kind.kind() == Type::Recursive => self.relock(kind, None),
                Taken::Already => Err(Errno::EBUSY),
            },
            _ => self.try_lock_visible(kind),
        }
    }

    #[cold]
    #[inline(never)]
    fn try_lock_visible(&self, kind: Kind) -> Result<(), Errno> {
        match kind.class() {
            Class::Robust => robust::try_lock(self, kind),
            Class::Inherit => inherit::try_lock(self, kind),
            Class::Protect => protect::try_lock(self, kind),
            Class::Shared => tid_word::try_lock(self, kind),
            Class::Private | Class::Invalid => Err(Errno::EINVAL),
        }
    }

    /// Releases the mutex where the biased sequence said no.
    ///
    /// # Errors
    /// `EPERM` if the caller does not hold it and its type checks that; `EINVAL` for what is no mutex.
    ///
    /// # Safety
    /// The caller holds the mutex, or its type checks that.
    #[inline(always)]
    pub unsafe fn unlock_slow(&self) -> Result<(), Errno> {
        let kind = self.kind();
        match kind.class() {
            Class::Private => {
                if matches!(kind.kind(), Type::Recursive | Type::ErrorCheck) && !self.is_last_unlock(kind)? {
                    return Ok(());
                }
                // SAFETY: the caller's word, or just checked.
                unsafe { self.lock.unlock_slow() };
                Ok(())
            }
            _ => self.unlock_visible(kind),
        }
    }

    #[cold]
    #[inline(never)]
    fn unlock_visible(&self, kind: Kind) -> Result<(), Errno> {
        match kind.class() {
            Class::Robust => robust::unlock(self, kind),
            Class::Inherit => inherit::unlock(self, kind),
            Class::Protect => protect::unlock(self, kind),
            Class::Shared => tid_word::unlock(self, kind),
            Class::Private | Class::Invalid => Err(Errno::EINVAL),
        }
    }

    /// Whether an unlock by the caller is the last one.
    fn is_last_unlock(&self, kind: Kind) -> Result<bool, Errno> {
        if self.lock.owner() != identity::lock_id() {
            return Err(Errno::EPERM);
        }
        if kind.kind() != Type::Recursive {
            return Ok(true);
        }
        let count = self.count.load(Relaxed);
        if count == 0 {
            return Ok(true);
        }
        self.count.store(count - 1, Relaxed);
        if count == 1 {
            self.lock.unrecurse();
        }
        Ok(false)
    }

    /// Takes the mutex.
    ///
    /// # Errors
    /// As [`Self::lock_slow`].
    #[inline]
    pub fn lock(&self) -> Result<(), Errno> {
        if self.lock.lock_if_biased() { Ok(()) } else { self.lock_slow(None) }
    }

    /// Takes the mutex, giving up at the deadline.
    ///
    /// # Errors
    /// As [`Self::lock_slow`].
    #[inline]
    pub fn lock_until(&self, deadline: Deadline) -> Result<(), Errno> {
        if self.lock.lock_if_biased() { Ok(()) } else { self.lock_slow(deadline) }
    }

    /// Takes the mutex if it is free.
    ///
    /// # Errors
    /// As [`Self::try_lock_slow`].
    #[inline]
    pub fn try_lock(&self) -> Result<(), Errno> {
        if self.lock.lock_if_biased() { Ok(()) } else { self.try_lock_slow() }
    }

    /// Releases the mutex.
    ///
    /// # Errors
    /// As [`Self::unlock_slow`].
    ///
    /// # Safety
    /// As [`Self::unlock_slow`].
    #[inline]
    pub unsafe fn unlock(&self) -> Result<(), Errno> {
        if self.lock.unlock_if_biased() {
            return Ok(());
        }
        // SAFETY: the caller's word.
        unsafe { self.unlock_slow() }
    }

    /// Makes what was inconsistent usable again (`pthread_mutex_consistent`).
    ///
    /// # Errors
    /// `EINVAL` if it is not robust, or not held after `EOWNERDEAD`.
    pub fn make_consistent(&self) -> Result<(), Errno> {
        robust::make_consistent(self, self.kind())
    }

    /// The priority ceiling.
    ///
    /// # Errors
    /// `EINVAL` if it has none.
    pub fn ceiling(&self) -> Result<i32, Errno> {
        protect::ceiling(self, self.kind())
    }

    /// Takes the mutex, changes its ceiling, releases it, and gives the old one.
    ///
    /// # Errors
    /// `EINVAL` if it has none or the new one is no priority; as [`Self::lock_slow`].
    pub fn set_ceiling(&self, ceiling: i32) -> Result<i32, Errno> {
        protect::set_ceiling(self, self.kind(), ceiling)
    }

    /// Ends the mutex; using it afterwards gives `EINVAL`.
    ///
    /// # Errors
    /// `EBUSY` while somebody holds it; `EINVAL` for what is no mutex.
    pub fn destroy(&self) -> Result<(), Errno> {
        let kind = self.kind();
        match kind.class() {
            Class::Invalid => return Err(Errno::EINVAL),
            Class::Private if self.lock.owner() != 0 => return Err(Errno::EBUSY),
            Class::Private => self.lock.retire(),
            _ if !kind.is_robust() && tid_word::is_held(self.lock.raw()) => return Err(Errno::EBUSY),
            _ => {}
        }
        self.kind.store(Kind::DESTROYED.0, Relaxed);
        Ok(())
    }
}
