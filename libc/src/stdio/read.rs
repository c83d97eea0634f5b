//! A stream's input side: filling the buffer, taking bytes, pushing them back.

use core::ffi::{c_int, c_void};
use core::ptr;

use tidal_rt::Errno;

use super::file::{PUSHBACK, Stream, flag};
use super::list;
use super::write::EOF;

unsafe extern "C" {
    fn malloc(size: usize) -> *mut c_void;
    fn free(pointer: *mut c_void);
}

impl Stream {
    /// Makes at least one byte readable. `false`: end of file or failure, as the flags say; a failure sets `errno`.
    #[inline(never)]
    pub fn underflow(&mut self) -> bool {
        if self.has(flag::IN_BACKUP) {
            self.leave_backup();
        }
        if self.file.read_ptr < self.file.read_end {
            return true;
        }
        if (self.has(flag::PUTTING) || !self.has(flag::LINKED) || self.has(flag::NO_READS))
            && let Err(e) = self.start_reading()
        {
            e.set();
            return false;
        }
        if self.has(flag::EOF) {
            return false;
        }
        if self.file.buf_base.is_null() {
            // A stream that `setvbuf` or `freopen` left without a buffer.
            let _ = self.start_reading();
        }
        if self.has(flag::LINE_BUFFERED | flag::UNBUFFERED) {
            list::flush_terminal_output();
        }
        self.forget_read();
        let length = Self::distance(self.file.buf_base, self.file.buf_end);
        let n = self.read_through(self.file.buf_base, length);
        self.file.read_end = self.file.buf_base.wrapping_add(n);
        n > 0
    }

    /// Reads past the buffer; 0 at the end of the file or on failure, with the flag and `errno` set.
    fn read_through(&mut self, into: *mut u8, length: usize) -> usize {
        let read = self.ops.read;
        // SAFETY: the caller gives memory of that length.
        match unsafe { read(self, into, length) } {
            Ok(0) => {
                self.file.flags |= flag::EOF;
                0
            }
            Ok(n) => {
                if self.file.offset >= 0 {
                    self.file.offset += n as i64;
                }
                n
            }
            Err(e) => {
                self.failed(e).set();
                0
            }
        }
    }

    /// `getc`: the byte, or [`EOF`].
    #[inline]
    pub fn get(&mut self) -> c_int {
        let byte = self.peek();
        if byte != EOF {
            self.consume(1);
        }
        byte
    }

    /// The next byte, which stays, or [`EOF`].
    #[inline]
    pub fn peek(&mut self) -> c_int {
        if self.file.read_ptr >= self.file.read_end && !self.underflow() {
            return EOF;
        }
        // SAFETY: the read pointers lie in live memory, and there is a byte between them.
        c_int::from(unsafe { *self.file.read_ptr })
    }

    /// The bytes that can be taken without a read, not all: pushed-back ones come first.
    #[inline]
    pub fn readable(&self) -> &[u8] {
        let length = Self::distance(self.file.read_ptr, self.file.read_end);
        if length == 0 {
            return &[];
        }
        // SAFETY: the read pointers bound live bytes.
        unsafe { core::slice::from_raw_parts(self.file.read_ptr, length) }
    }

    /// Takes bytes that [`Stream::readable`] showed.
    #[inline]
    pub fn consume(&mut self, count: usize) {
        self.file.read_ptr = self.file.read_ptr.wrapping_add(count);
    }

    /// Reads bytes until all are there, the file ends or a read fails; gives their number.
    ///
    /// # Safety
    /// `into` is writable for `length` bytes.
    pub unsafe fn read(&mut self, into: *mut u8, length: usize) -> usize {
        let mut done = 0;
        while done < length {
            let available = self.readable();
            if !available.is_empty() {
                let n = available.len().min(length - done);
                // SAFETY: the caller's memory has that much room left.
                unsafe { ptr::copy_nonoverlapping(available.as_ptr(), into.add(done), n) };
                self.consume(n);
                done += n;
                continue;
            }
            let capacity = Self::distance(self.file.buf_base, self.file.buf_end);
            let direct = length - done >= capacity.max(1)
                && self.has(flag::LINKED)
                && !self.has(
                    flag::PUTTING
                        | flag::IN_BACKUP
                        | flag::EOF
                        | flag::NO_READS
                        | flag::LINE_BUFFERED
                        | flag::UNBUFFERED,
                )
                && capacity > 0;
            if direct {
                // What the buffer held is no longer what precedes the offset.
                self.forget_read();
                let n = self.read_through(into.wrapping_add(done), length - done);
                if n == 0 {
                    break;
                }
                done += n;
            } else if !self.underflow() {
                break;
            }
        }
        done
    }

    /// Back from the pushback area to the buffer.
    fn leave_backup(&mut self) {
        self.file.flags &= !flag::IN_BACKUP;
        (self.file.read_base, self.file.read_ptr, self.file.read_end) =
            (self.file.save_base, self.file.backup_base, self.file.save_end);
    }

    /// `ungetc`: the byte, or [`EOF`] where it cannot be.
    pub fn unget(&mut self, byte: u8) -> c_int {
        if (self.has(flag::PUTTING | flag::NO_READS)
            || !self.has(flag::LINKED)
            || self.file.buf_base.is_null())
            && let Err(e) = self.start_reading()
        {
            e.set();
            return EOF;
        }
        self.file.flags &= !flag::EOF;
        let before = self.file.read_ptr.wrapping_sub(1);
        // SAFETY: `before` lies between the read pointers' base and end.
        let fits = self.file.read_ptr > self.file.read_base && unsafe { *before } == byte;
        if !fits || self.has(flag::IN_BACKUP) {
            if !self.has(flag::IN_BACKUP) {
                self.enter_backup();
            } else if self.file.read_ptr == self.file.read_base && !self.grow_backup() {
                Errno::ENOMEM.set();
                return EOF;
            }
            // SAFETY: the pushback area has room before the read pointer.
            unsafe { *self.file.read_ptr.wrapping_sub(1) = byte };
        }
        self.file.read_ptr = self.file.read_ptr.wrapping_sub(1);
        c_int::from(byte)
    }

    fn enter_backup(&mut self) {
        (self.file.save_base, self.file.backup_base, self.file.save_end) =
            (self.file.read_base, self.file.read_ptr, self.file.read_end);
        self.file.flags |= flag::IN_BACKUP;
        let area = self.pushback.as_mut_ptr();
        self.show_backup(area, PUSHBACK, 0);
    }

    /// Points the read pointers at the last `used` bytes of an area.
    fn show_backup(&mut self, area: *mut u8, length: usize, used: usize) {
        self.file.read_base = area;
        self.file.read_end = area.wrapping_add(length);
        self.file.read_ptr = area.wrapping_add(length - used);
    }

    /// Doubles a pushback area that is full to its base.
    #[cold]
    fn grow_backup(&mut self) -> bool {
        let length = Self::distance(self.file.read_base, self.file.read_end);
        // SAFETY: malloc has no precondition.
        let area = unsafe { malloc(2 * length) }.cast::<u8>();
        if area.is_null() {
            return false;
        }
        // SAFETY: the new area's upper half takes the full old one, which is freed if it came from malloc.
        unsafe {
            ptr::copy_nonoverlapping(self.file.read_base, area.add(length), length);
            free(self.grown_pushback.cast());
        }
        self.grown_pushback = area;
        self.show_backup(area, 2 * length, length);
        true
    }
}
