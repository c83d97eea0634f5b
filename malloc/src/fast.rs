//! The paths that run most: one restartable sequence each, everything else a tail call to [`crate::slow`].
//!
//! [`malloc_body`] and [`free_body`] are bodies of naked functions, so that whoever exports C symbols has the paths *in*
//! those symbols and not behind another jump.
//!
//! ```text
//! malloc   class from the size → gate open? → { row of this CPU; the last freed object is of this class? → take it
//!          first = list[class]; none? → slow; rest = *first ^ key; a link? ; room + 1; list[class] = rest } →
//!          word 0 = 0 → the object
//! calloc   as malloc up to 128 bytes, but the whole object = 0; every 256th that does not get the last freed object → slow
//! free     class from the address → offset is a multiple of the size? → not marked free? → gate open? →
//!          { row of this CPU; no last freed object? → word 0 = key; its class; become it
//!          room? none → slow; room - 1; word 0 = list[class] ^ key; list[class] = object }
//! ```
//!
//! What is between braces restarts when the thread is preempted, migrated or signalled there, by beginning the whole
//! function anew: so the arguments stay where they are until the last store. The stores into the object itself may be
//! repeated: it belongs to the caller until then. Only `free` has something to undo first: the word 0 that it stored carries
//! the mark of a free object, which would be taken for a double free, so it clears that before it begins anew.

use crate::class;

