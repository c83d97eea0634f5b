//! The paths that run most: one restartable sequence each, everything else a tail call to [`crate::slow`].
//!
//! [`malloc_body`] and [`free_body`] are bodies of naked functions, so that whoever exports C symbols has the paths *in*
//! those symbols and not behind another jump.
//!
//! ```text
//! malloc   class from the size → gate open? → { row of this CPU; the last freed object is of this class? → take it
//!          first = list[class]; none? → slow; rest = *first ^ key; a link? ; room + 1; list[class] = rest } →
//!          word 0 = 0 → the object
//! calloc   as malloc up to 128 bytes, but the whole object = 0
//! free     class from the address → offset is a multiple of the size? → not marked free? → gate open? →
//!          { row of this CPU; no last freed object? → word 0 = key; become it
//!          room? none → slow; room - 1; word 0 = list[class] ^ key; list[class] = object }
//! ```
//!
//! What is between braces restarts when the thread is preempted, migrated or signalled there. The stores into the object
//! itself may be repeated: it belongs to the caller until the last store.

/// The body of `malloc`: `extern "C" fn(usize) -> *mut c_void`.
/// The parameter is where it goes when it cannot serve, a function like [`crate::slow::malloc`].
#[macro_export]
macro_rules! malloc_body {
    ($slow:path) => {
        $crate::allocation_body!([""], ["mov qword ptr [r9], 0"], $slow)
    };
}

/// The body of `calloc`: `extern "C" fn(usize, usize) -> *mut c_void`. Serves small blocks; what it cannot serve, and an
/// overflow as the largest size, goes to the parameter, which returns zeroed memory for a size.
#[macro_export]
macro_rules! calloc_body {
    ($slow:path) => {
        $crate::allocation_body!(
            [
                "mov rax, rdi",
                "mul rsi",
                "mov rdi, -1",
                "jo 75f",
                "mov rdi, rax",
                // Classes up to this size are numbered by their multiples of 16 bytes.
                "cmp rax, 128",
                "ja 75f"
            ],
            [
                // From both ends inwards: the stores overlap instead of being counted.
                "pxor xmm0, xmm0",
                "shl ecx, 4",
                "movaps [r9], xmm0",
                "movaps [r9 + rcx - 16], xmm0",
                "cmp ecx, 32",
                "jbe 76f",
                "movaps [r9 + 16], xmm0",
                "movaps [r9 + rcx - 32], xmm0",
                "cmp ecx, 64",
                "jbe 76f",
                "movaps [r9 + 32], xmm0",
                "movaps [r9 + 48], xmm0",
                "movaps [r9 + rcx - 48], xmm0",
                "movaps [r9 + rcx - 64], xmm0",
                "76:"
            ],
            $slow
        )
    };
}

/// What the two have in common: lines before it, with the size in `rdi` then, and lines that make the object in `r9` of
/// the class in `rcx` the caller's.
#[macro_export]
#[doc(hidden)]
macro_rules! allocation_body {
    ([$($before:literal),+], [$($live:literal),+], $slow:path) => {
        core::arch::naked_asm!(
            $crate::malloc_rseq_descriptor!(),
            ".cfi_startproc",
            $($before,)+
            "lea rsi, [rip + {hot}]",
            "cmp rdi, {looked_up}",
            "ja 70f",
            "lea eax, [rdi + 15]",
            "shr eax, 4",
            "movzx ecx, byte ptr [rsi + rax + {class_of}]",
            "71: cmp dword ptr fs:[{gate}], 0",
            "je 75f",
            "63: lea rax, [rip + 60b]",
            "mov fs:[{cs}], rax",
            "61: mov rax, [rsi + {index}]",
            $crate::inject!(1),
            "mov eax, fs:[rax]",
            "cmp eax, [rsi + {rows}]",
            "jae 75f",
            "shl eax, {row}",
            "add rax, [rsi + {table}]",
            $crate::inject!(2),
            "cmp rcx, [rax]",
            "jne 72f",
            $crate::inject!(3),
            "mov r9, [rax + {last}]",
            "xor r10d, r10d",
            "xor r8d, r8d",
            "jmp 73f",
            "72: mov r9, [rax + rcx*8]",
            "test r9, r9",
            "jz 75f",
            "mov r8, [rsi + {secret}]",
            "xor r8, r9",
            "xor r8, [r9]",
            "test [rsi + {no_link}], r8",
            "jnz 75f",
            "mov r10, rcx",
            $crate::inject!(3),
            "inc word ptr [rax + rcx*2 + {room}]",
            "73:",
            $crate::inject!(4),
            "mov [rax + r10*8], r8",
            "62:",
            $($live,)+
            "mov rax, r9",
            "ret",
            "70: cmp rdi, {largest}",
            "ja 75f",
            "lea rax, [rdi - 1]",
            "bsr rcx, rax",
            "mov edx, ecx",
            "sub ecx, 3",
            "shr rax, cl",
            "lea ecx, [rax + rdx*8 - 55]",
            "jmp 71b",
            $crate::signature!(),
            "64: jmp 63b",
            "75: jmp {slow}",
            ".cfi_endproc",
            hot = sym $crate::fast::names::HOT,
            looked_up = const $crate::fast::names::LOOKED_UP,
            largest = const $crate::fast::names::LARGEST,
            class_of = const $crate::fast::names::CLASS_OF,
            gate = const $crate::fast::names::GATE,
            cs = const $crate::fast::names::RSEQ_CS,
            index = const $crate::fast::names::INDEX,
            rows = const $crate::fast::names::ROWS,
            row = const $crate::fast::names::ROW_SHIFT,
            table = const $crate::fast::names::TABLE_AT,
            last = const $crate::fast::names::LAST,
            room = const $crate::fast::names::ROOM,
            secret = const $crate::fast::names::SECRET,
            no_link = const $crate::fast::names::NO_LINK,
            sig = const $crate::fast::names::SIGNATURE,
            slow = sym $slow,
        )
    };
}

