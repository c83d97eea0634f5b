//! The exec family. All of it works in a vfork child without the heap and without a lock.

use core::arch::naked_asm;
use core::ffi::{c_char, c_int, c_void};
use core::mem::MaybeUninit;
use core::ptr;
use core::sync::atomic::Ordering::Relaxed;

use linux_raw_sys::general as linux;
use tidal_rt::startup::ENVIRON;
use tidal_rt::{Errno, syscall};

use crate::cstr;
use crate::errno::or_errno;
use crate::stdlib::environment::getenv;

/// An array of C strings that ends with a null pointer.
type Strings = *const *const c_char;

const SHELL: *const c_char = c"/bin/sh".as_ptr();
/// `confstr(_CS_PATH)`: where commands are looked for without `PATH`.
const DEFAULT_PATH: &[u8] = b"/bin:/usr/bin";
const PATH_MAX: usize = 4096;
const NAME_MAX: usize = 255;

/// Room for a directory of `PATH`, a slash, a name and the NUL.
pub(crate) type PathBuffer = [MaybeUninit<u8>; PATH_MAX + NAME_MAX + 2];

fn environ() -> Strings {
    ENVIRON.load(Relaxed).cast_const().cast()
}

/// `execve(2)`; returns only if it failed.
///
/// # Safety
/// As for the C function.
pub(crate) unsafe fn try_execute(path: *const c_char, argv: Strings, envp: Strings) -> Errno {
    // SAFETY: by the caller's contract.
    match unsafe { syscall!(__NR_execve, path, argv, envp) } {
        Err(e) => e,
        Ok(_) => Errno::EINVAL,
    }
}

/// The call's failure, as C sees it.
fn failed(e: Errno) -> c_int {
    or_errno(Err(e))
}

/// Replaces the program.
///
/// # Errors
/// -1 and `E2BIG`, `EACCES`, `ENOENT`, `ENOEXEC`, …: see `execve(2)`.
///
/// Signal-safe: yes. Vfork-safe: yes.
///
/// # Safety
/// `path` is a C string; both arrays end with a null pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execve(path: *const c_char, argv: Strings, envp: Strings) -> c_int {
    // SAFETY: by the caller's contract.
    failed(unsafe { try_execute(path, argv, envp) })
}

/// Replaces the program, with the environment that the process has.
///
/// # Errors
/// As [`execve`].
///
/// Signal-safe: yes. Vfork-safe: yes.
///
/// # Safety
/// As [`execve`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execv(path: *const c_char, argv: Strings) -> c_int {
    // SAFETY: by the caller's contract.
    unsafe { execve(path, argv, environ()) }
}

/// Replaces the program by a file below a directory, or by an open file (`AT_EMPTY_PATH`).
///
/// # Errors
/// As [`execve`], and those of `execveat(2)`.
///
/// Signal-safe: yes. Vfork-safe: yes.
///
/// # Safety
/// As [`execve`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execveat(
    directory: c_int,
    path: *const c_char,
    argv: Strings,
    envp: Strings,
    flags: c_int,
) -> c_int {
    // SAFETY: by the caller's contract.
    or_errno(unsafe { syscall!(__NR_execveat, directory, path, argv, envp, flags) }.map(|_| 0))
}

/// Replaces the program by an open file.
///
/// # Errors
/// As [`execve`]; `EINVAL` for a null array or a bad descriptor number, `ENOENT` for a script opened with `O_CLOEXEC`.
///
/// Signal-safe: yes. Vfork-safe: yes.
///
/// # Safety
/// As [`execve`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fexecve(file: c_int, argv: Strings, envp: Strings) -> c_int {
    if file < 0 || argv.is_null() || envp.is_null() {
        return failed(Errno::EINVAL);
    }
    // SAFETY: by the caller's contract.
    unsafe { execveat(file, c"".as_ptr(), argv, envp, linux::AT_EMPTY_PATH as c_int) }
}

