//! The two restartable sequences and the ordinary path, as text that naked functions and `asm!` blocks share.
//!
//! `if bias == gate && lock < gate { lock = gate }` in 6 instructions, and
//! `if gate != 0 && bias == gate && lock == gate { lock = 0 }` in 8; see [`super::biased`] for why they are safe.
//! Where the bias is the gate's id the lock half is 0, that id, or that id with a higher bit, so below the id there is
//! only 0; and nothing is below a gate that is shut.
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
            "cmp dword ptr [", $word, " + 4], ", $id, "\n",
            "jne 65f\n",
            "cmp dword ptr [", $word, "], ", $id, "\n",
            "jae 65f\n",
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

/// Text of the ordinary lock, for where the sequence said no: takes a free unbiased lock, whose address is in `rdi`, by one
/// compare-and-swap, and counts the use as [`super::biased`] does. Returns 0, or goes on at `{slow}`; a count that may
/// earn a bias goes on at `{earn}`. A process with one thread takes the slow path, which needs no LOCK prefix there; so do
/// the kinds that are not private, without a LOCK prefix in vain.
#[macro_export]
macro_rules! ordinary_lock_asm {
    () => {
        concat!(
            "65: cmp byte ptr [rip + {single}], 0\n",
            "jne {slow}\n",
            "cmp dword ptr [rdi + {kind}], {private}\n",
            "ja {slow}\n",
            "movabs rax, {ordinary}\n",
            "mov ecx, fs:[{lock_id}]\n",
            "mov rdx, rcx\n",
            "or rdx, rax\n",
            "lock cmpxchg qword ptr [rdi], rdx\n",
            "jne {slow}\n",
            "cmp dword ptr [rdi + {last}], ecx\n",
            "jne 66f\n",
            "mov eax, [rdi + {streak}]\n",
            "inc eax\n",
            "mov [rdi + {streak}], eax\n",
            "test eax, {few}\n",
            "jz {earn}\n",
            "xor eax, eax\n",
            "ret\n",
            "66: mov [rdi + {last}], ecx\n",
            "and dword ptr [rdi + {streak}], {level}\n",
            "xor eax, eax\n",
            "ret\n",
        )
    };
}

/// Text that comes before the unlock sequence: where `last` names somebody, the holder took the lock without a bias.
#[macro_export]
macro_rules! unlock_which_asm {
    () => {
        concat!("cmp dword ptr [rdi + {last}], 0\n", "jne 67f\n")
    };
}

/// Text of the ordinary unlock: releases an unbiased lock that its owner holds once, by one exchange. Returns 0, or goes on
/// at `{slow}`, or at `{wake}` with the lock released and its address in `rdi` if somebody may sleep.
///
/// At `67`, where a normal mutex has nothing to check, it does not look at the word before: a load of what a locked
/// instruction has just written, with another locked one to follow, costs as much as a dozen instructions. A vfork child
/// always takes the slow path, which notes what it does.
#[macro_export]
macro_rules! ordinary_unlock_asm {
    () => {
        concat!(
            "67: cmp dword ptr fs:[{unlock_id}], -1\n",
            "je {slow}\n",
            "cmp dword ptr [rdi + {kind}], {normal}\n",
            "je 68f\n",
            "65: mov edx, {unbiased}\n",
            "cmp dword ptr [rdi + 4], edx\n",
            "jne {slow}\n",
            "mov ecx, [rdi]\n",
            "and ecx, {not_waiters}\n",
            "cmp ecx, fs:[{unlock_id}]\n",
            "jne {slow}\n",
            "68: cmp byte ptr [rip + {single}], 0\n",
            "jne {slow}\n",
            "movabs rax, {ordinary}\n",
            "xchg qword ptr [rdi], rax\n",
            "test eax, eax\n",
            "js {wake}\n",
            "xor eax, eax\n",
            "ret\n",
        )
    };
}
