//! The file of records.

use core::ffi::{CStr, c_int};

use linux_raw_sys::general::{
    F_SETLK, F_UNLCK, F_WRLCK, O_CLOEXEC, O_RDONLY, O_RDWR, SEEK_CUR, SEEK_END, SEEK_SET, flock, timespec,
};
use tidal_rt::Errno;

use super::record::Record;

/// What a file is opened for.
#[derive(Clone, Copy)]
pub enum Access {
    Read,
    Write,
}

/// An open file, closed at the end of its scope.
pub struct Database(c_int);

const SIZE: usize = size_of::<Record>();

impl Database {
    /// Opens a file, which must be there.
    pub fn open(path: &CStr, access: Access) -> Result<Self, Errno> {
        let flags = O_CLOEXEC
            | match access {
                Access::Read => O_RDONLY,
                Access::Write => O_RDWR,
            };
        // SAFETY: a C string.
        let fd = unsafe { tidal_rt::syscall!(__NR_open, path.as_ptr(), flags, 0u32) }?;
        Ok(Database(fd as c_int))
    }

    /// The next record; part of one at the end is none.
    pub fn read(&mut self) -> Result<Option<Record>, Errno> {
        let mut record = Record::empty();
        // SAFETY: any bytes are a record.
        match unsafe { tidal_rt::syscall!(__NR_read, self.0, &raw mut record, SIZE) }? {
            SIZE => Ok(Some(record)),
            _ => Ok(None),
        }
    }

    fn seek(&self, offset: i64, whence: u32) -> Result<i64, Errno> {
        // SAFETY: no pointers.
        Ok(unsafe { tidal_rt::syscall!(__NR_lseek, self.0, offset, whence) }? as i64)
    }

    fn write(&self, record: &Record) -> Result<(), Errno> {
        // SAFETY: the record is live.
        match unsafe { tidal_rt::syscall!(__NR_write, self.0, core::ptr::from_ref(record), SIZE) }? {
            SIZE => Ok(()),
            _ => Err(Errno::ENOSPC),
        }
    }

    /// Writes a record over the one that it stands for, else at the end.
    pub fn put(&mut self, record: &Record) -> Result<(), Errno> {
        self.locked(|file| {
            while let Some(found) = file.read()? {
                if found.is_of(record) {
                    file.seek(-(SIZE as i64), SEEK_CUR)?;
                    return file.write(record);
                }
            }
            file.write_at_end(record)
        })
    }

    /// Writes a record at the end.
    pub fn append(&mut self, record: &Record) -> Result<(), Errno> {
        self.locked(|file| file.write_at_end(record))
    }

    /// What is left of a broken record there is written over; a record that does not fit leaves nothing.
    fn write_at_end(&self, record: &Record) -> Result<(), Errno> {
        let end = self.seek(0, SEEK_END)?;
        let end = self.seek(end - end % SIZE as i64, SEEK_SET)?;
        self.write(record).inspect_err(|_| {
            // SAFETY: no pointers.
            let _ = unsafe { tidal_rt::syscall!(__NR_ftruncate, self.0, end) };
        })
    }

    /// Runs `f` while no other process writes. Who locks the file for ever makes nobody wait as long.
    fn locked<R>(&mut self, f: impl FnOnce(&mut Self) -> Result<R, Errno>) -> Result<R, Errno> {
        const ATTEMPTS: u32 = 100;
        let pause = timespec { tv_sec: 0, tv_nsec: 20_000_000 };
        let mut attempts = 0;
        while let Err(e) = self.lock(F_WRLCK) {
            attempts += 1;
            if !matches!(e, Errno::EAGAIN | Errno::EACCES) || attempts == ATTEMPTS {
                return Err(e);
            }
            // SAFETY: the time is live.
            let _ = unsafe { tidal_rt::syscall!(__NR_nanosleep, &raw const pause, 0usize) };
        }
        let result = f(self);
        let _ = self.lock(F_UNLCK);
        result
    }

    fn lock(&self, kind: u32) -> Result<usize, Errno> {
        let whole = flock { l_type: kind as i16, l_whence: SEEK_SET as i16, l_start: 0, l_len: 0, l_pid: 0 };
        // SAFETY: the structure is live.
        unsafe { tidal_rt::syscall!(__NR_fcntl, self.0, F_SETLK, &raw const whole) }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // SAFETY: this value's own.
        let _ = unsafe { tidal_rt::syscall!(__NR_close, self.0) };
    }
}
