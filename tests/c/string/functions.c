/* string.h and strings.h on random operands, against glibc. */
/* harness: compare */
/* harness: flags -fno-builtin */
#define _GNU_SOURCE
#include <libgen.h>
#undef basename
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include "../out.h"

extern char *basename_gnu(const char *) __asm__("basename");

static void place(const char *base, const char *p) { out_int(p ? p - base : -1); }

static void tokens(const char *text, const char *set) {
    char copy[80], *save, *rest;
    strcpy(copy, text);
    for (char *t = strtok_r(copy, set, &save); t; t = strtok_r(NULL, set, &save)) out_text(t), out_char('|');
    strcpy(copy, text);
    rest = copy;
    for (char *t; (t = strsep(&rest, set));) out_text(t), out_char('/');
    strcpy(copy, text);
    for (char *t = strtok(copy, set); t; t = strtok(NULL, set)) out_text(t), out_char(',');
}

int main(void) {
    char a[400], b[80], c[80];
    static const char *const alphabets[] = {"ab", "aB0", "abcABC.,; ", "0019a", "/a.", "\x80\xff" "a\x7f"};
    for (int round = 0; round < 30000; round++) {
        const char *alphabet = alphabets[round % 6];
        random_text(a, round % 7 ? 40 : 300, alphabet);
        random_text(b, round % 3 ? 3 : 60, alphabet);
        random_text(c, 60, alphabet);
        place(a, strstr(a, b)), place(a, strcasestr(a, b)), place(a, memmem(a, strlen(a), b, strlen(b)));
        place(a, strpbrk(a, b)), place(a, strchrnul(a, *b)), place(a, strrchr(a, *b)), place(a, basename_gnu(a));
        out_unsigned(strspn(a, b)), out_unsigned(strcspn(a, b)), out_unsigned(strnlen(a, below(50)));
        out_int(out_sign(strcmp(a, c))), out_int(out_sign(strcasecmp(a, c)));
        out_int(out_sign(strncasecmp(a, c, below(10)))), out_int(out_sign(strverscmp(a, c)));
        out_int(out_sign(strcoll(a, c))), out_int(out_sign(strverscmp(b, c)));
        if (strlen(a) < 60) tokens(a, b);
        char x[600] = "";
        out_unsigned(strxfrm(x, a, 20)), strcpy(x, "q"), strncat(x, a, below(50)), strcat(x, b), out_text(x);
        swab(a, x, below(30)), out_bytes(x, 30), out_int(ffs(next_random())), out_int(ffsll(1ull << below(64)));
        out_line();
    }
    for (int i = -2; i < 140; i++) {
        char text[12] = "...........";
        out_text(strerror(i)), out_text(strerror_r(i, text, 9)), out_int(__xpg_strerror_r(i, text, 12)), out_bytes(text, 12);
        out_text(strerrorname_np(i)), out_text(strerrordesc_np(i)), out_text(strsignal(i));
        out_text(sigabbrev_np(i)), out_text(sigdescr_np(i)), out_line();
    }
    out_flush();
    return 0;
}
