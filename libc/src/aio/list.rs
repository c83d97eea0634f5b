//! `lio_listio`: many requests at once.

use core::ffi::c_int;
use core::ptr;
use core::sync::atomic::{
    AtomicUsize,
    Ordering::{AcqRel, Relaxed},
};

use tidal_rt::Errno;

use super::block::{Block, Operation};
use super::queue;
use crate::errno::zero_or_errno;
use crate::heap;
use crate::macros::aliases;
use crate::time::timer::SigEvent;

const LIO_WAIT: c_int = 0;
const LIO_NOWAIT: c_int = 1;
const LIO_NOP: c_int = 2;

/// Requests of one call, of whose end the program wants to hear.
pub struct Group {
    left: AtomicUsize,
    event: SigEvent,
}

impl Group {
    /// One less is to be done; the last one tells the program.
    ///
    /// # Safety
    /// `group` is null or counts what calls this.
    pub unsafe fn one_done(group: *mut Group) {
        // SAFETY: by the caller's contract; the last one alone frees it.
        unsafe {
            if !group.is_null() && (*group).left.fetch_sub(1, AcqRel) == 1 {
                let group_event = ptr::read(&raw const (*group).event);
                heap::release(group);
                queue::notify(&group_event);
            }
        }
    }
}

/// Starts the requests of a list; with `LIO_WAIT` returns when all are done, with `LIO_NOWAIT` at once, and the program
/// hears of the end by the event.
///
/// # Errors
/// `EINVAL`, `EAGAIN`, `EINTR`; `EIO` if one of them failed, which then tells its own error.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lio_listio(
    mode: c_int,
    blocks: *const *mut Block,
    count: c_int,
    event: *const SigEvent,
) -> c_int {
    let count = match usize::try_from(count) {
        Ok(count) if mode == LIO_WAIT || mode == LIO_NOWAIT => count,
        _ => return zero_or_errno::<()>(Err(Errno::EINVAL)),
    };
    let wanted = || {
        (0..count)
            // SAFETY: the caller's array, of blocks and null ones.
            .map(|i| unsafe { *blocks.add(i) })
            // SAFETY: as above.
            .filter(|&block| !block.is_null() && unsafe { (*block).list_operation } != LIO_NOP)
    };
    let mut group = ptr::null_mut::<Group>();
    if mode == LIO_NOWAIT && !event.is_null() {
        let Some(memory) = heap::allocate(size_of::<Group>()) else {
            return zero_or_errno::<()>(Err(Errno::EAGAIN));
        };
        group = memory.cast().as_ptr();
        // The call itself counts until all are started.
        // SAFETY: fresh memory; the caller's event.
        unsafe { group.write(Group { left: AtomicUsize::new(1), event: ptr::read(event) }) };
    }
    let mut failed = None;
    for block in wanted() {
        // SAFETY: the caller's block.
        unsafe {
            let operation = match (*block).list_operation {
                0 => Operation::Read,
                1 => Operation::Write,
                _ => {
                    (*block).end(Err(Errno::EINVAL));
                    failed = Some(Errno::EIO);
                    continue;
                }
            };
            if !group.is_null() {
                (*group).left.fetch_add(1, Relaxed);
            }
            if let Err(e) = queue::submit(block, operation, group) {
                (*block).end(Err(e));
                failed = failed.or(Some(if e == Errno::EAGAIN { e } else { Errno::EIO }));
                Group::one_done(group);
            }
        }
    }
    // SAFETY: counted above.
    unsafe { Group::one_done(group) };
    if mode == LIO_WAIT {
        // SAFETY: the caller's blocks.
        let all_done = || wanted().all(|block| !unsafe { (*block).goes_on() });
        match queue::wait_until_some(all_done, None) {
            Err(Errno::ECANCELED) => tidal_pthread::cancel::act(),
            Err(e) => return zero_or_errno::<()>(Err(e)),
            Ok(()) => {}
        }
        // SAFETY: as above.
        if wanted().any(|block| unsafe { (*block).error() } != 0) {
            failed = failed.or(Some(Errno::EIO));
        }
    }
    zero_or_errno(failed.map_or(Ok(()), Err))
}

aliases! {
    fn lio_listio64(mode: c_int, blocks: *const *mut Block, count: c_int, event: *const SigEvent) -> c_int = lio_listio;
}
