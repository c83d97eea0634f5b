//! Threads, their results, names and ends, without std.
#![no_std]
#![no_main]

use core::sync::atomic::{
    AtomicUsize,
    Ordering::{Acquire, Release},
};

use tidal_crt::entry::Args;
use tidal_pthread::exit;
use tidal_pthread::spawn::{Builder, spawn};
use tidal_rt::{Errno, message};

tidal_crt::entry!(main);

/// A result that counts how often one was dropped.
struct Counted;

static DROPPED: AtomicUsize = AtomicUsize::new(0);

impl Drop for Counted {
    fn drop(&mut self) {
        DROPPED.fetch_add(1, Release);
    }
}

/// Handles that are dropped, before their thread has ended or after, leave nothing behind.
fn let_go(times: usize) -> Result<(), Errno> {
    for i in 0..times {
        let kept = [i as u64; 1000];
        let handle = spawn(move || {
            core::hint::black_box(kept);
            Counted
        })?;
        for _ in 0..i % 512 * 40 {
            core::hint::spin_loop();
        }
        drop(handle);
    }
    while DROPPED.load(Acquire) < times {
        core::hint::spin_loop();
    }
    Ok(())
}

fn run() -> Result<bool, Errno> {
    let text = [b'x'; 5000];
    let joined = Builder::new().stack_size(1 << 16).name(c"counter").spawn(move || text.len())?.join()?;
    let left = spawn(|| -> u32 { exit::exit(core::ptr::null_mut()) })?.join()?;
    let too_long = Builder::new().name(c"sixteen bytes are too many").spawn(|| ()).err();
    let_go(3000)?;
    Ok(joined == Some(5000) && left.is_none() && too_long == Some(Errno::ERANGE))
}

fn main(_: Args) -> i32 {
    match run() {
        Ok(true) => {
            message::line(&[b"results came back, nothing was lost"]);
            i32::from(DROPPED.load(Acquire) != 3000)
        }
        _ => 1,
    }
}
