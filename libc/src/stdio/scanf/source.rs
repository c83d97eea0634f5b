//! Where scanned bytes come from, and how many of them a conversion may still take.

use core::ffi::{c_int, c_void};

use crate::stdio::write::EOF;

/// A giver of bytes. Function pointers, so that a program links the givers it uses.
pub struct Source {
    /// The next byte, which stays, or [`EOF`].
    peek: unsafe fn(*mut c_void) -> c_int,
    /// Takes the byte that `peek` showed.
    take: unsafe fn(*mut c_void),
    target: *mut c_void,
    /// The input is wide: bytes are UTF-8, and characters are counted.
    pub wide: bool,
    /// Characters taken so far.
    pub taken: usize,
    /// Characters that the current conversion may take.
    room: usize,
}

impl Source {
    /// A source that reads with `peek` and `take` from `target`.
    ///
    /// # Safety
    /// Both can be called with `target` as long as the source lives.
    pub unsafe fn new(
        peek: unsafe fn(*mut c_void) -> c_int,
        take: unsafe fn(*mut c_void),
        target: *mut c_void,
        wide: bool,
    ) -> Self {
        Source { peek, take, target, wide, taken: 0, room: usize::MAX }
    }

    /// Lets the next conversion take at most `characters`.
    pub fn limit(&mut self, characters: usize) {
        self.room = characters;
    }

    /// Characters that the conversion may still take.
    pub fn room(&self) -> usize {
        self.room
    }

    /// The next byte, which stays; [`EOF`] at the end, or where the conversion may take no more.
    #[inline]
    pub fn peek(&mut self) -> c_int {
        if self.room == 0 {
            return EOF;
        }
        // SAFETY: by the contract of `new`.
        unsafe { (self.peek)(self.target) }
    }

    /// Whether the input itself is over.
    pub fn is_at_end(&mut self) -> bool {
        // SAFETY: by the contract of `new`.
        unsafe { (self.peek)(self.target) == EOF }
    }

    /// Takes the byte that [`Source::peek`] showed. In wide input a byte that continues a character is not counted.
    #[inline]
    pub fn take(&mut self) {
        self.count();
        // SAFETY: by the contract of `new`.
        unsafe { (self.take)(self.target) };
    }

    fn count(&mut self) {
        self.taken += 1;
        self.room = self.room.wrapping_sub(1);
    }

    /// Takes a byte within a multibyte character whose first byte has been counted.
    pub fn take_uncounted(&mut self) {
        if !self.wide {
            self.taken += 1;
        }
        // SAFETY: by the contract of `new`.
        unsafe { (self.take)(self.target) };
    }

    /// The next byte of a character that has begun; the limit is for whole characters.
    pub fn peek_within(&mut self) -> c_int {
        // SAFETY: by the contract of `new`.
        unsafe { (self.peek)(self.target) }
    }

    /// Takes the next byte if it is `byte`, in either case.
    pub fn take_letter(&mut self, lower: u8) -> Option<u8> {
        let next = self.peek();
        if next != EOF && (next as u8).to_ascii_lowercase() == lower {
            self.take();
            return Some(next as u8);
        }
        None
    }

    /// Takes white space.
    pub fn skip_space(&mut self) {
        while is_space(self.peek()) {
            self.take();
        }
    }
}

/// `isspace` of the C locale, which has the same bytes in all locales here.
pub fn is_space(byte: c_int) -> bool {
    matches!(byte, 0x20 | 0x09..=0x0d)
}