/// The body of `malloc`: `extern "C" fn(usize) -> *mut c_void`.
/// The parameter is where it goes when it cannot serve, a function like [`crate::slow::malloc`].
#[macro_export]
macro_rules! malloc_body {
    ($slow:path) => {
        $crate::allocation_body!(
            [
                "cmp rdi, {looked_up}",
                "ja 70f",
                "lea eax, [rdi + 15]",
                "shr eax, 4",
                "movzx ecx, byte ptr [r11 + rax + {class_of}]"
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

/// What the two have in common: lines before it that make the class of `ecx`, lines for when another class's object is
/// the last freed one, lines that make the object in `rax` the caller's, and lines behind the end.
#[macro_export]
#[doc(hidden)]
macro_rules! allocation_body {
    (
        [$($before:literal),+], [$($other:literal),+], [$($live:literal),+], [$($behind:literal),+],
        $slow:path $(, $($operands:tt)+)?
    ) => {
        core::arch::naked_asm!(
            $crate::malloc_rseq_descriptor!(),
            ".cfi_startproc",
            "63: lea r11, [rip + {hot}]",
            $($before,)+
            "71: cmp dword ptr fs:[{gate}], 0",
            "je 75f",
            "lea rax, [rip + 60b]",
            "mov fs:[{cs}], rax",
            "61: mov edx, fs:[{cid}]",
            $crate::inject!(1),
            "cmp edx, [r11 + {rows_by_cid}]",
            "jae 77f",
            "78: shl edx, {row}",
            "add rdx, [r11 + {table}]",
            $crate::inject!(2),
            "cmp ecx, [rdx + {last_class}]",
            "jne 72f",
            "mov rax, [rdx]",
            "test rax, rax",
            "jz 72f",
            $crate::inject!(3),
            "xor ecx, ecx",
            "xor r8d, r8d",
            "jmp 73f",
            "77: mov edx, fs:[{cpu}]",
            "cmp edx, [r11 + {rows_by_cpu}]",
            "jb 78b",
            "jmp 75f",
            "72:",
            $($other,)+
            "mov rax, [rdx + rcx*8]",
            "test rax, rax",
            "jz 75f",
            "mov r8, [r11 + {secret}]",
            "xor r8, rax",
            "xor r8, [rax]",
            "test [r11 + {no_link}], r8",
            "jnz 75f",
            $crate::inject!(3),
            "inc word ptr [rdx + rcx*2 + {room}]",
            "73:",
            $crate::inject!(4),
            "mov [rdx + rcx*8], r8",
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
            room = const $crate::fast::names::ROOM,
            secret = const $crate::fast::names::SECRET,
            no_link = const $crate::fast::names::NO_LINK,
            sig = const $crate::fast::names::SIGNATURE,
            slow = sym $slow,
            $($($operands)+)?
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
            "63: lea rsi, [rip + {hot}]",
            "mov rax, rdi",
            "shr rax, {granule}",
            "sub rax, [rsi + {home_first}]",
            "cmp rax, {entries}",
            "jae 74f",
            "lea rdx, [rip + {home}]",
            "movzx ecx, byte ptr [rdx + rax]",
            "71: mov eax, edi",
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
            "lea rax, [rip + 60b]",
            "mov fs:[{cs}], rax",
            "61: mov edx, fs:[{cid}]",
            $crate::inject!(1),
            "cmp edx, [rsi + {rows_by_cid}]",
            "jae 77f",
            "78: shl edx, {row}",
            "add rdx, [rsi + {table}]",
            $crate::inject!(2),
            "cmp qword ptr [rdx], 0",
            "jne 72f",
            $crate::inject!(3),
            "mov [rdi], r8",
            "mov [rdx + {last_class}], ecx",
            "xor ecx, ecx",
            "jmp 73f",
            "77: mov edx, fs:[{cpu}]",
            "cmp edx, [rsi + {rows_by_cpu}]",
            "jb 78b",
            "jmp 75f",
            "72: sub word ptr [rdx + rcx*2 + {room}], 1",
            "js 75f",
            "xor r8, [rdx + rcx*8]",
            "mov [rdi], r8",
            $crate::inject!(3),
            "73:",
            $crate::inject!(4),
            "mov [rdx + rcx*8], rdi",
            "62: ret",
            // Away from the first 4 GiB in which there was something of ours.
            "74: mov rax, rdi",
            "shr rax, 32",
            "cmp eax, {roots}",
            "jae 75f",
            "lea rdx, [rip + {root}]",
            "mov rdx, [rdx + rax*8]",
            "test rdx, rdx",
            "jz 75f",
            "mov eax, edi",
            "shr eax, {granule}",
            "movzx ecx, byte ptr [rdx + rax]",
            "jmp 71b",
            $crate::signature!(),
            // The object may carry the mark already.
            "64: mov qword ptr [rdi], 0",
            "jmp 63b",
            "75: jmp {slow}",
            // At the end, so that what is aligned is the section, and with it the entry.
            ".p2align 6",
            ".cfi_endproc",
            hot = sym $crate::fast::names::HOT,
            home = sym $crate::fast::names::HOME,
            home_first = const $crate::fast::names::HOME_FIRST,
            granule = const $crate::fast::names::GRANULE_SHIFT,
            entries = const $crate::fast::names::LEAF_ENTRIES,
            root = sym $crate::fast::names::ROOT,
            roots = const $crate::fast::names::ROOTS,
            mask = const $crate::fast::names::MASK,
            magic = const $crate::fast::names::MAGIC,
            mark = const $crate::fast::names::MARK_BYTE,
            gate = const $crate::fast::names::GATE,
            cs = const $crate::fast::names::RSEQ_CS,
            cid = const $crate::fast::names::MM_CID,
            rows_by_cid = const $crate::fast::names::ROWS_BY_CID,
            cpu = const $crate::fast::names::CPU_ID,
            rows_by_cpu = const $crate::fast::names::ROWS_BY_CPU,
            row = const $crate::fast::names::ROW_SHIFT,
            table = const $crate::fast::names::TABLE_AT,
            last_class = const $crate::fast::names::LAST_CLASS,
            room = const $crate::fast::names::ROOM,
            secret = const $crate::fast::names::SECRET,
            sig = const $crate::fast::names::SIGNATURE,
            slow = sym $crate::slow::free,
        )
    };
}

/// Largest size that `calloc`'s path serves: that of the fine classes, and what its stores reach.
pub(crate) const ZEROED: usize = class::FINE;

const _: () = assert!(ZEROED == 128, "calloc's body stores from either end up to 64 bytes");

/// What the bodies name, where macros in other crates can reach it.
#[doc(hidden)]
#[allow(missing_docs)]
pub mod names {
    use crate::{class, glue, pagemap, percpu, word};

    pub const LOOKED_UP: usize = class::LOOKED_UP;
    pub const LARGEST: usize = class::LARGEST;
    pub const ZEROED: usize = super::ZEROED;
    pub const GATE: usize = glue::GATE;
    pub const RSEQ_CS: usize = glue::RSEQ_CS;
    pub const SIGNATURE: u32 = glue::SIGNATURE;
    pub const MM_CID: usize = glue::MM_CID;
    pub const CPU_ID: usize = glue::CPU_ID;
    pub const ROWS_BY_CID: usize = percpu::ROWS_BY_CID;
    pub const ROWS_BY_CPU: usize = percpu::ROWS_BY_CPU;
    pub const ROW_SHIFT: u32 = percpu::ROW_SHIFT;
    pub const SECRET: usize = percpu::SECRET;
    pub const TABLE_AT: usize = percpu::TABLE_AT;
    pub const NO_LINK: usize = percpu::NO_LINK;
    pub const LAST_CLASS: usize = percpu::LAST_CLASS;
    pub const ROOM: usize = percpu::ROOM;
    pub const PATIENCE: usize = percpu::PATIENCE;
    pub const CLASS_OF: usize = percpu::CLASS_OF;
    pub const MASK: usize = percpu::MASK;
    pub const MAGIC: usize = percpu::MAGIC;
    pub const HOME_FIRST: usize = percpu::HOME_FIRST;
    pub const GRANULE_SHIFT: u32 = pagemap::GRANULE_SHIFT;
    pub const LEAF_ENTRIES: usize = pagemap::LEAF_ENTRIES;
    pub const ROOTS: usize = pagemap::ROOTS;
    pub const MARK_BYTE: usize = word::MARK_BYTE;
    pub use crate::pagemap::{HOME, ROOT};
    pub use crate::percpu::HOT;
}
