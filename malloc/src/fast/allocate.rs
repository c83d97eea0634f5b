//! `malloc` and `calloc`.

/// The body of `malloc`: `extern "C" fn(usize) -> *mut c_void`.
/// The parameter is where it goes when it cannot serve, a function like [`crate::slow::malloc`].
#[macro_export]
macro_rules! malloc_body {
    ($slow:path) => {
        $crate::allocation_body!(
            [
                "cmp rdi, {looked_up}",
                "ja 70f",
                "movzx ecx, byte ptr [r11 + rdi + {class_of}]"
            ],
            [""],
            ["mov qword ptr [rax], 0"],
            [
                "70: cmp rdi, {largest}",
                "ja 75f",
                "lea rax, [rdi - 1]",
                "bsr rcx, rax",
                "mov edx, ecx",
                "sub ecx, 3",
                "shr rax, cl",
                "lea ecx, [rax + rdx*8 - 55]",
                "jmp 71b"
            ],
            $slow,
            looked_up = const $crate::fast::names::LOOKED_UP,
            largest = const $crate::fast::names::LARGEST,
            class_of = const $crate::fast::names::CLASS_OF
        )
    };
}

/// The body of `calloc`: `extern "C" fn(usize, usize) -> *mut c_void`. Serves small blocks; what it cannot serve goes to
/// the parameter, a function like [`crate::slow::calloc`].
#[macro_export]
macro_rules! calloc_body {
    ($slow:path) => {
        $crate::allocation_body!(
            [
                "mov rax, rdi",
                "mul rsi",
                "jo 75f",
                // Fine classes are numbered by their multiples of 16. Of 0 bytes is made more than those.
                "lea r10, [rax - 1]",
                "cmp r10, {zeroed} - 1",
                "ja 75f",
                "shr r10d, 4",
                "lea ecx, [r10 + 1]"
            ],
            ["dec byte ptr [rdx + {patience}]", "jz 75f"],
            [
                // From both ends inwards: the stores overlap instead of being counted.
                "pxor xmm0, xmm0",
                "shl r10d, 4",
                "movaps [rax], xmm0",
                "movaps [rax + r10], xmm0",
                "cmp r10d, 16",
                "jbe 76f",
                "movaps [rax + 16], xmm0",
                "movaps [rax + r10 - 16], xmm0",
                "cmp r10d, 48",
                "jbe 76f",
                "movaps [rax + 32], xmm0",
                "movaps [rax + 48], xmm0",
                "movaps [rax + r10 - 32], xmm0",
                "movaps [rax + r10 - 48], xmm0",
                "76:"
            ],
            [""],
            $slow,
            patience = const $crate::fast::names::PATIENCE,
            zeroed = const $crate::fast::names::ZEROED
        )
    };
}

/// What the two have in common: lines before it that make the class of `ecx`, lines for when the list is to serve, lines that
/// make the object in `rax` the caller's, and lines behind the end.
#[macro_export]
#[doc(hidden)]
macro_rules! allocation_body {
    (
        [$($before:literal),+], [$($list:literal),+], [$($live:literal),+], [$($behind:literal),+],
        $slow:path $(, $($operands:tt)+)?
    ) => {
        core::arch::naked_asm!(
            $crate::malloc_rseq_descriptor!(),
            ".cfi_startproc",
            "63: lea r11, [rip + {hot}]",
            $($before,)+
            "71: cmp dword ptr fs:[{gate}], 0",
            "je 75f",
            $crate::enter_row!("r11", 1, 2),
            "cmp ecx, [rdx + {last_class}]",
            "jne 72f",
            "mov rax, [rdx + {lists}]",
            "test rax, rax",
            "jz 72f",
            "movzx r8d, word ptr [rax + {mark}]",
            "cmp r8w, [r11 + {secret} + {mark}]",
            "je 75f",
            $crate::inject!(3),
            "xor r8d, r8d",
            "jmp 73f",
            $crate::row_by_cpu!("r11"),
            "72:",
            $($list,)+
            "lea rdx, [rdx + rcx*8]",
            "mov rax, [rdx + {lists}]",
            "test rax, rax",
            "jz 75f",
            "mov r8, [r11 + {secret}]",
            "xor r8, rax",
            "xor r8, [rax]",
            "test [r11 + {no_link}], r8",
            "jnz 75f",
            $crate::inject!(3),
            "inc word ptr [rdx + {room}]",
            "73:",
            $crate::inject!(4),
            "mov [rdx + {lists}], r8",
            "62:",
            $($live,)+
            "ret",
            $($behind,)+
            $crate::signature!(),
            "64: jmp 63b",
            "75: jmp {slow}",
            // At the end, so that what is aligned is the section, and with it the entry.
            ".p2align 6",
            ".cfi_endproc",
            hot = sym $crate::fast::names::HOT,
            gate = const $crate::fast::names::GATE,
            cs = const $crate::fast::names::RSEQ_CS,
            cid = const $crate::fast::names::MM_CID,
            rows_by_cid = const $crate::fast::names::ROWS_BY_CID,
            cpu = const $crate::fast::names::CPU_ID,
            rows_by_cpu = const $crate::fast::names::ROWS_BY_CPU,
            row = const $crate::fast::names::ROW_SHIFT,
            table = const $crate::fast::names::TABLE_AT,
            last_class = const $crate::fast::names::LAST_CLASS,
            lists = const $crate::fast::names::LISTS,
            room = const $crate::fast::names::ROOM,
            secret = const $crate::fast::names::SECRET,
            mark = const $crate::fast::names::MARK_BYTE,
            no_link = const $crate::fast::names::NO_LINK,
            sig = const $crate::fast::names::SIGNATURE,
            slow = sym $slow,
            $($($operands)+)?
        )
    };
}
