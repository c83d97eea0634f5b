//! The two restartable sequences, as text that naked functions and `asm!` blocks share.
//!
//! `if gate != 0 && bias == gate && lock == 0 { lock = gate }` in 8 instructions, and
//! `if gate != 0 && bias == gate && lock == gate { lock = 0 }` in 8; see [`super::biased`] for why they are safe.
//! The descriptor's address may be stored before the gate is looked at: with no area registered nobody reads it.

/// Text of the lock sequence: `$word` names the register with the lock's address, `$id` a scratch register by its 32-bit
/// name and `$wide` by its 64-bit name. `$tail` is where it goes on, with success at its beginning and the opposite at label
/// `65`; it ends with a jump, because the abort handler follows. Operands `rseq_cs`, `gate` and `sig` come from the
/// caller.
#[macro_export]
macro_rules! biased_lock_asm {
    ($word:literal, $id:literal, $wide:literal, $($tail:literal),*) => {
        concat!(
            tidal_rt::rseq_descriptor!(),
            "\n63: lea ", $wide, ", [rip + 60b]\n",
            "mov fs:[{rseq_cs}], ", $wide, "\n",
            "61: ",
            tidal_rt::rseq_inject!(1),
            "mov ", $id, ", fs:[{gate}]\n",
            "test ", $id, ", ", $id, "\n",
            "jz 65f\n",
            "cmp dword ptr [", $word, " + 4], ", $id, "\n",
            "jne 65f\n",
            "cmp dword ptr [", $word, "], 0\n",
            "jne 65f\n",
            tidal_rt::rseq_inject!(2),
            "mov dword ptr [", $word, "], ", $id, "\n",
            "62:\n",
            $($tail, "\n",)*
            tidal_rt::rseq_signature!(),
            "\n64: jmp 63b\n",
        )
    };
}

/// Text of the unlock sequence; as [`biased_lock_asm`].
#[macro_export]
macro_rules! biased_unlock_asm {
    ($word:literal, $id:literal, $wide:literal, $($tail:literal),*) => {
        concat!(
            tidal_rt::rseq_descriptor!(),
            "\n63: lea ", $wide, ", [rip + 60b]\n",
            "mov fs:[{rseq_cs}], ", $wide, "\n",
            "61: ",
            tidal_rt::rseq_inject!(1),
            "mov ", $id, ", fs:[{gate}]\n",
            "test ", $id, ", ", $id, "\n",
            "jz 65f\n",
            "cmp dword ptr [", $word, " + 4], ", $id, "\n",
            "jne 65f\n",
            "cmp dword ptr [", $word, "], ", $id, "\n",
            "jne 65f\n",
            tidal_rt::rseq_inject!(2),
            "mov dword ptr [", $word, "], 0\n",
            "62:\n",
            $($tail, "\n",)*
            tidal_rt::rseq_signature!(),
            "\n64: jmp 63b\n",
        )
    };
}
