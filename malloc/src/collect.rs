//! Giving memory back to the kernel.

/// A chain of a class went to the central stack: now and then that starts a collection.
pub(crate) fn tick(_class: usize) {}

/// A run of pages was kept.
pub(crate) fn tick_runs() {}
