//! The Rust peers' side of a workload: `tidal rust-peer PEER GROUP/NAME` prints the same metrics as the C source.

use anyhow::{Result, bail};

/// Runs one workload with one Rust peer.
pub fn run(peer: &str, workload: &str, _quick: bool) -> Result<()> {
    bail!("no Rust peer `{peer}` for {workload}")
}
