//! What a mutex is: the word at offset 16 that static initialisers of glibc's `<pthread.h>` fill in.

use tidal_rt::Errno;
use tidal_rt::futex::Scope;

/// What happens when a thread locks a mutex that it holds, or unlocks one that it does not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Type {
    /// `PTHREAD_MUTEX_NORMAL`: it waits for itself; nothing is checked.
    Normal,
    /// `PTHREAD_MUTEX_RECURSIVE`: counts.
    Recursive,
    /// `PTHREAD_MUTEX_ERRORCHECK`: `EDEADLK`, `EPERM`.
    ErrorCheck,
    /// `PTHREAD_MUTEX_ADAPTIVE_NP`: as normal. Every kind spins before it sleeps.
    Adaptive,
}

const TYPE: u32 = 3;
const ROBUST: u32 = 16;
const INHERIT: u32 = 32;
const PROTECT: u32 = 64;
const SHARED: u32 = 128;
const ALL: u32 = TYPE | ROBUST | INHERIT | PROTECT | SHARED;

/// A kind as a number: the type in two bits, and flags where glibc has them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Kind(pub u32);

/// `pthread_mutexattr_setprotocol`'s argument.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Protocol {
    /// `PTHREAD_PRIO_NONE`.
    None,
    /// `PTHREAD_PRIO_INHERIT`.
    Inherit,
    /// `PTHREAD_PRIO_PROTECT`.
    Protect,
}

/// Which protocol a mutex follows. The first is the common case, and one comparison away.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// In this process alone: biased or an ordinary futex mutex, owned by `lock_id`.
    Private,
    /// Other processes see it: a futex word with the TID.
    Shared,
    /// The kernel marks it when its owner dies.
    Robust,
    /// The kernel lends its owner the waiters' priority; robust too if its flag says so.
    Inherit,
    /// Its owner runs at its ceiling.
    Protect,
    /// Destroyed, or not a mutex.
    Invalid,
}

impl Kind {
    /// What `pthread_mutex_destroy` leaves: no valid kind.
    pub const DESTROYED: Kind = Kind(u32::MAX);

    /// The highest number of a private mutex; those of all other kinds are above.
    pub const LAST_PRIVATE: u32 = TYPE;

    /// A kind of these parts.
    pub const fn new(kind: Type, protocol: Protocol, robust: bool, shared: bool) -> Kind {
        let kind = match kind {
            Type::Normal => 0,
            Type::Recursive => 1,
            Type::ErrorCheck => 2,
            Type::Adaptive => 3,
        };
        let protocol = match protocol {
            Protocol::None => 0,
            Protocol::Inherit => INHERIT,
            Protocol::Protect => PROTECT,
        };
        Kind(kind | protocol | if robust { ROBUST } else { 0 } | if shared { SHARED } else { 0 })
    }

    /// The type.
    #[inline(always)]
    pub const fn kind(self) -> Type {
        match self.0 & TYPE {
            0 => Type::Normal,
            1 => Type::Recursive,
            2 => Type::ErrorCheck,
            _ => Type::Adaptive,
        }
    }

    /// The protocol class.
    #[inline(always)]
    pub const fn class(self) -> Class {
        if self.0 <= Self::LAST_PRIVATE {
            return Class::Private;
        }
        self.rare_class()
    }

    const fn rare_class(self) -> Class {
        if self.0 & !ALL != 0 || self.0 & (INHERIT | PROTECT) == (INHERIT | PROTECT) {
            Class::Invalid
        } else if self.0 & INHERIT != 0 {
            Class::Inherit
        } else if self.0 & ROBUST != 0 {
            // With PROTECT, which init refuses, the robust part is what matters.
            Class::Robust
        } else if self.0 & PROTECT != 0 {
            Class::Protect
        } else if self.0 & SHARED != 0 {
            Class::Shared
        } else {
            Class::Invalid
        }
    }

    /// Whether the kernel marks it when its owner dies.
    #[inline]
    pub const fn is_robust(self) -> bool {
        self.0 & ROBUST != 0
    }

    /// Who may wait for it. The kernel's wake at an owner's death is for shared futexes, so a robust one always is.
    #[inline]
    pub const fn scope(self) -> Scope {
        if self.0 & (SHARED | ROBUST) != 0 { Scope::Shared } else { Scope::Private }
    }

    /// What locking once more by its owner comes to, short of waiting: the new recursion count.
    ///
    /// # Errors
    /// `EDEADLK` (error-checking), `EAGAIN` (count at its limit).
    pub fn relock(self, count: u32) -> Result<Option<u32>, Errno> {
        match self.kind() {
            Type::Recursive => count.checked_add(1).map(Some).ok_or(Errno::EAGAIN),
            Type::ErrorCheck => Err(Errno::EDEADLK),
            Type::Normal | Type::Adaptive => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn static_initialisers_are_private() {
        for kind in 0..4 {
            assert_eq!(Kind(kind).class(), Class::Private);
        }
    }

    #[test]
    fn what_is_no_kind_is_invalid() {
        for kind in [Kind::DESTROYED, Kind(4), Kind(256), Kind(INHERIT | PROTECT)] {
            assert_eq!(kind.class(), Class::Invalid);
        }
    }
}
