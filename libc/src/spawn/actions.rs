//! `posix_spawn_file_actions_t`: what the child does to its descriptors, in order.

use core::ffi::{c_char, c_int, c_uint};
use core::mem::size_of;
use core::ptr;

use linux_raw_sys::general::{RLIMIT_NOFILE, rlimit};
use tidal_rt::{Errno, syscall};

use crate::errno::zero_or_number;
use crate::{cstr, heap};

/// One action.
#[derive(Clone, Copy)]
pub(super) enum Action {
    Close(c_int),
    Duplicate { from: c_int, to: c_int },
    Open { fd: c_int, path: *mut c_char, flags: c_int, mode: c_uint },
    ChangeDirectory(*mut c_char),
    ChangeDirectoryTo(c_int),
    CloseFrom(c_int),
    Foreground(c_int),
}

/// `posix_spawn_file_actions_t` as the header has it.
#[repr(C)]
pub struct Actions {
    allocated: c_int,
    used: c_int,
    list: *mut Action,
    room: [c_int; 16],
}

const _: () = assert!(size_of::<Actions>() == 80);

impl Actions {
    pub(super) fn as_slice(&self) -> &[Action] {
        if self.list.is_null() {
            return &[];
        }
        // SAFETY: `push` has written that many.
        unsafe { core::slice::from_raw_parts(self.list, self.used as usize) }
    }

    fn push(&mut self, action: Action) -> Result<(), Errno> {
        const FIRST: c_int = 8;
        if self.used == self.allocated {
            let more = (self.allocated * 2).max(FIRST);
            // SAFETY: the list is from the C heap, and replaced.
            let list = unsafe { heap::resize(self.list.cast(), more as usize * size_of::<Action>()) };
            self.list = list.ok_or(Errno::ENOMEM)?.as_ptr().cast();
            self.allocated = more;
        }
        // SAFETY: there is room for one more.
        unsafe { self.list.add(self.used as usize).write(action) };
        self.used += 1;
        Ok(())
    }
}

/// A descriptor that some process with our limits may have.
fn valid(fd: c_int) -> Result<c_int, Errno> {
    let mut limit = rlimit { rlim_cur: u64::MAX, rlim_max: 0 };
    // SAFETY: the structure is live.
    let _ = unsafe { syscall!(__NR_getrlimit, RLIMIT_NOFILE, ptr::from_mut(&mut limit)) };
    if fd >= 0 && (fd as u64) < limit.rlim_cur { Ok(fd) } else { Err(Errno::EBADF) }
}

/// # Safety
/// `path` is a C string.
unsafe fn copy(path: *const c_char) -> Result<*mut c_char, Errno> {
    // SAFETY: by the caller's contract.
    let bytes = unsafe { cstr::bytes_with_nul(path) };
    let copy = heap::allocate(bytes.len()).ok_or(Errno::ENOMEM)?.as_ptr().cast::<u8>();
    // SAFETY: just allocated with that size.
    unsafe { copy.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
    Ok(copy.cast())
}

/// # Safety
/// `actions` is initialised; a `path` is from [`copy`].
unsafe fn push_with_path(actions: *mut Actions, path: *mut c_char, action: Action) -> Result<(), Errno> {
    // SAFETY: by the caller's contract; a path that is not taken has no other owner.
    unsafe { (*actions).push(action).inspect_err(|_| heap::release(path)) }
}

/// No actions.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn posix_spawn_file_actions_init(actions: *mut Actions) -> c_int {
    // SAFETY: the caller gives memory for them.
    unsafe { actions.write(Actions { allocated: 0, used: 0, list: ptr::null_mut(), room: [0; 16] }) };
    0
}

/// Gives the actions' memory back.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn posix_spawn_file_actions_destroy(actions: *mut Actions) -> c_int {
    // SAFETY: initialised actions own their paths and their list.
    unsafe {
        for action in (*actions).as_slice() {
            if let Action::Open { path, .. } | Action::ChangeDirectory(path) = *action {
                heap::release(path);
            }
        }
        heap::release((*actions).list);
        posix_spawn_file_actions_init(actions)
    }
}

/// The child opens a file as `fd`.
///
/// # Errors
/// `EBADF` for a number that is no descriptor, `ENOMEM`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn posix_spawn_file_actions_addopen(
    actions: *mut Actions,
    fd: c_int,
    path: *const c_char,
    flags: c_int,
    mode: c_uint,
) -> c_int {
    // SAFETY: initialised actions and a C string, by contract.
    zero_or_number(valid(fd).and_then(|fd| unsafe {
        let path = copy(path)?;
        push_with_path(actions, path, Action::Open { fd, path, flags, mode })
    }))
}

/// The child changes its directory; later actions see it.
///
/// # Errors
/// `ENOMEM`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn posix_spawn_file_actions_addchdir_np(
    actions: *mut Actions,
    path: *const c_char,
) -> c_int {
    // SAFETY: initialised actions and a C string, by contract.
    zero_or_number(unsafe {
        copy(path).and_then(|path| push_with_path(actions, path, Action::ChangeDirectory(path)))
    })
}

/// The child makes `to` the same open file as `from`; if they are one number, the file stays open across the exec.
///
/// # Errors
/// `EBADF` for a number that is no descriptor, `ENOMEM`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn posix_spawn_file_actions_adddup2(
    actions: *mut Actions,
    from: c_int,
    to: c_int,
) -> c_int {
    // SAFETY: initialised actions, by contract.
    zero_or_number(
        valid(from).and(valid(to)).and_then(|_| unsafe { (*actions).push(Action::Duplicate { from, to }) }),
    )
}

macro_rules! descriptor_action {
    ($($what:literal $name:ident => $action:ident;)*) => { $(
        #[doc = $what]
        ///
        /// # Errors
        /// `EBADF` for a number that is no descriptor, `ENOMEM`.
        ///
        /// Signal-safe: no. Vfork-safe: yes.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(actions: *mut Actions, fd: c_int) -> c_int {
            // SAFETY: initialised actions, by contract.
            zero_or_number(valid(fd).and_then(|fd| unsafe { (*actions).push(Action::$action(fd)) }))
        }
    )* };
}

descriptor_action! {
    "The child closes a descriptor, if it is open." posix_spawn_file_actions_addclose => Close;
    "The child changes to an open directory." posix_spawn_file_actions_addfchdir_np => ChangeDirectoryTo;
    "The child closes every descriptor from this one up." posix_spawn_file_actions_addclosefrom_np => CloseFrom;
    "The child's process group becomes the foreground of a terminal." posix_spawn_file_actions_addtcsetpgrp_np => Foreground;
}
