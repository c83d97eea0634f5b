//! `insque`, `remque`: doubly linked lists.

use core::ptr::null_mut;

/// How an element of the program's begins.
#[repr(C)]
pub struct Links {
    next: *mut Links,
    previous: *mut Links,
}

/// Puts `element` behind `previous`, or makes it a list of its own when that is null.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, insque(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn insque(element: *mut Links, previous: *mut Links) {
    // SAFETY: both are elements, and so are their neighbours.
    unsafe {
        let next = if previous.is_null() { null_mut() } else { (*previous).next };
        (*element).next = next;
        (*element).previous = previous;
        if !previous.is_null() {
            (*previous).next = element;
        }
        if !next.is_null() {
            (*next).previous = element;
        }
    }
}

/// Takes `element` out of its list.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, remque(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn remque(element: *mut Links) {
    // SAFETY: it is an element, and so are its neighbours.
    unsafe {
        let Links { next, previous } = element.read();
        if !next.is_null() {
            (*next).previous = previous;
        }
        if !previous.is_null() {
            (*previous).next = next;
        }
    }
}
