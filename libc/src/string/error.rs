//! Texts and names of error numbers: `strerror` and its relatives.

use core::ffi::{CStr, c_char, c_int};
use core::ptr;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use tidal_rt::message::decimal;

use crate::cstr::write_truncated;

/// The texts by number, each ended by a NUL, empty for numbers without one: one object without relocations. They are
/// those that programs' tests compare with.
static TEXTS: &[u8] = b"Success\0Operation not permitted\0No such file or directory\0No such process\0\
    Interrupted system call\0Input/output error\0No such device or address\0Argument list too long\0\
    Exec format error\0Bad file descriptor\0No child processes\0Resource temporarily unavailable\0\
    Cannot allocate memory\0Permission denied\0Bad address\0Block device required\0\
    Device or resource busy\0File exists\0Invalid cross-device link\0No such device\0Not a directory\0\
    Is a directory\0Invalid argument\0Too many open files in system\0Too many open files\0\
    Inappropriate ioctl for device\0Text file busy\0File too large\0No space left on device\0\
    Illegal seek\0Read-only file system\0Too many links\0Broken pipe\0Numerical argument out of domain\0\
    Numerical result out of range\0Resource deadlock avoided\0File name too long\0No locks available\0\
    Function not implemented\0Directory not empty\0Too many levels of symbolic links\0\0\
    No message of desired type\0Identifier removed\0Channel number out of range\0\
    Level 2 not synchronized\0Level 3 halted\0Level 3 reset\0Link number out of range\0\
    Protocol driver not attached\0No CSI structure available\0Level 2 halted\0Invalid exchange\0\
    Invalid request descriptor\0Exchange full\0No anode\0Invalid request code\0Invalid slot\0\0\
    Bad font file format\0Device not a stream\0No data available\0Timer expired\0\
    Out of streams resources\0Machine is not on the network\0Package not installed\0Object is remote\0\
    Link has been severed\0Advertise error\0Srmount error\0Communication error on send\0Protocol error\0\
    Multihop attempted\0RFS specific error\0Bad message\0Value too large for defined data type\0\
    Name not unique on network\0File descriptor in bad state\0Remote address changed\0\
    Can not access a needed shared library\0Accessing a corrupted shared library\0\
    .lib section in a.out corrupted\0Attempting to link in too many shared libraries\0\
    Cannot exec a shared library directly\0Invalid or incomplete multibyte or wide character\0\
    Interrupted system call should be restarted\0Streams pipe error\0Too many users\0\
    Socket operation on non-socket\0Destination address required\0Message too long\0\
    Protocol wrong type for socket\0Protocol not available\0Protocol not supported\0\
    Socket type not supported\0Operation not supported\0Protocol family not supported\0\
    Address family not supported by protocol\0Address already in use\0Cannot assign requested address\0\
    Network is down\0Network is unreachable\0Network dropped connection on reset\0\
    Software caused connection abort\0Connection reset by peer\0No buffer space available\0\
    Transport endpoint is already connected\0Transport endpoint is not connected\0\
    Cannot send after transport endpoint shutdown\0Too many references: cannot splice\0\
    Connection timed out\0Connection refused\0Host is down\0No route to host\0\
    Operation already in progress\0Operation now in progress\0Stale file handle\0\
    Structure needs cleaning\0Not a XENIX named type file\0No XENIX semaphores available\0\
    Is a named type file\0Remote I/O error\0Disk quota exceeded\0No medium found\0Wrong medium type\0\
    Operation canceled\0Required key not available\0Key has expired\0Key has been revoked\0\
    Key was rejected by service\0Owner died\0State not recoverable\0\
    Operation not possible due to RF-kill\0Memory page has hardware error\0";
/// The names in the same form; `strerrorname_np` calls success "0".
static NAMES: &[u8] =
    b"0\0EPERM\0ENOENT\0ESRCH\0EINTR\0EIO\0ENXIO\0E2BIG\0ENOEXEC\0EBADF\0ECHILD\0EAGAIN\0ENOMEM\0EACCES\0\
    EFAULT\0ENOTBLK\0EBUSY\0EEXIST\0EXDEV\0ENODEV\0ENOTDIR\0EISDIR\0EINVAL\0ENFILE\0EMFILE\0ENOTTY\0\
    ETXTBSY\0EFBIG\0ENOSPC\0ESPIPE\0EROFS\0EMLINK\0EPIPE\0EDOM\0ERANGE\0EDEADLK\0ENAMETOOLONG\0ENOLCK\0\
    ENOSYS\0ENOTEMPTY\0ELOOP\0\0ENOMSG\0EIDRM\0ECHRNG\0EL2NSYNC\0EL3HLT\0EL3RST\0ELNRNG\0EUNATCH\0\
    ENOCSI\0EL2HLT\0EBADE\0EBADR\0EXFULL\0ENOANO\0EBADRQC\0EBADSLT\0\0EBFONT\0ENOSTR\0ENODATA\0ETIME\0\
    ENOSR\0ENONET\0ENOPKG\0EREMOTE\0ENOLINK\0EADV\0ESRMNT\0ECOMM\0EPROTO\0EMULTIHOP\0EDOTDOT\0EBADMSG\0\
    EOVERFLOW\0ENOTUNIQ\0EBADFD\0EREMCHG\0ELIBACC\0ELIBBAD\0ELIBSCN\0ELIBMAX\0ELIBEXEC\0EILSEQ\0\
    ERESTART\0ESTRPIPE\0EUSERS\0ENOTSOCK\0EDESTADDRREQ\0EMSGSIZE\0EPROTOTYPE\0ENOPROTOOPT\0\
    EPROTONOSUPPORT\0ESOCKTNOSUPPORT\0EOPNOTSUPP\0EPFNOSUPPORT\0EAFNOSUPPORT\0EADDRINUSE\0\
    EADDRNOTAVAIL\0ENETDOWN\0ENETUNREACH\0ENETRESET\0ECONNABORTED\0ECONNRESET\0ENOBUFS\0EISCONN\0\
    ENOTCONN\0ESHUTDOWN\0ETOOMANYREFS\0ETIMEDOUT\0ECONNREFUSED\0EHOSTDOWN\0EHOSTUNREACH\0EALREADY\0\
    EINPROGRESS\0ESTALE\0EUCLEAN\0ENOTNAM\0ENAVAIL\0EISNAM\0EREMOTEIO\0EDQUOT\0ENOMEDIUM\0EMEDIUMTYPE\0\
    ECANCELED\0ENOKEY\0EKEYEXPIRED\0EKEYREVOKED\0EKEYREJECTED\0EOWNERDEAD\0ENOTRECOVERABLE\0ERFKILL\0\
    EHWPOISON\0";

