/* Multibyte and wide characters in C and C.UTF-8, on random bytes, against glibc. */
/* harness: compare */
/* harness: flags -fno-builtin */
#define _GNU_SOURCE
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <wchar.h>
#include <wctype.h>
#include "../out.h"

static const char *const pieces[] = {"a", "Z9", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xc3", "\xe2\x82", "\xf0\x9f", "\x80", "\xff", "\xc0\x80",
    "\xc1\xbf", "\xfe", "\xef\xbf\xbf", "\xc2\x80", "\x7f"};

static void chunked(const char *s, size_t n) {
    mbstate_t state = {0};
    for (size_t i = 0; i < n;) {
        size_t piece = 1 + below(3);
        if (piece > n - i) piece = n - i;
        wchar_t c = -7;
        errno = 0;
        size_t r = mbrtowc(&c, s + i, piece, &state);
        out_int(r), out_int(r <= 6 ? c : 0), out_int(errno);
        if (r == (size_t)-1) break;
        out_int(mbsinit(&state) != 0);
        i += r == (size_t)-2 ? piece : r ? r : 1;
    }
}

int main(void) {
    char text[200], narrow[200];
    wchar_t wide[200], other[200];
    for (int locale = 0; locale < 2; locale++) {
        out_text(setlocale(LC_ALL, locale ? "C.UTF-8" : "C")), out_int(MB_CUR_MAX), out_line();
        for (int round = 0; round < 6000; round++) {
            int valid = round % 3 == 0;
            text[0] = 0;
            for (int i = below(12); i > 0; i--) strcat(text, pieces[below(valid ? 5 : 16)]);
            size_t n = strlen(text), room = below(8);
            out_bytes(text, n), out_char(' '), chunked(text, n + 1);
            errno = 0, out_int(mbstowcs(NULL, text, 0)), out_int(errno), errno = 0;
            wmemset(wide, 'q', 200), out_int(mbstowcs(wide, text, 100)), out_int(errno);
            const char *src = text;
            mbstate_t state = {0};
            wmemset(wide, 'q', 200), errno = 0;
            size_t done = mbsrtowcs(wide, &src, room, &state);
            /* Where a wrong sequence of several bytes stops is glibc's own affair. */
            out_int(done), out_int(errno), out_int(done == (size_t)-1 ? -2 : src ? src - text : -1), src = text, memset(&state, 0, sizeof state);
            out_int(mbsnrtowcs(other, &src, below(9), room, &state)), out_int(src ? src - text : -1), out_int(mbsinit(&state));
            for (int i = 0; i < 10; i++) out_int(wide[i]);
            mblen(NULL, 0), mbtowc(NULL, NULL, 0);
            out_int(mblen(text, n)), out_int(mbtowc(other, text, 1 + below(4)));
            for (int i = 0; i < 12; i++) {
                static const wchar_t some[] = {'a', 'B', 0xe9, 0x20ac, 0x1f600, 0xd800, -1, 0x7f, 0x80, 0x10ffff};
                wide[i] = some[below(valid ? 5 : 10)];
            }
            wide[below(12)] = 0;
            const wchar_t *wsrc = wide;
            memset(narrow, 'z', sizeof narrow), errno = 0, out_int(wcsrtombs(narrow, &wsrc, below(20), NULL)), out_int(errno);
            out_int(wsrc ? wsrc - wide : -1), wsrc = wide, out_int(wcsnrtombs(NULL, &wsrc, 5, 0, NULL)), out_int(wcstombs(NULL, wide, 0));
            out_bytes(narrow, 22), out_int(wctomb(narrow, wide[0])), out_line();
        }
        for (int i = -2; i < 300; i++) out_int(btowc(i)), out_int(wctob(i));
        out_line();
    }
    out_flush();
    return 0;
}
