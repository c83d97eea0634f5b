/* strtod, strtof and strtold against glibc: bits, ends and errno, in every rounding mode. */
/* harness: compare */
/* harness: args 5000 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <wchar.h>
#include "../out.h"

static void set_rounding(unsigned mode) {
    unsigned mxcsr = 0x1f80 | mode << 13;
    unsigned short control = 0x37f | mode << 10;
    __asm__ volatile("ldmxcsr %0; fldcw %1" : : "m"(mxcsr), "m"(control));
}

static void try(const char *s) {
    char *end;
    errno = 0;
    double d = strtod(s, &end);
    out_int(errno), out_int(end - s), errno = 0;
    float f = strtof(s, &end);
    out_int(errno), out_int(end - s), errno = 0;
    long double l = strtold(s, &end);
    out_int(errno), out_int(end - s);
    unsigned long bits[2] = {0};
    memcpy(bits, &d, 8), out_unsigned(bits[0]), bits[0] = 0;
    memcpy(bits, &f, 4), out_unsigned(bits[0]);
    memcpy(bits, &l, 10), out_unsigned(bits[0]), out_unsigned(bits[1]);
}

int main(int argc, char **argv) {
    int rounds = argc > 1 ? atoi(argv[1]) : 5000;
    static const char *const texts[] = {"", "+", ".", "e5", "0", "-0", "0.", ".0", "1.", ".5e", "1e+", "1e-x", " \t-12.5e3z", "inf",
        "-INFINITYx", "infinit", "nan", "-nan(", "nan()", "nan(123)", "nan(0x7)", "nan(abc_9)", "nan(1-)", "NaN(07)x", "0x", "0x.", "0x.p1", "0x1p",
        "0x1p+", "0x.8p1", "-0X1.8p-2", "0x1.fffffffffffff8p0", "0x1.fffffffffffff7p0", "0x1.00000000000008p0", "0x1.000000000000081p0",
        "0x0.0000000000001p-1022", "0x1p-1074", "0x1p-1075", "0x1.8p-1075", "0x1p-1076", "0x1.fffffffffffffp-1023", "0x1.ffffffffffffffp-1023",
        "0x1.fffffffffffff8p1023", "0x1.fffffffffffff7p1023", "0x1p1024", "0x1p99999999999999999999", "0x1p-99999999999999999999",
        "0x0p99999999999999999999", "1e400", "1e-400", "1e4933", "1e-4951", "1e-4970", "2.2250738585072011e-308", "2.2250738585072012e-308",
        "2.2250738585072014e-308", "4.9e-324", "2.4703282292062327e-324", "2.4703282292062328e-324", "1.7976931348623157e308",
        "1.7976931348623158e308", "1.7976931348623159e308", "3.4028235677973366e38", "1.1754943508222875e-38", "1.1754942e-38", "1.18973149535723176502e4932",
        "1.18973149535723176506e4932", "3.3621031431120935062627e-4932", "1.8e-4951", "1.9e-4951", "3.6e-4951", "9007199254740993", "9007199254740992.99999999999999999999",
        "0.1", "123456789012345678901234567890", "1e22", "1e23", "8.5e15", "1e0000000000000000000000000005", "0.000000000000000000000000000000000000001e39",
        "1234567890123456789012345678901234567890123456789012345678901234567890e-60", "18446744073709551615.5", "18446744073709551616.5", "9223372036854775808.5"};
    char text[13000];
    for (unsigned mode = 0; mode < 4; mode++) {
        set_rounding(mode);
        for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++) try(texts[i]), out_text(texts[i]), out_line();
        for (int round = 0; round < rounds; round++) {
            char *p = text;
            if (below(4) == 0) *p++ = '-';
            int hex = below(4) == 0;
            if (hex) *p++ = '0', *p++ = 'x';
            p += strlen(random_text(p, below(3) ? 20 : 60, hex ? "0123456789abcdef" : "0123456789"));
            if (below(2)) *p++ = '.', p += strlen(random_text(p, below(9) ? 20 : 900, hex ? "0123456789ABCDEF" : below(3) ? "0123456789" : "09"));
            if (below(2)) {
                *p++ = hex ? 'p' : 'E';
                if (below(2)) *p++ = '-';
                p += strlen(random_text(p, below(9) ? 2 : 4, "0123456789"));
            }
            *p = 0;
            try(text), out_bytes(text, 40), out_line();
        }
        /* Exactly between two doubles, and next to it. */
        for (int round = 0; round < 6; round++) {
            strcpy(text, "2.4703282292062327208299149998402150421");
            static const char *const tails[] = {"", "5", "0000000000000000000000000001"};
            memset(text + 38, '0' + round, 800), strcpy(text + 838, tails[round % 3]), strcat(text, round & 1 ? "e-324" : "e-4940");
            try(text), out_line();
            memset(text, '3', 12500), strcpy(text + 12500, round & 1 ? "e-12400" : "e-17300"), try(text), out_line();
        }
    }
    set_rounding(0);
    wchar_t *end, wide[] = L"  -1.5e3x";
    double d = wcstod(wide, &end), z = atof("2.5");
    out_int(d == -1500 && z == 2.5), out_int(end - wide), out_int(wcstold(wide, NULL) == -1500), out_int(wcstof(L"0x1p3", NULL) == 8);
    out_flush();
    return 0;
}
