//! The file of records.

use core::ffi::CStr;
use core::slice;

use linux_raw_sys::general::{
    F_OFD_SETLK, F_UNLCK, F_WRLCK, O_RDONLY, O_RDWR, SEEK_CUR, SEEK_END, SEEK_SET, flock, timespec,
};
use tidal_rt::Errno;

use super::record::Record;
use crate::files::File;

/// What a file is opened for.
#[derive(Clone, Copy)]
pub enum Access {
    Read,
    Write,
}

/// An open file, closed at the end of its scope.
pub struct Database(File);

const SIZE: usize = size_of::<Record>();

impl Database {
    /// Opens a file, which must be there.
    pub fn open(path: &CStr, access: Access) -> Result<Self, Errno> {
        let access = match access {
            Access::Read => O_RDONLY,
            Access::Write => O_RDWR,
        };
        File::open_for(path, access).map(Database)
    }

    /// The next record; part of one at the end is none, and is read again when the rest may have come.
    fn read(&mut self) -> Result<Option<Record>, Errno> {
        let mut record = Record::empty();
        // SAFETY: any bytes are a record, which is live and has no padding.
        let bytes = unsafe { slice::from_raw_parts_mut((&raw mut record).cast::<u8>(), SIZE) };
        match self.0.read(bytes)? {
            SIZE => Ok(Some(record)),
            0 => Ok(None),
            part => self.seek(-(part as i64), SEEK_CUR).map(|_| None),
        }
    }

    /// The next record that is wanted; `None` at the end.
    pub fn find(&mut self, wanted: impl Fn(&Record) -> bool) -> Result<Option<Record>, Errno> {
        while let Some(record) = self.read()? {
            if wanted(&record) {
                return Ok(Some(record));
            }
        }
        Ok(None)
    }

    fn seek(&self, offset: i64, whence: u32) -> Result<i64, Errno> {
        // SAFETY: no pointers.
        Ok(unsafe { tidal_rt::syscall!(__NR_lseek, self.0.descriptor(), offset, whence) }? as i64)
    }

    fn write(&self, record: &Record) -> Result<(), Errno> {
        let (fd, record) = (self.0.descriptor(), core::ptr::from_ref(record));
        loop {
            // SAFETY: the record is live.
            match unsafe { tidal_rt::syscall!(__NR_write, fd, record, SIZE) } {
                Ok(SIZE) => return Ok(()),
                Ok(_) => return Err(Errno::ENOSPC),
                Err(Errno::EINTR) => {}
                Err(e) => return Err(e),
            }
        }
    }

    /// Writes a record over the one that it stands for, else at the end.
    pub fn put(&mut self, record: &Record) -> Result<(), Errno> {
        self.locked(|file| {
            if file.find(|found| found.is_of(record))?.is_none() {
                return file.write_at_end(record);
            }
            file.seek(-(SIZE as i64), SEEK_CUR)?;
            file.write(record)
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
            let _ = unsafe { tidal_rt::syscall!(__NR_ftruncate, self.0.descriptor(), end) };
        })
    }

    /// Runs `f` while nobody else writes: the lock is this open file's, so it keeps out the other threads as well, and does
    /// not end when another descriptor of the file is closed. Who locks the file for ever makes nobody wait as long.
    fn locked<R>(&mut self, f: impl FnOnce(&mut Self) -> Result<R, Errno>) -> Result<R, Errno> {
        const ATTEMPTS: u32 = 100;
        let mut attempts = 0;
        while let Err(e) = self.lock(F_WRLCK) {
            attempts += 1;
            if !matches!(e, Errno::EAGAIN | Errno::EACCES) || attempts == ATTEMPTS {
                return Err(e);
            }
            nap();
        }
        let result = f(self);
        let _ = self.lock(F_UNLCK);
        result
    }

    fn lock(&self, kind: u32) -> Result<usize, Errno> {
        let whole = flock { l_type: kind as i16, l_whence: SEEK_SET as i16, l_start: 0, l_len: 0, l_pid: 0 };
        // SAFETY: the structure is live.
        unsafe { tidal_rt::syscall!(__NR_fcntl, self.0.descriptor(), F_OFD_SETLK, &raw const whole) }
    }
}

/// Sleeps for a fiftieth of a second, however many signals come.
fn nap() {
    let mut left = timespec { tv_sec: 0, tv_nsec: 20_000_000 };
    // SAFETY: the time is live; a call that a signal ends leaves in it what is left.
    while unsafe { tidal_rt::syscall!(__NR_nanosleep, &raw const left, &raw mut left) } == Err(Errno::EINTR) {
    }
}
