//! `<net/if.h>` and `<ifaddrs.h>`.

pub mod addresses;
pub mod interface;
mod netlink;
