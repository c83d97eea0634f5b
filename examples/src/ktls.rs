//! Prints the thread's own KTLS block: offsets, TID, CPU, node, mm_cid, and errno after a failing call.
#![no_std]
#![no_main]

use core::fmt::{self, Write};
use core::sync::atomic::Ordering::Relaxed;

use tidal_crt::entry::Args;
use tidal_rt::{block, errno, identity, provider, rseq, syscall, tls};

tidal_crt::entry!(main);

/// Standard output, unbuffered.
struct Stdout;

impl Write for Stdout {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        // SAFETY: the text is live and that long.
        unsafe { syscall!(__NR_write, 1i32, s.as_ptr(), s.len()) }.map(drop).map_err(|_| fmt::Error)
    }
}

fn main(_args: Args) -> i32 {
    i32::from(print_block(&mut Stdout).is_err())
}

fn print_block(out: &mut Stdout) -> fmt::Result {
    let provider = provider::current().name.to_str().unwrap_or("?");
    writeln!(out, "block version {}, {} bytes, provider: {provider}", block::VERSION, tls::block_size())?;
    row(out, "tid", identity::tid_offset(), identity::tid())?;
    row(out, "lock_id", block::LOCK_ID, identity::lock_id())?;
    row(out, "gate", block::GATE, block::current().ktls.gate.load(Relaxed))?;
    let area = block::current().rseq();
    row(out, "cpu_id", block::CPU_ID, area.cpu_id.load(Relaxed))?;
    if rseq::has_mm_cid() {
        row(out, "node_id", block::NODE_ID, area.node_id.load(Relaxed))?;
        row(out, "mm_cid", block::MM_CID, area.mm_cid.load(Relaxed))?;
    }
    // SAFETY: closing a descriptor that was never opened.
    if let Err(error) = unsafe { syscall!(__NR_close, 12345i32) } {
        error.set();
    }
    writeln!(out, "  errno    fs:{:#05x} = {} after close(12345)", block::ERRNO, errno::get())
}

fn row(out: &mut Stdout, name: &str, offset: usize, value: u32) -> fmt::Result {
    writeln!(out, "  {name:<8} fs:{offset:#05x} = {value}")
}
