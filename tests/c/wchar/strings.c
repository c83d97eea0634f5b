/* The string functions of wchar.h on random operands, against glibc. */
/* harness: compare */
/* harness: flags -fno-builtin */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <wchar.h>
#include "../out.h"

static wchar_t *random_wide(wchar_t *buffer, unsigned most, const wchar_t *alphabet) {
    unsigned n = below(most + 1), kinds = wcslen(alphabet);
    for (unsigned i = 0; i < n; i++) buffer[i] = alphabet[below(kinds)];
    buffer[n] = 0;
    return buffer;
}

static void place(const wchar_t *base, const wchar_t *p) { out_int(p ? p - base : -1); }

static void out_wide(const wchar_t *s, size_t n) {
    for (size_t i = 0; i < n; i++) out_int(s[i]);
}

int main(void) {
    wchar_t a[200], b[80], c[80], x[400], *save, *end;
    static const wchar_t *const alphabets[] = {L"ab", L"aB0", L"abc\xe9\x20ac", L"a\x7fffffff\x80000000 ", L"/a."};
    for (int round = 0; round < 20000; round++) {
        const wchar_t *alphabet = alphabets[round % 5];
        random_wide(a, 40, alphabet), random_wide(b, round % 3 ? 3 : 40, alphabet), random_wide(c, 40, alphabet);
        place(a, wcsstr(a, b)), place(a, wcspbrk(a, b)), place(a, wcschr(a, *b)), place(a, wcschrnul(a, *b)), place(a, wcsrchr(a, *b));
        out_int(wcsspn(a, b)), out_int(wcscspn(a, b)), out_int(wcsnlen(a, below(50)));
        out_int(out_sign(wcscmp(a, c))), out_int(out_sign(wcsncmp(a, c, below(9)))), out_int(out_sign(wcscasecmp(a, c)));
        out_int(out_sign(wcsncasecmp(a, c, below(9)))), out_int(out_sign(wcscoll(a, c))), out_int(out_sign(wmemcmp(a, c, below(30))));
        place(a, wmemchr(a, *b, below(40)));
        wmemset(x, 'q', 400), wcsncpy(x, a, 30), wcscpy(x + 100, b), wcscat(x + 100, c), wcsncat(x + 100, a, below(20));
        place(x, wcpcpy(x + 300, b)), place(x, wcpncpy(x + 200, b, 20)), out_wide(x, 40), out_wide(x + 100, 30), out_wide(x + 200, 25);
        for (wchar_t *t = wcstok(a, b, &save); t; t = wcstok(NULL, b, &save)) out_wide(t, wcslen(t)), out_char('|');
        random_wide(x, 24, round & 1 ? L"0123456789" : L" -+0x19azA");
        int base = below(38);
        errno = 0, out_int(wcstol(x, &end, base)), out_int(errno), place(x, end), errno = 0;
        out_unsigned(wcstoul(x, &end, base)), out_int(errno), out_int(wcstoll(x, NULL, base)), out_unsigned(wcstoull(x, NULL, base));
        out_int(wcstoimax(x, NULL, 0)), out_line();
    }
    out_flush();
    return 0;
}
