//! The queue of requests, and the threads that do them.
//!
//! ```text
//!   submit ─▶ FIRST … (the blocks' own links) ─▶ a thread takes the first one whose descriptor nobody is at
//!          ─▶ does it ─▶ end(block), EVENTS + 1, wake all ─▶ tells the program by signal or thread
//! ```
//!
//! A thread without work sleeps on `WORK` for a second, then ends. Everything but the transfer itself is under one lock.

use core::cell::UnsafeCell;
use core::ffi::{c_int, c_void};
use core::ptr;
use core::sync::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};

use linux_raw_sys::general::{SIGEV_SIGNAL, SIGEV_THREAD};
use tidal_rt::Errno;
use tidal_rt::futex::{self, Clock, Scope};
use tidal_rt::lock::RawLock;
use tidal_rt::signal::{self, Mask};
use tidal_rt::sys::process::getpid;
use tidal_rt::sys::time::Timespec;

use super::block::{Block, Operation};
use super::list::Group;
use crate::signal::send::queue_signal;
use crate::time::timer::event::{SigEvent, start_detached, start_function};

/// More threads would only wait for the same disk.
const MOST: usize = 16;
/// How long a thread waits for more to do.
const PATIENCE: Timespec = Timespec { tv_sec: 1, tv_nsec: 0 };
/// No descriptor.
const NONE: c_int = -1;
/// `SI_ASYNCIO`
const SI_ASYNCIO: c_int = -4;

/// What the lock guards.
struct Queue {
    first: *mut Block,
    /// The descriptors that threads are at.
    busy: [c_int; MOST],
    threads: usize,
    idle: usize,
    /// The process that this is of: a fork child starts with nothing.
    process: u32,
}

struct Shared(UnsafeCell<Queue>);

// SAFETY: only touched with `LOCK` held.
unsafe impl Sync for Shared {}

static QUEUE: Shared = Shared(UnsafeCell::new(Queue {
    first: ptr::null_mut(),
    busy: [NONE; MOST],
    threads: 0,
    idle: 0,
    process: 0,
}));
static LOCK: RawLock = RawLock::new();
/// Counts what threads without work are to wake up for.
static WORK: AtomicU32 = AtomicU32::new(0);
/// Counts requests that ended.
static EVENTS: AtomicU32 = AtomicU32::new(0);

fn locked<R>(f: impl FnOnce(&mut Queue) -> R) -> R {
    LOCK.lock();
    // SAFETY: the lock is held.
    let queue = unsafe { &mut *QUEUE.0.get() };
    let process = getpid();
    if queue.process != process {
        *queue = Queue { first: ptr::null_mut(), busy: [NONE; MOST], threads: 0, idle: 0, process };
    }
    let result = f(queue);
    // SAFETY: taken above.
    unsafe { LOCK.unlock() };
    result
}

impl Queue {
    /// Takes blocks out of the queue that suit, the first one or all, as a list in their order.
    fn take(&mut self, all: bool, suits: impl Fn(&Queue, *mut Block) -> bool) -> *mut Block {
        let mut taken = ptr::null_mut();
        let mut end: *mut *mut Block = &raw mut taken;
        let mut link: *mut *mut Block = &raw mut self.first;
        // SAFETY: blocks in the queue are live: they are not done.
        unsafe {
            while !(*link).is_null() {
                let block = *link;
                if suits(self, block) {
                    *link = (*block).next;
                    (*block).next = ptr::null_mut();
                    *end = block;
                    end = &raw mut (*block).next;
                    if !all {
                        break;
                    }
                } else {
                    link = &raw mut (*block).next;
                }
            }
        }
        taken
    }

    fn length(&self) -> usize {
        let (mut block, mut length) = (self.first, 0);
        // SAFETY: as above.
        while let Some(this) = unsafe { block.as_ref() } {
            (block, length) = (this.next, length + 1);
        }
        length
    }

    fn append(&mut self, block: *mut Block) {
        let mut link: *mut *mut Block = &raw mut self.first;
        // SAFETY: as above.
        unsafe {
            while !(*link).is_null() {
                link = &raw mut (**link).next;
            }
            *link = block;
        }
    }
}

/// Puts a request into the queue.
///
/// # Errors
/// `EBADF`; `EAGAIN` if no thread does requests and none could be started.
///
/// # Safety
/// The block is live until it is done, and in no queue.
pub unsafe fn submit(block: *mut Block, operation: Operation, group: *mut Group) -> Result<(), Errno> {
    // SAFETY: by the caller's contract.
    unsafe {
        tidal_rt::syscall!(__NR_fcntl, (*block).descriptor, 1i32)?;
        (*block).next = ptr::null_mut();
        (*block).operation = operation;
        (*block).group = group;
        (*block).begin();
    }
    locked(|queue| {
        queue.append(block);
        if queue.idle >= queue.length() {
            WORK.fetch_add(1, Release);
            futex::wake(&raw const WORK, 1, Scope::Private);
        } else if queue.threads < MOST {
            // The program's handlers are not for these threads.
            let mask = signal::block_all();
            let started = start_detached(work, ptr::null_mut());
            signal::set_mask(mask);
            if started {
                queue.threads += 1;
            } else if queue.threads == 0 {
                queue.take(false, |_, waiting| waiting == block);
                return Err(Errno::EAGAIN);
            }
        }
        Ok(())
    })
}

/// What a thread is to do next.
enum Next {
    Do(*mut Block, usize),
    Sleep(u32),
    End,
}

