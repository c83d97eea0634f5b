//! `<ftw.h>`: walking a tree of files.
//!
//! Each level of the tree keeps its directory open while the levels below it are walked; the caller's limit on
//! descriptors is not kept, and a tree deeper than the process may have descriptors ends the walk with `EMFILE`.

use core::ffi::{CStr, c_char, c_int};

use linux_raw_sys::general::{S_IFDIR, S_IFLNK, S_IFMT, stat as Stat};
use tidal_rt::Errno;

use crate::dirent::{closedir, entry_name, opendir, readdir};
use crate::errno::or_errno;
use crate::macros::aliases;

const PATH_MAX: usize = linux_raw_sys::general::PATH_MAX as usize;

const FTW_F: c_int = 0;
const FTW_D: c_int = 1;
const FTW_DNR: c_int = 2;
const FTW_NS: c_int = 3;
const FTW_SL: c_int = 4;
const FTW_DP: c_int = 5;
const FTW_SLN: c_int = 6;

const PHYSICAL: c_int = 1;
const MOUNT: c_int = 2;
const CHDIR: c_int = 4;
const DEPTH: c_int = 8;
const ACTIONS: c_int = 16;

/// What a function returns with `FTW_ACTIONRETVAL`.
const SKIP_SUBTREE: c_int = 2;
const SKIP_SIBLINGS: c_int = 3;

/// `struct FTW`.
#[repr(C)]
pub struct Position {
    base: c_int,
    level: c_int,
}

type Simple = unsafe extern "C" fn(*const c_char, *const Stat, c_int) -> c_int;
type Full = unsafe extern "C" fn(*const c_char, *const Stat, c_int, *const Position) -> c_int;

/// What is called for each file.
enum Call {
    Simple(Simple),
    Full(Full),
}

/// The directories that lead to where the walk is, so that links do not lead in circles.
struct Ancestor<'a> {
    above: Option<&'a Ancestor<'a>>,
    file: (u64, u64),
}

struct Walk {
    call: Call,
    flags: c_int,
    device: u64,
    path: [u8; PATH_MAX],
    length: usize,
}

/// How the walk goes on.
enum Next {
    On,
    SkipSiblings,
    Stop(c_int),
}

impl Walk {
    fn name(&self) -> *const c_char {
        self.path.as_ptr().cast()
    }

    fn call(&self, about: &Stat, kind: c_int, base: usize, level: c_int) -> c_int {
        let position = Position { base: base as c_int, level };
        // SAFETY: the caller's function; all it is given is live.
        unsafe {
            match self.call {
                Call::Simple(f) => f(self.name(), about, kind),
                Call::Full(f) => f(self.name(), about, kind, &position),
            }
        }
    }

    fn next(&self, result: c_int) -> Next {
        match result {
            0 => Next::On,
            SKIP_SUBTREE if self.flags & ACTIONS != 0 => Next::On,
            SKIP_SIBLINGS if self.flags & ACTIONS != 0 => Next::SkipSiblings,
            result => Next::Stop(result),
        }
    }

    /// Looks at the file of the path and what is below it.
    fn visit(&mut self, base: usize, level: c_int, above: Option<&Ancestor>) -> Result<Next, Errno> {
        let mut about = crate::sys::stat::zeroed();
        let physical = self.flags & PHYSICAL != 0;
        // SAFETY: the path is a C string, the result live.
        let (follow, link) = unsafe {
            let to = &raw mut about;
            let follow =
                if physical { Err(Errno::ENOENT) } else { tidal_rt::syscall!(__NR_stat, self.name(), to) };
            (follow, if follow.is_ok() { Ok(0) } else { tidal_rt::syscall!(__NR_lstat, self.name(), to) })
        };
        let format = about.st_mode & S_IFMT;
        let kind = match (follow, link) {
            (_, Err(Errno::EACCES)) | (Err(Errno::EACCES), _) if !physical => FTW_NS,
            (_, Err(e)) if level == 0 => return Err(e),
            (_, Err(_)) => FTW_NS,
            _ if format == S_IFDIR => FTW_D,
            _ if format == S_IFLNK && physical => FTW_SL,
            _ if format == S_IFLNK => FTW_SLN,
            _ => FTW_F,
        };
        if level == 0 {
            self.device = about.st_dev;
        } else if self.flags & MOUNT != 0 && kind != FTW_NS && about.st_dev != self.device {
            return Ok(Next::On);
        }
        if kind != FTW_D {
            let kind = if kind == FTW_SLN && matches!(self.call, Call::Simple(_)) { FTW_NS } else { kind };
            return Ok(self.next(self.call(&about, kind, base, level)));
        }
        self.directory(&about, base, level, above)
    }

