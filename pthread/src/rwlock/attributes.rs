//! `pthread_rwlockattr_t`.

use core::mem::size_of;

use tidal_rt::Errno;

/// Who goes first when readers and writers wait.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum Preference {
    /// `PTHREAD_RWLOCK_PREFER_READER_NP`.
    Reader = 0,
    /// `PTHREAD_RWLOCK_PREFER_WRITER_NP`: as readers, in glibc too, because a thread may read-lock again.
    Writer = 1,
    /// `PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP`.
    WriterNonrecursive = 2,
}

/// Read-write lock attributes; all zero is the default.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct Attributes {
    preference: u32,
    shared: u32,
}

const _: () = assert!(size_of::<Attributes>() == 8, "glibc's pthread_rwlockattr_t");

impl Attributes {
    /// Private, readers preferred.
    pub const DEFAULT: Attributes = Attributes { preference: 0, shared: 0 };

    /// Whether other processes may use the lock.
    pub const fn is_shared(&self) -> bool {
        self.shared != 0
    }

    /// Sets whether other processes may use the lock.
    pub const fn set_shared(&mut self, shared: bool) {
        self.shared = shared as u32;
    }

    /// Whether these are attributes, and not other memory.
    pub const fn are_valid(&self) -> bool {
        self.preference <= Preference::WriterNonrecursive as u32 && self.shared <= 1
    }

    /// The preference.
    pub const fn preference(&self) -> Preference {
        match self.preference {
            1 => Preference::Writer,
            2 => Preference::WriterNonrecursive,
            _ => Preference::Reader,
        }
    }

    /// Sets the preference by its number.
    ///
    /// # Errors
    /// `EINVAL` for a number that names none.
    pub const fn set_preference_number(&mut self, number: i32) -> Result<(), Errno> {
        if number < 0 || number > 2 {
            return Err(Errno::EINVAL);
        }
        self.preference = number as u32;
        Ok(())
    }
}
