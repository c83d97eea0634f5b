//! The paths that run most: one restartable sequence each, everything else a tail call to [`crate::slow`].
//!
//! [`malloc_body`] and [`free_body`] are bodies of naked functions, so that whoever exports C symbols has the paths *in*
//! those symbols and not behind another jump.
//!
//! ```text
//! malloc   class from the size → gate open? → { row of this CPU; first = active[class]; none? → slow;
//!          rest = *first ^ key; an address? ; active[class] = rest } → word 1 = 0 → first
//! free     class from the address → offset is a multiple of the size? → not marked free? → gate open? →
//!          { row of this CPU; length of active[class], full? → slow; word 0 = active[class]; word 1 = mark, length + 1;
//!          active[class] = object }
//! ```
//!
//! What is between braces restarts when the thread is preempted, migrated or signalled there. The stores into the object
//! itself may be repeated: it belongs to the caller until the last store.

/// The body of `malloc`: `extern "C" fn(usize) -> *mut c_void`.
/// The parameter is where it goes when it cannot serve, a function like [`crate::slow::malloc`].
#[macro_export]
macro_rules! malloc_body {
    ($slow:path) => {
        core::arch::naked_asm!(
            $crate::malloc_rseq_descriptor!(),
            ".cfi_startproc",
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
            "cmp eax, {cpus}",
            "jae 75f",
            "shl eax, {row}",
            "add rax, [rsi + {table}]",
            $crate::inject!(2),
            "mov r9, [rax + rcx*8]",
            "test r9, r9",
            "jz 75f",
            "mov r8, [rsi + {secret}]",
            "xor r8, r9",
            $crate::inject!(3),
            "xor r8, [r9]",
            "mov r10, r8",
            "ror r10, {align_bits}",
            "shr r10, {not_address}",
            "jnz 75f",
            $crate::inject!(4),
            "mov [rax + rcx*8], r8",
            "62: mov qword ptr [r9 + 8], 0",
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
            cpus = const $crate::fast::names::CPUS,
            row = const $crate::fast::names::ROW_SHIFT,
            table = const $crate::fast::names::TABLE_AT,
            secret = const $crate::fast::names::SECRET,
            align_bits = const $crate::fast::names::ALIGN_BITS,
            not_address = const $crate::fast::names::NOT_ADDRESS,
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
            "mov rax, rdi",
            "shr rax, 32",
            "cmp eax, {roots}",
            "jae 75f",
            "lea rdx, [rip + {root}]",
            "mov rdx, [rdx + rax*8]",
            "test rdx, rdx",
            "jz 75f",
            "mov eax, edi",
            "shr eax, 18",
            "movzx ecx, byte ptr [rdx + rax]",
            "lea rsi, [rip + {hot}]",
            "mov eax, edi",
            "and eax, [rsi + rcx*4 + {mask}]",
            "imul rax, [rsi + rcx*8 + {magic}]",
            "cmp rax, [rsi + rcx*8 + {magic}]",
            "jae 75f",
            "mov r10, [rsi + {secret}]",
            "mov r8, r10",
            "xor r8, rdi",
            "mov rax, [rdi + 8]",
            "xor rax, r8",
            "shr rax, {mark}",
            "jz 75f",
            "cmp dword ptr fs:[{gate}], 0",
            "je 75f",
            "63: lea rax, [rip + 60b]",
            "mov fs:[{cs}], rax",
            "61: mov rax, [rsi + {index}]",
            $crate::inject!(1),
            "mov eax, fs:[rax]",
            "cmp eax, {cpus}",
            "jae 75f",
            "shl eax, {row}",
            "add rax, [rsi + {table}]",
            $crate::inject!(2),
            "mov rdx, [rax + rcx*8]",
            "xor r9d, r9d",
            "test rdx, rdx",
            "jz 72f",
            "mov r9, [rdx + 8]",
            "xor r9, rdx",
            "xor r9, r10",
            "and r9d, {length}",
            "72: cmp r9b, [rsi + rcx + {limit}]",
            "jae 75f",
            "xor rdx, r8",
            "mov [rdi], rdx",
            $crate::inject!(3),
            "inc r9d",
            "xor r9, r8",
            "mov [rdi + 8], r9",
            $crate::inject!(4),
            "mov [rax + rcx*8], rdi",
            "62: ret",
            $crate::signature!(),
            // The object may carry the mark already, which the slow path would take for a double free.
            "64: mov qword ptr [rdi + 8], 0",
            "jmp 63b",
            "75: jmp {slow}",
            ".cfi_endproc",
            hot = sym $crate::fast::names::HOT,
            root = sym $crate::fast::names::ROOT,
            roots = const $crate::fast::names::ROOTS,
            mask = const $crate::fast::names::MASK,
            magic = const $crate::fast::names::MAGIC,
            mark = const $crate::fast::names::MARK_SHIFT,
            length = const $crate::fast::names::LENGTH_MASK,
            limit = const $crate::fast::names::LIMIT,
            gate = const $crate::fast::names::GATE,
            cs = const $crate::fast::names::RSEQ_CS,
            index = const $crate::fast::names::INDEX,
            cpus = const $crate::fast::names::CPUS,
            row = const $crate::fast::names::ROW_SHIFT,
            table = const $crate::fast::names::TABLE_AT,
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
    pub const CPUS: usize = percpu::CPUS;
    pub const ROW_SHIFT: u32 = percpu::ROW_SHIFT;
    pub const SECRET: usize = percpu::SECRET;
    pub const TABLE_AT: usize = percpu::TABLE_AT;
    pub const INDEX: usize = percpu::INDEX;
    pub const LIMIT: usize = percpu::LIMIT;
    pub const CLASS_OF: usize = percpu::CLASS_OF;
    pub const MASK: usize = percpu::MASK;
    pub const MAGIC: usize = percpu::MAGIC;
    pub const ROOTS: usize = pagemap::ROOTS;
    pub const MARK_SHIFT: u32 = word::MARK_SHIFT;
    pub const LENGTH_MASK: u64 = word::LENGTH_MASK;
    pub const ALIGN_BITS: u32 = word::ALIGN_BITS;
    /// An address rotated right by its alignment has zeros from here on.
    pub const NOT_ADDRESS: u32 = word::ADDRESS_LIMIT.trailing_zeros() - word::ALIGN_BITS;
    pub use crate::pagemap::ROOT;
    pub use crate::percpu::HOT;
}
