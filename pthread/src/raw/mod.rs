//! Locks for Rust programs without std.
//!
//! With the feature `lock_api`, [`RawMutex`] and [`RawRwLock`] are raw locks of that crate, so that
//! `lock_api::Mutex<RawMutex, T>` is a mutex with a guard, and [`Condvar`] waits with such a guard. [`Once`] runs a closure once.

mod condvar;
mod mutex;
mod once;
mod rwlock;

pub use condvar::Condvar;
pub use mutex::RawMutex;
pub use once::Once;
pub use rwlock::RawRwLock;

/// A mutex with a guard.
#[cfg(feature = "lock_api")]
pub type Mutex<T> = lock_api::Mutex<RawMutex, T>;

/// What a locked [`Mutex`] gives.
#[cfg(feature = "lock_api")]
pub type MutexGuard<'a, T> = lock_api::MutexGuard<'a, RawMutex, T>;

/// A read-write lock with guards.
#[cfg(feature = "lock_api")]
pub type RwLock<T> = lock_api::RwLock<RawRwLock, T>;
