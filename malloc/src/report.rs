//! What malloc says before it ends a program whose memory is corrupt: one line each.

use crate::glue;

#[cold]
#[inline(never)]
fn fatal(what: &str, address: usize, why: &str) -> ! {
    glue::fatal(what, address, why)
}

pub(crate) fn double_free(address: usize) -> ! {
    fatal("free: block ", address, " is free already")
}

pub(crate) fn foreign(address: usize) -> ! {
    fatal("free: ", address, " is no block of malloc's")
}

pub(crate) fn misaligned(address: usize) -> ! {
    fatal("free: ", address, " is inside a block, not its start")
}

pub(crate) fn damaged(address: usize) -> ! {
    fatal("malloc: block ", address, " was written to after it was freed")
}

pub(crate) fn overrun(address: usize) -> ! {
    fatal("free: block ", address, " was written to behind its end")
}

pub(crate) fn no_memory_for_map(address: usize) -> ! {
    fatal("realloc: the kernel moved a block to ", address, " and has no memory to note it")
}

pub(crate) fn invariant(what: &str, address: usize) -> ! {
    fatal(what, address, ": the heap is damaged")
}