fn known(number: c_int) -> Option<&'static CStr> {
    nth(TEXTS, usize::try_from(number).ok()?)
}

/// Entry `n` of texts that each end in a NUL, unless it is empty or past the end.
pub(crate) fn nth(texts: &'static [u8], n: usize) -> Option<&'static CStr> {
    let mut rest = texts;
    for _ in 0..n {
        let end = rest.iter().position(|b| *b == 0)?;
        rest = &rest[end + 1..];
    }
    CStr::from_bytes_until_nul(rest).ok().filter(|text| !text.is_empty())
}

/// `prefix` and the number in decimal, with a terminator; the text without it is what is returned.
fn numbered<'b>(prefix: &str, number: c_int, buffer: &'b mut [u8; 40]) -> &'b [u8] {
    let mut digits = [0; 20];
    let digits = decimal(number.unsigned_abs().into(), &mut digits);
    let mut length = 0;
    for piece in [prefix.as_bytes(), if number < 0 { b"-" } else { b"" }, digits, b"\0"] {
        buffer[length..length + piece.len()].copy_from_slice(piece);
        length += piece.len();
    }
    &buffer[..length - 1]
}

/// Texts of numbers without one of their own, built when asked for. The last eight asked for are kept.
pub(super) fn unknown(prefix: &str, number: c_int) -> *mut c_char {
    static mut LAST: [[u8; 40]; 8] = [[0; 40]; 8];
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let slot = NEXT.fetch_add(1, Relaxed) % 8;
    let mut text = [0; 40];
    numbered(prefix, number, &mut text);
    // SAFETY: written through a raw pointer; a reader that kept a text while eight more were asked for may see another
    // text, but always a terminated one, because the last byte of a slot is never anything but zero.
    unsafe {
        let slot = (&raw mut LAST[slot]).cast::<u8>();
        slot.copy_from_nonoverlapping(text.as_ptr(), text.len());
        slot.cast()
    }
}

/// The text of an error number, static unless the number is unknown.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, strerror(3). The text of an unknown number holds until eight more unknown ones were asked for.
#[unsafe(no_mangle)]
pub extern "C" fn strerror(number: c_int) -> *mut c_char {
    match known(number) {
        Some(text) => text.as_ptr().cast_mut(),
        None => unknown("Unknown error ", number),
    }
}

/// As [`strerror`]; there is one language.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, strerror(3).
#[unsafe(no_mangle)]
pub extern "C" fn strerror_l(number: c_int, _locale: *mut core::ffi::c_void) -> *mut c_char {
    strerror(number)
}

/// The GNU form: the text, which need not be in `buffer`.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: strerror(3).
///
/// # Safety
/// `buffer` is writable for `size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strerror_r(number: c_int, buffer: *mut c_char, size: usize) -> *mut c_char {
    if let Some(text) = known(number) {
        return text.as_ptr().cast_mut();
    }
    let mut text = [0; 40];
    // SAFETY: by the caller's contract.
    unsafe { write_truncated(numbered("Unknown error ", number, &mut text), buffer, size) };
    buffer
}

/// The POSIX form: writes the text into `buffer`, as far as it goes.
///
/// # Errors
/// `EINVAL` for an unknown number, `ERANGE` when the text did not fit.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, strerror_r(3).
///
/// # Safety
/// `buffer` is writable for `size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __xpg_strerror_r(number: c_int, buffer: *mut c_char, size: usize) -> c_int {
    let mut unknown = [0; 40];
    let (text, status) = match known(number) {
        Some(text) => (text.to_bytes(), 0),
        None => (numbered("Unknown error ", number, &mut unknown), tidal_rt::Errno::EINVAL.0),
    };
    // SAFETY: by the caller's contract.
    unsafe { write_truncated(text, buffer, size) };
    if status == 0 && text.len() >= size { tidal_rt::Errno::ERANGE.0 } else { status }
}

/// The name of an error number, such as `ENOENT`, or null.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: strerrorname_np(3).
#[unsafe(no_mangle)]
pub extern "C" fn strerrorname_np(number: c_int) -> *const c_char {
    usize::try_from(number).ok().and_then(|n| nth(NAMES, n)).map_or(ptr::null(), CStr::as_ptr)
}

/// The text of an error number, or null.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: strerrordesc_np(3).
#[unsafe(no_mangle)]
pub extern "C" fn strerrordesc_np(number: c_int) -> *const c_char {
    known(number).map_or(ptr::null(), CStr::as_ptr)
}
