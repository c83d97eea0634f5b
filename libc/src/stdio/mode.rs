//! A stream's two modes: entering and leaving reading and writing, and where its buffer comes from.

use core::ptr;

use linux_raw_sys::general as linux;
use tidal_rt::{Errno, syscall};

use super::file::{Stream, flag};
use super::list;

impl Stream {
    /// Bytes between two pointers of the stream.
    #[inline]
    pub(super) fn distance(from: *mut u8, to: *mut u8) -> usize {
        to as usize - from as usize
    }

    /// Bytes that were read and not yet consumed, pushed-back ones included.
    pub fn unread(&self) -> usize {
        let shown = Self::distance(self.file.read_ptr, self.file.read_end);
        if self.has(flag::IN_BACKUP) {
            shown + Self::distance(self.file.backup_base, self.file.save_end)
        } else {
            shown
        }
    }

    /// Bytes that wait to be written.
    #[inline]
    pub fn unwritten(&self) -> usize {
        Self::distance(self.file.write_base, self.file.write_ptr)
    }

    /// Gives the stream a buffer if it has none, and decides whether it is line buffered: on a terminal.
    #[cold]
    fn allocate(&mut self) {
        if !self.has(flag::LINKED) {
            list::link(self);
        }
        if !self.file.buf_base.is_null() {
            return;
        }
        if !self.has(flag::UNBUFFERED | flag::BUFFERING_SET) && self.file.fileno >= 0 && is_terminal(self) {
            self.file.flags |= flag::LINE_BUFFERED;
        }
        if self.has(flag::UNBUFFERED) || self.storage_length == 0 {
            self.file.buf_base = self.file.shortbuf.as_mut_ptr();
            self.file.buf_end = self.file.buf_base.wrapping_add(1);
        } else {
            self.file.buf_base = self.storage;
            self.file.buf_end = self.storage.wrapping_add(self.storage_length);
        }
        self.forget_read();
        self.forget_written();
    }

    /// Empties the read pointers.
    pub fn forget_read(&mut self) {
        let base = self.file.buf_base;
        self.file.flags &= !flag::IN_BACKUP;
        (self.file.read_base, self.file.read_ptr, self.file.read_end) = (base, base, base);
        (self.file.save_base, self.file.backup_base, self.file.save_end) =
            (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
    }

    /// Empties the write pointers, as the mode asks.
    pub fn forget_written(&mut self) {
        let base = self.file.buf_base;
        let full = self.has(flag::PUTTING) && !self.has(flag::LINE_BUFFERED | flag::UNBUFFERED);
        (self.file.write_base, self.file.write_ptr) = (base, base);
        self.file.write_end = if full { self.file.buf_end } else { base };
    }

    /// Enters writing mode. What was read ahead goes back to the file where it can.
    ///
    /// # Errors
    /// `EBADF`: not open for writing; the error flag is set.
    #[cold]
    #[inline(never)]
    pub fn start_writing(&mut self) -> Result<(), Errno> {
        if self.has(flag::NO_WRITES) {
            return Err(self.failed(Errno::EBADF));
        }
        if self.file.mode == 0 {
            self.file.mode = -1;
        }
        self.allocate();
        let _ = self.give_back();
        self.forget_read();
        self.file.flags &= !flag::EOF;
        self.file.flags |= flag::PUTTING;
        self.forget_written();
        Ok(())
    }

    /// Enters reading mode, with everything written.
    ///
    /// # Errors
    /// `EBADF`: not open for reading; what writing the rest brought. The error flag is set.
    #[cold]
    #[inline(never)]
    pub fn start_reading(&mut self) -> Result<(), Errno> {
        if self.has(flag::NO_READS) {
            return Err(self.failed(Errno::EBADF));
        }
        if self.file.mode == 0 {
            self.file.mode = -1;
        }
        self.allocate();
        self.leave_writing()
    }

    /// Writes what waits and leaves writing mode.
    ///
    /// # Errors
    /// What the write brought; then the stream stays in writing mode and keeps what is not written.
    pub fn leave_writing(&mut self) -> Result<(), Errno> {
        if self.has(flag::PUTTING) {
            self.flush()?;
            self.file.flags &= !flag::PUTTING;
            self.forget_written();
        }
        Ok(())
    }

    /// Moves the file's offset back over what was read ahead, and forgets that.
    ///
    /// # Errors
    /// `ESPIPE`: the bytes stay readable.
    pub fn give_back(&mut self) -> Result<(), Errno> {
        let unread = self.unread();
        if unread == 0 {
            return Ok(());
        }
        let seek = self.ops.seek;
        self.file.offset = seek(self, -(unread as i64), linux::SEEK_CUR as i32)?;
        self.forget_read();
        Ok(())
    }
}

/// Whether the stream's descriptor is a terminal.
fn is_terminal(stream: &Stream) -> bool {
    let mut settings = [0u8; 64];
    // SAFETY: the kernel's struct termios has 36 bytes.
    unsafe { syscall!(__NR_ioctl, stream.file.fileno, linux_raw_sys::ioctl::TCGETS, settings.as_mut_ptr()) }
        .is_ok()
}
