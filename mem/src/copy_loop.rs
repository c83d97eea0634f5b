//! The loop of long copies, for vectors of any width.

/// The loop for copies of more than eight vectors of `$w` bytes, forwards or backwards, then `$leave`.
/// The caller has loaded the first vector into `$head` and the last into `$tail`. Three more at the end where the
/// loop stops are read before the first store, so that overlapping operands come out right.
#[rustfmt::skip]
macro_rules! copy_loop {
    ($w:literal, $head:literal $tail:literal, $e1:literal $e2:literal $e3:literal,
     $r0:literal $r1:literal $r2:literal $r3:literal, $load:literal, $store:literal, $leave:literal) => {
        concat!(
            "mov rcx, rdi\n sub rcx, rsi\n cmp rcx, rdx\n jb 30f\n",
            // Forwards.
            $load, " ", $e1, ", [rsi + rdx - 4*", $w, "]\n",
            $load, " ", $e2, ", [rsi + rdx - 3*", $w, "]\n",
            $load, " ", $e3, ", [rsi + rdx - 2*", $w, "]\n",
            "lea rcx, [rdi + rdx - 4*", $w, "]\n mov r8, rdi\n",
            "sub rsi, rdi\n add rdi, ", $w, "\n and rdi, -", $w, "\n add rsi, rdi\n",
            ".p2align 4\n 20:\n",
            $load, " ", $r0, ", [rsi]\n",
            $load, " ", $r1, ", [rsi + ", $w, "]\n",
            $load, " ", $r2, ", [rsi + 2*", $w, "]\n",
            $load, " ", $r3, ", [rsi + 3*", $w, "]\n",
            "sub rsi, -4*", $w, "\n",
            $store, " [rdi], ", $r0, "\n",
            $store, " [rdi + ", $w, "], ", $r1, "\n",
            $store, " [rdi + 2*", $w, "], ", $r2, "\n",
            $store, " [rdi + 3*", $w, "], ", $r3, "\n",
            "sub rdi, -4*", $w, "\n cmp rdi, rcx\n jb 20b\n",
            $load, " [rcx], ", $e1, "\n",
            $load, " [rcx + ", $w, "], ", $e2, "\n",
            $load, " [rcx + 2*", $w, "], ", $e3, "\n",
            $load, " [rcx + 3*", $w, "], ", $tail, "\n",
            $load, " [r8], ", $head, "\n",
            $leave, "\n",
            // Backwards: the destination starts inside the source.
            ".p2align 4\n 30:\n",
            $load, " ", $e1, ", [rsi + ", $w, "]\n",
            $load, " ", $e2, ", [rsi + 2*", $w, "]\n",
            $load, " ", $e3, ", [rsi + 3*", $w, "]\n",
            "lea rcx, [rdi + 4*", $w, "]\n",
            "lea r9, [rdi + rdx - ", $w, "]\n",
            "lea r8, [r9 + ", $w, " - 1]\n and r8, -", $w, "\n sub rsi, rdi\n add rsi, r8\n",
            ".p2align 4\n 31:\n",
            $load, " ", $r0, ", [rsi - ", $w, "]\n",
            $load, " ", $r1, ", [rsi - 2*", $w, "]\n",
            $load, " ", $r2, ", [rsi - 3*", $w, "]\n",
            $load, " ", $r3, ", [rsi - 4*", $w, "]\n",
            "add rsi, -4*", $w, "\n",
            $store, " [r8 - ", $w, "], ", $r0, "\n",
            $store, " [r8 - 2*", $w, "], ", $r1, "\n",
            $store, " [r8 - 3*", $w, "], ", $r2, "\n",
            $store, " [r8 - 4*", $w, "], ", $r3, "\n",
            "add r8, -4*", $w, "\n cmp r8, rcx\n ja 31b\n",
            $load, " [rdi], ", $head, "\n",
            $load, " [rdi + ", $w, "], ", $e1, "\n",
            $load, " [rdi + 2*", $w, "], ", $e2, "\n",
            $load, " [rdi + 3*", $w, "], ", $e3, "\n",
            $load, " [r9], ", $tail, "\n",
            $leave,
        )
    };
}

pub(crate) use copy_loop;