    fn directory(
        &mut self,
        about: &Stat,
        base: usize,
        level: c_int,
        above: Option<&Ancestor>,
    ) -> Result<Next, Errno> {
        let here = Ancestor { above, file: (about.st_dev, about.st_ino) };
        let mut at = above;
        while let Some(ancestor) = at {
            if ancestor.file == here.file {
                return Ok(Next::On);
            }
            at = ancestor.above;
        }
        // SAFETY: the path is a C string.
        let directory = unsafe { opendir(self.name()) };
        if directory.is_null() {
            let e = Errno(tidal_rt::errno::get());
            if e != Errno::EACCES {
                return Err(e);
            }
            return Ok(self.next(self.call(about, FTW_DNR, base, level)));
        }
        let outcome = self.entries(directory, about, base, level, &here);
        // SAFETY: opened above.
        unsafe { closedir(directory) };
        let outcome = outcome?;
        match outcome {
            Next::On if self.flags & DEPTH != 0 => Ok(self.next(self.call(about, FTW_DP, base, level))),
            outcome => Ok(outcome),
        }
    }

    fn entries(
        &mut self,
        directory: *mut crate::dirent::Directory,
        about: &Stat,
        base: usize,
        level: c_int,
        here: &Ancestor,
    ) -> Result<Next, Errno> {
        if self.flags & DEPTH == 0 {
            let result = self.call(about, FTW_D, base, level);
            if self.flags & ACTIONS != 0 && result == SKIP_SUBTREE {
                return Ok(Next::On);
            }
            match self.next(result) {
                Next::On => {}
                other => return Ok(other),
            }
        }
        let length = self.length;
        loop {
            // SAFETY: the directory is open; an entry stays until the next call.
            let entry = unsafe { readdir(directory) };
            if entry.is_null() {
                return Ok(Next::On);
            }
            // SAFETY: as above.
            let name = unsafe { entry_name(entry) }.to_bytes();
            if name == b"." || name == b".." {
                continue;
            }
            let slash = usize::from(self.path[length - 1] != b'/');
            let end = length + slash + name.len();
            if end >= PATH_MAX {
                return Err(Errno::ENAMETOOLONG);
            }
            self.path[length] = b'/';
            self.path[length + slash..end].copy_from_slice(name);
            self.path[end] = 0;
            self.length = end;
            let next = self.visit(length + slash, level + 1, Some(here));
            self.length = length;
            self.path[length] = 0;
            match next? {
                Next::On => {}
                Next::SkipSiblings => return Ok(Next::On),
                stop => return Ok(stop),
            }
        }
    }
}

fn walk(path: *const c_char, call: Call, flags: c_int) -> c_int {
    // SAFETY: a C string by contract of the callers.
    let start = unsafe { CStr::from_ptr(path) }.to_bytes();
    if start.is_empty() || start.len() >= PATH_MAX {
        return or_errno(Err(if start.is_empty() { Errno::ENOENT } else { Errno::ENAMETOOLONG }));
    }
    if flags & CHDIR != 0 {
        // Changing the directory for each call is not there.
        return or_errno(Err(Errno::ENOSYS));
    }
    let mut state = Walk { call, flags, device: 0, path: [0; PATH_MAX], length: start.len() };
    state.path[..start.len()].copy_from_slice(start);
    while state.length > 1 && state.path[state.length - 1] == b'/' {
        state.length -= 1;
        state.path[state.length] = 0;
    }
    let base = state.path[..state.length].iter().rposition(|&b| b == b'/').map_or(0, |at| at + 1);
    match state.visit(if state.length == 1 { 0 } else { base }, 0, None) {
        Ok(Next::Stop(result)) => result,
        Ok(_) => 0,
        Err(e) => or_errno(Err(e)),
    }
}

/// Calls a function for each file of a tree; its first result that is not 0, or 0.
///
/// # Errors
/// Those of `stat(2)` and `opendir`, `ENAMETOOLONG`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ftw(path: *const c_char, function: Simple, _descriptors: c_int) -> c_int {
    walk(path, Call::Simple(function), 0)
}

/// As `ftw`, with flags, and the function told how deep the file lies.
///
/// # Errors
/// As [`ftw`]; `ENOSYS` with `FTW_CHDIR`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nftw(
    path: *const c_char,
    function: Full,
    _descriptors: c_int,
    flags: c_int,
) -> c_int {
    walk(path, Call::Full(function), flags)
}

aliases! {
    fn ftw64(path: *const c_char, function: Simple, descriptors: c_int) -> c_int = ftw;
    fn nftw64(path: *const c_char, function: Full, descriptors: c_int, flags: c_int) -> c_int = nftw;
}
