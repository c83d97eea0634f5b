//! A growing array on the C heap, for files that need more than a fixed one.

use core::mem::{align_of, size_of};
use core::ops::{Deref, DerefMut};
use core::ptr::{NonNull, null_mut};
use core::slice;

use tidal_rt::Errno;

use crate::heap;

/// Elements on the C heap. Pushing fails when there is no memory.
pub struct List<T: Copy> {
    start: NonNull<T>,
    length: usize,
    room: usize,
}

impl<T: Copy> List<T> {
    /// What malloc aligns to suffices for the elements.
    const FITS: () = assert!(align_of::<T>() <= 16);

    /// No elements, and no memory yet.
    pub const fn new() -> Self {
        let () = Self::FITS;
        List { start: NonNull::dangling(), length: 0, room: 0 }
    }

    /// `n` copies of `value`.
    ///
    /// # Errors
    /// `ENOMEM`
    pub fn filled(value: T, n: usize) -> Result<Self, Errno> {
        let mut list = Self::new();
        list.reserve(n)?;
        for _ in 0..n {
            list.push(value)?;
        }
        Ok(list)
    }

    fn reserve(&mut self, more: usize) -> Result<(), Errno> {
        let needed = self.length.checked_add(more).ok_or(Errno::ENOMEM)?;
        if needed <= self.room {
            return Ok(());
        }
        let room = needed.max(self.room * 2).max(8);
        let bytes = room.checked_mul(size_of::<T>()).ok_or(Errno::ENOMEM)?;
        let old = if self.room == 0 { null_mut() } else { self.start.as_ptr().cast() };
        // SAFETY: the memory is this list's own.
        self.start = unsafe { heap::resize(old, bytes) }.ok_or(Errno::ENOMEM)?.cast();
        self.room = room;
        Ok(())
    }

    /// Appends an element.
    ///
    /// # Errors
    /// `ENOMEM`
    pub fn push(&mut self, value: T) -> Result<(), Errno> {
        if self.length == self.room {
            self.reserve(1)?;
        }
        // SAFETY: there is room for one more.
        unsafe { self.start.add(self.length).write(value) };
        self.length += 1;
        Ok(())
    }

    /// Appends elements.
    ///
    /// # Errors
    /// `ENOMEM`
    pub fn extend(&mut self, values: &[T]) -> Result<(), Errno> {
        self.reserve(values.len())?;
        values.iter().try_for_each(|value| self.push(*value))
    }

    /// Takes the last element.
    pub fn pop(&mut self) -> Option<T> {
        let last = *self.last()?;
        self.length -= 1;
        Some(last)
    }

    /// Leaves no elements, and keeps the memory.
    pub fn clear(&mut self) {
        self.length = 0;
    }
}

impl<T: Copy> Deref for List<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        // SAFETY: that many elements were written.
        unsafe { slice::from_raw_parts(self.start.as_ptr(), self.length) }
    }
}

impl<T: Copy> DerefMut for List<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: that many elements were written.
        unsafe { slice::from_raw_parts_mut(self.start.as_ptr(), self.length) }
    }
}

impl<T: Copy> Drop for List<T> {
    fn drop(&mut self) {
        if self.room != 0 {
            // SAFETY: the memory is this list's own.
            unsafe { heap::release(self.start.as_ptr()) };
        }
    }
}
