//! The two restartable sequences and the ordinary path, as text that naked functions and `asm!` blocks share.
//!
//! `if bias == gate && lock < gate { lock = gate }` and
//! `if bias == gate && lock + (gate == 0) == gate { lock = 0 }` in 6 instructions each; see [`super::biased`] for why they are
//! safe. Where the bias is the gate's id the lock half is 0, that id, or that id with a higher bit, so below the id there is
//! only 0.
//!
//! A gate that is shut is 0, and equals the bias of a mutex that has none. Then the lock sequence says no, because nothing is
//! below 0, and the unlock sequence, because no lock half is all ones.
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

/// Text of the unlock sequence; as [`biased_lock_asm`], and `$tail` finds 0 in `$wide`.
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
            "cmp dword ptr [", $word, " + 4], ", $id, "\n",
            "jne 65f\n",
            "cmp ", $id, ", 1\n",
            "sbb ", $id, ", dword ptr [", $word, "]\n",
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

/// Text of the ordinary lock, for where the sequence said no: takes a free unbiased lock, whose address is in `rdi`, by one
/// compare-and-swap, and counts the use as [`super::biased`] does. Returns 0, or goes on at `{slow}`; a count that may
/// earn a bias goes on at `{earn}`. The kinds that are not private take the slow path, without a LOCK prefix in vain. A
/// process with one thread needs none (`68`): a vfork child runs while its parent does not, and a signal handler leaves the
/// lock as it found it.
#[macro_export]
macro_rules! ordinary_lock_asm {
    () => {
        concat!(
            "65: cmp dword ptr [rdi + {kind}], {private}\n",
            "ja {slow}\n",
            "mov ecx, fs:[{lock_id}]\n",
            "cmp byte ptr [rip + {single}], 0\n",
            "jne 68f\n",
            "xor eax, eax\n",
            "lock cmpxchg qword ptr [rdi], rcx\n",
            "jne {slow}\n",
            "66: cmp dword ptr [rdi + {last}], ecx\n",
            "jne 67f\n",
            "mov eax, [rdi + {streak}]\n",
            "inc eax\n",
            "mov [rdi + {streak}], eax\n",
            "test eax, {few}\n",
            "jz {earn}\n",
            "xor eax, eax\n",
            "ret\n",
            "67: mov [rdi + {last}], ecx\n",
            "and dword ptr [rdi + {streak}], {level}\n",
            "xor eax, eax\n",
            "ret\n",
            "68: cmp qword ptr [rdi], 0\n",
            "jne {slow}\n",
            "mov [rdi], rcx\n",
            "jmp 66b\n",
        )
    };
}

/// Text that comes before a sequence: where `last` names somebody the lock has no bias, and the ordinary path at `$ordinary`
/// is the one to take. It is asked first, and not the word: a load of what a locked instruction has just written, with
/// another locked one to follow, costs as much as a dozen instructions.
#[macro_export]
macro_rules! biased_or_ordinary_asm {
    ($ordinary:literal) => {
        concat!("cmp dword ptr [rdi + {last}], 0\n", "jne ", $ordinary, "\n")
    };
}

/// Text of the ordinary unlock: releases an unbiased lock that its owner holds once. Returns 0, or goes on at `{slow}`, or at
/// `{wake}` with the lock released and its address in `rdi` if somebody may sleep.
///
/// Neither way looks at the word before, see [`biased_or_ordinary_asm`]. At `67` a normal mutex, which has nothing to check, is
/// exchanged for a free one. At `65` are the kinds that check their owner, and whoever lost a bias meanwhile: one
/// compare-and-swap, which finds nothing but the caller's own word without bias, waiters or recursion. A vfork child, whose
/// unlock must be noted, is nobody there, and always takes the slow path. With one thread (`68`, `69`) a store does.
#[macro_export]
macro_rules! ordinary_unlock_asm {
    () => {
        concat!(
            "67: cmp dword ptr [rdi + {kind}], {normal}\n",
            "jne 65f\n",
            "cmp dword ptr fs:[{unlock_id}], -1\n",
            "je {slow}\n",
            "cmp byte ptr [rip + {single}], 0\n",
            "jne 69f\n",
            "xor eax, eax\n",
            "xchg qword ptr [rdi], rax\n",
            "test eax, eax\n",
            "js {wake}\n",
            "xor eax, eax\n",
            "ret\n",
            "65: cmp dword ptr [rdi + {kind}], {private}\n",
            "ja {slow}\n",
            "mov eax, fs:[{unlock_id}]\n",
            "cmp byte ptr [rip + {single}], 0\n",
            "jne 68f\n",
            "xor edx, edx\n",
            "lock cmpxchg qword ptr [rdi], rdx\n",
            "jne {slow}\n",
            "xor eax, eax\n",
            "ret\n",
            "68: cmp qword ptr [rdi], rax\n",
            "jne {slow}\n",
            "69: xor eax, eax\n",
            "mov [rdi], rax\n",
            "ret\n",
        )
    };
}
