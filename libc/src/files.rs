//! Files without stdio: small ones at once, or line by line.

use core::ffi::CStr;

use linux_raw_sys::general::{O_CLOEXEC, O_RDONLY};
use tidal_rt::Errno;

/// An open file that is closed at the end of its scope.
pub struct File(usize);

impl File {
    /// Opens a file for reading.
    ///
    /// # Errors
    /// Those of `open(2)`.
    pub fn open(path: &CStr) -> Result<File, Errno> {
        File::open_for(path, O_RDONLY)
    }

    /// Opens a file that is there, for `O_RDONLY`, `O_RDWR`, ….
    ///
    /// # Errors
    /// Those of `open(2)`.
    pub fn open_for(path: &CStr, access: u32) -> Result<File, Errno> {
        // SAFETY: the path is a C string.
        unsafe { tidal_rt::syscall!(__NR_open, path.as_ptr(), access | O_CLOEXEC, 0u32) }.map(File)
    }

    /// The descriptor, which stays this value's own.
    pub fn descriptor(&self) -> usize {
        self.0
    }

    /// Reads up to the buffer's length; 0 at the end.
    ///
    /// # Errors
    /// Those of `read(2)`, but for `EINTR`.
    pub fn read(&self, buffer: &mut [u8]) -> Result<usize, Errno> {
        loop {
            // SAFETY: the buffer is live and that long.
            match unsafe { tidal_rt::syscall!(__NR_read, self.0, buffer.as_mut_ptr(), buffer.len()) } {
                Err(Errno::EINTR) => {}
                result => return result,
            }
        }
    }
}

impl Drop for File {
    fn drop(&mut self) {
        // SAFETY: the descriptor is this value's own.
        let _ = unsafe { tidal_rt::syscall!(__NR_close, self.0) };
    }
}

/// Reads a file as far as the buffer goes; how many bytes it was.
///
/// # Errors
/// Those of `open(2)` and `read(2)`.
pub fn read_at_once(path: &CStr, buffer: &mut [u8]) -> Result<usize, Errno> {
    let file = File::open(path)?;
    let mut length = 0;
    while length < buffer.len() {
        match file.read(&mut buffer[length..])? {
            0 => break,
            count => length += count,
        }
    }
    Ok(length)
}

/// The lines of a file, one at a time. A line longer than `SIZE` is left out: half of it could mean something else.
pub struct Lines<const SIZE: usize> {
    file: File,
    buffer: [u8; SIZE],
    start: usize,
    end: usize,
    skipping: bool,
}

impl<const SIZE: usize> Lines<SIZE> {
    /// Opens a file.
    ///
    /// # Errors
    /// Those of `open(2)`.
    pub fn open(path: &CStr) -> Result<Self, Errno> {
        Ok(Lines { file: File::open(path)?, buffer: [0; SIZE], start: 0, end: 0, skipping: false })
    }

    /// The next line without its newline; nothing at the end, or where reading fails.
    pub fn next_line(&mut self) -> Option<&[u8]> {
        loop {
            if let Some(length) = self.buffer[self.start..self.end].iter().position(|&b| b == b'\n') {
                let line = self.start..self.start + length;
                self.start = line.end + 1;
                if core::mem::take(&mut self.skipping) {
                    continue;
                }
                return Some(&self.buffer[line]);
            }
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
            if self.end == SIZE {
                self.skipping = true;
                self.end = 0;
            }
            let count = self.file.read(&mut self.buffer[self.end..]).unwrap_or(0);
            if count == 0 {
                let rest = 0..core::mem::take(&mut self.end);
                return (!rest.is_empty() && !self.skipping).then(|| &self.buffer[rest]);
            }
            self.end += count;
        }
    }
}

/// The words of a line, between blanks, up to a comment.
pub fn words(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let line = line.split(|&b| b == b'#').next().unwrap_or(line);
    line.split(|b| b.is_ascii_whitespace()).filter(|word| !word.is_empty())
}
