//! `<math.h>`: `long double`, the x87 unit's own 80-bit format: an argument lies on the stack, a result in `st(0)`.
//!
//! Each function is the instruction or the few that compute it. They set no `errno`; the unit's exception flags are right.
//! Sine, cosine and tangent reduce their argument by the 66-bit π of the unit.

use core::arch::naked_asm;

/// Naked functions of `long double` arguments at `[rsp + 8]` and `[rsp + 24]`; lines are shared by all names before `=`.
macro_rules! x87 {
    ($($(#[$meta:meta])* fn $name:ident $(, $also:ident)* = $lines:tt;)*) => { $(
        x87! { @ [$(#[$meta])*] $name $lines }
        $( x87! { @ [#[doc = concat!("The same function as `", stringify!($name), "`.")]] $also $lines } )*
    )* };
    (@ [$($meta:tt)*] $name:ident [$($line:literal)+]) => {
        $($meta)*
        ///
        /// Signal-safe: yes. Vfork-safe: yes.
        #[unsafe(no_mangle)]
        #[unsafe(naked)]
        pub unsafe extern "C" fn $name() {
            naked_asm!(".cfi_startproc", $($line,)+ ".cfi_endproc")
        }
    };
}

x87! {
    /// The absolute value.
    fn fabsl = ["fld tbyte ptr [rsp + 8]" "fabs" "ret"];
    /// The square root.
    fn sqrtl = ["fld tbyte ptr [rsp + 8]" "fsqrt" "ret"];
    /// The integer by the current rounding mode.
    fn rintl, nearbyintl = ["fld tbyte ptr [rsp + 8]" "frndint" "ret"];
    /// The greatest integer that is not greater.
    fn floorl = [
        "fld tbyte ptr [rsp + 8]"
        "fnstcw word ptr [rsp - 4]" "mov ax, [rsp - 4]" "and ax, 0xf3ff" "or ax, 0x400" "mov [rsp - 2], ax"
        "fldcw word ptr [rsp - 2]" "frndint" "fldcw word ptr [rsp - 4]"
        "ret"
    ];
    /// The least integer that is not less.
    fn ceill = [
        "fld tbyte ptr [rsp + 8]"
        "fnstcw word ptr [rsp - 4]" "mov ax, [rsp - 4]" "and ax, 0xf3ff" "or ax, 0x800" "mov [rsp - 2], ax"
        "fldcw word ptr [rsp - 2]" "frndint" "fldcw word ptr [rsp - 4]"
        "ret"
    ];
    /// The integer towards 0.
    fn truncl = [
        "fld tbyte ptr [rsp + 8]"
        "fnstcw word ptr [rsp - 4]" "mov ax, [rsp - 4]" "or ax, 0xc00" "mov [rsp - 2], ax"
        "fldcw word ptr [rsp - 2]" "frndint" "fldcw word ptr [rsp - 4]"
        "ret"
    ];
    /// The nearest integer, halves away from 0: the integer towards 0, and one more if a half or more was cut off.
    fn roundl = [
        "fld tbyte ptr [rsp + 8]"
        "fnstcw word ptr [rsp - 4]" "mov ax, [rsp - 4]" "or ax, 0xc00" "mov [rsp - 2], ax"
        "fldcw word ptr [rsp - 2]" "frndint" "fldcw word ptr [rsp - 4]"
        "fld tbyte ptr [rsp + 8]" "fsub st, st(1)" "fabs"
        "mov dword ptr [rsp - 8], 0x3f000000" "fld dword ptr [rsp - 8]"
        "fucompi st, st(1)" "fstp st(0)"
        "ja 3f" "jp 3f"
        "fld1" "test byte ptr [rsp + 17], 0x80" "jz 2f" "fchs"
        "2: faddp" "3: ret"
    ];
    /// The nearest integer, halves away from 0.
    fn lroundl, llroundl = [
        "fld tbyte ptr [rsp + 8]"
        "fnstcw word ptr [rsp - 4]" "mov ax, [rsp - 4]" "or ax, 0xc00" "mov [rsp - 2], ax"
        "fldcw word ptr [rsp - 2]" "frndint" "fldcw word ptr [rsp - 4]"
        "fld tbyte ptr [rsp + 8]" "fsub st, st(1)" "fabs"
        "mov dword ptr [rsp - 8], 0x3f000000" "fld dword ptr [rsp - 8]"
        "fucompi st, st(1)" "fstp st(0)"
        "ja 3f" "jp 3f"
        "fld1" "test byte ptr [rsp + 17], 0x80" "jz 2f" "fchs"
        "2: faddp" "3: fistp qword ptr [rsp - 8]" "mov rax, [rsp - 8]" "ret"
    ];
    /// The integer by the current rounding mode.
    fn lrintl, llrintl = ["fld tbyte ptr [rsp + 8]" "fistp qword ptr [rsp - 8]" "mov rax, [rsp - 8]" "ret"];
    /// The remainder of a division towards 0.
    fn fmodl = [
        "fld tbyte ptr [rsp + 24]" "fld tbyte ptr [rsp + 8]"
        "2: fprem" "fnstsw ax" "test ah, 4" "jnz 2b"
        "fstp st(1)" "ret"
    ];
    /// The remainder of a division to the nearest.
    fn remainderl, dreml = [
        "fld tbyte ptr [rsp + 24]" "fld tbyte ptr [rsp + 8]"
        "2: fprem1" "fnstsw ax" "test ah, 4" "jnz 2b"
        "fstp st(1)" "ret"
    ];
    /// A number times a power of two.
    fn ldexpl, scalbnl = [
        "mov [rsp - 4], edi" "fild dword ptr [rsp - 4]" "fld tbyte ptr [rsp + 8]" "fscale" "fstp st(1)" "ret"
    ];
    /// A number times a power of two.
    fn scalblnl = [
        "mov [rsp - 8], rdi" "fild qword ptr [rsp - 8]" "fld tbyte ptr [rsp + 8]" "fscale" "fstp st(1)" "ret"
    ];
    /// Fraction from 1/2 to 1, and the exponent of two. A subnormal number is made a normal one first.
    fn frexpl = [
        "mov dword ptr [rdi], 0"
        "movzx eax, word ptr [rsp + 16]" "mov ecx, eax" "and ecx, 0x7fff"
        "cmp ecx, 0x7fff" "je 4f"
        "test ecx, ecx" "jnz 3f"
        "cmp qword ptr [rsp + 8], 0" "je 4f"
        "mov dword ptr [rsp - 4], 0x5f800000"
        "fld tbyte ptr [rsp + 8]" "fmul dword ptr [rsp - 4]" "fstp tbyte ptr [rsp + 8]"
        "mov dword ptr [rdi], -64"
        "movzx eax, word ptr [rsp + 16]" "mov ecx, eax" "and ecx, 0x7fff"
        "3: sub ecx, 16382" "add [rdi], ecx"
        "and eax, 0x8000" "or eax, 16382" "mov [rsp + 16], ax"
        "4: fld tbyte ptr [rsp + 8]" "ret"
    ];
    /// Fractional part, and the whole part.
    fn modfl = [
        "fld tbyte ptr [rsp + 8]"
        "fnstcw word ptr [rsp - 4]" "mov ax, [rsp - 4]" "or ax, 0xc00" "mov [rsp - 2], ax"
        "fldcw word ptr [rsp - 2]" "frndint" "fldcw word ptr [rsp - 4]"
        "fld st(0)" "fstp tbyte ptr [rdi]"
        "movzx eax, word ptr [rsp + 16]" "and eax, 0x7fff" "cmp eax, 0x7fff" "jne 2f"
        "mov rax, [rsp + 8]" "shl rax, 1" "jnz 2f"
        "fstp st(0)" "fldz" "jmp 3f"
        "2: fld tbyte ptr [rsp + 8]" "fsubrp"
        // The fraction of a whole number is 0 with the number's sign.
        "3: fabs" "test byte ptr [rsp + 17], 0x80" "jz 4f" "fchs" "4: ret"
    ];
    /// The first number with the second one's sign.
    fn copysignl = [
        "movzx eax, word ptr [rsp + 16]" "and eax, 0x7fff"
        "movzx ecx, word ptr [rsp + 32]" "and ecx, 0x8000"
        "or eax, ecx" "mov [rsp + 16], ax" "fld tbyte ptr [rsp + 8]" "ret"
    ];
    /// The greater number; a NaN loses.
    fn fmaxl = [
        "fld tbyte ptr [rsp + 24]" "fld tbyte ptr [rsp + 8]" "fucomi st, st(1)" "jp 3f"
        "jae 2f" "fxch" "2: fstp st(1)" "ret"
        "3: fucomi st, st(0)" "jnp 2b" "fstp st(0)" "ret"
    ];
    /// The lesser number; a NaN loses.
    fn fminl = [
        "fld tbyte ptr [rsp + 24]" "fld tbyte ptr [rsp + 8]" "fucomi st, st(1)" "jp 3f"
        "jbe 2f" "fxch" "2: fstp st(1)" "ret"
        "3: fucomi st, st(0)" "jnp 2b" "fstp st(0)" "ret"
    ];
    /// The natural logarithm.
    fn logl = ["fldln2" "fld tbyte ptr [rsp + 8]" "fyl2x" "ret"];
    /// The decimal logarithm.
    fn log10l = ["fldlg2" "fld tbyte ptr [rsp + 8]" "fyl2x" "ret"];
    /// The logarithm to base 2.
    fn log2l = ["fld1" "fld tbyte ptr [rsp + 8]" "fyl2x" "ret"];
    /// The exponent of two, as a number.
    fn logbl = ["fld tbyte ptr [rsp + 8]" "fxtract" "fstp st(0)" "ret"];
    /// The arc tangent.
    fn atanl = ["fld tbyte ptr [rsp + 8]" "fld1" "fpatan" "ret"];
    /// The angle of a point, y before x.
    fn atan2l = ["fld tbyte ptr [rsp + 8]" "fld tbyte ptr [rsp + 24]" "fpatan" "ret"];
    /// The arc sine: the arc tangent of x and √((1 - x)(1 + x)).
    fn asinl = [
        "fld tbyte ptr [rsp + 8]" "fld1" "fsub st, st(1)" "fld1" "fadd st, st(2)" "fmulp" "fsqrt" "fpatan" "ret"
    ];
    /// The arc cosine: the arc tangent of √((1 - x)(1 + x)) and x.
    fn acosl = [
        "fld tbyte ptr [rsp + 8]" "fld1" "fsub st, st(1)" "fld1" "fadd st, st(2)" "fmulp" "fsqrt"
        "fxch" "fpatan" "ret"
    ];
    /// The sine.
    fn sinl = [
        "fldpi" "fadd st, st(0)" "fld tbyte ptr [rsp + 8]"
        "2: fsin" "fnstsw ax" "test ah, 4" "jz 3f"
        "4: fprem" "fnstsw ax" "test ah, 4" "jnz 4b" "jmp 2b"
        "3: fstp st(1)" "ret"
    ];
    /// The cosine.
    fn cosl = [
        "fldpi" "fadd st, st(0)" "fld tbyte ptr [rsp + 8]"
        "2: fcos" "fnstsw ax" "test ah, 4" "jz 3f"
        "4: fprem" "fnstsw ax" "test ah, 4" "jnz 4b" "jmp 2b"
        "3: fstp st(1)" "ret"
    ];
    /// The tangent.
    fn tanl = [
        "fldpi" "fadd st, st(0)" "fld tbyte ptr [rsp + 8]"
        "2: fptan" "fnstsw ax" "test ah, 4" "jz 3f"
        "4: fprem" "fnstsw ax" "test ah, 4" "jnz 4b" "jmp 2b"
        "3: fstp st(0)" "fstp st(1)" "ret"
    ];
    /// Two to a power: of the whole part by scaling, of the rest by the unit.
    fn exp2l = [
        "fld tbyte ptr [rsp + 8]"
        "movzx eax, word ptr [rsp + 16]" "and eax, 0x7fff" "cmp eax, 0x7fff" "je 2f"
        "fld st(0)" "frndint" "fsub st(1), st" "fxch" "f2xm1" "fld1" "faddp" "fscale" "fstp st(1)" "ret"
        // Infinities and NaN: 2^-∞ is 0.
        "2: test byte ptr [rsp + 17], 0x80" "jz 3f" "mov rax, [rsp + 8]" "shl rax, 1" "jnz 3f"
        "fstp st(0)" "fldz" "3: ret"
    ];
    /// The exponential. With n the nearest integer to x/ln 2 it is 2ⁿ · e^(x - n ln 2), and the difference is taken in two
    /// parts, because ln 2 has not enough digits by itself.
    fn expl = [
        "fld tbyte ptr [rsp + 8]"
        "movzx eax, word ptr [rsp + 16]" "and eax, 0x7fff" "cmp eax, 16397" "jae 4f"
        "fldl2e" "fmul st, st(1)" "frndint"
        "mov rax, 0x3fe62e42fefa0000" "mov [rsp - 8], rax" "fld qword ptr [rsp - 8]" "fmul st, st(1)"
        "fsubp st(2), st"
        "mov rax, 0x3d7cf79abc9e3b39" "mov [rsp - 8], rax" "fld qword ptr [rsp - 8]" "fmul st, st(1)"
        "fsubp st(2), st"
        "fxch" "fldl2e" "fmulp" "f2xm1" "fld1" "faddp" "fscale" "fstp st(1)" "ret"
        // Beyond 16384: NaN, 0 or infinity.
        "4: fucomi st, st(0)" "jp 3f"
        "test byte ptr [rsp + 17], 0x80" "jnz 2f"
        "fstp st(0)" "mov dword ptr [rsp - 4], 0x7f800000" "fld dword ptr [rsp - 4]" "3: ret"
        "2: fstp st(0)" "fldz" "ret"
    ];
    /// Whether the sign bit is set.
    fn __signbitl = ["movzx eax, word ptr [rsp + 16]" "and eax, 0x8000" "ret"];
    /// Whether it is NaN.
    fn __isnanl, isnanl = [
        "fld tbyte ptr [rsp + 8]" "xor eax, eax" "fucompi st, st(0)" "setp al" "ret"
    ];
    /// 1 for infinity, -1 for minus infinity, else 0.
    fn __isinfl, isinfl = [
        "movsx ecx, word ptr [rsp + 16]" "xor eax, eax" "mov edx, ecx" "and edx, 0x7fff" "cmp edx, 0x7fff" "jne 2f"
        "mov rdx, [rsp + 8]" "shl rdx, 1" "jnz 2f"
        "mov eax, ecx" "sar eax, 31" "or eax, 1" "2: ret"
    ];
    /// Whether it is neither infinite nor NaN.
    fn __finitel, finitel = [
        "movzx ecx, word ptr [rsp + 16]" "xor eax, eax" "and ecx, 0x7fff" "cmp ecx, 0x7fff" "setne al" "ret"
    ];
    /// The kind of a number: `FP_NAN`, `FP_INFINITE`, `FP_ZERO`, `FP_SUBNORMAL`, `FP_NORMAL`.
    fn __fpclassifyl = [
        "movzx ecx, word ptr [rsp + 16]" "mov rdx, [rsp + 8]" "and ecx, 0x7fff"
        "cmp ecx, 0x7fff" "je 2f" "test ecx, ecx" "jz 3f" "mov eax, 4" "ret"
        "2: xor eax, eax" "shl rdx, 1" "setz al" "ret"
        "3: mov eax, 2" "test rdx, rdx" "jz 4f" "inc eax" "4: ret"
    ];
}

/// A base to a power: by repeated squaring where the exponent is a small whole number, else by logarithm, whose 64 bits
/// leave as many for the result as the size of its exponent does not need.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
#[unsafe(naked)]
pub unsafe extern "C" fn powl() {
    naked_asm!(
        ".cfi_startproc",
        "fld tbyte ptr [rsp + 24]",
        "fld st(0)",
        "frndint",
        "fucompi st, st(1)",
        "jne 5f",
        "jp 5f",
        // A whole number: does it fit into 32 bits?
        "fistp qword ptr [rsp - 8]",
        "mov rcx, [rsp - 8]",
        "movsxd rax, ecx",
        "cmp rax, rcx",
        "jne 4f",
        "test rcx, rcx",
        "jns 2f",
        "neg rcx",
        "2: fld tbyte ptr [rsp + 8]",
        "fld1",
        // Result in st(0), square in st(1).
        "3: shr rcx, 1",
        "jnc 6f",
        "fmul st, st(1)",
        "6: test rcx, rcx",
        "jz 7f",
        "fxch",
        "fmul st, st(0)",
        "fxch",
        "jmp 3b",
        "7: fstp st(1)",
        "test rax, rax",
        "jns 8f",
        "fld1",
        "fdivrp",
        "8: ret",
        // By logarithm; an even whole exponent beyond 32 bits forgets the sign of the base.
        "4: fld tbyte ptr [rsp + 24]",
        "fld tbyte ptr [rsp + 8]",
        "fabs",
        "jmp 9f",
        "5: fld tbyte ptr [rsp + 8]",
        "9: fyl2x",
        "fld st(0)",
        "frndint",
        "fsub st(1), st",
        "fxch",
        "f2xm1",
        "fld1",
        "faddp",
        "fscale",
        "fstp st(1)",
        "ret",
        ".cfi_endproc",
    )
}
