//! Allocation traces against the model: `fuzz/run traces`, and `-len_control=0` for long ones from the start.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidal_malloc::trace::{Step, run};

/// Eight bytes are a step.
fn step(bytes: &[u8; 8]) -> Step {
    let slot = u16::from_le_bytes([bytes[1], bytes[2]]);
    let size = u32::from_le_bytes([bytes[3], bytes[4], bytes[5], bytes[6]]);
    match bytes[0] % 16 {
        0..5 => Step::Allocate(slot, size),
        5 | 6 => Step::Zeroed(slot, size),
        7 | 8 => Step::Aligned(slot, size, bytes[7]),
        9 | 10 => Step::Resize(slot, size),
        11..14 => Step::Release(slot),
        14 => Step::Vfork(bytes[1] & 1 == 1),
        _ => Step::Trim,
    }
}

fuzz_target!(|data: &[u8]| {
    let steps: Vec<Step> = data.as_chunks::<8>().0.iter().map(step).collect();
    run(&steps);
});
