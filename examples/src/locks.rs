//! Threads, a mutex with a guard, a condition and a read-write lock, without std.
#![no_std]
#![no_main]

use tidal_crt::entry::Args;
use tidal_pthread::raw::{Condvar, Mutex, Once, RwLock};
use tidal_pthread::spawn::spawn;
use tidal_rt::message;

tidal_crt::entry!(main);

const THREADS: usize = 4;
const ROUNDS: u64 = 100_000;

static COUNT: Mutex<u64> = Mutex::new(0);
static READY: Mutex<usize> = Mutex::new(0);
static ALL_READY: Condvar = Condvar::new();
static LIMIT: RwLock<u64> = RwLock::new(0);
static SET_LIMIT: Once = Once::new();

fn work() {
    SET_LIMIT.call_once(|| *LIMIT.write() = ROUNDS);
    let mut ready = READY.lock();
    *ready += 1;
    ALL_READY.notify_all();
    while *ready < THREADS {
        ALL_READY.wait(&mut ready);
    }
    drop(ready);
    let rounds = *LIMIT.read();
    for _ in 0..rounds {
        *COUNT.lock() += 1;
    }
}

fn main(_: Args) -> i32 {
    // A thread whose handle is dropped goes on by itself.
    drop(spawn(|| ()));
    let threads = [(); THREADS].map(|()| spawn(work));
    for thread in threads {
        if thread.and_then(|t| t.join()).is_err() {
            return 1;
        }
    }
    let count = *COUNT.lock();
    let mut digits = [0; 20];
    message::line(&[message::decimal(count, &mut digits), b" increments by four threads"]);
    i32::from(count != THREADS as u64 * ROUNDS)
}
