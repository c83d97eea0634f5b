//! Named semaphores: a file of 32 bytes in `/dev/shm`, mapped by everyone who opens the name.
//!
//! A process that opens the same file again gets the same address: [`OPEN`] lists what it has mapped. A new semaphore is
//! written to a file of a random name first and then linked to its own, so that nobody sees it half made.

use core::ffi::CStr;
use core::ptr;
use core::sync::atomic::{AtomicPtr, Ordering::Relaxed};

use linux_raw_sys::general as linux;
use tidal_rt::lock::RawLock;
use tidal_rt::sys::memory::PAGE;
use tidal_rt::{Errno, syscall};

use crate::semaphore::{Semaphore, VALUE_MAX};
use crate::sync::Scope;

const DIRECTORY: &[u8] = b"/dev/shm/sem.";
/// `NAME_MAX`, less the prefix that the file's name has.
const NAME_MOST: usize = 255 - 4;

/// `sem_t` on file.
const FILE_SIZE: usize = 32;

/// Lies in the page behind the semaphore's.
struct Open {
    next: *mut Open,
    device: u64,
    inode: u64,
    references: usize,
}

static LOCK: RawLock = RawLock::new();
static OPEN: AtomicPtr<Open> = AtomicPtr::new(ptr::null_mut());

/// In a fork child, whose other threads may have held the lock.
///
/// # Safety
/// There is one thread, and it does not hold the lock.
pub(crate) unsafe fn reset_lock() {
    // SAFETY: by the caller's contract; every change of the list is one store.
    unsafe { LOCK.reset() }
}

/// What `sem_open` was told about creating.
#[derive(Clone, Copy)]
pub struct Creation {
    /// `O_EXCL`: fail if it exists.
    pub exclusive: bool,
    /// Permissions; the umask applies.
    pub mode: u32,
    /// First value.
    pub value: u32,
}

struct Path([u8; DIRECTORY.len() + NAME_MOST + 1]);

impl Path {
    fn of(name: &CStr) -> Result<Self, Errno> {
        let name = name.to_bytes();
        let name = &name[name.iter().take_while(|&&b| b == b'/').count()..];
        if name.len() > NAME_MOST {
            return Err(Errno::ENAMETOOLONG);
        }
        if name.is_empty() || name.contains(&b'/') {
            return Err(Errno::EINVAL);
        }
        Ok(Path::join(name))
    }

    fn join(name: &[u8]) -> Self {
        let mut path = [0; DIRECTORY.len() + NAME_MOST + 1];
        path[..DIRECTORY.len()].copy_from_slice(DIRECTORY);
        path[DIRECTORY.len()..][..name.len()].copy_from_slice(name);
        Path(path)
    }

    fn open(&self, flags: u32, mode: u32) -> Result<File, Errno> {
        let flags = flags | linux::O_RDWR | linux::O_NOFOLLOW | linux::O_CLOEXEC;
        // SAFETY: a C string.
        unsafe { syscall!(__NR_open, self.0.as_ptr(), flags, mode) }.map(File)
    }

    fn remove(&self) -> Result<(), Errno> {
        // SAFETY: a C string.
        unsafe { syscall!(__NR_unlink, self.0.as_ptr()) }.map(drop)
    }
}

struct File(usize);

impl Drop for File {
    fn drop(&mut self) {
        // SAFETY: opened by this value.
        let _ = unsafe { syscall!(__NR_close, self.0) };
    }
}

/// Opens a semaphore by its name, or makes it.
///
/// # Errors
/// `EINVAL` (name or value), `ENAMETOOLONG`, `ENOENT`, `EEXIST`, `EACCES`, `EMFILE`, `ENFILE`, `ENOMEM`.
pub fn open(name: &CStr, create: Option<Creation>) -> Result<*mut Semaphore, Errno> {
    let path = Path::of(name)?;
    if create.is_some_and(|c| c.value > VALUE_MAX) {
        return Err(Errno::EINVAL);
    }
    LOCK.lock();
    let result = open_locked(&path, create);
    // SAFETY: held since above.
    unsafe { LOCK.unlock() };
    result
}

fn open_locked(path: &Path, create: Option<Creation>) -> Result<*mut Semaphore, Errno> {
    loop {
        let file = match (path.open(0, 0), create) {
            (Ok(_), Some(Creation { exclusive: true, .. })) => return Err(Errno::EEXIST),
            (Ok(file), _) => file,
            (Err(Errno::ENOENT), Some(creation)) => match make(path, creation) {
                // Somebody else made it meanwhile.
                Err(Errno::EEXIST) if !creation.exclusive => continue,
                made => made?,
            },
            (Err(Errno::ELOOP), _) => return Err(Errno::EINVAL),
            (Err(e), _) => return Err(e),
        };
        return mapped(&file);
    }
}