/// The body of `free`: `unsafe extern "C" fn(*mut c_void)`.
#[macro_export]
macro_rules! free_body {
    () => {
        core::arch::naked_asm!(
            $crate::malloc_rseq_descriptor!(),
            ".cfi_startproc",
            "lea rsi, [rip + {hot}]",
            "mov rax, rdi",
            "shr rax, 32",
            "cmp eax, [rsi + {home_at}]",
            "jne 74f",
            "lea rdx, [rip + {home}]",
            "71: mov eax, edi",
            "shr eax, 18",
            "movzx ecx, byte ptr [rdx + rax]",
            "mov eax, edi",
            "and eax, [rsi + rcx*4 + {mask}]",
            "imul rax, [rsi + rcx*8 + {magic}]",
            "cmp rax, [rsi + rcx*8 + {magic}]",
            "jae 75f",
            "movzx eax, word ptr [rdi + {mark}]",
            "cmp ax, [rsi + {secret} + {mark}]",
            "je 75f",
            "mov r8, [rsi + {secret}]",
            "xor r8, rdi",
            "cmp dword ptr fs:[{gate}], 0",
            "je 75f",
            "63: lea rax, [rip + 60b]",
            "mov fs:[{cs}], rax",
            "61: mov rax, [rsi + {index}]",
            $crate::inject!(1),
            "mov eax, fs:[rax]",
            "cmp eax, [rsi + {rows}]",
            "jae 75f",
            "shl eax, {row}",
            "add rax, [rsi + {table}]",
            $crate::inject!(2),
            "cmp qword ptr [rax], 0",
            "jne 72f",
            $crate::inject!(3),
            "mov [rdi], r8",
            "mov [rax + {last}], rdi",
            "xor r10d, r10d",
            "mov r9, rcx",
            "jmp 73f",
            "72: sub word ptr [rax + rcx*2 + {room}], 1",
            "js 75f",
            "mov r10, [rax + rcx*8]",
            "xor r10, r8",
            "mov [rdi], r10",
            $crate::inject!(3),
            "mov r9, rdi",
            "mov r10, rcx",
            "73:",
            $crate::inject!(4),
            "mov [rax + r10*8], r9",
            "62: ret",
            // Away from the first 4 GiB in which there was something of ours.
            "74: cmp eax, {roots}",
            "jae 75f",
            "lea rdx, [rip + {root}]",
            "mov rdx, [rdx + rax*8]",
            "test rdx, rdx",
            "jnz 71b",
            "jmp 75f",
            $crate::signature!(),
            // The object may carry the mark already, which the slow path would take for a double free.
            "64: mov qword ptr [rdi], 0",
            "jmp 63b",
            "75: jmp {slow}",
            ".cfi_endproc",
            hot = sym $crate::fast::names::HOT,
            home = sym $crate::fast::names::HOME,
            home_at = const $crate::fast::names::HOME_AT,
            root = sym $crate::fast::names::ROOT,
            roots = const $crate::fast::names::ROOTS,
            mask = const $crate::fast::names::MASK,
            magic = const $crate::fast::names::MAGIC,
            mark = const $crate::fast::names::MARK_BYTE,
            gate = const $crate::fast::names::GATE,
            cs = const $crate::fast::names::RSEQ_CS,
            index = const $crate::fast::names::INDEX,
            rows = const $crate::fast::names::ROWS,
            row = const $crate::fast::names::ROW_SHIFT,
            table = const $crate::fast::names::TABLE_AT,
            last = const $crate::fast::names::LAST,
            room = const $crate::fast::names::ROOM,
            secret = const $crate::fast::names::SECRET,
            sig = const $crate::fast::names::SIGNATURE,
            slow = sym $crate::slow::free,
        )
    };
}

/// What the bodies name, where macros in other crates can reach it.
#[doc(hidden)]
#[allow(missing_docs)]
pub mod names {
    use crate::{class, glue, pagemap, percpu, word};

    pub const LOOKED_UP: usize = class::LOOKED_UP;
    pub const LARGEST: usize = class::LARGEST;
    pub const GATE: usize = glue::GATE;
    pub const RSEQ_CS: usize = glue::RSEQ_CS;
    pub const SIGNATURE: u32 = glue::SIGNATURE;
    pub const ROWS: usize = percpu::ROWS;
    pub const ROW_SHIFT: u32 = percpu::ROW_SHIFT;
    pub const SECRET: usize = percpu::SECRET;
    pub const TABLE_AT: usize = percpu::TABLE_AT;
    pub const INDEX: usize = percpu::INDEX;
    pub const NO_LINK: usize = percpu::NO_LINK;
    pub const LAST: usize = percpu::LAST;
    pub const ROOM: usize = percpu::ROOM;
    pub const CLASS_OF: usize = percpu::CLASS_OF;
    pub const MASK: usize = percpu::MASK;
    pub const MAGIC: usize = percpu::MAGIC;
    pub const HOME_AT: usize = percpu::HOME;
    pub const ROOTS: usize = pagemap::ROOTS;
    pub const MARK_BYTE: usize = word::MARK_BYTE;
    pub use crate::pagemap::{HOME, ROOT};
    pub use crate::percpu::HOT;
}
