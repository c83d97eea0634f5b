//! Time as the kernel counts it.

/// `struct timespec`: seconds and nanoseconds (0 to 999,999,999).
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Timespec {
    /// Whole seconds.
    pub tv_sec: i64,
    /// Nanoseconds within the second.
    pub tv_nsec: i64,
}

impl Timespec {
    /// Whether the nanoseconds are within a second, as every POSIX call demands.
    #[inline]
    pub fn is_valid(&self) -> bool {
        (0..1_000_000_000).contains(&self.tv_nsec)
    }
}