/// Makes the file complete under another name, then gives it its own.
fn make(path: &Path, creation: Creation) -> Result<File, Errno> {
    let (temporary, file) = loop {
        let mut random = [0u8; 12];
        // SAFETY: the buffer is live and that long. Without randomness the names are just more likely to be taken.
        let _ = unsafe { syscall!(__NR_getrandom, random.as_mut_ptr(), random.len(), 0u32) };
        let letters = random.map(|b| b'a' + b % 26);
        let temporary = Path::join(&letters);
        match temporary.open(linux::O_CREAT | linux::O_EXCL, creation.mode) {
            Ok(file) => break (temporary, file),
            Err(Errno::EEXIST) => {}
            Err(e) => return Err(e),
        }
    };
    let contents: [u64; FILE_SIZE / 8] = [u64::from(creation.value), 1, 0, 0];
    // SAFETY: the buffer and both names are live.
    let linked = unsafe {
        syscall!(__NR_write, file.0, contents.as_ptr(), FILE_SIZE)
            .and_then(|_| syscall!(__NR_link, temporary.0.as_ptr(), path.0.as_ptr()))
    };
    let _ = temporary.remove();
    linked.map(|_| file)
}

/// The semaphore of an open file, at the address that this process has it at.
fn mapped(file: &File) -> Result<*mut Semaphore, Errno> {
    let mut status = core::mem::MaybeUninit::<linux::stat>::uninit();
    // SAFETY: the structure is as the kernel has it on this architecture.
    let status = unsafe {
        syscall!(__NR_fstat, file.0, status.as_mut_ptr())?;
        status.assume_init()
    };
    if (status.st_size as usize) < FILE_SIZE {
        return Err(Errno::EINVAL);
    }
    let (device, inode) = (status.st_dev as u64, status.st_ino as u64);
    let mut next = OPEN.load(Relaxed);
    // SAFETY: what is in the list is mapped; the lock is held.
    while let Some(open) = unsafe { next.as_mut() } {
        if (open.device, open.inode) == (device, inode) {
            open.references += 1;
            return Ok(semaphore_of(next));
        }
        next = open.next;
    }
    map_new(file, device, inode)
}

fn map_new(file: &File, device: u64, inode: u64) -> Result<*mut Semaphore, Errno> {
    let access = linux::PROT_READ | linux::PROT_WRITE;
    let own = linux::MAP_PRIVATE | linux::MAP_ANONYMOUS;
    let shared = linux::MAP_SHARED | linux::MAP_FIXED;
    // SAFETY: two fresh pages, the first of which the file's takes over.
    let map = unsafe {
        let map = syscall!(__NR_mmap, 0usize, 2 * PAGE, access, own, -1i32, 0usize)?;
        if let Err(e) = syscall!(__NR_mmap, map, PAGE, access, shared, file.0, 0usize) {
            let _ = syscall!(__NR_munmap, map, 2 * PAGE);
            return Err(e);
        }
        map
    };
    let open = ptr::with_exposed_provenance_mut::<Open>(map + PAGE);
    // SAFETY: the second page, ours alone.
    unsafe { open.write(Open { next: OPEN.load(Relaxed), device, inode, references: 1 }) };
    OPEN.store(open, Relaxed);
    Ok(semaphore_of(open))
}

fn semaphore_of(open: *mut Open) -> *mut Semaphore {
    open.wrapping_byte_sub(PAGE).cast()
}

/// Gives back a semaphore that [`open`] gave.
///
/// # Errors
/// `EINVAL` if it did not.
pub fn close(semaphore: *mut Semaphore) -> Result<(), Errno> {
    LOCK.lock();
    let result = close_locked(semaphore);
    // SAFETY: held since above.
    unsafe { LOCK.unlock() };
    result
}

fn close_locked(semaphore: *mut Semaphore) -> Result<(), Errno> {
    let mut previous: *mut Open = ptr::null_mut();
    let mut next = OPEN.load(Relaxed);
    // SAFETY: what is in the list is mapped; the lock is held.
    while let Some(open) = unsafe { next.as_mut() } {
        if semaphore_of(next) == semaphore {
            open.references -= 1;
            if open.references > 0 {
                return Ok(());
            }
            let after = open.next;
            // SAFETY: the list's own entry before this one; nobody names the mapping any more.
            unsafe {
                match previous.as_mut() {
                    Some(p) => p.next = after,
                    None => OPEN.store(after, Relaxed),
                }
                return syscall!(__NR_munmap, semaphore, 2 * PAGE).map(drop);
            }
        }
        previous = next;
        next = open.next;
    }
    Err(Errno::EINVAL)
}

/// Removes a name. Who has the semaphore open keeps it.
///
/// # Errors
/// `ENOENT`, `EACCES`, `ENAMETOOLONG`.
pub fn unlink(name: &CStr) -> Result<(), Errno> {
    let path = Path::of(name).map_err(|e| if e == Errno::EINVAL { Errno::ENOENT } else { e })?;
    path.remove().map_err(|e| if e == Errno::EPERM { Errno::EACCES } else { e })
}

const _: () = {
    // What `make` writes: the value, and the word that says "shared".
    assert!(size_of::<Semaphore>() == 16);
    let _ = Scope::Shared;
};