/// Replaces the program by one that is looked for in `PATH`.
///
/// # Errors
/// As [`execvpe`].
///
/// Signal-safe: yes. Vfork-safe: yes.
///
/// # Safety
/// As [`execve`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execvp(file: *const c_char, argv: Strings) -> c_int {
    // SAFETY: by the caller's contract.
    unsafe { execvpe(file, argv, environ()) }
}

/// Replaces the program by one that is looked for in `PATH` (`/bin:/usr/bin` without it), unless its name has a slash. A
/// file that the kernel takes for no program is given to `/bin/sh`.
///
/// # Errors
/// As [`execve`]; `EACCES` if a file was found that may not be executed, and no other.
///
/// Signal-safe: yes. Vfork-safe: yes.
///
/// # Safety
/// As [`execve`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execvpe(file: *const c_char, argv: Strings, envp: Strings) -> c_int {
    let mut buffer: PathBuffer = [MaybeUninit::uninit(); _];
    // SAFETY: by the caller's contract.
    failed(unsafe { search(file, &mut buffer, |path| execute_or_script(path, argv, envp)) })
}

/// Tries `execute` on each file that `PATH` makes of `file`, and tells why the last word was no.
///
/// # Safety
/// `file` is a C string.
pub(crate) unsafe fn search(
    file: *const c_char,
    buffer: &mut PathBuffer,
    mut execute: impl FnMut(*const c_char) -> Errno,
) -> Errno {
    // SAFETY: by the caller's contract.
    let name = unsafe { cstr::bytes_with_nul(file) };
    if name.contains(&b'/') {
        return execute(file);
    }
    match name.len() - 1 {
        0 => return Errno::ENOENT,
        length if length > NAME_MAX => return Errno::ENAMETOOLONG,
        _ => {}
    }
    let mut denied = false;
    for directory in path_variable().split(|&b| b == b':') {
        if directory.len() >= PATH_MAX {
            continue;
        }
        let slash: &[u8] = if directory.is_empty() { b"" } else { b"/" };
        let path = buffer.as_mut_ptr().cast::<u8>();
        // SAFETY: a directory below PATH_MAX, a slash, and a name up to NAME_MAX with its NUL fit the buffer.
        unsafe {
            let mut end = path;
            for piece in [directory, slash, name] {
                end.copy_from_nonoverlapping(piece.as_ptr(), piece.len());
                end = end.add(piece.len());
            }
        }
        match execute(path.cast()) {
            Errno::EACCES => denied = true,
            // The file, or the directory, is not there or cannot be reached.
            Errno::ENOENT | Errno::ENOTDIR | Errno::ENODEV | Errno::ETIMEDOUT | Errno::ESTALE => {}
            other => return other,
        }
    }
    if denied { Errno::EACCES } else { Errno::ENOENT }
}

fn path_variable() -> &'static [u8] {
    // SAFETY: the name is a C string.
    let path = unsafe { getenv(c"PATH".as_ptr()) };
    if path.is_null() {
        return DEFAULT_PATH;
    }
    // SAFETY: the value is a C string of the environment.
    unsafe { cstr::bytes(path) }
}

/// # Safety
/// As [`execve`].
unsafe fn execute_or_script(path: *const c_char, argv: Strings, envp: Strings) -> Errno {
    // SAFETY: by the caller's contract.
    let why = unsafe { try_execute(path, argv, envp) };
    if why != Errno::ENOEXEC {
        return why;
    }
    // SAFETY: as above; the array ends with a null pointer.
    unsafe {
        let count = if argv.is_null() { 0 } else { (0..).take_while(|&i| !(*argv.add(i)).is_null()).count() };
        let mut script = Script { path, argv, envp, arguments: count.saturating_sub(1), why };
        // The shell, the script, its arguments, null.
        let room = (script.arguments + 3) * size_of::<*const c_char>();
        with_room(room, run_shell, (&raw mut script).cast());
        script.why
    }
}