/// How a thread comes here.
#[derive(Clone, Copy, PartialEq)]
enum From {
    Work,
    Sleep,
    LongSleep,
}

fn next(from: From) -> Next {
    locked(|queue| {
        if from != From::Work {
            queue.idle -= 1;
        }
        // SAFETY: blocks in the queue are live.
        let free = |queue: &Queue, block: *mut Block| !queue.busy.contains(unsafe { &(*block).descriptor });
        // There are no more threads than places.
        if let Some(place) = queue.busy.iter().position(|&descriptor| descriptor == NONE)
            && let block = queue.take(false, free)
            && !block.is_null()
        {
            // SAFETY: as above.
            queue.busy[place] = unsafe { (*block).descriptor };
            return Next::Do(block, place);
        }
        if from == From::LongSleep {
            queue.threads -= 1;
            return Next::End;
        }
        queue.idle += 1;
        Next::Sleep(WORK.load(Relaxed))
    })
}

extern "C" fn work(_argument: *mut c_void) -> *mut c_void {
    signal::set_mask(Mask::ALL);
    let mut from = From::Work;
    loop {
        from = match next(from) {
            Next::Do(block, place) => {
                // SAFETY: the block is live until it is done.
                let result = unsafe { transfer(&*block) };
                locked(|queue| queue.busy[place] = NONE);
                // SAFETY: as above; done once.
                unsafe { finish(block, result) };
                From::Work
            }
            Next::Sleep(seen) => match futex::wait_for(&WORK, seen, Scope::Private, &PATIENCE) {
                Err(Errno::ETIMEDOUT) => From::LongSleep,
                _ => From::Sleep,
            },
            Next::End => return ptr::null_mut(),
        }
    }
}

fn transfer(block: &Block) -> Result<usize, Errno> {
    let Block { descriptor, buffer, length, offset, .. } = *block;
    // SAFETY: the program's memory, which is the request's until it is done.
    unsafe {
        match block.operation {
            Operation::Read => match tidal_rt::syscall!(__NR_pread64, descriptor, buffer, length, offset) {
                Err(Errno::ESPIPE) => tidal_rt::syscall!(__NR_read, descriptor, buffer, length),
                result => result,
            },
            Operation::Write => match tidal_rt::syscall!(__NR_pwrite64, descriptor, buffer, length, offset) {
                Err(Errno::ESPIPE) => tidal_rt::syscall!(__NR_write, descriptor, buffer, length),
                result => result,
            },
            Operation::Sync => tidal_rt::syscall!(__NR_fsync, descriptor),
            Operation::DataSync => tidal_rt::syscall!(__NR_fdatasync, descriptor),
        }
    }
}

/// Ends a request and tells whoever wants to know.
///
/// # Safety
/// The block is out of the queue and not done yet.
unsafe fn finish(block: *mut Block, result: Result<usize, Errno>) {
    // SAFETY: by the caller's contract; nothing of the block is touched after its end.
    unsafe {
        let event = ptr::read(&raw const (*block).event);
        let group = (*block).group;
        (*block).end(result);
        EVENTS.fetch_add(1, Release);
        futex::wake(&raw const EVENTS, c_int::MAX, Scope::Private);
        notify(&event);
        Group::one_done(group);
    }
}

/// Does what an event asks for.
pub fn notify(event: &SigEvent) {
    match event.notify() as u32 {
        SIGEV_SIGNAL => {
            // Nobody is left to tell if that fails.
            let _ = queue_signal(getpid() as c_int, event.signal(), SI_ASYNCIO, event.value());
        }
        SIGEV_THREAD => start_function(event),
        _ => {}
    }
}

/// Waits until a condition on requests holds.
///
/// # Errors
/// `EINTR`, `ETIMEDOUT`, `EINVAL`; `ECANCELED`, on which the caller acts.
pub fn wait_until_some(holds: impl Fn() -> bool, deadline: Option<(Clock, &Timespec)>) -> Result<(), Errno> {
    loop {
        let seen = EVENTS.load(Acquire);
        if holds() {
            return Ok(());
        }
        match futex::wait_or_canceled(&EVENTS, seen, Scope::Private, deadline) {
            Ok(()) | Err(Errno::EAGAIN) => {}
            Err(e) => return Err(e),
        }
    }
}

/// How much was cancelled.
pub enum Canceled {
    /// Everything that was not done.
    All,
    /// Something is being done.
    NotAll,
    /// There was nothing to cancel.
    AllDone,
}

/// Cancels what no thread has begun, of one descriptor or one block of it.
///
/// # Safety
/// `block` is null or live.
pub unsafe fn cancel(descriptor: c_int, block: *mut Block) -> Canceled {
    let (mut taken, busy) = locked(|queue| {
        let taken = queue.take(true, |_, waiting| {
            // SAFETY: blocks in the queue are live.
            if block.is_null() { unsafe { (*waiting).descriptor == descriptor } } else { waiting == block }
        });
        // SAFETY: by the caller's contract.
        let busy = match unsafe { block.as_ref() } {
            Some(block) => taken.is_null() && block.goes_on(),
            None => queue.busy.contains(&descriptor),
        };
        (taken, busy)
    });
    let any = !taken.is_null();
    while !taken.is_null() {
        // SAFETY: out of the queue, and live until it is done.
        unsafe {
            let following = (*taken).next;
            finish(taken, Err(Errno::ECANCELED));
            taken = following;
        }
    }
    match (busy, any) {
        (true, _) => Canceled::NotAll,
        (false, true) => Canceled::All,
        (false, false) => Canceled::AllDone,
    }
}
