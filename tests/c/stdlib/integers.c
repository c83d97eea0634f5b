/* strtol and its family against glibc: values, ends and errno. */
/* harness: compare */
/* harness: args 20000 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include "../out.h"

int main(int argc, char **argv) {
    int rounds = argc > 1 ? atoi(argv[1]) : 20000;
    static const char *const texts[] = {"", " ", "0", "-0", "0x", "0xg", "0x1F", "-0X1f", "08", "0b1", "+ 1", "--1", "\t\n\v\f\r 12a",
        "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "18446744073709551615",
        "18446744073709551616", "-18446744073709551615", "-18446744073709551616", "99999999999999999999999", "-1", "2147483648", "zZ",
        "4294967296", "1e5", "0x", "0x.", "+0x8", "\xa0" "5", "12345678901234567890123456789z"};
    char text[64];
    for (int round = 0; round < rounds; round++) {
        const char *s = round < 32 * 40 ? texts[round % 32] : random_text(text, 30, round & 1 ? "0123456789" : "01x9-+ aFz");
        int base = round < 32 * 40 ? round / 32 - 1 : (int)below(38);
        char *end = (char *)s - 5;
        errno = 0;
        out_int(strtol(s, &end, base)), out_int(errno), out_int(end - s), errno = 0;
        out_unsigned(strtoul(s, &end, base)), out_int(errno), out_int(end - s), errno = 0;
        out_int(strtoll(s, NULL, base)), out_unsigned(strtoull(s, &end, base)), out_int(strtoimax(s, &end, base));
        out_unsigned(strtoumax(s, &end, base)), out_int(atoi(s)), out_int(atol(s)), out_int(atoll(s)), out_line();
    }
    out_int(abs(-5)), out_int(labs(-5)), out_int(llabs(-7)), out_int(imaxabs(-7));
    div_t d = div(-7, 2);
    ldiv_t l = ldiv(-7, 2);
    lldiv_t ll = lldiv(7, -2);
    imaxdiv_t m = imaxdiv(9, 4);
    out_int(d.quot), out_int(d.rem), out_int(l.quot), out_int(l.rem), out_int(ll.quot), out_int(ll.rem), out_int(m.quot), out_int(m.rem);
    for (int i = 0; i < 300; i++) {
        long v = (long)(next_random() << 11) >> below(60);
        out_text(l64a(v)), out_int(a64l(l64a(v))), out_int(a64l(random_text(text, 8, "./09AZaz!"))), out_line();
    }
    static char *const names[] = {"ro", "rw", "size", NULL};
    char options[] = "rw,size=10,what=3,,ro=,size", *p = options, *value;
    while (*p) out_int(getsubopt(&p, names, &value)), out_text(value), out_char(';');
    out_flush();
    return 0;
}
