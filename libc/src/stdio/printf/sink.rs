//! Where formatted output goes, and how much of it there was.

use core::ffi::c_void;

use tidal_rt::Errno;

use super::field::Field;

/// `%s` into wide output. A function pointer, so that byte output links no decoder.
pub type WideString = unsafe fn(&mut Sink, &Field, *const u8) -> Result<(), Errno>;

/// A receiver of bytes. A function pointer, so that a program links the receivers it uses.
pub struct Sink {
    put: unsafe fn(*mut c_void, &[u8]) -> bool,
    target: *mut c_void,
    /// Characters put so far, whether they had room or not.
    pub total: usize,
    /// Set for wide output: `put` receives UTF-8, and characters are counted.
    pub wide: Option<WideString>,
    failed: bool,
}

impl Sink {
    /// A sink that hands bytes to `put` with `target`.
    ///
    /// # Safety
    /// `put` can be called with `target` as long as the sink lives; it says whether it took the bytes.
    pub unsafe fn new(
        put: unsafe fn(*mut c_void, &[u8]) -> bool,
        target: *mut c_void,
        wide: Option<WideString>,
    ) -> Self {
        Sink { put, target, total: 0, wide, failed: false }
    }

    /// Puts bytes.
    #[inline(never)]
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.total =
            self.total.saturating_add(if self.wide.is_some() { characters(bytes) } else { bytes.len() });
        // SAFETY: by the contract of `new`.
        if !self.failed && !bytes.is_empty() && !unsafe { (self.put)(self.target, bytes) } {
            self.failed = true;
        }
    }

    /// Puts a byte `count` times.
    #[inline(never)]
    pub fn pad(&mut self, byte: u8, count: usize) {
        let run = [byte; 64];
        let mut left = count;
        while left > 0 && !self.failed {
            let n = left.min(run.len());
            self.bytes(&run[..n]);
            left -= n;
        }
    }

    /// Pads before and after a field of `length` characters: gives what goes to the left and to the right.
    pub fn padding(width: usize, length: usize, left: bool) -> (usize, usize) {
        let pad = width.saturating_sub(length);
        if left { (0, pad) } else { (pad, 0) }
    }

    /// The result of the call.
    ///
    /// # Errors
    /// `None`: the receiver failed and has set `errno`. `EOVERFLOW`: more than an `int` counts.
    pub fn finish(&self) -> Result<i32, Option<Errno>> {
        if self.failed {
            return Err(None);
        }
        i32::try_from(self.total).map_err(|_| Some(Errno::EOVERFLOW))
    }

    /// Whether nothing more can come of it.
    pub fn is_over(&self) -> bool {
        self.failed || self.total > i32::MAX as usize
    }
}

/// Characters in UTF-8: bytes that do not continue one.
pub fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&byte| byte & 0xc0 != 0x80).count()
}