struct Script {
    path: *const c_char,
    argv: Strings,
    envp: Strings,
    /// Without the name.
    arguments: usize,
    why: Errno,
}

/// # Safety
/// `room` has space for the new arguments, `script` is a [`Script`].
unsafe extern "C" fn run_shell(room: *mut c_void, script: *mut c_void) {
    let new = room.cast::<*const c_char>();
    // SAFETY: by the caller's contract.
    unsafe {
        let script = &mut *script.cast::<Script>();
        new.write(SHELL);
        new.add(1).write(script.path);
        if script.arguments > 0 {
            ptr::copy_nonoverlapping(script.argv.add(1), new.add(2), script.arguments);
        }
        new.add(2 + script.arguments).write(ptr::null());
        script.why = try_execute(SHELL, new, script.envp);
    }
}

/// Calls `f(room, argument)` with `size` bytes of stack, which no heap nor lock is needed for: the caller may be a vfork
/// child, whose mappings would stay in its parent.
///
/// # Safety
/// `f` uses no more than `size` bytes at `room`, and `argument` is what it expects.
#[unsafe(naked)]
unsafe extern "C" fn with_room(
    size: usize,
    f: unsafe extern "C" fn(*mut c_void, *mut c_void),
    argument: *mut c_void,
) {
    naked_asm!(
        ".cfi_startproc",
        "push rbp",
        ".cfi_adjust_cfa_offset 8",
        ".cfi_rel_offset rbp, 0",
        "mov rbp, rsp",
        ".cfi_def_cfa_register rbp",
        "add rdi, 15",
        "and rdi, -16",
        // Page by page, so that a guard page below the stack is hit and not jumped over.
        "2: cmp rdi, 4096",
        "jb 3f",
        "sub rsp, 4096",
        "or qword ptr [rsp], 0",
        "sub rdi, 4096",
        "jmp 2b",
        "3: sub rsp, rdi",
        "mov rdi, rsp",
        "mov rax, rsi",
        "mov rsi, rdx",
        "call rax",
        "leave",
        ".cfi_def_cfa rsp, 8",
        "ret",
        ".cfi_endproc",
    )
}

/// A C function `f(first, arg0, …, NULL)` that calls `then(first, argv)`: the register arguments, pushed below those on
/// the stack, make the array. The return address stands between the two at entry and is put back afterwards.
macro_rules! list_function {
    ($(#[$meta:meta])* $name:ident => $then:path) => {
        $(#[$meta])*
        ///
        /// Signal-safe: yes. Vfork-safe: yes.
        ///
        /// # Safety
        /// The strings end with a null pointer.
        #[unsafe(naked)]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(first: *const c_char, argument: *const c_char) -> c_int {
            naked_asm!(
                ".cfi_startproc",
                "pop rax",
                "push r9",
                "push r8",
                "push rcx",
                "push rdx",
                "push rsi",
                "mov rsi, rsp",
                "push rax",
                ".cfi_adjust_cfa_offset 40",
                "call {then}",
                "pop rcx",
                "add rsp, 40",
                "push rcx",
                ".cfi_adjust_cfa_offset -40",
                "ret",
                ".cfi_endproc",
                then = sym $then,
            )
        }
    };
}

list_function! {
    /// [`execv`] with the arguments written out.
    execl => execv
}
list_function! {
    /// [`execvp`] with the arguments written out.
    execlp => execvp
}
list_function! {
    /// [`execve`] with the arguments written out, and the environment after their null pointer.
    execle => with_environment_after
}

/// # Safety
/// The array ends with a null pointer, behind which the environment follows.
unsafe extern "C" fn with_environment_after(path: *const c_char, argv: Strings) -> c_int {
    // SAFETY: by the caller's contract.
    unsafe {
        let count = (0..).take_while(|&i| !(*argv.add(i)).is_null()).count();
        execve(path, argv, (*argv.add(count + 1)).cast())
    }
}
